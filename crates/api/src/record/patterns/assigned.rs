//! Values that are given to a name: in queries, headers, lines of shell, YAML, and JSON that is cut off or escaped.

use std::ops::Range;

use super::super::names;
use super::super::words::plain;
use super::{Look, byte, byte_before, is_blank, is_of_name, is_of_value, is_quote, run, run_back, value};

/// Members that are looked through after a name for the value beside it.
const NEIGHBOURS: usize = 4;

/// Bytes that are looked at for them, and for a template's default.
const NEAR: usize = 400;

/// `password=hunter2`, `"api_key": "…"`, `X-Amz-Signature=…`, `Authorization: …`, `- name: DB_PASSWORD\n  value: …`.
pub(super) fn assignment(text: &str, at: usize) -> Look {
    // Quotes around the name, escaped or not.
    let name_end = text.get(..at).unwrap_or_default().trim_end_matches(['"', '\'', '\\', ' ']).len();
    let start = run_back(text, name_end, is_of_name);
    let name = text.get(start..name_end).unwrap_or_default();
    let is_colon = byte(text, at) == Some(b':');
    if is_colon {
        // A part of an ARN, or of an action, is no name of a value.
        let in_arn = byte_before(text, start) == Some(b':');
        let next = byte(text, at + 1).unwrap_or(b' ');
        if in_arn || b"{[/:".contains(&next) {
            return Look::nothing(at + 1);
        }
    }
    let from = run(text, at + 1, |byte| byte == b'=');
    let from = run(text, from + usize::from(byte(text, from) == Some(b'>')), is_blank);
    if !(names::speaks_of_a_secret(name) || is_signature(name) || ends_words_of_a_secret(text, start, name_end)) {
        if names::is_name(name)
            && let Some(secret) = neighbour(text, from)
        {
            return Look::found(secret);
        }
        return Look::nothing(at + 1);
    }
    let line = Line::of(text, start);
    let indent = if line.is_begun_by_name { line.indent } else { 0 };
    if let Some(secret) = block(text, from, indent).filter(|_| is_colon) {
        return Look::found(secret);
    }
    let mut secret = if name.eq_ignore_ascii_case("authorization") || name.eq_ignore_ascii_case("cookie") {
        let start = value(text, from, |_| false).start;
        start..run(text, start, |byte| !b"\r\n\"'\\".contains(&byte))
    } else {
        value(text, from, ends(text, start, is_colon, line.is_begun_by_name))
    };
    let found = text.get(secret.clone()).unwrap_or_default();
    secret.end -= found.len() - found.trim_end().len();
    let is_none =
        matches!(found.trim_end(), "" | "null" | "true" | "false") || (is_colon && found.starts_with(['{', '[']));
    if is_none || leads_to_a_secret(found) { Look::nothing(secret.end) } else { Look::found(secret) }
}

/// `define('DB_PASSWORD', 'hunter2')`
pub(super) fn argument(text: &str, at: usize) -> Look {
    let from = run(text, at + 1, |byte| is_blank(byte) || is_quote(byte) || byte == b'\\');
    let end = run(text, from, is_of_name);
    let comma = run(text, end, |byte| is_blank(byte) || is_quote(byte) || byte == b'\\');
    let name = text.get(from..end).unwrap_or_default();
    if byte(text, comma) != Some(b',') || from == at + 1 || !names::speaks_of_a_secret(name) {
        return Look::nothing(at + 1);
    }
    Look::found(value(text, run(text, comma + 1, is_blank), is_of_value))
}

/// The name of a secret leads to it, and does not give it away.
pub(super) fn leads_to_a_secret(value: &str) -> bool {
    value.starts_with("arn:") || value.starts_with("{{resolve:")
}

/// Of URLs that are signed.
fn is_signature(name: &str) -> bool {
    ["signature", "sig", "x-amz-signature", "x-goog-signature", "hmac"].iter().any(|one| name.eq_ignore_ascii_case(one))
}

