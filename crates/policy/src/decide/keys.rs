//! Condition keys and what a request gives of them.
//!
//! AWS: "AWS global condition context keys" (names are compared without regard to case).

use std::borrow::Cow;
use std::collections::HashSet;
use std::ops::Deref;

use super::some_path::SomePath;

/// What is given of condition keys, sorted by the hashes of their names, then by their names.
#[derive(Debug, Clone, Default)]
pub(crate) struct Keys {
    entries: Vec<Entry>,
    pub(super) closed: bool,
}

#[derive(Debug, Clone)]
struct Entry {
    hash: u64,
    /// In lower case.
    name: Cow<'static, str>,
    value: Value,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Value {
    Known(Texts),
    /// What conditions on the key take for its value, one like many: as a variable it is not known.
    StandIn(Texts),
    Absent,
    Unknown,
    /// One of these ARNs.
    SomePath(Box<SomePath>),
}

/// Texts; most keys have one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Texts {
    One([Box<str>; 1]),
    /// Not one.
    Several(Box<[Box<str>]>),
}

impl Deref for Texts {
    type Target = [Box<str>];

    fn deref(&self) -> &[Box<str>] {
        match self {
            Self::One(text) => text,
            Self::Several(texts) => texts,
        }
    }
}

impl FromIterator<Box<str>> for Texts {
    fn from_iter<I: IntoIterator<Item = Box<str>>>(texts: I) -> Self {
        let texts: Vec<Box<str>> = texts.into_iter().collect();
        match <[Box<str>; 1]>::try_from(texts) {
            Ok(one) => Self::One(one),
            Err(texts) => Self::Several(texts.into()),
        }
    }
}

/// A condition key's name. AWS compares names without regard to case; messages give them as they were written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    /// Of the name in lower case.
    pub(super) hash: u64,
    pub(super) lower: Box<str>,
    pub(super) written: Box<str>,
}

impl Key {
    pub(super) fn new(written: &str) -> Self {
        let lower = written.to_ascii_lowercase();
        Self { hash: hash(&lower), lower: lower.into(), written: written.into() }
    }
}

/// The name of a key that the engine itself knows.
#[derive(Debug)]
pub(super) struct Name {
    pub(super) hash: u64,
    pub(super) lower: &'static str,
    pub(super) written: &'static str,
}

impl Name {
    /// `lower` is `written` in lower case.
    pub(super) const fn new(written: &'static str, lower: &'static str) -> Self {
        Self { hash: hash(lower), lower, written }
    }
}

/// Most comparisons of names are of different ones, and end here. Names with the same hash are told apart by themselves,
/// and searched by halves too: whoever finds many of them gains nothing.
const fn hash(name: &str) -> u64 {
    let mut rest = name.as_bytes();
    let mut hash = 0;
    while let Some((chunk, after)) = rest.split_first_chunk() {
        hash = mixed(hash, u64::from_le_bytes(*chunk));
        rest = after;
    }
    let mut last = name.len() as u64;
    while let Some((byte, after)) = rest.split_first() {
        last = (last << 8) | *byte as u64;
        rest = after;
    }
    mixed(hash, last)
}

const fn mixed(hash: u64, word: u64) -> u64 {
    (hash.rotate_left(5) ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

/// What is known of a condition key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State<'r> {
    /// At least one value.
    Known(&'r [Box<str>]),
    Absent,
    Unknown,
}

impl Value {
    pub(super) fn one(text: &str) -> Self {
        Self::Known(Texts::One([text.into()]))
    }

    /// A key without any value is absent to every operator.
    pub(super) fn of(texts: impl IntoIterator<Item = Box<str>>) -> Self {
        let texts: Texts = texts.into_iter().collect();
        if texts.is_empty() { Self::Absent } else { Self::Known(texts) }
    }

    pub(super) fn texts(&self) -> &[Box<str>] {
        match self {
            Self::Known(texts) | Self::StandIn(texts) => texts,
            Self::Absent | Self::Unknown | Self::SomePath(_) => &[],
        }
    }

    pub(super) fn state(&self) -> State<'_> {
        match self {
            Self::Known(values) | Self::StandIn(values) => State::Known(values),
            Self::Absent => State::Absent,
            Self::Unknown | Self::SomePath(_) => State::Unknown,
        }
    }

    /// Makes a single text a stand-in, unless it is one of `literals`. No text takes several.
    pub(super) fn stand_in(&mut self, literals: &HashSet<String>) {
        if let Self::Known(Texts::One([text])) = self
            && !literals.contains(&**text)
        {
            *self = Self::StandIn(Texts::One([std::mem::take(text)]));
        }
    }

    /// A stand-in taken for itself.
    pub(super) fn itself(&self) -> Self {
        match self {
            Self::StandIn(texts) => Self::Known(texts.clone()),
            other => other.clone(),
        }
    }

    /// As what a variable puts into a text.
    pub(super) fn variable(&self) -> State<'_> {
        match self {
            Self::StandIn(_) => State::Unknown,
            other => other.state(),
        }
    }
}

