//! Whether policies grant access that nobody should have: a check for a pipeline, before a policy is in use.

use std::collections::BTreeMap;
use std::sync::Arc;

use dodai_facts::AccountId;
use serde::Serialize;

use super::account_of;
use super::who::Reach;
use crate::decide::{Asked, Policies, Policy, Request, RequestError, decide, witnesses};
use crate::language;
use crate::reference::Reference;

/// Access that is not to be granted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Access {
    /// An action, also with wildcards: `s3:Delete*`.
    pub action: String,
    /// An ARN, also with wildcards, or `*`.
    pub resource: String,
}

/// Access that the policies grant after all.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Granted {
    pub action: String,
    /// A resource for which it is so.
    pub on: String,
    #[serde(flatten)]
    pub reach: Reach,
    /// The policy's name, its file, and the position of the statement that allows; none where keys decide.
    pub by: Option<(String, String, usize)>,
}

/// What identity policies grant of `access`, whoever has them. An action pattern stands for the actions that exist.
///
/// # Errors
/// When an action is none.
pub fn granted(
    policies: &[Arc<Policy>],
    access: &[Access],
    reference: &Reference,
) -> Result<Vec<Granted>, RequestError> {
    let mut policies = Policies { identity: policies.to_vec(), ..Policies::default() };
    let mut found: BTreeMap<(String, String), Granted> = BTreeMap::new();
    for access in access {
        for action in actions(&access.action, reference) {
            let (resources, _) = witnesses(&policies, &action, &access.resource);
            for resource in resources {
                let account = account_of(&resource).filter(|account| account.parse::<AccountId>().is_ok());
                let account = account.unwrap_or("111122223333");
                policies.resource = deferring(account);
                let request = Request::new(Asked {
                    principal: format!("arn:aws:iam::{account}:role/anybody"),
                    action: action.clone(),
                    resources: vec![resource.clone()],
                    ..Asked::default()
                })?
                .of_anybody();
                let answer = decide(&policies, &request);
                let Some(reach) = Reach::of(&answer) else { continue };
                let by = answer.by.and_then(|by| policies.decider(by));
                let by = by.map(|(policy, at)| (policy.name().to_owned(), policy.file().to_owned(), at));
                let key = (action.clone(), access.resource.clone());
                let one = Granted { action: action.clone(), on: resource, reach, by };
                match found.get(&key) {
                    Some(there) if there.reach <= one.reach => {}
                    _ => {
                        found.insert(key, one);
                    }
                }
            }
        }
    }
    Ok(found.into_values().collect())
}

/// Lets the identity policies decide: for what needs a resource policy (KMS keys, roles), it hands the question to them.
fn deferring(account: &str) -> Option<Arc<Policy>> {
    let statement = format!(r#"{{"Effect":"Allow","Action":"*","Principal":{{"AWS":"{account}"}},"Resource":"*"}}"#);
    let document = language::read_json("", &format!(r#"{{"Statement":{statement}}}"#)).ok()?;
    Some(Arc::new(Policy::new("", "", document)))
}

/// The actions that a pattern names, by the reference; one that it does not know stands for itself.
pub(super) fn actions(pattern: &str, reference: &Reference) -> Vec<String> {
    let matching = reference.matching(pattern);
    if matching.is_empty() && !pattern.contains(['*', '?']) {
        return vec![pattern.to_owned()];
    }
    matching.into_iter().map(|(service, action)| format!("{}:{}", service.prefix, action.name)).collect()
}
