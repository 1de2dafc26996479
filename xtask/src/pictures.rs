//! `cargo xtask pictures`: what the program prints, as pictures for the README. Each is the real output of a command on
//! the stage of the demo, as a terminal of [`WIDTH`] columns shows it.

use std::process::Command;

use anstyle_svg::{Term, WIN10_CONSOLE};

use crate::demo::quoted;
use crate::stage::Stage;
use crate::workspace::{self, read, write};

const FOLDER: &str = "docs/pictures";
const WIDTH: usize = 120;
/// Where the reads of one service are denied, as an account's own guardrail may do.
const DENIED: &str = r#"{"service": "guardduty", "operation": "*", "kind": "deny"}"#;
/// One call that may not be made, in one Region.
const REFUSED: &str =
    r#"{"service": "guardduty", "operation": "CreateDetector", "region": "us-east-1", "kind": "deny"}"#;
const APPLYING: &[&str] = &["apply", "--yes", "--allow-guardrail", "--allow-irreversible"];

/// One picture: the command, and how many of the lines that it prints are shown, the first ones and the last ones.
struct Picture {
    name: &'static str,
    args: &'static [&'static str],
    first: usize,
    last: usize,
}

const MISTAKE: Picture = Picture { name: "check", args: &["check"], first: 40, last: 0 };
const PLAN: Picture = Picture { name: "plan", args: &["plan"], first: 32, last: 24 };
const FAILURE: Picture = Picture { name: "failure", args: APPLYING, first: 0, last: 24 };
const APPLY: Picture = Picture { name: "apply", args: APPLYING, first: 16, last: 24 };
const SCORE: Picture = Picture { name: "assess", args: &["assess"], first: 36, last: 12 };
const UNKNOWN: Picture = Picture { name: "unknown", args: &["assess", "--control", "GuardDuty.1"], first: 24, last: 0 };

pub(crate) fn run() -> Result<(), String> {
    let stage = Stage::set("pictures")?;
    let feature = stage.directory.join("dodai.yaml");
    let right = read(&feature)?;
    write(&feature, &mistaken(&right)?)?;
    take(&stage, &MISTAKE)?;
    write(&feature, &right)?;

    // So that the score can say what it was.
    workspace::output(&mut stage.command(&["assess", "--quiet"]))?;
    take(&stage, &PLAN)?;
    stage.emulator.order("/testbed/fault", REFUSED)?;
    take(&stage, &FAILURE)?;
    stage.emulator.order("/testbed/clear", "")?;
    // The rest of it, so that the plan before it is short.
    take(&stage, &APPLY)?;
    take(&stage, &SCORE)?;
    stage.emulator.order("/testbed/fault", DENIED)?;
    take(&stage, &UNKNOWN)
}

/// The directory with a mistake that is easily made.
fn mistaken(right: &str) -> Result<String, String> {
    let wrong = right.replacen("home_region:", "home_regoin:", 1);
    if wrong == right { Err("the example has no `home_region`".to_owned()) } else { Ok(wrong) }
}

fn take(stage: &Stage, picture: &Picture) -> Result<(), String> {
    let command = stage.command(picture.args);
    // Both outputs into one, in the order in which a terminal gets them.
    let mut both = Command::new("sh");
    both.args(["-c", r#"exec "$0" "$@" 2>&1"#]).arg(command.get_program()).args(command.get_args());
    both.current_dir(&stage.directory);
    stage.settings(&mut both).env("CLICOLOR_FORCE", "1").env_remove("NO_COLOR");
    let output = both.output().map_err(|error| format!("`sh` cannot be started: {error}"))?;
    let said = String::from_utf8_lossy(&output.stdout);
    let words: Vec<String> = picture.args.iter().map(|word| quoted(word)).collect();
    let screen = format!("$ dodai {}\n{}", words.join(" "), shown(&said, picture.first, picture.last));
    let file = workspace::root().join(FOLDER).join(picture.name).with_extension("svg");
    write(&file, &Term::new().palette(WIN10_CONSOLE).min_width_px(1040).render_svg(&screen))?;
    println!("{}", file.display());
    Ok(())
}

/// The first lines and the last, as a terminal wraps them, and how many there are between.
fn shown(text: &str, first: usize, last: usize) -> String {
    let lines: Vec<String> = text.lines().map(wrapped).collect();
    let left_out = lines.len().saturating_sub(first + last);
    if left_out == 0 {
        return lines.concat();
    }
    let (head, rest) = lines.split_at(first);
    let (_, tail) = rest.split_at(left_out);
    let plural = if left_out == 1 { "" } else { "s" };
    format!("{}… {left_out} more line{plural}\n{}", head.concat(), tail.concat())
}

fn wrapped(line: &str) -> String {
    let mut screen = String::new();
    let mut column = 0;
    let mut in_escape = false;
    for character in line.chars() {
        in_escape |= character == '\u{1b}';
        if !in_escape {
            if column == WIDTH {
                screen.push('\n');
                column = 0;
            }
            column += 1;
        }
        in_escape &= character != 'm';
        screen.push(character);
    }
    screen.push('\n');
    screen
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_lines_wrap_and_many_are_counted() {
        let long = format!("\u{1b}[1m{}\u{1b}[0m\nsecond\nthird", "x".repeat(WIDTH + 1));
        let expected = format!("\u{1b}[1m{}\nx\u{1b}[0m\n… 2 more lines\n", "x".repeat(WIDTH));
        assert_eq!(shown(&long, 1, 0), expected);
        assert_eq!(shown("a\nb\nc", 0, 2), "… 1 more line\nb\nc\n");
        assert_eq!(shown("a\nb\nc\nd", 1, 1), "a\n… 2 more lines\nd\n");
        assert_eq!(shown("a\nb", 1, 1), "a\nb\n");
    }
}
