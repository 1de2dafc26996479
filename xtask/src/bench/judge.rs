//! Processor time and memory of an assessment: all controls over a stored run of a million rows.

use std::fs;

use super::process::spent;
use super::report::{Figure, Report};
use super::{Subject, command, of_crate};
use crate::workspace;

pub(super) const SUBJECT: Subject = Subject {
    name: "judge",
    about: "all controls over a stored run of a million rows: processor time, memory, findings",
    measure,
};

#[expect(clippy::cast_precision_loss, reason = "figures for people")]
fn measure() -> Result<Report, String> {
    let dodai = command()?;
    let folder = workspace::target_directory()?.join("bench/judge");
    if folder.exists() {
        fs::remove_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    }
    fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let mut report = of_crate("dodai-inventory", "judge", &[&folder.display().to_string()])?;
    let findings = folder.join("findings.csv");
    let mut assess = std::process::Command::new(dodai);
    assess.args(["assess", "--quiet", "--run", "latest", "--format", "csv", "-C"]).arg(&folder);
    let spent = spent(&mut assess, &findings)?;
    // Some rows fail, and nothing is there that could not be read.
    if spent.code != Some(0) && spent.code != Some(3) {
        return Err(format!("`dodai assess` ended with {:?}", spent.code));
    }
    let text = fs::read_to_string(&findings).map_err(|error| format!("{}: {error}", findings.display()))?;
    let lines = text.lines().skip(1);
    let unknown = |line: &&str| line.split(',').nth(2) == Some("UNKNOWN");
    let mut figure = |what: &str, value: f64, unit: &str| {
        report.figures.push(Figure { what: what.to_owned(), value, unit: unit.to_owned() });
    };
    figure("findings", lines.clone().count() as f64, "");
    figure("findings that are UNKNOWN", lines.filter(unknown).count() as f64, "");
    figure("processor", spent.processor_seconds, "s");
    figure("clock", spent.seconds, "s");
    figure("memory at most", spent.peak_megabytes, "MB");
    Ok(report)
}
