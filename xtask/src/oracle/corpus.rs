//! The cases that are kept: a few for each feature and how it came out, and for each known difference. A test of
//! `crates/policy` decides them without the other engine.

use std::collections::BTreeMap;

use serde_json::Value;

use super::compare::{Outcome, Verdict};
use super::tally::operators;

/// Cases that are kept for the same feature and decision; of long ones half.
const EACH: u32 = 5;
const LONG: usize = 700;

/// Chosen cases, each with the decision that both engines reached, or that AWS's documentation asks for.
#[derive(Debug, Default)]
pub(super) struct Corpus {
    seen: BTreeMap<String, u32>,
    lines: Vec<String>,
}

impl Corpus {
    /// Keeps the case if it shows something that there is too little of.
    pub(super) fn offer(&mut self, case: &Value, outcome: &Outcome) {
        let Ok(ours) = &outcome.ours else { return };
        if outcome.verdict == Verdict::Unexplained {
            return;
        }
        let mut features = features(case, ours.level.as_deref());
        if let Verdict::Known(known) = &outcome.verdict {
            features.extend(known.iter().map(|known| known.what.to_owned()));
        }
        let text = case.to_string();
        let each = if text.len() > LONG { EACH / 2 } else { EACH };
        let mut wanted = false;
        for feature in features {
            let count = self.seen.entry(format!("{feature}: {}", ours.decision)).or_default();
            wanted |= *count < each;
            *count += u32::from(*count < each);
        }
        if wanted {
            let rest = text.strip_prefix('{').unwrap_or(&text);
            self.lines.push(format!("{{\"expected\":\"{}\",{rest}", ours.decision));
        }
    }

    pub(super) fn len(&self) -> usize {
        self.lines.len()
    }

    /// One case a line.
    pub(super) fn text(&self) -> String {
        self.lines.iter().flat_map(|line| [line, "\n"]).collect()
    }
}

/// What a case has, in words that count.
fn features(case: &Value, level: Option<&str>) -> Vec<String> {
    let mut features = operators(case);
    features.push(format!("by {}", level.unwrap_or("none")));
    for layer in ["resourcePolicy", "boundary", "session", "endpoint", "scps", "rcps", "managementAccount"] {
        if case.get(layer).is_some() {
            features.push(layer.to_owned());
        }
    }
    let request = |name: &str| case.pointer(&format!("/request/{name}")).and_then(Value::as_str).unwrap_or_default();
    let principal = request("principal");
    // The ARN up to its first name: `arn:aws:iam::111122223333:user`.
    features.push(principal.split('/').next().unwrap_or(principal).to_owned());
    features.push(request("action").to_owned());
    features.push(request("resource").to_owned());
    features
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::engine::Answer;
    use super::*;

    #[test]
    fn a_feature_is_kept_a_few_times_and_never_unexplained() {
        let case = json!({"id": "1", "request": {"principal": "*", "action": "s3:GetObject", "resource": "*"}});
        let outcome = |verdict| Outcome {
            ours: Ok(Answer { decision: "allow".to_owned(), level: None }),
            theirs: Ok("allow".to_owned()),
            verdict,
        };
        let mut corpus = Corpus::default();
        corpus.offer(&case, &outcome(Verdict::Unexplained));
        assert_eq!(corpus.len(), 0);
        for _ in 0..20 {
            corpus.offer(&case, &outcome(Verdict::Same));
        }
        assert_eq!(corpus.len(), EACH as usize);
        assert!(corpus.text().starts_with(r#"{"expected":"allow","id":"1","#), "{}", corpus.text());
    }
}
