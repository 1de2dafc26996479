//! Changes that are seen late: for some time after a change, reads of its service in its account and Region answer what
//! they would have answered before. Follows "Eventual consistency in the Amazon EC2 API" and "Changes that I make are
//! not always immediately visible" of the IAM User Guide; "Amazon S3 data consistency model": objects are seen at once,
//! the settings of buckets late.
//!
//! The past is not computed but remembered: a read is answered late only if the very same read was answered in the state
//! that is still visible. So a new thing may also be seen at once, as with AWS.

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use bytes::Bytes;
use http::Method;
use tokio::time::Instant;

use crate::call::Call;
use crate::reply::{AwsError, Reply};

/// Operations on objects of S3, and on what is not kept anywhere.
const AT_ONCE: [&str; 6] =
    ["GetObject", "GetObjectAttributes", "HeadObject", "ListObjectVersions", "ListObjects", "ListObjectsV2"];
/// Answers that are remembered of one read.
const REMEMBERED: usize = 8;

type Outcome = Result<Reply, AwsError>;

/// What changes are counted by.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Place {
    service: String,
    account: String,
    region: String,
}

/// One read, however often it is made.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Question {
    place: Place,
    operation: String,
    method: Method,
    target: String,
    body: Bytes,
}

/// The changes of a place: how many there were, and when those came about that are not visible yet.
#[derive(Debug, Default)]
struct Changes {
    visible: u64,
    hidden: VecDeque<Instant>,
}

impl Changes {
    fn made(&self) -> u64 {
        self.visible + u64::try_from(self.hidden.len()).unwrap_or(u64::MAX)
    }

    /// How many changes are visible now.
    fn visible(&mut self, after: Duration, now: Instant) -> u64 {
        while self.hidden.front().is_some_and(|made| *made + after <= now) {
            self.hidden.pop_front();
            self.visible += 1;
        }
        self.visible
    }
}

/// What the past answers, or what its own answer will be of use for.
#[derive(Debug)]
pub(crate) enum Look {
    /// Not delayed.
    Now,
    /// The state that is still visible.
    Past(Outcome),
    /// The state after so many changes, to be handed to [`Visibility::learn`].
    Present(u64),
}

/// Answers of the past.
#[derive(Debug, Default)]
pub(crate) struct Visibility {
    /// How long changes stay hidden.
    after: Option<Duration>,
    changes: HashMap<Place, Changes>,
    /// By the number of changes in whose state they were given, oldest first.
    answers: HashMap<Question, VecDeque<(u64, Outcome)>>,
}

impl Visibility {
    /// Begins anew: everything up to now is visible.
    pub(crate) fn new(after: Option<Duration>) -> Self {
        Self { after, ..Self::default() }
    }

    /// Before a call is carried out.
    pub(crate) fn look(&mut self, call: &Call) -> Look {
        let Some(after) = self.after.filter(|_| is_delayed(call)) else { return Look::Now };
        let changes = self.changes.entry(place(call)).or_default();
        let (visible, made) = (changes.visible(after, Instant::now()), changes.made());
        if visible < made
            && !call.is_mutating()
            && let Some(answers) = self.answers.get(&question(call))
            && let Some((_, outcome)) = answers.iter().find(|(number, _)| *number == visible)
        {
            return Look::Past(outcome.clone());
        }
        Look::Present(made)
    }

    /// After a call was carried out that began when there were `began` changes.
    pub(crate) fn learn(&mut self, call: &Call, began: u64, outcome: &Outcome) {
        let changes = self.changes.entry(place(call)).or_default();
        if call.is_mutating() {
            if outcome.as_ref().is_ok_and(Reply::is_success) {
                changes.hidden.push_back(Instant::now());
            }
            return;
        }
        // A read during which something changed belongs to neither state.
        if changes.made() == began {
            let answers = self.answers.entry(question(call)).or_default();
            answers.retain(|(number, _)| *number != began);
            answers.push_back((began, outcome.clone()));
            if answers.len() > REMEMBERED {
                answers.pop_front();
            }
        }
    }
}

fn is_delayed(call: &Call) -> bool {
    call.service != "sts" && !(call.service == "s3" && AT_ONCE.contains(&call.operation.as_str()))
}

