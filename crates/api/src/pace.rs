//! How fast we may ask: a token bucket per account, Region, service and operation, filled by published quotas, slower
//! for a while after AWS said that we ask too often.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use serde::Deserialize;
use tokio::time::Instant;

/// Requests a second in the long run, and at once.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Limit {
    rate: f64,
    burst: f64,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Limits {
    default: Limit,
    services: BTreeMap<String, ServiceLimits>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ServiceLimits {
    default: Option<Limit>,
    #[serde(default)]
    operations: BTreeMap<String, Limit>,
}

impl Limits {
    /// The built-in `limits.yaml`. A test reads it, so a damaged one does not ship; if it did, the careful default
    /// would hold for every service.
    pub(crate) fn built_in() -> Self {
        Self::parse(include_str!("../limits.yaml"))
            .unwrap_or(Self { default: Limit { rate: 2.0, burst: 4.0 }, services: BTreeMap::new() })
    }

    fn parse(text: &str) -> Result<Self, serde_saphyr::Error> {
        serde_saphyr::from_str(text)
    }

    fn of(&self, service: &str, operation: &str) -> Limit {
        let limits = self.services.get(service);
        let own = limits.and_then(|limits| limits.operations.get(operation).copied().or(limits.default));
        own.unwrap_or(self.default)
    }
}

/// Whose requests are counted together.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Lane {
    pub(crate) account: String,
    /// The Region that the request is signed for: global services have one.
    pub(crate) region: String,
    pub(crate) service: String,
    pub(crate) operation: String,
}

/// The rate is never cut below this share of the published one.
const SLOWEST: f64 = 0.05;
/// What a success gives back of the rate; fifty in a row undo every throttle.
const RECOVERY: f64 = 0.02;
/// The part of a burst that is left to chance. Requests that leave at the published rate do not arrive at it: one that is
/// early by a moment finds the bucket empty, and what a throttle costs is far more than this.
const RESERVE: f64 = 0.1;
/// Above so many lanes those at rest are forgotten: a fresh bucket is the same as a rested one.
const MANY_LANES: usize = 20_000;

#[derive(Debug)]
struct Bucket {
    limit: Limit,
    /// Below zero: promised to requests that still wait.
    tokens: f64,
    /// Share of the published rate.
    share: f64,
    /// When `tokens` was counted.
    at: Instant,
    /// When the rate was last cut.
    cut: Option<Instant>,
}

impl Bucket {
    /// Requests that may be sent at once: at least one, and one fewer than are taken where that leaves any.
    fn room(&self) -> f64 {
        let burst = self.limit.burst;
        (burst - (burst * RESERVE).max(1.0)).max(1.0)
    }

    fn refill(&mut self, now: Instant) {
        let passed = now.saturating_duration_since(self.at).as_secs_f64();
        self.tokens = (self.tokens + passed * self.limit.rate * self.share).min(self.room());
        self.at = now;
    }

    fn rested(&mut self, now: Instant) -> bool {
        self.refill(now);
        self.share >= 1.0 && self.tokens >= self.room()
    }
}

#[derive(Debug)]
struct Buckets {
    by_lane: HashMap<Lane, Bucket>,
    /// How many lanes there may be before the next clearing.
    room: usize,
}

#[derive(Debug)]
pub(crate) struct Pace {
    limits: Limits,
    buckets: Mutex<Buckets>,
}

impl Pace {
    pub(crate) fn new(limits: Limits) -> Self {
        Self { limits, buckets: Mutex::new(Buckets { by_lane: HashMap::new(), room: MANY_LANES }) }
    }

    /// Takes the next turn on this lane; how long until it comes.
    pub(crate) fn turn(&self, lane: &Lane) -> Duration {
        self.take(lane, Instant::now())
    }

    /// A turn that was taken and is not wanted after all.
    pub(crate) fn give_back(&self, lane: &Lane) {
        self.with_bucket(lane, Instant::now(), |bucket| bucket.tokens += 1.0);
    }

