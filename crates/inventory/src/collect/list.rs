//! Runs the steps of a list: each for every row of the one before it, a tree's step also for its own rows.
//! What one row's step could not read leaves the rest standing and the list incomplete.

use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;

use dodai_facts::{Failure, FailureKind};
use futures::{StreamExt, stream};
use serde_json::{Map, Value};

use super::calls::CellReader;
use crate::tables::{Absent, Found, PARENT, Recurse, Step};

/// Rows of the step before for which a step runs at the same time.
const PARENTS_AT_ONCE: usize = 8;

/// Organizational units nest five deep; a reply that nests without end is not AWS's.
const DEEPEST: usize = 32;

/// Rows as AWS gives them, with the columns that the table file sets.
#[derive(Debug, Default)]
pub(crate) struct Listed {
    pub(crate) rows: Vec<Map<String, Value>>,
    /// The first reason why they are not all.
    pub(crate) failure: Option<Failure>,
}

impl Listed {
    fn extend(&mut self, other: Listed) {
        self.rows.extend(other.rows);
        if self.failure.is_none() {
            self.failure = other.failure;
        }
    }
}

impl CellReader {
    /// The rows, without the members that are `unneeded`.
    pub(crate) async fn list(&self, steps: &[Step], unneeded: &BTreeSet<&str>) -> Listed {
        let mut listed = Listed { rows: vec![Map::new()], failure: None };
        let none = BTreeSet::new();
        for (number, step) in steps.iter().enumerate() {
            // Rows of earlier steps have other members.
            let unneeded = if number + 1 == steps.len() { unneeded } else { &none };
            let parents = std::mem::take(&mut listed.rows);
            let next = match step.recurse {
                None => self.step_for_all(step, &parents, unneeded).await,
                Some(recurse) => self.tree(step, recurse, parents, unneeded).await,
            };
            listed.extend(next);
        }
        listed
    }

    async fn tree(
        &self,
        step: &Step,
        recurse: Recurse,
        roots: Vec<Map<String, Value>>,
        unneeded: &BTreeSet<&str>,
    ) -> Listed {
        let mut seen = HashSet::new();
        let mut all = Listed::default();
        let mut parents = roots;
        for _ in 0..DEEPEST {
            // What leads back to itself is asked once.
            parents.retain(|parent| self.params(step, parent).is_ok_and(|params| seen.insert(params.to_string())));
            if parents.is_empty() {
                return all;
            }
            let found = self.step_for_all(step, &parents, unneeded).await;
            if recurse == Recurse::All {
                all.rows.append(&mut parents);
            } else {
                all.rows.extend(found.rows.iter().cloned());
            }
            if all.failure.is_none() {
                all.failure = found.failure;
            }
            parents = found.rows;
        }
        if all.failure.is_none() {
            all.failure = Some(self.incomplete(&step.request, format!("more than {DEEPEST} levels")));
        }
        all
    }

    async fn step_for_all(&self, step: &Step, parents: &[Map<String, Value>], unneeded: &BTreeSet<&str>) -> Listed {
        let waiting: Vec<_> = parents.iter().map(|parent| self.step(step, parent, unneeded)).collect();
        let mut replies = stream::iter(waiting).buffered(PARENTS_AT_ONCE);
        let mut all = Listed::default();
        while let Some(listed) = replies.next().await {
            all.extend(listed);
        }
        all
    }

    async fn step(&self, step: &Step, parent: &Map<String, Value>, unneeded: &BTreeSet<&str>) -> Listed {
        let params = match self.params(step, parent) {
            Ok(params) => params,
            Err(failure) => return Listed { rows: Vec::new(), failure: Some(failure) },
        };
        let reply = self.pages(&step.request, params, None).await;
        let mut listed = Listed { rows: Vec::new(), failure: reply.failure.clone() };
        if reply.pages.is_empty()
            && let Some(failure) = &reply.failure
            && Absent::covers(&step.absent, failure)
        {
            listed.failure = None;
        }
        // Rows are taken out of their page, and the page is dropped, where no other table of the cell wants it too.
        match Arc::try_unwrap(reply) {
            Ok(own) => {
                for mut page in own.pages {
                    self.rows(step, parent, taken(step, &mut page), unneeded, &mut listed);
                }
            }
            Err(shared) => {
                for page in &shared.pages {
                    self.rows(step, parent, elements(step, page).into_iter().cloned(), unneeded, &mut listed);
                }
            }
        }
        listed
    }

