//! `Condition` blocks over every operator, quantifier and kind of value.
//!
//! AWS: "IAM JSON policy elements: Condition operators", "IAM policy elements: Variables and tags".

use dodai_policy::language::{Comparison, Operator, Quantifier};
use fastrand::Rng;
use serde_json::{Map, Value, json};

use super::pools::{
    ARNS, BLOBS, BROKEN, DATES, ESCAPES, NETWORKS, NUMBERS, TRUTHS, VARIABLES, WORDS, chance, one, other_case,
};
use super::statements::{one_or_list, several};

/// What a condition key's values are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Text,
    Number,
    Date,
    Truth,
    Blob,
    Address,
    Arn,
}

/// A condition key of the pool. A request may give several values for those of the second list.
pub(super) const KEYS: [(&str, Kind); 22] = [
    ("aws:PrincipalTag/team", Kind::Text),
    ("aws:RequestTag/Env", Kind::Text),
    ("aws:ResourceTag/team", Kind::Text),
    ("s3:prefix", Kind::Text),
    ("aws:SourceVpce", Kind::Text),
    ("aws:username", Kind::Text),
    ("aws:PrincipalAccount", Kind::Text),
    ("aws:ResourceAccount", Kind::Text),
    ("aws:PrincipalType", Kind::Text),
    ("aws:PrincipalServiceName", Kind::Text),
    ("s3:max-keys", Kind::Number),
    ("aws:MultiFactorAuthAge", Kind::Number),
    ("aws:CurrentTime", Kind::Date),
    ("aws:TokenIssueTime", Kind::Date),
    ("aws:SecureTransport", Kind::Truth),
    ("aws:MultiFactorAuthPresent", Kind::Truth),
    ("aws:PrincipalIsAWSService", Kind::Truth),
    ("aws:RequestTag/blob", Kind::Blob),
    ("aws:SourceIp", Kind::Address),
    ("aws:VpcSourceIp", Kind::Address),
    ("aws:SourceArn", Kind::Arn),
    ("aws:PrincipalArn", Kind::Arn),
];
/// Keys that follow from the request.
const DERIVED: [&str; 7] = [
    "aws:username",
    "aws:PrincipalAccount",
    "aws:ResourceAccount",
    "aws:PrincipalType",
    "aws:PrincipalServiceName",
    "aws:PrincipalIsAWSService",
    "aws:PrincipalArn",
];
pub(super) const MULTIVALUED: [(&str, Kind); 7] = [
    ("aws:TagKeys", Kind::Text),
    ("aws:CalledVia", Kind::Text),
    ("example:Words", Kind::Text),
    ("example:Numbers", Kind::Number),
    ("example:Dates", Kind::Date),
    ("example:Addresses", Kind::Address),
    ("example:Arns", Kind::Arn),
];

/// The kind of a key of the pools, whatever its letters.
pub(super) fn kind_of(key: &str) -> Option<Kind> {
    KEYS.iter().chain(&MULTIVALUED).find(|(name, _)| name.eq_ignore_ascii_case(key)).map(|&(_, kind)| kind)
}

/// One or two operators, each with one or two keys.
pub(super) fn block(rng: &mut Rng) -> Value {
    let mut block = Map::new();
    for _ in 0..=usize::from(chance(25, rng)) {
        let operator = operator(rng);
        let mut name = operator.to_string();
        if chance(3, rng) {
            name = other_case(&name, rng);
        }
        let mut keys = Map::new();
        for _ in 0..=usize::from(chance(12, rng)) {
            let (mut key, kind) = key(operator, rng);
            if chance(5, rng) {
                key = other_case(&key, rng);
            }
            keys.insert(key, values(operator.comparison, kind, rng));
        }
        block.insert(name, Value::Object(keys));
    }
    Value::Object(block)
}

fn operator(rng: &mut Rng) -> Operator {
    let comparison = one(Comparison::ALL, rng);
    if comparison == Comparison::Null {
        return Operator { quantifier: None, comparison, if_exists: false };
    }
    let quantifier = one(&[None, None, Some(Quantifier::All), Some(Quantifier::Any)], rng);
    Operator { quantifier, comparison, if_exists: chance(30, rng) }
}

