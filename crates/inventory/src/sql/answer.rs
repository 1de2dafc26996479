//! What a query answers.

use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::datatypes::SchemaRef;
use serde_json::{Map, Value};

use super::{Unanswered, Used};
use crate::arrow::value_at;

/// A result, whole.
#[derive(Debug, Clone)]
pub struct Answer {
    pub schema: SchemaRef,
    pub batches: Vec<RecordBatch>,
    /// What it was made from.
    pub used: Used,
    /// What functions could not answer; they gave null.
    pub unanswered: Vec<Unanswered>,
}

impl Answer {
    /// The number of rows.
    pub fn rows(&self) -> usize {
        self.batches.iter().map(RecordBatch::num_rows).sum()
    }

    /// The names of the columns.
    pub fn columns(&self) -> impl Iterator<Item = &str> {
        self.schema.fields().iter().map(|field| field.name().as_str())
    }

    /// Row by row, the values in the order of the columns.
    pub fn values(&self) -> impl Iterator<Item = Vec<Value>> {
        self.batches.iter().flat_map(|batch| {
            (0..batch.num_rows()).map(move |row| batch.columns().iter().map(|column| value_at(column, row)).collect())
        })
    }

    /// Row by row as objects. Of columns with the same name the last one counts.
    pub fn objects(&self) -> impl Iterator<Item = Map<String, Value>> {
        self.values().map(|values| self.columns().map(str::to_owned).zip(values).collect())
    }
}
