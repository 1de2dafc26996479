//! Runs that AWS disturbs: by the testbed's seeded schedule, by changes that are seen late, by sessions that end early, by
//! a service that is throttled without end.

use std::collections::BTreeMap;
use std::thread;

use serde_json::{Value, json};

use super::APPLY;
use super::world::World;

const ASSESS: &[&str] = &["assess", "--quiet", "--format", "json"];

/// What a run found: control, account, Region and resource, and the verdict with its reasons.
type Verdicts = BTreeMap<[String; 4], (String, Value)>;

fn verdicts(assessed: &Value) -> Verdicts {
    let text = |finding: &Value, name: &str| finding[name].as_str().unwrap().to_owned();
    let findings = assessed["findings"].as_array().unwrap().iter();
    let verdicts: Verdicts = findings
        .map(|finding| {
            let key = ["control", "account", "region", "resource"].map(|name| text(finding, name));
            (key, (text(finding, "status"), finding["reasons"].clone()))
        })
        .collect();
    assert!(verdicts.len() > 50, "only {} findings", verdicts.len());
    verdicts
}

/// The share of calls that were disturbed since the log was forgotten, in percent, and by what.
fn disturbed(world: &World) -> (usize, BTreeMap<String, usize>) {
    let calls = world.calls();
    let mut kinds: BTreeMap<String, usize> = BTreeMap::new();
    for fault in calls.iter().filter_map(|call| call["fault"].as_str()) {
        *kinds.entry(fault.to_owned()).or_default() += 1;
    }
    (100 * kinds.values().sum::<usize>() / calls.len(), kinds)
}

fn assert_disturbed(world: &World, seed: u64) {
    let (percent, kinds) = disturbed(world);
    assert!((22..=38).contains(&percent) && kinds.len() == 7, "seed {seed}: {percent} % {kinds:?}");
}

/// Everything is there, once.
fn assert_whole(world: &World, of: &str) {
    let plan = world.dodai(&["plan", "--quiet", "--format", "json"]);
    assert!(plan.code == 0 && plan.json()["changes"] == json!([]), "{of}: {plan}");
    for thing in world.end_state().as_array().unwrap() {
        assert_eq!(thing["n"], json!(1), "{of}: exists twice: {thing}");
    }
}

#[test]
fn three_of_ten_calls_disturbed_change_neither_what_is_made_nor_what_is_judged() {
    thread::scope(|scope| {
        for seed in [1, 2] {
            scope.spawn(move || {
                let world = World::new("two-accounts");
                world.disturb(seed, 30);
                world.forget_calls();
                let applied = world.dodai(APPLY);
                assert_eq!(applied.code, 0, "seed {seed}: {applied}");
                assert_disturbed(&world, seed);
                world.control("POST", "/testbed/clear", "");
                assert_whole(&world, &format!("seed {seed}"));

                let undisturbed = world.dodai(ASSESS);
                world.disturb(seed + 100, 30);
                world.forget_calls();
                let disturbed = world.dodai(ASSESS);
                assert_disturbed(&world, seed);
                assert_eq!(disturbed.code, undisturbed.code, "seed {seed}: {disturbed}");
                assert_eq!(verdicts(&disturbed.json()), verdicts(&undisturbed.json()), "seed {seed}");
                assert_eq!(disturbed.json()["score"], undisturbed.json()["score"], "seed {seed}");
            });
        }
    });
}

#[test]
fn late_sight_short_sessions_and_published_limits_do_no_harm_and_a_deadline_makes_unknown() {
    let world = World::new("two-accounts");
    world.control("POST", "/testbed/visible", &json!({"after_millis": 3_000}).to_string());
    world.control("POST", "/testbed/session", &json!({"millis": 2_000}).to_string());
    // The client keeps to what is published. Here it gets half of that.
    world.control("POST", "/testbed/limits", &json!({"percent": 50}).to_string());
    let applied = world.dodai(APPLY);
    assert_eq!(applied.code, 0, "{applied}");
    let expired = world.calls().iter().filter(|call| call["error"].as_str().is_some_and(is_expired)).count();
    assert!(expired > 0, "no session ended");
    let (_, kinds) = disturbed(&world);
    let often = |kind: &str| kinds.get(kind).copied().unwrap_or_default();
    assert!(often("late") > 0 && often("limit") > 0, "nothing was seen late, or no limit was reached: {kinds:?}");
    world.control("POST", "/testbed/clear", "");
    assert_whole(&world, "late sight");

    // Nobody waits for ever: what a service does not answer in time is unknown, and nothing else is.
    let before = world.dodai(ASSESS);
    let before = verdicts(&before.json());
    let is_guardduty = |key: &[String; 4]| key[0].starts_with("GuardDuty.");
    let passed = before.iter().filter(|(key, found)| is_guardduty(key) && found.0 == "PASSED").count();
    assert!(passed > 0, "nothing of GuardDuty had passed");
    world.fault(&json!({"kind": "throttle", "service": "guardduty"}));
    let assessed = world.dodai(&[ASSESS, &["--retry-for", "2", "--retry-throttled-for", "3"]].concat());
    assert_eq!(assessed.code, 3, "{assessed}");
    let after = verdicts(&assessed.json());
    for (key, (status, reasons)) in &after {
        if is_guardduty(key) {
            assert_eq!(status, "UNKNOWN", "{key:?}");
            let reasons = reasons.to_string();
            let why = ["TooManyRequestsException", "asked again for 3 s, then given up"];
            assert!(why.iter().all(|part| reasons.contains(part)), "{key:?}: {reasons}");
        } else {
            assert_eq!(Some(status), before.get(key).map(|found| &found.0), "{key:?}");
        }
    }
    assert!(after.keys().any(is_guardduty), "no finding of GuardDuty is left");
}

fn is_expired(code: &str) -> bool {
    ["ExpiredToken", "ExpiredTokenException", "RequestExpired"].contains(&code)
}
