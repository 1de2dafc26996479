//! What functions could not answer during one query. A function that has no answer for a text gives null and says so
//! here, so that no query can take the null for "there is nothing": the rows that the text stands in become unknown.

use std::any::Any;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Arc, Mutex, PoisonError};

use datafusion::common::DataFusionError;
use datafusion::common::config::{ConfigEntry, ConfigExtension, ExtensionOptions};
use datafusion::logical_expr::ScalarFunctionArgs;
use serde_json::Value;

/// Texts that are remembered one by one. More of them, and every row is unknown.
const MOST: usize = 10_000;

/// A function that had no answer.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Unanswered {
    pub function: &'static str,
    /// Why; parts of it may be hostile.
    pub why: String,
    /// How many different texts it was asked about.
    pub texts: usize,
}

/// Handed to the functions of one query with its configuration.
#[derive(Debug, Clone, Default)]
pub(super) struct Notes(Arc<Mutex<HashMap<u64, (&'static str, String)>>>);

impl Notes {
    /// Says that a function has no answer about a text.
    pub(super) fn add(arguments: &ScalarFunctionArgs, function: &'static str, text: &str, why: String) {
        let Some(notes) = arguments.config_options.extensions.get::<Self>() else { return };
        let mut notes = notes.0.lock().unwrap_or_else(PoisonError::into_inner);
        if notes.len() <= MOST {
            notes.entry(hash(text)).or_insert((function, why));
        }
    }

    pub(super) fn list(&self) -> Vec<Unanswered> {
        let notes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut counts: BTreeMap<(&'static str, &str), usize> = BTreeMap::new();
        for (function, why) in notes.values() {
            *counts.entry((function, why)).or_default() += 1;
        }
        let listed = counts.into_iter();
        listed.map(|((function, why), texts)| Unanswered { function, why: why.to_owned(), texts }).collect()
    }

    /// Starts to look for where the texts stand.
    pub(super) fn search(&self) -> Search {
        let notes = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        Search { missing: notes.keys().copied().collect(), overflown: notes.len() > MOST, notes }
    }
}

/// Finds the texts in values.
pub(super) struct Search {
    notes: HashMap<u64, (&'static str, String)>,
    missing: BTreeSet<u64>,
    overflown: bool,
}

impl Search {
    pub(super) fn is_empty(&self) -> bool {
        self.notes.is_empty()
    }

    /// Why a value has no answer, if one of the texts is it or stands anywhere in it.
    pub(super) fn find(&mut self, value: &Value) -> Option<String> {
        match value {
            Value::String(text) => {
                let hash = hash(text);
                let (function, why) = self.notes.get(&hash)?;
                self.missing.remove(&hash);
                Some(format!("{function}: {why}"))
            }
            // All of them are looked at, so that none counts as missing.
            Value::Array(items) => {
                let all: Vec<String> = items.iter().filter_map(|item| self.find(item)).collect();
                all.into_iter().next()
            }
            Value::Object(fields) => {
                let all: Vec<String> = fields.values().filter_map(|item| self.find(item)).collect();
                all.into_iter().next()
            }
            _ => None,
        }
    }

    /// Why rows have no answer whose texts were found nowhere: a query made them of something else.
    pub(super) fn rest(&self) -> Option<String> {
        let hash = self.missing.iter().next();
        let (function, why) = match hash {
            Some(hash) => self.notes.get(hash)?,
            None if self.overflown => self.notes.values().next()?,
            None => return None,
        };
        Some(format!("{function}: {why}"))
    }
}

fn hash(text: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    hasher.finish()
}

impl ConfigExtension for Notes {
    const PREFIX: &'static str = "dodai_unanswered";
}

/// Not for users to set, and the same for all who hold the query's configuration.
impl ExtensionOptions for Notes {
    fn as_any(&self) -> &dyn Any {
        self
    }

    fn as_any_mut(&mut self) -> &mut dyn Any {
        self
    }

    fn cloned(&self) -> Box<dyn ExtensionOptions> {
        Box::new(self.clone())
    }

    fn set(&mut self, key: &str, _: &str) -> Result<(), DataFusionError> {
        Err(DataFusionError::Configuration(format!("`{key}` cannot be set")))
    }

    fn entries(&self) -> Vec<ConfigEntry> {
        Vec::new()
    }
}
