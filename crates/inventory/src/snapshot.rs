//! Snapshots: everything that one run read, kept as Parquet files with a manifest that says what they are.
//!
//! `runs/<run id>/<table>/<shard>.parquet`, `runs/<run id>/gap/<shard>.parquet` and, written last,
//! `runs/<run id>/manifest.json` (for one of several shards: `manifest.<shard>.json`). A snapshot is never
//! changed; without its manifest it is not one.

mod error;
mod file;
#[cfg(test)]
mod full_disk_tests;
mod manifest;
mod place;
mod read;
mod run;
mod run_id;
mod write;

pub use error::SnapshotError;
pub use manifest::{Cells, FileEntry, Manifest, Shard, TableManifest};
pub use place::SnapshotPlace;
pub use read::RunSummary;
pub(crate) use run::Rows;
pub use run::Run;
pub use run_id::RunId;
pub use write::{SnapshotWriter, TableRead};

#[cfg(test)]
mod tests;
