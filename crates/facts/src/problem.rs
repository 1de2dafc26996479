//! What is wrong with a file that a person wrote: where, what was expected, and how to mend it.

use std::fmt;

use serde::{Deserialize, Serialize};

/// One mistake in one file. Lines and columns count from 1 (columns in characters); 0 where a problem
/// has no place in the text (a file that cannot be read).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Problem {
    /// Relative to the organization directory.
    pub file: String,
    pub line: usize,
    pub column: usize,
    /// What is wrong; lowercase, the user's own words in backticks.
    pub message: String,
    /// What to do about it: the nearest valid name, the allowed values, the limit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub help: Option<String>,
}

impl fmt::Display for Problem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.line > 0 {
            write!(formatter, "{}:{}:{}: {}", self.file, self.line, self.column, self.message)?;
        } else {
            write!(formatter, "{}: {}", self.file, self.message)?;
        }
        if let Some(help) = &self.help {
            write!(formatter, " ({help})")?;
        }
        Ok(())
    }
}

impl std::error::Error for Problem {}
