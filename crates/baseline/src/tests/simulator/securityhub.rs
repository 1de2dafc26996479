//! The hub with its standard, controls, aggregator and automation rules, of which there may be any number of one name.

use serde_json::{Value, json};

use super::values::merge;
use super::{Account, Answer, Refused, put, row};

const HUB: &str = "aws_securityhub_hub";
const SUBSCRIPTIONS: &str = "aws_securityhub_standards_subscription";
const CONTROLS: &str = "aws_securityhub_standards_control";
const AGGREGATORS: &str = "aws_securityhub_finding_aggregator";
const RULES: &str = "aws_securityhub_automation_rule";

impl Account<'_> {
    pub(super) fn securityhub(&mut self, params: &Value) -> Answer {
        let call = self.call;
        let operation = call.operation.as_str();
        if operation != "EnableSecurityHub" && self.find(HUB).is_empty() {
            return Err(Refused("InvalidAccessException"));
        }
        match operation {
            "EnableSecurityHub" => {
                assert_eq!(params["EnableDefaultStandards"], false);
                self.is_free(HUB, "HubArn", &json!("arn:hub"), "ResourceConflictException")?;
                let values = json!({
                    "HubArn": "arn:hub", "ControlFindingGenerator": params["ControlFindingGenerator"], "administrator": null,
                    "tags": params["Tags"], "config_1_parameters": null,
                });
                self.add(HUB, "hub", &values);
            }
            "UpdateSecurityHubConfiguration" => {
                let generator = params["ControlFindingGenerator"].clone();
                self.rows(HUB, |rows| put(&mut rows[0], "ControlFindingGenerator", generator));
            }
            "TagResource" => {
                self.with(HUB, "HubArn", &params["ResourceArn"], |hub| merge(hub, "tags", &params["Tags"]));
            }
            "BatchEnableStandards" => self.enable_standard(&params["StandardsSubscriptionRequests"][0]["StandardsArn"]),
            "GetEnabledStandards" => {
                let all: Vec<Value> = self.find(SUBSCRIPTIONS).iter().map(|row| json!(row.values)).collect();
                return Ok(json!({ "StandardsSubscriptions": all }));
            }
            "BatchUpdateStandardsControlAssociations" => {
                for update in params["StandardsControlAssociationUpdates"].as_array().unwrap() {
                    self.rows(CONTROLS, |rows| {
                        let control =
                            rows.iter_mut().find(|row| row.values["ControlId"] == update["SecurityControlId"]);
                        if let Some(control) = control {
                            put(control, "ControlStatus", update["AssociationStatus"].clone());
                        }
                    });
                }
            }
            "CreateFindingAggregator" | "UpdateFindingAggregator" => {
                if operation == "CreateFindingAggregator" && !self.find(AGGREGATORS).is_empty() {
                    return Err(Refused("InvalidInputException"));
                }
                let values = json!({
                    "FindingAggregatorArn": "arn:aggregator", "FindingAggregationRegion": self.region(),
                    "RegionLinkingMode": params["RegionLinkingMode"],
                });
                self.rows(AGGREGATORS, |rows| *rows = vec![row("aggregator", &values)]);
            }
            "CreateAutomationRule" => {
                let mut rule = params.clone();
                let arn = format!("arn:rule-{}", self.find(RULES).len() + 1);
                rule["RuleArn"] = json!(arn);
                self.add(RULES, &arn, &rule);
                return Ok(json!({ "RuleArn": arn }));
            }
            "BatchUpdateAutomationRules" => {
                let wanted = &params["UpdateAutomationRulesRequestItems"][0];
                self.with(RULES, "RuleArn", &wanted["RuleArn"], |rule| {
                    rule.values.extend(wanted.as_object().cloned().unwrap());
                });
            }
            "ListAutomationRules" => {
                let all: Vec<Value> = self.find(RULES).iter().map(|row| json!(row.values)).collect();
                return Ok(json!({ "AutomationRulesMetadata": all }));
            }
            "UpdateSecurityControl" => {
                self.rows(HUB, |rows| put(&mut rows[0], "config_1_parameters", params["Parameters"].clone()));
            }
            _ => self.unknown(),
        }
        Ok(Value::Null)
    }

    /// A standard that is on stays as it is.
    fn enable_standard(&mut self, arn: &Value) {
        let is_on = |row: &dodai_facts::Row| row.values["StandardsStatus"] != "DELETING";
        if self.find(SUBSCRIPTIONS).iter().any(is_on) {
            return;
        }
        let values = json!({ "StandardsArn": arn, "StandardsStatus": "READY" });
        self.rows(SUBSCRIPTIONS, |rows| *rows = vec![row("fsbp", &values)]);
        // IAM.21 is not offered outside of the home Region of these tests.
        let offered = ["Account.1", "CloudTrail.5", "Config.1", "IAM.1", "IAM.6", "KMS.1", "S3.1"];
        let rows =
            offered.map(|id| row(id, &json!({ "ControlId": id, "ControlStatus": "ENABLED", "standards_arn": arn })));
        self.rows(CONTROLS, |there| *there = rows.to_vec());
    }
}