impl Keys {
    /// Those that are given by any case, sorted once; `room` is for so many more.
    ///
    /// # Errors
    /// A name that is there twice, in lower case.
    pub(super) fn given(given: Vec<(String, Value)>, closed: bool, room: usize) -> Result<Self, String> {
        let mut entries = Vec::with_capacity(given.len() + room);
        entries.extend(given.into_iter().map(|(mut name, value)| {
            name.make_ascii_lowercase();
            Entry { hash: hash(&name), name: name.into(), value }
        }));
        entries.sort_unstable_by(|a, b| (a.hash, &a.name).cmp(&(b.hash, &b.name)));
        let mut pairs = entries.iter().zip(entries.iter().skip(1));
        match pairs.find(|(one, other)| one.hash == other.hash && one.name == other.name) {
            Some((twice, _)) => Err(twice.name.clone().into_owned()),
            None => Ok(Self { entries, closed }),
        }
    }

    fn place(&self, hash: u64, name: &str) -> Result<usize, usize> {
        self.entries.binary_search_by(|entry| entry.hash.cmp(&hash).then_with(|| (*entry.name).cmp(name)))
    }

    /// What is given of a key, if it is named at all.
    pub(super) fn find(&self, hash: u64, name: &str) -> Option<&Value> {
        let at = self.place(hash, name).ok()?;
        self.entries.get(at).map(|entry| &entry.value)
    }

    /// The value of a key; where there is none, what `make` makes is put in.
    pub(super) fn find_or_put(&mut self, name: &'static Name, make: impl FnOnce() -> Value) -> Option<&Value> {
        match self.place(name.hash, name.lower) {
            Ok(at) => self.entries.get(at).map(|entry| &entry.value),
            Err(at) => {
                self.entries.insert(at, Entry { hash: name.hash, name: Cow::Borrowed(name.lower), value: make() });
                None
            }
        }
    }

    pub(super) fn set(&mut self, key: &Key, value: Value) {
        match self.place(key.hash, &key.lower) {
            Ok(at) => {
                if let Some(entry) = self.entries.get_mut(at) {
                    entry.value = value;
                }
            }
            Err(at) => {
                let name = Cow::Owned(key.lower.clone().into_string());
                self.entries.insert(at, Entry { hash: key.hash, name, value });
            }
        }
    }

    /// Every value that is known.
    pub(super) fn known(&self) -> impl Iterator<Item = &str> {
        self.entries.iter().flat_map(|entry| entry.value.texts()).map(|text| &**text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_the_same_hash_are_told_apart() {
        let entry = |name: &'static str| Entry { hash: 7, name: name.into(), value: Value::one(name) };
        let keys = Keys { entries: ["a", "b", "c"].map(entry).into(), closed: false };
        for name in ["a", "b", "c"] {
            assert_eq!(keys.find(7, name), Some(&Value::one(name)));
        }
        assert_eq!(keys.find(7, "d"), None);
    }

    #[test]
    fn names_differ_by_their_length_too() {
        assert_ne!(hash("aws:tag"), hash("aws:tag\0"));
        assert_ne!(hash(""), hash("\0"));
        assert_ne!(hash("12345678"), hash("12345678\0\0\0\0\0\0\0\0"));
    }

    #[test]
    fn a_name_is_given_once() {
        let given = |names: &[&str]| {
            let given = names.iter().map(|name| ((*name).to_owned(), Value::one("x"))).collect();
            Keys::given(given, false, 0).map(|keys| keys.entries.len())
        };
        assert_eq!(given(&["a", "b"]), Ok(2));
        assert_eq!(given(&["aws:SourceIp", "b", "aws:sourceip"]), Err("aws:sourceip".to_owned()));
        assert_eq!(given(&["a", "a"]), Err("a".to_owned()));
    }
}
