//! Texts of a policy in which policy variables may stand: `${aws:username}`, `${aws:PrincipalTag/team, 'none'}`, and the
//! signs `${*}`, `${?}`, `${$}` that stand for themselves.
//!
//! AWS: "IAM policy elements: Variables and tags". Variables are of version 2012-10-17; under 2008-10-17 `${…}` is plain
//! text. A variable whose key is absent, without a default, makes the text match nothing.

use super::request::{Context, Key, State};
use super::truth::Truth;
use crate::language::Version;
use crate::pattern::{Pattern, Sign, confine, signs};

/// A pattern with its variables put in that is longer than this is not taken apart into its signs.
const MOST_SIGNS: usize = 4_096;

/// A text made ready for matching.
#[derive(Debug, Clone)]
pub enum Template {
    /// Without variables.
    Plain(Pattern),
    Variables(Box<[Part]>),
}

#[derive(Debug, Clone)]
pub enum Part {
    Sign(Sign),
    Variable { key: Key, default: Option<Box<str>> },
}

impl Template {
    /// `wild`: `*` and `?` are wildcards.
    pub fn new(text: &str, version: Version, wild: bool) -> Self {
        let plain = |text: &str| -> Vec<Sign> {
            if wild { signs(text).collect() } else { text.chars().map(Sign::One).collect() }
        };
        if version == Version::V2008 || !text.contains("${") {
            return Self::Plain(Pattern::new(plain(text)));
        }
        Self::of(parts(text, plain))
    }

    /// A template for ARNs of a `Resource` element: in the first five parts a wildcard stops at a colon, unless it is a `*`
    /// that ends its part.
    pub fn resource(text: &str, version: Version) -> Self {
        let mut all = whole(text, version);
        confine(&mut all, |part| match part {
            Part::Sign(sign) => Some(sign),
            Part::Variable { .. } => None,
        });
        Self::of(all)
    }

    /// Six templates, one for each part of an ARN; fewer where the text has fewer.
    pub fn arn(text: &str, version: Version) -> Vec<Self> {
        let mut segments = vec![Vec::new()];
        for part in whole(text, version) {
            let count = segments.len();
            match (&part, segments.last_mut()) {
                (Part::Sign(Sign::One(':')), _) if count < 6 => segments.push(Vec::new()),
                (_, Some(segment)) => segment.push(part),
                (_, None) => {}
            }
        }
        segments.into_iter().map(Self::of).collect()
    }

    fn of(parts: Vec<Part>) -> Self {
        let signs: Option<Vec<Sign>> = parts
            .iter()
            .map(|part| match part {
                Part::Sign(sign) => Some(*sign),
                Part::Variable { .. } => None,
            })
            .collect();
        match signs {
            Some(signs) => Self::Plain(Pattern::new(signs)),
            None => Self::Variables(parts.into()),
        }
    }

    /// Its signs, with the variables put in. `fold` as in [`Self::matches`].
    pub(super) fn signs(&self, context: Context<'_>, fold: bool) -> Signs {
        self.signs_within(context, fold, true)
    }

    /// `colon`: wildcards span colons.
    pub(super) fn signs_within(&self, context: Context<'_>, fold: bool, colon: bool) -> Signs {
        let sign = |sign: Sign| if colon { sign } else { sign.within() };
        let signs = |pattern: &Pattern| pattern.signs().map(sign).collect();
        match self {
            Self::Plain(pattern) => Signs::Known(signs(pattern)),
            Self::Variables(parts) => match fill(parts, context, fold, MOST_SIGNS) {
                Filled::Pattern(pattern) => Signs::Known(signs(&pattern)),
                Filled::Unknown(pattern) => Signs::Unknown(signs(&pattern)),
                Filled::Nothing => Signs::Nothing,
                Filled::TooLong => Signs::TooLong,
            },
        }
    }

    /// The keys of its variables.
    pub fn keys(&self) -> impl Iterator<Item = &Key> {
        let parts = match self {
            Self::Plain(_) => &[][..],
            Self::Variables(parts) => parts,
        };
        parts.iter().filter_map(|part| match part {
            Part::Variable { key, .. } => Some(key),
            Part::Sign(_) => None,
        })
    }

