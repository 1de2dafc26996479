//! Detectors: one in a Region. A token makes the same request the same detector.

use serde_json::{Value, json};

use super::values::{merge, take_features};
use super::{Account, Answer, Refused, put};

impl Account<'_> {
    pub(super) fn guardduty(&mut self, params: &Value) -> Answer {
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
                if let Some(there) = self.find(DETECTORS).first() {
                    let again = there.values.get("token") == Some(&params["ClientToken"]);
                    let reply = json!({ "DetectorId": there.values["DetectorId"] });
                    return if again { Ok(reply) } else { Err(Refused("BadRequestException")) };
                }
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
                    "token": params["ClientToken"],
                });
                self.add(DETECTORS, "d1", &values);
                return Ok(json!({ "DetectorId": "d1" }));
            }
            "UpdateDetector" => self.with(DETECTORS, "DetectorId", &params["DetectorId"], |detector| {
                if params["Enable"] == true {
                    put(detector, "Status", json!("ENABLED"));
                }
                if let Some(Value::Array(features)) = detector.values.get_mut("Features") {
                    take_features(features, &params["Features"]);
                }
            }),
            "TagResource" => {
                let id = params["ResourceArn"].as_str().unwrap().rsplit('/').next().unwrap().to_owned();
                self.with(DETECTORS, "DetectorId", &json!(id), |detector| merge(detector, "tags", &params["Tags"]));
            }
            _ => self.unknown(),
        }
        Ok(Value::Null)
    }
}
