//! The manifest of a run: which tables, which columns of them, where, in which files, by which version.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::str::FromStr;

use dodai_facts::{AccountId, Cell, Region, Scope};
use serde::{Deserialize, Serialize};

use super::{RunId, SnapshotError};
use crate::arrow::ColumnType;

/// The format of manifests that this version writes. Older ones are read as well.
pub(crate) const FORMAT: u32 = 1;

/// What one shard of a run wrote.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    pub format: u32,
    pub run: RunId,
    /// The version of the tool that collected.
    pub tool: String,
    /// The version of the API models that it used.
    pub models: String,
    /// ISO 8601.
    pub finished: String,
    pub shard: Shard,
    /// Every table was asked for in every one of these cells: either its list was read there or `gap` says why not.
    pub cells: Cells,
    pub tables: BTreeMap<String, TableManifest>,
    /// The number of gaps.
    pub gaps: u64,
    /// The file of the table `gap`, unless there are none.
    pub gap_file: Option<FileEntry>,
}

/// What is kept of one table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TableManifest {
    pub scope: Scope,
    /// All columns that the table had, with their types.
    pub columns: Vec<(String, ColumnType)>,
    /// Those that were asked for.
    pub read: BTreeSet<String>,
    /// The one account that can have rows, where there is only one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub only: Option<AccountId>,
    pub rows: u64,
    pub gaps: u64,
    /// None if no cell has a row.
    pub file: Option<FileEntry>,
}

/// A file, its path relative to the run's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileEntry {
    pub path: String,
    pub rows: u64,
    pub bytes: u64,
}

/// One part of a collection that several processes share: `3/16`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Shard {
    number: u32,
    of: u32,
}

impl Shard {
    /// The only one.
    pub const WHOLE: Self = Self { number: 1, of: 1 };

    /// From 1 to [`Shard::of`].
    pub fn number(self) -> u32 {
        self.number
    }

    pub fn of(self) -> u32 {
        self.of
    }

    pub(crate) fn all(of: u32) -> impl Iterator<Item = Self> {
        (1..=of).map(move |number| Self { number, of })
    }

    /// The part of a file name: `03-of-16`, sorted as text like the numbers.
    pub(crate) fn file_name(self) -> String {
        let width = self.of.to_string().len();
        format!("{:0width$}-of-{}", self.number, self.of)
    }

    pub(crate) fn manifest_name(self) -> String {
        if self == Self::WHOLE { "manifest.json".to_owned() } else { format!("manifest.{}.json", self.file_name()) }
    }

    /// The shard whose manifest has this name.
    pub(crate) fn of_manifest(name: &str) -> Option<Self> {
        if name == "manifest.json" {
            return Some(Self::WHOLE);
        }
        let (number, of) = name.strip_prefix("manifest.")?.strip_suffix(".json")?.split_once("-of-")?;
        format!("{}/{of}", number.parse::<u32>().ok()?).parse().ok()
    }
}

impl FromStr for Shard {
    type Err = SnapshotError;

    fn from_str(text: &str) -> Result<Self, SnapshotError> {
        let wrong = || SnapshotError::InvalidShard(text.to_owned());
        let (number, of) = text.split_once('/').ok_or_else(wrong)?;
        let shard = Self { number: number.parse().map_err(|_| wrong())?, of: of.parse().map_err(|_| wrong())? };
        // More shards than accounts an organization can have are a mistake.
        if (1..=shard.of).contains(&shard.number) && shard.of <= 50_000 { Ok(shard) } else { Err(wrong()) }
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}/{}", self.number, self.of)
    }
}

impl TryFrom<String> for Shard {
    type Error = SnapshotError;

    fn try_from(text: String) -> Result<Self, SnapshotError> {
        text.parse()
    }
}

impl From<Shard> for String {
    fn from(shard: Shard) -> String {
        shard.to_string()
    }
}

/// The cells of a run. Written as the accounts that share a list of Regions, so that ten thousand accounts
/// stay small.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(from = "WrittenCells", into = "WrittenCells")]
pub struct Cells {
    /// Whether the organization itself was read.
    pub organization: bool,
    pub accounts: BTreeMap<AccountId, BTreeSet<Region>>,
}

#[derive(Serialize, Deserialize)]
struct WrittenCells {
    organization: bool,
    accounts: Vec<(BTreeSet<Region>, BTreeSet<AccountId>)>,
}

