//! A report for the terminal: a line for each test, failures in detail, a summary.

use std::fmt::Write as _;

use dodai_facts::counted;
use dodai_facts::escape::terminal;

use super::report::{Difference, Failure, FileReport, Report, TestReport};
use super::values_file;
use crate::decide::Decision;
use crate::explain::words;

/// Failures of one test that are shown; the JSON form has more.
const SHOWN: usize = 10;

/// The whole report, lines ended.
pub fn text(report: &Report) -> String {
    let mut out = String::new();
    for file in &report.files {
        for test in &file.tests {
            let _ = writeln!(out, "{}", line(file, test));
        }
    }
    for file in &report.files {
        for test in file.tests.iter().filter(|test| test.failed > 0) {
            let _ = writeln!(out, "\n{}\n  {}:{}", name(file, test), terminal(&file.file), test.line);
            for failure in test.failures.iter().take(SHOWN) {
                detail(&mut out, failure);
            }
            for difference in test.differences.iter().take(SHOWN) {
                let _ = writeln!(out, "    {}", terminal(&difference.to_string()));
                let _ = writeln!(out, "      {}", terminal(&other(difference)));
            }
            if test.failed > SHOWN {
                let _ = writeln!(out, "    and {} more", test.failed - SHOWN);
            }
        }
    }
    for (title, problems) in [
        ("error", report.files.iter().flat_map(|file| &file.problems).collect::<Vec<_>>()),
        ("warning", report.files.iter().flat_map(|file| &file.warnings).collect()),
    ] {
        for (at, problem) in problems.into_iter().enumerate() {
            let blank = if at == 0 && !out.is_empty() { "\n" } else { "" };
            let _ = writeln!(out, "{blank}{title}: {}", terminal(&problem.to_string()));
        }
    }
    summary(&mut out, report);
    out
}

fn name(file: &FileReport, test: &TestReport) -> String {
    format!("{} › {}", terminal(&file.policy), terminal(&test.name))
}

fn line(file: &FileReport, test: &TestReport) -> String {
    let came = match (test.broken, test.failed) {
        (true, _) => "ERROR",
        (false, 0) => "ok",
        (false, _) => "FAILED",
    };
    format!("test {} ({}) ... {came}", name(file, test), counted(test.cases, "case"))
}

fn detail(out: &mut String, failure: &Failure) {
    let _ = writeln!(out, "    {}", terminal(&failure.case.to_string()));
    let _ = writeln!(out, "      {}", terminal(&told(failure)));
    if let Some(supposed) = failure.supposed() {
        let _ = writeln!(out, "      {supposed}");
    }
}

/// `expected allow, got explicit deny by SCP Root: …`. Not escaped.
pub(super) fn told(failure: &Failure) -> String {
    let got = &failure.got;
    let mut text = format!("expected {}, got {}", failure.expected.as_str(), words(got.decision));
    // What allows is what the test supposes.
    if let Some(by) = got.by.as_ref().filter(|_| got.decision != Decision::Allow) {
        let _ = write!(text, " by {by}");
    }
    if got.decision == Decision::Depends && !got.missing.is_empty() {
        let _ = write!(text, " on {}", got.missing.join(", "));
    }
    if got.approximate {
        text.push_str(" (perhaps: it could not be narrowed down)");
    }
    text
}

/// `expected "Cost", got nothing`, `expected "Cost", got "Costs" by cost-center`. Not escaped.
pub(super) fn other(difference: &Difference) -> String {
    let (expected, got) = (values_file::told(difference.expected.as_ref()), values_file::told(difference.got.as_ref()));
    let by = difference.by.as_ref().map_or_else(String::new, |policy| format!(" by {policy}"));
    format!("expected {expected}, got {got}{by}")
}

fn summary(out: &mut String, report: &Report) {
    let counts = report.counts();
    let came = if report.is_good() { "ok" } else { "FAILED" };
    let errors = if counts.errors > 0 { format!("; {}", counted(counts.errors, "error")) } else { String::new() };
    let blank = if out.is_empty() { "" } else { "\n" };
    let _ = writeln!(
        out,
        "{blank}test result: {came}. {} passed; {} failed{errors}; {}",
        counts.passed,
        counts.failed,
        counted(counts.cases, "case")
    );
}
