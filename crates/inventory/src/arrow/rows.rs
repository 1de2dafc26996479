//! Rows to record batches. A value that does not fit its column becomes null and a gap: one odd reply
//! never costs the table.

use std::sync::Arc;

use datafusion::arrow::array::{
    ArrayRef, BooleanArray, Float64Array, Int64Array, ListArray, MapArray, RecordBatch, StringArray, StructArray,
    TimestampMillisecondArray,
};
use datafusion::arrow::buffer::{NullBuffer, OffsetBuffer};
use datafusion::arrow::error::ArrowError;
use dodai_facts::{Cell, Failure, FailureKind, Gap, Row};
use jiff::civil::{DateTime, date};
use serde_json::{Map, Value};

use super::column::struct_fields;
use super::{ColumnType, TableSchema};

/// A batch ends at this many rows …
const BATCH_ROWS: usize = 1024;
/// … or about this many bytes of values: Arrow's text offsets are 32 bits wide, and memory is bounded.
const BATCH_BYTES: usize = 16 << 20;

/// Rows of one table as batches of bounded size, and what is not known of them: the rows' own failures,
/// and `TypeMismatch` for values that do not fit.
pub(crate) fn batches(table: &TableSchema, rows: &[(Cell, Row)]) -> Result<(Vec<RecordBatch>, Vec<Gap>), ArrowError> {
    let mut done = Vec::new();
    let mut gaps = Vec::new();
    let mut rest = rows;
    while !rest.is_empty() {
        let mut bytes = 0;
        let taken = rest
            .iter()
            .take(BATCH_ROWS)
            .take_while(|(_, row)| {
                let room = bytes < BATCH_BYTES;
                bytes += row_bytes(row);
                room
            })
            .count();
        let (chunk, later) = rest.split_at(taken.max(1));
        done.push(batch(table, chunk, &mut gaps)?);
        rest = later;
    }
    Ok((done, gaps))
}

/// About how many bytes the values of a row take.
pub(crate) fn row_bytes(row: &Row) -> usize {
    row.values.values().map(weight).sum::<usize>() + row.id.len()
}

fn weight(value: &Value) -> usize {
    match value {
        Value::String(text) => text.len() + 8,
        Value::Array(items) => items.iter().map(weight).sum::<usize>() + 8,
        Value::Object(fields) => fields.iter().map(|(name, value)| name.len() + weight(value)).sum::<usize>() + 8,
        Value::Null | Value::Bool(_) | Value::Number(_) => 8,
    }
}

fn batch(table: &TableSchema, rows: &[(Cell, Row)], gaps: &mut Vec<Gap>) -> Result<RecordBatch, ArrowError> {
    for (cell, row) in rows {
        gaps.extend(row.failures.iter().map(|(column, failure)| gap(table, cell, row, column, failure.clone())));
    }
    let own: Vec<[Option<Value>; 3]> = rows.iter().map(|(cell, row)| place(cell, row)).collect();
    let mut arrays = Vec::with_capacity(table.columns().len());
    for (column, kind) in table.columns() {
        let mut values: Vec<Option<&Value>> = Vec::with_capacity(rows.len());
        for ((cell, row), [id, account, region]) in rows.iter().zip(&own) {
            let given = row.values.get(column).filter(|value| !value.is_null());
            let value = match column.as_str() {
                "_id" => id.as_ref(),
                "account_id" => given.or(account.as_ref()),
                "region" => given.or(region.as_ref()),
                _ => given,
            };
            // A failed column is null even if something was read before it failed.
            let value = value.filter(|_| !row.failures.contains_key(column));
            values.push(value.and_then(|value| match fits(kind, value, &mut String::new()) {
                Ok(()) => Some(value),
                Err(misfit) => {
                    gaps.push(gap(table, cell, row, column, mismatch(cell, column, &misfit)));
                    None
                }
            }));
        }
        arrays.push(array(kind, &values)?);
    }
    RecordBatch::try_new(table.arrow(), arrays)
}

/// What is known of a row by where it was read: `_id`, account, Region.
fn place(cell: &Cell, row: &Row) -> [Option<Value>; 3] {
    [
        Some(Value::from(row.id.as_str())),
        cell.account().map(|account| Value::from(account.as_str())),
        cell.region().map(|region| Value::from(region.as_str())),
    ]
}

fn gap(table: &TableSchema, cell: &Cell, row: &Row, column: &str, failure: Failure) -> Gap {
    Gap {
        table: table.name().to_owned(),
        cell: cell.clone(),
        row: Some(row.id.clone()),
        column: Some(column.to_owned()),
        failure,
    }
}

/// The value itself is not told: it may be anything.
fn mismatch(cell: &Cell, column: &str, misfit: &Misfit) -> Failure {
    Failure {
        kind: FailureKind::Fault,
        service: "dodai".to_owned(),
        operation: "Store".to_owned(),
        account: cell.account().cloned(),
        region: cell.region().cloned(),
        code: "TypeMismatch".to_owned(),
        message: format!("`{column}{}` is not of the type {}", misfit.path, misfit.expected),
        request_id: None,
    }
}

