//! What holds for all policies and requests.

use dodai_policy::decide::{Cache, decide_line};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::made::{context, document, request, statement};

fn decision(line: &Value) -> String {
    let answer: Value = serde_json::from_str(&decide_line(&line.to_string(), &mut Cache::default())).unwrap();
    let decision = answer["decision"].as_str().unwrap_or_else(|| panic!("{answer}"));
    if answer["approximate"] == json!(true) { "approximate".to_owned() } else { decision.to_owned() }
}

/// How much a decision allows; `depends` may be either. What is approximate claims nothing: a key that is compared with its
/// own variable, say, in a statement more, may keep the engine from proving what it proved without.
fn allows(decision: &str) -> (bool, bool) {
    match decision {
        "allow" => (true, true),
        "depends" => (false, true),
        _ => (false, false),
    }
}

fn no_more(before: &str, after: &str) -> bool {
    if before == "approximate" {
        return after != "allow";
    }
    let (before, after) = (allows(before), allows(after));
    after.0 <= before.0 && after.1 <= before.1
}

proptest! {
    #[test]
    fn adding_a_deny_never_allows_more(policy in document(), mut extra in statement(), context in context()) {
        extra["Effect"] = json!("Deny");
        let line = json!({ "id": 0, "request": request(&context), "identity": [policy] });
        let mut more = line.clone();
        more["identity"][0]["Statement"].as_array_mut().unwrap().push(extra);
        prop_assert!(no_more(&decision(&line), &decision(&more)), "{line} {more}");
    }

    #[test]
    fn adding_a_level_never_allows_more(
        policy in document(), levels in prop::collection::vec(prop::collection::vec(document(), 0..2), 0..3),
        level in prop::collection::vec(document(), 0..2), context in context(),
    ) {
        let line = json!({ "id": 0, "request": request(&context), "identity": [policy], "scps": levels });
        let mut more = line.clone();
        more["scps"].as_array_mut().unwrap().push(json!(level));
        prop_assert!(no_more(&decision(&line), &decision(&more)), "{line} {more}");
    }

    #[test]
    fn the_order_of_statements_and_policies_does_not_matter(
        policies in prop::collection::vec(document(), 1..4), context in context(),
    ) {
        let line = json!({ "id": 0, "request": request(&context), "identity": policies });
        let mut turned = line.clone();
        let identity = turned["identity"].as_array_mut().unwrap();
        identity.reverse();
        for policy in identity {
            policy["Statement"].as_array_mut().unwrap().reverse();
        }
        prop_assert_eq!(decision(&line), decision(&turned));
    }

    #[test]
    fn no_line_panics(text in "[\\[\\]{}\",:a-z0-9 \\\\]{0,60}") {
        let answer: Value = serde_json::from_str(&decide_line(&text, &mut Cache::default())).unwrap();
        prop_assert!(answer["error"].is_string());
    }
}
