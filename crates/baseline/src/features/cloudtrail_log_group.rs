//! `cloudtrail-log-group`: the account's trail also delivers into a log group of CloudWatch Logs, where metric
//! filters and alarms can see its events. The trail itself is `cloudtrail`'s; where this feature is off, a log group
//! that somebody put on the trail stays there.
//!
//! AWS: "Sending events to CloudWatch Logs", "Encrypt log data in CloudWatch Logs using AWS Key Management Service",
//! "PutRetentionPolicy" and "CreateLogGroup" of the Amazon CloudWatch Logs API Reference.

use dodai_facts::{Class, Failure, FeatureInfo, FeatureScope, Row, SettingInfo, SettingKind};
use serde::Deserialize;
use serde_json::{Value, json};

use super::cloudtrail::{self, Keeps};
use super::{cloudtrail_logs_role, foreign, log_key};
use crate::{Action, Change, Danger, Feature, Out, View, row};

pub const FEATURE: Feature = Feature { info: &INFO, plan };

const ID: &str = "cloudtrail-log-group";
const GROUPS: &str = "aws_logs_group";

/// A role just made, its permissions and its trust, take a moment to be seen: CloudTrail then says of the role or of
/// the log group that it may not.
const ROLE_NOT_YET: [&str; 2] = ["InvalidCloudWatchLogsRoleArnException", "InvalidCloudWatchLogsLogGroupArnException"];

/// So does a key's policy: CloudWatch Logs calls a key that it may not use an invalid parameter.
const KEY_NOT_YET: [&str; 2] = ["InvalidParameterException", "OperationAbortedException"];

const INFO: FeatureInfo = FeatureInfo {
    id: ID,
    title: "Log group of the account's trail",
    scope: FeatureScope::Home,
    class: Class::Maintained,
    // For its price an account chooses it.
    profiles: &[],
    needs: &[log_key::ID, cloudtrail::ID],
    reads: &[
        (GROUPS, &["logGroupName", "retentionInDays", "kmsKeyId", "logGroupClass", "storedBytes", "tags"]),
        cloudtrail_logs_role::READS,
        (cloudtrail::TABLE, &cloudtrail::identity_and::<14>(&["CloudWatchLogsLogGroupArn", "CloudWatchLogsRoleArn"])),
        log_key::KEY_IDENTITY,
        log_key::ALIAS_IDENTITY,
    ],
    settings: &[
        SettingInfo {
            name: "name",
            kind: SettingKind::Text,
            basic: r#""dodai-cloudtrail""#,
            secure: r#""dodai-cloudtrail""#,
            doc: "the log group's name",
        },
        SettingInfo {
            name: "role",
            kind: SettingKind::Text,
            basic: r#""dodai-cloudtrail-logs""#,
            secure: r#""dodai-cloudtrail-logs""#,
            doc: "the name of the role that CloudTrail delivers with",
        },
        SettingInfo {
            name: "retention_days",
            // What CloudWatch Logs takes.
            kind: SettingKind::Choice(&[
                "1", "3", "5", "7", "14", "30", "60", "90", "120", "150", "180", "365", "400", "545", "731", "1096",
                "1827", "2192", "2557", "2922", "3288", "3653",
            ]),
            basic: r#""365""#,
            secure: r#""365""#,
            doc: "days until CloudWatch Logs removes an event; the log bucket keeps its own time",
        },
    ],
    calls: &[
        "logs.CreateLogGroup",
        "logs.PutRetentionPolicy",
        "logs.AssociateKmsKey",
        "logs.TagResource",
        "iam.CreateRole",
        "iam.UpdateAssumeRolePolicy",
        "iam.PutRolePolicy",
        "iam.TagRole",
        "cloudtrail.UpdateTrail",
    ],
};

#[derive(Deserialize)]
struct Settings {
    name: String,
    role: String,
    retention_days: String,
}

impl Settings {
    /// `arn:aws:logs:<region>:<account>:log-group:<name>`
    fn arn(&self, view: &View<'_>) -> String {
        view.arn("logs", view.context.home.as_str(), &format!("log-group:{}", self.name))
    }
}

/// The log group's ARN, which the key's policy names; none where the feature is off.
pub(super) fn arn(view: &View<'_>) -> Result<Option<String>, Failure> {
    Ok(view.settings_of::<Settings>(ID)?.map(|settings| settings.arn(view)))
}

fn plan(view: &View<'_>, out: &mut Out) -> Result<(), Failure> {
    let settings: Settings = view.settings()?;
    let (trail, name) = match cloudtrail::keeps(view)? {
        Keeps::Trail(trail, name) => (trail, name),
        Keeps::Nothing(why) => {
            out.skip(view, why);
            return Ok(());
        }
    };
    let group = plan_group(view, &settings)?;
    let role = cloudtrail_logs_role::plan(view, &settings.role, &settings.arn(view))?;
    let mut delivery = plan_delivery(view, &settings, trail, &name)?;
    for earlier in [&group, &role] {
        if !earlier.calls.is_empty() {
            delivery = delivery.needs(earlier.id.clone());
        }
    }
    out.change(group);
    out.change(role);
    out.change(delivery);
    Ok(())
}

