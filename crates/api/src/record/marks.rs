//! What stands in a secret's place: `(redacted-1f2e3d4c)`, the same for the same secret within one recording; or
//! `(redacted)`, where no two are to be told apart.

use std::hash::{BuildHasher as _, RandomState};

const MARK: &str = "(redacted";
/// `-1f2e3d4c)`
const TAIL: usize = 10;

/// How secrets are marked.
#[derive(Debug, Clone)]
pub(super) enum Marks {
    /// By a hash under a key that is thrown away: guesses cannot be checked.
    Numbered(RandomState),
    Alike,
}

impl Marks {
    pub(super) fn of(&self, secret: &str) -> String {
        match self {
            Self::Numbered(key) => format!("{MARK}-{:08x})", key.hash_one(secret) & 0xffff_ffff),
            Self::Alike => format!("{MARK})"),
        }
    }
}

pub(super) fn is_mark(text: &str) -> bool {
    mark_len(text) == Some(text.len())
}

/// How long the mark is that the text begins with.
fn mark_len(text: &str) -> Option<usize> {
    let tail = text.strip_prefix(MARK)?.as_bytes();
    if tail.first() == Some(&b')') {
        return Some(MARK.len() + 1);
    }
    let tail = tail.get(..TAIL)?;
    let (first, last) = (tail.first()?, tail.last()?);
    let digits = tail.get(1..TAIL - 1)?;
    let is_digit = |byte: &u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
    (*first == b'-' && *last == b')' && digits.iter().all(is_digit)).then_some(MARK.len() + TAIL)
}

/// The text with all marks alike.
pub(super) fn without_marks(text: &str) -> String {
    let mut alike = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(MARK) {
        let (before, from) = rest.split_at(at);
        alike.push_str(before);
        alike.push_str(MARK);
        rest = from.get(mark_len(from).unwrap_or(MARK.len())..).unwrap_or_default();
    }
    alike + rest
}
