//! How fast the other engine answers.

use std::time::{Duration, Instant};

use serde_json::Value;

use super::simulator::Simulator;
use super::{derived, generate};

/// Rounds of which the fastest counts. Node compiles what is hot in the first ones.
const ROUNDS: usize = 4;
const SEED: u64 = 1;

/// The other engine, running.
#[derive(Debug)]
pub(crate) struct OtherEngine(Simulator);

impl OtherEngine {
    pub(crate) fn start() -> Result<Self, String> {
        Simulator::start().map(Self)
    }

    /// Generated cases as both engines take them.
    pub(crate) fn cases(count: u64) -> Vec<Value> {
        (0..count).map(|number| derived::filled(&generate::case(SEED, number))).collect()
    }

    /// Cases a second of its processor time; of the clock's where that is not known.
    pub(crate) fn a_second(&mut self, cases: &[Value]) -> Result<f64, String> {
        let mut fastest = Duration::MAX;
        for _ in 0..ROUNDS {
            let (clock, before) = (Instant::now(), self.0.processor_time());
            self.0.ask(cases)?;
            fastest = fastest.min(match (before, self.0.processor_time()) {
                (Some(before), Some(after)) => after.saturating_sub(before),
                _ => clock.elapsed(),
            });
        }
        let count = u32::try_from(cases.len()).map_err(|_| "too many cases".to_owned())?;
        Ok(f64::from(count) / fastest.as_secs_f64())
    }
}
