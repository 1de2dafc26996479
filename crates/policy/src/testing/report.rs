//! What came of tests: for people (`text`), for build servers (`junit`), for programs (serde).

use std::fmt;

use dodai_facts::Problem;
use serde::Serialize;
use serde_json::Value;

use super::case::{Case, Expect};
use super::organization::NO_ID_YET;
use crate::explain::Verdict;

/// Failures of one test that are kept; the rest is counted.
pub(super) const MOST_FAILURES: usize = 100;

/// The tests of several files, in the order in which they were given.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Report {
    pub files: Vec<FileReport>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FileReport {
    pub file: String,
    /// The policy that the tests stand beside.
    pub policy: String,
    pub tests: Vec<TestReport>,
    /// Why the file, or some of its tests, could not be run.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub problems: Vec<Problem>,
    /// Names that AWS's reference does not know.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<Problem>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TestReport {
    pub name: String,
    /// Of the test in its file.
    pub line: usize,
    /// Requests that it made.
    pub cases: usize,
    /// Requests that were decided otherwise than expected.
    pub failed: usize,
    /// The first of them, at most 100.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub failures: Vec<Failure>,
    /// Values of an effective policy that are others than expected, at most 100.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub differences: Vec<Difference>,
    /// It could not be run, or not to the end; the file's problems say why.
    pub broken: bool,
}

impl TestReport {
    /// Of a test of which nothing is run yet.
    pub(super) fn new(name: &str, line: usize) -> Self {
        Self {
            name: name.to_owned(),
            line,
            cases: 0,
            failed: 0,
            failures: Vec::new(),
            differences: Vec::new(),
            broken: false,
        }
    }
}

/// A request that was decided otherwise than expected.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Failure {
    #[serde(flatten)]
    pub case: Case,
    pub expected: Expect,
    #[serde(flatten)]
    pub got: Verdict,
    /// The account has no id yet; zeros stood for it.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub account_without_id: bool,
}

/// A value of an effective policy that is another than expected.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Difference {
    /// None: the policy beside the test is the only one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// A JSON pointer; the empty one is the whole policy.
    pub at: String,
    /// None: nothing.
    pub expected: Option<Value>,
    pub got: Option<Value>,
    /// The policy that says what is there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
}

/// `account dev, /tags/cost/tag_key`. Not escaped.
impl fmt::Display for Difference {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(account) = &self.account {
            write!(formatter, "account {account}, ")?;
        }
        formatter.write_str(if self.at.is_empty() { "the whole policy" } else { &self.at })
    }
}

impl Failure {
    /// What was supposed where something is not known yet.
    pub(super) fn supposed(&self) -> Option<String> {
        self.account_without_id.then(|| format!("the account has no id yet: {NO_ID_YET} stood for it"))
    }
}

impl FileReport {
    /// Of a file that cannot be read, or has no policy beside it.
    pub fn unreadable(file: impl Into<String>, policy: impl Into<String>, problems: Vec<Problem>) -> Self {
        Self { file: file.into(), policy: policy.into(), tests: Vec::new(), problems, warnings: Vec::new() }
    }

    pub fn is_good(&self) -> bool {
        self.problems.is_empty() && self.tests.iter().all(TestReport::is_good)
    }
}

impl TestReport {
    pub fn is_good(&self) -> bool {
        self.failed == 0 && !self.broken
    }
}

/// How many tests came out how.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    pub passed: usize,
    pub failed: usize,
    /// Tests that could not be run, and mistakes outside of any test.
    pub errors: usize,
    /// Requests.
    pub cases: usize,
}

impl Report {
    /// Every test passed, and everything could be read.
    pub fn is_good(&self) -> bool {
        self.files.iter().all(FileReport::is_good)
    }

    pub fn counts(&self) -> Counts {
        self.files.iter().map(FileReport::counts).fold(Counts::default(), |sum, one| Counts {
            passed: sum.passed + one.passed,
            failed: sum.failed + one.failed,
            errors: sum.errors + one.errors,
            cases: sum.cases + one.cases,
        })
    }
}

impl FileReport {
    pub fn counts(&self) -> Counts {
        let broken = self.tests.iter().filter(|test| test.broken).count();
        let failed = self.tests.iter().filter(|test| test.failed > 0 && !test.broken).count();
        Counts {
            passed: self.tests.iter().filter(|test| test.is_good()).count(),
            failed,
            // A broken test has a problem of its own.
            errors: broken.max(self.problems.len()),
            cases: self.tests.iter().map(|test| test.cases).sum(),
        }
    }
}
