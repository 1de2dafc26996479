//! Python, for the emulator and for the comparison with botocore: finds one that is new enough, and makes a virtual environment with exactly the packages
//! that `crates/testbed/requirements.txt` pins.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use sha2::{Digest, Sha256};

use crate::workspace::{self, read};

/// moto's own minimum is lower; the pinned packages' is this.
const LEAST: (u32, u32) = (3, 11);
const CANDIDATES: [&str; 6] = ["python3", "python3.14", "python3.13", "python3.12", "python3.11", "python"];
pub(crate) const REQUIREMENTS: &str = "crates/testbed/requirements.txt";

/// A virtual environment.
#[derive(Debug)]
pub(crate) struct Environment {
    directory: PathBuf,
}

impl Environment {
    /// The emulator's environment below the target directory: made when it is not there, or when its packages changed.
    pub(crate) fn emulator() -> Result<Self, String> {
        let environment = Self { directory: workspace::target_directory()?.join("emulator") };
        let requirements = workspace::root().join(REQUIREMENTS);
        let text = read(&requirements)?;
        let wanted = Sha256::digest(&text).iter().fold(String::new(), |hash, byte| hash + &format!("{byte:02x}"));
        let stamp = environment.directory.join("stamp");
        let current = fs::read_to_string(&stamp).is_ok_and(|found| found == wanted);
        if current && version(&environment.program("python")).is_ok() {
            return Ok(environment);
        }
        let python = find(&CANDIDATES)?;
        eprintln!("installing the emulator's {} packages (once)", packages(&text).count());
        workspace::remove(&environment.directory)?;
        workspace::output(Command::new(&python).args(["-m", "venv"]).arg(&environment.directory))?;
        environment.install(&requirements)?;
        workspace::write(&stamp, &wanted)?;
        Ok(environment)
    }

    pub(crate) fn program(&self, name: &str) -> PathBuf {
        self.directory.join("bin").join(name)
    }

    /// Exactly what is pinned: nothing that a package asks for beyond that, and no package's own setup code.
    fn install(&self, requirements: &Path) -> Result<(), String> {
        let mut pip = Command::new(self.program("python"));
        pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input", "--no-deps"]);
        pip.args(["--only-binary", ":all:", "--requirement"]).arg(requirements);
        let output = pip.output().map_err(|error| format!("pip cannot be started: {error}"))?;
        if output.status.success() {
            return Ok(());
        }
        let said = String::from_utf8_lossy(&output.stderr);
        Err(format!(
            "the emulator's packages cannot be installed; is pypi.org reachable? pip says: {}",
            said.lines().rev().find(|line| line.starts_with("ERROR")).unwrap_or("nothing")
        ))
    }
}

/// The lines of a requirements file that name a package.
fn packages(requirements: &str) -> impl Iterator<Item = &str> {
    requirements.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'))
}

/// The first of these programs that is a Python that is new enough and can make virtual environments.
fn find(candidates: &[&str]) -> Result<PathBuf, String> {
    let mut found = Vec::new();
    for candidate in candidates {
        match version(Path::new(candidate)) {
            Ok(version) if version >= LEAST => {
                let mut venv = Command::new(candidate);
                venv.args(["-c", "import venv, ensurepip"]).stdout(Stdio::null()).stderr(Stdio::null());
                if venv.status().is_ok_and(|status| status.success()) {
                    return Ok(PathBuf::from(candidate));
                }
                found.push(format!("`{candidate}` lacks venv (Debian and Ubuntu: apt install python3-venv)"));
            }
            Ok((major, minor)) => found.push(format!("`{candidate}` is {major}.{minor}")),
            Err(()) => {}
        }
    }
    let found = if found.is_empty() { "none found".to_owned() } else { found.join(", ") };
    Err(format!("the emulator needs Python {}.{} or later: {found}", LEAST.0, LEAST.1))
}

/// The version of a Python; an error when it cannot be run or is none.
fn version(python: &Path) -> Result<(u32, u32), ()> {
    let mut command = Command::new(python);
    command.args(["-c", "import sys; print(sys.version_info[0], sys.version_info[1])"]).stdin(Stdio::null());
    let output = command.output().map_err(drop)?;
    let text = String::from_utf8_lossy(&output.stdout);
    let mut numbers = text.split_whitespace().map(str::parse);
    match (output.status.success(), numbers.next(), numbers.next()) {
        (true, Some(Ok(major)), Some(Ok(minor))) => Ok((major, minor)),
        _ => Err(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_python_is_one_line() {
        let error = find(&["no-such-python"]).unwrap_err();
        assert_eq!(error, "the emulator needs Python 3.11 or later: none found");
        // A program that is there, and no Python.
        assert_eq!(find(&["true"]).unwrap_err(), error);
    }

    #[test]
    fn every_package_is_pinned_once() {
        let text = read(&workspace::root().join(REQUIREMENTS)).unwrap();
        let mut names: Vec<String> = packages(&text)
            .map(|line| line.split_once("==").unwrap_or_else(|| panic!("`{line}` is not pinned")).0.to_lowercase())
            .collect();
        assert!(names.iter().any(|name| name == "moto"), "{names:?}");
        let all = names.len();
        names.sort();
        names.dedup();
        assert_eq!(names.len(), all);
    }
}
