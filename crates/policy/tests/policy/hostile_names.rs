//! Names that want to be obeyed, in every place of policies, and everything that is said of them: each line is ours, and
//! a terminal has nothing to obey.

use std::collections::BTreeMap;
use std::sync::Arc;

use dodai_document::{Problems, json};
use dodai_facts::Problem;
use dodai_policy::check::{self, CheckContext, Kind};
use dodai_policy::decide::{Asked, Decision, Given, Policies, Policy, Request};
use dodai_policy::diff::diff;
use dodai_policy::explain::{self, Cited, Decider, LevelNames, Verdict, explain};
use dodai_policy::management::{Attached, Level, effective};
use dodai_policy::pack::{Options, pack};
use dodai_policy::reference::Reference;
use dodai_policy::testing::{self, Case, Difference, Expect, Failure, FileReport, Report, TestReport};
use dodai_policy::{Document, PolicyType, language};
use serde_json::{Value, json};

#[path = "../../../../fuzz/checks/names.rs"]
mod names;
#[path = "../../../../fuzz/checks/obeyed.rs"]
mod obeyed;
use names::names;
use obeyed::obeyed;

/// Every output of a name has the lines that one of a calm name has.
fn check_lines(output: &str, write: impl Fn(&str) -> String) {
    let calm = write("calm").lines().count();
    assert!(calm > 1, "{output}");
    for (what, name) in names() {
        let shown = write(&name);
        assert_eq!(obeyed(&shown), None, "{output} of {what}: {shown:.1000}");
        assert_eq!(shown.lines().count(), calm, "{output} of {what}: {shown:.2000}");
    }
}

fn statement(effect: &str, name: &str) -> Value {
    json!({
        "Sid": name,
        "Effect": effect,
        "Action": "s3:GetObject",
        "Resource": resource(name),
        "Condition": { "StringEquals": { format!("aws:PrincipalTag/{name}"): [name, "y"] } },
    })
}

/// What a pattern or a variable means is another matter.
fn resource(name: &str) -> String {
    format!("arn:aws:s3:::bucket/{}", name.replace(['*', '?', '$'], "x"))
}

fn allow_all() -> Value {
    json!({ "Effect": "Allow", "Action": "*", "Resource": "*" })
}

fn document(statements: &[Value]) -> Document {
    let text = json!({ "Version": "2012-10-17", "Statement": statements }).to_string();
    language::read_json("policy.json", &text).unwrap_or_else(|problems| panic!("{problems:?}"))
}

const ROLE: &str = "arn:aws:iam::111122223333:role/R";

/// A request that a statement of `name` may be about: what its key has is not known.
fn request(name: &str) -> Request<'static> {
    let context = BTreeMap::from([("aws:PrincipalTag/other".to_owned(), Given::value(name))]);
    let asked = Asked {
        principal: ROLE.to_owned(),
        action: "s3:GetObject".to_owned(),
        resources: vec![resource(name)],
        resource_account: Some("111122223333".to_owned()),
        context,
        ..Asked::default()
    };
    Request::new(asked).unwrap()
}

fn policy(name: &str, document: Document) -> Arc<Policy> {
    Arc::new(Policy::new(name, format!("{name}.json"), document))
}

/// A policy that denies under a condition, which is told with its values.
fn denying(name: &str) -> Document {
    document(&[allow_all(), statement("Deny", name)])
}

#[test]
fn a_difference() {
    for (what, name) in names() {
        let found = diff(&[document(&[allow_all()])], &[denying(&name)], Reference::embedded());
        let shown = found.to_string();
        assert_eq!(obeyed(&shown), None, "{what}: {shown:.1000}");
        // A value of 100 KB is more than is told apart from others, which is said.
        assert!(!found.newly_denied.is_empty() || found.may_deny_more, "{what}");
        let cases = found.newly_denied.len() + found.newly_allowed.len();
        let more =
            shown.lines().filter(|line| line.ends_with("(approximate)") && !line.contains("s3:GetObject")).count();
        assert_eq!(more, usize::from(found.may_deny_more) + usize::from(found.may_allow_more), "{what}: {shown:.2000}");
        assert_eq!(shown.lines().count(), cases + more, "{what}: {shown:.2000}");
        assert!(shown.lines().all(|line| line.starts_with("newly ")), "{what}: {shown:.2000}");
    }
}