struct Misfit {
    path: String,
    expected: String,
}

/// Whether a value is of a type, down to its last part. `path` is where in the column we are.
fn fits(kind: &ColumnType, value: &Value, path: &mut String) -> Result<(), Misfit> {
    let inside = |step: &str, kind: &ColumnType, value: &Value, path: &mut String| {
        let length = path.len();
        path.push_str(step);
        let fit = fits(kind, value, path);
        path.truncate(length);
        fit
    };
    let fit = match (kind, value) {
        (_, Value::Null) | (ColumnType::Json, _) => true,
        (ColumnType::Text, value) => value.is_string(),
        (ColumnType::Integer, value) => value.is_i64(),
        (ColumnType::Double, value) => double(value).is_some(),
        (ColumnType::Boolean, value) => value.is_boolean(),
        (ColumnType::Timestamp, value) => millisecond(value).is_some(),
        (ColumnType::List(element), Value::Array(items)) => {
            for item in items {
                inside("[]", element, item, path)?;
            }
            true
        }
        (ColumnType::Map(kind), Value::Object(entries)) => {
            for value in entries.values() {
                inside("{}", kind, value, path)?;
            }
            true
        }
        (ColumnType::Struct(fields), Value::Object(members)) => {
            for (name, kind) in fields {
                if let Some(value) = members.get(name) {
                    inside(&format!(".{name}"), kind, value, path)?;
                }
            }
            true
        }
        (ColumnType::List(_) | ColumnType::Map(_) | ColumnType::Struct(_), _) => false,
    };
    if fit { Ok(()) } else { Err(Misfit { path: path.clone(), expected: kind.to_string() }) }
}

/// Models write what JSON numbers cannot hold as text.
fn double(value: &Value) -> Option<f64> {
    match value {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => match text.as_str() {
            "NaN" => Some(f64::NAN),
            "Infinity" => Some(f64::INFINITY),
            "-Infinity" => Some(f64::NEG_INFINITY),
            _ => None,
        },
        _ => None,
    }
}

fn millisecond(value: &Value) -> Option<i64> {
    // A civil time reaches to the end of 9999, which AWS writes for "never"; a time stamp does not.
    let time: DateTime = value.as_str()?.strip_suffix('Z')?.parse().ok()?;
    let since = time.duration_since(date(1970, 1, 1).at(0, 0, 0, 0));
    i64::try_from(since.as_millis()).ok()
}

/// An array of values of one type; a value that does not fit is null.
pub(crate) fn array(kind: &ColumnType, values: &[Option<&Value>]) -> Result<ArrayRef, ArrowError> {
    let present = values.iter().map(|value| value.filter(|value| !value.is_null()));
    Ok(match kind {
        ColumnType::Text => Arc::new(present.map(|value| value?.as_str()).collect::<StringArray>()),
        ColumnType::Json => {
            let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            Arc::new(present.map(|value| value.map(text)).collect::<StringArray>())
        }
        ColumnType::Integer => Arc::new(present.map(|value| value?.as_i64()).collect::<Int64Array>()),
        ColumnType::Double => Arc::new(present.map(|value| double(value?)).collect::<Float64Array>()),
        ColumnType::Boolean => Arc::new(present.map(|value| value?.as_bool()).collect::<BooleanArray>()),
        ColumnType::Timestamp => {
            let times: TimestampMillisecondArray = present.map(|value| millisecond(value?)).collect();
            Arc::new(times.with_timezone("UTC"))
        }
        ColumnType::List(element) => {
            let lists: Vec<Option<&Vec<Value>>> = present.map(|value| value?.as_array()).collect();
            let (offsets, nulls) = lengths(lists.iter().map(|list| list.map(Vec::len)));
            let inner: Vec<Option<&Value>> = lists.iter().flatten().flat_map(|list| list.iter().map(Some)).collect();
            Arc::new(ListArray::try_new(element.element_field(), offsets, array(element, &inner)?, nulls)?)
        }
        ColumnType::Map(kind) => {
            let maps: Vec<Option<&Map<String, Value>>> = present.map(|value| value?.as_object()).collect();
            let (offsets, nulls) = lengths(maps.iter().map(|map| map.map(Map::len)));
            let keys: StringArray = maps.iter().flatten().flat_map(|map| map.keys().map(Some)).collect();
            let inner: Vec<Option<&Value>> = maps.iter().flatten().flat_map(|map| map.values().map(Some)).collect();
            let entries = StructArray::try_new(kind.entry_fields(), vec![Arc::new(keys), array(kind, &inner)?], None)?;
            Arc::new(MapArray::try_new(kind.entries_field(), offsets, entries, nulls, false)?)
        }
        ColumnType::Struct(fields) => {
            let structs: Vec<Option<&Map<String, Value>>> = present.map(|value| value?.as_object()).collect();
            let nulls: NullBuffer = structs.iter().map(Option::is_some).collect();
            let arrays = fields
                .iter()
                .map(|(name, kind)| {
                    let values: Vec<Option<&Value>> = structs.iter().map(|members| (*members)?.get(name)).collect();
                    array(kind, &values)
                })
                .collect::<Result<_, _>>()?;
            Arc::new(StructArray::try_new(struct_fields(fields), arrays, Some(nulls))?)
        }
    })
}

