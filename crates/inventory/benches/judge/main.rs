//! Writes an organization directory and a stored run for `cargo xtask bench judge`: every table that the built-in controls
//! ask, with a million rows in all. The values are those of the controls' own cases, so that some rows pass and some
//! fail; a table that several controls ask has the columns of all of them.

#![expect(clippy::unwrap_used, reason = "a measurement on rows of its own")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{create_dir_all, write};
use std::path::Path;

use dodai_api::store::Store;
use dodai_controls::Registry;
use dodai_facts::{AccountId, Cell, Listing, Region, Row, Scope};
use dodai_inventory::snapshot::{Cells, RunId, Shard, SnapshotPlace, SnapshotWriter, TableRead};
use dodai_inventory::sql::Engine;
use dodai_inventory::tables::{KnownAccount, Tables, given_rows};
use dodai_models::Models;
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Map, Value, json};

const ROWS: usize = 1_000_000;
const ACCOUNTS: u64 = 250;
const REGIONS: [&str; 4] = ["ap-northeast-1", "us-east-1", "eu-west-1", "us-west-2"];

/// The rows of a case, whatever else it has.
#[derive(Deserialize)]
struct Case {
    #[serde(default)]
    rows: BTreeMap<String, Vec<Map<String, Value>>>,
}

#[derive(Deserialize)]
struct Cases {
    cases: Vec<Case>,
}

/// By table, for each control that has rows of it in its cases: those rows.
type Samples = BTreeMap<String, Vec<Vec<Map<String, Value>>>>;

fn main() {
    let folder =
        std::env::args().skip(1).find(|argument| argument.starts_with('/')).expect("a folder, as an absolute path");
    let folder = Path::new(&folder);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    write_directory(folder);
    let rows = runtime.block_on(write_run(&folder.join(".dodai")));
    println!("rows\t{rows}\t");
}

fn account(number: u64) -> (AccountId, String) {
    ((111_122_220_000 + number).to_string().parse().unwrap(), format!("account-{number:03}"))
}

fn write_directory(folder: &Path) {
    create_dir_all(folder.join("accounts")).unwrap();
    let organization = json!({
        "organization": "o-exampleorgid",
        "home_region": REGIONS[0],
        "regions": REGIONS,
        "standards": ["fsbp", "cis-5.0"],
        "state": ".dodai",
    });
    write(folder.join("dodai.yaml"), organization.to_string()).unwrap();
    for number in 0..ACCOUNTS {
        let (id, name) = account(number);
        let mut file = json!({ "email": format!("{name}@example.com"), "id": id, "unit": "Root", "profile": "secure" });
        if number == 0 {
            file["management"] = json!(true);
        }
        write(folder.join(format!("accounts/{name}.yaml")), file.to_string()).unwrap();
    }
}

async fn write_run(state: &Path) -> u64 {
    let (tables, registry) = (Tables::read(Models::embedded(), []).unwrap(), Registry::new([]).unwrap());
    let schemas = tables.iter().map(|table| table.schema(Models::embedded()));
    let engine = Engine::of_schemas(schemas).unwrap();
    let mut columns: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for control in registry.controls() {
        for (table, used) in engine.columns_used(&control.sql).await.unwrap().tables {
            columns.entry(table).or_default().extend(used);
        }
        for table in &control.of {
            columns.entry(table.clone()).or_default();
        }
    }
    let accounts: Vec<KnownAccount> = (0..ACCOUNTS).map(known).collect();
    let home: Region = REGIONS[0].parse().unwrap();
    let regions = accounts.iter().map(|account| (account.id.clone(), account.regions.iter().cloned().collect()));
    let cells = Cells { organization: true, accounts: regions.collect() };
    let given = given_rows(&accounts, &home);
    let is_given = |name: &str| given.iter().any(|collected| collected.table == name);

    let read = columns.iter().map(|(name, columns)| {
        let table = tables.table(name).unwrap();
        (table, table.want(columns.iter().map(String::as_str)).unwrap())
    });
    let read: Vec<_> = read.collect();
    let management = account(0).0;
    let reads = read.iter().map(|(table, wanted)| TableRead::of(table, wanted, Models::embedded(), &management));
    // Makes the folder a state, as the command would.
    Store::open(state.to_str().unwrap(), None).unwrap().object_store().await.unwrap();
    let place = SnapshotPlace::local(state).await.unwrap();
    let run = RunId::new(Timestamp::now(), 0);
    let mut writer = SnapshotWriter::new(place, run, Shard::WHOLE, "bench", cells.clone(), reads);
    for collected in &given {
        writer.write(&collected.table, &collected.cell, collected.listing.clone()).await.unwrap();
    }
    let samples = samples(&registry);
    let many = read.iter().filter(|(table, _)| !is_given(table.name()) && table.scope() != Scope::Organization).count();
    for (table, _) in &read {
        if is_given(table.name()) {
            continue;
        }
        let of = cells.of(table.scope());
        let each = if table.scope() == Scope::Organization { 10 } else { ROWS / many / of.len() };
        let samples = samples.get(table.name()).map(Vec::as_slice).unwrap_or_default();
        for cell in of {
            let rows = (0..each).map(|number| row(table.name(), &cell, samples, number)).collect();
            writer.write(table.name(), &cell, Listing { rows, failure: None }).await.unwrap();
        }
    }
    let manifest = writer.finish(Timestamp::now()).await.unwrap();
    manifest.tables.values().map(|table| table.rows).sum()
}

fn known(number: u64) -> KnownAccount {
    let (id, name) = account(number);
    KnownAccount {
        email: format!("{name}@example.com"),
        id,
        name,
        unit: String::new(),
        profile: dodai_facts::Profile::Secure,
        status: "ACTIVE".to_owned(),
        regions: REGIONS.iter().map(|region| region.parse().unwrap()).collect(),
        config_role: None,
    }
}

fn samples(registry: &Registry) -> Samples {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut samples = Samples::new();
    for control in registry.controls() {
        let text = std::fs::read_to_string(root.join(control.file.replace(".sql", ".cases.yaml"))).unwrap();
        let mut of_control: BTreeMap<String, Vec<Map<String, Value>>> = BTreeMap::new();
        for case in serde_saphyr::from_str::<Cases>(&text).unwrap().cases {
            for (table, rows) in case.rows {
                of_control.entry(table).or_default().extend(rows);
            }
        }
        for (table, rows) in of_control {
            samples.entry(table).or_default().push(rows);
        }
    }
    samples
}

/// One row: what each control's cases say of the table, another one of them in each row.
fn row(table: &str, cell: &Cell, samples: &[Vec<Map<String, Value>>], number: usize) -> Row {
    let id = format!(
        "arn:aws:bench:{}:{}:{table}/{number}",
        cell.region().map_or("", Region::as_str),
        cell.account().map_or("", AccountId::as_str)
    );
    let mut values = Map::new();
    for rows in samples {
        if let Some(row) = number.checked_rem(rows.len()).and_then(|at| rows.get(at)) {
            values.extend(row.clone());
        }
    }
    values.remove("_id");
    values.insert("account_id".to_owned(), json!(cell.account()));
    values.insert("region".to_owned(), json!(cell.region()));
    values.insert("arn".to_owned(), json!(id));
    Row { id, values, failures: BTreeMap::new() }
}
