//! A feature of the baseline to start from: a file of `crates/baseline/src/features` with what it is, what it plans and
//! its tests, and its line in the list of all. It is on in no profile until its author says so.

use std::path::Path;

use crate::new::insert_sorted;
use crate::workspace::{read, write};

pub(crate) const NEXT: &str = "\
Next: the sample blocks public EBS snapshots. Replace INFO, the settings and the plan; cite the AWS pages. Then give it to a
profile, and teach its calls to crates/baseline/src/tests/simulator/: `cargo test -p dodai-baseline` fails until then.";

const LIST: &str = "crates/baseline/src/features/mod.rs";

pub(crate) fn scaffold(root: &Path, id: &str) -> Result<Vec<String>, String> {
    let is_part = |part: &str| {
        part.starts_with(|it: char| it.is_ascii_lowercase())
            && part.chars().all(|it| it.is_ascii_lowercase() || it.is_ascii_digit())
    };
    let parts: Vec<&str> = id.split('-').collect();
    if parts.len() < 2 || !parts.iter().all(|part| is_part(part)) {
        return Err(format!("`{id}` is not a feature's id: small letters and hyphens, like `ebs-encryption`"));
    }
    let module = id.replace('-', "_");
    let path = format!("crates/baseline/src/features/{module}.rs");
    if root.join(&path).exists() {
        return Err(format!("`{path}` is there already"));
    }
    let list = registered(&read(&root.join(LIST))?, &module)?;
    write(&root.join(LIST), &list)?;
    write(&root.join(&path), &SAMPLE.replace("{id}", id))?;
    Ok(vec![path, LIST.to_owned()])
}

/// The list of all features with one more: its module in the order of names, and itself at the end, after all that it
/// could need.
fn registered(list: &str, module: &str) -> Result<String, String> {
    let wrong = || format!("`{LIST}` does not hold `mod …;` lines and `pub const FEATURES`");
    let list = insert_sorted(list, &format!("mod {module};"), |line| line.starts_with("mod ") && line.ends_with(';'));
    let list = list.ok_or_else(wrong)?;
    let start = list.find("pub const FEATURES").ok_or_else(wrong)?;
    let (before, features) = list.split_at_checked(start).ok_or_else(wrong)?;
    if !features.contains("\n];\n") {
        return Err(wrong());
    }
    let features = features.replacen("\n];\n", &format!("\n    {module}::FEATURE,\n];\n"), 1);
    Ok(format!("{before}{features}"))
}

const SAMPLE: &str = include_str!("feature.sample.rs");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_feature_is_registered_last() {
        let list = "mod a;\nmod c;\n\npub const FEATURES: &[Feature] = &[\n    c::FEATURE,\n    a::FEATURE,\n];\n";
        let expected = "mod a;\nmod b;\nmod c;\n\npub const FEATURES: &[Feature] = &[\n    c::FEATURE,\n    a::FEATURE,\n    \
                        b::FEATURE,\n];\n";
        assert_eq!(registered(list, "b").as_deref(), Ok(expected));
        assert!(registered("mod a;\n", "b").is_err());
    }

    #[test]
    fn ids_have_their_form() {
        for id in ["serial", "EC2-serial", "ec2_serial-console", "ec2--console", "../x-y", "1-a"] {
            assert!(
                scaffold(Path::new("/nowhere"), id).is_err_and(|error| error.contains("not a feature's id")),
                "{id}"
            );
        }
    }
}
