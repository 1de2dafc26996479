//! Token buckets: a call is throttled where its account, Region and operation have used up what AWS publishes. The numbers
//! are the client's own file, so that the two cannot disagree; how the client keeps to them is not shared.

use std::collections::{BTreeMap, HashMap};
use std::io;

use serde::Deserialize;
use tokio::time::Instant;

use crate::call::Call;

/// Requests a second in the long run, and at once.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Limit {
    pub(crate) rate: f64,
    pub(crate) burst: f64,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Published {
    default: Limit,
    services: BTreeMap<String, Service>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Service {
    default: Option<Limit>,
    #[serde(default)]
    operations: BTreeMap<String, Limit>,
}

impl Published {
    pub(crate) fn parse(text: &str) -> Result<Self, serde_saphyr::Error> {
        serde_saphyr::from_str(text)
    }

    pub(crate) fn of(&self, service: &str, operation: &str) -> Limit {
        let limits = self.services.get(service);
        let own = limits.and_then(|limits| limits.operations.get(operation).copied().or(limits.default));
        own.unwrap_or(self.default)
    }
}

/// Tokens, as many as were there at a moment.
#[derive(Debug)]
pub(crate) struct Bucket {
    tokens: f64,
    at: Instant,
}

impl Bucket {
    pub(crate) fn full(limit: Limit, now: Instant) -> Self {
        Self { tokens: limit.burst, at: now }
    }

    /// Takes a token, if there is one.
    pub(crate) fn take(&mut self, limit: Limit, now: Instant) -> bool {
        let passed = now.saturating_duration_since(self.at).as_secs_f64();
        self.tokens = (self.tokens + passed * limit.rate).min(limit.burst);
        self.at = now;
        let taken = self.tokens >= 1.0;
        if taken {
            self.tokens -= 1.0;
        }
        taken
    }
}

/// Account, Region, service, operation.
pub(crate) type Lane = (String, String, String, String);

/// Whose calls are counted together.
pub(crate) fn lane(call: &Call) -> Lane {
    let (account, region) = (call.account.as_str().to_owned(), call.region.as_str().to_owned());
    (account, region, call.service.clone(), call.operation.clone())
}

/// Buckets that fill at a share of what is published; none in force without a share.
#[derive(Debug)]
pub(crate) struct Limits {
    published: Published,
    /// 1 is all of it.
    share: Option<f64>,
    buckets: HashMap<Lane, Bucket>,
}

impl Limits {
    /// With `percent` of the published rates and bursts; none in force without it.
    pub(crate) fn new(percent: Option<u32>) -> io::Result<Self> {
        let published = Published::parse(include_str!("../../api/limits.yaml")).map_err(io::Error::other)?;
        let mut limits = Self { published, share: None, buckets: HashMap::new() };
        limits.set(percent);
        Ok(limits)
    }

    /// Sets the share; all buckets are full again.
    pub(crate) fn set(&mut self, percent: Option<u32>) {
        self.share = percent.map(|percent| f64::from(percent) / 100.0);
        self.buckets.clear();
    }

    /// Takes a token for the call; whether there was none.
    pub(crate) fn exceeded(&mut self, call: &Call) -> bool {
        let Some(share) = self.share else { return false };
        let limit = self.published.of(&call.service, &call.operation);
        let limit = Limit { rate: limit.rate * share, burst: (limit.burst * share).max(1.0) };
        let now = Instant::now();
        !self.buckets.entry(lane(call)).or_insert_with(|| Bucket::full(limit, now)).take(limit, now)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::json;

    use super::*;
    use crate::behaviours::tests::call;

    #[tokio::test(start_paused = true)]
    async fn what_is_published_passes_and_no_more() {
        let passed = |limits: &mut Limits, operation: &str, calls: usize| {
            let call = call("organizations", operation, json!({}));
            (0..calls).filter(|_| !limits.exceeded(&call)).count()
        };
        let mut limits = Limits::new(Some(100)).unwrap();
        // ListAccounts: 8 a second, 12 at once.
        assert_eq!(passed(&mut limits, "ListAccounts", 30), 12);
        tokio::time::advance(Duration::from_millis(500)).await;
        assert_eq!(passed(&mut limits, "ListAccounts", 30), 4);
        // Another operation has a bucket of its own; a rest does not save up more than the burst.
        assert_eq!(passed(&mut limits, "ListParents", 30), 8);
        tokio::time::advance(Duration::from_mins(10)).await;
        assert_eq!(passed(&mut limits, "ListAccounts", 30), 12);

        limits.set(Some(50));
        assert_eq!(passed(&mut limits, "ListAccounts", 30), 6);
        tokio::time::advance(Duration::from_secs(1)).await;
        assert_eq!(passed(&mut limits, "ListAccounts", 30), 4);
        limits.set(None);
        assert_eq!(passed(&mut limits, "ListAccounts", 30), 30);
    }
}
