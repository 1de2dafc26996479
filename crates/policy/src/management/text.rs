//! The effective policy as text: each value with the policy that says it, then what was said in vain, and why.

use std::fmt::{self, Write as _};

use dodai_facts::escape::terminal;
use serde_json::Value;

use super::effective::{Effective, Ignored, below};

/// Values longer than this are not waited for when origins are aligned.
const WIDEST: usize = 60;

impl Effective {
    /// Lines for a person, safe for a terminal.
    pub fn text(&self) -> String {
        let mut text = String::new();
        if self.is_empty() {
            text.push_str("no policy is in effect\n");
        } else {
            let mut lines = Vec::new();
            self.lines(&self.document, "", 0, &mut lines);
            let width = |line: &Line| line.text.chars().count();
            let column = lines
                .iter()
                .filter(|line| line.origin.is_some())
                .map(width)
                .filter(|width| *width <= WIDEST)
                .max()
                .unwrap_or(0);
            for line in &lines {
                let _ = match &line.origin {
                    Some(origin) => writeln!(text, "{:column$}  from {}", line.text, terminal(origin)),
                    None => writeln!(text, "{}", line.text),
                };
            }
        }
        section(&mut text, "how it is read", &self.notes);
        let missing: Vec<String> = self.missing.iter().map(|pointer| format!("{pointer} is required")).collect();
        section(&mut text, "missing", &missing);
        let ignored: Vec<String> = self.ignored.iter().map(Ignored::to_string).collect();
        section(&mut text, "without effect", &ignored);
        text
    }

    fn lines(&self, value: &Value, pointer: &str, depth: usize, lines: &mut Vec<Line>) {
        let indent = "  ".repeat(depth);
        let origin = |pointer: &str| self.origins.get(pointer).cloned();
        let Value::Object(fields) = value else { return };
        for (name, value) in fields {
            let pointer = below(pointer, name);
            let name = terminal(name);
            match value {
                Value::Object(_) => {
                    lines.push(Line { text: format!("{indent}{name}:"), origin: None });
                    self.lines(value, &pointer, depth + 1, lines);
                }
                Value::Array(items) if !items.is_empty() => {
                    lines.push(Line { text: format!("{indent}{name}:"), origin: None });
                    for (index, item) in items.iter().enumerate() {
                        let origin = origin(&format!("{pointer}/{index}"));
                        lines.push(Line { text: format!("{indent}  - {}", scalar(item)), origin });
                    }
                }
                _ => lines.push(Line { text: format!("{indent}{name}: {}", scalar(value)), origin: origin(&pointer) }),
            }
        }
    }
}

struct Line {
    text: String,
    origin: Option<String>,
}

fn scalar(value: &Value) -> String {
    match value {
        Value::String(text) => terminal(text).into_owned(),
        other => terminal(&other.to_string()).into_owned(),
    }
}

fn section(text: &mut String, title: &str, lines: &[String]) {
    if !lines.is_empty() {
        let _ = writeln!(text, "\n{title}:");
        for line in lines {
            let _ = writeln!(text, "  {}", terminal(line));
        }
    }
}

impl fmt::Display for Ignored {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { policy, level, pointer, operator, why } = self;
        write!(formatter, "{pointer}: ")?;
        match operator {
            Some(operator) => write!(formatter, "`{}`", operator.as_str())?,
            None => formatter.write_str("the key")?,
        }
        write!(formatter, " of `{policy}` at {level}: {why}")
    }
}
