//! What Security Hub makes of a custom role of AWS Config: it fails KMS.2 (it may decrypt) and Config.1 (which asks
//! for the service-linked role). The one is suppressed by a rule, the other's parameter is set.
//!
//! AWS: "Automation rules", "Control parameters".

use dodai_facts::{Failure, Find, Row};
use serde_json::{Value, json};

use super::config;
use crate::{Action, Out, View, document, row};

const RULES: &str = "aws_securityhub_automation_rule";
const RULE_NAME: &str = "dodai-config-role-kms-2";

pub(super) const RULE_READS: (&str, &[&str]) =
    (RULES, &["RuleArn", "RuleName", "RuleStatus", "RuleOrder", "IsTerminal", "Criteria", "Actions"]);

/// The parameter of Config.1 that asks for the service-linked role.
const PARAMETER: &str = "includeConfigServiceLinkedRoleCheck";

pub(super) fn plan(view: &View<'_>, hub: Option<&Row>, out: &mut Out) -> Result<(), Failure> {
    let Some(role) = config::custom_role(view)? else { return Ok(()) };
    let hub_change = out.changes.iter().find(|change| change.resource == "hub").map(|change| change.id.clone());
    for change in [rule(view, &role)?, config_1(view, hub)?] {
        out.change(hub_change.iter().fold(change, |change, id| change.needs(id.clone())));
    }
    Ok(())
}

fn rule(view: &View<'_>, role: &str) -> Result<crate::Change, Failure> {
    let found = row::named(view.rows(RULES)?, "RuleName", RULE_NAME)?;
    let action = if found.is_some() { Action::Update } else { Action::Create };
    let mut change = view.change("automation-rule", action, format!("suppress KMS.2 for the role `{role}`"));
    let mut wanted = wanted(role);
    for (name, value) in wanted.as_object().into_iter().flatten() {
        let before = row::value(found, name)?;
        if !document::is_same(&before, value) {
            change = change.set(name, before, value.clone());
        }
    }
    change = change.writes(format!("securityhub/{}#automation-rule", view.cell));
    if change.settings.is_empty() {
        return Ok(change);
    }
    wanted["RuleName"] = json!(RULE_NAME);
    wanted["Description"] = json!("The custom role of AWS Config must decrypt what it delivers");
    Ok(change.call(match found {
        None => {
            wanted["Tags"] = view.tag_map();
            let find = Find {
                service: "securityhub".to_owned(),
                operation: "ListAutomationRules".to_owned(),
                params: json!({}),
                take: format!("AutomationRulesMetadata[?RuleName=='{RULE_NAME}'] | [0].{{RuleArn: RuleArn}}"),
            };
            view.call("securityhub", "CreateAutomationRule", wanted).find(find)
        }
        Some(found) => {
            wanted["RuleArn"] = json!(row::text(found, "RuleArn")?);
            let params = json!({ "UpdateAutomationRulesRequestItems": [wanted] });
            view.call("securityhub", "BatchUpdateAutomationRules", params).until_empty("UnprocessedAutomationRules", 60)
        }
    }))
}

fn wanted(role: &str) -> Value {
    json!({
        "RuleStatus": "ENABLED",
        "RuleOrder": 100,
        "IsTerminal": false,
        "Criteria": {
            "GeneratorId": [{ "Value": "security-control/KMS.2", "Comparison": "EQUALS" }],
            "ResourceId": [{ "Value": role, "Comparison": "EQUALS" }],
            "RecordState": [{ "Value": "ACTIVE", "Comparison": "EQUALS" }],
            "WorkflowStatus": [{ "Value": "NEW", "Comparison": "EQUALS" }],
        },
        "Actions": [{
            "Type": "FINDING_FIELDS_UPDATE", "FindingFieldsUpdate": { "Workflow": { "Status": "SUPPRESSED" } },
        }],
    })
}

fn config_1(view: &View<'_>, hub: Option<&Row>) -> Result<crate::Change, Failure> {
    let parameters = row::value(hub, "config_1_parameters")?;
    // AWS's default is true.
    let before = parameters.pointer(&format!("/{PARAMETER}/Value/Boolean")).cloned().unwrap_or(json!(true));
    let change = view.change("config-1", Action::Update, "let Config.1 accept the custom role");
    if before == json!(false) {
        return Ok(change);
    }
    let params = json!({
        "SecurityControlId": "Config.1",
        "Parameters": { PARAMETER: { "ValueType": "CUSTOM", "Value": { "Boolean": false } } },
        "LastUpdateReason": "AWS Config uses a custom role",
    });
    Ok(change
        .set(PARAMETER, before, json!(false))
        .call(view.call("securityhub", "UpdateSecurityControl", params))
        .writes(format!("securityhub/{}#config-1", view.cell)))
}
