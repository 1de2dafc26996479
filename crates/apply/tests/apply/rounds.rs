//! Round after round, and one round of a saved plan.

use dodai_apply::{Ended, RoundsEnd, World, apply_file, rounds};
use dodai_baseline::{Danger, Due, Plan};
use serde_json::json;

use crate::ends;
use crate::simulated::{House, Mishap, call, change, create, id, plan};

/// Plans from a list, round by round.
pub(crate) struct Listed {
    pub(crate) plans: Vec<Plan>,
    pub(crate) confirm: bool,
}

impl World for Listed {
    type Error = String;

    async fn plan(&mut self, round: usize) -> Result<Plan, String> {
        self.plans.get(round).cloned().ok_or_else(|| format!("no plan for round {round}"))
    }

    async fn confirm(&mut self, _: &Plan) -> bool {
        self.confirm
    }
}

#[tokio::test(start_paused = true)]
async fn rounds_go_on_while_there_is_progress() {
    let made = |name: &str| plan(vec![change(name).call(create(name, json!({})))]);
    let due =
        || Plan { due: vec![Due { account: "new".to_owned(), why: "does not exist".to_owned() }], ..plan(vec![]) };
    let bad = || plan(vec![change("bad").call(create("bad", json!({})))]);
    let refused = || plan(vec![change("g").call(call("Start", json!({}))).danger(Danger::Guardrail("why".to_owned()))]);
    let empty = || plan(vec![]);
    for (plans, confirm, ran, end) in [
        (vec![empty()], true, 0, RoundsEnd::Done),
        (vec![made("a"), made("b"), empty()], true, 2, RoundsEnd::Done),
        (vec![made("a"), due()], true, 1, RoundsEnd::NoProgress),
        (vec![made("a"), made("a")], true, 1, RoundsEnd::NoProgress),
        (vec![made("a"), made("b"), made("a")], true, 2, RoundsEnd::NoProgress),
        (vec![bad(), made("c")], true, 1, RoundsEnd::NoProgress),
        (vec![refused(), made("c")], true, 1, RoundsEnd::NoProgress),
        (vec![made("a")], false, 0, RoundsEnd::Declined),
        (vec![made("a"), made("b")], true, 2, RoundsEnd::Unplanned),
    ] {
        let house = House::new();
        house.aws.mishaps("Create bad", &[Mishap::Refused("No"), Mishap::Refused("No")]);
        let mut world = Listed { plans, confirm };
        let outcome = house.with(async |with| rounds(&mut world, with).await).await.unwrap();
        assert_eq!((outcome.rounds.len(), outcome.end), (ran, end));
        assert_eq!(outcome.error.is_some(), end == RoundsEnd::Unplanned);
    }
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_planned_at_all_is_an_error() {
    let house = House::new();
    let mut world = Listed { plans: vec![], confirm: true };
    let outcome = house.with(async |with| rounds(&mut world, with).await).await;
    assert_eq!(outcome.unwrap_err(), "no plan for round 0");
}

/// Makes `x` by a call that must not be repeated blindly, until it is there. Shows it so many plans late.
struct Making<'a> {
    house: &'a House,
    late: usize,
    plans: usize,
}

impl World for Making<'_> {
    type Error = String;

    async fn plan(&mut self, _: usize) -> Result<Plan, String> {
        self.plans += 1;
        let made = self.house.aws.made("x") > 0;
        self.late -= usize::from(made && self.late > 0);
        let seen = made && self.late == 0;
        Ok(plan(if seen { vec![] } else { vec![change("x").call(create("x", json!({})))] }))
    }

    async fn confirm(&mut self, _: &Plan) -> bool {
        true
    }
}

#[tokio::test(start_paused = true)]
async fn what_failed_in_passing_is_planned_again() {
    use Mishap::{LostAfter, LostBefore, Refused};
    let check = async |mishaps: Vec<Mishap>, late: usize, expected: (usize, RoundsEnd, bool)| {
        let house = House::new();
        house.aws.mishaps("Create x", &mishaps);
        let mut world = Making { house: &house, late, plans: 0 };
        let outcome = house.with(async |with| rounds(&mut world, with).await).await.unwrap();
        let done = outcome.ends().values().all(|ended| **ended == Ended::Done);
        assert_eq!((outcome.rounds.len(), outcome.end, done), expected, "{mishaps:?}");
        assert!(house.aws.made("x") <= 1, "{mishaps:?}");
        world.plans
    };
    check(vec![LostBefore], 0, (2, RoundsEnd::Done, true)).await;
    // It was carried out: that no plan wants it any more says so.
    check(vec![LostAfter], 0, (1, RoundsEnd::Done, true)).await;
    check(vec![LostBefore, LostBefore, LostBefore, LostAfter], 0, (4, RoundsEnd::Done, true)).await;
    check(vec![LostBefore, Refused("AccessDenied"), LostBefore], 0, (2, RoundsEnd::NoProgress, false)).await;
    // Refused after an attempt that may have done it: seen by the next plan, or done by it.
    check(vec![LostAfter, Refused("Exists")], 2, (2, RoundsEnd::Done, true)).await;
    check(vec![LostBefore, Refused("Exists")], 0, (3, RoundsEnd::Done, true)).await;
    check(vec![Refused("Exists"), LostBefore], 0, (1, RoundsEnd::NoProgress, false)).await;
    // A minute, whatever the number.
    let tries = async |mishap: Mishap| {
        let house = House::new();
        house.aws.mishaps("Create x", &vec![mishap; 100]);
        let start = tokio::time::Instant::now();
        let mut world = Making { house: &house, late: 0, plans: 0 };
        let outcome = house.with(async |with| rounds(&mut world, with).await).await.unwrap();
        (outcome.end, start.elapsed().as_secs())
    };
    let (end, seconds) = tries(LostBefore).await;
    assert!(end == RoundsEnd::NoProgress && (55..=60).contains(&seconds), "{end:?} {seconds}");
    // Done, and shown by the fourth plan after it: nothing is done twice.
    assert_eq!(check(vec![], 4, (1, RoundsEnd::Done, true)).await, 5);
}

#[tokio::test(start_paused = true)]
async fn a_saved_plan_runs_one_round_as_far_as_it_is_the_same() {
    let made = |name: &str| change(name).call(create(name, json!({})));
    let saved = plan(vec![made("a"), made("b"), made("c")]);
    let changed = change("b").call(create("b", json!({"Size": 2})));
    let fresh = plan(vec![changed, made("c"), made("d"), made("e").needs(id("d"))]);
    let saved = Plan { changes: saved.changes.into_iter().chain([made("e").needs(id("d"))]).collect(), ..saved };
    let house = House::new();
    let mut world = Listed { plans: vec![fresh, plan(vec![made("d")])], confirm: true };
    let result = house.with(async |with| apply_file(&saved, &mut world, with).await).await.unwrap();
    assert_eq!(
        ends(&result.outcome),
        [
            "b: it is no longer what the saved plan says: call 1 (sim.Create): Size is `null` in the plan, `2` now",
            "c done",
            "d: it is not in the saved plan",
            "e: needs `a/us-east-1/sim/d`, which was held back",
        ]
    );
    assert_eq!(house.aws.log(), ["Create c"]);
    assert_eq!(result.comparison.done, [id("a")]);
    assert_eq!(result.next.unwrap().changes.len(), 1);
}
