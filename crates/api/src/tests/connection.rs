//! Connections that break, stay silent or never end.

use std::time::Duration;

use dodai_facts::FailureKind;
use serde_json::json;
use tokio::net::TcpListener;

use super::LIST;
use super::stage::{
    MANAGEMENT, Play, Stage, call, connected_to, create_account, detectors, list_detectors, reply, throttle,
};
use crate::Deadlines;

fn soon() -> Deadlines {
    Deadlines { throttled: Duration::from_secs(5), fault: Duration::from_secs(5), attempt: Duration::from_secs(5) }
}

#[tokio::test]
async fn connections_may_break_at_any_point() {
    let cut = Play::CutOff(r#"{"detectorIds": []}"#.to_owned());
    let stage = Stage::playing(vec![Play::Reset, cut.clone(), throttle(), detectors()]);
    let client = stage.client_over_tcp(soon()).await;
    assert_eq!(list_detectors(&client).await.unwrap(), json!({"DetectorIds": ["d"]}));
    assert_eq!(stage.count(LIST), 4);

    let stage = Stage::playing(vec![cut]);
    let client = stage.client_over_tcp(Deadlines { fault: Duration::ZERO, ..soon() }).await;
    let failure = list_detectors(&client).await.unwrap_err();
    assert_eq!((failure.kind, failure.code.as_str()), (FailureKind::Transport, "NoAnswer"), "{failure}");

    let stage = Stage::playing(vec![Play::Reset, Play::Reset]);
    let client = stage.client_over_tcp(soon()).await;
    let failure = create_account(&client).await.unwrap_err();
    assert_eq!((failure.kind, stage.count("CreateAccount")), (FailureKind::Transport, 1), "{failure}");
}

#[tokio::test]
async fn a_silent_server_is_given_up() {
    let stage = Stage::playing(vec![Play::Silence, detectors()]);
    let client = stage.client_over_tcp(Deadlines { attempt: Duration::from_millis(300), ..soon() }).await;
    list_detectors(&client).await.unwrap();
    assert_eq!(stage.count(LIST), 2);
}

#[tokio::test]
async fn a_reply_without_end_is_refused() {
    let stage = Stage::playing(vec![Play::Long(65 * 1024 * 1024)]);
    let client = stage.client_over_tcp(Deadlines { attempt: Duration::from_mins(1), ..soon() }).await;
    let failure = list_detectors(&client).await.unwrap_err();
    assert_eq!((failure.kind, failure.code.as_str()), (FailureKind::Fault, "ReplyTooLong"), "{failure}");
    assert_eq!(stage.count(LIST), 1);
}

#[tokio::test]
async fn what_never_left_may_be_sent_again() {
    // Nobody listens on a port that was just given back.
    let origin = {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        format!("http://{}", listener.local_addr().unwrap())
    };
    let client = connected_to(origin, Deadlines { fault: Duration::from_millis(600), ..soon() });
    let failure = create_account(&client).await.unwrap_err();
    assert_eq!((failure.kind, failure.code.as_str()), (FailureKind::Transport, "NotReached"), "{failure}");
    assert_eq!(client.stats().retries, 1);
}

#[tokio::test]
async fn a_web_page_is_no_answer() {
    let stage = Stage::playing(vec![reply(404, "<!doctype html><title>404 Not Found</title>")]);
    let client = stage.client_over_tcp(soon()).await;
    let failure = call(&client, MANAGEMENT, "s3", "GetBucketPolicy", json!({"Bucket": "b"})).await.unwrap_err();
    assert_eq!((failure.kind, failure.code.as_str()), (FailureKind::Fault, "NotAws"), "{failure}");
    assert_eq!(stage.count("GET /b?policy"), 1);
}
