//! Findings as text for people, and what a rule is about.

use std::fmt::Write as _;

use dodai_facts::escape::terminal;

use super::{Finding, Rule};

/// One line for each finding, `file:line:column: severity[rule]: message`, and below it what to do. Safe for a terminal.
pub fn text(findings: &[Finding]) -> String {
    let mut out = String::new();
    for finding in findings {
        let problem = &finding.problem;
        let _ = write!(out, "{}", terminal(&problem.file));
        if problem.line > 0 {
            let _ = write!(out, ":{}:{}", problem.line, problem.column);
        }
        let _ = writeln!(out, ": {}[{}]: {}", finding.severity.as_str(), finding.rule, terminal(&problem.message));
        if let Some(help) = &problem.help {
            let _ = writeln!(out, "  help: {}", terminal(help));
        }
    }
    out
}

/// All that there is to say of a rule: what it finds, why it matters, how to mend it, where AWS says so, an example.
pub fn explain(rule: &Rule) -> String {
    let kinds: Vec<&str> = rule.kinds.iter().map(|kind| kind.as_str()).collect();
    let mut out = format!(
        "{} ({})\n\n{}.\n\nWhy: {}\n\nRepair: {}\n\nLooks at: {}\nAWS: \"{}\"\n",
        rule.id,
        rule.severity.as_str(),
        rule.summary,
        rule.why,
        rule.repair,
        kinds.join(", "),
        rule.source
    );
    for (title, examples) in [("Wrong", rule.bad), ("Right", rule.good)] {
        if let Some(example) = examples.first() {
            let _ = write!(out, "\n{title}, in {}:\n  {}\n", example.0.describe(), example.1);
        }
    }
    out
}
