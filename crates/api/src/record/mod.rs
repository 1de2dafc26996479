//! Exchanges with AWS kept in a file, without secrets, and answered from such a file without AWS: for reports of
//! problems, and for work without a network.

mod format;
mod names;
mod patterns;
mod recorder;
mod redact;
mod replay;

#[cfg(test)]
mod tests;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::SystemTime;

pub(crate) use recorder::Course;
pub use recorder::Recorder;
pub use replay::Replay;

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
