//! Answers calls from a recording. The file stays on disk: only where each exchange begins is kept in memory.
//!
//! The same account, Region, service, operation and parameters give the recorded answer. Calls that are the same get their
//! answers in the order of the recording, and the last one from then on: a caller who polls comes to the same end.

use std::collections::HashMap;
use std::fs::File;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::io::{BufRead as _, BufReader, Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::SystemTime;

use aws_smithy_types::DateTime;
use aws_smithy_types::date_time::Format;
use dodai_facts::{Failure, FailureKind};
use dodai_models::Models;
use serde::de::{DeserializeOwned, IgnoredAny};
use serde_json::Value;

use super::format::{Exchange, FORMAT, Header, Key, MAX_LINE, VERSION};
use super::redact::Redaction;
use super::{Moment, RecordingError};
use crate::prepare::CallName;

/// Exchanges at most: some 2 KB each in 40 GB.
const MAX_EXCHANGES: usize = 20_000_000;

/// A recording, being read.
#[derive(Debug)]
pub struct Replay {
    path: PathBuf,
    moment: Moment,
    redaction: Redaction,
    file: Mutex<BufReader<File>>,
    /// Hash of a key, and where the exchange's line begins; in this order.
    index: Vec<(u64, u64)>,
    /// Hashes of calls that were refused before anything was sent; sorted.
    unsent: Vec<u64>,
    /// How many answers were given, by hash.
    given: Mutex<HashMap<u64, usize>>,
}

impl Replay {
    /// Reads the file once, line by line, and refuses one that is not a whole recording of this version.
    pub fn open(path: &Path) -> Result<Self, RecordingError> {
        let failed = |why: std::io::Error| RecordingError::File { path: path.to_owned(), why };
        let wrong = |line: u64, why: String| RecordingError::Line { path: path.to_owned(), line, why };
        let file = File::open(path).map_err(failed)?;
        if !file.metadata().map_err(failed)?.is_file() {
            return Err(failed(std::io::Error::other("this is no file")));
        }
        let mut lines = BufReader::new(file);
        let mut text = Vec::new();
        let first = line(&mut lines, &mut text).map_err(|error| error.at(1, &failed, &wrong))?;
        let moment = if first { header(&text) } else { Err("the file is empty".to_owned()) };
        let moment = moment.map_err(|why| wrong(1, why))?;
        let mut index = Vec::new();
        let mut unsent = Vec::new();
        let mut at = text.len() as u64;
        for number in 2.. {
            if !line(&mut lines, &mut text).map_err(|error| error.at(number, &failed, &wrong))? {
                break;
            }
            let exchange: Exchange<IgnoredAny> = exchange(&text).map_err(|why| wrong(number, why))?;
            if index.len() >= 2 * MAX_EXCHANGES {
                return Err(wrong(number, format!("there are more than {MAX_EXCHANGES} exchanges")));
            }
            let key = exchange.key();
            if exchange.attempts == 0 {
                unsent.push(hash(&key.exact));
            }
            index.push((hash(&key.exact), at));
            if key.alike != key.exact {
                index.push((hash(&key.alike), at));
            }
            at += text.len() as u64;
        }
        index.sort_unstable();
        unsent.sort_unstable();
        let (file, given) = (Mutex::new(lines), Mutex::default());
        Ok(Self { path: path.to_owned(), moment, redaction: Redaction::default(), file, index, unsent, given })
    }

    pub fn moment(&self) -> Moment {
        self.moment
    }

    /// The recorded answer.
    pub(crate) fn answer(&self, name: &CallName, params: &Value) -> Result<Value, Failure> {
        let key = self.key(name, params);
        for text in [&key.exact, &key.alike] {
            let Some(at) = self.next(hash(text)) else { continue };
            let exchange = self.read(at).map_err(|why| {
                let message = format!("the recording `{}` can no longer be read: {why}", self.path.display());
                name.failure(FailureKind::Transport, "RecordingUnreadable", message)
            })?;
            // Another call of the same hash is not an answer to this one.
            if exchange.key().alike != key.alike {
                continue;
            }
            return match (exchange.reply, exchange.error) {
                (Some(reply), _) => Ok(reply),
                (None, Some(refusal)) => Err(refusal.failure(name)),
                (None, None) => break,
            };
        }
        let message = "the recording does not have this call: it was not made in the recorded run";
        Err(name.failure(FailureKind::Transport, "NotRecorded", message))
    }

    /// The failure of a call that was refused before anything was sent: here too it comes before the session.
    pub(crate) fn never_sent(&self, name: &CallName, params: &Value) -> Option<Failure> {
        if self.unsent.is_empty() || self.unsent.binary_search(&hash(&self.key(name, params).exact)).is_err() {
            return None;
        }
        self.answer(name, params).err()
    }

    fn key(&self, name: &CallName, params: &Value) -> Key {
        let service = Models::embedded().service(&name.service);
        let of = service.as_ref().map(|service| (service.as_ref(), name.operation.as_str()));
        let params = self.redaction.params(of, params).value;
        Key::new(name.account.as_ref(), &name.region, &name.service, &name.operation, &params)
    }

    /// Where the next answer to calls of this hash is.
    fn next(&self, hash: u64) -> Option<u64> {
        let from = self.index.partition_point(|(other, _)| *other < hash);
        let to = self.index.partition_point(|(other, _)| *other <= hash);
        let all = self.index.get(from..to)?;
        let mut given = self.given.lock().unwrap_or_else(PoisonError::into_inner);
        let count = given.entry(hash).or_default();
        let (_, at) = all.get(*count).or_else(|| all.last())?;
        *count += 1;
        Some(*at)
    }

    fn read(&self, at: u64) -> Result<Exchange<Value>, String> {
        let mut text = Vec::new();
        {
            let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
            file.seek(SeekFrom::Start(at)).map_err(|error| error.to_string())?;
            if !line(&mut file, &mut text).map_err(|error| error.to_string())? {
                return Err("it is shorter than it was".to_owned());
            }
        }
        exchange(&text)
    }
}

/// Keys are compared too: the hash only finds them.
fn hash(key: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    key.hash(&mut hasher);
    hasher.finish()
}

#[derive(Debug, thiserror::Error)]
enum Unreadable {
    #[error("{0}")]
    Io(#[from] std::io::Error),
    #[error("the line ends in the middle: the recording was cut off here")]
    CutOff,
    #[error("the line is longer than {} MB", MAX_LINE >> 20)]
    TooLong,
}

impl Unreadable {
    fn at(
        self,
        line: u64,
        failed: &dyn Fn(std::io::Error) -> RecordingError,
        wrong: &dyn Fn(u64, String) -> RecordingError,
    ) -> RecordingError {
        match self {
            Self::Io(error) => failed(error),
            other => wrong(line, other.to_string()),
        }
    }
}

/// The next line with its end; false after the last.
fn line(lines: &mut BufReader<File>, text: &mut Vec<u8>) -> Result<bool, Unreadable> {
    text.clear();
    lines.take(MAX_LINE as u64 + 1).read_until(b'\n', text)?;
    match text.last() {
        None => Ok(false),
        Some(b'\n') => Ok(true),
        Some(_) if text.len() > MAX_LINE => Err(Unreadable::TooLong),
        Some(_) => Err(Unreadable::CutOff),
    }
}

fn header(text: &[u8]) -> Result<Moment, String> {
    let no_recording = || "this is no recording: it does not begin with a recording's header".to_owned();
    // The version first: another one may have another header.
    let value: Value = serde_json::from_slice(text).map_err(|_| no_recording())?;
    if value.get("format").and_then(Value::as_str) != Some(FORMAT) {
        return Err(no_recording());
    }
    match value.get("version").and_then(Value::as_u64) {
        Some(version) if version == u64::from(VERSION) => {}
        Some(version) => return Err(format!("the recording is of version {version}; this program reads {VERSION}")),
        None => return Err("the header has no version".to_owned()),
    }
    let header: Header = parse(text)?;
    let began = DateTime::from_str(&header.began, Format::DateTime).ok();
    let began = began.and_then(|began| SystemTime::try_from(began).ok());
    let began = began.ok_or_else(|| format!("`{}` is not a time", header.began))?;
    Ok(Moment { began, number: header.number })
}

fn exchange<R: DeserializeOwned>(text: &[u8]) -> Result<Exchange<R>, String> {
    let exchange: Exchange<R> = parse(text)?;
    if exchange.reply.is_some() == exchange.error.is_some() {
        return Err("an exchange has either `reply` or `error`".to_owned());
    }
    Ok(exchange)
}

fn parse<T: DeserializeOwned>(text: &[u8]) -> Result<T, String> {
    serde_json::from_slice(text).map_err(|error| {
        // Its line is of the text, which is one line of the file.
        let words = error.to_string();
        let words = words.rsplit_once(" at line ").map_or(words.as_str(), |(words, _)| words);
        format!("{} (column {})", words.chars().take(200).collect::<String>(), error.column())
    })
}
