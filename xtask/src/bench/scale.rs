//! Whole plans of a large organization: how long they take beside what AWS's published rates allow, calls, processor
//! time and memory. The organization is the testbed's (`crates/testbed/src/scale/`), after what was recorded of one of
//! moto's; the program is the real one, in release.

mod organization;

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::Subject;
use super::process;
use super::report::{Figure, Report};
use crate::emulator::{Emulator, request};
use crate::stage::without_own_settings;
use crate::workspace::{self, cargo};

pub(super) const SUBJECT: Subject = Subject {
    name: "scale",
    about: "plans of 1,000 accounts in 4 Regions, at AWS's published rates and 40 ms a call",
    measure,
};

const ACCOUNTS: u32 = 1_000;
const LATENCY_MS: u32 = 40;
const LIMITS: &str = "crates/api/limits.yaml";

/// Calls of the longest chain beside the pages of the list of accounts: who we are, the organization, its roots; then in
/// an account the session, whose it is, a list and what each row of it needs, which is two calls deep.
const CHAIN: f64 = 8.0;

/// What a plan is of.
#[derive(Debug, Clone, Copy)]
struct Case {
    name: &'static str,
    recording: &'static str,
    /// The exit code that is right: 2 where there are changes, 0 where there are none.
    code: i32,
    /// Whether the state knows what was done to the accounts, as after `apply`.
    remembers: bool,
}

const CASES: [Case; 3] = [
    Case { name: "from nothing", recording: organization::NOTHING, code: 2, remembers: false },
    Case { name: "nothing to do, first time", recording: organization::SETTLED, code: 0, remembers: false },
    Case { name: "nothing to do, again", recording: organization::SETTLED, code: 0, remembers: true },
];

fn measure() -> Result<Report, String> {
    let mut build = cargo();
    let packages = ["--package", "dodai-cli", "--package", "dodai-testbed"];
    workspace::run(build.args(["build", "--release", "--locked"]).args(packages))?;
    let target = workspace::target_directory()?;
    let (dodai, testbed) = (target.join("release/dodai"), target.join("release/dodai-testbed"));
    let place = target.join("bench/scale");
    let made = organization::make(&place, ACCOUNTS, &dodai, &testbed)?;
    let mut report = Report::default();
    for case in CASES {
        take(&case, &made, &place, &dodai, &testbed, &mut report)?;
    }
    Ok(report)
}

/// Plans once, and adds its figures to the report.
fn take(
    case: &Case,
    made: &organization::Made,
    place: &Path,
    dodai: &Path,
    testbed: &Path,
    report: &mut Report,
) -> Result<(), String> {
    let recording = place.join(case.recording);
    let file = place.join("scale.json");
    let limits = workspace::root().join(LIMITS);
    let form = json!({"recording": recording, "latency_ms": LATENCY_MS, "limits": limits, "members": made.members});
    workspace::write(&file, &form.to_string())?;
    let options = [OsStr::new("--nowhere"), OsStr::new("--scale"), file.as_os_str()];
    let emulator = Emulator::start_with(testbed, &options, &place.join("scale.log"))?;
    if !case.remembers {
        workspace::remove(&made.directory.join(".dodai"))?;
    }
    let plan: PathBuf = place.join("plan.json");
    let mut command = std::process::Command::new(dodai);
    command.args(["plan", "--quiet", "--format", "json"]).current_dir(&made.directory);
    let spent = process::spent(without_own_settings(&mut command, &emulator.url), &plan)?;
    let asked: Value = serde_json::from_str(&request(&emulator.url, "GET", "/testbed/scale", "")?)
        .map_err(|error| format!("the testbed: {error}"))?;
    let plan: Value = serde_json::from_str(&workspace::read(&plan)?).map_err(|error| format!("the plan: {error}"))?;
    let missing = asked.get("missing").and_then(Value::as_object).map_or(0, serde_json::Map::len);
    if spent.code != Some(case.code) || missing > 0 {
        let first = asked.get("missing").and_then(Value::as_object).and_then(|calls| calls.keys().next());
        let why = format!("ended with {:?}, not {}; {missing} calls were not recorded", spent.code, case.code);
        return Err(format!("{}: {why}, {}", case.name, first.map_or("", String::as_str)));
    }
    let bound = bound(&asked);
    let lost = plan.get("blocked").and_then(Value::as_array).map_or(0, Vec::len);
    let mut figure = |what: &str, value: f64, unit: &str| {
        let what = format!("{}: {what}", case.name);
        report.figures.push(Figure { what, value, unit: unit.to_owned() });
    };
    figure("time", spent.seconds, "s");
    figure("the rates allow", bound.seconds, "s");
    figure("ratio", spent.seconds / bound.seconds, "");
    figure("calls", number(&asked, "calls"), "");
    figure("refused for the rate", number(&asked, "throttled"), "");
    figure("processor", spent.processor_seconds, "s");
    figure("memory at most", spent.peak_megabytes, "MB");
    figure("cells not planned", f64::from(u32::try_from(lost).unwrap_or(u32::MAX)), "");
    report.notes.push(format!("{}: the rate of {} decides", case.name, bound.operation));
    Ok(())
}

/// How fast AWS would let it go, and which operation is the slowest.
#[derive(Debug, PartialEq)]
struct Bound {
    seconds: f64,
    operation: String,
}

/// The fullest bucket of tokens at its published rate, and the longest chain of calls that wait for each other.
fn bound(asked: &Value) -> Bound {
    let slowest = asked.pointer("/slowest/0");
    let seconds = slowest.and_then(|slowest| slowest.get("seconds")).and_then(Value::as_f64).unwrap_or_default();
    let operation = slowest.and_then(|slowest| slowest.get("operation")).and_then(Value::as_str).unwrap_or_default();
    let pages = asked.pointer("/operations/organizations.ListAccounts").and_then(Value::as_f64).unwrap_or_default();
    let chain = (pages + CHAIN) * f64::from(LATENCY_MS) / 1000.0;
    Bound { seconds: seconds + chain, operation: operation.to_owned() }
}

fn number(value: &Value, name: &str) -> f64 {
    value.get(name).and_then(Value::as_f64).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bound_is_the_fullest_bucket_and_the_longest_chain() {
        let asked = json!({
            "operations": {"organizations.ListAccounts": 50, "sts.AssumeRole": 1000},
            "slowest": [{"operation": "sts.AssumeRole", "seconds": 18.0}, {"operation": "x", "seconds": 1.0}],
        });
        let found = bound(&asked);
        assert_eq!(found.operation, "sts.AssumeRole");
        assert!((found.seconds - (18.0 + 58.0 * 0.04)).abs() < 1e-9, "{found:?}");
        assert!(bound(&json!({})).seconds > 0.0);
    }
}
