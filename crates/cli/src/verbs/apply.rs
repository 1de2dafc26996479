//! `dodai apply`: carries out a plan, round by round, under the organization's one lock.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::io::{BufRead as _, IsTerminal as _};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use dodai_apply::{
    Ended, Event, Execution, FileOutcome, Holder, Journal, Lock, MOST_BYTES, Past, Permits, RoundsEnd, RoundsOutcome,
    Stop, SystemClock, apply_file, read_plan, rounds, run_id,
};
use dodai_baseline::{Plan, Selection, format};
use dodai_facts::Cell;
use dodai_facts::escape::terminal;
use dodai_texts::say;
use jiff::Timestamp;

use crate::args::{ApplyArgs, Global};
use crate::colors::print_report;
use crate::ends::{Ends, line};
use crate::exit::Exit;
use crate::failure::{Error, Result};
use crate::gather;
use crate::interrupt::listen;
use crate::print::print;
use crate::progress::Progress;
use crate::world::{World, selection};

/// How long the role of a new account may take to be seen.
const NEW_ACCOUNT: Duration = Duration::from_mins(3);

pub async fn run(global: &Global, args: &ApplyArgs) -> Result<Exit> {
    let loaded = crate::load_sound(global)?;
    let saved = args.file.as_deref().map(|path| saved_plan(path, &loaded.directory.organization)).transpose()?;
    let selection = match &saved {
        Some(plan) => again(plan),
        None => selection(&loaded.directory, &args.selection, &args.feature)?,
    };
    if saved.is_none() && !args.yes && !std::io::stdin().is_terminal() {
        return Err(Error::new(
            "there is nobody to ask: standard input is not a terminal".to_owned(),
            "read `dodai plan` first, then give --yes, or save the plan (-o FILE) and apply the file",
        ));
    }
    let world = World::connect(global, Arc::new(loaded)).await?;
    let store = world.store.clone();
    let organization = world.context.organization.clone();
    let now = Timestamp::now();
    let (owner, pid) = (owner(), std::process::id());
    let holder = Holder { run: run_id(&owner, pid, now), owner, pid };
    let clock = Arc::new(SystemClock);
    let term = Duration::from_secs(args.lock_term.into());
    let (lock, taken) = Lock::take(&store, clock, holder.clone(), term).await.map_err(Error::from_display)?;
    if let Some(taken) = taken {
        let owner = terminal(&taken.from.owner);
        let time = taken.expired.to_string();
        eprintln!("{}", say!("apply-took-over", owner = owner, run = taken.from.run.as_str(), time = time));
    }
    let answer = under_lock(global, args, &world, saved.as_ref(), &selection, &organization, &holder, &lock, now).await;
    let released = lock.release().await.map_err(Error::from_display);
    // What went wrong first says more: a state that takes no journal takes no release either.
    answer.and_then(|exit| released.map(|()| exit))
}

#[expect(clippy::too_many_arguments, reason = "everything that one run is made of, used once")]
async fn under_lock(
    global: &Global,
    args: &ApplyArgs,
    world: &World,
    saved: Option<&Plan>,
    selection: &Selection,
    organization: &str,
    holder: &Holder,
    lock: &Lock,
    now: Timestamp,
) -> Result<Exit> {
    let store = world.store.clone();
    let past = Past::read(&store, organization).await.map_err(Error::from_display)?;
    for notice in past.notices() {
        eprintln!("{}", terminal(notice));
    }
    let journal = Journal::start(&store, holder, organization, env!("CARGO_PKG_VERSION"), now)
        .await
        .map_err(Error::from_display)?;
    let stop = Stop::default();
    let listening = listen(&stop);
    let progress = Progress::new(global.quiet);
    let report = Report { progress: &progress, world, failed: AtomicUsize::new(0) };
    let on = |event: Event<'_>| report.event(&event);
    let with = Execution {
        aws: &world.client,
        journal: &journal,
        past: &past,
        lock,
        stop: &stop,
        permits: Permits {
            guardrail: args.allow_guardrail,
            irreversible: args.allow_irreversible,
            delete: args.allow_delete,
        },
        parallel: usize::from(args.parallel),
        on: &on,
    };
    let (ask, show) = (saved.is_none() && !args.yes, saved.is_none());
    let mut planner = Planner { world, selection, progress: &progress, stop: &stop, ask, show };
    let exit = match saved {
        None => {
            let outcome = rounds(&mut planner, &with).await?;
            let settled = outcome.settle(&store, &with).await.map_err(Error::from_display);
            progress.clear();
            let exit = show_rounds(&outcome)?;
            settled.and_then(|()| outcome.error.map_or(Ok(exit), Err))
        }
        Some(saved) => {
            let outcome = apply_file(saved, &mut planner, &with).await?;
            let ended = journal.end(outcome.next.as_ref()).await.map_err(Error::from_display);
            progress.clear();
            let exit = show_file(&outcome)?;
            ended.and_then(|()| outcome.error.map_or(Ok(exit), Err))
        }
    };
    listening.abort();
    exit
}

