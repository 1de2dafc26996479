//! Rules about the files of the tree.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// Past this, ask what moved into a file that should live elsewhere.
const MOST_LINES: usize = 500;

/// Words that say that something is unfinished. (Written apart, so that this file does not hold them.)
const UNFINISHED: &[&str] = &[
    concat!("TO", "DO"),
    concat!("FIX", "ME"),
    concat!("XX", "X"),
    concat!("to", "do!"),
    concat!("unimple", "mented!"),
];

/// Where the directories of some machine begin.
const MACHINE: &[&str] = &[
    concat!("/ho", "me/"),
    concat!("/ro", "ot/"),
    concat!("/Us", "ers/"),
    concat!("/wo", "rk/"),
    concat!("/tm", "p/"),
];

#[derive(Debug)]
pub(super) struct TextFile {
    /// From the root, with `/`.
    path: String,
    text: String,
}

/// Every file that is text.
pub(super) fn read(root: &Path, names: &[String]) -> Result<Vec<TextFile>, String> {
    let mut files = Vec::new();
    for path in names {
        let bytes = fs::read(root.join(path)).map_err(|error| format!("{path}: {error}"))?;
        if let Ok(text) = String::from_utf8(bytes) {
            files.push(TextFile { path: path.clone(), text });
        }
    }
    Ok(files)
}

/// One concept, one file.
pub(super) fn rooms_are_small(files: &[TextFile]) -> Vec<String> {
    let is_code = |path: &str| (path.starts_with("crates/") || path.starts_with("xtask/")) && has_extension(path, "rs");
    let sizes = files.iter().filter(|file| is_code(&file.path)).map(|file| (&file.path, file.text.lines().count()));
    let large = sizes.filter(|(_, lines)| *lines > MOST_LINES);
    large.map(|(path, lines)| format!("{path}: {lines} lines, more than {MOST_LINES}")).collect()
}

/// A control without cases is a control that nobody has seen fail.
pub(super) fn controls_have_cases(files: &[TextFile]) -> Vec<String> {
    let paths: BTreeSet<&str> = files.iter().map(|file| file.path.as_str()).collect();
    let controls = paths.iter().filter(|path| path.starts_with("controls/"));
    let without = controls.filter_map(|path| {
        let (own, other) = match (path.strip_suffix(".sql"), path.strip_suffix(".cases.yaml")) {
            (Some(control), _) => ("cases", format!("{control}.cases.yaml")),
            (None, Some(control)) => ("control", format!("{control}.sql")),
            (None, None) => return Some(format!("{path}: neither a control nor its cases")),
        };
        (!paths.contains(other.as_str())).then(|| format!("{path}: its {own} `{other}` is not there"))
    });
    without.collect()
}

/// What is unfinished is not committed.
pub(super) fn nothing_is_left_over(files: &[TextFile]) -> Vec<String> {
    lines(files, |line| {
        let word = UNFINISHED.iter().find(|word| has_word(line, word))?;
        Some(format!("`{word}` says that this is unfinished"))
    })
}

/// The tree is of no machine.
pub(super) fn no_machine_paths(files: &[TextFile]) -> Vec<String> {
    lines(files, |line| {
        let path = MACHINE.iter().find(|path| has_word(line, path))?;
        Some(format!("a path of some machine (`{path}`)"))
    })
}

/// `file:line: problem` for every line that has one.
fn lines(files: &[TextFile], problem: impl Fn(&str) -> Option<String>) -> Vec<String> {
    let mut problems = Vec::new();
    for file in files {
        let found = file.text.lines().enumerate().filter_map(|(number, line)| Some((number + 1, problem(line)?)));
        problems.extend(found.map(|(number, problem)| format!("{}:{number}: {problem}", file.path)));
    }
    problems
}

/// Whether a word stands in a line with no letter, digit or `.` before it, nor a letter or digit after one that ends so.
fn has_word(line: &str, word: &str) -> bool {
    let is_part = |character: char| character.is_alphanumeric() || character == '_';
    line.match_indices(word).any(|(start, _)| {
        let before = line.get(..start).and_then(|text| text.chars().next_back());
        let after = line.get(start + word.len()..).and_then(|text| text.chars().next());
        let open = word.ends_with(is_part) && after.is_some_and(is_part);
        !open && !before.is_some_and(|before| is_part(before) || before == '.')
    })
}

fn has_extension(path: &str, extension: &str) -> bool {
    Path::new(path).extension().is_some_and(|found| found == extension)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(rule: fn(&[TextFile]) -> Vec<String>, files: &[(&str, &str)], problems: &[&str]) {
        let files: Vec<TextFile> =
            files.iter().map(|&(path, text)| TextFile { path: path.to_owned(), text: text.to_owned() }).collect();
        assert_eq!(rule(&files), problems);
    }

    #[test]
    fn a_long_file_is_named() {
        let (most, more) = ("x\n".repeat(500), "x\n".repeat(501));
        let files =
            [("crates/a/src/most.rs", most.as_str()), ("crates/a/src/more.rs", &more), ("models/more.json", &more)];
        check(rooms_are_small, &files, &["crates/a/src/more.rs: 501 lines, more than 500"]);
    }

    #[test]
    fn a_control_and_its_cases_come_together() {
        let files =
            ["controls/s3/S3.1.sql", "controls/s3/S3.1.cases.yaml", "controls/s3/S3.2.sql", "controls/s3/a.txt"]
                .map(|path| (path, ""));
        let problems = [
            "controls/s3/S3.2.sql: its cases `controls/s3/S3.2.cases.yaml` is not there",
            "controls/s3/a.txt: neither a control nor its cases",
        ];
        check(controls_have_cases, &files, &problems);
        let alone = [("controls/s3/S3.3.cases.yaml", "")];
        check(
            controls_have_cases,
            &alone,
            &["controls/s3/S3.3.cases.yaml: its control `controls/s3/S3.3.sql` is not there"],
        );
    }

    #[test]
    fn what_is_unfinished_is_found() {
        let text = concat!("fine\n// TO", "DO: later\nTO", "DOS and AXX", "X\nto", "do!()\n");
        let problems = [
            concat!("a.rs:2: `TO", "DO` says that this is unfinished"),
            concat!("a.rs:4: `to", "do!` says that this is unfinished"),
        ];
        check(nothing_is_left_over, &[("a.rs", text)], &problems);
    }

    #[test]
    fn paths_of_a_machine_are_found() {
        let text = concat!("see /ho", "me/me/notes\nhttps://example.com/ho", "me/page\ncrates/wo", "rk/x\n");
        check(no_machine_paths, &[("a.md", text)], &[concat!("a.md:1: a path of some machine (`/ho", "me/`)")]);
    }
}
