//! The whole client against scripted replies. Where time matters the clock stands still and jumps.

mod connection;
mod found;
mod patience;
mod recorded;
mod stage;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use dodai_facts::FailureKind;
use futures::StreamExt;
use futures::future::join_all;
use serde_json::{Value, json};
use tokio::time::Instant;

use stage::{
    MANAGEMENT, MEMBER, Play, Stage, assumed, call, create_account, detectors, list_detectors, reply, sts, throttle,
};

const LIST: &str = "GET /detector";

#[tokio::test(start_paused = true)]
async fn a_throttle_is_waited_out_until_the_deadline() {
    let stage = Stage::playing(vec![throttle(), throttle(), throttle(), detectors()]);
    let client = stage.client();
    assert_eq!(list_detectors(&client).await.unwrap(), json!({"DetectorIds": ["d"]}));
    assert_eq!((client.stats().throttled, client.stats().retries, stage.count(LIST)), (3, 3, 4));

    // Also for a call that changes something: AWS has not looked at it.
    let stage = Stage::playing(vec![throttle(), reply(200, json!({"CreateAccountStatus": {"Id": "car-1"}}))]);
    create_account(&stage.client()).await.unwrap();

    let stage = Stage::playing(vec![throttle()]);
    let start = Instant::now();
    let failure = list_detectors(&stage.client()).await.unwrap_err();
    assert_eq!((failure.kind, failure.code.as_str()), (FailureKind::Throttled, "TooManyRequestsException"));
    let waited = start.elapsed().as_secs();
    assert!((240..=300).contains(&waited), "{waited}");
}

#[tokio::test(start_paused = true)]
async fn faults_are_repeated_where_that_does_no_harm() {
    let fault = || reply(503, json!({"__type": "ServiceUnavailableException", "message": "m"}));
    let made = || reply(200, json!({"CreateAccountStatus": {"Id": "car-1"}}));
    let stage = Stage::playing(vec![fault(), Play::Reset, Play::Silence, detectors()]);
    let client = stage.client_with(|settings| settings.deadlines.attempt = Duration::from_secs(5));
    list_detectors(&client).await.unwrap();
    assert_eq!(stage.count(LIST), 4);

    for (play, kind) in
        [(fault(), FailureKind::Fault), (Play::Reset, FailureKind::Transport), (Play::Silence, FailureKind::Transport)]
    {
        let stage = Stage::playing(vec![play, made()]);
        let failure = create_account(&stage.client()).await.unwrap_err();
        assert_eq!((failure.kind, stage.count("CreateAccount")), (kind, 1), "{failure}");
        assert!(failure.message.ends_with("(not sent again: it may have been done)"), "{failure}");
    }

    let stage = Stage::playing(vec![fault()]);
    let start = Instant::now();
    let failure = list_detectors(&stage.client()).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Fault);
    assert!(start.elapsed() <= Duration::from_mins(1));
}

#[tokio::test(start_paused = true)]
async fn an_idempotency_token_is_made_once_for_all_attempts() {
    let bodies = Arc::new(Mutex::new(Vec::new()));
    let kept = Arc::clone(&bodies);
    let stage = Stage::new(move |seen| {
        sts(seen).unwrap_or_else(|| {
            kept.lock().unwrap().push(seen.body.clone());
            if kept.lock().unwrap().len() < 3 { Play::Reset } else { reply(200, json!({"detectorId": "d"})) }
        })
    });
    let client = stage.client();
    call(&client, MANAGEMENT, "guardduty", "CreateDetector", json!({"Enable": true})).await.unwrap();
    let bodies = bodies.lock().unwrap();
    let tokens: Vec<Value> = bodies.iter().map(|body| serde_json::from_str::<Value>(body).unwrap()).collect();
    assert_eq!(tokens.len(), 3);
    assert!(tokens.iter().all(|body| *body == tokens[0] && body["clientToken"].as_str().unwrap().len() == 36));
}

