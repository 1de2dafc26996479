//! Snapshots written, found, opened and asked: bounded, private, readable by later versions.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use datafusion::object_store::ObjectStoreExt;
use datafusion::object_store::memory::InMemory;
use datafusion::object_store::path::Path;
use datafusion::parquet::file::metadata::RowGroupMetaData;
use datafusion::parquet::file::reader::{FileReader, SerializedFileReader};
use dodai_facts::{Cell, Failure, FailureKind, Listing, Row, Scope};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::*;
use crate::arrow::{ColumnType, TableSchema};
use crate::sql::{Engine, Limits};

fn now() -> Timestamp {
    "2026-11-22T14:30:00Z".parse().unwrap()
}

fn table(name: &str, columns: &[(&str, ColumnType)]) -> TableSchema {
    TableSchema::new(name, Scope::Account, columns.iter().map(|(name, kind)| ((*name).to_owned(), kind.clone())))
}

fn read(schema: &TableSchema) -> TableRead {
    TableRead::all(schema.clone())
}

fn row(id: &str, values: &Value) -> Row {
    Row { id: id.to_owned(), values: values.as_object().unwrap().clone(), failures: BTreeMap::new() }
}

fn cell(text: &str) -> Cell {
    text.parse().unwrap()
}

fn denied() -> Failure {
    Failure {
        kind: FailureKind::Denied,
        service: "s3".to_owned(),
        operation: "ListBuckets".to_owned(),
        account: None,
        region: None,
        code: "AccessDenied".to_owned(),
        message: "no".to_owned(),
        request_id: None,
    }
}

fn memory() -> SnapshotPlace {
    SnapshotPlace::new(Arc::new(InMemory::new()), &Path::from("state/with blank"))
}

async fn answer(engine: &Engine, sql: &str) -> Vec<Value> {
    engine.query(sql).await.unwrap().objects().map(Value::Object).collect()
}

fn engine(schema: &TableSchema, run: Run) -> Engine {
    Engine::new([schema.clone()], run, now(), Limits::default()).unwrap()
}

#[tokio::test]
async fn a_run_is_written_found_and_asked() {
    let place = memory();
    let schema = table("t", &[("Name", ColumnType::Text), ("tally", ColumnType::Integer)]);
    let cells: Vec<Cell> = ["111122223333", "222233334444", "333344445555"].map(cell).to_vec();
    let id = RunId::new(now(), 1);
    let mut writer =
        SnapshotWriter::new(place.clone(), id.clone(), Shard::WHOLE, "m1", cells.iter().collect(), [read(&schema)]);
    let mut failed = row("b", &json!({"Name": "b"}));
    failed.failures.insert("tally".to_owned(), denied());
    let rows =
        vec![row("a", &json!({"Name": "a", "tally": 1})), failed, row("c", &json!({"Name": "c", "tally": "two"}))];
    writer.write("t", &cells[0], Listing { rows, failure: None }).await.unwrap();
    writer.write("t", &cells[1], Listing { rows: Vec::new(), failure: Some(denied()) }).await.unwrap();
    let twice = writer.write("t", &cells[1], Listing::default()).await.unwrap_err();
    assert_eq!(twice.to_string(), "cell `222233334444` of table `t` was handed in twice");
    let strange = writer.write("t", &cell("999999999999"), Listing::default()).await.unwrap_err();
    assert_eq!(strange.to_string(), "cell `999999999999` of table `t` is not one of this run's");
    let strange = writer.write("u", &cells[0], Listing::default()).await.unwrap_err();
    assert_eq!(strange.to_string(), "table `u` is not one of this run's");
    // Before the manifest is there, the run is not.
    assert!(matches!(place.open("latest").await.unwrap_err(), SnapshotError::NoRuns));
    let manifest = writer.finish(now()).await.unwrap();
    assert_eq!((manifest.gaps, manifest.tables["t"].rows, manifest.tables["t"].gaps), (4, 3, 4));

    let run = place.open("latest").await.unwrap();
    assert_eq!(run.id(), Some(&id));
    assert_eq!(run.cells().of(Scope::Account), cells);
    let engine = engine(&schema, run);
    let rows = answer(&engine, "select _id, account_id, tally from t order by _id").await;
    assert_eq!(rows[0], json!({"_id": "a", "account_id": "111122223333", "tally": 1}));
    assert_eq!(rows[2], json!({"_id": "c", "account_id": "111122223333", "tally": null}));
    let used = engine.columns_used("select tally from t").await.unwrap();
    let gaps = engine.gaps(&used, &Cells::default()).await.unwrap();
    let shown: Vec<String> =
        gaps.iter().map(|gap| format!("{} {:?} {:?} {}", gap.cell, gap.row, gap.column, gap.failure.code)).collect();
    assert_eq!(
        shown,
        [
            r#"111122223333 Some("b") Some("tally") AccessDenied"#,
            r#"111122223333 Some("c") Some("tally") TypeMismatch"#,
            "222233334444 None None AccessDenied",
            "333344445555 None None NotRead",
        ]
    );
}

