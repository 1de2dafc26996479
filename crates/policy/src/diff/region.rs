//! Sets of requests as boxes: in each dimension (action, resource, each condition key …) some of finitely many classes.
//! Intersection, difference and containment of such are exact.

/// Some of the classes of a dimension.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Bits {
    words: Vec<u64>,
}

impl Bits {
    pub fn of(members: &[bool]) -> Self {
        let word = |chunk: &[bool]| chunk.iter().enumerate().fold(0, |word, (at, is)| word | (u64::from(*is) << at));
        Self { words: members.chunks(64).map(word).collect() }
    }

    pub fn full(length: usize) -> Self {
        Self::of(&vec![true; length])
    }

    pub fn has(&self, at: usize) -> bool {
        self.words.get(at / 64).is_some_and(|word| word >> (at % 64) & 1 == 1)
    }

    pub fn is_empty(&self) -> bool {
        self.words.iter().all(|word| *word == 0)
    }

    fn zip(&self, other: &Self, with: impl Fn(u64, u64) -> u64) -> Self {
        Self { words: self.words.iter().zip(&other.words).map(|(a, b)| with(*a, *b)).collect() }
    }

    pub fn and(&self, other: &Self) -> Self {
        self.zip(other, |a, b| a & b)
    }

    pub fn or(&self, other: &Self) -> Self {
        self.zip(other, |a, b| a | b)
    }

    pub fn minus(&self, other: &Self) -> Self {
        self.zip(other, |a, b| a & !b)
    }

    pub fn within(&self, other: &Self) -> bool {
        self.words.iter().zip(&other.words).all(|(a, b)| a & !b == 0)
    }

    /// The classes in it.
    pub fn members(&self) -> impl Iterator<Item = usize> + '_ {
        (0..self.words.len() * 64).filter(|at| self.has(*at))
    }

    pub fn one(length: usize, at: usize) -> Self {
        let members: Vec<bool> = (0..length).map(|place| place == at).collect();
        Self::of(&members)
    }
}

/// What is in all of its dimensions.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Box {
    pub sides: Vec<Bits>,
}

impl Box {
    pub fn with(&self, dimension: usize, side: Bits) -> Self {
        let mut sides = self.sides.clone();
        if let Some(there) = sides.get_mut(dimension) {
            *there = side;
        }
        Self { sides }
    }

    fn meets(&self, other: &Self) -> bool {
        self.sides.iter().zip(&other.sides).all(|(own, its)| !own.and(its).is_empty())
    }

    pub fn and(&self, other: &Self) -> Option<Self> {
        self.meets(other).then(|| Self { sides: self.sides.iter().zip(&other.sides).map(|(a, b)| a.and(b)).collect() })
    }

    pub fn within(&self, other: &Self) -> bool {
        self.sides.iter().zip(&other.sides).all(|(own, its)| own.within(its))
    }

    /// The parts that are not in the other, none of which meet.
    fn minus(&self, other: &Self, parts: &mut Vec<Self>) {
        if !self.meets(other) {
            parts.push(self.clone());
            return;
        }
        let mut inside = self.clone();
        for dimension in 0..self.sides.len() {
            let (Some(own), Some(its)) = (self.sides.get(dimension), other.sides.get(dimension)) else { continue };
            let outside = own.minus(its);
            if !outside.is_empty() {
                parts.push(inside.with(dimension, outside));
                inside = inside.with(dimension, own.and(its));
            }
        }
    }
}

/// Parts that one difference may fall into; beyond, it is given up.
pub(super) const MOST_PARTS: usize = 4_000;

/// Too much to compare.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct TooMuch;

/// What is in the box and in none of the others.
pub(super) fn minus_all<'b>(whole: &Box, others: impl IntoIterator<Item = &'b Box>) -> Result<Vec<Box>, TooMuch> {
    let mut parts = vec![whole.clone()];
    for other in others {
        let mut left = Vec::with_capacity(parts.len());
        for part in &parts {
            part.minus(other, &mut left);
        }
        if left.len() > MOST_PARTS {
            return Err(TooMuch);
        }
        parts = left;
        if parts.is_empty() {
            break;
        }
    }
    Ok(parts)
}

/// Whether all of the box is in the others together. What would take too much to find out is taken to be not.
pub(super) fn within_all<'b>(whole: &Box, others: impl Iterator<Item = &'b Box> + Clone) -> bool {
    others.clone().any(|other| whole.within(other)) || minus_all(whole, others).is_ok_and(|left| left.is_empty())
}

