//! Trails, and what CloudTrail asks of the policies of what it delivers to.

use serde_json::{Value, json};

use super::values::{merge, tags, take_trail};
use super::{Account, Answer, put};

impl Account<'_> {
    pub(super) fn cloudtrail(&mut self, params: &Value) -> Answer {
        const TRAILS: &str = "aws_cloudtrail_trail";
        let arn = |name: &Value, region: &str, account: &str| {
            format!("arn:aws:cloudtrail:{region}:{account}:trail/{}", name.as_str().unwrap())
        };
        match self.call.operation.as_str() {
            "CreateTrail" => {
                self.is_free(TRAILS, "Name", &params["Name"], "TrailAlreadyExistsException")?;
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
                put(trail, "status", json!({ "IsLogging": true }));
            }),
            "PutEventSelectors" => self.with(TRAILS, "Name", &params["TrailName"], |trail| {
                let mut selectors = params.clone();
                selectors.as_object_mut().unwrap().shift_remove("TrailName");
                put(trail, "event_selectors", selectors);
            }),
            "AddTags" => {
                let more = tags(&params["TagsList"]);
                self.with(TRAILS, "TrailARN", &params["ResourceId"], |trail| merge(trail, "tags", &more));
            }
            _ => self.unknown(),
        }
        Ok(Value::Null)
    }

    /// What CloudTrail asks of the bucket's policy and the key's: that they name this trail.
    fn may_deliver(&mut self, name: &Value) {
        let trail =
            self.find("aws_cloudtrail_trail").iter().find(|trail| trail.values["Name"] == *name).unwrap().clone();
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
}