#[tokio::test(start_paused = true)]
async fn what_is_settled_is_not_asked_again() {
    for (status, body, kind) in [
        (404, "<!doctype html><title>404 Not Found</title>".to_owned(), FailureKind::Fault),
        (500, "<!doctype html><title>500</title>".to_owned(), FailureKind::Fault),
        (200, "<!doctype html>".to_owned(), FailureKind::Fault),
        (404, String::new(), FailureKind::Fault),
        (400, json!({"__type": "ResourceNotFoundException"}).to_string(), FailureKind::Absent),
        (403, json!({"__type": "AccessDeniedException"}).to_string(), FailureKind::Denied),
        (400, json!({"__type": "BadRequestException"}).to_string(), FailureKind::Invalid),
    ] {
        let stage = Stage::playing(vec![reply(status, &body)]);
        let failure = list_detectors(&stage.client()).await.unwrap_err();
        assert_eq!((failure.kind, stage.count(LIST)), (kind, 1), "{failure}");
        assert_eq!(failure.account.unwrap().as_str(), MANAGEMENT);
    }
    // Wrong before it is sent: nobody is asked who we are.
    let stage = Stage::playing(vec![detectors()]);
    for (service, operation, params, code) in [
        ("gardduty", "ListDetectors", json!({}), "UnknownService"),
        ("guardduty", "ListDetector", json!({}), "UnknownOperation"),
        ("guardduty", "GetDetector", json!({}), "InvalidParameters"),
    ] {
        let failure = call(&stage.client(), MANAGEMENT, service, operation, params).await.unwrap_err();
        assert_eq!((failure.kind, failure.code.as_str()), (FailureKind::Invalid, code));
    }
    assert!(stage.seen.lock().unwrap().is_empty());
}

#[tokio::test(start_paused = true)]
async fn one_session_serves_all_who_ask() {
    let stage = Stage::playing(vec![detectors()]);
    let client = stage.client();
    let all = join_all((0..20).map(|_| call(&client, MEMBER, "guardduty", "ListDetectors", json!({})))).await;
    assert!(all.iter().all(Result::is_ok));
    assert_eq!((stage.count("AssumeRole"), stage.count("GetCallerIdentity"), stage.count(LIST)), (1, 2, 20));
    // Renewed before it ends.
    tokio::time::advance(Duration::from_secs(3_100)).await;
    call(&client, MEMBER, "guardduty", "ListDetectors", json!({})).await.unwrap();
    assert_eq!(stage.count("AssumeRole"), 2);
    assert!(!format!("{client:?}").contains("secret"));
}

#[tokio::test(start_paused = true)]
async fn a_refused_role_is_the_same_failure_for_all() {
    let denied = "<ErrorResponse><Error><Code>AccessDenied</Code><Message>no</Message></Error></ErrorResponse>";
    let left = Arc::new(AtomicUsize::new(usize::MAX));
    let remaining = Arc::clone(&left);
    let stage = Stage::new(move |seen| match seen.call.as_str() {
        "AssumeRole" if remaining.fetch_sub(1, Ordering::SeqCst) > 0 => reply(403, denied),
        _ => sts(seen).unwrap_or_else(detectors),
    });
    let client = stage.client();
    let ask = || call(&client, MEMBER, "guardduty", "ListDetectors", json!({}));
    let all = join_all((0..5).map(|_| ask())).await;
    let first = all[0].clone().unwrap_err();
    assert!(all.iter().all(|answer| answer.as_ref().unwrap_err() == &first));
    assert_eq!(
        (first.kind, first.code.as_str(), first.operation.as_str()),
        (FailureKind::Denied, "AccessDenied", "AssumeRole")
    );
    assert!(first.message.contains("arn:aws:iam::444455556666:role/OrganizationAccountAccessRole"), "{first}");
    assert_eq!(stage.count("AssumeRole"), 1);
    // Asked again when some time has passed.
    tokio::time::advance(Duration::from_secs(31)).await;
    ask().await.unwrap_err();
    assert_eq!(stage.count("AssumeRole"), 2);
    // An account just made: the role comes to be known after a while.
    left.store(3, Ordering::SeqCst);
    let patient = client.patient(Duration::from_mins(2));
    call(&patient, MEMBER, "guardduty", "ListDetectors", json!({})).await.unwrap();
    assert_eq!(stage.count("AssumeRole"), 2 + 4);
}

