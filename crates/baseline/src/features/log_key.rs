//! `log-key`: the customer key that the account's logs are encrypted with.
//!
//! AWS: "Configure AWS KMS key policies for CloudTrail", "Permissions for the KMS key" of AWS Config's delivery
//! channel, "Encrypt log data in CloudWatch Logs using AWS Key Management Service". The key is found by its alias,
//! else by our tags: CreateKey has no idempotency token.

use std::collections::BTreeSet;

use dodai_facts::{Class, Failure, FeatureInfo, FeatureScope, Find, Profile, Row, SettingInfo, SettingKind};
use dodai_models::partitions;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{cloudtrail, cloudtrail_bucket, cloudtrail_log_group, config, config_bucket, foreign, log_bucket};
use crate::document;
use crate::{Action, Change, Feature, Out, View, reply_of, row};

pub const FEATURE: Feature = Feature { info: &INFO, plan };

pub(super) const ID: &str = "log-key";
const RESOURCE: &str = "key";
const KEYS: &str = "aws_kms_key";
const ALIASES: &str = "aws_kms_alias";

/// The statement for CloudWatch Logs, and the condition key that carries the log group's ARN.
const LOG_GROUPS: &str = "DodaiLogGroups";
const LOGS_CONTEXT: &str = "kms:EncryptionContext:aws:logs:arn";

/// What the key is found by: whoever uses its ARN reads this.
pub(super) const KEY_IDENTITY: (&str, &[&str]) = (KEYS, &["KeyId", "Arn", "KeyState", "KeyManager", "tags"]);
pub(super) const ALIAS_IDENTITY: (&str, &[&str]) = (ALIASES, &["AliasName", "TargetKeyId"]);

/// How a plan calls the key while its ARN is not known.
pub(super) const SHOWN: &str = "the key of `log-key`";

const INFO: FeatureInfo = FeatureInfo {
    id: ID,
    title: "Key for the account's logs",
    scope: FeatureScope::Home,
    class: Class::Maintained,
    profiles: &[Profile::Secure],
    needs: &[],
    reads: &[
        (KEYS, &["KeyId", "Arn", "KeyState", "KeyManager", "rotation_enabled", "policy", "tags"]),
        ALIAS_IDENTITY,
        cloudtrail::IDENTITY,
        // Whether anything is there for it to encrypt.
        (log_bucket::TABLE, &["Name"]),
        config::RECORDER_IDENTITY,
        config::CHANNEL_IDENTITY,
    ],
    settings: &[SettingInfo {
        name: "alias",
        kind: SettingKind::Text,
        basic: r#""alias/dodai-logs""#,
        secure: r#""alias/dodai-logs""#,
        doc: "the key's alias",
    }],
    calls: &[
        "kms.CreateKey",
        "kms.CreateAlias",
        "kms.UpdateAlias",
        "kms.EnableKey",
        "kms.CancelKeyDeletion",
        "kms.EnableKeyRotation",
        "kms.PutKeyPolicy",
        "kms.TagResource",
    ],
};

#[derive(Deserialize)]
struct Settings {
    alias: String,
}

/// The key's ARN as a parameter: known, or taken from the reply that makes it; none where the feature is off.
pub(super) fn arn(view: &View<'_>) -> Result<Option<Value>, Failure> {
    let Some(settings) = view.settings_of::<Settings>(ID)? else { return Ok(None) };
    match find_key(view, &settings)? {
        Some(key) => Ok(Some(json!(row::text(key, "Arn")?))),
        None => Ok(Some(reply_of(&view.home_id(ID, RESOURCE), 0, "KeyMetadata.Arn"))),
    }
}

/// The key that the alias points to, if there is such an alias.
fn alias_target(view: &View<'_>, settings: &Settings) -> Result<Option<String>, Failure> {
    let alias = row::named(view.home_rows(ALIASES)?, "AliasName", &settings.alias)?;
    Ok(alias.map(|alias| row::text(alias, "TargetKeyId")).transpose()?.map(str::to_owned))
}

/// Ours by alias, else by tag. A key of somebody else's behind the alias is no key of ours.
fn find_key<'a>(view: &View<'a>, settings: &Settings) -> Result<Option<&'a Row>, Failure> {
    let keys = view.home_rows(KEYS)?;
    if let Some(target) = alias_target(view, settings)?
        && let Some(key) = row::named(keys, "KeyId", &target)?
    {
        let name = settings.alias.strip_prefix("alias/").unwrap_or(&settings.alias);
        if !foreign::is_ours(ID, name, &row::value(Some(key), "tags")?) {
            return Err(foreign::not_ours(view, ID, "the key behind", &settings.alias));
        }
        return Ok(Some(key));
    }
    for key in keys {
        if has_our_tag(key)? && row::text(key, "KeyState")? != "PendingDeletion" {
            return Ok(Some(key));
        }
    }
    Ok(None)
}