fn plan_group(view: &View<'_>, settings: &Settings) -> Result<Change, Failure> {
    let name = &settings.name;
    let group = row::named(view.rows(GROUPS)?, "logGroupName", name)?;
    let tags = row::value(group, "tags")?;
    if let Some(group) = group {
        foreign::refuse(view, "the log group", name, &tags)?;
        let class = row::text(group, "logGroupClass")?;
        if !["", "STANDARD"].contains(&class) {
            let why = format!(
                "the log group `{name}` is of the class {class}, which has no metric filters and cannot be changed: give another name"
            );
            return Err(view.failure("LogGroupClass", why));
        }
    }
    let (action, verb) = if group.is_some() { (Action::Update, "keep") } else { (Action::Create, "create") };
    let mut change = view.change("log-group", action, format!("{verb} the log group `{name}`"));
    let key = log_key::arn(view)?;
    let key_before = row::value(group, "kmsKeyId")?;
    let key_differs = key.as_ref().is_some_and(|key| *key != key_before);
    if let Some(key) = key.as_ref().filter(|_| key_differs) {
        change = change.set("key", key_before, if key.is_object() { json!(log_key::SHOWN) } else { key.clone() });
    }
    if group.is_none() {
        let mut params = json!({ "logGroupName": name, "tags": view.tag_map() });
        if let Some(key) = key {
            params["kmsKeyId"] = key;
        }
        let call = view.call("logs", "CreateLogGroup", params);
        let call = call.not_yet(&KEY_NOT_YET, 60).already(&["ResourceAlreadyExistsException"]);
        change = change.set("name", Value::Null, json!(name)).call(call);
    } else if let Some(key) = key.filter(|_| key_differs) {
        let params = json!({ "logGroupName": name, "kmsKeyId": key });
        change = change.call(view.call("logs", "AssociateKmsKey", params).not_yet(&KEY_NOT_YET, 60));
    }
    change = plan_retention(view, settings, group, change)?;
    if group.is_some() && !view.is_ours(&tags) {
        let params = json!({ "resourceArn": settings.arn(view), "tags": view.tag_map() });
        change = change.set("tags", tags, view.tag_map()).call(view.call("logs", "TagResource", params));
    }
    Ok(change.writes(format!("logs/{}/{name}", view.cell)))
}

/// Without a retention policy events are kept for ever. A shorter time than before removes what is older.
fn plan_retention(
    view: &View<'_>,
    settings: &Settings,
    group: Option<&Row>,
    change: Change,
) -> Result<Change, Failure> {
    let days: u64 = settings.retention_days.parse().map_err(|_| {
        view.failure("SettingsInvalid", format!("`retention_days` is `{}`: not a number", settings.retention_days))
    })?;
    let before = row::value(group, "retentionInDays")?;
    if before == json!(days) {
        return Ok(change);
    }
    let shorter = before.as_u64().is_none_or(|before| before > days);
    let holds_events = row::value(group, "storedBytes")?.as_u64().is_some_and(|bytes| bytes > 0);
    let params = json!({ "logGroupName": settings.name, "retentionInDays": days });
    let mut change = change.set("retention in days", before, json!(days));
    if shorter && holds_events {
        change = change.danger(Danger::Deletes(format!("log events that are older than {days} days")));
    }
    Ok(change.call(view.call("logs", "PutRetentionPolicy", params)))
}

fn plan_delivery(view: &View<'_>, settings: &Settings, trail: Option<&Row>, name: &str) -> Result<Change, Failure> {
    let summary = format!("deliver the trail `{name}` into the log group `{}`", settings.name);
    let mut change = view.change("delivery", Action::Update, summary);
    let group = format!("{}:*", settings.arn(view));
    let role = cloudtrail_logs_role::arn(view, &settings.role);
    for (column, wanted) in [("CloudWatchLogsLogGroupArn", &group), ("CloudWatchLogsRoleArn", &role)] {
        let before = row::value(trail, column)?;
        // The log group's ARN is written with and without `:*`.
        if before.as_str().map(bare) != Some(bare(wanted)) {
            change = change.set(column, before, json!(wanted));
        }
    }
    if !change.settings.is_empty() {
        let params = json!({ "Name": name, "CloudWatchLogsLogGroupArn": group, "CloudWatchLogsRoleArn": role });
        change = change.call(view.call("cloudtrail", "UpdateTrail", params).not_yet(&ROLE_NOT_YET, 60));
    }
    if trail.is_none() {
        change = change.needs(view.home_id(cloudtrail::ID, cloudtrail::RESOURCE));
    }
    Ok(change.writes(format!("cloudtrail/{}/{name}#log-group", view.cell)))
}

fn bare(arn: &str) -> &str {
    arn.strip_suffix(":*").unwrap_or(arn)
}
