//! Secrets planted wherever an exchange can carry one, and searched for in the file.

mod laws;
mod pairs;
mod planted;

use std::time::{Duration, SystemTime};

use aws_smithy_types::base64;
use dodai_facts::{Failure, FailureKind};
use dodai_models::Models;
use serde_json::{Value, json};

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
        let course = Course { status: None, attempts: 1, earlier: Vec::new(), took: Duration::ZERO };
        recorder.write(name, params, answer.as_ref(), &course);
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
        (r#"{"password": 12345678}"#.to_owned(), "12345678".to_owned()),
        (r#"cut off {"password": 12345678"#.to_owned(), "12345678".to_owned()),
        ("DB_PASSWORD_PROD=hunter2".to_owned(), "hunter2".to_owned()),
        ("DB_PASS=hunter2".to_owned(), "hunter2".to_owned()),
        ("SECRET_KEY_BASE=0a1b2c3d4e5f".to_owned(), "0a1b2c3d4e5f".to_owned()),
        ("https://h/p?a=b&sig=0a1b%2Fc3".to_owned(), "0a1b".to_owned()),
        ("https://h/p?AWSAccessKeyId=x&Signature=0a1bc3&Expires=1".to_owned(), "0a1bc3".to_owned()),
        ("<c><password>hunter2</password></c>".to_owned(), "hunter2".to_owned()),
        ("<c><db:Password a='b'><![CDATA[hunter2]]></db:Password></c>".to_owned(), "hunter2".to_owned()),
        ("<key>Password</key>\n<string>hunter2</string>".to_owned(), "hunter2".to_owned()),
        (format!("authorization bearer {long}"), long.clone()),
        ("bearer abcd1234ef".to_owned(), "abcd1234ef".to_owned()),
        ("authenticate: Basic YWRtaW46aHVudGVyMg==".to_owned(), "YWRtaW46aHVudGVyMg".to_owned()),
        (format!("sk-{long}"), long.clone()),
        (format!("sk-proj-{long}"), long.clone()),
        (format!("sk_test_{long}"), long.clone()),
        (format!("sk_live_{long}"), long.clone()),
        (format!("glpat-{long}"), long.clone()),
        (format!("npm_{long}"), long.clone()),
        (format!("pypi-AgEIcHlwaS5vcmc{long}"), long.clone()),
        (format!("AIza{long}"), long.clone()),
        (format!("GOCSPX-{long}"), long.clone()),
        (format!("hvs.{long}"), long.clone()),
        (format!("SG.{long}.x"), long.clone()),
        (format!("dckr_pat_{long}"), long.clone()),
        ("123456789:AAabcdefghijklmnopqrstuvwxyz0123456".to_owned(), "abcdefghijklmnop".to_owned()),
        (format!("-----BEGIN PRIVATE KEY-----\\n{pem}\\n-----END PRIVATE KEY-----\\n"), pem.to_owned()),
        (format!("-----BEGIN PGP PRIVATE KEY BLOCK-----\n{pem}\n-----END PGP PRIVATE KEY BLOCK-----"), pem.to_owned()),
        ("redis://:hunter2@h:6379".to_owned(), "hunter2".to_owned()),
        ("mongodb+srv://u:hun&ter2@h/x".to_owned(), "ter2".to_owned()),
        ("https://u:hun/ter2@h/x".to_owned(), "ter2".to_owned()),
        ("DefaultEndpointsProtocol=https;AccountKey=aHVudGVyMg==;x=y".to_owned(), "aHVudGVyMg".to_owned()),
        (format!("the secret key is {key}."), key.to_owned()),
        (format!("Secret access key: {key}"), key.to_owned()),
        ("Access key: hunter2".to_owned(), "hunter2".to_owned()),
        ("curl -u admin:hunter2 https://h".to_owned(), "hunter2".to_owned()),
        ("run('--db-password', 'hunter2')".to_owned(), "hunter2".to_owned()),
        (r#"["mysql","--password","hunter2"]"#.to_owned(), "hunter2".to_owned()),
        (r#"["curl","-u","admin:hunter2"]"#.to_owned(), "hunter2".to_owned()),
        (r#"cut {"password": "hun\"ter2", "#.to_owned(), "ter2".to_owned()),
        ("password = \"\"\"two\nlines\"\"\"".to_owned(), "lines".to_owned()),
        ("password => 'hunter2'".to_owned(), "hunter2".to_owned()),
        ("- name: DB_PASSWORD\n  value: hunter2".to_owned(), "hunter2".to_owned()),
        ("password: |\n  hunter2\n  more\nport: 1".to_owned(), "more".to_owned()),
        ("Key=DB_PASSWORD,Value=hunter2".to_owned(), "hunter2".to_owned()),
        (r#"cut {"Key":"DB_PASSWORD","Type":"x","Value":"hunter2","#.to_owned(), "hunter2".to_owned()),
        ("{&quot;password&quot;:&quot;hunter2&quot;".to_owned(), "hunter2".to_owned()),
        ("password\\u003dhunter2".to_owned(), "hunter2".to_owned()),
    ]
}

/// As `base64` prints it.
fn in_lines(text: &str) -> String {
    base64::encode(text).as_bytes().chunks(76).map(|line| String::from_utf8_lossy(line) + "\n").collect()
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
        ("kms", "ListResourceTags", json!({"Tags": [{"TagKey": "DB_PASSWORD", "TagValue": secret}]})),
        ("glue", "GetJob", json!({"Job": {"DefaultArguments": {"--db-password": secret}}})),
        (
            "ecs",
            "DescribeTaskDefinition",
            json!({"taskDefinition": {"containerDefinitions": [{"command": ["mysql", "--password", secret]}]}}),
        ),
        (
            "lightsail",
            "GetContainerServices",
            json!({"containerServices": [{"currentDeployment":
            {"containers": {"c": {"environment": {"A": secret}}}}}]}),
        ),
        ("nowhere", "GetNothing", json!({"password": {"DataType": "String", "StringValue": secret}})),
        ("nowhere", "GetNothing", json!({"DbPassword": {"Type": "String", "Default": secret}})),
        ("nowhere", "GetNothing", json!({"password": {"S": secret}})),
        (
            "nowhere",
            "GetNothing",
            json!({"Blob": in_lines(&format!("#!/bin/sh\n{}\nexport DB_PASSWORD={secret}\n", "#".repeat(90)))}),
        ),
        ("nowhere", "GetNothing", json!({"Blob": base64::encode(format!("password={secret}")).trim_end_matches('=')})),
        (
            "nowhere",
            "GetNothing",
            json!({"Blob": base64::encode(format!("$password='{secret}'").bytes().flat_map(|byte| [byte, 0]).collect::<Vec<_>>())}),
        ),
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
        (
            "rds",
            "DescribeDBParameters",
            json!({"Parameters": [{"ParameterName": "password_encryption", "ParameterValue": "md5"}]}),
        ),
        (
            "ecs",
            "DescribeTaskDefinition",
            json!({"taskDefinition": {"containerDefinitions": [{"command": ["serve", "--token-ttl", "5", "-u", "0:0"],
                "secrets": [{"name": "DB_PASSWORD", "valueFrom": "arn:aws:ssm:us-east-1:1:parameter/db"}]}]}}),
        ),
        ("iam", "ListRoles", json!({"Marker": "AAYgAXMzZGZ0eXVpb3BsazEyMzQ1Njc4OTAxMjM0NTY3ODkwMTI=", "Roles": []})),
        ("kms", "ListResourceTags", json!({"Tags": [{"TagKey": "owner", "TagValue": "a@example.com"}]})),
        (
            "sns",
            "GetTopicAttributes",
            json!({"Attributes": {"TopicArn": "arn:aws:sns:us-east-1:1:token-x", "Owner": "1"}}),
        ),
        (
            "nowhere",
            "GetNothing",
            json!({"A": "arn:aws:iam::111122223333:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_Admin_0123456789abcdef",
                "B": "d-1234567890", "C": "vol-0123456789abcdef0", "D": "Password policy: none of the users has one.",
                "E": "if (a < b && c > d) {}", "F": "The security token included in the request is invalid.",
                "G": "100% of a&b", "H": "s3://bucket/secret/key", "I": "sha256:0123456789abcdef0123456789abcdef",
                "J": "https://sqs.us-east-1.amazonaws.com/111122223333/token-queue"}),
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
