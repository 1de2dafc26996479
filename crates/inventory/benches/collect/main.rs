//! One collection as a user's `query` or `assess` makes it: 30 tables side by side in 200 cells, 100 rows of 1 KB in each,
//! from signed requests to the Parquet files of a snapshot. AWS is played in memory (`memory.rs`); everything between its
//! replies and the disk is the product's. Prints figures for `cargo xtask bench collect` and judges nothing.

#![expect(clippy::unwrap_used, clippy::cast_precision_loss, reason = "a measurement on replies of its own")]

mod memory;
mod process;
mod replies;
#[path = "../../../api/benches/calls/reply.rs"]
mod reply;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Instant;

use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use dodai_api::{Client, Endpoints, Settings};
use dodai_facts::{AccountId, Region};
use dodai_inventory::collect::{Account, Collected, Collection, Progress, collect};
use dodai_inventory::snapshot::{Cells, Manifest, RunId, Shard, SnapshotPlace, SnapshotWriter, TableRead};
use dodai_inventory::tables::{Column, Table, Tables, Wanted};
use dodai_models::Models;
use jiff::Timestamp;
use tokio::sync::mpsc;

use memory::Memory;
use replies::{TABLES, Template};

const ACCOUNTS: u64 = 50;
const REGIONS: [&str; 4] = ["eu-west-1", "eu-central-1", "us-east-1", "us-west-2"];
/// As the command has them.
const CELLS_AT_ONCE: usize = 64;
const REQUESTS_AT_ONCE: usize = 256;

fn main() {
    let templates: Vec<Template> = TABLES.iter().map(Template::new).collect();
    let row_bytes: f64 = templates.iter().map(Template::row_bytes).sum::<f64>() / templates.len() as f64;
    let memory = Memory::new(templates);
    let tables = Tables::read(Models::embedded(), []).unwrap();
    let collection = collection(&tables);
    let folder = tempfile::tempdir().unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let before = process::peak_megabytes();
    let (clock, processor) = (Instant::now(), process::processor_seconds());
    let place = runtime.block_on(SnapshotPlace::local(folder.path())).unwrap();
    let (manifest, progress) = runtime.block_on(run(client(&memory), &collection, place));
    let (seconds, processor) = (clock.elapsed().as_secs_f64(), process::processor_seconds() - processor);

    // What is measured reads everything that was there.
    let rows: u64 = manifest.tables.values().map(|table| table.rows).sum();
    let cells = ACCOUNTS * REGIONS.len() as u64;
    assert_eq!((rows, manifest.gaps), (cells * TABLES.len() as u64 * replies::ROWS, 0));
    let bytes: u64 = manifest.tables.values().filter_map(|table| table.file.as_ref()).map(|file| file.bytes).sum();
    println!("rows\t{rows}\t");
    println!("their values as JSON\t{}\tMB", rows as f64 * row_bytes / 1e6);
    println!("memory at most\t{}\tMB", process::peak_megabytes());
    println!("memory before the first call\t{before}\tMB");
    println!("processor\t{processor}\ts");
    println!("processor, of that to make the replies\t{}\ts", memory.seconds());
    println!("clock\t{seconds}\ts");
    println!("snapshot\t{}\tMB", bytes as f64 / 1e6);
    println!("{} tables in {cells} cells, {} calls, in one collection", TABLES.len(), progress.calls);
    println!("every table had been asked for once after {} lists", memory.calls_until_all());
    println!("signing, the orchestrator, decoding, collecting and writing are in it; sockets and TLS are not");
}

/// The tables with the columns that their lists give: no call for each row.
fn collection(tables: &Tables) -> Collection {
    let picked = TABLES.iter().map(|listed| {
        let table = tables.table(listed.table).unwrap().clone();
        let list = table.calls(&table.want([]).unwrap()).len();
        let is_listed = |name: &&str| table.calls(&table.want([*name]).unwrap()).len() == list;
        let wanted = table.want(table.columns().iter().map(Column::name).filter(is_listed)).unwrap();
        (table, wanted)
    });
    let picked: Vec<(Arc<Table>, Wanted)> = picked.collect();
    let regions: Vec<Region> = REGIONS.iter().map(|code| code.parse().unwrap()).collect();
    let account =
        |number: u64| Account { id: account(number), name: format!("account-{number}"), regions: regions.clone() };
    Collection {
        management: self::account(0),
        home: regions.first().unwrap().clone(),
        accounts: (0..ACCOUNTS).map(account).collect(),
        tables: picked,
        concurrency: CELLS_AT_ONCE,
    }
}

fn account(number: u64) -> AccountId {
    (memory::MANAGEMENT + number).to_string().parse().unwrap()
}

fn client(memory: &Memory) -> Client {
    let credentials =
        Credentials::new("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", None, None, "bench");
    let mut settings = Settings::new(REGIONS.first().unwrap().parse().unwrap());
    settings.concurrency = REQUESTS_AT_ONCE;
    let provider = SharedCredentialsProvider::new(credentials);
    Client::assemble(settings, Endpoints::default(), provider, SharedHttpClient::new(memory.clone()))
}

/// As the command reads.
async fn run(client: Client, collection: &Collection, place: SnapshotPlace) -> (Manifest, Progress) {
    let regions: BTreeSet<Region> = REGIONS.iter().map(|code| code.parse().unwrap()).collect();
    let accounts = collection.accounts.iter().map(|account| (account.id.clone(), regions.clone())).collect();
    let cells = Cells { organization: true, accounts };
    let reads = collection
        .tables
        .iter()
        .map(|(table, wanted)| TableRead::of(table, wanted, Models::embedded(), &collection.management));
    let run = RunId::new(Timestamp::now(), 0);
    let mut writer = SnapshotWriter::new(place, run, Shard::WHOLE, "bench", cells, reads);
    let (sink, mut source) = mpsc::channel(16);
    let write = async {
        while let Some(collected) = source.recv().await {
            let Collected { table, cell, listing } = collected;
            writer.write(&table, &cell, listing).await.unwrap();
        }
        writer.finish(Timestamp::now()).await.unwrap()
    };
    let (progress, manifest) = tokio::join!(collect(Arc::new(client), collection, sink, |_| ()), write);
    (manifest, progress.unwrap())
}
