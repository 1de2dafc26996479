//! What earlier runs left behind that did not settle: values of their replies, and calls that were sent,
//! perhaps without an answer.

use std::collections::{BTreeMap, BTreeSet};

use dodai_api::store::Store;
use dodai_facts::Reference;
use serde_json::Value;

use crate::JournalError;
use crate::journal::{FOLDER, FORMAT, Line, settle};

/// At most this many unsettled journals are read, the newest.
const MOST: usize = 100;

/// Earlier runs, as far as they matter.
#[derive(Debug, Clone, Default)]
pub struct Past {
    values: BTreeMap<(String, usize), BTreeMap<String, Value>>,
    done: BTreeSet<(String, usize)>,
    /// Calls that were sent and not refused.
    sent: SentCalls,
    runs: Vec<String>,
    notices: Vec<String>,
}

/// Calls that were carried out, or may have been: known by what they ask for, and by their change and
/// operation, should a later plan ask for it in other words.
#[derive(Debug, Clone, Default)]
struct SentCalls {
    prints: BTreeSet<String>,
    operations: BTreeSet<(String, String)>,
}

impl SentCalls {
    fn insert(&mut self, change: &str, name: &str, print: &str) {
        self.prints.insert(print.to_owned());
        self.operations.insert((change.to_owned(), name.to_owned()));
    }

    fn contains(&self, change: &str, name: &str, print: &str) -> bool {
        self.prints.contains(print) || self.operations.contains(&(change.to_owned(), name.to_owned()))
    }
}

impl Past {
    /// Reads the journals of `organization` that are not settled. To be called while the lock is held: a run
    /// that is under way has no end yet either.
    pub async fn read(store: &Store, organization: &str) -> Result<Self, JournalError> {
        let mut past = Self::default();
        let paths = store.logs(FOLDER).await?;
        let name = |path: &str, ending: &str| {
            path.strip_prefix(FOLDER)?.strip_prefix('/')?.strip_suffix(ending).map(str::to_owned)
        };
        let settled: BTreeSet<String> = paths.iter().filter_map(|path| name(path, ".settled")).collect();
        let mut open: Vec<(String, &String)> = paths
            .iter()
            .filter_map(|path| Some((name(path, ".jsonl")?, path)))
            .filter(|(run, _)| !settled.contains(run))
            .collect();
        open.sort();
        if let Some(older) = open.len().checked_sub(MOST).filter(|older| *older > 0) {
            past.notices.push(format!("{older} journals of runs that did not end well were not read, only the newest {MOST}: apply a plan of the whole organization to settle them"));
            open.drain(..older);
        }
        for (run, path) in open {
            if let Some(bytes) = store.read_log(path).await? {
                past.take_in(&run, path, &bytes, organization)?;
            }
        }
        Ok(past)
    }

    /// What a person should hear: lines cut off, journals not read.
    pub fn notices(&self) -> &[String] {
        &self.notices
    }

    /// The earlier runs that are not settled.
    pub fn runs(&self) -> &[String] {
        &self.runs
    }

    /// The value of a reference, if an earlier run got it.
    pub fn value(&self, reference: &Reference) -> Option<&Value> {
        self.values.get(&(reference.change.clone(), reference.call))?.get(&reference.path)
    }

    /// Whether an earlier run has done call number `call` of a change.
    pub(crate) fn is_done(&self, change: &str, call: usize) -> bool {
        self.done.contains(&(change.to_owned(), call))
    }

    /// Whether an earlier run sent this call and was not refused.
    pub(crate) fn sent(&self, change: &str, name: &str, print: &str) -> bool {
        self.sent.contains(change, name, print)
    }

    /// Settles every earlier run: called when the whole organization has been planned after them and all of
    /// it is done.
    pub(crate) async fn settle(&self, store: &Store) -> Result<(), JournalError> {
        for run in &self.runs {
            settle(store, run).await?;
        }
        Ok(())
    }

