//! Calls one operation and prints its pages as JSON, one a line:
//! `cargo run -p dodai-api --example call -- [--account ID] [--region REGION] SERVICE OPERATION [JSON]`.
//! Credentials and endpoints come from the environment; without `--account` the call is made in our own account.

use std::process::ExitCode;

use dodai_api::{Client, Settings};
use futures::StreamExt;
use serde_json::Value;

#[tokio::main]
async fn main() -> ExitCode {
    match run(std::env::args().skip(1).collect()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("{}", message.escape_debug());
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: Vec<String>) -> Result<(), String> {
    let (mut account, mut region, mut words) = (None, "us-east-1".to_owned(), Vec::new());
    let mut arguments = arguments.into_iter();
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--account" => account = arguments.next(),
            "--region" => region = arguments.next().ok_or("`--region` needs a Region")?,
            _ => words.push(argument),
        }
    }
    let [service, operation, params @ ..] = words.as_slice() else {
        return Err("usage: call [--account ID] [--region REGION] SERVICE OPERATION [JSON]".to_owned());
    };
    let params: Value = match params.first() {
        Some(text) => serde_json::from_str(text).map_err(|error| error.to_string())?,
        None => Value::Object(serde_json::Map::new()),
    };
    let wrong = |error: dodai_facts::InvalidName| error.to_string();
    let region: dodai_facts::Region = region.parse().map_err(wrong)?;
    let client = Client::connect(Settings::new(region.clone())).await;
    let account = match account {
        Some(account) => account.parse().map_err(wrong)?,
        None => client.identity().await.map_err(|failure| failure.to_string())?.account,
    };
    let mut pages = std::pin::pin!(client.pages(&account, &region, service, operation, &params));
    while let Some(page) = pages.next().await {
        println!("{}", page.map_err(|failure| failure.to_string())?);
    }
    let stats = client.stats();
    eprintln!("{} calls, {} throttled, {} retries", stats.calls, stats.throttled, stats.retries);
    Ok(())
}
