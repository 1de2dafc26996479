//! Runs recorded from the stage, and answered again without it.

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use dodai_facts::{Failure, FailureKind};
use futures::StreamExt as _;
use serde_json::{Value, json};

use super::stage::{MANAGEMENT, MEMBER, Seen, Stage, call, reply, sts, throttle};
use crate::{Client, Exchanges, Moment, Recorder, RecordingError, Replay, Settings};

const BEGAN: u64 = 1_790_000_000;

struct Recording {
    folder: tempfile::TempDir,
    recorder: Arc<Recorder>,
}

impl Recording {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let now = UNIX_EPOCH + Duration::from_millis(BEGAN * 1000 + 250);
        let recorder = Arc::new(Recorder::create(&folder.path().join("r.jsonl"), now).unwrap());
        Self { folder, recorder }
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("r.jsonl")
    }

    fn client(&self, stage: &Stage) -> Client {
        stage.client_with(|settings| settings.exchanges = Exchanges::Recorded(Arc::clone(&self.recorder)))
    }

    fn lines(&self) -> Vec<Value> {
        let text = std::fs::read_to_string(self.path()).unwrap();
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    async fn replay(&self) -> Client {
        self.recorder.finish().unwrap();
        let mut settings = Settings::new("us-east-1".parse().unwrap());
        settings.exchanges = Exchanges::Replayed(Arc::new(Replay::open(&self.path()).unwrap()));
        Client::connect(settings).await
    }
}

/// Three pages, whose tokens look like what is redacted.
fn pages(seen: &Seen) -> Option<super::stage::Play> {
    let token = |page: u8| format!("eyJhbGciOiJub25lIn0.eyJwYWdlIjo{page}fQ.c2lnbmF0dXJl{page}");
    if !seen.call.starts_with("GET /detector") {
        return None;
    }
    let page = (1..=2).rev().find(|page| seen.call.contains(&token(*page))).unwrap_or(0);
    let next = (page < 2).then(|| token(page + 1));
    Some(reply(200, json!({"detectorIds": [format!("d{page}")], "nextToken": next})))
}

async fn detectors(client: &Client) -> Vec<Result<Value, Failure>> {
    let (account, region) = (MEMBER.parse().unwrap(), "us-east-1".parse().unwrap());
    let params = json!({});
    let pages: Vec<_> = client.pages(&account, &region, "guardduty", "ListDetectors", &params).collect().await;
    let ids = |page: Value| page["DetectorIds"].clone();
    pages.into_iter().map(|page| page.map(ids)).collect()
}

#[tokio::test(start_paused = true)]
async fn a_replay_answers_as_the_recorded_run_did() {
    let turns = std::sync::atomic::AtomicUsize::new(0);
    let stage = Stage::new(move |seen| {
        sts(seen).or_else(|| pages(seen)).unwrap_or_else(|| {
            match (seen.call.as_str(), turns.fetch_add(1, std::sync::atomic::Ordering::SeqCst)) {
                (_, 0) => throttle(),
                ("DescribeCreateAccountStatus", 1) => {
                    reply(200, json!({"CreateAccountStatus": {"State": "IN_PROGRESS"}}))
                }
                ("DescribeCreateAccountStatus", _) => {
                    reply(200, json!({"CreateAccountStatus": {"State": "SUCCEEDED"}}))
                }
                _ => reply(400, json!({"__type": "AccessDeniedException", "message": "no: password=hunter2"})),
            }
        })
    });
    let recording = Recording::new();
    let live = recording.client(&stage);
    let status = json!({"CreateAccountRequestId": "car-12345678"});
    let poll = |client: Client, status: Value| async move {
        let reply = call(&client, MANAGEMENT, "organizations", "DescribeCreateAccountStatus", status).await;
        reply.unwrap()["CreateAccountStatus"]["State"].clone()
    };
    let identity = live.identity().await;
    let listed = detectors(&live).await;
    assert_eq!(listed, [Ok(json!(["d0"])), Ok(json!(["d1"])), Ok(json!(["d2"]))]);
    assert_eq!(poll(live.clone(), status.clone()).await, "IN_PROGRESS");
    assert_eq!(poll(live.clone(), status.clone()).await, "SUCCEEDED");
    let denied = call(&live, MANAGEMENT, "kms", "ListKeys", json!({})).await;
    let nowhere = call(&live, MANAGEMENT, "kms", "NoSuchOperation", json!({})).await;

    let lines = recording.lines();
    assert_eq!(lines[0]["format"], "dodai recording");
    let throttled = lines.iter().find(|line| line["operation"] == "DescribeCreateAccountStatus").unwrap();
    assert_eq!(throttled["attempts"], 2);
    assert_eq!(throttled["earlier"], json!([{"status": 400, "code": "TooManyRequestsException"}]));
    assert!(throttled["ms"].as_u64().unwrap() >= 250, "{throttled}");
    let text = std::fs::read_to_string(recording.path()).unwrap();
    for secret in ["c2lnbmF0dXJl", "hunter2", "topsecret", "AWS4-HMAC", &format!("KEY{MEMBER}")] {
        assert!(!text.contains(secret), "{secret}: {text}");
    }
    let refused = lines.iter().find(|line| line["operation"] == "ListKeys").unwrap();
    assert_eq!(refused["error"]["status"], 400, "{refused}");

    let before = stage.seen.lock().unwrap().len();
    let replay = recording.replay().await;
    assert_eq!(replay.identity().await, identity);
    assert_eq!(detectors(&replay).await, listed);
    assert_eq!(detectors(&replay).await, listed, "the last answers repeat");
    assert_eq!(poll(replay.clone(), status.clone()).await, "IN_PROGRESS");
    assert_eq!(poll(replay.clone(), status.clone()).await, "SUCCEEDED");
    assert_eq!(poll(replay.clone(), status).await, "SUCCEEDED");
    let replayed = call(&replay, MANAGEMENT, "kms", "ListKeys", json!({})).await;
    let without_secret = |failure: &Failure| (failure.kind, failure.code.clone(), failure.region.clone());
    assert_eq!(replayed.as_ref().map_err(without_secret), denied.as_ref().map_err(without_secret));
    assert_eq!(call(&replay, MANAGEMENT, "kms", "NoSuchOperation", json!({})).await, nowhere);

    for (account, operation, params) in [
        (MANAGEMENT, "ListKeys", json!({"Limit": 5})),
        (MANAGEMENT, "ListAliases", json!({})),
        (MEMBER, "ListKeys", json!({})),
        ("777788889999", "ListKeys", json!({})),
    ] {
        let failure = call(&replay, account, "kms", operation, params).await.unwrap_err();
        assert_eq!((failure.code.as_str(), failure.kind), ("NotRecorded", FailureKind::Transport), "{failure}");
    }
    assert_eq!(stage.seen.lock().unwrap().len(), before, "a replay asks nobody");
}