/// What is read and planned again of a saved plan: the accounts that it changes. What it does in the organization itself
/// may depend on any account.
fn again(plan: &Plan) -> Selection {
    let mut selection = plan.selection.clone();
    if plan.changes.iter().any(|change| change.cell == Cell::Organization) {
        return selection;
    }
    let accounts: BTreeSet<&String> = plan.changes.iter().map(|change| &change.account).collect();
    if !accounts.is_empty() {
        selection.accounts = accounts.into_iter().cloned().collect();
    }
    selection
}

/// Plans each round and asks whether it may run.
struct Planner<'a> {
    world: &'a World,
    selection: &'a Selection,
    progress: &'a Progress,
    stop: &'a Stop,
    ask: bool,
    show: bool,
}

impl dodai_apply::World for Planner<'_> {
    type Error = Error;

    async fn plan(&mut self, round: usize) -> Result<Plan> {
        // Later rounds enter accounts that were made just now, whose role is not seen everywhere at once.
        let patience = if round > 0 { NEW_ACCOUNT } else { Duration::ZERO };
        let client = self.world.client.patient(patience);
        // Reading changes nothing, so that nothing of it is waited for.
        tokio::select! {
            plan = gather::plan(self.world, &client, self.selection, self.progress) => plan,
            () = self.stop.asked() => Err(Error { unknown: true, ..Error::new(
                "interrupted while reading".to_owned(),
                "run it again: it goes on with what is left",
            )}),
        }
    }

    async fn confirm(&mut self, plan: &Plan) -> bool {
        if self.show && print_report(&format::text(plan)).is_err() {
            return false;
        }
        let yes = !self.ask || self.answered_yes().await;
        if yes {
            self.progress.stage(&say!("progress-changes", changes = plan.changes.len()));
        }
        yes
    }
}

impl Planner<'_> {
    async fn answered_yes(&self) -> bool {
        eprint!("\n{} ", say!("apply-ask"));
        let _ = std::io::Write::flush(&mut std::io::stderr());
        let answer = tokio::task::spawn_blocking(|| {
            let mut answer = String::new();
            std::io::stdin().lock().read_line(&mut answer).is_ok() && answer.trim() == "yes"
        });
        tokio::select! {
            answer = answer => answer.unwrap_or_default(),
            () = self.stop.asked() => false,
        }
    }
}

/// Tells how far a round is. What failed is told at the end of all, once, with where else it failed.
struct Report<'a> {
    progress: &'a Progress,
    world: &'a World,
    failed: AtomicUsize,
}

impl Report<'_> {
    fn event(&self, event: &Event<'_>) {
        match event {
            Event::Started { .. } => {}
            Event::Waiting { change, why, .. } => self.progress.waiting(&format!("{}: {why}", change.id)),
            Event::Ended { ended, so_far, all, .. } => {
                if matches!(ended, Ended::Failed(_)) {
                    self.failed.fetch_add(1, Ordering::Relaxed);
                }
                let said = match self.failed.load(Ordering::Relaxed) {
                    0 => say!("progress-changes-done", done = *so_far, all = *all),
                    failed => say!("progress-changes-failed", done = *so_far, all = *all, failed = failed),
                };
                self.progress.step(&said, *so_far, *all, &self.world.client);
            }
        }
    }
}

