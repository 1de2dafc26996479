//! A translation reaches every word of a plan but names, values and what features say. Those are in another alphabet here.

use dodai_texts::{Texts, instead, say, untranslated};
use serde_json::{Value, json};

use super::formats::script;
use crate::format::{markdown, text};
use crate::{Danger, Plan};

const ID: &str = "222222222222";
const REGION: &str = "us-east-1";

/// Names that are AWS's or our options', and how a call failed.
const NAMES: &[&str] =
    &["us-east-1", "--allow-guardrail", "--allow-irreversible", "--allow-delete", "denied", "br", "aws"];

/// Nine changes of each kind in as many accounts, and every section.
fn plan() -> Plan {
    let account = |number: usize| format!("みせ{number}");
    let call = json!({
        "service": "か", "operation": "き", "account": ID, "region": REGION, "params": {},
        "find": {"service": "か", "operation": "く", "params": {}, "take": "け"},
    });
    let settings = json!([
        {"name": "あ", "before": null, "after": true},
        {"name": "い", "before": false, "after": []},
        {"name": "う", "before": "え".repeat(300), "after": null},
    ]);
    let place = json!(format!("{ID}/{REGION}"));
    let mut changes = Vec::new();
    for (letter, action) in [("つ", "create"), ("か", "update"), ("け", "delete")] {
        for number in 0..9 {
            changes.push(json!({
                "id": format!("{}/{letter}", account(number)), "account": account(number), "cell": place,
                "feature": "ふ", "resource": "ほ", "action": action, "summary": "する", "settings": settings,
                "calls": [call], "writes": [],
                "dangers": [{"kind": "guardrail", "why": "とめ"}, {"kind": "irreversible", "why": "もどらず"}],
            }));
        }
    }
    let left = |number: usize| json!({"account": account(number), "cell": place, "feature": "ふ", "why": "べつ"});
    let failure = json!({"kind": "denied", "service": "か", "operation": "き", "code": "だめ", "message": "みえず"});
    let blocked = |number: usize, by: Value| json!({"account": account(number), "cell": place, "feature": "へ", "by": by, "failure": failure});
    let plan = json!({
        "format": 1, "tool": "", "organization": "だいち", "selection": {}, "changes": changes,
        "skipped": (0..9).map(left).collect::<Value>(),
        "blocked": [blocked(0, Value::Null), blocked(1, json!("へ"))],
        "due": [{"account": account(0), "why": "つぎ"}],
        "satisfied": 0,
    });
    serde_json::from_value(plan).unwrap()
}

#[test]
fn every_word_of_a_plan_can_be_another() {
    let whole = plan();
    let mut one = plan();
    one.changes.truncate(1);
    one.changes[0].dangers = vec![Danger::Deletes("きえる".to_owned())];
    let nothing = Plan { changes: Vec::new(), ..plan() };
    let all_is_well = Plan { blocked: Vec::new(), ..nothing.clone() };
    for plan in [whole, one, nothing, all_is_well] {
        let (text, markdown, script) = instead(Texts::bracketed(), || (text(&plan), markdown(&plan), script(&plan)));
        // The script's own functions come first; what begins a line after them is a comment or a call.
        let (_, remarks) = script.split_once("\n# ⟦").expect("a remark");
        let remarks: String = remarks.lines().filter(|line| line.starts_with('#')).collect();
        for (format, shown) in [("text", text), ("Markdown", markdown), ("script", remarks)] {
            assert_eq!(untranslated(&shown, NAMES), [""; 0], "{format}: {shown}");
        }
    }
}

/// The plan above has all that can be said of one.
#[test]
fn every_section_is_among_these() {
    let shown = [text(&plan()), markdown(&plan())];
    for said in [
        say!("plan-to-create", count = 9),
        say!("plan-to-update", count = 9),
        say!("plan-to-delete", count = 9),
        say!("plan-dangers"),
        say!("plan-skipped"),
        say!("plan-blocked"),
        say!("plan-waiting", features = "へ"),
        say!("plan-due"),
    ] {
        assert!(shown.iter().all(|shown| shown.contains(&said)), "{said}");
    }
}
