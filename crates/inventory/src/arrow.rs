//! Between JSON, as AWS's API has it, and Arrow columns, as SQL and Parquet have them.

mod column;
mod gap;
mod json;
mod rows;
mod schema;

pub use column::ColumnType;
pub use gap::GAP_TABLE;
pub(crate) use gap::{gap_batch, gap_schema, gaps_of_batch};
pub use json::value_at;
pub(crate) use rows::{array, batches, row_bytes};
pub use schema::TableSchema;
