//! Whether `cargo xtask new` still makes what passes: one scaffold of each kind in a copy of the tree, and the tests that
//! such a file must pass.

use crate::new::{control, feature, rule, table};
use crate::workspace::{self, cargo};

const TABLE: &str = "aws_elasticache_cache_cluster";
/// A service without a file of its own yet.
const OTHER_TABLE: &str = "aws_memorydb_cluster";
/// `TESTS` names it too.
const FEATURE: &str = "sample-feature";
const RULE: &str = "sample-rule";

/// The tests that a scaffold must pass, by the beginnings of their names. A feature's are its own only: those over all
/// features fail until it is in a profile and the simulator knows its calls, and rightly so. A rule's messages are not
/// compared with the snapshot of all: its author takes them over.
const TESTS: &[&str] = &[
    "features::sample_feature::",
    "tables::",
    "names_follow",
    "controls_",
    "every_control",
    "every_case_file",
    "standards_have",
    "check::tests::every_rule_finds",
    "check::tests::right_examples",
    "check::tests::the_registry",
    "check::tests::messages_say",
];

pub(crate) fn run() -> Result<(), String> {
    let (root, target) = (workspace::root(), workspace::target_directory()?);
    let copy = target.join("scaffold");
    workspace::remove(&copy)?;
    workspace::copy(&root, &workspace::files(&root)?, &copy)?;
    feature::scaffold(&copy, FEATURE)?;
    rule::scaffold(&copy, RULE)?;
    table::scaffold(&copy, TABLE)?;
    table::scaffold(&copy, OTHER_TABLE)?;
    for asked_for in [true, false] {
        control::scaffold(&copy, &control::candidate(&copy, asked_for)?, None)?;
    }
    // The whole workspace is named so that what others wrote is not built a second time with other features.
    let mut tests = cargo();
    tests.current_dir(&copy).env("CARGO_TARGET_DIR", &target).env("CARGO_INCREMENTAL", "0");
    tests.args(["test", "--workspace", "--lib", "--test", "controls", "--locked", "--quiet", "--"]).args(TESTS);
    workspace::run(&mut tests)?;
    let formatted = workspace::run(cargo().current_dir(&copy).args(["fmt", "--all", "--check"]));
    workspace::remove(&copy)?;
    formatted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_scaffold_can_be_made() {
        let root = workspace::root();
        let copy = std::env::temp_dir().join(format!("dodai-scaffold-{}", std::process::id()));
        let files = workspace::files(&root).unwrap();
        let needed = [
            "controls/",
            "standards/",
            "tables/",
            "crates/baseline/src/features/",
            "crates/inventory/src/tables/",
            "crates/policy/src/check/rules/",
        ];
        let names: Vec<String> =
            files.into_iter().filter(|name| needed.iter().any(|place| name.starts_with(place))).collect();
        workspace::copy(&root, &names, &copy).unwrap();
        let asked_for = control::candidate(&copy, true).unwrap();
        let not_asked_for = control::candidate(&copy, false).unwrap();
        let made = [
            control::scaffold(&copy, &asked_for, None),
            control::scaffold(&copy, &not_asked_for, None),
            table::scaffold(&copy, TABLE),
            table::scaffold(&copy, OTHER_TABLE),
            feature::scaffold(&copy, FEATURE),
            rule::scaffold(&copy, RULE),
        ];
        // A second time, everything is there already.
        let again = [
            control::scaffold(&copy, &asked_for, None),
            control::scaffold(&copy, &not_asked_for, None),
            table::scaffold(&copy, TABLE),
            table::scaffold(&copy, OTHER_TABLE),
            feature::scaffold(&copy, FEATURE),
            rule::scaffold(&copy, RULE),
        ];
        workspace::remove(&copy).unwrap();
        for made in &made {
            assert!(made.as_ref().is_ok_and(|files| !files.is_empty()), "{made:?}");
        }
        // What no standard asks for is in none, and that is said.
        let says = |made: &Result<Vec<String>, String>| control::next("A.1", made.as_ref().unwrap());
        assert!(!says(&made[0]).contains("No standard"), "{made:?}");
        assert!(says(&made[1]).starts_with("No standard here asks for A.1: `dodai assess --control A.1`"), "{made:?}");
        for again in again {
            assert!(again.as_ref().is_err_and(|error| error.contains("already")), "{again:?}");
        }
    }
}
