//! Who asks: each caller that statements name, and everybody else. That an account has roles and users in it is not gone
//! into; where both are named, that is said to be inexact.
//!
//! AWS: "AWS JSON policy elements: Principal".

use std::collections::{BTreeMap, BTreeSet};

use super::region::Bits;
use super::space::unique;
use super::words::Literal;
use crate::containment::parts;
use crate::language::{PrincipalKind, Principals, Statement};

#[derive(Debug)]
pub(super) struct People {
    pub names: Vec<(PrincipalKind, String)>,
    /// Nobody has two of the names.
    pub exact: bool,
}

impl People {
    pub fn new(statements: &[&Statement]) -> Self {
        let all: Vec<&Principals> = statements.iter().filter_map(|statement| statement.principals.as_ref()).collect();
        let mut names: Vec<(PrincipalKind, String)> = all
            .iter()
            .flat_map(|principals| &principals.values)
            .filter(|principal| principal.value.value != "*")
            .map(|principal| (principal.kind, principal.value.value.clone()))
            .collect();
        names.sort();
        names.dedup();
        // Who is left out by `NotPrincipal` is a matter of every name that a caller has.
        let exact = names.is_empty() || (!all.iter().any(|principals| principals.negated) && are_apart(&names));
        Self { names, exact }
    }

    /// Everybody else is the last.
    pub fn count(&self) -> usize {
        self.names.len() + 1
    }

    pub fn side(&self, principals: Option<&Principals>) -> Bits {
        let Some(principals) = principals else { return Bits::full(self.count()) };
        let everybody = principals.values.iter().any(|principal| principal.value.value == "*");
        let has = |(kind, name): &(PrincipalKind, String)| {
            principals.values.iter().any(|principal| principal.kind == *kind && principal.value.value == *name)
        };
        let mut members: Vec<bool> =
            self.names.iter().map(|name| (everybody || has(name)) != principals.negated).collect();
        members.push(everybody != principals.negated);
        Bits::of(&members)
    }

    pub fn literals(&self, statements: &[&Statement]) -> Vec<Literal> {
        unique(statements.iter().filter_map(|statement| statement.principals.as_ref()).map(|principals| {
            let name =
                |principal: &crate::language::Principal| format!("{} {}", principal.kind.as_str(), principal.value);
            let own = principals.values.iter().map(name).collect::<Vec<_>>().join(", ");
            let all_but = format!("anybody but {own}");
            let (words, opposite) = if principals.negated { (all_but, own) } else { (own, all_but) };
            Literal { holds: self.side(Some(principals)), words, opposite }
        }))
    }
}

/// Whether these are names of different callers: roles and users by name, whole accounts, services.
fn are_apart(names: &[(PrincipalKind, String)]) -> bool {
    let mut seen: BTreeMap<String, BTreeSet<Option<String>>> = BTreeMap::new();
    for (kind, name) in names {
        let Some((scope, who)) = caller(*kind, name) else { return false };
        if !seen.entry(scope).or_default().insert(who) {
            return false;
        }
    }
    // An account has its roles and users in it.
    seen.values().all(|callers| callers.len() == 1 || !callers.contains(&None))
}

/// The account or service, and the role or user in it. None where it is not known whom else the name may mean.
fn caller(kind: PrincipalKind, name: &str) -> Option<(String, Option<String>)> {
    let is_account = |text: &str| text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit());
    match kind {
        PrincipalKind::Service if !name.contains(['*', '?']) => Some((name.to_ascii_lowercase(), None)),
        PrincipalKind::Aws if is_account(name) => Some((name.to_owned(), None)),
        PrincipalKind::Aws if !name.contains(['*', '?']) => {
            let [_, _, service, _, account, resource] = parts(name)?;
            let (kind, path) = resource.split_once('/').unwrap_or((resource, ""));
            // A session does not tell its role's path.
            let own = path.rsplit('/').next().filter(|own| !own.is_empty());
            match (kind, own) {
                ("root", None) => Some(None),
                ("role" | "user", Some(own)) => Some(Some(format!("{kind}/{own}"))),
                _ => None,
            }
            .filter(|_| service == "iam" && is_account(account))
            .map(|who| (account.to_owned(), who))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_different_callers_are_apart() {
        let check = |names: &[&str], expected: bool| {
            let kind =
                |name: &str| if name.contains(".amazonaws.") { PrincipalKind::Service } else { PrincipalKind::Aws };
            let names: Vec<_> = names.iter().map(|name| (kind(name), (*name).to_owned())).collect();
            assert_eq!(are_apart(&names), expected, "{names:?}");
        };
        let role = "arn:aws:iam::111122223333:role/a/R";
        check(&[role, "arn:aws:iam::111122223333:user/R", "444455556666", "ec2.amazonaws.com"], true);
        check(&[role, "arn:aws:iam::444455556666:role/R", "sns.amazonaws.com", "ec2.amazonaws.com"], true);
        check(&[role, "111122223333"], false);
        check(&[role, "arn:aws:iam::111122223333:root"], false);
        check(&["111122223333", "arn:aws:iam::111122223333:root"], false);
        check(&[role, "arn:aws:iam::111122223333:role/R"], false);
        check(&["arn:aws:sts::111122223333:assumed-role/R/s"], false);
        check(&["AIDAEXAMPLE"], false);
        check(&["arn:aws:iam::111122223333:role/*"], false);
    }
}
