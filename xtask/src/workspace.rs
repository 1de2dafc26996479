//! The tree that the tasks work on, and the programs that they run in it.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::Duration;

use serde_json::Value;

/// The root of the repository.
pub(crate) fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here).to_owned()
}

/// The cargo that runs us, without what it has told us of our own package: build scripts look at it, and a cargo that is
/// started by hand would build half of the dependencies anew.
pub(crate) fn cargo() -> Command {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo")));
    let ours = |name: &OsString| name.to_str().is_some_and(|name| OUR_PACKAGE.iter().any(|it| name.starts_with(it)));
    for name in std::env::vars_os().map(|(name, _)| name).filter(ours) {
        cargo.env_remove(name);
    }
    cargo.current_dir(root());
    cargo
}

const OUR_PACKAGE: [&str; 2] = ["CARGO_MANIFEST_", "CARGO_PKG_"];

/// Where cargo builds to, wherever it was told to.
pub(crate) fn target_directory() -> Result<PathBuf, String> {
    let metadata = output(cargo().args(["metadata", "--no-deps", "--format-version", "1", "--locked"]))?;
    let metadata: Value =
        serde_json::from_slice(&metadata.stdout).map_err(|error| format!("cargo metadata: {error}"))?;
    let directory = metadata.get("target_directory").and_then(Value::as_str);
    directory.map(PathBuf::from).ok_or_else(|| "cargo metadata names no target directory".to_owned())
}

/// Every file of the tree that is not ignored, tracked or not, by its path from `root`.
pub(crate) fn files(root: &Path) -> Result<Vec<String>, String> {
    let mut git = Command::new("git");
    git.current_dir(root).args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"]);
    let listed = output(&mut git)?.stdout;
    let names = listed.split(|&byte| byte == 0).filter(|name| !name.is_empty());
    let mut names: Vec<String> = names.map(|name| String::from_utf8_lossy(name).into_owned()).collect();
    names.sort();
    names.dedup();
    // What is deleted and not yet committed is still listed.
    names.retain(|name| root.join(name).is_file());
    Ok(names)
}

/// Runs a program whose output the person sees.
pub(crate) fn run(command: &mut Command) -> Result<(), String> {
    let name = shown(command);
    match command.status() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("`{name}` ended with {status}")),
        Err(error) => Err(format!("`{name}` cannot be started: {error}")),
    }
}

/// Runs a program for its output; what it said on standard error is part of the error.
pub(crate) fn output(command: &mut Command) -> Result<Output, String> {
    let name = shown(command);
    let output = command.output().map_err(|error| format!("`{name}` cannot be started: {error}"))?;
    if output.status.success() {
        return Ok(output);
    }
    let said = String::from_utf8_lossy(&output.stderr);
    Err(format!("`{name}` ended with {}\n{}", output.status, said.trim_end()))
}

/// A command as a person would type it, its program without the path.
fn shown(command: &Command) -> String {
    let program = Path::new(command.get_program()).file_name().unwrap_or(command.get_program());
    let words = std::iter::once(program).chain(command.get_args());
    words.map(|word| word.to_string_lossy().into_owned()).collect::<Vec<_>>().join(" ")
}

/// What all threads of a process have run so far, where Linux tells it; threads that have ended are left out.
pub(crate) fn processor_time(id: u32) -> Option<Duration> {
    let tasks = fs::read_dir(format!("/proc/{id}/task")).ok()?;
    let nanoseconds = tasks.filter_map(|task| {
        let text = fs::read_to_string(task.ok()?.path().join("schedstat")).ok()?;
        text.split(' ').next()?.parse::<u64>().ok()
    });
    Some(Duration::from_nanos(nanoseconds.sum()))
}

pub(crate) fn read(path: &Path) -> Result<String, String> {
    fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))
}

/// Writes a file, with the directories above it.
pub(crate) fn write(path: &Path, text: &str) -> Result<(), String> {
    let failed = |error: std::io::Error| format!("{}: {error}", path.display());
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent).map_err(failed)?;
    }
    fs::write(path, text).map_err(failed)
}

/// Copies files from one root to the same places below another.
pub(crate) fn copy(from: &Path, names: &[String], to: &Path) -> Result<(), String> {
    for name in names {
        let (source, target) = (from.join(name), to.join(name));
        let failed = |error: std::io::Error| format!("{}: {error}", target.display());
        if let Some(parent) = target.parent() {
            fs::create_dir_all(parent).map_err(failed)?;
        }
        fs::copy(&source, &target).map_err(failed)?;
    }
    Ok(())
}

/// Removes a directory of ours, if it is there.
pub(crate) fn remove(directory: &Path) -> Result<(), String> {
    match fs::remove_dir_all(directory) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(format!("{}: {error}", directory.display())),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_root_is_the_workspace() {
        assert!(read(&root().join("Cargo.toml")).is_ok_and(|text| text.starts_with("[workspace]")));
    }

    #[test]
    fn cargo_is_not_told_of_our_own_package() {
        // Cargo sets them for tests too.
        assert!(std::env::var_os("CARGO_MANIFEST_DIR").is_some() && std::env::var_os("CARGO_PKG_NAME").is_some());
        let removed: Vec<_> =
            cargo().get_envs().filter(|(_, value)| value.is_none()).map(|(name, _)| name.to_owned()).collect();
        assert!(
            removed.contains(&"CARGO_MANIFEST_DIR".into()) && removed.contains(&"CARGO_PKG_NAME".into()),
            "{removed:?}"
        );
    }

    #[test]
    fn a_program_that_fails_is_named_with_what_it_said() {
        let error = output(Command::new("sh").args(["-c", "echo broken >&2; exit 3"])).unwrap_err();
        assert!(error.starts_with("`sh -c echo broken >&2; exit 3` ended with exit status: 3\nbroken"), "{error}");
        let error = run(&mut Command::new("/no/such/program")).unwrap_err();
        assert!(error.starts_with("`program` cannot be started: "), "{error}");
    }
}
