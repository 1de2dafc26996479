//! Who asks, where the ARN does not say all of it, and what AWS lets or forbids somebody whatever the policies say.

use dodai_policy::decide::{Cache, decide_line};
use serde_json::{Value, json};

const ACCOUNT: &str = "111122223333";

fn answer(line: &Value) -> Value {
    serde_json::from_str(&decide_line(&line.to_string(), &mut Cache::default())).unwrap()
}

fn policy(statements: &Value) -> Value {
    json!({ "Version": "2012-10-17", "Statement": statements })
}

fn all() -> Value {
    policy(&json!({ "Effect": "Allow", "Action": "*", "Resource": "*" }))
}

/// A guardrail that spares the roles of a pattern, put to somebody.
fn guarded(principal: &str, operator: &str, pattern: &str, context: &Value) -> Value {
    let condition = json!({ operator: { "aws:PrincipalArn": pattern } });
    let deny = json!({ "Effect": "Deny", "Action": "*", "Resource": "*", "Condition": condition });
    answer(&json!({
        "request": { "principal": principal, "action": "ec2:StopInstances", "context": context },
        "identity": [all()],
        "scps": [[all(), policy(&deny)]],
    }))
}

#[test]
fn a_sessions_role_may_have_a_path() {
    let session = |role: &str| format!("arn:aws:sts::{ACCOUNT}:assumed-role/{role}/s");
    let check = |role: &str, pattern: &str, expected: &str| {
        let answer = guarded(&session(role), "ArnNotLike", pattern, &json!({}));
        assert_eq!(answer["decision"], expected, "{pattern} {answer}");
        if expected == "depends" {
            assert_eq!(answer["missing"], json!(["aws:PrincipalArn"]), "{answer}");
            assert_eq!(answer.get("approximate"), None);
        }
    };
    check("R", "arn:aws:iam::*:role/R", "depends");
    check("R", "arn:aws:iam::*:role/team/R", "depends");
    check("R", "arn:aws:iam::*:role/*", "allow");
    check("R", "arn:aws:iam::*:role/*R", "allow");
    check("R", "arn:aws:iam::*:role/S", "explicit_deny");
    check("R", "arn:aws:iam::444455556666:role/*", "explicit_deny");
    check("R", "arn:aws:iam::*:user/R", "explicit_deny");
    let sso = "AWSReservedSSO_Admin_0123456789abcdef";
    check(sso, "arn:aws:iam::*:role/aws-reserved/sso.amazonaws.com/*", "allow");
    check(sso, "arn:aws:iam::*:role/aws-reserved/sso.amazonaws.com/*AWSReservedSSO_Admin_*", "allow");
    check(sso, "arn:aws:iam::*:role/aws-reserved/sso.amazonaws.com/*/AWSReservedSSO_Admin_*", "depends");
    check(sso, "arn:aws:iam::*:role/AWSReservedSSO_Admin_*", "explicit_deny");
    // The same for texts.
    let decision =
        |operator: &str, pattern: &str| guarded(&session("R"), operator, pattern, &json!({}))["decision"].clone();
    assert_eq!(decision("StringNotLike", "arn:aws:iam::*:role/*R"), "allow");
    assert_eq!(decision("StringNotEquals", "arn:aws:iam::111122223333:role/R"), "depends");
    assert_eq!(decision("StringEqualsIgnoreCase", "arn:aws:iam::111122223333:role/S"), "allow");
    // The role itself says its path, and so may the request.
    let role = "arn:aws:iam::111122223333:role/team/R";
    assert_eq!(guarded(role, "ArnNotLike", "arn:aws:iam::*:role/R", &json!({}))["decision"], "explicit_deny");
    let given = json!({ "aws:PrincipalArn": role });
    assert_eq!(guarded(&session("R"), "ArnNotLike", role, &given)["decision"], "allow");
    assert_eq!(guarded(&session("R"), "ArnNotLike", "arn:aws:iam::*:role/R", &given)["decision"], "explicit_deny");
    // Both ways the same.
    let both = policy(&json!([
        { "Effect": "Deny", "Action": "*", "Resource": "*", "Condition": { "ArnLike": { "aws:PrincipalArn": role } } },
        { "Effect": "Deny", "Action": "*", "Resource": "*", "Condition": { "ArnNotLike": { "aws:PrincipalArn": role } } },
    ]));
    let line =
        json!({ "request": { "principal": session("R"), "action": "a:B" }, "closed": true, "identity": [all(), both] });
    assert_eq!(answer(&line)["decision"], "explicit_deny");
}

