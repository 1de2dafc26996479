//! `security-hub`: Security Hub CSPM with AWS Foundational Security Best Practices, its controls as the
//! directory wants them, findings of all Regions in the home Region.
//!
//! AWS: "Enabling Security Hub CSPM", "Disabling a control in specific standards", "Cross-Region aggregation",
//! "Automation rules". A member of an administrator can make neither aggregator nor automation rules, and its
//! standards may be the administrator's: it is left alone.

use std::collections::BTreeSet;

use dodai_facts::{Class, Failure, FeatureInfo, FeatureScope, Profile, Row, SettingInfo, SettingKind};
use dodai_org::{Account, Directory};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{config, foreign, security_hub_custom_role};
use crate::{Action, Feature, Out, View, row};

pub const FEATURE: Feature = Feature { info: &INFO, plan };

const HUB: &str = "aws_securityhub_hub";
const SUBSCRIPTIONS: &str = "aws_securityhub_standards_subscription";
const CONTROLS: &str = "aws_securityhub_standards_control";
const AGGREGATORS: &str = "aws_securityhub_finding_aggregator";
const REASON: &str = "disabled by the organization's baseline";

/// Most associations of one BatchUpdateStandardsControlAssociations.
const BATCH: usize = 100;

const INFO: FeatureInfo = FeatureInfo {
    id: "security-hub",
    title: "Security Hub CSPM",
    scope: FeatureScope::Region,
    class: Class::Maintained,
    profiles: &[Profile::Secure],
    needs: &[config::ID],
    reads: &[
        (HUB, &["HubArn", "ControlFindingGenerator", "administrator", "config_1_parameters", "tags"]),
        (SUBSCRIPTIONS, &["StandardsArn", "StandardsStatus"]),
        (CONTROLS, &["ControlId", "ControlStatus", "standards_arn"]),
        (AGGREGATORS, &["FindingAggregatorArn", "FindingAggregationRegion", "RegionLinkingMode"]),
        security_hub_custom_role::RULE_READS,
    ],
    settings: &[
        SettingInfo {
            name: "disabled_controls",
            kind: SettingKind::List { choices: &[] },
            basic: r#"["Account.1", "CloudTrail.5", "IAM.6"]"#,
            secure: r#"["Account.1", "CloudTrail.5", "IAM.6"]"#,
            doc: "controls that are disabled in every Region; others that somebody disabled stay as they are",
        },
        SettingInfo {
            name: "disabled_outside_home",
            kind: SettingKind::List { choices: &[] },
            basic: OUTSIDE_HOME,
            secure: OUTSIDE_HOME,
            doc: "controls on global resources, disabled in every Region but the home Region",
        },
        SettingInfo {
            name: "foreign",
            kind: SettingKind::Choice(&["leave", "adopt"]),
            basic: r#""leave""#,
            secure: r#""leave""#,
            doc: "what to do with a hub that is not ours: leave it (it satisfies this feature if its settings match), or keep it at our settings",
        },
    ],
    calls: &[
        "securityhub.EnableSecurityHub",
        "securityhub.UpdateSecurityHubConfiguration",
        "securityhub.TagResource",
        "securityhub.BatchEnableStandards",
        "securityhub.GetEnabledStandards",
        "securityhub.BatchUpdateStandardsControlAssociations",
        "securityhub.UpdateSecurityControl",
        "securityhub.CreateFindingAggregator",
        "securityhub.UpdateFindingAggregator",
        "securityhub.CreateAutomationRule",
        "securityhub.BatchUpdateAutomationRules",
    ],
};

const OUTSIDE_HOME: &str =
    r#"["Config.1", "IAM.1", "IAM.2", "IAM.3", "IAM.4", "IAM.5", "IAM.7", "IAM.8", "IAM.21", "KMS.1", "KMS.2"]"#;

#[derive(Deserialize)]
struct Settings {
    disabled_controls: Vec<String>,
    disabled_outside_home: Vec<String>,
    foreign: String,
}

/// The controls that the directory disables in an account's Security Hub.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DisabledControls {
    pub everywhere: BTreeSet<String>,
    /// In every Region but the home Region, beside those.
    pub outside_home: BTreeSet<String>,
}