    fn with_bucket<T>(&self, lane: &Lane, now: Instant, use_bucket: impl FnOnce(&mut Bucket) -> T) -> T {
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        if !buckets.by_lane.contains_key(lane) && buckets.by_lane.len() >= buckets.room {
            buckets.by_lane.retain(|_, bucket| !bucket.rested(now));
            buckets.room = MANY_LANES.max(buckets.by_lane.len() * 2);
        }
        let bucket = buckets.by_lane.entry(lane.clone()).or_insert_with(|| {
            let limit = self.limits.of(&lane.service, &lane.operation);
            let mut bucket = Bucket { limit, tokens: 0.0, share: 1.0, at: now, cut: None };
            bucket.tokens = bucket.room();
            bucket
        });
        bucket.refill(now);
        use_bucket(bucket)
    }

    /// Takes a token, on credit where there is none; how long until it is earned.
    fn take(&self, lane: &Lane, now: Instant) -> Duration {
        self.with_bucket(lane, now, |bucket| {
            bucket.tokens -= 1.0;
            let owed = -bucket.tokens / (bucket.limit.rate * bucket.share);
            Duration::try_from_secs_f64(owed).unwrap_or_default()
        })
    }

    /// AWS said of a request that we ask too often: half the rate, and nothing saved up. Once for all requests that
    /// were under way together: what was sent before the last cut says nothing about the rate since.
    pub(crate) fn throttled(&self, lane: &Lane, sent: Instant) {
        let now = Instant::now();
        self.with_bucket(lane, now, |bucket| {
            if bucket.cut.is_some_and(|cut| sent <= cut) {
                return;
            }
            bucket.cut = Some(now);
            bucket.share = (bucket.share / 2.0).max(SLOWEST);
            bucket.tokens = bucket.tokens.min(0.0);
        });
    }

    pub(crate) fn succeeded(&self, lane: &Lane) {
        self.with_bucket(lane, Instant::now(), |bucket| bucket.share = (bucket.share + RECOVERY).min(1.0));
    }
}

#[cfg(test)]
mod tests {
    use dodai_models::Models;
    use futures::StreamExt as _;

    use super::*;

    fn lane(service: &str, operation: &str) -> Lane {
        Lane {
            account: "111122223333".to_owned(),
            region: "us-east-1".to_owned(),
            service: service.to_owned(),
            operation: operation.to_owned(),
        }
    }

    #[test]
    fn every_limit_is_of_an_operation_that_exists() {
        let limits = Limits::parse(include_str!("../limits.yaml")).unwrap();
        for (service, limits) in &limits.services {
            let model = Models::embedded().service(service).unwrap_or_else(|| panic!("no service `{service}`"));
            for (operation, limit) in &limits.operations {
                assert!(model.operation(operation).is_some(), "{service}.{operation}");
                assert!(limit.rate > 0.0 && limit.burst >= 1.0, "{service}.{operation}");
            }
        }
        assert_eq!(limits.of("organizations", "CreateAccount"), Limit { rate: 0.1, burst: 3.0 });
        assert_eq!(limits.of("organizations", "ListHandshakesForAccount"), Limit { rate: 2.0, burst: 3.0 });
        assert_eq!(limits.of("glue", "GetTables"), Limit { rate: 10.0, burst: 20.0 });
    }

    async fn wait(pace: &Pace, lane: &Lane) {
        tokio::time::sleep(pace.turn(lane)).await;
    }

    async fn seconds_for(pace: &Pace, lane: &Lane, requests: usize) -> f64 {
        let start = Instant::now();
        for _ in 0..requests {
            wait(pace, lane).await;
        }
        start.elapsed().as_secs_f64()
    }

