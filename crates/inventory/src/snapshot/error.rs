//! What can go wrong with a snapshot.

use datafusion::object_store;
use dodai_facts::Cell;

use super::RunId;

#[derive(Debug, thiserror::Error)]
pub enum SnapshotError {
    #[error("snapshot store: {0}")]
    Store(#[from] object_store::Error),
    #[error("snapshot store: cannot prepare `{path}`: {error}")]
    File { path: String, error: std::io::Error },
    #[error("snapshot file: {0}")]
    Parquet(#[from] datafusion::parquet::errors::ParquetError),
    #[error("snapshot rows: {0}")]
    Arrow(#[from] datafusion::arrow::error::ArrowError),
    #[error("`{0}` is not a run id (such as 2026-11-22T14-30-00Z-1a2b), nor the beginning of one, nor `latest`")]
    InvalidId(String),
    #[error("there is no run `{0}`")]
    NoRun(String),
    #[error("there is no complete run; collect first")]
    NoRuns,
    #[error("`{given}` is the beginning of several runs: {}", runs.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "))]
    Ambiguous { given: String, runs: Vec<RunId> },
    #[error("run `{run}` has no manifest: it was not finished")]
    Unfinished { run: RunId },
    #[error("manifest `{path}`: {message}")]
    Manifest { path: String, message: String },
    #[error("manifest `{path}` has format {found}; this version reads up to {known}: use a newer version")]
    Format { path: String, found: u32, known: u32 },
    #[error("the shards of run `{run}` were written by different versions or for different shard counts")]
    MixedShards { run: RunId },
    #[error("`{0}` is not a shard: <number>/<of>, the number from 1")]
    InvalidShard(String),
    #[error("table `{0}` is not one of this run's")]
    UnknownTable(String),
    #[error("cell `{cell}` of table `{table}` is not one of this run's")]
    UnknownCell { table: String, cell: Cell },
    #[error("cell `{cell}` of table `{table}` was handed in twice")]
    Twice { table: String, cell: Cell },
}
