use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Access, Chains, Entity, Estate, Question, granted, what_can, who_can};
use crate::decide::Policy;
use crate::language::read;
use crate::reference::Reference;

fn policy(text: &str) -> Arc<Policy> {
    let text = format!("Version: '2012-10-17'\nStatement: {text}");
    Arc::new(Policy::new("p", "p.yaml", read("p.yaml", &text).unwrap()))
}

fn role(name: &str, identity: &[&str]) -> Entity {
    let identity = identity.iter().map(|text| policy(text)).collect();
    Entity { arn: format!("arn:aws:iam::111122223333:role/{name}"), identity, boundary: None }
}

fn who(estate: &Estate, action: &str, resource: &str) -> Vec<String> {
    let question = Question { action: action.to_owned(), resource: resource.to_owned(), ..Question::default() };
    let told = who_can(estate, &question).unwrap();
    told.into_iter().map(|can| serde_json::to_string(&can).unwrap()).collect()
}

fn estate() -> Estate {
    let bucket = "[{Effect: Allow, Principal: {AWS: ['444455556666', 'arn:aws:iam::111122223333:role/named']}, \
                  Action: s3:GetObject, Resource: 'arn:aws:s3:::b/*'}, {Effect: Deny, Principal: '*', Action: s3:*, \
                  Resource: 'arn:aws:s3:::b/secret/*'}]";
    let scp = "[{Effect: Allow, Action: '*', Resource: '*'}, {Effect: Deny, Action: s3:DeleteBucket, Resource: '*'}]";
    let chains = Chains { scps: Some(vec![vec![policy(scp)]]), ..Chains::default() };
    Estate {
        entities: vec![
            role("admin", &["[{Effect: Allow, Action: '*', Resource: '*'}]"]),
            role(
                "reader",
                &[
                    "[{Effect: Allow, Action: 's3:Get*', Resource: '*', Condition: {Bool: {aws:SecureTransport: true}}}]",
                ],
            ),
            role("named", &[]),
            role("nobody", &[]),
        ],
        resource_policies: BTreeMap::from([("arn:aws:s3:::b".to_owned(), policy(bucket))]),
        accounts: BTreeMap::from([("111122223333".parse().unwrap(), chains)]),
        management_account: None,
    }
}

#[test]
fn everybody_who_can_is_told() {
    let estate = estate();
    assert_eq!(
        who(&estate, "s3:GetObject", "arn:aws:s3:::b/k"),
        [
            r#"{"principal":"444455556666","decision":"allow","on":"arn:aws:s3:::b/k","outside":true}"#,
            r#"{"principal":"arn:aws:iam::111122223333:role/admin","decision":"allow","on":"arn:aws:s3:::b/k","outside":false}"#,
            r#"{"principal":"arn:aws:iam::111122223333:role/named","decision":"allow","on":"arn:aws:s3:::b/k","outside":false}"#,
            r#"{"principal":"arn:aws:iam::111122223333:role/reader","decision":"depends","missing":["aws:SecureTransport"],"on":"arn:aws:s3:::b/k","outside":false}"#,
        ]
    );
    assert_eq!(who(&estate, "s3:GetObject", "arn:aws:s3:::b/secret/k"), Vec::<String>::new());
    assert_eq!(who(&estate, "s3:DeleteBucket", "arn:aws:s3:::other"), Vec::<String>::new());
}

#[test]
fn a_pattern_inside_of_one_resource_has_that_ones_policy() {
    let mut estate = estate();
    let deny = "[{Effect: Deny, Principal: '*', Action: s3:GetObject, Resource: 'arn:aws:s3:::b/*'}]";
    estate.resource_policies = BTreeMap::from([("arn:aws:s3:::b".to_owned(), policy(deny))]);
    assert_eq!(who(&estate, "s3:GetObject", "arn:aws:s3:::b/*"), Vec::<String>::new());
    // Another bucket may be meant, and has none.
    assert_eq!(who(&estate, "s3:GetObject", "arn:aws:s3:::*").len(), 2);
}

