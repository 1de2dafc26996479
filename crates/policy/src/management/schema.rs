//! The form in which the schemas of the policy types are written down.

use std::borrow::Cow;

use super::value::Value;

/// What is known of one policy type's documents.
#[derive(Debug)]
pub(super) struct Schema {
    /// The `PolicyType`'s folder.
    pub folder: &'static str,
    /// The title of AWS's page that it follows.
    pub page: &'static str,
    pub shape: Shape,
    /// The size is limited in bytes, not in characters.
    pub bytes: bool,
    /// What AWS's pages are not known to say, if anything: told once for each document.
    pub unknown: Option<&'static str>,
}

/// What may stand at one place. Operators stand among the keys of every map: in a setting they carry its value, above it
/// only `@@operators_allowed_for_child_policies` has a meaning.
#[derive(Debug)]
pub(super) enum Shape {
    /// A map with these keys.
    Block(&'static [Field], Rest),
    /// A map whose keys its author chooses.
    Named(Names),
    /// A setting with one value.
    One(Value),
    /// A setting with a list, of so many values at most.
    Many(Value, usize),
    /// Not published, or not known here: only operators are checked.
    Unknown,
}

#[derive(Debug)]
pub(super) struct Field {
    pub name: &'static str,
    pub need: Need,
    pub shape: Shape,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Need {
    Optional,
    /// Each policy must say it.
    InPolicy,
    /// The effective policy must say it; one policy of the path suffices.
    InEffective,
}

/// Whether a block can have keys that its schema does not name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Rest {
    /// AWS's page lists all.
    Closed,
    /// AWS's page may list more: an unknown key is a warning only.
    Open,
}

#[derive(Debug)]
pub(super) struct Names {
    /// What such a key is, with its article: `a Region`.
    pub what: &'static str,
    pub name: Name,
    pub most: usize,
    /// AWS takes them without regard to case and gives them in lower case in the effective policy.
    pub folded: bool,
    pub each: &'static Shape,
}

#[derive(Debug, Clone, Copy)]
pub(super) enum Name {
    Any,
    Region,
    /// `default`, or a Region.
    RegionOrDefault,
    /// One of these.
    OneOf(&'static [&'static str]),
    /// These are known; AWS adds more.
    Known(&'static [&'static str]),
}

pub(super) const ANY_NUMBER: usize = usize::MAX;

pub(super) const fn optional(name: &'static str, shape: Shape) -> Field {
    Field { name, need: Need::Optional, shape }
}

pub(super) const fn in_policy(name: &'static str, shape: Shape) -> Field {
    Field { name, need: Need::InPolicy, shape }
}

pub(super) const fn in_effective(name: &'static str, shape: Shape) -> Field {
    Field { name, need: Need::InEffective, shape }
}

pub(super) const fn named(what: &'static str, name: Name, each: &'static Shape) -> Shape {
    Shape::Named(Names { what, name, most: ANY_NUMBER, folded: false, each })
}

/// Names that AWS gives in lower case.
pub(super) const fn folded(what: &'static str, each: &'static Shape) -> Shape {
    Shape::Named(Names { what, name: Name::Any, most: ANY_NUMBER, folded: true, each })
}

pub(super) const fn at_most(most: usize, what: &'static str, each: &'static Shape) -> Shape {
    Shape::Named(Names { what, name: Name::Any, most, folded: false, each })
}

pub(super) const fn list(value: Value) -> Shape {
    Shape::Many(value, ANY_NUMBER)
}

impl Shape {
    fn field(&self, name: &str) -> Option<&'static Field> {
        match self {
            Self::Block(fields, _) => fields.iter().find(|field| field.name == name),
            _ => None,
        }
    }

    /// What stands under a key.
    pub fn below(&self, name: &str) -> &'static Shape {
        match self {
            Self::Named(names) => names.each,
            _ => self.field(name).map_or(&Self::Unknown, |field| &field.shape),
        }
    }

    pub fn need(&self, name: &str) -> Need {
        self.field(name).map_or(Need::Optional, |field| field.need)
    }

    /// A key as AWS gives it in the effective policy.
    pub fn canonical<'n>(&self, name: &'n str) -> Cow<'n, str> {
        match self {
            Self::Named(Names { folded: true, .. }) => Cow::Owned(name.to_lowercase()),
            _ => Cow::Borrowed(name),
        }
    }

    pub const fn is_setting(&self) -> bool {
        matches!(self, Self::One(_) | Self::Many(..))
    }
}
