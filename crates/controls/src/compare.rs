//! What changed between two assessments. Repaired is only what was seen to pass: a finding that failed and
//! cannot be read now is "last known failed", and one whose list was not read is not gone.

use std::collections::{BTreeMap, BTreeSet};
use std::hash::{BuildHasher as _, RandomState};

use dodai_facts::Cell;
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

/// What changed since the assessment before, and what was last known then.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Comparison {
    /// How many findings changed, by how and by control; what stayed as it was is left out. Findings of the later
    /// assessment; of the earlier one for `Gone` and `NotSeen`.
    pub changes: BTreeMap<Transition, BTreeMap<String, usize>>,
    /// Of each finding of the later one.
    last_known: Vec<Option<Status>>,
}

impl Comparison {
    /// Puts into each UNKNOWN of the findings that were compared what it was when it was last known. An assessment is
    /// remembered before it is stored, so that this holds over any number of assessments.
    pub fn remember(&self, after: &mut [Finding]) {
        for (finding, last_known) in after.iter_mut().zip(&self.last_known) {
            if finding.status == Status::Unknown {
                finding.last_known = *last_known;
            }
        }
    }

    fn count(&mut self, transition: Transition, finding: &Finding) {
        *self.changes.entry(transition).or_default().entry(finding.control.clone()).or_default() += 1;
    }
}

/// Compares an assessment with the one before, whose findings are handed in one after the other: there may be millions,
/// and nothing is kept of them but their verdicts.
#[derive(Debug)]
pub struct Comparing<'a> {
    after: &'a [Finding],
    unread: Unread<'a>,
    /// The hash of each finding's identity, and its place in `after`; in order.
    places: Vec<(u64, usize)>,
    hasher: RandomState,
    /// What each finding of `after` was.
    earlier: Vec<Option<Earlier>>,
    comparison: Comparison,
}

/// What a finding was: then, and when it was last known.
#[derive(Debug, Clone, Copy)]
struct Earlier {
    status: Status,
    known: Option<Status>,
}

impl<'a> Comparing<'a> {
    pub fn new(after: &'a [Finding]) -> Self {
        // Of its own for each comparison: names of resources are others' to choose.
        let hasher = RandomState::new();
        let identities = after.iter().map(|finding| hasher.hash_one(finding.identity()));
        let mut places: Vec<(u64, usize)> = identities.zip(0..).collect();
        places.sort_unstable();
        let earlier = vec![None; after.len()];
        Self { after, unread: Unread::new(after), places, hasher, earlier, comparison: Comparison::default() }
    }

    /// Takes a finding of the earlier assessment. Of several with one identity the last counts.
    pub fn take(&mut self, before: &Finding) {
        let known = if before.status == Status::Unknown { before.last_known } else { Some(before.status) };
        let hash = self.hasher.hash_one(before.identity());
        let first = self.places.partition_point(|(other, _)| *other < hash);
        let mut is_there = false;
        for (_, place) in self.places.iter().skip(first).take_while(|(other, _)| *other == hash) {
            let same = self.after.get(*place).is_some_and(|finding| finding.identity() == before.identity());
            if let Some(earlier) = self.earlier.get_mut(*place).filter(|_| same) {
                *earlier = Some(Earlier { status: before.status, known });
                is_there = true;
            }
        }
        if !is_there && matches!(before.subject, Subject::Row(_)) {
            let transition = if self.unread.holds(before) { Transition::NotSeen } else { Transition::Gone };
            self.comparison.count(transition, before);
        }
    }

    /// What came of it, the earlier assessment having been handed in to its end.
    pub fn finish(mut self) -> Comparison {
        for (finding, earlier) in self.after.iter().zip(&self.earlier) {
            let transition = match earlier {
                None if finding.status == Status::Failed => Some(Transition::NewResourceFailed),
                // What is said about a cell as a whole is no resource.
                None => matches!(finding.subject, Subject::Row(_)).then_some(Transition::NewResource),
                Some(earlier) => transition(*earlier, finding.status),
            };
            if let Some(transition) = transition {
                self.comparison.count(transition, finding);
            }
        }
        self.comparison.last_known = self.earlier.into_iter().map(|earlier| earlier?.known).collect();
        self.comparison
    }
}

fn transition(earlier: Earlier, now: Status) -> Option<Transition> {
    match (earlier.status, earlier.known, now) {
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
#[derive(Debug)]
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
    use proptest::prelude::*;

    use super::*;
    use crate::finding::sample::finding;

    fn compare(before: &[Finding], after: &[Finding]) -> Comparison {
        let mut comparing = Comparing::new(after);
        for finding in before {
            comparing.take(finding);
        }
        comparing.finish()
    }

    fn remember(before: &[Finding], after: &mut [Finding]) {
        compare(before, after).remember(after);
    }

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

    /// A few identities, some of them twice, rows and cells.
    fn findings() -> impl Strategy<Value = Vec<Finding>> {
        let one = (0..3_usize, 0..6_usize, 0..4_usize, 0..5_usize, any::<bool>());
        let one = one.prop_map(|(control, resource, status, last_known, is_row)| {
            let mut made = finding(["A.1", "A.2", "A.3"][control], &format!("r{resource}"), Status::ALL[status]);
            made.last_known = Status::ALL.get(last_known).copied();
            if !is_row {
                made.subject = Subject::Cell(Cell::Region(made.account.clone(), made.region.clone()));
            }
            made
        });
        proptest::collection::vec(one, 0..20)
    }

    proptest! {
        /// Handed in one by one, as if all were held: the earlier findings by identity.
        #[test]
        fn nothing_more_needs_to_be_held(before in findings(), after in findings()) {
            let earlier: BTreeMap<_, _> = before.iter().map(|finding| (finding.identity(), finding)).collect();
            let known = |it: &Finding| if it.status == Status::Unknown { it.last_known } else { Some(it.status) };
            let mut expected = BTreeMap::<Transition, BTreeMap<String, usize>>::new();
            let mut expect = |how, finding: &Finding| {
                *expected.entry(how).or_default().entry(finding.control.clone()).or_default() += 1;
            };
            for now in &after {
                let was = earlier.get(&now.identity());
                let how = match was {
                    Some(was) => transition(Earlier { status: was.status, known: known(was) }, now.status),
                    None if now.status == Status::Failed => Some(Transition::NewResourceFailed),
                    None => matches!(now.subject, Subject::Row(_)).then_some(Transition::NewResource),
                };
                if let Some(how) = how {
                    expect(how, now);
                }
            }
            let there: BTreeSet<_> = after.iter().map(Finding::identity).collect();
            let of_cell = |it: &Finding, of: &str| it.control == of && matches!(it.subject, Subject::Cell(_));
            for was in before.iter().filter(|was| matches!(was.subject, Subject::Row(_))) {
                let unread = |it: &Finding| of_cell(it, &was.control) && it.status == Status::Unknown;
                let how = if after.iter().any(unread) { Transition::NotSeen } else { Transition::Gone };
                if !there.contains(&was.identity()) {
                    expect(how, was);
                }
            }
            let comparison = compare(&before, &after);
            prop_assert_eq!(&comparison.changes, &expected);
            let mut remembered = after.clone();
            comparison.remember(&mut remembered);
            for (now, remembered) in after.iter().zip(remembered) {
                let was = earlier.get(&now.identity()).and_then(|was| known(was));
                let last_known = if now.status == Status::Unknown { was } else { now.last_known };
                prop_assert_eq!(remembered, Finding { last_known, ..now.clone() });
            }
        }
    }
}
