//! One call with given credentials: paced, sent, read, judged, and sent again while that is worth it.

use std::time::Duration;

use aws_credential_types::Credentials;
use dodai_facts::{Failure, FailureKind, Region};
use dodai_models::partitions;
use serde_json::Value;
use tokio::time::Instant;

use crate::classify;
use crate::client::Inner;
use crate::prepare::{CallName, Prepared, prepare};
use crate::record::{Course, Earlier, Exchanges, refusal_without_secrets};
use crate::retry::{self, Trouble};
use crate::transport::SendError;
use crate::wire::{self, Decoded, Reply};

/// A failure, and whether asking again may help.
#[derive(Debug)]
struct Refused {
    failure: Failure,
    trouble: Trouble,
    /// What AWS asked us to wait.
    after: Option<Duration>,
    /// HTTP; none without a reply.
    status: Option<u16>,
}

/// The answer, and the HTTP status of a refusal.
struct Sent {
    answer: Result<Value, Failure>,
    status: Option<u16>,
    /// The answers before, after which it was asked again.
    earlier: Vec<Earlier>,
}

/// How long one call has been asked for, over all its attempts and sessions.
#[derive(Debug, Default)]
pub(crate) struct Asked {
    first_sent: Option<Instant>,
    retries: u32,
    /// Answers, of whatever kind, and silences.
    pub(crate) attempts: u64,
}

impl Inner {
    /// Makes a call ready. One that cannot be sent is part of a recording too.
    pub(crate) fn prepare(&self, name: CallName, params: &Value) -> Result<Prepared, Failure> {
        let clean = |failure| refusal_without_secrets(failure, params);
        match &self.settings.exchanges {
            Exchanges::Live => prepare(&self.endpoints, name, params).map_err(clean),
            Exchanges::Recorded(recorder) => {
                prepare(&self.endpoints, name.clone(), params).map_err(clean).inspect_err(|failure| {
                    let course = Course { status: None, attempts: 0, earlier: Vec::new(), took: Duration::ZERO };
                    recorder.write(&name, params, Err(failure), &course);
                })
            }
            Exchanges::Replayed(replay) => match replay.never_sent(&name, params) {
                Some(failure) => Err(failure),
                None => prepare(&self.endpoints, name, params),
            },
        }
    }

    /// `params` are the caller's, as they were prepared.
    pub(crate) async fn exchange(
        &self,
        call: &Prepared,
        params: &Value,
        credentials: &Credentials,
    ) -> Result<Value, Failure> {
        self.exchange_since(call, params, credentials, &mut Asked::default()).await
    }

    /// The same for a call that was asked before, with other credentials: its time goes on.
    pub(crate) async fn exchange_since(
        &self,
        call: &Prepared,
        params: &Value,
        credentials: &Credentials,
        asked: &mut Asked,
    ) -> Result<Value, Failure> {
        if asked.first_sent.is_none() {
            self.counters.call();
        }
        match &self.settings.exchanges {
            Exchanges::Live => {
                let answer = self.send(call, credentials, asked).await.answer;
                answer.map_err(|failure| refusal_without_secrets(failure, params))
            }
            Exchanges::Recorded(recorder) => {
                let (start, before) = (Instant::now(), asked.attempts);
                let Sent { answer, status, earlier } = self.send(call, credentials, asked).await;
                let answer = answer.map_err(|failure| refusal_without_secrets(failure, params));
                let attempts = u32::try_from(asked.attempts - before).unwrap_or(u32::MAX);
                let course = Course { status, attempts, earlier, took: start.elapsed() };
                recorder.write(&call.name, params, answer.as_ref(), &course);
                answer
            }
            Exchanges::Replayed(replay) => {
                asked.attempts += 1;
                replay.answer(&call.name, params)
            }
        }
    }

    async fn send(&self, call: &Prepared, credentials: &Credentials, asked: &mut Asked) -> Sent {
        let mut last: Option<Refused> = None;
        let mut earlier = Vec::new();
        loop {
            let turn = self.pace.turn(&call.lane);
            if let (Some(first_sent), Some(refused)) = (asked.first_sent, last.take()) {
                let deadline = retry::deadline(refused.trouble, call.repeatable, &self.settings.deadlines);
                // Others wait before us for longer than this call may take.
                if deadline.is_none_or(|deadline| first_sent.elapsed() + turn > deadline) {
                    self.pace.give_back(&call.lane);
                    return Sent { earlier, ..self.give_up(call, asked, refused) };
                }
                Earlier::note(&mut earlier, &refused.failure.code, refused.status);
                asked.retries += 1;
                self.counters.retry();
            }
            if !turn.is_zero() {
                tokio::time::sleep(turn).await;
            }
            let sent = Instant::now();
            let since = *asked.first_sent.get_or_insert(sent);
            let answer = self.attempt(call, credentials).await;
            asked.attempts += 1;
            let refused = match answer {
                Ok(output) => {
                    self.pace.succeeded(&call.lane);
                    return Sent { answer: Ok(output), status: None, earlier };
                }
                Err(refused) => refused,
            };
            if refused.trouble == Trouble::Throttled {
                self.counters.throttled();
                self.pace.throttled(&call.lane, sent);
            }
            let wait = retry::delay(
                refused.trouble,
                call.repeatable,
                asked.retries,
                since.elapsed(),
                refused.after,
                &self.settings.deadlines,
                fastrand::f64(),
            );
            let Some(wait) = wait else { return Sent { earlier, ..self.give_up(call, asked, refused) } };
            tokio::time::sleep(wait).await;
            last = Some(refused);
        }
    }

