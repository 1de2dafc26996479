//! Which tables and columns a query uses: read from its optimized plan, so exactly those that can change
//! the answer.

use std::collections::{BTreeMap, BTreeSet};

use datafusion::common::DataFusionError;
use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::logical_expr::LogicalPlan;

/// Tables by name (of another run than the engine's own: `before.aws_s3_bucket`), each with its columns.
/// A table of which only the number of rows counts has none. A column is used as a whole, whatever field
/// of it is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Used {
    pub tables: BTreeMap<String, BTreeSet<String>>,
}

impl Used {
    /// From a plan whose scans are of bare tables. `own` is the schema whose name is left out.
    pub(crate) fn by(plan: &LogicalPlan, own: &str) -> Result<Self, DataFusionError> {
        let mut used = Self::default();
        plan.apply_with_subqueries(|node| {
            if let LogicalPlan::TableScan(scan) = node {
                let table = scan.table_name.table();
                let name = match scan.table_name.schema() {
                    Some(schema) if schema != own => format!("{schema}.{table}"),
                    _ => table.to_owned(),
                };
                let columns = used.tables.entry(name).or_default();
                columns.extend(scan.projected_schema.fields().iter().map(|field| field.name().clone()));
                for filter in &scan.filters {
                    columns.extend(filter.column_refs().iter().map(|column| column.name.clone()));
                }
            }
            Ok(TreeNodeRecursion::Continue)
        })?;
        Ok(used)
    }
}
