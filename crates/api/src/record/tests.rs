//! Secrets planted wherever an exchange can carry one, and searched for in the file.

use std::time::{Duration, SystemTime};

use aws_smithy_types::base64;
use dodai_facts::{Failure, FailureKind};
use dodai_models::Models;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::format::Key;
use super::recorder::{Course, Recorder};
use super::redact::{KEPT, Redaction, Side};
use crate::prepare::CallName;

fn name(service: &str, operation: &str) -> CallName {
    CallName {
        service: service.to_owned(),
        operation: operation.to_owned(),
        account: Some("111122223333".parse().unwrap()),
        region: "us-east-1".parse().unwrap(),
    }
}

/// What is written of these exchanges.
fn recorded(exchanges: &[(CallName, Value, Result<Value, Failure>)]) -> String {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("r.jsonl");
    let recorder = Recorder::create(&path, SystemTime::UNIX_EPOCH).unwrap();
    for (name, params, answer) in exchanges {
        let course = Course { status: None, attempts: 1, took: Duration::ZERO };
        recorder.write(name, params, answer.as_ref(), course);
    }
    recorder.finish().unwrap();
    std::fs::read_to_string(path).unwrap()
}

const KEY_ID: &str = "AKIAIOSFODNN7EXAMPLE";

/// Texts that show by themselves what they are, and the part of each that must not be written.
fn shown() -> Vec<(String, String)> {
    let long = "Ab1".repeat(30);
    let key = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
    let pem = "MIIEpAIBAAKCAQEA75";
    vec![
        (format!("-----BEGIN RSA PRIVATE KEY-----\n{pem}\n-----END RSA PRIVATE KEY-----"), pem.to_owned()),
        (format!("-----BEGIN OPENSSH PRIVATE KEY-----\n{pem}"), pem.to_owned()),
        ("see eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2lnbmF0dXJl there".to_owned(), "c2lnbmF0dXJl".to_owned()),
        ("postgres://admin:hunter2@db.example.com/x".to_owned(), "hunter2".to_owned()),
        ("https://b.s3.amazonaws.com/k?X-Amz-Signature=0123abcd&x=y".to_owned(), "0123abcd".to_owned()),
        (format!("https://h/?X-Amz-Security-Token={long}"), long.clone()),
        (format!("id {KEY_ID} key {key} end"), key.to_owned()),
        (format!("IQoJ{long}"), long.clone()),
        (format!("remote ghp_{long}"), long.clone()),
        (format!("github_pat_{long}"), long.clone()),
        ("xoxb-123456789012-abcdefgh".to_owned(), "abcdefgh".to_owned()),
        ("https://hooks.slack.com/services/T000/B000/XXXXsecret".to_owned(), "XXXXsecret".to_owned()),
        (format!("Authorization: Bearer {long}"), long.clone()),
        ("Authorization: AWS4-HMAC-SHA256 Credential=x, Signature=99aabbcc".to_owned(), "99aabbcc".to_owned()),
        ("x-amz-security-token:abcdef0123".to_owned(), "abcdef0123".to_owned()),
        ("export DB_PASSWORD=hunter2; run".to_owned(), "hunter2".to_owned()),
        ("password: 'hunter2 and more'".to_owned(), "hunter2 and more".to_owned()),
        ("mysql --password hunter2".to_owned(), "hunter2".to_owned()),
        ("Server=db;Password=hunter2;".to_owned(), "hunter2".to_owned()),
        (r#"cut off {"api_key": "hunter2", "#.to_owned(), "hunter2".to_owned()),
        (r#"escaped {\"token\":\"hunter2\"} in text"#.to_owned(), "hunter2".to_owned()),
    ]
}

fn percent(text: &str) -> String {
    text.bytes().fold(String::new(), |encoded, byte| encoded + &format!("%{byte:02X}"))
}

#[test]
fn what_shows_that_it_is_a_secret_is_written_nowhere() {
    for (text, secret) in shown() {
        let document = json!({"a": [{"b": text}]}).to_string();
        let within = json!({"inner": document}).to_string();
        let answers = [
            json!({"Name": text}),
            json!({"Tags": [{"Key": "k", "Value": text}]}),
            json!({"AnyMap": {text.as_str(): 1}}),
            json!({"Policy": document}),
            json!({"Policy": within}),
            json!({"Policy": percent(&document)}),
            json!({"Blob": base64::encode(&text)}),
            json!({"Blob": base64::encode(&document)}),
        ];
        for answer in answers {
            for (service, operation) in [("iam", "GetRole"), ("nowhere", "GetNothing")] {
                let name = name(service, operation);
                let text = recorded(&[
                    (name.clone(), answer.clone(), Ok(json!({}))),
                    (name.clone(), json!({}), Ok(answer.clone())),
                ]);
                assert!(!text.contains(&secret), "{secret}: {answer}\n{text}");
                assert_eq!(text.matches("(redacted-").count(), 2 * redactions(&answer), "{answer}\n{text}");
            }
        }
        let failure = Failure {
            request_id: Some(text.clone()),
            ..name("iam", "GetRole").failure(FailureKind::Denied, &text, format!("not allowed: {text}"))
        };
        let written = recorded(&[(name("iam", "GetRole"), json!({}), Err(failure))]);
        assert!(!written.contains(&secret), "{written}");
    }
}

/// Marks that are there to be read, or hidden in base64 or percent encoding.
fn redactions(answer: &Value) -> usize {
    let redacted = Redaction::default().value(None, Side::Output, answer);
    assert_ne!(redacted, *answer);
    redacted.to_string().matches("(redacted-").count()
}

#[test]
fn what_models_and_names_say_is_secret_is_not_written() {
    let secret = "hunter2";
    let encoded = base64::encode(secret);
    let cases = [
        // By the model.
        ("secretsmanager", "GetSecretValue", json!({"SecretString": secret, "SecretBinary": encoded})),
        ("kms", "Decrypt", json!({"Plaintext": encoded})),
        ("ssm", "GetParameter", json!({"Parameter": {"Name": "/db", "Type": "String", "Value": secret}})),
        ("ec2", "CreateKeyPair", json!({"KeyMaterial": secret})),
        ("lambda", "GetFunctionConfiguration", json!({"Environment": {"Variables": {"A": secret, "B": secret}}})),
        // By names.
        (
            "sts",
            "AssumeRole",
            json!({"Credentials": {"AccessKeyId": secret, "SecretAccessKey": secret, "SessionToken": secret}}),
        ),
        ("ec2", "DescribeInstanceAttribute", json!({"UserData": {"Value": encoded}})),
        (
            "ec2",
            "DescribeLaunchTemplateVersions",
            json!({"LaunchTemplateVersions": [{"LaunchTemplateData": {"UserData": secret}}]}),
        ),
        (
            "cloudformation",
            "DescribeStacks",
            json!({"Stacks": [{"Parameters": [{"ParameterKey": "P", "ParameterValue": secret}]}]}),
        ),
        (
            "ecs",
            "DescribeTaskDefinition",
            json!({"taskDefinition": {"containerDefinitions": [{"environment": [{"name": "A", "value": secret}]}]}}),
        ),
        (
            "batch",
            "DescribeJobDefinitions",
            json!({"jobDefinitions": [{"containerProperties": {"environment": [{"name": "A", "value": secret}]}}]}),
        ),
        (
            "codebuild",
            "BatchGetProjects",
            json!({"projects": [{"environment": {"environmentVariables": [{"name": "A", "value": secret}]}}]}),
        ),
        ("apigateway", "GetStage", json!({"variables": {"A": secret}})),
        (
            "elasticbeanstalk",
            "DescribeConfigurationSettings",
            json!({"ConfigurationSettings": [{"OptionSettings": [
            {"Namespace": "aws:elasticbeanstalk:application:environment", "OptionName": "A", "Value": secret}]}]}),
        ),
        ("glue", "GetConnection", json!({"Connection": {"ConnectionProperties": {"PASSWORD": secret}}})),
        ("events", "ListTargetsByRule", json!({"Targets": [{"Id": "1", "Input": secret}]})),
        (
            "cloudfront",
            "GetDistributionConfig",
            json!({"DistributionConfig": {"Origins": {"Items": [
            {"CustomHeaders": {"Items": [{"HeaderName": "h", "HeaderValue": secret}]}}]}}}),
        ),
        ("nowhere", "GetNothing", json!({"Parameters": [{"Name": "db_password", "Value": secret}], "Type": "x"})),
        (
            "nowhere",
            "GetNothing",
            json!({"Document": json!({"Resources": {"Properties": {"MasterUserPassword": secret}}}).to_string()}),
        ),
        ("nowhere", "GetNothing", json!({"Name": "/a", "Type": "SecureString", "Value": secret})),
    ];
    for (service, operation, answer) in cases {
        let name = name(service, operation);
        let text = recorded(&[(name, json!({}), Ok(answer.clone()))]);
        assert!(!text.contains(secret) && !text.contains(&encoded), "{service}.{operation}\n{text}");
        assert!(text.contains("(redacted-"), "{text}");
    }
    // Parameters by the model.
    let params = json!({"DBInstanceIdentifier": "d", "MasterUserPassword": secret, "ManageMasterUserPassword": true});
    let text = recorded(&[(name("rds", "ModifyDBInstance"), params, Ok(json!({})))]);
    assert!(!text.contains(secret) && text.contains(r#""ManageMasterUserPassword":true"#), "{text}");
}

#[test]
fn what_is_no_secret_is_written_as_it_is() {
    let policy = r#"{"Statement": [{"Action": ["iam:PassRole", "secretsmanager:GetSecretValue"], "Effect": "Allow",
        "Resource": "arn:aws:secretsmanager:us-east-1:111122223333:secret:db-AbCdEf",
        "Condition": {"StringEquals": {"token.actions.githubusercontent.com:aud": "sts.amazonaws.com"}}}]}"#;
    let cases = [
        ("organizations", "ListAccounts", json!({"Accounts": [{"Id": "1", "Email": "a@example.com", "Name": "a"}]})),
        (
            "iam",
            "GetAccountPasswordPolicy",
            json!({"PasswordPolicy": {"MinimumPasswordLength": 14, "HardExpiry": false}}),
        ),
        ("iam", "ListUsers", json!({"Users": [{"UserName": "u", "PasswordLastUsed": "2026-01-01T00:00:00Z"}]})),
        ("iam", "ListAccessKeys", json!({"AccessKeyMetadata": [{"AccessKeyId": KEY_ID, "Status": "Active"}]})),
        ("iam", "GetPolicyVersion", json!({"PolicyVersion": {"Document": policy}})),
        ("iam", "GetPolicyVersion", json!({"PolicyVersion": {"Document": percent(policy)}})),
        (
            "ec2",
            "DescribeInstances",
            json!({"Reservations": [{"Instances": [{"MetadataOptions": {"HttpTokens": "required"}}]}]}),
        ),
        (
            "kms",
            "ListKeys",
            json!({"Keys": [{"KeyArn": "arn:aws:kms:us-east-1:111122223333:key/1-2"}], "NextMarker": "m"}),
        ),
        (
            "secretsmanager",
            "ListSecrets",
            json!({"SecretList": [{"Name": "db", "ARN": "arn:aws:secretsmanager:us-east-1:1:secret:db"}]}),
        ),
        ("ec2", "DescribeVpcs", json!({"NextToken": "n", "Vpcs": []})),
        (
            "rds",
            "DescribeDBParameters",
            json!({"Parameters": [{"ParameterName": "rds.force_ssl", "ParameterValue": "1"}]}),
        ),
        (
            "events",
            "ListTargetsByRule",
            json!({"Targets": [{"Id": "1", "InputTransformer": {"InputTemplate": "<a>"}}]}),
        ),
        (
            "nowhere",
            "GetNothing",
            json!({"Url": "https://example.com:8443/a@b", "Digest": "da39a3ee5e6b4b0d3255bfef95601890afd80709"}),
        ),
        ("nowhere", "GetNothing", json!({"Blob": base64::encode("just a text of some length"), "Ümläut": "grüße: ü"})),
    ];
    for (service, operation, answer) in cases {
        let text = recorded(&[(name(service, operation), json!({}), Ok(answer.clone()))]);
        let line: Value = serde_json::from_str(text.lines().nth(1).unwrap()).unwrap();
        assert_eq!(line["reply"], answer, "{service}.{operation}");
    }
}

/// What tables keep of what models call sensitive, a replay needs too. `KEPT` has the shapes of these members.
#[test]
fn what_tables_keep_is_kept() {
    let tables = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tables");
    let mut found = Vec::new();
    for entry in std::fs::read_dir(tables).unwrap() {
        let path = entry.unwrap().path();
        let text = std::fs::read_to_string(&path).unwrap();
        let service = path.file_stem().unwrap().to_str().unwrap().to_owned();
        for line in text.lines().filter_map(|line| line.trim().strip_prefix("keep: [")) {
            for member in line.trim_end_matches(']').split(',') {
                let member = member.trim().trim_matches('"').rsplit('.').next().unwrap();
                found.push((service.clone(), member.to_owned()));
            }
        }
    }
    assert!(found.len() >= 5, "{found:?}");
    for (service, member) in found {
        let model = Models::embedded().service(&service).unwrap();
        let shapes = model.shapes.iter().filter_map(|shape| match &shape.kind {
            dodai_models::ShapeKind::Structure(structure) => structure.member(&member),
            _ => None,
        });
        let sensitive: Vec<_> =
            shapes.map(|member| model.shape(member.shape)).filter(|shape| shape.sensitive).collect();
        assert!(!sensitive.is_empty(), "{service} {member}");
        let kept = sensitive.iter().any(|shape| KEPT.contains(&(service.as_str(), shape.name.as_str())));
        assert!(kept, "{service}: {member} is of one of {sensitive:?}");
    }
}

#[test]
fn a_hostile_text_costs_no_more_than_its_length() {
    for part in [
        "eyJ",
        "eyJa.eyJ",
        "://a:b",
        "password=arn:",
        "-----BEGIN PRIVATE KEY",
        "xoxb-",
        "\\\"token\\\":",
        "AKIA",
        "[{\"a\":",
        "--password ",
        "\" : ",
    ] {
        let text = part.repeat(200_000 / part.len());
        let start = std::time::Instant::now();
        let _ = Redaction::default().text(&text);
        // Some hundredths of a second; by the square of the length it would be minutes.
        assert!(start.elapsed() < Duration::from_secs(20), "{part}: {:?}", start.elapsed());
    }
}

fn texts() -> impl Strategy<Value = String> {
    let parts = [
        "eyJhb",
        ".",
        "://",
        "u:p@",
        "password",
        "=",
        ":",
        " ",
        "\"",
        "\\",
        "'",
        "token",
        "{",
        "}",
        "[",
        "]",
        ",",
        "ü",
        "--secret ",
        "ghp_0123456789012345678901234567890",
        "-----BEGIN PRIVATE KEY-----",
        "-----END PRIVATE KEY-----",
        "Bearer ",
        "abcdefghijklmnopqrst",
        "AKIAIOSFODNN7EXAMPLE",
        "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
        "arn:",
        "\n",
        "(redacted-01234567)",
        "(redacted",
        "\"password\":\"x\"",
        "%7B",
    ];
    prop_oneof![
        proptest::collection::vec(proptest::sample::select(parts.to_vec()), 0..12).prop_map(|parts| parts.concat()),
        any::<String>(),
    ]
}

proptest! {
    #[test]
    fn redacting_again_changes_nothing(text in texts()) {
        let once = Redaction::default().text(&text);
        prop_assert_eq!(Redaction::default().text(&once), once);
    }

    /// A caller who has a secret finds the call that was recorded with it.
    #[test]
    fn calls_are_found_under_any_key(text in texts()) {
        let key = |redaction: &Redaction, text: &str| {
            let params = redaction.value(None, Side::Input, &json!({"Password": text, "Name": text, "L": [text]}));
            Key::new(None, &"us-east-1".parse().unwrap(), "s", "O", &params)
        };
        let (one, other) = (Redaction::default(), Redaction::default());
        prop_assert_eq!(key(&one, &text).alike, key(&other, &text).alike);
        prop_assert_eq!(key(&one, &text).exact, key(&one, &text).exact);
    }
}