    /// The last answer, and why there is no further try. The words are the same for every call that ends so: whoever
    /// lists what could not be read can put them together.
    fn give_up(&self, call: &Prepared, asked: &Asked, refused: Refused) -> Sent {
        let mut failure = refused.failure;
        match retry::deadline(refused.trouble, call.repeatable, &self.settings.deadlines) {
            Some(deadline) if asked.retries > 0 => {
                let seconds = deadline.as_secs_f64();
                failure.message = format!("{} (asked again for {seconds} s, then given up)", failure.message);
            }
            None if refused.trouble == Trouble::Unclear => {
                failure.message.push_str(" (not sent again: it may have been done)");
            }
            Some(_) | None => {}
        }
        Sent { answer: Err(failure), status: refused.status, earlier: Vec::new() }
    }

    async fn attempt(&self, call: &Prepared, credentials: &Credentials) -> Result<Value, Refused> {
        let reply = {
            // Held while the request is under way only, never while waiting for a turn. The semaphore is never closed.
            let _permit = self.permits.acquire().await.ok();
            let name = &call.name;
            let unsigned = call.operation().is_some_and(|operation| operation.unsigned);
            let credentials = (!unsigned).then_some(credentials);
            self.transport.send(&name.service, &name.operation, &call.request, &call.target, credentials).await
        };
        match reply {
            Ok(reply) => judge(call, &reply),
            Err(error) => Err(no_reply(call, &error)),
        }
    }
}

fn judge(call: &Prepared, reply: &Reply) -> Result<Value, Refused> {
    let status = Some(reply.status);
    let settled = |failure| Refused { failure, trouble: Trouble::Settled, after: None, status };
    let Some(operation) = call.operation() else {
        return Err(settled(call.name.failure(FailureKind::Invalid, "UnknownOperation", "no such operation")));
    };
    match wire::decode(&call.service, &call.name.operation, operation, reply) {
        Decoded::Output(output) => Ok(output),
        Decoded::Error(error) => {
            let region: &Region = &call.name.region;
            let kind = classify::kind(&error.code, reply.status, &error.message, region);
            let mut failure = call.name.failure(kind, &error.code, error.message);
            failure.request_id = error.request_id;
            let trouble = match kind {
                FailureKind::Throttled => Trouble::Throttled,
                FailureKind::Fault => Trouble::Unclear,
                _ => Trouble::Settled,
            };
            Err(Refused { failure, trouble, after: retry_after(reply), status })
        }
        Decoded::NotAws(why) => {
            let trouble = match reply.status {
                // Load balancers shed load without AWS's words; a plain 500 in other words is some other server's.
                429 => Trouble::Throttled,
                502..=504 => Trouble::Unclear,
                _ => Trouble::Settled,
            };
            let mut failure = call.name.failure(FailureKind::Fault, "NotAws", why);
            failure.request_id = reply.request_id().map(str::to_owned);
            Err(Refused { failure, trouble, after: retry_after(reply), status })
        }
    }
}

/// Seconds only: AWS sends no dates here.
fn retry_after(reply: &Reply) -> Option<Duration> {
    reply.header("retry-after")?.trim().parse().ok().map(Duration::from_secs)
}

fn no_reply(call: &Prepared, error: &SendError) -> Refused {
    let name = &call.name;
    let (kind, code, trouble) = match error {
        SendError::NotSent(_) if partitions::offered(&name.service, name.region.as_str()) == Some(false) => {
            (FailureKind::OptedOut, "NotOffered", Trouble::Settled)
        }
        SendError::NotSent(_) => (FailureKind::Transport, "NotReached", Trouble::NotSent),
        SendError::Unclear(_) => (FailureKind::Transport, "NoAnswer", Trouble::Unclear),
        SendError::Impossible(_) => (FailureKind::Invalid, "InvalidRequest", Trouble::Settled),
        SendError::TooLong => (FailureKind::Fault, "ReplyTooLong", Trouble::Settled),
    };
    let failure = name.failure(kind, code, format!("{}: {error}", call.target.origin));
    Refused { failure, trouble, after: None, status: None }
}
