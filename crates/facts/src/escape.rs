//! Strings from AWS and from files are hostile: how they are written so that a terminal, Markdown, a shell
//! or a spreadsheet shows them instead of obeying them.

use std::borrow::Cow;
use std::fmt::Write as _;

mod markdown;

pub use markdown::{markdown, markdown_code};

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
            0x00AD | 0x034F | 0x061C | 0x115F | 0x1160 | 0x17B4 | 0x17B5 | 0x180B..=0x180F | 0x200B..=0x200F
                | 0x2028..=0x202E | 0x2060..=0x206F | 0x3164 | 0xFEFF | 0xFFA0 | 0xFFF9..=0xFFFB | 0xE0000..=0xE0FFF
        )
}

/// For JSON as `serde_json` writes it, also indented: hostile characters in its texts are written as JSON's own escapes, so
/// that what is shown is still the same JSON.
pub fn json(text: &str) -> Cow<'_, str> {
    // Outside of texts the writer puts no other control characters than line ends.
    let hostile = |character: char| is_hostile(character) && character != '\n';
    if !text.chars().any(hostile) {
        return Cow::Borrowed(text);
    }
    let mut safe = String::with_capacity(text.len() + 16);
    for character in text.chars() {
        if hostile(character) {
            for unit in character.encode_utf16(&mut [0; 2]) {
                let _ = write!(safe, "\\u{unit:04x}");
            }
        } else {
            safe.push(character);
        }
    }
    Cow::Owned(safe)
}

/// One word for a POSIX shell.
pub fn shell(text: &str) -> String {
    let plain = |character: char| character.is_ascii_alphanumeric() || "-_./:=@,+%".contains(character);
    if !text.is_empty() && text.chars().all(plain) {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\'', r"'\''"))
}

/// One field of a CSV file (RFC 4180): quoted where a reader might see anything else than its text. A text that a
/// spreadsheet would take for a formula (OWASP, "CSV Injection") is preceded by an apostrophe; so is one that begins with
/// an apostrophe, so that whoever takes one off such a field has the text again.
pub fn csv(text: &str) -> String {
    let guarded = is_formula(text) || text.starts_with('\'');
    let guard = if guarded { "'" } else { "" };
    // Some spreadsheets take a semicolon or a tab for the end of a field.
    if guarded || text.contains([',', ';', '"', '\t', '\n', '\r']) {
        format!("\"{guard}{}\"", text.replace('"', "\"\""))
    } else {
        text.to_owned()
    }
}

fn is_formula(text: &str) -> bool {
    let is_number =
        text.bytes().all(|byte| byte.is_ascii_digit() || b"+-.eE".contains(&byte)) && text.parse::<f64>().is_ok();
    text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}'])
        && !is_number
}

#[cfg(test)]
mod names_tests;

#[cfg(test)]
mod tests {
    #[test]
    fn hostile_text_is_shown_not_obeyed() {
        for (writer, text, expected) in [
            ("terminal", "plain 日本語", "plain 日本語"),
            ("terminal", "a\u{1b}[31mb\n", "a\\u{1b}[31mb\\u{a}"),
            ("terminal", "a\u{202e}b", "a\\u{202e}b"),
            ("terminal", "a\u{9b}31m\u{3164}b", "a\\u{9b}31m\\u{3164}b"),
            ("json", "{\n  \"a\": \"日本語\"\n}", "{\n  \"a\": \"日本語\"\n}"),
            ("json", "[\"\u{202e}\u{e0041}\"]", "[\"\\u202e\\udb40\\udc41\"]"),
            ("shell", "it's", r"'it'\''s'"),
            ("shell", "", "''"),
            ("shell", "arn:aws:s3:::b", "arn:aws:s3:::b"),
            ("shell", "a;rm -rf", "'a;rm -rf'"),
            ("csv", "=1+1", "\"'=1+1\""),
            ("csv", "-5", "-5"),
            ("csv", "-5e3", "-5e3"),
            ("csv", "-inf", "\"'-inf\""),
            ("csv", "\n=1", "\"'\n=1\""),
            ("csv", "\u{ff1d}1+1", "\"'\u{ff1d}1+1\""),
            ("csv", "'quoted'", "\"''quoted'\""),
            ("csv", "a;=1+1", "\"a;=1+1\""),
            ("csv", "a,\"b\"", "\"a,\"\"b\"\"\""),
        ] {
            let shown = match writer {
                "terminal" => super::terminal(text).into_owned(),
                "json" => super::json(text).into_owned(),
                "shell" => super::shell(text),
                _ => super::csv(text),
            };
            assert_eq!(shown, expected, "{writer} of {text:?}");
        }
    }
}
