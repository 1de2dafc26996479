//! `s3-account-public-access-block`: no bucket of the account can be made public.
//!
//! AWS: "Configuring block public access settings for your account". Where an Organizations S3 policy is in
//! force, PutPublicAccessBlock is refused and Get shows the effective value, which then satisfies this feature.

use dodai_facts::{Class, Failure, FeatureInfo, FeatureScope, Profile};
use serde_json::{Value, json};

use crate::{Action, Feature, Out, View, row};

pub const FEATURE: Feature = Feature { info: &INFO, plan };

const TABLE: &str = "aws_s3_account_public_access_block";

/// The four switches, of an account as of a bucket.
pub(super) const SWITCHES: [&str; 4] =
    ["BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"];

const INFO: FeatureInfo = FeatureInfo {
    id: "s3-account-public-access-block",
    title: "Public access to S3 blocked for the account",
    scope: FeatureScope::Account,
    class: Class::Managed,
    profiles: &Profile::ALL,
    needs: &[],
    reads: &[(TABLE, &SWITCHES)],
    settings: &[],
    calls: &["s3control.PutPublicAccessBlock"],
};

fn plan(view: &View<'_>, out: &mut Out) -> Result<(), Failure> {
    let block = view.row(TABLE)?;
    let action = if block.is_some() { Action::Update } else { Action::Create };
    let mut change = view.change("block", action, "block public access to all buckets of the account");
    for switch in SWITCHES {
        change = change.set(switch, row::value(block, switch)?, json!(true));
    }
    if !change.settings.is_empty() {
        let all: serde_json::Map<String, Value> =
            SWITCHES.iter().map(|name| ((*name).to_owned(), json!(true))).collect();
        let call = view.call(
            "s3control",
            "PutPublicAccessBlock",
            json!({ "AccountId": view.account.id, "PublicAccessBlockConfiguration": all }),
        );
        out.change(change.call(call).writes(format!("s3/{}#public-access-block", view.account.id)));
    }
    Ok(())
}
