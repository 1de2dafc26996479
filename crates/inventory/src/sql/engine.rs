//! The engine: sessions over a run, made once; a query goes in as text, an answer or an error comes out.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use datafusion::catalog::{MemoryCatalogProvider, MemorySchemaProvider, SchemaProvider, TableProvider};
use datafusion::common::config::Dialect;
use datafusion::common::{DataFusionError, TableReference};
use datafusion::datasource::empty::EmptyTable;
use datafusion::execution::SessionStateBuilder;
use datafusion::execution::TaskContext;
use datafusion::execution::context::SQLOptions;
use datafusion::execution::disk_manager::{DiskManagerBuilder, DiskManagerMode};
use datafusion::execution::memory_pool::GreedyMemoryPool;
use datafusion::execution::object_store::ObjectStoreUrl;
use datafusion::execution::runtime_env::RuntimeEnvBuilder;
use datafusion::execution::session_state::SessionState;
use datafusion::logical_expr::LogicalPlan;
use datafusion::physical_plan::execute_stream;
use datafusion::prelude::SessionConfig;
use datafusion::sql::parser::Statement;
use dodai_facts::{Cell, FailureKind, Gap, nearest};
use futures::TryStreamExt;
use jiff::Timestamp;

use super::cooperate::Cooperate;
use super::parse::parse;
use super::unanswered::Notes;
use super::{Answer, SqlError, Used, catalog, functions};
use crate::arrow::{GAP_TABLE, TableSchema, gap_schema, gaps_of_batch};
use crate::snapshot::{Cells, Run};

const CATALOG: &str = "dodai";
/// The schema of the engine's own run: its tables need no prefix.
const OWN: &str = "run";

/// What a query may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes, shared by all queries of an engine.
    pub memory: usize,
    pub time: Duration,
    /// Bytes of one result.
    pub result: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { memory: 512 << 20, time: Duration::from_mins(5), result: 256 << 20 }
    }
}

/// SQL over a run. Cheap to clone; queries may run at the same time.
#[derive(Debug, Clone)]
pub struct Engine {
    /// Over the rows.
    rows: Arc<SessionState>,
    /// Over tables without rows: what a query uses is read from its plan here, where a scan is a table.
    plain: Arc<SessionState>,
    schemas: Arc<BTreeMap<String, TableSchema>>,
    runs: BTreeMap<String, Run>,
    limits: Limits,
}

impl Engine {
    /// Over a run, with the tables as they are today. `now` is what `now()` answers: the time of the run, so
    /// that the same run gives the same answers.
    pub fn new(
        schemas: impl IntoIterator<Item = TableSchema>,
        run: Run,
        now: Timestamp,
        limits: Limits,
    ) -> Result<Self, SqlError> {
        let schemas: BTreeMap<String, TableSchema> =
            schemas.into_iter().map(|schema| (schema.name().to_owned(), schema)).collect();
        let engine = Self {
            rows: Arc::new(session(now, limits).map_err(|error| SqlError::of(&error, limits.memory))?),
            plain: Arc::new(session(now, limits).map_err(|error| SqlError::of(&error, limits.memory))?),
            schemas: Arc::new(schemas),
            runs: BTreeMap::new(),
            limits,
        };
        engine.with_run(OWN, run)
    }

    /// Over the tables alone, without rows: to check queries.
    pub fn of_schemas(schemas: impl IntoIterator<Item = TableSchema>) -> Result<Self, SqlError> {
        Self::new(schemas, Run::empty(), Timestamp::UNIX_EPOCH, Limits::default())
    }

    /// Another run beside the engine's own: `select … from before.aws_s3_bucket`.
    pub fn with_run(mut self, name: &str, run: Run) -> Result<Self, SqlError> {
        self.register(name, &run).map_err(|error| SqlError::of(&error, self.limits.memory))?;
        self.runs.insert(name.to_owned(), run);
        Ok(self)
    }

    fn register(&self, name: &str, run: &Run) -> Result<(), DataFusionError> {
        let url = ObjectStoreUrl::parse(format!("dodai://{name}"))?;
        if let Some(store) = catalog::store_of(run) {
            self.rows.runtime_env().register_object_store(url.as_ref(), store);
        }
        let rows = MemorySchemaProvider::new();
        let plain = MemorySchemaProvider::new();
        for (name, schema) in self.schemas.iter() {
            rows.register_table(name.clone(), catalog::table(run, schema, &url)?)?;
            plain.register_table(name.clone(), empty(schema))?;
        }
        rows.register_table(GAP_TABLE.to_owned(), catalog::gap_table(run, self.schemas.values(), &url)?)?;
        plain.register_table(GAP_TABLE.to_owned(), empty(gap_schema()))?;
        for (state, schema) in [(&self.rows, rows), (&self.plain, plain)] {
            if let Some(catalog) = state.catalog_list().catalog(CATALOG) {
                catalog.register_schema(name, Arc::new(schema))?;
            }
        }
        Ok(())
    }

