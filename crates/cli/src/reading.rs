//! From AWS, or from a stored run, to tables that SQL can ask.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use dodai_api::Aws;
use dodai_api::store::Store;
use dodai_baseline::Selection;
use dodai_facts::{AccountId, Region};
use dodai_inventory::TableSchema;
use dodai_inventory::collect::{Account, Collected, Collection, Progress, collect};
use dodai_inventory::snapshot::{Cells, Run, RunId, Shard, SnapshotPlace, SnapshotWriter, TableRead};
use dodai_inventory::sql::{Engine, Limits, Used};
use dodai_inventory::tables::{ACCOUNT_REGION_TABLE, ACCOUNT_TABLE, KnownAccount, Table, Tables, Wanted, given_rows};
use dodai_models::Models;
use dodai_org::{Directory, State};
use jiff::Timestamp;
use object_store::path::Path;
use tempfile::TempDir;
use tokio::sync::mpsc;

use crate::args::Global;
use crate::failure::{Error, Result};
use crate::left_out::{LeftOut, of_run};
use crate::world::{CELLS_AT_ONCE, Existing};

/// Tables that can be asked, and where they were read.
#[derive(Debug)]
pub struct Reading {
    pub engine: Engine,
    pub run: Run,
    /// Accounts by id.
    pub names: BTreeMap<AccountId, String>,
    pub management: AccountId,
    /// Where rows or gaps are expected.
    pub cells: Cells,
    /// The directory's accounts that are meant and were not read.
    pub left_out: Vec<LeftOut>,
    /// Where the rows are while they are asked, if they are not kept.
    pub scratch: Option<TempDir>,
}

/// Every table's form.
pub fn schemas(tables: &Tables) -> Vec<TableSchema> {
    tables.iter().map(|table| table.schema(Models::embedded())).collect()
}

/// What queries use, taken together.
pub fn together<'a>(all: impl IntoIterator<Item = &'a Used>) -> BTreeMap<String, BTreeSet<String>> {
    let mut together: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for used in all {
        for (table, columns) in &used.tables {
            together.entry(table.clone()).or_default().extend(columns.iter().cloned());
        }
    }
    together
}

/// Where a directory's runs are kept.
pub async fn place(global: &Global, directory: &Directory, store: &Store) -> Result<SnapshotPlace> {
    // Makes a local state what it has to be before anything is written there.
    let objects = store.object_store().await.map_err(Error::from_display)?;
    match &directory.state {
        State::Folder(folder) => {
            SnapshotPlace::local(&global.directory.join(folder)).await.map_err(Error::from_display)
        }
        State::S3 { prefix, .. } => Ok(SnapshotPlace::new(objects, &Path::from(prefix.as_str()))),
    }
}

/// What to read, where, and where to keep it.
pub struct Ask<'a> {
    pub aws: Arc<dyn Aws>,
    pub tables: &'a Tables,
    pub management: AccountId,
    pub home: Region,
    pub accounts: Vec<KnownAccount>,
    /// Table to columns.
    pub wanted: BTreeMap<String, BTreeSet<String>>,
    pub place: SnapshotPlace,
    pub run: RunId,
}

/// Reads the columns of the tables in the accounts and their Regions, and keeps them as a run.
pub async fn read(ask: Ask<'_>, progress: impl Fn(Progress) + Send) -> Result<Reading> {
    let account = |known: &KnownAccount| Account {
        id: known.id.clone(),
        name: known.name.clone(),
        regions: known.regions.clone(),
    };
    let cells = Cells {
        organization: true,
        accounts: ask
            .accounts
            .iter()
            .map(|known| (known.id.clone(), known.regions.iter().cloned().collect()))
            .collect(),
    };
    let tables = tables(ask.tables, &ask.wanted)?;
    let reads: Vec<TableRead> = tables
        .iter()
        .map(|(table, wanted)| TableRead::of(table, wanted, Models::embedded(), &ask.management))
        .collect();
    let collection = Collection {
        management: ask.management.clone(),
        home: ask.home.clone(),
        accounts: ask.accounts.iter().map(account).collect(),
        tables,
        concurrency: CELLS_AT_ONCE,
    };
    let run = ask.run;
    let models = env!("CARGO_PKG_VERSION");
    let mut writer = SnapshotWriter::new(ask.place.clone(), run.clone(), Shard::WHOLE, models, cells, reads);
    let (sink, mut source) = mpsc::channel::<Collected>(16);
    let write = async {
        for collected in given_rows(&ask.accounts, &ask.home) {
            writer.write(&collected.table, &collected.cell, collected.listing).await?;
        }
        while let Some(collected) = source.recv().await {
            writer.write(&collected.table, &collected.cell, collected.listing).await?;
        }
        writer.finish(Timestamp::now()).await
    };
    let (read, written) = tokio::join!(collect(ask.aws, &collection, sink, progress), write);
    // A writer that failed stops the collection: its own failure comes first.
    written.map_err(|error| {
        Error::new(
            format!("what was read could not be kept (run `{run}`): {error}"),
            "make room where it is kept; a run that was not finished is never read, and may be deleted",
        )
    })?;
    read.map_err(Error::from_display)?;
    let names = ask.accounts.into_iter().map(|account| (account.id, account.name)).collect();
    stored(ask.tables, ask.place, run.as_str(), names, ask.management).await
}

