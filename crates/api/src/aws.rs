//! AWS as whoever collects or applies sees it: so that they can be tested without AWS.

use dodai_facts::{AccountId, Failure, Region};
use futures::future::BoxFuture;
use futures::stream::BoxStream;
use serde_json::Value;

/// Calls any operation in any account and Region.
pub trait Aws: Send + Sync {
    /// One call; the output's members by the model's names.
    fn call<'a>(
        &'a self,
        account: &'a AccountId,
        region: &'a Region,
        service: &'a str,
        operation: &'a str,
        params: &'a Value,
    ) -> BoxFuture<'a, Result<Value, Failure>>;

    /// The outputs of all pages in order. A failure is the last item: what came before it is not everything.
    fn pages<'a>(
        &'a self,
        account: &'a AccountId,
        region: &'a Region,
        service: &'a str,
        operation: &'a str,
        params: &'a Value,
    ) -> BoxStream<'a, Result<Value, Failure>>;
}
