//! A run that can be asked: its rows, stored or in memory, and what of it was not read.

use std::collections::BTreeMap;

use datafusion::arrow::array::RecordBatch;
use dodai_facts::{Cell, Failure, FailureKind, Gap, Inventory, Row};

use super::{Cells, FileEntry, Manifest, RunId, Shard, SnapshotError, SnapshotPlace, TableManifest, TableRead};
use crate::arrow::{ColumnType, GAP_TABLE, TableSchema, batches, gap_batch};

/// One run. Cheap to clone where it is stored.
#[derive(Debug, Clone)]
pub struct Run {
    id: Option<RunId>,
    rows: Rows,
    cells: Cells,
    /// INVARIANT: a table that is in several shards has the same columns in all.
    tables: BTreeMap<String, TableManifest>,
    gaps: u64,
    missing: Vec<Shard>,
}

/// Where the rows are.
#[derive(Debug, Clone)]
pub(crate) enum Rows {
    Stored { place: SnapshotPlace, run: RunId, files: BTreeMap<String, Vec<FileEntry>> },
    Memory(BTreeMap<String, Vec<RecordBatch>>),
}

impl Run {
    pub(crate) fn stored(place: SnapshotPlace, id: RunId, manifests: Vec<Manifest>, missing: Vec<Shard>) -> Self {
        let mut cells = Cells::default();
        let mut tables: BTreeMap<String, TableManifest> = BTreeMap::new();
        let mut files: BTreeMap<String, Vec<FileEntry>> = BTreeMap::new();
        let mut gaps = 0;
        for manifest in manifests {
            cells.extend(&manifest.cells);
            gaps += manifest.gaps;
            files.entry(GAP_TABLE.to_owned()).or_default().extend(manifest.gap_file);
            for (name, table) in manifest.tables {
                files.entry(name.clone()).or_default().extend(table.file.clone());
                match tables.get_mut(&name) {
                    None => {
                        tables.insert(name, table);
                    }
                    Some(known) => {
                        known.rows += table.rows;
                        known.gaps += table.gaps;
                        // What one shard did not ask for is not known of the whole.
                        known.read.retain(|column| table.read.contains(column));
                        known.columns.retain(|column| table.columns.contains(column));
                    }
                }
            }
        }
        let rows = Rows::Stored { place, run: id.clone(), files };
        Self { id: Some(id), rows, cells, tables, gaps, missing }
    }

    /// What was read just now and kept in memory. As with stored runs, every table is expected in every one
    /// of the cells of its scope: where a listing is missing there is a gap (`NotRead`).
    pub fn in_memory(
        cells: Cells,
        reads: impl IntoIterator<Item = TableRead>,
        inventory: &Inventory,
    ) -> Result<Self, SnapshotError> {
        let mut tables = BTreeMap::new();
        let mut kept = BTreeMap::new();
        let mut gaps = Vec::new();
        for read in reads {
            let name = read.schema.name().to_owned();
            let before = gaps.len();
            let mut rows: Vec<(Cell, Row)> = Vec::new();
            for (cell, listing) in inventory.table(&name) {
                if !cells.contains(cell) || cell.scope() != read.schema.scope() {
                    return Err(SnapshotError::UnknownCell { table: name.clone(), cell: cell.clone() });
                }
                rows.extend(listing.rows.iter().map(|row| (cell.clone(), row.clone())));
                gaps.extend(listing.failure.iter().map(|failure| list_gap(&name, cell, failure.clone())));
            }
            for cell in read.cells(&cells) {
                if inventory.get(&name, &cell).is_none() {
                    gaps.push(list_gap(&name, &cell, not_read(&cell)));
                }
            }
            let (batches, found) = batches(&read.schema, &rows)?;
            gaps.extend(found);
            let table = TableManifest {
                scope: read.schema.scope(),
                columns: read.schema.columns().to_vec(),
                read: read.columns,
                only: read.only,
                rows: rows.len() as u64,
                gaps: (gaps.len() - before) as u64,
                file: None,
            };
            tables.insert(name.clone(), table);
            kept.insert(name, batches);
        }
        let count = gaps.len() as u64;
        kept.insert(GAP_TABLE.to_owned(), vec![gap_batch(&gaps)?]);
        Ok(Self { id: None, rows: Rows::Memory(kept), cells, tables, gaps: count, missing: Vec::new() })
    }

    /// A run in which nothing was read: enough to check queries.
    pub fn empty() -> Self {
        let (cells, tables) = (Cells::default(), BTreeMap::new());
        Self { id: None, rows: Rows::Memory(BTreeMap::new()), cells, tables, gaps: 0, missing: Vec::new() }
    }