    /// The tables that queries may name, `gap` too.
    pub fn tables(&self) -> impl Iterator<Item = &TableSchema> {
        self.schemas.values().chain([gap_schema()])
    }

    /// Which tables and columns a query uses. Needs no rows.
    pub async fn columns_used(&self, sql: &str) -> Result<Used, SqlError> {
        let (engine, sql) = (self.clone(), sql.to_owned());
        self.in_time(async move { engine.used(parse(&sql)?).await }).await
    }

    /// Runs a query, on a runtime of several threads: on one, a busy query is stopped when it first waits. Messages
    /// of errors may hold values, which are hostile.
    pub async fn query(&self, sql: &str) -> Result<Answer, SqlError> {
        self.noted(sql, Notes::default()).await
    }

    /// As a query; what functions could not answer is noted.
    pub(super) async fn noted(&self, sql: &str, notes: Notes) -> Result<Answer, SqlError> {
        let (engine, sql) = (self.clone(), sql.to_owned());
        self.in_time(async move { engine.run(parse(&sql)?, notes).await }).await
    }

    /// What comes of it before the time is over. Parsing and planning wait for nothing: they are given up, and go on until
    /// they are done or their process ends.
    async fn in_time<T: Send + 'static>(
        &self,
        work: impl Future<Output = Result<T, SqlError>> + Send + 'static,
    ) -> Result<T, SqlError> {
        // A task of its own: a query that is busy between two waits does not hold up the clock.
        let mut task = tokio::task::JoinSet::new();
        task.spawn(work);
        let limit = self.limits.time;
        match tokio::time::timeout(limit, task.join_next()).await {
            Err(_) => Err(SqlError::TooSlow { limit }),
            Ok(Some(Ok(answer))) => answer,
            Ok(Some(Err(error))) => Err(SqlError::Execution(format!("the query broke off: {error}"))),
            Ok(None) => Err(SqlError::Execution("the query broke off".to_owned())),
        }
    }

    async fn run(&self, statement: Statement, notes: Notes) -> Result<Answer, SqlError> {
        let used = self.used(statement.clone()).await?;
        // The session's configuration is what reaches functions; other queries go on at the same time.
        let mut state = SessionState::clone(&self.rows);
        state.config_mut().options_mut().extensions.insert(notes.clone());
        state.mark_start_execution();
        let plan = plan(&state, statement).await.map_err(|error| self.error(&error))?;
        let physical = async {
            let plan = state.optimize(&plan)?;
            state.query_planner().create_physical_plan(&plan, &state).await
        };
        let physical = physical.await.map_err(|error| self.error(&error))?;
        let context = Arc::new(TaskContext::from(&state));
        let mut stream = execute_stream(physical, context).map_err(|error| self.error(&error))?;
        let schema = stream.schema();
        let mut batches = Vec::new();
        let mut bytes = 0;
        while let Some(batch) = stream.try_next().await.map_err(|error| self.error(&error))? {
            bytes += batch.get_array_memory_size();
            if bytes > self.limits.result {
                return Err(SqlError::TooLarge { limit: self.limits.result });
            }
            batches.push(batch);
        }
        Ok(Answer { schema, batches, used, unanswered: notes.list() })
    }

    async fn used(&self, statement: Statement) -> Result<Used, SqlError> {
        let unknown = self.unknown_table(&statement).map_err(|error| self.error(&error))?;
        let planned = async {
            let plan = plan(&self.plain, statement).await?;
            Used::by(&self.plain.optimize(&plan)?, OWN)
        };
        planned.await.map_err(|error| match (unknown, self.error(&error)) {
            (Some((name, nearest)), error) => SqlError::UnknownTable { name, nearest, place: error.place() },
            (None, error) => error,
        })
    }

    /// The first table of a query that there is not, and the nearest that there is.
    fn unknown_table(&self, statement: &Statement) -> Result<Option<(String, Option<String>)>, DataFusionError> {
        for reference in self.plain.resolve_table_references(statement)? {
            let known = match &reference {
                TableReference::Bare { table } => self.is_table(table),
                TableReference::Partial { schema, table } => self.runs.contains_key(&**schema) && self.is_table(table),
                TableReference::Full { catalog, schema, table } => {
                    **catalog == *CATALOG && self.runs.contains_key(&**schema) && self.is_table(table)
                }
            };
            if !known {
                let near = nearest(reference.table(), self.tables().map(TableSchema::name));
                return Ok(Some((reference.to_string(), near.map(str::to_owned))));
            }
        }
        Ok(None)
    }

    fn is_table(&self, name: &str) -> bool {
        name == GAP_TABLE || self.schemas.contains_key(name)
    }

    fn error(&self, error: &DataFusionError) -> SqlError {
        SqlError::of(error, self.limits.memory)
    }

    /// What is not known of the tables and columns that a query used, cell by cell: failed lists (no row, no
    /// column), failed columns of rows, columns and tables that nobody collected (a column, no row). `expected`
    /// are the cells that ought to have been read; those the run did not look at are gaps. Empty: the run's own.
    pub async fn gaps(&self, used: &Used, expected: &Cells) -> Result<Vec<Gap>, SqlError> {
        let mut gaps = Vec::new();
        for (name, columns) in &used.tables {
            let (schema_name, table) = name.split_once('.').unwrap_or((OWN, name));
            let (Some(run), Some(schema)) = (self.runs.get(schema_name), self.schemas.get(table)) else { continue };
            gaps.extend(run.unwritten_gaps(schema, columns, expected));
            if run.gap_count() == 0 {
                continue;
            }
            // These names are our tables' own, yet quoted as anyone's.
            let names: Vec<String> = columns.iter().map(|column| literal(column)).chain([literal("")]).collect();
            let sql = format!(
                "select * from {}.{GAP_TABLE} where \"table\" = {} and (\"column\" is null or \"column\" in ({}))",
                quoted(schema_name),
                literal(table),
                names.join(", "),
            );
            for batch in &self.query(&sql).await?.batches {
                let written = gaps_of_batch(batch).map_err(|error| SqlError::Execution(format!("gap: {error}")))?;
                // What the manifest tells has been added above, cell by cell.
                gaps.extend(written.into_iter().filter(|gap| {
                    gap.failure.kind != FailureKind::NotCollected || gap.row.is_some() || gap.cell != Cell::Organization
                }));
            }
        }
        gaps.sort_by(|left, right| {
            (&left.table, &left.cell, &left.row, &left.column).cmp(&(
                &right.table,
                &right.cell,
                &right.row,
                &right.column,
            ))
        });
        Ok(gaps)
    }

    /// A table that a query named, as the engine knows it: the schema of its run, and its own.
    pub(super) fn table(&self, name: &str) -> Option<(&str, &TableSchema)> {
        let (run, table) = name.split_once('.').map_or_else(|| Some((OWN, name)), Some)?;
        let (run, _) = self.runs.get_key_value(run)?;
        Some((run, self.schemas.get(table)?))
    }

    /// The run that the engine is over.
    pub fn own_run(&self) -> Option<&Run> {
        self.runs.get(OWN)
    }
}

