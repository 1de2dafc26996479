//! What a policy would stop, put into words: the statement, the roles, a few of the actions, and how many more.

use std::collections::{BTreeMap, BTreeSet};

use dodai_policy::decide::{Answer, Decision, Policies, RequestError};

/// Names that are given; the rest is a number.
const NAMED: usize = 4;

/// What is not allowed, by the reason.
#[derive(Debug, Default)]
pub(in super::super) struct Found {
    stopped: BTreeMap<Why, Stopped>,
    /// The role that we work with.
    worker: String,
    /// Actions that are denied to it, whatever else the request says.
    denied: BTreeSet<String>,
}

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Why {
    /// By the statement at this place.
    Denied(String),
    NotAllowed,
    /// On condition keys that do not follow from the request.
    Depends(Vec<String>),
    Unknown(String),
}

#[derive(Debug, Default)]
struct Stopped {
    roles: BTreeSet<String>,
    actions: BTreeSet<String>,
}

impl Found {
    pub(super) fn of(worker: &str) -> Self {
        Self { worker: worker.to_owned(), ..Self::default() }
    }

    pub(super) fn take(&mut self, answer: &Answer, policies: &Policies, role: &str, action: &str) {
        let why = match answer.decision {
            Decision::Allow => return,
            Decision::Depends => Why::Depends(answer.missing.clone()),
            Decision::ExplicitDeny | Decision::ImplicitDeny => {
                if role == self.worker && !self.denied.contains(action) {
                    self.denied.insert(action.to_owned());
                }
                match answer.by.and_then(|by| policies.decider(by)) {
                    Some((policy, position)) => Why::Denied(place(policy, position)),
                    None => Why::NotAllowed,
                }
            }
        };
        self.add(why, role, action);
    }

    pub(super) fn unknown(&mut self, error: &RequestError, role: &str, action: &str) {
        self.add(Why::Unknown(error.to_string()), role, action);
    }

    fn add(&mut self, why: Why, role: &str, action: &str) {
        let stopped = self.stopped.entry(why).or_default();
        if !stopped.roles.contains(role) {
            stopped.roles.insert(role.to_owned());
        }
        if !stopped.actions.contains(action) {
            stopped.actions.insert(action.to_owned());
        }
    }

    /// The actions that are denied to the role that we work with.
    pub(in super::super) fn denied(self) -> BTreeSet<String> {
        self.denied
    }

    /// None where nothing is stopped.
    pub(super) fn text(&self) -> Option<String> {
        let told = self.stopped.iter().map(|(why, stopped)| {
            let quoted: Vec<String> = stopped.roles.iter().map(|role| format!("`{role}`")).collect();
            let roles = some_of(quoted.iter().map(String::as_str), quoted.len());
            let actions = some_of(stopped.actions.iter().map(String::as_str), stopped.actions.len());
            match why {
                Why::Denied(place) => format!("{place} denies {roles}: {actions}"),
                Why::NotAllowed => format!("nothing allows {roles}: {actions}"),
                Why::Depends(keys) => {
                    let keys: Vec<String> = keys.iter().map(|key| format!("`{key}`")).collect();
                    let keys = some_of(keys.iter().map(String::as_str), keys.len());
                    format!("it depends on {keys} whether {roles} may: {actions}")
                }
                Why::Unknown(error) => format!("it is not known whether {roles} may: {actions} ({error})"),
            }
        });
        let told: Vec<String> = told.collect();
        (!told.is_empty()).then(|| told.join("; "))
    }
}

/// ``policies/service-control/deny.json:1:41 (`Leave`)``
fn place(policy: &dodai_policy::decide::Policy, position: usize) -> String {
    let Some(statement) = policy.document().statements.get(position) else { return policy.name().to_owned() };
    let place = format!("{}:{}:{}", policy.file(), statement.place.line, statement.place.column);
    match &statement.sid {
        Some(sid) => format!("{place} (`{sid}`)"),
        None => place,
    }
}

fn some_of<'a>(names: impl Iterator<Item = &'a str>, count: usize) -> String {
    let shown: Vec<&str> = names.take(NAMED).collect();
    let rest = count.saturating_sub(NAMED);
    if rest > 0 { format!("{} and {rest} more", shown.join(", ")) } else { shown.join(", ") }
}