#[test]
fn an_explanation() {
    check_lines("an explanation", |name| {
        let policies = Policies {
            identity: vec![policy(name, denying(name))],
            scps: Some(vec![vec![policy(name, denying(name))]]),
            ..Policies::default()
        };
        let names = LevelNames { scps: vec![name.to_owned()], rcps: Vec::new() };
        explain::text(&explain(&policies, &request(name), &names))
    });
}

#[test]
fn a_report_of_tests() {
    check_lines("a report of tests", |name| {
        let of = || Some(name.to_owned());
        let problem = Problem { file: name.to_owned(), line: 1, column: 1, message: name.to_owned(), help: of() };
        let case =
            Case { account: of(), who: name.to_owned(), does: name.to_owned(), on: name.to_owned(), region: of() };
        let cited =
            Cited { policy: name.to_owned(), statement: name.to_owned(), file: name.to_owned(), line: 1, column: 1 };
        let decider = Decider { layer: name.to_owned(), label: name.to_owned(), statement: Some(cited) };
        let verdict = |by, decision| Verdict {
            decision,
            by,
            missing: vec![name.to_owned()],
            approximate: false,
            assumed_same_account: false,
            unknown_action: true,
        };
        let failure = |got| Failure { case: case.clone(), expected: Expect::Allow, got, account_without_id: true };
        let difference = Difference {
            account: of(),
            at: name.to_owned(),
            expected: Some(json!([name])),
            got: Some(json!({ name: name })),
            by: of(),
        };
        let test = TestReport {
            name: name.to_owned(),
            line: 1,
            cases: 2,
            failed: 2,
            failures: vec![
                failure(verdict(Some(decider), Decision::ExplicitDeny)),
                failure(verdict(None, Decision::Depends)),
            ],
            differences: vec![difference],
            broken: false,
        };
        let file = FileReport {
            file: name.to_owned(),
            policy: name.to_owned(),
            tests: vec![test],
            problems: vec![problem.clone()],
            warnings: vec![problem],
        };
        testing::text(&Report { files: vec![file] })
    });
}

/// Which rules find something in a name is another matter: each finding is a line, and its help one.
#[test]
fn findings() {
    for (what, name) in names() {
        let context = CheckContext::default();
        let unsound = json!({
            "Sid": name, "Effect": "Deny", "Action": ["s3:GetObject", "s3:GetObjekt"], "Resource": "arn:aws:s3:::b",
            "Condition": { "StringEquals": { format!("aws:{name}"): [name, name] } },
        });
        let found = check::check(Kind::ServiceControl, &name, &document(&[unsound]), &context);
        let helped = found.iter().filter(|finding| finding.problem.help.is_some()).count();
        let shown = check::text(&found);
        assert!(found.len() > 1, "{what}: {found:?}");
        assert_eq!(obeyed(&shown), None, "{what}: {shown:.1000}");
        assert_eq!(shown.lines().count(), found.len() + helped, "{what}: {shown:.2000}");
    }
}

#[test]
fn what_packing_did() {
    check_lines("what packing did", |name| {
        let twice = [statement("Deny", name), statement("Deny", name)];
        let options = Options { limit: 1_000_000, keep_sids: true, widen: None };
        let packed = pack(&[(name, document(&twice)), ("other", document(&[statement("Deny", name)]))], options);
        packed.unwrap().report.to_string()
    });
}

#[test]
fn an_effective_policy() {
    check_lines("an effective policy", |name| {
        let tags = |value: &str| {
            json!({ "tags": { "cost": {
            "tag_key": { "@@assign": value, "@@operators_allowed_for_child_policies": ["@@none"] },
            "tag_value": { "@@assign": [value] },
        } } })
        };
        let node = |value: &Value| json::parse(&value.to_string(), &mut Problems::of("p.json")).unwrap();
        let (above, below) = (node(&tags(name)), node(&tags("other")));
        let level = |document| Level { name, policies: vec![Attached { name, document }] };
        let kind = PolicyType::of_folder("tag").unwrap();
        effective(kind, &[level(&above), level(&below)]).text()
    });
}
