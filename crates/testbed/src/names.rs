//! Ids and times that the testbed makes up: ids are the same from run to run, so that tests can be compared.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::{SystemTime, UNIX_EPOCH};

/// 32 hexadecimal digits out of a seed: a detector's id, a creation's id.
pub(crate) fn hex_id(seed: impl Hash) -> String {
    let half = |salt: u8| {
        let mut hasher = DefaultHasher::new();
        salt.hash(&mut hasher);
        seed.hash(&mut hasher);
        hasher.finish()
    };
    format!("{:016x}{:016x}", half(0), half(1))
}

/// A UUID out of a seed.
pub(crate) fn uuid(seed: impl Hash) -> String {
    let hex = hex_id(seed);
    let part = |from, to| hex.get(from..to).unwrap_or_default();
    format!("{}-{}-4{}-a{}-{}", part(0, 8), part(8, 12), part(13, 16), part(17, 20), part(20, 32))
}

/// Now, in whole seconds since 1970.
pub(crate) fn now() -> i64 {
    let elapsed = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(elapsed.as_secs()).unwrap_or_default()
}

/// `2026-01-02T03:04:05.000Z` of seconds since 1970.
pub(crate) fn iso(seconds: i64) -> String {
    let time = jiff::Timestamp::from_second(seconds).unwrap_or_default();
    time.strftime("%Y-%m-%dT%H:%M:%S.000Z").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_iso_8601() {
        assert_eq!(iso(0), "1970-01-01T00:00:00.000Z");
        assert_eq!(iso(1_709_209_845), "2024-02-29T12:30:45.000Z");
        assert_eq!(iso(1_798_761_599), "2026-12-31T23:59:59.000Z");
    }

    #[test]
    fn ids_depend_on_their_seed_alone() {
        assert_eq!(uuid("a"), uuid("a"));
        assert_ne!(uuid("a"), uuid("b"));
        assert_eq!(uuid("a").len(), 36);
        assert_eq!(hex_id(("a", 1)).len(), 32);
    }
}
