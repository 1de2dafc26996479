//! Nothing is lost and nothing is made twice, whatever breaks off.

use std::collections::BTreeMap;
use std::sync::Arc;

use dodai_apply::{Past, RoundsEnd, rounds};
use dodai_baseline::reply_of;
use proptest::prelude::*;
use serde_json::json;

use crate::breakable::Breakable;
use crate::breaking::{Break, Breaks};
use crate::check;
use crate::cloud::{Cloud, End, twins};
use crate::rounds::Listed;
use crate::simulated::{House, Mishap, Simulated, call, change, create, findable, id, plan};
use crate::wanted::{Wanted, Wanting, any_wanted, every_kind};

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

type EndState = (Vec<End>, Vec<String>);

const KINDS: [fn(usize) -> Break; 5] =
    [Break::BeforeCall, Break::AfterCall, Break::BeforeWrite, Break::AfterWrite, Break::Full];

fn sim(wanted: &[Wanted], mishaps: &BTreeMap<usize, Mishap>) -> impl FnOnce(Arc<Breaks>) -> Wanting {
    |breaks| Wanting { wanted: wanted.to_vec(), cloud: Cloud::new(breaks, mishaps) }
}

/// How a plan ends that nothing disturbs.
async fn undisturbed(wanted: &[Wanted]) -> EndState {
    let mut world = Breakable::new(sim(wanted, &BTreeMap::new()));
    world.live(&[], false).await.unwrap();
    let end = world.service.cloud.end_state();
    assert_eq!(end.0.len(), wanted.len());
    end
}

/// Whatever breaks off, the end is that of an undisturbed run, and nothing is left that a later run would mind.
/// How many runs it took.
async fn check_breaks(
    wanted: &[Wanted],
    expected: &EndState,
    breaks: &[Break],
    mishaps: &BTreeMap<usize, Mishap>,
    at_once: bool,
) -> u32 {
    let mut broken = Breakable::new(sim(wanted, mishaps));
    if let Err(why) = broken.live(breaks, at_once).await {
        panic!("{why}: {breaks:?} {mishaps:?} {at_once} {wanted:#?}");
    }
    let end = broken.service.cloud.end_state();
    assert_eq!(twins(&end.0), [""; 0], "{breaks:?} {mishaps:?} {at_once}");
    assert_eq!(end, *expected, "{breaks:?} {mishaps:?} {at_once}");
    let past = Past::read(&broken.store, "o-1").await.unwrap();
    assert_eq!(past.runs(), [""; 0], "{breaks:?} {mishaps:?} {at_once}");
    broken.runs
}

/// Every point of a plan with every kind of making: before and after each call and each write.
#[tokio::test(start_paused = true)]
async fn a_break_at_any_point_loses_nothing_and_makes_nothing_twice() {
    let wanted = every_kind();
    let whole = Breakable::new(sim(&wanted, &BTreeMap::new()));
    whole.breaks.arm(None);
    assert_eq!(whole.run().await, Ok(RoundsEnd::Done));
    let (calls, writes, _) = whole.breaks.counts();
    assert!(calls > 20 && writes > 40, "{calls} calls, {writes} writes");
    let expected = undisturbed(&wanted).await;
    let mut runs = 0;
    for (kind, points) in KINDS.into_iter().zip([calls, calls, writes, writes, writes]) {
        for at in 0..points {
            runs += check_breaks(&wanted, &expected, &[kind(at)], &BTreeMap::new(), at % 2 == 0).await;
        }
    }
    assert!(runs as usize >= 2 * (2 * calls + 3 * writes), "a run that breaks off and one that goes on");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 800, ..ProptestConfig::default() })]

    /// Any plan, broken off up to three times in a row, with calls that go wrong besides.
    #[test]
    fn breaks_in_a_row_lose_nothing_and_make_nothing_twice(
        wanted in any_wanted(),
        breaks in prop::collection::vec(any_break(), 1..4),
        mishaps in prop::collection::btree_map(0_usize..60, any_mishap(), 0..4),
        at_once in any::<bool>(),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        runtime.block_on(async {
            let expected = undisturbed(&wanted).await;
            check_breaks(&wanted, &expected, &breaks, &mishaps, at_once).await;
        });
    }
}

fn any_break() -> impl Strategy<Value = Break> {
    (prop::sample::select(KINDS.to_vec()), 0_usize..30).prop_map(|(kind, at)| kind(at))
}

fn any_mishap() -> impl Strategy<Value = Mishap> {
    prop::sample::select(vec![Mishap::Refused("AccessDenied"), Mishap::LostBefore, Mishap::LostAfter])
}
