//! One change, call by call: fill in what earlier replies said, note, send, wait, note again. No mutating
//! call is repeated unless AWS said that it did nothing, or `find` has seen that it did nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use dodai_baseline::{Change, Plan};
use dodai_facts::{Call, Failure, FailureKind, Find, Reference, ReferenceError};
use futures::TryStreamExt;
use serde_json::Value;
use tokio::time::Instant;

use crate::journal::fingerprint;
use crate::{Ended, Event, Execution, Failed, JournalError, reply};

/// How long `find` is asked for something that may be there: AWS shows new things late.
const FIND_WITHIN: Duration = Duration::from_secs(15);
/// For how long a call is sent again after `find` saw that it was not carried out.
const RESEND_WITHIN: Duration = Duration::from_mins(2);

/// The calls of a plan's changes, and what their replies gave so far.
pub(crate) struct Steps<'a> {
    with: &'a Execution<'a>,
    ids: BTreeSet<&'a str>,
    /// The paths that references point to, by change and call.
    wanted: BTreeMap<(String, usize), BTreeSet<String>>,
    values: Mutex<BTreeMap<(String, usize), BTreeMap<String, Value>>>,
    /// Why nothing more is sent, once the journal cannot be written.
    broken: Mutex<Option<String>>,
}

/// One call of a change that is running.
#[derive(Clone, Copy)]
struct Step<'a> {
    change: &'a Change,
    number: usize,
    call: &'a Call,
}

/// Why a change ends before its last call.
enum Break {
    Failed(Failed),
    Stopped(String),
}

/// Pauses between repetitions: 1 s, growing by half to 10 s, never past the end.
#[derive(Debug)]
pub(crate) struct Pauses {
    begun: Instant,
    next: Duration,
}

impl Pauses {
    pub(crate) fn new() -> Self {
        Self { begun: Instant::now(), next: Duration::from_secs(1) }
    }

    /// The next pause; none when the time is over.
    pub(crate) fn next(&mut self, within: Duration) -> Option<Duration> {
        let left = within.checked_sub(self.begun.elapsed()).filter(|left| !left.is_zero())?;
        let pause = self.next.min(left);
        self.next = self.next.mul_f64(1.5).min(Duration::from_secs(10));
        Some(pause)
    }
}

impl<'a> Steps<'a> {
    pub(crate) fn new(plan: &'a Plan, with: &'a Execution<'a>) -> Self {
        let mut wanted: BTreeMap<(String, usize), BTreeSet<String>> = BTreeMap::new();
        let calls = plan.changes.iter().flat_map(|change| &change.calls);
        // A reference that cannot be read makes its change fail when it is filled in.
        for reference in calls.filter_map(|call| call.references().ok()).flatten() {
            wanted.entry((reference.change, reference.call)).or_default().insert(reference.path);
        }
        Self {
            with,
            ids: plan.changes.iter().map(|change| change.id.as_str()).collect(),
            wanted,
            values: Mutex::default(),
            broken: Mutex::default(),
        }
    }

    /// Why no further call may be sent.
    pub(crate) fn halt(&self) -> Option<String> {
        let broken = self.broken.lock().unwrap_or_else(PoisonError::into_inner).clone();
        broken.or_else(|| self.with.stop.is_asked().then(|| "interrupted".to_owned())).or_else(|| self.with.lock.lost())
    }

    pub(crate) fn stopped(&self) -> Option<Ended> {
        self.halt().map(Ended::Stopped)
    }

    pub(crate) async fn run(&self, change: &Change) -> Ended {
        (self.with.on)(Event::Started { change });
        for (number, call) in change.calls.iter().enumerate() {
            let step = Step { change, number, call };
            let result = match self.fill(step, &call.params) {
                Ok(params) if is_reading(&call.operation) => self.read(step, &params).await,
                Ok(params) => self.write(step, &params).await,
                Err(failed) => Err(failed),
            };
            match result {
                Ok(()) => {}
                Err(Break::Failed(failed)) => return Ended::Failed(failed),
                Err(Break::Stopped(why)) => return Ended::Stopped(why),
            }
        }
        self.with.journal.close(change);
        Ended::Done
    }

    /// A call that changes nothing may be repeated at will.
    async fn read(&self, step: Step<'_>, params: &Value) -> Result<(), Break> {
        let call = step.call;
        let mut pauses = Pauses::new();
        loop {
            self.may_call()?;
            let (why, within) = match self.send(call, params).await {
                Ok(reply) => match step.until(&reply)? {
                    None => return self.keep(step, &reply).await,
                    Some(not_yet) => not_yet,
                },
                Err(failure) if call.already.contains(&failure.code) => return self.keep(step, &Value::Null).await,
                Err(failure) => match (not_yet(call, &failure), &call.until) {
                    (Some(within), _) => (failure.code.clone(), within),
                    // What polls for minutes survives a fault on the way.
                    (None, Some(until)) if is_passing(failure.kind) => (failure.to_string(), until.within),
                    (None, _) => return Err(step.failed(failure, false)),
                },
            };
            self.wait(step, &mut pauses, &why, within).await?;
        }
    }

