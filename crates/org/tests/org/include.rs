//! Policies that include guardrails of the library.

use dodai_org::{PolicyType, SourceFile, schema};
use serde_json::{Value, json};

use super::{DEFAULT, DODAI, MANAGEMENT, ORGANIZATION, catalogue, check, directory, told};

const YAML: &str = "policies/service-control/x.yaml";
const TAG: &str = "policies/tag/t.yaml";

/// The content of the policy that is written as this.
fn content(folder: &str, policy: &str, others: Vec<SourceFile>) -> Value {
    let file = SourceFile::text(format!("policies/{folder}/x.yaml"), policy);
    let read = directory([others, vec![file]].concat()).unwrap_or_else(|problems| panic!("{policy}: {problems:?}"));
    let policy = read.policy(PolicyType::of_folder(folder).unwrap(), "x").unwrap();
    let content: Value = serde_json::from_str(&policy.content).unwrap();
    assert_eq!(content, policy.tree.to_json());
    content
}

#[test]
fn included_statements_come_first() {
    let policy = "
include: [deny-shield-advanced, {deny-leaving: }]
Statement:
  Sid: Mine
  Effect: Deny
  Action: a:b
  Resource: '*'
";
    let own = json!({"Sid": "Mine", "Effect": "Deny", "Action": "a:b", "Resource": "*"});
    let shield = json!({"Sid": "DenyShieldAdvanced", "Effect": "Deny", "Action": "shield:*", "Resource": "*"});
    let found = content("service-control", policy, Vec::new());
    assert_eq!(found["Version"], "2012-10-17");
    let statements = found["Statement"].as_array().unwrap();
    assert_eq!((&statements[0], &statements[1]["Sid"], &statements[2]), (&shield, &json!("DenyLeaving"), &own));
    // In JSON, and with a list of own statements, it is the same.
    let other =
        json!({"Version": "2012-10-17", "include": ["deny-shield-advanced", "deny-leaving"], "Statement": [own]});
    assert_eq!(content("service-control", &other.to_string(), Vec::new()), found);
}

#[test]
fn what_is_included_stands_where_it_is_named() {
    let file = SourceFile::text(YAML, "include:\n  - deny-leaving\n");
    let read = directory(vec![file]).unwrap();
    let policy = read.policy(PolicyType::of_folder("service-control").unwrap(), "x").unwrap();
    let statement = &policy.tree.get("Statement").unwrap().items()[0];
    assert_eq!((statement.place.line, statement.place.column), (2, 5));
    assert_eq!(policy.includes, ["deny-leaving"]);
    assert_eq!(policy.description(), "dodai: x");
}

#[test]
fn the_directory_fills_parameters_in() {
    let organization = format!(
        "{ORGANIZATION}operators: [dodai-*, OrganizationAccountAccessRole]\nroles: {{network: [Network*]}}\nlog_archive: management\n\
         features: {{cloudtrail: {{trail_name: mine}}}}\n"
    );
    let management = format!("{MANAGEMENT}id: 222233334444\n");
    let files = || {
        vec![
            SourceFile::text(DODAI, organization.clone()),
            SourceFile::text("accounts/management.yaml", management.clone()),
        ]
    };
    let operators = json!(["arn:*:iam::*:role/OrganizationAccountAccessRole", "arn:*:iam::*:role/dodai-*"]);
    let regions = content("service-control", "include: [region-restriction]", files());
    assert_eq!(
        regions["Statement"][0]["Condition"],
        json!({
            "StringNotEquals": {"aws:RequestedRegion": ["ap-northeast-1", "us-east-1"]},
            "ArnNotLike": {"aws:PrincipalArn": operators},
        })
    );
    let networks = content("service-control", "include: [deny-networks]", files());
    let exempt = networks["Statement"][0]["Condition"]["ArnNotLike"]["aws:PrincipalArn"].as_array().unwrap();
    assert_eq!(
        (&exempt[0], &exempt[1..]),
        (&json!("arn:*:iam::*:role/Network*"), operators.as_array().unwrap().as_slice())
    );
    let archive = content("resource-control", "include: [protect-log-archive]", files());
    assert_eq!(archive["Statement"][0]["Condition"]["StringEquals"]["aws:ResourceAccount"], "222233334444");
    let given = content("service-control", "include: [{region-restriction: {allowed: [eu-west-1]}}]", files());
    assert_eq!(given["Statement"][0]["Condition"]["StringNotEquals"], json!({"aws:RequestedRegion": ["eu-west-1"]}));
}

