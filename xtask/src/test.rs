//! `cargo xtask test`: everything that must hold before a commit, in the order of how soon it can fail. CI runs this and
//! nothing else.

use std::time::Instant;

use crate::python::Environment;
use crate::workspace::{self, cargo};
use crate::{conformance, lint, models, scaffolds};

/// What a step is, and what it runs.
type Step = (&'static str, fn() -> Result<(), String>);

const STEPS: &[Step] = &[
    ("format", || workspace::run(cargo().args(["fmt", "--all", "--check"]))),
    ("rules of the house", lint::run),
    ("models", || models::run(&["--check".to_owned()])),
    ("clippy", || {
        workspace::run(cargo().args([
            "clippy",
            "--workspace",
            "--all-targets",
            "--locked",
            "--quiet",
            "--",
            "-D",
            "warnings",
        ]))
    }),
    ("tests", tests),
    ("conformance", || conformance::run(&[])),
    ("scaffolds", scaffolds::run),
];

pub(crate) fn run() -> Result<(), String> {
    let start = Instant::now();
    for (name, step) in STEPS {
        println!("== {name}");
        let start = Instant::now();
        step().map_err(|error| format!("{name}: {error}"))?;
        println!("== {name}: {} s", start.elapsed().as_secs());
    }
    println!("== all: {} s", start.elapsed().as_secs());
    Ok(())
}

/// The seed of generated cases. A commit that passed passes again; `cargo test` by hand tries others each time.
const SEED: (&str, &str) = ("PROPTEST_RNG_SEED", "20261130");

/// Unit, integration and doc tests; those that need the emulator find it by `DODAI_MOTO`.
fn tests() -> Result<(), String> {
    let moto = Environment::emulator()?.program("moto_server");
    let mut tests = cargo();
    tests.args(["test", "--workspace", "--locked", "--quiet"]).env("DODAI_MOTO", moto);
    let (name, seed) = SEED;
    if std::env::var_os(name).is_none() {
        tests.env(name, seed);
    }
    workspace::run(&mut tests)
}
