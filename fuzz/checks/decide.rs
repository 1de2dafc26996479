//! Deciding: every line is answered with a line, and what holds for all policies and requests.

use dodai_policy::decide::{Cache, decide_line};
use serde_json::{Map, Value, json};

use super::made::{self, Choices, KEYS};

/// The lines of a text, all with one cache; each is answered as without one.
pub fn line(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let mut cache = Cache::default();
    for line in text.lines().take(8) {
        let fresh = decide_line(line, &mut Cache::default());
        let cached = decide_line(line, &mut cache);
        assert!(!fresh.contains('\n'), "{fresh}");
        let answer: Value = serde_json::from_str(&fresh).unwrap_or_else(|error| panic!("{line}: {fresh}: {error}"));
        assert!(answer["decision"].is_string() != answer["error"].is_string(), "{line}: {fresh}");
        assert_eq!(cached, fresh, "{line}");
    }
}

fn decide(line: &Value) -> String {
    let answer: Value = serde_json::from_str(&decide_line(&line.to_string(), &mut Cache::default())).expect("JSON");
    answer["decision"].as_str().unwrap_or_else(|| panic!("{line}: {answer}")).to_owned()
}

/// Whether a decision surely allows, and whether it may.
fn allows(decision: &str) -> (bool, bool) {
    match decision {
        "allow" => (true, true),
        "depends" => (false, true),
        _ => (false, false),
    }
}

fn no_more(before: &str, after: &str) -> bool {
    let (before, after) = (allows(before), allows(after));
    after.0 <= before.0 && after.1 <= before.1
}

/// A resource control policy: what it allows is everything to everybody.
fn only_denies(mut document: Value) -> Value {
    for statement in document["Statement"].as_array_mut().expect("a list") {
        if statement["Effect"] == json!("Allow") {
            *statement = json!({ "Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*" });
        }
    }
    document
}

pub fn structured(bytes: &[u8]) {
    let choices = &mut Choices::new(bytes);
    let mut line = Map::from_iter([
        ("id".to_owned(), json!(1)),
        ("request".to_owned(), made::request(choices)),
        ("identity".to_owned(), json!([made::document(choices, false)])),
    ]);
    for (name, named) in [("boundary", false), ("resourcePolicy", true), ("endpoint", true)] {
        if choices.byte() > 170 {
            line.insert(name.to_owned(), made::document(choices, named));
        }
    }
    for (name, named) in [("scps", false), ("rcps", true)] {
        if choices.byte() > 128 {
            let document = |choices: &mut Choices<'_>| match made::document(choices, named) {
                document if named => only_denies(document),
                document => document,
            };
            let levels: Vec<Vec<Value>> = (0..=choices.below(2)).map(|_| vec![document(choices)]).collect();
            line.insert(name.to_owned(), json!(levels));
        }
    }
    let line = Value::Object(line);
    let before = decide(&line);

    let mut denied = line.clone();
    let mut deny = made::statement(choices, false);
    deny["Effect"] = json!("Deny");
    denied["identity"][0]["Statement"].as_array_mut().expect("a list").push(deny);
    let after = decide(&denied);
    assert!(no_more(&before, &after), "{before} {line}\n{after} {denied}");

    let mut limited = line.clone();
    match limited["scps"].as_array_mut() {
        Some(levels) => levels.push(json!([made::document(choices, false)])),
        None => limited["scps"] = json!([[made::document(choices, false)]]),
    }
    let after = decide(&limited);
    assert!(no_more(&before, &after), "{before} {line}\n{after} {limited}");

    let mut turned = line.clone();
    turned["identity"][0]["Statement"].as_array_mut().expect("a list").reverse();
    assert_eq!(before, decide(&turned), "{line}");

    // What is decided stays so, whatever the unknown keys turn out to be.
    let mut known = line.clone();
    for key in KEYS {
        let context = &mut known["request"]["context"];
        if context.get(key).is_none() {
            let value = made::value(choices, key);
            context[key] = if choices.byte() > 200 { Value::Null } else { value };
        }
    }
    let after = decide(&known);
    let refused = |decision: &str| decision.ends_with("deny");
    assert!(
        before == "depends" || before == after || (refused(&before) && refused(&after)),
        "{before} {line}\n{after} {known}"
    );
}
