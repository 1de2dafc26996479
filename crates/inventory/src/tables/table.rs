//! A table as the collector uses it: checked against the API models, every path and reference parsed, and
//! for each column known which call gives it.

use std::collections::BTreeSet;

use dodai_facts::{Failure, FailureKind, Scope, TableInfo};
use dodai_models::ShapeId;
use serde_json::{Map, Value};

use super::conceal::Conceal;
use super::file::Recurse;
use super::path::{Path, nearest};
use super::reference::{Params, Reference};

/// The hidden column that tells all rows of a table apart ([`dodai_facts::Row::id`]).
pub const ID: &str = "_id";

/// One resource type.
#[derive(Debug, Clone)]
pub struct Table {
    pub(crate) name: String,
    pub(crate) scope: Scope,
    pub(crate) management_only: bool,
    /// Empty for the tables that the caller fills.
    pub(crate) list: Vec<Step>,
    /// INVARIANT: ordered so that a call's parameters name columns of the list or of earlier calls only.
    pub(crate) calls: Vec<RowCall>,
    pub(crate) joins: Vec<Join>,
    pub(crate) columns: Vec<Column>,
    pub(crate) arn: Option<Reference>,
    pub(crate) key: Vec<Reference>,
    pub(crate) region: Option<Reference>,
}

/// A column: its name, what its values are, and where they come from.
#[derive(Debug, Clone)]
pub struct Column {
    pub(crate) name: String,
    pub(crate) kind: ColumnKind,
    pub(crate) source: Source,
    pub(crate) conceal: Conceal,
}

/// What the values of a column are. In all of them null is "known to be absent".
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ColumnKind {
    Text,
    Boolean,
    /// A map from text to text, whatever form AWS gives the tags.
    Tags,
    /// A value of this shape of this service's model.
    Shape {
        service: String,
        shape: ShapeId,
    },
    /// A list of values of this shape.
    Shapes {
        service: String,
        shape: ShapeId,
    },
}

/// Where a column's values come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Source {
    /// The place where the row was read, its ARN or Region.
    Cell,
    /// The member of this name of the listed row.
    Row(String),
    /// The reply of [`Table::calls`], at a path.
    Call(usize, Path),
    /// [`Table::joins`].
    Join(usize),
}

/// One call without its place.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Request {
    pub(crate) service: String,
    pub(crate) operation: String,
    pub(crate) with: Params,
    pub(crate) fixed: Map<String, Value>,
}

impl Request {
    /// `s3.ListBuckets`
    pub(crate) fn name(&self) -> String {
        format!("{}.{}", self.service, self.operation)
    }

    /// A failure of this call that AWS did not give.
    pub(crate) fn failure(&self, kind: FailureKind, code: &str, message: String) -> Failure {
        Failure {
            kind,
            service: self.service.clone(),
            operation: self.operation.clone(),
            account: None,
            region: None,
            code: code.to_owned(),
            message,
            request_id: None,
        }
    }
}

/// One call that lists.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Step {
    pub(crate) request: Request,
    pub(crate) rows: Path,
    pub(crate) one: bool,
    /// The column that a row of plain text becomes.
    pub(crate) name: Option<String>,
    pub(crate) without: Vec<String>,
    pub(crate) set: Vec<(String, Reference)>,
    pub(crate) recurse: Option<Recurse>,
    pub(crate) absent: Vec<Absent>,
}

/// One call for each row.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct RowCall {
    pub(crate) request: Request,
    pub(crate) absent: Vec<Absent>,
    pub(crate) gone: Vec<Absent>,
    pub(crate) region: Option<Reference>,
    pub(crate) when: Vec<(Reference, Vec<Value>)>,
    pub(crate) optional: bool,
    /// What a reply must have; without it the reply says nothing, not "there is none".
    pub(crate) must: Option<Path>,
    /// Earlier calls of which its parameters use columns.
    pub(crate) after: BTreeSet<usize>,
}

/// A list that is read once in the cell; each row takes what matches it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Join {
    pub(crate) list: Vec<Step>,
    /// The row's side, the list's side.
    pub(crate) on: Vec<(Reference, Reference)>,
    /// None takes the whole row.
    pub(crate) take: Option<Reference>,
    pub(crate) many: bool,
}

/// An error that means "there is none".
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Absent {
    pub(crate) code: String,
    /// What the message must contain, where the code alone also means other things.
    pub(crate) says: Option<String>,
}

