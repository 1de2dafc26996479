//! Retries end by a deadline and by nothing else. The clock is tokio's and stands still but for the waits.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use dodai_facts::FailureKind;
use futures::future::join_all;
use serde_json::json;
use tokio::time::Instant;

use super::LIST;
use super::stage::{
    MANAGEMENT, MEMBER, Play, Stage, assumed_as, call, detectors, list_detectors, reply, sts, throttle,
};
use crate::Deadlines;

fn unavailable() -> Play {
    reply(503, json!({"__type": "ServiceUnavailableException", "message": "m"}))
}

/// A stage that plays `trouble` for so long, then answers. `answer` is made when the trouble is over.
fn troubled(trouble: Play, lasts: Duration) -> Stage {
    let start = Instant::now();
    Stage::new(move |seen| {
        sts(seen).unwrap_or_else(|| if start.elapsed() < lasts { trouble.clone() } else { detectors() })
    })
}

fn patient(seconds: u64) -> Deadlines {
    let deadline = Duration::from_secs(seconds);
    Deadlines { throttled: deadline, fault: deadline, ..Deadlines::default() }
}

#[tokio::test(start_paused = true)]
async fn trouble_is_outlasted_up_to_the_deadline_however_often_it_strikes() {
    for (trouble, seconds) in [
        (throttle(), 20),
        (throttle(), 3_600),
        (unavailable(), 600),
        (Play::Reset, 600),
        (Play::Silence, 600),
        (reply(502, "<html>bad gateway</html>"), 600),
    ] {
        let start = Instant::now();
        // The longest pause and an attempt that stays silent may be all that comes before the deadline; pauses double, so
        // early on the next one may be as long as twice the time so far.
        let lasts = Duration::from_secs(seconds - (seconds * 3 / 4).min(51));
        let stage = troubled(trouble, lasts);
        let client = stage.client_with(|settings| settings.deadlines = patient(seconds));
        assert_eq!(list_detectors(&client).await.unwrap(), json!({"DetectorIds": ["d"]}), "{seconds}");
        let elapsed = start.elapsed();
        assert!(elapsed >= lasts && elapsed.as_secs() <= seconds, "{elapsed:?} of {seconds} s");
        if seconds == 3_600 {
            assert!(client.stats().retries > 170, "{:?}", client.stats());
        }
    }
}

#[tokio::test(start_paused = true)]
async fn the_deadline_ends_it_and_the_failure_says_so() {
    for (trouble, kind) in [(throttle(), FailureKind::Throttled), (unavailable(), FailureKind::Fault)] {
        for seconds in [3, 60, 1_200] {
            let stage = Stage::playing(vec![trouble.clone()]);
            let client = stage.client_with(|settings| settings.deadlines = patient(seconds));
            let start = Instant::now();
            let failure = list_detectors(&client).await.unwrap_err();
            assert_eq!(failure.kind, kind);
            assert!(failure.message.ends_with(&format!("(asked again for {seconds} s, then given up)")), "{failure}");
            let elapsed = start.elapsed().as_secs_f64();
            let limit = f64::from(u32::try_from(seconds).unwrap());
            assert!(elapsed <= limit && elapsed >= limit - 20.0 && elapsed >= limit / 3.0, "{elapsed} of {limit}");
        }
    }
}

/// Forty calls share a lane that AWS throttles without end: those at the back of the queue end in time too.
#[tokio::test(start_paused = true)]
async fn nobody_queues_past_the_deadline() {
    let stage = Stage::playing(vec![throttle()]);
    let client = stage.client_with(|settings| settings.deadlines = patient(60));
    let roots = async || {
        let failure = call(&client, MANAGEMENT, "organizations", "ListRoots", json!({})).await.unwrap_err();
        (failure.kind, Instant::now())
    };
    let start = Instant::now();
    let all = join_all((0..40).map(|_| roots())).await;
    // ListRoots: one a second, two at once. So long takes the first sending of all.
    let sent = 40.0;
    for (kind, end) in all {
        assert_eq!(kind, FailureKind::Throttled);
        let elapsed = end.duration_since(start).as_secs_f64();
        assert!(elapsed <= sent + 60.0, "{elapsed}");
    }
}

/// A member whose sessions end after so long, whatever was asked for, and who is throttled for some time; and how many
/// sessions were given out.
fn short_sessions(lasts: Duration, throttled: Duration) -> (Stage, Arc<AtomicUsize>) {
    let sessions: Arc<Mutex<HashMap<String, Instant>>> = Arc::default();
    let given = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&given);
    let start = Instant::now();
    let stage = Stage::new(move |seen| {
        if seen.call == "AssumeRole" {
            let number = count.fetch_add(1, Ordering::SeqCst);
            let key = format!("KEY{MEMBER}-{number}");
            sessions.lock().unwrap().insert(key.clone(), Instant::now() + lasts);
            return assumed_as(&key);
        }
        if let Some(play) = sts(seen) {
            return play;
        }
        let until = sessions.lock().unwrap().get(&seen.access_key).copied();
        if until.is_none_or(|until| Instant::now() >= until) {
            reply(403, json!({"__type": "ExpiredTokenException", "message": "m"}))
        } else if start.elapsed() < throttled {
            throttle()
        } else {
            detectors()
        }
    });
    (stage, given)
}

#[tokio::test(start_paused = true)]
async fn a_throttled_call_outlives_its_sessions() {
    let (stage, given) = short_sessions(Duration::from_secs(5), Duration::from_mins(4));
    let start = Instant::now();
    call(&stage.client(), MEMBER, "guardduty", "ListDetectors", json!({})).await.unwrap();
    assert!((240..=300).contains(&start.elapsed().as_secs()));
    assert!(given.load(Ordering::SeqCst) > 3, "{given:?}");

    // Renewing does not give a call more time.
    let (stage, _) = short_sessions(Duration::from_secs(5), Duration::from_hours(1));
    let start = Instant::now();
    let failure = call(&stage.client(), MEMBER, "guardduty", "ListDetectors", json!({})).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Throttled);
    assert!(start.elapsed() <= Duration::from_mins(5), "{:?}", start.elapsed());
}

#[tokio::test(start_paused = true)]
async fn sessions_that_are_never_good_end_by_the_deadline_too() {
    let (stage, given) = short_sessions(Duration::ZERO, Duration::ZERO);
    let start = Instant::now();
    let failure = call(&stage.client(), MEMBER, "guardduty", "ListDetectors", json!({})).await.unwrap_err();
    assert_eq!((failure.kind, failure.code.as_str()), (FailureKind::Denied, "ExpiredTokenException"));
    assert!(start.elapsed() <= Duration::from_mins(1), "{:?}", start.elapsed());
    let sessions = given.load(Ordering::SeqCst);
    assert!((4..20).contains(&sessions) && stage.count(LIST) == sessions, "{sessions}");
}
