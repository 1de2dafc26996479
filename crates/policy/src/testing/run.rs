//! Running tests: each request of each test through the engine.

use std::collections::HashMap;

use dodai_document::{Place, Problems, quote};
use dodai_facts::AccountId;

use super::file::{Test, Tests};
use super::multiply::{Choice, MOST_CASES, Parties, Setting, choices, count};
use super::organization::{self, NO_ID_YET, Organization, accounts};
use super::report::{Failure, FileReport, MOST_FAILURES, TestReport};
use super::subject::{Subject, everything_else_allows};
use super::unknown;
use crate::decide::{Judge, Policies, Request, RequestError};
use crate::explain::{LevelNames, Verdict};

/// Judges that are kept; organizations may have any number of accounts.
const MOST_JUDGES: usize = 256;

/// Runs the tests of the file beside a policy. Tests with `account` need the directory's organization.
pub fn run(tests: &Tests, subject: &Subject, organization: Option<&Organization>) -> FileReport {
    let mut problems = Problems::of(&tests.file);
    let mut runner = Runner { subject, organization, judges: HashMap::new() };
    let reports = tests.tests.iter().map(|test| runner.test(test, &mut problems)).collect();
    FileReport {
        file: tests.file.clone(),
        policy: subject.policy.name().to_owned(),
        tests: reports,
        problems: problems.list,
        warnings: unknown::warnings(tests),
    }
}

struct Runner<'r> {
    subject: &'r Subject,
    organization: Option<&'r Organization>,
    /// None: the policy alone.
    judges: HashMap<Option<Parties>, (Judge, LevelNames)>,
}

impl<'r> Runner<'r> {
    fn test(&mut self, test: &Test, problems: &mut Problems<'_>) -> TestReport {
        let test = &self.organization.map_or_else(|| test.clone(), |organization| organization.named_in(test));
        let mut report = TestReport::new(&test.name, test.place.line);
        let before = problems.list.len();
        if let Some(settings) = self.settings(test, problems) {
            match count(test).and_then(|count| count.checked_mul(settings.len())) {
                Some(count) if count <= MOST_CASES => {
                    for setting in settings {
                        if let Err((place, error)) = self.within(test, setting, &mut report) {
                            problems.add(place, error.to_string(), None);
                            break;
                        }
                    }
                }
                _ => problems.add(
                    test.place,
                    format!("the test {} makes more than {MOST_CASES} requests", quote(&test.name)),
                    Some("make its lists shorter, or several tests of it".to_owned()),
                ),
            }
        }
        report.broken = problems.list.len() > before;
        report
    }

    /// The accounts that a test is about; the policy alone where it names none. None where that cannot be said.
    fn settings(&self, test: &Test, problems: &mut Problems<'_>) -> Option<Vec<Setting<'r>>> {
        let alone = Setting { organization: None, account: None, places_resource: self.subject.places_resource() };
        let Some(patterns) = &test.accounts else { return Some(vec![alone]) };
        let organization: Option<&'r Organization> = self.organization;
        let meant = accounts(patterns, test.place, organization, problems)?;
        let setting = |account| Setting { organization, account: Some(account), places_resource: true };
        Some(meant.into_iter().map(setting).collect())
    }

    /// Every request of a test in one setting.
    fn within(
        &mut self,
        test: &Test,
        setting: Setting<'_>,
        report: &mut TestReport,
    ) -> Result<(), (Place, RequestError)> {
        for choice in choices(test) {
            let (asked, parties) = choice.asked(test, setting);
            let request = Request::new(asked).map_err(|error| (blamed(&error, &choice, test), error))?;
            let (judge, names) = self.judge(setting, parties);
            let answer = judge.decide(&request);
            report.cases += 1;
            if test.expect.is_met_by(answer.decision) {
                continue;
            }
            report.failed += 1;
            if report.failures.len() < MOST_FAILURES {
                report.failures.push(Failure {
                    case: choice.case(setting),
                    expected: test.expect,
                    got: Verdict::new(answer, judge.policies(), names),
                    account_without_id: setting.account().is_some_and(|account| account.id.is_none()),
                });
            }
        }
        Ok(())
    }

    fn judge(&mut self, setting: Setting<'_>, parties: Parties) -> (&mut Judge, &LevelNames) {
        let key = setting.organization.map(|_| parties);
        if self.judges.len() >= MOST_JUDGES && !self.judges.contains_key(&key) {
            self.judges.clear();
        }
        let subject = self.subject;
        let (judge, names) = self.judges.entry(key).or_insert_with(|| {
            let (policies, names) = match setting.organization {
                Some(organization) => along_the_path(organization, parties),
                None => subject.policies(),
            };
            (Judge::new(policies), names)
        });
        (judge, names)
    }
}

/// The policies of the organization that bear on a request between these parties. What is of no account of the
/// directory is under none of them.
fn along_the_path(organization: &Organization, parties: Parties) -> (Policies, LevelNames) {
    let of = |at: Option<usize>| at.and_then(|at| organization.accounts.get(at));
    let (principal, resource) = (of(parties.principal), of(parties.resource));
    let scps = principal.and_then(|account| account.scps.as_ref());
    let rcps = resource.and_then(|account| account.rcps.as_ref());
    let without_id = [principal, resource]
        .into_iter()
        .flatten()
        .any(|account| account.name == organization.management_account && account.id.is_none());
    let stand_in = || NO_ID_YET.parse::<AccountId>().ok().filter(|_| without_id);
    let mut policies = everything_else_allows();
    (policies.scps, policies.rcps) = (organization::policies(scps), organization::policies(rcps));
    policies.management_account = organization.management_id().or_else(stand_in);
    (policies, LevelNames { scps: organization::names(scps), rcps: organization::names(rcps) })
}

/// The place of what makes a request impossible.
fn blamed(error: &RequestError, choice: &Choice<'_>, test: &Test) -> Place {
    match error {
        RequestError::Principal(_) => choice.who.place,
        RequestError::Action(_) => choice.does.place,
        RequestError::Contradiction { key, .. } => {
            let given = test.when.iter().find(|(known, _)| known.eq_ignore_ascii_case(key));
            given.map_or(test.place, |(_, given)| given.place)
        }
        RequestError::Account(_) | RequestError::Twice(_) | RequestError::TooLarge(_) => test.place,
    }
}
