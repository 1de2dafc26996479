//! What a run recorded, replayed where there is neither network nor credentials.

use std::os::unix::fs::PermissionsExt as _;

use serde_json::{Value, json};

use super::ACCOUNTS;
use super::world::{Ended, MANAGEMENT, World};

/// What a reader of the output sees.
fn same(recorded: &Ended, replayed: &Ended) {
    assert_eq!((replayed.code, &replayed.stdout), (recorded.code, &recorded.stdout), "{replayed}");
}

#[test]
fn a_replay_prints_what_the_recorded_run_printed() {
    let world = World::new("two-accounts");
    assert_ne!(world.dodai(ACCOUNTS).code, 1);
    let member = world.account("secure");
    // What cannot be read is part of a recording.
    world.fault(&json!({"kind": "deny", "account": member, "region": "us-east-1", "service": "ec2", "operation": "*"}));
    let role = json!({"RoleName": "Hand", "AssumeRolePolicyDocument": "{}"});
    world.call(&member, "ap-northeast-1", "iam", "CreateRole", &role);
    let condition = json!({"StringEquals": {"aws:PrincipalTag/hand": "password=hunter2"}});
    let policy = json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*", "Condition": condition}]});
    let policy = json!({"RoleName": "Hand", "PolicyName": "inline", "PolicyDocument": policy.to_string()});
    world.call(&member, "ap-northeast-1", "iam", "PutRolePolicy", &policy);
    let sql = "select account_name, region, GroupName from aws_ec2_security_group order by 1, 2, 3";
    let roles = "select account_name, RoleName, RolePolicyList from aws_iam_role";
    let verbs: [&[&str]; 4] = [
        &["assess", "--quiet"],
        &["assess", "--quiet", "--format", "json"],
        &["plan", "--quiet", "--format", "json"],
        &["query", "--quiet", "--format", "json", sql],
    ];
    let file = |number: usize| world.path(&format!("{number}.jsonl"));
    let recorded: Vec<Ended> = verbs
        .iter()
        .enumerate()
        .map(|(number, verb)| world.dodai(&[verb, ["--record", &file(number)].as_slice()].concat()))
        .collect();
    assert_eq!(recorded[0].code, 3, "{}", recorded[0]);
    let of_roles = world.dodai(&["query", "--quiet", "--format", "json", "--record", &file(4), roles]);
    assert!(of_roles.stdout.contains("hunter2"), "{of_roles}");

    for number in 0..=4 {
        let text = std::fs::read_to_string(file(number)).unwrap();
        assert!(!text.contains("hunter2"), "{number}: {text}");
        let keys = ["\"SecretAccessKey\":\"", "\"SessionToken\":\""];
        let secrets = keys.iter().flat_map(|key| text.split(key).skip(1));
        assert!(secrets.clone().count() > 0 && secrets.clone().all(|rest| rest.starts_with("(redacted-")), "{number}");
        let mode = std::fs::metadata(file(number)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    // Here, where the state has the recorded runs, and elsewhere, where there is none.
    let elsewhere = world.without_state();
    let place = elsewhere.path().to_str().unwrap();
    let kept = world.dodai(&["query", "--quiet", "--run", "latest", "select count(*) from gap"]).stdout;
    for (number, verb) in verbs.iter().enumerate() {
        let file = file(number);
        let replay = [verb, ["--replay", &file].as_slice()].concat();
        same(&recorded[number], &world.offline(&replay));
        // The first assessment has none before it to be compared with; the others are not compared.
        if number != 1 {
            same(&recorded[number], &world.offline(&[&replay[..], &["-C", place]].concat()));
        }
    }
    assert_eq!(world.dodai(&["query", "--quiet", "--run", "latest", "select count(*) from gap"]).stdout, kept);
    assert!(!elsewhere.path().join(".dodai/assessments").exists(), "a replay keeps nothing");

    // Another question than the recorded one: what was not read is unknown.
    let other = world.offline(&["query", "--quiet", "--replay", &file(3), roles]);
    assert!(other.code == 3 && other.stderr.contains("NotRecorded"), "{other}");
    let whole = world.offline(&["plan", "--quiet", "--format", "json", "--replay", &file(3)]);
    assert!(whole.code == 3 && whole.json()["blocked"].to_string().contains("NotRecorded"), "{whole}");
    let ids: Vec<Value> =
        whole.json()["changes"].as_array().unwrap().iter().map(|change| change["id"].clone()).collect();
    assert!(!ids.iter().any(|id| id.as_str().unwrap().starts_with("secure/")), "planned on what was not read: {ids:?}");

    check_refusals(&world, &file(0));
}

/// What writes, and what asks who may do what, are recorded like the rest.
#[test]
fn what_is_applied_and_what_policies_allow_is_recorded_without_secrets() {
    let world = World::new("two-accounts");
    let file = |name: &str| world.path(&format!("{name}.jsonl"));
    let read = |name: &str| {
        let text = std::fs::read_to_string(file(name)).unwrap();
        for secret in ["hunter2", "qXv7Zt19", "MySecretTag"] {
            assert!(!text.contains(secret), "{name}: {secret}: {text}");
        }
        text
    };
    let made = world.dodai(&[ACCOUNTS, ["--record", &file("accounts")].as_slice()].concat());
    assert_ne!(made.code, 1, "{made}");
    let text = read("accounts");
    assert!(text.contains(r#""operation":"CreateAccount""#), "{text}");
    assert!(text.contains(r#""operation":"DescribeCreateAccountStatus""#), "{text}");

    let member = world.account("secure");
    let home = "ap-northeast-1";
    let tags = json!([{"Key": "DB_PASSWORD", "Value": "hunter2ok"}, {"Key": "API_TOKEN_OLD", "Value": "MySecretTag"}]);
    world.call(MANAGEMENT, home, "organizations", "TagResource", &json!({"ResourceId": member, "Tags": tags}));
    let trust = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole",
        "Principal": {"AWS": member}, "Condition": {"StringEquals": {"sts:ExternalId": "password=hunter2"}}}]});
    let role = json!({"RoleName": "Hand", "AssumeRolePolicyDocument": trust.to_string(), "Tags": tags,
        "Description": "mysql --password qXv7Zt19"});
    world.call(&member, home, "iam", "CreateRole", &role);
    let policy =
        json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sqs:*", "Resource": "*"}]});
    let policy = json!({"RoleName": "Hand", "PolicyName": "p", "PolicyDocument": policy.to_string()});
    world.call(&member, home, "iam", "PutRolePolicy", &policy);

    let feature = ["apply", "--yes", "--quiet", "--feature", "iam-password-policy", "--record", &file("apply")];
    let applied = world.dodai(&feature);
    assert_eq!(applied.code, 0, "{applied}");
    let text = read("apply");
    assert!(text.contains(r#""operation":"UpdateAccountPasswordPolicy""#), "{text}");
    assert!(text.contains("(redacted-"), "{text}");

    let role = format!("arn:aws:iam::{member}:role/Hand");
    let ask = ["policy", "can", "--quiet", "--format", "json", "--principal", &role];
    let told = world.dodai(&[&ask[..], &["--record", &file("can")]].concat());
    assert!(told.code == 0 && told.stdout.contains("sqs:"), "{told}");
    assert!(read("can").contains("(redacted-"));
    same(&told, &world.offline(&[&ask[..], &["--replay", &file("can")]].concat()));

    // What was kept of all that, beside the recordings.
    let state = world.path(".dodai");
    let mut folders = vec![std::path::PathBuf::from(state)];
    let mut seen = 0;
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            seen += 1;
            let text = String::from_utf8_lossy(&std::fs::read(&path).unwrap()).into_owned();
            assert!(!text.contains("hunter2") && !text.contains("qXv7Zt19"), "{}: {text}", path.display());
        }
    }
    assert!(seen > 0);
}

fn check_refusals(world: &World, file: &str) {
    let before = std::fs::read(file).unwrap();
    let whole = String::from_utf8_lossy(&before).into_owned();
    let cut = world.path("cut.jsonl");
    std::fs::write(&cut, &whole[..whole.len() - 20]).unwrap();
    let cut_at = format!("line {}: the line ends in the middle", whole.lines().count());
    for (args, expected) in [
        (vec!["plan", "--record", file], "exists already"),
        (vec!["apply", "--yes", "--replay", file], "a recording is not AWS"),
        (vec!["query", "--save", "--replay", file, "select 1"], "a recording is not AWS"),
        (vec!["check", "--replay", file], "asked AWS nothing"),
        (vec!["assess", "--replay", &cut], &cut_at),
        (vec!["assess", "--replay", "dodai.yaml"], "line 1: this is no recording"),
        (vec!["assess", "--replay", "missing.jsonl"], "No such file"),
        (vec!["assess", "--record", "x", "--replay", file], "cannot be used with"),
    ] {
        let refused = world.dodai(&args);
        assert!(refused.code == 1 && refused.stderr.contains(expected), "{expected}: {refused}");
    }
    assert_eq!(std::fs::read(file).unwrap(), before);
    let header: Value = serde_json::from_str(whole.lines().next().unwrap()).unwrap();
    assert_eq!(header["version"], 1);
}
