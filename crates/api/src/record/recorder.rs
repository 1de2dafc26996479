//! Writes exchanges down as they end: one line each, at once, so that a crash leaves whole lines.

use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use aws_smithy_types::DateTime;
use aws_smithy_types::date_time::Format;
use dodai_facts::{Failure, FailureKind};
use dodai_models::Models;
use serde_json::Value;

use super::format::{Earlier, Exchange, FORMAT, Header, MAX_LINE, Refusal, VERSION};
use super::redact::{Redaction, Side};
use super::{Moment, RecordingError};
use crate::prepare::CallName;

/// A new recording, being written.
#[derive(Debug)]
pub struct Recorder {
    path: PathBuf,
    moment: Moment,
    redaction: Redaction,
    out: Mutex<Out>,
}

#[derive(Debug)]
struct Out {
    file: File,
    /// Why nothing more is written.
    broken: Option<std::io::Error>,
}

/// How an exchange went, beside its answer.
#[derive(Debug, Clone)]
pub(crate) struct Course {
    /// The HTTP status of the last reply, where it was an error.
    pub(crate) status: Option<u16>,
    pub(crate) attempts: u32,
    pub(crate) earlier: Vec<Earlier>,
    pub(crate) took: Duration,
}

impl Recorder {
    /// Makes the file, which must not exist, for its owner alone.
    pub fn create(path: &Path, now: SystemTime) -> Result<Self, RecordingError> {
        let failed = |why: std::io::Error| match why.kind() {
            ErrorKind::AlreadyExists => RecordingError::Exists(path.to_owned()),
            _ => RecordingError::File { path: path.to_owned(), why },
        };
        let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path).map_err(failed)?;
        let seconds = now.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
        let moment = Moment { began: UNIX_EPOCH + Duration::from_secs(seconds), number: fastrand::u16(..) };
        let began = DateTime::from(moment.began).fmt(Format::DateTime);
        let header = Header {
            format: FORMAT.to_owned(),
            version: VERSION,
            dodai: env!("CARGO_PKG_VERSION").to_owned(),
            began: began.map_err(|error| failed(std::io::Error::other(error)))?,
            number: moment.number,
        };
        let mut out = Out { file, broken: None };
        let line = serde_json::to_vec(&header).map_err(|error| failed(error.into()))?;
        out.line(line).map_err(failed)?;
        Ok(Self { path: path.to_owned(), moment, redaction: Redaction::default(), out: Mutex::new(out) })
    }

    pub fn moment(&self) -> Moment {
        self.moment
    }

    /// Whether everything was written: the first failure ends the recording, not what is recorded.
    pub fn finish(&self) -> Result<(), RecordingError> {
        let mut out = self.out.lock().unwrap_or_else(PoisonError::into_inner);
        let broken = match out.broken.take() {
            Some(why) => Err(why),
            None => out.file.sync_data(),
        };
        broken.map_err(|why| RecordingError::File { path: self.path.clone(), why })
    }

    pub(crate) fn write(&self, name: &CallName, params: &Value, answer: Result<&Value, &Failure>, course: &Course) {
        let service = Models::embedded().service(&name.service);
        let of = service.as_ref().map(|service| (service.as_ref(), name.operation.as_str()));
        let clean = self.redaction.params(of, params);
        let line = |reply: Option<Value>, error: Option<Refusal>| {
            serde_json::to_vec(&Exchange {
                account: name.account.clone(),
                region: name.region.clone(),
                service: name.service.clone(),
                operation: name.operation.clone(),
                params: clean.value.clone(),
                reply,
                error,
                attempts: course.attempts,
                earlier: course
                    .earlier
                    .iter()
                    .map(|one| one.with_code(|code| self.redaction.text(code, &[])))
                    .collect(),
                ms: u64::try_from(course.took.as_millis()).unwrap_or(u64::MAX),
            })
        };
        let written = match answer {
            Ok(reply) => line(Some(self.redaction.value(of, Side::Output, reply)), None),
            Err(failure) => line(None, Some(self.refusal(failure, course.status, &clean.secrets))),
        };
        let written = written.map_err(std::io::Error::from).and_then(|text| {
            if text.len() < MAX_LINE {
                return Ok(text);
            }
            let why = name.failure(FailureKind::Transport, "NotRecorded", "too long to be recorded");
            Ok(line(None, Some(self.refusal(&why, None, &[])))?)
        });
        let mut out = self.out.lock().unwrap_or_else(PoisonError::into_inner);
        if out.broken.is_none() {
            out.broken = written.and_then(|text| out.line(text)).err();
        }
    }

    /// `secrets` are those of the call: AWS repeats what it refuses.
    fn refusal(&self, failure: &Failure, status: Option<u16>, secrets: &[String]) -> Refusal {
        let text = |text: &str| self.redaction.text(text, secrets);
        Refusal {
            kind: failure.kind,
            status,
            code: text(&failure.code),
            message: text(&failure.message),
            request_id: failure.request_id.as_deref().map(text),
        }
    }
}

impl Out {
    /// In one piece: what is between two writes is a whole number of lines.
    fn line(&mut self, mut text: Vec<u8>) -> std::io::Result<()> {
        text.push(b'\n');
        self.file.write_all(&text)?;
        self.file.flush()
    }
}
