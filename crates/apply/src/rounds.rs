//! Plan, execute, read again, until nothing is left: what needs an account that does not exist yet can only
//! be planned once it does.

use std::collections::{BTreeMap, BTreeSet};
use std::future::Future;
use std::time::Duration;

use dodai_api::store::Store;
use dodai_baseline::{Change, Plan};
use dodai_facts::{Call, FailureKind};
use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::step::{Pauses, is_passing};
use crate::{Comparison, Ended, Execution, Failed, JournalError, Outcome, compare, execute};

/// No organization needs more rounds than this; features that undo each other would.
const MOST: usize = 20;
/// For how long rounds without progress go on where something failed in passing, or was refused that an earlier run may
/// have done. A change that must not be sent blindly a second time is planned again instead: the plan then says whether
/// it was carried out.
const PASSING: Duration = Duration::from_mins(1);
/// For how long a plan is made again that wants what was just done: AWS shows some changes seconds later.
const UNSEEN: Duration = Duration::from_secs(30);

/// Who plans, and who is asked.
pub trait World {
    type Error;

    /// Reads what is, and plans. Rounds count from 0.
    fn plan(&mut self, round: usize) -> impl Future<Output = Result<Plan, Self::Error>>;

    /// Whether a round's plan may run.
    fn confirm(&mut self, plan: &Plan) -> impl Future<Output = bool>;
}

/// Why there was no further round.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RoundsEnd {
    /// Nothing is left to do (what is blocked stands in the last plan).
    Done,
    /// What is left cannot be done now: it failed, was refused, or is planned again and again.
    NoProgress,
    /// The plan was not confirmed.
    Declined,
    /// Interrupted, or the lock or the journal was lost.
    Stopped,
    /// A later round could not be planned: why is told with it.
    Unplanned,
}

#[derive(Debug, Clone, PartialEq)]
pub struct RoundsOutcome<E> {
    /// Each round that ran.
    pub rounds: Vec<Outcome>,
    /// The last plan made: what is left, blocked and due. After a stop it is the one that was stopped; where no later one
    /// could be made, the one before without its changes.
    pub last: Plan,
    pub end: RoundsEnd,
    /// Why a later round could not be planned.
    pub error: Option<E>,
}

/// How a saved plan went.
#[derive(Debug, Clone, PartialEq)]
pub struct FileOutcome<E> {
    pub comparison: Comparison,
    pub outcome: Outcome,
    /// What is due next: planned after the round; none where the round was stopped, or where it could not be planned.
    pub next: Option<Plan>,
    /// Why it could not be planned.
    pub error: Option<E>,
}

/// Repeats plan, confirm, execute until nothing is left or no progress is made. An error before the first round is the
/// answer; a later one comes with what was done by then.
pub async fn rounds<W: World>(world: &mut W, with: &Execution<'_>) -> Result<RoundsOutcome<W::Error>, W::Error> {
    let mut rounds: Vec<Outcome> = Vec::new();
    let mut before: Option<Plan> = None;
    let mut seen = BTreeSet::new();
    let mut done = BTreeSet::new();
    let (mut passing, mut unseen) = (Pauses::new(), Pauses::new());
    loop {
        let plan = match (world.plan(rounds.len()).await, before.take()) {
            (Ok(plan), _) => plan,
            (Err(error), None) => return Err(error),
            (Err(error), Some(last)) => {
                return Ok(RoundsOutcome { rounds, last, end: RoundsEnd::Unplanned, error: Some(error) });
            }
        };
        if plan.changes.iter().any(|change| done.contains(&wanted(change)))
            && let Some(pause) = unseen.next(UNSEEN)
            && with.stop.sleep(pause).await
        {
            before = Some(without_changes(plan));
            continue;
        }
        let again =
            !seen.insert(digest(plan.changes.as_slice())) || rounds.last().is_some_and(|outcome| outcome.done() == 0);
        let passed = rounds.last().is_some_and(failed_in_passing);
        let end = if plan.changes.is_empty() {
            Some(if plan.due.is_empty() { RoundsEnd::Done } else { RoundsEnd::NoProgress })
        } else if rounds.len() >= MOST {
            Some(RoundsEnd::NoProgress)
        } else if again {
            match passing.next(PASSING).filter(|_| passed) {
                Some(pause) if with.stop.sleep(pause).await => None,
                _ => Some(RoundsEnd::NoProgress),
            }
        } else {
            None
        };
        let end = match end {
            None if !world.confirm(&plan).await => Some(RoundsEnd::Declined),
            end => end,
        };
        if let Some(end) = end {
            return Ok(RoundsOutcome { rounds, last: plan, end, error: None });
        }
        let outcome = execute(&plan, &BTreeMap::new(), with).await;
        done =
            plan.changes.iter().filter(|change| outcome.ended(&change.id) == Some(&Ended::Done)).map(wanted).collect();
        unseen = Pauses::new();
        if rounds.is_empty() || outcome.done() > 0 {
            passing = Pauses::new();
        }
        let stopped = outcome.stopped.is_some();
        rounds.push(outcome);
        if stopped {
            return Ok(RoundsOutcome { rounds, last: plan, end: RoundsEnd::Stopped, error: None });
        }
        before = Some(without_changes(plan));
    }
}

