//! `cargo xtask bench <what>`: measurements, in release. They print figures and judge nothing: machines differ.

use crate::workspace::{self, cargo};

const USAGE: &str = "usage: cargo xtask bench policy";

pub(crate) fn run(args: &[&str]) -> Result<(), String> {
    match args {
        ["policy"] => {
            workspace::run(cargo().args(["bench", "--locked", "--package", "dodai-policy", "--bench", "policy"]))
        }
        _ => Err(USAGE.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_measured_is_refused() {
        assert_eq!(run(&[]), Err(USAGE.to_owned()));
        assert_eq!(run(&["plan"]), Err(USAGE.to_owned()));
    }
}