/// The same requests in fewer and larger boxes, none of which is needless: each is grown in every dimension but the
/// `fixed` one as far as it stays inside; what differs in the `fixed` one only is put together; what others have is
/// taken out of that one where it is then said in fewer `words`.
pub(super) fn simplified(boxes: Vec<Box>, lengths: &[usize], fixed: usize, words: impl Fn(&Bits) -> usize) -> Vec<Box> {
    let all = distinct(boxes);
    // Growing compares every box with every other, class by class.
    let grown: Vec<Box> =
        if all.len() > 500 { all.clone() } else { all.iter().map(|one| grown(one, &all, lengths, fixed)).collect() };
    let mut merged: Vec<Box> = Vec::new();
    for one in distinct(grown) {
        let same =
            |other: &&mut Box| other.sides.iter().zip(&one.sides).enumerate().all(|(at, (a, b))| at == fixed || a == b);
        match (merged.iter_mut().find(same), one.sides.get(fixed)) {
            (Some(other), Some(side)) => {
                if let Some(there) = other.sides.get_mut(fixed) {
                    *there = there.or(side);
                }
            }
            _ => merged.push(one),
        }
    }
    let mut boxes = distinct(merged);
    // The narrow ones give way to the wide ones.
    boxes.sort_by_key(|one| one.sides.iter().map(|side| side.members().count()).collect::<Vec<_>>());
    let mut at = 0;
    while at < boxes.len() {
        let Some(one) = boxes.get(at).cloned() else { break };
        let others = || boxes.iter().enumerate().filter(|(place, _)| *place != at).map(|(_, other)| other);
        let Some(side) = one.sides.get(fixed) else { break };
        let length = lengths.get(fixed).copied().unwrap_or(0);
        let kept = side.members().filter(|class| !within_all(&one.with(fixed, Bits::one(length, *class)), others()));
        let mut kept_bits = vec![false; length];
        for class in kept {
            if let Some(bit) = kept_bits.get_mut(class) {
                *bit = true;
            }
        }
        let kept = Bits::of(&kept_bits);
        if kept.is_empty() {
            boxes.remove(at);
        } else {
            if let Some(there) = boxes.get_mut(at).filter(|_| kept != *side && words(&kept) < words(side)) {
                *there = one.with(fixed, kept);
            }
            at += 1;
        }
    }
    boxes
}

fn grown(one: &Box, all: &[Box], lengths: &[usize], fixed: usize) -> Box {
    let mut grown = one.clone();
    // The last dimensions are condition keys: without a condition is simpler than on every resource.
    for (dimension, length) in lengths.iter().enumerate().rev().filter(|(at, _)| *at != fixed) {
        for class in 0..*length {
            let Some(side) = grown.sides.get(dimension).filter(|side| !side.has(class)) else { continue };
            let added = Bits::one(*length, class);
            if within_all(&grown.with(dimension, added.clone()), all.iter()) {
                let side = side.or(&added);
                grown = grown.with(dimension, side);
            }
        }
    }
    grown
}

/// Without those that lie in another.
fn distinct(mut boxes: Vec<Box>) -> Vec<Box> {
    boxes.sort();
    boxes.dedup();
    let in_other =
        |at: usize, one: &Box| boxes.iter().enumerate().any(|(place, other)| place != at && one.within(other));
    let kept: Vec<bool> = boxes.iter().enumerate().map(|(at, one)| !in_other(at, one)).collect();
    boxes.into_iter().zip(kept).filter(|(_, kept)| *kept).map(|(one, _)| one).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const LENGTHS: [usize; 3] = [3, 2, 3];

    fn boxes() -> impl Strategy<Value = Vec<Box>> {
        let side = |length| prop::collection::vec(prop::bool::weighted(0.6), length);
        let one = (side(3), side(2), side(3))
            .prop_map(|(a, b, c)| Box { sides: vec![Bits::of(&a), Bits::of(&b), Bits::of(&c)] })
            .prop_filter("not empty", |one| one.sides.iter().all(|side| !side.is_empty()));
        prop::collection::vec(one, 0..5)
    }

    fn has(boxes: &[Box], point: [usize; 3]) -> bool {
        boxes.iter().any(|one| one.sides.iter().zip(point).all(|(side, at)| side.has(at)))
    }

    fn points() -> impl Iterator<Item = [usize; 3]> {
        (0..18).map(|at| [at % 3, at / 3 % 2, at / 6])
    }

    proptest! {
        #[test]
        fn a_difference_has_what_only_the_first_has(left in boxes(), right in boxes()) {
            let mut parts = Vec::new();
            for one in &left {
                parts.extend(minus_all(one, &right).unwrap());
            }
            for point in points() {
                prop_assert_eq!(has(&parts, point), has(&left, point) && !has(&right, point));
            }
        }

        #[test]
        fn what_is_simplified_is_the_same_and_nothing_in_it_is_needless(boxes in boxes()) {
            let simple = simplified(boxes.clone(), &LENGTHS, 1, |side| side.members().count());
            for point in points() {
                prop_assert_eq!(has(&simple, point), has(&boxes, point));
            }
            for (at, one) in simple.iter().enumerate() {
                let others = simple.iter().enumerate().filter(|(place, _)| *place != at).map(|(_, other)| other);
                prop_assert!(!within_all(one, others));
            }
        }
    }
}
