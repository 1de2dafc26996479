//! URLs that carry their own key.

use super::{Look, byte, run};

/// `scheme://user:password@host` (RFC 3986), and `scheme://token@host`.
pub(super) fn password(text: &str, at: usize) -> Look {
    let from = at + "://".len();
    let is_of_url = |byte: u8| !byte.is_ascii_whitespace() && !b"\"'<>`\\".contains(&byte);
    let authority_end = run(text, from, |byte| is_of_url(byte) && !b"/?#".contains(&byte));
    let authority = text.get(from..authority_end).unwrap_or_default();
    let colon = authority.find(':').map(|colon| from + colon + 1);
    if let Some(host) = authority.rfind('@') {
        let host = from + host;
        return match colon.filter(|colon| *colon < host) {
            Some(secret) => Look { secret: Some(secret..host), next: authority_end },
            None if is_key(text.get(from..host).unwrap_or_default()) => {
                Look { secret: Some(from..host), next: authority_end }
            }
            None => Look::nothing(authority_end),
        };
    }
    // A password that has a slash in it, though it should not: what is after the colon is no port.
    let Some(secret) = colon.filter(|colon| run(text, *colon, |byte| byte.is_ascii_digit()) < authority_end) else {
        return Look::nothing(authority_end);
    };
    let end = run(text, authority_end, is_of_url);
    match text.get(secret..end).and_then(|rest| rest.rfind('@')) {
        Some(host) if byte(text, secret) != Some(b'{') => Look { secret: Some(secret..secret + host), next: end },
        _ => Look::nothing(end),
    }
}

fn is_key(user: &str) -> bool {
    user.len() >= 20 && user.bytes().any(|byte| byte.is_ascii_digit()) && !user.contains("redacted")
}
