//! Whether the directory's policies are sound: what `dodai check` tells, and what `plan` and `apply` refuse to go on
//! with.

use std::collections::BTreeSet;

use dodai_facts::Problem;
use dodai_org::testing;
use dodai_policy::check::{Finding, Severity};
use dodai_policy::testing::{SUFFIX, TestReport};

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
    // The policies, without their suffixes, that have a mistake: what it does is not what its tests are about, and they
    // are told when it is mended.
    let mut mistaken: BTreeSet<String> = BTreeSet::new();
    for finding in findings::of_directory(&loaded.directory) {
        said.push(finding.problem.clone());
        match finding.severity {
            Severity::Error => {
                mistaken.extend(finding.problem.file.rsplit_once('.').map(|(stem, _)| stem.to_owned()));
                verdict.problems.push(told(finding));
            }
            Severity::Warning => verdict.warnings.push(told(finding)),
            Severity::Suggestion => {}
        }
    }
    for file in testing::test(&loaded.directory, &loaded.tests).files {
        let follows = file.file.strip_suffix(SUFFIX).is_some_and(|stem| mistaken.contains(stem));
        for test in file.tests.iter().filter(|test| test.failed > 0 && !follows) {
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
