//! How many requests may be under way: as many as the open files of this process leave room for. Services and Regions
//! each have a host of their own, and a connection that rests is an open file too, so a quarter is used.

use std::fs;

/// What AWS's rates can need: at 40 ms a request, 6,400 a second.
const MOST: usize = 256;
/// Where the limit is not known, or low: enough for rates, except those of very large organizations.
const LEAST: usize = 64;

pub fn requests_at_once() -> usize {
    fs::read_to_string("/proc/self/limits").map_or(LEAST, |text| of(&text))
}

/// Reads Linux's list of limits; the first number of a line is the one that holds.
fn of(limits: &str) -> usize {
    let line = limits.lines().find_map(|line| line.strip_prefix("Max open files"));
    let holds = line.and_then(|line| line.split_whitespace().next());
    match holds {
        Some("unlimited") => MOST,
        Some(number) => number.parse::<usize>().map_or(LEAST, |files| (files / 4).clamp(LEAST, MOST)),
        None => LEAST,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quarter_of_the_open_files() {
        let check = |soft: &str, expected: usize| {
            let limits = format!("Limit  Soft Limit  Hard Limit  Units\nMax open files  {soft}  524288  files\n");
            assert_eq!(of(&limits), expected, "{soft}");
        };
        check("1024", 256);
        check("600", 150);
        check("256", 64);
        check("1048576", 256);
        check("unlimited", 256);
        check("many", 64);
        assert_eq!(of(""), 64);
    }
}
