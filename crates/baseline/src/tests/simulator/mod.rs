//! Does to the rows what AWS would do for each call of a plan, as far as the baseline can tell: what a call needs must
//! be there (a bucket before its policy, a channel before recording), what it leaves out is what AWS makes of it, and
//! what would be there twice is refused in AWS's words. What no plan may ever ask for is a panic.
//!
//! Speaks of rows and calls alone, so that the tests of `apply` run its plans too.

mod account_wide;
mod cloudtrail;
mod config;
mod guardduty;
mod kms;
mod logs;
mod organizations;
mod s3;
mod securityhub;
mod values;

use dodai_facts::{AccountId, Call, Cell, Inventory, Listing, Row};
use serde_json::{Value, json};

pub(crate) use organizations::{account_tags, finish, requests};

/// The error code that AWS refuses a call with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Refused(pub(crate) &'static str);

pub(crate) type Answer = Result<Value, Refused>;

/// Where the rows are kept.
pub(crate) trait Tables {
    fn listing(&self, table: &str, cell: &Cell) -> Option<&Listing>;

    fn replace(&mut self, table: &str, cell: &Cell, listing: Listing);
}

impl Tables for Inventory {
    fn listing(&self, table: &str, cell: &Cell) -> Option<&Listing> {
        self.get(table, cell)
    }

    fn replace(&mut self, table: &str, cell: &Cell, listing: Listing) {
        self.insert(table, cell.clone(), listing);
    }
}

pub(crate) fn edit(tables: &mut dyn Tables, table: &str, cell: &Cell, edit: impl FnOnce(&mut Listing)) {
    let mut listing = tables.listing(table, cell).unwrap_or_else(|| panic!("{table} was not read in {cell}")).clone();
    edit(&mut listing);
    tables.replace(table, cell, listing);
}

pub(crate) fn row(id: &str, values: &Value) -> Row {
    Row { id: id.to_owned(), values: values.as_object().cloned().unwrap(), ..Row::default() }
}

/// Puts a value at a place of a row: a column, or a path below it (`Features/0/Status`). A null takes a member out; of
/// a column it says "known to be absent".
pub(crate) fn put(row: &mut Row, path: &str, value: Value) {
    let Some((column, rest)) = path.split_once('/') else {
        row.values.insert(path.to_owned(), value);
        return;
    };
    let mut at = row.values.get_mut(column).unwrap_or_else(|| panic!("no column {column}"));
    let (parent, last) = rest.rsplit_once('/').map_or(("", rest), |(parent, last)| (parent, last));
    if !parent.is_empty() {
        at = at.pointer_mut(&format!("/{parent}")).unwrap_or_else(|| panic!("no {path}"));
    }
    match at {
        Value::Array(items) => items[last.parse::<usize>().unwrap()] = value,
        Value::Object(fields) if value.is_null() => drop(fields.shift_remove(last)),
        other => other[last] = value,
    }
}

/// The cell of an account in which a table is read, for a Region.
pub(crate) fn cell_of(table: &str, account: &AccountId, region: &str) -> Cell {
    if table.starts_with("aws_organizations_") {
        Cell::Organization
    } else if ["aws_account_", "aws_iam_", "aws_s3_"].iter().any(|start| table.starts_with(start)) {
        Cell::Account(account.clone())
    } else {
        Cell::Region(account.clone(), region.parse().unwrap())
    }
}

/// What is in a new account and Region.
pub(crate) fn given(table: &str, region: &str) -> Listing {
    let values = json!({ "EbsEncryptionByDefault": false, "default_key": "alias/aws/ebs" });
    let rows = if table == "aws_ec2_ebs_encryption" { vec![row(region, &values)] } else { Vec::new() };
    Listing { rows, failure: None }
}

/// Carries a call out, whose references are filled in; its reply. A listing is one page.
pub(crate) fn call(tables: &mut dyn Tables, call: &Call) -> Answer {
    if call.service == "organizations" {
        return organizations::act(tables, &call.operation, &call.params);
    }
    let mut account = Account { tables, call };
    let params = &call.params;
    match call.service.as_str() {
        "iam" if call.operation.contains("Role") && call.operation != "CreateServiceLinkedRole" => account.role(params),
        "iam" | "s3control" | "ec2" => account.account_wide(params),
        "account" => {
            account.contact(params);
            Ok(Value::Null)
        }
        "logs" => account.logs(params),
        "kms" => account.kms(params),
        "resourcegroupstaggingapi" => Ok(account.tagged(params)),
        "s3" => account.s3(params),
        "cloudtrail" => account.cloudtrail(params),
        "config" => {
            account.config(params);
            Ok(Value::Null)
        }
        "guardduty" => account.guardduty(params),
        "securityhub" => account.securityhub(params),
        other => panic!("the simulator does not know {other}"),
    }
}

/// The rows of the account and Region that a call goes to.
struct Account<'w> {
    tables: &'w mut dyn Tables,
    call: &'w Call,
}

impl Account<'_> {
    fn region(&self) -> String {
        self.call.region.to_string()
    }

    fn cell_of(&self, table: &str) -> Cell {
        cell_of(table, &self.call.account, self.call.region.as_str())
    }

    fn rows(&mut self, table: &str, change: impl FnOnce(&mut Vec<Row>)) {
        let cell = self.cell_of(table);
        edit(self.tables, table, &cell, |listing| change(&mut listing.rows));
    }

    fn add(&mut self, table: &str, id: &str, values: &Value) {
        let row = row(id, values);
        self.rows(table, |rows| rows.push(row));
    }

    /// Changes the row whose column has this value, which must be there.
    fn with(&mut self, table: &str, column: &str, value: &Value, change: impl FnOnce(&mut Row)) {
        let name = self.call.name();
        self.rows(table, |rows| {
            let row = rows.iter_mut().find(|row| row.values.get(column) == Some(value));
            change(row.unwrap_or_else(|| panic!("{name}: there is no {table} with {column} {value}")));
        });
    }

    fn find(&self, table: &str) -> &[Row] {
        &self.tables.listing(table, &self.cell_of(table)).unwrap().rows
    }

    fn has(&self, table: &str, column: &str, value: &Value) -> bool {
        self.find(table).iter().any(|row| row.values.get(column) == Some(value))
    }

    /// Refuses what is there already.
    fn is_free(&self, table: &str, column: &str, value: &Value, code: &'static str) -> Result<(), Refused> {
        if self.has(table, column, value) { Err(Refused(code)) } else { Ok(()) }
    }

    fn unknown(&self) -> ! {
        panic!("the simulator does not know {}", self.call.name())
    }
}
