//! What could not be read, looked up by what would have been read.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use dodai_facts::{AccountId, Cell, Gap};
use serde::Serialize;

use super::account_of;
use super::rows::{Row, text};

/// Something of which the answer says nothing, and why: a principal, a resource, or a whole account.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Unknown {
    pub about: String,
    pub reason: String,
    /// The account, where a whole one is meant.
    #[serde(skip)]
    pub account: Option<AccountId>,
}

impl Unknown {
    pub fn new(about: &str, reason: impl Into<String>) -> Self {
        Self { about: about.to_owned(), reason: reason.into(), account: None }
    }

    /// Whether all of the principal's account is meant.
    pub fn is_of_account(&self, principal: &str) -> bool {
        self.account.as_ref().is_some_and(|account| account_of(principal) == Some(account.as_str()))
    }
}

/// Gaps by table and row, and by table and cell where a column was read of no row.
#[derive(Debug, Default)]
pub struct Gaps<'g> {
    rows: HashMap<(&'g str, &'g str), &'g Gap>,
    columns: HashMap<(&'g str, &'g Cell), &'g Gap>,
    all: &'g [Gap],
}

impl<'g> Gaps<'g> {
    pub fn new(all: &'g [Gap]) -> Self {
        let mut gaps = Self { all, ..Self::default() };
        for gap in all {
            match (&gap.row, &gap.column) {
                (Some(row), _) => {
                    gaps.rows.insert((&gap.table, row), gap);
                }
                (None, Some(_)) => {
                    gaps.columns.insert((&gap.table, &gap.cell), gap);
                }
                // A list that failed, or broke off: the rows that there are, are whole.
                (None, None) => {}
            }
        }
        gaps
    }

    /// Why something of this row is not known.
    pub fn of_row(&self, table: &str, row: &Row) -> Option<String> {
        self.rows.get(&(table, text(row, "_id"))).copied().map(why)
    }

    /// Whether a column was read of no row of this row's cell. That is told of the account.
    pub fn of_cell(&self, table: &str, row: &Row) -> bool {
        let Ok(account) = text(row, "account_id").parse::<AccountId>() else { return false };
        let region = text(row, "region").parse().map(|region| Cell::Region(account.clone(), region));
        let cells = std::iter::once(Cell::Account(account)).chain(region);
        cells.into_iter().any(|cell| self.columns.contains_key(&(table, &cell)))
    }

    /// What is not known of whole accounts and Regions: once for all tables with the same reason.
    pub fn of_accounts(&self, names: &BTreeMap<AccountId, String>) -> Vec<Unknown> {
        let mut reasons: BTreeMap<(Option<&AccountId>, String), Extent<'_>> = BTreeMap::new();
        for gap in self.all.iter().filter(|gap| gap.row.is_none()) {
            let why = if gap.failure.code == "NotCollected" { "not read by this run".to_owned() } else { why(gap) };
            let extent = reasons.entry((gap.cell.account(), why)).or_default();
            extent.tables.insert(&gap.table);
            extent.regions.extend(gap.cell.region().map(dodai_facts::Region::as_str));
        }
        let told = |((account, why), extent): ((Option<&AccountId>, String), Extent<'_>)| {
            let name = account.and_then(|id| names.get(id)).map(|name| format!(" ({name})")).unwrap_or_default();
            let about = account.map_or_else(|| "the organization".to_owned(), |id| format!("account {id}{name}"));
            let regions = joined(&extent.regions);
            let place = if regions.is_empty() { regions } else { format!(" in {regions}") };
            let reason = format!("{}{place}: {why}", joined(&extent.tables));
            Unknown { about, reason, account: account.cloned() }
        };
        reasons.into_iter().map(told).collect()
    }
}

/// How far a reason reaches.
#[derive(Default)]
struct Extent<'g> {
    tables: BTreeSet<&'g str>,
    regions: BTreeSet<&'g str>,
}

fn joined(names: &BTreeSet<&str>) -> String {
    names.iter().copied().collect::<Vec<_>>().join(", ")
}

fn why(gap: &Gap) -> String {
    format!("{} ({}): {}", gap.failure.code, gap.failure.kind, gap.failure.message)
}
