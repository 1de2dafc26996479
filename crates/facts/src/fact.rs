//! What is known of one thing.

use crate::Failure;

/// Known, known to be absent, or not known and why. Unknown never reads as absent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fact<T> {
    Known(T),
    Absent,
    Unknown(Failure),
}

impl<T> Fact<T> {
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Fact<U> {
        match self {
            Self::Known(value) => Fact::Known(change(value)),
            Self::Absent => Fact::Absent,
            Self::Unknown(failure) => Fact::Unknown(failure),
        }
    }

    /// The value, or none where it is known to be absent; the failure where neither is known. Made for
    /// `?`: who needs a fact passes on that it is unknown.
    pub fn known(self) -> Result<Option<T>, Failure> {
        match self {
            Self::Known(value) => Ok(Some(value)),
            Self::Absent => Ok(None),
            Self::Unknown(failure) => Err(failure),
        }
    }
}
