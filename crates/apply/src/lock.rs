//! One writer at a time: a lock in the state with owner and expiry. Its holder renews it and stops calling
//! before it expires; a dead holder's lock is taken over once it has.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use dodai_api::store::{Store, StoreError, Version};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use tokio::task::JoinHandle;
use tokio::time::Instant;

use crate::{Clock, run_id};

/// How long a lock holds without being renewed.
pub const TERM: Duration = Duration::from_mins(5);

const PATH: &str = "lock.json";
const FORMAT: u32 = 1;
/// No lock holds longer than this without being renewed.
const LONGEST_TERM: Duration = Duration::from_hours(1);

/// Who holds the lock, as others are told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holder {
    /// `user@host`
    pub owner: String,
    pub pid: u32,
    /// The run's id, unique: two runs never write the same lock.
    pub run: String,
}

impl Holder {
    /// This process, for a run that starts now.
    pub fn here(started: Timestamp) -> Self {
        let variable = |names: &[&str]| names.iter().find_map(|name| std::env::var(name).ok());
        let file = |path: &str| std::fs::read_to_string(path).ok();
        let user = variable(&["USER", "LOGNAME", "USERNAME"]);
        let host = file("/proc/sys/kernel/hostname")
            .or_else(|| file("/etc/hostname"))
            .or_else(|| variable(&["HOSTNAME", "COMPUTERNAME"]));
        let name = |name: Option<String>| name.map_or("unknown".to_owned(), |name| name.trim().to_owned());
        let (owner, pid) = (format!("{}@{}", name(user), name(host)), std::process::id());
        Self { run: run_id(&owner, pid, started), owner, pid }
    }
}

/// A lock whose holder neither renewed nor released it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TakenOver {
    pub from: Holder,
    pub expired: Timestamp,
}

#[derive(Debug, thiserror::Error)]
pub enum LockError {
    #[error(
        "another run holds the lock of this state: {} (process {}, run {}){}, until {until} unless it is renewed (wait for it to end; if it is dead, its lock can be taken over from {free})",
        .by.owner, .by.pid, .by.run, .since.map_or(String::new(), |since| format!(", since {since}"))
    )]
    Held { by: Holder, since: Option<Timestamp>, until: Timestamp, free: Timestamp },
    #[error("`{PATH}` is not a lock of this version ({0}) (make sure that nobody else is writing, then delete it)")]
    Damaged(String),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What stands in the state. A released lock stays, marked so: not every store can delete conditionally.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Content {
    format: u32,
    owner: String,
    pid: u32,
    run: String,
    /// Counts the writes, so that no two of them are equal.
    renewed: u64,
    /// When it was taken.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    since: Option<String>,
    /// How long it holds without being renewed, in seconds; `TERM` where an earlier version did not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    term: Option<u64>,
    expires: String,
    released: bool,
}

/// The held lock. It renews itself on a task of its own; dropped without `release`, it is left to expire.
#[derive(Debug)]
pub struct Lock {
    shared: Arc<Shared>,
    renewal: JoinHandle<()>,
}

#[derive(Debug)]
struct Shared {
    store: Store,
    clock: Arc<dyn Clock>,
    claim: Claim,
    standing: tokio::sync::Mutex<Standing>,
    hold: Mutex<Hold>,
}

/// What stays the same in all that the holder writes.
#[derive(Debug)]
struct Claim {
    holder: Holder,
    since: Timestamp,
    term: Duration,
}

/// What we last saw in the state, ours.
#[derive(Debug)]
struct Standing {
    version: Version,
    renewed: u64,
}

/// Until when we hold it: by wall time, which others read, and by a clock that nobody sets.
#[derive(Debug, Clone)]
struct Hold {
    until: Timestamp,
    until_here: Instant,
    lost: Option<String>,
}

impl Lock {
    /// Takes the lock for `term` (usually `TERM`, at most an hour), also from a holder whose lock has expired.
    pub async fn take(
        store: &Store,
        clock: Arc<dyn Clock>,
        holder: Holder,
        term: Duration,
    ) -> Result<(Self, Option<TakenOver>), LockError> {
        let mut from = None;
        // Whoever loses a race reads next what the winner wrote, and is refused.
        for _ in 0..10 {
            let (now, here) = (clock.now(), Instant::now());
            let term = term.min(LONGEST_TERM);
            let claim = Claim { holder: holder.clone(), since: now, term };
            let bytes = Content::new(&claim, 0, now + term, false).bytes();
            let Some(there) = store.read(PATH).await? else {
                store.create_new(PATH, bytes.into()).await?;
                continue;
            };
            let content = Content::parse(&there.bytes)?;
            let expires = content.expiry()?;
            if content.holder() == holder && !content.released {
                let left = Duration::try_from(expires.duration_since(now)).unwrap_or_default();
                let hold = Hold { until: expires, until_here: here + left, lost: None };
                let standing = Standing { version: there.version, renewed: content.renewed };
                return Ok((Self::keep(store, clock, claim, standing, hold), from));
            }
            if !content.released {
                let free = content.free(expires);
                if now < free {
                    let since = content.since.as_deref().and_then(|since| since.parse().ok());
                    return Err(LockError::Held { by: content.holder(), since, until: expires, free });
                }
                from = Some(TakenOver { from: content.holder(), expired: expires });
            }
            store.replace(PATH, &there.version, bytes.into()).await?;
        }
        Err(LockError::Damaged("what is written to it is not what is read".to_owned()))
    }

