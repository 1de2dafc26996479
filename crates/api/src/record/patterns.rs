//! What looks like a secret within a text. Each pattern has an anchor to look for; from there one look forward decides,
//! and where it looked nothing is looked at again: the time is linear in the text's length.

use std::ops::Range;

use super::names;

/// A secret, if there is one, and where to go on.
struct Look {
    secret: Option<Range<usize>>,
    next: usize,
}

/// What to look for, and how to look at what was found there.
type Anchored = (&'static str, fn(&str, usize) -> Look);

impl Look {
    fn nothing(next: usize) -> Self {
        Self { secret: None, next }
    }

    fn found(secret: Range<usize>) -> Self {
        Self { next: secret.end, secret: Some(secret) }
    }
}

/// Gives each secret of the text to `mark`, and puts what it gives in its place; none where there is none. `near_key`: an
/// access key's id stands beside the text. `is_json`: what is assigned to which name was looked at already.
pub(super) fn replace(text: &str, near_key: bool, is_json: bool, mark: &dyn Fn(&str) -> String) -> Option<String> {
    let looks: [Anchored; 7] = [
        ("-----BEGIN ", private_key),
        ("eyJ", json_web_token),
        ("://", password_in_url),
        ("Bearer ", bearer),
        ("--", flag),
        ("=", assignment),
        (":", assignment),
    ];
    let mut clean: Option<String> = None;
    for (anchor, look) in looks {
        if is_json && anchor.len() == 1 {
            continue;
        }
        let now = clean.as_deref().unwrap_or(text);
        if let Some(changed) = anchored(now, anchor, &look, mark) {
            clean = Some(changed);
        }
    }
    for prefixed in PREFIXED {
        let now = clean.as_deref().unwrap_or(text);
        if let Some(changed) = anchored(now, prefixed.anchor, &|text, at| prefixed.look(text, at), mark) {
            clean = Some(changed);
        }
    }
    let now = clean.as_deref().unwrap_or(text);
    if near_key || has_key_id(now) {
        clean = secret_access_keys(now, mark).or(clean);
    }
    clean
}

fn anchored(
    text: &str,
    anchor: &str,
    look: &dyn Fn(&str, usize) -> Look,
    mark: &dyn Fn(&str) -> String,
) -> Option<String> {
    let mut clean = String::new();
    let (mut copied, mut at) = (0, 0);
    while let Some(found) = text.get(at..).and_then(|rest| rest.find(anchor)) {
        let found = at + found;
        let look = look(text, found);
        if let Some(secret) = look.secret
            && let (Some(before), Some(hidden)) = (text.get(copied..secret.start), text.get(secret.clone()))
            && !hidden.is_empty()
        {
            clean.push_str(before);
            clean.push_str(&mark(hidden));
            copied = secret.end;
        }
        at = look.next.max(found + anchor.len());
    }
    (copied > 0).then(|| clean + text.get(copied..).unwrap_or_default())
}

/// Where the run of such bytes that begins at `at` ends. All of them are ASCII, so that it is a place between letters.
fn run(text: &str, at: usize, is: impl Fn(u8) -> bool) -> usize {
    let bytes = text.as_bytes().get(at..).unwrap_or_default();
    at + bytes.iter().position(|byte| !is(*byte)).unwrap_or(bytes.len())
}

fn is_base64(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"+/=".contains(&byte)
}

fn is_base64_url(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-_".contains(&byte)
}

/// A value in a query, a header or a line of shell.
fn is_of_value(byte: u8) -> bool {
    !byte.is_ascii_whitespace() && !b"&;,\"'<>`\\".contains(&byte)
}

const PRIVATE_KEY_END: &str = "PRIVATE KEY-----";

/// PEM (RFC 7468), to its end or to the text's.
fn private_key(text: &str, at: usize) -> Look {
    let label = run(text, at + "-----BEGIN ".len(), |byte| byte.is_ascii_uppercase() || byte == b' ');
    if !text.get(at..label).is_some_and(|begin| begin.ends_with("PRIVATE KEY")) {
        return Look::nothing(label);
    }
    let body = label + "-----".len();
    let end = text
        .get(body..)
        .and_then(|rest| rest.find(PRIVATE_KEY_END))
        .map_or(text.len(), |end| body + end + PRIVATE_KEY_END.len());
    Look::found(at..end)
}

/// Two parts that are JSON objects and a signature (RFC 7519).
fn json_web_token(text: &str, at: usize) -> Look {
    let header = run(text, at, is_base64_url);
    if !text.get(header..).is_some_and(|rest| rest.starts_with(".eyJ")) {
        return Look::nothing(header);
    }
    let claims = run(text, header + 1, is_base64_url);
    if text.as_bytes().get(claims) != Some(&b'.') {
        return Look::nothing(claims);
    }
    Look::found(at..run(text, claims + 1, is_base64_url))
}

/// `scheme://user:password@host` (RFC 3986).
fn password_in_url(text: &str, at: usize) -> Look {
    let from = at + "://".len();
    let end = run(text, from, |byte| is_of_value(byte) && !b"/?#".contains(&byte));
    let authority = text.get(from..end).unwrap_or_default();
    let password = authority.rsplit_once('@').and_then(|(user, _)| user.split_once(':')).map(|(_, password)| password);
    match (authority.find(':'), password) {
        (Some(colon), Some(password)) => {
            let start = from + colon + 1;
            Look { secret: Some(start..start + password.len()), next: end }
        }
        _ => Look::nothing(end),
    }
}

/// RFC 6750.
fn bearer(text: &str, at: usize) -> Look {
    let from = at + "Bearer ".len();
    let end = run(text, from, |byte| is_base64(byte) || is_base64_url(byte) || b".~".contains(&byte));
    if end - from >= 16 { Look::found(from..end) } else { Look::nothing(end) }
}

/// `--password hunter2`
fn flag(text: &str, at: usize) -> Look {
    let from = at + "--".len();
    let word = run(text, from, is_base64_url);
    if !names::is_secret(text.get(from..word).unwrap_or_default()) || text.as_bytes().get(word) != Some(&b' ') {
        return Look::nothing(word);
    }
    Look::found(value(text, word + 1))
}

/// `password=hunter2`, `"api_key": "…"`, `X-Amz-Signature=…`, `Authorization: …`.
fn assignment(text: &str, at: usize) -> Look {
    let bytes = text.as_bytes();
    // Quotes around the name, escaped or not.
    let before = text.get(..at).unwrap_or_default().trim_end_matches(['"', '\'', '\\', ' ']);
    let is_of_name = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_.".contains(byte);
    let length = before.bytes().rev().take(64).take_while(is_of_name).count();
    let start = before.len() - length;
    let name = before.get(start..).unwrap_or_default();
    let is_signature = name.eq_ignore_ascii_case("signature") || name.eq_ignore_ascii_case("x-amz-signature");
    if !is_signature && (length == 0 || !names::is_secret(name)) {
        return Look::nothing(at + 1);
    }
    let is_header = name.eq_ignore_ascii_case("authorization");
    let is_colon = bytes.get(at) == Some(&b':');
    let mut from = run(text, at + 1, |byte| byte == b'=');
    if is_colon {
        // A part of an ARN, or of an action, is no name of a value.
        let in_arn = start > 0 && bytes.get(start - 1) == Some(&b':');
        let next = bytes.get(from).copied().unwrap_or(b' ');
        if in_arn || b"{[/:".contains(&next) {
            return Look::nothing(at + 1);
        }
    }
    from = run(text, from, |byte| byte == b' ' || byte == b'\t');
    let mut secret = value(text, from);
    if is_header {
        secret.end = run(text, secret.start, |byte| !b"\r\n\"'\\".contains(&byte));
    }
    let found = text.get(secret.clone()).unwrap_or_default();
    let is_none = matches!(found, "" | "null" | "true" | "false") || (is_colon && found.starts_with(['{', '[']));
    let leads_to = found.starts_with("arn:") || found.starts_with("{{resolve:");
    if is_none || leads_to { Look::nothing(secret.end) } else { Look::found(secret) }
}

/// The value that begins at `at`, without the quotes around it, which may be escaped.
fn value(text: &str, at: usize) -> Range<usize> {
    let open = run(text, at, |byte| byte == b'\\');
    match text.as_bytes().get(open) {
        Some(quote @ (b'"' | b'\'')) => {
            let start = open + 1;
            let end = run(text, start, |byte| byte != *quote && byte != b'\n');
            // The closing quote is escaped as the opening one is.
            let escapes = if open > at {
                text.get(start..end).map_or(0, |inner| inner.len() - inner.trim_end_matches('\\').len())
            } else {
                0
            };
            start..end - escapes
        }
        _ => at..run(text, at, is_of_value),
    }
}

/// A secret that says by its beginning what it is.
struct Prefixed {
    anchor: &'static str,
    is: fn(u8) -> bool,
    /// Bytes that must follow, at least.
    least: usize,
}

impl Prefixed {
    fn look(&self, text: &str, at: usize) -> Look {
        let from = at + self.anchor.len();
        let end = run(text, from, self.is);
        if end - from >= self.least { Look::found(at..end) } else { Look::nothing(end) }
    }
}

const PREFIXED: &[Prefixed] = &[
    // Session tokens of STS.
    Prefixed { anchor: "IQoJ", is: is_of_session_token, least: 60 },
    Prefixed { anchor: "FwoG", is: is_of_session_token, least: 60 },
    Prefixed { anchor: "FQoG", is: is_of_session_token, least: 60 },
    Prefixed { anchor: "AQoD", is: is_of_session_token, least: 60 },
    // GitHub, GitLab.
    Prefixed { anchor: "ghp_", is: is_base64_url, least: 20 },
    Prefixed { anchor: "gho_", is: is_base64_url, least: 20 },
    Prefixed { anchor: "ghu_", is: is_base64_url, least: 20 },
    Prefixed { anchor: "ghs_", is: is_base64_url, least: 20 },
    Prefixed { anchor: "ghr_", is: is_base64_url, least: 20 },
    Prefixed { anchor: "github_pat_", is: is_base64_url, least: 20 },
    Prefixed { anchor: "glpat-", is: is_base64_url, least: 16 },
    // Slack, and other places that take messages from whoever knows the address.
    Prefixed { anchor: "xoxa-", is: is_base64_url, least: 10 },
    Prefixed { anchor: "xoxb-", is: is_base64_url, least: 10 },
    Prefixed { anchor: "xoxe-", is: is_base64_url, least: 10 },
    Prefixed { anchor: "xoxp-", is: is_base64_url, least: 10 },
    Prefixed { anchor: "xoxr-", is: is_base64_url, least: 10 },
    Prefixed { anchor: "xoxs-", is: is_base64_url, least: 10 },
    Prefixed { anchor: "xapp-", is: is_base64_url, least: 10 },
    Prefixed { anchor: "hooks.slack.com/", is: is_of_path, least: 10 },
    Prefixed { anchor: "webhook.office.com/", is: is_of_path, least: 10 },
    Prefixed { anchor: "discord.com/api/webhooks/", is: is_of_path, least: 10 },
    // npm, Google, Stripe.
    Prefixed { anchor: "npm_", is: is_base64_url, least: 30 },
    Prefixed { anchor: "AIza", is: is_base64_url, least: 30 },
    Prefixed { anchor: "sk_live_", is: is_base64_url, least: 16 },
    Prefixed { anchor: "rk_live_", is: is_base64_url, least: 16 },
];

fn is_of_session_token(byte: u8) -> bool {
    is_base64(byte) || is_base64_url(byte) || byte == b'%'
}

fn is_of_path(byte: u8) -> bool {
    is_base64_url(byte) || b"/.@".contains(&byte)
}

/// An access key's id: `AKIA` (of a user) or `ASIA` (of a session), and 16 more ("IAM identifiers").
pub(super) fn has_key_id(text: &str) -> bool {
    let is = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit();
    ["AKIA", "ASIA"].iter().any(|anchor| {
        text.match_indices(anchor).any(|(at, _)| {
            let after = text.as_bytes().get(at + 4..at + 20).unwrap_or_default();
            after.len() == 16 && after.iter().all(|byte| is(*byte))
        })
    })
}

/// Every run of 40 letters that a secret access key can be made of; a digest in hexadecimal has no upper case.
fn secret_access_keys(text: &str, mark: &dyn Fn(&str) -> String) -> Option<String> {
    let is = |byte: u8| byte.is_ascii_alphanumeric() || b"+/".contains(&byte);
    let mut clean = String::new();
    let (mut copied, mut at) = (0, 0);
    while at < text.len() {
        let end = run(text, at, is);
        let found = text.get(at..end).unwrap_or_default();
        let any = |of: fn(&u8) -> bool| found.as_bytes().iter().any(of);
        if found.len() == 40 && any(u8::is_ascii_uppercase) && any(u8::is_ascii_lowercase) {
            clean.push_str(text.get(copied..at).unwrap_or_default());
            clean.push_str(&mark(found));
            copied = end;
        }
        at = run(text, end, |byte| !is(byte)).max(end);
    }
    (copied > 0).then(|| clean + text.get(copied..).unwrap_or_default())
}