#[tokio::test(start_paused = true)]
async fn credentials_that_are_no_good_are_not_asked_about_by_everybody() {
    let denied = "<ErrorResponse><Error><Code>InvalidClientTokenId</Code><Message>no</Message></Error></ErrorResponse>";
    let stage = Stage::new(move |_| reply(403, denied));
    let client = stage.client();
    let all = join_all((0..5).map(|_| list_detectors(&client))).await;
    assert!(all.iter().all(|answer| answer.as_ref().unwrap_err().kind == FailureKind::Denied));
    assert_eq!(stage.count("GetCallerIdentity"), 1);
    tokio::time::advance(Duration::from_secs(31)).await;
    list_detectors(&client).await.unwrap_err();
    assert_eq!(stage.count("GetCallerIdentity"), 2);
}

#[tokio::test(start_paused = true)]
async fn a_session_of_another_account_is_refused() {
    let stage = Stage::new(|seen| match seen.call.as_str() {
        "AssumeRole" => assumed("123456789012"),
        _ => sts(seen).unwrap_or_else(detectors),
    });
    let failure = call(&stage.client(), MEMBER, "guardduty", "ListDetectors", json!({})).await.unwrap_err();
    assert_eq!((failure.kind, failure.code.as_str()), (FailureKind::Denied, "WrongAccount"));
    assert_eq!(stage.count(LIST), 0);
}

#[tokio::test(start_paused = true)]
async fn an_expired_session_is_renewed_once() {
    let expired = || reply(403, json!({"__type": "ExpiredTokenException"}));
    let stage = Stage::playing(vec![expired(), detectors()]);
    let client = stage.client();
    call(&client, MEMBER, "guardduty", "ListDetectors", json!({})).await.unwrap();
    assert_eq!(stage.count("AssumeRole"), 2);
    let stage = Stage::playing(vec![expired()]);
    let failure = call(&stage.client(), MEMBER, "guardduty", "ListDetectors", json!({})).await.unwrap_err();
    assert_eq!((failure.kind, stage.count(LIST)), (FailureKind::Denied, 2));
}

#[tokio::test(start_paused = true)]
async fn requests_under_way_are_limited() {
    let (now, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let (counter, peak) = (Arc::clone(&now), Arc::clone(&most));
    let stage = Stage::new(move |seen| {
        sts(seen).unwrap_or_else(|| {
            peak.fetch_max(counter.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            let counter = Arc::clone(&counter);
            tokio::spawn(async move {
                tokio::time::sleep(Duration::from_millis(99)).await;
                counter.fetch_sub(1, Ordering::SeqCst);
            });
            Play::Slow(Duration::from_millis(100), json!({"detectorIds": []}).to_string())
        })
    });
    let client = stage.client_with(|settings| settings.concurrency = 3);
    let all = join_all((0..12).map(|_| list_detectors(&client))).await;
    assert!(all.iter().all(Result::is_ok));
    assert_eq!(most.load(Ordering::SeqCst), 3);
}

async fn pages(plays: Vec<Play>) -> Vec<Result<Value, FailureKind>> {
    let client = Stage::playing(plays).client();
    let (account, region) = (MANAGEMENT.parse().unwrap(), "us-east-1".parse().unwrap());
    let params = json!({});
    let pages = client.pages(&account, &region, "guardduty", "ListDetectors", &params);
    pages.map(|page| page.map_err(|failure| failure.kind)).collect().await
}

#[tokio::test(start_paused = true)]
async fn lists_are_read_to_their_end() {
    let page = |id: &str, next: Option<&str>| reply(200, json!({"detectorIds": [id], "nextToken": next}));
    let (a, b) = (json!({"DetectorIds": ["a"], "NextToken": "t"}), json!({"DetectorIds": ["b"]}));
    assert_eq!(pages(vec![page("a", Some("t")), page("b", None)]).await, [Ok(a.clone()), Ok(b)]);
    // A failure half-way is the last item.
    let denied = reply(403, json!({"__type": "AccessDeniedException"}));
    assert_eq!(pages(vec![page("a", Some("t")), denied]).await, [Ok(a.clone()), Err(FailureKind::Denied)]);
    // Lists that lead back.
    let same = pages(vec![page("a", Some("t"))]).await;
    assert_eq!(same, [Ok(a.clone()), Err(FailureKind::Fault)]);
    let circle = pages(vec![page("a", Some("t")), page("b", Some("u")), page("c", Some("t"))]).await;
    assert_eq!((circle.len(), circle.last().unwrap()), (3, &Err(FailureKind::Fault)));
}
