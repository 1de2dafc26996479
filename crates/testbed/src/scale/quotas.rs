//! The published rates: a bucket of tokens for each account, Region, service and operation, which refuses as AWS does,
//! and counts. Another reading of the same file than the client's (`crates/api/src/pace.rs`), so that they can disagree.

use std::collections::{BTreeMap, HashMap};
use std::time::Instant;

use serde::Deserialize;
use serde_json::{Value, json};

use crate::call::Call;

/// How many of the slowest operations a report names.
const NAMED: usize = 8;

#[derive(Debug, Clone, Copy, Deserialize)]
struct Rate {
    /// Requests a second in the long run.
    rate: f64,
    /// Requests at once.
    burst: f64,
}

#[derive(Debug, Default, Deserialize)]
struct Service {
    default: Option<Rate>,
    #[serde(default)]
    operations: BTreeMap<String, Rate>,
}

#[derive(Debug, Deserialize)]
struct Published {
    default: Rate,
    #[serde(default)]
    services: BTreeMap<String, Service>,
}

#[derive(Debug)]
struct Bucket {
    /// None: as many as one likes.
    rate: Option<Rate>,
    tokens: f64,
    at: Instant,
    taken: u32,
    refused: u32,
}

/// Account, Region, service, operation.
type Lane = (String, String, String, String);

#[derive(Debug)]
pub(crate) struct Quotas {
    published: Option<Published>,
    buckets: HashMap<Lane, Bucket>,
}

impl Quotas {
    pub(crate) fn none() -> Self {
        Self { published: None, buckets: HashMap::new() }
    }

    pub(crate) fn parse(text: &str) -> Result<Self, serde_saphyr::Error> {
        Ok(Self { published: Some(serde_saphyr::from_str(text)?), buckets: HashMap::new() })
    }

    /// Whether the call is within its rate. A refused one costs nothing.
    pub(crate) fn take(&mut self, call: &Call, now: Instant) -> bool {
        let lane = (
            call.account.as_str().to_owned(),
            call.region.as_str().to_owned(),
            call.service.clone(),
            call.operation.clone(),
        );
        let published = &self.published;
        let bucket = self.buckets.entry(lane).or_insert_with(|| {
            let rate = published.as_ref().map(|published| published.of(&call.service, &call.operation));
            Bucket { rate, tokens: rate.map_or(0.0, |rate| rate.burst), at: now, taken: 0, refused: 0 }
        });
        if let Some(Rate { rate, burst }) = bucket.rate {
            let passed = now.saturating_duration_since(bucket.at).as_secs_f64();
            bucket.tokens = (bucket.tokens + passed * rate).min(burst);
            bucket.at = now;
            if bucket.tokens < 1.0 {
                bucket.refused += 1;
                return false;
            }
            bucket.tokens -= 1.0;
        }
        bucket.taken += 1;
        true
    }

    pub(crate) fn forget(&mut self) {
        self.buckets.clear();
    }

    /// Calls that were let through and refused; those of each operation; and the operations whose fullest bucket takes
    /// longest to empty at the published rate, in seconds.
    pub(crate) fn report(&self) -> Value {
        let mut operations: BTreeMap<String, (u32, u32, f64)> = BTreeMap::new();
        for ((.., service, operation), bucket) in &self.buckets {
            let seconds = bucket.rate.map_or(0.0, |rate| ((f64::from(bucket.taken) - rate.burst) / rate.rate).max(0.0));
            let sum = operations.entry(format!("{service}.{operation}")).or_default();
            *sum = (sum.0 + bucket.taken, sum.1 + bucket.refused, sum.2.max(seconds));
        }
        let total = |part: fn(&(u32, u32, f64)) -> u32| operations.values().map(part).sum::<u32>();
        let mut slowest: Vec<(&String, f64)> = operations.iter().map(|(name, sum)| (name, sum.2)).collect();
        slowest.sort_by(|one, other| other.1.total_cmp(&one.1));
        slowest.truncate(NAMED);
        let calls: BTreeMap<&String, u32> = operations.iter().map(|(name, sum)| (name, sum.0)).collect();
        json!({
            "calls": total(|sum| sum.0),
            "throttled": total(|sum| sum.1),
            "operations": calls,
            "slowest": slowest.iter().map(|(name, seconds)| json!({"operation": name, "seconds": seconds})).collect::<Vec<_>>(),
        })
    }
}

impl Published {
    fn of(&self, service: &str, operation: &str) -> Rate {
        let service = self.services.get(service);
        let own = service.and_then(|service| service.operations.get(operation).copied().or(service.default));
        own.unwrap_or(self.default)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::behaviours::tests::call;

    #[test]
    fn a_bucket_empties_and_fills() {
        let text = "{default: {rate: 100, burst: 100}, services: {account: {default: {rate: 2, burst: 3}}}}";
        let mut quotas = Quotas::parse(text).unwrap();
        let start = Instant::now();
        let list = call("account", "ListRegions", json!({}));
        let mut taken = |millis: u64| quotas.take(&list, start + Duration::from_millis(millis));
        let found: Vec<bool> = [0, 0, 0, 0, 499, 500, 1000, 1000, 60_000].into_iter().map(&mut taken).collect();
        assert_eq!(found, [true, true, true, false, false, true, true, false, true]);
        let report = quotas.report();
        assert_eq!((&report["calls"], &report["throttled"]), (&json!(6), &json!(3)));
        assert_eq!(report["slowest"], json!([{"operation": "account.ListRegions", "seconds": 1.5}]));
        let mut none = Quotas::none();
        assert!((0..1000).all(|_| none.take(&list, start)));
    }
}
