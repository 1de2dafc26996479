//! `config-bucket`: where AWS Config delivers to. No Object Lock: Config does not deliver into such buckets. It is made
//! only where some Region's recorder is ours or can be made; one that is there is kept.
//!
//! AWS: "Permissions for the Amazon S3 bucket for the AWS Config delivery channel".

use dodai_facts::{Class, Failure, FeatureInfo, FeatureScope, Profile, SettingInfo, SettingKind};
use serde::Deserialize;
use serde_json::json;

use super::log_bucket::{self, LogBucket};
use super::{config, log_key};
use crate::{Feature, Out, View, row};

pub const FEATURE: Feature = Feature { info: &INFO, plan };

pub(super) const ID: &str = "config-bucket";

const INFO: FeatureInfo = FeatureInfo {
    id: ID,
    title: "Bucket of AWS Config",
    scope: FeatureScope::Home,
    class: Class::Maintained,
    profiles: &Profile::ALL,
    needs: &[log_key::ID],
    reads: &[
        (log_bucket::TABLE, log_bucket::COLUMNS),
        log_key::KEY_IDENTITY,
        log_key::ALIAS_IDENTITY,
        config::RECORDER_IDENTITY,
        config::CHANNEL_IDENTITY,
    ],
    settings: &[
        SettingInfo {
            name: "name",
            kind: SettingKind::Text,
            basic: r#""dodai-config-<account>""#,
            secure: r#""dodai-config-<account>""#,
            doc: "the bucket's name; `<account>` is the account id",
        },
        SettingInfo {
            name: "keep_days",
            kind: SettingKind::Integer { least: 1, most: 36_500 },
            basic: "1095",
            secure: "1095",
            doc: "days until objects are removed",
        },
        SettingInfo {
            name: "readers",
            kind: SettingKind::List { choices: &[] },
            basic: "[]",
            secure: "[]",
            doc: "ARNs of principals of other accounts that may read the history",
        },
    ],
    calls: log_bucket::CALLS,
};

#[derive(Deserialize)]
struct Settings {
    name: String,
    keep_days: u32,
    readers: Vec<String>,
}

/// The bucket's name; none where the feature is off.
pub(super) fn name(view: &View<'_>) -> Result<Option<String>, Failure> {
    Ok(view.settings_of::<Settings>(ID)?.map(|settings| settings.name.replace("<account>", view.account.id.as_str())))
}

/// Why there is no bucket and none is made; none where there is one or will be.
pub(super) fn left(view: &View<'_>) -> Result<Option<String>, Failure> {
    let Some(name) = name(view)? else { return Ok(Some(format!("`{ID}` is off"))) };
    if row::named(view.home_rows(log_bucket::TABLE)?, "Name", &name)?.is_some() {
        return Ok(None);
    }
    config::without(view)
}

fn plan(view: &View<'_>, out: &mut Out) -> Result<(), Failure> {
    let settings: Settings = view.settings()?;
    let Some(name) = name(view)? else { return Ok(()) };
    if let Some(why) = left(view)? {
        out.skip(view, why);
        return Ok(());
    }
    let arn = format!("arn:{}:s3:::{name}", view.context.partition);
    let account = &view.account.id;
    let service = json!({ "Service": "config.amazonaws.com" });
    let source = json!({ "StringEquals": { "aws:SourceAccount": account } });
    let mut statements = vec![
        json!({
            "Sid": "DodaiConfigCheck", "Effect": "Allow", "Principal": service,
            "Action": ["s3:GetBucketAcl", "s3:ListBucket"], "Resource": arn, "Condition": source,
        }),
        json!({
            "Sid": "DodaiConfigWrite", "Effect": "Allow", "Principal": service, "Action": "s3:PutObject",
            "Resource": format!("{arn}/AWSLogs/{account}/Config/*"),
            "Condition": {
                "StringEquals": { "aws:SourceAccount": account, "s3:x-amz-acl": "bucket-owner-full-control" },
            },
        }),
    ];
    statements.extend(log_bucket::read_statement(&arn, &settings.readers));
    let keep_days = settings.keep_days;
    let bucket = LogBucket { name, versioned: false, key: log_key::arn(view)?, lock: None, keep_days, statements };
    out.change(bucket.plan(view)?);
    Ok(())
}
