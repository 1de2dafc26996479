//! What decided, in words: the layer, the policy, the statement and where it stands.

use std::fmt;

use serde::Serialize;

use crate::decide::{By, Layer, Policies};

/// What the levels of the organization are called, the root first: `Root`, `Default`, `web-production`. A level beyond
/// the names goes by its number.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LevelNames {
    /// From the root to the principal's account.
    pub scps: Vec<String>,
    /// From the root to the resource's account.
    pub rcps: Vec<String>,
}

impl LevelNames {
    /// The name of a level; layers outside of the organization have none.
    pub fn of(&self, layer: Layer) -> Option<&str> {
        match layer {
            Layer::Scp(level) => self.scps.get(level),
            Layer::Rcp(level) => self.rcps.get(level),
            _ => None,
        }
        .map(String::as_str)
    }

    /// What people call a layer: `SCP Root`, `identity`.
    pub fn label(&self, layer: Layer) -> String {
        match (layer, self.of(layer)) {
            (Layer::Scp(_), Some(name)) => format!("SCP {name}"),
            (Layer::Rcp(_), Some(name)) => format!("RCP {name}"),
            (layer, _) => layer.to_string(),
        }
    }
}

/// The layer that decided, and its statement; without one, the layer lacks a statement that allows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Decider {
    /// `scps[1]`, `identity`
    pub layer: String,
    /// `SCP Default`, `identity`
    pub label: String,
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    pub statement: Option<Cited>,
}

/// A statement, by name and place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Cited {
    pub policy: String,
    /// Its `Sid`, else `#` and its position from 1.
    pub statement: String,
    /// Empty where no file holds the policy.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub file: String,
    pub line: usize,
    pub column: usize,
}

impl Decider {
    pub fn new(by: By, policies: &Policies, names: &LevelNames) -> Self {
        let cited = policies.decider(by).map(|(policy, at)| Cited::new(policy, at));
        Self { layer: by.layer.to_string(), label: names.label(by.layer), statement: cited }
    }
}

impl Cited {
    pub(super) fn new(policy: &crate::decide::Policy, at: usize) -> Self {
        let statement = policy.document().statements.get(at);
        let sid = statement.and_then(|statement| statement.sid.as_ref());
        let place = statement.map(|statement| statement.place);
        Self {
            policy: policy.name().to_owned(),
            statement: sid.map_or_else(|| format!("#{}", at + 1), |sid| sid.value.clone()),
            file: policy.file().to_owned(),
            line: place.map_or(0, |place| place.line),
            column: place.map_or(0, |place| place.column),
        }
    }

    /// `policies/service-control/default.yaml:12`; None where no file holds it.
    pub fn place(&self) -> Option<String> {
        (!self.file.is_empty()).then(|| format!("{}:{}", self.file, self.line))
    }
}

/// `deny-leaving › DenyLeaving (policies/service-control/deny-leaving.yaml:12)`. Not escaped.
impl fmt::Display for Cited {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} › {}", self.policy, self.statement)?;
        self.place().map_or(Ok(()), |place| write!(formatter, " ({place})"))
    }
}

/// `SCP Default: deny-leaving › DenyLeaving (…)`, `SCP Default: no statement allows it`. Not escaped.
impl fmt::Display for Decider {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.statement {
            Some(cited) => write!(formatter, "{}: {cited}", self.label),
            None => write!(formatter, "{}: no statement allows it", self.label),
        }
    }
}