impl Absent {
    /// Whether a failure is one of these. What came from something that is not AWS, or did not come at all,
    /// never is, whatever its code.
    pub(crate) fn covers(these: &[Self], failure: &Failure) -> bool {
        let from_aws = match failure.kind {
            FailureKind::Denied | FailureKind::Absent | FailureKind::Invalid | FailureKind::OptedOut => true,
            FailureKind::Throttled | FailureKind::Fault | FailureKind::Transport | FailureKind::NotCollected => false,
        };
        from_aws
            && these.iter().any(|absent| {
                absent.code == failure.code && absent.says.as_ref().is_none_or(|says| failure.message.contains(says))
            })
    }
}

/// Which columns of a table are wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wanted {
    All,
    /// These, and those that every row has (`account_id`, `account_name`, `region`, `arn`).
    Columns(BTreeSet<String>),
}

impl Wanted {
    pub(crate) fn includes(&self, column: &Column) -> bool {
        match self {
            Self::All => true,
            Self::Columns(names) => column.source == Source::Cell || names.contains(&column.name),
        }
    }
}

impl Column {
    pub fn name(&self) -> &str {
        &self.name
    }

    pub fn kind(&self) -> &ColumnKind {
        &self.kind
    }
}

impl Table {
    pub fn name(&self) -> &str {
        &self.name
    }

    pub fn scope(&self) -> Scope {
        self.scope
    }

    /// Only the organization's management account has rows of it.
    pub fn management_only(&self) -> bool {
        self.management_only
    }

    /// The columns in order, without `_id`: first those that every table has, then the listed row's, then
    /// those of further calls.
    pub fn columns(&self) -> &[Column] {
        &self.columns
    }

    /// Whether the caller fills it: it is always known, and never collected.
    pub fn is_given(&self) -> bool {
        self.list.is_empty()
    }

    /// Every call that may be made for these columns, sorted: `s3.ListBuckets`.
    pub fn calls(&self, wanted: &Wanted) -> Vec<String> {
        self.every_call(wanted).into_iter().collect::<BTreeSet<_>>().into_iter().collect()
    }

    /// The same with one entry for each place in the table that makes the call.
    pub(crate) fn every_call(&self, wanted: &Wanted) -> Vec<String> {
        let (calls, joins) = self.needed(wanted);
        let mut names: Vec<String> = self.list.iter().map(|step| step.request.name()).collect();
        names.extend(calls.iter().filter_map(|call| self.calls.get(*call)).map(|call| call.request.name()));
        let joined = joins.iter().filter_map(|join| self.joins.get(*join));
        names.extend(joined.flat_map(|join| &join.list).map(|step| step.request.name()));
        names
    }

    pub fn info(&self) -> TableInfo {
        let columns = std::iter::once(ID).chain(self.columns.iter().map(Column::name));
        TableInfo {
            name: self.name.clone(),
            scope: self.scope,
            columns: columns.map(str::to_owned).collect(),
            calls: self.calls(&Wanted::All),
        }
    }

    /// These columns of the table, or which one it does not have.
    pub fn want<'a>(&self, columns: impl IntoIterator<Item = &'a str>) -> Result<Wanted, String> {
        let mut names = BTreeSet::new();
        for name in columns {
            if name != ID && !self.columns.iter().any(|column| column.name == name) {
                let near = nearest(name, self.columns.iter().map(Column::name));
                return Err(format!("table `{}` has no column `{name}`{near}", self.name));
            }
            names.insert(name.to_owned());
        }
        Ok(Wanted::Columns(names))
    }

    /// The calls and joins that these columns need, with what those need in turn.
    pub(crate) fn needed(&self, wanted: &Wanted) -> (BTreeSet<usize>, BTreeSet<usize>) {
        let mut calls = BTreeSet::new();
        let mut joins = BTreeSet::new();
        for column in self.columns.iter().filter(|column| wanted.includes(column)) {
            match &column.source {
                Source::Call(call, _) => {
                    calls.insert(*call);
                }
                Source::Join(join) => {
                    joins.insert(*join);
                }
                Source::Cell | Source::Row(_) => {}
            }
        }
        // Later calls depend on earlier ones only, so one pass from the end finds all.
        for (number, call) in self.calls.iter().enumerate().rev() {
            if calls.contains(&number) {
                calls.extend(&call.after);
            }
        }
        (calls, joins)
    }
}
