//! Decisions that another implementation of IAM reaches too, or that AWS's documentation asks for where that one does
//! otherwise: a case of each operator, kind of policy, kind of principal and known difference. `cargo xtask oracle
//! --freeze` chooses and writes them.

use dodai_policy::decide::{Cache, decide_line};
use serde_json::Value;

const CORPUS: &str = include_str!("../corpus/decisions.jsonl");

#[test]
fn every_decision_is_as_expected() {
    let mut cache = Cache::default();
    let mut wrong = Vec::new();
    for line in CORPUS.lines() {
        let mut case: Value = serde_json::from_str(line).unwrap();
        let expected = case.as_object_mut().unwrap().shift_remove("expected").unwrap();
        let answer = decide_line(&case.to_string(), &mut cache);
        let answered: Value = serde_json::from_str(&answer).unwrap();
        if answered["decision"] != expected {
            wrong.push(format!("{answer} instead of {expected}: {case}"));
        }
    }
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), CORPUS.lines().count(), wrong.join("\n"));
}

/// What is decided without a condition key stays so whatever the key turns out to be.
#[test]
fn less_known_is_never_another_decision() {
    let mut cache = Cache::default();
    for line in CORPUS.lines() {
        let mut case: Value = serde_json::from_str(line).unwrap();
        let expected = case.as_object_mut().unwrap().shift_remove("expected").unwrap();
        let entries = case.as_object_mut().unwrap();
        entries.shift_remove("closed");
        let keys: Vec<String> = case["request"]["context"].as_object().unwrap().keys().cloned().collect();
        // Nothing is said of any key; then of all but one.
        for without in std::iter::once(None).chain(keys.iter().map(Some)) {
            let mut open = case.clone();
            let context = open["request"]["context"].as_object_mut().unwrap();
            context.retain(|key, _| without.is_some_and(|without| key != without));
            let answer = decide_line(&open.to_string(), &mut cache);
            let answered: Value = serde_json::from_str(&answer).unwrap();
            let decision = &answered["decision"];
            // Whether a statement denies may be open where nothing allows.
            let stays = *decision == expected || (*decision == "implicit_deny" && expected == "explicit_deny");
            assert!(stays || *decision == "depends", "{answer} instead of {expected}: {open}");
            // Also whose a canonical user id is can be what is not known.
            let said = answered.get("missing").is_some() || answered.get("approximate").is_some();
            assert_eq!(*decision == "depends", said, "{answer}: {open}");
        }
    }
}
