//! Writing a snapshot while listings stream in: memory stays bounded, the manifest comes last.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use datafusion::arrow::array::RecordBatch;
use datafusion::object_store::buffered::BufWriter;
use datafusion::object_store::path::Path;
use datafusion::parquet::arrow::AsyncArrowWriter;
use datafusion::parquet::basic::{Compression, ZstdLevel};
use datafusion::parquet::file::properties::WriterProperties;
use dodai_facts::{AccountId, Cell, Gap, Listing, Row};
use dodai_models::Models;
use jiff::Timestamp;

use super::manifest::FORMAT;
use super::run::{list_gap, not_read};
use super::{Cells, FileEntry, Manifest, RunId, Shard, SnapshotError, SnapshotPlace, TableManifest};
use crate::arrow::{GAP_TABLE, TableSchema, batches, gap_batch, gap_schema};
use crate::tables::{Table, Wanted};

/// A row group ends at this many rows …
const GROUP_ROWS: usize = 16_384;
/// … or this many encoded bytes.
const GROUP_BYTES: usize = 8 << 20;
/// Rows wait until there are this many, or bytes, to be encoded together.
const WAITING_ROWS: usize = 1024;
const WAITING_BYTES: usize = 4 << 20;

/// A table, and what of it is asked for.
#[derive(Debug, Clone)]
pub struct TableRead {
    pub schema: TableSchema,
    /// The columns that are asked for; those of [`TableSchema::STANDARD`] always are.
    pub columns: BTreeSet<String>,
    /// The one account that can have rows of it, where only the management account does.
    pub only: Option<AccountId>,
}

impl TableRead {
    /// What is asked of a table when a collection wants these columns.
    pub fn of(table: &Table, wanted: &Wanted, models: &Models, management: &AccountId) -> Self {
        let columns = table.columns().iter().filter(|column| wanted.includes(column));
        Self {
            schema: table.schema(models),
            columns: columns.map(|column| column.name().to_owned()).collect(),
            only: table.management_only().then(|| management.clone()),
        }
    }

    /// All columns of a table in all accounts.
    pub fn all(schema: TableSchema) -> Self {
        let columns = schema.columns().iter().map(|(name, _)| name.clone()).collect();
        Self { schema, columns, only: None }
    }

    /// The cells in which the table is read.
    pub(crate) fn cells(&self, cells: &Cells) -> Vec<Cell> {
        cells.of_table(self.schema.scope(), self.only.as_ref())
    }
}

/// Takes listings in, in any order; nothing is a snapshot before [`SnapshotWriter::finish`].
#[derive(Debug)]
pub struct SnapshotWriter {
    place: SnapshotPlace,
    run: RunId,
    shard: Shard,
    models: String,
    cells: Cells,
    tables: BTreeMap<String, OpenTable>,
    gaps: OpenGaps,
}

#[derive(Debug)]
struct OpenGaps {
    waiting: Vec<Gap>,
    file: OpenFile,
}

#[derive(Debug)]
struct OpenTable {
    read: TableRead,
    /// The cells of the table, and whether their listing has come.
    cells: HashMap<Cell, bool>,
    waiting: Vec<(Cell, Row)>,
    waiting_bytes: usize,
    gaps: u64,
    file: OpenFile,
}

/// A Parquet file that is begun with its first rows.
struct OpenFile {
    /// Relative to the run's directory.
    name: String,
    rows: u64,
    writer: Option<AsyncArrowWriter<BufWriter>>,
}

impl SnapshotWriter {
    /// Every table is expected once in every cell of its scope; a listing that has not come by the end
    /// becomes a gap (`NotRead`). `models` is the version of the API models.
    pub fn new(
        place: SnapshotPlace,
        run: RunId,
        shard: Shard,
        models: &str,
        cells: Cells,
        tables: impl IntoIterator<Item = TableRead>,
    ) -> Self {
        let tables = tables
            .into_iter()
            .map(|read| {
                let name = read.schema.name().to_owned();
                let cells = read.cells(&cells).into_iter().map(|cell| (cell, false)).collect();
                let file = OpenFile::new(&name, shard);
                (name, OpenTable { read, cells, waiting: Vec::new(), waiting_bytes: 0, gaps: 0, file })
            })
            .collect();
        let gaps = OpenGaps { waiting: Vec::new(), file: OpenFile::new(GAP_TABLE, shard) };
        Self { place, run, shard, models: models.to_owned(), cells, tables, gaps }
    }

    pub fn run(&self) -> &RunId {
        &self.run
    }