impl Cells {
    /// The cells of one kind.
    pub fn of(&self, scope: Scope) -> Vec<Cell> {
        match scope {
            Scope::Organization => self.organization.then_some(Cell::Organization).into_iter().collect(),
            Scope::Account => self.accounts.keys().cloned().map(Cell::Account).collect(),
            Scope::Region => self
                .accounts
                .iter()
                .flat_map(|(account, regions)| {
                    regions.iter().map(|region| Cell::Region(account.clone(), region.clone()))
                })
                .collect(),
        }
    }

    /// The cells of one kind; those of one account where only that can have rows.
    pub(crate) fn of_table(&self, scope: Scope, only: Option<&AccountId>) -> Vec<Cell> {
        let mut cells = self.of(scope);
        cells.retain(|cell| cell.account().is_none_or(|account| only.is_none_or(|only| only == account)));
        cells
    }

    pub fn contains(&self, cell: &Cell) -> bool {
        match cell {
            Cell::Organization => self.organization,
            Cell::Account(account) => self.accounts.contains_key(account),
            Cell::Region(account, region) => self.accounts.get(account).is_some_and(|regions| regions.contains(region)),
        }
    }

    pub fn insert(&mut self, cell: &Cell) {
        match cell {
            Cell::Organization => self.organization = true,
            Cell::Account(account) => {
                self.accounts.entry(account.clone()).or_default();
            }
            Cell::Region(account, region) => {
                self.accounts.entry(account.clone()).or_default().insert(region.clone());
            }
        }
    }

    pub(crate) fn extend(&mut self, other: &Self) {
        self.organization |= other.organization;
        for (account, regions) in &other.accounts {
            self.accounts.entry(account.clone()).or_default().extend(regions.iter().cloned());
        }
    }
}

impl<'a> FromIterator<&'a Cell> for Cells {
    fn from_iter<I: IntoIterator<Item = &'a Cell>>(cells: I) -> Self {
        let mut all = Self::default();
        for cell in cells {
            all.insert(cell);
        }
        all
    }
}

impl From<Cells> for WrittenCells {
    fn from(cells: Cells) -> Self {
        let mut groups: BTreeMap<BTreeSet<Region>, BTreeSet<AccountId>> = BTreeMap::new();
        for (account, regions) in cells.accounts {
            groups.entry(regions).or_default().insert(account);
        }
        Self { organization: cells.organization, accounts: groups.into_iter().collect() }
    }
}

impl From<WrittenCells> for Cells {
    fn from(written: WrittenCells) -> Self {
        let mut accounts: BTreeMap<AccountId, BTreeSet<Region>> = BTreeMap::new();
        for (regions, group) in written.accounts {
            for account in group {
                accounts.entry(account).or_default().extend(regions.iter().cloned());
            }
        }
        Self { organization: written.organization, accounts }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shards_are_named_and_read_back() {
        for (text, name) in [("1/1", "manifest.json"), ("3/16", "manifest.03-of-16.json")] {
            let shard: Shard = text.parse().unwrap();
            assert_eq!(shard.manifest_name(), name);
            assert_eq!(Shard::of_manifest(name), Some(shard));
        }
        for text in ["", "1", "0/1", "2/1", "1/0", "-1/2", "1/99999999"] {
            assert!(text.parse::<Shard>().is_err(), "{text}");
        }
        assert_eq!(Shard::of_manifest("manifest.17-of-16.json"), None);
    }

    #[test]
    fn cells_are_written_by_group() {
        let cells: Vec<Cell> = ["organization", "111122223333/us-east-1", "222233334444/us-east-1", "333344445555"]
            .iter()
            .map(|text| text.parse().unwrap())
            .collect();
        let cells: Cells = cells.iter().collect();
        let text = serde_json::to_string(&cells).unwrap();
        assert_eq!(
            text,
            r#"{"organization":true,"accounts":[[[],["333344445555"]],[["us-east-1"],["111122223333","222233334444"]]]}"#
        );
        assert_eq!(serde_json::from_str::<Cells>(&text).unwrap(), cells);
        assert_eq!(cells.of(Scope::Account).len(), 3);
        assert_eq!(cells.of(Scope::Region).len(), 2);
        assert!(!cells.contains(&"333344445555/us-east-1".parse().unwrap()));
    }
}
