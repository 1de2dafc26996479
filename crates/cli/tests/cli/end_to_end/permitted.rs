//! `dodai permissions`: with exactly these policies a whole run goes through, with those for reading nothing can be
//! written, and no statement of them is there in vain. The testbed refuses what they do not allow.

use serde_json::{Value, json};

use super::APPLY;
use super::world::{MANAGEMENT, World};

const HOME: &str = "ap-northeast-1";

/// The policies as the testbed takes them. Whoever works in the management account has those of members, too.
fn entitlements(world: &World, policies: &Value) -> Value {
    let list = |name: &str| policies[name].as_array().unwrap().clone();
    json!({
        "organization": world.organization_id(),
        "management": ([list("member"), list("management")].concat()),
        "member": list("member"),
    })
}

fn permissions(world: &World, work: &str) -> Value {
    let printed = world.dodai(&["permissions", work, "--format", "json"]);
    assert_eq!(printed.code, 0, "{printed}");
    printed.json()
}

fn authorize(world: &World, policies: &Value) {
    world.control("POST", "/testbed/authorize", &entitlements(world, policies).to_string());
}

/// Calls by hand, as somebody who may do everything.
fn by_hand(world: &World, calls: &[(&str, &str, &str, &str, Value)]) {
    world.control("POST", "/testbed/authorize", "null");
    for (account, region, service, operation, params) in calls {
        world.call(account, region, service, operation, params);
    }
}

/// What was refused.
fn refused(world: &World) -> Vec<Value> {
    let asked: Vec<Value> = serde_json::from_str(&world.control("GET", "/testbed/authorize", "")).unwrap();
    assert!(asked.len() > 100, "{} requests were asked about", asked.len());
    asked.into_iter().filter(|asked| asked["allowed"] != json!(true)).collect()
}

/// Takes away each statement in turn: something that was allowed must then be refused.
fn every_statement_is_needed(world: &World, policies: &Value) {
    for of in ["member", "management"] {
        for (at, document) in policies[of].as_array().unwrap().iter().enumerate() {
            for (number, statement) in document["Statement"].as_array().unwrap().iter().enumerate() {
                let mut less = policies.clone();
                less[of][at]["Statement"].as_array_mut().unwrap().remove(number);
                let body = entitlements(world, &less).to_string();
                let refused = world.control("POST", "/testbed/authorize/again", &body);
                assert_ne!(refused, "null", "nothing needs {statement:#}");
            }
        }
    }
}

/// Reads every column of every table. A query has room for sixty tables.
fn query_everything(world: &World) {
    let tables = world.dodai(&["tables", "--json"]).json();
    let tables = tables.as_array().unwrap();
    assert!(tables.len() > 70, "{} tables", tables.len());
    for some in tables.chunks(40) {
        let selects: Vec<String> = some.iter().map(every_value).collect();
        let counted = world.dodai(&["query", "--quiet", "--format", "json", &selects.join(" union all ")]);
        // What the emulator does not know is a gap.
        assert!([0, 3].contains(&counted.code), "{counted}");
        assert_eq!(counted.json().as_array().unwrap().len(), some.len(), "{counted}");
    }
}

fn every_value(table: &Value) -> String {
    let columns = table["columns"].as_array().unwrap().iter();
    let counts: Vec<String> = columns.map(|column| format!("count(\"{}\")", column.as_str().unwrap())).collect();
    format!("select greatest({}) as n from {}", counts.join(", "), table["id"].as_str().unwrap())
}

/// The starter, and what it leaves out: a state in Amazon S3, and the settings that change what a feature asks for.
fn starter() -> World {
    let world = World::starter();
    world.replace("dodai.yaml", "state: .dodai", "state: s3://dodai-state/starter");
    let chosen = "profile: secure\nfeatures: {cloudtrail-log-group: {enabled: true}}";
    world.replace("accounts/web-production.yaml", "profile: secure", chosen);
    let chosen = "profile: secure\nfeatures: {config: {role_arn: 'arn:aws:iam::<account>:role/recorder'}}";
    world.replace("accounts/data-production.yaml", "profile: secure", chosen);
    let place = json!({"Bucket": "dodai-state", "CreateBucketConfiguration": {"LocationConstraint": HOME}});
    world.call(MANAGEMENT, HOME, "s3", "CreateBucket", &place);
    world
}

