//! Texts within texts: JSON, percent-encoded, base64, and with the entities of XML. What is found in one is taken out of
//! it, and it is written as it was: but base64, of which nothing stays.

use aws_smithy_types::base64;
use serde_json::Value;

use super::patterns;
use super::redact::Pass;

/// Texts within texts are looked into so deep.
const MAX_NESTED: u8 = 6;

/// Base64 that is shorter is more likely a word.
const SHORTEST: usize = 16;

/// Lines of base64 within a text are so long, all but the last (RFC 2045, RFC 7468).
const LINE: usize = 60;

/// What surrounds a value.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Around {
    pub(super) nested: u8,
    /// An access key's id stands beside it.
    pub(super) near_key: bool,
}

impl Around {
    fn deeper(self, levels: u8) -> Self {
        Self { nested: self.nested + levels, ..self }
    }
}

pub(super) fn within(pass: &Pass<'_>, text: &str, around: Around) -> Option<String> {
    let mark = |secret: &str| pass.hidden(secret);
    if around.nested >= MAX_NESTED {
        return patterns::replace(text, around.near_key, false, &mark);
    }
    if let Some(before) = json(text) {
        let mut after = before.clone();
        pass.document(&mut after, around.deeper(1));
        let changed = (after != before).then(|| after.to_string());
        let now = changed.as_deref().unwrap_or(text);
        return patterns::replace(now, around.near_key, true, &mark).or(changed);
    }
    if let Some(decoded) = from_lines(text) {
        return pass.within(&decoded, around.deeper(1)).map(|_| pass.hidden(text));
    }
    let mut clean = percent(pass, text, around);
    for layer in [entities, runs, patterns] {
        clean = layer(pass, clean.as_deref().unwrap_or(text), around).or(clean);
    }
    clean
}

fn patterns(pass: &Pass<'_>, text: &str, around: Around) -> Option<String> {
    patterns::replace(text, around.near_key, false, &|secret: &str| pass.hidden(secret))
}

fn json(text: &str) -> Option<Value> {
    if text.trim_start().starts_with(['{', '[']) { serde_json::from_str(text).ok() } else { None }
}

/// The whole text, which may be broken into lines, as base64.
fn from_lines(text: &str) -> Option<String> {
    let is = |byte: u8| is_of_base64(byte) || byte == b'=' || byte.is_ascii_whitespace();
    if text.len() < SHORTEST || !text.bytes().all(is) {
        return None;
    }
    decoded(text)
}

fn is_of_base64(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"+/-_".contains(&byte)
}

/// The text that it is in base64, in either alphabet, padded or not.
fn decoded(text: &str) -> Option<String> {
    let mut letters: String = text.chars().filter(|letter| !letter.is_ascii_whitespace() && *letter != '=').collect();
    if letters.len() < SHORTEST - 2 || letters.len() % 4 == 1 {
        return None;
    }
    letters = letters.replace('-', "+").replace('_', "/");
    while !letters.len().is_multiple_of(4) {
        letters.push('=');
    }
    let bytes = base64::decode(letters).ok()?;
    let is_wide = bytes.len().is_multiple_of(2) && bytes.iter().skip(1).step_by(2).all(|byte| *byte == 0);
    if is_wide {
        let units: Vec<u16> = bytes.chunks_exact(2).filter_map(|pair| Some(u16::from(*pair.first()?))).collect();
        return String::from_utf16(&units).ok();
    }
    String::from_utf8(bytes).ok()
}

/// Base64 that stands in a longer text.
fn runs(pass: &Pass<'_>, text: &str, around: Around) -> Option<String> {
    let bytes = text.as_bytes();
    let run = |at: usize| {
        let rest = bytes.get(at..).unwrap_or_default();
        at + rest.iter().position(|byte| !is_of_base64(*byte)).unwrap_or(rest.len())
    };
    let mut clean = String::new();
    let (mut copied, mut at) = (0, 0);
    while at < text.len() {
        let (start, mut end) = (at, run(at));
        let mut line = end - start;
        while line >= LINE && bytes.get(end) == Some(&b'\n') {
            line = run(end + 1) - (end + 1);
            end += 1 + line;
        }
        let padding = bytes.get(end..).unwrap_or_default().iter().take(2).take_while(|byte| **byte == b'=').count();
        end += padding;
        if let Some(found) = text.get(start..end)
            && let Some(decoded) = (found.len() >= SHORTEST).then(|| decoded(found)).flatten()
            && pass.within(&decoded, around.deeper(1)).is_some()
        {
            clean.push_str(text.get(copied..start).unwrap_or_default());
            clean.push_str(&pass.hidden(found));
            copied = end;
        }
        at = end.max(start + 1);
        while !text.is_char_boundary(at) {
            at += 1;
        }
    }
    (copied > 0).then(|| clean + text.get(copied..).unwrap_or_default())
}

