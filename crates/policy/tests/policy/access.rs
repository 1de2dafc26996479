//! What policies open: a table of cases with their reasons, and the questions that controls ask.

use std::fmt::Write as _;

use dodai_document::{Node, Problems, yaml};
use dodai_policy::access::{
    External, Unanswerable, allows_full_admin, allows_on_all_resources, denies_without_tls, external_principals,
    full_access_services, is_public, read, unguarded_services,
};
use serde_json::{Map, Value, json};

fn cases() -> Vec<Node> {
    let mut problems = Problems::of("access.yaml");
    let root = yaml::parse(include_str!("access.yaml"), &mut problems);
    assert!(problems.list.is_empty(), "{:?}", problems.list);
    root.unwrap().get("cases").unwrap().items().to_vec()
}

/// The document of a case; its statements are what they give over the plainest public one.
fn document(case: &Value) -> String {
    let plain = json!({"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"});
    let given: Vec<Value> = match (&case["statements"], &case["statement"], &case["condition"]) {
        (Value::Array(all), _, _) => all.clone(),
        (_, Value::Object(one), _) => vec![Value::Object(one.clone())],
        (_, _, condition) => vec![json!({"Condition": condition})],
    };
    let statements: Vec<Value> = given
        .into_iter()
        .map(|given| {
            let mut statement: Map<String, Value> = plain.as_object().unwrap().clone();
            for (name, value) in given.as_object().unwrap() {
                if value.is_null() {
                    statement.remove(name);
                } else {
                    statement.insert(name.clone(), value.clone());
                }
            }
            Value::Object(statement)
        })
        .collect();
    let version = case["version"].as_str().unwrap_or("2012-10-17");
    json!({"Version": version, "Statement": statements}).to_string()
}

fn texts(value: &Value) -> Vec<String> {
    value.as_array().into_iter().flatten().map(|text| text.as_str().unwrap().to_owned()).collect()
}

