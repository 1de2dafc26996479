//! What the checks of the policy engine say of policies.

use std::collections::BTreeSet;

use dodai_document::{Node, Problems, json, yaml};
use dodai_facts::Problem;
use dodai_org::{Directory, Policy};
use dodai_policy::check::{CheckContext, Finding, Kind, Level, Severity, check, check_levels};
use dodai_policy::language::{Document, read_json, read_node};
use dodai_policy::management;

use super::files::{PolicyFile, Use};
use super::kind_of;
use super::organization::{above, operators, path_of};

/// The rule of what cannot be read as a policy.
pub const SYNTAX: &str = "syntax";

/// What the checks know of an organization.
pub fn context(directory: &Directory) -> CheckContext {
    CheckContext {
        operators: operators(directory),
        operator_actions: dodai_baseline::actions().into_iter().collect(),
        organization: Some(directory.organization.clone()),
        accounts: directory.accounts.iter().filter_map(|account| account.id.clone()).collect(),
        ..CheckContext::default()
    }
}

/// Every finding in the directory's policies, and in what stands together at its units and accounts.
pub fn of_directory(directory: &Directory) -> Vec<Finding> {
    in_context(directory, &context(directory))
}

/// The same by limits that are not AWS's published ones.
pub fn in_context(directory: &Directory, context: &CheckContext) -> Vec<Finding> {
    let mut findings: Vec<Finding> = directory.policies.iter().flat_map(|policy| of_policy(policy, context)).collect();
    findings.extend(of_levels(directory, context));
    in_order(findings)
}

pub fn of_policy(policy: &Policy, context: &CheckContext) -> Vec<Finding> {
    match kind_of(policy) {
        Some(kind) => of_document(kind, &policy.file, &policy.tree, context),
        None => management::check(policy.kind, &policy.file, &policy.tree),
    }
}

/// Every finding in a file, which may not even be readable.
pub fn of_file(file: &PolicyFile, used: Use, context: &CheckContext) -> Vec<Finding> {
    let mut problems = Problems::of(&file.name);
    let is_json = file.path.extension().is_some_and(|suffix| suffix == "json");
    let tree = if is_json { json::parse(&file.text, &mut problems) } else { yaml::parse(&file.text, &mut problems) };
    let Some(tree) = tree.filter(|_| problems.list.is_empty()) else { return syntax(problems.list) };
    match used {
        Use::Language(kind) => of_document(kind, &file.name, &tree, context),
        Use::Management(kind) => management::check(kind, &file.name, &tree),
    }
}

fn of_document(kind: Kind, file: &str, tree: &Node, context: &CheckContext) -> Vec<Finding> {
    match read_node(file, tree) {
        Ok(document) => check(kind, file, &document, context),
        Err(problems) => syntax(problems),
    }
}

fn syntax(problems: Vec<Problem>) -> Vec<Finding> {
    problems.into_iter().map(|problem| Finding { rule: SYNTAX, severity: Severity::Error, problem }).collect()
}

/// What only shows where policies stand together: along the path to each unit, and to each account with policies of its
/// own.
fn of_levels(directory: &Directory, context: &CheckContext) -> Vec<Finding> {
    let mut findings = Vec::new();
    let full = [
        (Kind::ServiceControl, "FullAWSAccess", r#"{"Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#),
        (
            Kind::ResourceControl,
            "RCPFullAWSAccess",
            r#"{"Statement":{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}}"#,
        ),
    ];
    for (kind, name, text) in full {
        let documents: Vec<(&Policy, Document)> = directory
            .policies
            .iter()
            .filter(|policy| kind_of(policy) == Some(kind))
            .filter_map(|policy| Some((policy, read_node(&policy.file, &policy.tree).ok()?)))
            .collect();
        let Ok(given) = read_json(name, text) else { continue };
        if documents.is_empty() {
            continue;
        }
        let units = directory.units.iter().map(|unit| above(directory, &unit.path));
        let own = directory.accounts.iter().filter(|account| !account.policies.is_empty() && !account.management);
        let paths = std::iter::once(above(directory, dodai_org::ROOT))
            .chain(units)
            .chain(own.map(|account| path_of(directory, account)));
        for path in paths {
            let level = |(target, policies): &(&'_ str, &'_ dodai_org::Policies)| {
                let names = policies.iter().filter(|(of, _)| of.folder == kind.as_str()).flat_map(|(_, names)| names);
                let attached = names.filter_map(|name| {
                    documents
                        .iter()
                        .find(|(policy, _)| policy.name == *name)
                        .map(|(policy, document)| (policy.file.as_str(), document))
                });
                (target.to_string(), std::iter::once((name, &given)).chain(attached).collect::<Vec<_>>())
            };
            let levels: Vec<(String, Vec<(&str, &Document)>)> = path.iter().map(level).collect();
            let levels: Vec<Level<'_>> = levels
                .iter()
                .map(|(target, policies)| Level { target: target.as_str(), policies: policies.clone() })
                .collect();
            findings.extend(check_levels(kind, &levels, context));
        }
    }
    findings
}

fn in_order(findings: Vec<Finding>) -> Vec<Finding> {
    let mut seen = BTreeSet::new();
    let mut findings: Vec<Finding> =
        findings.into_iter().filter(|finding| seen.insert((finding.problem.clone(), finding.rule))).collect();
    findings.sort_by(|one, other| (&one.problem, one.rule).cmp(&(&other.problem, other.rule)));
    findings
}
