//! Our own engine, by the same lines.

use dodai_policy::decide::{self, Cache};
use serde_json::Value;

/// What it answers: a decision and who made it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Answer {
    pub(super) decision: String,
    /// The kind of policy that decided, where one did.
    pub(super) level: Option<String>,
}

pub(super) fn ask(case: &Value, cache: &mut Cache) -> Result<Answer, String> {
    let line = decide::decide_line(&case.to_string(), cache);
    let answer: Value = serde_json::from_str(&line).map_err(|error| format!("our answer `{line}`: {error}"))?;
    let text = |value: &Value| value.as_str().map(ToOwned::to_owned);
    match answer.get("decision").and_then(text) {
        Some(decision) => Ok(Answer { decision, level: answer.pointer("/by/level").and_then(text) }),
        None => Err(answer.get("error").and_then(text).unwrap_or(line)),
    }
}
