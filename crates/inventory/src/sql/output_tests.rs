//! Names that want to be obeyed, as values and as names of columns, in every format of an answer: programs read them back as
//! they are, and a terminal shows them.

use std::io::Write;
use std::sync::Arc;

use bytes::Bytes;
use datafusion::arrow::array::{Array as _, ArrayRef, RecordBatch, StringArray};
use datafusion::arrow::datatypes::{DataType, Field, Schema};
use datafusion::parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use serde_json::{Map, Value, json};

use super::output::{csv, json, json_lines, parquet, text};
use super::{Answer, Used};

#[path = "../../../../fuzz/checks/names.rs"]
mod names;
#[path = "../../../../fuzz/checks/obeyed.rs"]
mod obeyed;
use names::names;
use obeyed::obeyed;

/// One row: the name under its own name, and what stands after it.
fn answer(name: &str) -> Answer {
    let schema = Arc::new(Schema::new(vec![
        Field::new(format!("c{name}"), DataType::Utf8, true),
        Field::new("after", DataType::Utf8, true),
    ]));
    let column = |text: &str| Arc::new(StringArray::from(vec![Some(text), None])) as ArrayRef;
    let batch = RecordBatch::try_new(Arc::clone(&schema), vec![column(name), column("after")]).unwrap();
    Answer { schema, batches: vec![batch], used: Used::default(), unanswered: Vec::new() }
}

fn written(answer: &Answer, write: fn(&Answer, &mut dyn Write) -> std::io::Result<()>) -> String {
    let mut out = Vec::new();
    write(answer, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

#[test]
fn every_format_gives_every_name() {
    for (what, name) in names() {
        let answer = answer(&name);
        let column = format!("c{name}");
        let object =
            |value: Value, after: Value| Map::from_iter([(column.clone(), value), ("after".to_owned(), after)]);
        let rows = vec![object(json!(name), json!("after")), object(Value::Null, Value::Null)];

        let shown = written(&answer, json);
        assert_eq!(serde_json::from_str::<Vec<Map<String, Value>>>(&shown).unwrap(), rows, "{what}");
        assert_eq!((obeyed(&shown), shown.lines().count()), (None, 4), "{what} in JSON");
        let shown = written(&answer, json_lines);
        let lines: Vec<Map<String, Value>> = shown.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!((lines, obeyed(&shown)), (rows, None), "{what} in JSON lines");

        let shown = written(&answer, csv);
        let mut reader = ::csv::ReaderBuilder::new().has_headers(false).from_reader(shown.as_bytes());
        let read: Vec<Vec<String>> = reader
            .records()
            .map(|record| {
                record.unwrap().iter().map(|field| field.strip_prefix('\'').unwrap_or(field).to_owned()).collect()
            })
            .collect();
        assert_eq!(read, [[column.as_str(), "after"], [name.as_str(), "after"], ["", ""]], "{what} in CSV");

        let file = Bytes::from(parquet(&answer, Vec::new()).unwrap());
        let mut batches = ParquetRecordBatchReaderBuilder::try_new(file).unwrap().build().unwrap();
        let batch = batches.next().unwrap().unwrap();
        assert_eq!(batch.schema().field(0).name(), &column, "{what} in Parquet");
        let values = batch.column(0).as_any().downcast_ref::<StringArray>().unwrap();
        assert!(values.value(0) == name && values.is_null(1), "{what} in Parquet");

        for widest in [0, 60] {
            let mut out = Vec::new();
            text(&answer, widest, &mut out).unwrap();
            let shown = String::from_utf8(out).unwrap();
            assert_eq!((obeyed(&shown), shown.lines().count()), (None, 4), "{what} in a table: {shown:.500}");
            assert!(!shown.contains('\t'), "{what} in a table");
        }
    }
}
