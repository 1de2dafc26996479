//! A run of signs with `?` among them, found in a text in one pass, however much the run repeats itself.
//!
//! Bit-parallel (Shift-And): a bit for each sign says whether the last characters fit the run as far as that sign, 64 signs
//! in one step.

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Holes {
    /// None is `?`.
    signs: Box<[Option<char>]>,
    /// The bits of every `?`, 64 a word.
    any: Box<[u64]>,
    /// Sorted: a character, a word, and in it the bits of the character.
    bits: Box<[(char, usize, u64)]>,
}

const WORD: usize = 64;

impl Holes {
    pub(super) fn new(signs: Vec<Option<char>>) -> Self {
        let mut any = vec![0_u64; signs.len().div_ceil(WORD)];
        let mut places: Vec<(char, usize, u64)> = Vec::new();
        for (at, sign) in signs.iter().enumerate() {
            let (word, bit) = (at / WORD, 1 << (at % WORD));
            match (sign, any.get_mut(word)) {
                (Some(character), _) => places.push((*character, word, bit)),
                (None, Some(bits)) => *bits |= bit,
                (None, None) => {}
            }
        }
        places.sort_unstable();
        places.dedup_by(|(character, word, bit), (kept, kept_word, bits)| {
            let same = (*character, *word) == (*kept, *kept_word);
            *bits |= if same { *bit } else { 0 };
            same
        });
        Self { signs: signs.into(), any: any.into(), bits: places.into() }
    }

    pub(super) fn signs(&self) -> impl DoubleEndedIterator<Item = Option<char>> + '_ {
        self.signs.iter().copied()
    }

    /// What follows the leftmost place of the run in `text`.
    pub(super) fn find<'t>(&self, text: &'t str) -> Option<&'t str> {
        let last = 1 << (self.signs.len().checked_sub(1)? % WORD);
        // Nearly every run has one word; only longer ones take memory.
        let (mut one, mut many) = ([0], Vec::new());
        let state: &mut [u64] = if self.any.len() == 1 {
            &mut one
        } else {
            many.resize(self.any.len(), 0);
            &mut many
        };
        for (at, character) in text.char_indices() {
            let from = self.bits.partition_point(|(there, ..)| *there < character);
            let mut bits = self.bits.get(from..)?.iter().take_while(|(there, ..)| *there == character).peekable();
            // The run may begin at every character.
            let mut carried = 1;
            for (word, (state, any)) in state.iter_mut().zip(&self.any).enumerate() {
                let own = bits.next_if(|(_, of, _)| *of == word).map_or(0, |(.., bits)| *bits);
                let next = (*state << 1) | carried;
                carried = *state >> (WORD - 1);
                *state = next & (any | own);
            }
            if state.last().is_some_and(|state| state & last != 0) {
                return text.get(at + character.len_utf8()..);
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn holes(pattern: &str) -> Holes {
        Holes::new(pattern.chars().map(|sign| (sign != '?').then_some(sign)).collect())
    }

    /// Place by place.
    fn plainly<'t>(pattern: &str, text: &'t str) -> Option<&'t str> {
        text.char_indices().map(|(at, _)| &text[at..]).find_map(|rest| {
            let mut characters = rest.chars();
            let fits = pattern.chars().all(|sign| characters.next().is_some_and(|there| sign == '?' || sign == there));
            fits.then_some(characters.as_str())
        })
    }

    proptest! {
        #[test]
        fn the_leftmost_place_is_found(start in "[ab?é]{0,3}", times in 0_usize..60, end in "[ab]{0,3}[?]", text in "[abé]{0,200}") {
            let pattern = format!("{start}{}{end}", "a?b".repeat(times));
            let text = format!("{text}{}", pattern.replace('?', "é"));
            prop_assert_eq!(holes(&pattern).find(&text), plainly(&pattern, &text));
            prop_assert_eq!(holes(&pattern).find(&text[..text.len() - 2]), plainly(&pattern, &text[..text.len() - 2]));
        }
    }

    #[test]
    fn memory_is_in_proportion_to_the_run() {
        let every: String = (' '..'\u{7000}').flat_map(|character| ['?', character]).collect();
        let run = holes(&every);
        assert!(run.bits.len() <= run.signs.len() && run.any.len() * WORD < run.signs.len() + WORD);
    }
}
