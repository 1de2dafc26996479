//! Sets of actions or resources: patterns, or all but these.

use dodai_document::Place;

use crate::containment::{arn_contains, arn_overlap, contains, is_any, overlap};
use crate::language::{List, Text};

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Of {
    /// Without regard to case.
    Actions,
    /// ARNs, as `Resource` matches them: in the first five parts a wildcard stops at a colon, but for a `*` that ends its part.
    Resources,
}

/// The values of `Action` or `Resource`, or of their `Not` form; sorted, none in another.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Set {
    of: Of,
    pub negated: bool,
    pub values: Vec<String>,
}

impl Set {
    pub fn new(of: Of, list: &List) -> Self {
        Self::of(of, list.negated, list.values.iter().map(|text| text.value.clone()).collect())
    }

    fn of(of: Of, negated: bool, values: Vec<String>) -> Self {
        let mut set = Self { of, negated, values };
        set.tidy();
        set
    }

    /// The set with these values instead.
    pub fn with(&self, values: Vec<String>) -> Self {
        Self::of(self.of, self.negated, values)
    }

    fn tidy(&mut self) {
        match self.of {
            Of::Actions => self.values.sort_by_cached_key(|value| (value.to_ascii_lowercase(), value.clone())),
            Of::Resources => self.values.sort(),
        }
        let all = std::mem::take(&mut self.values);
        let in_other = |at: usize, value: &str| {
            all.iter().enumerate().any(|(place, other)| {
                place != at && self.lies_in(value, other) && (place < at || !self.lies_in(other, value))
            })
        };
        self.values = all
            .iter()
            .enumerate()
            .filter(|(at, value)| !in_other(*at, value))
            .map(|(_, value)| value.clone())
            .collect();
    }

    /// A value with a variable lies in nothing but itself, and in `*`.
    fn lies_in(&self, small: &str, big: &str) -> bool {
        match self.of {
            Of::Actions => contains(&big.to_ascii_lowercase(), &small.to_ascii_lowercase()),
            Of::Resources => {
                let variable = small.contains("${") || big.contains("${");
                small == big || is_any(big) || (!variable && arn_contains(big, small))
            }
        }
    }

    fn apart(&self, left: &str, right: &str) -> bool {
        match self.of {
            Of::Actions => !overlap(&left.to_ascii_lowercase(), &right.to_ascii_lowercase()),
            Of::Resources => !left.contains("${") && !right.contains("${") && !arn_overlap(left, right),
        }
    }

    fn lists(&self, value: &str) -> bool {
        self.values.iter().any(|big| self.lies_in(value, big))
    }

    /// Whether everything in the set is in the other.
    pub fn within(&self, other: &Self) -> bool {
        match (self.negated, other.negated) {
            (false, false) => self.values.iter().all(|value| other.lists(value)),
            (true, true) => other.values.iter().all(|value| self.lists(value)),
            (false, true) => {
                self.values.iter().all(|value| other.values.iter().all(|excepted| self.apart(value, excepted)))
            }
            (true, false) => other.values.iter().any(|value| is_any(value)),
        }
    }

    /// Whether one of this set's own values is in the other. The set is not a `Not` form.
    pub fn value_within(&self, value: &str, other: &Self) -> bool {
        if other.negated { other.values.iter().all(|excepted| self.apart(value, excepted)) } else { other.lists(value) }
    }

    /// The set of what is in this one or the other, where it can be said without loss.
    pub fn or(&self, other: &Self) -> Option<Self> {
        match (self.negated, other.negated) {
            (false, false) => Some(self.with(self.values.iter().chain(&other.values).cloned().collect())),
            (true, true) => {
                // What both leave out. Patterns that cross would leave out a part of each.
                let mut both = Vec::new();
                for left in &self.values {
                    for right in &other.values {
                        if self.lies_in(left, right) {
                            both.push(left.clone());
                        } else if self.lies_in(right, left) {
                            both.push(right.clone());
                        } else if !self.apart(left, right) {
                            return None;
                        }
                    }
                }
                Some(self.all_but(both))
            }
            (true, false) => {
                let mut left_out = Vec::new();
                for excepted in &self.values {
                    if other.lists(excepted) {
                        continue;
                    }
                    if !other.values.iter().all(|value| self.apart(excepted, value)) {
                        return None;
                    }
                    left_out.push(excepted.clone());
                }
                Some(self.all_but(left_out))
            }
            (false, true) => other.or(self),
        }
    }

    fn all_but(&self, values: Vec<String>) -> Self {
        if values.is_empty() { Self::of(self.of, false, vec!["*".to_owned()]) } else { Self::of(self.of, true, values) }
    }

    pub fn to_list(&self) -> List {
        let values = self.values.iter().map(|value| Text { value: value.clone(), place: Place::FILE }).collect();
        List { place: Place::FILE, negated: self.negated, values }
    }
}