    /// One table's listing in one cell.
    pub async fn write(&mut self, table: &str, cell: &Cell, listing: Listing) -> Result<(), SnapshotError> {
        let open = self.tables.get_mut(table).ok_or_else(|| SnapshotError::UnknownTable(table.to_owned()))?;
        let come = open
            .cells
            .get_mut(cell)
            .ok_or_else(|| SnapshotError::UnknownCell { table: table.to_owned(), cell: cell.clone() })?;
        if std::mem::replace(come, true) {
            return Err(SnapshotError::Twice { table: table.to_owned(), cell: cell.clone() });
        }
        if let Some(failure) = listing.failure {
            open.gaps += 1;
            self.gaps.waiting.push(list_gap(table, cell, failure));
        }
        for row in listing.rows {
            open.waiting_bytes += crate::arrow::row_bytes(&row);
            open.waiting.push((cell.clone(), row));
            if open.waiting.len() >= WAITING_ROWS || open.waiting_bytes >= WAITING_BYTES {
                self.gaps.waiting.extend(open.encode(&self.place, &self.run).await?);
                self.gaps.encode(&self.place, &self.run, WAITING_ROWS).await?;
            }
        }
        self.gaps.encode(&self.place, &self.run, WAITING_ROWS).await
    }

    /// Finishes all files, then writes the manifest. `finished` is the time now.
    pub async fn finish(mut self, finished: Timestamp) -> Result<Manifest, SnapshotError> {
        let mut tables = BTreeMap::new();
        for (name, mut open) in std::mem::take(&mut self.tables) {
            self.gaps.waiting.extend(open.encode(&self.place, &self.run).await?);
            let mut missing: Vec<&Cell> = open.cells.iter().filter(|(_, come)| !**come).map(|(cell, _)| cell).collect();
            missing.sort();
            for cell in missing {
                open.gaps += 1;
                self.gaps.waiting.push(list_gap(&name, cell, not_read(cell)));
                self.gaps.encode(&self.place, &self.run, WAITING_ROWS).await?;
            }
            let rows = open.file.rows;
            let file = open.file.close(&self.place, &self.run).await?;
            let manifest = TableManifest {
                scope: open.read.schema.scope(),
                columns: open.read.schema.columns().to_vec(),
                read: open.read.columns,
                only: open.read.only,
                rows,
                gaps: open.gaps,
                file,
            };
            tables.insert(name, manifest);
        }
        self.gaps.encode(&self.place, &self.run, 0).await?;
        let manifest = Manifest {
            format: FORMAT,
            run: self.run.clone(),
            tool: env!("CARGO_PKG_VERSION").to_owned(),
            models: self.models,
            finished: finished.to_string(),
            shard: self.shard,
            cells: self.cells,
            tables,
            gaps: self.gaps.file.rows,
            gap_file: self.gaps.file.close(&self.place, &self.run).await?,
        };
        let path = self.place.path(&self.run, &self.shard.manifest_name());
        let text = serde_json::to_vec(&manifest)
            .map_err(|error| SnapshotError::Manifest { path: path.to_string(), message: error.to_string() })?;
        self.place.put(&path, text).await?;
        Ok(manifest)
    }
}

impl OpenGaps {
    /// Encodes the gaps that wait if there are more than `most`.
    async fn encode(&mut self, place: &SnapshotPlace, run: &RunId, most: usize) -> Result<(), SnapshotError> {
        if self.waiting.len() <= most {
            return Ok(());
        }
        for gaps in std::mem::take(&mut self.waiting).chunks(WAITING_ROWS) {
            self.file.write(place, run, gap_schema(), &gap_batch(gaps)?).await?;
        }
        Ok(())
    }
}

impl OpenTable {
    /// Encodes the rows that wait; what is not known of them is handed back.
    async fn encode(&mut self, place: &SnapshotPlace, run: &RunId) -> Result<Vec<Gap>, SnapshotError> {
        let (batches, gaps) = batches(&self.read.schema, &self.waiting)?;
        self.waiting.clear();
        self.waiting_bytes = 0;
        self.gaps += gaps.len() as u64;
        for batch in batches {
            self.file.write(place, run, &self.read.schema, &batch).await?;
        }
        Ok(gaps)
    }
}

impl std::fmt::Debug for OpenFile {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("OpenFile").field("name", &self.name).field("rows", &self.rows).finish_non_exhaustive()
    }
}

impl OpenFile {
    fn new(table: &str, shard: Shard) -> Self {
        Self { name: format!("{table}/{}.parquet", shard.file_name()), rows: 0, writer: None }
    }

    async fn write(
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
        if writer.in_progress_size() >= GROUP_BYTES {
            writer.flush().await?;
        }
        self.rows += batch.num_rows() as u64;
        Ok(())
    }

    async fn close(self, place: &SnapshotPlace, run: &RunId) -> Result<Option<FileEntry>, SnapshotError> {
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
    let object = BufWriter::new(Arc::clone(place.store()), path);
    Ok(AsyncArrowWriter::try_new(object, schema.arrow(), Some(properties))?)
}