/// None where the feature is off in the account.
pub fn disabled_controls(directory: &Directory, account: &Account) -> Option<DisabledControls> {
    let settings = directory.settings(account, &INFO)?;
    let settings: Settings = serde_json::from_value(settings.into()).ok()?;
    Some(DisabledControls {
        everywhere: settings.disabled_controls.into_iter().collect(),
        outside_home: settings.disabled_outside_home.into_iter().collect(),
    })
}

fn plan(view: &View<'_>, out: &mut Out) -> Result<(), Failure> {
    let settings: Settings = view.settings()?;
    if !view.has(config::ID) {
        out.skip(view, "needs `config`, which is off: most controls are AWS Config rules");
        return Ok(());
    }
    let hub = view.row(HUB)?;
    if let Some(hub) = hub
        && let Some(administrator) = hub.get("administrator").known()?.and_then(Value::as_str)
    {
        out.skip(view, format!("governed by the Security Hub administrator {administrator}"));
        return Ok(());
    }
    let mut cell = Out::default();
    let ours = plan_hub(view, hub, &mut cell)?;
    plan_standard(view, &mut cell)?;
    plan_controls(view, &settings, &mut cell)?;
    if view.is_home() {
        plan_aggregator(view, &mut cell)?;
    }
    security_hub_custom_role::plan(view, hub, &mut cell)?;
    if !ours && settings.foreign == "leave" {
        out.skip(view, foreign::left("the hub", &cell.changes));
        return Ok(());
    }
    out.skipped.append(&mut cell.skipped);
    out.changes.append(&mut cell.changes);
    Ok(())
}

/// The hub and what holds for it as a whole. Answers whether it is ours.
fn plan_hub(view: &View<'_>, hub: Option<&Row>, out: &mut Out) -> Result<bool, Failure> {
    let writes = format!("securityhub/{}#hub", view.cell);
    let Some(hub) = hub else {
        let change = view.change("hub", Action::Create, "turn on Security Hub CSPM");
        let params = json!({
            "EnableDefaultStandards": false, "ControlFindingGenerator": "SECURITY_CONTROL", "Tags": view.tag_map(),
        });
        let call = view.call("securityhub", "EnableSecurityHub", params).already(&["ResourceConflictException"]);
        let change = change.set("hub", Value::Null, json!("on"));
        out.change(change.set("consolidated control findings", Value::Null, json!(true)).call(call).writes(writes));
        return Ok(true);
    };
    let mut change = view.change("hub", Action::Update, "keep Security Hub CSPM as described");
    let generator = row::value(Some(hub), "ControlFindingGenerator")?;
    if generator != json!("SECURITY_CONTROL") {
        let params = json!({ "ControlFindingGenerator": "SECURITY_CONTROL" });
        change = change.set("consolidated control findings", json!(false), json!(true)).call(view.call(
            "securityhub",
            "UpdateSecurityHubConfiguration",
            params,
        ));
    }
    let tags = row::value(Some(hub), "tags")?;
    let ours = view.is_ours(&tags);
    if !ours {
        let params = json!({ "ResourceArn": row::text(hub, "HubArn")?, "Tags": view.tag_map() });
        change = change.set("tags", tags, view.tag_map()).call(view.call("securityhub", "TagResource", params));
    }
    out.change(change.writes(writes));
    Ok(ours)
}

fn standard_arn(view: &View<'_>) -> String {
    format!(
        "arn:{}:securityhub:{}::standards/aws-foundational-security-best-practices/v/1.0.0",
        view.context.partition,
        view.region()
    )
}

/// Whether the standard is on, or about to be.
fn is_subscribed(view: &View<'_>) -> Result<bool, Failure> {
    match row::named(view.rows(SUBSCRIPTIONS)?, "StandardsArn", &standard_arn(view))? {
        Some(subscription) => Ok(row::text(subscription, "StandardsStatus")? != "DELETING"),
        None => Ok(false),
    }
}

fn plan_standard(view: &View<'_>, out: &mut Out) -> Result<(), Failure> {
    if is_subscribed(view)? {
        return Ok(());
    }
    let arn = standard_arn(view);
    let mut change = view.change("standard", Action::Create, "turn on AWS Foundational Security Best Practices");
    let params = json!({ "StandardsSubscriptionRequests": [{ "StandardsArn": arn }] });
    change = change
        .set("AWS Foundational Security Best Practices v1.0.0", Value::Null, json!("on"))
        .call(view.call("securityhub", "BatchEnableStandards", params))
        .call(
            view.call("securityhub", "GetEnabledStandards", json!({}))
                .until(
                    &format!("StandardsSubscriptions[?StandardsArn=='{arn}'] | [0].StandardsStatus"),
                    &["READY", "INCOMPLETE"],
                    &["FAILED"],
                    600,
                )
                // A hub that was turned on a moment ago is not seen everywhere yet.
                .not_yet(&["InvalidAccessException"], 60),
        );
    for earlier in &out.changes {
        change = change.needs(earlier.id.clone());
    }
    out.change(change.writes(format!("securityhub/{}#standard", view.cell)));
    Ok(())
}