#[tokio::test]
async fn runs_are_named_by_the_beginning_of_their_id() {
    let place = memory();
    let schema = table("t", &[]);
    for (time, random, finish) in [
        ("2026-11-21T00:00:00Z", 1, true),
        ("2026-11-22T00:00:00Z", 1, true),
        ("2026-11-22T00:00:00Z", 2, true),
        ("2026-11-23T00:00:00Z", 1, false),
    ] {
        let id = RunId::new(time.parse().unwrap(), random);
        let cells = [cell("111122223333")];
        let mut writer =
            SnapshotWriter::new(place.clone(), id, Shard::WHOLE, "m1", cells.iter().collect(), [read(&schema)]);
        if finish {
            writer.finish(now()).await.unwrap();
        } else {
            // It broke off: files are there, a manifest is not.
            let rows = (0..1100).map(|number| row(&number.to_string(), &json!({}))).collect();
            writer.write("t", &cells[0], Listing { rows, failure: None }).await.unwrap();
            let path = place.path(writer.run(), "t/1-of-1.parquet");
            place.put(&path, b"half".to_vec()).await.unwrap();
        }
    }
    let listed: Vec<(String, bool)> =
        place.list().await.unwrap().iter().map(|run| (run.id.to_string(), run.is_complete())).collect();
    assert_eq!(listed.iter().map(|(_, complete)| *complete).collect::<Vec<_>>(), [true, true, true, false]);
    for (name, expected) in [
        ("latest", "2026-11-22T00-00-00Z-0002"),
        ("2026-11-21", "2026-11-21T00-00-00Z-0001"),
        ("2026-11-22T00-00-00Z-0001", "2026-11-22T00-00-00Z-0001"),
        (
            "2026-11-22",
            "`2026-11-22` is the beginning of several runs: 2026-11-22T00-00-00Z-0001, 2026-11-22T00-00-00Z-0002",
        ),
        ("2026-11-23", "run `2026-11-23T00-00-00Z-0001` has no manifest: it was not finished"),
        ("2027", "there is no run `2027`"),
        ("../x", "`../x` is not a run id (such as 2026-11-22T14-30-00Z-1a2b), nor the beginning of one, nor `latest`"),
    ] {
        let found = match place.open(name).await {
            Ok(run) => run.id().unwrap().to_string(),
            Err(error) => error.to_string(),
        };
        assert_eq!(found, expected, "{name}");
    }
}

#[tokio::test]
async fn another_version_reads_what_it_can() {
    use ColumnType::{Boolean, Integer, Text};
    let place = memory();
    let rule = ColumnType::structure([("Port", Integer), ("Old", Text)]).list();
    let old = table(
        "t",
        &[("Name", Text), ("rules", rule), ("size", Integer), ("kind", Text), ("ports", Text.map()), ("gone", Text)],
    );
    let cells = [cell("111122223333")];
    let id = RunId::new(now(), 1);
    let mut writer = SnapshotWriter::new(place.clone(), id, Shard::WHOLE, "m1", cells.iter().collect(), [read(&old)]);
    let values = json!({"Name": "a", "rules": [{"Port": 22, "Old": "x"}, null], "size": 7, "kind": "k", "ports": {"a": "1"}, "gone": "g"});
    writer.write("t", &cells[0], Listing { rows: vec![row("a", &values)], failure: None }).await.unwrap();
    writer.finish(now()).await.unwrap();

    let rule = ColumnType::structure([("New", Boolean), ("Port", Integer)]).list();
    let new = table(
        "t",
        &[
            ("Name", Text),
            ("rules", rule),
            ("size", Text),
            ("kind", Text.list()),
            ("ports", Integer.map()),
            ("added", Boolean),
        ],
    );
    let run = place.open("latest").await.unwrap();
    let engine = engine(&new, run);
    assert_eq!(
        answer(&engine, "select Name, rules, size, kind, ports, added from t").await,
        [json!({"Name": "a", "rules": [{"Port": 22}, null], "size": "7", "kind": null, "ports": null, "added": null})]
    );
    // A filter on a column that changed is a filter on null.
    assert_eq!(answer(&engine, "select Name from t where kind is null and size = '7'").await, [json!({"Name": "a"})]);
    let used = engine.columns_used("select * from t").await.unwrap();
    assert!(used.tables["t"].contains("kind"));
    let gaps = engine.gaps(&used, &Cells::default()).await.unwrap();
    let shown: Vec<String> = gaps.iter().map(|gap| format!("{} {}", gap.failure.code, gap.failure.message)).collect();
    assert_eq!(
        shown,
        [
            "NotCollected column `added` did not exist when this was collected",
            "ColumnTypeChanged column `kind` was text when this was collected",
            "ColumnTypeChanged column `ports` was map<text, text> when this was collected",
        ]
    );
    assert_eq!(answer(&engine, "select count(*) as n from gap").await, [json!({"n": 3})]);
}

