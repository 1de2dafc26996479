//! Secrets that say by their beginning, or by their form, what they are: what the services that give them out document.

use std::sync::OnceLock;

use aws_smithy_types::base64;

use super::{Clean, Look, byte, byte_before, is_base64, is_base64_url, run};

/// Two parts that are JSON objects and a signature (RFC 7519), or five parts (RFC 7516).
pub(super) fn json_web_token(text: &str, at: usize) -> Look {
    let header = run(text, at, is_base64_url);
    if byte(text, header) != Some(b'.') {
        return Look::nothing(header);
    }
    let claims = run(text, header + 1, is_base64_url);
    let is_token = text.get(header..).is_some_and(|rest| rest.starts_with(".eyJ")) || says_how(text, at, header);
    if !is_token || byte(text, claims) != Some(b'.') {
        return Look::nothing(claims);
    }
    Look::found(at..run(text, claims + 1, |byte| is_base64_url(byte) || byte == b'.'))
}

/// Whether the header names an algorithm.
fn says_how(text: &str, at: usize, end: usize) -> bool {
    let mut header = text.get(at..end.min(at + 2000)).unwrap_or_default().replace('-', "+").replace('_', "/");
    while !header.len().is_multiple_of(4) {
        header.push('=');
    }
    base64::decode(header).is_ok_and(|json| json.windows(5).any(|some| some == b"\"alg\""))
}

/// RFC 6750; its word is no secret without figures, unless it is long.
pub(super) fn bearer(text: &str, at: usize) -> Look {
    let from = at + "earer ".len();
    let is_token = |byte| is_base64(byte) || is_base64_url(byte) || b".~".contains(&byte);
    let end = run(text, from, is_token);
    let found = text.get(from..end).unwrap_or_default();
    let begins = byte_before(text, at).is_some_and(|byte| b"bB".contains(&byte));
    let is_secret = found.len() >= 16 || (found.len() >= 8 && found.bytes().any(|byte| byte.is_ascii_digit()));
    if begins && is_secret { Look::found(from..end) } else { Look::nothing(end) }
}

/// RFC 7617: a name and a password in base64.
pub(super) fn basic(text: &str, at: usize) -> Look {
    let from = at + "asic ".len();
    let end = run(text, from, is_base64);
    let begins = byte_before(text, at).is_some_and(|byte| b"bB".contains(&byte));
    let decoded = text.get(from..end).filter(|_| begins).and_then(|found| base64::decode(found).ok());
    if decoded.is_some_and(|both| both.contains(&b':')) { Look::found(from..end) } else { Look::nothing(end) }
}

/// A bot's number, and its key.
pub(super) fn telegram(text: &str, at: usize) -> Look {
    let end = run(text, at + 1, is_base64_url);
    let is_number = text
        .as_bytes()
        .get(at.saturating_sub(8)..at)
        .is_some_and(|number| number.len() == 8 && number.iter().all(u8::is_ascii_digit));
    if is_number && end - at == 36 { Look::found(at + 1..end) } else { Look::nothing(end) }
}

/// A secret that says by its beginning what it is.
struct Prefixed {
    prefix: &'static str,
    is: fn(u8) -> bool,
    /// Bytes that must follow, at least.
    least: usize,
}

const fn prefix(prefix: &'static str, is: fn(u8) -> bool, least: usize) -> Prefixed {
    Prefixed { prefix, is, least }
}

fn is_of_session_token(byte: u8) -> bool {
    is_base64(byte) || is_base64_url(byte) || byte == b'%'
}

fn is_of_path(byte: u8) -> bool {
    is_base64_url(byte) || b"/.@".contains(&byte)
}

fn is_dotted(byte: u8) -> bool {
    is_base64_url(byte) || byte == b'.'
}

fn is_alphanumeric(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
}

fn is_hexadecimal(byte: u8) -> bool {
    matches!(byte, b'0'..=b'9' | b'a'..=b'f')
}

