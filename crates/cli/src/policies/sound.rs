//! Whether the directory's policies are sound: what `dodai check` tells, and what `plan` and `apply` refuse to go on
//! with.

use dodai_facts::Problem;
use dodai_org::testing;
use dodai_policy::check::{Finding, Severity};
use dodai_policy::testing::TestReport;

use super::findings;
use crate::directory::Loaded;

/// What the checks and the tests say.
#[derive(Debug, Default)]
pub struct Verdict {
    /// Findings that are errors, tests that fail or cannot be run.
    pub problems: Vec<Problem>,
    /// Findings that are warnings.
    pub warnings: Vec<Problem>,
}

pub fn verdict(loaded: &Loaded) -> Verdict {
    let mut verdict = Verdict::default();
    let mut said: Vec<Problem> = Vec::new();
    for finding in findings::of_directory(&loaded.directory) {
        said.push(finding.problem.clone());
        match finding.severity {
            Severity::Error => verdict.problems.push(told(finding)),
            Severity::Warning => verdict.warnings.push(told(finding)),
            Severity::Suggestion => {}
        }
    }
    for file in testing::test(&loaded.directory, &loaded.tests).files {
        for test in file.tests.iter().filter(|test| test.failed > 0) {
            verdict.problems.push(Problem {
                file: file.file.clone(),
                line: test.line,
                column: 1,
                message: format!("the test `{}` fails: {} of {} {}", test.name, test.failed, test.cases, what(test)),
                help: Some("`dodai policy test` shows each, and what decided it".to_owned()),
            });
        }
        // Tests of a policy that cannot be read say why, which has been said.
        verdict.problems.extend(file.problems.into_iter().filter(|problem| !said.contains(problem)));
        verdict.warnings.extend(file.warnings);
    }
    verdict
}

fn what(test: &TestReport) -> &'static str {
    if test.differences.is_empty() { "requests are decided otherwise" } else { "values are others" }
}

/// A finding with its rule.
fn told(finding: Finding) -> Problem {
    let Finding { rule, mut problem, .. } = finding;
    problem.message = format!("{} [{rule}]", problem.message);
    problem
}
