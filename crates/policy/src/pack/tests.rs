use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::decide::{Asked, Decision, Given, Policies, Request, decide};
use crate::generated::{FULL, FULL_RESOURCE, corpus, documents, in_force, some};
use crate::language::{Statement, read_json};

fn named(policies: &[(String, Document)]) -> Vec<(&str, Document)> {
    policies.iter().map(|(name, document)| (name.as_str(), document.clone())).collect()
}

fn packed(policies: &[(String, Document)], limit: usize, widen: Option<&Reference>) -> Packed {
    let packed = pack(&named(policies), Options { limit, keep_sids: false, widen }).unwrap();
    for document in &packed.documents {
        let json = document.to_json();
        assert!(json.chars().count() <= limit, "{json}");
        assert_eq!(read_json("packed", &json).unwrap().to_json(), json);
    }
    packed
}

/// What of a packed corpus does not change with a file's name.
fn told(packed: &Packed) -> String {
    let text = packed.report.to_string();
    text.lines().filter(|line| !line.starts_with("needless")).collect::<Vec<_>>().join("\n")
}

#[test]
fn the_corpus_gets_shorter_step_by_step() {
    let service_control = corpus("service-control");
    insta::assert_snapshot!(told(&packed(&service_control, 10_240, None)));
    insta::assert_snapshot!(told(&packed(&service_control, 10_240, Some(Reference::embedded()))));
    insta::assert_snapshot!(told(&packed(&corpus("resource-control"), 5_120, None)));
}

#[test]
fn what_is_left_out_is_told_with_what_covers_it() {
    let packed = packed(&corpus("service-control"), 10_240, None);
    let told: Vec<String> = packed
        .report
        .covered
        .iter()
        .map(|covered| {
            let list = |origins: &[Origin]| origins.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
            format!("{} <- {}", list(&covered.statements), list(&covered.by))
        })
        .collect();
    insta::assert_snapshot!(told.join("\n"));
}

/// None where the engine cannot say whether it depends: with fewer conditions to look through, it may find out.
fn decision(policies: &Policies, asked: &Asked) -> Option<Decision> {
    let answer = decide(policies, &Request::new(asked.clone()).unwrap());
    (!answer.approximate).then_some(answer.decision)
}

/// Whether both decide alike, as far as it can be said.
fn alike(before: Option<Decision>, after: Option<Decision>) -> bool {
    before.is_none() || after.is_none() || before == after
}

fn check(documents: &[Document], resource_control: bool, requests: &[Asked]) -> Result<(), TestCaseError> {
    let policies: Vec<(String, Document)> =
        documents.iter().enumerate().map(|(at, document)| (format!("p{at}"), document.clone())).collect();
    for (keep_sids, limit) in [(false, 10_240), (true, 700)] {
        let packed = pack(&named(&policies), Options { limit, keep_sids, widen: None });
        let packed = packed.map_err(|error| TestCaseError::fail(error.to_string()))?;
        let (given, after) = (in_force(documents, resource_control), in_force(&packed.documents, resource_control));
        for asked in requests {
            let (before, after) = (decision(&given, asked), decision(&after, asked));
            if !alike(before, after) {
                let json =
                    |documents: &[Document]| documents.iter().map(Document::to_json).collect::<Vec<_>>().join("\n");
                let (documents, packed) = (json(documents), json(&packed.documents));
                let told = format!("{before:?} became {after:?}: {asked:#?}\n{documents}\n{packed}");
                return Err(TestCaseError::fail(told));
            }
        }
        derived(&policies, &packed)?;
    }
    Ok(())
}

/// Every statement that was given is in the packed documents or covered by some that are, and nothing else is.
fn derived(policies: &[(String, Document)], packed: &Packed) -> Result<(), TestCaseError> {
    let report = &packed.report;
    for (document, origins) in packed.documents.iter().zip(&report.origins) {
        prop_assert_eq!(document.statements.len(), origins.len());
        prop_assert!(origins.iter().all(|origins| !origins.is_empty()));
    }
    let kept = report.origins.iter().flatten().flatten();
    let covered = report.covered.iter().flat_map(|covered| &covered.statements);
    let mut found: Vec<(usize, usize)> =
        kept.chain(covered).map(|origin| (origin.position, origin.statement)).collect();
    found.sort_unstable();
    found.dedup();
    let given = policies.iter().enumerate();
    let given: Vec<(usize, usize)> = given
        .flat_map(|(at, (_, document))| (1..=document.statements.len()).map(move |statement| (at, statement)))
        .collect();
    prop_assert_eq!(found, given);
    Ok(())
}

