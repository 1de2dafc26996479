//! The recorder and the delivery channel of AWS Config: one of each in a Region.

use serde_json::{Value, json};

use super::values::{merge, tags};
use super::{Account, put, row};

impl Account<'_> {
    pub(super) fn config(&mut self, params: &Value) {
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
                let old = self.find(RECORDERS).iter().find(|row| row.values["name"] == wanted["name"]).cloned();
                let kept = |column: &str, new: Value| old.as_ref().map_or(new, |row| row.values[column].clone());
                let values = json!({
                    "name": wanted["name"], "roleARN": role, "recordingGroup": group,
                    "recordingMode": wanted.get("recordingMode").cloned().unwrap_or(json!({ "recordingFrequency": "CONTINUOUS" })),
                    "arn": kept("arn", json!("arn:aws:config:recorder")), "status": kept("status", json!({ "recording": false })),
                    "tags": kept("tags", tags(&params["Tags"])),
                });
                self.rows(RECORDERS, |rows| *rows = vec![row("recorder", &values)]);
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
                self.rows("aws_config_delivery_channel", |rows| *rows = vec![row("channel", &values)]);
            }
            "StartConfigurationRecorder" => {
                assert!(!self.find("aws_config_delivery_channel").is_empty(), "NoAvailableDeliveryChannelException");
                self.with(RECORDERS, "name", &params["ConfigurationRecorderName"], |recorder| {
                    put(recorder, "status", json!({ "recording": true }));
                });
            }
            "TagResource" => {
                let more = tags(&params["Tags"]);
                self.with(RECORDERS, "arn", &params["ResourceArn"], |recorder| merge(recorder, "tags", &more));
            }
            _ => self.unknown(),
        }
    }
}
