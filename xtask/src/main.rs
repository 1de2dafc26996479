//! Tasks of the workspace: `cargo xtask <task>`.

mod bench;
mod conformance;
mod demo;
mod emulator;
mod lint;
mod models;
mod new;
mod oracle;
mod pictures;
mod python;
mod scaffolds;
mod stage;
mod test;
mod workspace;

use std::process::ExitCode;

const USAGE: &str = "\
usage: cargo xtask <task>

  test                     everything that must hold before a commit: format, lints, tests, models, scaffolds
  lint                     the rules of the house that the compiler does not know
  bench [SUBJECT …]        how fast it is, of one subject or all, as one table
  conformance [SERVICE …]  requests and replies of every operation against botocore's
  demo [--keep]            a whole run against an emulator on this machine; --keep leaves the emulator running
  pictures                 the pictures of the README anew, from what the program prints on the demo's stage
  new control ID [TABLE]   a control to start from: its query and its cases
  new table NAME           a table to start from, by the API model: aws_<service>_<resource>
  new feature ID           a feature of the baseline to start from
  oracle [--cases N]       compare the policy engine with another one on generated cases (needs Node and npm)
  models [--check]         compile the API models anew";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let result = match args.as_slice() {
        ["test"] => test::run(),
        ["lint"] => lint::run(),
        ["bench", rest @ ..] => bench::run(rest),
        ["conformance", services @ ..] => conformance::run(services),
        ["demo"] => demo::run(false),
        ["demo", "--keep"] => demo::run(true),
        ["pictures"] => pictures::run(),
        ["new", rest @ ..] => new::run(rest),
        ["oracle", rest @ ..] => oracle::run(rest),
        ["models", rest @ ..] => models::run(&rest.iter().map(|&arg| arg.to_owned()).collect::<Vec<_>>()),
        _ => Err(USAGE.to_owned()),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}
