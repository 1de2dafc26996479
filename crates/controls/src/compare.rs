//! What changed between two assessments. Repaired is only what was seen to pass: a finding that failed and
//! cannot be read now is "last known failed", and one whose list was not read is not gone.

use std::collections::{BTreeMap, BTreeSet};

use dodai_facts::{AccountId, Cell, Region};
use serde::Serialize;

use crate::{Finding, Status, Subject};

/// How a finding changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Transition {
    /// Failed now, and did not when last known.
    NewlyFailed,
    /// A resource that was not there before, and fails.
    NewResourceFailed,
    /// Failed when last known, and cannot be read now.
    LastKnownFailed,
    /// Failed when last known, and passes or does not apply now.
    Repaired,
    /// Did not fail when last known, and cannot be read now.
    NowUnknown,
    /// Was unknown ever since, and is known not to fail now.
    NowKnown,
    /// A resource that was not there before, and does not fail.
    NewResource,
    /// Not found any more, its list having been read: deleted, or not in scope any more.
    Gone,
    /// Not found any more, its list not having been read.
    NotSeen,
}

/// What changed, by how; what stayed as it was is left out.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Comparison<'a> {
    /// Findings of the later assessment; of the earlier one for `Gone` and `NotSeen`.
    pub changes: BTreeMap<Transition, Vec<&'a Finding>>,
}

/// Puts into each UNKNOWN of `after` what it was when it was last known. An assessment is remembered before
/// it is stored, so that this holds over any number of assessments.
pub fn remember(before: &[Finding], after: &mut [Finding]) {
    let known: BTreeMap<Identity<'_>, Option<Status>> =
        before.iter().map(|finding| (finding.identity(), last_known(finding))).collect();
    for finding in after.iter_mut().filter(|finding| finding.status == Status::Unknown) {
        finding.last_known = known.get(&finding.identity()).copied().flatten();
    }
}

/// Compares two assessments.
pub fn compare<'a>(before: &'a [Finding], after: &'a [Finding]) -> Comparison<'a> {
    let earlier: BTreeMap<Identity<'_>, &Finding> =
        before.iter().map(|finding| (finding.identity(), finding)).collect();
    let mut comparison = Comparison::default();
    for finding in after {
        let transition = match earlier.get(&finding.identity()) {
            None if finding.status == Status::Failed => Some(Transition::NewResourceFailed),
            // What is said about a cell as a whole is no resource.
            None => matches!(finding.subject, Subject::Row(_)).then_some(Transition::NewResource),
            Some(earlier) => transition(earlier, finding.status),
        };
        if let Some(transition) = transition {
            comparison.changes.entry(transition).or_default().push(finding);
        }
    }
    let now: BTreeSet<Identity<'_>> = after.iter().map(Finding::identity).collect();
    let unread = Unread::new(after);
    for finding in before {
        if matches!(finding.subject, Subject::Row(_)) && !now.contains(&finding.identity()) {
            let transition = if unread.holds(finding) { Transition::NotSeen } else { Transition::Gone };
            comparison.changes.entry(transition).or_default().push(finding);
        }
    }
    comparison
}

type Identity<'a> = (&'a str, &'a AccountId, &'a Region, &'a str);

fn last_known(finding: &Finding) -> Option<Status> {
    if finding.status == Status::Unknown { finding.last_known } else { Some(finding.status) }
}

fn transition(earlier: &Finding, now: Status) -> Option<Transition> {
    let known = last_known(earlier);
    match (earlier.status, known, now) {
        (Status::Unknown, _, Status::Unknown) | (_, Some(Status::Failed), Status::Failed) => None,
        (_, Some(Status::Failed), Status::Unknown) => Some(Transition::LastKnownFailed),
        (_, _, Status::Unknown) => Some(Transition::NowUnknown),
        (_, _, Status::Failed) => Some(Transition::NewlyFailed),
        (_, Some(Status::Failed), _) => Some(Transition::Repaired),
        (Status::Unknown, ..) => Some(Transition::NowKnown),
        _ => None,
    }
}

/// The lists that an assessment could not read to the end.
struct Unread<'a> {
    cells: BTreeSet<(&'a str, &'a Cell)>,
}

