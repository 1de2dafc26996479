//! A detector's features (protection plans). Follows "CreateDetector" and "UpdateDetector" of the Amazon GuardDuty API
//! Reference: a new detector has all optional features but runtime monitoring; an update changes what it names;
//! `RUNTIME_MONITORING` and `EKS_RUNTIME_MONITORING` exclude each other.

use serde_json::{Map, Value, json};

use super::bad_request;
use crate::reply::AwsError;

/// The foundational data sources, always on, listed but not settable.
const FOUNDATIONAL: [&str; 3] = ["CLOUD_TRAIL", "DNS_LOGS", "FLOW_LOGS"];
/// Optional features, whether a new detector has them on, and their additional configurations.
const OPTIONAL: [(&str, bool, &[&str]); 7] = [
    ("S3_DATA_EVENTS", true, &[]),
    ("EKS_AUDIT_LOGS", true, &[]),
    ("EBS_MALWARE_PROTECTION", true, &[]),
    ("RDS_LOGIN_EVENTS", true, &[]),
    ("LAMBDA_NETWORK_LOGS", true, &[]),
    ("EKS_RUNTIME_MONITORING", false, &["EKS_ADDON_MANAGEMENT"]),
    ("RUNTIME_MONITORING", false, &["EKS_ADDON_MANAGEMENT", "ECS_FARGATE_AGENT_MANAGEMENT", "EC2_AGENT_MANAGEMENT"]),
];

/// A feature or an additional configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Switch {
    name: &'static str,
    enabled: bool,
    /// Seconds since 1970.
    updated: i64,
    additional: Vec<Switch>,
}

/// All features of one detector.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Features(Vec<Switch>);

impl Features {
    pub(super) fn of_a_new_detector(now: i64) -> Self {
        let switch = |name, enabled| Switch { name, enabled, updated: now, additional: Vec::new() };
        let optional = OPTIONAL.iter().map(|(name, enabled, additional)| Switch {
            additional: additional.iter().map(|name| switch(name, false)).collect(),
            ..switch(name, *enabled)
        });
        Self(FOUNDATIONAL.iter().map(|name| switch(name, true)).chain(optional).collect())
    }

    /// Changes the features that a request names (members `name`, `status`, `additionalConfiguration`), all or none.
    pub(super) fn merge(&mut self, asked: &[Map<String, Value>], now: i64) -> Result<(), AwsError> {
        let names: Vec<&str> = asked.iter().filter_map(|feature| feature.get("name")?.as_str()).collect();
        if names.contains(&"RUNTIME_MONITORING") && names.contains(&"EKS_RUNTIME_MONITORING") {
            return Err(both());
        }
        let mut merged = self.clone();
        for feature in asked {
            let name = feature.get("name").and_then(Value::as_str).unwrap_or_default();
            let settable = !FOUNDATIONAL.contains(&name);
            let switch = merged.0.iter_mut().find(|switch| settable && switch.name == name);
            let switch = switch.ok_or_else(|| {
                bad_request(format!("The request is rejected because the feature {name} is not supported."))
            })?;
            switch.set(feature, now)?;
            for additional in feature.get("additionalConfiguration").and_then(Value::as_array).into_iter().flatten() {
                let additional = additional.as_object().cloned().unwrap_or_default();
                let name = additional.get("name").and_then(Value::as_str).unwrap_or_default();
                let known = switch.additional.iter_mut().find(|known| known.name == name);
                let known = known.ok_or_else(|| {
                    bad_request(format!(
                        "The request is rejected because the additional configuration {name} is not supported."
                    ))
                })?;
                known.set(&additional, now)?;
            }
        }
        let on = |name: &str| merged.0.iter().any(|switch| switch.name == name && switch.enabled);
        if on("RUNTIME_MONITORING") && on("EKS_RUNTIME_MONITORING") {
            return Err(both());
        }
        *self = merged;
        Ok(())
    }

    pub(super) fn describe(&self) -> Vec<Value> {
        self.0.iter().map(Switch::describe).collect()
    }
}

