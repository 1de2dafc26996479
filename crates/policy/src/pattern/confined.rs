//! Patterns in which some wildcards stop at a colon, matched in one pass over the text, however much the pattern repeats
//! itself.
//!
//! Bit-parallel: a bit for each place in the pattern says whether the text so far leads there, 64 places in one step. A `*`
//! is no place of its own: its place keeps its bit.

use super::Sign;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Confined {
    signs: Box<[Sign]>,
    /// The place where the pattern ends.
    end: usize,
    /// Places that any character leads on from, or any but a colon.
    on: Steps,
    /// Places that any character leaves where they are, or any but a colon.
    stays: Steps,
    /// Sorted: a character, a word, and in it the places that the character leads on from.
    literals: Box<[(char, usize, u64)]>,
}

/// A word for 64 places: those that take any character, and those that take any but a colon.
type Steps = Box<[(u64, u64)]>;

const WORD: usize = 64;
/// Words that want no memory of their own.
const FEW: usize = 4;

impl Confined {
    pub(super) fn new(signs: Vec<Sign>) -> Self {
        let words = signs.len() / WORD + 1;
        let mut on = vec![(0, 0); words];
        let mut stays = vec![(0, 0); words];
        let mut literals: Vec<(char, usize, u64)> = Vec::new();
        let mut end = 0;
        for sign in &signs {
            let (word, bit) = (end / WORD, 1_u64 << (end % WORD));
            let steps = if matches!(sign, Sign::AnyRun | Sign::RunWithin) { &mut stays } else { &mut on };
            if let Some((any, within)) = steps.get_mut(word) {
                match sign {
                    Sign::AnyOne | Sign::AnyRun => *any |= bit,
                    Sign::OneWithin | Sign::RunWithin => *within |= bit,
                    Sign::One(character) => literals.push((*character, word, bit)),
                }
            }
            end += usize::from(!matches!(sign, Sign::AnyRun | Sign::RunWithin));
        }
        literals.sort_unstable();
        Self { signs: signs.into(), end, on: on.into(), stays: stays.into(), literals: literals.into() }
    }

    pub(super) fn signs(&self) -> impl Iterator<Item = Sign> + '_ {
        self.signs.iter().copied()
    }

    pub(super) fn matches(&self, text: &str) -> bool {
        let (mut few, mut many) = ([0; FEW], Vec::new());
        let places: &mut [u64] = if let Some(few) = few.get_mut(..self.on.len()) {
            few
        } else {
            many.resize(self.on.len(), 0);
            &mut many
        };
        if let Some(first) = places.first_mut() {
            *first = 1;
        }
        for character in text.chars() {
            let from = self.literals.partition_point(|(there, ..)| *there < character);
            let mut named = self.literals.iter().skip(from).take_while(|(there, ..)| *there == character).peekable();
            let of = |(any, within): (u64, u64)| if character == ':' { any } else { any | within };
            let (mut carried, mut all) = (0, 0);
            for (at, ((place, on), stays)) in places.iter_mut().zip(&self.on).zip(&self.stays).enumerate() {
                let mut on = of(*on);
                while let Some((_, _, bits)) = named.next_if(|(_, word, _)| *word == at) {
                    on |= bits;
                }
                let on = *place & on;
                *place = (on << 1) | carried | (*place & of(*stays));
                carried = on >> (WORD - 1);
                all |= *place;
            }
            if all == 0 {
                return false;
            }
        }
        places.get(self.end / WORD).is_some_and(|word| word & (1 << (self.end % WORD)) != 0)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The meaning, as plainly as it can be said.
    fn plainly(signs: &[Sign], text: &[char]) -> bool {
        let skip = |rest: &[Sign], over: fn(&char) -> bool| {
            let most = text.iter().take_while(|one| over(one)).count();
            (0..=most).any(|skipped| plainly(rest, &text[skipped..]))
        };
        let one = |rest: &[Sign], fits: &dyn Fn(char) -> bool| {
            text.split_first().is_some_and(|(there, after)| fits(*there) && plainly(rest, after))
        };
        match signs.split_first() {
            None => text.is_empty(),
            Some((Sign::AnyRun, rest)) => skip(rest, |_| true),
            Some((Sign::RunWithin, rest)) => skip(rest, |one| *one != ':'),
            Some((Sign::AnyOne, rest)) => one(rest, &|_| true),
            Some((Sign::OneWithin, rest)) => one(rest, &|there| there != ':'),
            Some((Sign::One(wanted), rest)) => one(rest, &|there| there == *wanted),
        }
    }

    fn sign() -> impl Strategy<Value = Sign> {
        prop_oneof![
            prop::char::any().prop_map(|any| Sign::One(if any < 'm' { 'a' } else { ':' })),
            Just(Sign::AnyOne),
            Just(Sign::AnyRun),
            Just(Sign::OneWithin),
            Just(Sign::RunWithin),
        ]
    }

    proptest! {
        #[test]
        fn confined_patterns_mean_what_they_say(
            signs in prop::collection::vec(sign(), 0..7),
            text in "[ab:]{0,7}",
            padding in prop::sample::select(vec![0_usize, 62, 63, 64, 130]),
        ) {
            let signs: Vec<Sign> = std::iter::repeat_n(Sign::One('p'), padding).chain(signs).collect();
            let text = format!("{}{text}", "p".repeat(padding));
            let characters: Vec<char> = text.chars().collect();
            prop_assert_eq!(Confined::new(signs.clone()).matches(&text), plainly(&signs, &characters));
        }
    }
}