fn lengths(lengths: impl Iterator<Item = Option<usize>> + Clone) -> (OffsetBuffer<i32>, Option<NullBuffer>) {
    let nulls: NullBuffer = lengths.clone().map(|length| length.is_some()).collect();
    (OffsetBuffer::from_lengths(lengths.map(|length| length.unwrap_or(0))), Some(nulls))
}

#[cfg(test)]
mod tests {
    use dodai_facts::Scope;
    use serde_json::json;

    use super::super::value_at;
    use super::*;

    /// What a value reads as in a column of a type, and the message of the gap if there is one.
    fn check(kind: &ColumnType, value: &Value, expected: &Value, message: Option<&str>) {
        let table = TableSchema::new("t", Scope::Account, [("c".to_owned(), kind.clone())]);
        let cell: Cell = "111122223333".parse().unwrap();
        let values = [("c".to_owned(), value.clone())].into_iter().collect();
        let row = Row { id: "1".to_owned(), values, ..Row::default() };
        let (batches, gaps) = batches(&table, &[(cell, row)]).unwrap();
        let batch = &batches[0];
        assert_eq!(&value_at(batch.column_by_name("c").unwrap(), 0), expected, "{value} as {kind}");
        assert_eq!(value_at(batch.column_by_name("account_id").unwrap(), 0), json!("111122223333"));
        let messages: Vec<&str> = gaps.iter().map(|gap| gap.failure.message.as_str()).collect();
        assert_eq!(messages, Vec::from_iter(message), "{value} as {kind}");
    }

    #[test]
    fn values_are_kept_or_become_gaps() {
        use ColumnType::{Boolean, Double, Integer, Json, Text, Timestamp};
        let tag = ColumnType::structure([("Key", Text), ("Size", Integer)]);
        check(&Text, &json!("x"), &json!("x"), None);
        check(&Text, &json!(1), &Value::Null, Some("`c` is not of the type text"));
        check(&Integer, &json!(-1), &json!(-1), None);
        check(&Integer, &json!(u64::MAX), &Value::Null, Some("`c` is not of the type integer"));
        check(&Integer, &json!(1.5), &Value::Null, Some("`c` is not of the type integer"));
        check(&Double, &json!(1), &json!(1.0), None);
        check(&Double, &json!("NaN"), &json!("NaN"), None);
        check(&Boolean, &json!("true"), &Value::Null, Some("`c` is not of the type boolean"));
        check(&Timestamp, &json!("2026-01-02T03:04:05.250Z"), &json!("2026-01-02T03:04:05.25Z"), None);
        check(&Timestamp, &json!("9999-12-31T23:59:59Z"), &json!("9999-12-31T23:59:59Z"), None);
        check(&Timestamp, &json!("1969-12-31T23:59:59.5Z"), &json!("1969-12-31T23:59:59.5Z"), None);
        check(&Timestamp, &json!("2026-01-02"), &Value::Null, Some("`c` is not of the type timestamp"));
        check(&Timestamp, &json!("yesterday"), &Value::Null, Some("`c` is not of the type timestamp"));
        check(&Json, &json!({"a": [1]}), &json!(r#"{"a":[1]}"#), None);
        check(&Json, &json!(r#"{"a":1}"#), &json!(r#"{"a":1}"#), None);
        check(&tag, &json!({"Key": "k", "New": 1}), &json!({"Key": "k"}), None);
        check(
            &tag.clone().list(),
            &json!([{"Key": "k", "Size": 1}, null]),
            &json!([{"Key": "k", "Size": 1}, null]),
            None,
        );
        check(
            &tag.list(),
            &json!([{"Key": "k"}, {"Size": "big"}]),
            &Value::Null,
            Some("`c[].Size` is not of the type integer"),
        );
        check(&Text.map(), &json!({"a": "b", "": null}), &json!({"a": "b", "": null}), None);
        check(&Text.map(), &json!(["a"]), &Value::Null, Some("`c` is not of the type map<text, text>"));
        check(&Text.list(), &json!([]), &json!([]), None);
    }

    #[test]
    fn batches_are_bounded_by_rows_and_bytes() {
        let table = TableSchema::new("t", Scope::Account, [("c".to_owned(), ColumnType::Text)]);
        let cell: Cell = "111122223333".parse().unwrap();
        let rows = |count: usize, length: usize| -> Vec<usize> {
            let values: Map<String, Value> = [("c".to_owned(), json!("x".repeat(length)))].into_iter().collect();
            let row = Row { id: "1".to_owned(), values, ..Row::default() };
            let rows = vec![(cell.clone(), row); count];
            batches(&table, &rows).unwrap().0.iter().map(RecordBatch::num_rows).collect()
        };
        assert_eq!(rows(2500, 1), [1024, 1024, 452]);
        assert_eq!(rows(3, 9 << 20), [2, 1]);
        assert_eq!(rows(0, 1), [0usize; 0]);
    }
}
