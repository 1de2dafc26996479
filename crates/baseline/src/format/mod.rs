//! The plan as people and programs read it. JSON is the plan's own serialization.

mod group;
mod markdown;
mod sh;
mod text;

pub use group::{Group, groups};
pub use markdown::markdown;
pub use sh::sh;
#[cfg(test)]
pub(crate) use sh::variable;
pub use text::{headline, text};
