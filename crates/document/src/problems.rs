//! The mistakes found in one file, and the words in which they are told.

use dodai_facts::{Problem, nearest};

use crate::node::Place;

/// The mistakes of one file, in the order of their finding.
#[derive(Debug)]
pub struct Problems<'a> {
    pub file: &'a str,
    pub list: Vec<Problem>,
}

impl<'a> Problems<'a> {
    pub fn of(file: &'a str) -> Self {
        Self { file, list: Vec::new() }
    }

    pub fn add(&mut self, place: Place, message: impl Into<String>, help: Option<String>) {
        self.list.push(problem(self.file, place, message, help));
    }
}

pub fn problem(file: &str, place: Place, message: impl Into<String>, help: Option<String>) -> Problem {
    Problem { file: file.to_owned(), line: place.line, column: place.column, message: message.into(), help }
}

/// The user's words in backticks, cut where they are long. Escaping for a terminal is the printer's.
pub fn quote(text: &str) -> String {
    const MOST: usize = 80;
    match text.char_indices().nth(MOST) {
        Some((end, _)) => format!("`{}…`", text.get(..end).unwrap_or_default()),
        None => format!("`{text}`"),
    }
}

/// Help for a name that is not among `names`: the nearest one, else what there is.
pub fn suggest<'n>(word: &str, names: impl IntoIterator<Item = &'n str>) -> Option<String> {
    const SHOWN: usize = 16;
    let names: Vec<&str> = names.into_iter().collect();
    if let Some(name) = nearest(word, names.iter().copied()) {
        return Some(format!("did you mean {}?", quote(name)));
    }
    let shown: Vec<String> = names.iter().take(SHOWN).map(|name| quote(name)).collect();
    match names.len() {
        0 => None,
        1 => Some(format!("there is only {}", shown.concat())),
        count if count <= SHOWN => Some(format!("one of {}", shown.join(", "))),
        count => Some(format!("one of {} and {} more", shown.join(", "), count - SHOWN)),
    }
}
