//! What a run asked of AWS, by the testbed's log.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::emulator::{Emulator, request};

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Calls {
    pub(super) all: usize,
    /// What the emulator has no answer to; each tool tries such calls again in its own way.
    pub(super) unanswered: usize,
    pub(super) by_service: BTreeMap<String, usize>,
    pub(super) by_operation: BTreeMap<String, usize>,
}

impl Calls {
    /// Begins the log anew.
    pub(super) fn forget(emulator: &Emulator) -> Result<(), String> {
        request(&emulator.url, "DELETE", "/testbed/calls", "").map(drop)
    }

    pub(super) fn since_then(emulator: &Emulator) -> Result<Self, String> {
        let log = request(&emulator.url, "GET", "/testbed/calls", "")?;
        let log: Value = serde_json::from_str(&log).map_err(|error| format!("the testbed's log: {error}"))?;
        Ok(Self::read(log.as_array().map_or(&[], Vec::as_slice)))
    }

    fn read(log: &[Value]) -> Self {
        let mut calls = Self { all: log.len(), ..Self::default() };
        for call in log {
            let text = |name: &str| call.get(name).and_then(Value::as_str).unwrap_or_default();
            *calls.by_service.entry(text("service").to_owned()).or_default() += 1;
            let operation = format!("{}:{}", text("service"), text("operation"));
            *calls.by_operation.entry(operation).or_default() += 1;
            let status = call.get("status").and_then(Value::as_u64).unwrap_or_default();
            calls.unanswered += usize::from(status >= 500);
        }
        calls
    }

    /// `s3 1,824, iam 412 …`, and the operations that are called most.
    pub(super) fn line(&self) -> String {
        format!("{}; most of all {}", most(&self.by_service, usize::MAX), most(&self.by_operation, 8))
    }
}

/// The greatest counts first.
fn most(counts: &BTreeMap<String, usize>, how_many: usize) -> String {
    let mut counts: Vec<(&String, &usize)> = counts.iter().collect();
    counts.sort_by_key(|(_, count)| std::cmp::Reverse(**count));
    let shown = counts.into_iter().take(how_many).map(|(name, count)| format!("{name} {count}"));
    shown.collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn calls_are_counted() {
        let call = |operation: &str, status: u16| json!({"service": "s3", "operation": operation, "status": status});
        let log = [call("ListBuckets", 200), call("GetBucketAcl", 200), call("GetBucketAcl", 500)];
        let calls = Calls::read(&log);
        assert_eq!((calls.all, calls.unanswered), (3, 1));
        assert_eq!(calls.line(), "s3 3; most of all s3:GetBucketAcl 2, s3:ListBuckets 1");
    }
}
