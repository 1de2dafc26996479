//! What looks like a secret within a text. Each pattern has an anchor to look for; from there one look forward decides,
//! and where it looked nothing is looked at again, or no further than a fixed length: the time is linear in the text's
//! length.

mod assigned;
mod elements;
mod flags;
mod keys;
mod tokens;
mod urls;

use std::ops::Range;

pub(super) use flags::{After, before_a_secret, is_secret_part};
pub(super) use keys::has_key_id;

/// A secret, if there is one, and where to go on.
struct Look {
    secret: Option<Range<usize>>,
    next: usize,
}

/// What to look for, and how to look at what was found there.
struct Anchored {
    anchor: &'static str,
    look: fn(&str, usize) -> Look,
    /// Names and values of JSON were looked at already.
    in_json: bool,
}

impl Look {
    fn nothing(next: usize) -> Self {
        Self { secret: None, next }
    }

    fn found(secret: Range<usize>) -> Self {
        Self { next: secret.end, secret: Some(secret) }
    }
}

const fn pattern(anchor: &'static str, look: fn(&str, usize) -> Look, in_json: bool) -> Anchored {
    Anchored { anchor, look, in_json }
}

const PATTERNS: &[Anchored] = &[
    pattern("-----BEGIN ", keys::private_key, true),
    pattern("eyJ", tokens::json_web_token, true),
    pattern("://", urls::password, true),
    // Both in small letters and in capitals: the anchors are what stays.
    pattern("earer ", tokens::bearer, true),
    pattern("EARER ", tokens::bearer, true),
    pattern("asic ", tokens::basic, true),
    pattern("ASIC ", tokens::basic, true),
    pattern("-", flags::flag, false),
    pattern("=", assigned::assignment, false),
    pattern(":", assigned::assignment, false),
    pattern("(", assigned::argument, false),
    pattern("<", elements::element, true),
    pattern(":AA", tokens::telegram, true),
];

/// Gives each secret of the text to `mark`, and puts what it gives in its place; none where there is none. `near_key`: an
/// access key's id, or a word that tells of a secret key, stands beside the text. `is_json`: what is assigned to which
/// name was looked at already.
pub(super) fn replace(text: &str, near_key: bool, is_json: bool, mark: &dyn Fn(&str) -> String) -> Option<String> {
    let mut clean: Option<String> = None;
    for Anchored { anchor, look, in_json } in PATTERNS {
        if is_json && !in_json {
            continue;
        }
        let now = clean.as_deref().unwrap_or(text);
        if let Some(changed) = anchored(now, anchor, *look, mark) {
            clean = Some(changed);
        }
    }
    let now = clean.as_deref().unwrap_or(text);
    if let Some(changed) = tokens::prefixed(now, mark) {
        clean = Some(changed);
    }
    let now = clean.as_deref().unwrap_or(text);
    if near_key || has_key_id(now) || keys::speaks_of_a_secret_key(now) {
        clean = keys::secret_access_keys(now, mark).or(clean);
    }
    clean
}

fn anchored(text: &str, anchor: &str, look: fn(&str, usize) -> Look, mark: &dyn Fn(&str) -> String) -> Option<String> {
    let mut clean = Clean::new(text);
    let mut at = 0;
    while let Some(found) = text.get(at..).and_then(|rest| rest.find(anchor)) {
        let found = at + found;
        let Look { secret, next } = look(text, found);
        if let Some(secret) = secret {
            clean.hide(secret, mark);
        }
        at = next.max(found + anchor.len());
    }
    clean.end()
}

/// A text being copied, without its secrets.
struct Clean<'a> {
    text: &'a str,
    out: String,
    copied: usize,
}

impl<'a> Clean<'a> {
    fn new(text: &'a str) -> Self {
        Self { text, out: String::new(), copied: 0 }
    }

    fn hide(&mut self, secret: Range<usize>, mark: &dyn Fn(&str) -> String) {
        if let (Some(before), Some(hidden)) = (self.text.get(self.copied..secret.start), self.text.get(secret.clone()))
            && !hidden.is_empty()
        {
            self.out.push_str(before);
            self.out.push_str(&mark(hidden));
            self.copied = secret.end;
        }
    }

    /// None where nothing was hidden.
    fn end(self) -> Option<String> {
        (self.copied > 0).then(|| self.out + self.text.get(self.copied..).unwrap_or_default())
    }
}

fn byte(text: &str, at: usize) -> Option<u8> {
    text.as_bytes().get(at).copied()
}

fn byte_before(text: &str, at: usize) -> Option<u8> {
    byte(text, at.checked_sub(1)?)
}

/// Where the run of such bytes that begins at `at` ends. All of them are ASCII, or all that are not belong to it, so that
/// it is a place between letters.
fn run(text: &str, at: usize, is: impl Fn(u8) -> bool) -> usize {
    let bytes = text.as_bytes().get(at..).unwrap_or_default();
    at + bytes.iter().position(|byte| !is(*byte)).unwrap_or(bytes.len())
}

/// Where the run of such bytes that ends at `at` begins, at most 64 bytes before.
fn run_back(text: &str, at: usize, is: impl Fn(u8) -> bool) -> usize {
    let bytes = text.as_bytes().get(at.saturating_sub(64)..at).unwrap_or_default();
    at - bytes.iter().rev().take_while(|byte| is(**byte)).count()
}

fn is_base64(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"+/=".contains(&byte)
}

fn is_base64_url(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-_".contains(&byte)
}

fn is_blank(byte: u8) -> bool {
    byte == b' ' || byte == b'\t'
}

fn is_quote(byte: u8) -> bool {
    b"\"'`".contains(&byte)
}

fn is_of_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-_.".contains(&byte)
}

/// A value in a query, a header or a line of shell.
fn is_of_value(byte: u8) -> bool {
    !byte.is_ascii_whitespace() && !b"&;,\"'<>`\\".contains(&byte)
}

/// The value that begins at `at`, without the quotes around it, which may be escaped. One without quotes is a run of what
/// `is` takes.
fn value(text: &str, at: usize, is: impl Fn(u8) -> bool) -> Range<usize> {
    let open = run(text, at, |byte| byte == b'\\');
    let Some(quote) = byte(text, open).filter(|byte| is_quote(*byte)) else { return at..run(text, at, is) };
    let thrice = [quote; 3];
    if text.as_bytes().get(open..).is_some_and(|rest| rest.starts_with(&thrice)) {
        let start = open + 3;
        let end = text.as_bytes().get(start..).and_then(|rest| rest.windows(3).position(|some| some == thrice));
        return start..end.map_or(text.len(), |end| start + end);
    }
    let (start, escapes) = (open + 1, open - at);
    let mut end = start;
    loop {
        end = run(text, end, |byte| byte != quote && byte != b'\n');
        let slashes = text.get(start..end).map_or(0, |inner| inner.len() - inner.trim_end_matches('\\').len());
        // A quote that is escaped more than the opening one belongs to the value.
        let closes = if escapes == 0 { slashes.is_multiple_of(2) } else { slashes <= escapes };
        if closes || byte(text, end) != Some(quote) {
            return start..end - if byte(text, end) == Some(quote) { slashes.min(escapes) } else { 0 };
        }
        end += 1;
    }
}
