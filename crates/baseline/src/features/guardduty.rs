//! `guardduty`: a detector with its protection plans in each active Region.
//!
//! AWS: "GuardDuty protection plans", API reference CreateDetector (a plan that is not named is turned on) and
//! UpdateDetector (a plan that is not named stays as it is; `RUNTIME_MONITORING` and `EKS_RUNTIME_MONITORING` in
//! one request are an error).

use dodai_facts::{Class, Failure, FeatureInfo, FeatureScope, Profile, Row, SettingInfo, SettingKind};
use serde_json::{Value, json};

use super::foreign;
use crate::{Action, Change, Feature, Out, Settings, View, row};

pub const FEATURE: Feature = Feature { info: &INFO, plan };

const TABLE: &str = "aws_guardduty_detector";

const INFO: FeatureInfo = FeatureInfo {
    id: "guardduty",
    title: "GuardDuty detector and protection plans",
    scope: FeatureScope::Region,
    class: Class::Maintained,
    profiles: &[Profile::Secure],
    needs: &[],
    reads: &[(TABLE, &["DetectorId", "Status", "Features", "tags", "administrator"])],
    settings: &[
        plan_setting("s3_data_events", "watch S3 data events"),
        plan_setting("eks_audit_logs", "watch EKS audit logs"),
        plan_setting("ebs_malware_protection", "scan EBS volumes for malware"),
        plan_setting("rds_login_events", "watch logins to RDS"),
        plan_setting("lambda_network_logs", "watch the network activity of Lambda"),
        plan_setting("runtime_monitoring", "watch the runtime of EKS, ECS and EC2"),
        plan_setting("eks_agent", "manage the runtime agent on EKS (needs runtime_monitoring)"),
        plan_setting("ecs_agent", "manage the runtime agent on ECS Fargate (needs runtime_monitoring)"),
        plan_setting("ec2_agent", "manage the runtime agent on EC2 (needs runtime_monitoring)"),
        SettingInfo {
            name: "foreign",
            kind: SettingKind::Choice(&["leave", "adopt"]),
            basic: r#""leave""#,
            secure: r#""leave""#,
            doc: "what to do with a detector that is not ours: leave it (it satisfies this feature if its settings match), or keep it at our settings",
        },
    ],
    calls: &["guardduty.CreateDetector", "guardduty.UpdateDetector", "guardduty.TagResource"],
};

const fn plan_setting(name: &'static str, doc: &'static str) -> SettingInfo {
    SettingInfo { name, kind: SettingKind::Bool, basic: "true", secure: "true", doc }
}

/// A setting, and what GuardDuty calls it.
type Name = (&'static str, &'static str);

/// The protection plans: setting, name, and their agents.
const PLANS: [(&str, &str, &[Name]); 6] = [
    ("s3_data_events", "S3_DATA_EVENTS", &[]),
    ("eks_audit_logs", "EKS_AUDIT_LOGS", &[]),
    ("ebs_malware_protection", "EBS_MALWARE_PROTECTION", &[]),
    ("rds_login_events", "RDS_LOGIN_EVENTS", &[]),
    ("lambda_network_logs", "LAMBDA_NETWORK_LOGS", &[]),
    (
        "runtime_monitoring",
        "RUNTIME_MONITORING",
        &[
            ("eks_agent", "EKS_ADDON_MANAGEMENT"),
            ("ecs_agent", "ECS_FARGATE_AGENT_MANAGEMENT"),
            ("ec2_agent", "EC2_AGENT_MANAGEMENT"),
        ],
    ),
];

/// The older way of runtime monitoring, which excludes the newer one.
const OLD_RUNTIME: &str = "EKS_RUNTIME_MONITORING";

fn plan(view: &View<'_>, out: &mut Out) -> Result<(), Failure> {
    let settings: Settings = view.settings()?;
    let Some(detector) = view.row(TABLE)? else {
        out.change(create(view, &settings));
        return Ok(());
    };
    if let Some(administrator) = detector.get("administrator").known()?.and_then(Value::as_str) {
        out.skip(view, format!("governed by the GuardDuty administrator {administrator}, which sets its members"));
        return Ok(());
    }
    let change = update(view, &settings, detector)?;
    let ours = view.is_ours(&row::value(Some(detector), "tags")?);
    if !ours && settings.get("foreign") != Some(&json!("adopt")) {
        out.skip(view, foreign::left("the detector", [&change]));
        return Ok(());
    }
    out.change(change);
    Ok(())
}