/// What an operator compares; nothing for `Null`, which takes any key.
const fn compares(comparison: Comparison) -> Option<Kind> {
    Some(match comparison {
        Comparison::StringEquals
        | Comparison::StringNotEquals
        | Comparison::StringEqualsIgnoreCase
        | Comparison::StringNotEqualsIgnoreCase
        | Comparison::StringLike
        | Comparison::StringNotLike => Kind::Text,
        Comparison::NumericEquals
        | Comparison::NumericNotEquals
        | Comparison::NumericLessThan
        | Comparison::NumericLessThanEquals
        | Comparison::NumericGreaterThan
        | Comparison::NumericGreaterThanEquals => Kind::Number,
        Comparison::DateEquals
        | Comparison::DateNotEquals
        | Comparison::DateLessThan
        | Comparison::DateLessThanEquals
        | Comparison::DateGreaterThan
        | Comparison::DateGreaterThanEquals => Kind::Date,
        Comparison::Bool => Kind::Truth,
        Comparison::BinaryEquals => Kind::Blob,
        Comparison::IpAddress | Comparison::NotIpAddress => Kind::Address,
        Comparison::ArnEquals | Comparison::ArnLike | Comparison::ArnNotEquals | Comparison::ArnNotLike => Kind::Arn,
        Comparison::Null => return None,
    })
}

/// A key that fits: multivalued ones mostly under a quantifier, and seldom one of another kind.
fn key(operator: Operator, rng: &mut Rng) -> (String, Kind) {
    let several = chance(if operator.quantifier.is_some() { 75 } else { 3 }, rng);
    let compared = compares(operator.comparison);
    let wanted = compared.filter(|_| chance(95, rng));
    let fits = |keys: &[(&'static str, Kind)]| -> Vec<(&'static str, Kind)> {
        let fits = |name: &str, kind: Kind| match (wanted, compared) {
            (Some(wanted), _) => wanted == kind,
            // What follows from the request cannot be given otherwise, to see whether that makes a difference.
            (None, Some(compared)) => compared == kind || !DERIVED.contains(&name),
            (None, None) => true,
        };
        keys.iter().copied().filter(|&(name, kind)| fits(name, kind)).collect()
    };
    let mut keys = if several { fits(&MULTIVALUED) } else { fits(&KEYS) };
    if keys.is_empty() {
        keys = fits(&KEYS);
    }
    let (name, kind) = one(&keys, rng);
    (name.to_owned(), kind)
}

fn values(comparison: Comparison, kind: Kind, rng: &mut Rng) -> Value {
    if comparison == Comparison::Null {
        return json!(one(&["true", "false"], rng));
    }
    let wanted = compares(comparison).unwrap_or(kind);
    let values = several(|rng| value(wanted, rng), rng);
    // Numbers and booleans may stand without quotes.
    if let [only] = values.as_slice()
        && chance(15, rng)
        && let Ok(bare @ (Value::Number(_) | Value::Bool(_))) = serde_json::from_str(only)
    {
        return bare;
    }
    one_or_list(&values, rng)
}

/// One value as a policy would write it.
fn value(kind: Kind, rng: &mut Rng) -> String {
    match rng.u32(0..100) {
        0..=1 if kind != Kind::Text => return one(&BROKEN, rng).to_owned(),
        2..=9 if matches!(kind, Kind::Text | Kind::Arn) => {
            let variable = one(&VARIABLES, rng);
            return match kind {
                Kind::Arn if chance(50, rng) => "arn:aws:iam::${aws:PrincipalAccount}:role/*".to_owned(),
                Kind::Arn => format!("arn:aws:iam::111122223333:role/{variable}"),
                _ if chance(50, rng) => variable.to_owned(),
                _ => format!("{variable}*"),
            };
        }
        10..=15 if kind == Kind::Text => return one(&ESCAPES, rng).to_owned(),
        _ => {}
    }
    let pool: &[&str] = match kind {
        Kind::Text => &WORDS,
        Kind::Number => &NUMBERS,
        Kind::Date => &DATES,
        Kind::Truth => &TRUTHS,
        Kind::Blob => &BLOBS,
        Kind::Address => &NETWORKS,
        Kind::Arn => &ARNS,
    };
    one(pool, rng).to_owned()
}
