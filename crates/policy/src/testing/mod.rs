//! Tests of policies: `<name>.tests.yaml` beside a policy says who does what on what, where, and what must come of it.
//! The engine of `decide` answers; a failure says what decided, with file and line.
//!
//! Beside a management policy, whose type decides no requests, it says which value the effective policy of an account has.
//!
//! A test asks either about the policy beside it, where everything else allows, or, with `account:`, about accounts of
//! the directory, where the policies that are attached along the path decide.

use dodai_document::Place;
use dodai_facts::Problem;

use crate::PolicyType;

mod case;
mod file;
mod json;
mod junit;
mod library;
mod multiply;
mod organization;
mod report;
mod run;
mod subject;
mod text;
mod unknown;
mod values_file;
mod values_run;
mod who;

pub use case::{Case, Expect};
pub use file::{At, Test, Tests, read};
pub use junit::junit;
pub use library::library;
pub use multiply::MOST_CASES;
pub use organization::{Account, Level, Organization, ROOT};
pub use report::{Counts, Difference, Failure, FileReport, Report, TestReport};
pub use run::run;
pub use subject::{Subject, given};
pub use text::text;
pub use values_file::{ValueTest, ValueTests, read_values};
pub use values_run::{InOrganization, Management, run_values};
pub use who::{FORMS, Who};

/// How the name of a file of tests ends: `deny-leaving.tests.yaml`.
pub const SUFFIX: &str = ".tests.yaml";

/// What to say of tests beside a policy that decides no requests.
pub fn no_requests(file: &str, kind: &PolicyType) -> Problem {
    let message = format!("a {} policy decides no requests: it cannot be tested with them", kind.folder);
    let help = "a guardrail of the library that is a management policy has no tests".to_owned();
    dodai_document::problem(file, Place::FILE, message, Some(help))
}
