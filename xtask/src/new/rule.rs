//! A rule of `dodai policy check` to start from: a file of `crates/policy/src/check/rules` with what it finds, why, and
//! policies that it finds wrong and right (its tests run them), and its two lines in the list of all.

use std::path::Path;

use crate::new::insert_sorted;
use crate::workspace::{read, write};

pub(crate) const NEXT: &str = "\
Next: the sample finds statements without a name. Replace its words, its examples and its check; cite the AWS page. Then:
cargo test -p dodai-policy --lib check:: runs the examples; INSTA_UPDATE=always before it takes over the new messages of
the snapshot, which you read before you commit them.";

const RULES: &str = "crates/policy/src/check/rules";

pub(crate) fn scaffold(root: &Path, id: &str) -> Result<Vec<String>, String> {
    let is_part = |part: &str| !part.is_empty() && part.chars().all(|it| it.is_ascii_lowercase());
    if !id.contains('-') || !id.split('-').all(is_part) {
        return Err(format!("`{id}` is not a rule's id: small letters and hyphens, like `unknown-action`"));
    }
    let module = id.replace('-', "_");
    let (path, list) = (format!("{RULES}/{module}.rs"), format!("{RULES}/mod.rs"));
    if root.join(&path).exists() {
        return Err(format!("`{path}` is there already"));
    }
    let text = registered(&read(&root.join(&list))?, &module)
        .ok_or_else(|| format!("`{list}` does not hold `mod …;` lines and `&…::RULE` lines"))?;
    write(&root.join(&list), &text)?;
    write(&root.join(&path), &SAMPLE.replace("{id}", id))?;
    Ok(vec![path, list])
}

/// The list of all rules with one more, in the order of names.
fn registered(list: &str, module: &str) -> Option<String> {
    let is_module = |line: &str| line.starts_with("mod ") && line.ends_with(';') && line != "mod prelude;";
    let list = insert_sorted(list, &format!("mod {module};"), is_module)?;
    insert_sorted(&list, &format!("    &{module}::RULE,"), |line| {
        line.starts_with("    &") && line.ends_with("::RULE,")
    })
}

const SAMPLE: &str = include_str!("rule.sample.rs");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_is_registered_in_its_place() {
        let list = "mod prelude;\n\nmod a_x;\nmod c_x;\n\npub const RULES: &[&Rule] = &[\n    &a_x::RULE,\n    &c_x::RULE,\n];\n";
        let expected = "mod prelude;\n\nmod a_x;\nmod b_x;\nmod c_x;\n\npub const RULES: &[&Rule] = &[\n    &a_x::RULE,\n    \
                        &b_x::RULE,\n    &c_x::RULE,\n];\n";
        assert_eq!(registered(list, "b_x").as_deref(), Some(expected));
        assert!(registered(list, "z_x").unwrap().ends_with("    &c_x::RULE,\n    &z_x::RULE,\n];\n"));
        assert_eq!(registered("mod a_x;\n", "b_x"), None);
    }

    #[test]
    fn ids_have_their_form() {
        for id in ["action", "Unknown-action", "unknown_action", "unknown--action", "../x-y", "action-2"] {
            assert!(scaffold(Path::new("/nowhere"), id).is_err_and(|error| error.contains("not a rule's id")), "{id}");
        }
    }
}
