//! Which gap, if any, stands between a driving row and its verdict.

use std::collections::{HashMap, HashSet};

use dodai_facts::{self as facts, AccountId, Cell, Failure, FailureKind, Gap, Region};

use crate::{Control, DrivingRow, Evidence, Reach, Scope};

/// The gaps that concern a control, arranged by what they reach. The first gap of each place is kept: one
/// is enough to make a verdict unknown.
#[derive(Debug, Default)]
pub(crate) struct Gaps<'a> {
    /// Of the driving table: lists that failed or broke off.
    lists: Cells<'a>,
    /// Of the driving table: used columns of a row.
    rows: HashMap<&'a str, &'a Gap>,
    /// Of the driving table: used columns that nobody read in a whole cell.
    columns: Cells<'a>,
    /// Of other tables, by how far they reach.
    everywhere: Option<&'a Gap>,
    accounts: HashMap<&'a AccountId, &'a Gap>,
    regions: HashMap<(&'a AccountId, &'a Region), &'a Gap>,
    /// Accounts with an entry in `regions`: rows that lie in no Region are reached by each.
    any_region: HashMap<&'a AccountId, &'a Gap>,
    /// Cells where a table is not offered that the query reads in the row's own cell.
    not_offered: HashSet<(&'a AccountId, &'a Region)>,
}

impl<'a> Gaps<'a> {
    /// `gaps` are those handed in and those of `unread`.
    pub(crate) fn new(control: &Control, evidence: &Evidence<'_>, gaps: impl Iterator<Item = &'a Gap>) -> Self {
        let mut index = Gaps::default();
        for gap in gaps {
            let Some(read) = evidence.used.get(&gap.table) else { continue };
            // A gap that names a row but no column concerns every column of the row.
            if gap.column.as_ref().is_some_and(|column| !read.columns.contains(column)) {
                continue;
            }
            if control.of.contains(&gap.table) {
                index.driving(gap);
            }
            if let Some(reach) = control.also.get(&gap.table) {
                index.other(*reach, gap);
            }
        }
        index
    }

    fn driving(&mut self, gap: &'a Gap) {
        match (&gap.row, &gap.column) {
            (Some(row), _) => {
                self.rows.entry(row).or_insert(gap);
            }
            (None, Some(_)) => self.columns.insert(gap),
            (None, None) => self.lists.insert(gap),
        }
    }

    fn other(&mut self, reach: Reach, gap: &'a Gap) {
        if is_not_offered(gap) {
            // Nothing of the kind can exist there: known, and no reason to doubt rows elsewhere.
            if let (Reach::Cell, Cell::Region(account, region)) = (reach, &gap.cell) {
                self.not_offered.insert((account, region));
            }
            return;
        }
        match (reach, &gap.cell) {
            (Reach::Organization, _) | (_, Cell::Organization) => {
                self.everywhere.get_or_insert(gap);
            }
            (Reach::Account, Cell::Account(account) | Cell::Region(account, _))
            | (Reach::Cell, Cell::Account(account)) => {
                self.accounts.entry(account).or_insert(gap);
            }
            (Reach::Cell, Cell::Region(account, region)) => {
                self.regions.entry((account, region)).or_insert(gap);
                self.any_region.entry(account).or_insert(gap);
            }
        }
    }

    /// The gap in what the query used of the row itself.
    pub(crate) fn of_row(&self, row: &DrivingRow, cell: &Cell) -> Option<&'a Gap> {
        self.rows.get(row.id.as_str()).copied().or_else(|| self.columns.get(cell))
    }

    /// Why the driving table's list in a cell is not complete.
    pub(crate) fn of_list(&self, cell: &Cell) -> Option<&'a Gap> {
        self.lists.get(cell)
    }

    /// The gap in another table that reaches the row.
    pub(crate) fn of_others(&self, row: &DrivingRow) -> Option<&'a Gap> {
        let regional = || match &row.region {
            Some(region) => self.regions.get(&(&row.account, region)),
            None => self.any_region.get(&row.account),
        };
        self.everywhere.or_else(|| self.accounts.get(&row.account).or_else(regional).copied())
    }

    /// Whether something that the query reads in the row's own cell is not offered there.
    pub(crate) fn is_not_offered(&self, row: &DrivingRow) -> bool {
        row.region.as_ref().is_some_and(|region| self.not_offered.contains(&(&row.account, region)))
    }
}