fn has_our_tag(key: &Row) -> Result<bool, Failure> {
    let tagged = row::value(Some(key), "tags")?.get("dodai:feature") == Some(&json!(ID));
    Ok(tagged && row::text(key, "KeyManager")? == "CUSTOMER")
}

/// How to see that a key has been made: by our tag, which those too have that were there before (about to be deleted, or
/// this plan would keep them).
fn made(view: &View<'_>) -> Result<Find, Failure> {
    let mut others = Vec::new();
    for key in view.home_rows(KEYS)? {
        if has_our_tag(key)? {
            others.push(format!("ResourceARN != '{}'", row::text(key, "Arn")?));
        }
    }
    let among = if others.is_empty() { "[0]".to_owned() } else { format!("[?{}] | [0]", others.join(" && ")) };
    Ok(Find {
        service: "resourcegroupstaggingapi".to_owned(),
        operation: "GetResources".to_owned(),
        params: json!({
            "ResourceTypeFilters": ["kms:key"],
            "TagFilters": [{ "Key": "dodai:feature", "Values": [ID] }],
        }),
        take: format!("ResourceTagMappingList{among}.{{KeyMetadata: {{KeyId: ResourceARN, Arn: ResourceARN}}}}"),
    })
}

fn plan(view: &View<'_>, out: &mut Out) -> Result<(), Failure> {
    let settings: Settings = view.settings()?;
    let change = match find_key(view, &settings)? {
        None => {
            if let Some(config) = config_bucket::left(view)?
                && let Some(trail) = cloudtrail_bucket::left(view)?
            {
                out.skip(view, format!("it has nothing to encrypt: {trail}; {config}"));
                return Ok(());
            }
            create(view, &settings)?
        }
        Some(key) => repair(view, &settings, key)?,
    };
    out.change(change.writes(format!("kms/{}/{}", view.cell, settings.alias)));
    Ok(())
}

fn create(view: &View<'_>, settings: &Settings) -> Result<Change, Failure> {
    let mut params = json!({
        "Description": "Encrypts the logs of AWS CloudTrail and AWS Config",
        "Tags": view.tag_list("TagKey", "TagValue"),
    });
    let mut change = view.change(RESOURCE, Action::Create, format!("create the key `{}`", settings.alias));
    change = change.set("rotation", Value::Null, json!(true));
    if let Some(policy) = document::with_statements(None, &statements(view, None)?) {
        params["Policy"] = json!(policy.document.to_string());
        change = change.differences(policy.differences);
    }
    let created = change.reply(0, "KeyMetadata.KeyId");
    change = change.call(view.call("kms", "CreateKey", params).find(made(view)?));
    change = point_alias(view, settings, change, &created)?;
    Ok(change.call(view.call("kms", "EnableKeyRotation", json!({ "KeyId": created }))))
}

/// Makes the alias, or turns one that points elsewhere to this key.
fn point_alias(view: &View<'_>, settings: &Settings, change: Change, key: &Value) -> Result<Change, Failure> {
    let target = alias_target(view, settings)?;
    if target.is_some() && target.as_deref() == key.as_str() {
        return Ok(change);
    }
    let operation = if target.is_some() { "UpdateAlias" } else { "CreateAlias" };
    let shown = key.as_str().map_or_else(|| json!(settings.alias), |id| json!(id));
    let params = json!({ "AliasName": settings.alias, "TargetKeyId": key });
    Ok(change.set("alias", json!(target), shown).call(view.call("kms", operation, params)))
}

fn repair(view: &View<'_>, settings: &Settings, key: &Row) -> Result<Change, Failure> {
    let id = json!(row::text(key, "KeyId")?);
    let mut change = view.change(RESOURCE, Action::Update, format!("keep the key `{}` as described", settings.alias));
    let state = row::text(key, "KeyState")?;
    if matches!(state, "PendingDeletion" | "Disabled") {
        change = change.set("state", json!(state), json!("Enabled"));
        if state == "PendingDeletion" {
            change = change.call(view.call("kms", "CancelKeyDeletion", json!({ "KeyId": id })));
        }
        change = change.call(view.call("kms", "EnableKey", json!({ "KeyId": id })));
    }
    change = point_alias(view, settings, change, &id)?;
    let rotation = row::value(Some(key), "rotation_enabled")?;
    // A key about to be deleted does not tell its rotation; any other that does not tell has none to switch on.
    if rotation.is_null() && state != "PendingDeletion" {
        let why = format!("the key behind `{}` cannot be rotated (it is {state}): give another alias", settings.alias);
        return Err(view.failure("KeyCannotRotate", why));
    }
    if rotation != json!(true) {
        let call = view.call("kms", "EnableKeyRotation", json!({ "KeyId": id }));
        change = change.set("rotation", rotation, json!(true)).call(call);
    }
    let existing = key.get("policy").known()?.map(document::parse).transpose().map_err(|error| {
        view.failure("PolicyUnreadable", format!("the key policy of `{}`: {error}", settings.alias))
    })?;
    if let Some(policy) = document::with_statements(existing.as_ref(), &statements(view, existing.as_ref())?) {
        let params = json!({ "KeyId": id, "PolicyName": "default", "Policy": policy.document.to_string() });
        change = change.differences(policy.differences).call(view.call("kms", "PutKeyPolicy", params));
    }
    let tags = row::value(Some(key), "tags")?;
    if !view.is_ours(&tags) {
        let params = json!({ "KeyId": id, "Tags": view.tag_list("TagKey", "TagValue") });
        change = change.set("tags", tags, view.tag_map()).call(view.call("kms", "TagResource", params));
    }
    Ok(change)
}

