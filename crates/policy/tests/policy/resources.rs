//! Which ARNs a value of `Resource` reaches.
//!
//! AWS: "IAM JSON policy elements: Resource": a `*` that ends a segment expands beyond the colons; "ARN condition
//! operators": each of the six components is checked separately.

use dodai_policy::decide::{Cache, decide_line};
use serde_json::{Value, json};

const TABLE: &str = "arn:aws:dynamodb:eu-west-1:111122223333:table/prod-a";

fn decided(line: &Value) -> String {
    let answer: Value = serde_json::from_str(&decide_line(&line.to_string(), &mut Cache::default())).unwrap();
    answer["decision"].as_str().unwrap().to_owned()
}

fn check(pattern: &str, arn: &str, reaches: bool) {
    let line = |element: &str| {
        json!({
            "request": {
                "principal": "arn:aws:iam::111122223333:user/U", "action": "a:B", "resource": arn,
                "resourceAccount": "111122223333", "context": { "aws:username": "U" },
            },
            "identity": [{ "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Action": "*", element: pattern } }],
        })
    };
    let decision = |reaches: bool| if reaches { "allow" } else { "implicit_deny" };
    assert_eq!(decided(&line("Resource")), decision(reaches), "{pattern} {arn}");
    assert_eq!(decided(&line("NotResource")), decision(!reaches), "not {pattern} {arn}");
}

#[test]
fn a_star_that_ends_a_field_reaches_over_colons() {
    for pattern in [
        "arn:*",
        "arn:aws:dynamodb:*",
        "arn:aws:dynamodb:*:table/prod-*",
        "arn:aws:dynamodb:eu-*:table/prod-a",
        "arn:aws:*:table/*",
        "arn:aws:dynamodb:*:*:table/prod-?",
        "arn:aws:dynamodb:*:1111*:table/prod-*",
        "arn:aws:dynamodb:eu-*-1:*:table/prod-a",
        "arn:*:111122223333:table/prod-a",
    ] {
        check(pattern, TABLE, true);
    }
    for pattern in [
        "arn:aws:dynamodb:*:table/test-*",
        "arn:aws:dynamo*b:table/prod-a",
        "arn:aws:dynamodb:e*1:table/prod-a",
        "arn:aws:dynamodb:eu-west-1?111122223333:table/prod-a",
        "arn:aws:dynamodb:*3:table/prod-a",
        "arn:aws:s3:*",
        "arn:aws:dynamodb:table/prod-a",
    ] {
        check(pattern, TABLE, false);
    }
    check("arn:aws:s3:*", "arn:aws:s3:::b/k", true);
    check("arn:aws:iam::*:${aws:username}", "arn:aws:iam::111122223333:user:U", true);
    check("arn:aws:logs:*:*:log-group:a*z", "arn:aws:logs:eu-west-1:111122223333:log-group:a:log-stream:z", true);
    // What is on no resource is no ARN.
    check("arn:*", "*", false);
}

#[test]
fn conditions_on_arns_compare_field_by_field() {
    let check = |pattern: &str, decision: &str| {
        let line = json!({
            "request": {
                "principal": "arn:aws:iam::111122223333:role/R", "action": "a:B",
                "context": { "aws:SourceArn": TABLE },
            },
            "identity": [{ "Version": "2012-10-17", "Statement": {
                "Effect": "Allow", "Action": "*", "Resource": "*", "Condition": { "ArnLike": { "aws:SourceArn": pattern } },
            } }],
        });
        assert_eq!(decided(&line), decision, "{pattern}");
    };
    check("arn:aws:dynamodb:*:*:table/prod-*", "allow");
    check("arn:aws:dynamodb:*:table/prod-*", "implicit_deny");
    check("arn:aws:dynamodb:*", "implicit_deny");
    check("arn:aws:*:*:111122223333:prod-*", "implicit_deny");
}
