//! The other engine: the npm package that `xtask/oracle` pins, installed below the target directory and run as a
//! process of its own. Its licence (AGPL-3.0) ends where that process does: we hand it cases and read its answers.

use std::fs;
use std::io::{BufRead, BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::thread;
use std::time::Duration;

use serde_json::Value;

use crate::workspace::{self, read};

const LEAST_NODE: u32 = 20;
const SOURCES: &str = "xtask/oracle";

/// The running engine.
#[derive(Debug)]
pub(super) struct Simulator {
    child: Child,
    input: Option<BufWriter<ChildStdin>>,
    output: BufReader<ChildStdout>,
}

impl Simulator {
    /// Starts the engine, after it was installed where it is not yet.
    pub(super) fn start() -> Result<Self, String> {
        let directory = install()?;
        let mut node = Command::new("node");
        node.arg(workspace::root().join(SOURCES).join("oracle.mjs")).arg(&directory);
        let mut child = node
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| format!("`node` cannot be started: {error}"))?;
        match (child.stdin.take(), child.stdout.take()) {
            (Some(input), Some(output)) => {
                Ok(Self { child, input: Some(BufWriter::new(input)), output: BufReader::new(output) })
            }
            _ => Err("`node` was started without pipes".to_owned()),
        }
    }

    /// What all threads of the engine have run so far, where Linux tells it.
    pub(super) fn processor_time(&self) -> Option<Duration> {
        workspace::processor_time(self.child.id())
    }

    /// What the engine answers to each case: a decision, or the error that it gave instead.
    pub(super) fn ask(&mut self, cases: &[Value]) -> Result<Vec<Result<String, String>>, String> {
        let Some(input) = self.input.as_mut() else { return Err("the engine has ended".to_owned()) };
        let output = &mut self.output;
        // Written from a thread of its own: both pipes are small, and whoever fills one first would wait for the other.
        thread::scope(|scope| {
            let writing = scope.spawn(move || {
                for case in cases {
                    writeln!(input, "{case}")?;
                }
                input.flush()
            });
            let mut answers = Vec::with_capacity(cases.len());
            let mut line = String::new();
            for case in cases {
                line.clear();
                let length = output.read_line(&mut line).map_err(|error| format!("the engine's answer: {error}"))?;
                if length == 0 {
                    return Err("the engine ended before it had answered every case".to_owned());
                }
                answers.push(answer(&line, case)?);
            }
            match writing.join() {
                Ok(Ok(())) => Ok(answers),
                Ok(Err(error)) => Err(format!("a case for the engine: {error}")),
                Err(_) => Err("the cases could not be written".to_owned()),
            }
        })
    }
}

impl Drop for Simulator {
    /// Ends with its input.
    fn drop(&mut self) {
        self.input = None;
        if let Err(error) = self.child.wait() {
            eprintln!("the engine's end: {error}");
        }
    }
}

fn answer(line: &str, case: &Value) -> Result<Result<String, String>, String> {
    let answer: Value = serde_json::from_str(line).map_err(|error| format!("the engine's answer `{line}`: {error}"))?;
    if answer.get("id") != case.get("id") {
        return Err(format!("the engine answers another case than {}: {line}", case.get("id").unwrap_or(&Value::Null)));
    }
    let text = |name: &str| answer.get(name).and_then(Value::as_str).map(ToOwned::to_owned);
    match (text("decision"), text("error")) {
        (Some(decision), _) => Ok(Ok(decision)),
        (None, Some(error)) => Ok(Err(error)),
        (None, None) => Err(format!("the engine's answer has no decision: {line}")),
    }
}

/// Installs exactly what the lock file names, without running anything of it, and again when the lock file changes.
fn install() -> Result<PathBuf, String> {
    node("node")?;
    let sources = workspace::root().join(SOURCES);
    let directory = workspace::target_directory()?.join("oracle");
    let lock = read(&sources.join("package-lock.json"))?;
    let stamp = directory.join("installed.json");
    if fs::read_to_string(&stamp).is_ok_and(|installed| installed == lock) {
        return Ok(directory);
    }
    eprintln!("installing the other engine (once)");
    workspace::remove(&directory)?;
    let names = ["package.json", "package-lock.json"].map(str::to_owned);
    workspace::copy(&sources, &names, &directory)?;
    let mut npm = Command::new("npm");
    npm.current_dir(&directory).args(["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]);
    workspace::output(&mut npm).map_err(|error| format!("the oracle needs npm and its registry: {error}"))?;
    workspace::write(&stamp, &lock)?;
    Ok(directory)
}

/// Whether this program is a Node that is new enough.
fn node(program: &str) -> Result<(), String> {
    let needs = format!("the oracle needs Node {LEAST_NODE} or later, and npm");
    let output = Command::new(Path::new(program)).arg("--version").stdin(Stdio::null()).output();
    let Ok(output) = output else { return Err(format!("{needs}: `{program}` cannot be run")) };
    let said = String::from_utf8_lossy(&output.stdout);
    let version = said.lines().next().unwrap_or_default();
    let major = version.strip_prefix('v').and_then(|rest| rest.split('.').next()?.parse::<u32>().ok());
    match major {
        Some(major) if major >= LEAST_NODE => Ok(()),
        _ => Err(format!("{needs}: `{program}` says `{version}`")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_node_is_one_line() {
        assert_eq!(
            node("no-such-node").unwrap_err(),
            "the oracle needs Node 20 or later, and npm: `no-such-node` cannot be run"
        );
        let error = node("cargo").unwrap_err();
        assert!(error.starts_with("the oracle needs Node 20 or later, and npm: `cargo` says `cargo "), "{error}");
    }

    #[test]
    fn the_lock_file_pins_every_package_and_names_no_host() {
        let lock = read(&workspace::root().join(SOURCES).join("package-lock.json")).unwrap();
        let value: Value = serde_json::from_str(&lock).unwrap();
        let packages = value["packages"].as_object().unwrap();
        for (name, package) in packages.iter().filter(|(name, _)| !name.is_empty()) {
            assert!(package["integrity"].as_str().is_some_and(|hash| hash.starts_with("sha512-")), "{name}");
        }
        assert!(packages.len() > 1 && !lock.contains("://"), "{lock}");
    }

    #[test]
    fn an_answer_is_a_decision_or_an_error_of_its_own_case() {
        let case = serde_json::json!({"id": "1"});
        let good = answer(r#"{"id":"1","decision":"allow"}"#, &case);
        assert_eq!(good, Ok(Ok("allow".to_owned())));
        assert_eq!(answer(r#"{"id":"1","error":"no"}"#, &case), Ok(Err("no".to_owned())));
        assert!(answer(r#"{"id":"2","decision":"allow"}"#, &case).is_err());
        assert!(answer(r#"{"id":"1"}"#, &case).is_err());
        assert!(answer("no JSON", &case).is_err());
    }
}
