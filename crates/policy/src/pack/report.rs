//! What packing did, step by step, and where every statement came from.

use std::fmt;

use dodai_facts::escape::terminal;
use serde::Serialize;

use super::rule::{Origin, Rule, document};
use crate::language::Document;

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Report {
    /// The most characters of a document.
    pub limit: usize,
    pub steps: Vec<Step>,
    /// For every document and each of its statements: what went into it.
    pub origins: Vec<Vec<Vec<Origin>>>,
    /// Characters of each document.
    pub lengths: Vec<usize>,
    /// Statements that others made needless.
    pub covered: Vec<Covered>,
}

/// How much there is after a step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Step {
    pub name: &'static str,
    pub statements: usize,
    /// As given: of all documents; then of one document that holds all statements.
    pub characters: usize,
}

/// A statement that was left out, and those that say what it said, and maybe more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Covered {
    pub statements: Vec<Origin>,
    pub by: Vec<Origin>,
}

impl Report {
    pub(super) fn new(policies: &[(&str, Document)], limit: usize) -> Self {
        let given = Step {
            name: "as given, without white space",
            statements: policies.iter().map(|(_, document)| document.statements.len()).sum(),
            characters: policies.iter().map(|(_, document)| document.to_json().chars().count()).sum(),
        };
        Self { limit, steps: vec![given], origins: Vec::new(), lengths: Vec::new(), covered: Vec::new() }
    }

    pub(super) fn step(&mut self, name: &'static str, rules: &[Rule]) {
        let characters = document(rules).to_json().chars().count();
        self.steps.push(Step { name, statements: rules.len(), characters });
    }

    pub(super) fn covered(&mut self, dropped: Vec<(Vec<Origin>, Vec<Origin>)>) {
        self.covered.extend(dropped.into_iter().map(|(statements, by)| Covered { statements, by }));
    }

    pub(super) fn finish(&mut self, placed: &[Vec<Rule>], documents: &[Document]) {
        self.origins = placed.iter().map(|rules| rules.iter().map(|rule| rule.origins.clone()).collect()).collect();
        self.lengths = documents.iter().map(|document| document.to_json().chars().count()).collect();
    }
}

/// What was done, a line each. Safe for a terminal.
impl fmt::Display for Report {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for step in &self.steps {
            writeln!(formatter, "{:>7} characters, {:>3} statements  {}", step.characters, step.statements, step.name)?;
        }
        for covered in &self.covered {
            writeln!(formatter, "needless: {} (covered by {})", list(&covered.statements), list(&covered.by))?;
        }
        for (at, length) in self.lengths.iter().enumerate() {
            writeln!(formatter, "document {}: {length} of {} characters", at + 1, self.limit)?;
        }
        Ok(())
    }
}

fn list(origins: &[Origin]) -> String {
    terminal(&origins.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")).into_owned()
}
