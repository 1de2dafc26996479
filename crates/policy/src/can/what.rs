//! What one principal can do: its allowed actions by the resources that its policies name.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::granted::actions;
use super::who::Reach;
use super::{Entity, Estate, account_of};
use crate::decide::{Asked, Given, Policies, Request, RequestError, decide, witnesses};
use crate::language::Effect;
use crate::reference::{Reference, Service};

/// Actions on resources, all with the same reach.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Grant {
    /// `s3:*` where every action of the service is meant.
    pub actions: Vec<String>,
    /// As the policies name them.
    pub resources: String,
    #[serde(flatten)]
    pub reach: Reach,
    /// Some of the resources are denied.
    pub except: bool,
}

/// What `entity` can do with its own policies, under those of the organization. What other accounts' resource policies add
/// is theirs to say. Actions are those that `reference` knows.
///
/// # Errors
/// When the entity's ARN is none.
pub fn what_can(
    estate: &Estate,
    entity: &Entity,
    context: &BTreeMap<String, Given>,
    closed: bool,
    reference: &Reference,
) -> Result<Vec<Grant>, RequestError> {
    let account = account_of(&entity.arn);
    let policies = estate.policies(entity, account, None);
    // Reach by resources, exception and action.
    let mut found: BTreeMap<(String, Reach, bool), BTreeSet<String>> = BTreeMap::new();
    for (action, resources) in named(entity, reference) {
        for asked in resources {
            let Some((reach, except)) = reach(&policies, estate, entity, &action, &asked, context, closed)? else {
                continue;
            };
            found.entry((asked, reach, except)).or_default().insert(action.clone());
        }
    }
    let grant =
        |((resources, reach, except), actions)| Grant { actions: short(&actions, reference), resources, reach, except };
    Ok(found.into_iter().map(grant).collect())
}

/// The actions that some statement allows, each with the resources that are named for it.
fn named(entity: &Entity, reference: &Reference) -> BTreeMap<String, BTreeSet<String>> {
    let mut named: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let root = entity.arn.ends_with(":root");
    if root {
        for action in actions("*", reference) {
            named.entry(action).or_default().insert("*".to_owned());
        }
    }
    for statement in entity.identity.iter().flat_map(|policy| &policy.document().statements) {
        if statement.effect == Effect::Deny {
            continue;
        }
        let listed = statement.actions.values.iter().flat_map(|value| actions(&value.value, reference));
        let listed: BTreeSet<String> = listed.collect();
        let all = if statement.actions.negated { actions("*", reference) } else { Vec::new() };
        let others = all.into_iter().filter(|action| !listed.contains(action)).collect();
        let meant = if statement.actions.negated { others } else { listed };
        let resources: Vec<String> = match &statement.resources {
            Some(list) if !list.negated => list.values.iter().map(|value| value.value.clone()).collect(),
            _ => vec!["*".to_owned()],
        };
        for action in meant {
            named.entry(action).or_default().extend(resources.iter().cloned());
        }
    }
    named
}

/// How far the entity reaches on the resources of a pattern, and whether some of them are denied.
fn reach(
    policies: &Policies,
    estate: &Estate,
    entity: &Entity,
    action: &str,
    asked: &str,
    context: &BTreeMap<String, Given>,
    closed: bool,
) -> Result<Option<(Reach, bool)>, RequestError> {
    let (resources, _) = witnesses(policies, action, asked);
    let mut best: Option<Reach> = None;
    let mut except = false;
    for resource in resources {
        let request = Request::new(Asked {
            principal: entity.arn.clone(),
            action: action.to_owned(),
            resources: vec![resource],
            context: context.clone(),
            closed,
            organization: estate.organization(&entity.arn),
            ..Asked::default()
        })?;
        match Reach::of(&decide(policies, &request)) {
            None => except = true,
            Some(reach) => best = Some(best.map_or(reach.clone(), |best| best.min(reach))),
        }
    }
    Ok(best.map(|best| (best, except)))
}

/// Every action of a service as `service:*`.
fn short(all: &BTreeSet<String>, reference: &Reference) -> Vec<String> {
    let mut short = Vec::new();
    let services: BTreeSet<&str> = all.iter().filter_map(|action| action.split(':').next()).collect();
    for prefix in services {
        let own: Vec<&String> = all.iter().filter(|action| action.split(':').next() == Some(prefix)).collect();
        let whole = reference.service(prefix).is_some_and(|service: &Service| service.actions.len() == own.len());
        if whole {
            short.push(format!("{prefix}:*"));
        } else {
            short.extend(own.into_iter().cloned());
        }
    }
    short
}
