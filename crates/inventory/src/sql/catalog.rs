//! The tables of a run as `DataFusion` sees them: Parquet files or batches, with today's columns whatever
//! the run had.

use std::sync::Arc;

use datafusion::arrow::array::RecordBatch;
use datafusion::catalog::TableProvider;
use datafusion::catalog::view::ViewTable;
use datafusion::common::{DataFusionError, ScalarValue};
use datafusion::datasource::empty::EmptyTable;
use datafusion::datasource::{MemTable, provider_as_source};
use datafusion::execution::object_store::ObjectStoreUrl;
use datafusion::logical_expr::{Expr, LogicalPlanBuilder, ident, lit};
use datafusion::object_store::ObjectStore;
use dodai_facts::{Cell, Failure, Gap};

use super::files::ParquetFiles;
use crate::arrow::{GAP_TABLE, TableSchema, gap_batch, gap_schema};
use crate::snapshot::{Rows, Run};

/// The store that has the files of a stored run; none for a run in memory.
pub(crate) fn store_of(run: &Run) -> Option<Arc<dyn ObjectStore>> {
    match run.rows() {
        Rows::Stored { place, .. } => Some(Arc::clone(place.store())),
        Rows::Memory(_) => None,
    }
}

/// A table of a run, with the columns of `schema`. [`store_of`] is registered at `store`.
pub(crate) fn table(
    run: &Run,
    schema: &TableSchema,
    store: &ObjectStoreUrl,
) -> Result<Arc<dyn TableProvider>, DataFusionError> {
    let changed: Vec<&str> = schema
        .columns()
        .iter()
        .filter(|(name, kind)| run.changed(schema.name(), name, kind).is_some())
        .map(|(name, _)| name.as_str())
        .collect();
    if changed.is_empty() {
        return stored(run, schema, store);
    }
    // What cannot be read as today's type is null here, and not collected where gaps are asked for.
    let kept = schema.columns().iter().filter(|(name, _)| !changed.contains(&name.as_str())).cloned();
    let readable = TableSchema::bare(schema.name(), schema.scope(), kept);
    let columns = schema
        .columns()
        .iter()
        .map(|(name, kind)| {
            if changed.contains(&name.as_str()) {
                Ok(lit(ScalarValue::try_new_null(&kind.arrow())?).alias(name))
            } else {
                Ok(ident(name))
            }
        })
        .collect::<Result<Vec<Expr>, DataFusionError>>()?;
    let source = provider_as_source(stored(run, &readable, store)?);
    let plan = LogicalPlanBuilder::scan(schema.name(), source, None)?.project(columns)?.build()?;
    Ok(Arc::new(ViewTable::new(plan, None)))
}

fn stored(run: &Run, schema: &TableSchema, store: &ObjectStoreUrl) -> Result<Arc<dyn TableProvider>, DataFusionError> {
    match run.rows() {
        Rows::Stored { place, run, files } => match files.get(schema.name()).map(Vec::as_slice) {
            None | Some([]) => Ok(Arc::new(EmptyTable::new(schema.arrow()))),
            Some(files) => {
                let files = files.iter().map(|file| (place.path(run, &file.path).to_string(), file.bytes)).collect();
                Ok(Arc::new(ParquetFiles { schema: schema.arrow(), store: store.clone(), files }))
            }
        },
        Rows::Memory(tables) => {
            let kept = tables.get(schema.name()).map(Vec::as_slice).unwrap_or_default();
            let batches = kept.iter().map(|batch| todays(batch, schema)).collect::<Result<Vec<_>, _>>()?;
            Ok(Arc::new(MemTable::try_new(schema.arrow(), vec![batches])?))
        }
    }
}

/// A batch with a table's columns: those that it lacks are null.
fn todays(batch: &RecordBatch, schema: &TableSchema) -> Result<RecordBatch, DataFusionError> {
    let wanted = schema.arrow();
    if batch.schema() == wanted {
        return Ok(batch.clone());
    }
    let columns = wanted
        .fields()
        .iter()
        .map(|field| match batch.column_by_name(field.name()) {
            Some(column) => Ok(datafusion::arrow::compute::cast(column, field.data_type())?),
            None => Ok(datafusion::arrow::array::new_null_array(field.data_type(), batch.num_rows())),
        })
        .collect::<Result<Vec<_>, DataFusionError>>()?;
    Ok(RecordBatch::try_new(wanted, columns)?)
}

/// The table `gap`: what the run wrote there, and one row for each column (or table) that it did not collect.
pub(crate) fn gap_table<'a>(
    run: &Run,
    schemas: impl IntoIterator<Item = &'a TableSchema>,
    store: &ObjectStoreUrl,
) -> Result<Arc<dyn TableProvider>, DataFusionError> {
    let mut derived: Vec<Gap> = Vec::new();
    for schema in schemas {
        let mut add = |column: Option<&str>, failure: Failure| {
            derived.push(Gap {
                table: schema.name().to_owned(),
                cell: Cell::Organization,
                row: None,
                column: column.map(str::to_owned),
                failure,
            });
        };
        if run.tables().contains_key(schema.name()) {
            for (column, _) in schema.columns() {
                if let Some(failure) = run.not_collected(schema, column) {
                    add(Some(column), failure);
                }
            }
        } else if let Some(failure) = run.not_collected(schema, "_id") {
            add(None, failure);
        }
    }
    let written = provider_as_source(stored(run, gap_schema(), store)?);
    let derived = MemTable::try_new(gap_schema().arrow(), vec![vec![gap_batch(&derived)?]])?;
    let derived = LogicalPlanBuilder::scan(GAP_TABLE, provider_as_source(Arc::new(derived)), None)?.build()?;
    let plan = LogicalPlanBuilder::scan(GAP_TABLE, written, None)?.union(derived)?.build()?;
    Ok(Arc::new(ViewTable::new(plan, None)))
}