    /// Whether `text` fits, with the variables put in: what comes out of a request is never a wildcard. With `fold`, the
    /// template and `text` are in lower case.
    pub fn matches(&self, text: &str, context: Context<'_>, fold: bool) -> Truth {
        match self {
            Self::Plain(pattern) => pattern.matches(text).into(),
            Self::Variables(parts) => match fill(parts, context, fold, text.len()) {
                Filled::Pattern(pattern) => pattern.matches(text).into(),
                Filled::Nothing | Filled::TooLong => Truth::False,
                // What does not fit whatever the variable is does not fit.
                Filled::Unknown(pattern) if !pattern.matches(text) => Truth::False,
                Filled::Unknown(_) => Truth::Unknown,
            },
        }
    }
}

/// The signs of a text with its variables put in.
#[derive(Debug)]
pub(super) enum Signs {
    Known(Vec<Sign>),
    /// A variable's value is not known; here it is `*`.
    Unknown(Vec<Sign>),
    /// Nothing matches.
    Nothing,
    TooLong,
}

impl Signs {
    /// Where every variable is known and there.
    pub(super) fn known(self) -> Option<Vec<Sign>> {
        match self {
            Self::Known(signs) => Some(signs),
            Self::Unknown(_) | Self::Nothing | Self::TooLong => None,
        }
    }

    /// With `*` for variables that are not known, and whether there is none.
    pub(super) fn widest(self) -> Option<(Vec<Sign>, bool)> {
        match self {
            Self::Known(signs) => Some((signs, true)),
            Self::Unknown(signs) => Some((signs, false)),
            Self::Nothing | Self::TooLong => None,
        }
    }
}

/// Parts with their variables put in.
enum Filled {
    Pattern(Pattern),
    /// A variable is absent: nothing matches.
    Nothing,
    /// No text that is to be matched is so long.
    TooLong,
    /// A variable's value is not known; here it is `*`.
    Unknown(Pattern),
}

/// `most`: characters that the text has at most. A value that many variables repeat is not put in without end.
fn fill(parts: &[Part], context: Context<'_>, fold: bool, most: usize) -> Filled {
    let mut signs = Vec::with_capacity(parts.len());
    let mut left = most;
    let mut put = |signs: &mut Vec<Sign>, value: &str| {
        let Some(after) = left.checked_sub(value.chars().count()) else { return false };
        left = after;
        if fold {
            signs.extend(value.to_lowercase().chars().map(Sign::One));
        } else {
            signs.extend(value.chars().map(Sign::One));
        }
        true
    };
    let mut unknown = false;
    for part in parts {
        match part {
            Part::Sign(sign) => signs.push(*sign),
            Part::Variable { key, default } => {
                let value: &str = match (context.variable(key), default) {
                    (State::Known([value]), _) => value,
                    (State::Absent, Some(default)) => default,
                    (State::Unknown, _) => {
                        unknown = true;
                        signs.push(Sign::AnyRun);
                        continue;
                    }
                    // AWS: a multivalued key cannot be a variable.
                    (State::Known(_) | State::Absent, _) => return Filled::Nothing,
                };
                if !put(&mut signs, value) {
                    return Filled::TooLong;
                }
            }
        }
    }
    let pattern = Pattern::new(signs);
    if unknown { Filled::Unknown(pattern) } else { Filled::Pattern(pattern) }
}

/// The parts of a text in which wildcards may stand.
fn whole(text: &str, version: Version) -> Vec<Part> {
    let plain = |text: &str| -> Vec<Sign> { signs(text).collect() };
    match version {
        Version::V2008 => plain(text).into_iter().map(Part::Sign).collect(),
        Version::V2012 => parts(text, plain),
    }
}

fn parts(text: &str, plain: impl Fn(&str) -> Vec<Sign>) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${") {
        parts.extend(plain(before).into_iter().map(Part::Sign));
        let Some((inside, after)) = after.split_once('}') else {
            // Nothing closes what follows either.
            parts.extend(plain("${").into_iter().chain(plain(after)).map(Part::Sign));
            return parts;
        };
        parts.push(variable(inside));
        rest = after;
    }
    parts.extend(plain(rest).into_iter().map(Part::Sign));
    parts
}

fn variable(inside: &str) -> Part {
    match inside {
        "*" | "?" | "$" => Part::Sign(Sign::One(inside.chars().next().unwrap_or('$'))),
        _ => {
            let (key, default) = match inside.split_once(',') {
                Some((key, default)) => {
                    (key, default.trim().strip_prefix('\'').and_then(|text| text.strip_suffix('\'')))
                }
                None => (inside, None),
            };
            Part::Variable { key: Key::new(key.trim()), default: default.map(Into::into) }
        }
    }
}
