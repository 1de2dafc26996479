//! What a run consisted of: a comparison says little when all its cases are denied for the same reason.

use std::collections::BTreeMap;
use std::fmt;

use serde_json::Value;

use super::compare::{Outcome, Verdict};

#[derive(Debug, Default)]
pub(super) struct Tally {
    cases: u64,
    decisions: BTreeMap<String, u64>,
    /// By the kind of policy that decided, and how.
    levels: BTreeMap<(String, String), u64>,
    /// By operator: how often it was there, and in how many of those cases the request was allowed.
    operators: BTreeMap<String, (u64, u64)>,
    known: BTreeMap<&'static str, u64>,
    unexplained: u64,
}

impl Tally {
    pub(super) fn count(&mut self, case: &Value, outcome: &Outcome) {
        self.cases += 1;
        let decision = outcome.ours();
        *self.decisions.entry(decision.to_owned()).or_default() += 1;
        let level = outcome.ours.as_ref().ok().and_then(|ours| ours.level.clone());
        *self.levels.entry((level.unwrap_or_else(|| "none".to_owned()), decision.to_owned())).or_default() += 1;
        for operator in operators(case) {
            let (all, allowed) = self.operators.entry(operator).or_default();
            *all += 1;
            *allowed += u64::from(decision == "allow");
        }
        match &outcome.verdict {
            Verdict::Same => {}
            Verdict::Known(known) => known.iter().for_each(|known| *self.known.entry(known.what).or_default() += 1),
            Verdict::Unexplained => self.unexplained += 1,
        }
    }
}

/// The operators of a case, as `Operator` writes them; each once.
pub(super) fn operators(case: &Value) -> Vec<String> {
    fn walk(value: &Value, found: &mut Vec<String>) {
        match value {
            Value::Array(items) => items.iter().for_each(|item| walk(item, found)),
            Value::Object(entries) => {
                for (name, below) in entries {
                    if let (true, Value::Object(operators)) = (name == "Condition", below) {
                        let known = operators.keys().filter_map(|name| name.parse().ok());
                        found.extend(known.map(|operator: dodai_policy::language::Operator| operator.to_string()));
                    } else {
                        walk(below, found);
                    }
                }
            }
            _ => {}
        }
    }
    let mut found = Vec::new();
    walk(case, &mut found);
    found.sort();
    found.dedup();
    found
}

impl fmt::Display for Tally {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let share =
            |count: u64| format!("{}.{}%", count * 100 / self.cases.max(1), count * 1000 / self.cases.max(1) % 10);
        writeln!(formatter, "{} cases", self.cases)?;
        writeln!(formatter, "\ndecided")?;
        for (decision, &count) in &self.decisions {
            writeln!(formatter, "  {count:>8}  {:>6}  {decision}", share(count))?;
        }
        writeln!(formatter, "\nby")?;
        for ((level, decision), &count) in &self.levels {
            writeln!(formatter, "  {count:>8}  {:>6}  {level}: {decision}", share(count))?;
        }
        writeln!(formatter, "\noperators: cases, of which allowed")?;
        for (operator, (all, allowed)) in &self.operators {
            writeln!(formatter, "  {all:>8}  {allowed:>8}  {operator}")?;
        }
        writeln!(formatter, "\nknown differences (a case may have several)")?;
        for known in super::known::KNOWN {
            let count = self.known.get(known.what).copied().unwrap_or_default();
            writeln!(formatter, "  {count:>8}  {} (AWS: \"{}\")", known.what, known.page)?;
        }
        writeln!(formatter, "\n{} differences without an explanation", self.unexplained)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn operators_are_found_once_by_their_names() {
        let condition = json!({"stringlike": {}, "ForAnyValue:BoolIfExists": {}, "Bool": {"Condition": "true"}});
        let case = json!({"identity": [{"Statement": [{"Condition": condition}, {"Condition": {"StringLike": {}}}]}]});
        assert_eq!(operators(&case), ["Bool", "ForAnyValue:BoolIfExists", "StringLike"]);
    }
}