    fn take_in(&mut self, run: &str, path: &str, bytes: &[u8], organization: &str) -> Result<(), JournalError> {
        let damaged = |line: usize, why: String| JournalError::Damaged { path: path.to_owned(), line, why };
        let mut calls: BTreeMap<(String, usize), (String, String)> = BTreeMap::new();
        let mut lines = bytes.split_inclusive(|byte| *byte == b'\n').enumerate().peekable();
        while let Some((index, text)) = lines.next() {
            let number = index + 1;
            // Only the last line can be cut off: a line is durable before the next one is written.
            if lines.peek().is_none() && !text.ends_with(b"\n") {
                self.notices.push(format!("line {number} of `{path}`, its last, is cut off: the run broke off there"));
                break;
            }
            if number == 1 {
                let head: Value = serde_json::from_slice(text).map_err(|why| damaged(1, why.to_string()))?;
                match head.pointer("/run/format").and_then(Value::as_u64) {
                    Some(format) if format > u64::from(FORMAT) => {
                        return Err(JournalError::Newer { path: path.to_owned(), format });
                    }
                    Some(_) => {}
                    None => return Err(damaged(1, "it does not say its format".to_owned())),
                }
            }
            match serde_json::from_slice(text).map_err(|why| damaged(number, why.to_string()))? {
                Line::Run { organization: of, .. } if of != organization => {
                    self.notices.push(format!("`{path}` is of another organization, `{of}`: not used"));
                    return Ok(());
                }
                Line::Run { .. } => {}
                Line::Sent { change, call, name, print } => {
                    // A later round may have had another call in this place: the earlier one stays sent.
                    if let Some((before, other)) = calls.insert((change.clone(), call), (name, print.clone()))
                        && other != print
                    {
                        self.sent.insert(&change, &before, &other);
                    }
                }
                Line::Done { change, call, values } => {
                    self.done.insert((change.clone(), call));
                    self.values.entry((change, call)).or_default().extend(values);
                }
                Line::Failed { change, call, unclear, .. } => {
                    if !unclear {
                        calls.remove(&(change, call));
                    }
                }
            }
        }
        for ((change, _), (name, print)) in calls {
            self.sent.insert(&change, &name, &print);
        }
        self.runs.push(run.to_owned());
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use object_store::memory::InMemory;
    use serde_json::json;

    use super::*;

    const HEAD: &str =
        r#"{"run":{"format":1,"run":"r1","organization":"o-1","tool":"0","started":"2026-01-02T03:04:05Z"}}"#;
    const SENT: &str = r#"{"sent":{"change":"a/global/f/x","call":0,"name":"s.Create","print":"p"}}"#;
    const DONE: &str = r#"{"done":{"change":"a/global/f/x","call":0,"values":{"Id":"7"}}}"#;
    const REFUSED: &str = r#"{"failed":{"change":"a/global/f/x","call":0,"code":"AccessDenied","unclear":false}}"#;
    const UNCLEAR: &str = r#"{"failed":{"change":"a/global/f/x","call":0,"code":"Reset","unclear":true}}"#;

    /// What is known of the one call after reading a journal: (sent, value, notices).
    async fn check(text: &str) -> Result<(bool, Option<Value>, usize), String> {
        let store = Store::over("memory", Arc::new(InMemory::new()));
        store.write("journal/r1.jsonl/0000000001", text.to_owned().into()).await.unwrap();
        let past = Past::read(&store, "o-1").await.map_err(|why| why.to_string())?;
        let reference: Reference = "a/global/f/x#0.Id".parse().unwrap();
        assert_eq!(past.is_done("a/global/f/x", 0), past.value(&reference).is_some());
        assert_eq!(past.sent("a/global/f/x", "s.Create", "other"), past.sent("b", "s.Create", "p"));
        assert!(!past.sent("b", "s.Create", "other"));
        Ok((past.sent("a/global/f/x", "s.Create", "p"), past.value(&reference).cloned(), past.notices.len()))
    }

    #[tokio::test]
    async fn journals_tell_what_was_sent() {
        for (lines, expected) in [
            (vec![HEAD], (false, None, 0)),
            (vec![HEAD, SENT], (true, None, 0)),
            (vec![HEAD, SENT, DONE], (true, Some(json!("7")), 0)),
            (vec![HEAD, SENT, REFUSED], (false, None, 0)),
            (vec![HEAD, SENT, UNCLEAR], (true, None, 0)),
            (vec![HEAD, SENT, REFUSED, SENT], (true, None, 0)),
            (vec![HEAD, SENT, &SENT.replace("\"p\"", "\"q\""), REFUSED], (true, None, 0)),
        ] {
            let text = lines.join("\n") + "\n";
            assert_eq!(check(&text).await, Ok(expected), "{text}");
        }
    }

    #[tokio::test]
    async fn a_line_cut_off_is_tolerated_only_at_the_end() {
        let whole = [HEAD, SENT, DONE].join("\n") + "\n";
        for cut in 1..whole.len() {
            let text = &whole[..cut];
            let (sent, _, notices) = check(text).await.unwrap_or_else(|why| panic!("{cut}: {why}"));
            assert_eq!(notices, usize::from(!text.ends_with('\n')), "{cut}");
            assert_eq!(sent, text.len() > HEAD.len() + SENT.len() + 1, "{cut}");
        }
        let error = check(&format!("{HEAD}\n{}\n{DONE}\n", &SENT[..20])).await.unwrap_err();
        assert!(error.starts_with("line 2 of `journal/r1.jsonl` is not a line of a journal"), "{error}");
    }

    #[tokio::test]
    async fn other_formats_and_organizations_are_not_used() {
        let error = check(&format!("{}\n", HEAD.replace(":1,", ":2,"))).await.unwrap_err();
        assert!(error.contains("newer version"), "{error}");
        let (sent, _, notices) = check(&format!("{}\n{SENT}\n", HEAD.replace("o-1", "o-2"))).await.unwrap();
        assert_eq!((sent, notices), (false, 1));
    }

    #[tokio::test]
    async fn settled_journals_are_not_read() {
        let store = Store::over("memory", Arc::new(InMemory::new()));
        store.write("journal/r1.jsonl/0000000001", format!("{HEAD}\n{SENT}\n").into()).await.unwrap();
        let past = Past::read(&store, "o-1").await.unwrap();
        assert_eq!(past.runs(), ["r1"]);
        past.settle(&store).await.unwrap();
        assert!(Past::read(&store, "o-1").await.unwrap().runs().is_empty());
    }
}
