//! What a run did, line by line, so that a later run can go on: a mutating call is noted before it is sent
//! and after it is answered. Holds no replies, only the values that the plan's references point to.
//!
//! Below `journal/` of the state: `<run>.jsonl` is a run's journal, `<run>.settled` says that nothing in it
//! can matter to a later run.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};

use dodai_api::store::{Appender, Store, StoreError};
use dodai_baseline::{Change, Plan};
use dodai_facts::Call;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::Holder;

/// The version of the lines' form.
pub(crate) const FORMAT: u32 = 1;
pub(crate) const FOLDER: &str = "journal";

#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(
        "line {line} of `{path}` is not a line of a journal: {why} (move the file out of the state, then plan and apply: AWS is read anew)"
    )]
    Damaged { path: String, line: usize, why: String },
    #[error(
        "`{path}` was written by a newer version of this tool (format {format}, this one reads {FORMAT}) (update it)"
    )]
    Newer { path: String, format: u64 },
}

/// One line. `call` counts from 0; `name` is `service.Operation`; `print` is the call's fingerprint.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Line {
    Run {
        format: u32,
        run: String,
        organization: String,
        tool: String,
        started: String,
    },
    Sent {
        change: String,
        call: usize,
        name: String,
        print: String,
    },
    Done {
        change: String,
        call: usize,
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        values: BTreeMap<String, Value>,
    },
    Failed {
        change: String,
        call: usize,
        code: String,
        /// Whether the call may have been carried out all the same.
        unclear: bool,
    },
}

/// The journal of this run.
#[derive(Debug)]
pub struct Journal {
    store: Store,
    run: String,
    log: Appender,
    memory: Mutex<Memory>,
}

/// What a later round needs to know, and what decides whether a later run needs this journal.
#[derive(Debug, Default)]
struct Memory {
    /// Changes of which something was sent and carried out, or may have been, and that are not done.
    open: BTreeSet<String>,
    /// Changes that are done and made something that only `find` keeps from being made twice. AWS shows new
    /// things late: until a plan has seen them, a later run must know.
    made: BTreeSet<String>,
    /// Fingerprints of what this run sent and was not refused: a later round may read a state that does not
    /// show it yet.
    sent: BTreeSet<String>,
    /// Whether changes that are left refer to replies that this run got.
    referred: bool,
}

impl Journal {
    /// Starts the journal of the run that `holder` names.
    pub async fn start(
        store: &Store,
        holder: &Holder,
        organization: &str,
        tool: &str,
        started: Timestamp,
    ) -> Result<Self, JournalError> {
        let run = holder.run.clone();
        let log = store.appender(&format!("{FOLDER}/{run}.jsonl")).await?;
        let journal = Self { store: store.clone(), run: run.clone(), log, memory: Mutex::default() };
        let (organization, tool) = (organization.to_owned(), tool.to_owned());
        journal.append(&Line::Run { format: FORMAT, run, organization, tool, started: started.to_string() }).await?;
        Ok(journal)
    }

    pub fn run(&self) -> &str {
        &self.run
    }

    /// Ends the journal; it is settled, and never read again, if nothing in it can matter to a later run.
    /// `next` is what was planned after it, if anything was.
    pub async fn end(&self, next: Option<&Plan>) -> Result<(), JournalError> {
        let settled = {
            let memory = self.memory();
            // What could not be read may be there or not.
            let read = next.filter(|next| next.blocked.is_empty());
            let seen = read.is_some_and(|next| next.changes.iter().all(|change| !memory.made.contains(&change.id)));
            memory.open.is_empty() && !memory.referred && (seen || memory.made.is_empty())
        };
        if settled { self.settle().await } else { Ok(()) }
    }

    /// Nothing in it can matter any more: what it left open is seen to be done.
    pub(crate) async fn settle(&self) -> Result<(), JournalError> {
        settle(&self.store, &self.run).await
    }

    pub(crate) async fn sent(&self, change: &str, call: usize, name: &str, print: &str) -> Result<(), JournalError> {
        self.append(&Line::Sent { change: change.to_owned(), call, name: name.to_owned(), print: print.to_owned() })
            .await?;
        let mut memory = self.memory();
        memory.open.insert(change.to_owned());
        memory.sent.insert(print.to_owned());
        Ok(())
    }

    /// Whether this run has sent the call before.
    pub(crate) fn has_sent(&self, print: &str) -> bool {
        self.memory().sent.contains(print)
    }

    /// Notes an answered call. Values of members that hold secrets stay in memory only.
    pub(crate) async fn done(
        &self,
        change: &str,
        call: usize,
        values: &BTreeMap<String, Value>,
    ) -> Result<(), JournalError> {
        let values = values.iter().filter(|(path, _)| !is_secret(path));
        let values = values.map(|(path, value)| (path.clone(), value.clone())).collect();
        self.append(&Line::Done { change: change.to_owned(), call, values }).await?;
        self.memory().open.insert(change.to_owned());
        Ok(())
    }

