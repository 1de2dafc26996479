//! What controls need of a query: one verdict a row, and the rows that they judge.

use datafusion::arrow::datatypes::DataType::{Boolean, LargeUtf8, Null, Utf8, Utf8View};
use dodai_facts::{AccountId, Cell, Failure, FailureKind, Gap, Region, Scope};
use serde_json::Value;

use super::engine::quoted;
use super::unanswered::{Notes, Search};
use super::{Answer, Engine, SqlError, Used};

/// A row of a control's query.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ControlRow {
    /// The driving row's `_id`.
    pub id: String,
    pub passed: Option<bool>,
    /// None where the control does not say.
    pub applicable: Option<bool>,
    pub reason: Option<String>,
}

/// What a control's query comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ControlAnswer {
    pub rows: Vec<ControlRow>,
    pub used: Used,
    /// Values that a function had no answer for: as unknown as if they had not been read. Further to [`Engine::gaps`].
    pub gaps: Vec<Gap>,
}

/// A row of a control's driving table.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct DrivingRow {
    pub id: String,
    /// None of tables of the organization.
    pub account: Option<AccountId>,
    pub region: Option<Region>,
    pub arn: Option<String>,
}

impl Engine {
    /// Runs a control's query. The rows are sorted by `_id`; lost and doubled ones are the caller's to find.
    pub async fn control_rows(&self, sql: &str) -> Result<ControlAnswer, SqlError> {
        let notes = Notes::default();
        let answer = self.noted(sql, notes.clone()).await?;
        let column = |name: &str| answer.columns().position(|column| column == name);
        let (Some(id), Some(passed)) = (column("_id"), column("passed")) else {
            let columns: Vec<&str> = answer.columns().collect();
            return Err(SqlError::NotAControl(format!("this selects `{}`", columns.join("`, `"))));
        };
        let (applicable, reason) = (column("applicable"), column("reason"));
        if let Some(other) = answer.columns().find(|name| !["_id", "passed", "applicable", "reason"].contains(name)) {
            return Err(SqlError::NotAControl(format!("this also selects `{other}`")));
        }
        for name in ["_id", "passed", "applicable", "reason"] {
            let Ok(field) = answer.schema.field_with_name(name) else { continue };
            let (right, kind) = match name {
                "_id" | "reason" => (matches!(field.data_type(), Utf8 | LargeUtf8 | Utf8View | Null), "text"),
                _ => (matches!(field.data_type(), Boolean | Null), "boolean"),
            };
            if !right {
                return Err(SqlError::NotAControl(format!("`{name}` is not {kind}")));
            }
        }
        let mut rows = Vec::with_capacity(answer.rows());
        for values in answer.values() {
            let cell = |at: Option<usize>| at.and_then(|at| values.get(at)).unwrap_or(&Value::Null);
            rows.push(ControlRow {
                id: text("_id", cell(Some(id)))?
                    .ok_or_else(|| SqlError::NotAControl("a row has no `_id`".to_owned()))?,
                passed: boolean("passed", cell(Some(passed)))?,
                applicable: boolean("applicable", cell(applicable))?,
                reason: text("reason", cell(reason))?,
            });
        }
        rows.sort();
        let mut search = notes.search();
        let gaps = self.unanswered(&answer.used, &mut search).await?;
        if let Some(why) = search.rest() {
            for row in &mut rows {
                row.passed = None;
                row.reason = Some(format!("a function has no answer for some row: {why}"));
            }
        }
        Ok(ControlAnswer { rows, used: answer.used, gaps })
    }

    /// Where the texts stand that functions had no answer for, among the columns that the query used.
    async fn unanswered(&self, used: &Used, search: &mut Search) -> Result<Vec<Gap>, SqlError> {
        let mut gaps = Vec::new();
        if search.is_empty() {
            return Ok(gaps);
        }
        for (name, columns) in &used.tables {
            let Some((run, schema)) = self.table(name) else { continue };
            let names: Vec<String> = ["_id", "account_id", "region"]
                .into_iter()
                .chain(columns.iter().map(String::as_str))
                .map(quoted)
                .collect();
            let from = format!("{}.{}", quoted(run), quoted(schema.name()));
            // A column that the query used may be one of the first three.
            let names = names.iter().enumerate().map(|(at, name)| format!("{name} as \"{at}\""));
            let aliased: Vec<String> = names.collect();
            let answer = self.query(&format!("select {} from {from} order by 1", aliased.join(", "))).await?;
            for values in answer.values() {
                let [id, account, region, values @ ..] = values.as_slice() else { continue };
                for (column, value) in columns.iter().zip(values) {
                    let Some(message) = search.find(value) else { continue };
                    let cell = cell(schema.scope(), account, region)
                        .ok_or_else(|| SqlError::Execution(format!("table `{name}`: a row is in no cell")))?;
                    let failure = Failure {
                        kind: FailureKind::Fault,
                        service: String::new(),
                        operation: String::new(),
                        account: cell.account().cloned(),
                        region: cell.region().cloned(),
                        code: UNANSWERABLE.to_owned(),
                        message,
                        request_id: None,
                    };
                    let row = id.as_str().map(str::to_owned);
                    gaps.push(Gap { table: name.clone(), cell, row, column: Some(column.clone()), failure });
                }
            }
        }
        Ok(gaps)
    }

    /// The rows of a table, sorted by `_id`.
    pub async fn driving_rows(&self, table: &str) -> Result<Vec<DrivingRow>, SqlError> {
        let sql = format!("select _id, account_id, region, arn from {} order by _id", quoted(table));
        let answer: Answer = self.query(&sql).await?;
        let wrong = |error: dodai_facts::InvalidName| SqlError::Execution(format!("table `{table}`: {error}"));
        answer
            .values()
            .map(|values| {
                let mut texts = values.into_iter().map(|value| match value {
                    Value::String(text) => Some(text),
                    _ => None,
                });
                let mut next = || texts.next().flatten();
                Ok(DrivingRow {
                    id: next().ok_or_else(|| SqlError::Execution(format!("table `{table}`: a row has no `_id`")))?,
                    account: next().map(|text| text.parse()).transpose().map_err(wrong)?,
                    // AWS's word for where a bucket is; one that is no Region's code must not stop all other verdicts.
                    region: next().and_then(|text| text.parse().ok()),
                    arn: next(),
                })
            })
            .collect()
    }
}

/// The code of a failure to answer.
const UNANSWERABLE: &str = "Unanswerable";

fn cell(scope: Scope, account: &Value, region: &Value) -> Option<Cell> {
    let account = || account.as_str().and_then(|text| text.parse().ok());
    match scope {
        Scope::Organization => Some(Cell::Organization),
        Scope::Account => Some(Cell::Account(account()?)),
        Scope::Region => Some(Cell::Region(account()?, region.as_str().and_then(|text| text.parse().ok())?)),
    }
}

fn text(column: &str, value: &Value) -> Result<Option<String>, SqlError> {
    match value {
        Value::Null => Ok(None),
        Value::String(text) => Ok(Some(text.clone())),
        _ => Err(SqlError::NotAControl(format!("`{column}` is not text"))),
    }
}

fn boolean(column: &str, value: &Value) -> Result<Option<bool>, SqlError> {
    match value {
        Value::Null => Ok(None),
        Value::Bool(value) => Ok(Some(*value)),
        _ => Err(SqlError::NotAControl(format!("`{column}` is not boolean"))),
    }
}
