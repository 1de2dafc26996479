//! The testbed at scale: an organization of thousands of accounts, answered from what was recorded of a few, after a
//! given latency, at the published rates. For measurements: no moto, and nothing that changes.
//!
//! A call for which nothing was recorded is refused and counted: an empty reply would measure another run.

mod crowd;
mod quotas;
mod recording;

use std::collections::{BTreeMap, HashMap};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::Duration;

use bytes::Bytes;
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::call::Call;
use crate::faults;
use crate::pipeline::lock;
use crate::reply::{AwsError, Reply};

use crowd::Crowd;
use quotas::Quotas;
pub(crate) use recording::Recorder;
use recording::{Exchange, key};

/// What a scale file says, in JSON.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Form {
    /// What [`Recorder`] wrote.
    recording: PathBuf,
    latency_ms: u64,
    /// The published rates, in the form of `crates/api/limits.yaml`; without it there are none.
    limits: Option<PathBuf>,
    /// Account ids, and the recorded account that each is like.
    members: HashMap<String, String>,
}

/// A reply as it was recorded, and where the recorded account's id stands in it.
#[derive(Debug)]
struct Canned {
    reply: Reply,
    places: Vec<usize>,
}

#[derive(Debug)]
pub(crate) struct Scale {
    latency: Duration,
    crowd: Crowd,
    replies: HashMap<String, Canned>,
    quotas: Mutex<Quotas>,
    /// Calls that were not recorded, with counts.
    missing: Mutex<BTreeMap<String, u64>>,
}

impl Scale {
    /// Reads a scale file and what it names.
    pub(crate) fn open(file: &Path) -> io::Result<Self> {
        let text = std::fs::read_to_string(file)?;
        let form: Form = serde_json::from_str(&text).map_err(|error| named(file, &error))?;
        let quotas = match &form.limits {
            None => Quotas::none(),
            Some(limits) => Quotas::parse(&std::fs::read_to_string(limits)?).map_err(|error| named(limits, &error))?,
        };
        let exchanges = recording::read(&form.recording)?;
        Ok(Self::new(exchanges, Crowd::new(form.members), quotas, Duration::from_millis(form.latency_ms)))
    }

    fn new(exchanges: Vec<Exchange>, crowd: Crowd, quotas: Quotas, latency: Duration) -> Self {
        let replies = exchanges.into_iter().map(|exchange| {
            let places = crowd::places(&exchange.reply.body);
            (exchange.key, Canned { reply: exchange.reply, places })
        });
        let replies = replies.collect();
        Self { latency, crowd, replies, quotas: Mutex::new(quotas), missing: Mutex::default() }
    }

    pub(crate) async fn answer(&self, call: &Call) -> Result<Reply, AwsError> {
        let in_time = lock(&self.quotas).take(call, Instant::now());
        tokio::time::sleep(self.latency).await;
        if in_time { self.reply(call) } else { Err(faults::throttled(call)) }
    }

    fn reply(&self, call: &Call) -> Result<Reply, AwsError> {
        if call.service == "sts" && call.operation == "AssumeRole" {
            return assume_role(call);
        }
        let own = key(call);
        if let Some(canned) = self.replies.get(&own) {
            return Ok(canned.reply.clone());
        }
        if let Some((account, like)) = self.crowd.asked_for(call)
            && let Some(canned) = self.replies.get(&own.replace(account, like))
        {
            let body = crowd::replace(&canned.reply.body, &canned.places, like, account);
            return Ok(Reply { body: Bytes::from(body), ..canned.reply.clone() });
        }
        *lock(&self.missing).entry(own.replace('\u{1f}', " ")).or_default() += 1;
        Err(AwsError::new(400, "NotRecorded", "nothing was recorded for this call"))
    }

    /// What was asked since the last time that it was forgotten.
    pub(crate) fn report(&self) -> Value {
        let mut report = lock(&self.quotas).report();
        report["missing"] = json!(*lock(&self.missing));
        report
    }

    pub(crate) fn forget(&self) {
        lock(&self.quotas).forget();
        lock(&self.missing).clear();
    }
}

fn named(file: &Path, error: &dyn std::fmt::Display) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, format!("{}: {error}", file.display()))
}

