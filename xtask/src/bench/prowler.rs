//! `assess` beside Prowler: the same 25 questions about the same account of the emulator. What each takes, how many calls
//! it makes, where their verdicts agree, and what each says where a read is denied. Which control is which check, and what
//! is known of where they differ, stands in `xtask/bench/prowler/checks.yaml`.

mod calls;
mod checks;
mod compare;
mod verdicts;

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};

use super::report::{Figure, Report};
use super::{Subject, process};
use crate::emulator::Emulator;
use crate::python::Environment;
use crate::stage::without_own_settings;
use crate::workspace;
use calls::Calls;
use checks::Checks;
use compare::{Difference, compare};
use verdicts::{Verdicts, of_dodai, of_prowler, tally};

pub(super) const SUBJECT: Subject = Subject {
    name: "prowler",
    about: "`assess` of 25 controls beside Prowler: time, memory, calls, verdicts",
    measure,
};

const SCRIPT: &str = "xtask/bench/prowler/account.py";
const REGIONS: [&str; 2] = ["ap-northeast-1", "us-east-1"];
/// Rounds of which the smallest figures count: what disturbs only ever adds.
const ROUNDS: usize = 3;

/// What a run took and said.
#[derive(Debug)]
struct Run {
    spent: process::Spent,
    calls: Calls,
    verdicts: Verdicts,
}

/// Everything that a run needs; the emulator ends with it.
struct Bench {
    checks: Checks,
    emulator: Emulator,
    place: PathBuf,
    dodai: PathBuf,
    prowler: PathBuf,
}

fn measure() -> Result<Report, String> {
    let bench = Bench::set()?;
    let mut runs = Vec::new();
    for _ in 0..ROUNDS {
        runs.push((bench.dodai()?, bench.prowler()?));
    }
    let mut report = Report::default();
    figures(&runs, &mut report);
    let (ours, theirs) = runs.first().ok_or("nothing was run")?;
    report.notes.push(format!("Dodai's calls: {}", ours.calls.line()));
    report.notes.push(format!("Prowler's calls: {}", theirs.calls.line()));

    let comparison = compare(&ours.verdicts, &theirs.verdicts, &bench.checks.controls);
    count("verdicts that agree", comparison.agree, &mut report);
    count("verdicts that differ", comparison.differ(), &mut report);
    report.notes.extend(comparison.differences.iter().map(Difference::line));
    report.notes.extend(comparison.idle.iter().map(|line| format!("explains nothing any more: {line}")));

    for denied in &bench.checks.denied {
        let order = json!({"service": denied.service, "operation": denied.operation});
        bench.emulator.order("/testbed/deny", &order.to_string())?;
    }
    let (without, beside) = (bench.dodai()?, bench.prowler()?);
    for denied in &bench.checks.denied {
        for control in &denied.controls {
            let said = |run: &Run| tally(&run.verdicts, control);
            report.notes.push(format!(
                "{}:{} denied, {control}: Dodai {} (before: {}); Prowler {} (before: {})",
                denied.service,
                denied.operation,
                said(&without),
                said(ours),
                said(&beside),
                said(theirs),
            ));
        }
    }
    for (name, before, after) in [("Dodai", ours, &without), ("Prowler", theirs, &beside)] {
        let code = |run: &Run| run.spent.code.map_or_else(|| "a signal".to_owned(), |code| code.to_string());
        report.notes.push(format!(
            "{name} ended with {}, and with {} where calls were denied",
            code(before),
            code(after)
        ));
    }
    Ok(report)
}

impl Bench {
    /// Builds both, and fills an account.
    fn set() -> Result<Self, String> {
        let checks = Checks::load()?;
        let prowler = Environment::prowler()?.program("prowler");
        let environment = Environment::emulator()?;
        let (dodai, testbed) = (super::command()?, super::built("dodai-testbed", "dodai-testbed")?);
        let place = workspace::target_directory()?.join("bench/prowler");
        workspace::remove(&place)?;
        std::fs::create_dir_all(&place).map_err(|error| format!("{}: {error}", place.display()))?;
        let emulator = Emulator::start(&testbed, &environment.program("moto_server"), &place.join("emulator.log"))?;
        let mut script = Command::new(environment.program("python"));
        script.arg("-B").arg(workspace::root().join(SCRIPT)).arg(place.join("organization")).args(REGIONS);
        workspace::output(without_own_settings(&mut script, &emulator.url))?;
        Ok(Self { checks, emulator, place, dodai, prowler })
    }

    /// From nothing: what an earlier run left is taken away.
    fn dodai(&self) -> Result<Run, String> {
        let directory = self.place.join("organization");
        workspace::remove(&directory.join(".dodai"))?;
        let mut command = Command::new(&self.dodai);
        command.args(["assess", "--quiet", "--format", "json"]).current_dir(&directory);
        for check in &self.checks.controls {
            command.args(["--control", &check.control]);
        }
        without_own_settings(&mut command, &self.emulator.url);
        let output = self.place.join("dodai.json");
        let run = |read: Value| of_dodai(&read, &self.checks.controls);
        self.run(&mut command, &output, &output, run)
    }