    /// A call that changes something: noted before and after, and sent again only where that does no harm.
    async fn write(&self, step: Step<'_>, params: &Value) -> Result<(), Break> {
        let Step { change, number, call } = step;
        let print = fingerprint(call, params);
        let mut pauses = Pauses::new();
        let name = call.name();
        let mut maybe_sent = self.with.past.sent(&change.id, &name, &print) || self.with.journal.has_sent(&print);
        let begun = Instant::now();
        let mut resent = false;
        loop {
            self.may_call()?;
            if let Some(find) = call.find.as_ref().filter(|_| maybe_sent) {
                if let Some(reply) = self.find(step, find).await? {
                    return self.keep(step, &reply).await;
                }
                // Nothing of it is there, so sending it once more makes no second one.
                maybe_sent = false;
            }
            self.noted(self.with.journal.sent(&change.id, number, &name, &print).await)?;
            let failure = match self.send(call, params).await {
                Ok(reply) => match step.until(&reply)? {
                    None => return self.keep(step, &reply).await,
                    // INVARIANT: `until` stands only on calls that do no harm when they are repeated.
                    Some((why, within)) => {
                        self.wait(step, &mut pauses, &why, within).await?;
                        continue;
                    }
                },
                Err(failure) => failure,
            };
            if call.already.contains(&failure.code) {
                let reply = match &call.find {
                    Some(find) if self.wanted.contains_key(&step.key()) => {
                        self.find(step, find).await?.unwrap_or(Value::Null)
                    }
                    _ => Value::Null,
                };
                return self.keep(step, &reply).await;
            }
            let unclear = matches!(failure.kind, FailureKind::Transport | FailureKind::Fault);
            let nothing_before = number == 0 && !resent;
            let noted =
                self.with.journal.failed(&change.id, number, &print, &failure.code, unclear, nothing_before).await;
            self.noted(noted)?;
            match (not_yet(call, &failure), &call.until) {
                (Some(within), _) => self.wait(step, &mut pauses, &failure.code, within).await?,
                (None, _) if unclear && call.find.is_some() && begun.elapsed() < RESEND_WITHIN => {
                    resent = true;
                    maybe_sent = true;
                }
                (None, Some(until)) if is_passing(failure.kind) => {
                    self.wait(step, &mut pauses, &failure.to_string(), until.within).await?;
                }
                // What an earlier attempt has done may be why AWS refuses this one: the plan saw a state of before.
                (None, _) => {
                    let done_before = maybe_sent && matches!(failure.kind, FailureKind::Invalid | FailureKind::Absent);
                    return Err(step.failed(failure, unclear || done_before));
                }
            }
        }
    }

    /// Whether a creating call has happened: what it would have replied, if so. Asked for a while: it may have
    /// been carried out a moment ago.
    async fn find(&self, step: Step<'_>, find: &Find) -> Result<Option<Value>, Break> {
        let params = self.fill(step, &find.params)?;
        let mut pauses = Pauses::new();
        loop {
            self.may_call()?;
            let Call { account, region, .. } = step.call;
            let pages = self.with.aws.pages(account, region, &find.service, &find.operation, &params);
            let pages = pages.try_collect().await.map_err(|failure| {
                step.fail(
                    format!("cannot see whether an earlier attempt was carried out: {failure}"),
                    Some(failure),
                    true,
                )
            })?;
            let found = reply::at(&find.take, &reply::joined(pages)).map_err(|why| step.refused(why))?;
            if !found.is_null() {
                return Ok(Some(found));
            }
            let Some(pause) = pauses.next(FIND_WITHIN) else { return Ok(None) };
            self.pause(step, pause, "whether it has already happened").await?;
        }
    }

    /// Keeps what references want of a reply, in memory and in the journal.
    async fn keep(&self, step: Step<'_>, reply: &Value) -> Result<(), Break> {
        let clean = dodai_api::without_secrets(&step.call.service, &step.call.operation, reply);
        let (mut kept, mut written) = (BTreeMap::new(), BTreeMap::new());
        for path in self.wanted.get(&step.key()).into_iter().flatten() {
            let value = reply::at(path, reply).map_err(|why| step.refused(why))?;
            if !value.is_null() {
                // What a recording would not have stays in memory.
                if reply::at(path, &clean).is_ok_and(|clean| clean == value) {
                    written.insert(path.clone(), value.clone());
                }
                kept.insert(path.clone(), value);
            }
        }
        if !kept.is_empty() || !is_reading(&step.call.operation) {
            self.noted(self.with.journal.done(&step.change.id, step.number, &written).await)?;
        }
        self.values.lock().unwrap_or_else(PoisonError::into_inner).insert(step.key(), kept);
        Ok(())
    }

