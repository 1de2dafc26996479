//! What a feature asks of a row: a value, a text or a switch, each with the failure where it is unknown.

use dodai_facts::{Failure, Row};
use serde_json::Value;

/// A column's value; `null` where there is no row, or the column is known to be absent.
pub(crate) fn value(row: Option<&Row>, column: &str) -> Result<Value, Failure> {
    Ok(match row {
        Some(row) => row.get(column).known()?.cloned().unwrap_or(Value::Null),
        None => Value::Null,
    })
}

/// A column's text; empty where it is absent.
pub(crate) fn text<'a>(row: &'a Row, column: &str) -> Result<&'a str, Failure> {
    Ok(row.get(column).known()?.and_then(Value::as_str).unwrap_or_default())
}

/// A column's switch; off where it is absent.
pub(crate) fn flag(row: &Row, column: &str) -> Result<bool, Failure> {
    Ok(row.get(column).known()?.and_then(Value::as_bool).unwrap_or(false))
}

/// The first row whose column has this text.
pub(crate) fn named<'a>(rows: &'a [Row], column: &str, wanted: &str) -> Result<Option<&'a Row>, Failure> {
    for row in rows {
        if row.get(column).known()?.and_then(Value::as_str) == Some(wanted) {
            return Ok(Some(row));
        }
    }
    Ok(None)
}