    fn keep(store: &Store, clock: Arc<dyn Clock>, claim: Claim, standing: Standing, hold: Hold) -> Self {
        let shared = Arc::new(Shared {
            store: store.clone(),
            clock,
            claim,
            standing: tokio::sync::Mutex::new(standing),
            hold: Mutex::new(hold),
        });
        let renewed = shared.clone();
        let renewal = tokio::spawn(async move {
            let term = renewed.claim.term;
            let mut pause = term / 3;
            loop {
                tokio::time::sleep(pause).await;
                pause = match renewed.renew().await {
                    Ok(true) => term / 3,
                    Ok(false) => return,
                    // The state cannot be reached: try again soon, calls stop by themselves before the end.
                    Err(_) => term / 30,
                };
            }
        });
        Self { shared, renewal }
    }

    /// Why no further call may be sent; none while the lock is held for long enough.
    pub fn lost(&self) -> Option<String> {
        self.shared.lost()
    }

    /// Gives the lock back.
    pub async fn release(self) -> Result<(), LockError> {
        let shared = &self.shared;
        // Waits for a renewal that is under way, which would otherwise be written over the release.
        let mut standing = shared.standing.lock().await;
        self.renewal.abort();
        if shared.current().lost.is_none() {
            shared.swap(&mut standing, shared.clock.now(), true).await?;
        }
        Ok(())
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        self.renewal.abort();
    }
}

impl Shared {
    fn current(&self) -> Hold {
        self.hold.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn lost(&self) -> Option<String> {
        let hold = self.current();
        if hold.lost.is_some() {
            return hold.lost;
        }
        let margin = self.claim.term / 10;
        let over = self.clock.now() + margin > hold.until || Instant::now() + margin > hold.until_here;
        over.then(|| format!("the lock could not be renewed and expires at {}", seconds(hold.until)))
    }

    /// False once the lock is another's.
    async fn renew(&self) -> Result<bool, LockError> {
        let mut standing = self.standing.lock().await;
        let begun = (self.clock.now(), Instant::now());
        if self.swap(&mut standing, begun.0 + self.claim.term, false).await? {
            let mut hold = self.hold.lock().unwrap_or_else(PoisonError::into_inner);
            hold.until = begun.0 + self.claim.term;
            hold.until_here = begun.1 + self.claim.term;
            Ok(true)
        } else {
            Ok(false)
        }
    }

    /// Writes the next content over our last one. Whether that worked is read back: a write that was
    /// answered by an error, or sent twice on the way, may have been carried out.
    async fn swap(&self, standing: &mut Standing, expires: Timestamp, released: bool) -> Result<bool, LockError> {
        standing.renewed += 1;
        let bytes = Content::new(&self.claim, standing.renewed, expires, released).bytes();
        let written = self.store.replace(PATH, &standing.version, bytes.into()).await;
        let there = self.store.read(PATH).await?;
        let by = match there {
            Some(there) => {
                let content = Content::parse(&there.bytes)?;
                if content.holder() == self.claim.holder {
                    standing.version = there.version;
                    if content.renewed == standing.renewed {
                        return Ok(true);
                    }
                    written?;
                    return Err(LockError::Damaged("what is written to it is not what is read".to_owned()));
                }
                format!("{} (process {}, run {}) has taken the lock", content.owner, content.pid, content.run)
            }
            None => format!("`{PATH}` was deleted from the state"),
        };
        self.hold.lock().unwrap_or_else(PoisonError::into_inner).lost = Some(by);
        Ok(false)
    }
}

impl Content {
    fn new(claim: &Claim, renewed: u64, expires: Timestamp, released: bool) -> Self {
        let Claim { holder, since, term } = claim;
        Self {
            format: FORMAT,
            owner: holder.owner.clone(),
            pid: holder.pid,
            run: holder.run.clone(),
            renewed,
            since: Some(seconds(*since)),
            term: Some(term.as_secs()),
            expires: seconds(expires),
            released,
        }
    }

    fn bytes(&self) -> Vec<u8> {
        serde_json::json!(self).to_string().into_bytes()
    }

    fn parse(bytes: &[u8]) -> Result<Self, LockError> {
        let content: Self = serde_json::from_slice(bytes).map_err(|why| LockError::Damaged(why.to_string()))?;
        if content.format != FORMAT {
            return Err(LockError::Damaged(format!("it has format {}, not {FORMAT}", content.format)));
        }
        content.expiry()?;
        Ok(content)
    }

    fn expiry(&self) -> Result<Timestamp, LockError> {
        self.expires.parse().map_err(|_| LockError::Damaged(format!("`{}` is not a time", self.expires)))
    }

    /// When it may be taken over, a fifth of its term after its expiry: clocks differ, and a call may be in flight.
    fn free(&self, expires: Timestamp) -> Timestamp {
        let term = self.term.map_or(TERM, Duration::from_secs).min(LONGEST_TERM);
        expires.checked_add(term / 5).unwrap_or(Timestamp::MAX)
    }

    fn holder(&self) -> Holder {
        Holder { owner: self.owner.clone(), pid: self.pid, run: self.run.clone() }
    }
}

/// `2026-01-02T03:04:05Z`: rounded down, so that others never take us for longer-lived than we do.
fn seconds(time: Timestamp) -> String {
    Timestamp::from_second(time.as_second()).map_or_else(|_| time.to_string(), |whole| whole.to_string())
}
