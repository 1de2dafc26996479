//! What was called: the log that tests read, and the operations that moto turned out not to have.

use std::collections::{BTreeMap, VecDeque};

use serde::Serialize;

/// How many calls are remembered; older ones are forgotten, their numbers are not reused.
const KEPT: usize = 200_000;

/// One call as it was answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Entry {
    /// Counts from 1.
    pub(crate) number: u64,
    pub(crate) account: String,
    pub(crate) region: String,
    pub(crate) service: String,
    pub(crate) operation: String,
    /// The HTTP status; 0 where the connection was cut.
    pub(crate) status: u16,
    /// The error's code, where the testbed made it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) error: Option<String>,
    pub(crate) mutating: bool,
    /// The fault that was injected; `limit`: a published rate was exceeded; `late`: answered from before a change.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) fault: Option<&'static str>,
}

/// The log.
#[derive(Debug, Default)]
pub(crate) struct Journal {
    entries: VecDeque<Entry>,
    count: u64,
    unimplemented: BTreeMap<String, u64>,
}

impl Journal {
    /// Appends a call and gives it its number.
    pub(crate) fn record(&mut self, entry: Entry) {
        self.count += 1;
        self.entries.push_back(Entry { number: self.count, ..entry });
        if self.entries.len() > KEPT {
            self.entries.pop_front();
        }
    }

    pub(crate) fn since(&self, number: u64) -> Vec<&Entry> {
        self.entries.iter().filter(|entry| entry.number > number).collect()
    }

    pub(crate) fn forget(&mut self) {
        self.entries.clear();
    }

    pub(crate) fn lacks(&mut self, service: &str, operation: &str) {
        *self.unimplemented.entry(format!("{service}:{operation}")).or_default() += 1;
    }

    /// `service:Operation` and how often moto had no answer to it.
    pub(crate) fn unimplemented(&self) -> &BTreeMap<String, u64> {
        &self.unimplemented
    }
}