#[tokio::test]
async fn manifests_of_newer_formats_and_broken_ones_are_refused() {
    let place = memory();
    for (random, text, message) in [
        (1, r#"{"format": 99, "anything": true}"#, "has format 99; this version reads up to 1: use a newer version"),
        (2, "{", "EOF while parsing an object at line 1 column 1"),
        (3, r#"{"format": 1}"#, "missing field `run` at line 1 column 13"),
    ] {
        let id = RunId::new(now(), random);
        place.put(&place.path(&id, "manifest.json"), text.as_bytes().to_vec()).await.unwrap();
        let error = place.open(id.as_str()).await.unwrap_err().to_string();
        assert!(error.ends_with(message), "{error}");
    }
}

#[tokio::test]
async fn a_file_that_is_gone_is_an_error() {
    let place = memory();
    let schema = table("t", &[("Name", ColumnType::Text)]);
    let cells = [cell("111122223333")];
    let id = RunId::new(now(), 1);
    let mut writer =
        SnapshotWriter::new(place.clone(), id.clone(), Shard::WHOLE, "m1", cells.iter().collect(), [read(&schema)]);
    let listing = Listing { rows: vec![row("a", &json!({"Name": "a"}))], failure: None };
    writer.write("t", &cells[0], listing).await.unwrap();
    let manifest = writer.finish(now()).await.unwrap();
    let engine = engine(&schema, place.open("latest").await.unwrap());
    assert_eq!(answer(&engine, "select Name from t").await, [json!({"Name": "a"})]);
    let path = place.path(&id, &manifest.tables["t"].file.as_ref().unwrap().path);
    place.store().delete(&path).await.unwrap();
    let error = engine.query("select Name from t").await.unwrap_err().to_string();
    assert!(error.contains("not found"), "{error}");
}

#[tokio::test]
async fn a_table_of_the_management_account_is_not_missed_elsewhere() {
    let place = memory();
    let schema = table("t", &[("Name", ColumnType::Text)]);
    let cells = [cell("111122223333"), cell("222233334444")];
    let reads = [TableRead { only: cells[0].account().cloned(), ..read(&schema) }];
    let mut writer =
        SnapshotWriter::new(place.clone(), RunId::new(now(), 1), Shard::WHOLE, "m1", cells.iter().collect(), reads);
    writer.write("t", &cells[0], Listing::default()).await.unwrap();
    assert_eq!(writer.finish(now()).await.unwrap().gaps, 0);
    let engine = engine(&schema, place.open("latest").await.unwrap());
    let used = engine.columns_used("select Name from t").await.unwrap();
    assert_eq!(engine.gaps(&used, &[cell("333344445555")].iter().collect()).await.unwrap(), []);
}

#[tokio::test]
async fn shards_make_one_run_and_a_missing_one_is_told() {
    let place = memory();
    let schema = table("t", &[("Name", ColumnType::Text)]);
    let id = RunId::new(now(), 1);
    let accounts = ["111122223333", "222233334444"];
    for (account, shard) in accounts.iter().zip(["1/3", "3/3"]) {
        let cells = [cell(account)];
        let shard: Shard = shard.parse().unwrap();
        let mut writer =
            SnapshotWriter::new(place.clone(), id.clone(), shard, "m1", cells.iter().collect(), [read(&schema)]);
        let listing = Listing { rows: vec![row(account, &json!({"Name": account}))], failure: None };
        writer.write("t", &cells[0], listing).await.unwrap();
        writer.finish(now()).await.unwrap();
    }
    assert!(matches!(place.open("latest").await.unwrap_err(), SnapshotError::NoRuns));
    let run = place.open("2026").await.unwrap();
    assert_eq!(run.missing_shards().iter().map(ToString::to_string).collect::<Vec<_>>(), ["2/3"]);
    assert_eq!(run.tables()["t"].rows, 2);
    let engine = engine(&schema, run);
    assert_eq!(answer(&engine, "select count(*) as n from t").await, [json!({"n": 2})]);
    let used = engine.columns_used("select Name from t").await.unwrap();
    let expected: Vec<Cell> = accounts.into_iter().chain(["333344445555"]).map(cell).collect();
    let gaps = engine.gaps(&used, &expected.iter().collect()).await.unwrap();
    assert_eq!(gaps.iter().map(|gap| gap.cell.to_string()).collect::<Vec<_>>(), ["333344445555"]);

    // A shard of another version does not belong to the run.
    let cells = [cell("333344445555")];
    let shard: Shard = "2/3".parse().unwrap();
    let writer = SnapshotWriter::new(place.clone(), id, shard, "m2", cells.iter().collect(), [read(&schema)]);
    writer.finish(now()).await.unwrap();
    assert!(matches!(place.open("2026").await.unwrap_err(), SnapshotError::MixedShards { .. }));
}

#[tokio::test]
async fn a_large_listing_is_written_in_bounded_groups() {
    let place = memory();
    let schema = table("t", &[("Name", ColumnType::Text), ("tally", ColumnType::Integer)]);
    let cells: Vec<Cell> = (0..100).map(|number| cell(&format!("{number:012}"))).collect();
    let id = RunId::new(now(), 1);
    let mut writer =
        SnapshotWriter::new(place.clone(), id.clone(), Shard::WHOLE, "m1", cells.iter().collect(), [read(&schema)]);
    for cell in &cells {
        let rows =
            (0..1000).map(|number| row(&format!("{cell}/{number}"), &json!({"Name": "x", "tally": number}))).collect();
        writer.write("t", cell, Listing { rows, failure: None }).await.unwrap();
    }
    let manifest = writer.finish(now()).await.unwrap();
    let file = manifest.tables["t"].file.clone().unwrap();
    assert_eq!((manifest.tables["t"].rows, file.rows, manifest.gaps), (100_000, 100_000, 0));
    let bytes = place.store().get(&place.path(&id, &file.path)).await.unwrap().bytes().await.unwrap();
    assert_eq!(bytes.len() as u64, file.bytes);
    let reader = SerializedFileReader::new(bytes).unwrap();
    let groups: Vec<i64> = reader.metadata().row_groups().iter().map(RowGroupMetaData::num_rows).collect();
    assert_eq!(groups.iter().sum::<i64>(), 100_000);
    assert!(groups.iter().all(|rows| *rows <= 16_384), "{groups:?}");
    let engine = engine(&schema, place.open("latest").await.unwrap());
    let sql = "select count(*) as n, count(distinct account_id) as accounts, sum(tally) as sum from t where tally < 10";
    assert_eq!(answer(&engine, sql).await, [json!({"n": 1000, "accounts": 100, "sum": 4500})]);
}

#[cfg(unix)]
#[tokio::test]
async fn local_files_are_their_owners_alone() {
    use std::os::unix::fs::PermissionsExt;
    let directory = tempfile::tempdir().unwrap();
    let place = SnapshotPlace::local(&directory.path().join("state")).await.unwrap();
    let schema = table("t", &[("Name", ColumnType::Text)]);
    let cells = [cell("111122223333"), cell("222233334444")];
    let id = RunId::new(now(), 1);
    let mut writer =
        SnapshotWriter::new(place.clone(), id, Shard::WHOLE, "m1", cells.iter().collect(), [read(&schema)]);
    let listing = Listing { rows: vec![row("a", &json!({"Name": "a"}))], failure: None };
    writer.write("t", &cells[0], listing).await.unwrap();
    writer.finish(now()).await.unwrap();
    let mut open = vec![directory.path().join("state")];
    let mut seen = BTreeSet::new();
    while let Some(path) = open.pop() {
        let metadata = std::fs::metadata(&path).unwrap();
        let mode = metadata.permissions().mode() & 0o777;
        assert_eq!(mode, if metadata.is_dir() { 0o700 } else { 0o600 }, "{}", path.display());
        if metadata.is_dir() {
            open.extend(std::fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
        } else {
            seen.insert(path.file_name().unwrap().to_string_lossy().into_owned());
        }
    }
    assert_eq!(seen, BTreeSet::from(["1-of-1.parquet".to_owned(), "manifest.json".to_owned()]));
    let engine = engine(&schema, place.open("latest").await.unwrap());
    assert_eq!(answer(&engine, "select Name from t").await, [json!({"Name": "a"})]);
}
