//! What holds for every text: what it costs, that redacting is done once, and that a caller finds what was recorded.

use std::time::Duration;

use proptest::prelude::*;
use serde_json::json;

use crate::record::format::Key;
use crate::record::redact::{Redaction, Side};

#[test]
fn a_hostile_text_costs_no_more_than_its_length() {
    for part in [
        "eyJ",
        "eyJa.eyJ",
        "://a:b",
        "password=arn:",
        "-----BEGIN PRIVATE KEY",
        "xoxb-",
        "\\\"token\\\":",
        "AKIA",
        "[{\"a\":",
        "--password ",
        "\" : ",
        "<password>",
        "<key>password</key>",
        "name: password,",
        "name=password a",
        "password:\n ",
        "password: |\n",
        "(password,",
        "%3D%25",
        "&quot;",
        "\\u0022",
        "sk-",
        "cGFzc3dvcmQ9 ",
        "-u a:b ",
        "password='\\'",
        "\"\"\"",
        "secret key ",
        "bearer basic ",
    ] {
        let text = part.repeat(200_000 / part.len());
        let start = std::time::Instant::now();
        let _ = Redaction::default().text(&text, &[]);
        // Some hundredths of a second; by the square of the length it would be minutes.
        assert!(start.elapsed() < Duration::from_secs(20), "{part}: {:?}", start.elapsed());
    }
}

fn texts() -> impl Strategy<Value = String> {
    let parts = [
        "eyJhb",
        ".",
        "://",
        "u:p@",
        "password",
        "=",
        ":",
        " ",
        "\"",
        "\\",
        "'",
        "token",
        "{",
        "}",
        "[",
        "]",
        ",",
        "ü",
        "--secret ",
        "ghp_0123456789012345678901234567890",
        "-----BEGIN PRIVATE KEY-----",
        "-----END PRIVATE KEY-----",
        "Bearer ",
        "abcdefghijklmnopqrst",
        "AKIAIOSFODNN7EXAMPLE",
        "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
        "arn:",
        "\n",
        "(redacted-01234567)",
        "(redacted",
        "\"password\":\"x\"",
        "%7B",
        "%3D",
        "&quot;",
        "&",
        "\\u003d",
        "<password>",
        "</password>",
        "<![CDATA[",
        "name: ",
        "Key=",
        "Value=",
        "value: ",
        "DB_PASS",
        "|",
        ";",
        "?sig=",
        "(",
        "-u ",
        "a:b",
        "sk-01234567890123456789012345",
        "cGFzc3dvcmQ9aHVudGVyMg==",
        "secret key",
        "(redacted)",
        "@host",
        "basic ",
    ];
    prop_oneof![
        proptest::collection::vec(proptest::sample::select(parts.to_vec()), 0..12).prop_map(|parts| parts.concat()),
        any::<String>(),
    ]
}

proptest! {
    #[test]
    fn redacting_again_changes_nothing(text in texts()) {
        let once = Redaction::default().text(&text, &[]);
        prop_assert_eq!(Redaction::default().text(&once, &[]), once);
    }

    /// A caller who has a secret finds the call that was recorded with it.
    #[test]
    fn calls_are_found_under_any_key(text in texts()) {
        let key = |redaction: &Redaction, text: &str| {
            let params = redaction.value(None, Side::Input, &json!({"Password": text, "Name": text, "L": [text]}));
            Key::new(None, &"us-east-1".parse().unwrap(), "s", "O", &params)
        };
        let (one, other) = (Redaction::default(), Redaction::default());
        prop_assert_eq!(key(&one, &text).alike, key(&other, &text).alike);
        prop_assert_eq!(key(&one, &text).exact, key(&one, &text).exact);
    }
}
