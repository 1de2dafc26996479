//! `cargo xtask new control|table|feature|rule`: files to start from, in the form that the recipes of ARCHITECTURE.md give
//! them. What they hold is a sample that passes its own tests; CI makes one of each in a copy of the tree.

pub(crate) mod control;
pub(crate) mod feature;
pub(crate) mod rule;
pub(crate) mod table;

use crate::workspace;

const USAGE: &str = "\
usage: cargo xtask new control ID [TABLE]    e.g. SNS.4
       cargo xtask new table NAME            e.g. aws_elasticache_cache_cluster
       cargo xtask new feature ID            e.g. ec2-serial-console
       cargo xtask new rule ID               e.g. sid-missing, a rule of `dodai policy check`";

pub(crate) fn run(args: &[&str]) -> Result<(), String> {
    let root = workspace::root();
    let (files, next) = match args {
        ["control", id, table @ ..] if table.len() <= 1 => {
            let files = control::scaffold(&root, id, table.first().copied())?;
            let next = control::next(id, &files);
            (files, next)
        }
        ["table", name] => (table::scaffold(&root, name)?, table::NEXT.to_owned()),
        ["feature", id] => (feature::scaffold(&root, id)?, feature::NEXT.to_owned()),
        ["rule", id] => (rule::scaffold(&root, id)?, rule::NEXT.to_owned()),
        _ => return Err(USAGE.to_owned()),
    };
    for file in files {
        println!("  {file}");
    }
    println!("\n{next}");
    Ok(())
}

/// Inserts a line into a block of sorted lines: before the first of those that `is_of_block` takes that is greater,
/// else after the last. `None` when there is no such line.
fn insert_sorted(text: &str, line: &str, is_of_block: impl Fn(&str) -> bool) -> Option<String> {
    let lines: Vec<&str> = text.lines().collect();
    let place = lines.iter().position(|other| is_of_block(other) && *other > line);
    let place = place.or_else(|| lines.iter().rposition(|other| is_of_block(other)).map(|last| last + 1))?;
    let (before, after) = lines.split_at_checked(place)?;
    Some([before, &[line], after].concat().join("\n") + "\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_inserted_in_order() {
        let check = |line: &str, expected: Option<&str>| {
            let inserted = insert_sorted("mod a;\nmod c;\n\nend\n", line, |other| other.starts_with("mod "));
            assert_eq!(inserted.as_deref(), expected, "{line}");
        };
        check("mod b;", Some("mod a;\nmod b;\nmod c;\n\nend\n"));
        check("mod d;", Some("mod a;\nmod c;\nmod d;\n\nend\n"));
        assert_eq!(insert_sorted("end\n", "mod a;", |other| other.starts_with("mod ")), None);
    }
}
