//! Somebody wants a run to end: Ctrl-C, or SIGTERM as a pipeline sends it.

use dodai_apply::Stop;
use dodai_texts::say;
use tokio::task::JoinHandle;

/// The exit code of a program that SIGINT ended, as shells have it.
const INTERRUPTED: i32 = 130;

/// Asks `stop` at the first signal. The second ends the program at once: the journal has every call that was sent, and
/// the next run looks what became of those without an answer.
pub fn listen(stop: &Stop) -> JoinHandle<()> {
    let stop = stop.clone();
    tokio::spawn(async move {
        signal().await;
        eprintln!("{}", say!("apply-stopping"));
        stop.ask();
        signal().await;
        eprintln!("{}", say!("apply-stopped-at-once"));
        std::process::exit(INTERRUPTED);
    })
}

/// Returns at a signal; never where none can be listened for.
async fn signal() {
    let interrupt = async {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    };
    tokio::select! {
        () = interrupt => {}
        () = terminate() => {}
    }
}

#[cfg(unix)]
async fn terminate() {
    use tokio::signal::unix::{SignalKind, signal};
    match signal(SignalKind::terminate()) {
        Ok(mut signals) => {
            signals.recv().await;
        }
        Err(_) => std::future::pending().await,
    }
}

#[cfg(not(unix))]
async fn terminate() {
    std::future::pending().await
}
