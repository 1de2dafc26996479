//! How large a query's plan becomes. A common table expression is put in wherever it is named, and a column that is made of
//! others wherever it is used, so that thirty lines, each of which uses the one before twice, come to a thousand million
//! parts. Planning has no limit of its own and cannot be interrupted: what would become too large is refused before.

use std::collections::{HashMap, HashSet};
use std::ops::ControlFlow;

use datafusion::sql::sqlparser::ast::{Expr, ObjectName, ObjectNamePart, Query, Select, TableFactor, Visit, Visitor};

use super::SqlError;

/// SELECTs and tables, each counted as often as it is put in. The plan of so many fits on the stack of a thread.
const MOST_PARTS: usize = 128;
/// How often one column may be put in, through every query above it.
const MOST_COPIES: usize = 4_096;

/// Refuses a query that becomes too large once everything is put in.
pub(super) fn check(statement: &impl Visit) -> Result<(), SqlError> {
    let mut growth = Growth { open: vec![Open::default()], columns: Vec::new(), named: HashMap::new() };
    let _: ControlFlow<()> = statement.visit(&mut growth);
    let whole = growth.open.first().map(|open| open.size).unwrap_or_default();
    if whole.parts > MOST_PARTS {
        return Err(SqlError::TooManyParts { limit: MOST_PARTS });
    }
    if whole.copies > MOST_COPIES {
        return Err(SqlError::TooManyCopies { limit: MOST_COPIES });
    }
    Ok(())
}

/// What a query comes to.
#[derive(Debug, Clone, Copy, Default)]
struct Size {
    parts: usize,
    copies: usize,
}

struct Growth {
    /// The queries that we are in, the innermost last; the first stands for the statement.
    open: Vec<Open>,
    /// The SELECTs and queries that we are in, with the names of their columns.
    columns: Vec<Columns>,
    /// Common table expressions by name. Where two have one name, the larger: which of them is meant does not matter here.
    named: HashMap<String, Size>,
}

#[derive(Default)]
struct Open {
    /// `copies` are those of what it reads.
    size: Size,
    /// How often its own SELECT uses one column, at most.
    uses: usize,
    /// The names of its common table expressions that are still to come, the next one last.
    names: Vec<String>,
}

/// How often each name is used, and which names are tables'.
#[derive(Default)]
struct Columns {
    uses: HashMap<String, usize>,
    tables: HashSet<String>,
}

impl Columns {
    fn most(&self) -> usize {
        let columns = self.uses.iter().filter(|(name, _)| !self.tables.contains(*name));
        columns.map(|(_, uses)| *uses).max().unwrap_or(1)
    }
}

impl Growth {
    fn add(&mut self, size: Size) {
        if let Some(open) = self.open.last_mut() {
            open.size.parts = open.size.parts.saturating_add(size.parts);
            open.size.copies = open.size.copies.max(size.copies);
        }
    }

    /// The end of a SELECT, or of a query with what stands behind its SELECTs.
    fn close(&mut self) {
        let most = self.columns.pop().map_or(1, |columns| columns.most());
        if let Some(open) = self.open.last_mut() {
            open.uses = open.uses.max(most);
        }
    }

    fn uses(&mut self, name: &str) {
        if let Some(columns) = self.columns.last_mut() {
            *columns.uses.entry(name.to_owned()).or_default() += 1;
        }
    }
}

impl Visitor for Growth {
    type Break = ();

    fn pre_visit_query(&mut self, query: &Query) -> ControlFlow<()> {
        // A query's common table expressions are visited first, in their order; only then what is in its body.
        let names = query.with.iter().flat_map(|with| &with.cte_tables).map(|table| table.alias.name.value.clone());
        let names: Vec<String> = names.rev().collect();
        self.open.push(Open { names, ..Open::default() });
        self.columns.push(Columns::default());
        ControlFlow::Continue(())
    }

    fn post_visit_query(&mut self, _query: &Query) -> ControlFlow<()> {
        self.close();
        let Some(done) = self.open.pop() else { return ControlFlow::Continue(()) };
        let copies = done.size.copies.max(1).saturating_mul(done.uses.max(1));
        let size = Size { parts: done.size.parts, copies };
        match self.open.last_mut().and_then(|around| around.names.pop()) {
            Some(name) => {
                let largest = self.named.entry(name).or_default();
                largest.parts = largest.parts.max(size.parts);
                largest.copies = largest.copies.max(size.copies);
            }
            None => self.add(size),
        }
        ControlFlow::Continue(())
    }

    fn pre_visit_select(&mut self, _select: &Select) -> ControlFlow<()> {
        self.add(Size { parts: 1, copies: 1 });
        self.columns.push(Columns::default());
        ControlFlow::Continue(())
    }

    fn post_visit_select(&mut self, _select: &Select) -> ControlFlow<()> {
        self.close();
        ControlFlow::Continue(())
    }

    fn pre_visit_table_factor(&mut self, factor: &TableFactor) -> ControlFlow<()> {
        if let (
            TableFactor::Table { alias: Some(alias), .. } | TableFactor::Derived { alias: Some(alias), .. },
            Some(columns),
        ) = (factor, self.columns.last_mut())
        {
            columns.tables.insert(alias.name.value.clone());
        }
        ControlFlow::Continue(())
    }

    fn pre_visit_relation(&mut self, relation: &ObjectName) -> ControlFlow<()> {
        if let (Some(ObjectNamePart::Identifier(name)), Some(columns)) = (relation.0.last(), self.columns.last_mut()) {
            columns.tables.insert(name.value.clone());
        }
        let named = match relation.0.as_slice() {
            [ObjectNamePart::Identifier(name)] => self.named.get(&name.value).copied(),
            _ => None,
        };
        self.add(named.unwrap_or(Size { parts: 1, copies: 1 }));
        ControlFlow::Continue(())
    }

    fn pre_visit_expr(&mut self, expression: &Expr) -> ControlFlow<()> {
        match expression {
            Expr::Identifier(name) => self.uses(&name.value),
            Expr::CompoundIdentifier(names) => names.iter().for_each(|name| self.uses(&name.value)),
            _ => {}
        }
        ControlFlow::Continue(())
    }
}