#[test]
fn wrong_includes() {
    let many: String =
        ["region-restriction", "protect-detection", "protect-logs", "protect-tagged-networks"].join(", ");
    let large = format!(
        "include: [{many}]\nStatement: [{{Effect: Deny, Action: [{}], Resource: '*'}}]\n",
        "\"service:SomeLongActionName\", ".repeat(200)
    );
    check(
        "wrong_includes",
        &[
            ("not a list", YAML, "include: deny-leaving\n"),
            ("nothing", YAML, "include:\n"),
            ("an empty list", YAML, "include: []\n"),
            ("unknown", YAML, "include: [deny-leavin]\n"),
            ("of another type", YAML, "include: [require-tls]\n"),
            ("a type without guardrails", "policies/backup/b.yaml", "include: [x]\n"),
            ("two in one", YAML, "include: [{deny-leaving: , deny-iam-users: }]\n"),
            ("a list in it", YAML, "include: [[deny-leaving]]\n"),
            ("twice", YAML, "include: [deny-leaving, deny-leaving]\n"),
            ("unknown parameter", YAML, "include: [{region-restriction: {alowed: [eu-west-1]}}]\n"),
            ("parameter of another form", YAML, "include: [{region-restriction: {allowed: [mars]}}]\n"),
            ("parameters as a list", YAML, "include: [{region-restriction: [eu-west-1]}]\n"),
            ("a value breaks out", YAML, "include: [{protect-tagged-networks: {value: '\"}]${aws:username}'}}]\n"),
            ("parameter without a value", YAML, "include: [network-perimeter]\n"),
            ("log archive without an id", "policies/resource-control/r.yaml", "include: [protect-log-archive]\n"),
            ("version", YAML, "Version: '2008-10-17'\ninclude: [deny-leaving]\n"),
            ("the same Sid", YAML, "include: [deny-leaving]\nStatement: [{Sid: DenyLeaving}]\n"),
            ("too large together", YAML, &large),
            ("two in a tag policy", TAG, "include: [cost-center, dodai-tags]\n"),
            ("beside a tag policy", TAG, "include: [cost-center]\ntags: {}\n"),
            ("in JSON", DEFAULT, "{\"include\": [\"deny-leavin\"]}"),
        ],
    );
}

#[test]
fn the_schema_knows_the_library() {
    let schemas = schema(&catalogue());
    let both = |key: &str, path: &str, policy: &Value, right: bool| {
        assert_eq!(super::schema::accepts(policy, &schemas[key], &schemas[key]), right, "schema: {policy}");
        assert_eq!(told(vec![SourceFile::text(path, policy.to_string())]) == "right\n", right, "reader: {policy}");
    };
    let service = |policy: &Value, right: bool| both("policies/service-control/*.yaml", YAML, policy, right);
    service(&json!({"Version": "2012-10-17", "Statement": []}), true);
    service(&json!({"include": ["deny-leaving", {"region-restriction": {"allowed": ["eu-west-1"]}}]}), true);
    service(&json!({"include": [{"deny-leaving": null}], "Statement": []}), true);
    service(&json!({"include": [{"network-perimeter": {"addresses": ["203.0.113.7"]}}]}), true);
    service(&json!({"include": [{"resource-perimeter": {"trusted_accounts": [111_122_223_333_u64]}}]}), true);
    service(&json!({"Statement": []}), false);
    service(&json!({"include": []}), false);
    service(&json!({"include": "deny-leaving"}), false);
    service(&json!({"include": ["require-tls"]}), false);
    service(&json!({"include": [{}]}), false);
    service(&json!({"include": [{"deny-leaving": {"x": "y"}}]}), false);
    service(&json!({"include": [{"region-restriction": {"allowed": "eu-west-1"}}]}), false);
    service(&json!({"include": [{"network-perimeter": null}]}), false);
    let tag = |policy: &Value, right: bool| both("policies/tag/*.yaml", TAG, policy, right);
    tag(&json!({"tags": {}}), true);
    tag(&json!({"include": ["cost-center"]}), true);
    tag(&json!({"include": ["cost-centre"]}), false);
    tag(&json!({}), false);
}
