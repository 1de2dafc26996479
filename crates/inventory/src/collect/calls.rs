//! The calls of one cell: what several tables ask for is asked once, and once it is known that nobody can
//! sign in to the account, nothing more is asked.

use std::collections::HashMap;
use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use dodai_api::Aws;
use dodai_facts::{Failure, FailureKind, Region};
use dodai_models::partitions;
use futures::StreamExt;
use serde_json::Value;
use tokio::sync::OnceCell;

use super::Place;
use crate::tables::{Request, Table};

/// The pages of a reply, and why they are not all.
#[derive(Debug, Clone, Default)]
pub(crate) struct Pages {
    pub(crate) pages: Vec<Value>,
    pub(crate) failure: Option<Failure>,
}

/// Service and operation, Region, parameters as text.
type Key = (String, Region, String);

/// Reads tables in one cell.
pub(crate) struct CellReader {
    aws: Arc<dyn Aws>,
    pub(crate) place: Place,
    /// Names of the calls whose replies are kept.
    shared: Vec<String>,
    kept: Mutex<HashMap<Key, Arc<OnceCell<Arc<Pages>>>>>,
    /// Why nobody can sign in to the account.
    locked_out: Mutex<Option<Failure>>,
    calls: Arc<AtomicUsize>,
}

impl fmt::Debug for CellReader {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("CellReader").field("place", &self.place).finish_non_exhaustive()
    }
}

impl CellReader {
    pub(crate) fn new(aws: Arc<dyn Aws>, place: Place, shared: Vec<String>, calls: Arc<AtomicUsize>) -> Self {
        Self { aws, place, shared, kept: Mutex::default(), locked_out: Mutex::default(), calls }
    }

    /// Every page of a reading call, in the cell's Region unless another is given.
    pub(crate) async fn pages(&self, request: &Request, params: Value, region: Option<Region>) -> Arc<Pages> {
        let region = region.unwrap_or_else(|| self.place.region.clone());
        if !self.shared.contains(&request.name()) {
            return Arc::new(self.ask(request, &params, &region).await);
        }
        let key = (request.name(), region.clone(), params.to_string());
        let cell = guard(&self.kept).entry(key).or_default().clone();
        cell.get_or_init(|| async { Arc::new(self.ask(request, &params, &region).await) }).await.clone()
    }

    async fn ask(&self, request: &Request, params: &Value, region: &Region) -> Pages {
        if let Some(failure) = guard(&self.locked_out).clone() {
            return Pages { pages: Vec::new(), failure: Some(failure) };
        }
        self.calls.fetch_add(1, Ordering::Relaxed);
        let mut reply = self.aws.pages(&self.place.account, region, &request.service, &request.operation, params);
        let mut pages = Pages::default();
        while let Some(page) = reply.next().await {
            match page {
                Ok(page) => pages.pages.push(page),
                Err(failure) => {
                    // A failure of STS where another service was asked: there is no session in the account.
                    if failure.service == "sts" && request.service != "sts" {
                        *guard(&self.locked_out) = Some(failure.clone());
                    }
                    pages.failure = Some(failure);
                    break;
                }
            }
        }
        pages
    }

    /// Why a table is not read here at all: its service has no endpoint in the cell's Region, so that a call
    /// would end in a time-out. Where the Region data does not know, the call is made.
    pub(crate) fn not_offered(&self, table: &Table) -> Option<Failure> {
        let region = self.place.cell.region()?;
        let request = &table.list.first()?.request;
        (partitions::offered(&request.service, region.as_str()) == Some(false)).then(|| {
            let message = format!("`{}` is not offered in {region}", request.service);
            self.failure(request, FailureKind::OptedOut, "NotOffered", message)
        })
    }

    /// A failure of a call here that AWS did not give: the reply lacks what its model says.
    pub(crate) fn incomplete(&self, request: &Request, message: String) -> Failure {
        self.failure(request, FailureKind::Fault, "IncompleteReply", message)
    }

    pub(crate) fn failure(&self, request: &Request, kind: FailureKind, code: &str, message: String) -> Failure {
        Failure {
            account: Some(self.place.account.clone()),
            region: Some(self.place.region.clone()),
            ..request.failure(kind, code, message)
        }
    }
}

/// The data behind these locks is whole at every moment, so one that was left by a panic is as good.
fn guard<T>(lock: &Mutex<T>) -> MutexGuard<'_, T> {
    lock.lock().unwrap_or_else(PoisonError::into_inner)
}
