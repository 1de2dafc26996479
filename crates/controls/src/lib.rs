//! Controls: what a control file says, what its rows and gaps come to (verdicts), how verdicts add up
//! (standards, score), what is excepted, and what changed since last time.
//!
//! Pure: SQL runs elsewhere. Whoever runs it hands in the rows, the columns that the query used, and what
//! could not be read; nothing here ever takes "not read" for "not there".

mod case;
mod compare;
mod control;
mod exception;
mod finding;
mod gaps;
mod registry;
mod scope;
mod score;
mod security_hub;
mod standard;
mod verdict;

pub use case::{Answer, Case, Cases, Question};
pub use compare::{Comparing, Comparison, Transition};
pub use control::{Control, Proof, Reach};
pub use exception::{Exception, Judged, Standing, except};
pub use finding::{Finding, Status, Subject};
pub use registry::Registry;
pub use scope::{OutOfScope, Scope};
pub use score::{ControlStatus, Score, statuses};
pub use security_hub::{Compliance, RecordState, Terms, Workflow, terms};
pub use standard::{Requirement, Standard};
pub use verdict::{ControlRow, DrivingRow, Evidence, Read, Verdicts, verdicts};
