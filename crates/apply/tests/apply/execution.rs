//! Order, references, waiting, limits, dangers, stopping.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::time::Duration;

use dodai_apply::{Ended, Event, Execution, Permits, execute};
use dodai_baseline::{Action, Danger, reply_of};
use serde_json::json;

use crate::simulated::{House, Mishap, Simulated, call, change, create, id, plan, twelve};
use crate::{check, ends};

#[tokio::test(start_paused = true)]
async fn changes_run_in_the_order_of_their_needs() {
    let made = |name: &str| change(name).call(create(name, json!({})));
    let house = check(
        |_| (),
        vec![
            made("last").needs("a/us-east-1/*"),
            made("second").needs(id("first")).needs(id("elsewhere")),
            change("third").call(create("third", json!({"Parent": reply_of(&id("second"), 0, "Item.Id")}))),
            made("first"),
        ],
        &["last done", "second done", "third done", "first done"],
    )
    .await;
    assert_eq!(house.aws.log(), ["Create first", "Create second", "Create third", "Create last"]);
    assert_eq!(house.aws.end_state()[3].1.as_deref(), Some("second"));
}

#[tokio::test(start_paused = true)]
async fn a_failed_change_stops_only_what_needs_it() {
    let made = |name: &str| change(name).call(create(name, json!({})));
    let house = check(
        |aws| aws.mishaps("Create bad", &[Mishap::Refused("AccessDenied")]),
        vec![
            made("bad").call(call("Start", json!({}))),
            made("child").needs(id("bad")),
            made("grandchild").needs(id("child")),
            made("referrer").call(call("Tag", json!({"Id": reply_of(&id("bad"), 0, "Item.Id")}))),
            made("other"),
            made("x").needs(id("y")),
            made("y").needs(id("x")),
        ],
        &[
            "bad failed: sim.Create: AccessDenied (denied): as told",
            "child: needs `a/us-east-1/sim/bad`, which failed",
            "grandchild: needs `a/us-east-1/sim/child`, which was not run",
            "referrer: needs `a/us-east-1/sim/bad`, which failed",
            "other done",
            "x: it needs a change that needs it",
            "y: it needs a change that needs it",
        ],
    )
    .await;
    assert_eq!(house.aws.log(), ["Create other"]);
}

#[tokio::test(start_paused = true)]
async fn references_without_a_value_fail_before_anything_is_sent() {
    let house = check(
        |_| (),
        vec![
            change("a").call(create("a", json!({"Parent": reply_of(&id("gone"), 0, "Item.Id")}))),
            change("b").call(create("b", json!({}))),
            change("c").call(create("c", json!({"Parent": reply_of(&id("b"), 0, "Item.None")}))),
            change("d").call(create("d", json!({"Parent": {"$ref": "nonsense"}}))),
        ],
        &[
            "a failed: nothing is known of `a/us-east-1/sim/gone#0.Item.Id`",
            "b done",
            "c failed: nothing is known of `a/us-east-1/sim/b#0.Item.None`",
            "d failed: `nonsense` is not a reference",
        ],
    )
    .await;
    assert_eq!(house.aws.log(), ["Create b"]);
}

#[tokio::test(start_paused = true)]
async fn calls_wait_for_what_aws_shows_late() {
    let house = check(
        |aws| {
            aws.mishaps("Start ", &[Mishap::Refused("EntityAlreadyExists")]);
            aws.mishaps("Ensure e", &[Mishap::LostBefore, Mishap::LostAfter]);
            aws.mishaps("Ensure f", &[Mishap::Refused("AccessDenied")]);
        },
        vec![
            twelve(&Simulated::default()).changes.swap_remove(0),
            change("already").call(call("Start", json!({})).already(&["EntityAlreadyExists"])),
            change("e").call(call("Ensure", json!({"Name": "e"})).until("Status", &["READY"], &[], 60)),
            change("f").call(call("Ensure", json!({"Name": "f"})).until("Status", &["READY"], &[], 60)),
            change("never").call(call("Tag", json!({"Id": "none"})).not_yet(&["NoSuchItem"], 20)),
            change("ended").call(create("ended", json!({}))).call(
                call("DescribeItem", json!({"Id": reply_of(&id("ended"), 0, "Item.Id")})).until(
                    "Status",
                    &["GONE"],
                    &["READY"],
                    60,
                ),
            ),
            change("forever").call(create("forever", json!({}))).call(
                call("DescribeItem", json!({"Id": reply_of(&id("forever"), 0, "Item.Id")})).until(
                    "Status",
                    &["GONE"],
                    &[],
                    30,
                ),
            ),
        ],
        &[
            "r00 done",
            "already done",
            "e done",
            "f failed: sim.Ensure: AccessDenied",
            "never failed: still so after 20 seconds: NoSuchItem",
            "ended failed: `Status` is \"READY\"",
            "forever failed: still so after 30 seconds: `Status` is \"READY\"",
        ],
    )
    .await;
    assert_eq!(house.aws.end_state()[2].2, BTreeMap::from([("done".to_owned(), "yes".to_owned())]));
    let polls = house.aws.log().iter().filter(|what| *what == "DescribeItem forever").count();
    assert!((6..=9).contains(&polls), "1, 1.5, 2.3, 3.4, 5.1, 7.6, 9.1 s: {polls}");
}

