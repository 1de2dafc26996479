//! How many decisions a second of processor time: in process, and through JSON lines. Prints figures for `cargo xtask
//! bench policy` and judges nothing.
//!
//! The account: four levels of three service control policies each (AWS's examples, with `FullAWSAccess`), five identity
//! policies, half of whose statements have conditions; fifty requests, most of which are allowed. Then the same with the
//! library's guardrails in place of AWS's examples. With `--cases FILE` the lines of a file are decided instead: those
//! that another engine is asked too.

#![expect(clippy::unwrap_used, clippy::cast_precision_loss, reason = "a measurement on files of this repository")]

mod library;

use std::fmt::Write as _;
use std::io::{BufRead as _, BufReader, BufWriter, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};
use std::{env, fs, hint};

use dodai_policy::decide::{Asked, Cache, Given, Judge, Policies, Policy, Request, decide_line};
use dodai_policy::language::read_json;
use serde_json::{Value, json};

const FULL: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#;
const LEVELS: usize = 4;
/// Rounds of which the fastest counts: what disturbs only ever slows down.
const ROUNDS: usize = 7;
const DECISIONS: usize = 400_000;
const LINES: usize = 60_000;

fn main() {
    let mut args = env::args().skip_while(|arg| arg != "--cases");
    match args.nth(1) {
        Some(file) => cases(Path::new(&file)),
        None => mixes(),
    }
    println!(
        "time is {}, the fastest of {ROUNDS} rounds",
        if on_cpu().is_some() { "the processor's" } else { "the clock's" }
    );
}

/// The lines of a file, each of which may have policies of its own.
fn cases(file: &Path) {
    let count = fs::read_to_string(file).unwrap().lines().count();
    row("generated cases, each with policies of its own", fastest(count, || through_files(file)));
}

fn mixes() {
    let mix = Mix::read();
    let texts = mix.lines();
    row("decisions, in process", in_process(mix.policies(), &mix.requests));
    let closed: Vec<Request> = mix.asked.iter().map(|asked| request(asked, true)).collect();
    row("decisions, in process, the library's policies", in_process(mix.library(), &closed));
    let file = env::temp_dir().join(format!("dodai-bench-{}.jsonl", std::process::id()));
    let lines: String = texts.iter().cycle().take(LINES).flat_map(|line| [line.as_str(), "\n"]).collect();
    fs::write(&file, &lines).unwrap();
    row(&format!("lines of {} bytes", lines.len() / LINES), fastest(LINES, || through_files(&file)));
    let short: String = mix.short_lines().iter().cycle().take(LINES).flat_map(|line| [line.as_str(), "\n"]).collect();
    fs::write(&file, &short).unwrap();
    row(&format!("lines of {} bytes", short.len() / LINES), fastest(LINES, || through_files(&file)));
    fs::remove_file(&file).unwrap();
    println!("of {} requests: {}", mix.requests.len(), decisions(mix.policies(), &mix.requests));
    println!("with the library's policies: {}", decisions(mix.library(), &closed));
}

/// Nanoseconds for a decision.
fn in_process(policies: Policies, requests: &[Request]) -> f64 {
    let mut judge = Judge::new(policies);
    fastest(DECISIONS, || {
        for request in requests.iter().cycle().take(DECISIONS) {
            hint::black_box(judge.decide(hint::black_box(request)));
        }
    })
}

fn decisions(policies: Policies, requests: &[Request]) -> String {
    let mut judge = Judge::new(policies);
    let mut counts = std::collections::BTreeMap::new();
    for request in requests {
        *counts.entry(judge.decide(request).decision.as_str()).or_insert(0) += 1;
    }
    counts.iter().fold(String::new(), |mut text, (decision, count)| {
        let _ = write!(text, "{}{count} {decision}", if text.is_empty() { "" } else { ", " });
        text
    })
}

/// The lines of a file, decided, into another.
fn through_files(file: &Path) {
    let mut cache = Cache::default();
    let mut reader = BufReader::with_capacity(1 << 16, fs::File::open(file).unwrap());
    let mut writer = BufWriter::with_capacity(1 << 16, fs::File::create(file.with_extension("out")).unwrap());
    let mut line = String::new();
    while reader.read_line(&mut line).unwrap() > 0 {
        writer.write_all(decide_line(&line, &mut cache).as_bytes()).unwrap();
        writer.write_all(b"\n").unwrap();
        line.clear();
    }
    writer.flush().unwrap();
    fs::remove_file(file.with_extension("out")).unwrap();
}

