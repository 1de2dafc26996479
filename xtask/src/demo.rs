//! `cargo xtask demo [--keep]`: a whole run on this machine, from an organization with nothing in it but an old account
//! to one that keeps the baseline. AWS is an emulator; the program is the real one.

use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

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
const CREDENTIALS: [(&str, &str); 6] = [
    ("AWS_ACCESS_KEY_ID", "test"),
    ("AWS_SECRET_ACCESS_KEY", "test"),
    ("AWS_REGION", HOME),
    ("AWS_CONFIG_FILE", "/dev/null"),
    ("AWS_SHARED_CREDENTIALS_FILE", "/dev/null"),
    ("AWS_EC2_METADATA_DISABLED", "true"),
];

/// One command of the demo.
struct Step {
    about: &'static str,
    args: &'static [&'static str],
    /// The exit code that it ends with.
    code: i32,
}

const STEPS: &[Step] = &[
    Step {
        about: "The directory is read, and every mistake in it named. No AWS is needed.",
        args: &["check"],
        code: 0,
    },
    Step { about: "How things stand before anything is done.", args: &["assess"], code: 0 },
    Step {
        about: "What would change. Nothing is changed yet; exit code 2 says that there is something.",
        args: &["plan"],
        code: 2,
    },
    Step {
        about: "It is done, round by round: what needs an account that does not exist yet waits for the next round.",
        args: &["apply", "--yes", "--allow-guardrail", "--allow-irreversible"],
        code: 0,
    },
    Step { about: "Planned again: nothing is left to do, so the exit code is 0.", args: &["plan"], code: 0 },
    Step { about: "How things stand now, account by account, and what has changed since.", args: &["assess"], code: 0 },
    Step {
        about: "Any question, in SQL: which security groups are open to everyone?",
        args: &[
            "query",
            "select account_name, region, GroupName from aws_ec2_security_group \
             where any_match(IpPermissions, p -> any_match(p.IpRanges, r -> r.CidrIp = '0.0.0.0/0'))",
        ],
        code: 0,
    },
];

const REAL: &str = "\
To do the same with your own organization, read-only first:
  cp -r examples/starter my-organization      then put your organization's id and accounts into it
  export AWS_PROFILE=…                        credentials of the management account
  dodai assess -C my-organization             reads only
  dodai plan -C my-organization               reads only
  dodai apply -C my-organization              shows its plan, asks, and only then writes";

pub(crate) fn run(keep: bool) -> Result<(), String> {
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
    ]))?;
    let (dodai, testbed) = (target.join("debug/dodai"), target.join("debug/dodai-testbed"));
    let start = Instant::now();
    let place = target.join("demo");
    workspace::remove(&place)?;
    let directory = place.join("organization");
    copy_example(&workspace::root(), &directory)?;
    let emulator = Emulator::start(&testbed, &environment.program("moto_server"), &place.join("emulator.log"))?;
    fill_in(&directory, &make_organization(&environment, &emulator.url)?)?;
    let taken = STEPS.iter().enumerate().try_for_each(|(number, step)| {
        heading(number + 1, step);
        take(step, &dodai, &directory, &emulator.url)
    });
    if taken.is_ok() {
        println!(
            "\nThe demo took {} s. Its directory is {}.\n\n{REAL}",
            start.elapsed().as_secs(),
            directory.display()
        );
    }
    // Kept where something went wrong, too: there is then something to look at.
    if keep {
        print_kept(emulator, &dodai, &directory)?;
    }
    taken
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

fn heading(number: usize, step: &Step) {
    let (bold, plain) = if is_plain() { ("", "") } else { ("\u{1b}[1m", "\u{1b}[0m") };
    println!("\n{bold}{number}/{} {}{plain}", STEPS.len(), step.about);
    let words: Vec<String> = step.args.iter().map(|word| quoted(word)).collect();
    println!("$ dodai {}\n", words.join(" "));
}

fn is_plain() -> bool {
    !std::io::stdout().is_terminal() || std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty())
}

fn quoted(word: &str) -> String {
    if word.contains(|character: char| character.is_whitespace()) { format!("\"{word}\"") } else { word.to_owned() }
}

fn take(step: &Step, dodai: &PathBuf, directory: &Path, url: &str) -> Result<(), String> {
    let mut command = Command::new(dodai);
    command.args(step.args).current_dir(directory);
    let status = without_own_settings(&mut command, url).status();
    let status = status.map_err(|error| format!("{}: {error}", dodai.display()))?;
    if status.code() == Some(step.code) {
        return Ok(());
    }
    Err(format!("`dodai {}` ended with {status}, not {}", step.args.first().unwrap_or(&""), step.code))
}

/// Takes the person's own AWS settings away: the demo must never reach a real account.
pub(crate) fn without_own_settings<'a>(command: &'a mut Command, url: &str) -> &'a mut Command {
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("AWS_")) {
        command.env_remove(name);
    }
    command.envs(CREDENTIALS).env("AWS_ENDPOINT_URL", url).env("NO_PROXY", "127.0.0.1")
}

fn print_kept(emulator: Emulator, dodai: &Path, directory: &Path) -> Result<(), String> {
    let url = emulator.url.clone();
    let group = emulator.keep()?;
    println!("\nThe emulator goes on running. To look around:\n");
    println!("  export AWS_ENDPOINT_URL={url}");
    for (name, value) in CREDENTIALS {
        println!("  export {name}={value}");
    }
    println!("  cd {}\n  {} plan\n\nTo stop it: kill -TERM -- -{group}", directory.display(), dodai.display());
    Ok(())
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
