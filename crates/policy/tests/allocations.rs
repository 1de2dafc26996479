//! A plain request, one whose keys are known, is decided without taking any memory. A program of its own: the counting
//! allocator is that of the whole program.

use dodai_policy::decide::{Asked, Decision, Given, Judge, Policies, Policy, Request};
use dodai_policy::language::read_json;

const ALL: &str = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#;
const REGIONS: &str = r#"{"Version":"2012-10-17","Statement":{"Effect":"Deny","NotAction":["iam:*","sts:*"],"Resource":"*",
    "Condition":{"StringNotEquals":{"aws:RequestedRegion":["eu-west-1","eu-central-1"]},
    "ArnNotLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/Admin*"}}}}"#;
const OWN: &str = r#"{"Version":"2012-10-17","Statement":[
    {"Effect":"Allow","Action":["s3:Get*","s3:List*"],"Resource":["arn:aws:s3:::logs-?-*","arn:a?s:s3:*:*:data-x","arn:aws:s3:::data-*/*"],
    "Condition":{"IpAddress":{"aws:SourceIp":"192.0.2.0/24"},"Bool":{"aws:SecureTransport":"true"},
    "NumericLessThanEquals":{"s3:max-keys":"100"},"ForAnyValue:StringLike":{"aws:TagKeys":["team*","cost?"]}}}]}"#;

fn asked(region: &str) -> Asked {
    let mut asked = Asked {
        principal: "arn:aws:iam::111122223333:role/app/Worker".to_owned(),
        action: "s3:GetObject".to_owned(),
        resources: vec!["arn:aws:s3:::data-lake/a/b".to_owned()],
        resource_account: Some("111122223333".to_owned()),
        ..Asked::default()
    };
    let tags = Given::Values(vec!["owner".to_owned(), "costs".to_owned()]);
    asked.context.insert("aws:TagKeys".to_owned(), tags);
    for (key, value) in [
        ("aws:RequestedRegion", region),
        ("aws:SourceIp", "192.0.2.7"),
        ("aws:SecureTransport", "true"),
        ("s3:max-keys", "10"),
    ] {
        asked.context.insert(key.to_owned(), Given::value(value));
    }
    asked
}

#[test]
fn a_plain_request_takes_no_memory() {
    let policy = |text: &str| Policy::new("p", "", read_json("p", text).unwrap()).into();
    let policies = Policies {
        identity: vec![policy(OWN)],
        scps: Some(vec![vec![policy(ALL), policy(REGIONS)], vec![policy(ALL)]]),
        ..Policies::default()
    };
    let mut judge = Judge::new(policies);
    for (region, expected) in [("eu-west-1", Decision::Allow), ("us-east-1", Decision::ExplicitDeny)] {
        let request = Request::new(asked(region)).unwrap();
        // The first one of an action finds its statements.
        assert_eq!(judge.decide(&request).decision, expected);
        let count = allocation_counter::measure(|| {
            for _ in 0..100 {
                judge.decide(&request);
            }
        });
        assert_eq!(count.count_total, 0, "{region}: {count:?}");
    }
}