#[tokio::test(start_paused = true)]
async fn a_call_without_an_endpoint_fails_the_same_way_on_a_replay() {
    let stage = Stage::new(|seen| sts(seen).unwrap_or_else(throttle));
    let recording = Recording::new();
    let live = recording.client(&stage);
    // An S3 bucket's name that no endpoint rule takes.
    let params = json!({"Bucket": "arn:aws:s3:us-east-1:111122223333:nothing:x"});
    let failure = call(&live, MEMBER, "s3", "GetBucketPolicy", params.clone()).await.unwrap_err();
    assert_eq!(failure.code, "NoEndpoint");
    assert_eq!(recording.lines()[1]["attempts"], 0);
    let replay = recording.replay().await;
    assert_eq!(call(&replay, MEMBER, "s3", "GetBucketPolicy", params).await.unwrap_err(), failure);
}

#[test]
fn a_recording_is_new_and_its_owner_s_alone() {
    let recording = Recording::new();
    let mode = std::fs::metadata(recording.path()).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let again = Recorder::create(&recording.path(), SystemTime::now());
    assert!(matches!(again, Err(RecordingError::Exists(_))), "{again:?}");
    let moment = Replay::open(&recording.path()).unwrap().moment();
    assert_eq!(moment, recording.recorder.moment());
    assert_eq!(moment, Moment { began: UNIX_EPOCH + Duration::from_secs(BEGAN), number: moment.number });
}

#[test]
fn a_file_that_is_no_whole_recording_is_refused_with_its_line() {
    let recording = Recording::new();
    let header = std::fs::read_to_string(recording.path()).unwrap();
    let line = r#"{"account":"111122223333","region":"us-east-1","service":"kms","operation":"ListKeys","params":{},"reply":{},"attempts":1,"ms":1}"#;
    let whole = format!("{header}{line}\n");
    let other = whole.replace("\"version\":1", "\"version\":2");
    let cases: Vec<(Vec<u8>, &str)> = vec![
        (whole.clone().into_bytes(), ""),
        (Vec::new(), "line 1: the file is empty"),
        (b"\x7fELF\x00\xff\n".to_vec(), "line 1: this is no recording: it does not begin with a recording's header"),
        (b"{}\n".to_vec(), "line 1: this is no recording: it does not begin with a recording's header"),
        (header.trim().as_bytes().to_vec(), "line 1: the line ends in the middle: the recording was cut off here"),
        (other.into_bytes(), "line 1: the recording is of version 2; this program reads 1"),
        (whole.replace("2026-", "x").into_bytes(), "is not a time"),
        (
            format!("{whole}{}", &line[..50]).into_bytes(),
            "line 3: the line ends in the middle: the recording was cut off here",
        ),
        (format!("{whole}\n").into_bytes(), "line 3: EOF while parsing a value (column 0)"),
        ([whole.as_bytes(), b"\xff\xfe\n"].concat(), "line 3: expected value (column 1)"),
        (whole.replace("\"reply\":{},", "").into_bytes(), "line 2: an exchange has either `reply` or `error`"),
        (whole.replace("us-east-1", "no where").into_bytes(), "line 2: "),
        (
            whole.replace("\"ms\":1", "\"ms\":-1").into_bytes(),
            "line 2: invalid value: integer `-1`, expected u64 (column ",
        ),
    ];
    for (bytes, expected) in cases {
        let path = recording.folder.path().join("case.jsonl");
        std::fs::write(&path, &bytes).unwrap();
        let told = Replay::open(&path).err().map(|error| error.to_string()).unwrap_or_default();
        let shown = String::from_utf8_lossy(&bytes).into_owned();
        assert!(told.contains(expected) && told.is_empty() == expected.is_empty(), "{shown}\n{told}");
    }
    let missing = Replay::open(Path::new("/nonexistent/r.jsonl")).unwrap_err().to_string();
    assert!(missing.starts_with("`/nonexistent/r.jsonl`: No such file"), "{missing}");
    assert!(Replay::open(recording.folder.path()).is_err(), "a folder");
}

/// A long line is refused once it is longer than a reply can be, and not read to its end.
#[test]
fn a_line_without_an_end_is_not_read_into_memory() {
    let recording = Recording::new();
    let path = recording.folder.path().join("long.jsonl");
    std::fs::copy(recording.path(), &path).unwrap();
    let file = std::fs::OpenOptions::new().append(true).open(&path).unwrap();
    // A hole: it takes no room on the disk.
    file.set_len(2 << 30).unwrap();
    let told = Replay::open(&path).unwrap_err().to_string();
    assert!(told.ends_with("line 2: the line is longer than 128 MB"), "{told}");
}
