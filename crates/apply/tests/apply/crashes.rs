//! Nothing is lost and nothing is made twice, whatever breaks off.

use std::time::Duration;

use dodai_apply::{Past, RoundsEnd, TERM, rounds};
use dodai_baseline::reply_of;
use serde_json::json;

use crate::rounds::Listed;
use crate::simulated::{House, Mishap, Simulated, When, call, change, create, findable, id, memory, plan, twelve};
use crate::{check, ends};

#[tokio::test(start_paused = true)]
async fn a_lost_reply_makes_nothing_twice() {
    use Mishap::{LostAfter, LostBefore, Refused};
    for (mishaps, with_find, expected, made, settled) in [
        (vec![Refused("AccessDenied")], true, "x failed: ", 0, true),
        (vec![LostAfter], true, "x done", 1, true),
        (vec![LostBefore], true, "x done", 1, true),
        (vec![LostBefore, LostAfter], true, "x done", 1, true),
        (vec![LostBefore; 4], true, "x done", 1, true),
        (vec![LostBefore; 20], true, "x failed unclear", 0, false),
        (vec![LostBefore, Refused("AccessDenied")], true, "x failed: ", 0, false),
        (vec![LostAfter], false, "x failed unclear", 1, false),
        (vec![LostBefore], false, "x failed unclear", 0, false),
    ] {
        let creating = create("x", json!({}));
        let creating = if with_find { findable(creating) } else { creating };
        let tag = call("Tag", json!({"Id": reply_of(&id("x"), 0, "Item.Id"), "Key": "k", "Value": "v"}))
            .not_yet(&["NoSuchItem"], 30);
        let arrange = |aws: &Simulated| aws.mishaps("Create x", &mishaps);
        let house = check(arrange, vec![change("x").call(creating).call(tag)], &[expected]).await;
        assert_eq!(house.aws.made("x"), made, "{mishaps:?}");
        let open = Past::read(&house.store, "o-1").await.unwrap();
        assert_eq!(open.runs().is_empty(), settled, "{mishaps:?}");
    }
}

/// A later round plans from what AWS shows, which may not yet hold what the round before made.
#[tokio::test(start_paused = true)]
async fn a_later_round_makes_nothing_twice() {
    let house = House::new();
    let made = |name: &str| change(name).call(findable(create(name, json!({}))));
    let plans = vec![plan(vec![made("a")]), plan(vec![made("a"), made("b")]), plan(vec![])];
    let mut world = Listed { plans, confirm: true };
    let outcome = house.with(async |with| rounds(&mut world, with).await).await.unwrap();
    assert_eq!(outcome.end, RoundsEnd::Done);
    assert_eq!((house.aws.made("a"), house.aws.made("b")), (1, 1));
}

/// Every crash point of a plan of twelve changes: the run dies before or after a mutating call, the next
/// ones go on, at once (when AWS does not show yet what was made) or once the lock has expired.
#[tokio::test(start_paused = true)]
async fn a_crash_at_any_call_loses_nothing_and_makes_nothing_twice() {
    let undisturbed = House::new();
    let outcome = undisturbed.run(&twelve(&undisturbed.aws)).await;
    assert!(outcome.is_all_done(), "{outcome:?}");
    let wanted = undisturbed.aws.end_state();
    assert_eq!(wanted.len(), 12);
    let mutating = undisturbed.aws.log().iter().filter(|what| !what.starts_with("Describe")).count();

    for point in 0..mutating {
        for (when, at_once) in [(When::Before, true), (When::After, true), (When::Before, false), (When::After, false)]
        {
            let mut house = House::new();
            house.aws.crash_at(point, when);
            let first = twelve(&house.aws);
            tokio::select! {
                outcome = house.run(&first) => panic!("no crash at {point}: {outcome:?}"),
                () = house.aws.crashed.notified() => {}
            }
            if at_once {
                house.lock_store = memory();
            } else {
                tokio::time::sleep(TERM * 2).await;
            }
            let mut plans = 0;
            loop {
                let next = twelve(&house.aws);
                if next.changes.is_empty() {
                    break;
                }
                plans += 1;
                assert!(plans < 4, "does not come to an end: {next:?}");
                let outcome = house.run(&next).await;
                assert!(outcome.is_all_done(), "{point} {when:?} {at_once}: {:?}", ends(&outcome));
                tokio::time::sleep(Duration::from_secs(3)).await;
            }
            assert_eq!(house.aws.end_state(), wanted, "{point} {when:?} {at_once}");
        }
    }
}
