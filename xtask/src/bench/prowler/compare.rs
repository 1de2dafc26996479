//! Two tools' verdicts side by side: where they agree, and each way in which they differ, with the reason where it is
//! known.

use std::collections::BTreeMap;

use super::checks::{Pair, Verdict};
use super::verdicts::Verdicts;

/// Verdicts of one control that differ in one way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Difference {
    pub(super) control: String,
    pub(super) dodai: Verdict,
    pub(super) prowler: Verdict,
    pub(super) places: Vec<String>,
    /// Empty where nothing is known of it.
    pub(super) because: Vec<String>,
}

impl Difference {
    pub(super) fn line(&self) -> String {
        let because = match self.because.as_slice() {
            [] => format!("not explained; the first is {}", self.places.first().map_or("", String::as_str)),
            known => known.join("; or "),
        };
        let (ours, theirs) = (self.dodai.name(), self.prowler.name());
        format!("{} {}: Dodai {ours}, Prowler {theirs}: {because}", self.places.len(), self.control)
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Comparison {
    /// Places of which both say the same.
    pub(super) agree: usize,
    pub(super) differences: Vec<Difference>,
    /// What is known of differences that are not there.
    pub(super) idle: Vec<String>,
}

impl Comparison {
    pub(super) fn differ(&self) -> usize {
        self.differences.iter().map(|difference| difference.places.len()).sum()
    }
}

pub(super) fn compare(dodai: &Verdicts, prowler: &Verdicts, checks: &[Pair]) -> Comparison {
    let mut comparison = Comparison::default();
    for check in checks {
        let of = |verdicts: &Verdicts| -> BTreeMap<String, Verdict> {
            let ours = verdicts.iter().filter(|((control, _), _)| *control == check.control);
            ours.map(|((_, place), verdict)| (place.clone(), *verdict)).collect()
        };
        let (ours, theirs) = (of(dodai), of(prowler));
        let mut ways = BTreeMap::<(Verdict, Verdict), Vec<String>>::new();
        for (place, verdict) in &ours {
            let other = theirs.get(place).copied().unwrap_or(Verdict::Nothing);
            ways.entry((*verdict, other)).or_default().push(place.clone());
        }
        for (place, verdict) in theirs.iter().filter(|(place, _)| !ours.contains_key(*place)) {
            ways.entry((Verdict::Nothing, *verdict)).or_default().push(place.clone());
        }
        let idle = check.differs.iter().filter(|known| !ways.contains_key(&(known.dodai, known.prowler)));
        comparison.idle.extend(idle.map(|known| format!("{}: {}", check.control, known.because)));
        for ((dodai, prowler), places) in ways {
            if dodai == prowler {
                comparison.agree += places.len();
                continue;
            }
            let known = check.differs.iter().filter(|known| (known.dodai, known.prowler) == (dodai, prowler));
            let because = known.map(|known| known.because.clone()).collect();
            comparison.differences.push(Difference { control: check.control.clone(), dodai, prowler, places, because });
        }
    }
    comparison
}

#[cfg(test)]
mod tests {
    use super::super::checks::{Known, Place};
    use super::*;

    #[test]
    fn differences_are_grouped_and_explained() {
        let known = |dodai, prowler, because: &str| Known { dodai, prowler, because: because.to_owned() };
        let checks = [Pair {
            control: "A.1".to_owned(),
            check: "a".to_owned(),
            place: Place::Resource,
            differs: vec![
                known(Verdict::Failed, Verdict::Passed, "ranges count"),
                known(Verdict::Nothing, Verdict::Failed, "unattached ones are not asked"),
            ],
        }];
        let verdicts = |list: &[(&str, Verdict)]| -> Verdicts {
            list.iter().map(|(place, verdict)| (("A.1".to_owned(), (*place).to_owned()), *verdict)).collect()
        };
        let ours = verdicts(&[
            ("1", Verdict::Passed),
            ("2", Verdict::Failed),
            ("3", Verdict::Failed),
            ("4", Verdict::Failed),
            ("5", Verdict::Passed),
        ]);
        let theirs = verdicts(&[
            ("1", Verdict::Passed),
            ("2", Verdict::Failed),
            ("3", Verdict::Passed),
            ("4", Verdict::Passed),
            ("6", Verdict::Passed),
        ]);
        let comparison = compare(&ours, &theirs, &checks);
        assert_eq!((comparison.agree, comparison.differ()), (2, 4));
        let lines: Vec<String> = comparison.differences.iter().map(Difference::line).collect();
        let expected = [
            "2 A.1: Dodai FAILED, Prowler PASSED: ranges count",
            "1 A.1: Dodai PASSED, Prowler nothing: not explained; the first is 5",
            "1 A.1: Dodai nothing, Prowler PASSED: not explained; the first is 6",
        ];
        assert_eq!(lines, expected);
        assert_eq!(comparison.idle, ["A.1: unattached ones are not asked"]);
    }
}
