//! Plan, execute, read again, until nothing is left: what needs an account that does not exist yet can only
//! be planned once it does.

use std::collections::{BTreeMap, BTreeSet};
use std::future::Future;

use dodai_api::store::Store;
use dodai_baseline::{Change, Plan};
use sha2::{Digest, Sha256};

use crate::{Comparison, Ended, Execution, JournalError, Outcome, compare, execute};

/// No organization needs more rounds than this; features that undo each other would.
const MOST: usize = 20;

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
}

#[derive(Debug, Clone, PartialEq)]
pub struct RoundsOutcome {
    /// Each round that ran.
    pub rounds: Vec<Outcome>,
    /// The last plan made: what is left, blocked and due. After a stop it is the one that was stopped.
    pub last: Plan,
    pub end: RoundsEnd,
}

/// How a saved plan went.
#[derive(Debug, Clone, PartialEq)]
pub struct FileOutcome {
    pub comparison: Comparison,
    pub outcome: Outcome,
    /// What is due next: planned after the round; none where the round was stopped.
    pub next: Option<Plan>,
}

/// Repeats plan, confirm, execute until nothing is left or no progress is made.
pub async fn rounds<W: World>(world: &mut W, with: &Execution<'_>) -> Result<RoundsOutcome, W::Error> {
    let mut rounds = Vec::new();
    let mut seen = BTreeSet::new();
    loop {
        let plan = world.plan(rounds.len()).await?;
        let stuck = rounds.len() >= MOST
            || !seen.insert(digest(&plan.changes))
            || rounds.last().is_some_and(|outcome: &Outcome| outcome.done() == 0);
        let end = if plan.changes.is_empty() {
            Some(if plan.due.is_empty() { RoundsEnd::Done } else { RoundsEnd::NoProgress })
        } else if stuck {
            Some(RoundsEnd::NoProgress)
        } else if !world.confirm(&plan).await {
            Some(RoundsEnd::Declined)
        } else {
            None
        };
        if let Some(end) = end {
            return Ok(RoundsOutcome { rounds, last: plan, end });
        }
        let outcome = execute(&plan, &BTreeMap::new(), with).await;
        let stopped = outcome.stopped.is_some();
        rounds.push(outcome);
        if stopped {
            return Ok(RoundsOutcome { rounds, last: plan, end: RoundsEnd::Stopped });
        }
    }
}

/// Runs what is still the same of a saved plan, one round, and says what is due next.
pub async fn apply_file<W: World>(saved: &Plan, world: &mut W, with: &Execution<'_>) -> Result<FileOutcome, W::Error> {
    let fresh = world.plan(0).await?;
    let comparison = compare(saved, &fresh, with.past);
    let outcome = execute(&fresh, &comparison.withheld(), with).await;
    let next = if outcome.stopped.is_some() { None } else { Some(world.plan(1).await?) };
    Ok(FileOutcome { comparison, outcome, next })
}

/// Equal for equal changes; a plan of the whole organization is too large to keep one of each round.
fn digest(changes: &[Change]) -> [u8; 32] {
    let mut digest = Sha256::new();
    // INVARIANT: neither step can fail: changes are plain data, and a digest takes any bytes.
    drop(serde_json::to_writer(&mut digest, changes));
    digest.finalize().into()
}

impl RoundsOutcome {
    /// Ends the run's journal, and settles it and those of earlier runs if the whole organization was planned
    /// after them and nothing of it is left.
    pub async fn settle(&self, store: &Store, with: &Execution<'_>) -> Result<(), JournalError> {
        let whole = self.last.selection.is_everything() && self.last.blocked.is_empty();
        if whole && self.end == RoundsEnd::Done {
            with.past.settle(store).await?;
            with.journal.settle().await
        } else {
            let next = (self.end != RoundsEnd::Stopped).then_some(&self.last);
            with.journal.end(next).await
        }
    }

    /// How each change ended, at its last try.
    pub fn ends(&self) -> BTreeMap<&str, &Ended> {
        self.rounds.iter().flat_map(|round| &round.changes).map(|(id, ended)| (id.as_str(), ended)).collect()
    }
}
