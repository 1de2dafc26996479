//! `config`: AWS Config records what resources are and how they change.
//!
//! AWS: "Working with the configuration recorder" (one customer managed recorder and one delivery channel an
//! account and Region), "Using service-linked roles for AWS Config".

use dodai_facts::{
    AccountId, Class, Failure, FailureKind, FeatureInfo, FeatureScope, Profile, Region, Row, SettingInfo, SettingKind,
};
use dodai_org::{Account, Directory};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{config_bucket, foreign, log_key};
use crate::{Action, Change, Feature, Out, View, row};

pub const FEATURE: Feature = Feature { info: &INFO, plan };

pub(super) const ID: &str = "config";
const RECORDERS: &str = "aws_config_recorder";
const CHANNELS: &str = "aws_config_delivery_channel";
const ROLES: &str = "aws_iam_role";
const LINKED_ROLE: &str = "AWSServiceRoleForConfig";

/// What tells whose a recorder and its delivery channel are.
pub(super) const RECORDER_IDENTITY: (&str, &[&str]) = (RECORDERS, &["tags"]);
pub(super) const CHANNEL_IDENTITY: (&str, &[&str]) = (CHANNELS, &["s3BucketName"]);

const INFO: FeatureInfo = FeatureInfo {
    id: ID,
    title: "AWS Config recorder",
    scope: FeatureScope::Region,
    class: Class::Maintained,
    profiles: &Profile::ALL,
    needs: &[log_key::ID, config_bucket::ID],
    reads: &[
        (RECORDERS, &["name", "arn", "roleARN", "recordingGroup", "recordingMode", "status", "tags"]),
        (
            CHANNELS,
            &["name", "s3BucketName", "s3KeyPrefix", "s3KmsKeyArn", "snsTopicARN", "configSnapshotDeliveryProperties"],
        ),
        (ROLES, &["RoleName"]),
        log_key::KEY_IDENTITY,
        log_key::ALIAS_IDENTITY,
    ],
    settings: &[
        SettingInfo {
            name: "role_arn",
            kind: SettingKind::OptionalText,
            basic: "null",
            secure: "null",
            doc: "a custom role (`<account>` is filled in) in place of the service-linked one, which SCPs never stop",
        },
        SettingInfo {
            name: "types",
            kind: SettingKind::List { choices: &[] },
            basic: BASIC_TYPES,
            secure: "[]",
            doc: "the resource types to record; empty: all that AWS Config supports",
        },
        SettingInfo {
            name: "global_types",
            kind: SettingKind::List { choices: &[] },
            basic: r#"["AWS::IAM::Group", "AWS::IAM::Policy", "AWS::IAM::Role", "AWS::IAM::User"]"#,
            secure: r#"["AWS::IAM::Group", "AWS::IAM::Policy", "AWS::IAM::Role", "AWS::IAM::User"]"#,
            doc: "the global types that a list records beside `types`, in the home Region only",
        },
        SettingInfo {
            name: "foreign",
            kind: SettingKind::Choice(&["leave", "adopt"]),
            basic: r#""leave""#,
            secure: r#""leave""#,
            doc: "what to do with a recorder, or a delivery channel without one, that is not ours: leave it (it satisfies this feature if its settings match), or keep it at our settings",
        },
    ],
    calls: &[
        "iam.CreateServiceLinkedRole",
        "config.PutConfigurationRecorder",
        "config.PutDeliveryChannel",
        "config.StartConfigurationRecorder",
        "config.TagResource",
    ],
};

const BASIC_TYPES: &str = r#"[
  "AWS::CloudTrail::Trail", "AWS::EC2::EIP", "AWS::EC2::Instance", "AWS::EC2::InternetGateway", "AWS::EC2::NatGateway",
  "AWS::EC2::NetworkAcl", "AWS::EC2::NetworkInterface", "AWS::EC2::RouteTable", "AWS::EC2::SecurityGroup",
  "AWS::EC2::Subnet", "AWS::EC2::VPC", "AWS::EC2::VPNGateway", "AWS::EC2::Volume", "AWS::KMS::Key", "AWS::Lambda::Function",
  "AWS::RDS::DBCluster", "AWS::RDS::DBInstance", "AWS::RDS::DBSecurityGroup", "AWS::RDS::DBSnapshot", "AWS::S3::Bucket"
]"#;