fn given(values: &'static [&'static str]) -> impl Strategy<Value = Option<Given>> {
    let one = prop::sample::select(values).prop_map(|value| Some(Given::value(value)));
    let several = prop::collection::vec(prop::sample::select(values), 1..3)
        .prop_map(|values| Some(Given::Values(values.into_iter().map(str::to_owned).collect())));
    prop_oneof![4 => one, 1 => several, 1 => Just(Some(Given::Absent)), 1 => Just(None)]
}

fn requests() -> impl Strategy<Value = Asked> {
    let actions = ["s3:GetObject", "s3:GetBucket", "s3:PutObject", "s3:List", "sns:Publish", "sns:Get", "ec2:Run"];
    let arns = [
        "*",
        "arn:aws:s3:::a/b",
        "arn:aws:s3:::a/c",
        "arn:aws:s3:::b/u",
        "arn:aws:s3:::b/b",
        "arn:aws:sns:x:111122223333:t",
    ];
    (
        prop::sample::select(actions.to_vec()),
        prop::collection::vec(prop::sample::select(arns.to_vec()), 1..3),
        given(&["eu-west-1", "eu-x", "us-east-1", "EU-WEST-1", "u", "${aws:username}"]),
        prop_oneof![
            given(&["a", "b", "bc", "c"]),
            prop::collection::vec(prop::sample::select(&["a", "b", "bc", "c"][..]), 1..3)
                .prop_map(|values| Some(Given::Values(values.into_iter().map(str::to_owned).collect()))),
        ],
        given(&["4", "5", "7", "10", "x"]),
        given(&["10.1.2.3", "10.1.2.4", "10.2.0.0", "11.0.0.0"]),
    )
        .prop_map(|(action, mut resources, region, tags, tls, address)| {
            // What AWS knows is on resources of its own service.
            let other = match action {
                "s3:GetObject" | "s3:PutObject" => "arn:aws:sns:",
                "sns:Publish" => "arn:aws:s3:",
                _ => "none",
            };
            resources.retain(|arn| !arn.starts_with(other));
            let keys = [
                ("aws:RequestedRegion", region),
                ("aws:TagKeys", tags),
                ("s3:TlsVersion", tls),
                ("aws:SourceIp", address),
            ];
            let context: BTreeMap<String, Given> =
                keys.into_iter().filter_map(|(key, given)| Some((key.to_owned(), given?))).collect();
            Asked {
                principal: "arn:aws:iam::111122223333:user/u".to_owned(),
                action: action.to_owned(),
                resources: resources.into_iter().map(str::to_owned).collect(),
                resource_account: Some("111122223333".to_owned()),
                context,
                ..Asked::default()
            }
        })
}

/// Actions, each with the resources that a request for it can be on; of those that AWS does not know, all.
const MEETING: [(&str, &[&str]); 9] = [
    ("s3:GetObject", &["arn:aws:s3:::a/b", "arn:aws:s3:::b/b", "arn:aws:s3:us-east-1:111122223333:accesspoint/x"]),
    ("s3:DeleteBucket", &["arn:aws:s3:::a", "arn:aws:s3:::b"]),
    ("s3:Unknown", &EVERY),
    ("unknown:Any", &EVERY),
    ("sqs:SendMessage", &["arn:aws:sqs:us-east-1:111122223333:q", "arn:aws:sqs:us-east-1:111122223333:a"]),
    ("ec2:DescribeInstances", &["*"]),
    ("sts:AssumeRole", &["arn:aws:iam::111122223333:role/r"]),
    ("iam:DeleteRole", &["arn:aws:iam::111122223333:role/r"]),
    ("ssm:SendCommand", &["arn:aws:ec2:us-east-1:111122223333:instance/i", "arn:aws:s3:::a", "arn:aws:s3:::b"]),
];
const EVERY: [&str; 8] = [
    "*",
    "arn:aws:s3:::a",
    "arn:aws:s3:::a/b",
    "arn:aws:s3:::b",
    "arn:aws:sqs:us-east-1:111122223333:q",
    "arn:aws:iam::111122223333:role/r",
    "arn:aws:ec2:us-east-1:111122223333:instance/i",
    "arn:aws:unknown:::a",
];