/// `Secret access key: …`
fn ends_words_of_a_secret(text: &str, start: usize, end: usize) -> bool {
    if byte_before(text, start) != Some(b' ') {
        return false;
    }
    let from = run_back(text, end, |byte| is_of_name(byte) || byte == b' ');
    let words = plain(text.get(from..end).unwrap_or_default());
    ["apikey", "accesskey", "connectionstring", "privatekey", "secretkey", "sharedkey"]
        .iter()
        .any(|end| words.ends_with(end))
}

/// By what stands before a name it shows where its value ends.
fn ends(text: &str, start: usize, is_colon: bool, begins_line: bool) -> impl Fn(u8) -> bool + use<> {
    let before =
        text.get(..start).unwrap_or_default().trim_end_matches([' ', '\t', '"', '\'', '\\']).bytes().next_back();
    move |byte: u8| match before {
        _ if begins_line && is_colon => !b"\r\n".contains(&byte),
        _ if begins_line => !byte.is_ascii_whitespace() && !is_quote(byte),
        Some(b';') => !b";\r\n\"'<>".contains(&byte),
        Some(b'?' | b'&') => !byte.is_ascii_whitespace() && !b"&#\"'<>`\\".contains(&byte),
        _ => is_of_value(byte),
    }
}

/// Where a name stands in its line.
struct Line {
    /// Blanks, and dashes of a list, before it.
    indent: usize,
    is_begun_by_name: bool,
}

impl Line {
    fn of(text: &str, name: usize) -> Self {
        let blank = run_back(text, name, |byte| is_blank(byte) || byte == b'-');
        let word = run_back(text, blank, |byte| byte.is_ascii_alphabetic());
        let is_set = matches!(text.get(word..blank), Some("export" | "set" | "ENV" | "env" | "setx"));
        let from = if is_set { word } else { blank };
        Self { indent: name - blank, is_begun_by_name: matches!(byte_before(text, from), None | Some(b'\n')) }
    }
}

/// The value that is given in the lines below, which stand further in: `password: |`, or a template's parameter with its
/// `Default`.
fn block(text: &str, from: usize, indent: usize) -> Option<Range<usize>> {
    let mark = run(text, from, |byte| b"|>+-0123456789".contains(&byte));
    let is_text = matches!(byte(text, from), Some(b'|' | b'>'));
    let mut at = run(text, if is_text { mark } else { from }, |byte| is_blank(byte) || byte == b'\r');
    if byte(text, at) != Some(b'\n') {
        return None;
    }
    let start = at + 1;
    while byte(text, at) == Some(b'\n') && (is_text || at < start + NEAR) {
        let first = run(text, at + 1, is_blank);
        let end = run(text, first, |byte| byte != b'\n');
        if first - (at + 1) <= indent && end > first {
            break;
        }
        let name = run(text, first, is_of_name);
        if !is_text && byte(text, name) == Some(b':') && names::is_value(text.get(first..name)?) {
            let secret = value(text, run(text, name + 1, is_blank), |byte| !b"\r\n".contains(&byte));
            return (!secret.is_empty()).then_some(secret);
        }
        at = end;
    }
    (is_text && at > start).then_some(start..at)
}

/// The value beside a name that is secret: `"name": "DB_PASSWORD", "value": "…"`, `Key=DB_PASSWORD,Value=…`.
fn neighbour(text: &str, from: usize) -> Option<Range<usize>> {
    let named = value(text, from, is_of_value);
    if named.len() > 200 || !names::speaks_of_a_secret(text.get(named.clone())?) {
        return None;
    }
    let is_between = |byte: u8| byte.is_ascii_whitespace() || is_quote(byte) || b"\\,;{}-".contains(&byte);
    let mut at = named.end;
    for _ in 0..NEIGHBOURS {
        let start = run(text, at, is_between);
        let end = run(text, start, |byte| byte.is_ascii_alphanumeric() || b"_.".contains(&byte));
        let given = run(text, end, |byte| is_blank(byte) || is_quote(byte) || byte == b'\\');
        if end == start || end > named.end + NEAR || !matches!(byte(text, given), Some(b':' | b'=')) {
            return None;
        }
        let found = value(text, run(text, given + 1, is_blank), is_of_value);
        if names::is_value(text.get(start..end)?) {
            return Some(found);
        }
        at = found.end;
    }
    None
}