/// Gaps by cell. A gap of a wider cell holds in every cell within it; one of a narrower cell leaves the
/// wider cell incomplete.
#[derive(Debug, Default)]
struct Cells<'a> {
    exact: HashMap<&'a Cell, &'a Gap>,
    within: HashMap<Cell, &'a Gap>,
}

impl<'a> Cells<'a> {
    fn insert(&mut self, gap: &'a Gap) {
        self.exact.entry(&gap.cell).or_insert(gap);
        for scope in [facts::Scope::Account, facts::Scope::Organization] {
            if let Some(wider) = gap.cell.widen(scope).filter(|wider| *wider != gap.cell) {
                self.within.entry(wider).or_insert(gap);
            }
        }
    }

    fn get(&self, cell: &Cell) -> Option<&'a Gap> {
        if self.exact.is_empty() {
            return None;
        }
        let wider = |scope| cell.widen(scope).and_then(|wider| self.exact.get(&wider));
        let exact = self.exact.get(cell).or_else(|| wider(facts::Scope::Account));
        exact.or_else(|| wider(facts::Scope::Organization)).or_else(|| self.within.get(cell)).copied()
    }
}

/// Whether a gap says that a list has no endpoint in its Region, or the account has the Region not enabled.
pub(crate) fn is_not_offered(gap: &Gap) -> bool {
    gap.failure.kind == FailureKind::OptedOut
        && gap.row.is_none()
        && gap.column.is_none()
        && gap.cell.scope() == facts::Scope::Region
}

/// Every cell of the directory in which a table that the query used was not read at all, and no gap says so.
pub(crate) fn unread(scope: &Scope, evidence: &Evidence<'_>) -> Vec<Gap> {
    let told: HashSet<(&str, &Cell)> = evidence
        .gaps
        .iter()
        .filter(|gap| gap.row.is_none() && gap.column.is_none())
        .map(|gap| (gap.table.as_str(), &gap.cell))
        .collect();
    let mut gaps = Vec::new();
    for (table, read) in evidence.used {
        for cell in scope.cells(read.scope) {
            if !read.cells.contains(&cell) && !told.contains(&(table.as_str(), &cell)) {
                let failure = Failure {
                    kind: FailureKind::NotCollected,
                    service: String::new(),
                    operation: String::new(),
                    account: cell.account().cloned(),
                    region: cell.region().cloned(),
                    code: "NotCollected".to_owned(),
                    message: "the run did not read this table here".to_owned(),
                    request_id: None,
                };
                gaps.push(Gap { table: table.clone(), cell, row: None, column: None, failure });
            }
        }
    }
    gaps
}

/// What a person reads about a gap. The place is said once; the request's id is in the run.
pub(crate) fn reason(gap: &Gap) -> String {
    let Failure { service, operation, code, kind, message, .. } = &gap.failure;
    // A failure that no call made has no call to name.
    let why = if operation.is_empty() {
        message.clone()
    } else {
        format!("{service}.{operation}: {code} ({kind}): {message}")
    };
    match &gap.column {
        // What was read, and a function could make nothing of.
        Some(column) if code == "Unanswerable" => format!("`{}.{column}` in {}: {why}", gap.table, gap.cell),
        Some(column) => format!("`{}.{column}` was not read in {}: {why}", gap.table, gap.cell),
        None => format!("`{}` was not read in {}: {why}", gap.table, gap.cell),
    }
}