/// What is kept of a plan that ran: a plan of the whole organization is large.
fn without_changes(plan: Plan) -> Plan {
    Plan { changes: Vec::new(), ..plan }
}

/// Whether some change failed by what may well work a little later, or because what was planned is done already: a later
/// plan sees that.
fn failed_in_passing(outcome: &Outcome) -> bool {
    outcome.changes.iter().any(|(_, ended)| match ended {
        Ended::Failed(Failed { failure: Some(failure), unclear, .. }) => {
            is_passing(failure.kind) || *unclear && matches!(failure.kind, FailureKind::Invalid | FailureKind::Absent)
        }
        _ => false,
    })
}

/// Runs what is still the same of a saved plan, one round, and says what is due next.
pub async fn apply_file<W: World>(
    saved: &Plan,
    world: &mut W,
    with: &Execution<'_>,
) -> Result<FileOutcome<W::Error>, W::Error> {
    let fresh = world.plan(0).await?;
    let comparison = compare(saved, &fresh, with.past);
    let outcome = execute(&fresh, &comparison.withheld(), with).await;
    let (next, error) = match outcome.stopped {
        Some(_) => (None, None),
        None => match world.plan(1).await {
            Ok(next) => (Some(next), None),
            Err(error) => (None, Some(error)),
        },
    };
    Ok(FileOutcome { comparison, outcome, next, error })
}

/// Equal for equal values; a plan of the whole organization is too large to keep one of each round.
fn digest(value: &(impl Serialize + ?Sized)) -> [u8; 32] {
    let mut digest = Sha256::new();
    // INVARIANT: neither step can fail: changes are plain data, and a digest takes any bytes.
    drop(serde_json::to_writer(&mut digest, value));
    digest.finalize().into()
}

/// What a change does, whatever it found before.
fn wanted(change: &Change) -> [u8; 32] {
    let wanted: (&str, &[Call]) = (&change.id, &change.calls);
    digest(&wanted)
}

impl<E> RoundsOutcome<E> {
    /// Ends the run's journal, and settles it and those of earlier runs if the whole organization was planned
    /// after them and nothing of it is left.
    pub async fn settle(&self, store: &Store, with: &Execution<'_>) -> Result<(), JournalError> {
        let whole = self.last.selection.is_everything() && self.last.blocked.is_empty();
        if whole && self.end == RoundsEnd::Done {
            with.past.settle(store).await?;
            with.journal.settle().await
        } else {
            let planned = !matches!(self.end, RoundsEnd::Stopped | RoundsEnd::Unplanned);
            let next = planned.then_some(&self.last);
            with.journal.end(next).await
        }
    }

    /// How each change ended, at its last try. What failed and is not planned again though everything could be read is
    /// there: AWS had carried it out without saying so, and may have refused to do it a second time.
    pub fn ends(&self) -> BTreeMap<&str, &Ended> {
        let settled = self.end == RoundsEnd::Done && self.last.blocked.is_empty();
        let happened = |ended: &Ended| match ended {
            Ended::Failed(failed) if settled => {
                // Without a failure of AWS's: what it was waited for came out badly.
                failed.failure.as_ref().is_some_and(|failure| failure.kind != FailureKind::Denied)
            }
            _ => false,
        };
        let all = self.rounds.iter().flat_map(|round| &round.changes);
        all.map(|(id, ended)| (id.as_str(), if happened(ended) { &Ended::Done } else { ended })).collect()
    }
}
