//! The IAM action that a call needs. It is mostly the call's own name with the service's IAM prefix; what
//! differs stands in `permissions.yaml`, from the Service Authorization Reference.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use serde::Deserialize;

use crate::Models;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Permissions {
    /// IAM prefixes that are not the signing name, by service.
    prefixes: BTreeMap<String, String>,
    /// Services whose actions are HTTP methods, with their prefix: `apigateway:GET`.
    methods: BTreeMap<String, String>,
    /// Calls whose action has another name.
    calls: BTreeMap<String, String>,
}

fn permissions() -> Option<&'static Permissions> {
    static PERMISSIONS: OnceLock<Option<Permissions>> = OnceLock::new();
    PERMISSIONS.get_or_init(|| serde_saphyr::from_str(include_str!("permissions.yaml")).ok()).as_ref()
}

/// The IAM action of a call: `s3:ListAllMyBuckets` for `s3.ListBuckets`. None for what is not a call of a
/// known service.
pub fn permission_of(call: &str) -> Option<String> {
    let (service, operation) = call.split_once('.')?;
    let permissions = permissions()?;
    if let Some(action) = permissions.calls.get(call) {
        return Some(action.clone());
    }
    let model = Models::embedded().service(service)?;
    let found = model.operation(operation)?;
    if let Some(prefix) = permissions.methods.get(service) {
        return Some(format!("{prefix}:{}", found.method));
    }
    let prefix = permissions.prefixes.get(service).unwrap_or(&model.signing_name);
    Some(format!("{prefix}:{operation}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_have_their_action() {
        for (call, action) in [
            ("s3.ListBuckets", Some("s3:ListAllMyBuckets")),
            ("s3.GetBucketEncryption", Some("s3:GetEncryptionConfiguration")),
            ("s3control.GetPublicAccessBlock", Some("s3:GetAccountPublicAccessBlock")),
            ("guardduty.ListDetectors", Some("guardduty:ListDetectors")),
            ("ec2.DescribeVpcs", Some("ec2:DescribeVpcs")),
            ("stepfunctions.ListStateMachines", Some("states:ListStateMachines")),
            ("cloudwatch.DescribeAlarms", Some("cloudwatch:DescribeAlarms")),
            ("apigateway.GetRestApis", Some("apigateway:GET")),
            ("ec2.DescribeVpc", None),
            ("nonsense.Call", None),
            ("nonsense", None),
        ] {
            assert_eq!(permission_of(call).as_deref(), action, "{call}");
        }
    }

    #[test]
    fn every_exception_is_a_call_that_exists() {
        let permissions = permissions().unwrap();
        for call in permissions.calls.keys() {
            let (service, operation) = call.split_once('.').unwrap();
            assert!(Models::embedded().service(service).unwrap().operation(operation).is_some(), "{call}");
        }
        for service in permissions.prefixes.keys().chain(permissions.methods.keys()) {
            assert!(Models::embedded().service(service).is_some(), "{service}");
        }
    }
}
