//! Conditions made ready, and what they say of a request.
//!
//! AWS: "IAM JSON policy elements: Condition operators", "Set operators for multivalued context keys", "Conditions with
//! multiple context keys or values".

use std::net::IpAddr;

use jiff::Timestamp;

use super::arn::{Arn, ArnPattern};
use super::request::{Context, Key, State};
use super::some_path::SomePath;
use super::text::Template;
use super::truth::Truth;
use super::values::{Block, binary, boolean, date, number};
use crate::language::{Comparison, Condition, Operator, Quantifier, Text, Version};

/// One key under one operator.
#[derive(Debug, Clone)]
pub struct Test {
    pub key: Key,
    pub operator: Operator,
    pub values: Values,
}

/// What a request's value is compared with. A value that is not of its operator's kind matches nothing and is left out.
#[derive(Debug, Clone)]
pub enum Values {
    /// `fold`: without regard to case.
    Texts {
        templates: Box<[Template]>,
        fold: bool,
    },
    Arns(Box<[ArnPattern]>),
    Numbers(Box<[f64]>),
    Dates(Box<[Timestamp]>),
    Booleans(Box<[bool]>),
    Binaries(Box<[Vec<u8>]>),
    Blocks(Box<[Block]>),
}

impl Test {
    pub fn new(condition: &Condition, version: Version) -> Self {
        use Comparison as C;
        let values = &condition.values;
        let texts = |wild: bool, fold: bool| {
            let template = |value: &Text| {
                if fold {
                    Template::new(&value.value.to_lowercase(), version, wild)
                } else {
                    Template::new(&value.value, version, wild)
                }
            };
            Values::Texts { templates: values.iter().map(template).collect(), fold }
        };
        let comparison = condition.operator.comparison;
        let values = match comparison {
            C::StringEquals | C::StringNotEquals => texts(false, false),
            C::StringEqualsIgnoreCase | C::StringNotEqualsIgnoreCase => texts(false, true),
            C::StringLike | C::StringNotLike => texts(true, false),
            C::ArnEquals | C::ArnLike | C::ArnNotEquals | C::ArnNotLike => {
                Values::Arns(values.iter().map(|value| ArnPattern::new(&value.value, version)).collect())
            }
            C::NumericEquals
            | C::NumericNotEquals
            | C::NumericLessThan
            | C::NumericLessThanEquals
            | C::NumericGreaterThan
            | C::NumericGreaterThanEquals => Values::Numbers(each(values, number)),
            C::DateEquals
            | C::DateNotEquals
            | C::DateLessThan
            | C::DateLessThanEquals
            | C::DateGreaterThan
            | C::DateGreaterThanEquals => Values::Dates(each(values, date)),
            C::Bool | C::Null => Values::Booleans(each(values, boolean)),
            C::BinaryEquals => Values::Binaries(each(values, binary)),
            C::IpAddress | C::NotIpAddress => Values::Blocks(each(values, Block::parse)),
        };
        Self { key: Key::new(&condition.key.value), operator: condition.operator, values }
    }

    /// Whether the condition holds.
    pub fn holds(&self, context: Context<'_>) -> Truth {
        let state = context.get(&self.key);
        if self.operator.comparison == Comparison::Null {
            let absent = match state {
                State::Known(_) => false,
                State::Absent => true,
                State::Unknown if context.some_path(&self.key).is_some() => false,
                State::Unknown => return Truth::Unknown,
            };
            return matches!(&self.values, Values::Booleans(wanted) if wanted.contains(&absent)).into();
        }
        let values = match state {
            State::Unknown => {
                return context.some_path(&self.key).map_or(Truth::Unknown, |arns| self.holds_for(arns, context));
            }
            State::Absent => return self.holds_when_absent().into(),
            State::Known(values) => values,
        };
        let mut all = Truth::True;
        let mut any = Truth::False;
        for value in values {
            let fits = self.fits(value, context);
            let fits = if self.operator.comparison.is_negated() { !fits } else { fits };
            all = all.and(fits);
            any = any.or(fits);
        }
        match self.operator.quantifier {
            Some(Quantifier::All) => all,
            // Without a quantifier a key has one value. Where it has several, a negated operator wants none to match.
            None if self.operator.comparison.is_negated() => all,
            Some(Quantifier::Any) | None => any,
        }
    }

    /// Whether the condition holds whichever of these ARNs the key has.
    fn holds_for(&self, arns: &SomePath, context: Context<'_>) -> Truth {
        let fits = match &self.values {
            Values::Texts { templates, fold } => {
                or(templates, |template| arns.fits(template.signs(context, *fold), *fold))
            }
            Values::Arns(patterns) => or(patterns, |pattern| arns.fits(pattern.signs(context), false)),
            // An ARN is none of these.
            _ => Truth::False,
        };
        if self.operator.comparison.is_negated() { !fits } else { fits }
    }

    /// What an absent key makes of the condition.
    fn holds_when_absent(&self) -> bool {
        self.operator.if_exists
            || match self.operator.quantifier {
                Some(Quantifier::All) => true,
                Some(Quantifier::Any) => false,
                None => self.operator.comparison.is_negated(),
            }
    }

    /// Whether one value of the request matches one of the policy's, before negation.
    fn fits(&self, value: &str, context: Context<'_>) -> Truth {
        use std::cmp::Ordering::{Equal, Greater, Less};
        match &self.values {
            Values::Texts { templates, fold: false } => {
                or(templates, |template| template.matches(value, context, false))
            }
            Values::Texts { templates, fold: true } => {
                let folded = value.to_lowercase();
                or(templates, |template| template.matches(&folded, context, true))
            }
            Values::Arns(patterns) => {
                let arn = Arn::new(value);
                or(patterns, |pattern| pattern.matches(&arn, context))
            }
            Values::Numbers(wanted) => compare(number(value), wanted, |value, wanted| match self.operator.comparison {
                Comparison::NumericLessThan => value < wanted,
                Comparison::NumericLessThanEquals => value <= wanted,
                Comparison::NumericGreaterThan => value > wanted,
                Comparison::NumericGreaterThanEquals => value >= wanted,
                _ => value.partial_cmp(wanted) == Some(Equal),
            }),
            Values::Dates(wanted) => compare(date(value), wanted, |value, wanted| {
                let order = value.cmp(wanted);
                match self.operator.comparison {
                    Comparison::DateLessThan => order == Less,
                    Comparison::DateLessThanEquals => order != Greater,
                    Comparison::DateGreaterThan => order == Greater,
                    Comparison::DateGreaterThanEquals => order != Less,
                    _ => order == Equal,
                }
            }),
            Values::Booleans(wanted) => compare(boolean(value), wanted, |value, wanted| value == wanted),
            Values::Binaries(wanted) => compare(binary(value), wanted, |value, wanted| value == wanted),
            Values::Blocks(blocks) => {
                compare(value.parse::<IpAddr>().ok(), blocks, |address, block| block.contains(*address))
            }
        }
    }
}

fn each<T>(values: &[Text], read: impl Fn(&str) -> Option<T>) -> Box<[T]> {
    values.iter().filter_map(|value| read(&value.value)).collect()
}

fn or<T>(values: &[T], fits: impl Fn(&T) -> Truth) -> Truth {
    let mut truth = Truth::False;
    for value in values {
        truth = truth.or(fits(value));
        if truth == Truth::True {
            break;
        }
    }
    truth
}

fn compare<V, W>(value: Option<V>, wanted: &[W], fits: impl Fn(&V, &W) -> bool) -> Truth {
    value.is_some_and(|value| wanted.iter().any(|wanted| fits(&value, wanted))).into()
}
