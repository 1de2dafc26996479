//! The name of a run: when it began and four random digits. Sorts by time as text.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::SnapshotError;

/// `2026-11-22T14-30-00Z-1a2b`
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct RunId(String);

impl RunId {
    /// The id of a run that began at `at` (whole seconds count). `random` tells apart those that began together.
    pub fn new(at: Timestamp, random: u16) -> Self {
        Self(format!("{}-{random:04x}", at.strftime("%Y-%m-%dT%H-%M-%SZ")))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// When the run began.
    pub fn began(&self) -> Option<Timestamp> {
        let (time, _) = self.0.rsplit_once('-')?;
        let (date, clock) = time.split_once('T')?;
        format!("{date}T{}", clock.replace('-', ":")).parse().ok()
    }
}

impl FromStr for RunId {
    type Err = SnapshotError;

    fn from_str(text: &str) -> Result<Self, SnapshotError> {
        let form = b"dddd-dd-ddTdd-dd-ddZ-xxxx";
        let formed = text.len() == form.len()
            && text.bytes().zip(form).all(|(byte, form)| match form {
                b'd' => byte.is_ascii_digit(),
                b'x' => matches!(byte, b'0'..=b'9' | b'a'..=b'f'),
                fixed => byte == *fixed,
            });
        let id = Self(text.to_owned());
        if formed && id.began().is_some() { Ok(id) } else { Err(SnapshotError::InvalidId(text.to_owned())) }
    }
}

impl fmt::Display for RunId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(&self.0)
    }
}

impl TryFrom<String> for RunId {
    type Error = SnapshotError;

    fn try_from(text: String) -> Result<Self, SnapshotError> {
        text.parse()
    }
}

impl From<RunId> for String {
    fn from(id: RunId) -> String {
        id.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_told_from_other_names() {
        let at: Timestamp = "2026-11-22T14:30:00.9Z".parse().unwrap();
        let id = RunId::new(at, 0xAB);
        assert_eq!(id.as_str(), "2026-11-22T14-30-00Z-00ab");
        assert_eq!(id.began(), Some("2026-11-22T14:30:00Z".parse().unwrap()));
        for (text, valid) in [
            ("2026-11-22T14-30-00Z-1a2b", true),
            ("2026-11-22T14-30-00Z-1A2B", false),
            ("2026-13-22T14-30-00Z-1a2b", false),
            ("2026-11-22T14-30-00Z", false),
            ("../../../../../../../../x", false),
            ("", false),
        ] {
            assert_eq!(text.parse::<RunId>().is_ok(), valid, "{text}");
        }
    }
}