fn place(call: &Call) -> Place {
    Place {
        service: call.service.clone(),
        account: call.account.as_str().to_owned(),
        region: call.region.as_str().to_owned(),
    }
}

fn question(call: &Call) -> Question {
    Question {
        place: place(call),
        operation: call.operation.clone(),
        method: call.method.clone(),
        target: call.target.clone(),
        body: call.body.clone(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::behaviours::tests::call;

    /// A place whose state is one number, seen through `Visibility`.
    struct Seen {
        visibility: Visibility,
        number: u32,
    }

    impl Seen {
        fn change(&mut self, service: &str) {
            let put = call(service, "PutNumber", json!({}));
            let Look::Present(began) = self.visibility.look(&put) else { panic!("a change is carried out") };
            self.number += 1;
            self.visibility.learn(&put, began, &Ok(Reply::empty(200)));
        }

        fn read(&mut self, operation: &str) -> String {
            let get = call("config", operation, json!({}));
            match self.visibility.look(&get) {
                Look::Past(reply) => reply.unwrap().text(),
                Look::Now => self.number.to_string(),
                Look::Present(began) => {
                    let reply = Ok(Reply::xml(self.number.to_string()));
                    self.visibility.learn(&get, began, &reply);
                    self.number.to_string()
                }
            }
        }
    }

    fn seen(after: Option<u64>) -> Seen {
        Seen { visibility: Visibility::new(after.map(Duration::from_secs)), number: 0 }
    }

    #[tokio::test(start_paused = true)]
    async fn a_change_is_seen_when_its_time_has_come() {
        let mut place = seen(Some(3));
        assert_eq!(place.read("GetNumber"), "0");
        place.change("config");
        assert_eq!(place.read("GetNumber"), "0", "the answer from before the change");
        assert_eq!(place.read("ListNumbers"), "1", "never asked before: there is no past answer");
        tokio::time::advance(Duration::from_secs(2)).await;
        place.change("config");
        assert_eq!(place.read("GetNumber"), "0");
        assert_eq!(place.read("ListNumbers"), "2");
        tokio::time::advance(Duration::from_secs(1)).await;
        // The first change is visible, the second not yet; only one of the reads was made between them.
        assert_eq!(place.read("ListNumbers"), "1");
        assert_eq!(place.read("GetNumber"), "2");
        tokio::time::advance(Duration::from_secs(2)).await;
        assert_eq!((place.read("ListNumbers"), place.read("GetNumber")), ("2".to_owned(), "2".to_owned()));
    }

    #[tokio::test(start_paused = true)]
    async fn other_services_and_refused_changes_hide_nothing() {
        let mut place = seen(Some(3));
        place.read("GetNumber");
        place.change("guardduty");
        assert_eq!(place.read("GetNumber"), "1");
        let put = call("config", "PutNumber", json!({}));
        let Look::Present(began) = place.visibility.look(&put) else { panic!() };
        place.visibility.learn(&put, began, &Err(AwsError::new(400, "ValidationException", "")));
        place.number += 1;
        assert_eq!(place.read("GetNumber"), "2");

        let mut undelayed = seen(None);
        undelayed.read("GetNumber");
        undelayed.number += 1;
        assert_eq!(undelayed.read("GetNumber"), "1");
    }

    #[tokio::test(start_paused = true)]
    async fn a_read_during_a_change_is_not_remembered() {
        let mut place = seen(Some(3));
        let get = call("config", "GetNumber", json!({}));
        let Look::Present(began) = place.visibility.look(&get) else { panic!() };
        place.change("config");
        place.visibility.learn(&get, began, &Ok(Reply::xml("half")));
        assert_eq!(place.read("GetNumber"), "1");
    }

    #[test]
    fn objects_and_sessions_are_seen_at_once() {
        let delayed = |service: &str, operation: &str| is_delayed(&call(service, operation, json!({})));
        assert!(delayed("s3", "GetBucketPolicy") && delayed("iam", "GetRole"));
        assert!(!delayed("s3", "GetObject") && !delayed("s3", "ListObjectsV2") && !delayed("sts", "GetCallerIdentity"));
    }
}