    /// Notes a failed call. `nothing_before`: no earlier call of the change was, or may have been, carried out.
    pub(crate) async fn failed(
        &self,
        change: &str,
        call: usize,
        print: &str,
        code: &str,
        unclear: bool,
        nothing_before: bool,
    ) -> Result<(), JournalError> {
        self.append(&Line::Failed { change: change.to_owned(), call, code: code.to_owned(), unclear }).await?;
        let mut memory = self.memory();
        if !unclear {
            memory.sent.remove(print);
        }
        if !unclear && nothing_before {
            memory.open.remove(change);
        }
        Ok(())
    }

    /// The whole change is done.
    pub(crate) fn close(&self, change: &Change) {
        let mut memory = self.memory();
        memory.open.remove(&change.id);
        if change.calls.iter().any(|call| call.find.is_some()) {
            memory.made.insert(change.id.clone());
        }
    }

    pub(crate) fn set_referred(&self, referred: bool) {
        self.memory().referred = referred;
    }

    async fn append(&self, line: &Line) -> Result<(), JournalError> {
        Ok(self.log.append(&serde_json::json!(line).to_string()).await?)
    }

    fn memory(&self) -> std::sync::MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

pub(crate) async fn settle(store: &Store, run: &str) -> Result<(), JournalError> {
    Ok(store.write(&format!("{FOLDER}/{run}.settled"), bytes_of(run)).await?)
}

fn bytes_of(run: &str) -> bytes::Bytes {
    serde_json::json!({ "run": run }).to_string().into()
}

/// A run's id: when it started, and what tells it from others of that second; sorts by time.
pub fn run_id(owner: &str, pid: u32, started: Timestamp) -> String {
    let time: String = started.to_string().chars().take(19).filter(char::is_ascii_alphanumeric).collect();
    let digest = hex(&Sha256::digest(format!("{owner}\n{pid}\n{}", started.as_nanosecond())));
    format!("{time}Z-{}", digest.get(..8).unwrap_or_default())
}

/// Equal for calls that ask for the same in the same place; `params` with every reference filled in.
pub(crate) fn fingerprint(call: &Call, params: &Value) -> String {
    let place = format!("{}\n{}\n{}\n", call.name(), call.account, call.region);
    let mut digest = Sha256::new();
    digest.update(place.as_bytes());
    digest.update(sorted(params).to_string().as_bytes());
    hex(&digest.finalize())
}

/// The same value with the members of its objects in the order of their names.
fn sorted(value: &Value) -> Value {
    match value {
        Value::Array(items) => Value::Array(items.iter().map(sorted).collect()),
        Value::Object(fields) => {
            let fields: BTreeMap<&String, &Value> = fields.iter().collect();
            Value::Object(fields.into_iter().map(|(name, value)| (name.clone(), sorted(value))).collect())
        }
        other => other.clone(),
    }
}

fn hex(bytes: &[u8]) -> String {
    let digit = |half: u8| char::from_digit(u32::from(half), 16).unwrap_or_default();
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

/// Whether a path in a reply names what AWS's models mark as sensitive, by the names that they give it.
fn is_secret(path: &str) -> bool {
    let path = path.to_ascii_lowercase();
    ["secret", "password", "privatekey", "plaintext", "sessiontoken", "credential", "authtoken"]
        .iter()
        .any(|name| path.contains(name))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn fingerprints_tell_calls_apart() {
        let call = |operation: &str, account: &str, params: Value| {
            Call::new("s3", operation, &account.parse().unwrap(), &"us-east-1".parse().unwrap(), params)
        };
        let print = |call: &Call| fingerprint(call, &call.params);
        let first = call("PutX", "111122223333", json!({"A": 1, "B": {"C": 2, "D": 3}}));
        assert_eq!(print(&first), print(&call("PutX", "111122223333", json!({"B": {"D": 3, "C": 2}, "A": 1}))));
        for other in [
            call("PutY", "111122223333", first.params.clone()),
            call("PutX", "111122223334", first.params.clone()),
            call("PutX", "111122223333", json!({"A": 1})),
        ] {
            assert_ne!(print(&first), print(&other));
        }
    }

    #[test]
    fn run_ids_sort_by_time_and_are_names_in_the_state() {
        let time: Timestamp = "2026-01-02T03:04:05.678Z".parse().unwrap();
        let id = run_id("a@b", 1, time);
        assert!(id.starts_with("20260102T030405Z-"), "{id}");
        assert_ne!(id, run_id("a@b", 2, time));
        assert!(id < run_id("a@b", 1, time + std::time::Duration::from_secs(1)));
    }

    #[test]
    fn secrets_are_known_by_name() {
        for (path, secret) in [
            ("AccessKey.SecretAccessKey", true),
            ("Credentials.AccessKeyId", true),
            ("KeyMetadata.Arn", false),
            ("CreateAccountStatus.Id", false),
        ] {
            assert_eq!(is_secret(path), secret, "{path}");
        }
    }
}
