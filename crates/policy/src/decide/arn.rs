//! ARN patterns. Conditions match each of the six parts on its own, so that a `*` in the Region never reaches into the
//! account; the last part keeps its colons, and a `*` in it spans them. In a `Resource` element a `*` that ends a part
//! reaches over the colons that follow it.
//!
//! AWS: "Identify AWS resources with Amazon Resource Names (ARNs)", "IAM JSON policy elements: Resource" ("if the `*`
//! wildcard is the last character of a resource ARN segment, it can expand to match beyond the colon boundaries"), "ARN
//! condition operators".

use super::request::{Context, Key};
use super::text::{Signs, Template};
use super::truth::Truth;
use crate::language::Version;
use crate::pattern::Sign;

/// A pattern of a `Resource` or `NotResource` element.
#[derive(Debug, Clone)]
pub enum ResourcePattern {
    /// `*`
    Any,
    Arns(Template),
}

impl ResourcePattern {
    pub fn new(text: &str, version: Version) -> Self {
        if is_any(text) { Self::Any } else { Self::Arns(Template::resource(text, version)) }
    }

    pub fn matches(&self, arn: &Arn<'_>, context: Context<'_>) -> Truth {
        match (self, arn) {
            (Self::Any, _) => Truth::True,
            (Self::Arns(template), Arn::Parts { text, .. }) => template.matches(text, context, false),
            (Self::Arns(_), Arn::Other) => Truth::False,
        }
    }

    /// Its signs, with the variables put in. What fits them and is no ARN is no resource.
    pub(super) fn signs(&self, context: Context<'_>) -> Signs {
        match self {
            Self::Any => Signs::Known(vec![Sign::AnyRun]),
            Self::Arns(template) => template.signs(context, false),
        }
    }

    /// The keys of its variables.
    pub fn keys(&self) -> impl Iterator<Item = &Key> {
        let template = match self {
            Self::Any => None,
            Self::Arns(template) => Some(template),
        };
        template.into_iter().flat_map(Template::keys)
    }
}

fn is_any(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte == b'*')
}

/// A pattern of an ARN condition.
#[derive(Debug, Clone)]
pub enum ArnPattern {
    /// `*`
    Any,
    Parts(Box<[Template; 6]>),
    /// Fewer than six parts: no ARN fits.
    Never,
}

impl ArnPattern {
    pub fn new(text: &str, version: Version) -> Self {
        if is_any(text) {
            return Self::Any;
        }
        match Template::arn(text, version).try_into() {
            Ok(parts) => Self::Parts(Box::new(parts)),
            Err(_) => Self::Never,
        }
    }

    pub fn matches(&self, arn: &Arn<'_>, context: Context<'_>) -> Truth {
        match (self, arn) {
            (Self::Any, _) => Truth::True,
            (Self::Parts(patterns), Arn::Parts { parts, .. }) => {
                let mut truth = Truth::True;
                // From the end: what tells ARNs apart stands there.
                for (pattern, part) in patterns.iter().zip(parts).rev() {
                    truth = truth.and(pattern.matches(part, context, false));
                    if truth == Truth::False {
                        break;
                    }
                }
                truth
            }
            (Self::Never, _) | (_, Arn::Other) => Truth::False,
        }
    }

    /// Its signs, with the variables put in.
    pub(super) fn signs(&self, context: Context<'_>) -> Signs {
        let parts = match self {
            Self::Any => return Signs::Known(vec![Sign::AnyRun]),
            Self::Never => return Signs::Nothing,
            Self::Parts(parts) => parts,
        };
        let mut signs = Vec::new();
        let mut unknown = false;
        for (at, part) in parts.iter().enumerate() {
            if at > 0 {
                signs.push(Sign::One(':'));
            }
            match part.signs_within(context, false, at == 5) {
                Signs::Known(more) => signs.extend(more),
                Signs::Unknown(more) => {
                    unknown = true;
                    signs.extend(more);
                }
                none @ (Signs::Nothing | Signs::TooLong) => return none,
            }
        }
        if unknown { Signs::Unknown(signs) } else { Signs::Known(signs) }
    }

    /// The keys of its variables.
    pub fn keys(&self) -> impl Iterator<Item = &Key> {
        let parts = match self {
            Self::Parts(parts) => &parts[..],
            _ => &[],
        };
        parts.iter().flat_map(Template::keys)
    }
}

/// A text taken apart as an ARN.
#[derive(Debug, Clone, Copy)]
pub enum Arn<'t> {
    Parts {
        text: &'t str,
        parts: [&'t str; 6],
    },
    /// Not an ARN: `*`, or anything else.
    Other,
}

impl<'t> Arn<'t> {
    pub fn new(text: &'t str) -> Self {
        if !text.starts_with("arn:") {
            return Self::Other;
        }
        let mut parts = [""; 6];
        let mut rest = text;
        for part in parts.iter_mut().take(5) {
            let Some(at) = rest.bytes().position(|byte| byte == b':') else { return Self::Other };
            let Some((head, tail)) = rest.split_at_checked(at) else { return Self::Other };
            *part = head;
            rest = tail.get(1..).unwrap_or_default();
        }
        parts[5] = rest;
        Self::Parts { text, parts }
    }

    /// The account id, where the ARN has one.
    pub fn account(&self) -> Option<&'t str> {
        match self {
            Self::Parts { parts: [_, _, _, _, account, _], .. } if !account.is_empty() => Some(account),
            _ => None,
        }
    }

    pub fn service(&self) -> Option<&'t str> {
        match self {
            Self::Parts { parts: [_, _, service, ..], .. } => Some(service),
            Self::Other => None,
        }
    }

    /// The sixth part.
    pub fn resource(&self) -> Option<&'t str> {
        match self {
            Self::Parts { parts: [.., resource], .. } => Some(resource),
            Self::Other => None,
        }
    }
}
