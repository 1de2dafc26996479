//! How each change of a plan ended.

use dodai_facts::Failure;

/// What a change waits for: the flag, and why the change is named on its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// `--allow-guardrail`, `--allow-irreversible` or `--allow-delete`.
    pub flag: &'static str,
    pub why: String,
}

/// A change that failed, at which call, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failed {
    /// Counts from 0.
    pub call: usize,
    /// `service.Operation`
    pub name: String,
    pub why: String,
    /// AWS's answer, where the failure is one.
    pub failure: Option<Box<Failure>>,
    /// Whether AWS may have carried the call out all the same, now or at an earlier attempt.
    pub unclear: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ended {
    Done,
    Failed(Failed),
    /// Not allowed without a flag. Never begun.
    Refused(Vec<Refusal>),
    /// Never begun: what it needs did not succeed.
    NotRun(String),
    /// Never begun: the caller held it back.
    Withheld(String),
    /// Not finished, perhaps never begun: the run was stopped.
    Stopped(String),
}

impl Ended {
    /// In a sentence: "`x`, which …".
    pub(crate) fn which(&self) -> &'static str {
        match self {
            Self::Done => "is done",
            Self::Failed(_) => "failed",
            Self::Refused(_) => "was refused",
            Self::NotRun(_) => "was not run",
            Self::Withheld(_) => "was held back",
            Self::Stopped(_) => "was not finished",
        }
    }
}

/// How a plan ended.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Outcome {
    /// Every change of the plan by its id, in the plan's order.
    pub changes: Vec<(String, Ended)>,
    /// Why no further calls were sent, if the run was stopped before its end.
    pub stopped: Option<String>,
}

impl Outcome {
    pub fn done(&self) -> usize {
        self.count(|ended| matches!(ended, Ended::Done))
    }

    pub fn failed(&self) -> usize {
        self.count(|ended| matches!(ended, Ended::Failed(_)))
    }

    pub fn refused(&self) -> usize {
        self.count(|ended| matches!(ended, Ended::Refused(_)))
    }

    /// Not begun, because of something else.
    pub fn not_run(&self) -> usize {
        self.count(|ended| matches!(ended, Ended::NotRun(_) | Ended::Withheld(_)))
    }

    pub fn is_all_done(&self) -> bool {
        self.stopped.is_none() && self.done() == self.changes.len()
    }

    pub fn ended(&self, id: &str) -> Option<&Ended> {
        self.changes.iter().find(|(change, _)| change == id).map(|(_, ended)| ended)
    }

    fn count(&self, is: impl Fn(&Ended) -> bool) -> usize {
        self.changes.iter().filter(|(_, ended)| is(ended)).count()
    }
}
