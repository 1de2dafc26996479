//! One writer: the lock is refused, renewed, lost, taken over.

use std::collections::BTreeMap;
use std::time::Duration;

use dodai_apply::{Clock, Event, Execution, Journal, Lock, LockError, Past, Permits, TERM, execute};
use serde_json::json;

use crate::simulated::{House, call, change, plan};

async fn take(house: &House) -> Result<(Lock, bool), LockError> {
    let (lock, from) = Lock::take(&house.lock_store, house.clock.clone(), house.holder(), TERM).await?;
    Ok((lock, from.is_some()))
}

#[tokio::test(start_paused = true)]
async fn one_holds_the_lock_and_renews_it() {
    let house = House::new();
    let (lock, _) = take(&house).await.unwrap();
    for _ in 0..10 {
        let refused = take(&house).await.unwrap_err();
        let LockError::Held { by, until, .. } = &refused else { panic!("{refused}") };
        assert_eq!((by.owner.as_str(), by.run.as_str()), ("someone@somewhere", "run-0001"));
        assert!(*until > house.clock.now());
        let told = "someone@somewhere (process 1, run run-0001), since 2026-01-02T03:04:05Z, until 2026-01-02T03:";
        assert!(refused.to_string().contains(told), "{refused}");
        assert_eq!(lock.lost(), None);
        tokio::time::sleep(TERM / 2).await;
    }
    lock.release().await.unwrap();
    let (lock, taken_over) = take(&house).await.unwrap();
    assert!(!taken_over, "a released lock is free");
    // Dead: dropped without being given back.
    drop(lock);
    tokio::time::sleep(TERM).await;
    assert!(matches!(take(&house).await, Err(LockError::Held { .. })), "others' clocks may be behind");
    tokio::time::sleep(Duration::from_secs(61)).await;
    let (_lock, taken_over) = take(&house).await.unwrap();
    assert!(taken_over);
}

#[tokio::test(start_paused = true)]
async fn who_loses_the_lock_stops_before_it_expires() {
    let forever = || {
        let waits = |name: &str| call("Tag", json!({"Id": "none", "Name": name})).not_yet(&["NoSuchItem"], 7200);
        plan(vec![change("a").call(waits("a")), change("b").call(waits("b"))])
    };
    // Somebody takes it away, deletes it, damages it, or the state cannot be reached any more.
    for (content, expected) in [
        (
            Some(
                r#"{"format":1,"owner":"x@y","pid":7,"run":"z","renewed":0,"expires":"2026-01-02T09:04:05Z","released":false}"#,
            ),
            "x@y (process 7, run z) has taken the lock",
        ),
        (Some("nonsense"), "the lock could not be renewed and expires at 2026-01-02T03:"),
        (None, "`a/us-east-1"),
    ] {
        let house = House::new();
        let begun = tokio::time::Instant::now();
        let run = async {
            let holder = house.holder();
            let (lock, _) = Lock::take(&house.lock_store, house.clock.clone(), holder.clone(), TERM).await.unwrap();
            let past = Past::default();
            let now = house.clock.now();
            let journal = Journal::start(&house.store, &holder, "o-1", "test", now).await.unwrap();
            let on = |_: Event<'_>| ();
            let with = Execution {
                aws: &house.aws,
                journal: &journal,
                past: &past,
                lock: &lock,
                stop: &house.stop,
                permits: Permits::default(),
                parallel: 4,
                on: &on,
            };
            execute(&forever(), &BTreeMap::new(), &with).await
        };
        let meddle = async {
            tokio::time::sleep(TERM * 4).await;
            if let Some(content) = content {
                house.lock_store.write("lock.json", content.into()).await.unwrap();
            } else {
                house.stop.ask();
            }
        };
        let (outcome, ()) = tokio::join!(run, meddle);
        let why = outcome.stopped.unwrap();
        if content.is_some() {
            assert!(why.starts_with(expected), "{why}");
            if let Some((_, expiry)) = why.split_once("expires at ") {
                let left = expiry.parse::<jiff::Timestamp>().unwrap().duration_since(house.clock.now());
                assert!((20..=30).contains(&left.as_secs()), "stopped before the lock expired: {left:?}");
            }
        } else {
            assert_eq!(why, "interrupted", "renewed for as long as it takes");
        }
        assert!(begun.elapsed() >= TERM * 4);
    }
}

/// A lock that ends sooner is free sooner; what a file claims cannot hold it for ever.
#[tokio::test(start_paused = true)]
async fn a_dead_holders_lock_is_free_a_fifth_of_its_term_after_its_expiry() {
    let content = |more: &str| {
        format!(
            r#"{{"format":1,"owner":"x@y","pid":7,"run":"z","renewed":0,{more}"expires":"2026-01-02T03:04:05Z","released":false}}"#
        )
    };
    for (more, free) in [
        (r#""term":10,"#, 2),
        (r#""term":300,"since":"2026-01-02T03:00:00Z","#, 60),
        (r#""since":"never","#, 60),
        (r#""term":18446744073709551615,"#, 720),
    ] {
        let house = House::new();
        house.lock_store.write("lock.json", content(more).into()).await.unwrap();
        tokio::time::sleep(Duration::from_secs(free - 1)).await;
        let refused = take(&house).await.unwrap_err().to_string();
        assert_eq!(refused.contains("since 2026-01-02T03:00:00Z"), more.contains("03:00:00"), "{refused}");
        tokio::time::sleep(Duration::from_secs(1)).await;
        let (_lock, taken_over) = take(&house).await.unwrap_or_else(|why| panic!("{more}: {why}"));
        assert!(taken_over);
    }
    let house = House::new();
    let far = content("").replace("2026-01-02", "9999-12-30");
    house.lock_store.write("lock.json", far.into()).await.unwrap();
    assert!(matches!(take(&house).await, Err(LockError::Held { .. })));
}
