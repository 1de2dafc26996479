//! Processor time of one call: parameters checked and written, endpoint found, signed, handed to AWS's orchestrator, the
//! reply read and decoded. Nothing leaves the process: replies come from memory. Prints figures for `cargo xtask bench
//! calls` and judges nothing.

#![expect(clippy::unwrap_used, clippy::cast_precision_loss, reason = "a measurement on replies of its own")]

mod memory;
mod reply;

use std::fs;
use std::time::{Duration, Instant};

use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use dodai_api::{Client, Endpoints, Settings};
use dodai_facts::{AccountId, Region};
use dodai_models::Models;
use serde_json::{Value, json};

use memory::Memory;
use reply::Generator;

/// Rounds of which the fastest counts: what disturbs only ever slows down.
const ROUNDS: usize = 7;
const CALLS: usize = 200;

fn main() {
    let calls = [
        ("ec2", "DescribeInstances", json!({}), 30_000),
        ("ec2", "DescribeSecurityGroups", json!({"MaxResults": 1000}), 30_000),
        ("iam", "ListRoles", json!({}), 30_000),
        ("config", "DescribeConfigRules", json!({}), 5_000),
        ("cloudtrail", "DescribeTrails", json!({}), 5_000),
        ("guardduty", "GetDetector", json!({"DetectorId": "12abc34d567e8fa901bc2d34e56789f0"}), 0),
        ("kms", "DescribeKey", json!({"KeyId": "1234abcd-12ab-34cd-56ef-1234567890ab"}), 0),
    ];
    let only: Vec<String> = std::env::args().skip(1).filter(|arg| !arg.starts_with('-')).collect();
    for (service, operation, params, bytes) in calls {
        if only.is_empty() || only.iter().any(|name| name == operation) {
            measure(service, operation, &params, bytes);
        }
    }
    println!(
        "time is {}, the fastest of {ROUNDS} rounds",
        if on_cpu().is_some() { "the processor's" } else { "the clock's" }
    );
}

/// One operation with a reply of at least so many bytes.
fn measure(service: &str, operation: &str, params: &Value, bytes: usize) {
    let model = Models::embedded().service(service).unwrap();
    let (body, output) = Generator::new(&model).reply(operation, bytes);
    let size = body.len();
    let client = client(body);
    // The clock stands still and jumps: pacing costs no time.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
    let account: AccountId = memory::ACCOUNT.parse().unwrap();
    let region: Region = "eu-west-1".parse().unwrap();
    let call = || client.call(&account, &region, service, operation, params);
    // What is measured reads everything that the reply says.
    assert_eq!(runtime.block_on(call()).unwrap(), output, "{service}.{operation}");
    let mut best = Duration::MAX;
    for _ in 0..ROUNDS {
        let (start, clock) = (on_cpu(), Instant::now());
        runtime.block_on(async {
            for _ in 0..CALLS {
                std::hint::black_box(call().await.unwrap());
            }
        });
        best = best.min(match (start, on_cpu()) {
            (Some(start), Some(end)) => end.saturating_sub(start),
            _ => clock.elapsed(),
        });
    }
    let kilobytes = size as f64 / 1e3;
    println!("{service} {operation}, {kilobytes:.1} KB\t{:.1}\tµs a call", best.as_secs_f64() * 1e6 / CALLS as f64);
}

fn client(body: String) -> Client {
    let credentials =
        Credentials::new("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", None, None, "bench");
    Client::assemble(
        Settings::new("eu-west-1".parse().unwrap()),
        Endpoints::default(),
        SharedCredentialsProvider::new(credentials),
        SharedHttpClient::new(Memory::new(body)),
    )
}

/// What this thread has run on a processor, where Linux tells it.
fn on_cpu() -> Option<Duration> {
    let text = fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    text.split(' ').next()?.parse().ok().map(Duration::from_nanos)
}