fn both() -> AwsError {
    bad_request(
        "The request is rejected because RUNTIME_MONITORING and EKS_RUNTIME_MONITORING cannot be enabled together.",
    )
}

impl Switch {
    fn set(&mut self, asked: &Map<String, Value>, now: i64) -> Result<(), AwsError> {
        let enabled = match asked.get("status").and_then(Value::as_str) {
            Some("ENABLED") => true,
            Some("DISABLED") => false,
            None => return Ok(()),
            Some(other) => return Err(bad_request(format!("The request is rejected because `{other}` is no status."))),
        };
        if self.enabled != enabled {
            self.updated = now;
        }
        self.enabled = enabled;
        Ok(())
    }

    fn describe(&self) -> Value {
        let mut value = json!({
            "name": self.name,
            "status": if self.enabled { "ENABLED" } else { "DISABLED" },
            "updatedAt": self.updated,
        });
        if !self.additional.is_empty() {
            value["additionalConfiguration"] = self.additional.iter().map(Self::describe).collect();
        }
        value
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The names of the features that are on after these requests, additional ones after a slash.
    fn check(requests: &[Value], expected: Result<&[&str], &str>) {
        let mut features = Features::of_a_new_detector(1);
        let mut outcome = Ok(());
        for request in requests {
            let asked: Vec<_> =
                request.as_array().unwrap().iter().map(|one| one.as_object().unwrap().clone()).collect();
            outcome = outcome.and(features.merge(&asked, 2));
        }
        let on = features.0.iter().filter(|switch| switch.enabled && !FOUNDATIONAL.contains(&switch.name)).flat_map(
            |switch| {
                let additional = switch.additional.iter().filter(|additional| additional.enabled);
                let additional = additional.map(|additional| format!("{}/{}", switch.name, additional.name));
                std::iter::once(switch.name.to_owned()).chain(additional)
            },
        );
        let found = outcome.map(|()| on.collect::<Vec<_>>()).map_err(|error| error.code);
        assert_eq!(
            found,
            expected.map(|names| names.iter().map(|name| (*name).to_owned()).collect()).map_err(str::to_owned)
        );
    }

    const DEFAULT: [&str; 5] =
        ["S3_DATA_EVENTS", "EKS_AUDIT_LOGS", "EBS_MALWARE_PROTECTION", "RDS_LOGIN_EVENTS", "LAMBDA_NETWORK_LOGS"];

    #[test]
    fn what_is_not_named_is_left() {
        check(&[], Ok(&DEFAULT));
        check(&[json!([{"name": "S3_DATA_EVENTS", "status": "DISABLED"}])], Ok(&DEFAULT[1..]));
        let runtime = json!([{"name": "RUNTIME_MONITORING", "status": "ENABLED",
            "additionalConfiguration": [{"name": "EC2_AGENT_MANAGEMENT", "status": "ENABLED"}]}]);
        let more = json!([{"name": "RUNTIME_MONITORING", "status": "ENABLED",
            "additionalConfiguration": [{"name": "EKS_ADDON_MANAGEMENT", "status": "ENABLED"}]}]);
        let mut expected = DEFAULT.to_vec();
        expected.extend([
            "RUNTIME_MONITORING",
            "RUNTIME_MONITORING/EKS_ADDON_MANAGEMENT",
            "RUNTIME_MONITORING/EC2_AGENT_MANAGEMENT",
        ]);
        check(&[runtime, more], Ok(&expected));
    }

    #[test]
    fn runtime_monitoring_comes_in_one_kind() {
        let one = |name: &str| json!([{"name": name, "status": "ENABLED"}]);
        check(&[one("RUNTIME_MONITORING"), one("EKS_RUNTIME_MONITORING")], Err("BadRequestException"));
        let together = json!([{"name": "RUNTIME_MONITORING", "status": "ENABLED"},
            {"name": "EKS_RUNTIME_MONITORING", "status": "DISABLED"}]);
        check(&[together], Err("BadRequestException"));
        check(&[one("FLOW_LOGS")], Err("BadRequestException"));
    }
}
