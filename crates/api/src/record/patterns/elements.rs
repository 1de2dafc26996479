//! XML, of configurations and of replies that are not understood.

use std::ops::Range;

use super::super::names;
use super::assigned::leads_to_a_secret;
use super::{Look, byte, is_of_name, run};

const CDATA: &str = "<![CDATA[";

/// `<password>hunter2</password>`, `<name>DB_PASSWORD</name><value>hunter2</value>`
pub(super) fn element(text: &str, at: usize) -> Look {
    let Some((name, content)) = opened(text, at) else { return Look::nothing(at + 1) };
    let found = text.get(content.clone()).unwrap_or_default();
    if names::speaks_of_a_secret(name) {
        let is_none = found.is_empty() || leads_to_a_secret(found);
        return if is_none { Look::nothing(content.end) } else { Look::found(content) };
    }
    if names::is_name(name) && names::speaks_of_a_secret(found) {
        // The end of the name, and what stands beside it.
        let closed = run(text, content.end, |byte| byte != b'>');
        let next = run(text, closed + 1, |byte| byte.is_ascii_whitespace());
        if let Some((name, content)) = opened(text, next)
            && (names::is_value(name) || name == "string")
        {
            return Look::found(content);
        }
    }
    Look::nothing(content.start)
}

/// The element that begins here, without its namespace, and the text in it.
fn opened(text: &str, at: usize) -> Option<(&str, Range<usize>)> {
    let end = run(text, at + 1, |byte| is_of_name(byte) || byte == b':');
    let name = text.get(at + 1..end)?.rsplit(':').next().filter(|name| !name.is_empty())?;
    if byte(text, at) != Some(b'<') || end > at + 200 {
        return None;
    }
    let closed = run(text, end, |byte| byte != b'<' && byte != b'>' && byte != b'\n');
    if byte(text, closed) != Some(b'>') || byte(text, closed - 1) == Some(b'/') {
        return None;
    }
    let start = closed + 1;
    if text.get(start..).is_some_and(|rest| rest.starts_with(CDATA)) {
        let start = start + CDATA.len();
        let end = text.get(start..).and_then(|rest| rest.find("]]>")).map_or(text.len(), |end| start + end);
        return Some((name, start..end));
    }
    let end = run(text, start, |byte| byte != b'<');
    // A type with a parameter, and a comparison, look like an element.
    let is_element = end == text.len() || byte(text, end + 1) == Some(b'/');
    let found = text.get(start..end)?;
    let trimmed = found.trim_start();
    let start = end - trimmed.len();
    is_element.then(|| (name, start..start + trimmed.trim_end().len()))
}