const PREFIXED: &[Prefixed] = &[
    // AWS: session tokens of STS, keys of Bedrock.
    prefix("IQoJ", is_of_session_token, 60),
    prefix("FwoG", is_of_session_token, 60),
    prefix("FQoG", is_of_session_token, 60),
    prefix("AQoD", is_of_session_token, 60),
    prefix("ABSK", is_base64, 100),
    prefix("bedrock-api-key-", is_of_session_token, 20),
    // GitHub, GitLab, Atlassian, Bitbucket.
    prefix("ghp_", is_base64_url, 20),
    prefix("gho_", is_base64_url, 20),
    prefix("ghu_", is_base64_url, 20),
    prefix("ghs_", is_base64_url, 20),
    prefix("ghr_", is_base64_url, 20),
    prefix("github_pat_", is_base64_url, 20),
    prefix("glpat-", is_dotted, 16),
    prefix("gldt-", is_base64_url, 16),
    prefix("glrt-", is_dotted, 16),
    prefix("glcbt-", is_base64_url, 16),
    prefix("glptt-", is_base64_url, 16),
    prefix("glft-", is_base64_url, 16),
    prefix("glimt-", is_base64_url, 16),
    prefix("glsoat-", is_base64_url, 16),
    prefix("glffct-", is_base64_url, 16),
    prefix("glagent-", is_base64_url, 16),
    prefix("gloas-", is_base64_url, 16),
    prefix("GR1348941", is_base64_url, 16),
    prefix("ATATT3", is_of_session_token, 60),
    prefix("ATCTT3", is_of_session_token, 60),
    prefix("ATBB", is_alphanumeric, 28),
    // Slack, and other places that take messages from whoever knows the address.
    prefix("xoxa-", is_base64_url, 10),
    prefix("xoxb-", is_base64_url, 10),
    prefix("xoxe-", is_base64_url, 10),
    prefix("xoxe.xox", is_dotted, 10),
    prefix("xoxo-", is_base64_url, 10),
    prefix("xoxp-", is_base64_url, 10),
    prefix("xoxr-", is_base64_url, 10),
    prefix("xoxs-", is_base64_url, 10),
    prefix("xapp-", is_base64_url, 10),
    prefix("xwfp-", is_base64_url, 10),
    prefix("hooks.slack.com/", is_of_path, 10),
    prefix("webhook.office.com/", is_of_path, 10),
    prefix("discord.com/api/webhooks/", is_of_path, 10),
    prefix("discordapp.com/api/webhooks/", is_of_path, 10),
    prefix("api.telegram.org/bot", is_of_path, 10),
    // Registries of packages and images.
    prefix("npm_", is_base64_url, 30),
    prefix("pypi-", is_base64_url, 30),
    prefix("rubygems_", is_hexadecimal, 30),
    prefix("oy2", is_alphanumeric, 43),
    prefix("dckr_pat_", is_base64_url, 20),
    prefix("dckr_oat_", is_base64_url, 20),
    prefix("CLOJARS_", is_alphanumeric, 40),
    prefix("AKCp", is_alphanumeric, 60),
    // Google.
    prefix("AIza", is_base64_url, 30),
    prefix("GOCSPX-", is_base64_url, 20),
    prefix("ya29.", is_dotted, 20),
    prefix("1//0", is_base64_url, 30),
    // Payments.
    prefix("sk_live_", is_base64_url, 16),
    prefix("sk_test_", is_base64_url, 16),
    prefix("rk_live_", is_base64_url, 16),
    prefix("rk_test_", is_base64_url, 16),
    prefix("whsec_", is_base64, 20),
    prefix("sq0atp-", is_base64_url, 20),
    prefix("sq0csp-", is_base64_url, 30),
    prefix("shpat_", is_hexadecimal, 20),
    prefix("shpca_", is_hexadecimal, 20),
    prefix("shppa_", is_hexadecimal, 20),
    prefix("shpss_", is_hexadecimal, 20),
    // Mail and telephony.
    prefix("SG.", is_dotted, 40),
    prefix("xkeysib-", is_base64_url, 40),
    prefix("key-", is_hexadecimal, 32),
    prefix("SK", is_hexadecimal, 32),
    // Models of language.
    prefix("sk-", is_base64_url, 20),
    prefix("hf_", is_alphanumeric, 30),
    prefix("gsk_", is_alphanumeric, 30),
    prefix("r8_", is_alphanumeric, 30),
    prefix("xai-", is_alphanumeric, 40),
    prefix("pplx-", is_alphanumeric, 40),
    // Operation of services.
    prefix("hvs.", is_base64_url, 20),
    prefix("hvb.", is_base64_url, 20),
    prefix("hvr.", is_base64_url, 20),
    prefix("dapi", is_hexadecimal, 32),
    prefix("dop_v1_", is_hexadecimal, 40),
    prefix("doo_v1_", is_hexadecimal, 40),
    prefix("dor_v1_", is_hexadecimal, 40),
    prefix("dp.pt.", is_alphanumeric, 30),
    prefix("dp.st.", is_dotted, 30),
    prefix("dt0c01.", is_dotted, 40),
    prefix("dt0s01.", is_dotted, 40),
    prefix("glc_", is_base64, 30),
    prefix("glsa_", is_base64_url, 30),
    prefix("NRAK-", is_alphanumeric, 20),
    prefix("NRII-", is_base64_url, 20),
    prefix("NRJS-", is_alphanumeric, 16),
    prefix("PMAK-", is_base64_url, 30),
    prefix("pul-", is_hexadecimal, 32),
    prefix("pscale_tkn_", is_dotted, 30),
    prefix("pscale_pw_", is_dotted, 30),
    prefix("pscale_oauth_", is_dotted, 30),
    prefix("sntrys_", is_of_session_token, 30),
    prefix("sntryu_", is_hexadecimal, 40),
    prefix("lin_api_", is_alphanumeric, 30),
    prefix("ntn_", is_alphanumeric, 30),
    prefix("secret_", is_alphanumeric, 40),
    prefix("figd_", is_base64_url, 30),
    prefix("sbp_", is_hexadecimal, 30),
    prefix("sb_secret_", is_base64_url, 20),
    prefix("fo1_", is_base64_url, 30),
    prefix("fm2_", is_of_session_token, 40),
    prefix("HRKU-", is_base64_url, 30),
    prefix("pat-na1-", is_base64_url, 30),
    prefix("pat-eu1-", is_base64_url, 30),
    prefix("ops_eyJ", is_base64_url, 40),
    prefix("sha256~", is_base64_url, 40),
    prefix("tfp_", is_base64_url, 30),
    prefix("EAAA", is_base64_url, 56),
    prefix("FLWSECK", is_base64_url, 20),
    prefix("AGE-SECRET-KEY-1", is_alphanumeric, 40),
];