#[derive(Deserialize)]
struct Settings {
    role_arn: Option<String>,
    types: Vec<String>,
    global_types: Vec<String>,
    foreign: String,
}

impl Settings {
    fn role_in(&self, account: &AccountId) -> Option<String> {
        self.role_arn.as_ref().map(|arn| arn.replace("<account>", account.as_str()))
    }
}

/// The custom role's ARN, where one is chosen.
pub(super) fn custom_role(view: &View<'_>) -> Result<Option<String>, Failure> {
    let settings = view.settings_of::<Settings>(ID)?;
    Ok(settings.and_then(|settings| settings.role_in(&view.account.id)))
}

/// The same of an account of the directory, whose id is known by now. None where the feature is off.
pub fn config_role(directory: &Directory, account: &Account, id: &AccountId) -> Option<String> {
    let settings = directory.settings(account, &INFO)?;
    let settings: Settings = serde_json::from_value(settings.into()).ok()?;
    settings.role_in(id)
}

/// The ARN of the role that the recorder works with.
pub(super) fn role(view: &View<'_>) -> Result<String, Failure> {
    Ok(custom_role(view)?.unwrap_or_else(|| {
        let (partition, account) = (view.context.partition, &view.account.id);
        format!("arn:{partition}:iam::{account}:role/aws-service-role/config.amazonaws.com/{LINKED_ROLE}")
    }))
}

/// Why nothing is delivered from any Region of the account; none where some Region's recorder is ours or will be made.
pub(super) fn without(view: &View<'_>) -> Result<Option<String>, Failure> {
    let Some(settings) = view.settings_of::<Settings>(ID)? else {
        return Ok(Some(format!("needs `{ID}`, which is off")));
    };
    let mut unknown = None;
    for region in &view.account.regions {
        match what_is_left(view, &settings, region) {
            Ok(None) => return Ok(None),
            Ok(Some(_)) => {}
            // Nothing is made in a Region that is not enabled, nor in this plan in one that it leaves out.
            Err(failure) if matches!(failure.kind, FailureKind::OptedOut | FailureKind::NotCollected) => {}
            Err(failure) => unknown = Some(failure),
        }
    }
    match unknown {
        Some(failure) => Err(failure),
        None => Ok(Some("no Region has a recorder of ours, nor gets one".to_owned())),
    }
}

