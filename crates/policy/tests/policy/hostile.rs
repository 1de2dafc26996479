//! Hostile lines: each of these would take minutes or gigabytes if anything in it were done once for each pair of its
//! parts, or for each completion of its unknown keys.

use std::collections::BTreeMap;

use dodai_policy::decide::{
    Asked, Cache, Given, MAX_LINE_BYTES, MAX_REQUEST_BYTES, Policies, Policy, Request, RequestError, decide,
    decide_line,
};
use dodai_policy::language;
use dodai_policy::pattern::glob;
use serde_json::{Value, json};

fn answer(line: &str) -> Value {
    let answer = decide_line(line, &mut Cache::default());
    assert!(answer.len() < 2_000, "{} bytes", answer.len());
    serde_json::from_str(&answer).unwrap()
}

/// The decision of one statement on a request with this context.
fn check(statement: &Value, context: &Value, expected: &str) {
    let request = json!({
        "principal": "arn:aws:iam::111122223333:role/R",
        "action": "s3:GetObject",
        "resource": "arn:aws:s3:::b/k",
        "resourceAccount": "111122223333",
        "context": context,
    });
    let all = json!({ "Statement": { "Effect": "Allow", "Action": "*", "Resource": "*" } });
    let policy = json!({ "Version": "2012-10-17", "Statement": statement });
    let answer = answer_of(&json!({ "id": 1, "request": request, "identity": [all, policy] }));
    assert_eq!(answer["decision"].as_str().unwrap_or_default(), expected, "{answer:.300}");
}

fn answer_of(line: &Value) -> Value {
    let answer = decide_line(&line.to_string(), &mut Cache::default());
    serde_json::from_str(&answer).unwrap()
}

fn deny(condition: &Value) -> Value {
    json!({ "Effect": "Deny", "Action": "*", "Resource": "*", "Condition": condition })
}

#[test]
fn patterns_take_one_pass() {
    let text = "a".repeat(1 << 20);
    assert!(!glob(&format!("{}b*", "*a".repeat(1 << 12)), &text));
    assert!(!glob(&format!("*{}b*", "a?".repeat(300)), &text));
    assert!(!glob(&format!("{}b", "*a?a".repeat(1 << 10)), &text));
    assert!(glob(&"*a?".repeat(1 << 12), &text));
}

#[test]
fn a_value_that_many_variables_repeat_is_not_put_in_without_end() {
    let name = "n".repeat(20_000);
    let many = "${aws:username}*".repeat(4_000);
    let user = format!("arn:aws:iam::111122223333:user/{name}");
    let request = json!({
        "principal": user, "action": "s3:GetObject", "resource": format!("arn:aws:s3:::{name}"),
        "resourceAccount": "111122223333",
    });
    let policy = json!({ "Version": "2012-10-17", "Statement": {
        "Effect": "Allow", "Action": "*", "Resource": [format!("arn:aws:s3:::{many}"), "arn:aws:s3:::${aws:username}"],
    } });
    let answer = answer_of(&json!({ "id": 1, "request": request, "identity": [policy] }));
    assert_eq!(answer["decision"], "allow", "{answer:.300}");
    // Unclosed, each of them could be searched for its end.
    check(&json!({ "Effect": "Deny", "Action": "*", "Resource": "${".repeat(40_000) }), &json!({}), "allow");
}

#[test]
fn thousands_of_conditions_on_one_unknown_key() {
    let statements: Vec<Value> =
        (0..700).map(|at| deny(&json!({ "StringLike": { "aws:RequestTag/a": format!("*{at}*x?") } }))).collect();
    check(&json!(statements), &json!({}), "depends");
}

#[test]
fn thousands_of_values_of_one_unknown_key() {
    let values: Vec<String> = (0..5_000).map(|at| format!("*{at}*?{at}*")).collect();
    check(&deny(&json!({ "StringLike": { "aws:RequestTag/a": values } })), &json!({}), "depends");
    let values: Vec<u32> = (0..10_000).collect();
    check(&deny(&json!({ "NumericNotEquals": { "s3:max-keys": values } })), &json!({}), "depends");
}

#[test]
fn a_thousand_unknown_keys() {
    let keys: serde_json::Map<String, Value> = (0..1_000)
        .map(|at| (format!("aws:RequestTag/{at}"), json!(["a*b?c", format!("${{aws:PrincipalTag/{at}}}")])))
        .collect();
    // All must fit at once: no combination that is tried by chance does.
    let answer = answer_of(&json!({
        "id": 1,
        "request": { "principal": "111122223333", "action": "s3:GetObject" },
        "identity": [{ "Version": "2012-10-17", "Statement": deny(&json!({ "StringLike": keys })) }],
        "scps": [[{ "Statement": { "Effect": "Allow", "Action": "*", "Resource": "*" } }]],
    }));
    assert_eq!(answer["decision"], "depends");
    assert_eq!(answer["missing"].as_array().map(Vec::len), Some(2_000));
}

