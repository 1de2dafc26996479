//! Patterns with wildcards: `*` is any run of characters, also none and also across lines, `?` any one character.
//!
//! AWS: "IAM JSON policy elements: Resource" (wildcards), "IAM JSON policy elements: Condition operators" (`StringLike`).

mod confined;
mod holes;

use confined::Confined;
use holes::Holes;

/// One sign of a pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Sign {
    One(char),
    /// `?`
    AnyOne,
    /// `*`
    AnyRun,
    /// `?` that is no colon.
    OneWithin,
    /// `*` that stops at a colon.
    RunWithin,
}

impl Sign {
    /// The same sign, if it stands for no colon.
    pub(crate) const fn within(self) -> Self {
        match self {
            Self::AnyOne => Self::OneWithin,
            Self::AnyRun => Self::RunWithin,
            other => other,
        }
    }
}

/// The signs of a text in which `*` and `?` are wildcards.
pub fn signs(text: &str) -> impl Iterator<Item = Sign> + '_ {
    text.chars().map(|character| match character {
        '*' => Sign::AnyRun,
        '?' => Sign::AnyOne,
        other => Sign::One(other),
    })
}

/// The signs of a value of `Resource`, without regard to variables: in the first five parts of an ARN a wildcard stops at
/// a colon, unless it is a `*` that ends its part.
///
/// AWS: "IAM JSON policy elements: Resource".
pub(crate) fn resource_signs(text: &str) -> Vec<Sign> {
    let mut signs: Vec<Sign> = signs(text).collect();
    confine(&mut signs, |sign| Some(sign));
    signs
}

/// Confines what stops at a colon in a value of `Resource`. `sign` is None for what is no sign of a text.
pub(crate) fn confine<T>(parts: &mut [T], sign: impl Fn(&mut T) -> Option<&mut Sign>) {
    let mut colons = 0;
    let mut ends = true;
    // From the end, what follows is known; the colons before are what is left of all.
    let all = parts.iter_mut().filter_map(&sign).filter(|sign| **sign == Sign::One(':')).count();
    for part in parts.iter_mut().rev() {
        let Some(sign) = sign(part) else {
            ends = false;
            continue;
        };
        let colon = *sign == Sign::One(':');
        colons += usize::from(colon);
        if all - colons < 5 && !(ends && *sign == Sign::AnyRun) {
            *sign = sign.within();
        }
        ends = colon;
    }
}

/// Whether `text` fits `pattern`.
pub fn glob(pattern: &str, text: &str) -> bool {
    Pattern::new(signs(pattern)).matches(text)
}

/// A pattern made ready: what stands between its `*`.
///
/// Matching takes time in proportion to the text: a search for each piece, each where the one before ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pattern {
    kind: Kind,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Kind {
    /// No `*`.
    Whole(Piece),
    /// Before the first `*`, between, after the last.
    Pieces { first: Piece, between: Box<[Piece]>, last: Piece },
    /// With wildcards that stop at a colon.
    Confined(Confined),
}

impl Pattern {
    pub fn new(signs: impl IntoIterator<Item = Sign>) -> Self {
        let signs: Vec<Sign> = signs.into_iter().collect();
        if signs.iter().any(|sign| matches!(sign, Sign::OneWithin | Sign::RunWithin)) {
            return Self { kind: Kind::Confined(Confined::new(signs)) };
        }
        let mut pieces = vec![PieceBuilder::default()];
        for sign in signs {
            match (sign, pieces.last_mut()) {
                (Sign::AnyRun, _) => pieces.push(PieceBuilder::default()),
                (Sign::AnyOne, Some(piece)) => piece.push(None),
                (Sign::One(character), Some(piece)) => piece.push(Some(character)),
                (Sign::OneWithin | Sign::RunWithin, _) | (_, None) => {}
            }
        }
        let mut pieces = pieces.into_iter().map(PieceBuilder::finish);
        let first = pieces.next().unwrap_or_default();
        let mut rest: Vec<Piece> = pieces.collect();
        let kind = match rest.pop() {
            None => Kind::Whole(first),
            Some(last) => {
                rest.retain(|piece| !piece.is_empty());
                Kind::Pieces { first, between: rest.into(), last }
            }
        };
        Self { kind }
    }

    /// It fits every text: `*`.
    pub fn is_any(&self) -> bool {
        matches!(&self.kind, Kind::Pieces { first, between, last }
            if first.is_empty() && between.is_empty() && last.is_empty())
    }

