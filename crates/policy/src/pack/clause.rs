//! One key under one operator of a statement, in the shortest spelling that means the same, and what follows from what
//! among such.
//!
//! AWS: "IAM JSON policy elements: Condition operators", "Single-valued vs. multivalued context keys".

use dodai_document::Place;

use crate::containment::value_contains;
use crate::language::{Comparison, Condition, Operator, Quantifier, Text};

/// A condition whose values are sorted and none of which lies in another.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Clause {
    pub operator: Operator,
    /// In lower case: AWS compares keys without regard to case.
    pub key: String,
    /// As an author wrote it.
    pub spelling: String,
    pub values: Vec<String>,
}

impl Clause {
    pub fn new(condition: &Condition) -> Self {
        let mut clause = Self {
            operator: condition.operator,
            key: condition.key.value.to_ascii_lowercase(),
            spelling: condition.key.value.clone(),
            values: condition.values.iter().map(|text| text.value.clone()).collect(),
        };
        // Under the first version `${` is plain text, but two readers are safer than one.
        let literal = |value: &String| !value.contains(['*', '?', '$']);
        clause.operator.comparison = match clause.operator.comparison {
            Comparison::StringEquals if clause.values.iter().all(literal) => Comparison::StringLike,
            Comparison::StringNotEquals if clause.values.iter().all(literal) => Comparison::StringNotLike,
            // AWS: the two forms of the ARN operators behave identically.
            Comparison::ArnEquals => Comparison::ArnLike,
            Comparison::ArnNotEquals => Comparison::ArnNotLike,
            other => other,
        };
        if clause.holds_when_absent_anyway() {
            clause.operator.if_exists = false;
        }
        clause.tidy();
        clause
    }

    /// `IfExists` adds nothing: a negated operator holds too where the key is absent, and so does `ForAllValues`.
    fn holds_when_absent_anyway(&self) -> bool {
        match self.operator.quantifier {
            None => self.operator.comparison.is_negated(),
            Some(quantifier) => quantifier == Quantifier::All,
        }
    }

    /// Whether the condition holds for a request without the key.
    fn holds_when_absent(&self) -> bool {
        self.operator.if_exists || self.holds_when_absent_anyway()
    }

    /// Sorts the values and drops those that lie in others.
    pub fn tidy(&mut self) {
        self.values.sort();
        self.values.dedup();
        let all = self.values.clone();
        // Of two values that lie in each other the first stays.
        let in_other = |(at, value): (usize, &String)| {
            all.iter().enumerate().any(|(place, other)| {
                place != at && self.lies_in(value, other) && (place < at || !self.lies_in(other, value))
            })
        };
        self.values =
            all.iter().enumerate().filter(|entry| !in_other(*entry)).map(|(_, value)| value.clone()).collect();
    }

    /// A value with a variable lies in nothing but itself: what it stands for is the request's.
    fn lies_in(&self, small: &str, big: &str) -> bool {
        let variable = small.contains("${") || big.contains("${");
        small == big || (!variable && value_contains(self.operator.comparison, big, small))
    }

    fn all_lie_in(&self, other: &Self) -> bool {
        self.values.iter().all(|small| other.values.iter().any(|big| self.lies_in(small, big)))
    }

    /// Whether the other condition holds for every request for which this one does.
    pub fn implies(&self, other: &Self) -> bool {
        if self.key != other.key {
            return false;
        }
        let (own, its) = (self.operator, other.operator);
        if own.comparison == Comparison::Null {
            if its.comparison == Comparison::Null {
                return self.values == other.values;
            }
            return self.is_null(true) && other.holds_when_absent();
        }
        if other.is_null(false) {
            return !own.comparison.is_negated() && own.quantifier != Some(Quantifier::All) && !own.if_exists;
        }
        if own.comparison != its.comparison || own.quantifier != its.quantifier {
            return false;
        }
        let kept = if own.comparison.is_negated() { other.all_lie_in(self) } else { self.all_lie_in(other) };
        kept && (!own.if_exists || its.if_exists)
    }

    /// `Null: true` (absent) or `Null: false` (there), and nothing else.
    fn is_null(&self, absent: bool) -> bool {
        self.operator.comparison == Comparison::Null
            && !self.values.is_empty()
            && self.values.iter().all(|value| value.eq_ignore_ascii_case(if absent { "true" } else { "false" }))
    }

    /// The one condition that holds exactly where this or the other does.
    pub fn or(&self, other: &Self) -> Option<Self> {
        if self.key != other.key {
            return None;
        }
        let spelling = self.spelling.clone().max(other.spelling.clone());
        if self.implies(other) {
            return Some(Self { spelling, ..other.clone() });
        }
        if other.implies(self) {
            return Some(Self { spelling, ..self.clone() });
        }
        for (absent, there) in [(self, other), (other, self)] {
            let plain = there.operator.quantifier.is_none() && there.operator.comparison != Comparison::Null;
            if absent.is_null(true) && plain {
                let operator = Operator { if_exists: true, ..there.operator };
                return Some(Self { operator, spelling, ..there.clone() });
            }
        }
        let (own, its) = (self.operator, other.operator);
        let alike = own.comparison == its.comparison && own.quantifier == its.quantifier;
        // All values in one list or all in another is not all in both together; neither of these and neither of those
        // is not none of all.
        if !alike
            || own.comparison.is_negated()
            || own.comparison == Comparison::Null
            || own.quantifier == Some(Quantifier::All)
        {
            return None;
        }
        let operator = Operator { if_exists: own.if_exists || its.if_exists, ..own };
        let values = self.values.iter().chain(&other.values).cloned().collect();
        let mut joined = Self { operator, key: self.key.clone(), spelling, values };
        joined.tidy();
        Some(joined)
    }

    pub fn to_condition(&self) -> Condition {
        let text = |value: &String| Text { value: value.clone(), place: Place::FILE };
        Condition {
            operator: self.operator,
            place: Place::FILE,
            key: text(&self.spelling),
            values: self.values.iter().map(text).collect(),
        }
    }
}
