//! `ebs-encryption`: new EBS volumes and snapshot copies are encrypted without anyone asking.
//!
//! AWS: "Enable Amazon EBS encryption by default". The default key is a setting of its own in each Region.

use dodai_facts::{Class, Failure, FeatureInfo, FeatureScope, Profile, SettingInfo, SettingKind};
use serde::Deserialize;
use serde_json::json;

use crate::{Action, Feature, Out, View, row};

pub const FEATURE: Feature = Feature { info: &INFO, plan };

const TABLE: &str = "aws_ec2_ebs_encryption";
const AWS_KEY: &str = "alias/aws/ebs";

const INFO: FeatureInfo = FeatureInfo {
    id: "ebs-encryption",
    title: "EBS encryption by default",
    scope: FeatureScope::Region,
    class: Class::Maintained,
    profiles: &[Profile::Secure],
    needs: &[],
    reads: &[(TABLE, &["EbsEncryptionByDefault", "default_key"])],
    settings: &[SettingInfo {
        name: "key",
        kind: SettingKind::Text,
        basic: r#""alias/aws/ebs""#,
        secure: r#""alias/aws/ebs""#,
        doc: "the default key: `alias/aws/ebs`, or the ARN of a customer key (`<account>` and `<region>` are filled in)",
    }],
    calls: &["ec2.EnableEbsEncryptionByDefault", "ec2.ModifyEbsDefaultKmsKeyId", "ec2.ResetEbsDefaultKmsKeyId"],
};

#[derive(Deserialize)]
struct Settings {
    key: String,
}

fn plan(view: &View<'_>, out: &mut Out) -> Result<(), Failure> {
    let settings: Settings = view.settings()?;
    let wanted =
        settings.key.replace("<account>", view.account.id.as_str()).replace("<region>", view.region().as_str());
    if wanted != AWS_KEY && !wanted.contains(":key/") {
        return Err(view.failure(
            "SettingsInvalid",
            format!("`key` is `{wanted}`: give `{AWS_KEY}` or the ARN of a key (`arn:…:key/…`), as EC2 answers it"),
        ));
    }
    let there = view.row(TABLE)?;
    let (on, key) = (row::value(there, "EbsEncryptionByDefault")?, row::value(there, "default_key")?);
    let mut change = view.change("default", Action::Update, "encrypt new EBS volumes by default");
    // The key first: from the moment encryption is on, volumes use it.
    let is_aws_key = key.as_str().is_none_or(|key| key.ends_with(AWS_KEY));
    if wanted == AWS_KEY && !is_aws_key {
        change =
            change.set("default key", key, json!(AWS_KEY)).call(view.call("ec2", "ResetEbsDefaultKmsKeyId", json!({})));
    } else if wanted != AWS_KEY && key.as_str() != Some(wanted.as_str()) {
        change = change.set("default key", key, json!(wanted)).call(view.call(
            "ec2",
            "ModifyEbsDefaultKmsKeyId",
            json!({ "KmsKeyId": wanted }),
        ));
    }
    if on != json!(true) {
        change = change.set("encryption by default", on, json!(true)).call(view.call(
            "ec2",
            "EnableEbsEncryptionByDefault",
            json!({}),
        ));
    }
    out.change(change.writes(format!("ec2/{}#ebs-encryption", view.cell)));
    Ok(())
}
