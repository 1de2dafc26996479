//! How long the `dodai` command takes to start: to its version, and to the first call of an `assess`. `DODAI_BIN` names a
//! binary that is there already; else one is built in release.

use std::fs;
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use super::Subject;
use super::report::{Figure, Report};
use crate::workspace;

pub(super) const SUBJECT: Subject =
    Subject { name: "startup", about: "from the start to the version, and to the first call of `assess`", measure };

/// Rounds of which the fastest counts: what disturbs only ever slows down.
const ROUNDS: usize = 15;
const DIRECTORY: &str = "examples/starter";
/// Longer than any start: the command has failed, or asks nothing.
const PATIENCE: Duration = Duration::from_mins(1);

/// What a start took.
#[derive(Debug, Clone, Copy)]
struct Start {
    clock: Duration,
    /// Of all threads, where Linux tells it.
    processor: Option<Duration>,
}

fn measure() -> Result<Report, String> {
    let binary = super::command()?;
    let mut report = Report::default();
    for (what, start) in
        [("--version", version as fn(&Path) -> Result<Start, String>), ("assess, to its first call", assess)]
    {
        let starts = (0..ROUNDS).map(|_| start(&binary)).collect::<Result<Vec<_>, _>>()?;
        let clock = starts.iter().map(|start| start.clock).min();
        let processor = starts.iter().filter_map(|start| start.processor).min();
        for (of, time) in [("clock", clock), ("processor", processor)] {
            let value = time.map(|time| time.as_secs_f64() * 1e3);
            let figure = |value| Figure { what: format!("{what}, {of}"), value, unit: "ms".to_owned() };
            report.figures.extend(value.map(figure));
        }
    }
    report.notes.push(format!("the fastest of {ROUNDS} starts of {}", binary.display()));
    Ok(report)
}

fn version(binary: &Path) -> Result<Start, String> {
    let began = Instant::now();
    let mut child = spawn(Command::new(binary).arg("--version"))?;
    // An ended process that nobody has waited for still says what its threads took.
    let ended = until(|| ended(child.0.id()));
    let clock = began.elapsed();
    let processor = workspace::processor_time(child.0.id());
    let status = child.0.wait().map_err(|error| format!("`dodai --version`: {error}"))?;
    if !status.success() {
        return Err(format!("`dodai --version` ended with {status}"));
    }
    // Without Linux's files it is over when it was waited for.
    Ok(Start { clock: if ended { clock } else { began.elapsed() }, processor })
}

/// Over once AWS, which is played by a listener of ours, hears of it.
fn assess(binary: &Path) -> Result<Start, String> {
    let failed = |error: std::io::Error| format!("a listener in place of AWS: {error}");
    let listener = TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).map_err(failed)?;
    listener.set_nonblocking(true).map_err(failed)?;
    let endpoint = format!("http://{}", listener.local_addr().map_err(failed)?);
    let began = Instant::now();
    let mut command = Command::new(binary);
    command.arg("-C").arg(workspace::root().join(DIRECTORY)).arg("assess");
    for (name, value) in [
        ("AWS_ENDPOINT_URL", endpoint.as_str()),
        ("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE"),
        ("AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"),
    ] {
        command.env(name, value);
    }
    let child = spawn(&mut command)?;
    let heard = until(|| listener.accept().is_ok());
    let start = Start { clock: began.elapsed(), processor: workspace::processor_time(child.0.id()) };
    if heard { Ok(start) } else { Err("`dodai assess` asked nothing".to_owned()) }
}

/// Ends with us, whatever happens.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn spawn(command: &mut Command) -> Result<Running, String> {
    let child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
    child.map(Running).map_err(|error| format!("`dodai` cannot be started: {error}"))
}

/// Looks often, so that little time is added.
fn until(mut happened: impl FnMut() -> bool) -> bool {
    let began = Instant::now();
    while began.elapsed() < PATIENCE {
        if happened() {
            return true;
        }
        std::thread::sleep(Duration::from_micros(100));
    }
    false
}

/// Whether a child of ours has ended, by Linux; true where that cannot be told.
fn ended(id: u32) -> bool {
    match fs::read_to_string(format!("/proc/{id}/stat")) {
        // `1234 (dodai) Z …`
        Ok(stat) => stat.rsplit(')').next().is_some_and(|rest| rest.trim_start().starts_with('Z')),
        Err(_) => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_never_calls_is_an_error_and_what_fails_too() {
        assert!(
            version(Path::new("/no/such/dodai")).is_err_and(|error| error.starts_with("`dodai` cannot be started: "))
        );
        assert!(version(Path::new("/bin/false")).is_err_and(|error| error.starts_with("`dodai --version` ended with")));
    }

    #[test]
    fn the_directory_that_is_assessed_is_there() {
        assert!(workspace::root().join(DIRECTORY).join("dodai.yaml").is_file());
    }
}