/// A session of any role in any account, under a key that tells which.
fn assume_role(call: &Call) -> Result<Reply, AwsError> {
    let role = call.required("RoleArn")?;
    let account = role.split(':').nth(4).unwrap_or_default();
    let name = role.rsplit('/').next().unwrap_or_default();
    Ok(Reply::xml(format!(
        "<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>ASIA{account}</AccessKeyId>\
         <SecretAccessKey>secret</SecretAccessKey><SessionToken>token</SessionToken>\
         <Expiration>2099-01-01T00:00:00Z</Expiration></Credentials><AssumedRoleUser>\
         <AssumedRoleId>AROA{account}:scale</AssumedRoleId>\
         <Arn>arn:aws:sts::{account}:assumed-role/{name}/scale</Arn></AssumedRoleUser></AssumeRoleResult>\
         <ResponseMetadata><RequestId>0</RequestId></ResponseMetadata></AssumeRoleResponse>"
    )))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::behaviours::tests::call;

    const LIKE: &str = "111111111111";

    fn scale(quotas: &str) -> Scale {
        let mut recorder = Recorder::default();
        let made_by = |account: &str, service: &str, operation: &str, params: Value| {
            let mut call = call(service, operation, params);
            call.account = account.parse().unwrap();
            call
        };
        let bucket = json!({"Bucket": format!("logs-{LIKE}")});
        let reply = Reply::json(&json!({"Arn": format!("arn:aws:s3:::logs-{LIKE}"), "Other": "2111111111113"}));
        recorder.record(&made_by(LIKE, "guardduty", "GetDetector", bucket), &reply);
        let roots = Reply::json(&json!({"Roots": [LIKE]}));
        recorder.record(&made_by("123456789012", "organizations", "ListRoots", json!({})), &roots);
        let tags = Reply::json(&json!({"Tags": []}));
        let of = json!({"ResourceId": LIKE});
        recorder.record(&made_by("123456789012", "organizations", "ListTagsForResource", of), &tags);
        let members = [("222222222222", LIKE), ("333333333333", LIKE)];
        let members = members.iter().map(|(id, like)| ((*id).to_owned(), (*like).to_owned())).collect();
        let exchanges = recording::parse(&recorder.text()).unwrap();
        Scale::new(exchanges, Crowd::new(members), Quotas::parse(quotas).unwrap(), Duration::ZERO)
    }

    const SLOW: &str = "{default: {rate: 1000, burst: 1000}, services: {organizations: {operations: {ListRoots: {rate: 0.001, burst: 1}}}}}";

    #[tokio::test]
    async fn a_member_is_answered_as_the_account_that_it_is_like() {
        let scale = scale(SLOW);
        let ask = async |account: &str, service: &str, operation: &str, params: Value| {
            let mut call = call(service, operation, params);
            call.account = account.parse().unwrap();
            match scale.answer(&call).await {
                Ok(reply) => reply.value(),
                Err(error) => json!(error.code),
            }
        };
        let of = |account: &str| json!({"Bucket": format!("logs-{account}")});
        let own = ask(LIKE, "guardduty", "GetDetector", of(LIKE)).await;
        assert_eq!(own["Arn"], json!("arn:aws:s3:::logs-111111111111"));
        let other = ask("222222222222", "guardduty", "GetDetector", of("222222222222")).await;
        assert_eq!(other["Arn"], json!("arn:aws:s3:::logs-222222222222"));
        // Digits within a longer number are no account id.
        assert_eq!(other["Other"], json!("2111111111113"));
        let tags = ask("123456789012", "organizations", "ListTagsForResource", json!({"ResourceId": "333333333333"}));
        assert_eq!(tags.await, json!({"Tags": []}));
        // The organization's own lists are as they were recorded, once: the rate allows no more.
        let list = ask("123456789012", "organizations", "ListRoots", json!({})).await;
        assert_eq!(list, json!({"Roots": [LIKE]}));
        let again = ask("123456789012", "organizations", "ListRoots", json!({})).await;
        assert_eq!(again, json!("TooManyRequestsException"));
        // Neither a stranger nor another call is answered with nothing.
        for (account, operation) in [("444444444444", "GetDetector"), (LIKE, "ListDetectors")] {
            assert_eq!(ask(account, "guardduty", operation, of(account)).await, json!("NotRecorded"));
        }
        let report = scale.report();
        assert_eq!(report["missing"].as_object().unwrap().len(), 2, "{report}");
        assert_eq!((&report["calls"], &report["throttled"]), (&json!(6), &json!(1)), "{report}");
        scale.forget();
        assert_eq!(scale.report()["calls"], json!(0));
    }

    #[tokio::test]
    async fn any_role_of_a_member_can_be_assumed() {
        let scale = scale(SLOW);
        let role = json!({"RoleArn": "arn:aws:iam::222222222222:role/a/Role", "RoleSessionName": "s"});
        let reply = scale.answer(&call("sts", "AssumeRole", role)).await.unwrap().text();
        assert_eq!(crate::reply::tag(&reply, "AccessKeyId").as_deref(), Some("ASIA222222222222"));
    }

    #[test]
    fn a_scale_file_that_cannot_be_read_is_named() {
        let error = Scale::open(Path::new("/no/such/file")).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::NotFound);
    }
}
