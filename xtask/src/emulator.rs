//! The testbed (an emulator of AWS) as a process of its own, with moto behind it. It lives in a process group that a
//! shell watches: when this program ends, however it ends, the shell reads the end of its input and ends the group.

use std::ffi::OsStr;
use std::fs::File;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::time::{Duration, Instant};

/// A line on its input keeps the emulator; the end of it ends the group. So does the emulator's own end.
const WATCH: &str = r#"("$0" "$@"; kill -TERM 0) & read -r keep && wait; kill -TERM 0"#;

/// How long the emulator may take to answer for the first time.
const PATIENCE: Duration = Duration::from_mins(2);

#[derive(Debug)]
pub(crate) struct Emulator {
    /// `http://127.0.0.1:41234`
    pub(crate) url: String,
    watcher: Child,
    input: Option<ChildStdin>,
}

impl Emulator {
    /// Starts the testbed on a free port of this machine and waits until it answers. What it says goes to `log`.
    pub(crate) fn start(testbed: &Path, moto: &Path, log: &PathBuf) -> Result<Self, String> {
        Self::start_with(testbed, &[OsStr::new("--moto"), moto.as_os_str()], log)
    }

    /// The same with options of the testbed's.
    pub(crate) fn start_with(testbed: &Path, options: &[&OsStr], log: &PathBuf) -> Result<Self, String> {
        let said = File::create(log).map_err(|error| format!("{}: {error}", log.display()))?;
        let mut command = Command::new("sh");
        command.args(["-c", WATCH]).arg(testbed).args(options);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(said).process_group(0);
        let mut watcher = command.spawn().map_err(|error| format!("`sh` cannot be started: {error}"))?;
        let input = watcher.stdin.take();
        let mut url = String::new();
        if let Some(output) = watcher.stdout.take() {
            // One line, or its end when the testbed could not start.
            let mut line = BufReader::new(output.take(1000));
            line.read_line(&mut url).map_err(|error| format!("the emulator: {error}"))?;
        }
        let emulator = Self { url: url.trim().to_owned(), watcher, input };
        emulator.wait().map_err(|why| format!("the emulator does not start: {why}; see {}", log.display()))?;
        Ok(emulator)
    }

    fn wait(&self) -> Result<(), String> {
        let address = self.url.strip_prefix("http://").ok_or("it gave no URL")?;
        let start = Instant::now();
        loop {
            match answers(address) {
                Ok(()) => return Ok(()),
                Err(error) if start.elapsed() > PATIENCE => return Err(error.to_string()),
                Err(_) => std::thread::sleep(Duration::from_millis(50)),
            }
        }
    }

    /// Gives the testbed an order (`GET /testbed` lists them).
    pub(crate) fn order(&self, path: &str, body: &str) -> Result<(), String> {
        request(&self.url, "POST", path, body).map(drop)
    }

    /// Leaves it running; returns the id of its process group.
    pub(crate) fn keep(mut self) -> Result<u32, String> {
        let mut input = self.input.take().ok_or("the emulator is not watched")?;
        writeln!(input, "keep").map_err(|error| format!("the emulator is gone: {error}"))?;
        Ok(self.watcher.id())
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        // Kept ones have no input any more.
        if self.input.take().is_some() {
            let _ = self.watcher.wait();
        }
    }
}

/// Asks the testbed for the list of its controls.
fn answers(address: &str) -> std::io::Result<()> {
    exchange(address, "GET", "/testbed", "").map(drop)
}

/// Asks one of the testbed's controls; the reply's body.
pub(crate) fn request(url: &str, method: &str, path: &str, body: &str) -> Result<String, String> {
    let address = url.strip_prefix("http://").ok_or("the emulator has no URL")?;
    exchange(address, method, path, body).map_err(|error| format!("the emulator: {path}: {error}"))
}

/// The body of a good reply whose length is announced.
fn exchange(address: &str, method: &str, path: &str, body: &str) -> std::io::Result<String> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(Duration::from_mins(1)))?;
    let length = body.len();
    write!(
        stream,
        "{method} {path} HTTP/1.1\r\nHost: {address}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}"
    )?;
    let mut reply = String::new();
    stream.read_to_string(&mut reply)?;
    let (head, body) = reply.split_once("\r\n\r\n").ok_or_else(|| std::io::Error::other("no reply"))?;
    let status = head.lines().next().unwrap_or_default();
    if status.starts_with("HTTP/1.1 200") {
        Ok(body.to_owned())
    } else {
        Err(std::io::Error::other(format!("{status}: {body}")))
    }
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    /// Runs the watcher over a program that prints its process id and then sleeps.
    fn watched() -> (Child, ChildStdin, String) {
        let mut command = Command::new("sh");
        command.args(["-c", WATCH, "sh", "-c", "echo $$; exec sleep 60"]).process_group(0);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let input = child.stdin.take().unwrap();
        let mut id = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut id).unwrap();
        (child, input, id.trim().to_owned())
    }

    fn lives(id: &str) -> bool {
        Command::new("kill").args(["-0", id]).stderr(Stdio::null()).status().unwrap().success()
    }

    #[test]
    fn the_group_ends_with_our_input() {
        let (mut child, input, id) = watched();
        assert!(lives(&id));
        drop(input);
        child.wait().unwrap();
        let start = Instant::now();
        while lives(&id) && start.elapsed() < Duration::from_secs(20) {
            std::thread::sleep(Duration::from_millis(10));
        }
        assert!(!lives(&id));
    }

    #[test]
    fn a_kept_group_lives_on() {
        let (mut child, mut input, id) = watched();
        writeln!(input, "keep").unwrap();
        drop(input);
        assert!(child.try_wait().unwrap().is_none() && lives(&id));
        assert!(Command::new("kill").args(["-TERM", "--", &format!("-{}", child.id())]).status().unwrap().success());
        child.wait().unwrap();
    }

    #[test]
    fn a_program_that_ends_by_itself_ends_the_group() {
        let mut command = Command::new("sh");
        let mut child = command.args(["-c", WATCH, "false"]).process_group(0).stdin(Stdio::piped()).spawn().unwrap();
        let input = child.stdin.take();
        assert!(!child.wait().unwrap().success());
        drop(input);
    }
}
