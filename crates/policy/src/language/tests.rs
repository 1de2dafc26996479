use dodai_facts::Problem;

use super::{Effect, read};

fn check(text: &str, expected: &[&str]) {
    let problems = read("p.json", text).err().unwrap_or_default();
    let told: Vec<String> = problems.iter().map(Problem::to_string).collect();
    assert_eq!(told, expected, "{text}");
}

#[test]
fn every_mistake_is_told_with_its_place() {
    check(r#"{"Statement": []}"#, &[]);
    check("[]", &["p.json:1:1: a policy document must be a map, found a list"]);
    check("{}", &["p.json:1:1: `Statement` is missing (a policy is a list of statements)"]);
    check(
        r#"{"Version": "2024-01-01", "Statement": []}"#,
        &["p.json:1:13: `Version` cannot be the text `2024-01-01` (the language's current version is \"2012-10-17\"; \
           it is not the policy's date)"],
    );
    check(
        r#"{"Statement": {"Effekt": "Allow"}}"#,
        &[
            "p.json:1:16: a statement has no element `Effekt` (did you mean `Effect`?)",
            "p.json:1:15: `Action` is missing in this statement (a statement says `Action` or `NotAction`)",
        ],
    );
    check(
        r#"{"Statement": {"Effect": "deny", "Action": 7, "NotAction": "a:b"}}"#,
        &[
            "p.json:1:26: `Effect` cannot be the text `deny` (`Allow` or `Deny`, with a capital letter)",
            "p.json:1:44: `Action` must be a text in quotes, found `7`",
            "p.json:1:47: `Action` and `NotAction` cannot stand in one statement (make two statements of it)",
        ],
    );
    check(
        r#"{"Statement": {"Effect": "Deny", "Action": "a:b", "Principal": "me"}}"#,
        &[
            "p.json:1:64: `Principal` cannot be the text `me` (write \"*\", or a map such as {\"AWS\": \"111122223333\"})",
        ],
    );
    check(
        r#"{"Statement": {"Effect": "Deny", "Action": "a:b", "Principal": {"aws": "*"}, "Condition": {
            "StringEqualIfExists": {"a": "b"}, "Null": [], "Bool": {"k": [true, null, {}]}}}}"#,
        &[
            "p.json:1:65: no principal is named by `aws` (did you mean `AWS`?)",
            "p.json:2:13: `StringEqualIfExists` is not a condition operator (did you mean `StringEquals`?)",
            "p.json:2:56: `Null` must be a map of condition keys, found a list",
            "p.json:2:81: a value of `k` must be a text, found nothing",
            "p.json:2:87: a value of `k` must be a text, found a map",
        ],
    );
    check(
        "{ // why\n}",
        &["p.json:1:3: not valid JSON: expected a key in double quotes, found `/` (JSON has no \
        comments; a policy with comments can be a .yaml file)"],
    );
}

#[test]
fn a_document_keeps_what_its_author_wrote() {
    let text = "
Version: 2012-10-17
Statement:
  - Sid: One
    Effect: Deny
    NotAction: [iam:*, sts:*]
    Resource: '*'
    Principal: '*'
    Condition:
      BoolIfExists: {aws:SecureTransport: False}
      ForAnyValue:StringLike: {aws:PrincipalOrgPaths: [o-1/*, o-2/*]}
";
    let document = read("p.yaml", text).unwrap();
    let [statement] = &document.statements[..] else { panic!("{document:?}") };
    assert_eq!(statement.effect, Effect::Deny);
    assert_eq!((statement.place.line, statement.actions.negated, statement.actions.values.len()), (4, true, 2));
    let conditions: Vec<String> = statement
        .conditions
        .iter()
        .map(|condition| {
            let values: Vec<&str> = condition.values.iter().map(|value| value.value.as_str()).collect();
            format!("{} {} {values:?}", condition.operator, condition.key)
        })
        .collect();
    assert_eq!(
        conditions,
        [
            "BoolIfExists aws:SecureTransport [\"false\"]",
            "ForAnyValue:StringLike aws:PrincipalOrgPaths [\"o-1/*\", \"o-2/*\"]",
        ]
    );
}
