//! `cargo xtask bench [SUBJECT …]`: measurements, in release, as one table. They judge nothing: machines differ. One file
//! below `bench/` for each subject.

mod calls;
mod collect;
mod judge;
mod policy;
mod process;
mod prowler;
mod report;
mod scale;
mod startup;

use std::path::PathBuf;
use std::process::Stdio;

use crate::workspace::{self, cargo};
use report::{Report, table};

/// Something that is measured on its own.
struct Subject {
    name: &'static str,
    /// What it measures, for the list of subjects.
    about: &'static str,
    measure: fn() -> Result<Report, String>,
}

/// In the order of the table.
const SUBJECTS: &[Subject] = &[
    policy::SUBJECT,
    calls::SUBJECT,
    startup::SUBJECT,
    collect::SUBJECT,
    judge::SUBJECT,
    scale::SUBJECT,
    prowler::SUBJECT,
];

pub(crate) fn run(args: &[&str]) -> Result<(), String> {
    let mut reports = Vec::new();
    let mut failed = Vec::new();
    // What one subject lacks (a server, a program) does not keep the others from being measured.
    for subject in chosen(args)? {
        match (subject.measure)() {
            Ok(report) => reports.push((subject.name, report)),
            Err(error) => failed.push(format!("{}: {error}", subject.name)),
        }
    }
    print!("{}", table(&reports));
    if failed.is_empty() { Ok(()) } else { Err(failed.join("\n")) }
}

/// The subjects that are named, or all.
fn chosen(args: &[&str]) -> Result<Vec<&'static Subject>, String> {
    if args.is_empty() {
        return Ok(SUBJECTS.iter().collect());
    }
    let find = |name: &&str| SUBJECTS.iter().find(|subject| subject.name == *name).ok_or_else(usage);
    args.iter().map(find).collect()
}

fn usage() -> String {
    let subjects = SUBJECTS.iter().map(|subject| format!("\n  {:<10} {}", subject.name, subject.about));
    format!("usage: cargo xtask bench [SUBJECT …]\n{}", subjects.collect::<String>())
}

/// The `dodai` command: what `DODAI_BIN` names, or one that is built in release.
fn command() -> Result<PathBuf, String> {
    match std::env::var_os("DODAI_BIN") {
        // As the person means it, wherever the command runs.
        Some(given) => std::path::absolute(given).map_err(|error| format!("`DODAI_BIN`: {error}")),
        None => built("dodai-cli", "dodai"),
    }
}

/// A program of the workspace, built in release.
fn built(package: &str, name: &str) -> Result<PathBuf, String> {
    workspace::run(cargo().args(["build", "--release", "--locked", "--package", package, "--bin", name]))?;
    Ok(workspace::target_directory()?.join("release").join(name))
}

/// What a bench of one of our crates prints, built in release. Its build is shown.
fn of_crate(package: &str, bench: &str, args: &[&str]) -> Result<Report, String> {
    let mut command = cargo();
    command.args(["bench", "--locked", "--package", package, "--bench", bench, "--"]).args(args);
    command.stderr(Stdio::inherit());
    let printed = workspace::output(&mut command)?;
    Report::read(&String::from_utf8_lossy(&printed.stdout))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_measured_is_refused() {
        assert!(run(&["wine"]).is_err_and(|error| error.starts_with("usage: ")));
        assert!(chosen(&["policy", "wine"]).is_err());
        assert_eq!(chosen(&[]).map(|subjects| subjects.len()), Ok(SUBJECTS.len()));
        assert_eq!(chosen(&["policy"]).map(|subjects| subjects.len()), Ok(1));
    }
}
