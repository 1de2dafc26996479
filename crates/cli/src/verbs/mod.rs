//! One file per verb.

pub mod apply;
pub mod assess;
pub mod check;
pub mod list;
pub mod permissions;
pub mod plan;
pub mod policy;
pub mod query;
