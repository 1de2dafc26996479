//! Decisions a second: in process, through JSON lines, and beside the engine that the oracle compares ours with, where
//! Node is there.

use super::Subject;
use super::report::{Figure, Report};
use crate::oracle::OtherEngine;
use crate::workspace;

pub(super) const SUBJECT: Subject = Subject {
    name: "policy",
    about: "decisions a second, in process, through JSON lines, beside another engine",
    measure,
};

const CASES: u64 = 4_000;

fn measure() -> Result<Report, String> {
    let mut report = super::of_crate("dodai-policy", "policy", &[])?;
    match beside() {
        Ok(beside) => report.figures.extend(beside),
        // Node is not needed for anything else.
        Err(error) => report.notes.push(format!("not compared with another engine: {error}")),
    }
    Ok(report)
}

/// Both engines on the same generated cases, as JSON lines.
fn beside() -> Result<Vec<Figure>, String> {
    let mut other = OtherEngine::start()?;
    let cases = OtherEngine::cases(CASES);
    let theirs = other.a_second(&cases)?;
    let file = workspace::target_directory()?.join("tmp/bench-cases.jsonl");
    let lines: Vec<String> = cases.iter().map(ToString::to_string).collect();
    workspace::write(&file, &lines.join("\n"))?;
    let path = file.to_str().ok_or_else(|| format!("{}: not in UTF-8", file.display()))?;
    let ours = super::of_crate("dodai-policy", "policy", &["--cases", path])?;
    let mut figures = ours.figures;
    let ratio = figures.first().map(|ours| ours.value / theirs);
    let figure = |what: &str, value, unit: &str| Figure { what: what.to_owned(), value, unit: unit.to_owned() };
    figures.push(figure("the same cases, iam-simulate", theirs, "a second"));
    figures.extend(ratio.map(|ratio| figure("ours to iam-simulate's", ratio, "times")));
    Ok(figures)
}
