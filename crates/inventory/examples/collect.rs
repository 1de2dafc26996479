//! Reads tables in our own account and prints their rows and gaps as JSON, one a line:
//! `cargo run -p dodai-inventory --example collect -- [--region REGION]… [TABLE[:COLUMN,…]]…` (no table: all).
//! Credentials and endpoints come from the environment; the first Region is the home Region.

use std::process::ExitCode;
use std::sync::Arc;

use dodai_api::{Client, Settings};
use dodai_facts::Region;
use dodai_inventory::collect::{Account, Collection, collect_into_inventory};
use dodai_inventory::tables::{Tables, Wanted};
use dodai_models::Models;
use serde_json::json;

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
    let tables = Tables::read(Models::embedded(), [])
        .map_err(|problems| problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))?;
    let (mut regions, mut picked) = (Vec::<Region>::new(), Vec::new());
    let mut arguments = arguments.into_iter();
    while let Some(argument) = arguments.next() {
        if argument == "--region" {
            let code = arguments.next().ok_or("`--region` needs a Region")?;
            regions.push(code.parse().map_err(|error: dodai_facts::InvalidName| error.to_string())?);
            continue;
        }
        let (name, columns) =
            argument.split_once(':').map_or((argument.as_str(), None), |(name, columns)| (name, Some(columns)));
        let table = tables.table(name)?;
        let wanted = columns.map_or(Ok(Wanted::All), |columns| table.want(columns.split(',')))?;
        picked.push((table.clone(), wanted));
    }
    if picked.is_empty() {
        picked = tables.iter().map(|table| (table.clone(), Wanted::All)).collect();
    }
    let home = regions.first().ok_or("say at least one `--region`")?.clone();
    let client = Client::connect(Settings::new(home.clone())).await;
    let management = client.identity().await.map_err(|failure| failure.to_string())?.account;
    let account = Account { id: management.clone(), name: "ours".to_owned(), regions };
    let collection = Collection { management, home, accounts: vec![account], tables: picked, concurrency: 8 };
    let progress = |progress: dodai_inventory::collect::Progress| {
        eprintln!("{} of {} cells, {} calls", progress.cells_done, progress.cells, progress.calls);
    };
    let inventory =
        collect_into_inventory(Arc::new(client), &collection, progress).await.map_err(|error| error.to_string())?;
    for table in inventory.tables() {
        for (cell, listing) in inventory.table(table) {
            for row in &listing.rows {
                println!("{}", json!({"table": table, "cell": cell, "id": row.id, "values": row.values}));
            }
        }
    }
    for gap in inventory.gaps() {
        println!("{}", json!({"table": gap.table, "row": gap.row, "gap": gap.column, "why": gap.failure.to_string()}));
    }
    Ok(())
}
