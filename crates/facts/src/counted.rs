//! How many there are of something, as a person says it.

use std::fmt::Display;

/// `1 account`, `2 accounts`, `0 policies`.
pub fn counted<N: Copy + Display + PartialEq + From<u8>>(count: N, noun: &str) -> String {
    if count == N::from(1) {
        return format!("1 {noun}");
    }
    match noun.strip_suffix('y') {
        Some(stem) if !stem.ends_with(['a', 'e', 'i', 'o', 'u']) => format!("{count} {stem}ies"),
        _ if noun.ends_with(['s', 'x', 'z']) || noun.ends_with("ch") || noun.ends_with("sh") => {
            format!("{count} {noun}es")
        }
        _ => format!("{count} {noun}s"),
    }
}

#[cfg(test)]
mod tests {
    use super::counted;

    #[test]
    fn one_is_one_and_others_are_many() {
        let check = |count: u64, noun: &str, expected: &str| assert_eq!(counted(count, noun), expected);
        check(1, "policy", "1 policy");
        check(0, "policy", "0 policies");
        check(2, "key", "2 keys");
        check(2, "API call", "2 API calls");
        check(3, "address", "3 addresses");
        check(3, "match", "3 matches");
        check(1_000, "account", "1000 accounts");
    }
}