#[test]
fn what_is_public_and_who_is_external() {
    let mut wrong = String::new();
    let cases = cases();
    for case in &cases {
        let case = case.to_json();
        let name = case["name"].as_str().unwrap();
        let document = read(&document(&case)).unwrap();
        let public = is_public(&document).unwrap().map_or(Value::Bool(false), |why| Value::String(why.to_string()));
        if public != case["public"] {
            let _ = writeln!(wrong, "{name}: public {public}, expected {}", case["public"]);
        }
        let trusted = texts(&case["trusted"]);
        let trusted: Vec<&str> = trusted.iter().map(String::as_str).collect();
        let external = external_principals(&document, &trusted, &[]).unwrap();
        let everyone = external.iter().any(|one| one.kind.as_str() == "everyone");
        if everyone != public.is_string() {
            let _ = writeln!(wrong, "{name}: everyone is external ({everyone}) where it is public, and only there");
        }
        if case["external"].is_array() {
            let mut found: Vec<String> =
                external.iter().map(|one| format!("{} {}", one.kind.as_str(), one.principal)).collect();
            found.dedup();
            if found != texts(&case["external"]) {
                let _ = writeln!(wrong, "{name}: external {found:?}, expected {}", case["external"]);
            }
        }
        if case["services"].is_array() {
            let found = unguarded_services(&document).unwrap();
            if found != texts(&case["services"]) {
                let _ = writeln!(wrong, "{name}: services {found:?}, expected {}", case["services"]);
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
    assert!(cases.len() > 100, "{}", cases.len());
}

#[test]
fn external_principals_say_whose_they_are_and_by_which_statement() {
    let policy = r#"{"Statement": [
        {"Sid": "Read", "Effect": "Allow", "Principal": {"AWS": ["arn:aws:iam::444455556666:role/r", "777788889999"]},
         "Action": "s3:Get*", "Resource": "*"},
        {"Effect": "Allow", "Principal": {"AWS": "444455556666"}, "Action": "s3:PutBucketAcl", "Resource": "*"}]}"#;
    let document = read(policy).unwrap();
    let found = |actions: &[&str]| {
        external_principals(&document, &["777788889999"], actions)
            .unwrap()
            .into_iter()
            .map(|External { kind, principal, owner, statement }| {
                format!("{} {principal} of {} by {statement}", kind.as_str(), owner.unwrap_or_default())
            })
            .collect::<Vec<_>>()
    };
    let read = "account arn:aws:iam::444455556666:role/r of 444455556666 by statement `Read`".to_owned();
    let write = "account 444455556666 of 444455556666 by statement 2".to_owned();
    assert_eq!(found(&[]), [write.clone(), read.clone()]);
    assert_eq!(found(&["s3:PutBucketAcl", "s3:DeleteBucketPolicy"]), [write]);
    assert_eq!(found(&["s3:GetObjectVersion"]), [read]);
    assert_eq!(found(&["sns:*"]), Vec::<String>::new());
}

#[test]
fn what_cannot_be_answered_says_why() {
    let check = |text: &str, expected: &str| {
        let error = match read(text) {
            Ok(document) => is_public(&document).unwrap_err(),
            Err(error) => error,
        };
        assert_eq!(error.to_string(), expected, "{text}");
    };
    check(
        "",
        "this is not a policy document: not valid JSON: expected a value, found the end of the file (line 1, column 1)",
    );
    check("%7", "this is not a policy document: it is percent-encoded, and not UTF-8 text");
    check("%FF", "this is not a policy document: it is percent-encoded, and not UTF-8 text");
    check("{}", "this is not a policy document: `Statement` is missing (line 1, column 1)");
    check(
        r#"{"Statement":{"Effect":"Allow","Action":"*","Principal":"*","Condition":{"StringEqual":{"a":"b"}}}}"#,
        "this is not a policy document: `StringEqual` is not a condition operator (line 1, column 74)",
    );
    check(
        r#"{"Statement":[{"Sid":"A","Effect":"Allow","Action":"*","Resource":"*"}]}"#,
        "statement `A` has no `Principal`: only a resource-based policy can be asked who has access",
    );
    let long = " ".repeat(102_401);
    assert_eq!(read(&long), Err(Unanswerable::TooLong(102_401)));
    check(&long, "the policy is 102401 bytes long, the limit is 102400");
    let encoded =
        r#"{"Statement":{"Effect":"Allow","Action":"*","Principal":"*"}}"#.replace('{', "%7B").replace('"', "%22");
    assert!(is_public(&read(&encoded).unwrap()).unwrap().is_some());
}

/// An identity policy of one statement.
fn granting(statement: &str) -> dodai_policy::Document {
    read(&format!(r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow",{statement}}}]}}"#)).unwrap()
}

#[test]
fn full_access_is_seen() {
    let check = |statement: &str, admin: bool, services: &[&str]| {
        let document = granting(statement);
        assert_eq!(allows_full_admin(&document), admin, "{statement}");
        assert_eq!(full_access_services(&document), services, "{statement}");
    };
    check(r#""Action":"*","Resource":"*""#, true, &["*"]);
    check(r#""Action":["s3:Get*","*:*"],"Resource":["arn:aws:s3:::b","*"]"#, true, &["*"]);
    check(r#""Action":"*","Resource":"arn:aws:s3:::b""#, false, &["*"]);
    check(r#""Action":["ec2:*","S3:*"],"Resource":"*""#, false, &["ec2", "s3"]);
    check(r#""Action":["ec2:Describe*"],"Resource":"*""#, false, &[]);
    check(r#""NotAction":"iam:*","Resource":"*""#, false, &["*"]);
    check(r#""Action":"*","NotResource":"arn:aws:s3:::b""#, false, &["*"]);
    let denying = read(r#"{"Statement":{"Effect":"Deny","Action":"*","Resource":"*"}}"#).unwrap();
    assert!(!allows_full_admin(&denying) && full_access_services(&denying).is_empty());
}

#[test]
fn actions_on_all_resources_are_seen() {
    let kms = ["kms:Decrypt", "kms:ReEncryptFrom"];
    let check = |statement: &str, yes: bool| {
        assert_eq!(allows_on_all_resources(&granting(statement), &kms), yes, "{statement}");
    };
    check(r#""Action":"kms:Decrypt","Resource":"*""#, true);
    check(r#""Action":"*","Resource":"*""#, true);
    check(r#""Action":"kms:ReEncrypt*","Resource":"arn:aws:kms:*:111122223333:key/*""#, true);
    check(r#""Action":"KMS:decrypt","Resource":["arn:aws:kms:*:*:alias/*"]"#, true);
    check(r#""NotAction":"iam:*","Resource":"*""#, true);
    check(r#""NotAction":"kms:*","Resource":"*""#, false);
    check(r#""Action":"kms:Decrypt","NotResource":"arn:aws:kms:us-east-1:111122223333:key/1""#, true);
    check(r#""Action":"kms:Encrypt","Resource":"*""#, false);
    check(r#""Action":"kms:Decrypt","Resource":"arn:aws:kms:us-east-1:111122223333:key/1234abcd-*""#, false);
    let with_deny = |deny: &str| {
        let text = format!(
            r#"{{"Statement":[{{"Effect":"Allow","Action":"kms:*","Resource":"*"}},{{"Effect":"Deny",{deny}}}]}}"#
        );
        allows_on_all_resources(&read(&text).unwrap(), &kms)
    };
    assert!(!with_deny(r#""Action":["kms:Decrypt","kms:ReEncrypt*"],"Resource":"*""#));
    assert!(with_deny(r#""Action":"kms:Decrypt","Resource":"*""#));
    assert!(with_deny(r#""Action":"kms:*","Resource":"arn:aws:kms:us-east-1:111122223333:key/1""#));
    assert!(with_deny(r#""Action":"kms:*","Resource":"*","Condition":{"Bool":{"aws:ViaAWSService":"false"}}"#));
}

#[test]
fn denying_without_tls_is_seen() {
    let check = |change: (&str, &str), yes: bool| {
        let policy = r#"{"Statement":[{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":["arn:aws:s3:::b","arn:aws:s3:::b/*"],"Condition":{"Bool":{"aws:SecureTransport":"false"}}}]}"#;
        let policy = policy.replace(change.0, change.1);
        assert_eq!(denies_without_tls(&read(&policy).unwrap()), yes, "{policy}");
    };
    check(("", ""), true);
    check((r#""Principal":"*""#, r#""Principal":{"AWS":["*"]}"#), true);
    check(("\"false\"", "false"), true);
    check(("Bool", "BoolIfExists"), true);
    check(("arn:aws:s3:::b/*", "*"), true);
    check(("arn:aws:s3:::b/*", "arn:aws:s3:::b*"), true);
    check(("s3:*", "*"), true);
    check(("\"Deny\"", "\"Allow\""), false);
    check((r#""Principal":"*""#, r#""Principal":{"AWS":"111122223333"}"#), false);
    check(("s3:*", "s3:GetObject"), false);
    check(("arn:aws:s3:::b/*", "arn:aws:s3:::b/logs/*"), false);
    check(("\"false\"", "\"true\""), false);
    check(("Bool\":", "ForAnyValue:Bool\":"), false);
    check((r#""Bool":{"#, r#""StringEquals":{"aws:SourceVpc":"vpc-1"},"Bool":{"#), false);
    check(("aws:SecureTransport", "aws:ViaAWSService"), false);
}

#[test]
fn hostile_policies_end() {
    // Many actions and many denials, of which only the last contains all of the others.
    let actions: Vec<String> = (0..1_000).map(|n| format!("s3:A{n}*")).collect();
    let denied: Vec<String> = (0..1_000).map(|n| format!("s3:*B{n}")).chain(["s3:*".to_owned()]).collect();
    let policy = json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": "*", "Action": actions, "Resource": "*"},
        {"Effect": "Deny", "Principal": "*", "Action": denied, "Resource": "*"},
    ]});
    let document = read(&policy.to_string()).unwrap();
    assert_eq!(is_public(&document), Ok(None));
    let stars = "s3:".to_owned() + &"*a?".repeat(30_000);
    let policy = json!({"Statement": {"Effect": "Allow", "Action": stars, "Resource": "*"}});
    assert!(!allows_on_all_resources(&read(&policy.to_string()).unwrap(), &["kms:Decrypt"]));
}
