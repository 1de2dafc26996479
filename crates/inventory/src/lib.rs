//! What there is: the tables of AWS resources, collected cell by cell, kept as snapshots, asked with SQL.

mod arrow;
pub mod collect;
pub mod snapshot;
pub mod sql;
pub mod tables;

#[cfg(test)]
extern crate self as dodai_inventory;
#[cfg(test)]
mod found_tests;

pub use arrow::{ColumnType, GAP_TABLE, TableSchema, value_at};