#[test]
fn a_role_is_service_linked_by_its_path() {
    let check = |principal: &str, context: &Value, expected: &str| {
        let answer = answer(&json!({
            "request": { "principal": principal, "action": "ec2:StopInstances", "context": context },
            "identity": [all()],
            "scps": [[]],
        }));
        assert_eq!(answer["decision"], expected, "{answer}");
        if expected == "depends" {
            assert_eq!(answer["missing"], json!(["aws:PrincipalArn"]), "{answer}");
        }
    };
    let path = "arn:aws:iam::111122223333:role/aws-service-role/config.amazonaws.com/AWSServiceRoleForConfig";
    let session = "arn:aws:sts::111122223333:assumed-role/AWSServiceRoleForConfig/s";
    check(path, &json!({}), "allow");
    check("arn:aws:iam::111122223333:role/AWSServiceRoleForConfig", &json!({}), "implicit_deny");
    check(session, &json!({}), "depends");
    check(session, &json!({ "aws:PrincipalArn": path }), "allow");
    let plain = json!({ "aws:PrincipalArn": "arn:aws:iam::111122223333:role/AWSServiceRoleForConfig" });
    check(session, &plain, "implicit_deny");
}

#[test]
fn who_signs_nothing_is_neither_a_service_nor_none() {
    let check = |principal: &str, action: &str, expected: &str| {
        let statement = |effect: &str, condition: Value| json!({ "Effect": effect, "Principal": "*", "Action": "*", "Resource": "*", "Condition": condition });
        let policy = policy(&json!([
            statement("Allow", json!({})),
            statement("Deny", json!({ "Bool": { "aws:PrincipalIsAWSService": "false" } })),
        ]));
        let answer = answer(&json!({
            "request": { "principal": principal, "action": action, "resource": "arn:aws:s3:::b/k" },
            "resourcePolicy": policy,
        }));
        assert_eq!(answer["decision"], expected, "{principal} {answer}");
    };
    check("*", "s3:GetObject", "allow");
    check("accounts.google.com", "sts:AssumeRoleWithWebIdentity", "allow");
    check("cloudtrail.amazonaws.com", "s3:GetObject", "allow");
    check("arn:aws:iam::111122223333:user/U", "s3:GetObject", "explicit_deny");
}

#[test]
fn to_be_spared_a_role_needs_its_session_and_no_boundary() {
    let check = |who: &str, listed: &[&str], boundary: bool, expected: &str| {
        let not = json!({ "AWS": listed });
        let statement = json!({ "Effect": "Deny", "NotPrincipal": not, "Action": "*", "Resource": "*" });
        let mut line = json!({
            "request": {
                "principal": who, "action": "s3:GetObject", "resource": "arn:aws:s3:::b/k", "resourceAccount": ACCOUNT,
            },
            "identity": [all()],
            "resourcePolicy": policy(&statement),
        });
        if boundary {
            line["boundary"] = all();
        }
        let answer = answer(&line);
        assert_eq!(answer["decision"], expected, "{listed:?} {answer}");
        if expected == "depends" {
            assert_eq!(answer["missing"], json!(["aws:userid"]), "{answer}");
            assert_eq!(answer.get("approximate"), None, "{answer}");
        }
    };
    let (role, session) = ("arn:aws:iam::111122223333:role/R", "arn:aws:sts::111122223333:assumed-role/R/s");
    check(role, &[ACCOUNT, role], false, "explicit_deny");
    check(role, &[ACCOUNT, role, session], false, "depends");
    check(session, &[ACCOUNT, role, session], false, "allow");
    check(session, &[ACCOUNT, role, session], true, "explicit_deny");
    let user = "arn:aws:iam::111122223333:user/U";
    check(user, &[ACCOUNT, user], false, "allow");
    check(user, &[ACCOUNT, user], true, "explicit_deny");
}

#[test]
fn an_unnamed_session_is_each_that_is_named_and_another() {
    let allow = json!({
        "Effect": "Allow", "Principal": { "AWS": "arn:aws:sts::111122223333:assumed-role/R/s" }, "Action": "*", "Resource": "*",
    });
    let line = json!({
        "request": { "principal": "arn:aws:iam::111122223333:role/R", "action": "sqs:SendMessage",
            "resource": "arn:aws:sqs:eu-west-1:111122223333:q" },
        "resourcePolicy": policy(&allow),
    });
    assert_eq!(answer(&line), json!({ "id": null, "decision": "depends", "missing": ["aws:userid"] }));
}