/// IAM sends documents percent-encoded; of a URL a part may be. What was not encoded before is not encoded after.
fn percent(pass: &Pass<'_>, text: &str, around: Around) -> Option<String> {
    if !text.contains('%') {
        return None;
    }
    let inner = around.deeper(1);
    if ["%7B", "%7b", "%5B", "%5b"].iter().any(|start| text.starts_with(start)) {
        return percent_run(pass, text, inner);
    }
    let mut clean = String::new();
    let mut is_changed = false;
    for part in text.split_inclusive(|letter: char| letter.is_ascii_whitespace() || "\"'<>`\\".contains(letter)) {
        let changed = part.contains('%').then(|| percent_run(pass, part, inner)).flatten();
        is_changed |= changed.is_some();
        clean.push_str(changed.as_deref().unwrap_or(part));
    }
    is_changed.then_some(clean)
}

fn percent_run(pass: &Pass<'_>, text: &str, inner: Around) -> Option<String> {
    let decoded = percent_decoded(text)?;
    pass.within(&decoded, inner).map(|clean| percent_encoded(&clean, text))
}

/// None where nothing is encoded.
fn percent_decoded(text: &str) -> Option<String> {
    let digit = |byte: Option<&u8>| u8::try_from(char::from(*byte?).to_digit(16)?).ok();
    let bytes = text.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        if *byte == b'%'
            && let (Some(high), Some(low)) = (digit(bytes.get(at + 1)), digit(bytes.get(at + 2)))
        {
            decoded.push(high * 16 + low);
            at += 3;
        } else {
            decoded.push(*byte);
            at += 1;
        }
    }
    (decoded.len() < bytes.len()).then(|| String::from_utf8(decoded).ok()).flatten()
}

fn percent_encoded(text: &str, before: &str) -> String {
    use std::fmt::Write as _;
    let mut is_bare = [false; 256];
    // Parentheses too, so that a mark stays one.
    for byte in before.bytes().chain(*b"-._~()") {
        if let Some(is_bare) = is_bare.get_mut(usize::from(byte)) {
            *is_bare = byte != b'%';
        }
    }
    let mut encoded = String::with_capacity(text.len() * 2);
    for byte in text.bytes() {
        let is_bare = byte.is_ascii() && is_bare.get(usize::from(byte)) == Some(&true);
        if byte.is_ascii_alphanumeric() || is_bare {
            encoded.push(char::from(byte));
        } else {
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}

const ENTITIES: &[(&str, char)] = &[
    ("&quot;", '"'),
    ("&#34;", '"'),
    ("&#x22;", '"'),
    ("&apos;", '\''),
    ("&#39;", '\''),
    ("&#x27;", '\''),
    ("&lt;", '<'),
    ("&gt;", '>'),
    ("&#61;", '='),
    ("&#x3D;", '='),
    ("&amp;", '&'),
    ("\\u0022", '"'),
    ("\\u0027", '\''),
    ("\\u003c", '<'),
    ("\\u003e", '>'),
    ("\\u003d", '='),
    ("\\u0026", '&'),
];

/// Quotes and brackets that are written as XML, HTML and careful JSON do.
fn entities(pass: &Pass<'_>, text: &str, around: Around) -> Option<String> {
    if !text.contains('&') && !text.contains("\\u00") {
        return None;
    }
    let mut decoded = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(letter) = rest.chars().next() {
        let entity =
            (letter == '&' || letter == '\\').then(|| ENTITIES.iter().find(|(name, _)| rest.starts_with(name)));
        let (length, letter) =
            entity.flatten().map_or((letter.len_utf8(), letter), |(name, letter)| (name.len(), *letter));
        decoded.push(letter);
        rest = rest.get(length..).unwrap_or_default();
    }
    if decoded.len() == text.len() {
        return None;
    }
    let clean = pass.within(&decoded, around.deeper(2))?;
    let mut encoded = String::with_capacity(clean.len());
    for letter in clean.chars() {
        let entity = ENTITIES.iter().find(|(name, of)| *of == letter && text.contains(name));
        let is_bare = entity.is_none_or(|(name, _)| !name.starts_with("&amp") && text.contains(letter));
        match entity {
            Some((name, _)) if !is_bare => encoded.push_str(name),
            _ => encoded.push(letter),
        }
    }
    Some(encoded)
}