struct Mix {
    levels: Vec<Vec<Value>>,
    identity: Vec<Value>,
    asked: Vec<Value>,
    requests: Vec<Request<'static>>,
}

impl Mix {
    fn read() -> Self {
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut files: Vec<PathBuf> =
            here.join("tests/corpus/service-control").read_dir().unwrap().map(|entry| entry.unwrap().path()).collect();
        files.sort();
        let texts = files.iter().map(|file| fs::read_to_string(file).unwrap());
        let mut examples = texts.filter(|text| read_json("p", text).is_ok()).map(|text| parsed(&text));
        let full = parsed(FULL);
        let levels =
            (0..LEVELS).map(|_| [full.clone()].into_iter().chain(examples.by_ref().take(2)).collect()).collect();
        let read = |name: &str| fs::read_to_string(here.join("benches/policy").join(name)).unwrap();
        let identity = parsed(&read("identity.json")).as_array().unwrap().clone();
        let asked: Vec<Value> = read("requests.jsonl").lines().map(parsed).collect();
        let requests = asked.iter().map(|asked| request(asked, false)).collect();
        Self { levels, identity, asked, requests }
    }

    /// The same identity policies below the library's.
    fn library(&self) -> Policies {
        library::around(self.identity.iter().map(policy).collect())
    }

    fn policies(&self) -> Policies {
        let level = |values: &Vec<Value>| values.iter().map(policy).collect();
        Policies {
            identity: self.identity.iter().map(policy).collect(),
            scps: Some(self.levels.iter().map(level).collect()),
            ..Policies::default()
        }
    }

    fn lines(&self) -> Vec<String> {
        let lines = self.asked.iter().enumerate().map(|(id, request)| {
            json!({ "id": id, "request": request, "identity": self.identity, "scps": self.levels }).to_string()
        });
        lines.collect()
    }

    /// With one policy.
    fn short_lines(&self) -> Vec<String> {
        let lines = self.asked.iter().enumerate();
        lines
            .map(|(id, request)| json!({ "id": id, "request": request, "identity": [self.identity[0]] }).to_string())
            .collect()
    }
}

fn parsed(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

fn policy(value: &Value) -> Arc<Policy> {
    Arc::new(Policy::new("p", "", read_json("p", &value.to_string()).unwrap()))
}

fn request(value: &Value, closed: bool) -> Request<'static> {
    let text = |name: &str| value[name].as_str().unwrap().to_owned();
    let texts = |value: &Value| match value {
        Value::Array(values) => values.iter().map(|value| value.as_str().unwrap().to_owned()).collect(),
        one => vec![one.as_str().unwrap().to_owned()],
    };
    let context = value["context"].as_object().unwrap();
    Request::new(Asked {
        principal: text("principal"),
        action: text("action"),
        resources: vec![text("resource")],
        resource_account: Some(text("resourceAccount")),
        context: context.iter().map(|(key, value)| (key.clone(), Given::Values(texts(value)))).collect(),
        closed,
        ..Asked::default()
    })
    .unwrap()
}

/// Nanoseconds for each of `count`.
fn fastest(count: usize, mut run: impl FnMut()) -> f64 {
    let times = (0..ROUNDS).map(|_| {
        let (start, clock) = (on_cpu(), Instant::now());
        run();
        match (start, on_cpu()) {
            (Some(start), Some(end)) => end.saturating_sub(start),
            _ => clock.elapsed(),
        }
    });
    times.min().unwrap_or_default().as_nanos() as f64 / count as f64
}

/// What this thread has run on a processor, where Linux tells it.
fn on_cpu() -> Option<Duration> {
    let text = fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    text.split(' ').next()?.parse().ok().map(Duration::from_nanos)
}

/// A figure, as `cargo xtask bench` reads it.
fn row(what: &str, nanoseconds: f64) {
    println!("{what}\t{:.0}\ta second", 1e9 / nanoseconds);
}
