//! The form of a recording: JSON lines. The first is a header; each of the others is one exchange, in the order in which
//! the answers came.
//!
//! ```text
//! {"format":"dodai recording","version":1,"dodai":"0.1.0","began":"2026-11-22T14:30:00Z","number":17}
//! {"account":"111122223333","region":"us-east-1","service":"kms","operation":"ListKeys","params":{},
//!  "reply":{"Keys":[]},"attempts":1,"ms":84}
//! {…,"error":{"kind":"denied","status":400,"code":"AccessDeniedException","message":"…"},"attempts":2,
//!  "earlier":[{"status":503,"code":"SlowDown"}],"ms":431}
//! ```

use std::fmt::Write as _;

use dodai_facts::{AccountId, Failure, FailureKind, Region};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::marks::without_marks;
use crate::prepare::CallName;

pub(super) const FORMAT: &str = "dodai recording";
pub(super) const VERSION: u32 = 1;

/// A line at most: a reply of 64 MB, as JSON. What is longer is not written, and not read.
pub(super) const MAX_LINE: usize = 128 << 20;

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Header {
    pub(super) format: String,
    pub(super) version: u32,
    /// The version of the program that recorded.
    pub(super) dodai: String,
    /// RFC 3339, whole seconds.
    pub(super) began: String,
    pub(super) number: u16,
}

/// One exchange; `R` is what a reply is read as.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Exchange<R> {
    /// None: whose the management credentials are was asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) account: Option<AccountId>,
    pub(super) region: Region,
    pub(super) service: String,
    pub(super) operation: String,
    pub(super) params: Value,
    #[serde(default = "none", skip_serializing_if = "Option::is_none")]
    pub(super) reply: Option<R>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) error: Option<Refusal>,
    /// Requests that were sent; 0 where the call was refused before.
    pub(super) attempts: u32,
    /// Why it was asked again, each time; the first of them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) earlier: Vec<Earlier>,
    /// From the first request, waiting for a turn included, to the last reply.
    pub(super) ms: u64,
}

fn none<R>() -> Option<R> {
    None
}

/// An answer after which the same was asked again. What AWS said of it is not kept: it is AWS's own trouble.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Earlier {
    /// The HTTP status; none where there was no reply.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    status: Option<u16>,
    code: String,
}

/// So many at most: minutes of asking.
const MOST_EARLIER: usize = 50;

impl Earlier {
    pub(crate) fn note(all: &mut Vec<Self>, code: &str, status: Option<u16>) {
        if all.len() < MOST_EARLIER {
            all.push(Self { status, code: code.to_owned() });
        }
    }

    pub(super) fn with_code(&self, clean: impl Fn(&str) -> String) -> Self {
        Self { status: self.status, code: clean(&self.code) }
    }
}

/// What is kept of a failure beside the call's name.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Refusal {
    pub(super) kind: FailureKind,
    /// The HTTP status; none where there was no reply.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) status: Option<u16>,
    pub(super) code: String,
    pub(super) message: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) request_id: Option<String>,
}

impl Refusal {
    pub(super) fn failure(self, name: &CallName) -> Failure {
        Failure { request_id: self.request_id, ..name.failure(self.kind, &self.code, self.message) }
    }
}

impl<R> Exchange<R> {
    pub(super) fn key(&self) -> Key {
        Key::new(self.account.as_ref(), &self.region, &self.service, &self.operation, &self.params)
    }
}

/// What a call is found by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Key {
    /// With the marks that tell one redacted text from another.
    pub(super) exact: String,
    /// Without them: a secret that the caller has cannot be compared with one that was redacted.
    pub(super) alike: String,
}

impl Key {
    /// `params` as redacted.
    pub(super) fn new(
        account: Option<&AccountId>,
        region: &Region,
        service: &str,
        operation: &str,
        params: &Value,
    ) -> Self {
        let account = account.map(AccountId::as_str).unwrap_or_default();
        let mut exact = format!("{account} {region} {service}.{operation} ");
        sorted(params, &mut exact);
        Self { alike: without_marks(&exact), exact }
    }
}

/// JSON whose names are in order.
fn sorted(value: &Value, text: &mut String) {
    match value {
        Value::Object(members) => {
            let mut members: Vec<_> = members.iter().collect();
            members.sort_by_key(|(name, _)| *name);
            text.push('{');
            for (name, value) in members {
                let _ = write!(text, "{}:", Value::from(name.as_str()));
                sorted(value, text);
                text.push(',');
            }
            text.push('}');
        }
        Value::Array(items) => {
            text.push('[');
            for item in items {
                sorted(item, text);
                text.push(',');
            }
            text.push(']');
        }
        other => {
            let _ = write!(text, "{other}");
        }
    }
}
