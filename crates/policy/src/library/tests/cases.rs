//! The tests beside the guardrails, asked of the engine: each guardrail stands alone beside AWS's own policy that allows
//! everything, and the identity (for resource control policies: the resource) has a policy that allows everything.

use std::collections::BTreeMap;
use std::sync::Arc;

use dodai_document::node::{Kind as NodeKind, Node};
use dodai_document::{Problems, yaml};

use super::{authorizing, with};
use crate::decide::{Asked, Decision, Given, Policies, Policy, Request, decide};
use crate::language;
use crate::library::Guardrail;

const ACCOUNT: &str = "111122223333";
const ALLOW: &str = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#;
const ALLOW_ALL: &str =
    r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}}"#;

fn policy(name: &str, text: &str) -> Arc<Policy> {
    Arc::new(Policy::new(name, name, language::read_json(name, text).unwrap()))
}

/// The guardrail alone, with the parameters of its tests.
fn policies(guardrail: &Guardrail, parameters: &Node) -> Policies {
    let tree = with(guardrail, parameters.entries(), &BTreeMap::new())
        .unwrap_or_else(|problems| panic!("{}: {problems:?}", guardrail.file));
    let document = language::read_node(guardrail.file, &tree).unwrap();
    let guardrail_alone = Arc::new(Policy::new(guardrail.name.clone(), guardrail.file, document));
    let identity = vec![policy("identity", ALLOW)];
    if guardrail.kind.folder == "service-control" {
        let level = vec![policy("FullAWSAccess", ALLOW), guardrail_alone];
        Policies { identity, scps: Some(vec![level]), ..Policies::default() }
    } else {
        let level = vec![policy("RCPFullAWSAccess", ALLOW_ALL), guardrail_alone];
        let resource = Some(policy("resource", ALLOW_ALL));
        Policies { identity, resource, rcps: Some(vec![level]), ..Policies::default() }
    }
}

/// One text, or several.
fn texts(node: Option<&Node>, default: &str) -> Vec<String> {
    match node.map(|node| &node.kind) {
        None => vec![default.to_owned()],
        Some(NodeKind::Scalar { text, .. }) => vec![text.clone()],
        Some(_) => node.unwrap().texts(),
    }
}

fn principal(who: &str) -> String {
    match who.split_once(':') {
        Some(("service", name)) => name.to_owned(),
        Some(_) => who.to_owned(),
        None if who == "anonymous" => "*".to_owned(),
        None => format!("arn:aws:iam::{ACCOUNT}:{who}"),
    }
}

fn context(test: &Node) -> BTreeMap<String, Given> {
    let mut context = BTreeMap::new();
    for entry in test.get("when").map(Node::entries).unwrap_or_default() {
        let given = if entry.value.is_null() { Given::Absent } else { Given::Values(texts(Some(&entry.value), "")) };
        context.insert(entry.key.clone(), given);
    }
    context
}

/// Runs one test; how many requests it made.
fn run(guardrail: &Guardrail, policies: &Policies, test: &Node, wrong: &mut Vec<String>) -> usize {
    let mut asked = 0;
    let expected = test.text_at("expect").unwrap();
    for who in texts(test.get("who"), "") {
        for action in texts(test.get("does"), "") {
            for resource in texts(test.get("on"), "*") {
                for region in texts(test.get("in"), "") {
                    let mut context = context(test);
                    if !region.is_empty() {
                        context.insert("aws:RequestedRegion".to_owned(), Given::value(region));
                    }
                    let is_rcp = guardrail.kind.folder == "resource-control";
                    let request = Request::new(Asked {
                        principal: principal(&who),
                        action: action.clone(),
                        resources: vec![resource.clone()],
                        resource_account: is_rcp.then(|| ACCOUNT.to_owned()),
                        context,
                        ..Asked::default()
                    });
                    let answer =
                        decide(policies, &request.unwrap_or_else(|error| panic!("{}: {error}", guardrail.file)));
                    let good = match expected {
                        "allow" => answer.decision == Decision::Allow,
                        "deny" => answer.decision.is_deny(),
                        "explicit deny" => answer.decision == Decision::ExplicitDeny,
                        "implicit deny" => answer.decision == Decision::ImplicitDeny,
                        "depends" => answer.decision == Decision::Depends,
                        other => panic!("{}: no decision `{other}`", guardrail.file),
                    };
                    asked += 1;
                    if !good {
                        let name = test.text_at("name").unwrap();
                        wrong.push(format!("{}: {name}: {who} {action} {resource}: {answer:?}", guardrail.file));
                    }
                }
            }
        }
    }
    assert!(asked > 0, "{}: {test:?}", guardrail.file);
    asked
}

fn read(guardrail: &Guardrail) -> Node {
    let (file, text) = guardrail.tests.unwrap();
    let mut problems = Problems::of(file);
    let node = yaml::parse(text, &mut problems);
    assert_eq!(problems.list, []);
    node.unwrap()
}

#[test]
fn every_guardrail_does_what_its_tests_say() {
    let mut wrong = Vec::new();
    let mut asked = 0;
    for guardrail in authorizing() {
        let file = read(guardrail);
        let none = Node::null(file.place);
        let policies = policies(guardrail, file.get("parameters").unwrap_or(&none));
        for test in file.get("tests").unwrap().items() {
            asked += run(guardrail, &policies, test, &mut wrong);
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(asked > 400, "{asked}");
}

/// A test that passes without the guardrail tests nothing: every one of its denials is the guardrail's.
#[test]
fn no_test_of_a_denial_passes_without_its_statement() {
    for guardrail in authorizing() {
        let file = read(guardrail);
        let none = Node::null(file.place);
        let policies = policies(guardrail, file.get("parameters").unwrap_or(&none));
        let levels = policies.scps.iter().chain(&policies.rcps);
        let statements = &levels.flatten().flatten().last().unwrap().document().statements;
        for (at, statement) in statements.iter().enumerate() {
            let mut document =
                policies.scps.iter().chain(&policies.rcps).flatten().flatten().last().unwrap().document().clone();
            document.statements.remove(at);
            let without = Arc::new(Policy::new("without", guardrail.file, document));
            let mut policies = policies.clone();
            for level in policies.scps.iter_mut().chain(&mut policies.rcps).flatten() {
                level.pop();
                level.push(Arc::clone(&without));
            }
            let mut wrong = Vec::new();
            for test in file.get("tests").unwrap().items() {
                run(guardrail, &policies, test, &mut wrong);
            }
            assert!(!wrong.is_empty(), "{}: no test needs {:?}", guardrail.file, statement.sid);
        }
    }
}
