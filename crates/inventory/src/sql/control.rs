//! What controls need of a query: one verdict a row, and the rows that they judge.

use dodai_facts::{AccountId, Region};
use serde_json::Value;

use super::engine::quoted;
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
    pub async fn control_rows(&self, sql: &str) -> Result<(Vec<ControlRow>, Used), SqlError> {
        let answer = self.query(sql).await?;
        let column = |name: &str| answer.columns().position(|column| column == name);
        let (Some(id), Some(passed)) = (column("_id"), column("passed")) else {
            let columns: Vec<&str> = answer.columns().collect();
            return Err(SqlError::NotAControl(format!("this selects `{}`", columns.join("`, `"))));
        };
        let (applicable, reason) = (column("applicable"), column("reason"));
        if let Some(other) = answer.columns().find(|name| !["_id", "passed", "applicable", "reason"].contains(name)) {
            return Err(SqlError::NotAControl(format!("this also selects `{other}`")));
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
        Ok((rows, answer.used))
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
