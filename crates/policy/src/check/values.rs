//! What the typed condition operators read in a value.
//!
//! AWS: "IAM JSON policy elements: Condition operators".

use std::net::IpAddr;

/// A decimal number, whole or not.
pub fn is_number(text: &str) -> bool {
    number(text).is_some()
}

/// The number that a text is. Neither `inf` nor `NaN`.
pub fn number(text: &str) -> Option<f64> {
    let plain = text.bytes().all(|byte| byte.is_ascii_digit() || b"+-.eE".contains(&byte));
    text.parse::<f64>().ok().filter(|value| plain && value.is_finite())
}

/// An ISO 8601 date, with or without a time, or seconds since 1970.
pub fn is_date(text: &str) -> bool {
    let civil = |text: &str| text.parse::<jiff::civil::DateTime>().is_ok() || text.parse::<jiff::civil::Date>().is_ok();
    // AWS takes a year and a month, or a year, alone.
    let short = matches!(text.len(), 4 | 7)
        && text.bytes().enumerate().all(|(at, byte)| if at == 4 { byte == b'-' } else { byte.is_ascii_digit() });
    is_number(text) || short || text.parse::<jiff::Timestamp>().is_ok() || civil(text)
}

/// An address, or an address and the length of its prefix.
pub fn is_address(text: &str) -> bool {
    block(text).is_some()
}

/// The address of a CIDR block, and the length of its prefix.
pub fn block(text: &str) -> Option<(IpAddr, u8)> {
    let (address, length) = text.split_once('/').map_or((text, None), |(address, length)| (address, Some(length)));
    let address: IpAddr = address.parse().ok()?;
    let most = if address.is_ipv4() { 32 } else { 128 };
    let length = match length {
        None => most,
        Some(length) => length.parse().ok().filter(|&length: &u8| length <= most)?,
    };
    Some((address, length))
}

/// Addresses that no request from the internet comes from.
pub fn is_private(text: &str) -> bool {
    match block(text) {
        Some((IpAddr::V4(address), length)) => {
            let [first, second, ..] = address.octets();
            match first {
                10 | 127 => length >= 8,
                172 => (16..32).contains(&second) && length >= 12,
                192 => second == 168 && length >= 16,
                169 => second == 254 && length >= 16,
                _ => false,
            }
        }
        Some((IpAddr::V6(address), length)) => {
            let first = address.segments().first().copied().unwrap_or_default();
            (first & 0xfe00 == 0xfc00 && length >= 7) || (first & 0xffc0 == 0xfe80 && length >= 10)
        }
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::{is_address, is_date, is_number, is_private};

    #[test]
    fn values_are_told_apart() {
        let check = |what: fn(&str) -> bool, yes: &[&str], no: &[&str]| {
            for (texts, expected) in [(yes, true), (no, false)] {
                for text in texts {
                    assert_eq!(what(text), expected, "{text}");
                }
            }
        };
        check(is_number, &["0", "-1.5", "1e3"], &["", "10abc", "NaN", "inf", "1,5", "0x1"]);
        check(
            is_date,
            &["2026", "2026-05", "2026-05-01", "2026-05-01T10:00:00Z", "2026-05-01T10:00:00+09:00", "1767225600"],
            &["", "2026-13-01", "tomorrow", "01.05.2026", "2026/5"],
        );
        check(is_address, &["10.0.0.0/8", "::1", "2001:db8::/32"], &["", "10.0.0/8", "10.0.0.0/33", "10.*", "::1/129"]);
        check(
            is_private,
            &["10.1.0.0/16", "192.168.1.1", "172.31.0.0/16", "fd00::/8"],
            &["8.8.8.8", "172.32.0.0/16", "0.0.0.0/0", "10.0.0.0/7"],
        );
    }
}
