//! The values that cases are made of. Few on purpose: two draws should often be equal, or nearly so.

use fastrand::Rng;

pub(super) const ACCOUNT: &str = "111122223333";
const OTHER_ACCOUNT: &str = "444455556666";

/// An account of the organization that is not this one.
pub(super) fn other_than(account: &str) -> &'static str {
    if account == ACCOUNT { OTHER_ACCOUNT } else { ACCOUNT }
}

/// Actions, each with resources that it acts on.
pub(super) type Targets = &'static [(&'static str, &'static [&'static str])];

pub(super) const TARGETS: Targets = &[
    ("s3:GetObject", &["arn:aws:s3:::logs/core/a.txt", "arn:aws:s3:::logs/data/b", "arn:aws:s3:::data/a:b"]),
    ("s3:PutObject", &["arn:aws:s3:::logs/core/a.txt", "arn:aws:s3:::data/core/", "arn:aws:s3:::logs/a\nb"]),
    ("s3:ListBucket", &["arn:aws:s3:::logs", "arn:aws:s3:::data"]),
    ("s3:ListAllMyBuckets", &["*"]),
    ("sqs:SendMessage", &["arn:aws:sqs:us-east-1:{account}:jobs", "arn:aws:sqs:eu-west-1:{account}:core"]),
    ("sns:Unsubscribe", &["arn:aws:sns:us-east-1:{account}:core:data", "arn:aws:sns:us-east-1:{account}:core"]),
    ("dynamodb:GetItem", &["arn:aws:dynamodb:eu-west-1:{account}:table/core"]),
    ("secretsmanager:GetSecretValue", &["arn:aws:secretsmanager:us-east-1:{account}:secret:core-a1b2c3"]),
    ("ec2:RunInstances", &["arn:aws:ec2:us-east-1:{account}:instance/i-0a1b"]),
    ("ec2:DescribeInstances", &["*"]),
    ("iam:CreateUser", &["arn:aws:iam::{account}:user/core", "arn:aws:iam::{account}:user/team/data"]),
    ("lambda:InvokeFunction", &["arn:aws:lambda:us-east-1:{account}:function:core:1"]),
];

pub(super) const TRUST: Targets = &[("sts:AssumeRole", &["arn:aws:iam::{account}:role/target"])];
pub(super) const SAML_TRUST: Targets = &[("sts:AssumeRoleWithSAML", &["arn:aws:iam::{account}:role/target"])];
pub(super) const KEY: Targets = &[
    ("kms:Decrypt", &["arn:aws:kms:us-east-1:{account}:key/core"]),
    ("kms:RetireGrant", &["arn:aws:kms:us-east-1:{account}:key/core"]),
    ("kms:ScheduleKeyDeletion", &["arn:aws:kms:us-east-1:{account}:key/core"]),
];

/// Seldom, another resource for the action.
pub(super) fn another(action: &str, resource: &str, account: &str, rng: &mut Rng) -> Option<String> {
    let (_, resources) = TARGETS.iter().find(|(known, _)| *known == action).filter(|_| chance(4, rng))?;
    let other = one(resources, rng).replace("{account}", account);
    (other != resource).then_some(other)
}

/// Words that texts are compared with, some of them patterns.
pub(super) const WORDS: [&str; 18] = [
    "core", "data", "Core", "core-1", "", "a.b", "co*", "*", "c?re", "*a*", "[ab]", "x y", "été", "Été", "co\nre",
    "**re", "?*", "*o*e*",
];

/// Numbers as people and services write them.
pub(super) const NUMBERS: [&str; 12] = ["0", "1", "1.0", "10", "010", "-1", "+1", "9.5", ".5", "0.5", "100", "1000000"];

/// The same few instants in several forms, and their neighbours.
pub(super) const DATES: [&str; 10] = [
    "2026-01-01T00:00:00Z",
    "2026-01-01",
    "2026-01-01T01:00:00+01:00",
    "2026-01-01T00:00:00.000Z",
    "2025-12-31T23:59:59Z",
    "2026-01-01T00:00:01Z",
    "2027-06-30T12:00:00Z",
    "1767225600",
    "1767225601",
    "2026-01-01T00:00Z",
];

pub(super) const ADDRESSES: [&str; 9] = [
    "10.0.0.1",
    "10.1.2.3",
    "192.0.2.10",
    "203.0.113.4",
    "203.0.113.5",
    "203.0.113.6",
    "2001:db8::1",
    "2001:db8:1::1",
    "2001:db8:8000::1",
];

pub(super) const NETWORKS: [&str; 13] = [
    "10.0.0.0/8",
    "10.0.0.0/24",
    "10.0.0.1",
    "10.1.2.3/32",
    "10.0.0.1/8",
    "192.0.2.0/24",
    "203.0.113.4/31",
    "0.0.0.0/0",
    "2001:db8::/32",
    "2001:db8::/33",
    "2001:db8::1",
    "2001:DB8:1::/48",
    "::/0",
];

/// ARNs that conditions compare with, some of them patterns.
pub(super) const ARNS: [&str; 18] = [
    "arn:aws:s3:::logs",
    "arn:aws:s3:::logs/core",
    "arn:aws:s3:::*",
    "arn:aws:s3:::l?gs",
    "arn:aws:s3:*:*:logs",
    "arn:*:s3:::logs",
    "arn:aws:sns:us-east-1:111122223333:core",
    "arn:aws:sns:us-east-1:111122223333:core:data",
    "arn:aws:sns:*:111122223333:*",
    "arn:aws:sns:us-east-1:111122223333:*:data",
    "arn:aws:sns:us-east-1:*:core",
    "arn:aws:sns:us-east-1:*",
    "arn:aws:iam::111122223333:role/app",
    "arn:aws:iam::111122223333:role/*",
    "arn:aws:iam::*:user/*",
    "arn:aws:iam::111122223333:user/ann",
    "arn:aws:iam::111122223333:ROLE/app",
    "*",
];

pub(super) const BLOBS: [&str; 3] = ["YQ==", "Yg==", "eW91"];
pub(super) const TRUTHS: [&str; 4] = ["true", "false", "True", "FALSE"];

/// Values that are none of their kind.
pub(super) const BROKEN: [&str; 3] = ["broken", "10abc", "-"];

/// Texts that a policy may put in the place of a value.
pub(super) const VARIABLES: [&str; 7] = [
    "${aws:PrincipalTag/team}",
    "${aws:principaltag/TEAM}",
    "${aws:PrincipalTag/none, 'core'}",
    "${aws:PrincipalTag/none}",
    "${aws:username}",
    "${aws:PrincipalAccount}",
    "${s3:prefix}",
];

/// Literal characters under names, for where they would be wildcards.
pub(super) const ESCAPES: [&str; 4] = ["${*}", "c${?}re", "${$}", "co${*}"];

/// One of a list that is never empty.
pub(super) fn one<T: Copy>(list: &[T], rng: &mut Rng) -> T {
    list[rng.usize(0..list.len())]
}

/// Whether something happens that does so in this many of a hundred cases.
pub(super) fn chance(percent: u32, rng: &mut Rng) -> bool {
    rng.u32(0..100) < percent
}

/// A text in other letters, where case should not matter.
pub(super) fn other_case(text: &str, rng: &mut Rng) -> String {
    if rng.bool() { text.to_ascii_lowercase() } else { text.to_ascii_uppercase() }
}