#[test]
fn a_context_of_many_keys() {
    let context: serde_json::Map<String, Value> = (0..25_000).map(|at| (format!("k{at}"), json!("v"))).collect();
    check(&deny(&json!({ "StringEquals": { "k24999": "v" } })), &json!(context), "explicit_deny");
}

#[test]
fn a_request_has_a_limit() {
    let asked = Asked {
        principal: "*".to_owned(),
        action: "s3:GetObject".to_owned(),
        context: BTreeMap::from([("k".to_owned(), Given::Values(vec![String::new(); 70_000]))]),
        ..Asked::default()
    };
    let bytes = 70_000 * 16 + "*".len() + "s3:GetObject".len() + "k".len() + 3 * 16;
    assert!(bytes > MAX_REQUEST_BYTES);
    assert_eq!(Request::new(asked).unwrap_err(), RequestError::TooLarge(bytes));
}

#[test]
fn policies_times_request_have_a_limit() {
    let policy = json!({ "Statement": { "Effect": "Allow", "Action": "*", "Resource": vec!["*a*"; 10_000] } });
    let request = json!({ "principal": "*", "action": "s3:GetObject", "resource": "b".repeat(900_000) });
    let line = json!({ "id": 1, "request": request, "identity": [policy] });
    let error = "too much to compare: policies of 60070 bytes with a request of 900061 bytes";
    assert_eq!(answer(&line.to_string()), json!({ "id": 1, "error": error }));
}

#[test]
fn a_policy_has_a_limit() {
    let policy = json!({ "Id": "x".repeat(200 << 10), "Statement": [] });
    let line = json!({ "id": 1, "request": { "principal": "*", "action": "a:b" }, "identity": [policy] });
    let error = "identity[0]: the policy is too long: 204824 bytes; at most 102400";
    assert_eq!(answer(&line.to_string()), json!({ "id": 1, "error": error }));
}

#[test]
fn what_is_wrong_a_thousand_times_is_told_in_short() {
    let line = json!({
        "id": 1, "request": { "principal": "*", "action": "a:b" }, "identity": [{ "Statement": vec![1; 40_000] }],
    });
    assert!(answer(&line.to_string())["error"].as_str().unwrap().ends_with("; and 39992 more"));
    assert!(answer(&format!(r#"{{"{}":1}}"#, "x".repeat(1 << 20)))["error"].is_string());
    assert!(answer(&format!(r#"{{"closed":{}}}"#, "x".repeat(1 << 20)))["error"].is_string());
}

#[test]
fn long_and_deep_lines_end() {
    for (open, close) in [("[", "]"), ("{\"a\":", "}"), ("\"", "\\"), ("[\"", ","), (" ", " ")] {
        for before in ["", r#"{"id":1,"identity":"#, r#"{"id":1,"request":"#, r#"{"id":"#] {
            let half = (MAX_LINE_BYTES - 100) / 2;
            let line = format!("{before}{}{}", open.repeat(half / open.len()), close.repeat(half / close.len()));
            assert!(answer(&line)["error"].is_string(), "{open}");
        }
    }
    let deep = format!("{}1{}", "[".repeat(1 << 20), "]".repeat(1 << 20));
    assert!(answer(&format!(r#"{{"id":{deep},"request":{{}}}}"#))["error"].is_string());
}

#[test]
fn ten_thousand_statements_are_decided() {
    let statement =
        r#"{"Effect":"Deny","Action":"s3:*","Resource":"*","Condition":{"Bool":{"aws:SecureTransport":"false"}}}"#;
    let text = format!(r#"{{"Statement":[{}]}}"#, vec![statement; 10_000].join(","));
    let document = language::read_json("p", &text).unwrap();
    let policies = Policies { identity: vec![Policy::new("p", "", document).into()], ..Policies::default() };
    let asked = Asked {
        principal: "arn:aws:iam::111122223333:role/R".to_owned(),
        action: "s3:GetObject".to_owned(),
        ..Asked::default()
    };
    let answer = decide(&policies, &Request::new(asked).unwrap());
    // Whatever the key is: nothing allows.
    assert!(answer.decision.is_deny(), "{answer:?}");
}
