//! The kinds of value that condition operators compare, and how they are read from text.
//!
//! AWS: "IAM JSON policy elements: Condition operators" (numeric, date, Boolean, binary, IP address), "Data types for
//! policies".

use std::net::IpAddr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};

/// A number, whole or decimal. `10abc` is none, and neither are `inf` and `nan`.
pub fn number(text: &str) -> Option<f64> {
    let written = text.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'+' | b'-' | b'.' | b'e' | b'E'));
    let value: f64 = text.parse().ok().filter(|_| written)?;
    value.is_finite().then_some(value)
}

/// A date of the W3C's profile of ISO 8601 (`2026`, `2026-05`, `2026-05-15`, `2026-05-15T12:00Z`, with seconds and fractions),
/// or seconds since 1970.
pub fn date(text: &str) -> Option<Timestamp> {
    if text.len() > 40 {
        return None;
    }
    if let Some(seconds) = epoch(text) {
        return Some(seconds);
    }
    if let Ok(moment) = text.parse::<Timestamp>() {
        return Some(moment);
    }
    // Without a zone, or without seconds.
    if let Some((day, time)) = text.split_once('T') {
        let (time, offset) = zone(time)?;
        let time = if time.len() == 5 { format!("{time}:00") } else { time.to_owned() };
        let local: DateTime = format!("{day}T{time}").parse().ok()?;
        let utc = local.checked_sub(Span::new().minutes(offset)).ok()?;
        return utc.to_zoned(TimeZone::UTC).ok().map(|zoned| zoned.timestamp());
    }
    let day: Date = match text.len() {
        4 => format!("{text}-01-01").parse().ok()?,
        7 => format!("{text}-01").parse().ok()?,
        10 => text.parse().ok()?,
        _ => return None,
    };
    day.to_zoned(TimeZone::UTC).ok().map(|zoned| zoned.timestamp())
}

/// Seconds since 1970: more digits than a year has, or a sign, or a fraction.
fn epoch(text: &str) -> Option<Timestamp> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) || (text.len() == 4 && digits.len() == 4)
    {
        return None;
    }
    Timestamp::from_second(text.parse().ok()?).ok()
}

/// The time without its zone, and the zone's distance from UTC in minutes.
fn zone(time: &str) -> Option<(&str, i64)> {
    if let Some(time) = time.strip_suffix('Z') {
        return Some((time, 0));
    }
    let Some(at) = time.rfind(['+', '-']) else { return Some((time, 0)) };
    let (time, offset) = time.split_at_checked(at)?;
    let (hours, minutes) = offset.get(1..)?.split_once(':')?;
    let minutes = hours.parse::<u8>().ok()?.checked_mul(60).map(i64::from)? + i64::from(minutes.parse::<u8>().ok()?);
    Some((time, if offset.starts_with('-') { -minutes } else { minutes }))
}

/// `true` or `false`, whatever the case.
pub fn boolean(text: &str) -> Option<bool> {
    if text.eq_ignore_ascii_case("true") {
        Some(true)
    } else if text.eq_ignore_ascii_case("false") {
        Some(false)
    } else {
        None
    }
}

/// The bytes of base64 text.
pub fn binary(text: &str) -> Option<Vec<u8>> {
    STANDARD.decode(text).ok()
}

/// A block of addresses: `203.0.113.0/24`, `2001:db8::/32`, or one address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Block {
    /// With the bits after the prefix cleared; IPv4 in the lowest 32 bits.
    first: u128,
    prefix: u32,
    v6: bool,
}

impl Block {
    pub fn parse(text: &str) -> Option<Self> {
        let (address, prefix) = match text.split_once('/') {
            Some((address, prefix)) => {
                let digits =
                    !prefix.is_empty() && prefix.len() <= 3 && prefix.bytes().all(|byte| byte.is_ascii_digit());
                (address, Some(prefix.parse::<u32>().ok().filter(|_| digits)?))
            }
            None => (text, None),
        };
        let (number, v6) = number_of(address.parse().ok()?);
        let width = if v6 { 128 } else { 32 };
        let prefix = prefix.unwrap_or(width);
        if prefix > width {
            return None;
        }
        let first = number & mask(width, prefix);
        Some(Self { first, prefix, v6 })
    }