#[test]
fn what_a_role_can_do_is_told_by_resources() {
    let estate = estate();
    let role = role(
        "mixed",
        &["[{Effect: Allow, Action: ['sqs:*', 's3:*'], Resource: '*'}, {Effect: Deny, Action: 'sqs:*', Resource: 'arn:aws:sqs:*:*:prod'},
            {Effect: Allow, Action: 'sns:Publish', Resource: 'arn:aws:sns:*:*:a', Condition: {StringEquals: {aws:RequestedRegion: x}}}]"],
    );
    let grants = what_can(&estate, &role, &BTreeMap::new(), false, Reference::embedded()).unwrap();
    let told: Vec<String> = grants
        .iter()
        .map(|grant| {
            let actions = if grant.actions.len() > 3 {
                format!("{} actions", grant.actions.len())
            } else {
                grant.actions.join(" ")
            };
            format!("{actions} on {} {:?} {}", grant.resources, grant.reach, grant.except)
        })
        .collect();
    assert_eq!(
        told,
        [
            // The organization denies one of the service's actions.
            "179 actions on * Allow false",
            "sqs:* on * Allow true",
            "sns:Publish on arn:aws:sns:*:*:a Depends { missing: [\"aws:RequestedRegion\"] } false",
        ]
    );
}

#[test]
fn access_that_nobody_should_have_is_found() {
    let check = |statement: &str, action: &str, resource: &str, expected: &[&str]| {
        let access = [Access { action: action.to_owned(), resource: resource.to_owned() }];
        let found = granted(&[policy(statement)], &access, Reference::embedded()).unwrap();
        let told: Vec<String> = found.iter().map(|one| format!("{} {:?}", one.action, one.reach)).collect();
        assert_eq!(told, expected, "{statement}");
    };
    let allow = "[{Effect: Allow, Action: 'kms:*', Resource: 'arn:aws:kms:*:444455556666:key/*'}]";
    check(allow, "kms:Decrypt", "*", &["kms:Decrypt Allow"]);
    check(allow, "kms:Decrypt", "arn:aws:kms:eu-west-1:111122223333:key/k", &[]);
    check(allow, "s3:*", "*", &[]);
    // Who asks is not known.
    let on = |condition: &str| {
        format!("[{{Effect: Allow, Action: 's3:DeleteBucket', Resource: '*', Condition: {{{condition}}}}}]")
    };
    for (condition, key) in [
        ("ArnLike: {aws:PrincipalArn: 'arn:aws:iam::*:role/admin'}", "aws:PrincipalArn"),
        ("StringEquals: {aws:PrincipalType: User}", "aws:PrincipalType"),
        ("StringEquals: {aws:PrincipalAccount: '222233334444'}", "aws:PrincipalAccount"),
        ("StringEquals: {aws:PrincipalTag/a: b}", "aws:PrincipalTag/a"),
    ] {
        let expected = format!("s3:DeleteBucket Depends {{ missing: [\"{key}\"] }}");
        check(&on(condition), "s3:DeleteBucket", "*", &[&expected]);
    }
    let home = "[{Effect: Allow, Action: 's3:GetObject', Resource: 'arn:aws:s3:::home/${aws:username}/*'}]";
    check(home, "s3:GetObject", "*", &["s3:GetObject Depends { missing: [\"aws:username\"] }"]);
    check(home, "s3:GetObject", "arn:aws:s3:::home/bob/a", &["s3:GetObject Depends { missing: [\"aws:username\"] }"]);
    let spared = "[{Effect: Allow, Action: 's3:DeleteBucket', Resource: '*'}, {Effect: Deny, Action: '*', Resource: '*', \
                   Condition: {ArnNotLike: {aws:PrincipalArn: 'arn:aws:iam::*:role/admin'}}}]";
    check(spared, "s3:DeleteBucket", "*", &["s3:DeleteBucket Depends { missing: [\"aws:PrincipalArn\"] }"]);
    let but = "[{Effect: Allow, Action: 's3:*', Resource: '*'}, {Effect: Deny, Action: 's3:DeleteBucket', Resource: '*'},
                {Effect: Deny, Action: 's3:DeleteBucketPolicy', Resource: '*', Condition: {Bool: {aws:MultiFactorAuthPresent: false}}}]";
    check(
        but,
        "s3:DeleteBucket*",
        "*",
        &[
            "s3:DeleteBucketMetadataTableConfiguration Allow",
            "s3:DeleteBucketPolicy Depends { missing: [\"aws:MultiFactorAuthPresent\"] }",
            "s3:DeleteBucketWebsite Allow",
        ],
    );
}
