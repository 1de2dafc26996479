//! Whether a text that parses as SQL is one SELECT and nothing else: by its words alone, read another way than the parser
//! reads them. What is in quotes and comments is left out; what is left has few places where a statement can begin.

/// What a SELECT begins with.
const BEGINNINGS: [&str; 5] = ["select", "with", "from", "values", "table"];

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    /// Without quotes, in small letters.
    Word(String),
    /// A text or a name in quotes, a number.
    Value,
    Open,
    Close,
    Semicolon,
    Other(char),
}

/// # Errors
/// What else it is, in a few words.
pub fn one_select(text: &str) -> Result<(), String> {
    let parts = parts(text);
    let mut statements = parts.split(|part| *part == Part::Semicolon).filter(|statement| !statement.is_empty());
    let (Some(statement), None) = (statements.next(), statements.next()) else {
        return Err("not one statement".to_owned());
    };
    begins(statement)?;
    for (at, part) in statement.iter().enumerate() {
        let before = |back: usize| at.checked_sub(back).and_then(|at| statement.get(at));
        let word = |part: Option<&Part>| match part {
            Some(Part::Word(word)) => word.clone(),
            _ => String::new(),
        };
        // The body of a common table expression, and what a set is made of.
        let is_body =
            matches!(word(before(1)).as_str(), "as" | "materialized" | "union" | "all" | "except" | "intersect");
        if *part == Part::Open && is_body {
            let first = word(statement.get(at + 1));
            let after = word(statement.get(at + 2));
            let changes = matches!(
                (first.as_str(), after.as_str()),
                ("insert" | "merge" | "replace", "into") | ("delete", "from")
            ) || (first == "update" && word(statement.get(at + 3)) == "set");
            if changes {
                return Err(format!("{first} in brackets"));
            }
        }
        // `select … into t`; behind `as` and a point it is a name.
        let ends = match before(1) {
            Some(Part::Word(word)) => word != "as",
            Some(part) => matches!(part, Part::Value | Part::Close | Part::Other('*')),
            None => false,
        };
        let is_named = matches!(statement.get(at + 1), Some(Part::Word(_) | Part::Value));
        if *part == Part::Word("into".to_owned()) && ends && is_named {
            return Err("into".to_owned());
        }
    }
    Ok(())
}

/// The word that it begins with; behind `with`, also the one behind the last common table expression.
fn begins(statement: &[Part]) -> Result<(), String> {
    let is_beginning = |part: Option<&Part>| match part {
        Some(Part::Word(word)) if BEGINNINGS.contains(&word.as_str()) => Ok(()),
        other => Err(format!("begins with {other:?}")),
    };
    let opened = statement.iter().take_while(|part| **part == Part::Open).count();
    let statement = &statement[opened..];
    is_beginning(statement.first())?;
    if statement.first() != Some(&Part::Word("with".to_owned())) {
        return Ok(());
    }
    let mut depth = 0_usize;
    for (at, part) in statement.iter().enumerate() {
        match part {
            Part::Open => depth += 1,
            Part::Close => depth = depth.saturating_sub(1),
            Part::Word(word) if depth == 0 && word != "as" && statement[at - at.min(1)] == Part::Close => {
                return is_beginning(Some(part));
            }
            _ => {}
        }
    }
    // Its body is in brackets.
    Ok(())
}

fn parts(text: &str) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let end = |from: usize, close: &str| {
            rest.get(from..).and_then(|rest| rest.find(close)).map_or(rest.len(), |at| from + at + close.len())
        };
        let is_word = |character: char| character.is_alphanumeric() || matches!(character, '_' | '$' | '@' | '#');
        let word = rest.find(|character| !is_word(character)).unwrap_or(rest.len());
        let (length, part) = match first {
            _ if rest.starts_with("--") => (end(2, "\n"), None),
            _ if rest.starts_with("/*") => (comment(rest), None),
            '\'' => (quoted(rest, '\''), Some(Part::Value)),
            '"' => (quoted(rest, '"'), Some(Part::Value)),
            '$' => match rest.get(1..).and_then(|rest| rest.find('$')).and_then(|at| rest.get(..at + 2)) {
                Some(tag) if tag[1..].trim_end_matches('$').chars().all(|c| c.is_alphanumeric() || c == '_') => {
                    (end(tag.len(), tag), Some(Part::Value))
                }
                _ => (1, Some(Part::Other('$'))),
            },
            '(' => (1, Some(Part::Open)),
            ')' => (1, Some(Part::Close)),
            ';' => (1, Some(Part::Semicolon)),
            digit if digit.is_numeric() => (word, Some(Part::Value)),
            // `e'…'` has escapes.
            'e' | 'E' if rest.get(1..).is_some_and(|rest| rest.starts_with('\'')) => (escaped(rest), Some(Part::Value)),
            letter if is_word(letter) => (word, Some(Part::Word(rest[..word].to_lowercase()))),
            space if space.is_whitespace() => (space.len_utf8(), None),
            other => (other.len_utf8(), Some(Part::Other(other))),
        };
        parts.extend(part);
        rest = rest.get(length..).unwrap_or_default();
    }
    parts
}

/// The length of a comment, which may have others in it.
fn comment(text: &str) -> usize {
    let (mut at, mut depth) = (0, 0_usize);
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        if rest.starts_with("/*") {
            (at, depth) = (at + 2, depth + 1);
        } else if rest.starts_with("*/") {
            (at, depth) = (at + 2, depth - 1);
            if depth == 0 {
                return at;
            }
        } else {
            at += rest.chars().next().map_or(1, char::len_utf8);
        }
    }
    text.len()
}

/// The length of what is in quotes; two of them in it are one.
fn quoted(text: &str, quote: char) -> usize {
    let mut at = 1;
    while let Some(found) = text.get(at..).and_then(|rest| rest.find(quote)) {
        at += found + 1;
        if !text[at..].starts_with(quote) {
            return at;
        }
        at += 1;
    }
    text.len()
}

/// The length of `e'…'`.
fn escaped(text: &str) -> usize {
    let mut characters = text.char_indices().skip(2).peekable();
    while let Some((at, character)) = characters.next() {
        let doubled = characters.peek().is_some_and(|(_, next)| *next == '\'');
        match character {
            '\\' => drop(characters.next()),
            '\'' if doubled => drop(characters.next()),
            '\'' => return at + 1,
            _ => {}
        }
    }
    text.len()
}