    /// None of a run in memory.
    pub fn id(&self) -> Option<&RunId> {
        self.id.as_ref()
    }

    /// Where the run looked.
    pub fn cells(&self) -> &Cells {
        &self.cells
    }

    /// The tables that were collected, with row and gap counts.
    pub fn tables(&self) -> &BTreeMap<String, TableManifest> {
        &self.tables
    }

    /// The number of gaps, without columns that nobody asked for.
    pub fn gap_count(&self) -> u64 {
        self.gaps
    }

    /// The shards of a shared collection that are not there: their accounts are not in [`Run::cells`].
    pub fn missing_shards(&self) -> &[Shard] {
        &self.missing
    }

    pub(crate) fn rows(&self) -> &Rows {
        &self.rows
    }

    /// Whether a column's stored values cannot be read as what the column is today. None: as they are.
    pub(crate) fn changed(&self, table: &str, column: &str, today: &ColumnType) -> Option<&ColumnType> {
        let (_, stored) = self.tables.get(table)?.columns.iter().find(|(name, _)| name == column)?;
        (!stored.reads_as(today)).then_some(stored)
    }

    /// Why a column of a table is not known anywhere in this run, if it is not.
    pub(crate) fn not_collected(&self, table: &TableSchema, column: &str) -> Option<Failure> {
        let (code, message) = match self.tables.get(table.name()) {
            None => ("NotCollected", format!("table `{}` was not collected", table.name())),
            Some(stored) => {
                let kind = stored.columns.iter().find(|(name, _)| name == column).map(|(_, kind)| kind);
                let today = table.column(column);
                match (kind, today) {
                    (None, _) => ("NotCollected", format!("column `{column}` did not exist when this was collected")),
                    (Some(kind), Some(today)) if !kind.reads_as(today) => {
                        ("ColumnTypeChanged", format!("column `{column}` was {kind} when this was collected"))
                    }
                    _ if TableSchema::always_known(column) || stored.read.contains(column) => return None,
                    _ => ("NotCollected", format!("column `{column}` was not collected")),
                }
            }
        };
        Some(failure(FailureKind::NotCollected, code, message, None))
    }

    /// The gaps that no row of `gap` tells: of the cells of interest that the run did not look at, and of
    /// columns that it did not collect. `expected` are cells of any kind; empty means those of the run.
    pub(crate) fn unwritten_gaps<'a>(
        &self,
        table: &TableSchema,
        columns: impl IntoIterator<Item = &'a String>,
        expected: &Cells,
    ) -> Vec<Gap> {
        let mut gaps = Vec::new();
        let stored = self.tables.get(table.name());
        let collected = stored.is_some();
        let only = stored.and_then(|table| table.only.as_ref());
        let mut cells = self.cells.of_table(table.scope(), only);
        for cell in expected.of_table(table.scope(), only) {
            if !self.cells.contains(&cell) {
                if collected {
                    gaps.push(list_gap(table.name(), &cell, not_read(&cell)));
                }
                cells.push(cell);
            }
        }
        if !collected {
            let message = format!("table `{}` was not collected", table.name());
            let gap = |cell: &Cell| {
                let failure = failure(FailureKind::NotCollected, "NotCollected", message.clone(), Some(cell));
                list_gap(table.name(), cell, failure)
            };
            return cells.iter().map(gap).collect();
        }
        for column in columns {
            if let Some(failure) = self.not_collected(table, column) {
                gaps.extend(cells.iter().map(|cell| Gap {
                    table: table.name().to_owned(),
                    cell: cell.clone(),
                    row: None,
                    column: Some(column.clone()),
                    failure: Failure {
                        account: cell.account().cloned(),
                        region: cell.region().cloned(),
                        ..failure.clone()
                    },
                }));
            }
        }
        gaps
    }
}

pub(crate) fn list_gap(table: &str, cell: &Cell, failure: Failure) -> Gap {
    Gap { table: table.to_owned(), cell: cell.clone(), row: None, column: None, failure }
}

pub(crate) fn not_read(cell: &Cell) -> Failure {
    failure(FailureKind::Fault, "NotRead", "the run did not read this".to_owned(), Some(cell))
}

fn failure(kind: FailureKind, code: &str, message: String, cell: Option<&Cell>) -> Failure {
    Failure {
        kind,
        service: "dodai".to_owned(),
        operation: "Collect".to_owned(),
        account: cell.and_then(Cell::account).cloned(),
        region: cell.and_then(Cell::region).cloned(),
        code: code.to_owned(),
        message,
        request_id: None,
    }
}
