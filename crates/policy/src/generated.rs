//! Policies for tests: AWS's examples, and generated ones whose statements have much in common.

use std::sync::Arc;

use proptest::prelude::*;

use crate::decide::{Policies, Policy};
use crate::language::{Document, read_json};

pub(crate) const FULL: &str = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#;
pub(crate) const FULL_RESOURCE: &str =
    r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}}"#;

/// The corpus of a type, as far as it can be read.
pub(crate) fn corpus(folder: &str) -> Vec<(String, Document)> {
    let place = format!("{}/tests/corpus/{folder}", env!("CARGO_MANIFEST_DIR"));
    let mut files: Vec<_> = std::fs::read_dir(place).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let read = |file: &std::path::PathBuf| {
        let text = std::fs::read_to_string(file).unwrap();
        Some((file.file_stem()?.to_str()?.to_owned(), read_json("policy", &text).ok()?))
    };
    files.iter().filter_map(read).collect()
}

/// These policies in force as service or resource control policies, and everything else allowed.
pub(crate) fn in_force(documents: &[Document], resource_control: bool) -> Policies {
    let policy = |document: &Document| Arc::new(Policy::new("p", "", document.clone()));
    let level: Vec<Arc<Policy>> = documents.iter().map(policy).collect();
    let full = |text: &str| policy(&read_json("full", text).unwrap());
    let mut policies = Policies { identity: vec![full(FULL)], ..Policies::default() };
    if resource_control {
        policies.resource = Some(full(FULL_RESOURCE));
        policies.rcps = Some(vec![level]);
    } else {
        policies.scps = Some(vec![level]);
    }
    policies
}

const ACTIONS: [&str; 10] = [
    "s3:GetObject",
    "s3:Get*",
    "s3:PutObject",
    "S3:getobject",
    "s3:*",
    "*",
    "sns:Publish",
    "sns:*",
    "*:Get*",
    "s3:*Object",
];
const RESOURCES: [&str; 7] = [
    "*",
    "arn:aws:s3:::a/*",
    "arn:aws:s3:::a/b",
    "arn:aws:s3:::*",
    "arn:aws:s3:::b/${aws:username}",
    "arn:*:s3:::*/b",
    "arn:aws:sns:*:*:t",
];
const REGIONS: [&str; 4] = ["eu-west-1", "eu-*", "us-east-1", "${aws:username}"];

pub(crate) fn some(of: &'static [&'static str]) -> impl Strategy<Value = String> {
    let quoted =
        |texts: Vec<&str>| format!("[{}]", texts.iter().map(|text| format!("{text:?}")).collect::<Vec<_>>().join(","));
    prop::collection::vec(prop::sample::select(of), 1..4).prop_map(quoted)
}

pub(crate) fn conditions() -> impl Strategy<Value = String> {
    let text = (
        prop::sample::select(
            &["StringEquals", "StringLike", "StringNotEquals", "StringNotLike", "StringEqualsIgnoreCase"][..],
        ),
        any::<bool>(),
        prop::sample::select(&["aws:RequestedRegion", "aws:requestedRegion"][..]),
        some(&REGIONS),
    )
        .prop_map(|(operator, if_exists, key, values)| {
            let suffix = if if_exists { "IfExists" } else { "" };
            format!(r#""{operator}{suffix}":{{"{key}":{values}}}"#)
        });
    let null = prop::bool::ANY.prop_map(|absent| format!(r#""Null":{{"aws:RequestedRegion":"{absent}"}}"#));
    let several = (
        prop::sample::select(&["ForAnyValue:", "ForAllValues:"][..]),
        prop::sample::select(&["StringEquals", "StringNotLike", "StringLikeIfExists", "StringNotEqualsIfExists"][..]),
        some(&["a", "b*", "bc"]),
    )
        .prop_map(|(set, operator, values)| format!(r#""{set}{operator}":{{"aws:TagKeys":{values}}}"#));
    let number = (prop::sample::select(&["NumericLessThan", "NumericGreaterThanEquals"][..]), some(&["5", "10"]))
        .prop_map(|(operator, values)| format!(r#""{operator}":{{"s3:TlsVersion":{values}}}"#));
    let address =
        (prop::sample::select(&["IpAddress", "NotIpAddress"][..]), some(&["10.0.0.0/8", "10.1.0.0/16", "10.1.2.3"]))
            .prop_map(|(operator, values)| format!(r#""{operator}":{{"aws:SourceIp":{values}}}"#));
    let one = prop_oneof![4 => text, 1 => null, 2 => several, 1 => number, 1 => address];
    prop::collection::vec(one, 0..3).prop_map(|mut all| {
        all.sort();
        all.dedup_by_key(|one| one.split(':').next().map(str::to_owned));
        all.dedup_by_key(|one| one.split('{').next().map(str::to_owned));
        format!("{{{}}}", all.join(","))
    })
}

/// Documents whose statements have much in common, so that there is something to merge.
pub(crate) fn documents() -> impl Strategy<Value = Vec<Document>> {
    let list = |element: &'static str, of: &'static [&'static str]| {
        (prop::bool::weighted(0.3), some(of)).prop_map(move |(negated, values)| {
            let not = if negated { "Not" } else { "" };
            format!(r#""{not}{element}":{values}"#)
        })
    };
    let parts = (
        prop::collection::vec(list("Action", &ACTIONS), 2),
        prop::collection::vec(list("Resource", &RESOURCES), 2),
        prop::collection::vec(conditions(), 3),
    );
    let statement = (prop::bool::weighted(0.8), 0..2_usize, 0..2_usize, 0..3_usize);
    let document = (prop::bool::weighted(0.8), prop::collection::vec(statement, 1..4));
    (parts, prop::collection::vec(document, 1..4), prop::bool::weighted(0.8)).prop_map(
        |((actions, resources, conditions), documents, full)| {
            let statement = |(deny, action, resource, condition): (bool, usize, usize, usize)| {
                let effect = if deny { "Deny" } else { "Allow" };
                let (action, resource, condition) = (&actions[action], &resources[resource], &conditions[condition]);
                format!(r#"{{"Sid":"S","Effect":"{effect}",{action},{resource},"Condition":{condition}}}"#)
            };
            let document = |(new, statements): (bool, Vec<_>)| {
                let version = if new { "2012-10-17" } else { "2008-10-17" };
                let statements: Vec<String> = statements.into_iter().map(statement).collect();
                let text = format!(r#"{{"Version":"{version}","Statement":[{}]}}"#, statements.join(","));
                read_json("generated", &text).unwrap_or_else(|problems| panic!("{text}: {problems:?}"))
            };
            let full = full.then(|| read_json("full", FULL).unwrap());
            documents.into_iter().map(document).chain(full).collect()
        },
    )
}
