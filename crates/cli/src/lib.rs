//! The `dodai` command as a library: reads the command line, calls a verb, answers with its exit code.

mod administrators;
mod args;
mod assessment;
mod before;
mod colors;
mod directory;
mod ends;
mod exit;
mod failure;
mod folder;
mod gather;
mod interrupt;
mod kept;
mod left_out;
mod onboarded;
mod open_files;
mod policies;
mod print;
mod problems;
mod progress;
mod reading;
mod recording;
mod report;
mod verbs;
mod world;

#[cfg(test)]
mod denied;
#[cfg(test)]
mod hostile;

use std::collections::BTreeMap;
use std::process::ExitCode;

use clap::{CommandFactory as _, Parser as _};
use dodai_facts::{Problem, counted};

use args::{Cli, Command, Global};
use directory::Loaded;
use exit::Exit;
use failure::{Error, Result};

/// Bytes of stack of each thread; taken up only as far as they are used.
const STACK: usize = 16 << 20;

/// Everything that the command does.
pub fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            let _ = error.print();
            let wrong =
                error.use_stderr() && error.kind() != clap::error::ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand;
            return ExitCode::from(if wrong { Exit::Error.code() } else { Exit::Done.code() });
        }
    };
    // A query's plan is gone through from its root to its leaves: the stack is for the largest that is allowed.
    let runtime = match tokio::runtime::Builder::new_multi_thread().thread_stack_size(STACK).enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("error: no threads could be started: {error}");
            return ExitCode::from(Exit::Error.code());
        }
    };
    let ended = runtime.block_on(Box::pin(run(&cli)));
    // A query that was given up may still be busy, and nothing waits for it.
    runtime.shutdown_background();
    match ended {
        Ok(exit) => ExitCode::from(exit.code()),
        Err(error) => {
            eprintln!("{error}");
            ExitCode::from(if error.unknown { Exit::Unknown.code() } else { Exit::Error.code() })
        }
    }
}

async fn run(cli: &Cli) -> Result<Exit> {
    let recording = &cli.global.recording;
    recording.check(&cli.command)?;
    let answer = Box::pin(verb(cli)).await;
    let finished = recording.finish();
    let exit = answer?;
    finished.map(|()| exit)
}

async fn verb(cli: &Cli) -> Result<Exit> {
    let global = &cli.global;
    match &cli.command {
        Command::Check(args) => verbs::check::run(global, args).await,
        Command::Plan(args) => verbs::plan::run(global, args).await,
        Command::Apply(args) => Box::pin(verbs::apply::run(global, args)).await,
        Command::Assess(args) => Box::pin(verbs::assess::run(global, args)).await,
        Command::Query(args) => Box::pin(verbs::query::run(global, args)).await,
        Command::Policy(args) => verbs::policy::run(global, args).await,
        Command::Permissions(args) => verbs::permissions::run(global, args),
        Command::Features(args) => verbs::list::features_verb(global, args),
        Command::Tables(args) => verbs::list::tables_verb(global, args),
        Command::Controls(args) => verbs::list::controls_verb(global, args).await,
        Command::Completions { shell } => {
            clap_complete::generate(*shell, &mut Cli::command(), "dodai", &mut std::io::stdout());
            Ok(Exit::Done)
        }
    }
}

/// The directory, or everything that is wrong with it.
fn load(global: &Global) -> Result<Loaded> {
    load_with_texts(global).map(|(loaded, _)| loaded)
}

/// The directory, and the texts of its files.
fn load_with_texts(global: &Global) -> Result<(Loaded, BTreeMap<String, String>)> {
    let (loaded, texts) = directory::load_with_texts(&global.directory);
    match loaded {
        Ok(loaded) => Ok((loaded, texts)),
        Err(problems) => Err(wrong(global, &problems, &texts)),
    }
}

/// The directory, if its policies are sound: they have no finding that is an error, and their tests pass. Nothing is
/// asked of AWS for one that is not.
fn load_sound(global: &Global) -> Result<Loaded> {
    let (loaded, texts) = load_with_texts(global)?;
    let problems = policies::sound::verdict(&loaded).problems;
    if problems.is_empty() { Ok(loaded) } else { Err(wrong(global, &problems, &texts)) }
}

fn wrong(global: &Global, problems: &[Problem], texts: &BTreeMap<String, String>) -> Error {
    eprint!("{}", problems::shown(problems, texts, miette::Severity::Error));
    Error::new(
        format!("{} in the directory `{}`", counted(problems.len(), "problem"), global.directory.display()),
        "mend them; `dodai check` says whether all is right",
    )
}

/// The directory where there is one: listings work without.
fn load_if_there(global: &Global) -> Result<Option<Loaded>> {
    // What cannot be looked at is there, and `load` says what is wrong with it.
    if matches!(global.directory.join("dodai.yaml").try_exists(), Ok(false)) {
        Ok(None)
    } else {
        load(global).map(Some)
    }
}