    pub fn contains(&self, address: IpAddr) -> bool {
        let (number, v6) = number_of(address);
        let width = if v6 { 128 } else { 32 };
        v6 == self.v6 && number & mask(width, self.prefix) == self.first
    }

    /// The addresses next to its ends, inside and outside: where an answer may change.
    pub(super) fn edges(&self) -> impl Iterator<Item = IpAddr> {
        let width = if self.v6 { 128 } else { 32 };
        let all = mask(width, width);
        let last = self.first | (all & !mask(width, self.prefix));
        let v6 = self.v6;
        [Some(self.first), self.first.checked_sub(1), last.checked_add(1)]
            .into_iter()
            .flatten()
            .filter(move |number| *number <= all)
            .filter_map(move |number| {
                if v6 {
                    Some(IpAddr::V6(number.into()))
                } else {
                    u32::try_from(number).ok().map(|v4| IpAddr::V4(v4.into()))
                }
            })
    }
}

fn number_of(address: IpAddr) -> (u128, bool) {
    match address {
        IpAddr::V4(v4) => (u128::from(u32::from(v4)), false),
        IpAddr::V6(v6) => (u128::from(v6), true),
    }
}

/// The first `prefix` of `width` bits.
fn mask(width: u32, prefix: u32) -> u128 {
    let all = u128::MAX >> (128 - width);
    all & !all.checked_shr(prefix).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_numbers() {
        let check = |text: &str, expected: Option<f64>| assert_eq!(number(text), expected, "{text}");
        check("10", Some(10.0));
        check("-0.5", Some(-0.5));
        check("1e3", Some(1000.0));
        for none in ["10abc", "", "inf", "NaN", " 1", "0x10", "1,5"] {
            check(none, None);
        }
    }

    #[test]
    fn dates_are_read_in_every_form() {
        let check =
            |text: &str, seconds: Option<i64>| assert_eq!(date(text).map(Timestamp::as_second), seconds, "{text}");
        let noon = Some(1_778_846_400);
        for same in [
            "2026-05-15T12:00:00Z",
            "2026-05-15T12:00Z",
            "2026-05-15T12:00:00",
            "2026-05-15T21:00:00+09:00",
            "2026-05-15T21:00+09:00",
            "2026-05-15T12:00:00.000Z",
            "1778846400",
        ] {
            check(same, noon);
        }
        check("2026-05-15", Some(1_778_803_200));
        check("2026-05", Some(1_777_593_600));
        check("2026", Some(1_767_225_600));
        check("0", Some(0));
        for none in ["", "tomorrow", "2026-13-01", "2026-05-15T", "99999999999999999999"] {
            check(none, None);
        }
    }

    #[test]
    fn blocks_contain_their_addresses() {
        let check = |block: &str, address: &str, inside: bool| {
            let block = Block::parse(block).unwrap();
            assert_eq!(block.contains(address.parse().unwrap()), inside, "{block:?} {address}");
        };
        check("203.0.113.0/24", "203.0.113.255", true);
        check("203.0.113.0/24", "203.0.114.0", false);
        check("203.0.113.7", "203.0.113.7", true);
        check("0.0.0.0/0", "255.255.255.255", true);
        check("0.0.0.0/0", "::1", false);
        check("2001:db8::/32", "2001:db8:ffff::1", true);
        check("::/0", "2001:db8::", true);
        check("2001:db8::/32", "2001:db9::", false);
        for none in ["", "203.0.113.0/33", "203.0.113/24", "203.0.113.0/", "203.0.113.0/+8", "::/129", "*"] {
            assert_eq!(Block::parse(none), None, "{none}");
        }
    }

    #[test]
    fn base64_is_read_strictly() {
        assert_eq!(binary("QmluYXJ5"), Some(b"Binary".to_vec()));
        assert_eq!(binary("QQ=="), Some(b"A".to_vec()));
        assert_eq!(binary(""), Some(Vec::new()));
        for none in ["QQ", "Q===", "Q!==", "QQ=Q"] {
            assert_eq!(binary(none), None, "{none}");
        }
    }
}
