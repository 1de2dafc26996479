//! Writing a snapshot while listings stream in: memory stays bounded, the manifest comes last.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use dodai_facts::{AccountId, Cell, Gap, Listing, Row};
use dodai_models::Models;
use jiff::Timestamp;

use super::file::OpenFile;
use super::manifest::FORMAT;
use super::run::{list_gap, not_read};
use super::{Cells, Manifest, RunId, Shard, SnapshotError, SnapshotPlace, TableManifest};
use crate::arrow::{GAP_TABLE, TableSchema, batches, gap_batch, gap_schema};
use crate::tables::{Table, Wanted};

/// Rows wait until there are this many, or bytes, to be encoded together.
const WAITING_ROWS: usize = 1024;
const WAITING_BYTES: usize = 4 << 20;
/// Bytes that wait in all tables. A row in memory takes several times the bytes of its values.
const ALL_WAITING_BYTES: usize = 4 << 20;
/// Bytes of all row groups that are begun. Tables come side by side, so that each holds its part of it for long.
const ALL_GROUPS_BYTES: usize = 24 << 20;

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
        self.gaps.encode(&self.place, &self.run, WAITING_ROWS).await?;
        self.make_room().await
    }

    /// Encodes and writes what takes most, as long as all tables together take too much.
    async fn make_room(&mut self) -> Result<(), SnapshotError> {
        let tables = &mut self.tables;
        while tables.values().map(|open| open.waiting_bytes).sum::<usize>() > ALL_WAITING_BYTES {
            let Some(largest) = tables.values_mut().max_by_key(|open| open.waiting_bytes) else { break };
            self.gaps.waiting.extend(largest.encode(&self.place, &self.run).await?);
        }
        while tables.values().map(|open| open.file.group_bytes()).sum::<usize>() > ALL_GROUPS_BYTES {
            let Some(largest) = tables.values_mut().max_by_key(|open| open.file.group_bytes()) else { break };
            largest.file.end_group().await?;
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
            let rows = open.file.rows();
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
            gaps: self.gaps.file.rows(),
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

#[cfg(test)]
mod tests {
    use dodai_facts::Scope;
    use serde_json::{Map, json};

    use super::*;
    use crate::arrow::ColumnType;

    /// Forty tables side by side, of which each alone would be within its bounds.
    #[tokio::test]
    async fn what_waits_is_bounded_over_all_tables() {
        let folder = tempfile::tempdir().unwrap();
        let place = SnapshotPlace::local(folder.path()).await.unwrap();
        let cells: Vec<Cell> = (0..20).map(|number| format!("1111222233{number:02}").parse().unwrap()).collect();
        let names: Vec<String> = (0..40).map(|number| format!("t{number}")).collect();
        let schema = |name: &String| TableSchema::new(name, Scope::Account, [("c".to_owned(), ColumnType::Text)]);
        let run = RunId::new(Timestamp::UNIX_EPOCH, 1);
        let reads = names.iter().map(|name| TableRead::all(schema(name)));
        let mut writer = SnapshotWriter::new(place, run, Shard::WHOLE, "m", cells.iter().collect(), reads);
        let mut most = 0;
        for (number, cell) in cells.iter().enumerate() {
            for name in &names {
                let row = |row: usize| {
                    // No two alike, so that nothing is stored once for all.
                    let text = format!("{number} {name} {row} ").repeat(5_000);
                    let values = Map::from_iter([("c".to_owned(), json!(text))]);
                    Row { id: format!("{cell}/{row}"), values, failures: BTreeMap::new() }
                };
                let listing = Listing { rows: (0..2).map(row).collect(), failure: None };
                writer.write(name, cell, listing).await.unwrap();
                let waiting: usize = writer.tables.values().map(|open| open.waiting_bytes).sum();
                let groups: usize = writer.tables.values().map(|open| open.file.group_bytes()).sum();
                assert!(waiting <= ALL_WAITING_BYTES && groups <= ALL_GROUPS_BYTES, "{waiting} {groups}");
                most = most.max(groups);
            }
        }
        assert!(most > ALL_GROUPS_BYTES / 2, "{most}: the bound was never near");
        let manifest = writer.finish(Timestamp::UNIX_EPOCH).await.unwrap();
        assert!(manifest.tables.values().all(|table| table.rows == 40));
    }
}