/// A plan that is not named would be turned on, so all are named.
fn create(view: &View<'_>, settings: &Settings) -> Change {
    let change = view.change("detector", Action::Create, "create the GuardDuty detector");
    let mut change = change.set("detector", Value::Null, json!("ENABLED"));
    for (setting, name, agents) in PLANS {
        change = change.set(name, Value::Null, wanted(settings, setting));
        for (setting, name) in agents {
            change = change.set(name, Value::Null, wanted_agent(settings, setting));
        }
    }
    let features: Vec<Value> = (0..PLANS.len()).filter_map(|place| entry(settings, place)).collect();
    let params = json!({
        "Enable": true, "ClientToken": view.token("detector"), "Features": features, "Tags": view.tag_map(),
    });
    change.call(view.call("guardduty", "CreateDetector", params)).writes(attribute(view))
}

fn update(view: &View<'_>, settings: &Settings, detector: &Row) -> Result<Change, Failure> {
    let id = row::text(detector, "DetectorId")?;
    let enabled = row::value(Some(detector), "Status")?;
    let now = row::value(Some(detector), "Features")?;
    let mut change = view.change("detector", Action::Update, "keep the GuardDuty detector as described");
    change = change.set("detector", enabled.clone(), json!("ENABLED"));

    let old = status_of(&now, OLD_RUNTIME);
    if settings.get("runtime_monitoring") == Some(&json!(true)) && old == json!("ENABLED") {
        // First and alone: both ways of runtime monitoring in one request are an error.
        let params = json!({ "DetectorId": id, "Features": [{ "Name": OLD_RUNTIME, "Status": "DISABLED" }] });
        change = change.set(OLD_RUNTIME, old, json!("DISABLED"));
        change = change.call(view.call("guardduty", "UpdateDetector", params));
    }
    let mut features: Vec<Value> = Vec::new();
    for (place, (setting, name, agents)) in PLANS.into_iter().enumerate() {
        let before = change.settings.len();
        change = compare(change, name, status_of(&now, name), wanted(settings, setting));
        let configured = feature_of(&now, name).and_then(|entry| entry.get("AdditionalConfiguration"));
        for (setting, name) in agents {
            let there = configured.map_or(Value::Null, |agents| status_of(agents, name));
            change = compare(change, name, there, wanted_agent(settings, setting));
        }
        if change.settings.len() > before {
            features.extend(entry(settings, place));
        }
    }
    let mut params = json!({ "DetectorId": id });
    if !features.is_empty() {
        params["Features"] = json!(features);
    }
    if enabled != json!("ENABLED") {
        params["Enable"] = json!(true);
    }
    if params.get("Features").is_some() || params.get("Enable").is_some() {
        change = change.call(view.call("guardduty", "UpdateDetector", params));
    }
    let tags = row::value(Some(detector), "tags")?;
    if !view.is_ours(&tags) {
        let arn = view.arn("guardduty", view.region().as_str(), &format!("detector/{id}"));
        let params = json!({ "ResourceArn": arn, "Tags": view.tag_map() });
        change = change.set("tags", tags, view.tag_map()).call(view.call("guardduty", "TagResource", params));
    }
    Ok(change.writes(attribute(view)))
}

fn attribute(view: &View<'_>) -> String {
    format!("guardduty/{}#detector", view.cell)
}

/// Notes a plan that is not as wanted. One that the detector does not name is off.
fn compare(change: Change, name: &str, before: Value, wanted: Value) -> Change {
    if before.is_null() && wanted == json!("DISABLED") { change } else { change.set(name, before, wanted) }
}

fn wants(settings: &Settings, setting: &str) -> bool {
    settings.get(setting).and_then(Value::as_bool).unwrap_or(false)
}

fn wanted(settings: &Settings, setting: &str) -> Value {
    json!(if wants(settings, setting) { "ENABLED" } else { "DISABLED" })
}

/// An agent without runtime monitoring has nothing to do.
fn wanted_agent(settings: &Settings, setting: &str) -> Value {
    if wants(settings, "runtime_monitoring") { wanted(settings, setting) } else { json!("DISABLED") }
}

/// A protection plan as the calls take it, whole with its agents.
fn entry(settings: &Settings, place: usize) -> Option<Value> {
    let (setting, name, agents) = PLANS.get(place)?;
    let mut entry = json!({ "Name": name, "Status": wanted(settings, setting) });
    if !agents.is_empty() {
        entry["AdditionalConfiguration"] = agents
            .iter()
            .map(|(setting, name)| json!({ "Name": name, "Status": wanted_agent(settings, setting) }))
            .collect();
    }
    Some(entry)
}

fn feature_of<'a>(features: &'a Value, name: &str) -> Option<&'a Value> {
    features.as_array().into_iter().flatten().find(|entry| entry.get("Name").and_then(Value::as_str) == Some(name))
}

/// The status of an entry of that name; null where there is none.
fn status_of(features: &Value, name: &str) -> Value {
    feature_of(features, name).and_then(|entry| entry.get("Status")).cloned().unwrap_or(Value::Null)
}