#[test]
fn a_federated_user_has_what_its_session_policies_leave() {
    let line = json!({
        "request": {
            "principal": "arn:aws:sts::111122223333:federated-user/U", "action": "s3:GetObject",
            "resource": "arn:aws:s3:::b/k", "resourceAccount": ACCOUNT,
        },
        "identity": [all()],
    });
    assert_eq!(answer(&line)["by"], json!({ "level": "session" }));
    let mut limited = line.clone();
    limited["session"] = json!([all()]);
    assert_eq!(answer(&limited)["decision"], "allow");
    let mut named = line;
    let principal = json!({ "AWS": "arn:aws:sts::111122223333:federated-user/U" });
    let allow = json!({ "Effect": "Allow", "Principal": principal, "Action": "*", "Resource": "*" });
    named["resourcePolicy"] = policy(&allow);
    assert_eq!(answer(&named)["decision"], "allow");
}

#[test]
fn a_service_takes_on_its_own_role_whatever_the_organization_says() {
    let check = |role: &str, expected: &str| {
        let allow = json!({ "Effect": "Allow", "Principal": { "Service": "config.amazonaws.com" }, "Action": "sts:AssumeRole" });
        let deny = json!({ "Effect": "Deny", "Principal": "*", "Action": "sts:*", "Resource": "*" });
        let answer = answer(&json!({
            "request": { "principal": "config.amazonaws.com", "action": "sts:AssumeRole", "resource": role },
            "resourcePolicy": policy(&allow),
            "rcps": [[policy(&deny)]],
        }));
        assert_eq!(answer["decision"], expected, "{answer}");
    };
    check("arn:aws:iam::111122223333:role/aws-service-role/config.amazonaws.com/AWSServiceRoleForConfig", "allow");
    check("arn:aws:iam::111122223333:role/config", "explicit_deny");
}

#[test]
fn some_is_allowed_or_refused_whatever_policies_say() {
    let statement = |effect: &str| json!({ "Effect": effect, "Principal": "*", "Action": "*", "Resource": "*" });
    let check = |who: &str, action: &str, on: &str, effect: &str, expected: &str| {
        let request = json!({ "principal": who, "action": action, "resource": on, "resourceAccount": ACCOUNT });
        let answer =
            answer(&json!({ "request": request, "identity": [all()], "resourcePolicy": policy(&statement(effect)) }));
        assert_eq!(answer["decision"], expected, "{who} {action} {answer}");
    };
    let (root, user) = ("arn:aws:iam::111122223333:root", "arn:aws:iam::111122223333:user/U");
    for action in ["s3:GetBucketPolicy", "s3:PutBucketPolicy", "s3:DeleteBucketPolicy"] {
        check(root, action, "arn:aws:s3:::b", "Deny", "allow");
        check(user, action, "arn:aws:s3:::b", "Deny", "explicit_deny");
    }
    check(root, "s3:GetObject", "arn:aws:s3:::b/k", "Deny", "explicit_deny");
    check("444455556666", "s3:DeleteBucketPolicy", "arn:aws:s3:::b", "Deny", "explicit_deny");
    let role = "arn:aws:iam::111122223333:role/R";
    check(root, "sts:AssumeRole", role, "Allow", "implicit_deny");
    check(user, "sts:AssumeRole", role, "Allow", "allow");
    let deny = json!({ "Effect": "Deny", "Action": "*", "Resource": "*" });
    let asked = |principal: &str| json!({ "principal": principal, "action": "sts:GetCallerIdentity" });
    let line = |principal: &str| json!({ "request": asked(principal), "identity": [policy(&deny)], "scps": [[policy(&deny)]] });
    assert_eq!(answer(&line(user)), json!({ "id": null, "decision": "allow" }));
    assert_eq!(answer(&line("*"))["decision"], "explicit_deny");
}

#[test]
fn a_type_that_the_principal_is_not_is_refused() {
    let line = json!({ "request": { "principal": "arn:aws:iam::111122223333:user/U", "principalType": "AssumedRole", "action": "a:B" } });
    let expected = "request: `aws:PrincipalType` is given as `AssumedRole`, but the request makes it `User`";
    assert_eq!(answer(&line)["error"], expected);
}