fn plan_controls(view: &View<'_>, settings: &Settings, out: &mut Out) -> Result<(), Failure> {
    let mut wanted: BTreeSet<&str> = settings.disabled_controls.iter().map(String::as_str).collect();
    if !view.is_home() {
        wanted.extend(settings.disabled_outside_home.iter().map(String::as_str));
    }
    let subscribed = is_subscribed(view)?;
    if subscribed {
        // A control that the standard does not have, or that is not offered in the Region, has nothing to disable.
        let arn = standard_arn(view);
        let mut enabled = BTreeSet::new();
        for control in view.rows(CONTROLS)? {
            if row::text(control, "standards_arn")? == arn && row::text(control, "ControlStatus")? == "ENABLED" {
                enabled.insert(row::text(control, "ControlId")?);
            }
        }
        wanted.retain(|control| enabled.contains(control));
    }
    if wanted.is_empty() {
        return Ok(());
    }
    let mut change = view.change("controls", Action::Update, "disable controls");
    let before = if subscribed { json!("enabled") } else { Value::Null };
    let wanted: Vec<&str> = wanted.into_iter().collect();
    for control in &wanted {
        change = change.set(control, before.clone(), json!("disabled"));
    }
    for batch in wanted.chunks(BATCH) {
        let updates: Vec<Value> = batch
            .iter()
            .map(|control| {
                json!({
                    "StandardsArn": standard_arn(view), "SecurityControlId": control,
                    "AssociationStatus": "DISABLED", "UpdatedReason": REASON,
                })
            })
            .collect();
        let params = json!({ "StandardsControlAssociationUpdates": updates });
        // What could not be processed stands in a reply that says 200; the update may be repeated. A control that
        // is not offered in the Region (RESOURCE_NOT_FOUND) has nothing to disable.
        change = change.call(view.call("securityhub", "BatchUpdateStandardsControlAssociations", params).until_empty(
            "UnprocessedAssociationUpdates[?ErrorCode != 'RESOURCE_NOT_FOUND' && ErrorCode != 'NOT_FOUND']",
            60,
        ));
    }
    for earlier in &out.changes {
        change = change.needs(earlier.id.clone());
    }
    out.change(change.writes(format!("securityhub/{}#controls", view.cell)));
    Ok(())
}

fn plan_aggregator(view: &View<'_>, out: &mut Out) -> Result<(), Failure> {
    let writes = format!("securityhub/{}#aggregator", view.account.id);
    let mode = json!({ "RegionLinkingMode": "ALL_REGIONS" });
    let change = match view.row(AGGREGATORS)? {
        None => view
            .change("aggregator", Action::Create, "gather findings of all Regions in the home Region")
            .set("linked Regions", Value::Null, json!("ALL_REGIONS"))
            .call(view.call("securityhub", "CreateFindingAggregator", mode)),
        Some(aggregator) => {
            let region = row::text(aggregator, "FindingAggregationRegion")?;
            if region != view.region().as_str() {
                out.skip(view, format!("findings are gathered in {region} already: an account has one such Region"));
                return Ok(());
            }
            let now = row::value(Some(aggregator), "RegionLinkingMode")?;
            if now == json!("ALL_REGIONS") {
                return Ok(());
            }
            let arn = row::text(aggregator, "FindingAggregatorArn")?;
            let params = json!({ "FindingAggregatorArn": arn, "RegionLinkingMode": "ALL_REGIONS" });
            view.change("aggregator", Action::Update, "gather findings of all Regions in the home Region")
                .set("linked Regions", now, json!("ALL_REGIONS"))
                .call(view.call("securityhub", "UpdateFindingAggregator", params))
        }
    };
    let change = out
        .changes
        .iter()
        .filter(|earlier| earlier.resource == "hub")
        .fold(change, |change, hub| change.needs(hub.id.clone()));
    out.change(change.writes(writes));
    Ok(())
}
