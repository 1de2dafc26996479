//! `dodai policy` where it asks AWS: the quotas of the organization.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::world::{Ended, World};

#[test]
fn limits_are_the_organizations_own_where_they_can_be_read() {
    let world = World::new("two-accounts");
    let online = ["policy", "check", "--online", "--quiet", "--format", "json"];
    let read = world.dodai(&online);
    assert_eq!(read.code, 0, "{read}");
    let limits = |ended: &Ended| -> BTreeMap<String, String> {
        let told = |limit: &Value| {
            let text = |name: &str| limit[name].as_str().unwrap().to_owned();
            (text("kind"), format!("{} {} {}", limit["characters"], text("source"), text("because")))
        };
        ended.json()["limits"].as_array().unwrap().iter().map(told).collect()
    };
    let own = "10240 service-quotas organizations L-C48BCE79";
    assert_eq!(limits(&read)["service-control"], own, "{read}");

    world.fault(&json!({"kind": "deny", "service": "service-quotas", "operation": "GetServiceQuota"}));
    let denied = world.dodai(&online);
    assert_eq!(denied.code, 0, "{denied}");
    let told = &limits(&denied)["service-control"];
    assert!(told.starts_with("10240 published ") && told.contains("AccessDenied"), "{denied}");
}
