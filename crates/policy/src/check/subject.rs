//! A document as the rules look at it: with its kind, what is known of the organization, and which actions its
//! patterns name.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;

use super::{CheckContext, Kind};
use crate::language::{Document, Effect, Statement};
use crate::reference::{Action, Reference, Service};

/// An action with its service.
pub type Named = (&'static Service, &'static Action);

/// The most actions that the patterns of one document are resolved to, all together: a document that names more by
/// wildcards in the service is hostile, and rules about its actions keep quiet.
const MOST: usize = 400_000;

/// For how many unknown names of one document the nearest known one is looked for: it takes time for each.
const MOST_GUESSES: usize = 30;

pub struct Subject<'a> {
    pub kind: Kind,
    pub document: &'a Document,
    pub context: &'a CheckContext,
    pub reference: &'static Reference,
    matched: RefCell<HashMap<String, Option<Rc<Vec<Named>>>>>,
    left: Cell<usize>,
    guesses: Cell<usize>,
}

impl<'a> Subject<'a> {
    pub fn new(kind: Kind, document: &'a Document, context: &'a CheckContext) -> Self {
        let reference = Reference::embedded();
        Self {
            kind,
            document,
            context,
            reference,
            matched: RefCell::default(),
            left: Cell::new(MOST),
            guesses: Cell::new(MOST_GUESSES),
        }
    }

    pub fn statements(&self) -> impl Iterator<Item = &'a Statement> {
        self.document.statements.iter()
    }

    pub fn allows(&self) -> impl Iterator<Item = &'a Statement> {
        self.statements().filter(|statement| statement.effect == Effect::Allow)
    }

    pub fn denies(&self) -> impl Iterator<Item = &'a Statement> {
        self.statements().filter(|statement| statement.effect == Effect::Deny)
    }

    /// The name that was probably meant.
    pub fn nearest<'n>(&self, word: &str, names: impl IntoIterator<Item = &'n str>) -> Option<&'n str> {
        let left = self.guesses.get().checked_sub(1)?;
        self.guesses.set(left);
        dodai_facts::nearest(word, names)
    }

    /// The actions that a pattern such as `s3:Get*` names. None where there are too many to say.
    pub fn matching(&self, pattern: &str) -> Option<Rc<Vec<Named>>> {
        let pattern = pattern.to_ascii_lowercase();
        if let Some(known) = self.matched.borrow().get(&pattern) {
            return known.clone();
        }
        // A pattern without its service looks at every action there is.
        let everywhere = pattern.split_once(':').is_none_or(|(service, _)| service.contains(['*', '?']));
        let price = if everywhere { MOST / 20 } else { 0 };
        let found = (self.left.get() > price).then(|| Rc::new(self.reference.matching(&pattern)));
        let spent = price + found.as_ref().map_or(0, |list| list.len());
        self.left.set(self.left.get().saturating_sub(spent));
        self.matched.borrow_mut().insert(pattern, found.clone());
        found
    }

    /// The actions that a statement's `Action` names, each once. None for `NotAction`, and where there are too many.
    pub fn actions(&self, statement: &Statement) -> Option<Vec<Named>> {
        if statement.actions.negated {
            return None;
        }
        let mut all: Vec<Named> = Vec::new();
        for pattern in &statement.actions.values {
            all.extend(self.matching(&pattern.value)?.iter().copied());
        }
        all.sort_by(|one, other| (&one.0.prefix, &one.1.name).cmp(&(&other.0.prefix, &other.1.name)));
        all.dedup_by(|one, other| std::ptr::eq(one.1, other.1));
        Some(all)
    }
}
