//! What a program took: time, processor time, memory at most. Read from `/proc` while it runs: Linux only.

use std::fs::{self, File};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// How long between two looks at its memory: soon at first, for a short program; the kernel keeps the peak, so that nothing
/// between is missed but the end.
const FIRST: Duration = Duration::from_millis(1);
const LATER: Duration = Duration::from_millis(20);

/// Clock ticks a second in `/proc`, the same on every Linux that Rust runs on.
const TICKS: f64 = 100.0;

#[derive(Debug)]
pub(super) struct Spent {
    /// None where a signal ended it.
    pub(super) code: Option<i32>,
    pub(super) seconds: f64,
    pub(super) processor_seconds: f64,
    pub(super) peak_megabytes: f64,
}

/// Runs a program to its end, its output into a file.
pub(super) fn spent(command: &mut Command, output: &Path) -> Result<Spent, String> {
    let file = File::create(output).map_err(|error| format!("{}: {error}", output.display()))?;
    let start = Instant::now();
    let mut child = command
        .stdin(Stdio::null())
        .stdout(file)
        .spawn()
        .map_err(|error| format!("`{}` cannot be started: {error}", command.get_program().display()))?;
    let about = format!("/proc/{}", child.id());
    let (mut peak, mut ticks, mut pause) = (0.0_f64, 0.0, FIRST);
    // Of a program that has ended and is not waited for yet, the time is still there and the memory is not.
    while let Ok(stat) = fs::read_to_string(format!("{about}/stat")) {
        ticks = processor_ticks(&stat);
        if state(&stat) == Some('Z') {
            break;
        }
        peak = peak.max(fs::read_to_string(format!("{about}/status")).map_or(0.0, |text| peak_kilobytes(&text)));
        std::thread::sleep(pause);
        pause = (pause * 2).min(LATER);
    }
    let status = child.wait().map_err(|error| error.to_string())?;
    Ok(Spent {
        code: status.code(),
        seconds: start.elapsed().as_secs_f64(),
        processor_seconds: ticks / TICKS,
        peak_megabytes: peak / 1024.0,
    })
}

/// `VmHWM` of `/proc/…/status`.
fn peak_kilobytes(status: &str) -> f64 {
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.split_whitespace().next()).and_then(|number| number.parse().ok()).unwrap_or_default()
}

/// The fields of `/proc/…/stat` after the program's name, which may hold anything.
fn fields(stat: &str) -> impl Iterator<Item = &str> {
    stat.rsplit_once(')').map_or("", |(_, rest)| rest).split_whitespace()
}

fn state(stat: &str) -> Option<char> {
    fields(stat).next()?.chars().next()
}

/// `utime` and `stime` together.
fn processor_ticks(stat: &str) -> f64 {
    fields(stat).skip(11).take(2).filter_map(|number| number.parse::<f64>().ok()).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_program_took_is_seen() {
        let folder = std::env::temp_dir().join(format!("dodai-spent-{}", std::process::id()));
        let output = folder.join("out");
        fs::create_dir_all(&folder).unwrap();
        let mut command = Command::new("sh");
        // It rests at its end, so that its memory can be seen however fast the loop is.
        command.args(["-c", "i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done; echo $i; sleep 1; exit 3"]);
        let spent = spent(&mut command, &output).unwrap();
        assert_eq!((spent.code, fs::read_to_string(&output).unwrap().trim()), (Some(3), "20000"));
        if cfg!(target_os = "linux") {
            assert!(spent.peak_megabytes > 0.1 && spent.processor_seconds > 0.0, "{spent:?}");
        }
        fs::remove_dir_all(&folder).unwrap();
    }

    #[test]
    fn a_program_name_may_hold_anything() {
        let stat = "7 (a) b (c) S 1 2 3 4 5 6 7 8 9 10 150 50 0 0";
        assert_eq!(state(stat), Some('S'));
        assert!((processor_ticks(stat) - 200.0).abs() < 0.5);
        assert!((peak_kilobytes("VmPeak:\t  9 kB\nVmHWM:\t  2048 kB\n") - 2048.0).abs() < 0.5);
    }
}
