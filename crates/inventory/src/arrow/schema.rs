//! A table as SQL sees it: its name, how far one row list of it reaches, its columns.

use std::sync::Arc;

use datafusion::arrow::datatypes::{Schema, SchemaRef};
use dodai_facts::Scope;

use super::ColumnType;
use super::column::struct_fields;

/// The columns of a table. Those of [`TableSchema::STANDARD`] come first and are always known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableSchema {
    name: String,
    scope: Scope,
    columns: Vec<(String, ColumnType)>,
}

impl TableSchema {
    /// The columns that every table has; `_id` is unique in the table over all cells.
    pub const STANDARD: [&str; 5] = ["_id", "account_id", "account_name", "region", "arn"];

    /// A table with the standard columns and these. A column that has the name of an earlier one is left out.
    pub fn new(name: &str, scope: Scope, columns: impl IntoIterator<Item = (String, ColumnType)>) -> Self {
        let standard = Self::STANDARD.into_iter().map(|column| (column.to_owned(), ColumnType::Text));
        Self::bare(name, scope, standard.chain(columns))
    }

    /// A table of these columns alone.
    pub(crate) fn bare(name: &str, scope: Scope, columns: impl IntoIterator<Item = (String, ColumnType)>) -> Self {
        let mut kept: Vec<(String, ColumnType)> = Vec::new();
        for (column, kind) in columns {
            if !kept.iter().any(|(name, _)| *name == column) {
                kept.push((column, kind));
            }
        }
        Self { name: name.to_owned(), scope, columns: kept }
    }

    pub fn name(&self) -> &str {
        &self.name
    }

    pub fn scope(&self) -> Scope {
        self.scope
    }

    pub fn columns(&self) -> &[(String, ColumnType)] {
        &self.columns
    }

    pub fn column(&self, name: &str) -> Option<&ColumnType> {
        self.columns.iter().find(|(column, _)| column == name).map(|(_, kind)| kind)
    }

    pub fn arrow(&self) -> SchemaRef {
        Arc::new(Schema::new(struct_fields(&self.columns)))
    }

    /// Whether a column is known without asking for it.
    pub(crate) fn always_known(column: &str) -> bool {
        Self::STANDARD.contains(&column)
    }
}
