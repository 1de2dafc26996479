//! The patterns that the values of an unknown key are compared with, their variables put in.
//!
//! A variable that is unknown itself is `*` in its pattern, as it is where the pattern is matched: that tells apart what
//! certainly does not fit. Where it has a default, the pattern with the default is another.

use std::collections::{BTreeMap, HashSet};

use super::condition::{Test, Values};
use super::request::{Context, Key, State, Value};
use super::text::Signs;
use crate::pattern::Sign;

/// Signs of all patterns of one key.
const MOST_SIGNS: usize = 100_000;
/// Unknown variables in one pattern, each of which may be there or not.
const MOST_VARIABLES: usize = 4;

/// Patterns; beside each, whether it is in lower case and compared with what is put so.
#[derive(Debug)]
pub(super) struct Forms {
    pub(super) patterns: Vec<(Vec<Sign>, bool)>,
    /// These are all.
    pub(super) complete: bool,
    seen: HashSet<(Vec<Sign>, bool)>,
    room: usize,
}

impl Forms {
    /// `contexts`: of every resource.
    pub(super) fn new(tests: &[&Test], contexts: &[Context<'_>]) -> Self {
        let mut forms = Self { patterns: Vec::new(), complete: true, seen: HashSet::new(), room: MOST_SIGNS };
        for &context in contexts {
            for test in tests {
                match &test.values {
                    Values::Texts { templates, fold } => {
                        for template in templates {
                            let signs = |context: Context<'_>| template.signs(context, *fold);
                            forms.add(context, *fold, signs, template.keys());
                        }
                    }
                    Values::Arns(arns) => {
                        for arn in arns {
                            forms.add(context, false, |context: Context<'_>| arn.signs(context), arn.keys());
                        }
                    }
                    _ => {}
                }
            }
        }
        forms
    }

    /// Texts that have a pattern of their own: whatever fits it is the text itself.
    pub(super) fn literals(&self) -> HashSet<String> {
        let text = |signs: &Vec<Sign>| {
            let characters = signs.iter().map(|sign| match sign {
                Sign::One(character) => Some(*character),
                _ => None,
            });
            characters.collect()
        };
        self.patterns.iter().filter(|(_, fold)| !fold).filter_map(|(signs, _)| text(signs)).collect()
    }

    fn add<'t>(
        &mut self,
        context: Context<'_>,
        fold: bool,
        signs: impl Fn(Context<'_>) -> Signs,
        keys: impl Iterator<Item = &'t Key>,
    ) {
        match signs(context) {
            Signs::Known(known) => return self.push(known, fold),
            Signs::Unknown(unknown) => self.push(unknown, fold),
            Signs::Nothing => return,
            Signs::TooLong => {
                self.complete = false;
                return;
            }
        }
        let unknown = keys.filter(|key| context.get(key) == State::Unknown).map(|key| (&key.lower, key));
        let unknown: BTreeMap<_, _> = unknown.collect();
        if unknown.len() > MOST_VARIABLES {
            self.complete = false;
            return;
        }
        for absent in 1_u32..(1 << unknown.len()) {
            let mut keys = context.keys.clone();
            for (_, key) in unknown.values().enumerate().filter(|(at, _)| absent & (1 << at) != 0) {
                keys.set(key, Value::Absent);
            }
            match signs(Context { keys: &keys, ..context }) {
                Signs::Known(signs) | Signs::Unknown(signs) => self.push(signs, fold),
                Signs::Nothing => {}
                Signs::TooLong => self.complete = false,
            }
        }
    }

    fn push(&mut self, signs: Vec<Sign>, fold: bool) {
        let pattern = (signs, fold);
        if self.seen.contains(&pattern) {
            return;
        }
        let Some(room) = self.room.checked_sub(pattern.0.len()) else {
            self.complete = false;
            return;
        };
        self.room = room;
        self.seen.insert(pattern.clone());
        self.patterns.push(pattern);
    }
}
