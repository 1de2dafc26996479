//! `cargo xtask demo [--keep]`: a whole run on this machine, from an organization with nothing in it but an old account
//! to one that keeps the baseline. AWS is an emulator; the program is the real one.

use std::io::IsTerminal;
use std::time::Instant;

use crate::stage::{CREDENTIALS, Stage};

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
    let stage = Stage::set("demo")?;
    let start = Instant::now();
    let taken = STEPS.iter().enumerate().try_for_each(|(number, step)| {
        heading(number + 1, step);
        take(step, &stage)
    });
    if taken.is_ok() {
        println!(
            "\nThe demo took {} s. Its directory is {}.\n\n{REAL}",
            start.elapsed().as_secs(),
            stage.directory.display()
        );
    }
    // Kept where something went wrong, too: there is then something to look at.
    if keep {
        print_kept(stage)?;
    }
    taken
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

pub(crate) fn quoted(word: &str) -> String {
    if word.contains(|character: char| character.is_whitespace()) { format!("\"{word}\"") } else { word.to_owned() }
}

fn take(step: &Step, stage: &Stage) -> Result<(), String> {
    let status = stage.command(step.args).status();
    let status = status.map_err(|error| format!("{}: {error}", stage.dodai.display()))?;
    if status.code() == Some(step.code) {
        return Ok(());
    }
    Err(format!("`dodai {}` ended with {status}, not {}", step.args.first().unwrap_or(&""), step.code))
}

fn print_kept(stage: Stage) -> Result<(), String> {
    let Stage { dodai, directory, emulator } = stage;
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
