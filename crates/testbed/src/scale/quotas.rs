//! The published rates (`limits.rs`), which refuse as AWS does, and how often they did: what a measurement is held against.

use std::collections::{BTreeMap, HashMap};

use serde_json::{Value, json};
use tokio::time::Instant;

use crate::call::Call;
use crate::limits::{Bucket, Lane, Limit, Published, lane};

/// How many of the slowest operations a report names.
const NAMED: usize = 8;

#[derive(Debug)]
struct Counted {
    /// None: as many as one likes.
    limit: Option<Limit>,
    bucket: Bucket,
    taken: u32,
    refused: u32,
}

#[derive(Debug)]
pub(crate) struct Quotas {
    published: Option<Published>,
    buckets: HashMap<Lane, Counted>,
}

impl Quotas {
    pub(crate) fn none() -> Self {
        Self { published: None, buckets: HashMap::new() }
    }

    pub(crate) fn parse(text: &str) -> Result<Self, serde_saphyr::Error> {
        Ok(Self { published: Some(Published::parse(text)?), buckets: HashMap::new() })
    }

    /// Whether the call is within its rate. A refused one costs nothing.
    pub(crate) fn take(&mut self, call: &Call, now: Instant) -> bool {
        let published = &self.published;
        let counted = self.buckets.entry(lane(call)).or_insert_with(|| {
            let limit = published.as_ref().map(|published| published.of(&call.service, &call.operation));
            let bucket = Bucket::full(limit.unwrap_or(Limit { rate: 0.0, burst: 0.0 }), now);
            Counted { limit, bucket, taken: 0, refused: 0 }
        });
        let taken = counted.limit.is_none_or(|limit| counted.bucket.take(limit, now));
        *(if taken { &mut counted.taken } else { &mut counted.refused }) += 1;
        taken
    }

    pub(crate) fn forget(&mut self) {
        self.buckets.clear();
    }

    /// Calls that were let through and refused; those of each operation; and the operations whose fullest bucket takes
    /// longest to empty at the published rate, in seconds.
    pub(crate) fn report(&self) -> Value {
        let mut operations: BTreeMap<String, (u32, u32, f64)> = BTreeMap::new();
        for ((.., service, operation), counted) in &self.buckets {
            let over = |limit: Limit| (f64::from(counted.taken) - limit.burst) / limit.rate;
            let seconds = counted.limit.map_or(0.0, over).max(0.0);
            let sum = operations.entry(format!("{service}.{operation}")).or_default();
            *sum = (sum.0 + counted.taken, sum.1 + counted.refused, sum.2.max(seconds));
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
