//! The table `gap`: what could not be read. Gaps go into it and come back from it.

use std::sync::LazyLock;

use datafusion::arrow::array::{Array, ArrayRef, RecordBatch};
use datafusion::arrow::error::ArrowError;
use dodai_facts::{AccountId, Cell, Failure, FailureKind, Gap, InvalidName, Region, Scope};
use serde_json::Value;

use super::rows::array;
use super::{ColumnType, TableSchema, value_at};

/// The name of the table.
pub const GAP_TABLE: &str = "gap";

/// `account_id` and `region` are the cell's (both null: the organization). A row of kind `not_collected`
/// without an account speaks of the column in all cells. `row_id` is null where the list itself failed.
const COLUMNS: [&str; 11] = [
    "account_id",
    "region",
    "table",
    "row_id",
    "column",
    "kind",
    "code",
    "message",
    "service",
    "operation",
    "request_id",
];

pub(crate) fn gap_schema() -> &'static TableSchema {
    static SCHEMA: LazyLock<TableSchema> = LazyLock::new(|| {
        let columns = COLUMNS.map(|column| (column.to_owned(), ColumnType::Text));
        TableSchema::bare(GAP_TABLE, Scope::Organization, columns)
    });
    &SCHEMA
}

/// One row for each gap.
pub(crate) fn gap_batch<'a>(gaps: impl IntoIterator<Item = &'a Gap>) -> Result<RecordBatch, ArrowError> {
    let mut columns: [Vec<Option<Value>>; COLUMNS.len()] = Default::default();
    for gap in gaps {
        let text = |text: &str| Some(Value::from(text));
        let cells = [
            gap.cell.account().and_then(|account| text(account.as_str())),
            gap.cell.region().and_then(|region| text(region.as_str())),
            text(&gap.table),
            gap.row.as_deref().and_then(text),
            gap.column.as_deref().and_then(text),
            text(gap.failure.kind.as_str()),
            text(&gap.failure.code),
            text(&gap.failure.message),
            text(&gap.failure.service),
            text(&gap.failure.operation),
            gap.failure.request_id.as_deref().and_then(text),
        ];
        for (column, cell) in columns.iter_mut().zip(cells) {
            column.push(cell);
        }
    }
    let arrays = columns
        .iter()
        .map(|column| array(&ColumnType::Text, &column.iter().map(Option::as_ref).collect::<Vec<_>>()))
        .collect::<Result<_, _>>()?;
    RecordBatch::try_new(gap_schema().arrow(), arrays)
}

/// The gaps of such rows. Where a failed call was made is the gap's cell, as near as the table tells. A
/// row that is not a gap (a file that something else wrote) is an error that names it.
pub(crate) fn gaps_of_batch(batch: &RecordBatch) -> Result<Vec<Gap>, String> {
    let columns = COLUMNS.map(|column| batch.column_by_name(column));
    (0..batch.num_rows())
        .map(|row| {
            let wrong_name = |error: InvalidName| error.to_string();
            let text = |array: Option<&ArrayRef>| {
                array.and_then(|array| match value_at(array as &dyn Array, row) {
                    Value::String(text) => Some(text),
                    _ => None,
                })
            };
            let [account, region, table, row_id, column, kind, code, message, service, operation, request_id] =
                columns.map(text);
            let account: Option<AccountId> = account.map(|text| text.parse()).transpose().map_err(wrong_name)?;
            let region: Option<Region> = region.map(|text| text.parse()).transpose().map_err(wrong_name)?;
            let cell = match (&account, &region) {
                (None, None) => Cell::Organization,
                (Some(account), None) => Cell::Account(account.clone()),
                (Some(account), Some(region)) => Cell::Region(account.clone(), region.clone()),
                (None, Some(region)) => return Err(format!("a gap in `{region}` of no account")),
            };
            Ok(Gap {
                table: table.ok_or("a gap of no table")?,
                cell,
                row: row_id,
                column,
                failure: Failure {
                    kind: kind_of(&kind.ok_or("a gap of no kind")?)?,
                    service: service.unwrap_or_default(),
                    operation: operation.unwrap_or_default(),
                    account,
                    region,
                    code: code.unwrap_or_default(),
                    message: message.unwrap_or_default(),
                    request_id,
                },
            })
        })
        .collect()
}

fn kind_of(text: &str) -> Result<FailureKind, String> {
    serde_json::from_value(Value::from(text)).map_err(|_| format!("`{text}` is not a kind of failure"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gaps_come_back() {
        let gap = |cell: &str, row: Option<&str>, column: Option<&str>, request_id: Option<&str>| {
            let cell: Cell = cell.parse().unwrap();
            Gap {
                table: "aws_s3_bucket".to_owned(),
                row: row.map(str::to_owned),
                column: column.map(str::to_owned),
                failure: Failure {
                    kind: FailureKind::NotCollected,
                    service: "s3".to_owned(),
                    operation: "GetBucketPolicy".to_owned(),
                    account: cell.account().cloned(),
                    region: cell.region().cloned(),
                    code: "X".to_owned(),
                    message: "a\nb".to_owned(),
                    request_id: request_id.map(str::to_owned),
                },
                cell,
            }
        };
        let gaps = [
            gap("organization", None, None, None),
            gap("111122223333", Some("arn"), Some("policy"), Some("R1")),
            gap("111122223333/us-east-1", None, Some("policy"), None),
        ];
        assert_eq!(gaps_of_batch(&gap_batch(&gaps).unwrap()).unwrap(), gaps);
    }
}
