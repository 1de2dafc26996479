//! The plan as people and programs read it. JSON is the plan's own serialization.

mod group;
mod markdown;
mod sh;
mod text;

pub use group::{Group, groups};
pub use markdown::markdown;
#[cfg(test)]
pub(crate) use sh::Variables;
pub use sh::{Entering, sh};
pub use text::{headline, not_planned, text};
