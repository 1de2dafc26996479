//! What has been read: rows of tables, cell by cell, with what could not be read beside them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{Cell, Fact, Failure, FailureKind};

/// Something that was asked for and could not be read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gap {
    pub table: String,
    pub cell: Cell,
    /// The row's `_id`; none when the list itself failed or broke off.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub row: Option<String>,
    /// The column; none when the list itself failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub column: Option<String>,
    pub failure: Failure,
}

/// One row of a table. A column that was read and found empty holds `null`; one that could not be read
/// is in `failures`; one that nobody asked for is in neither.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Row {
    /// Unique in the table over all cells: the ARN where there is one, always with the cell.
    pub id: String,
    pub values: Map<String, Value>,
    pub failures: BTreeMap<String, Failure>,
}

impl Row {
    /// What is known of a column. `null` is absent; a column that nobody asked for is unknown
    /// (`NotCollected`), so that a feature that forgot to name it never writes on a guess.
    pub fn get(&self, column: &str) -> Fact<&Value> {
        if let Some(failure) = self.failures.get(column) {
            return Fact::Unknown(failure.clone());
        }
        match self.values.get(column) {
            Some(Value::Null) => Fact::Absent,
            Some(value) => Fact::Known(value),
            None => Fact::Unknown(Failure {
                kind: FailureKind::NotCollected,
                service: String::new(),
                operation: String::new(),
                account: None,
                region: None,
                code: "NotCollected".to_owned(),
                message: format!("column `{column}` of row `{}` was not collected", self.id),
                request_id: None,
            }),
        }
    }
}

/// The rows of one table in one cell.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Listing {
    pub rows: Vec<Row>,
    /// Why the list is not complete: it failed, or broke off at a page.
    pub failure: Option<Failure>,
}

impl Listing {
    /// The rows, if the list is complete.
    pub fn complete(&self) -> Result<&[Row], Failure> {
        match &self.failure {
            None => Ok(&self.rows),
            Some(failure) => Err(failure.clone()),
        }
    }
}

/// Everything that one run read: table by table, cell by cell.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Inventory {
    listings: BTreeMap<String, BTreeMap<Cell, Listing>>,
}

impl Inventory {
    pub fn insert(&mut self, table: &str, cell: Cell, listing: Listing) {
        self.listings.entry(table.to_owned()).or_default().insert(cell, listing);
    }

    /// The listing of a table in a cell; none if nobody read it.
    pub fn get(&self, table: &str, cell: &Cell) -> Option<&Listing> {
        self.listings.get(table)?.get(cell)
    }

    pub fn table(&self, table: &str) -> impl Iterator<Item = (&Cell, &Listing)> {
        self.listings.get(table).into_iter().flatten()
    }

    pub fn tables(&self) -> impl Iterator<Item = &str> {
        self.listings.keys().map(String::as_str)
    }

    /// Takes in what another run read; its listings replace ours.
    pub fn merge(&mut self, other: Inventory) {
        for (table, cells) in other.listings {
            self.listings.entry(table).or_default().extend(cells);
        }
    }

    /// Every gap, in the order of table, cell and row.
    pub fn gaps(&self) -> Vec<Gap> {
        let mut gaps = Vec::new();
        for (table, cells) in &self.listings {
            for (cell, listing) in cells {
                let gap = |row: Option<&Row>, column: Option<&String>, failure: &Failure| Gap {
                    table: table.clone(),
                    cell: cell.clone(),
                    row: row.map(|row| row.id.clone()),
                    column: column.cloned(),
                    failure: failure.clone(),
                };
                gaps.extend(listing.failure.iter().map(|failure| gap(None, None, failure)));
                for row in &listing.rows {
                    gaps.extend(row.failures.iter().map(|(column, failure)| gap(Some(row), Some(column), failure)));
                }
            }
        }
        gaps
    }
}
