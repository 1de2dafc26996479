//! Colors for a person at a terminal: how a line begins tells what it is. They say nothing that the words do not say.

use std::io::IsTerminal;

use dodai_texts::say;

use crate::failure::Result;
use crate::print::{harmless, print, print_as_it_is};

const BOLD: &str = "1";
const RED: &str = "31";
const GREEN: &str = "32";
const YELLOW: &str = "33";
const CYAN: &str = "36";

/// Prints a report, colored where standard output is a terminal.
pub fn print_report(text: &str) -> Result<()> {
    if !wanted(&std::io::stdout()) {
        return print(text);
    }
    let safe = harmless(text.as_bytes());
    print_as_it_is(|out| out.write_all(colored(&String::from_utf8_lossy(&safe)).as_bytes()))
}

/// `NO_COLOR` and `CLICOLOR_FORCE` as most programs take them: any value, and any value but 0.
pub fn wanted(stream: &impl IsTerminal) -> bool {
    let variable = |name| std::env::var_os(name).filter(|value| !value.is_empty());
    match variable("CLICOLOR_FORCE") {
        Some(forced) if forced != "0" => true,
        _ => variable("NO_COLOR").is_none() && stream.is_terminal(),
    }
}

fn colored(text: &str) -> String {
    let lines = text.lines().map(|line| {
        let Some((color, length)) = color(line) else { return format!("{line}\n") };
        let indent = line.len() - line.trim_start().len();
        let (before, rest) = line.split_at_checked(indent).unwrap_or_default();
        let (word, after) = rest.split_at_checked(length).unwrap_or((rest, ""));
        format!("{before}\u{1b}[{color}m{word}\u{1b}[0m{after}\n")
    });
    lines.collect()
}

/// The color of a line's beginning, and how many bytes of it have it. Titles stand at the margin and have it whole; a
/// change begins with its sign, a control with its severity.
fn color(line: &str) -> Option<(&'static str, usize)> {
    let inside = line.trim_start();
    let word = inside.split(' ').next().unwrap_or_default();
    let begins = |end: String| line.strip_prefix(&end).filter(|rest| rest.starts_with([' ', ','])).map(|_| end.len());
    let color = match (line.len() - inside.len(), word) {
        (_, "") => return None,
        (0, _) => {
            if begins(say!("apply-already")).or_else(|| begins(say!("apply-not-run"))).is_some() {
                return None;
            }
            let bad = begins(say!("apply-refused")).or_else(|| begins(say!("apply-failed")));
            return Some(bad.map_or((BOLD, line.len()), |length| (RED, length)));
        }
        (2, "-" | "CRITICAL" | "HIGH") => RED,
        (2, "+") => GREEN,
        (2, "~" | "!" | "MEDIUM") => YELLOW,
        (6, "->") => CYAN,
        _ => return None,
    };
    Some((color, word.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_colored_by_how_it_begins() {
        for (line, expected) in [
            ("Plan for o-exampleorgid: 2 changes", Some((BOLD, 34))),
            ("guardduty", Some((BOLD, 9))),
            ("  + create the detector", Some((GREEN, 1))),
            ("  ~ set the password policy", Some((YELLOW, 1))),
            ("  - delete the alias", Some((RED, 1))),
            ("  ! it denies (--allow-guardrail)", Some((YELLOW, 1))),
            ("  HIGH     CloudTrail.1 a trail", Some((RED, 4))),
            ("  LOW      IAM.16 passwords", None),
            ("      -> make a trail", Some((CYAN, 2))),
            ("      + in a name", None),
            ("refused  a: waits for", Some((RED, 7))),
            ("not run  a: why", None),
            ("  management  90 %", None),
            ("", None),
            ("   ", None),
        ] {
            assert_eq!(color(line), expected, "{line:?}");
        }
    }

    #[test]
    fn without_its_colors_the_text_is_the_same() {
        let text = "Plan\n\n  + a\n      b\n";
        let mut plain = colored(text);
        assert_eq!(plain, "\u{1b}[1mPlan\u{1b}[0m\n\n  \u{1b}[32m+\u{1b}[0m a\n      b\n");
        for color in [BOLD, GREEN, "0"] {
            plain = plain.replace(&format!("\u{1b}[{color}m"), "");
        }
        assert_eq!(plain, text);
    }
}
