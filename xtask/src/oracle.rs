//! `cargo xtask oracle`: decides generated cases with our policy engine and with one that others wrote, and explains
//! every difference: a known one, where AWS's documentation is on our side, or a new one, cut down to a small case.
//!
//! A development tool: it needs Node and npm, and is no part of `cargo xtask test`. What it found is kept in
//! `crates/policy/tests/corpus`, which a test of that crate runs.

mod compare;
mod corpus;
mod derived;
mod engine;
mod generate;
mod known;
mod shrink;
mod simulator;
mod speed;
mod tally;

use std::collections::BTreeMap;

use serde_json::Value;

use crate::workspace;
use compare::{Comparer, Verdict};
use corpus::Corpus;
use tally::Tally;

pub(crate) use speed::OtherEngine;

const USAGE: &str = "\
usage: cargo xtask oracle [--cases N] [--seed S] [--freeze]
       cargo xtask oracle --print N [--seed S]

  --cases N   how many cases (100000)
  --seed S    which cases (1)
  --freeze    write the corpus of crates/policy anew from these cases
  --print N   print the first N cases and decide nothing";

const CORPUS: &str = "crates/policy/tests/corpus/decisions.jsonl";
/// Cases that are answered at a time.
const BATCH: u64 = 512;
/// Unexplained differences that are cut down; of the others only the number is said.
const SHRUNK: usize = 60;

#[derive(Debug, PartialEq, Eq)]
struct Options {
    cases: u64,
    seed: u64,
    freeze: bool,
    print: Option<u64>,
}

fn options(args: &[&str]) -> Result<Options, String> {
    let mut options = Options { cases: 100_000, seed: 1, freeze: false, print: None };
    let mut args = args.iter();
    while let Some(&arg) = args.next() {
        let mut number = || {
            let value = args.next().and_then(|value| value.parse().ok());
            value.ok_or_else(|| format!("`{arg}` needs a number\n\n{USAGE}"))
        };
        match arg {
            "--cases" => options.cases = number()?,
            "--seed" => options.seed = number()?,
            "--print" => options.print = Some(number()?),
            "--freeze" => options.freeze = true,
            _ => return Err(format!("`{arg}` is no option\n\n{USAGE}")),
        }
    }
    Ok(options)
}

pub(crate) fn run(args: &[&str]) -> Result<(), String> {
    let options = options(args)?;
    if let Some(count) = options.print {
        (0..count).for_each(|number| println!("{}", generate::case(options.seed, number)));
        return Ok(());
    }
    let mut comparer = Comparer::start()?;
    let mut tally = Tally::default();
    let mut corpus = Corpus::default();
    let mut unexplained = Vec::new();
    let mut number = 0;
    while number < options.cases {
        let end = (number + BATCH).min(options.cases);
        let cases: Vec<Value> = (number..end).map(|number| generate::case(options.seed, number)).collect();
        for (case, outcome) in cases.iter().zip(comparer.compare_all(&cases)?) {
            tally.count(case, &outcome);
            corpus.offer(case, &outcome);
            if outcome.verdict == Verdict::Unexplained {
                unexplained.push(case.clone());
            }
        }
        number = end;
    }
    print!("{tally}");
    show(&unexplained, &mut comparer)?;
    if !unexplained.is_empty() {
        return Err(format!("{} differences without an explanation", unexplained.len()));
    }
    if options.freeze {
        workspace::write(&workspace::root().join(CORPUS), &corpus.text())?;
        println!("\n{CORPUS}: {} cases", corpus.len());
    }
    Ok(())
}

/// Prints differences by what is left of them when they are cut down.
fn show(unexplained: &[Value], comparer: &mut Comparer) -> Result<(), String> {
    let mut groups: BTreeMap<String, (u32, String)> = BTreeMap::new();
    for case in unexplained.iter().take(SHRUNK) {
        let small = shrink::shrink(case, comparer)?;
        let outcome = comparer.compare(&small)?;
        let answers = format!("ours: {}; the other engine: {}", outcome.ours(), outcome.theirs());
        let group = format!("{answers}; {}", shrink::outline(&small));
        groups.entry(group).or_insert_with(|| (0, format!("{answers}\n{small}"))).0 += 1;
    }
    let mut groups: Vec<(u32, String)> = groups.into_values().collect();
    groups.sort_by_key(|(count, _)| std::cmp::Reverse(*count));
    for (count, text) in groups {
        println!("\n{count} × {text}");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_have_defaults_and_are_checked() {
        let defaults = Options { cases: 100_000, seed: 1, freeze: false, print: None };
        assert_eq!(options(&[]), Ok(defaults));
        let given = options(&["--seed", "7", "--freeze", "--cases", "10"]);
        assert_eq!(given, Ok(Options { cases: 10, seed: 7, freeze: true, print: None }));
        assert!(options(&["--seed"]).is_err_and(|error| error.starts_with("`--seed` needs a number")));
        assert!(options(&["--seeds"]).is_err_and(|error| error.starts_with("`--seeds` is no option")));
    }
}
