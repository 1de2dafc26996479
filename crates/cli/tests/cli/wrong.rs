//! Directories with one mistake each, and all that a person is told about it: `wrong/<about>/<case>` holds the one file in
//! which the case differs from `wrong/right`. Who reads only the message must be able to mend the file.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

fn wrong() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cli/wrong")
}

/// What is in a folder, by name.
fn entries(folder: &Path) -> Vec<PathBuf> {
    let mut paths: Vec<PathBuf> = folder.read_dir().unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths
}

fn name(path: &Path) -> String {
    path.file_name().unwrap().to_string_lossy().into_owned()
}

/// Copies a folder's files over those of another; how many they are.
fn copy(from: &Path, to: &Path) -> usize {
    let mut files = 0;
    for path in entries(from) {
        let target = to.join(name(&path));
        if path.is_dir() {
            fs::create_dir_all(&target).unwrap();
            files += copy(&path, &target);
        } else {
            fs::copy(&path, &target).unwrap();
            files += 1;
        }
    }
    files
}

/// What `dodai check` says in a folder, and its exit code.
fn check(folder: &Path) -> (i32, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_dodai"));
    let output = command.arg("check").current_dir(folder).env_clear().env("HOME", folder).output().unwrap();
    let told = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    (output.status.code().unwrap(), told)
}

/// Everything that is said of the cases about something.
fn told(about: &str) -> String {
    let mut out = String::new();
    for case in entries(&wrong().join(about)) {
        let folder = tempfile::tempdir().unwrap();
        copy(&wrong().join("right"), folder.path());
        assert_eq!(copy(&case, folder.path()), 1, "{}: one file, one mistake", case.display());
        let (code, told) = check(folder.path());
        // A file that only looks as if it were meant for us is a warning.
        let warned = told.contains('\u{26a0}') && told.contains("is not part of the directory");
        assert_eq!(code, i32::from(!warned), "{}: {told}", case.display());
        // How many features, tables and controls there are is another matter.
        let line = |line: &'_ str| match line.split_once("; ") {
            Some((before, after)) if after.contains("All right") => {
                format!("{before}; … {}", &after[after.find("All right").unwrap()..])
            }
            _ => line.trim_end().to_owned(),
        };
        let lines: Vec<String> = told.lines().map(line).collect();
        writeln!(out, "# {}\n{}\n", name(&case), lines.join("\n")).unwrap();
    }
    out
}

#[test]
fn the_base_of_all_cases_is_right() {
    let (code, told) = check(&wrong().join("right"));
    assert!(code == 0 && told.contains("All right."), "{told}");
    let cases: usize = entries(&wrong()).iter().map(|about| entries(about).len()).sum();
    assert!(cases >= 100, "{cases} cases");
}

#[test]
fn each_mistake_is_told_so_that_it_can_be_mended() {
    for about in entries(&wrong()).iter().map(|path| name(path)).filter(|about| about != "right") {
        insta::assert_snapshot!(about.as_str(), told(&about));
    }
}
