//! `cloudtrail-bucket`: where the account's trail is kept. Its Object Lock cannot be undone, so a bucket is made only
//! where a trail of ours is there or can be made; one that is there is kept.
//!
//! AWS: "Amazon S3 bucket policy for CloudTrail".

use dodai_facts::{Class, Failure, FeatureInfo, FeatureScope, Profile, SettingInfo, SettingKind};
use serde::Deserialize;
use serde_json::json;

use super::log_bucket::{self, Lock, LogBucket};
use super::{cloudtrail, log_key};
use crate::{Feature, Out, View, row};

pub const FEATURE: Feature = Feature { info: &INFO, plan };

pub(super) const ID: &str = "cloudtrail-bucket";

const INFO: FeatureInfo = FeatureInfo {
    id: ID,
    title: "Bucket of the account's trail",
    scope: FeatureScope::Home,
    class: Class::Maintained,
    profiles: &Profile::ALL,
    needs: &[log_key::ID],
    reads: &[
        (log_bucket::TABLE, log_bucket::COLUMNS),
        log_key::KEY_IDENTITY,
        log_key::ALIAS_IDENTITY,
        cloudtrail::IDENTITY,
    ],
    settings: &[
        SettingInfo {
            name: "name",
            kind: SettingKind::Text,
            basic: r#""dodai-cloudtrail-<account>""#,
            secure: r#""dodai-cloudtrail-<account>""#,
            doc: "the bucket's name; `<account>` is the account id",
        },
        SettingInfo {
            name: "lock_mode",
            kind: SettingKind::Choice(&["COMPLIANCE", "GOVERNANCE", "none"]),
            basic: r#""COMPLIANCE""#,
            secure: r#""COMPLIANCE""#,
            doc: "Object Lock's default retention; COMPLIANCE cannot be undone by anybody, Object Lock itself never switched off again; none: a new bucket has no Object Lock, on one that has it it stays",
        },
        SettingInfo {
            name: "lock_years",
            kind: SettingKind::Integer { least: 1, most: 100 },
            basic: "1",
            secure: "1",
            doc: "how long an object is locked",
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
            doc: "ARNs of principals of other accounts that may read the logs",
        },
    ],
    calls: log_bucket::CALLS,
};

#[derive(Deserialize)]
struct Settings {
    name: String,
    lock_mode: String,
    lock_years: u32,
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
    cloudtrail::without(view)
}

fn plan(view: &View<'_>, out: &mut Out) -> Result<(), Failure> {
    let settings: Settings = view.settings()?;
    let Some(name) = name(view)? else { return Ok(()) };
    if let Some(why) = left(view)? {
        out.skip(view, why);
        return Ok(());
    }
    let arn = format!("arn:{}:s3:::{name}", view.context.partition);
    let trail = cloudtrail::arn(view)?;
    let source = json!({ "aws:SourceArn": trail });
    let service = json!({ "Service": "cloudtrail.amazonaws.com" });
    let mut statements = vec![
        json!({
            "Sid": "DodaiCloudTrailCheck", "Effect": "Allow", "Principal": service, "Action": "s3:GetBucketAcl",
            "Resource": arn, "Condition": { "StringEquals": source },
        }),
        json!({
            "Sid": "DodaiCloudTrailWrite", "Effect": "Allow", "Principal": service, "Action": "s3:PutObject",
            "Resource": format!("{arn}/AWSLogs/{}/*", view.account.id),
            "Condition": { "StringEquals": { "aws:SourceArn": trail, "s3:x-amz-acl": "bucket-owner-full-control" } },
        }),
    ];
    statements.extend(log_bucket::read_statement(&arn, &settings.readers));
    let lock = (settings.lock_mode != "none").then_some(Lock { mode: settings.lock_mode, years: settings.lock_years });
    let bucket =
        LogBucket { name, versioned: true, key: log_key::arn(view)?, lock, keep_days: settings.keep_days, statements };
    out.change(bucket.plan(view)?);
    Ok(())
}