/// A stored run, ready to be asked.
pub async fn stored(
    tables: &Tables,
    place: SnapshotPlace,
    name: &str,
    names: BTreeMap<AccountId, String>,
    management: AccountId,
) -> Result<Reading> {
    let run = place.open(name).await.map_err(Error::from_display)?;
    let began = run.id().and_then(RunId::began).unwrap_or_else(Timestamp::now);
    let engine = Engine::new(schemas(tables), run.clone(), began, Limits::default()).map_err(Error::from_display)?;
    let cells = run.cells().clone();
    Ok(Reading { engine, run, names, management, cells, left_out: Vec::new(), scratch: None })
}

/// A stored run of which nothing else is known: the accounts' names are among its rows.
pub async fn stored_alone(
    tables: &Tables,
    directory: &Directory,
    selection: &Selection,
    place: SnapshotPlace,
    name: &str,
) -> Result<Reading> {
    let nobody: AccountId = "000000000000".parse().map_err(Error::from_display)?;
    let mut reading = stored(tables, place, name, BTreeMap::new(), nobody).await?;
    let sql = format!("select account_id, account_name from {ACCOUNT_TABLE}");
    let answer = reading.engine.query(&sql).await.map_err(Error::from_display)?;
    for row in answer.objects() {
        let text = |name: &str| row.get(name).and_then(serde_json::Value::as_str).unwrap_or_default().to_owned();
        if let Ok(id) = text("account_id").parse::<AccountId>() {
            reading.names.insert(id, text("account_name"));
        }
    }
    let management = directory.management().map(|account| account.name.as_str());
    if let Some((id, _)) = reading.names.iter().find(|(_, name)| Some(name.as_str()) == management) {
        reading.management = id.clone();
    }
    reading.left_out = of_run(directory, selection, &reading.names);
    Ok(reading)
}

/// The accounts that can be read, as tables know them.
pub fn known(directory: &Directory, existing: &[Existing], regions: &[String]) -> Vec<KnownAccount> {
    let mut known = Vec::new();
    for there in existing.iter().filter(|there| there.status == "ACTIVE") {
        let Some(account) = directory.account(&there.name) else { continue };
        let chosen = |region: &&Region| regions.is_empty() || regions.iter().any(|name| name == region.as_str());
        known.push(KnownAccount {
            id: there.id.clone(),
            name: account.name.clone(),
            email: account.email.clone(),
            unit: account.unit.clone(),
            profile: account.profile,
            status: there.status.clone(),
            regions: directory.regions(account).iter().filter(chosen).cloned().collect(),
            config_role: dodai_baseline::config_role(directory, account, &there.id),
        });
    }
    known
}

/// The tables with their wanted columns; the accounts' own tables are always among them.
fn tables(all: &Tables, wanted: &BTreeMap<String, BTreeSet<String>>) -> Result<Vec<(Arc<Table>, Wanted)>> {
    let mut tables = Vec::new();
    for (name, columns) in wanted {
        let Some(table) = all.get(name) else { continue };
        let wanted = table.want(columns.iter().map(String::as_str)).map_err(Error::defect)?;
        tables.push((table.clone(), wanted));
    }
    for name in [ACCOUNT_TABLE, ACCOUNT_REGION_TABLE] {
        tables.retain(|(table, _)| table.name() != name);
        let table = all.table(name).map_err(Error::defect)?;
        tables.push((table.clone(), Wanted::All));
    }
    Ok(tables)
}
