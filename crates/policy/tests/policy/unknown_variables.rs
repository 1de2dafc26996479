//! Decisions where a key that is not known stands as a variable in a text.

use dodai_policy::decide::{Cache, decide_line};
use serde_json::{Value, json};

const BUCKET: &str = "arn:aws:s3:::b/a";

fn statement(effect: &str, resource: &str, conditions: Value) -> Value {
    let mut statement = json!({ "Effect": effect, "Action": "*", "Resource": resource });
    statement["Condition"] = conditions;
    statement
}

fn document(statements: &[Value]) -> Value {
    json!({ "Version": "2012-10-17", "Statement": statements })
}

/// The decision, and the missing keys: `?` stands for an answer that could not be narrowed down.
fn decide(line: &Value) -> String {
    let answer: Value = serde_json::from_str(&decide_line(&line.to_string(), &mut Cache::default())).unwrap();
    let mut said = answer["decision"].as_str().unwrap_or_else(|| panic!("{answer}")).to_owned();
    for key in answer["missing"].as_array().into_iter().flatten() {
        said = format!("{said} {}", key.as_str().unwrap());
    }
    if answer["approximate"] == json!(true) { format!("{said} ?") } else { said }
}

fn line(resources: &Value, identity: &[Value]) -> Value {
    json!({ "id": 0, "identity": [document(identity)], "request": {
        "principal": "arn:aws:iam::111122223333:role/R",
        "action": "s3:GetObject",
        "resources": resources,
        "context": {},
    } })
}

fn check(identity: &[Value], scp: Option<&[Value]>, expected: &str) {
    let mut line = line(&json!([BUCKET]), identity);
    if let Some(scp) = scp {
        line["scps"] = json!([[document(scp)]]);
    }
    assert_eq!(decide(&line), expected);
}

fn allow(resource: &str, conditions: Value) -> Value {
    statement("Allow", resource, conditions)
}

fn deny(resource: &str, conditions: Value) -> Value {
    statement("Deny", resource, conditions)
}

/// No address is unlike every text.
#[test]
fn what_never_holds_denies_whatever_a_variable_is() {
    let never = allow("*", json!({ "ForAnyValue:StringNotLike": { "aws:SourceIp": ["*"] } }));
    check(std::slice::from_ref(&never), None, "implicit_deny");
    let scp = allow("arn:aws:s3:::b/${aws:SourceIp}", json!({}));
    check(&[never], Some(&[scp]), "implicit_deny");
}

#[test]
fn a_variable_without_a_condition_on_its_key_is_tried_too() {
    let own = allow("arn:aws:s3:::b/${x:y}", json!({}));
    check(std::slice::from_ref(&own), None, "depends x:y");
    check(&[own.clone(), allow("*", json!({}))], None, "allow");
    check(&[own, deny("arn:aws:s3:::other/${x:y}", json!({})), deny("*", json!({}))], None, "explicit_deny");
}

#[test]
fn a_variable_that_a_condition_pins_down_is_known() {
    let is = |value: &str| json!({ "StringEquals": { "x:y": value } });
    check(&[allow("arn:aws:s3:::b/${x:y}", is("other"))], None, "implicit_deny");
    check(&[allow("arn:aws:s3:::b/${x:y}", is("a"))], None, "depends x:y");
    let pinned = json!({ "StringNotEquals": { "x:y": "a" }, "Null": { "x:y": "false" } });
    let rest =
        [allow("arn:aws:s3:::b/${x:y}", is("a")), allow("*", pinned), allow("*", json!({ "Null": { "x:y": "true" } }))];
    check(&rest, None, "allow");
}

#[test]
fn a_variable_that_is_pinned_down_stays_known_beside_a_set_operator() {
    let pinned = allow("arn:aws:s3:::b/${x:y}", json!({ "StringEquals": { "x:y": "b" } }));
    let any = deny("*", json!({ "ForAnyValue:StringNotLike": { "x:y": "*b" } }));
    check(&[pinned, any], None, "implicit_deny");
}

#[test]
fn the_absence_of_a_variable_is_known() {
    let absent = json!({ "Null": { "x:y": "true" } });
    check(&[allow("arn:aws:s3:::b/${x:y}", absent.clone())], None, "implicit_deny");
    check(&[allow("arn:aws:s3:::b/${x:y, 'a'}", absent.clone())], None, "depends x:y");
    check(&[allow("arn:aws:s3:::b/${x:y, 'b'}", absent)], None, "implicit_deny");
}

#[test]
fn case_does_not_hide_the_value_of_a_variable() {
    let same = json!({ "StringEqualsIgnoreCase": { "x:y": "${aws:PrincipalTag/a}" } });
    let statements = [allow("*", json!({})), deny("*", same)];
    let mut line = line(&json!([BUCKET]), &statements);
    line["request"]["context"] = json!({ "aws:PrincipalTag/a": "Bob" });
    assert_eq!(decide(&line), "depends x:y");
}

/// Each resource has its own account.
#[test]
fn the_account_of_every_resource_is_a_value_of_its_variable() {
    let (one, other) = ("arn:aws:sqs:us-east-1:111122223333:a", "arn:aws:sqs:us-east-1:444455556666:b");
    let same = json!({ "StringEquals": { "x:y": "${aws:ResourceAccount}" } });
    let any = json!({ "Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*" });
    for resources in [json!([one, other]), json!([other, one])] {
        for denied in [one, other] {
            let mut line = line(&resources, &[allow("*", json!({})), deny(denied, same.clone())]);
            line["resourcePolicy"] = document(std::slice::from_ref(&any));
            assert_eq!(decide(&line), "depends x:y");
        }
    }
}

/// The account of one is known, that of the other is not.
#[test]
fn a_known_account_stays_beside_an_unknown_one() {
    let known = "arn:aws:sqs:us-east-1:111122223333:a";
    let is = json!({ "StringEquals": { "aws:ResourceAccount": "111122223333" } });
    let statements = [allow("arn:aws:s3:::*", json!({})), allow(known, is.clone()), deny("arn:aws:s3:::*", is)];
    assert_eq!(decide(&line(&json!([BUCKET]), &statements)), "depends aws:ResourceAccount");
    assert_eq!(decide(&line(&json!([known, BUCKET]), &statements)), "depends aws:ResourceAccount");
}
