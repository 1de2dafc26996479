//! Exchanges with AWS kept in a file, without secrets, and answered from such a file without AWS: for reports of
//! problems, and for work without a network.

mod echoes;
mod format;
mod marks;
mod names;
mod patterns;
mod recorder;
mod redact;
mod replay;
mod texts;
mod words;

#[cfg(test)]
mod tests;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::SystemTime;

use dodai_facts::Failure;
use dodai_models::Models;
use serde_json::Value;

pub(crate) use format::Earlier;
pub(crate) use recorder::Course;
pub use recorder::Recorder;
pub use replay::Replay;

use redact::{Redaction, Side};

/// A reply without its secrets, as a recording has it, but with one mark for all: for what is kept elsewhere.
pub fn without_secrets(service: &str, operation: &str, reply: &Value) -> Value {
    let service = Models::embedded().service(service);
    let of = service.as_ref().map(|service| (service.as_ref(), operation));
    Redaction::ALIKE.value(of, Side::Output, reply)
}

/// A failure as everybody may read it: it is shown, kept in snapshots and plans, and sent on.
pub(crate) fn refusal_without_secrets(failure: Failure, params: &Value) -> Failure {
    let service = Models::embedded().service(&failure.service);
    let of = service.as_ref().map(|service| (service.as_ref(), failure.operation.as_str()));
    let secrets = Redaction::ALIKE.params(of, params).secrets;
    let code = Redaction::ALIKE.text(&failure.code, &[]);
    let message = Redaction::ALIKE.text(&failure.message, &secrets);
    Failure { code, message, ..failure }
}

/// What becomes of a client's exchanges with AWS.
#[derive(Debug, Clone, Default)]
pub enum Exchanges {
    /// They take place.
    #[default]
    Live,
    /// They take place, and are written down.
    Recorded(Arc<Recorder>),
    /// They are read from a recording; nothing is sent, and no credentials are needed.
    Replayed(Arc<Replay>),
}

impl Exchanges {
    /// When the recording began; none without one.
    pub fn moment(&self) -> Option<Moment> {
        match self {
            Self::Live => None,
            Self::Recorded(recorder) => Some(recorder.moment()),
            Self::Replayed(replay) => Some(replay.moment()),
        }
    }
}

/// When a recording began, which is also the time as of which it is judged, both times.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    /// Whole seconds.
    pub began: SystemTime,
    /// Random: tells apart what began in the same second.
    pub number: u16,
}

/// Why a recording cannot be written or read.
#[derive(Debug, thiserror::Error)]
pub enum RecordingError {
    #[error("`{}` exists already", .0.display())]
    Exists(PathBuf),
    #[error("`{}`: {why}", path.display())]
    File { path: PathBuf, why: std::io::Error },
    /// Lines count from 1.
    #[error("`{}`, line {line}: {why}", path.display())]
    Line { path: PathBuf, line: u64, why: String },
}
