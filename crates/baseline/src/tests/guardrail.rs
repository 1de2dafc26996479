//! Which policies are named as ones that would stop our own work, and with which words.

use serde_json::{Value, json};

use super::organization_world::{Organization, TREE};
use super::{SHOP, change};
use crate::Danger;

const ROLE: &str = "OrganizationAccountAccessRole";

/// The account `shop` below the policy `deny`, with an operator of its own.
fn organization(folder: &str, policy: &Value) -> Organization {
    let tree = format!("{TREE}operators: [\"dodai-*\", {ROLE}]\n").replace("service-control", folder);
    let account = format!("id: \"{SHOP}\"\nemail: shop@example.com\nunit: Default/Sandbox\nprofile: secure\n");
    let cost = r#"{"tags": {"cost": {"tag_key": {"@@assign": "Cost"}}}}"#;
    let files = [
        (format!("policies/{folder}/deny.json"), policy.to_string()),
        ("policies/tag/cost.json".to_owned(), cost.to_owned()),
        ("accounts/shop.yaml".to_owned(), account),
    ];
    let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    let mut organization = Organization::new(&tree, &files);
    organization.account(SHOP, "shop", "r-1");
    organization
}

fn document(statement: &Value) -> Value {
    json!({ "Version": "2012-10-17", "Statement": statement })
}

fn whys(dangers: &[Danger]) -> Vec<&str> {
    let why = |danger: &Danger| match danger {
        Danger::Guardrail(why) => why.clone(),
        other => panic!("{other:?}"),
    };
    let whys = dangers.iter().map(why).map(|why| &*Box::leak(why.into_boxed_str()));
    whys.collect()
}

/// What the plan says when the policy is attached for the first time.
#[track_caller]
fn check(folder: &str, statement: &Value, expected: Option<&str>) {
    let plan = organization(folder, &document(statement)).plan();
    let attach = change(&plan, &format!("management/global/policy-attachments/{folder}/deny/Default"));
    let place = format!("`{folder}/deny`: policies/{folder}/deny.json:1:");
    let found: Vec<String> = whys(&attach.dangers).iter().map(|why| why.replace(&place, "")).collect();
    assert_eq!(found.iter().map(String::as_str).collect::<Vec<_>>(), expected.into_iter().collect::<Vec<_>>());
    assert_eq!(attach.needs.contains(&"shop/*".to_owned()), expected.is_some(), "switch off, then restrict");
}

fn deny(actions: &Value, rest: &Value) -> Value {
    let mut statement = json!({ "Sid": "No", "Effect": "Deny", "Action": actions, "Resource": "*" });
    statement.as_object_mut().unwrap().extend(rest.as_object().unwrap().clone());
    statement
}

fn unless_role(arn: &str) -> Value {
    json!({ "Condition": { "ArnNotLike": { "aws:PrincipalArn": [arn, "arn:*:iam::*:role/dodai-*"] } } })
}

const SCP: &str = "service-control";
const RCP: &str = "resource-control";

#[test]
fn what_no_feature_calls_may_be_denied() {
    check(SCP, &deny(&json!("organizations:LeaveOrganization"), &json!({})), None);
    check(SCP, &deny(&json!(["cloudtrail:StopLogging", "kms:ScheduleKeyDeletion"]), &json!({})), None);
    check(SCP, &json!({ "Effect": "Allow", "Action": "s3:*", "Resource": "*" }), None);
}

#[test]
fn what_features_call_is_named_with_its_statement() {
    let expected = format!(
        "37 (`No`) denies `{ROLE}`, `dodai-*`: kms:CancelKeyDeletion, kms:CreateAlias, kms:CreateKey, \
                            kms:EnableKey and 4 more"
    );
    check(SCP, &deny(&json!("kms:*"), &json!({})), Some(&expected));
    let key = json!({ "Resource": "arn:aws:kms:*:*:key/*" });
    let expected = format!("37 (`No`) denies `{ROLE}`, `dodai-*`: kms:PutKeyPolicy");
    check(SCP, &deny(&json!("KMS:putkeypolicy"), &key), Some(&expected));
    // Of another service, another account, a Region that is not ours.
    for arn in ["arn:aws:s3:::dodai-*", "arn:aws:kms:*:999988887777:key/*", "arn:aws:kms:eu-west-1:*:key/*"] {
        check(SCP, &deny(&json!("kms:PutKeyPolicy"), &json!({ "Resource": arn })), None);
    }
}

/// AWS asks for more than a call's own action: handing a role over, a service's own role, finding again what was made.
#[test]
fn what_is_asked_for_besides_the_calls_counts_too() {
    let denied = |action: &str| format!("37 (`No`) denies `{ROLE}`, `dodai-*`: {action}");
    for action in ["iam:PassRole", "tag:GetResources"] {
        check(SCP, &deny(&json!(action), &json!({})), Some(&denied(action)));
    }
    let role = |service: &str| json!({ "Resource": format!("arn:aws:iam::*:role/aws-service-role/{service}/*") });
    let make = "iam:CreateServiceLinkedRole";
    check(SCP, &deny(&json!(make), &role("guardduty.amazonaws.com")), Some(&denied(make)));
}

