//! Does to the rows what AWS would do for each call of a plan, in order, as far as the baseline can tell: what a
//! call needs must be there (a bucket before its policy, a channel before recording), what it leaves out is what
//! AWS makes of it.

use std::collections::BTreeMap;

use dodai_facts::{Call, Cell, Inventory, Listing, Reference, ReferenceError, Row};
use serde_json::{Value, json};

use super::organization_world;
use super::simulator_values::{merge, tags, take_features, take_trail};
use crate::Plan;

pub(super) fn edit(inventory: &mut Inventory, table: &str, cell: &Cell, edit: impl FnOnce(&mut Listing)) {
    let mut listing = inventory.get(table, cell).unwrap_or_else(|| panic!("{table} was not read in {cell}")).clone();
    edit(&mut listing);
    inventory.insert(table, cell.clone(), listing);
}

/// Gives the tags of accounts that were written.
pub(super) fn apply(inventory: &mut Inventory, plan: &Plan) -> BTreeMap<String, String> {
    let mut replies: BTreeMap<(String, usize), Value> = BTreeMap::new();
    let mut written = BTreeMap::new();
    for change in &plan.changes {
        for (number, call) in change.calls.iter().enumerate() {
            let mut resolve = |reference: &Reference| -> Result<Value, ReferenceError> {
                let reply = replies
                    .get(&(reference.change.clone(), reference.call))
                    .unwrap_or_else(|| panic!("{} comes before {reference}", change.id));
                let path = format!("/{}", reference.path.replace('.', "/"));
                Ok(reply.pointer(&path).unwrap_or_else(|| panic!("{reference} is not in {reply}")).clone())
            };
            let params = Reference::fill(&call.params, &mut resolve).unwrap();
            let reply = if call.service == "organizations" && call.operation == "TagResource" {
                let tags = tags(&params["Tags"]).as_object().cloned().unwrap();
                written.extend(tags.into_iter().map(|(key, value)| (key, value.as_str().unwrap().to_owned())));
                Value::Null
            } else if call.service == "organizations" {
                organization_world::act(inventory, &call.operation, &params)
            } else {
                Account { inventory, call, cell: &change.cell }.act(&params)
            };
            replies.insert((change.id.clone(), number), reply);
        }
    }
    written
}

pub(super) struct Account<'w> {
    inventory: &'w mut Inventory,
    pub(super) call: &'w Call,
    cell: &'w Cell,
}

