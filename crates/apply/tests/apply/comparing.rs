//! A saved plan against a new one.

use std::collections::BTreeMap;

use dodai_apply::{Comparison, Past, compare};
use dodai_baseline::{Action, Blocked, Change, Due, Skipped, reply_of};
use dodai_facts::{Failure, FailureKind};
use serde_json::{Value, json};

use crate::simulated::{call, change, create, id, memory, plan};

/// How a saved and a new change compare, after a run whose journal is `journal`.
async fn check_compare(saved: &[Change], fresh: &[Change], journal: &str) -> Comparison {
    let store = memory();
    if !journal.is_empty() {
        let head = r#"{"run":{"format":1,"run":"r","organization":"o-1","tool":"0","started":"x"}}"#;
        store.write("journal/r.jsonl/0000000001", format!("{head}\n{journal}\n").into()).await.unwrap();
    }
    let past = Past::read(&store, "o-1").await.unwrap();
    compare(&plan(saved.to_vec()), &plan(fresh.to_vec()), &past)
}

#[tokio::test]
async fn saved_plans_are_compared_change_by_change() {
    let made = |name: &str, params: Value| change(name).call(create(name, params));
    let (a, b) = (made("a", json!({})), made("b", json!({"Size": 1, "Tags": [{"K": "x"}]})));
    let comparison = check_compare(&[a.clone(), b.clone()], &[b.clone(), made("c", json!({}))], "").await;
    assert_eq!(comparison.run, std::slice::from_ref(&b));
    assert_eq!((&comparison.done, &comparison.new), (&vec![id("a")], &vec![id("c")]));
    assert_eq!(comparison.withheld(), BTreeMap::from([(id("c"), "it is not in the saved plan".to_owned())]));

    let mut deleted = b.clone();
    deleted.action = Action::Delete;
    for (fresh, expected) in [
        (
            made("b", json!({"Size": 2, "Tags": [{"K": "y"}], "More": true})),
            vec![
                "call 1 (sim.Create): More is `null` in the plan, `true` now",
                "call 1 (sim.Create): Size is `1` in the plan, `2` now",
                "call 1 (sim.Create): Tags[0].K is `\"x\"` in the plan, `\"y\"` now",
            ],
        ),
        (deleted, vec!["action: `create` in the plan, `delete` now"]),
        (b.clone().call(call("Start", json!({}))), vec!["call 2: sim.Start is new"]),
        (change("b"), vec!["call 1: sim.Create is no longer needed"]),
        (
            change("b").set("size", json!(0), json!(1)).call(call("Start", b.calls[0].params.clone())),
            vec![
                "setting size: `unchanged` in the plan, `0 -> 1` now",
                "call 1: sim.Create in 111122223333/us-east-1 in the plan, sim.Start in 111122223333/us-east-1 now",
            ],
        ),
        (
            change("b").call(b.calls[0].clone().already(&["Exists"])),
            vec!["call 1 (sim.Create): what it waits for, or how it is found again, is another"],
        ),
    ] {
        let comparison = check_compare(std::slice::from_ref(&b), std::slice::from_ref(&fresh), "").await;
        assert_eq!(comparison.run, []);
        assert_eq!(comparison.different[0].what, expected);
    }
}

/// What is not planned any more is done, unless it could not be planned, or is left alone now.
#[tokio::test]
async fn what_could_not_be_planned_is_not_taken_for_done() {
    let of = |name: &str| Change { account: name.to_owned(), ..change(name) };
    let saved = ["a", "b", "c", "d"].map(|name| of(name).call(create(name, json!({}))));
    let [unread, alone, waiting, done] = &saved;
    let failure = Failure {
        kind: FailureKind::Denied,
        service: "sim".to_owned(),
        operation: "List".to_owned(),
        account: None,
        region: None,
        code: "AccessDenied".to_owned(),
        message: "no".to_owned(),
        request_id: None,
    };
    let place = |change: &Change| (change.account.clone(), change.cell.clone(), change.feature.clone());
    let mut fresh = plan(vec![]);
    let (account, cell, feature) = place(unread);
    fresh.blocked = vec![Blocked { account, cell, feature, by: None, failure }];
    let (account, cell, feature) = place(alone);
    fresh.skipped = vec![Skipped { account, cell, feature, why: "it is foreign".to_owned() }];
    fresh.due = vec![Due { account: waiting.account.clone(), why: "it does not exist".to_owned() }];
    let comparison = compare(&plan(saved.to_vec()), &fresh, &Past::default());
    let left: Vec<(&str, &str)> = comparison.left.iter().map(|left| (left.id.as_str(), left.why.as_str())).collect();
    let denied = "it cannot be planned now: sim.List: AccessDenied (denied): no";
    assert_eq!(left, [(&*id("a"), denied), (&*id("b"), "it is foreign"), (&*id("c"), "it does not exist")]);
    assert_eq!(comparison.done, std::slice::from_ref(&done.id));
}

#[tokio::test]
async fn a_begun_plan_is_compared_by_what_the_journal_knows() {
    let done = r#"{"done":{"change":"a/us-east-1/sim/a","call":0,"values":{"Item.Id":"i-0"}}}"#;
    let of_a = |params: Value| change("b").call(create("b", params));
    let referring = of_a(json!({"Parent": reply_of(&id("a"), 0, "Item.Id")}));
    let literal = of_a(json!({"Parent": "i-0"}));
    let a = change("a").call(create("a", json!({})));
    // a is done, b refers to it.
    for (fresh, journal, same) in [
        (vec![literal.clone()], done, true),
        (vec![of_a(json!({"Parent": "i-1"}))], done, false),
        (vec![literal.clone()], "", false),
        (vec![a.clone(), referring.clone()], done, true),
        (vec![a.clone(), referring.clone()], "", true),
    ] {
        let comparison = check_compare(&[a.clone(), referring.clone()], &fresh, journal).await;
        assert_eq!(comparison.different.is_empty(), same, "{fresh:?} {journal}");
    }
    // a itself is half done: what is left of it may run, as long as the rest was done by the plan.
    let tag = |id: Value| call("Tag", json!({ "Id": id }));
    let whole = a.clone().call(tag(reply_of(&id("a"), 0, "Item.Id")));
    let mut rest = change("a").call(tag(json!("i-0")));
    rest.action = Action::Update;
    let other = change("a").call(tag(json!("i-9")));
    for (fresh, journal, same) in [(&rest, done, true), (&rest, "", false), (&other, done, false)] {
        let comparison = check_compare(std::slice::from_ref(&whole), std::slice::from_ref(fresh), journal).await;
        assert_eq!(comparison.different.is_empty(), same, "{fresh:?} {journal}");
        assert_eq!(comparison.run.len(), usize::from(same));
    }
}