    fn prowler(&self) -> Result<Run, String> {
        let mut command = Command::new(&self.prowler);
        command.args(["aws", "--no-banner", "--no-color", "--output-formats", "json-ocsf"]);
        command.args(["--output-filename", "prowler", "--output-directory"]).arg(&self.place);
        // What nothing uses is judged too, as Security Hub does and Dodai.
        command.arg("--scan-unused-services").arg("--region").args(REGIONS);
        command.arg("--check").args(self.checks.controls.iter().map(|check| &check.check));
        command.current_dir(&self.place);
        only_to(without_own_settings(&mut command, &self.emulator.url), &self.emulator.url);
        let findings = self.place.join("prowler.ocsf.json");
        if findings.exists() {
            std::fs::remove_file(&findings).map_err(|error| format!("{}: {error}", findings.display()))?;
        }
        let run = |read: Value| of_prowler(&read, &self.checks.controls);
        self.run(&mut command, &self.place.join("prowler.out"), &findings, run)
    }

    /// Runs a tool whose output goes to a file, and reads its verdicts from another.
    fn run(
        &self,
        command: &mut Command,
        output: &Path,
        verdicts: &Path,
        read: impl Fn(Value) -> Result<Verdicts, String>,
    ) -> Result<Run, String> {
        Calls::forget(&self.emulator)?;
        let spent = process::spent(command, output)?;
        let calls = Calls::since_then(&self.emulator)?;
        // Of both, 3 is the code of a run to the end: something is UNKNOWN (Dodai), something failed (Prowler).
        if ![Some(0), Some(3)].contains(&spent.code) {
            let name = command.get_program().display();
            return Err(format!("`{name}` ended with {:?}; see {}", spent.code, output.display()));
        }
        let text = workspace::read(verdicts)?;
        let value = serde_json::from_str(&text).map_err(|error| format!("{}: {error}", verdicts.display()))?;
        Ok(Run { spent, calls, verdicts: read(value)? })
    }
}

/// Makes the emulator the proxy of a Python program. Whatever it asks then comes there, and nothing leaves this machine:
/// the name that boto3 makes for S3 Control, the account's id before the emulator's address, is none that resolves.
fn only_to(command: &mut Command, url: &str) {
    for name in ["http_proxy", "https_proxy", "all_proxy", "no_proxy", "ALL_PROXY", "NO_PROXY"] {
        command.env_remove(name);
    }
    command.env("HTTP_PROXY", url).env("HTTPS_PROXY", url);
}

/// What is measured of a run.
struct Measure {
    what: &'static str,
    unit: &'static str,
    of: fn(&Run) -> f64,
}

const MEASURES: [Measure; 5] = [
    Measure { what: "processor", unit: "s", of: |run| run.spent.processor_seconds },
    Measure { what: "time", unit: "s", of: |run| run.spent.seconds },
    Measure { what: "memory at most", unit: "MB", of: |run| run.spent.peak_megabytes },
    Measure { what: "calls", unit: "", of: |run| number(run.calls.all) },
    Measure { what: "calls that the emulator cannot answer", unit: "", of: |run| number(run.calls.unanswered) },
];

/// The smallest of all rounds, of both, and how many times ours theirs is.
fn figures(runs: &[(Run, Run)], report: &mut Report) {
    let mut figure = |what: String, value: f64, unit: &str| {
        report.figures.push(Figure { what, value, unit: unit.to_owned() });
    };
    for Measure { what, unit, of } in MEASURES {
        let ours = runs.iter().map(|(ours, _)| of(ours)).fold(f64::INFINITY, f64::min);
        let theirs = runs.iter().map(|(_, theirs)| of(theirs)).fold(f64::INFINITY, f64::min);
        figure(format!("{what}, Dodai"), ours, unit);
        figure(format!("{what}, Prowler"), theirs, unit);
        if ours > 0.0 {
            figure(format!("{what}, Prowler to Dodai"), theirs / ours, "times");
        }
    }
}

fn count(what: &str, count: usize, report: &mut Report) {
    report.figures.push(Figure { what: what.to_owned(), value: number(count), unit: String::new() });
}

fn number(count: usize) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_smallest_of_all_rounds_counts() {
        let run = |seconds: f64, all: usize| Run {
            spent: process::Spent { code: Some(0), seconds, processor_seconds: seconds / 2.0, peak_megabytes: 10.0 },
            calls: Calls { all, ..Calls::default() },
            verdicts: Verdicts::new(),
        };
        let mut report = Report::default();
        figures(&[(run(4.0, 100), run(30.0, 500)), (run(2.0, 100), run(40.0, 500))], &mut report);
        let find = |what: &str| report.figures.iter().find(|figure| figure.what == what).map(|figure| figure.value);
        assert_eq!(find("time, Dodai"), Some(2.0));
        assert_eq!(find("processor, Prowler"), Some(15.0));
        assert_eq!(find("calls, Prowler to Dodai"), Some(5.0));
        assert_eq!(find("calls that the emulator cannot answer, Prowler to Dodai"), None);
    }
}
