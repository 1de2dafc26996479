//! What can go wrong with a query: what it is, where in the text, and the nearest right name.

use std::fmt;
use std::time::Duration;

use datafusion::common::diagnostic::Diagnostic;
use datafusion::common::{DataFusionError, SchemaError};
use datafusion::sql::sqlparser::parser::ParserError;
use dodai_facts::nearest;

use crate::snapshot::SnapshotError;

#[derive(Debug, thiserror::Error)]
pub enum SqlError {
    #[error("{place}the query is {bytes} bytes long; the limit is {limit}")]
    TooLong { bytes: usize, limit: usize, place: SqlPlace },
    #[error("{place}{message}")]
    Syntax { message: String, place: SqlPlace },
    /// One SELECT over the tables is all that is allowed.
    #[error("only a single SELECT is allowed here, not {found}")]
    NotASelect { found: String },
    #[error("{place}there is no table `{name}`{}", hint(nearest.as_deref()))]
    UnknownTable { name: String, nearest: Option<String>, place: SqlPlace },
    #[error("{place}there is no column `{name}`{}", hint(nearest.as_deref()))]
    UnknownColumn { name: String, nearest: Option<String>, place: SqlPlace },
    #[error(
        "the query has more than {limit} SELECTs and tables, each counted as often as it is named, also through `with`; read each once, or ask in parts"
    )]
    TooManyParts { limit: usize },
    #[error(
        "the query puts one column in more than {limit} times: columns that are used several times are made of columns that are; use each once, or ask in parts"
    )]
    TooManyCopies { limit: usize },
    /// The query parses, and means nothing: types that do not fit, unknown functions.
    #[error("{place}{message}")]
    Plan { message: String, place: SqlPlace },
    #[error("the query did not end within {} seconds", limit.as_secs_f64())]
    TooSlow { limit: Duration },
    #[error("the query needs more memory than {} MB", limit >> 20)]
    TooMuchMemory { limit: usize },
    #[error("the query's result is larger than {} MB; select less, or aggregate", limit >> 20)]
    TooLarge { limit: usize },
    /// The query's columns are not what a control must give.
    #[error(
        "a control selects `_id` (text), `passed` (boolean), and optionally `applicable` (boolean) and `reason` (text): {0}"
    )]
    NotAControl(String),
    #[error("{0}")]
    Execution(String),
    #[error(transparent)]
    Snapshot(#[from] SnapshotError),
}

/// Where in the query: both count from 1; 0 where it is not known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct SqlPlace {
    pub line: u64,
    pub column: u64,
}

impl fmt::Display for SqlPlace {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.line == 0 { Ok(()) } else { write!(formatter, "line {}, column {}: ", self.line, self.column) }
    }
}

fn hint(nearest: Option<&str>) -> String {
    nearest.map_or_else(String::new, |name| format!("; did you mean `{name}`?"))
}

impl SqlError {
    /// The message without its place, for whoever says in other words where the query stands.
    pub fn told(&self) -> String {
        let (message, place) = (self.to_string(), self.place().to_string());
        message.strip_prefix(&place).map_or_else(|| message.clone(), str::to_owned)
    }

    /// Where in the query the mistake is, as far as it is known.
    pub fn place(&self) -> SqlPlace {
        match self {
            Self::TooLong { place, .. }
            | Self::Syntax { place, .. }
            | Self::UnknownTable { place, .. }
            | Self::UnknownColumn { place, .. }
            | Self::Plan { place, .. } => *place,
            _ => SqlPlace::default(),
        }
    }

    /// An error of parsing, planning or running. `memory` is the limit that was set.
    pub(crate) fn of(error: &DataFusionError, memory: usize) -> Self {
        let mut place = SqlPlace::default();
        let mut error = error;
        loop {
            error = match error {
                DataFusionError::Diagnostic(diagnostic, inner) => {
                    place = place_of(diagnostic).unwrap_or(place);
                    inner
                }
                DataFusionError::Context(_, inner) => inner,
                DataFusionError::Shared(inner) => inner,
                DataFusionError::Collection(all) => match all.first() {
                    Some(first) => first,
                    None => break,
                },
                _ => break,
            };
        }
        match error {
            DataFusionError::SQL(error, _) => {
                let message = match error.as_ref() {
                    ParserError::TokenizerError(message) | ParserError::ParserError(message) => message.clone(),
                    ParserError::RecursionLimitExceeded => "the query is nested too deeply".to_owned(),
                };
                let (message, place) = placed(&message);
                Self::Syntax { message: lowercase(&message), place }
            }
            DataFusionError::SchemaError(error, _) => match error.as_ref() {
                SchemaError::FieldNotFound { field, valid_fields } => {
                    if let Some(span) = field.spans().first() {
                        place = SqlPlace { line: span.start.line, column: span.start.column };
                    }
                    let nearest = nearest(&field.name, valid_fields.iter().map(|field| field.name.as_str()));
                    let name = field.flat_name();
                    Self::UnknownColumn { name, nearest: nearest.map(str::to_owned), place }
                }
                other => Self::Plan { message: lowercase(&one_line(&other.to_string())), place },
            },
            DataFusionError::Plan(message)
            | DataFusionError::NotImplemented(message)
            | DataFusionError::Configuration(message) => Self::Plan { message: lowercase(&one_line(message)), place },
            DataFusionError::ResourcesExhausted(_) => Self::TooMuchMemory { limit: memory },
            other => Self::Execution(lowercase(&one_line(&other.strip_backtrace()))),
        }
    }
}

fn place_of(diagnostic: &Diagnostic) -> Option<SqlPlace> {
    diagnostic.span.map(|span| SqlPlace { line: span.start.line, column: span.start.column })
}

/// The parser writes the place at the end of its message: `… at Line: 1, Column: 5`.
fn placed(message: &str) -> (String, SqlPlace) {
    let found = message.rsplit_once(" at Line: ").and_then(|(text, place)| {
        let (line, column) = place.split_once(", Column: ")?;
        Some((text.to_owned(), SqlPlace { line: line.parse().ok()?, column: column.trim().parse().ok()? }))
    });
    found.unwrap_or_else(|| (message.to_owned(), SqlPlace::default()))
}

fn one_line(message: &str) -> String {
    message.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn lowercase(message: &str) -> String {
    let mut characters = message.chars();
    match (characters.next(), characters.clone().next()) {
        // An abbreviation stays as it is.
        (Some(first), Some(second)) if first.is_uppercase() && second.is_lowercase() => {
            first.to_lowercase().chain(characters).collect()
        }
        _ => message.to_owned(),
    }
}
