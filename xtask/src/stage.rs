//! The stage of a run on this machine: the program built, an emulator of AWS, an organization with nothing in it but an
//! old account, and a directory that describes it.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::emulator::Emulator;
use crate::python::Environment;
use crate::workspace::{self, read, write};

const EXAMPLE: &str = "examples/starter";
/// What stands in the example for what only its owner knows.
const ORGANIZATION: &str = "o-exampleorgid";
const EMAIL: &str = "aws-management@example.com";
const HOME: &str = "ap-northeast-1";

/// The test account's credentials, and nothing of the person's own.
pub(crate) const CREDENTIALS: [(&str, &str); 6] = [
    ("AWS_ACCESS_KEY_ID", "test"),
    ("AWS_SECRET_ACCESS_KEY", "test"),
    ("AWS_REGION", HOME),
    ("AWS_CONFIG_FILE", "/dev/null"),
    ("AWS_SHARED_CREDENTIALS_FILE", "/dev/null"),
    ("AWS_EC2_METADATA_DISABLED", "true"),
];

/// Everything that a run needs; the emulator ends with it.
pub(crate) struct Stage {
    pub(crate) dodai: PathBuf,
    pub(crate) directory: PathBuf,
    pub(crate) emulator: Emulator,
}

impl Stage {
    /// Builds what is needed, and sets it up in the folder `name` of the target directory.
    pub(crate) fn set(name: &str) -> Result<Self, String> {
        let environment = Environment::emulator()?;
        let target = workspace::target_directory()?;
        workspace::run(workspace::cargo().args([
            "build",
            "--quiet",
            "--locked",
            "-p",
            "dodai-cli",
            "-p",
            "dodai-testbed",
            "--features",
            "dodai-cli/tests",
        ]))?;
        let (dodai, testbed) = (target.join("debug/dodai"), target.join("debug/dodai-testbed"));
        let place = target.join(name);
        workspace::remove(&place)?;
        let directory = place.join("organization");
        copy_example(&workspace::root(), &directory)?;
        let emulator = Emulator::start(&testbed, &environment.program("moto_server"), &place.join("emulator.log"))?;
        fill_in(&directory, &make_organization(&environment, &emulator.url)?)?;
        Ok(Self { dodai, directory, emulator })
    }

    /// The program with these arguments, in the directory, for the emulator alone.
    pub(crate) fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(&self.dodai);
        command.args(args).current_dir(&self.directory);
        self.settings(&mut command);
        command
    }

    /// The settings of a command that talks to the emulator, and nothing of the person's own.
    pub(crate) fn settings<'c>(&self, command: &'c mut Command) -> &'c mut Command {
        without_own_settings(command, &self.emulator.url)
    }
}

fn copy_example(root: &Path, directory: &Path) -> Result<(), String> {
    let prefix = format!("{EXAMPLE}/");
    let files = workspace::files(root)?;
    let names: Vec<String> =
        files.iter().filter_map(|file| file.strip_prefix(&prefix)).map(ToOwned::to_owned).collect();
    workspace::copy(&root.join(EXAMPLE), &names, directory)
}

/// Lets a script make the organization; returns what the directory must say of it.
fn make_organization(environment: &Environment, url: &str) -> Result<Value, String> {
    let mut script = Command::new(environment.program("python"));
    script.arg(workspace::root().join("xtask/demo/organization.py")).arg(HOME);
    let output = workspace::output(without_own_settings(&mut script, url))?;
    serde_json::from_slice(&output.stdout).map_err(|error| format!("organization.py: {error}"))
}

fn fill_in(directory: &Path, made: &Value) -> Result<(), String> {
    for (file, old, name) in
        [("dodai.yaml", ORGANIZATION, "organization"), ("accounts/management.yaml", EMAIL, "email")]
    {
        let path = directory.join(file);
        let new = made.get(name).and_then(Value::as_str).ok_or_else(|| format!("organization.py gave no {name}"))?;
        write(&path, &replace_one(&read(&path)?, old, new).map_err(|error| format!("{file}: {error}"))?)?;
    }
    Ok(())
}

/// Replaces what must be there exactly once.
fn replace_one(text: &str, old: &str, new: &str) -> Result<String, String> {
    match text.matches(old).count() {
        1 => Ok(text.replace(old, new)),
        count => Err(format!("`{old}` is there {count} times, not once")),
    }
}

/// Takes the person's own AWS settings away: the demo must never reach a real account.
pub(crate) fn without_own_settings<'a>(command: &'a mut Command, url: &str) -> &'a mut Command {
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("AWS_")) {
        command.env_remove(name);
    }
    command.envs(CREDENTIALS).env("AWS_ENDPOINT_URL", url).env("NO_PROXY", "127.0.0.1")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_has_what_is_filled_in() {
        let root = workspace::root().join(EXAMPLE);
        for (file, old) in [("dodai.yaml", ORGANIZATION), ("accounts/management.yaml", EMAIL)] {
            let text = read(&root.join(file)).unwrap();
            assert!(replace_one(&text, old, "new").is_ok_and(|text| text.contains("new")), "{file}");
        }
        assert_eq!(replace_one("a a", "a", "b"), Err("`a` is there 2 times, not once".to_owned()));
        assert!(read(&root.join("dodai.yaml")).unwrap().contains(&format!("\nhome_region: {HOME}\n")));
    }

    #[test]
    fn own_settings_never_reach_a_command() {
        // Cargo sets CARGO_* for tests; AWS_* here only if the person has some. What counts is what is set in the end.
        let mut command = Command::new("env");
        without_own_settings(&mut command, "http://127.0.0.1:1");
        let output = workspace::output(&mut command).unwrap();
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let mut names: Vec<&str> =
            text.lines().filter_map(|line| line.split('=').next()).filter(|name| name.starts_with("AWS_")).collect();
        names.sort_unstable();
        let mut expected: Vec<&str> = CREDENTIALS.iter().map(|(name, _)| *name).chain(["AWS_ENDPOINT_URL"]).collect();
        expected.sort_unstable();
        assert_eq!(names, expected);
    }
}
