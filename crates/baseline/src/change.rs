//! One change to one resource in one cell: what it sets, before and after, and the exact calls that do it.

use std::fmt;

use dodai_facts::{Call, Cell, Reference};
use serde::{Deserialize, Serialize};
use serde_json::Value;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Action {
    Create,
    Update,
    /// Something is lost: needs `--allow-delete`.
    Delete,
}

impl fmt::Display for Action {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(match self {
            Self::Create => "create",
            Self::Update => "update",
            Self::Delete => "delete",
        })
    }
}

/// One setting that a change alters. `null` before: not there; `null` after: removed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SettingChange {
    pub name: String,
    pub before: Value,
    pub after: Value,
}

/// Why a change is named on its own, and which flag it waits for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind", content = "why")]
pub enum Danger {
    /// `--allow-guardrail`: may deny what people or this tool do.
    Guardrail(String),
    /// `--allow-irreversible`: cannot be undone.
    Irreversible(String),
    /// `--allow-delete`: what is lost.
    Deletes(String),
}

impl Danger {
    /// The flag that it waits for.
    pub const fn flag(&self) -> &'static str {
        match self {
            Self::Guardrail(_) => "--allow-guardrail",
            Self::Irreversible(_) => "--allow-irreversible",
            Self::Deletes(_) => "--allow-delete",
        }
    }

    pub fn why(&self) -> &str {
        match self {
            Self::Guardrail(why) | Self::Irreversible(why) | Self::Deletes(why) => why,
        }
    }
}

/// At most `count` changes of `group` run at the same time in the whole organization (CreateAccount: five).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AtMost {
    pub group: String,
    pub count: usize,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Change {
    /// `<account name>/<region or global>/<feature>/<resource>`
    pub id: String,
    pub account: String,
    pub cell: Cell,
    pub feature: String,
    pub resource: String,
    pub action: Action,
    /// What happens, in the words of a person: "create the trail `dodai`".
    pub summary: String,
    pub settings: Vec<SettingChange>,
    /// Run in order; the first failure ends the change.
    pub calls: Vec<Call>,
    /// Changes that must have succeeded before: an id, or a prefix that ends in `/*` and means every other
    /// change of that name.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub needs: Vec<String>,
    /// The attributes written, `s3/<bucket>#policy`: no two changes write the same one.
    pub writes: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub dangers: Vec<Danger>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_most: Option<AtMost>,
}

impl Change {
    /// Notes a setting if it differs.
    #[must_use]
    pub fn set(mut self, name: &str, before: Value, after: Value) -> Self {
        if before != after {
            self.settings.push(SettingChange { name: name.to_owned(), before, after });
        }
        self
    }

    /// Notes settings that are known to differ.
    #[must_use]
    pub(crate) fn differences(mut self, differences: Vec<SettingChange>) -> Self {
        self.settings.extend(differences);
        self
    }

    #[must_use]
    pub fn call(mut self, call: Call) -> Self {
        self.calls.push(call);
        self
    }

    #[must_use]
    pub fn needs(mut self, id: impl Into<String>) -> Self {
        let id = id.into();
        if id != self.id && !self.needs.contains(&id) {
            self.needs.push(id);
        }
        self
    }

    #[must_use]
    pub fn writes(mut self, attribute: impl Into<String>) -> Self {
        self.writes.push(attribute.into());
        self
    }

    #[must_use]
    pub fn danger(mut self, danger: Danger) -> Self {
        self.dangers.push(danger);
        self
    }

    #[must_use]
    pub fn at_most(mut self, group: &str, count: usize) -> Self {
        self.at_most = Some(AtMost { group: group.to_owned(), count });
        self
    }

    /// A parameter that is taken from the reply of one of this change's calls.
    pub fn reply(&self, call: usize, path: &str) -> Value {
        reply_of(&self.id, call, path)
    }

    /// Two changes are the same when cell, feature, resource, action and calls are equal.
    pub fn same_as(&self, other: &Change) -> bool {
        self.cell == other.cell
            && self.feature == other.feature
            && self.resource == other.resource
            && self.action == other.action
            && self.calls == other.calls
    }

    /// Whether a `needs` entry of another change means this one.
    pub fn is_meant_by(&self, need: &str) -> bool {
        match need.strip_suffix("/*") {
            Some(prefix) => self.id.strip_prefix(prefix).is_some_and(|rest| rest.starts_with('/')),
            None => self.id == need,
        }
    }
}

/// A parameter that is taken from the reply of call number `call` of change `id`.
pub fn reply_of(id: &str, call: usize, path: &str) -> Value {
    Reference { change: id.to_owned(), call, path: path.to_owned() }.value()
}
