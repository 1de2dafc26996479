//! Laws over all rules, and their examples.

use std::collections::BTreeSet;

use dodai_facts::Problem;

use super::{CheckContext, Example, Finding, Kind, LIMITS, Level, RULES, Severity, check, check_levels, explain, text};
use crate::language::{Document, read_json};

fn context() -> CheckContext {
    CheckContext {
        operators: vec!["arn:aws:iam::*:role/dodai-*".to_owned()],
        organization: Some("o-a1b2c3d4e5".to_owned()),
        accounts: vec!["111122223333".parse().unwrap()],
        ..CheckContext::default()
    }
}

/// A statement or a list of them becomes a document.
fn document(example: &str) -> Document {
    let whole = example.contains("\"Statement\"");
    let text =
        if whole { example.to_owned() } else { format!(r#"{{"Version": "2012-10-17", "Statement": {example}}}"#) };
    read_json("policy.json", &text).unwrap_or_else(|problems| panic!("{example}: {problems:?}"))
}

fn findings(Example(kind, policy): &Example, context: &CheckContext) -> Vec<Finding> {
    check(*kind, "policy.json", &document(policy), context)
}

#[test]
fn every_rule_finds_its_wrong_examples_and_spares_its_right_ones() {
    for rule in RULES {
        let finds = |example: &Example| findings(example, &context()).iter().any(|finding| finding.rule == rule.id);
        for example in rule.bad {
            assert!(rule.kinds.contains(&example.0), "{}: {example:?}", rule.id);
            assert!(finds(example), "{} does not find {example:?}", rule.id);
        }
        for example in rule.good {
            assert!(!finds(example), "{} finds {example:?}", rule.id);
        }
    }
}

/// Right examples are right as a whole: no rule finds an error in them.
#[test]
fn right_examples_have_no_error() {
    for rule in RULES {
        for example in rule.good {
            let errors: Vec<Finding> = findings(example, &context());
            let errors: Vec<&Finding> = errors.iter().filter(|finding| finding.severity == Severity::Error).collect();
            assert!(errors.is_empty(), "{} {example:?}: {errors:#?}", rule.id);
        }
    }
}

#[test]
fn the_registry_is_in_order() {
    let ids: Vec<&str> = RULES.iter().map(|rule| rule.id).collect();
    let sorted: BTreeSet<&str> = ids.iter().copied().collect();
    assert_eq!(ids, sorted.into_iter().collect::<Vec<_>>());
    for rule in RULES {
        assert!(rule.id.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-'), "{}", rule.id);
        assert!(!rule.kinds.is_empty(), "{}", rule.id);
        for sentence in [rule.why, rule.repair] {
            assert!(sentence.ends_with('.') && sentence.len() > 10, "{}: {sentence}", rule.id);
        }
        assert!(!rule.summary.ends_with('.') && !rule.source.is_empty(), "{}", rule.id);
    }
}

/// What people read: each rule's messages on its own examples.
#[test]
fn messages_read_well() {
    let mut out = String::new();
    for rule in RULES {
        for example in rule.bad {
            let own: Vec<Finding> =
                findings(example, &context()).into_iter().filter(|finding| finding.rule == rule.id).collect();
            out.push_str(&text(&own));
        }
    }
    insta::assert_snapshot!(out);
}

#[test]
fn messages_say_what_to_do() {
    for rule in RULES {
        for finding in rule.bad.iter().flat_map(|example| findings(example, &context())) {
            let Problem { message, help, .. } = &finding.problem;
            let lower = message.starts_with(|c: char| c.is_lowercase() || c == '`')
                || message.starts_with(|c: char| c.is_ascii_digit());
            let name = message.starts_with("AWS") || message.starts_with("Amazon");
            assert!(lower || name, "{message}");
            assert!(help.as_ref().is_some_and(|help| !help.is_empty()), "{message}");
            assert_eq!(message.matches('`').count() % 2, 0, "{message}");
        }
    }
}

#[test]
fn a_rule_explains_itself() {
    let rule = RULES.iter().find(|rule| rule.id == "session-arn").unwrap();
    insta::assert_snapshot!(explain(rule), @r#"
    session-arn (error)

    The ARN of a role's session under `aws:PrincipalArn`.

    Why: For a session the key is the ARN of its role, so the value matches nothing: an exception excepts nobody.

    Repair: Write the role's ARN: `arn:aws:iam::111122223333:role/name`.

    Looks at: service-control, resource-control, identity, resource, trust, session, boundary, endpoint
    AWS: "AWS global condition context keys: aws:PrincipalArn"

    Wrong, in a service control policy:
      {"Effect": "Deny", "Action": "iam:CreateUser", "Resource": "*", "Condition": {"ArnNotLike": {"aws:PrincipalArn": "arn:aws:sts::*:assumed-role/Administrator/*"}}}

    Right, in a service control policy:
      {"Effect": "Deny", "Action": "iam:CreateUser", "Resource": "*", "Condition": {"ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/Administrator"}}}
    "#);
}

#[test]
fn findings_are_json_with_their_place() {
    let example = Example(Kind::Identity, r#"{"Effect": "Allow", "Action": "*", "Resource": "*"}"#);
    let findings = findings(&example, &CheckContext::default());
    insta::assert_snapshot!(serde_json::to_string(&findings).unwrap(), @r#"[{"rule":"full-admin","severity":"warning","file":"policy.json","line":1,"column":40,"message":"the statement allows every action on every resource: whoever has it has the account","help":"list the actions that are needed"}]"#);
}

#[test]
fn what_a_service_control_policy_may_be_long() {
    let actions: Vec<String> = (0..600).map(|number| format!("\"ec2:NoSuchAction{number:03}\"")).collect();
    let long = format!(r#"{{"Effect": "Deny", "Action": [{}], "Resource": "*"}}"#, actions.join(", "));
    let too_large = |context: &CheckContext| {
        let found = check(Kind::ServiceControl, "policy.json", &document(&long), context);
        found.into_iter().find(|finding| finding.rule == "too-large").map(|finding| finding.problem.to_string())
    };
    insta::assert_snapshot!(too_large(&CheckContext::default()).unwrap(), @r#"policy.json: the policy has 13280 characters, written without white space, and a service control policy may have 10240 (use wildcards in action names, merge statements, or make two policies of it)"#);
    let mut read = CheckContext::default();
    read.limits.characters.insert(Kind::ServiceControl, 20_000);
    assert_eq!(too_large(&read), None);
    assert_eq!(LIMITS.iter().map(|limit| limit.kind).collect::<BTreeSet<_>>().len(), LIMITS.len());
}

#[test]
fn how_long_the_policy_of_a_resource_may_be() {
    let too_large = |actions: &str, count: usize| {
        let resources: Vec<String> = (0..count).map(|number| format!("\"arn:aws:x:::{number:08}\"")).collect();
        let text = format!(
            r#"{{"Effect": "Allow", "Principal": {{"AWS": "111122223333"}}, "Action": "{actions}", "Resource": [{}]}}"#,
            resources.join(", ")
        );
        let found = check(Kind::Resource, "policy.json", &document(&text), &CheckContext::default());
        found.into_iter().find(|finding| finding.rule == "too-large").map(|finding| finding.problem.to_string())
    };
    insta::assert_snapshot!(too_large("sqs:*", 400).unwrap(), @"policy.json: the policy has 9320 bytes, written without white space, and a queue policy of SQS may have 8192 (use wildcards in action names, and merge statements: a resource has one policy only)");
    assert_eq!(too_large("s3:*", 400), None);
    assert!(too_large("s3:*", 1_000).is_some());
    // Nothing says whose policy that is.
    assert_eq!(too_large("*", 1_000), None);
}

#[test]
fn levels_are_taken_together() {
    let full = document(r#"{"Effect": "Allow", "Action": "*", "Resource": "*"}"#);
    let deny = document(r#"{"Effect": "Deny", "Action": "organizations:LeaveOrganization", "Resource": "*"}"#);
    let compute = document(r#"{"Effect": "Allow", "Action": ["ec2:*", "sts:*"], "Resource": "*"}"#);
    let storage = document(r#"{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}"#);
    let all_but = document(r#"{"Effect": "Allow", "NotAction": "ec2:*", "Resource": "*"}"#);
    let check = |levels: &[(&'static str, &[&Document])]| {
        let levels: Vec<Level<'_>> = levels
            .iter()
            .map(|(target, policies)| Level {
                target,
                policies: policies.iter().map(|policy| ("p.json", *policy)).collect(),
            })
            .collect();
        text(&check_levels(Kind::ServiceControl, &levels, &context()))
    };
    assert_eq!(check(&[("root", &[&full]), ("unit", &[&full, &deny])]), "");
    assert_eq!(check(&[("root", &[&full]), ("unit", &[&all_but])]), "");
    insta::assert_snapshot!(check(&[("root", &[&full]), ("unit", &[&deny])]), @r#"
    unit: error[level-allows-nothing]: no service control policy here allows anything, so every action of every account below is denied
      help: attach FullAWSAccess, or a policy with `Allow`
    "#);
    let apart = [("root", &[&full, &deny][..]), ("unit", &[&compute]), ("account", &[&storage])];
    insta::assert_snapshot!(check(&apart), @r#"
    account: error[levels-share-nothing]: the service control policies from the root down to here have no allowed action in common, so everything is denied
      help: allow at every level what is needed here
    "#);
    insta::assert_snapshot!(check(&[("root", &[&full]), ("unit", &[&compute])]), @r#"
    unit: warning[levels-allow-too-little]: no action of IAM is allowed at every level from the root down to here, so nobody in the account can set permissions
      help: allow `iam:*`, or what is needed of it, at every level
    "#);
    // An `Allow` may have a condition that leaves out the roles by which the organization is run.
    let only = |condition: &str| {
        document(&format!(r#"{{"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {{{condition}}}}}"#))
    };
    let admins = only(r#""ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/admin"}"#);
    insta::assert_snapshot!(check(&[("root", &[&full]), ("unit", &[&admins])]), @r#"
    unit: warning[levels-allow-too-little]: `sts:AssumeRole` is allowed here under conditions only that do not hold for the role `arn:aws:iam::*:role/dodai-*`
      help: let the role through in a condition, or allow what it needs without one
    "#);
    for spared in [
        r#""ArnLike": {"aws:PrincipalArn": ["arn:aws:iam::*:role/admin", "arn:aws:iam::*:role/dodai-apply"]}"#,
        r#""ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/dodai-assess"}"#,
        r#""StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}"#,
        r#""StringEquals": {"aws:RequestedRegion": "eu-west-1"}"#,
    ] {
        assert_eq!(check(&[("root", &[&full]), ("unit", &[&only(spared)])]), "", "{spared}");
    }
    assert_eq!(check(&[("root", &[&full]), ("unit", &[&admins, &full])]), "");
    for left_out in [
        r#""ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/*"}"#,
        r#""StringEquals": {"aws:PrincipalOrgID": "o-other00000"}"#,
        r#""Bool": {"aws:PrincipalIsAWSService": "true"}"#,
    ] {
        assert!(check(&[("root", &[&only(left_out)])]).contains("do not hold for the role"), "{left_out}");
    }
    // An `Allow` may be for a few resources only, or for no action that there is.
    let objects = document(r#"{"Effect": "Allow", "Action": "*", "Resource": "arn:aws:s3:::logs/*"}"#);
    let told = check(&[("root", &[&full]), ("unit", &[&objects])]);
    assert!(told.contains("`sts:AssumeRole` is not allowed"), "{told}");
    let mistyped = document(r#"{"Effect": "Allow", "Action": "s3:Fetch*", "Resource": "*"}"#);
    assert!(check(&[("root", &[&full]), ("unit", &[&mistyped])]).contains("level-allows-nothing"));
    insta::assert_snapshot!(check(&[("root", &[&full; 11])]), @r#"
    root: error[too-many-policies]: 11 policies are attached, and AWS attaches at most 10 of this type, its own included
      help: merge policies, or attach some of them one level up or down
    "#);
}

/// Long and odd documents are checked in reasonable time, and never panic.
#[test]
fn hostile_documents_are_checked() {
    let list = |count: usize, value: &dyn Fn(usize) -> String| (0..count).map(value).collect::<Vec<_>>().join(",");
    let wild = list(1_000, &|number| format!("\"*:{}*\"", "?".repeat(number % 30)));
    let stars = format!("\"arn:aws:s3:::{}\"", "*a".repeat(5_000));
    let odd = r#"{"StringLike": {"${": "${${"}, "Null": {":": []}}"#;
    let prefixes = list(1_000, &|number| format!("\"ec2:{}*\"", "*".repeat(number % 20)));
    let buckets = list(90, &|number| format!("\"arn:aws:s3:::{}{number}\"", "*a".repeat(300)));
    let values = list(1_000, &|number| format!("\"{number}*{number}\""));
    let keys = list(600, &|number| format!("\"s3:key{number}\": \"*\""));
    for (actions, resources, conditions) in [
        (wild.as_str(), format!("{stars}, {stars}"), odd.to_owned()),
        (prefixes.as_str(), buckets, format!(r#"{{"StringNotLike": {{{keys}}}}}"#)),
        (
            "\"s3:GetObject\", \"s3:ListBucket\"",
            "\"*\"".to_owned(),
            format!(r#"{{"StringLike": {{"s3:prefix": [{values}]}}, "StringEquals": {{"s3:prefix": [{values}]}}}}"#),
        ),
    ] {
        let statement = format!(
            r#"{{"Effect": "Deny", "Action": [{actions}], "Resource": [{resources}], "Condition": {conditions}}}"#
        );
        let policy = document(&format!("[{statement}, {statement}]"));
        for &kind in Kind::ALL {
            check(kind, "policy.json", &policy, &context());
        }
    }
}
