//! Condition operators: `ForAnyValue:StringLikeIfExists` in its parts.
//!
//! AWS: "IAM JSON policy elements: Condition operators", "Single-valued vs. multivalued context keys".

use std::fmt;
use std::str::FromStr;

/// A condition operator. `Null` has neither quantifier nor `IfExists`; the parser refuses the latter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Operator {
    pub quantifier: Option<Quantifier>,
    pub comparison: Comparison,
    /// A key that is absent makes the condition hold.
    pub if_exists: bool,
}

/// How the values of a request's multivalued key are taken together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Quantifier {
    /// `ForAllValues:`; holds too where the key is absent.
    All,
    /// `ForAnyValue:`
    Any,
}

macro_rules! comparisons {
    ($($name:ident),* $(,)?) => {
        /// What is compared, and how.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Comparison {
            $($name),*
        }

        impl Comparison {
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$name => stringify!($name)),*
                }
            }
        }
    };
}

comparisons!(
    StringEquals,
    StringNotEquals,
    StringEqualsIgnoreCase,
    StringNotEqualsIgnoreCase,
    StringLike,
    StringNotLike,
    NumericEquals,
    NumericNotEquals,
    NumericLessThan,
    NumericLessThanEquals,
    NumericGreaterThan,
    NumericGreaterThanEquals,
    DateEquals,
    DateNotEquals,
    DateLessThan,
    DateLessThanEquals,
    DateGreaterThan,
    DateGreaterThanEquals,
    Bool,
    BinaryEquals,
    IpAddress,
    NotIpAddress,
    ArnEquals,
    ArnLike,
    ArnNotEquals,
    ArnNotLike,
    Null,
);

impl Comparison {
    /// Holds when no value matches, and when the key is absent.
    pub const fn is_negated(self) -> bool {
        matches!(
            self,
            Self::StringNotEquals
                | Self::StringNotEqualsIgnoreCase
                | Self::StringNotLike
                | Self::NumericNotEquals
                | Self::DateNotEquals
                | Self::NotIpAddress
                | Self::ArnNotEquals
                | Self::ArnNotLike
        )
    }

    /// What it negates; itself where it negates nothing.
    #[must_use]
    pub const fn positive(self) -> Self {
        match self {
            Self::StringNotEquals => Self::StringEquals,
            Self::StringNotEqualsIgnoreCase => Self::StringEqualsIgnoreCase,
            Self::StringNotLike => Self::StringLike,
            Self::NumericNotEquals => Self::NumericEquals,
            Self::DateNotEquals => Self::DateEquals,
            Self::NotIpAddress => Self::IpAddress,
            Self::ArnNotEquals => Self::ArnEquals,
            Self::ArnNotLike => Self::ArnLike,
            other => other,
        }
    }
}

/// A name that is no operator's.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a condition operator")]
pub struct UnknownOperator(pub String);

impl FromStr for Operator {
    type Err = UnknownOperator;

    /// Operator names are compared without regard to case, as AWS does.
    fn from_str(text: &str) -> Result<Self, UnknownOperator> {
        let unknown = || UnknownOperator(text.to_owned());
        let (quantifier, name) = match text.split_once(':') {
            None => (None, text),
            Some((word, name)) if word.eq_ignore_ascii_case("ForAllValues") => (Some(Quantifier::All), name),
            Some((word, name)) if word.eq_ignore_ascii_case("ForAnyValue") => (Some(Quantifier::Any), name),
            Some(_) => return Err(unknown()),
        };
        let find = |name: &str| Comparison::ALL.iter().copied().find(|known| known.as_str().eq_ignore_ascii_case(name));
        if let Some(comparison) = find(name) {
            return match (comparison, quantifier) {
                (Comparison::Null, Some(_)) => Err(unknown()),
                _ => Ok(Self { quantifier, comparison, if_exists: false }),
            };
        }
        let cut = name.len().checked_sub("IfExists".len()).ok_or_else(unknown)?;
        let (stem, suffix) = (name.get(..cut).ok_or_else(unknown)?, name.get(cut..).ok_or_else(unknown)?);
        match find(stem) {
            Some(comparison) if comparison != Comparison::Null && suffix.eq_ignore_ascii_case("IfExists") => {
                Ok(Self { quantifier, comparison, if_exists: true })
            }
            _ => Err(unknown()),
        }
    }
}

impl fmt::Display for Operator {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let quantifier = match self.quantifier {
            None => "",
            Some(Quantifier::All) => "ForAllValues:",
            Some(Quantifier::Any) => "ForAnyValue:",
        };
        let suffix = if self.if_exists { "IfExists" } else { "" };
        write!(formatter, "{quantifier}{}{suffix}", self.comparison.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_operator_reads_back_from_its_name() {
        for &comparison in Comparison::ALL {
            for quantifier in [None, Some(Quantifier::All), Some(Quantifier::Any)] {
                for if_exists in [false, true] {
                    let operator = Operator { quantifier, comparison, if_exists };
                    let name = operator.to_string();
                    let plain = comparison != Comparison::Null || (quantifier.is_none() && !if_exists);
                    assert_eq!(name.parse().ok(), plain.then_some(operator), "{name}");
                    assert_eq!(name.to_lowercase().parse().ok(), plain.then_some(operator), "{name}");
                }
            }
        }
    }

    #[test]
    fn what_is_no_operator_is_refused() {
        for name in ["", "StringEqual", "ForEachValue:StringLike", "ifexists", "StringLikeIfExist", "ForAnyValue:"] {
            assert_eq!(name.parse::<Operator>(), Err(UnknownOperator(name.to_owned())));
        }
    }
}
