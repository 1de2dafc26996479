//! What a policy grants, whoever has it: everything, a whole service, some actions on every resource; and whether a bucket
//! policy refuses requests without TLS.
//!
//! AWS: "Security Hub CSPM controls for IAM" (IAM.1, IAM.21), "… for AWS KMS" (KMS.1, KMS.2), "… for Amazon S3" (S3.5).
//! None of them looks at conditions of Allow statements, and neither do these.

use std::collections::BTreeSet;

use super::patterns::{Of, contains, is_all, meets};
use crate::language::{Comparison, Document, Effect, List, PrincipalKind, Statement, Text, Version};

fn allowing(document: &Document) -> impl Iterator<Item = &Statement> {
    document.statements.iter().filter(|statement| statement.effect == Effect::Allow)
}

/// Whether a statement allows every action (`*`) on every resource (`*`).
pub fn allows_full_admin(document: &Document) -> bool {
    let everything = |of: Of, list: &List| !list.negated && list.values.iter().any(|value| is_all(of, &value.value));
    allowing(document).any(|statement| {
        everything(Of::Actions, &statement.actions)
            && statement.resources.as_ref().is_some_and(|list| everything(Of::Resources(document.version), list))
    })
}

/// The services of which some statement allows every action, as the policy writes them (`ec2`); `*` where that is every
/// service. All but some actions (`NotAction`) is every action of the other services, hence `*` too.
pub fn full_access_services(document: &Document) -> Vec<String> {
    let mut found = BTreeSet::new();
    for statement in allowing(document) {
        if statement.actions.negated {
            found.insert("*".to_owned());
        }
        for Text { value, .. } in statement.actions.values.iter().filter(|_| !statement.actions.negated) {
            if is_all(Of::Actions, value) {
                found.insert("*".to_owned());
            } else if let Some((service, name)) = value.split_once(':')
                && is_all(Of::Actions, name)
            {
                found.insert(service.to_ascii_lowercase());
            }
        }
    }
    found.into_iter().collect()
}

/// Whether some statement allows an action that fits one of the patterns on all resources, or on all of a type (`*`,
/// `arn:aws:kms:*:111122223333:key/*`), and no Deny without conditions takes it back.
pub fn allows_on_all_resources(document: &Document, patterns: &[&str]) -> bool {
    let denies = |pattern: &str| {
        let place = dodai_document::Place { line: 0, column: 0 };
        let values = vec![Text { value: pattern.to_owned(), place }];
        let wanted = List { place, negated: false, values };
        let all = List { place, negated: true, values: Vec::new() };
        document.statements.iter().any(|statement| {
            statement.effect == Effect::Deny
                && statement.conditions.is_empty()
                && statement.principals.is_none()
                && contains(Of::Actions, &statement.actions, &wanted)
                && statement
                    .resources
                    .as_ref()
                    .is_none_or(|resources| contains(Of::Resources(document.version), resources, &all))
        })
    };
    allowing(document).any(|statement| {
        statement.resources.as_ref().is_some_and(is_all_of_a_type)
            && patterns.iter().any(|pattern| meets(&statement.actions, pattern) && !denies(pattern))
    })
}

/// All but some resources are as good as all: the rest has no bound.
fn is_all_of_a_type(resources: &List) -> bool {
    resources.negated
        || resources.values.iter().any(|value| {
            let name = value.value.splitn(6, ':').nth(5).unwrap_or(&value.value);
            let name = name.split_once(['/', ':']).map_or(name, |(_, name)| name);
            !name.is_empty() && name.bytes().all(|byte| byte == b'*')
        })
}

/// Whether a bucket policy denies every request without TLS: all of S3 to everyone, on all objects, where
/// `aws:SecureTransport` is false and under no other condition.
pub fn denies_without_tls(document: &Document) -> bool {
    document.statements.iter().any(|statement| {
        let everyone = statement.principals.as_ref().is_some_and(|principals| {
            let star = |value: &str, kind: PrincipalKind| value == "*" && kind == PrincipalKind::Aws;
            !principals.negated && principals.values.iter().any(|one| star(&one.value.value, one.kind))
        });
        let action = |value: &str| is_all(Of::Actions, value) || value.eq_ignore_ascii_case("s3:*");
        let actions = !statement.actions.negated && statement.actions.values.iter().any(|value| action(&value.value));
        let resources = statement.resources.as_ref().is_some_and(|resources| {
            !resources.negated && resources.values.iter().any(|value| is_all_objects(&value.value))
        });
        let [condition] = statement.conditions.as_slice() else { return false };
        let without_tls = condition.operator.comparison == Comparison::Bool
            && condition.operator.quantifier.is_none()
            && condition.key.value.eq_ignore_ascii_case("aws:SecureTransport")
            && condition.values.iter().any(|value| value.value.eq_ignore_ascii_case("false"));
        statement.effect == Effect::Deny && everyone && actions && resources && without_tls
    })
}

/// `*`, `arn:aws:s3:::bucket*`, `arn:aws:s3:::bucket/*`.
fn is_all_objects(resource: &str) -> bool {
    if is_all(Of::Resources(Version::V2008), resource) {
        return true;
    }
    let Some(name) = resource.splitn(6, ':').nth(5).filter(|name| name.ends_with('*')) else { return false };
    let bucket = name.trim_end_matches('*');
    !bucket.strip_suffix('/').unwrap_or(bucket).contains('/')
}