/// A name as an identifier.
pub(crate) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

fn empty(schema: &TableSchema) -> Arc<dyn TableProvider> {
    Arc::new(EmptyTable::new(schema.arrow()))
}

async fn plan(state: &SessionState, statement: Statement) -> Result<LogicalPlan, DataFusionError> {
    let plan = state.statement_to_plan(statement).await?;
    SQLOptions::new().with_allow_ddl(false).with_allow_dml(false).with_allow_statements(false).verify_plan(&plan)?;
    Ok(plan)
}

fn session(now: Timestamp, limits: Limits) -> Result<SessionState, DataFusionError> {
    let mut config = SessionConfig::new()
        .with_default_catalog_and_schema(CATALOG, OWN)
        .with_create_default_catalog_and_schema(false)
        .with_information_schema(false);
    let options = config.options_mut();
    // AWS's names are PascalCase; folded, every one of them would want quotes.
    options.sql_parser.enable_ident_normalization = false;
    options.sql_parser.dialect = Dialect::DuckDB;
    options.sql_parser.collect_spans = true;
    options.sql_parser.map_string_types_to_utf8view = false;
    // A recursion without end never lets go of its thread, and no time limit stops it.
    options.execution.enable_recursive_ctes = false;
    options.execution.parquet.schema_force_view_types = false;
    let disk = DiskManagerBuilder::default().with_mode(DiskManagerMode::Disabled);
    let runtime = RuntimeEnvBuilder::new()
        .with_memory_pool(Arc::new(GreedyMemoryPool::new(limits.memory)))
        .with_disk_manager_builder(disk)
        .build_arc()?;
    let mut state = SessionStateBuilder::new()
        .with_config(config)
        .with_runtime_env(runtime)
        .with_default_features()
        .with_physical_optimizer_rule(Arc::new(Cooperate))
        .with_table_function_list(Vec::new())
        .with_table_factories(std::collections::HashMap::new())
        .with_file_formats(Vec::new())
        .build();
    functions::register(&mut state, now)?;
    let catalog = MemoryCatalogProvider::new();
    state.catalog_list().register_catalog(CATALOG.to_owned(), Arc::new(catalog));
    Ok(state)
}