    fn close(found: f64, expected: f64) {
        assert!((found - expected).abs() < 0.05, "{found} is not about {expected}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_burst_passes_at_once_and_the_rest_at_the_rate() {
        let pace = Pace::new(Limits::built_in());
        close(seconds_for(&pace, &lane("organizations", "ListAccounts"), 10 + 16).await, 1.9);
        // Another operation, another account: another lane.
        close(seconds_for(&pace, &lane("organizations", "ListParents"), 7).await, 0.0);
        let other = Lane { account: "444455556666".to_owned(), ..lane("organizations", "ListAccounts") };
        close(seconds_for(&pace, &other, 10).await, 0.0);
    }

    #[tokio::test(start_paused = true)]
    async fn a_throttle_halves_the_rate_and_success_restores_it() {
        let pace = Pace::new(Limits::built_in());
        let lane = lane("organizations", "ListAccounts");
        // Five requests of one moment are one answer to one rate.
        let sent = Instant::now();
        for _ in 0..5 {
            pace.throttled(&lane, sent);
        }
        close(seconds_for(&pace, &lane, 8).await, 2.0);
        for _ in 0..50 {
            pace.succeeded(&lane);
        }
        close(seconds_for(&pace, &lane, 8).await, 1.0);
        for _ in 0..100 {
            tokio::time::advance(Duration::from_millis(1)).await;
            pace.throttled(&lane, Instant::now());
        }
        close(seconds_for(&pace, &lane, 2).await, 2.0 / (8.0 * SLOWEST));
    }

    #[tokio::test(start_paused = true)]
    async fn a_turn_that_is_given_back_is_the_next_ones() {
        let pace = Pace::new(Limits::built_in());
        let lane = lane("organizations", "ListRoots");
        close(seconds_for(&pace, &lane, 1).await, 0.0);
        assert!(pace.turn(&lane) > Duration::from_millis(900));
        pace.give_back(&lane);
        close(seconds_for(&pace, &lane, 1).await, 1.0);
    }

    #[tokio::test(start_paused = true)]
    async fn waiting_requests_share_one_bucket() {
        let pace = Pace::new(Limits::built_in());
        let lane = lane("organizations", "ListRoots");
        let start = Instant::now();
        futures::future::join_all((0..5).map(|_| wait(&pace, &lane))).await;
        close(start.elapsed().as_secs_f64(), 4.0);
    }

    /// Calls that take between 20 and 50 ms to arrive, at an AWS that counts exactly: how often it refuses, and the time
    /// that all of them take beside the shortest that its rate allows.
    async fn crowd(service: &str, operation: &str, requests: u32) -> (u32, f64) {
        let pace = Pace::new(Limits::built_in());
        let lane = lane(service, operation);
        let Limit { rate, burst } = pace.limits.of(service, operation);
        let start = Instant::now();
        let theirs = Mutex::new((burst, start));
        let refused = std::sync::atomic::AtomicU32::new(0);
        let calls = futures::stream::iter(0..requests).map(async |number| {
            loop {
                wait(&pace, &lane).await;
                let sent = Instant::now();
                tokio::time::sleep(Duration::from_millis(20 + u64::from(number * 7919 % 31))).await;
                let taken = {
                    let mut theirs = theirs.lock().unwrap();
                    let now = Instant::now();
                    let tokens = (theirs.0 + (now - theirs.1).as_secs_f64() * rate).min(burst);
                    let taken = tokens >= 1.0;
                    *theirs = (if taken { tokens - 1.0 } else { tokens }, now);
                    taken
                };
                if taken {
                    return pace.succeeded(&lane);
                }
                refused.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                pace.throttled(&lane, sent);
                tokio::time::sleep(Duration::from_millis(500)).await;
            }
        });
        calls.buffer_unordered(64).count().await;
        let shortest = (f64::from(requests) - burst) / rate;
        (refused.into_inner(), start.elapsed().as_secs_f64() / shortest)
    }

    #[tokio::test(start_paused = true)]
    async fn a_crowd_takes_what_the_rate_allows_and_is_not_refused() {
        for (service, operation, requests) in [
            ("sts", "AssumeRole", 1000),
            ("organizations", "ListTagsForResource", 1000),
            ("organizations", "ListRoots", 30),
            ("iam", "ListRoles", 600),
        ] {
            let (refused, ratio) = crowd(service, operation, requests).await;
            assert_eq!(refused, 0, "{service}.{operation}");
            assert!((1.0..1.1).contains(&ratio), "{service}.{operation}: {ratio}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn lanes_at_rest_are_forgotten() {
        let pace = Pace::new(Limits::built_in());
        for number in 0..=MANY_LANES {
            let lane = Lane { account: format!("{number:012}"), ..lane("iam", "ListUsers") };
            wait(&pace, &lane).await;
            tokio::time::advance(Duration::from_millis(1)).await;
        }
        let known = pace.buckets.lock().unwrap().by_lane.len();
        assert!(known < MANY_LANES / 2, "{known}");
    }
}
