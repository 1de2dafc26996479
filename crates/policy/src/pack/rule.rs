//! A statement as packing sees it: sets and conditions in one order and spelling, with where each part came from.

use dodai_document::Place;
use serde::Serialize;

use super::clause::Clause;
use super::list::{Of, Set};
use crate::language::{Document, Effect, Principals, Statement, Text, Version};

/// A statement of a policy that was given.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Origin {
    /// The position of the policy among those given.
    #[serde(skip)]
    pub(super) position: usize,
    pub policy: String,
    /// Counts from 1.
    pub statement: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sid: Option<String>,
}

/// `policy Sid`. Not escaped.
impl std::fmt::Display for Origin {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.sid {
            Some(sid) => write!(formatter, "{} {sid}", self.policy),
            None => write!(formatter, "{} statement {}", self.policy, self.statement),
        }
    }
}

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Rule {
    pub sid: Option<String>,
    pub effect: Effect,
    /// What the statement's variables go by. Without any, every version reads it alike and it is the current one.
    pub version: Version,
    /// As JSON, for comparison, and itself.
    pub principals: Option<Principals>,
    pub actions: Set,
    pub resources: Option<Set>,
    /// Sorted.
    pub clauses: Vec<Clause>,
    /// Sorted, at least one.
    pub origins: Vec<Origin>,
}

impl Rule {
    pub fn all(position: usize, policy: &str, document: &Document, keep_sids: bool) -> Vec<Self> {
        let rule = |(at, statement): (usize, &Statement)| {
            let sid = statement.sid.as_ref().map(|text| text.value.clone());
            let origin = Origin { position, policy: policy.to_owned(), statement: at + 1, sid: sid.clone() };
            let mut rule = Self {
                sid: sid.filter(|_| keep_sids),
                effect: statement.effect,
                version: if has_variable(statement) { document.version } else { Version::V2012 },
                principals: statement.principals.clone().map(tidy),
                actions: Set::new(Of::Actions, &statement.actions),
                resources: statement.resources.as_ref().map(|list| Set::new(Of::Resources, list)),
                clauses: statement.conditions.iter().map(Clause::new).collect(),
                origins: vec![origin],
            };
            rule.tidy();
            rule
        };
        document.statements.iter().enumerate().map(rule).collect()
    }

    /// Drops conditions that follow from others of the statement, since all must hold.
    fn tidy(&mut self) {
        self.clauses.sort();
        let all = std::mem::take(&mut self.clauses);
        let follows = |at: usize, clause: &Clause| {
            all.iter()
                .enumerate()
                .any(|(place, other)| place != at && other.implies(clause) && (place < at || !clause.implies(other)))
        };
        self.clauses = all
            .iter()
            .enumerate()
            .filter(|(at, clause)| !follows(*at, clause))
            .map(|(_, clause)| clause.clone())
            .collect();
    }

    /// Same but for actions, resources and conditions.
    pub fn same_kind(&self, other: &Self) -> bool {
        self.effect == other.effect && self.version == other.version && self.principals == other.principals
    }

    /// Whether every request that fits this rule's conditions fits the other's.
    pub fn conditions_imply(&self, other: &Self) -> bool {
        other.clauses.iter().all(|wanted| self.clauses.iter().any(|clause| clause.implies(wanted)))
    }

    /// Whether both ask for the same, however the keys are spelled.
    pub fn same_conditions(&self, other: &Self) -> bool {
        let key = |rule: &Self| -> Vec<_> {
            rule.clauses.iter().map(|clause| (clause.operator, clause.key.clone(), clause.values.clone())).collect()
        };
        key(self) == key(other)
    }

    pub fn resources_within(&self, other: &Self) -> bool {
        match (&self.resources, &other.resources) {
            (None, None) => true,
            (Some(own), Some(its)) => own.within(its),
            _ => false,
        }
    }

    /// Takes over where another rule came from, its name where this one has none, and the better spelling of each key.
    pub fn absorb(&mut self, other: &Self) {
        self.origins.extend(other.origins.iter().cloned());
        self.origins.sort();
        self.origins.dedup();
        self.sid = self.sid.take().or_else(|| other.sid.clone());
        for clause in &mut self.clauses {
            let spellings = other.clauses.iter().filter(|its| its.key == clause.key).map(|its| &its.spelling);
            // Small letters sort last, and `aws:PrincipalArn` is how AWS spells it.
            if let Some(spelling) = spellings.max().filter(|spelling| **spelling > clause.spelling) {
                clause.spelling.clone_from(spelling);
            }
        }
    }

    pub fn to_statement(&self) -> Statement {
        Statement {
            place: Place::FILE,
            sid: self.sid.as_ref().map(|value| Text { value: value.clone(), place: Place::FILE }),
            effect: self.effect,
            principals: self.principals.clone(),
            actions: self.actions.to_list(),
            resources: self.resources.as_ref().map(Set::to_list),
            conditions: self.clauses.iter().map(Clause::to_condition).collect(),
        }
    }

    /// Characters as JSON.
    pub fn length(&self) -> usize {
        self.to_statement().to_json().chars().count()
    }
}

fn has_variable(statement: &Statement) -> bool {
    let resources = statement.resources.iter().flat_map(|list| &list.values);
    let values = statement.conditions.iter().flat_map(|condition| &condition.values);
    resources.chain(values).any(|text| text.value.contains("${"))
}

fn tidy(mut principals: Principals) -> Principals {
    principals.place = Place::FILE;
    for principal in &mut principals.values {
        principal.value.place = Place::FILE;
    }
    principals.values.sort_by(|left, right| (left.kind, &left.value.value).cmp(&(right.kind, &right.value.value)));
    principals.values.dedup();
    principals
}

/// All rules in one document of the current version, whose length is told.
pub(super) fn document(rules: &[Rule]) -> Document {
    let version = rules.first().map_or(Version::V2012, |rule| rule.version);
    Document { version, id: None, statements: rules.iter().map(Rule::to_statement).collect() }
}
