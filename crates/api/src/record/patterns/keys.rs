//! Private keys, and AWS's secret access keys, which show nothing but their length.

use super::{Clean, Look, run};

const PRIVATE_KEY: [&str; 2] = ["PRIVATE KEY", "PRIVATE KEY BLOCK"];

/// PEM (RFC 7468) and that of PGP, to its end or to the text's.
pub(super) fn private_key(text: &str, at: usize) -> Look {
    let label = run(text, at + "-----BEGIN ".len(), |byte| byte.is_ascii_uppercase() || byte == b' ');
    if !text.get(at..label).is_some_and(|begin| PRIVATE_KEY.iter().any(|kind| begin.ends_with(kind))) {
        return Look::nothing(label);
    }
    let mut end = label + "-----".len();
    // A label that is cut off ends the text.
    while let Some(found) = text.get(end..).and_then(|rest| rest.find("-----END ")) {
        let from = end + found + "-----END ".len();
        let label = run(text, from, |byte| byte.is_ascii_uppercase() || byte == b' ');
        if text.get(from..label).is_some_and(|label| PRIVATE_KEY.iter().any(|kind| label.ends_with(kind))) {
            return Look::found(at..run(text, label, |byte| byte == b'-'));
        }
        end = label;
    }
    Look::found(at..text.len())
}

/// An access key's id: `AKIA` (of a user) or `ASIA` (of a session), and 16 more ("IAM identifiers").
pub(in super::super) fn has_key_id(text: &str) -> bool {
    let is = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit();
    ["AKIA", "ASIA"].iter().any(|anchor| {
        text.match_indices(anchor).any(|(at, _)| {
            let after = text.as_bytes().get(at + 4..at + 20).unwrap_or_default();
            after.len() == 16 && after.iter().all(|byte| is(*byte))
        })
    })
}

/// Words that stand beside one where it is not assigned to a name: `secret key is …`. An ARN of a secret is none.
pub(super) fn speaks_of_a_secret_key(text: &str) -> bool {
    text.len() >= 40
        && !text.starts_with("arn:")
        && ["secret", "Secret", "SECRET", "access key", "Access key", "Access Key"]
            .iter()
            .any(|word| text.contains(word))
}

/// Every run of 40 letters that a secret access key can be made of; a digest in hexadecimal has no upper case, and a
/// path no digits and both cases.
pub(super) fn secret_access_keys(text: &str, mark: &dyn Fn(&str) -> String) -> Option<String> {
    let is = |byte: u8| byte.is_ascii_alphanumeric() || b"+/".contains(&byte);
    let mut clean = Clean::new(text);
    let mut at = 0;
    while at < text.len() {
        let end = run(text, at, is);
        let found = text.get(at..end).unwrap_or_default();
        let any = |of: fn(&u8) -> bool| found.as_bytes().iter().any(of);
        if found.len() == 40 && any(u8::is_ascii_uppercase) && any(u8::is_ascii_lowercase) {
            clean.hide(at..end, mark);
        }
        at = run(text, end, |byte| !is(byte)).max(end);
    }
    clean.end()
}
