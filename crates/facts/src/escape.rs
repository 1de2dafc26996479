//! Strings from AWS and from files are hostile: how they are written so that a terminal, Markdown, a shell
//! or a spreadsheet shows them instead of obeying them.

use std::borrow::Cow;
use std::fmt::Write as _;

/// For a terminal: control characters and those that change the direction of text or are invisible are
/// shown as `\u{…}`. Line ends too: whoever wants lines splits first.
pub fn terminal(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_hostile) {
        return Cow::Borrowed(text);
    }
    let mut safe = String::with_capacity(text.len() + 8);
    for character in text.chars() {
        if is_hostile(character) {
            let _ = write!(safe, "\\u{{{:x}}}", u32::from(character));
        } else {
            safe.push(character);
        }
    }
    Cow::Owned(safe)
}

fn is_hostile(character: char) -> bool {
    character.is_control()
        || matches!(
            u32::from(character),
            0x00AD | 0x061C | 0x200B..=0x200F | 0x2028..=0x202E | 0x2060..=0x206F | 0xFEFF | 0xFFF9..=0xFFFB | 0xE0000..=0xE007F
        )
}

/// For Markdown, also inside a table cell: characters with a meaning are escaped, HTML is not passed on.
pub fn markdown(text: &str) -> String {
    let mut safe = String::with_capacity(text.len() + 8);
    for character in terminal(text).chars() {
        match character {
            '\\' | '`' | '*' | '_' | '[' | ']' | '(' | ')' | '#' | '!' | '|' | '~' | '@' => {
                safe.extend(['\\', character]);
            }
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '&' => safe.push_str("&amp;"),
            other => safe.push(other),
        }
    }
    safe
}

/// For Markdown as code: a run of backticks longer than any in the text around it.
pub fn markdown_code(text: &str) -> String {
    let text = terminal(text).replace('|', "\\|");
    let longest = text.split(|character| character != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest + 1);
    if longest == 0 { format!("{fence}{text}{fence}") } else { format!("{fence} {text} {fence}") }
}

/// One word for a POSIX shell.
pub fn shell(text: &str) -> String {
    let plain = |character: char| character.is_ascii_alphanumeric() || "-_./:=@,+%".contains(character);
    if !text.is_empty() && text.chars().all(plain) {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\'', r"'\''"))
}

/// One field of a CSV file: quoted where needed; a text that a spreadsheet would run as a formula is
/// preceded by an apostrophe.
pub fn csv(text: &str) -> String {
    let formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']) && text.parse::<f64>().is_err();
    let text = if formula { format!("'{text}") } else { text.to_owned() };
    if text.contains([',', '"', '\n', '\r']) || formula { format!("\"{}\"", text.replace('"', "\"\"")) } else { text }
}

#[cfg(test)]
mod tests {
    #[test]
    fn hostile_text_is_shown_not_obeyed() {
        for (writer, text, expected) in [
            ("terminal", "plain 日本語", "plain 日本語"),
            ("terminal", "a\u{1b}[31mb\n", "a\\u{1b}[31mb\\u{a}"),
            ("terminal", "a\u{202e}b", "a\\u{202e}b"),
            ("markdown", "<b>|x|*", "&lt;b&gt;\\|x\\|\\*"),
            ("markdown_code", "a`b", "`` a`b ``"),
            ("shell", "it's", r"'it'\''s'"),
            ("shell", "", "''"),
            ("shell", "arn:aws:s3:::b", "arn:aws:s3:::b"),
            ("shell", "a;rm -rf", "'a;rm -rf'"),
            ("csv", "=1+1", "\"'=1+1\""),
            ("csv", "-5", "-5"),
            ("csv", "a,\"b\"", "\"a,\"\"b\"\"\""),
        ] {
            let shown = match writer {
                "terminal" => super::terminal(text).into_owned(),
                "markdown" => super::markdown(text),
                "markdown_code" => super::markdown_code(text),
                "shell" => super::shell(text),
                _ => super::csv(text),
            };
            assert_eq!(shown, expected, "{writer} of {text:?}");
        }
    }
}
