//! Route 53 answers with ids in front of which stands what they are (`/hostedzone/Z123`), and takes them bare.

use dodai_models::{Operation, Service};
use serde_json::{Map, Value};

use super::{structure, value};

/// Shapes of ids that may come with a prefix.
const SHAPES: [&str; 3] = ["ResourceId", "DelegationSetId", "ChangeId"];
const PREFIXES: [&str; 3] = ["hostedzone/", "delegationset/", "change/"];

/// The parameters with bare ids, where some are not.
pub(super) fn bare_ids(
    service: &Service,
    operation: &Operation,
    params: &Map<String, Value>,
) -> Option<Map<String, Value>> {
    let input = (service.name == "route53").then(|| structure(service, operation.input))??;
    let mut changed = None;
    for member in &input.members {
        let Some(id) = params.get(&member.name).and_then(Value::as_str) else { continue };
        let Ok(shape) = value::shape(service, member.shape) else { continue };
        let path = id.strip_prefix('/').unwrap_or(id);
        let bare = PREFIXES.iter().find_map(|prefix| path.strip_prefix(prefix));
        if let Some(bare) = bare.filter(|_| SHAPES.contains(&shape.name.as_str())) {
            changed.get_or_insert_with(|| params.clone()).insert(member.name.clone(), Value::from(bare));
        }
    }
    changed
}

#[cfg(test)]
mod tests {
    use dodai_models::Models;
    use serde_json::json;

    use super::super::encode;
    use super::*;

    #[expect(clippy::needless_pass_by_value, reason = "cases read best as plain values")]
    fn check(operation: &str, params: Value, expected: &str) {
        let route53 = Models::embedded().service("route53").unwrap();
        let request = encode(&route53, operation, route53.operation(operation).unwrap(), &params).unwrap();
        let found = format!("{}?{} {}", request.path, request.query, String::from_utf8_lossy(&request.body));
        assert!(found.contains(expected), "{found}, not {expected}");
    }

    #[test]
    fn ids_are_sent_bare() {
        check("GetHostedZone", json!({"Id": "/hostedzone/Z1"}), "/hostedzone/Z1?");
        check("GetHostedZone", json!({"Id": "hostedzone/Z1"}), "/hostedzone/Z1?");
        check("GetHostedZone", json!({"Id": "Z1"}), "/hostedzone/Z1?");
        check("GetChange", json!({"Id": "/change/C1"}), "/change/C1?");
        check("ListHostedZones", json!({"DelegationSetId": "/delegationset/N1"}), "delegationsetid=N1 ");
        check(
            "CreateQueryLoggingConfig",
            json!({"HostedZoneId": "/hostedzone/Z1", "CloudWatchLogsLogGroupArn": "arn"}),
            "<HostedZoneId>Z1</HostedZoneId>",
        );
        // A tag's resource is another kind of id, and says which.
        check("ListTagsForResource", json!({"ResourceType": "hostedzone", "ResourceId": "Z1"}), "/tags/hostedzone/Z1?");
    }
}