    /// `params` with the references filled in: from this run's replies, or an earlier run's where the change
    /// is not part of this plan.
    fn fill(&self, step: Step<'_>, params: &Value) -> Result<Value, Break> {
        let values = self.values.lock().unwrap_or_else(PoisonError::into_inner);
        Reference::fill::<Unfilled>(params, &mut |reference| {
            let found = if self.ids.contains(reference.change.as_str()) {
                let kept = values.get(&(reference.change.clone(), reference.call));
                kept.and_then(|kept| kept.get(&reference.path))
            } else {
                self.with.past.value(reference)
            };
            found.cloned().ok_or_else(|| Unfilled(format!("nothing is known of `{reference}`, which it refers to")))
        })
        .map_err(|Unfilled(why)| step.refused(why))
    }

    async fn send(&self, call: &Call, params: &Value) -> Result<Value, Failure> {
        self.with.aws.call(&call.account, &call.region, &call.service, &call.operation, params).await
    }

    async fn wait(&self, step: Step<'_>, pauses: &mut Pauses, why: &str, within: u32) -> Result<(), Break> {
        match pauses.next(Duration::from_secs(u64::from(within))) {
            Some(pause) => self.pause(step, pause, why).await,
            None => Err(step.refused(format!("still so after {within} seconds: {why}"))),
        }
    }

    async fn pause(&self, step: Step<'_>, pause: Duration, why: &str) -> Result<(), Break> {
        (self.with.on)(Event::Waiting { change: step.change, call: step.number, why });
        self.with.stop.sleep(pause).await;
        self.may_call()
    }

    fn may_call(&self) -> Result<(), Break> {
        self.halt().map_or(Ok(()), |why| Err(Break::Stopped(why)))
    }

    /// What cannot be noted stops everything: nothing may be sent that a later run would not know of.
    fn noted(&self, result: Result<(), JournalError>) -> Result<(), Break> {
        result.map_err(|why| {
            let why = why.to_string();
            let mut broken = self.broken.lock().unwrap_or_else(PoisonError::into_inner);
            Break::Stopped(broken.get_or_insert(why).clone())
        })
    }
}

impl Step<'_> {
    fn key(&self) -> (String, usize) {
        (self.change.id.clone(), self.number)
    }

    /// None when the reply is what the call waits for, else what it says and for how long to go on.
    fn until(&self, reply: &Value) -> Result<Option<(String, u32)>, Break> {
        let Some(until) = &self.call.until else { return Ok(None) };
        let value = reply::at(&until.path, reply).map_err(|why| self.refused(why))?;
        if until.is.contains(&value) {
            return Ok(None);
        }
        let says = format!("`{}` is {value}", until.path);
        if until.fails.contains(&value) {
            let reason = reply::reason(reply).map_or(String::new(), |reason| format!(": {reason}"));
            return Err(self.refused(format!("{says}{reason}")));
        }
        Ok(Some((says, until.within)))
    }

    fn fail(&self, why: String, failure: Option<Failure>, unclear: bool) -> Break {
        let (call, name) = (self.number, self.call.name());
        Break::Failed(Failed { call, name, why, failure: failure.map(Box::new), unclear })
    }

    fn failed(&self, failure: Failure, unclear: bool) -> Break {
        self.fail(failure.to_string(), Some(failure), unclear)
    }

    fn refused(&self, why: String) -> Break {
        self.fail(why, None, false)
    }
}

struct Unfilled(String);

impl From<ReferenceError> for Unfilled {
    fn from(error: ReferenceError) -> Self {
        Self(error.to_string())
    }
}

/// For how many seconds the failure means "not yet", if it does.
fn not_yet(call: &Call, failure: &Failure) -> Option<u32> {
    call.not_yet.as_ref().filter(|not_yet| not_yet.codes.contains(&failure.code)).map(|not_yet| not_yet.within)
}

/// Whether the same call may well work a little later.
pub(crate) fn is_passing(kind: FailureKind) -> bool {
    matches!(kind, FailureKind::Transport | FailureKind::Fault | FailureKind::Throttled)
}

/// Whether an operation changes nothing, by how AWS names such operations.
fn is_reading(operation: &str) -> bool {
    ["Describe", "Get", "List", "BatchGet", "Head", "Lookup", "Search"].iter().any(|verb| {
        operation.strip_prefix(verb).is_some_and(|rest| rest.starts_with(|letter: char| letter.is_ascii_uppercase()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reading_operations_are_known_by_name() {
        for (operation, reading) in [
            ("DescribeCreateAccountStatus", true),
            ("GetDetector", true),
            ("ListTagsForResource", true),
            ("BatchGetStandardsControlAssociations", true),
            ("HeadBucket", true),
            ("PutBucketPolicy", false),
            ("CreateKey", false),
            ("Getaway", false),
            ("Listen", false),
        ] {
            assert_eq!(is_reading(operation), reading, "{operation}");
        }
    }
}