/// What in a Region is somebody else's and stays so. A delivery channel carries no tags: it is its recorder's owner's, or
/// without one ours where it delivers into our bucket.
fn what_is_left(view: &View<'_>, settings: &Settings, region: &Region) -> Result<Option<&'static str>, Failure> {
    if settings.foreign != "leave" {
        return Ok(None);
    }
    if let Some(recorder) = view.rows_in(RECORDERS, region)?.first() {
        let is_ours = row::value(Some(recorder), "tags")?.get("dodai:feature") == Some(&json!(ID));
        return Ok((!is_ours).then_some("the recorder"));
    }
    let Some(channel) = view.rows_in(CHANNELS, region)?.first() else { return Ok(None) };
    let is_ours = config_bucket::name(view)?.as_deref() == Some(row::text(channel, "s3BucketName")?);
    Ok((!is_ours).then_some("the delivery channel"))
}

fn plan(view: &View<'_>, out: &mut Out) -> Result<(), Failure> {
    let settings: Settings = view.settings()?;
    let Some(bucket) = config_bucket::name(view)? else {
        out.skip(view, "needs `config-bucket`, which is off");
        return Ok(());
    };
    let recorder = view.row(RECORDERS)?;
    let mut recorder_change = plan_recorder(view, recorder, &settings)?;
    let mut channel_change = plan_channel(view, view.row(CHANNELS)?, &bucket)?;
    let mut start = plan_start(view, recorder)?;
    if let Some(thing) = what_is_left(view, &settings, view.region())? {
        out.skip(view, foreign::left(thing, [&recorder_change, &channel_change, &start]));
        return Ok(());
    }
    if recorder.is_none() {
        channel_change = channel_change.needs(recorder_change.id.clone());
    }
    for earlier in [&recorder_change, &channel_change] {
        if !earlier.calls.is_empty() {
            start = start.needs(earlier.id.clone());
        }
    }
    if settings.role_arn.is_none() && recorder_change.calls.iter().any(|call| call.service == "config") {
        recorder_change = with_linked_role(view, recorder_change)?;
    }
    out.change(recorder_change);
    out.change(channel_change);
    out.change(start);
    Ok(())
}

/// The service-linked role is the account's; whichever Region comes first makes it.
fn with_linked_role(view: &View<'_>, mut change: Change) -> Result<Change, Failure> {
    if row::named(view.rows(ROLES)?, "RoleName", LINKED_ROLE)?.is_some() {
        return Ok(change);
    }
    let call = view.call("iam", "CreateServiceLinkedRole", json!({ "AWSServiceName": "config.amazonaws.com" }));
    // InvalidInput: the name has been taken in the meantime.
    change.calls.insert(0, call.already(&["InvalidInput", "InvalidInputException"]));
    Ok(change.set("service-linked role", Value::Null, json!(LINKED_ROLE)))
}

fn recording_group(view: &View<'_>, settings: &Settings) -> Value {
    if settings.types.is_empty() {
        return json!({ "allSupported": true, "includeGlobalResourceTypes": view.is_home() });
    }
    let mut types = settings.types.clone();
    if view.is_home() {
        types.extend(settings.global_types.iter().cloned());
    }
    types.sort_unstable();
    types.dedup();
    json!({ "allSupported": false, "includeGlobalResourceTypes": false, "resourceTypes": types })
}

/// The recorder that is there keeps its name, which cannot be changed, and how often it records.
fn plan_recorder(view: &View<'_>, recorder: Option<&Row>, settings: &Settings) -> Result<Change, Failure> {
    let (action, verb) = if recorder.is_some() { (Action::Update, "keep") } else { (Action::Create, "create") };
    let mut change = view.change("recorder", action, format!("{verb} the configuration recorder"));
    let (role, group) = (role(view)?, recording_group(view, settings));
    change = change.set("role", row::value(recorder, "roleARN")?, json!(role));
    let before = comparable(&row::value(recorder, "recordingGroup")?);
    change = change.set("records", before, comparable(&group));
    if !change.settings.is_empty() {
        let mut wanted = json!({ "name": name_of(recorder)?, "roleARN": role, "recordingGroup": group });
        let mode = row::value(recorder, "recordingMode")?;
        if !mode.is_null() {
            wanted["recordingMode"] = mode;
        }
        let mut params = json!({ "ConfigurationRecorder": wanted });
        if recorder.is_none() {
            params["Tags"] = view.tag_list("Key", "Value");
        }
        // A role just made is not seen at once.
        let call = view.call("config", "PutConfigurationRecorder", params);
        change = change.call(call.not_yet(&["InvalidRoleException"], 60));
    }
    if let Some(there) = recorder {
        let tags = row::value(recorder, "tags")?;
        if !view.is_ours(&tags) {
            let params = json!({ "ResourceArn": row::text(there, "arn")?, "Tags": view.tag_list("Key", "Value") });
            change = change.set("tags", tags, view.tag_map()).call(view.call("config", "TagResource", params));
        }
    }
    Ok(change.writes(format!("config/{}#recorder", view.cell)))
}

/// The channel that is there keeps its name, its topic and its snapshots. A prefix would deliver where the bucket's
/// policy does not let AWS Config write.
fn plan_channel(view: &View<'_>, channel: Option<&Row>, bucket: &str) -> Result<Change, Failure> {
    let (action, verb) = if channel.is_some() { (Action::Update, "keep") } else { (Action::Create, "create") };
    let mut change = view.change("delivery-channel", action, format!("{verb} the delivery channel of AWS Config"));
    let key = log_key::arn(view)?.unwrap_or(Value::Null);
    let key_before = row::value(channel, "s3KmsKeyArn")?;
    change = change.set("bucket", row::value(channel, "s3BucketName")?, json!(bucket));
    change = change.set("prefix", row::value(channel, "s3KeyPrefix")?, Value::Null);
    if key_before != key {
        let shown = if key.is_object() { json!(log_key::SHOWN) } else { key.clone() };
        change = change.set("key", key_before, shown);
    }
    if !change.settings.is_empty() {
        let mut params = json!({ "name": name_of(channel)?, "s3BucketName": bucket });
        if !key.is_null() {
            params["s3KmsKeyArn"] = key;
        }
        for column in ["snsTopicARN", "configSnapshotDeliveryProperties"] {
            let kept = row::value(channel, column)?;
            if !kept.is_null() {
                params[column] = kept;
            }
        }
        let codes = ["InsufficientDeliveryPolicyException", "NoAvailableConfigurationRecorderException"];
        let call = view.call("config", "PutDeliveryChannel", json!({ "DeliveryChannel": params }));
        change = change.call(call.not_yet(&codes, 60));
    }
    Ok(change.writes(format!("config/{}#delivery-channel", view.cell)))
}

fn plan_start(view: &View<'_>, recorder: Option<&Row>) -> Result<Change, Failure> {
    let change = view.change("recording", Action::Update, "start recording");
    let status = row::value(recorder, "status")?;
    let recording = recorder.map(|_| status.get("recording").and_then(Value::as_bool).unwrap_or(false));
    if recording == Some(true) {
        return Ok(change);
    }
    let params = json!({ "ConfigurationRecorderName": name_of(recorder)? });
    let call = view.call("config", "StartConfigurationRecorder", params);
    let change = change.set("recording", json!(recording), json!(true));
    let change = change.call(call.not_yet(&["NoAvailableDeliveryChannelException"], 60));
    Ok(change.writes(format!("config/{}#recording", view.cell)))
}

fn name_of(row: Option<&Row>) -> Result<String, Failure> {
    row.map_or(Ok("default"), |row| row::text(row, "name")).map(str::to_owned)
}

/// What of a recording group decides what is recorded: AWS answers with a strategy that says the same again.
fn comparable(group: &Value) -> Value {
    if group.is_null() {
        return Value::Null;
    }
    let flag = |name: &str| group.get(name).and_then(Value::as_bool).unwrap_or(false);
    let mut types: Vec<&str> =
        group.get("resourceTypes").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect();
    types.sort_unstable();
    let excluded = group.pointer("/exclusionByResourceTypes/resourceTypes").and_then(Value::as_array);
    let mut same = json!({ "all types": flag("allSupported"), "global types": flag("includeGlobalResourceTypes") });
    if !types.is_empty() {
        same["types"] = json!(types.join(" "));
    }
    if let Some(excluded) = excluded.filter(|excluded| !excluded.is_empty()) {
        let mut excluded: Vec<&str> = excluded.iter().filter_map(Value::as_str).collect();
        excluded.sort_unstable();
        same["except"] = json!(excluded.join(" "));
    }
    same
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::directory;

    #[test]
    fn the_directory_gives_a_role_or_none() {
        let check = |features: &str, expected: Option<&str>| {
            let account = format!("email: a@example.com\nmanagement: true\nunit: Root\nprofile: basic\n{features}");
            let organization = "organization: o-exampleorgid\nhome_region: us-east-1\nregions: [us-east-1]\n";
            let directory = directory(&[("dodai.yaml", organization), ("accounts/a.yaml", &account)]);
            let role = config_role(&directory, directory.account("a").unwrap(), &"111122223333".parse().unwrap());
            assert_eq!(role.as_deref(), expected, "{features}");
        };
        let own = "role_arn: 'arn:aws:iam::<account>:role/own'";
        check("", None);
        check(&format!("features: {{config: {{{own}}}}}\n"), Some("arn:aws:iam::111122223333:role/own"));
        check(&format!("features: {{config: {{enabled: false, {own}}}}}\n"), None);
    }
}