#[tokio::test(start_paused = true)]
async fn groups_are_never_exceeded() {
    let changes = (0..20).map(|number| change(&format!("r{number}")).call(call("Start", json!({}))).at_most("g", 3));
    let house = check(|_| (), changes.collect(), &[""; 20]).await;
    assert_eq!(house.aws.most_at_once("Start"), 3);
    assert_eq!(house.aws.log().len(), 20);

    let changes = (0..20).map(|number| change(&format!("r{number}")).call(call("Start", json!({}))));
    let house = check(|_| (), changes.collect(), &[""; 20]).await;
    assert_eq!(house.aws.most_at_once("Start"), 4, "as many as run in parallel");
}

#[tokio::test(start_paused = true)]
async fn dangers_wait_for_their_flag() {
    let why = || "why".to_owned();
    let changes = || {
        let start = |name: &str| change(name).call(call("Start", json!({ "Name": name })));
        let mut forgotten = start("forgotten");
        forgotten.action = Action::Delete;
        vec![
            start("plain"),
            start("guardrail").danger(Danger::Guardrail(why())),
            start("both").danger(Danger::Irreversible(why())).danger(Danger::Deletes(why())),
            forgotten,
            start("needs").needs(id("guardrail")),
        ]
    };
    let all = Permits { guardrail: true, irreversible: true, delete: true };
    for (permits, expected) in [
        (
            Permits::default(),
            [
                "plain done",
                "guardrail refused: --allow-guardrail",
                "both refused: --allow-irreversible --allow-delete",
                "forgotten refused: --allow-delete",
                "needs: needs `a/us-east-1/sim/guardrail`, which was refused",
            ],
        ),
        (
            Permits { irreversible: true, ..Permits::default() },
            [
                "plain done",
                "guardrail refused: --allow-guardrail",
                "both refused: --allow-delete",
                "forgotten refused: --allow-delete",
                "needs: needs `a/us-east-1/sim/guardrail`, which was refused",
            ],
        ),
        (all, ["plain done", "guardrail done", "both done", "forgotten done", "needs done"]),
    ] {
        let house = House { permits, ..House::new() };
        let outcome = house.run(&plan(changes())).await;
        assert_eq!(ends(&outcome), expected);
        assert_eq!(house.aws.log().len(), outcome.done());
    }
}

#[tokio::test(start_paused = true)]
async fn a_stopped_run_finishes_what_is_in_flight() {
    let house = House::new();
    let changes = (0..8).map(|number| {
        let start = |step: usize| call("Start", json!({"Name": format!("{number}.{step}")}));
        change(&format!("r{number}")).call(start(0)).call(start(1))
    });
    let the_plan = plan(changes.collect());
    let (outcome, ()) = tokio::join!(house.run(&the_plan), async {
        tokio::time::sleep(Duration::from_millis(150)).await;
        house.stop.ask();
    });
    assert_eq!(outcome.stopped.as_deref(), Some("interrupted"));
    assert_eq!((outcome.done(), house.aws.log().len()), (4, 8), "four changes were at their second call");
    assert_eq!(house.journals().await.matches("\"done\"").count(), 8);
    // The lock was given back.
    house.with(async |_| ()).await;
}

#[tokio::test(start_paused = true)]
async fn progress_is_told() {
    let house = House::new();
    let told = Mutex::new(Vec::new());
    let on = |event: Event<'_>| {
        told.lock().unwrap().push(match event {
            Event::Started { change } => format!("start {}", change.resource),
            Event::Waiting { change, call, why } => format!("wait {} {call} {why}", change.resource),
            Event::Ended { change, ended, so_far, all } => {
                format!("end {} {} {so_far}/{all}", change.resource, matches!(ended, Ended::Done))
            }
        });
    };
    let tag = call("Tag", json!({"Id": "none"})).not_yet(&["NoSuchItem"], 1);
    let the_plan = plan(vec![change("a").call(tag), change("b").call(call("Start", json!({}))).needs(id("a"))]);
    house.with(async |with| execute(&the_plan, &BTreeMap::new(), &Execution { on: &on, ..*with }).await).await;
    assert_eq!(*told.lock().unwrap(), ["start a", "wait a 0 NoSuchItem", "end a false 1/2", "end b false 2/2"]);
}
