//! Statements into as few documents as hold them.

use super::PackError;
use super::rule::{Rule, document};

/// The statements of each document.
pub(super) fn place(rules: Vec<Rule>, limit: usize) -> Result<Vec<Vec<Rule>>, PackError> {
    let mut pieces = Vec::new();
    for rule in rules {
        cut(rule, limit, &mut pieces)?;
    }
    // Long ones first, equal ones in the order in which they came.
    pieces.sort_by_key(|piece| std::cmp::Reverse(piece.length));
    let whole = first_fit(&pieces, limit);
    let total: usize = pieces.iter().map(|piece| piece.length + 1).sum();
    let room = limit.saturating_sub(frame()) + 1;
    let fewest = total.div_ceil(room.max(1)).max(1);
    let mut documents = whole;
    for count in fewest..documents.len() {
        if let Some(poured) = pour(&pieces, count, limit) {
            documents = poured;
            break;
        }
    }
    for rules in &mut documents {
        rules.sort_by(|left, right| left.origins.cmp(&right.origins).then_with(|| left.actions.cmp(&right.actions)));
    }
    documents.sort_by(|left, right| {
        let first = |rules: &[Rule]| rules.first().map(|rule| rule.origins.clone());
        first(left).cmp(&first(right))
    });
    Ok(documents)
}

#[derive(Debug, Clone)]
struct Piece {
    rule: Rule,
    length: usize,
}

impl Piece {
    fn new(rule: Rule) -> Self {
        let length = rule.length();
        Self { rule, length }
    }
}

/// Characters of a document around its statements, when there are several.
fn frame() -> usize {
    document(&[]).to_json().chars().count()
}

/// A document that is being filled.
#[derive(Debug, Clone, Default)]
struct Open {
    rules: Vec<Rule>,
    /// Of the statements, each with its comma.
    length: usize,
}

impl Open {
    /// What another statement may take.
    fn room(&self, limit: usize) -> usize {
        (limit + 1).saturating_sub(frame() + self.length + 1)
    }

    fn add(&mut self, piece: Piece) {
        self.length += piece.length + 1;
        self.rules.push(piece.rule);
    }
}

fn first_fit(pieces: &[Piece], limit: usize) -> Vec<Vec<Rule>> {
    let mut open: Vec<Open> = Vec::new();
    for piece in pieces {
        if let Some(document) = open.iter_mut().find(|document| document.room(limit) >= piece.length) {
            document.add(piece.clone());
        } else {
            let mut document = Open::default();
            document.add(piece.clone());
            open.push(document);
        }
    }
    open.into_iter().map(|document| document.rules).collect()
}

/// Fills `count` documents, cutting statements where they end.
fn pour(pieces: &[Piece], count: usize, limit: usize) -> Option<Vec<Vec<Rule>>> {
    let mut open = vec![Open::default(); count];
    let mut left: Vec<Piece> = Vec::new();
    for piece in pieces {
        match open.iter_mut().find(|document| document.room(limit) >= piece.length) {
            Some(document) => document.add(piece.clone()),
            None => left.push(piece.clone()),
        }
    }
    for piece in left {
        let mut waiting = vec![piece.rule];
        while let Some(rule) = waiting.pop() {
            let document = open.iter_mut().max_by_key(|document| document.room(limit))?;
            let (head, rest) = head(&rule, document.room(limit))?;
            document.add(Piece::new(head));
            waiting.extend(rest);
        }
    }
    Some(open.into_iter().map(|document| document.rules).filter(|rules| !rules.is_empty()).collect())
}

/// A statement in pieces of which each fits into a document of its own.
fn cut(rule: Rule, limit: usize, pieces: &mut Vec<Piece>) -> Result<(), PackError> {
    let room = Open::default().room(limit);
    let mut waiting = vec![rule];
    while let Some(rule) = waiting.pop() {
        let Some((head, rest)) = head(&rule, room) else {
            let origin = rule.origins.first();
            return Err(PackError::TooLong {
                statement: origin.map(ToString::to_string).unwrap_or_default(),
                length: rule.length() + frame(),
                limit,
            });
        };
        pieces.push(Piece::new(head));
        waiting.extend(rest);
    }
    Ok(())
}

/// As much of a statement as has room, and what is left: some of its actions; where not even one fits with all its
/// resources, some of these. None where nothing fits.
fn head(rule: &Rule, room: usize) -> Option<(Rule, Vec<Rule>)> {
    if rule.length() <= room {
        return Some((rule.clone(), Vec::new()));
    }
    if !rule.actions.negated {
        let values = &rule.actions.values;
        let part = |values: &[String]| Rule { actions: rule.actions.with(values.to_vec()), ..rule.clone() };
        if let Some(count) = most(values.len(), |count| part(values.get(..count).unwrap_or_default()).length() <= room)
        {
            let (first, rest) = values.split_at_checked(count)?;
            return Some((part(first), vec![part(rest)]));
        }
    }
    let resources = rule.resources.as_ref().filter(|set| !set.negated && set.values.len() > 1)?;
    let part = |values: &[String]| Rule { resources: Some(resources.with(values.to_vec())), ..rule.clone() };
    let (first, second) = resources.values.split_at_checked(resources.values.len() / 2)?;
    let (head, mut rest) = head(&part(first), room)?;
    rest.push(part(second));
    Some((head, rest))
}

/// The greatest count from 1 to below `all` that fits, where fewer fit if more do.
fn most(all: usize, fits: impl Fn(usize) -> bool) -> Option<usize> {
    let (mut good, mut bad) = (0, all);
    while bad - good > 1 {
        let middle = good.midpoint(bad);
        if fits(middle) {
            good = middle;
        } else {
            bad = middle;
        }
    }
    (good > 0).then_some(good)
}
