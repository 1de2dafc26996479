//! What there is: the tables of AWS resources, collected cell by cell, kept as snapshots, asked with SQL.

mod arrow;
pub mod collect;
pub mod snapshot;
pub mod sql;
pub mod tables;

pub use arrow::{ColumnType, GAP_TABLE, TableSchema, value_at};
