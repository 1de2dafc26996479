//! Condition keys and what a request gives of them.
//!
//! AWS: "AWS global condition context keys" (names are compared without regard to case).

use std::borrow::Cow;
use std::cmp::Ordering;
use std::collections::HashSet;
use std::ops::Deref;

use super::some_path::SomePath;

/// What is given of condition keys, sorted by the hashes of their names, then by their names. Texts of a request that is
/// read from a line are the line's own.
#[derive(Debug, Clone, Default)]
pub(crate) struct Keys<'t> {
    entries: Vec<Entry<'t>>,
    pub(super) closed: bool,
}

#[derive(Debug, Clone)]
struct Entry<'t> {
    /// Of the name in lower case.
    hash: u64,
    /// In any case.
    name: Cow<'t, str>,
    value: Value<'t>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Value<'t> {
    Known(Texts<'t>),
    /// What conditions on the key take for its value, one like many: as a variable it is not known.
    StandIn(Texts<'t>),
    Absent,
    Unknown,
    /// One of these ARNs.
    SomePath(Box<SomePath>),
}

/// Texts; most keys have one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Texts<'t> {
    One([Cow<'t, str>; 1]),
    /// Not one.
    Several(Box<[Cow<'t, str>]>),
}

impl Texts<'_> {
    fn borrowed(&self) -> Texts<'_> {
        match self {
            Self::One([text]) => Texts::One([Cow::Borrowed(text)]),
            Self::Several(texts) => Texts::Several(texts.iter().map(|text| Cow::Borrowed(&**text)).collect()),
        }
    }
}

impl<'t> Deref for Texts<'t> {
    type Target = [Cow<'t, str>];

    fn deref(&self) -> &[Cow<'t, str>] {
        match self {
            Self::One(text) => text,
            Self::Several(texts) => texts,
        }
    }
}

impl<'t> FromIterator<Cow<'t, str>> for Texts<'t> {
    fn from_iter<I: IntoIterator<Item = Cow<'t, str>>>(texts: I) -> Self {
        let texts: Vec<Cow<'t, str>> = texts.into_iter().collect();
        match <[Cow<'t, str>; 1]>::try_from(texts) {
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
        Self { hash: hash(written), lower: written.to_ascii_lowercase().into(), written: written.into() }
    }
}

/// The name of a key that the engine itself knows.
#[derive(Debug)]
pub(super) struct Name {
    pub(super) hash: u64,
    pub(super) written: &'static str,
}

impl Name {
    pub(super) const fn new(written: &'static str) -> Self {
        Self { hash: hash(written), written }
    }
}

/// Of a name in lower case. Most comparisons of names are of different ones, and end here. Names with the same hash are told
/// apart by themselves, and searched by halves too: whoever finds many of them gains nothing.
const fn hash(name: &str) -> u64 {
    let mut rest = name.as_bytes();
    let mut hash = 0;
    while let Some((chunk, after)) = rest.split_first_chunk::<8>() {
        let mut chunk = *chunk;
        chunk.make_ascii_lowercase();
        hash = mixed(hash, u64::from_le_bytes(chunk));
        rest = after;
    }
    // The end of a long name with what stands before it, in one step.
    let mut last = [0; 8];
    if let Some(end) = name.as_bytes().last_chunk() {
        last = *end;
    } else {
        let mut at = 0;
        while let Some((byte, after)) = rest.split_first() {
            last[at] = *byte;
            rest = after;
            at += 1;
        }
    }
    last.make_ascii_lowercase();
    mixed(mixed(hash, u64::from_le_bytes(last)), name.len() as u64)
}

/// The order of names, whatever their case. Most of the same hash are written alike.
fn order(one: &str, other: &str) -> Ordering {
    if one == other {
        return Ordering::Equal;
    }
    one.bytes().map(|byte| byte.to_ascii_lowercase()).cmp(other.bytes().map(|byte| byte.to_ascii_lowercase()))
}

const fn mixed(hash: u64, word: u64) -> u64 {
    (hash.rotate_left(5) ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

/// What is known of a condition key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State<'r> {
    /// At least one value.
    Known(&'r [Cow<'r, str>]),
    Absent,
    Unknown,
}

impl<'t> Value<'t> {
    pub(super) fn one(text: impl Into<Cow<'t, str>>) -> Self {
        Self::Known(Texts::One([text.into()]))
    }

    /// A key without any value is absent to every operator.
    pub(super) fn of(texts: impl IntoIterator<Item = Cow<'t, str>>) -> Self {
        let texts: Texts<'t> = texts.into_iter().collect();
        if texts.is_empty() { Self::Absent } else { Self::Known(texts) }
    }

    pub(super) fn texts(&self) -> &[Cow<'t, str>] {
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

    /// The same without its own texts.
    pub(super) fn borrowed(&self) -> Value<'_> {
        match self {
            Self::Known(texts) => Value::Known(texts.borrowed()),
            Self::StandIn(texts) => Value::StandIn(texts.borrowed()),
            other => other.clone(),
        }
    }

    /// A stand-in taken for itself.
    pub(super) fn itself(&self) -> Value<'_> {
        match self {
            Self::StandIn(texts) => Value::Known(texts.borrowed()),
            other => other.borrowed(),
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

impl<'t> Keys<'t> {
    /// Those that are given by any case, sorted once; `room` is for so many more.
    ///
    /// # Errors
    /// A name that is there twice, in lower case.
    pub(super) fn given(given: Vec<(Cow<'t, str>, Value<'t>)>, closed: bool, room: usize) -> Result<Self, String> {
        let mut entries = Vec::with_capacity(given.len() + room);
        entries.extend(given.into_iter().map(|(name, value)| Entry { hash: hash(&name), name, value }));
        entries.sort_unstable_by(|a, b| a.hash.cmp(&b.hash).then_with(|| order(&a.name, &b.name)));
        let mut pairs = entries.iter().zip(entries.iter().skip(1));
        match pairs.find(|(one, other)| one.hash == other.hash && order(&one.name, &other.name).is_eq()) {
            Some((twice, _)) => Err(twice.name.to_ascii_lowercase()),
            None => Ok(Self { entries, closed }),
        }
    }

    fn place(&self, hash: u64, name: &str) -> Result<usize, usize> {
        self.entries.binary_search_by(|entry| entry.hash.cmp(&hash).then_with(|| order(&entry.name, name)))
    }

    /// What is given of a key, if it is named at all.
    pub(super) fn find(&self, hash: u64, name: &str) -> Option<&Value<'t>> {
        let at = self.place(hash, name).ok()?;
        self.entries.get(at).map(|entry| &entry.value)
    }

    /// The value of a key; where there is none, what `make` makes is put in.
    pub(super) fn find_or_put(&mut self, name: &'static Name, make: impl FnOnce() -> Value<'t>) -> Option<&Value<'t>> {
        match self.place(name.hash, name.written) {
            Ok(at) => self.entries.get(at).map(|entry| &entry.value),
            Err(at) => {
                self.entries.insert(at, Entry { hash: name.hash, name: Cow::Borrowed(name.written), value: make() });
                None
            }
        }
    }

    pub(super) fn set(&mut self, key: &Key, value: Value<'t>) {
        match self.place(key.hash, &key.written) {
            Ok(at) => {
                if let Some(entry) = self.entries.get_mut(at) {
                    entry.value = value;
                }
            }
            Err(at) => {
                let name = Cow::Owned(key.written.clone().into_string());
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
    fn names_are_the_same_in_any_case() {
        for (one, other) in [("aws:PrincipalTag/Team", "AWS:principaltag/team"), ("É", "É")] {
            assert_eq!((hash(one), order(one, other)), (hash(other), Ordering::Equal));
        }
        assert_eq!(order("aws:b", "AWS:C"), Ordering::Less);
        assert_ne!(order("é", "É"), Ordering::Equal);
    }

    #[test]
    fn a_name_is_given_once() {
        let given = |names: &[&str]| {
            let given = names.iter().map(|name| (Cow::from(*name), Value::one("x"))).collect();
            Keys::given(given, false, 0).map(|keys| keys.entries.len())
        };
        assert_eq!(given(&["a", "b"]), Ok(2));
        assert_eq!(given(&["aws:SourceIp", "b", "aws:sourceip"]), Err("aws:sourceip".to_owned()));
        assert_eq!(given(&["a", "a"]), Err("a".to_owned()));
    }
}
