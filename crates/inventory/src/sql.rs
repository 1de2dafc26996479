//! SQL over a run: one SELECT at a time, over our tables and functions only, within bounds of memory and
//! time, and with an account of which tables and columns it used and what of those is not known.

mod answer;
mod bounds;
mod catalog;
mod control;
mod cooperate;
mod engine;
mod error;
mod files;
pub mod functions;
mod growth;
mod lambda;
pub mod output;
mod parse;
mod unanswered;
mod used;

pub use answer::Answer;
pub use control::{ControlAnswer, ControlRow, DrivingRow};
pub use engine::{Engine, Limits};
pub use error::{SqlError, SqlPlace};
pub use parse::read;
pub use unanswered::Unanswered;
pub use used::Used;

#[cfg(test)]
mod access_tests;
#[cfg(test)]
mod hostile_tests;
#[cfg(test)]
mod output_tests;
#[cfg(test)]
mod tests;
