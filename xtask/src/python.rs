//! Python, for the emulator, for the comparison with botocore and for Prowler: finds one that is new enough, and makes a
//! virtual environment with exactly the packages that a file pins.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use sha2::{Digest, Sha256};

use crate::workspace::{self, read};

/// moto's own minimum is lower; the pinned packages' is this.
const LEAST: (u32, u32) = (3, 11);
const CANDIDATES: [&str; 6] = ["python3", "python3.14", "python3.13", "python3.12", "python3.11", "python"];
pub(crate) const REQUIREMENTS: &str = "crates/testbed/requirements.txt";

/// What an environment is made of.
#[derive(Debug)]
struct Packages {
    /// Its directory below the target directory.
    name: &'static str,
    /// As messages name whom they are for.
    whose: &'static str,
    requirements: &'static str,
    /// Whether some are there only as sources, so that their own setup code must run.
    sources: bool,
}

const EMULATOR: Packages =
    Packages { name: "emulator", whose: "the emulator", requirements: REQUIREMENTS, sources: false };
const PROWLER: Packages =
    Packages { name: "prowler", whose: "Prowler", requirements: "xtask/bench/prowler/requirements.txt", sources: true };

/// A virtual environment.
#[derive(Debug)]
pub(crate) struct Environment {
    directory: PathBuf,
}

impl Environment {
    /// The emulator's.
    pub(crate) fn emulator() -> Result<Self, String> {
        Self::of(&EMULATOR)
    }

    /// Prowler's.
    pub(crate) fn prowler() -> Result<Self, String> {
        Self::of(&PROWLER)
    }

    /// The environment below the target directory: made when it is not there, or when its packages changed.
    fn of(made_of: &Packages) -> Result<Self, String> {
        let environment = Self { directory: workspace::target_directory()?.join(made_of.name) };
        let text = read(&workspace::root().join(made_of.requirements))?;
        let wanted = Sha256::digest(&text).iter().fold(String::new(), |hash, byte| hash + &format!("{byte:02x}"));
        let stamp = environment.directory.join("stamp");
        let current = fs::read_to_string(&stamp).is_ok_and(|found| found == wanted);
        if current && version(&environment.program("python")).is_ok() {
            return Ok(environment);
        }
        let python = find(&CANDIDATES, made_of.whose)?;
        eprintln!("installing {}'s {} packages (once)", made_of.whose, packages(&text).count());
        workspace::remove(&environment.directory)?;
        workspace::output(Command::new(&python).args(["-m", "venv"]).arg(&environment.directory))?;
        environment.install(made_of)?;
        workspace::write(&stamp, &wanted)?;
        Ok(environment)
    }

    pub(crate) fn program(&self, name: &str) -> PathBuf {
        self.directory.join("bin").join(name)
    }

    /// Exactly what is pinned: nothing that a package asks for beyond that, and no package's own setup code where there
    /// is another way.
    fn install(&self, made_of: &Packages) -> Result<(), String> {
        let mut pip = Command::new(self.program("python"));
        pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input", "--no-deps"]);
        pip.args(if made_of.sources { ["--prefer-binary"].as_slice() } else { &["--only-binary", ":all:"] });
        pip.arg("--requirement").arg(workspace::root().join(made_of.requirements));
        let output = pip.output().map_err(|error| format!("pip cannot be started: {error}"))?;
        if output.status.success() {
            return Ok(());
        }
        let said = String::from_utf8_lossy(&output.stderr);
        Err(format!(
            "{}'s packages cannot be installed; is pypi.org reachable? pip says: {}",
            made_of.whose,
            said.lines().rev().find(|line| line.starts_with("ERROR")).unwrap_or("nothing")
        ))
    }
}

/// The lines of a requirements file that name a package.
fn packages(requirements: &str) -> impl Iterator<Item = &str> {
    requirements.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'))
}

/// The first of these programs that is a Python that is new enough and can make virtual environments.
fn find(candidates: &[&str], whose: &str) -> Result<PathBuf, String> {
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
    Err(format!("{whose} needs Python {}.{} or later: {found}", LEAST.0, LEAST.1))
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
        let error = find(&["no-such-python"], "the emulator").unwrap_err();
        assert_eq!(error, "the emulator needs Python 3.11 or later: none found");
        // A program that is there, and no Python.
        assert_eq!(find(&["true"], "the emulator").unwrap_err(), error);
    }

    #[test]
    fn every_package_is_pinned_once() {
        for (made_of, known) in [(&EMULATOR, "moto"), (&PROWLER, "prowler")] {
            let text = read(&workspace::root().join(made_of.requirements)).unwrap();
            let mut names: Vec<String> = packages(&text)
                .map(|line| line.split_once("==").unwrap_or_else(|| panic!("`{line}` is not pinned")).0.to_lowercase())
                .collect();
            assert!(names.iter().any(|name| name == known), "{names:?}");
            let all = names.len();
            names.sort();
            names.dedup();
            assert_eq!(names.len(), all);
        }
    }
}
