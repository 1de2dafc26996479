//! The tables that are always known: one row for each account, and one for each account and Region. They
//! come from the directory and the organization's list of accounts, not from a call of their own.

use std::collections::BTreeMap;

use dodai_facts::{AccountId, Cell, Listing, Profile, Region, Row, Scope};
use serde_json::{Map, Value, json};

use super::conceal::Conceal;
use super::table::{Column, ColumnKind, Source, Table};
use crate::collect::Collected;

pub const ACCOUNT_TABLE: &str = "aws_account";
pub const ACCOUNT_REGION_TABLE: &str = "aws_account_region";

/// An account as the run knows it before anything is read in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownAccount {
    pub id: AccountId,
    pub name: String,
    pub email: String,
    /// The path of its organizational unit.
    pub unit: String,
    pub profile: Profile,
    /// `ACTIVE`, as Organizations says.
    pub status: String,
    /// The Regions that are active in it.
    pub regions: Vec<Region>,
    /// The ARN of the role that AWS Config is to work with in place of the service-linked one.
    pub config_role: Option<String>,
}

/// Their definitions: tables without calls.
pub(crate) fn tables() -> [Table; 2] {
    let table = |name: &str, scope: Scope, more: &[(&str, ColumnKind)]| Table {
        name: name.to_owned(),
        scope,
        management_only: false,
        list: Vec::new(),
        calls: Vec::new(),
        joins: Vec::new(),
        columns: [
            ("account_id", ColumnKind::Text),
            ("account_name", ColumnKind::Text),
            ("region", ColumnKind::Text),
            ("arn", ColumnKind::Text),
        ]
        .iter()
        .chain(more)
        .map(|(name, kind)| Column {
            name: (*name).to_owned(),
            kind: kind.clone(),
            source: Source::Cell,
            conceal: Conceal::default(),
        })
        .collect(),
        arn: None,
        key: Vec::new(),
        region: None,
    };
    [
        table(
            ACCOUNT_TABLE,
            Scope::Account,
            &[
                ("email", ColumnKind::Text),
                ("unit", ColumnKind::Text),
                ("profile", ColumnKind::Text),
                ("status", ColumnKind::Text),
            ],
        ),
        table(ACCOUNT_REGION_TABLE, Scope::Region, &[("home", ColumnKind::Boolean), ("config_role", ColumnKind::Text)]),
    ]
}

/// Their rows, one listing for each cell, in the order of the accounts.
pub fn given_rows(accounts: &[KnownAccount], home: &Region) -> Vec<Collected> {
    let mut collected = Vec::new();
    for account in accounts {
        let base = |region: Option<&Region>| {
            Map::from_iter([
                ("account_id".to_owned(), json!(account.id)),
                ("account_name".to_owned(), json!(account.name)),
                ("region".to_owned(), json!(region)),
                ("arn".to_owned(), Value::Null),
            ])
        };
        let mut values = base(None);
        values.extend([
            ("email".to_owned(), json!(account.email)),
            ("unit".to_owned(), json!(account.unit)),
            ("profile".to_owned(), json!(account.profile)),
            ("status".to_owned(), json!(account.status)),
        ]);
        collected.push(one(ACCOUNT_TABLE, Cell::Account(account.id.clone()), values));
        for region in &account.regions {
            let mut values = base(Some(region));
            values.insert("home".to_owned(), json!(region == home));
            values.insert("config_role".to_owned(), json!(account.config_role));
            collected.push(one(ACCOUNT_REGION_TABLE, Cell::Region(account.id.clone(), region.clone()), values));
        }
    }
    collected
}

fn one(table: &str, cell: Cell, values: Map<String, Value>) -> Collected {
    let row = Row { id: cell.to_string(), values, failures: BTreeMap::new() };
    Collected { table: table.to_owned(), cell, listing: Listing { rows: vec![row], failure: None } }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_cell_has_its_row_with_every_column() {
        let home: Region = "ap-northeast-1".parse().unwrap();
        let account = KnownAccount {
            id: "111122223333".parse().unwrap(),
            name: "web".to_owned(),
            email: "web@example.com".to_owned(),
            unit: "Default".to_owned(),
            profile: Profile::Secure,
            status: "ACTIVE".to_owned(),
            regions: vec![home.clone(), "us-east-1".parse().unwrap()],
            config_role: None,
        };
        let rows = given_rows(&[account], &home);
        let cells: Vec<String> = rows.iter().map(|one| format!("{} {}", one.table, one.cell)).collect();
        assert_eq!(
            cells,
            [
                "aws_account 111122223333",
                "aws_account_region 111122223333/ap-northeast-1",
                "aws_account_region 111122223333/us-east-1"
            ]
        );
        for one in &rows {
            let tables = tables();
            let table = tables.iter().find(|table| table.name() == one.table).unwrap();
            let columns: Vec<&str> = table.columns().iter().map(Column::name).collect();
            let keys: Vec<&String> = one.listing.rows[0].values.keys().collect();
            assert_eq!(keys, columns);
        }
        assert_eq!(rows[1].listing.rows[0].values["home"], json!(true));
        assert_eq!(rows[2].listing.rows[0].values["home"], json!(false));
    }
}
