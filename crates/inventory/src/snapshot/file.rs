//! One Parquet file of a snapshot while it is written, row group by row group.

use std::sync::Arc;

use datafusion::arrow::array::RecordBatch;
use datafusion::object_store::buffered::BufWriter;
use datafusion::object_store::path::Path;
use datafusion::parquet::arrow::AsyncArrowWriter;
use datafusion::parquet::basic::{Compression, ZstdLevel};
use datafusion::parquet::file::properties::WriterProperties;

use super::{FileEntry, RunId, Shard, SnapshotError, SnapshotPlace};
use crate::arrow::TableSchema;

/// A row group ends at this many rows …
const GROUP_ROWS: usize = 16_384;
/// … or this many encoded bytes.
const GROUP_BYTES: usize = 8 << 20;

/// A Parquet file that is begun with its first rows.
pub(super) struct OpenFile {
    /// Relative to the run's directory.
    name: String,
    rows: u64,
    writer: Option<AsyncArrowWriter<BufWriter>>,
    /// What the row group that is begun takes.
    group_bytes: usize,
}

impl std::fmt::Debug for OpenFile {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("OpenFile").field("name", &self.name).field("rows", &self.rows).finish_non_exhaustive()
    }
}

impl OpenFile {
    pub(super) fn new(table: &str, shard: Shard) -> Self {
        Self { name: format!("{table}/{}.parquet", shard.file_name()), rows: 0, writer: None, group_bytes: 0 }
    }

    pub(super) fn rows(&self) -> u64 {
        self.rows
    }

    /// Memory that the row group takes until it ends.
    pub(super) fn group_bytes(&self) -> usize {
        self.group_bytes
    }

    pub(super) async fn write(
        &mut self,
        place: &SnapshotPlace,
        run: &RunId,
        schema: &TableSchema,
        batch: &RecordBatch,
    ) -> Result<(), SnapshotError> {
        let writer = match &mut self.writer {
            Some(writer) => writer,
            none => {
                let path = place.path(run, &self.name);
                place.prepare(&path).await?;
                none.insert(open(place, path, schema)?)
            }
        };
        writer.write(batch).await?;
        self.group_bytes = writer.memory_size();
        self.rows += batch.num_rows() as u64;
        if writer.in_progress_size() >= GROUP_BYTES { self.end_group().await } else { Ok(()) }
    }

    pub(super) async fn end_group(&mut self) -> Result<(), SnapshotError> {
        self.group_bytes = 0;
        match &mut self.writer {
            Some(writer) => Ok(writer.flush().await?),
            None => Ok(()),
        }
    }

    pub(super) async fn close(self, place: &SnapshotPlace, run: &RunId) -> Result<Option<FileEntry>, SnapshotError> {
        let Some(mut writer) = self.writer else { return Ok(None) };
        writer.finish().await?;
        place.protect(&place.path(run, &self.name)).await?;
        Ok(Some(FileEntry { path: self.name, rows: self.rows, bytes: writer.bytes_written() as u64 }))
    }
}

fn open(place: &SnapshotPlace, path: Path, schema: &TableSchema) -> Result<AsyncArrowWriter<BufWriter>, SnapshotError> {
    let properties = WriterProperties::builder()
        .set_compression(Compression::ZSTD(ZstdLevel::default()))
        .set_max_row_group_row_count(Some(GROUP_ROWS))
        .set_created_by(concat!("dodai ", env!("CARGO_PKG_VERSION")).to_owned())
        .build();
    let object = BufWriter::with_capacity(Arc::clone(place.store()), path, place.part_bytes());
    Ok(AsyncArrowWriter::try_new(object, schema.arrow(), Some(properties))?)
}
