//! Every case of every built-in control, on the SQL engine over the built-in tables.

use std::collections::BTreeSet;
use std::path::Path;

use dodai_controls::{Answer, Cases, ControlRow, Question, Registry};
use dodai_facts::Cell;
use dodai_inventory::TableSchema;
use dodai_inventory::snapshot::{Cells, Run, TableRead};
use dodai_inventory::sql::{ControlAnswer, Engine, Limits};
use dodai_inventory::tables::Tables;
use dodai_models::Models;
use dodai_policy::pattern::glob;
use dodai_policy::reference::{Access, Reference};

#[test]
fn every_case_of_every_control_holds() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let models = Models::embedded();
    let tables = Tables::read(models, []).unwrap();
    let schemas: Vec<TableSchema> = tables.iter().map(|table| table.schema(models)).collect();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let registry = Registry::new([]).unwrap();
    let mut wrong = Vec::new();
    let mut count = 0;
    for control in registry.controls() {
        let path = control.file.replace(".sql", ".cases.yaml");
        let text = std::fs::read_to_string(root.join(&path)).unwrap_or_else(|error| panic!("{path}: {error}"));
        let cases = Cases::parse(&path, &text).unwrap_or_else(|problems| panic!("{problems:?}"));
        for case in &cases.cases {
            count += 1;
            let ask = |question: &Question<'_>| runtime.block_on(ask(&schemas, question));
            let held = case.run(control, |table| tables.get(table).map(|table| table.scope()), ask);
            if let Err(problems) = held {
                wrong.push(format!("{} / {}:\n    {}", control.id, case.name, problems.join("\n    ")));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(count >= 100, "only {count} cases were run");
}

/// S3.2 and S3.3 tell reading from writing by patterns of actions: between them they have every action of S3, each once, but
/// the one that lets a service deliver logs about a bucket.
#[test]
fn an_action_of_s3_reads_or_writes() {
    let registry = Registry::new([]).unwrap();
    let patterns = |id: &str| -> Vec<String> {
        let control = registry.controls().into_iter().find(|control| control.id == id).unwrap();
        let quoted = control.sql.split('\'').filter(|text| text.starts_with("s3:"));
        quoted.map(str::to_owned).collect()
    };
    let (read, write) = (patterns("S3.2"), patterns("S3.3"));
    let actions = &Reference::embedded().service("s3").unwrap().actions;
    for action in actions.iter().filter(|action| action.name != "AllowVendedLogDeliveryForResource") {
        let name = format!("s3:{}", action.name);
        let fits = |patterns: &[String]| patterns.iter().any(|pattern| glob(pattern, &name));
        let reads = matches!(action.access, Access::Read | Access::List);
        assert_eq!((fits(&read), fits(&write)), (reads, !reads), "{name}");
    }
}

/// The columns that a query uses are the calls that it costs: these ask for one call more for each bucket, and no other.
#[test]
fn a_control_of_buckets_asks_for_its_own_column() {
    let models = Models::embedded();
    let tables = Tables::read(models, []).unwrap();
    let schemas: Vec<TableSchema> = tables.iter().map(|table| table.schema(models)).collect();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let registry = Registry::new([]).unwrap();
    let run = Run::in_memory(Cells::default(), [], &dodai_facts::Inventory::default()).unwrap();
    let engine = Engine::new(schemas, run, jiff::Timestamp::UNIX_EPOCH, Limits::default()).unwrap();
    for (id, columns) in [
        ("S3.14", &["_id", "versioning"][..]),
        ("S3.15", &["_id", "object_lock"]),
        ("S3.17", &["_id", "encryption"]),
        ("CloudTrail.6", &["Name", "_id", "account_id", "acl", "policy", "public_access_block"]),
    ] {
        let used = runtime.block_on(engine.columns_used(&registry.control(id).unwrap().sql)).unwrap();
        let of_buckets: Vec<&str> = used.tables["aws_s3_bucket"].iter().map(String::as_str).collect();
        assert_eq!(of_buckets, columns, "{id}");
        let of_trails: Vec<&String> = used.tables.get("aws_cloudtrail_trail").into_iter().flatten().collect();
        assert!(of_trails.iter().all(|column| ["S3BucketName", "account_id"].contains(&column.as_str())), "{id}");
    }
}

async fn ask(schemas: &[TableSchema], question: &Question<'_>) -> Result<Answer, String> {
    let mut cells = Cells::default();
    for table in question.inventory.tables() {
        for (cell, _) in question.inventory.table(table) {
            add(&mut cells, cell);
        }
    }
    let given = schemas.iter().filter(|schema| question.inventory.tables().any(|table| table == schema.name()));
    let reads = given.map(|schema| TableRead {
        schema: schema.clone(),
        columns: schema.columns().iter().map(|(column, _)| column.clone()).collect::<BTreeSet<_>>(),
        only: None,
    });
    let run = Run::in_memory(cells.clone(), reads, question.inventory).map_err(|error| error.to_string())?;
    let engine = Engine::new(schemas.iter().cloned(), run, question.now, Limits::default())
        .map_err(|error| error.to_string())?;
    let ControlAnswer { rows, used, gaps: unanswered } =
        engine.control_rows(question.sql).await.map_err(|error| error.to_string())?;
    // A value that does not fit its column would be a gap of the case's own making.
    let gaps = engine.gaps(&used, &cells).await.map_err(|error| error.to_string())?;
    if let Some(gap) = gaps.iter().find(|gap| gap.failure.code != "Case") {
        return Err(format!("{}: row {:?}, column {:?}", gap.failure, gap.row, gap.column));
    }
    let row = |row: dodai_inventory::sql::ControlRow| ControlRow {
        id: row.id,
        passed: row.passed,
        applicable: row.applicable,
        reason: row.reason,
    };
    Ok(Answer { used: used.tables, rows: rows.into_iter().map(row).collect(), gaps: unanswered })
}

fn add(cells: &mut Cells, cell: &Cell) {
    match cell {
        Cell::Organization => cells.organization = true,
        Cell::Account(account) => {
            cells.accounts.entry(account.clone()).or_default();
        }
        Cell::Region(account, region) => {
            cells.accounts.entry(account.clone()).or_default().insert(region.clone());
        }
    }
}