impl<'a> Unread<'a> {
    fn new(findings: &'a [Finding]) -> Self {
        let cells = findings.iter().filter_map(|finding| match (&finding.subject, finding.status) {
            (Subject::Cell(cell), Status::Unknown) => Some((finding.control.as_str(), cell)),
            _ => None,
        });
        Self { cells: cells.collect() }
    }

    fn holds(&self, finding: &Finding) -> bool {
        let region = Cell::Region(finding.account.clone(), finding.region.clone());
        let account = Cell::Account(finding.account.clone());
        [region, account, Cell::Organization].iter().any(|cell| self.cells.contains(&(finding.control.as_str(), cell)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::sample::finding;

    /// Each side: none, or a status and what was last known.
    #[track_caller]
    fn check(before: Option<(Status, Option<Status>)>, after: Option<Status>, expected: Option<Transition>) {
        let make = |status| finding("A.1", "r", status);
        let before: Vec<Finding> =
            before.iter().map(|(status, last_known)| Finding { last_known: *last_known, ..make(*status) }).collect();
        let after: Vec<Finding> = after.into_iter().map(make).collect();
        let comparison = compare(&before, &after);
        let got: Vec<Transition> = comparison.changes.keys().copied().collect();
        assert_eq!(got, expected.into_iter().collect::<Vec<_>>(), "{before:?} {after:?}");
    }

    #[test]
    fn every_transition() {
        use Status::{Failed, NotApplicable, Passed, Unknown};
        use Transition as T;
        for (before, after, expected) in [
            (Passed, Failed, Some(T::NewlyFailed)),
            (NotApplicable, Failed, Some(T::NewlyFailed)),
            (Failed, Failed, None),
            (Passed, Passed, None),
            (Failed, Passed, Some(T::Repaired)),
            (Failed, NotApplicable, Some(T::Repaired)),
            (Failed, Unknown, Some(T::LastKnownFailed)),
            (Passed, Unknown, Some(T::NowUnknown)),
            (Passed, NotApplicable, None),
        ] {
            check(Some((before, None)), Some(after), expected);
        }
        for (last_known, after, expected) in [
            (Some(Failed), Failed, None),
            (Some(Failed), Passed, Some(T::Repaired)),
            (Some(Failed), Unknown, None),
            (Some(Passed), Failed, Some(T::NewlyFailed)),
            (Some(Passed), Passed, Some(T::NowKnown)),
            (None, Failed, Some(T::NewlyFailed)),
            (None, Passed, Some(T::NowKnown)),
            (None, Unknown, None),
        ] {
            check(Some((Unknown, last_known)), Some(after), expected);
        }
        check(None, Some(Failed), Some(T::NewResourceFailed));
        check(None, Some(Passed), Some(T::NewResource));
        check(None, Some(Unknown), Some(T::NewResource));
        check(Some((Failed, None)), None, Some(T::Gone));
    }

    #[test]
    fn last_known_is_remembered_over_many_assessments() {
        let first = vec![finding("A.1", "r", Status::Failed)];
        let mut second = vec![finding("A.1", "r", Status::Unknown)];
        remember(&first, &mut second);
        let mut third = vec![finding("A.1", "r", Status::Unknown), finding("A.1", "other", Status::Unknown)];
        remember(&second, &mut third);
        assert_eq!(third[0].last_known, Some(Status::Failed));
        assert_eq!(third[1].last_known, None);
        let last = [finding("A.1", "r", Status::Passed)];
        assert_eq!(compare(&third[..1], &last).changes.keys().collect::<Vec<_>>(), [&Transition::Repaired]);
    }

    #[test]
    fn a_resource_whose_list_was_not_read_is_not_gone() {
        let before = [finding("A.1", "r", Status::Failed)];
        for (cell, status, expected) in [
            ("111122223333/ap-northeast-1", Status::Unknown, Transition::NotSeen),
            ("111122223333", Status::Unknown, Transition::NotSeen),
            ("organization", Status::Unknown, Transition::NotSeen),
            ("111122223333/us-east-1", Status::Unknown, Transition::Gone),
            ("111122223333/ap-northeast-1", Status::Passed, Transition::Gone),
        ] {
            let subject = Subject::Cell(cell.parse().unwrap());
            let after = [Finding { subject, ..finding("A.1", "account", status) }];
            assert_eq!(compare(&before, &after).changes.keys().collect::<Vec<_>>(), [&expected], "{cell} {status}");
        }
    }
}
