//! Runs the changes of one plan: in the order of what needs what, in parallel, each one's calls in order. A
//! change that fails stops only what needs it.

use std::collections::{BTreeMap, BTreeSet};

use dodai_api::Aws;
use dodai_baseline::{Action, Change, Danger, Plan};
use futures::StreamExt;
use futures::stream::FuturesUnordered;

use crate::order::Order;
use crate::step::Steps;
use crate::{Ended, Journal, Lock, Outcome, Past, Refusal, Stop};

/// Which dangers were allowed, flag by flag.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Permits {
    /// `--allow-guardrail`
    pub guardrail: bool,
    /// `--allow-irreversible`
    pub irreversible: bool,
    /// `--allow-delete`
    pub delete: bool,
}

/// Something to show while a plan runs.
#[derive(Debug, Clone, PartialEq)]
pub enum Event<'a> {
    Started {
        change: &'a Change,
    },
    /// A call is repeated after a pause: what it still waits for.
    Waiting {
        change: &'a Change,
        call: usize,
        why: &'a str,
    },
    /// Told of every change, also of those that never started.
    Ended {
        change: &'a Change,
        ended: &'a Ended,
        /// How many changes have ended, this one too, of how many.
        so_far: usize,
        all: usize,
    },
}

/// Everything that running a plan takes.
#[derive(Clone, Copy)]
pub struct Execution<'a> {
    pub aws: &'a dyn Aws,
    pub journal: &'a Journal,
    pub past: &'a Past,
    pub lock: &'a Lock,
    pub stop: &'a Stop,
    pub permits: Permits,
    /// How many changes run at the same time; at least one.
    pub parallel: usize,
    /// Told of what happens, as it happens.
    pub on: &'a (dyn Fn(Event<'_>) + Send + Sync),
}

impl std::fmt::Debug for Execution<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Execution")
            .field("run", &self.journal.run())
            .field("permits", &self.permits)
            .field("parallel", &self.parallel)
            .finish_non_exhaustive()
    }
}

/// Runs `plan`, except for the changes that are `withheld` (by id, with why) and what needs them.
pub async fn execute(plan: &Plan, withheld: &BTreeMap<String, String>, with: &Execution<'_>) -> Outcome {
    let steps = Steps::new(plan, with);
    let mut order = Order::new(&plan.changes);
    let mut ends: BTreeMap<usize, Ended> = BTreeMap::new();
    let mut running = FuturesUnordered::new();
    loop {
        while running.len() < with.parallel.max(1)
            && let Some((index, change)) = order.next()
        {
            if let Some(ended) = before(change, withheld, with.permits).or_else(|| steps.stopped()) {
                conclude(plan, index, ended, &mut order, &mut ends, with);
                continue;
            }
            let steps = &steps;
            running.push(async move { (index, steps.run(change).await) });
        }
        let Some((index, ended)) = running.next().await else { break };
        conclude(plan, index, ended, &mut order, &mut ends, with);
    }
    drop(running);
    let mut changes = Vec::with_capacity(plan.changes.len());
    for (index, change) in plan.changes.iter().enumerate() {
        // INVARIANT: only changes that need each other in a circle are never given out. The checker refuses
        // such plans; here they must not hang.
        let ended = ends.remove(&index).unwrap_or_else(|| {
            let ended = Ended::NotRun("it needs a change that needs it".to_owned());
            let all = plan.changes.len();
            (with.on)(Event::Ended { change, ended: &ended, so_far: index + 1, all });
            ended
        });
        changes.push((change.id.clone(), ended));
    }
    with.journal.set_referred(is_referred_to(plan, &changes));
    Outcome { changes, stopped: steps.halt() }
}

/// Notes how a change ended, and that what needs it will not run if it did not succeed.
fn conclude(
    plan: &Plan,
    index: usize,
    ended: Ended,
    order: &mut Order<'_>,
    ends: &mut BTreeMap<usize, Ended>,
    with: &Execution<'_>,
) {
    let done = matches!(ended, Ended::Done);
    let mut note = |index: usize, ended: Ended| {
        if let Some(change) = plan.changes.get(index) {
            (with.on)(Event::Ended { change, ended: &ended, so_far: ends.len() + 1, all: plan.changes.len() });
        }
        ends.insert(index, ended);
    };
    let mut which = BTreeMap::from([(index, ended.which())]);
    note(index, ended);
    for (lost, need) in order.ended(index, done) {
        let need_id = plan.changes.get(need).map_or("", |change| change.id.as_str());
        let how = which.get(&need).copied().unwrap_or_default();
        let ended = Ended::NotRun(format!("needs `{need_id}`, which {how}"));
        which.insert(lost, ended.which());
        note(lost, ended);
    }
}

/// How a change ends without being begun, if it does.
fn before(change: &Change, withheld: &BTreeMap<String, String>, permits: Permits) -> Option<Ended> {
    if let Some(why) = withheld.get(&change.id) {
        return Some(Ended::Withheld(why.clone()));
    }
    let mut refusals: Vec<Refusal> = change
        .dangers
        .iter()
        .filter_map(|danger| {
            let allowed = match danger {
                Danger::Guardrail(_) => permits.guardrail,
                Danger::Irreversible(_) => permits.irreversible,
                Danger::Deletes(_) => permits.delete,
            };
            (!allowed).then(|| Refusal { flag: danger.flag(), why: danger.why().to_owned() })
        })
        .collect();
    // A deletion waits for its flag even if the feature forgot to say what is lost.
    if change.action == Action::Delete && !permits.delete && !refusals.iter().any(|why| why.flag == "--allow-delete") {
        refusals.push(Refusal { flag: "--allow-delete", why: change.summary.clone() });
    }
    (!refusals.is_empty()).then_some(Ended::Refused(refusals))
}

/// Whether a change that is left refers to a reply of one that is done: a saved plan can then be matched
/// with a later one only by what the journal holds.
fn is_referred_to(plan: &Plan, ends: &[(String, Ended)]) -> bool {
    let done: BTreeSet<&str> =
        ends.iter().filter(|(_, ended)| *ended == Ended::Done).map(|(id, _)| id.as_str()).collect();
    plan.changes
        .iter()
        .filter(|change| !done.contains(change.id.as_str()))
        .flat_map(|change| change.calls.iter().filter_map(|call| call.references().ok()).flatten())
        .any(|reference| done.contains(reference.change.as_str()))
}
