//! Both engines on the same cases.

use dodai_policy::decide::Cache;
use serde_json::Value;

use super::derived;
use super::engine::{self, Answer};
use super::known::{self, Known};
use super::simulator::Simulator;

/// Both engines, ready to answer.
#[derive(Debug)]
pub(super) struct Comparer {
    simulator: Simulator,
    cache: Cache,
}

/// What came of one case.
#[derive(Debug)]
pub(super) struct Outcome {
    pub(super) ours: Result<Answer, String>,
    pub(super) theirs: Result<String, String>,
    pub(super) verdict: Verdict,
}

#[derive(Debug, PartialEq)]
pub(super) enum Verdict {
    /// Both decide the same.
    Same,
    /// They differ, and these known differences are why.
    Known(Vec<&'static Known>),
    Unexplained,
}

impl Outcome {
    /// Our decision, or our error.
    pub(super) fn ours(&self) -> &str {
        self.ours.as_ref().map_or_else(String::as_str, |answer| &answer.decision)
    }

    pub(super) fn theirs(&self) -> &str {
        self.theirs.as_ref().map_or_else(String::as_str, String::as_str)
    }
}

impl Comparer {
    pub(super) fn start() -> Result<Self, String> {
        Ok(Self { simulator: Simulator::start()?, cache: Cache::default() })
    }

    pub(super) fn compare(&mut self, case: &Value) -> Result<Outcome, String> {
        let mut outcomes = self.compare_all(std::slice::from_ref(case))?;
        outcomes.pop().ok_or_else(|| "no outcome".to_owned())
    }

    /// Compares cases, in their order.
    pub(super) fn compare_all(&mut self, cases: &[Value]) -> Result<Vec<Outcome>, String> {
        let theirs = self.ask_them(cases)?;
        let mut outcomes = Vec::with_capacity(cases.len());
        for (case, theirs) in cases.iter().zip(theirs) {
            let ours = engine::ask(case, &mut self.cache);
            let same = matches!((&ours, &theirs), (Ok(ours), Ok(theirs)) if ours.decision == *theirs);
            let verdict = if same { Verdict::Same } else { Verdict::Unexplained };
            outcomes.push(Outcome { ours, theirs, verdict });
        }
        let one_by_one = unexplained(&outcomes, cases).flat_map(|(place, case)| {
            known::one_by_one(case).map(move |(known, other)| Rewritten { place, why: vec![known], other })
        });
        let one_by_one = one_by_one.collect();
        self.explain(one_by_one, &mut outcomes)?;
        let mut together = Vec::new();
        for (place, case) in unexplained(&outcomes, cases) {
            let Some(Ok(ours)) = outcomes.get(place).map(|outcome| &outcome.ours) else { continue };
            let (why, other) = known::together(case, &mut |other| decides(&mut self.cache, other, ours));
            together.push(Rewritten { place, why, other });
        }
        self.explain(together, &mut outcomes)?;
        Ok(outcomes)
    }

    fn ask_them(&mut self, cases: &[Value]) -> Result<Vec<Result<String, String>>, String> {
        self.simulator.ask(&cases.iter().map(derived::filled).collect::<Vec<_>>())
    }

    /// Marks what is explained: the other engine decides the rewritten case as we do, and we decide it as before, since
    /// what means the same by AWS's documentation must not change what we answer.
    fn explain(&mut self, rewritten: Vec<Rewritten>, outcomes: &mut [Outcome]) -> Result<(), String> {
        let cases: Vec<Value> = rewritten.iter().map(|rewritten| rewritten.other.clone()).collect();
        for (Rewritten { place, why, other }, theirs) in rewritten.into_iter().zip(self.ask_them(&cases)?) {
            let Some(outcome) = outcomes.get_mut(place) else { continue };
            let Ok(ours) = &outcome.ours else { continue };
            let agrees = outcome.verdict == Verdict::Unexplained && theirs.is_ok_and(|theirs| theirs == ours.decision);
            if agrees && decides(&mut self.cache, &other, ours) {
                outcome.verdict = Verdict::Known(why);
            }
        }
        Ok(())
    }
}

/// A case written differently, and the known differences that it is without.
struct Rewritten {
    place: usize,
    why: Vec<&'static Known>,
    other: Value,
}

/// The cases whose difference has no explanation yet, with their places.
fn unexplained<'c>(outcomes: &'c [Outcome], cases: &'c [Value]) -> impl Iterator<Item = (usize, &'c Value)> {
    let pairs = outcomes.iter().zip(cases).enumerate();
    let pairs = pairs.filter(|(_, (outcome, _))| outcome.verdict == Verdict::Unexplained && outcome.ours.is_ok());
    pairs.map(|(place, (_, case))| (place, case))
}

/// Whether we decide a case so.
fn decides(cache: &mut Cache, case: &Value, ours: &Answer) -> bool {
    engine::ask(case, cache).is_ok_and(|other| other.decision == ours.decision)
}
