//! Strict JSON to a tree with places: no comment, no trailing comma, no key twice. What a policy document
//! says must not depend on which of two equal keys a reader takes.

use std::collections::HashMap;

use crate::node::{Entry, Kind, Node, Place, number};
use crate::problems::{Problems, quote};

const MAX_DEPTH: usize = 64;

/// The document of `text`. None when it could not be read to its end; then, and for keys that are here
/// twice too, `problems` says why.
pub fn parse(text: &str, problems: &mut Problems<'_>) -> Option<Node> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut parser = Parser { text, at: 0, place: Place { line: 1, column: 1 }, problems };
    let node = parser.value(0)?;
    parser.space();
    match parser.peek() {
        None => Some(node),
        Some(_) => parser.wrong("the end of the document"),
    }
}

struct Parser<'t, 'p, 'f> {
    text: &'t str,
    /// Bytes read.
    at: usize,
    place: Place,
    problems: &'p mut Problems<'f>,
}

impl Parser<'_, '_, '_> {
    fn peek(&self) -> Option<char> {
        self.text.get(self.at..)?.chars().next()
    }

    fn bump(&mut self) -> Option<char> {
        let character = self.peek()?;
        self.at += character.len_utf8();
        if character == '\n' {
            self.place = Place { line: self.place.line + 1, column: 1 };
        } else {
            self.place.column += 1;
        }
        Some(character)
    }

    fn space(&mut self) {
        while matches!(self.peek(), Some(' ' | '\t' | '\n' | '\r')) {
            self.bump();
        }
    }

    fn wrong<T>(&mut self, expected: &str) -> Option<T> {
        let found = match self.peek() {
            None => "the end of the file".to_owned(),
            Some(character) => quote(&character.to_string()),
        };
        let help = match self.peek() {
            Some('/' | '#') => Some("JSON has no comments; a policy with comments can be a .yaml file".to_owned()),
            Some('\'') => Some("JSON has double quotes only".to_owned()),
            Some('}' | ']') if self.text.get(..self.at).is_some_and(|read| read.trim_end().ends_with(',')) => {
                Some("the comma before it is one too many".to_owned())
            }
            _ => None,
        };
        self.problems.add(self.place, format!("not valid JSON: expected {expected}, found {found}"), help);
        None
    }

    fn value(&mut self, depth: usize) -> Option<Node> {
        self.space();
        let place = self.place;
        if depth > MAX_DEPTH {
            self.problems.add(place, "the document is nested too deeply", Some(format!("at most {MAX_DEPTH} levels")));
            return None;
        }
        let kind = match self.peek() {
            Some('{') => self.map(depth)?,
            Some('[') => self.list(depth)?,
            Some('"') => Kind::Scalar { text: self.string()?, plain: false },
            Some('-' | '0'..='9' | 'a'..='z' | 'A'..='Z') => self.literal()?,
            _ => return self.wrong("a value"),
        };
        Some(Node { place, kind })
    }

    fn map(&mut self, depth: usize) -> Option<Kind> {
        let mut entries = Vec::new();
        let mut lines: HashMap<String, usize> = HashMap::new();
        self.bump();
        self.space();
        if self.peek() == Some('}') {
            self.bump();
            return Some(Kind::Map(entries));
        }
        loop {
            self.space();
            let place = self.place;
            if self.peek() != Some('"') {
                return self.wrong("a key in double quotes");
            }
            let key = self.string()?;
            self.space();
            if self.peek() != Some(':') {
                return self.wrong("`:`");
            }
            self.bump();
            let value = self.value(depth + 1)?;
            if let Some(line) = lines.get(&key) {
                self.problems.add(
                    place,
                    format!("the key {} is here twice", quote(&key)),
                    Some(format!("first on line {line}")),
                );
            } else {
                lines.insert(key.clone(), place.line);
                entries.push(Entry { key, place, value });
            }
            self.space();
            match self.peek() {
                Some(',') => self.bump(),
                Some('}') => {
                    self.bump();
                    return Some(Kind::Map(entries));
                }
                _ => return self.wrong("`,` or `}`"),
            };
        }
    }

    fn list(&mut self, depth: usize) -> Option<Kind> {
        let mut items = Vec::new();
        self.bump();
        self.space();
        if self.peek() == Some(']') {
            self.bump();
            return Some(Kind::List(items));
        }
        loop {
            items.push(self.value(depth + 1)?);
            self.space();
            match self.peek() {
                Some(',') => self.bump(),
                Some(']') => {
                    self.bump();
                    return Some(Kind::List(items));
                }
                _ => return self.wrong("`,` or `]`"),
            };
        }
    }

    fn string(&mut self) -> Option<String> {
        let (start, place) = (self.at, self.place);
        self.bump();
        loop {
            match self.bump() {
                Some('"') => break,
                Some('\\') => {
                    self.bump();
                }
                Some('\n') | None => {
                    self.problems.add(place, "not valid JSON: this text has no closing quote", None);
                    return None;
                }
                Some(_) => {}
            }
        }
        let written = self.text.get(start..self.at).unwrap_or_default();
        let text = serde_json::from_str(written).ok();
        if text.is_none() {
            self.problems.add(
                place,
                format!("not valid JSON: {} has a wrong escape or a control character", quote(written)),
                None,
            );
        }
        text
    }

    /// `true`, `false`, `null` or a number.
    fn literal(&mut self) -> Option<Kind> {
        let (start, place) = (self.at, self.place);
        while matches!(self.peek(), Some('-' | '+' | '.' | '0'..='9' | 'a'..='z' | 'A'..='Z' | '_')) {
            self.bump();
        }
        let word = self.text.get(start..self.at).unwrap_or_default();
        if matches!(word, "true" | "false" | "null") || number(word).is_some() {
            return Some(Kind::Scalar { text: word.to_owned(), plain: true });
        }
        self.problems.add(
            place,
            format!("not valid JSON: {} is not a value", quote(word)),
            Some("a text stands in double quotes".to_owned()),
        );
        None
    }
}
