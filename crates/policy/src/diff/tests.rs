mod variables;

use std::sync::{Arc, OnceLock};

use proptest::prelude::*;

use super::people::People;
use super::region::Bits;
use super::*;
use crate::decide::{Asked, Decision, Policies, Policy, Request, decide};
use crate::generated::{FULL, FULL_RESOURCE, corpus, documents, in_force};
use crate::language::{PrincipalKind, read_json};
use crate::pack::{Options, pack};

const ALL: &str = r#"{"Effect":"Allow","Action":"*","Resource":"*"}"#;

fn documented() -> &'static Documented {
    static DOCUMENTED: OnceLock<Documented> = OnceLock::new();
    DOCUMENTED.get_or_init(|| Documented::new(Reference::embedded()))
}

/// The services of generated policies.
fn few() -> &'static Documented {
    static FEW: OnceLock<Documented> = OnceLock::new();
    FEW.get_or_init(|| documented().only(&["s3", "sns"]))
}

fn document(statements: &[&str]) -> Document {
    let text = format!(r#"{{"Version":"2012-10-17","Statement":[{}]}}"#, statements.join(","));
    read_json("policy", &text).unwrap_or_else(|problems| panic!("{text}: {problems:?}"))
}

fn compared(before: &[Document], after: &[Document]) -> Difference {
    difference(before, after, documented(), "")
}

fn check(before: &[&str], after: &[&str], expected: &str) {
    let told = compared(&[document(before)], &[document(after)]).to_string();
    assert_eq!(told.trim_end(), expected, "\n{}\n{}", before.join("\n"), after.join("\n"));
}

const REGION: &str = r#"{"Effect":"Deny","NotAction":["iam:*","sts:*"],"Resource":"*","Condition":{"StringNotEquals":{"aws:RequestedRegion":["eu-west-1","us-east-1"]}}}"#;
const NARROWER: &str = r#"{"Effect":"Deny","NotAction":["iam:*","sts:*"],"Resource":"*","Condition":{"StringNotEquals":{"aws:RequestedRegion":"eu-west-1"}}}"#;
const LAUNCH: &str = r#"{"Effect":"Deny","Action":"ec2:RunInstances","Resource":"arn:aws:ec2:*:*:instance/*","Condition":{"StringNotEquals":{"ec2:InstanceType":["t3.micro","t3.small"]}}}"#;

#[test]
fn a_statement_more_or_less_is_the_difference() {
    check(&[ALL, REGION], &[ALL, REGION], "no difference");
    check(&[], &[], "no difference");
    check(
        &[ALL],
        &[ALL, REGION],
        "newly denied: * except iam:*, sts:* on * when aws:RequestedRegion is not one of eu-west-1, us-east-1",
    );
    check(
        &[ALL, LAUNCH],
        &[ALL],
        "newly allowed: ec2:RunInstances on arn:aws:ec2:*:*:instance/* when ec2:InstanceType is not one of t3.micro, t3.small",
    );
    check(
        &[ALL],
        &[ALL, r#"{"Effect":"Deny","Action":"ec2:RunInstances","NotResource":"arn:aws:ec2:*:*:instance/*"}"#],
        "newly denied: ec2:RunInstances on anything but arn:aws:ec2:*:*:instance/*",
    );
}

#[test]
fn what_was_denied_before_is_not_newly_denied() {
    check(&[REGION], &[NARROWER], "newly denied: * except iam:*, sts:* on * when aws:RequestedRegion is us-east-1");
    check(&[NARROWER], &[REGION], "newly allowed: * except iam:*, sts:* on * when aws:RequestedRegion is us-east-1");
    check(
        &[ALL, REGION],
        &[ALL, REGION, LAUNCH],
        "newly denied: ec2:RunInstances on arn:aws:ec2:*:*:instance/* when \
         aws:RequestedRegion is one of eu-west-1, us-east-1 and ec2:InstanceType is not one of t3.micro, t3.small",
    );
    check(
        &[ALL, r#"{"Effect":"Deny","Action":"s3:GetObject","Resource":"*"}"#],
        &[ALL, r#"{"Effect":"Deny","Action":"s3:*","Resource":"*"}"#],
        "newly denied: s3:* except s3:GetObject on *",
    );
    check(
        &[ALL, r#"{"Effect":"Deny","Action":"s3:*","Resource":"arn:aws:s3:::a*"}"#],
        &[ALL, r#"{"Effect":"Deny","Action":"s3:*","Resource":"arn:aws:s3:::*b"}"#],
        "newly denied: s3:* on anything but arn:aws:s3:::a* and arn:aws:s3:::*b\n\
         newly allowed: s3:* on anything but arn:aws:s3:::*b and arn:aws:s3:::a*",
    );
}

#[test]
fn lists_of_what_is_allowed_are_compared_too() {
    let services = r#"{"Effect":"Allow","Action":["s3:*","ec2:*"],"Resource":"*"}"#;
    check(&[ALL], &[services], "newly denied: * except ec2:*, s3:* on *");
    check(&[ALL], &[], "newly denied: * on *");
    check(
        &[services],
        &[r#"{"Effect":"Allow","Action":["s3:*","ec2:*","sqs:*"],"Resource":"*"}"#, LAUNCH],
        "newly denied: ec2:RunInstances on arn:aws:ec2:*:*:instance/* when ec2:InstanceType is not one of t3.micro, t3.small\n\
         newly allowed: sqs:* on *",
    );
}

#[test]
fn what_has_no_common_name_is_told_in_parts() {
    let deny = |actions: &str| format!(r#"{{"Effect":"Deny","Action":{actions},"Resource":"*"}}"#);
    check(
        &[ALL, &deny(r#"["iam:CreateUser","iam:TagUser"]"#)],
        &[ALL, &deny(r#"["iam:*","sts:*"]"#)],
        "newly denied: iam:* except iam:CreateUser, iam:TagUser on *\nnewly denied: sts:* on *",
    );
    check(
        &[ALL],
        &[ALL, r#"{"Effect":"Deny","NotAction":["iam:*","sts:*"],"Resource":"*"}"#, &deny(r#""iam:CreateUser""#)],
        "newly denied: * except iam:*, sts:* on *\nnewly denied: iam:CreateUser on *",
    );
    // A wide statement stays whole, though a narrow one has some of it.
    let root =
        r#"{"Effect":"Deny","Action":"*","Resource":"*","Condition":{"StringEquals":{"aws:PrincipalType":"Account"}}}"#;
    check(
        &[ALL],
        &[ALL, root, &deny(r#"["s3:PutObject","iam:CreateUser"]"#)],
        "newly denied: * on * when aws:PrincipalType is Account\nnewly denied: iam:CreateUser, s3:PutObject on *",
    );
}

#[test]
fn conditions_are_told_as_they_differ() {
    let deny = |condition: &str| {
        format!(r#"{{"Effect":"Deny","Action":"s3:PutObject","Resource":"*","Condition":{{{condition}}}}}"#)
    };
    let change = |before: &str, after: &str, expected: &str| check(&[&deny(before)], &[&deny(after)], expected);
    change(
        r#""NumericLessThan":{"s3:TlsVersion":"1.1"}"#,
        r#""NumericLessThan":{"s3:TlsVersion":"1.2"}"#,
        "newly denied: s3:PutObject on * when s3:TlsVersion is less than 1.2 and s3:TlsVersion is not less than 1.1",
    );
    change(
        r#""Bool":{"aws:SecureTransport":"false"}"#,
        r#""BoolIfExists":{"aws:SecureTransport":"false"}"#,
        "newly denied: s3:PutObject on * when aws:SecureTransport is absent or is false and aws:SecureTransport is not false",
    );
    change(
        r#""ForAnyValue:StringEquals":{"aws:TagKeys":["a","b"]}"#,
        r#""ForAnyValue:StringEquals":{"aws:TagKeys":"a"}"#,
        "newly allowed: s3:PutObject on * when no value of aws:TagKeys is a and some value of aws:TagKeys is one of a, b",
    );
    change(
        r#""IpAddress":{"aws:SourceIp":"10.0.0.0/8"}"#,
        r#""IpAddress":{"aws:SourceIp":"10.1.0.0/16"}"#,
        "newly allowed: s3:PutObject on * when aws:SourceIp is in 10.0.0.0/8 and aws:SourceIp is not in 10.1.0.0/16",
    );
}

#[test]
fn who_asks_is_exact_where_names_are_of_different_callers() {
    let allow = |principals: &str| {
        format!(r#"{{"Effect":"Allow","Principal":{{"AWS":{principals}}},"Action":"s3:*","Resource":"*"}}"#)
    };
    let (role, user) = (r#""arn:aws:iam::111122223333:role/a/R""#, r#""arn:aws:iam::444455556666:user/U""#);
    check(
        &[&allow(role)],
        &[&allow(user)],
        "newly denied: s3:* on * by AWS arn:aws:iam::111122223333:role/a/R\n\
         newly allowed: s3:* on * by AWS arn:aws:iam::444455556666:user/U",
    );
    check(
        &[&allow(role)],
        &[&allow(r#""111122223333""#)],
        "newly denied: s3:* on * by AWS arn:aws:iam::111122223333:role/a/R (approximate)\n\
         newly denied: there may be more (approximate)\n\
         newly allowed: s3:* on * by AWS 111122223333 (approximate)\n\
         newly allowed: there may be more (approximate)",
    );
}

#[test]
fn what_no_request_can_ask_makes_no_difference() {
    let deny =
        |actions: &str, resources: &str| format!(r#"{{"Effect":"Deny","Action":{actions},"Resource":{resources}}}"#);
    let (bucket, queue) = (r#""arn:aws:s3:::a""#, r#""arn:aws:sqs:*:*:b""#);
    let apart = [deny(r#""s3:DeleteBucket""#, bucket), deny(r#""sqs:DeleteQueue""#, queue)];
    let both = deny(r#"["s3:DeleteBucket","sqs:DeleteQueue"]"#, &format!("[{bucket},{queue}]"));
    check(&[&apart[0], &apart[1]], &[&both], "no difference");
    // What is not documented may be of any service.
    check(
        &[&deny(r#""s3:DeleteBucket""#, bucket)],
        &[&deny(r#"["s3:DeleteBucket","sqs:New"]"#, bucket)],
        "newly denied: sqs:New on arn:aws:s3:::a",
    );
    check(
        &[&deny(r#""s3:DeleteBucket""#, bucket)],
        &[&deny(r#"["s3:DeleteBucket","ssm:SendCommand"]"#, bucket)],
        "newly denied: ssm:SendCommand on arn:aws:s3:::a",
    );
}

#[test]
fn a_difference_as_json() {
    let difference = compared(&[document(&[ALL])], &[document(&[ALL, LAUNCH])]);
    insta::assert_json_snapshot!(difference);
}

#[test]
fn packing_the_corpus_makes_no_difference() {
    for (folder, limit) in [("service-control", 10_240), ("resource-control", 5_120)] {
        let full = if folder == "resource-control" { FULL_RESOURCE } else { FULL };
        let mut policies = corpus(folder);
        policies.push(("full".to_owned(), read_json("full", full).unwrap()));
        let named: Vec<(&str, Document)> =
            policies.iter().map(|(name, document)| (name.as_str(), document.clone())).collect();
        let given: Vec<Document> = policies.iter().map(|(_, document)| document.clone()).collect();
        let packed = pack(&named, Options { limit, keep_sids: false, widen: None }).unwrap();
        let difference = compared(&given, &packed.documents);
        assert!(difference.is_empty(), "{difference}");
        // And the comparison sees what is taken away.
        let (first, rest) = packed.documents.split_first().unwrap();
        let less = Document { statements: first.statements.iter().skip(1).cloned().collect(), ..first.clone() };
        let after: Vec<Document> = [less].into_iter().chain(rest.iter().cloned()).collect();
        let difference = compared(&given, &after);
        assert!(difference.newly_denied.is_empty() && !difference.newly_allowed.is_empty(), "{folder}: {difference}");
    }
}

/// Without variables, and of the version that has them.
fn plain(documents: &[Document]) -> Vec<Document> {
    let text = |document: &Document| document.to_json().replace("${aws:username}", "u");
    documents.iter().map(|document| read_json("plain", &text(document)).unwrap()).collect()
}

/// A request of one class in each dimension.
fn asked(space: &Space, classes: &[usize]) -> Asked {
    let class = |dimension: usize| classes.get(dimension).copied().unwrap_or(0);
    let context =
        space.keys.iter().enumerate().map(|(at, key)| (key.written.clone(), key.states[class(KEYS + at)].clone()));
    Asked {
        principal: "arn:aws:iam::111122223333:user/u".to_owned(),
        action: space.actions.named(&Bits::one(space.lengths[ACTIONS], class(ACTIONS)))[0].sample.clone(),
        resources: vec![space.resources[class(RESOURCES)].clone()],
        context: context.collect(),
        closed: true,
        ..Asked::default()
    }
}

/// AWS documents no action of S3 on topics of SNS, nor of SNS on buckets.
fn can_be_made(asked: &Asked) -> bool {
    let other = match Reference::embedded().action(&asked.action).map(|(service, _)| service.prefix.as_str()) {
        Some("s3") => ":sns:",
        Some("sns") => ":s3:",
        _ => return true,
    };
    !asked.resources.iter().any(|arn| arn.contains(other))
}

fn allows(policies: &Policies, asked: &Asked) -> bool {
    decide(policies, &Request::new(asked.clone()).unwrap()).decision == Decision::Allow
}

/// Callers, and how policies name them; the last two are in no policy.
const CALLERS: [(&str, PrincipalKind, &str); 6] = [
    ("arn:aws:iam::444455556666:role/p/R", PrincipalKind::Aws, "arn:aws:iam::444455556666:role/p/R"),
    ("arn:aws:iam::444455556666:user/R", PrincipalKind::Aws, "arn:aws:iam::444455556666:user/R"),
    ("arn:aws:iam::777788889999:role/R", PrincipalKind::Aws, "777788889999"),
    ("ec2.amazonaws.com", PrincipalKind::Service, "ec2.amazonaws.com"),
    ("sns.amazonaws.com", PrincipalKind::Service, ""),
    ("arn:aws:iam::444455556666:role/other", PrincipalKind::Aws, ""),
];

/// What is asked of a key in one way, with a variable; the request has the variable's own text for its value.
const OWN: &str = r#""StringEquals":{"k":"${aws:PrincipalTag/a}"}"#;

/// A resource's policy that names callers and allows something.
fn of_callers() -> impl Strategy<Value = Document> {
    let one = prop::sample::select((0..5).collect::<Vec<usize>>());
    let statement = (any::<bool>(), prop::collection::vec(one, 1..4), any::<bool>(), 0..3_usize);
    prop::collection::vec(statement, 1..4).prop_map(|statements| {
        let statement = |(place, (allow, callers, all, asks)): (usize, (bool, Vec<usize>, bool, usize))| {
            let named = |kind: PrincipalKind| {
                let callers = callers.iter().filter_map(|caller| CALLERS.get(*caller));
                let names = callers.filter(|(_, of, name)| *of == kind && !name.is_empty());
                names.map(|(_, _, name)| format!("{name:?}")).collect::<Vec<_>>().join(",")
            };
            let principals = if callers.contains(&4) {
                r#""*""#.to_owned()
            } else {
                format!(r#"{{"AWS":[{}],"Service":[{}]}}"#, named(PrincipalKind::Aws), named(PrincipalKind::Service))
            };
            let effect = if allow || place == 0 { "Allow" } else { "Deny" };
            let action = if all { "s3:*" } else { "s3:GetObject" };
            let condition = [OWN, r#""Null":{"k":"true"}"#, ""][asks];
            format!(
                r#"{{"Effect":"{effect}","Principal":{principals},"Action":"{action}","Resource":"*","Condition":{{{condition}}}}}"#
            )
        };
        let statements: Vec<String> = statements.into_iter().enumerate().map(statement).collect();
        document(&statements.iter().map(String::as_str).collect::<Vec<_>>())
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, ..ProptestConfig::default() })]

    /// Inside of a case the engine decides the two sides differently, and outside of all cases alike.
    #[test]
    fn the_engine_agrees(before in documents(), after in documents(), picks in prop::collection::vec(any::<u64>(), 60)) {
        let (before, after) = (plain(&before), plain(&after));
        let (denied, allowed, space) = compare(&before, &after, few());
        prop_assume!(denied.iter().chain(&allowed).all(|case| !case.approximate) && space.is_exact(&space.whole()));
        let full = |documents: &[Document]| {
            let full = space.beside_full_access.then(|| read_json("full", FULL).unwrap());
            in_force(&documents.iter().cloned().chain(full).collect::<Vec<_>>(), false)
        };
        let (old, new) = (full(&before), full(&after));
        let inside = |cases: &[Case], classes: &[usize]| {
            cases.iter().any(|case| case.region.sides.iter().zip(classes).all(|(side, class)| side.has(*class)))
        };
        let of = |pick: u64| -> Vec<usize> {
            let mut random = fastrand::Rng::with_seed(pick);
            space.lengths.iter().map(|length| random.usize(..*length)).collect()
        };
        let of_case = |case: &Case, pick: u64| -> Vec<usize> {
            let mut random = fastrand::Rng::with_seed(pick);
            case.region.sides.iter().map(|side| {
                let members: Vec<usize> = side.members().collect();
                members[random.usize(..members.len())]
            }).collect()
        };
        let within = denied.iter().chain(&allowed).flat_map(|case| picks.iter().take(5).map(|pick| of_case(case, *pick)));
        let points: Vec<Vec<usize>> = picks.iter().map(|pick| of(*pick)).chain(within).collect();
        for classes in points {
            let asked = asked(&space, &classes);
            if !can_be_made(&asked) {
                continue;
            }
            let (was, is) = (allows(&old, &asked), allows(&new, &asked));
            let told = || format!("{asked:#?}\nwas {was}, is {is}\n{}\n{}",
                before.iter().map(Document::to_json).collect::<Vec<_>>().join("\n"),
                after.iter().map(Document::to_json).collect::<Vec<_>>().join("\n"));
            prop_assert_eq!(inside(&denied, &classes), was && !is, "{}", told());
            prop_assert_eq!(inside(&allowed, &classes), is && !was, "{}", told());
        }
    }

    /// Who asks is told exactly, and the engine decides so.
    #[test]
    fn the_engine_agrees_on_who_asks(before in of_callers(), after in of_callers()) {
        let (denied, allowed, space) = compare(std::slice::from_ref(&before), std::slice::from_ref(&after), few());
        let statements: Vec<&Statement> = before.statements.iter().chain(&after.statements).collect();
        let people = People::new(&statements);
        let policies = |document: &Document| Policies {
            identity: vec![Arc::new(Policy::new("full", "", read_json("full", FULL).unwrap()))],
            resource: Some(Arc::new(Policy::new("p", "", document.clone()))),
            ..Policies::default()
        };
        let (old, new) = (policies(&before), policies(&after));
        prop_assert!(denied.iter().chain(&allowed).all(|case| !case.approximate), "{:?} {:?}", denied, allowed);
        let inside = |cases: &[Case], classes: &[usize]| {
            cases.iter().any(|case| case.region.sides.iter().zip(classes).all(|(side, class)| side.has(*class)))
        };
        for (caller, kind, name) in CALLERS {
            let place = people.names.iter().position(|(of, named)| *of == kind && named == name);
            let who = place.unwrap_or(people.names.len());
            for action in 0..space.lengths[ACTIONS] {
                for resource in 0..space.lengths[RESOURCES] {
                    for state in 0..space.lengths.get(KEYS).copied().unwrap_or(1) {
                        let classes = [who, action, resource, state];
                        let mut asked = asked(&space, &classes);
                        asked.principal = caller.to_owned();
                        asked.resource_account = Some("111122223333".to_owned());
                        asked.context.insert("aws:PrincipalTag/a".to_owned(), Given::value("${aws:PrincipalTag/a}"));
                        let (was, is) = (allows(&old, &asked), allows(&new, &asked));
                        let told = || format!("{asked:#?}\nwas {was}, is {is}\n{}\n{}", before.to_json(), after.to_json());
                        prop_assert_eq!(inside(&denied, &classes), was && !is, "{}", told());
                        prop_assert_eq!(inside(&allowed, &classes), is && !was, "{}", told());
                    }
                }
            }
        }
    }

    #[test]
    fn what_is_packed_is_no_different(documents in documents()) {
        let documents = plain(&documents);
        let named: Vec<(&str, Document)> = documents.iter().map(|document| ("p", document.clone())).collect();
        let packed = pack(&named, Options { limit: 10_240, keep_sids: false, widen: None }).unwrap();
        let (denied, allowed, _) = compare(&documents, &packed.documents, few());
        prop_assert!(denied.is_empty() && allowed.is_empty(), "{:?} {:?}", denied, allowed);
    }
}
