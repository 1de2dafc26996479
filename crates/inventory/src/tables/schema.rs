//! A table as SQL sees it.

use dodai_models::Models;

use super::table::{ColumnKind, Table};
use crate::arrow::{ColumnType, TableSchema};

impl Table {
    /// The types of the columns, by the API models' shapes.
    pub fn schema(&self, models: &Models) -> TableSchema {
        let columns = self.columns().iter().map(|column| {
            let of = |service: &str, shape| {
                models.service(service).map_or(ColumnType::Json, |service| ColumnType::of_shape(&service, shape))
            };
            let kind = match column.kind() {
                ColumnKind::Text => ColumnType::Text,
                ColumnKind::Boolean => ColumnType::Boolean,
                ColumnKind::Tags => ColumnType::Text.map(),
                ColumnKind::Shape { service, shape } => of(service, *shape),
                ColumnKind::Shapes { service, shape } => of(service, *shape).list(),
            };
            (column.name().to_owned(), kind)
        });
        TableSchema::new(self.name(), self.scope(), columns)
    }
}
