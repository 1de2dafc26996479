//! Control status and security score, as Security Hub CSPM counts them ("Determining security scores",
//! "Evaluating compliance status and control status"): unweighted, Unknown counts against.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{Finding, Status};

/// The status of a control over a set of findings: of an account, of a unit, of the organization.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ControlStatus {
    Passed,
    Failed,
    Unknown,
    /// No finding counts: none there, all excepted, or none applicable.
    NoData,
    Disabled,
}

impl ControlStatus {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Passed => "Passed",
            Self::Failed => "Failed",
            Self::Unknown => "Unknown",
            Self::NoData => "No data",
            Self::Disabled => "Disabled",
        }
    }

    /// One failed finding fails the control; else one unknown makes it unknown.
    fn with(self, finding: Status) -> Self {
        match (self, finding) {
            (Self::Disabled, _) => Self::Disabled,
            (Self::Failed, _) | (_, Status::Failed) => Self::Failed,
            (Self::Unknown, _) | (_, Status::Unknown) => Self::Unknown,
            (_, Status::Passed) => Self::Passed,
            (status, Status::NotApplicable) => status,
        }
    }
}

impl fmt::Display for ControlStatus {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.as_str())
    }
}

/// The status of each of `controls` over `findings`. Whoever asks about one account or one unit hands in
/// that part of the findings; `disabled` are the controls that are off in all of it.
pub fn statuses<'a>(
    controls: impl IntoIterator<Item = &'a str>,
    disabled: &BTreeSet<String>,
    findings: impl IntoIterator<Item = &'a Finding>,
) -> BTreeMap<String, ControlStatus> {
    let mut statuses: BTreeMap<String, ControlStatus> = controls
        .into_iter()
        .map(|id| {
            let status = if disabled.contains(id) { ControlStatus::Disabled } else { ControlStatus::NoData };
            (id.to_owned(), status)
        })
        .collect();
    for finding in findings.into_iter().filter(|finding| finding.counts()) {
        if let Some(status) = statuses.get_mut(&finding.control) {
            *status = status.with(finding.status);
        }
    }
    statuses
}

/// How many controls have each status.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Score {
    pub passed: usize,
    pub failed: usize,
    pub unknown: usize,
    pub no_data: usize,
    pub disabled: usize,
}

impl Score {
    /// The score of some controls: of one standard, or, as the summary, of every standard together. A
    /// control counts once, however often it is named; one without a status has no data.
    pub fn new<'a>(controls: impl IntoIterator<Item = &'a str>, statuses: &BTreeMap<String, ControlStatus>) -> Self {
        let unique: BTreeSet<&str> = controls.into_iter().collect();
        let mut score = Self::default();
        for id in unique {
            match statuses.get(id).copied().unwrap_or(ControlStatus::NoData) {
                ControlStatus::Passed => score.passed += 1,
                ControlStatus::Failed => score.failed += 1,
                ControlStatus::Unknown => score.unknown += 1,
                ControlStatus::NoData => score.no_data += 1,
                ControlStatus::Disabled => score.disabled += 1,
            }
        }
        score
    }

    /// The enabled controls with data.
    pub fn counted(&self) -> usize {
        self.passed + self.failed + self.unknown
    }

    /// Whole percents, rounded half up; none where no control has data.
    pub fn percent(&self) -> Option<usize> {
        let counted = self.counted();
        (self.passed * 200 + counted).checked_div(counted * 2)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::sample::finding;

    #[test]
    fn percents_are_rounded_half_up() {
        // The first six are Security Hub's own worked examples.
        for (passed, failed, unknown, expected) in [
            (168, 22, 0, Some(88)),
            (8, 29, 0, Some(22)),
            (6, 35, 0, Some(15)),
            (159, 56, 0, Some(74)),
            (28, 17, 0, Some(62)),
            (357, 158, 0, Some(69)),
            (0, 0, 0, None),
            (1, 0, 0, Some(100)),
            (0, 1, 0, Some(0)),
            (1, 0, 1, Some(50)),
            (1, 7, 0, Some(13)),
            (199, 1, 0, Some(100)),
            (0, 0, 3, Some(0)),
        ] {
            let score = Score { passed, failed, unknown, no_data: 9, disabled: 9 };
            assert_eq!(score.percent(), expected, "{score:?}");
        }
    }

    #[test]
    fn status_of_a_control() {
        use Status::{Failed, NotApplicable, Passed, Unknown};
        for (findings, expected) in [
            (&[][..], ControlStatus::NoData),
            (&[NotApplicable], ControlStatus::NoData),
            (&[Passed, NotApplicable], ControlStatus::Passed),
            (&[Passed, Unknown], ControlStatus::Unknown),
            (&[Unknown, Passed], ControlStatus::Unknown),
            (&[Unknown, Failed, Passed], ControlStatus::Failed),
            (&[Failed, Unknown], ControlStatus::Failed),
        ] {
            let findings: Vec<Finding> = findings.iter().map(|status| finding("A.1", "r", *status)).collect();
            assert_eq!(statuses(["A.1"], &BTreeSet::new(), &findings)["A.1"], expected, "{findings:?}");
            let disabled = ["A.1".to_owned()].into();
            assert_eq!(statuses(["A.1"], &disabled, &findings)["A.1"], ControlStatus::Disabled);
        }
    }

    #[test]
    fn excepted_findings_do_not_count() {
        let mut failed = finding("A.1", "a", Status::Failed);
        failed.excepted_until = Some("2027-01-01".parse().unwrap());
        let alone = statuses(["A.1"], &BTreeSet::new(), [&failed]);
        assert_eq!(alone["A.1"], ControlStatus::NoData);
        let passed = finding("A.1", "b", Status::Passed);
        let both = statuses(["A.1"], &BTreeSet::new(), [&failed, &passed]);
        assert_eq!(both["A.1"], ControlStatus::Passed);
    }

    #[test]
    fn the_summary_counts_a_control_once() {
        let findings = [
            finding("A.1", "r", Status::Passed),
            finding("A.2", "r", Status::Failed),
            finding("A.3", "r", Status::Unknown),
        ];
        let statuses = statuses(["A.1", "A.2", "A.3", "A.4"], &BTreeSet::new(), &findings);
        let (one, two) = (["A.1", "A.2"], ["A.1", "A.3", "A.4"]);
        assert_eq!(Score::new(one, &statuses).percent(), Some(50));
        let summary = Score::new(one.into_iter().chain(two), &statuses);
        assert_eq!(summary, Score { passed: 1, failed: 1, unknown: 1, no_data: 1, disabled: 0 });
        assert_eq!(summary.percent(), Some(33));
    }
}