impl Account<'_> {
    pub(super) fn region(&self) -> String {
        self.call.region.to_string()
    }

    fn cell_of(&self, table: &str) -> Cell {
        let account = self.cell.account().unwrap().clone();
        if ["aws_account_", "aws_iam_", "aws_s3_"].iter().any(|start| table.starts_with(start)) {
            Cell::Account(account)
        } else {
            Cell::Region(account, self.call.region.clone())
        }
    }

    fn rows(&mut self, table: &str, change: impl FnOnce(&mut Vec<Row>)) {
        let cell = self.cell_of(table);
        edit(self.inventory, table, &cell, |listing| change(&mut listing.rows));
    }

    pub(super) fn add(&mut self, table: &str, id: &str, values: &Value) {
        let row = super::row(id, values);
        self.rows(table, |rows| rows.push(row));
    }

    /// Changes the row whose column has this value, which must be there.
    pub(super) fn with(&mut self, table: &str, column: &str, value: &Value, change: impl FnOnce(&mut Row)) {
        let name = self.call.name();
        self.rows(table, |rows| {
            let row = rows.iter_mut().find(|row| row.values.get(column) == Some(value));
            change(row.unwrap_or_else(|| panic!("{name}: there is no {table} with {column} {value}")));
        });
    }

    pub(super) fn find(&self, table: &str) -> Vec<Row> {
        self.inventory.get(table, &self.cell_of(table)).unwrap().rows.clone()
    }

    fn act(&mut self, params: &Value) -> Value {
        match self.call.service.as_str() {
            "iam" if self.call.operation.contains("Role") && self.call.operation != "CreateServiceLinkedRole" => {
                self.role(params);
            }
            "iam" | "s3control" | "ec2" => self.account_wide(params),
            "account" => self.contact(params),
            "logs" => self.logs(params),
            "kms" => return self.kms(params),
            "s3" => self.s3(params),
            "cloudtrail" => self.cloudtrail(params),
            "config" => self.config(params),
            "guardduty" => self.guardduty(params),
            "securityhub" => self.securityhub(params),
            other => panic!("the simulator does not know {other}"),
        }
        Value::Null
    }

    fn account_wide(&mut self, params: &Value) {
        match self.call.operation.as_str() {
            "UpdateAccountPasswordPolicy" => {
                // What is left out goes back to AWS's default.
                let mut values =
                    json!({ "MinimumPasswordLength": 6, "AllowUsersToChangePassword": false, "HardExpiry": null });
                for name in ["Uppercase", "Lowercase"] {
                    values[format!("Require{name}Characters")] = json!(false);
                }
                for name in ["RequireNumbers", "RequireSymbols"] {
                    values[name] = json!(false);
                }
                for name in ["MaxPasswordAge", "PasswordReusePrevention"] {
                    values[name] = Value::Null;
                }
                values.as_object_mut().unwrap().extend(params.as_object().cloned().unwrap());
                self.rows("aws_iam_password_policy", |rows| *rows = vec![super::row("policy", &values)]);
            }
            "CreateServiceLinkedRole" => {
                let exists = self.has_linked_role();
                assert!(!exists || !self.call.already.is_empty(), "the role is there");
                if !exists {
                    self.add("aws_iam_role", "role", &json!({ "RoleName": "AWSServiceRoleForConfig" }));
                }
            }
            "PutPublicAccessBlock" => {
                let values = super::row("block", &params["PublicAccessBlockConfiguration"]);
                self.rows("aws_s3_account_public_access_block", |rows| *rows = vec![values]);
            }
            operation => {
                let (column, value) = match operation {
                    "EnableEbsEncryptionByDefault" => ("EbsEncryptionByDefault", json!(true)),
                    "ModifyEbsDefaultKmsKeyId" => ("default_key", params["KmsKeyId"].clone()),
                    "ResetEbsDefaultKmsKeyId" => ("default_key", json!("alias/aws/ebs")),
                    other => panic!("the simulator does not know {other}"),
                };
                self.rows("aws_ec2_ebs_encryption", |rows| super::put(&mut rows[0], column, value));
            }
        }
    }

    fn contact(&mut self, params: &Value) {
        assert_eq!(self.call.operation, "PutAlternateContact");
        let table = match params["AlternateContactType"].as_str().unwrap() {
            "BILLING" => "aws_account_billing_contact",
            "OPERATIONS" => "aws_account_operations_contact",
            "SECURITY" => "aws_account_security_contact",
            other => panic!("there is no contact {other}"),
        };
        let contact = super::row("contact", params);
        self.rows(table, |rows| *rows = vec![contact]);
    }

    fn kms(&mut self, params: &Value) -> Value {
        const KEYS: &str = "aws_kms_key";
        const ALIASES: &str = "aws_kms_alias";
        let (id, call) = (params["KeyId"].clone(), self.call);
        let mut put = |column: &'static str, value: Value| {
            self.with(KEYS, "KeyId", &id, |key| super::put(key, column, value));
        };
        match call.operation.as_str() {
            "CreateKey" => {
                let id = format!("key-{}", self.find(KEYS).len() + 1);
                let arn = format!("arn:aws:kms:{}:{}:key/{id}", self.region(), self.call.account);
                let values = json!({
                    "KeyId": id, "Arn": arn, "KeyState": "Enabled", "KeyManager": "CUSTOMER",
                    "rotation_enabled": false, "policy": params["Policy"], "tags": tags(&params["Tags"]),
                });
                self.add(KEYS, &arn, &values);
                return json!({ "KeyMetadata": { "KeyId": id, "Arn": arn } });
            }
            "CreateAlias" => {
                let is_free = self.find(ALIASES).iter().all(|alias| alias.values["AliasName"] != params["AliasName"]);
                assert!(is_free, "the alias is there");
                self.with(KEYS, "KeyId", &params["TargetKeyId"], |_| ());
                self.add(ALIASES, "alias", params);
            }
            "UpdateAlias" => {
                self.with(ALIASES, "AliasName", &params["AliasName"], |alias| {
                    super::put(alias, "TargetKeyId", params["TargetKeyId"].clone());
                });
            }
            "CancelKeyDeletion" => put("KeyState", json!("Disabled")),
            "EnableKey" => put("KeyState", json!("Enabled")),
            "EnableKeyRotation" => self.with(KEYS, "KeyId", &id, |key| {
                assert_eq!(key.values["KeyState"], "Enabled", "rotation of a key that is not enabled");
                super::put(key, "rotation_enabled", json!(true));
            }),
            "PutKeyPolicy" => put("policy", params["Policy"].clone()),
            "TagResource" => {
                let more = tags(&params["Tags"]);
                self.with(KEYS, "KeyId", &id, |key| merge(key, "tags", &more));
            }
            other => panic!("the simulator does not know {other}"),
        }
        Value::Null
    }

    fn s3(&mut self, params: &Value) {
        const BUCKETS: &str = "aws_s3_bucket";
        let bucket = params["Bucket"].clone();
        if self.call.operation == "CreateBucket" {
            let place = params["CreateBucketConfiguration"]["LocationConstraint"].as_str().unwrap_or("us-east-1");
            assert_eq!(place, self.region(), "the bucket is made elsewhere than the call goes");
            let mut values = json!({
                "Name": bucket, "BucketRegion": place, "public_access_block": null, "versioning": {}, "object_lock": null,
                "encryption": { "Rules": [{ "ApplyServerSideEncryptionByDefault": { "SSEAlgorithm": "AES256" } }] },
                "lifecycle": null, "request_payment": "BucketOwner", "policy": null,
                "tags": tags(&params["CreateBucketConfiguration"]["Tags"]),
            });
            if params["ObjectLockEnabledForBucket"] == true {
                values["object_lock"] = json!({ "ObjectLockEnabled": "Enabled" });
                values["versioning"] = json!({ "Status": "Enabled" });
            }
            self.add(BUCKETS, bucket.as_str().unwrap(), &values);
            return;
        }
        let (column, value) = match self.call.operation.as_str() {
            "PutPublicAccessBlock" => ("public_access_block", params["PublicAccessBlockConfiguration"].clone()),
            "PutBucketVersioning" => ("versioning", params["VersioningConfiguration"].clone()),
            "PutBucketEncryption" => ("encryption", params["ServerSideEncryptionConfiguration"].clone()),
            "PutObjectLockConfiguration" => ("object_lock", params["ObjectLockConfiguration"].clone()),
            "PutBucketLifecycleConfiguration" => {
                let mut rules = params["LifecycleConfiguration"]["Rules"].clone();
                for rule in rules.as_array_mut().unwrap() {
                    assert!(rule.get("Prefix").is_none() && rule.get("Filter").is_some(), "mixed forms: {rule}");
                    if rule["Filter"] == json!({ "Prefix": "" }) {
                        rule["Filter"] = json!({});
                    }
                }
                ("lifecycle", rules)
            }
            "PutBucketRequestPayment" => ("request_payment", params["RequestPaymentConfiguration"]["Payer"].clone()),
            "PutBucketPolicy" => ("policy", params["Policy"].clone()),
            "PutBucketTagging" => ("tags", tags(&params["Tagging"]["TagSet"])),
            other => panic!("the simulator does not know {other}"),
        };
        self.with(BUCKETS, "Name", &bucket, |bucket| {
            let needs_versions = column == "object_lock";
            assert!(!needs_versions || bucket.values["versioning"]["Status"] == "Enabled", "lock without versions");
            super::put(bucket, column, value);
        });
    }

    fn cloudtrail(&mut self, params: &Value) {
        const TRAILS: &str = "aws_cloudtrail_trail";
        let arn = |name: &Value, region: &str, account: &str| {
            format!("arn:aws:cloudtrail:{region}:{account}:trail/{}", name.as_str().unwrap())
        };
        match self.call.operation.as_str() {
            "CreateTrail" => {
                assert!(self.find(TRAILS).len() < 5, "MaximumNumberOfTrailsExceededException");
                let arn = arn(&params["Name"], &self.region(), self.call.account.as_str());
                let mut values = json!({
                    "TrailARN": arn, "HomeRegion": self.region(), "IsOrganizationTrail": false, "S3KeyPrefix": null,
                    "KmsKeyId": null, "status": { "IsLogging": false }, "tags": tags(&params["TagsList"]),
                    "CloudWatchLogsLogGroupArn": null, "CloudWatchLogsRoleArn": null,
                    "event_selectors": {
                        "EventSelectors": [{ "ReadWriteType": "All", "IncludeManagementEvents": true, "DataResources": [] }],
                    },
                });
                take_trail(values.as_object_mut().unwrap(), params);
                self.add(TRAILS, &arn, &values);
                self.may_deliver(&params["Name"]);
            }
            "UpdateTrail" => {
                self.with(TRAILS, "Name", &params["Name"], |trail| take_trail(&mut trail.values, params));
                self.may_deliver(&params["Name"]);
                self.may_deliver_events(params);
            }
            "StartLogging" => self.with(TRAILS, "Name", &params["Name"], |trail| {
                super::put(trail, "status", json!({ "IsLogging": true }));
            }),
            "PutEventSelectors" => self.with(TRAILS, "Name", &params["TrailName"], |trail| {
                let mut selectors = params.clone();
                selectors.as_object_mut().unwrap().shift_remove("TrailName");
                super::put(trail, "event_selectors", selectors);
            }),
            "AddTags" => {
                let more = tags(&params["TagsList"]);
                self.with(TRAILS, "TrailARN", &params["ResourceId"], |trail| merge(trail, "tags", &more));
            }
            other => panic!("the simulator does not know {other}"),
        }
    }

    /// What CloudTrail asks of the bucket's policy and the key's: that they name this trail.
    fn may_deliver(&mut self, name: &Value) {
        let trail = self.find("aws_cloudtrail_trail").into_iter().find(|trail| trail.values["Name"] == *name).unwrap();
        let arn = trail.values["TrailARN"].as_str().unwrap().to_owned();
        let mut names = |table: &str, column: &str, wanted: &Value| {
            self.with(table, column, wanted, |row| {
                let policy = row.values["policy"].as_str().unwrap_or_default();
                assert!(policy.contains(&arn), "the policy of {wanted} does not name {arn}: {policy}");
            });
        };
        names("aws_s3_bucket", "Name", &trail.values["S3BucketName"]);
        if !trail.values["KmsKeyId"].is_null() {
            names("aws_kms_key", "Arn", &trail.values["KmsKeyId"]);
        }
    }

    fn config(&mut self, params: &Value) {
        const RECORDERS: &str = "aws_config_recorder";
        match self.call.operation.as_str() {
            "PutConfigurationRecorder" => {
                let wanted = &params["ConfigurationRecorder"];
                let role = wanted["roleARN"].as_str().unwrap();
                let linked = role.ends_with("AWSServiceRoleForConfig");
                assert!(!linked || self.has_linked_role(), "InvalidRoleException");
                let mut group = wanted["recordingGroup"].clone();
                group["exclusionByResourceTypes"] = json!({ "resourceTypes": [] });
                group["recordingStrategy"] = json!({ "useOnly": "whatever says the same again" });
                let old = self.find(RECORDERS).into_iter().find(|row| row.values["name"] == wanted["name"]);
                let kept = |column: &str, new: Value| old.as_ref().map_or(new, |row| row.values[column].clone());
                let values = json!({
                    "name": wanted["name"], "roleARN": role, "recordingGroup": group,
                    "recordingMode": wanted.get("recordingMode").cloned().unwrap_or(json!({ "recordingFrequency": "CONTINUOUS" })),
                    "arn": kept("arn", json!("arn:aws:config:recorder")), "status": kept("status", json!({ "recording": false })),
                    "tags": kept("tags", tags(&params["Tags"])),
                });
                self.rows(RECORDERS, |rows| *rows = vec![super::row("recorder", &values)]);
            }
            "PutDeliveryChannel" => {
                assert!(!self.find(RECORDERS).is_empty(), "NoAvailableConfigurationRecorderException");
                let wanted = &params["DeliveryChannel"];
                self.with("aws_s3_bucket", "Name", &wanted["s3BucketName"], |bucket| {
                    assert!(
                        bucket.values["policy"].as_str().unwrap().contains("config.amazonaws.com"),
                        "delivery policy"
                    );
                });
                let mut values = json!({
                    "s3KeyPrefix": null, "s3KmsKeyArn": null, "snsTopicARN": null, "configSnapshotDeliveryProperties": null,
                });
                values.as_object_mut().unwrap().extend(wanted.as_object().cloned().unwrap());
                self.rows("aws_config_delivery_channel", |rows| *rows = vec![super::row("channel", &values)]);
            }
            "StartConfigurationRecorder" => {
                assert!(!self.find("aws_config_delivery_channel").is_empty(), "NoAvailableDeliveryChannelException");
                self.with(RECORDERS, "name", &params["ConfigurationRecorderName"], |recorder| {
                    super::put(recorder, "status", json!({ "recording": true }));
                });
            }
            "TagResource" => {
                let more = tags(&params["Tags"]);
                self.with(RECORDERS, "arn", &params["ResourceArn"], |recorder| merge(recorder, "tags", &more));
            }
            other => panic!("the simulator does not know {other}"),
        }
    }

    fn guardduty(&mut self, params: &Value) {
        const DETECTORS: &str = "aws_guardduty_detector";
        let named = |list: &Value, name: &str| {
            list.as_array().is_some_and(|list| list.iter().any(|entry| entry["Name"] == name))
        };
        assert!(
            !(named(&params["Features"], "RUNTIME_MONITORING") && named(&params["Features"], "EKS_RUNTIME_MONITORING")),
            "both ways of runtime monitoring in one request"
        );
        match self.call.operation.as_str() {
            "CreateDetector" => {
                assert!(self.find(DETECTORS).is_empty(), "a detector is there");
                // Whatever is not named is turned on, but for runtime monitoring.
                let plans = [
                    "S3_DATA_EVENTS",
                    "EKS_AUDIT_LOGS",
                    "EBS_MALWARE_PROTECTION",
                    "RDS_LOGIN_EVENTS",
                    "LAMBDA_NETWORK_LOGS",
                ];
                let mut features: Vec<Value> =
                    plans.iter().map(|name| json!({ "Name": name, "Status": "ENABLED" })).collect();
                features.push(json!({ "Name": "RUNTIME_MONITORING", "Status": "DISABLED" }));
                features.push(json!({ "Name": "CLOUD_TRAIL", "Status": "ENABLED" }));
                take_features(&mut features, &params["Features"]);
                let values = json!({
                    "DetectorId": "d1", "Status": "ENABLED", "Features": features, "tags": params["Tags"], "administrator": null,
                });
                self.add(DETECTORS, "d1", &values);
            }
            "UpdateDetector" => self.with(DETECTORS, "DetectorId", &params["DetectorId"], |detector| {
                if params["Enable"] == true {
                    super::put(detector, "Status", json!("ENABLED"));
                }
                if let Some(Value::Array(features)) = detector.values.get_mut("Features") {
                    take_features(features, &params["Features"]);
                }
            }),
            "TagResource" => {
                let id = params["ResourceArn"].as_str().unwrap().rsplit('/').next().unwrap().to_owned();
                self.with(DETECTORS, "DetectorId", &json!(id), |detector| merge(detector, "tags", &params["Tags"]));
            }
            other => panic!("the simulator does not know {other}"),
        }
    }

    fn securityhub(&mut self, params: &Value) {
        const HUB: &str = "aws_securityhub_hub";
        const CONTROLS: &str = "aws_securityhub_standards_control";
        const RULES: &str = "aws_securityhub_automation_rule";
        let operation = self.call.operation.as_str();
        assert!(operation == "EnableSecurityHub" || !self.find(HUB).is_empty(), "{operation} without a hub");
        match operation {
            "EnableSecurityHub" => {
                assert_eq!(params["EnableDefaultStandards"], false);
                let values = json!({
                    "HubArn": "arn:hub", "ControlFindingGenerator": params["ControlFindingGenerator"], "administrator": null,
                    "tags": params["Tags"], "config_1_parameters": null,
                });
                self.add(HUB, "hub", &values);
            }
            "UpdateSecurityHubConfiguration" => {
                let generator = params["ControlFindingGenerator"].clone();
                self.rows(HUB, |rows| super::put(&mut rows[0], "ControlFindingGenerator", generator));
            }
            "TagResource" => {
                self.with(HUB, "HubArn", &params["ResourceArn"], |hub| merge(hub, "tags", &params["Tags"]));
            }
            "BatchEnableStandards" => {
                let arn = params["StandardsSubscriptionRequests"][0]["StandardsArn"].clone();
                let values = json!({ "StandardsArn": arn, "StandardsStatus": "READY" });
                self.rows("aws_securityhub_standards_subscription", |rows| *rows = vec![super::row("fsbp", &values)]);
                // IAM.21 is not offered outside of the home Region of these tests.
                let offered = ["Account.1", "CloudTrail.5", "Config.1", "IAM.1", "IAM.6", "KMS.1", "S3.1"];
                let rows = offered.map(|id| {
                    super::row(id, &json!({ "ControlId": id, "ControlStatus": "ENABLED", "standards_arn": arn }))
                });
                self.rows(CONTROLS, |there| *there = rows.to_vec());
            }
            "GetEnabledStandards" => {}
            "BatchUpdateStandardsControlAssociations" => {
                for update in params["StandardsControlAssociationUpdates"].as_array().unwrap() {
                    self.rows(CONTROLS, |rows| {
                        let control =
                            rows.iter_mut().find(|row| row.values["ControlId"] == update["SecurityControlId"]);
                        if let Some(control) = control {
                            super::put(control, "ControlStatus", update["AssociationStatus"].clone());
                        }
                    });
                }
            }
            "CreateFindingAggregator" | "UpdateFindingAggregator" => {
                let values = json!({
                    "FindingAggregatorArn": "arn:aggregator", "FindingAggregationRegion": self.region(),
                    "RegionLinkingMode": params["RegionLinkingMode"],
                });
                self.rows("aws_securityhub_finding_aggregator", |rows| *rows = vec![super::row("aggregator", &values)]);
            }
            "CreateAutomationRule" | "BatchUpdateAutomationRules" => {
                let rule = params.pointer("/UpdateAutomationRulesRequestItems/0").unwrap_or(params);
                let mut rule = rule.clone();
                rule["RuleArn"] = json!("arn:rule");
                self.rows(RULES, |rows| *rows = vec![super::row("rule", &rule)]);
            }
            "UpdateSecurityControl" => {
                self.rows(HUB, |rows| super::put(&mut rows[0], "config_1_parameters", params["Parameters"].clone()));
            }
            other => panic!("the simulator does not know {other}"),
        }
    }
}