#[test]
fn the_roles_must_be_let_through_in_every_account() {
    let call = || json!("guardduty:CreateDetector");
    check(SCP, &deny(&call(), &unless_role(&format!("arn:aws:iam::*:role/{ROLE}"))), None);
    check(SCP, &deny(&call(), &unless_role("arn:*:iam::????????????:role/Organization*")), None);
    let expected = format!("37 (`No`) denies `{ROLE}`: guardduty:CreateDetector");
    check(SCP, &deny(&call(), &unless_role("arn:aws:iam::*:role/Other")), Some(&expected));
    // In this account, not in the next that comes to the unit.
    check(SCP, &deny(&call(), &unless_role(&format!("arn:aws:iam::{SHOP}:role/{ROLE}"))), Some(&expected));
    let this = json!({ "Condition": { "StringEquals": { "aws:PrincipalAccount": SHOP } } });
    let expected = format!("37 (`No`) denies `{ROLE}`, `dodai-*`: guardduty:CreateDetector");
    check(SCP, &deny(&call(), &this), Some(&expected));
    let other = json!({ "Condition": { "StringEquals": { "aws:PrincipalAccount": "111111111111" } } });
    check(SCP, &deny(&call(), &other), None);
}

#[test]
fn conditions_on_how_we_call_are_known_and_others_are_not() {
    let tls = json!({ "Condition": { "Bool": { "aws:SecureTransport": "false" } } });
    check(SCP, &deny(&json!("*"), &tls), None);
    let tag = json!({ "Condition": { "StringNotEquals": { "aws:PrincipalTag/team": "platform" } } });
    let expected = format!(
        "`service-control/deny`: it depends on `aws:PrincipalTag/team` whether `{ROLE}`, `dodai-*` may: iam:UpdateAccountPasswordPolicy"
    );
    check(SCP, &deny(&json!("iam:UpdateAccountPasswordPolicy"), &tag), Some(&expected));
}

#[test]
fn regions_are_those_in_which_we_call() {
    let outside = |regions: Value| json!({ "StringNotEquals": { "aws:RequestedRegion": regions } });
    let all = |regions: Value, but: Value| json!({ "Sid": "No", "Effect": "Deny", "NotAction": but, "Resource": "*", "Condition": outside(regions) });
    check(SCP, &all(json!(["ap-northeast-1"]), json!(["iam:*", "sts:*"])), None);
    let expected =
        format!("37 (`No`) denies `{ROLE}`, `dodai-*`: iam:CreateServiceLinkedRole, iam:UpdateAccountPasswordPolicy");
    // IAM is called in us-east-1.
    check(SCP, &all(json!(["ap-northeast-1"]), json!(["sts:*", "iam:PassRole"])), Some(&expected));
}

#[test]
fn resource_control_policies_must_let_us_in() {
    let enter = |condition: Value| json!({ "Sid": "No", "Effect": "Deny", "Principal": "*", "Action": "sts:*", "Resource": "*", "Condition": condition });
    let outside = |id: &str| json!({ "StringNotEqualsIfExists": { "aws:PrincipalOrgID": id } });
    check(RCP, &enter(outside("o-exampleorgid")), None);
    let expected = format!("37 (`No`) denies `{ROLE}`, `dodai-*`: sts:AssumeRole");
    check(RCP, &enter(outside("o-anotherone")), Some(&expected));
}

#[test]
fn an_update_counts_what_stands_beside_it() {
    let allow = document(&json!({ "Effect": "Allow", "Action": ["kms:*", "s3:*"], "Resource": "*" }));
    let mut organization = organization(SCP, &allow);
    let plan = organization.plan();
    organization.apply(&plan);
    organization.set("policy", ("Name", "deny"), "Content", &json!("{\"Statement\":[]}"));
    let update = |organization: &Organization| {
        let plan = organization.plan();
        let change = change(&plan, "management/global/policies/service-control/deny");
        whys(&change.dangers).into_iter().map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(update(&organization), Vec::<String>::new());
    // Somebody made an allow-list of it.
    organization.edit("policy_attachment", |all| {
        all.rows.retain(|row| row.values["policy_id"] != "p-FullAWSAccess");
    });
    let expected = format!(
        "`service-control/deny`: nothing allows `{ROLE}`, `dodai-*`: cloudtrail:AddTags, cloudtrail:CreateTrail, \
         cloudtrail:PutEventSelectors, cloudtrail:StartLogging and "
    );
    let found = update(&organization);
    assert!(found.len() == 1 && found[0].starts_with(&expected), "{found:?}");
}
