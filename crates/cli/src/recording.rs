//! `--record` and `--replay`: the one recording of a run, and the time as of which it judges.

use std::path::PathBuf;
use std::sync::{Arc, OnceLock};
use std::time::SystemTime;

use clap::Args;
use dodai_api::store::Store;
use dodai_api::{Exchanges, Recorder, RecordingError, Replay};
use dodai_inventory::snapshot::RunId;
use jiff::Timestamp;
use object_store::memory::InMemory;

use crate::args::Command;
use crate::failure::{Error, Result};

#[derive(Debug, Args, Default)]
pub struct RecordingArgs {
    /// Write every exchange with AWS to a new file, without secrets: for the report of a problem, or for --replay
    #[arg(long, value_name = "FILE", global = true, conflicts_with = "replay")]
    record: Option<PathBuf>,
    /// Read a recording instead of AWS: no network, no credentials, as of the time of the recording; nothing is kept
    #[arg(long, value_name = "FILE", global = true)]
    replay: Option<PathBuf>,
    #[arg(skip)]
    opened: OnceLock<Exchanges>,
}

impl RecordingArgs {
    /// Before anything else is done: what would be in vain.
    pub fn check(&self, command: &Command) -> Result<()> {
        if let Some(path) = &self.record
            && path.symlink_metadata().is_ok()
        {
            return Err(wrong(&RecordingError::Exists(path.clone())));
        }
        match command {
            Command::Apply(_) if self.is_replay() => Err(Error::new(
                "`apply` changes AWS, and a recording is not AWS".to_owned(),
                "`dodai plan --replay FILE` shows what would change",
            )),
            Command::Query(args) if self.is_replay() && args.save => Err(Error::new(
                "--save keeps what was read from AWS, and a recording is not AWS".to_owned(),
                "leave out --save, or --replay",
            )),
            _ => Ok(()),
        }
    }

    /// Opens the recording, where there is one, when AWS is first needed.
    pub fn exchanges(&self) -> Result<Exchanges> {
        if let Some(opened) = self.opened.get() {
            return Ok(opened.clone());
        }
        let exchanges = match (&self.record, &self.replay) {
            (Some(path), _) => Recorder::create(path, SystemTime::now()).map(|it| Exchanges::Recorded(Arc::new(it))),
            (None, Some(path)) => Replay::open(path).map(|it| Exchanges::Replayed(Arc::new(it))),
            (None, None) => Ok(Exchanges::Live),
        };
        let exchanges = exchanges.map_err(|error| wrong(&error))?;
        Ok(self.opened.get_or_init(|| exchanges).clone())
    }

    pub fn is_replay(&self) -> bool {
        self.replay.is_some()
    }

    /// What is remembered between runs is not asked of AWS, and would be missing in a recording.
    pub fn memory(&self, store: &Store) -> Store {
        if self.record.is_some() || self.is_replay() { forgetful() } else { store.clone() }
    }

    /// Now; with a recording, when that began.
    pub fn now(&self) -> Timestamp {
        let moment = self.opened.get().and_then(Exchanges::moment);
        moment.and_then(|moment| Timestamp::try_from(moment.began).ok()).unwrap_or_else(Timestamp::now)
    }

    /// The id of a run that begins now; the recorded run's own on a replay.
    pub fn run_id(&self) -> RunId {
        let number = self.opened.get().and_then(Exchanges::moment).map(|moment| moment.number);
        let number = number.unwrap_or_else(|| u16::try_from(std::process::id() % 65_536).unwrap_or_default());
        RunId::new(self.now(), number)
    }

    /// At the end: whether the recording is whole.
    pub fn finish(&self) -> Result<()> {
        match self.opened.get() {
            Some(Exchanges::Recorded(recorder)) => recorder.finish().map_err(|error| wrong(&error)),
            None if self.record.is_some() || self.is_replay() => Err(Error::new(
                "this command asked AWS nothing: there was nothing to record or to replay".to_owned(),
                "leave out --record or --replay; a stored run (--run) is no call either",
            )),
            _ => Ok(()),
        }
    }
}

/// A state that is empty, and forgotten.
pub fn forgetful() -> Store {
    Store::over("memory", Arc::new(InMemory::new()))
}

fn wrong(error: &RecordingError) -> Error {
    let help = match error {
        RecordingError::Exists(_) => "name a file that does not exist yet".to_owned(),
        RecordingError::File { .. } => "name another file, or make room".to_owned(),
        RecordingError::Line { line: 1, .. } => "give a file that `--record` of this version wrote".to_owned(),
        RecordingError::Line { line, .. } => {
            format!("record it again; or keep what is whole: `head -n {}` of the file", line - 1)
        }
    };
    Error::new(error.to_string(), &help)
}
