//! Flags of command lines.

use super::super::names;
use super::{Look, byte, byte_before, is_base64_url, is_quote, run, value};

/// `--password hunter2`, `-u name:hunter2`, `'--password', 'hunter2'`
pub(super) fn flag(text: &str, at: usize) -> Look {
    let begins = byte_before(text, at).is_none_or(|byte| byte.is_ascii_whitespace() || is_quote(byte));
    let word = run(text, at, is_base64_url);
    let from = run(text, word, |byte| byte.is_ascii_whitespace() || is_quote(byte) || b",\\".contains(&byte));
    if !begins || from == word {
        return Look::nothing(word);
    }
    let flag = text.get(at..word).unwrap_or_default();
    // Quotes belong to the value, unless the flag has some too.
    let is_quoted = byte_before(text, at).is_some_and(is_quote);
    let is_blank = |byte: u8| byte.is_ascii_whitespace();
    let (first, is_of_word) = if is_quoted {
        (from, (|byte| !is_quote(byte) && byte != b'\\' && byte != b'\n') as fn(u8) -> bool)
    } else {
        (run(text, word, is_blank), (|byte: u8| !byte.is_ascii_whitespace() && !b"\"'<>`\\".contains(&byte)) as _)
    };
    let secret = value(text, first, is_of_word);
    match before_a_secret(flag) {
        _ if byte(text, secret.start) == Some(b'-') => Look::nothing(word),
        Some(After::Secret) => Look::found(secret),
        Some(After::UserAndSecret) => match text.get(secret.clone()).and_then(|both| both.split_once(':')) {
            Some((user, secret_part)) if is_secret_part(secret_part) => {
                Look::found(secret.start + user.len() + 1..secret.end)
            }
            _ => Look::nothing(word),
        },
        None => Look::nothing(word),
    }
}

/// What follows a flag.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) enum After {
    Secret,
    /// `name:password`, of `curl`; of others numbers, of a user and a group.
    UserAndSecret,
}

/// Whether the word is a flag that a secret follows.
pub(in super::super) fn before_a_secret(word: &str) -> Option<After> {
    let name = word.strip_prefix('-')?.trim_start_matches('-');
    if name.contains('=') {
        return None;
    }
    match name {
        "u" | "user" | "proxy-user" => Some(After::UserAndSecret),
        _ => names::speaks_of_a_secret(name).then_some(After::Secret),
    }
}

pub(in super::super) fn is_secret_part(part: &str) -> bool {
    !part.is_empty() && !part.bytes().all(|byte| byte.is_ascii_digit())
}
