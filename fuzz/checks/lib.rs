//! Every check, for the targets. A test of each crate runs its own on what is kept in `corpus/`.

mod control;
mod directory;
mod plan_file;
#[path = "mod.rs"]
mod policies;
mod replies;
#[cfg(feature = "sql")]
mod sql;
#[cfg(feature = "sql")]
mod table;

pub use control::control;
pub use directory::directory;
pub use plan_file::plan_file;
pub use policies::{line, management, matcher, pack, parser, reference, structured};
pub use replies::replies;
#[cfg(feature = "sql")]
pub use sql::sql;
#[cfg(feature = "sql")]
pub use table::table;
