//! Test equipment: a proxy in front of moto (an AWS emulator that others wrote) that keeps state for what moto lacks,
//! injects faults and logs every call. Nothing of the product depends on it.
//!
//! What it does differently from moto is written from AWS's documentation, one behaviour a file, each naming the page
//! that it follows: evidence of our reading of AWS, not of AWS.

#![expect(clippy::doc_markdown, reason = "AWS's names of services, and titles of its pages")]

mod authorize;
mod behaviours;
mod call;
mod control;
mod faults;
mod identity;
mod journal;
mod limits;
mod mend;
mod moto;
mod names;
mod page;
mod pipeline;
mod reply;
mod route;
mod scale;
mod schedule;
mod state;
mod visibility;

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::pipeline::Testbed;
pub use crate::schedule::Schedule;

/// Where calls go that no behaviour answers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Upstream {
    /// Nowhere: they answer 501. For tests of what the testbed answers by itself.
    #[default]
    Nowhere,
    /// A `moto_server` program, started and stopped by the testbed.
    Program(PathBuf),
    /// A moto server that runs already, `http://127.0.0.1:5000`.
    Url(String),
}

/// How the testbed behaves. What AWS does in the background is counted in reads, so that no test depends on the clock;
/// disturbances take time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// Loopback; port 0 takes a free one.
    pub listen: SocketAddr,
    pub upstream: Upstream,
    /// Whether a moto that the testbed starts holds AWS's managed policies (37 MB an account).
    pub managed_policies: bool,
    /// How many reads of an account's creation say `IN_PROGRESS`.
    pub create_account_reads: u32,
    /// Where set, a creation also ends by itself after this time.
    pub create_account_after: Option<Duration>,
    /// How many reads of the root say `PENDING_ENABLE` or `PENDING_DISABLE` of a policy type.
    pub policy_type_reads: u32,
    /// How many reads of a Region say `ENABLING` or `DISABLING`.
    pub region_reads: u32,
    /// How many reads of a Security Hub standard say `PENDING` or `DELETING`.
    pub standards_reads: u32,
    /// Calls that are disturbed by a seeded schedule.
    pub schedule: Option<Schedule>,
    /// Throttles by token buckets of this share of the published limits, in percent.
    pub limits: Option<u32>,
    /// How long changes are not seen by reads that were made before.
    pub visible_after: Option<Duration>,
    /// How long the keys of a session last, whatever was asked for.
    pub session: Option<Duration>,
    /// Whether replies are remembered, for `GET /testbed/recording`.
    pub record: bool,
    /// A scale file: many accounts are answered from what was recorded of a few, at the published rates.
    pub scale: Option<PathBuf>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            upstream: Upstream::Nowhere,
            managed_policies: true,
            create_account_reads: 2,
            create_account_after: None,
            policy_type_reads: 1,
            region_reads: 1,
            standards_reads: 1,
            schedule: None,
            limits: None,
            visible_after: None,
            session: None,
            record: false,
            scale: None,
        }
    }
}

/// A testbed that listens. Dropping it stops it, and the moto that it started.
#[derive(Debug)]
pub struct Running {
    /// `http://127.0.0.1:41234`; what `AWS_ENDPOINT_URL` is set to.
    pub url: String,
    accepting: JoinHandle<()>,
}

impl Drop for Running {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

/// Starts the testbed and, where asked for, moto; returns when both answer.
///
/// Errors: the address is taken, the program is not there, or moto does not answer within a minute.
pub async fn start(options: Options) -> io::Result<Running> {
    let listener = TcpListener::bind(options.listen).await?;
    let url = format!("http://{}", listener.local_addr()?);
    let upstream = moto::Moto::start(&options.upstream, options.managed_policies).await?;
    let scale = options.scale.as_deref().map(scale::Scale::open).transpose()?;
    let testbed = Arc::new(Testbed::new(options, upstream, scale)?);
    let accepting = tokio::spawn(accept(listener, testbed));
    Ok(Running { url, accepting })
}

/// Serves each connection in a task of its own; all of them end with this future.
async fn accept(listener: TcpListener, testbed: Arc<Testbed>) {
    let mut connections = tokio::task::JoinSet::new();
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            // Out of file descriptors, most likely: the next one may fare better.
            tokio::time::sleep(Duration::from_millis(20)).await;
            continue;
        };
        while connections.try_join_next().is_some() {}
        let testbed = Arc::clone(&testbed);
        connections.spawn(async move {
            // Replies are small and their callers wait for them.
            let _ = stream.set_nodelay(true);
            let service = service_fn(move |request| {
                let testbed = Arc::clone(&testbed);
                async move { testbed.serve(request).await }
            });
            // A client that goes away in the middle is not this side's concern.
            let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
        });
    }
}
