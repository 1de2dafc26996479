//! Guardrails of the library, included in a directory: what the baseline's features fill in, and what the plan says of them.

use dodai_org::PolicyType;
use serde_json::{Value, json};

use super::directory;
use super::organization_world::{Organization, TREE};

/// The resources of the first statement.
fn resources(more: &[(&str, &str)], guardrail: &str) -> Value {
    let include = format!("include: [{guardrail}]");
    let mut files = vec![
        ("dodai.yaml", "organization: o-exampleorgid\nhome_region: us-east-1\nregions: [us-east-1]\n"),
        ("accounts/m.yaml", "email: m@example.com\nmanagement: true\nunit: Root\nprofile: secure\n"),
        ("policies/service-control/x.yaml", include.as_str()),
    ];
    files.extend(more);
    let directory = directory(&files);
    let policy = directory.policy(PolicyType::of_folder("service-control").unwrap(), "x").unwrap();
    let content: Value = serde_json::from_str(&policy.content).unwrap();
    content["Statement"][0]["Resource"].clone()
}

#[test]
fn trails_and_log_buckets_are_those_of_the_features() {
    let logs = |names: &[&str]| json!(names.iter().map(|name| format!("arn:*:s3:::{name}")).collect::<Vec<_>>());
    let trail = |name: &str| format!("arn:*:cloudtrail:*:*:trail/{name}");
    assert_eq!(resources(&[], "protect-logs"), logs(&["dodai-cloudtrail-*", "dodai-config-*"]));
    assert_eq!(resources(&[], "protect-trail"), json!([trail("dodai")]));
    let own = "email: o@example.com\nunit: Root\nprofile: secure\nfeatures:
  cloudtrail: {name: own}
  cloudtrail-bucket: {name: own-<account>-trail}
";
    let more = [("accounts/own.yaml", own)];
    assert_eq!(resources(&more, "protect-logs"), logs(&["dodai-cloudtrail-*", "dodai-config-*", "own-*-trail"]));
    assert_eq!(resources(&more, "protect-trail"), json!([trail("dodai"), trail("own")]));
}

/// The library's guardrails exempt the operators, or deny what no feature calls: they wait for no flag.
#[test]
fn a_guardrail_that_leaves_us_our_work_is_no_danger() {
    let dangers = |guardrail: &str| {
        let include = format!("include: [{guardrail}]");
        let more =
            [("policies/service-control/deny.json", ""), ("policies/service-control/deny.yaml", include.as_str())];
        let plan = Organization::new(TREE, &more).plan();
        let attached = "management/global/policy-attachments/service-control/deny/Default";
        plan.changes.iter().find(|change| change.id == attached).unwrap().dangers.len()
    };
    assert_eq!(dangers("protect-trail, region-restriction, protect-tags"), 0);
    assert_eq!(dangers("protect-trail, deny-leaving"), 0);
    assert_eq!(dangers("{region-restriction: {allowed: [eu-west-1]}}"), 0);
    assert_eq!(dangers("{region-restriction: {allowed: [eu-west-1], operators: [\"arn:*:iam::*:role/other\"]}}"), 1);
}
