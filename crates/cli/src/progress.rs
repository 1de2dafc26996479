//! How far a long operation is: a line that is drawn again on a terminal, plain lines elsewhere.

use std::io::IsTerminal;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use dodai_api::Client;
use dodai_facts::escape::terminal;
use dodai_inventory::collect;
use dodai_texts::say;
use indicatif::{ProgressBar, ProgressStyle};

/// Plain lines are not written more often than this.
const EVERY: Duration = Duration::from_secs(10);
/// How often the line is drawn again.
const TICK: Duration = Duration::from_millis(120);

#[derive(Debug)]
pub struct Progress {
    /// None where nothing is to be shown.
    shown: Option<Shown>,
}

#[derive(Debug)]
struct Shown {
    bar: Option<ProgressBar>,
    began: Instant,
    /// When the part of the work began that is being done.
    stage: Mutex<Instant>,
    /// When a plain line was last written.
    last: Mutex<Instant>,
}

impl Progress {
    pub fn new(quiet: bool) -> Self {
        if quiet {
            return Self { shown: None };
        }
        let bar = std::io::stderr().is_terminal().then(|| {
            let bar = ProgressBar::new_spinner();
            if let Ok(style) = ProgressStyle::with_template("{spinner} {msg}") {
                bar.set_style(style);
            }
            bar
        });
        let now = Instant::now();
        Self { shown: Some(Shown { bar, began: now, stage: Mutex::new(now), last: Mutex::new(now) }) }
    }

    /// A new part of the work.
    pub fn stage(&self, what: &str) {
        if let Some(shown) = &self.shown {
            if let Ok(mut stage) = shown.stage.lock() {
                *stage = Instant::now();
            }
            match &shown.bar {
                Some(bar) => {
                    bar.set_message(terminal(what).into_owned());
                    // One that has been cleared is drawn again.
                    bar.reset();
                    bar.enable_steady_tick(TICK);
                }
                None => eprintln!("{}", terminal(what)),
            }
        }
    }

    /// What is waited for just now: on a terminal only, where the next line takes its place.
    pub fn waiting(&self, what: &str) {
        if let Some(bar) = self.shown.as_ref().and_then(|shown| shown.bar.as_ref()) {
            bar.set_message(terminal(what).into_owned());
        }
    }

    /// Cells done, calls made, throttles, time left.
    pub fn cells(&self, now: collect::Progress, client: &Client) {
        let said = say!("progress-cells-done", done = now.cells_done, all = now.cells);
        self.step(&said, now.cells_done, now.cells, client);
    }

    /// How many are done of all, as `said`; then calls made, throttles, time left.
    pub fn step(&self, said: &str, done: usize, all: usize, client: &Client) {
        let Some(shown) = &self.shown else { return };
        if shown.bar.is_none() && !shown.is_due() {
            return;
        }
        let stats = client.stats();
        let mut parts = vec![said.to_owned(), say!("progress-calls", calls = stats.calls)];
        if stats.throttled > 0 {
            parts.push(say!("progress-throttled", count = stats.throttled));
        }
        if let Some(left) = shown.left(done, all) {
            parts.push(say!("progress-left", seconds = left));
        }
        let line = parts.join(", ");
        match &shown.bar {
            Some(bar) => bar.set_message(line),
            None => eprintln!("{line}"),
        }
    }

    /// Nothing is shown until the next stage: something else is printed.
    pub fn clear(&self) {
        if let Some(bar) = self.shown.as_ref().and_then(|shown| shown.bar.as_ref()) {
            bar.finish_and_clear();
        }
    }

    /// The work is done: what it took.
    pub fn done(&self, client: &Client) {
        if let Some(shown) = &self.shown {
            let stats = client.stats();
            let seconds = format!("{:.1}", shown.began.elapsed().as_secs_f64());
            let line = say!("progress-done", calls = stats.calls, seconds = seconds, throttled = stats.throttled);
            match &shown.bar {
                Some(bar) => bar.finish_and_clear(),
                None => eprintln!("{line}"),
            }
        }
    }
}

impl Shown {
    fn is_due(&self) -> bool {
        let Ok(mut last) = self.last.lock() else { return false };
        let due = last.elapsed() >= EVERY;
        if due {
            *last = Instant::now();
        }
        due
    }

    /// Seconds left, if the rest goes as the part that is done went.
    fn left(&self, done: usize, all: usize) -> Option<u64> {
        let elapsed = self.stage.lock().ok()?.elapsed();
        let each = elapsed.as_secs_f64() / f64::from(u32::try_from(done).ok().filter(|done| *done > 0)?);
        let left = u32::try_from(all.saturating_sub(done)).ok()?;
        Duration::try_from_secs_f64(each * f64::from(left)).ok().map(|left| left.as_secs()).filter(|left| *left > 0)
    }
}
