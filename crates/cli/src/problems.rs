//! Problems of files on a terminal: the place in the text, what was expected, how to mend it.

use std::collections::BTreeMap;

use dodai_facts::Problem;
use dodai_facts::escape::terminal;
use miette::{GraphicalReportHandler, GraphicalTheme, LabeledSpan, MietteDiagnostic, NamedSource, Severity};

use crate::colors;

/// All problems, with the lines that they stand in where the text is at hand.
pub fn shown(problems: &[Problem], texts: &BTreeMap<String, String>, severity: Severity) -> String {
    let colored = colors::wanted(&std::io::stderr());
    let theme = if colored { GraphicalTheme::unicode() } else { GraphicalTheme::unicode_nocolor() };
    let handler = GraphicalReportHandler::new_themed(theme).with_width(110);
    let mut out = String::new();
    for problem in problems {
        let mut diagnostic = MietteDiagnostic::new(terminal(&problem.message)).with_severity(severity);
        if let Some(help) = &problem.help {
            diagnostic = diagnostic.with_help(terminal(help));
        }
        let text = texts.get(&problem.file).filter(|_| problem.line > 0);
        let report = if let Some(text) = text {
            let at = offset(text, problem.line, problem.column);
            diagnostic = diagnostic.with_label(LabeledSpan::at_offset(at, ""));
            miette::Report::new(diagnostic).with_source_code(NamedSource::new(terminal(&problem.file), visible(text)))
        } else {
            diagnostic.message = format!("{}: {}", terminal(&problem.file), diagnostic.message);
            miette::Report::new(diagnostic)
        };
        if handler.render_report(&mut out, report.as_ref()).is_err() {
            out.push_str(&terminal(&problem.to_string()));
            out.push('\n');
        }
    }
    out
}

/// The text with what a terminal would obey made harmless, byte for byte as long as before.
fn visible(text: &str) -> String {
    text.chars()
        .map(|character| match character {
            '\n' | '\t' => character.to_string(),
            hostile if terminal(hostile.encode_utf8(&mut [0; 4])).len() > hostile.len_utf8() => {
                "?".repeat(hostile.len_utf8())
            }
            plain => plain.to_string(),
        })
        .collect()
}

/// The byte offset of a line and column (both from 1, columns in characters).
fn offset(text: &str, line: usize, column: usize) -> usize {
    let start: usize = text.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum();
    let rest = text.get(start..).unwrap_or_default();
    let within = rest.char_indices().nth(column.saturating_sub(1)).map_or(rest.len(), |(at, _)| at);
    (start + within).min(text.len().saturating_sub(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_shows_its_line_and_help() {
        let problem = Problem {
            file: "dodai.yaml".to_owned(),
            line: 2,
            column: 7,
            message: "there is no profile `gold`\u{1b}[2J".to_owned(),
            help: Some("one of basic, secure".to_owned()),
        };
        let texts = BTreeMap::from([("dodai.yaml".to_owned(), "a: 1\nb: \u{202e} gold\n".to_owned())]);
        let text = shown(&[problem], &texts, Severity::Error);
        assert!(text.contains("dodai.yaml:2:"), "{text}");
        assert!(text.contains("gold`\\u{1b}[2J") && text.contains("one of basic, secure"), "{text}");
        assert!(!text.contains('\u{202e}') && !text.contains('\u{1b}'), "{text}");
    }
}