/// By their first byte.
fn starts() -> &'static [Vec<&'static Prefixed>] {
    static STARTS: OnceLock<Vec<Vec<&'static Prefixed>>> = OnceLock::new();
    STARTS.get_or_init(|| {
        let of = |first: u8| PREFIXED.iter().filter(|one| one.prefix.as_bytes().first() == Some(&first)).collect();
        (0..=u8::MAX).map(of).collect()
    })
}

/// One pass: a secret begins where no letter or figure stands before it.
pub(super) fn prefixed(text: &str, mark: &dyn Fn(&str) -> String) -> Option<String> {
    let starts = starts();
    let bytes = text.as_bytes();
    let mut clean = Clean::new(text);
    let mut at = 0;
    while let Some(first) = bytes.get(at) {
        let here = starts.get(usize::from(*first)).map(Vec::as_slice).unwrap_or_default();
        let begins = !here.is_empty() && byte_before(text, at).is_none_or(|before| !before.is_ascii_alphanumeric());
        let found = here.iter().filter(|_| begins).find_map(|one| {
            let rest = bytes.get(at..)?.strip_prefix(one.prefix.as_bytes())?;
            let length = rest.iter().position(|byte| !(one.is)(*byte)).unwrap_or(rest.len());
            (length >= one.least).then_some(at + one.prefix.len() + length)
        });
        if let Some(end) = found {
            clean.hide(at..end, mark);
        }
        at = found.unwrap_or(at + 1);
    }
    clean.end()
}
