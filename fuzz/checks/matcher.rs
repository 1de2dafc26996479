//! Patterns: the matcher agrees with one that fills a table, sign by sign.

use dodai_policy::pattern::{Pattern, glob, signs};

/// The first line is the pattern, the rest the text.
pub fn matcher(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let Some((pattern, text)) = text.split_once('\n') else { return };
    let made = Pattern::new(signs(pattern));
    let fits = made.matches(text);
    assert_eq!(fits, glob(pattern, text));
    // Its signs are the same pattern.
    assert_eq!(fits, Pattern::new(made.signs()).matches(text));
    if pattern.len().saturating_mul(text.len()) < 1 << 16 {
        assert_eq!(fits, plainly(pattern, text), "`{pattern}` and `{text}`");
    }
}

fn plainly(pattern: &str, text: &str) -> bool {
    let text: Vec<char> = text.chars().collect();
    // Whether what was read of the pattern fits the first so many characters.
    let mut fits = vec![false; text.len() + 1];
    fits[0] = true;
    for sign in pattern.chars() {
        let mut next = vec![false; text.len() + 1];
        next[0] = sign == '*' && fits[0];
        for (at, &character) in text.iter().enumerate() {
            next[at + 1] = match sign {
                '*' => fits[at + 1] || next[at],
                '?' => fits[at],
                _ => fits[at] && sign == character,
            };
        }
        fits = next;
    }
    fits[text.len()]
}
