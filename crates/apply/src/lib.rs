//! Runs a plan: its calls in the order of what needs what, under one writer's lock, with a journal that lets
//! a later run go on where this one stopped. Decides nothing about what to do: that is in the plan.

mod clock;
mod compare;
mod execute;
mod journal;
mod lock;
mod order;
mod outcome;
mod past;
mod plan_file;
mod reply;
mod rounds;
mod step;
mod stop;

pub use clock::{Clock, SystemClock};
pub use compare::{Comparison, Difference, Left, compare};
pub use execute::{Event, Execution, Permits, execute};
pub use journal::{Journal, JournalError, run_id};
pub use lock::{Holder, Lock, LockError, TERM, TakenOver};
pub use outcome::{Ended, Failed, Outcome, Refusal};
pub use past::Past;
pub use plan_file::{MOST_BYTES, PlanFileError, read_plan};
pub use rounds::{FileOutcome, RoundsEnd, RoundsOutcome, World, apply_file, rounds};
pub use stop::Stop;