    /// Its signs; several `*` in a row are one.
    pub fn signs(&self) -> Box<dyn Iterator<Item = Sign> + '_> {
        match &self.kind {
            Kind::Whole(piece) => piece.signs(),
            Kind::Pieces { first, between, last } => {
                let middle = between.iter().flat_map(|piece| std::iter::once(Sign::AnyRun).chain(piece.signs()));
                Box::new(first.signs().chain(middle).chain(std::iter::once(Sign::AnyRun)).chain(last.signs()))
            }
            Kind::Confined(confined) => Box::new(confined.signs()),
        }
    }

    /// The one text that fits, where the pattern has no wildcard.
    pub fn literal(&self) -> Option<&str> {
        match &self.kind {
            Kind::Whole(Piece::Text(text)) => Some(text),
            _ => None,
        }
    }

    pub fn matches(&self, text: &str) -> bool {
        match &self.kind {
            Kind::Whole(Piece::Text(piece)) => **piece == *text,
            Kind::Whole(piece) => piece.strip_from_start(text) == Some(""),
            Kind::Pieces { first, between, last } => {
                let Some(rest) = first.strip_from_start(text) else { return false };
                let Some(mut rest) = last.strip_from_end(rest) else { return false };
                // The leftmost place of each piece leaves the most room for those that follow.
                for piece in between {
                    let Some(after) = piece.find(rest) else { return false };
                    rest = after;
                }
                true
            }
            Kind::Confined(confined) => confined.matches(text),
        }
    }
}

/// A run of signs without `*`.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    Text(Box<str>),
    /// With `?`.
    Holes(Holes),
}

impl Default for Piece {
    fn default() -> Self {
        Self::Text(Box::default())
    }
}

impl Piece {
    fn is_empty(&self) -> bool {
        matches!(self, Self::Text(text) if text.is_empty())
    }

    fn signs(&self) -> Box<dyn Iterator<Item = Sign> + '_> {
        match self {
            Self::Text(text) => Box::new(text.chars().map(Sign::One)),
            Self::Holes(holes) => Box::new(holes.signs().map(|hole| hole.map_or(Sign::AnyOne, Sign::One))),
        }
    }

    /// What follows the piece at the start of `text`.
    fn strip_from_start<'t>(&self, text: &'t str) -> Option<&'t str> {
        match self {
            Self::Text(piece) => text.strip_prefix(&**piece),
            Self::Holes(holes) => {
                let mut characters = text.chars();
                let fits = holes.signs().all(|wanted| fits(wanted, characters.next()));
                fits.then_some(characters.as_str())
            }
        }
    }

    /// What precedes the piece at the end of `text`.
    fn strip_from_end<'t>(&self, text: &'t str) -> Option<&'t str> {
        match self {
            Self::Text(piece) => text.strip_suffix(&**piece),
            Self::Holes(holes) => {
                let mut characters = text.chars();
                let fits = holes.signs().rev().all(|wanted| fits(wanted, characters.next_back()));
                fits.then_some(characters.as_str())
            }
        }
    }

    /// What follows the leftmost place of the piece in `text`.
    fn find<'t>(&self, text: &'t str) -> Option<&'t str> {
        match self {
            Self::Text(piece) => text.split_once(&**piece).map(|(_, after)| after),
            Self::Holes(holes) => holes.find(text),
        }
    }
}

/// Whether a character is there, and is the one that is wanted, if one is.
fn fits(wanted: Option<char>, there: Option<char>) -> bool {
    there.is_some() && (wanted.is_none() || wanted == there)
}

#[derive(Default)]
struct PieceBuilder {
    signs: Vec<Option<char>>,
}

impl PieceBuilder {
    fn push(&mut self, sign: Option<char>) {
        self.signs.push(sign);
    }

    fn finish(self) -> Piece {
        match self.signs.iter().copied().collect::<Option<String>>() {
            Some(text) => Piece::Text(text.into()),
            None => Piece::Holes(Holes::new(self.signs)),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The meaning, as plainly as it can be said.
    fn plainly(pattern: &[char], text: &[char]) -> bool {
        match pattern.split_first() {
            None => text.is_empty(),
            Some(('*', rest)) => (0..=text.len()).any(|skipped| plainly(rest, &text[skipped..])),
            Some((sign, rest)) => {
                text.split_first().is_some_and(|(there, after)| (*sign == '?' || sign == there) && plainly(rest, after))
            }
        }
    }

    #[test]
    fn wildcards_fit() {
        let check = |pattern: &str, text: &str, fits: bool| assert_eq!(glob(pattern, text), fits, "{pattern} {text}");
        check("", "", true);
        check("*", "", true);
        check("**", "a\nb", true);
        check("?", "é", true);
        check("?", "", false);
        check("s3:Get*", "s3:GetObject", true);
        check("a*a", "a", false);
        check("*ab*", "aab", true);
        check("*a?c", "abcabc", true);
    }

    proptest! {
        #[test]
        fn patterns_mean_what_they_say(pattern in "[ab*?é]{0,7}", text in "[abé\n]{0,8}") {
            let signs: Vec<char> = pattern.chars().collect();
            let characters: Vec<char> = text.chars().collect();
            prop_assert_eq!(glob(&pattern, &text), plainly(&signs, &characters));
        }
    }

    #[test]
    fn hostile_patterns_end() {
        let text = "a".repeat(1 << 20);
        assert!(!glob(&"*a".repeat(1 << 12).replace("aa", "ab"), &format!("{text}b*")[..1 << 20].replace('a', "c")));
        assert!(glob(&"*a".repeat(1 << 12), &text));
        assert!(!glob(&format!("{}b*", "*a".repeat(1 << 12)), &text));
    }
}
