//! Runs of the command on one service and one state, one after the other, that break off as told.

use std::sync::Arc;
use std::time::Duration;

use dodai_api::Aws;
use dodai_api::store::Store;
use dodai_apply::{
    Clock as _, Event, Execution, Holder, Journal, Lock, Past, Permits, RoundsEnd, Stop, TERM, World, rounds,
};
use dodai_baseline::Plan;
use tokio::time::Instant;

use crate::breaking::{Break, Breaking, Breaks};
use crate::simulated::{Turned, memory};

/// What the command is run on.
pub trait Service {
    fn aws(&self) -> &dyn Aws;

    /// What is left to do, as far as the service shows.
    fn left(&self) -> Plan;
}

/// Plans what is left, and never asks.
struct Left<'a, S>(&'a S);

impl<S: Service> World for Left<'_, S> {
    type Error = String;

    async fn plan(&mut self, _: usize) -> Result<Plan, String> {
        Ok(self.0.left())
    }

    async fn confirm(&mut self, _: &Plan) -> bool {
        true
    }
}

/// A service and a state that break off as told, and runs one after the other until all is done.
pub struct Breakable<S> {
    pub breaks: Arc<Breaks>,
    pub service: S,
    pub store: Store,
    /// Apart from the state, so that a run can follow at once on a dead one.
    lock_store: Store,
    clock: Arc<Turned>,
    pub runs: u32,
}

impl<S: Service> Breakable<S> {
    pub fn new(service: impl FnOnce(Arc<Breaks>) -> S) -> Self {
        let breaks = Arc::new(Breaks::default());
        let store = Store::over("memory", Arc::new(Breaking::new(breaks.clone())));
        Self {
            service: service(breaks.clone()),
            breaks,
            lock_store: store.clone(),
            store,
            clock: Arc::new(Turned { begun: Instant::now() }),
            runs: 0,
        }
    }

    /// One run of the command; the error is what a person would be told.
    pub async fn run(&self) -> Result<RoundsEnd, String> {
        let text = |error: &dyn std::fmt::Display| error.to_string();
        let run = format!("run-{:04}", self.runs);
        let holder = Holder { owner: "someone@somewhere".to_owned(), pid: self.runs, run };
        let (lock, _) =
            Lock::take(&self.lock_store, self.clock.clone(), holder.clone(), TERM).await.map_err(|why| text(&why))?;
        let past = Past::read(&self.store, "o-1").await.map_err(|why| text(&why))?;
        let now = self.clock.now();
        let journal = Journal::start(&self.store, &holder, "o-1", "test", now).await.map_err(|why| text(&why))?;
        let (stop, on) = (Stop::default(), |_: Event<'_>| ());
        let with = Execution {
            aws: self.service.aws(),
            journal: &journal,
            past: &past,
            lock: &lock,
            stop: &stop,
            permits: Permits { guardrail: true, irreversible: true, delete: true },
            parallel: 4,
            on: &on,
        };
        let outcome = rounds(&mut Left(&self.service), &with).await?;
        if let Some(why) = outcome.rounds.last().and_then(|round| round.stopped.clone()) {
            return Err(why);
        }
        outcome.settle(&self.store, &with).await.map_err(|why| text(&why))?;
        lock.release().await.map_err(|why| text(&why))?;
        Ok(outcome.end)
    }

    /// Runs that break off, one after the other, and then as many as it takes.
    pub async fn live(&mut self, breaks: &[Break], at_once: bool) -> Result<(), String> {
        let mut left = breaks.iter().copied();
        for _ in 0..breaks.len() + 10 {
            let at = left.next();
            self.runs += 1;
            self.breaks.arm(at);
            let ended = tokio::select! {
                ended = self.run() => Some(ended),
                () = self.breaks.died.notified() => None,
            };
            self.breaks.arm(None);
            match (ended, at) {
                (Some(Ok(RoundsEnd::Done)), None) => return Ok(()),
                (Some(Err(why)), Some(Break::Full(_))) if why.contains("no storage space") => {}
                (Some(Err(why)), _) => return Err(why),
                _ => {}
            }
            if at_once {
                self.lock_store = memory();
                tokio::time::sleep(Duration::from_millis(500)).await;
            } else {
                tokio::time::sleep(TERM * 2).await;
            }
        }
        Err("does not come to an end".to_owned())
    }
}