/// Statements of many services that differ in little else.
fn of_services() -> impl Strategy<Value = Vec<Document>> {
    const ACTIONS: [&str; 12] = [
        "s3:GetObject",
        "s3:DeleteBucket",
        "s3:Unknown",
        "s3:*",
        "unknown:Any",
        "sqs:SendMessage",
        "sqs:*",
        "ec2:DescribeInstances",
        "sts:AssumeRole",
        "iam:DeleteRole",
        "ssm:SendCommand",
        "*:*",
    ];
    const RESOURCES: [&str; 11] = [
        "*",
        "arn:aws:s3:::a",
        "arn:aws:s3:::b*",
        "arn:aws:s3:::a/*",
        "arn:aws:s3:*:*:accesspoint/*",
        "arn:aws:*:*:*:*",
        "arn:aws:sqs:*:*:q",
        "arn:aws:sqs:*:*:${aws:PrincipalTag/a}",
        "arn:aws:iam::*:role/r",
        "arn:aws:ec2:*:*:instance/*",
        "arn:aws:unknown:::a",
    ];
    let list = |of: &'static [&'static str]| {
        let quoted = |text: &str| format!("{text:?}");
        prop::collection::vec(prop::sample::select(of), 1..3)
            .prop_map(move |texts| texts.into_iter().map(quoted).collect::<Vec<_>>().join(","))
    };
    let effect = prop::bool::weighted(0.9).prop_map(|deny| if deny { "Deny" } else { "Allow" });
    let not = |share| prop::bool::weighted(share).prop_map(|not| if not { "Not" } else { "" });
    let statement = (effect, not(0.05), list(&ACTIONS), not(0.05), list(&RESOURCES), prop::bool::weighted(0.2)).prop_map(
        |(effect, not_action, actions, not_resource, resources, tagged)| {
            let condition = if tagged { r#""StringEquals":{"aws:PrincipalTag/a":"q"}"# } else { "" };
            format!(
                r#"{{"Effect":"{effect}","{not_action}Action":[{actions}],"{not_resource}Resource":[{resources}],"Condition":{{{condition}}}}}"#
            )
        },
    );
    let document = prop::collection::vec(statement, 1..5).prop_map(|statements| {
        let text = format!(r#"{{"Version":"2012-10-17","Statement":[{}]}}"#, statements.join(","));
        read_json("generated", &text).unwrap_or_else(|problems| panic!("{text}: {problems:?}"))
    });
    prop::collection::vec(document, 1..3)
        .prop_map(|documents| documents.into_iter().chain([read_json("full", FULL).unwrap()]).collect())
}

/// Every request that can be made for [`MEETING`].
fn meeting() -> Vec<Asked> {
    let asked = |action: &str, arn: &str, tag: &str| Asked {
        principal: "arn:aws:iam::111122223333:user/u".to_owned(),
        action: action.to_owned(),
        resources: vec![arn.to_owned()],
        resource_account: Some("111122223333".to_owned()),
        context: BTreeMap::from([("aws:PrincipalTag/a".to_owned(), Given::value(tag))]),
        closed: true,
        ..Asked::default()
    };
    let pairs = MEETING.iter().flat_map(|(action, arns)| arns.iter().map(move |arn| (action, arn)));
    pairs.flat_map(|(action, arn)| ["q", "x"].map(|tag| asked(action, arn, tag))).collect()
}

/// A text that fits a pattern, or one beside it.
fn near(pattern: &str, turn: usize) -> String {
    let text = pattern.replace("${Account}", "111122223333").replace("${Region}", "x").replace(['*', '?'], "x");
    match turn % 4 {
        0 => format!("{text}z"),
        1 => text.to_uppercase(),
        _ => text,
    }
}

/// A request that is about a statement, or nearly so.
fn aimed(statement: &Statement, random: &mut fastrand::Rng) -> Asked {
    let pick = |random: &mut fastrand::Rng, texts: &[crate::language::Text]| {
        let text = texts.get(random.usize(..texts.len().max(1))).map_or("*", |text| text.value.as_str());
        near(text, random.usize(1..9))
    };
    let action = pick(random, &statement.actions.values);
    let arn = statement.resources.as_ref().map_or_else(|| "*".to_owned(), |list| pick(random, &list.values));
    let mut context = BTreeMap::new();
    let mut principal = "arn:aws:iam::111122223333:role/[PRIVILEGED_ROLE]".to_owned();
    for condition in &statement.conditions {
        let value = pick(random, &condition.values);
        let key = condition.key.value.to_ascii_lowercase();
        if key == "aws:principalarn" && value.starts_with("arn:aws:iam::") {
            principal = value.replace("::x:", "::111122223333:");
        } else if !key.starts_with("aws:principal") || key.starts_with("aws:principaltag") {
            let given = [Some(Given::Absent), None, Some(Given::value(value.clone())), Some(Given::value(value))];
            if let Some(Some(given)) = given.get(random.usize(..4)) {
                context.insert(key, given.clone());
            }
        }
    }
    if random.usize(..3) == 0 {
        principal = "arn:aws:iam::111122223333:role/other".to_owned();
    }
    for variable in ["Account", "Region"] {
        context.insert(variable.to_owned(), Given::value(if variable == "Account" { "111122223333" } else { "x" }));
    }
    Asked {
        principal,
        action: if action.split_once(':').is_some_and(|(_, name)| !name.is_empty()) {
            action
        } else {
            "s3:X".to_owned()
        },
        resources: vec![if arn == "x" { "*".to_owned() } else { arn }],
        context,
        closed: random.usize(..4) > 0,
        ..Asked::default()
    }
}

/// Statements of both sides, each asked about in many ways; the seed is fixed, so that it is the same every time.
#[test]
fn packing_the_corpus_changes_no_decision() {
    let mut random = fastrand::Rng::with_seed(7);
    for (folder, limit, full) in [("service-control", 10_240, FULL), ("resource-control", 5_120, FULL_RESOURCE)] {
        let mut policies = corpus(folder);
        policies.push(("full".to_owned(), read_json("full", full).unwrap()));
        let given: Vec<Document> = policies.iter().map(|(_, document)| document.clone()).collect();
        let packed = packed(&policies, limit, None);
        derived(&policies, &packed).unwrap();
        let resource_control = folder == "resource-control";
        let (before, after) = (in_force(&given, resource_control), in_force(&packed.documents, resource_control));
        let mut denied = 0;
        for statement in given.iter().flat_map(|document| &document.statements) {
            for _ in 0..10 {
                let asked = aimed(statement, &mut random);
                if Request::new(asked.clone()).is_err() {
                    continue;
                }
                let decided = decision(&before, &asked);
                assert!(alike(decided, decision(&after, &asked)), "{asked:#?}");
                denied += usize::from(decided == Some(Decision::ExplicitDeny));
            }
        }
        assert!(denied > 100, "{folder}: only {denied} requests were denied");
    }
}

/// Statements that differ in what they ask of one key.
fn one_key() -> impl Strategy<Value = Vec<Document>> {
    const SETS: [&str; 3] = ["", "ForAnyValue:", "ForAllValues:"];
    const TEXTS: [&str; 4] = ["StringEquals", "StringLike", "StringNotEquals", "StringNotLike"];
    let text = (0..3_usize, 0..4_usize, any::<bool>(), some(&["a", "b*", "bc", "c"])).prop_map(
        |(set, operator, if_exists, values)| {
            let suffix = if if_exists { "IfExists" } else { "" };
            format!(r#""{}{}{suffix}":{{"k":{values}}}"#, SETS[set], TEXTS[operator])
        },
    );
    let null = some(&["true", "false"]).prop_map(|values| format!(r#""Null":{{"k":{values}}}"#));
    let clause = prop_oneof![4 => text, 1 => null];
    let statement = (clause.clone(), prop::option::weighted(0.2, clause)).prop_map(|(first, second)| {
        let mut clauses: Vec<String> = [first].into_iter().chain(second).collect();
        clauses.dedup_by_key(|clause| clause.split('{').next().map(str::to_owned));
        let text = format!(
            r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Deny","Action":"*","Resource":"*","Condition":{{{}}}}}}}"#,
            clauses.join(",")
        );
        read_json("generated", &text).unwrap_or_else(|problems| panic!("{text}: {problems:?}"))
    });
    prop::collection::vec(statement, 2..5)
        .prop_map(|documents| documents.into_iter().chain([read_json("full", FULL).unwrap()]).collect())
}

/// Every set of a few values, and none. The key is always given: whether an unknown key may have several values is read
/// from the policies, and packing drops statements that never apply.
fn of_one_key() -> Vec<Asked> {
    let values = ["a", "b", "bc", "c", "d"];
    let set = |set: usize| -> Vec<String> {
        let members = values.iter().enumerate().filter(|(at, _)| set & (1 << at) != 0);
        members.map(|(_, value)| (*value).to_owned()).collect()
    };
    let asked = |context| Asked {
        principal: "arn:aws:iam::111122223333:user/u".to_owned(),
        action: "a:B".to_owned(),
        context,
        ..Asked::default()
    };
    let given = (0..32).map(|members| BTreeMap::from([("k".to_owned(), Given::Values(set(members)))]));
    given.map(asked).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn packing_changes_no_decision(documents in documents(), requests in prop::collection::vec(requests(), 12)) {
        check(&documents, false, &requests)?;
    }

    #[test]
    fn services_are_joined_without_loss(documents in of_services()) {
        check(&documents, false, &meeting())?;
    }

    #[test]
    fn conditions_are_merged_without_loss(documents in one_key()) {
        check(&documents, false, &of_one_key())?;
    }
}
