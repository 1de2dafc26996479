//! Who can do an action on a resource: the principals of the estate, and whom the resource's policy names beyond it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::Serialize;

use super::{Entity, Estate, account_of};
use crate::decide::{Answer, Asked, Decision, Given, Policy, Request, RequestError, decide, witnesses};
use crate::language::{self, Effect, PrincipalKind};

/// What is asked of everybody.
#[derive(Debug, Clone, Default)]
pub struct Question {
    /// `s3:GetObject`
    pub action: String,
    /// An ARN, also with wildcards, or `*`.
    pub resource: String,
    /// Where the ARN names no account.
    pub resource_account: Option<String>,
    pub context: BTreeMap<String, Given>,
    /// What is not given is absent.
    pub closed: bool,
}

/// Somebody who can, or could.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Can {
    pub principal: String,
    #[serde(flatten)]
    pub reach: Reach,
    /// A resource for which it is so.
    pub on: String,
    /// Not of the estate: the answer supposes that its own account allows it everything.
    pub outside: bool,
}

/// How far somebody's reach goes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(tag = "decision", rename_all = "snake_case")]
pub enum Reach {
    Allow,
    /// These condition keys decide.
    Depends {
        missing: Vec<String>,
    },
}

impl Reach {
    /// None: denied.
    pub(super) fn of(answer: &Answer) -> Option<Self> {
        match answer.decision {
            Decision::Allow => Some(Self::Allow),
            Decision::Depends => Some(Self::Depends { missing: answer.missing.clone() }),
            Decision::ExplicitDeny | Decision::ImplicitDeny => None,
        }
    }
}

/// Everybody who can, sorted by name; who can without conditions on some resource is told with that one.
///
/// # Errors
/// When the action or an account is none.
pub fn who_can(estate: &Estate, question: &Question) -> Result<Vec<Can>, RequestError> {
    let mut found = Vec::new();
    for entity in &estate.entities {
        found.extend(of(estate, question, entity, false)?);
    }
    let known: BTreeSet<&str> = estate.entities.iter().map(|entity| entity.arn.as_str()).collect();
    for name in strangers(estate, question) {
        let known = known.contains(name.as_str()) || known.iter().any(|arn| account_of(arn) == Some(&name));
        if !known {
            let identity = vec![everything()];
            let stranger = Entity { arn: name, identity, boundary: None };
            found.extend(of(estate, question, &stranger, true)?);
        }
    }
    found.sort_by(|one, other| one.principal.cmp(&other.principal));
    Ok(found)
}

fn of(estate: &Estate, question: &Question, entity: &Entity, outside: bool) -> Result<Option<Can>, RequestError> {
    let mut best: Option<Can> = None;
    let named = account_of(&question.resource).filter(|account| !account.contains(['*', '?']));
    let account = named.or(question.resource_account.as_deref());
    for policy in resource_policies(estate, &question.resource) {
        let policies = estate.policies(entity, account, policy);
        let (resources, _) = witnesses(&policies, &question.action, &question.resource);
        for resource in resources {
            let request = Request::new(Asked {
                principal: entity.arn.clone(),
                action: question.action.clone(),
                resource_account: account_of(&resource).is_none().then(|| question.resource_account.clone()).flatten(),
                resources: vec![resource.clone()],
                context: question.context.clone(),
                closed: question.closed,
                organization: estate.organization(&entity.arn),
                principal_type: None,
            })?;
            let Some(reach) = Reach::of(&decide(&policies, &request)) else { continue };
            if best.as_ref().is_none_or(|best| reach < best.reach) {
                best = Some(Can { principal: entity.arn.clone(), reach, on: resource, outside });
            }
        }
    }
    Ok(best)
}

/// The policies of the resources that are asked for; none at all counts as one resource without, and so does what else a
/// pattern may mean. What is inside of one resource has that one's policy.
fn resource_policies<'e>(estate: &'e Estate, asked: &str) -> Vec<Option<&'e Arc<Policy>>> {
    let fitting = estate.resource_policies.iter().filter(|(arn, _)| covers(asked, arn)).map(|(_, policy)| Some(policy));
    let mut all: Vec<_> = fitting.collect();
    let inside_of_one = estate.resource_policies.keys().any(|arn| asked == arn || is_inside(asked, arn));
    if all.is_empty() || (asked.contains(['*', '?']) && !inside_of_one) {
        all.push(None);
    }
    all
}

/// A bucket's objects.
fn is_inside(asked: &str, arn: &str) -> bool {
    asked.strip_prefix(arn).is_some_and(|rest| rest.starts_with('/'))
}

/// Whether a policy that stands at `arn` is asked for: the resource itself, or what is inside of it (a bucket's objects).
fn covers(asked: &str, arn: &str) -> bool {
    crate::pattern::glob(asked, arn) || is_inside(asked, arn)
}

/// Whom the policies of the asked resources name.
fn strangers(estate: &Estate, question: &Question) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    let policies = resource_policies(estate, &question.resource).into_iter().flatten();
    for statement in policies.flat_map(|policy| &policy.document().statements) {
        let Some(principals) = statement.principals.as_ref().filter(|_| statement.effect == Effect::Allow) else {
            continue;
        };
        if principals.negated {
            names.insert("*".to_owned());
        }
        let known = principals.values.iter().filter(|one| one.kind != PrincipalKind::CanonicalUser);
        names.extend(known.map(|one| one.value.value.clone()).filter(|name| is_principal(name)));
    }
    names
}

fn is_principal(name: &str) -> bool {
    let asked = Asked { principal: name.to_owned(), action: "sts:GetCallerIdentity".to_owned(), ..Asked::default() };
    Request::new(asked).is_ok()
}

fn everything() -> Arc<Policy> {
    let text = r#"{"Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#;
    let document = language::read_json("", text).unwrap_or_else(|_| language::Document {
        version: language::Version::V2012,
        id: None,
        statements: Vec::new(),
    });
    Arc::new(Policy::new("everything", "", document))
}
