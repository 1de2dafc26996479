//! Somebody wants a run to end: Ctrl-C, or SIGTERM as a pipeline sends it.

use dodai_apply::Stop;
use dodai_texts::say;
use tokio::task::JoinHandle;

/// The exit code of a program that SIGINT ended, as shells have it.
const INTERRUPTED: i32 = 130;

/// Asks `stop` at the first signal. The second ends the program at once: the journal has every call that was sent, and
/// the next run looks what became of those without an answer. Both are listened for from now on: the second may come on
/// the heels of the first.
pub fn listen(stop: &Stop) -> JoinHandle<()> {
    let (stop, mut signals) = (stop.clone(), Signals::new());
    tokio::spawn(async move {
        signals.next().await;
        eprintln!("{}", say!("apply-stopping"));
        stop.ask();
        signals.next().await;
        eprintln!("{}", say!("apply-stopped-at-once"));
        std::process::exit(INTERRUPTED);
    })
}

#[cfg(unix)]
use tokio::signal::unix::Signal as Kind;
#[cfg(not(unix))]
use tokio::signal::windows::CtrlC as Kind;

/// The kinds of signal that can be listened for here. One that comes while nobody waits is kept for who waits next; the
/// system makes one of several of the same kind that come before the first is looked at.
struct Signals(Vec<Kind>);

impl Signals {
    #[cfg(unix)]
    fn new() -> Self {
        use tokio::signal::unix::{SignalKind, signal};
        let kinds = [SignalKind::interrupt(), SignalKind::terminate()];
        Self(kinds.into_iter().filter_map(|kind| signal(kind).ok()).collect())
    }

    #[cfg(not(unix))]
    fn new() -> Self {
        Self(tokio::signal::windows::ctrl_c().into_iter().collect())
    }

    /// Returns at a signal, each of which it takes once; never where none can be listened for.
    async fn next(&mut self) {
        std::future::poll_fn(|context| {
            let came = self.0.iter_mut().any(|kind| kind.poll_recv(context).is_ready());
            if came { std::task::Poll::Ready(()) } else { std::task::Poll::Pending }
        })
        .await;
    }
}

#[cfg(all(test, unix))]
mod tests {
    use std::process::Command;
    use std::time::Duration;

    use super::*;

    /// Sends signals to this very process, and returns when they have come.
    fn send(names: &[&str]) {
        let process = std::process::id().to_string();
        for name in names {
            assert!(Command::new("kill").args([name, process.as_str()]).status().unwrap().success());
        }
    }

    #[tokio::test]
    async fn none_is_missed_while_nobody_waits() {
        let mut signals = Signals::new();
        let mut come = async || tokio::time::timeout(Duration::from_secs(10), signals.next()).await.is_ok();
        send(&["-TERM", "-INT"]);
        assert!(come().await && come().await, "one of two that came at once was missed");
        send(&["-TERM"]);
        assert!(come().await, "one that came between two waits was missed");
        let more = tokio::time::timeout(Duration::from_millis(50), signals.next()).await;
        assert!(more.is_err(), "one was counted twice");
    }
}