    fn rows(
        &self,
        step: &Step,
        parent: &Map<String, Value>,
        elements: impl IntoIterator<Item = Value>,
        unneeded: &BTreeSet<&str>,
        listed: &mut Listed,
    ) {
        for element in elements {
            match self.element(step, parent, element, unneeded) {
                Ok(row) => listed.rows.push(row),
                Err(failure) => listed.failure = listed.failure.take().or(Some(failure)),
            }
        }
    }

    fn params(&self, step: &Step, parent: &Map<String, Value>) -> Result<Value, Failure> {
        let params = step.request.with.resolve(&|name| Ok(self.place_or(name, parent)))?;
        let Some(Value::Object(mut params)) = params else {
            return Err(self.incomplete(&step.request, "the row before has no value for a parameter".to_owned()));
        };
        params.extend(step.request.fixed.clone());
        Ok(Value::Object(params))
    }

    /// One row: the element's members, and the columns that are set.
    fn element(
        &self,
        step: &Step,
        parent: &Map<String, Value>,
        element: Value,
        unneeded: &BTreeSet<&str>,
    ) -> Result<Map<String, Value>, Failure> {
        let mut row = match (&step.name, element) {
            (Some(name), element) => Map::from_iter([(name.clone(), element)]),
            (None, Value::Object(mut members)) => {
                members.retain(|name, _| !step.without.contains(name) && !unneeded.contains(name.as_str()));
                members
            }
            (None, _) => return Err(self.incomplete(&step.request, "a row is not an object".to_owned())),
        };
        let mut set = Vec::with_capacity(step.set.len());
        for (name, reference) in &step.set {
            let value = reference.resolve(&|name| {
                let of_parent = name.strip_prefix(PARENT).and_then(|rest| rest.strip_prefix('.'));
                Ok(match of_parent {
                    Some(name) => self.place_or(name, parent),
                    None => self.place_or(name, &row),
                })
            })?;
            set.push((name.clone(), value));
        }
        row.extend(set);
        Ok(row)
    }

    /// A value of the place, or of a row; null where it has none.
    pub(crate) fn place_or(&self, name: &str, row: &Map<String, Value>) -> Value {
        let place = &self.place;
        match name {
            "account_id" => place.account.as_str().into(),
            "account_name" => place.account_name.as_str().into(),
            "region" => place.region.as_str().into(),
            "home_region" => place.home.as_str().into(),
            "partition" => place.region.partition().as_str().into(),
            name => row.get(name).cloned().unwrap_or(Value::Null),
        }
    }

    /// What a row without an identity means for its list.
    pub(crate) fn nameless(&self, step: Option<&Step>) -> Failure {
        let message = "a row has neither an ARN nor a key".to_owned();
        match step {
            Some(step) => self.incomplete(&step.request, message),
            None => Failure {
                kind: FailureKind::Fault,
                service: String::new(),
                operation: String::new(),
                account: Some(self.place.account.clone()),
                region: Some(self.place.region.clone()),
                code: "IncompleteReply".to_owned(),
                message,
                request_id: None,
            },
        }
    }
}

/// The rows of a page, out of it.
fn taken(step: &Step, page: &mut Value) -> Vec<Value> {
    let mut elements = Vec::new();
    step.rows.change(page, &mut |found| match found.take() {
        Value::Null => {}
        Value::Array(items) if !step.one => elements.extend(items),
        one => elements.push(one),
    });
    elements
}

/// The rows of a page: the elements of the list (or of the lists) that stands there, or what stands there.
fn elements<'a>(step: &Step, page: &'a Value) -> Vec<&'a Value> {
    let found = match step.rows.get(page) {
        Found::One(found) => found.into_iter().collect(),
        Found::Many(found) => found,
    };
    if step.one {
        return found;
    }
    let mut elements = Vec::new();
    for value in found {
        match value {
            Value::Array(items) => elements.extend(items.iter()),
            one => elements.push(one),
        }
    }
    elements
}