#[test]
fn the_policies_that_permissions_prints_are_enough_and_not_too_much() {
    let world = starter();
    let apply = permissions(&world, "--apply");
    authorize(&world, &apply);
    let plan = world.dodai(&["plan", "--quiet"]);
    assert_eq!(plan.code, 2, "{plan}");
    let applied = world.dodai(APPLY);
    assert_eq!(applied.code, 0, "{applied}");
    let plan = world.dodai(&["plan", "--quiet"]);
    assert_eq!(plan.code, 0, "{plan}");
    let assessed = world.dodai(&["assess", "--quiet"]);
    assert_eq!(assessed.code, 0, "{assessed}");
    let kept = world.call(MANAGEMENT, HOME, "s3", "ListObjectsV2", &json!({"Bucket": "dodai-state"}));
    assert!(kept["KeyCount"].as_u64() > Some(3), "nothing is kept in the bucket: {kept}");

    // What is changed by hand can be put back, too.
    let member = world.account("web-production");
    let detector = world.call(&member, HOME, "guardduty", "ListDetectors", &json!({}))["DetectorIds"][0].clone();
    let aggregators = world.call(&member, HOME, "securityhub", "ListFindingAggregators", &json!({}));
    let aggregator = aggregators["FindingAggregators"][0]["FindingAggregatorArn"].clone();
    let custom = world.account("data-production");
    let rules = world.call(&custom, HOME, "securityhub", "ListAutomationRules", &json!({}));
    let rule = rules["AutomationRulesMetadata"][0]["RuleArn"].clone();
    let disabled = json!({"UpdateAutomationRulesRequestItems": [{"RuleArn": rule, "RuleStatus": "DISABLED"}]});
    let suspended = json!({"DetectorId": detector, "Enable": false});
    let here =
        json!({"FindingAggregatorArn": aggregator, "RegionLinkingMode": "SPECIFIED_REGIONS", "Regions": ["us-east-1"]});
    let tag = json!({"ResourceId": member, "TagKeys": ["CostCenter"]});
    by_hand(
        &world,
        &[
            (&member, HOME, "guardduty", "UpdateDetector", suspended),
            (&member, HOME, "securityhub", "UpdateFindingAggregator", here),
            (&custom, HOME, "securityhub", "BatchUpdateAutomationRules", disabled),
            (&member, HOME, "account", "DeleteAlternateContact", json!({"AlternateContactType": "SECURITY"})),
            (MANAGEMENT, HOME, "organizations", "UntagResource", tag),
        ],
    );
    authorize(&world, &apply);
    let repaired = world.dodai(APPLY);
    assert_eq!(repaired.code, 0, "{repaired}");
    let contact = json!({"AlternateContactType": "SECURITY"});
    let contact = world.call(&member, HOME, "account", "GetAlternateContact", &contact);
    assert_eq!(contact["AlternateContact"]["PhoneNumber"], "+81 3 0000 0000");
    let tags = world.call(MANAGEMENT, HOME, "organizations", "ListTagsForResource", &json!({"ResourceId": member}));
    assert!(tags["Tags"].as_array().unwrap().contains(&json!({"Key": "CostCenter", "Value": "1001"})), "{tags}");
    assert_eq!(refused(&world), Vec::<Value>::new());
    every_statement_is_needed(&world, &apply);

    // With those for reading the same can be seen, and none of it done.
    let weak = json!({"MinimumPasswordLength": 6});
    by_hand(
        &world,
        &[
            (&member, HOME, "iam", "UpdateAccountPasswordPolicy", weak),
            (&member, HOME, "cloudtrail", "StopLogging", json!({"Name": "dodai"})),
            (&member, "us-east-1", "ec2", "DisableEbsEncryptionByDefault", json!({})),
            (MANAGEMENT, HOME, "s3control", "DeletePublicAccessBlock", json!({"AccountId": MANAGEMENT})),
        ],
    );
    world.control("DELETE", "/testbed/authorize", "");
    let read = permissions(&world, "--read");
    authorize(&world, &read);
    assert_eq!(world.dodai(&["assess", "--quiet"]).code, 0);
    let plan = world.dodai(&["plan", "--quiet"]);
    assert_eq!(plan.code, 2, "{plan}");
    query_everything(&world);
    assert_eq!(refused(&world), Vec::<Value>::new());
    every_statement_is_needed(&world, &read);
    world.forget_calls();
    let applied = world.dodai(APPLY);
    assert_eq!(applied.code, 3, "{applied}");
    let calls: Vec<Value> = serde_json::from_str(&world.control("GET", "/testbed/calls", "")).unwrap();
    let own = |call: &&Value| !(call["service"] == "s3" && call["operation"] == "PutObject");
    let writes: Vec<&Value> = calls.iter().filter(|call| call["mutating"] == json!(true)).filter(own).collect();
    assert!(writes.len() >= 4, "{writes:?}");
    for call in writes {
        let error = call["error"].as_str().unwrap_or_default();
        assert!(error.starts_with("AccessDenied") || error == "UnauthorizedOperation", "{call}");
    }
}

#[test]
fn permissions_are_written_as_files_with_what_to_do() {
    let directory = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/cli/directories/two-accounts");
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path().to_str().unwrap();
    let run = || {
        let args = ["permissions", "-C", directory, "-o", folder];
        std::process::Command::new(env!("CARGO_BIN_EXE_dodai")).args(args).output().unwrap()
    };
    let printed = run();
    let stdout = String::from_utf8(printed.stdout).unwrap();
    assert!(printed.status.success(), "{stdout}");
    let mut names: Vec<String> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    assert_eq!(names, ["management.json", "member.json", "member.template.json", "trust.json"]);
    for name in names {
        let text = std::fs::read_to_string(format!("{folder}/{name}")).unwrap();
        let document: Value = serde_json::from_str(&text).unwrap();
        // "IAM and AWS STS quotas", without white space; a trust policy may have fewer.
        let most = if name == "trust.json" { 2_048 } else { 6_144 };
        assert!(name.contains("template") || document.to_string().len() <= most, "{name}");
        assert!(stdout.contains(&name), "{stdout}");
    }
    assert!(stdout.contains("OrganizationAccountAccessRole, which may do everything"), "{stdout}");
    let again = run();
    let stderr = String::from_utf8(again.stderr).unwrap();
    assert!(again.status.code() == Some(1) && stderr.contains("choose an empty folder"), "{stderr}");
}