/// Who may do what with the key. The account administers it: without that statement nobody could.
fn statements(view: &View<'_>, existing: Option<&Value>) -> Result<Vec<Value>, Failure> {
    let trail = cloudtrail::arn(view)?;
    let account = &view.account.id;
    let partition = view.context.partition;
    let trails = format!("arn:{partition}:cloudtrail:*:{account}:trail/*");
    let config_role = config::role(view)?;
    let mut statements = vec![
        json!({
            "Sid": "EnableIAMUserPermissions",
            "Effect": "Allow",
            "Principal": { "AWS": format!("arn:{partition}:iam::{account}:root") },
            "Action": "kms:*",
            "Resource": "*",
        }),
        json!({
            "Sid": "DodaiCloudTrailEncrypt",
            "Effect": "Allow",
            "Principal": { "Service": "cloudtrail.amazonaws.com" },
            "Action": "kms:GenerateDataKey*",
            "Resource": "*",
            "Condition": {
                "StringEquals": { "aws:SourceArn": trail },
                "StringLike": { "kms:EncryptionContext:aws:cloudtrail:arn": trails },
            },
        }),
        json!({
            "Sid": "DodaiCloudTrailDescribe",
            "Effect": "Allow",
            "Principal": { "Service": "cloudtrail.amazonaws.com" },
            "Action": "kms:DescribeKey",
            "Resource": "*",
            "Condition": { "StringEquals": { "aws:SourceAccount": account } },
        }),
        json!({
            "Sid": "DodaiConfigService",
            "Effect": "Allow",
            "Principal": { "Service": "config.amazonaws.com" },
            "Action": ["kms:Decrypt", "kms:GenerateDataKey"],
            "Resource": "*",
            "Condition": { "StringEquals": { "aws:SourceAccount": account } },
        }),
        json!({
            "Sid": "DodaiConfigRole",
            "Effect": "Allow",
            "Principal": { "AWS": "*" },
            "Action": ["kms:Decrypt", "kms:GenerateDataKey"],
            "Resource": "*",
            "Condition": { "ArnEquals": { "aws:PrincipalArn": config_role } },
        }),
    ];
    statements.extend(log_group_statement(view, existing)?);
    Ok(statements)
}

/// CloudWatch Logs, for the log group of `cloudtrail-log-group`. The groups that it was for before stay, also where
/// that feature is off now: CloudWatch Logs cannot read their events again without the key.
fn log_group_statement(view: &View<'_>, existing: Option<&Value>) -> Result<Option<Value>, Failure> {
    let region = view.region();
    let statements = document::statements_of(existing);
    let before = statements
        .iter()
        .find(|statement| statement.get("Sid") == Some(&json!(LOG_GROUPS)))
        .and_then(|statement| statement.get("Condition")?.get("ArnEquals")?.get(LOGS_CONTEXT));
    let before = match before {
        Some(Value::Array(arns)) => arns.iter().filter_map(Value::as_str).collect(),
        Some(Value::String(arn)) => vec![arn.as_str()],
        _ => Vec::new(),
    };
    // Only what this feature may have written: `ArnEquals` takes wildcards.
    let start = view.arn("logs", region.as_str(), "log-group:");
    let is_group = |arn: &&str| arn.starts_with(&start) && !arn.contains(['*', '?']);
    let mut groups: BTreeSet<String> = before.into_iter().filter(is_group).map(str::to_owned).collect();
    groups.extend(cloudtrail_log_group::arn(view)?);
    if groups.is_empty() {
        return Ok(None);
    }
    // This service's principal is one of the Region and of the partition.
    let partition = partitions::partition(view.context.partition.as_str());
    let suffix = partition.map_or("amazonaws.com", |partition| partition.dns_suffix.as_str());
    Ok(Some(json!({
        "Sid": LOG_GROUPS,
        "Effect": "Allow",
        "Principal": { "Service": format!("logs.{region}.{suffix}") },
        "Action": ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:Describe*"],
        "Resource": "*",
        "Condition": { "ArnEquals": { LOGS_CONTEXT: groups } },
    })))
}
