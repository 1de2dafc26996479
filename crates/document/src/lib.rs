//! A JSON or YAML text as its author wrote it: a tree that knows its places, and every mistake at once, each with
//! line, column and what was expected. Pure: works on texts handed to it.

pub mod json;
pub mod keys;
pub mod node;
pub mod problems;
pub mod yaml;

pub use keys::{Keys, keys};
pub use node::{Entry, Kind, Node, Place};
pub use problems::{Problems, problem, quote, suggest};
