//! From text to one SELECT, or to what is wrong with it.

use datafusion::common::DataFusionError;
use datafusion::sql::parser::{DFParserBuilder, Statement};
use datafusion::sql::sqlparser::ast::{Query, SetExpr, Statement as SqlStatement};
use datafusion::sql::sqlparser::dialect::DuckDbDialect;

use super::bounds::{self, DEEPEST};
use super::{SqlError, SqlPlace, growth, lambda};

/// As for policies and more than any query needs.
const LONGEST: usize = 100 << 10;

/// Whether a text is one SELECT that may be asked, whatever the tables are.
pub fn read(sql: &str) -> Result<(), SqlError> {
    parse(sql).map(drop)
}

/// The one SELECT that a text is.
pub(crate) fn parse(sql: &str) -> Result<Statement, SqlError> {
    if sql.len() > LONGEST {
        return Err(SqlError::TooLong { bytes: sql.len(), limit: LONGEST, place: SqlPlace::default() });
    }
    bounds::check(sql)?;
    let mut statements = DFParserBuilder::new(sql)
        .with_dialect(&DuckDbDialect {})
        .with_recursion_limit(DEEPEST)
        .build()
        .and_then(|mut parser| parser.parse_statements())
        .map_err(|error: DataFusionError| SqlError::of(&error, 0))?;
    let found = match (statements.pop_front(), statements.len()) {
        (None, _) => "nothing".to_owned(),
        (Some(_), 1..) => format!("{} statements", statements.len() + 1),
        (Some(statement), 0) => match name_of_other(&statement) {
            None => return grown(with_dots(statement)),
            Some(name) => name,
        },
    };
    Err(SqlError::NotASelect { found })
}

fn grown(statement: Statement) -> Result<Statement, SqlError> {
    if let Statement::Statement(statement) = &statement {
        growth::check(statement.as_ref())?;
    }
    Ok(statement)
}

fn with_dots(mut statement: Statement) -> Statement {
    if let Statement::Statement(statement) = &mut statement {
        lambda::with_dots(statement.as_mut());
    }
    statement
}

/// The first words of a statement that is not a SELECT.
fn name_of_other(statement: &Statement) -> Option<String> {
    let text = match statement {
        Statement::Statement(statement) => match statement.as_ref() {
            SqlStatement::Query(query) if is_select(query) => return None,
            other => other.to_string(),
        },
        other => other.to_string(),
    };
    Some(text.split_whitespace().next().unwrap_or("this").to_uppercase())
}

fn is_select(query: &Query) -> bool {
    let with = query.with.iter().flat_map(|with| &with.cte_tables);
    with.map(|table| table.query.as_ref()).all(is_select) && selects(&query.body)
}

fn selects(body: &SetExpr) -> bool {
    match body {
        SetExpr::Select(select) => select.into.is_none(),
        SetExpr::Query(query) => is_select(query),
        SetExpr::SetOperation { left, right, .. } => selects(left) && selects(right),
        SetExpr::Values(_) | SetExpr::Table(_) => true,
        SetExpr::Insert(_) | SetExpr::Update(_) | SetExpr::Delete(_) | SetExpr::Merge(_) => false,
    }
}