fn show_rounds(outcome: &RoundsOutcome<Error>) -> Result<Exit> {
    let Ends { text, done, rest } = Ends::of(outcome.ends());
    print_report(&text)?;
    let rounds = outcome.rounds.len();
    let (end, exit) = match outcome.end {
        RoundsEnd::Done if done == 0 => (format::headline(&outcome.last), Exit::Done),
        RoundsEnd::Done if outcome.last.blocked.is_empty() => {
            (say!("apply-done", changes = done, rounds = rounds), Exit::Done)
        }
        RoundsEnd::Done => (say!("apply-done-but-blocked", changes = done, rounds = rounds), Exit::Done),
        RoundsEnd::NoProgress => {
            (say!("apply-no-progress", changes = done, rounds = rounds, left = rest), Exit::Pending)
        }
        RoundsEnd::Declined => (say!("apply-declined", changes = done), Exit::Pending),
        RoundsEnd::Unplanned => (say!("apply-unplanned", changes = done), Exit::Unknown),
        RoundsEnd::Stopped => {
            let why = outcome.rounds.last().and_then(|round| round.stopped.clone()).unwrap_or_default();
            (say!("apply-stopped", why = terminal(&why), changes = done), Exit::Unknown)
        }
    };
    let end = format!("{end}\n");
    match outcome.end {
        RoundsEnd::Done => print_report(&end)?,
        _ => print(&end)?,
    }
    let failed = outcome.ends().values().any(|ended| matches!(ended, Ended::Failed(_)));
    // What could not be read is said again at the end.
    if outcome.end != RoundsEnd::Declined {
        print_report(&format::not_planned(&outcome.last))?;
    }
    Ok(exit.or(Exit::Unknown.when(failed || !outcome.last.blocked.is_empty())))
}

fn show_file(outcome: &FileOutcome<Error>) -> Result<Exit> {
    let comparison = &outcome.comparison;
    let mut text = String::new();
    for id in &comparison.done {
        text.push_str(&line(&say!("apply-already"), id, &say!("apply-nothing-left")));
    }
    for left in &comparison.left {
        text.push_str(&line(&say!("apply-not-run"), &left.id, &left.why));
    }
    for difference in &comparison.different {
        text.push_str(&line(&say!("apply-refused"), &difference.id, &say!("apply-different")));
        for what in &difference.what {
            let _ = writeln!(text, "           {}", terminal(what));
        }
    }
    if !comparison.new.is_empty() {
        let _ = writeln!(text, "{}", say!("apply-new", changes = comparison.new.len()));
    }
    print(&text)?;
    let ran = outcome.outcome.changes.iter().filter(|(id, _)| comparison.run.iter().any(|change| change.id == *id));
    let Ends { text, done, .. } = Ends::of(ran.map(|(id, ended)| (id.as_str(), ended)));
    print_report(&text)?;
    let mut exit = Exit::Unknown.when(outcome.outcome.failed() > 0 || outcome.outcome.stopped.is_some());
    let left = match &outcome.next {
        Some(next) => {
            exit = exit.or(crate::verbs::plan::exit_of(next));
            print_report(&format::not_planned(next))?;
            next.changes.len() + next.due.len()
        }
        None => 0,
    };
    let end = match left {
        0 => say!("apply-file-done", changes = done),
        _ => say!("apply-file-due", changes = done, left = left),
    };
    print(&format!("{end}\n"))?;
    Ok(exit.or(Exit::Pending.when(!comparison.different.is_empty() || !comparison.left.is_empty())))
}

fn saved_plan(path: &std::path::Path, organization: &str) -> Result<Plan> {
    use std::io::Read as _;
    let mut bytes = Vec::new();
    // One byte more than is taken, so that it is said what is too much.
    let most = MOST_BYTES + 1;
    std::fs::File::open(path).and_then(|file| file.take(most).read_to_end(&mut bytes)).map_err(|error| {
        Error::new(format!("{}: {error}", path.display()), "give a file that `dodai plan -o` wrote")
    })?;
    read_plan(&bytes, organization).map_err(|error| Error::from_display(format!("{}: {error}", path.display())))
}

/// `user@host`, as far as the environment says.
fn owner() -> String {
    let user = std::env::var("USER").or_else(|_| std::env::var("LOGNAME")).unwrap_or_else(|_| "unknown".to_owned());
    let host = std::fs::read_to_string("/etc/hostname").map(|name| name.trim().to_owned());
    format!("{user}@{}", host.unwrap_or_else(|_| "unknown".to_owned()))
}
