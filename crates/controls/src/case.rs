//! The cases of a control, `<control>.cases.yaml` beside it: rows given inline, what could not be read, and
//! the verdicts that must come of them. SQL runs elsewhere: whoever runs the cases answers one [`Question`]
//! for each.
//!
//! ```yaml
//! cases:
//!   - name: all four switches are on
//!     rows:
//!       aws_s3_bucket:
//!         - {_id: a, public_access_block: {BlockPublicAcls: true}}
//!     expect: {a: PASSED}
//!   - name: the list broke off
//!     gaps: [{table: aws_s3_bucket}]
//!     expect: {'111122223333': UNKNOWN}
//! ```

use std::collections::{BTreeMap, BTreeSet};

use dodai_facts::{
    self as facts, AccountId, Cell, Failure, FailureKind, Gap, Inventory, Listing, Problem, Region, Row,
};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::{Control, ControlRow, DrivingRow, Evidence, Finding, Read, Scope, Status, Subject, verdicts};

/// A case file may be this large, in bytes.
const MOST_BYTES: usize = 1_000_000;

/// The columns that every row has; a case may give them whether or not the query uses them.
const STANDARD: [&str; 6] = ["_id", "account_id", "account_name", "region", "arn", "tags"];

/// A case file.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cases {
    pub cases: Vec<Case>,
}

/// One case.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    pub name: String,
    /// What `now()` is.
    #[serde(default = "november")]
    pub now: Timestamp,
    /// The directory's accounts with their Regions; the one of the lowest id is the management account. Where it is left
    /// out: account 111122223333 with the home Region (and the control's only one).
    #[serde(default)]
    accounts: BTreeMap<AccountId, Vec<Region>>,
    /// The home Region; ap-northeast-1 where it is left out.
    #[serde(default)]
    home: Option<Region>,
    #[serde(default)]
    administrators: BTreeMap<String, AccountId>,
    /// Rows by table. `_id` may be left out; `account_id` is the first account, the Region of a regional
    /// table its first Region, unless given.
    #[serde(default)]
    rows: BTreeMap<String, Vec<Map<String, Value>>>,
    #[serde(default)]
    gaps: Vec<GapText>,
    /// By `_id`, and by cell for findings about a cell as a whole.
    expect: BTreeMap<String, Expected>,
}

/// What could not be read: the list of a table, or, with `row` and `column`, a column of a row.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct GapText {
    table: String,
    /// The cell; the first of the case's cells of the table's kind where it is left out.
    #[serde(default, rename = "in")]
    cell: Option<Cell>,
    #[serde(default)]
    row: Option<String>,
    #[serde(default)]
    column: Option<String>,
    #[serde(default = "denied")]
    kind: FailureKind,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(untagged)]
enum Expected {
    Status(Status),
    /// `because`: a part of one of the reasons.
    Because {
        status: Status,
        because: String,
    },
}

fn november() -> Timestamp {
    Timestamp::constant(1_795_305_600, 0)
}

fn denied() -> FailureKind {
    FailureKind::Denied
}

/// What a case asks of the SQL engine: to run the query over the inventory, as of `now`.
#[derive(Debug, Clone, Copy)]
pub struct Question<'a> {
    pub sql: &'a str,
    /// Every table that the control names, with a listing in every cell.
    pub inventory: &'a Inventory,
    pub now: Timestamp,
}

/// What the engine answers. A value of the case that does not fit its column is an error of the engine's,
/// not a gap of the case's.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Answer {
    /// The tables and columns that the query uses, by its plan.
    pub used: BTreeMap<String, BTreeSet<String>>,
    pub rows: Vec<ControlRow>,
    /// Values that a function of the query had no answer for.
    pub gaps: Vec<Gap>,
}

impl Cases {
    /// Reads a case file.
    pub fn parse(file: &str, text: &str) -> Result<Self, Problem> {
        let problem = |line, column, message| Problem { file: file.to_owned(), line, column, message, help: None };
        if text.len() > MOST_BYTES {
            return Err(problem(0, 0, format!("a case file has at most {MOST_BYTES} bytes, not {}", text.len())));
        }
        serde_saphyr::from_str(text).map_err(|error| {
            let (line, column, message) = place(&error);
            let (message, help) = if message.contains("untagged enum Expected") {
                let statuses = Status::ALL.map(Status::as_str).join(", ");
                (
                    "this is not what a case expects".to_owned(),
                    Some(format!("one of {statuses}, or {{status, because}}")),
                )
            } else {
                dodai_facts::unknown_name(&message)
            };
            Problem { help, ..problem(line, column, message) }
        })
    }

    /// Whether some case expects this status.
    pub fn expect(&self, status: Status) -> bool {
        let statuses = self.cases.iter().flat_map(|case| case.expect.values());
        statuses.into_iter().any(|expected| expected.status() == status)
    }
}

/// Line and column (from 1; 0 where there is none) and the message of a YAML error.
pub(crate) fn place(error: &serde_saphyr::Error) -> (usize, usize, String) {
    let error = error.without_snippet();
    let number = |value: u64| usize::try_from(value).unwrap_or_default();
    let (line, column) = error.location().map_or((0, 0), |at| (number(at.line()), number(at.column())));
    let text = error.to_string();
    let first = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    // The error says its place in its own words too.
    let first = first.split_once(" at line ").map_or(first, |(message, _)| message);
    (line, column, first.strip_prefix("error: ").unwrap_or(first).to_owned())
}

impl Expected {
    fn status(&self) -> Status {
        match self {
            Self::Status(status) | Self::Because { status, .. } => *status,
        }
    }
}

impl Case {
    /// Runs the case: `scope_of` gives each table's kind of cell, `ask` runs the query. The error is every
    /// way in which what came is not what was expected.
    pub fn run(
        &self,
        control: &Control,
        scope_of: impl Fn(&str) -> Option<facts::Scope>,
        ask: impl FnOnce(&Question<'_>) -> Result<Answer, String>,
    ) -> Result<(), Vec<String>> {
        let scope = self.scope(control).map_err(|error| vec![error.to_string()])?;
        let (inventory, scopes) = self.inventory(control, &scope, scope_of).map_err(|message| vec![message])?;
        let question = Question { sql: &control.sql, inventory: &inventory, now: self.now };
        let answer = ask(&question).map_err(|message| vec![message])?;
        let mut wrong = self.unused(&answer);
        let used: BTreeMap<String, Read> = answer
            .used
            .into_iter()
            .filter_map(|(table, columns)| {
                let cells = inventory.table(&table).map(|(cell, _)| cell.clone()).collect();
                Some((table.clone(), Read { scope: *scopes.get(&table)?, columns, cells }))
            })
            .collect();
        let driving: Vec<DrivingRow> = control.of.iter().flat_map(|table| driving(&inventory, table, &scope)).collect();
        let gaps: Vec<Gap> = inventory.gaps().into_iter().chain(answer.gaps).collect();
        let evidence = Evidence { used: &used, driving: &driving, rows: Ok(&answer.rows), gaps: &gaps };
        let came = verdicts(control, &scope, &evidence);
        wrong.extend(came.defects.iter().map(|defect| format!("control defect: {defect}")));
        wrong.extend(self.differences(&came.findings));
        if wrong.is_empty() { Ok(()) } else { Err(wrong) }
    }

    fn scope(&self, control: &Control) -> Result<Scope, facts::InvalidName> {
        let home_region = match &self.home {
            Some(region) => region.clone(),
            None => "ap-northeast-1".parse()?,
        };
        let mut accounts: BTreeMap<AccountId, BTreeSet<Region>> = self
            .accounts
            .iter()
            .map(|(account, regions)| (account.clone(), regions.iter().cloned().collect()))
            .collect();
        let management = match accounts.keys().next() {
            Some(account) => account.clone(),
            None => "111122223333".parse()?,
        };
        if accounts.is_empty() {
            let regions = std::iter::once(&home_region).chain(&control.only_region).cloned().collect();
            accounts.insert(management.clone(), regions);
        }
        let administrators = self.administrators.clone();
        Ok(Scope { management, home_region, accounts, off: BTreeMap::new(), administrators })
    }

    /// The tables as one run would have read them, and each one's kind of cell.
    fn inventory(
        &self,
        control: &Control,
        scope: &Scope,
        scope_of: impl Fn(&str) -> Option<facts::Scope>,
    ) -> Result<(Inventory, BTreeMap<String, facts::Scope>), String> {
        let mut tables: BTreeMap<String, BTreeMap<Cell, Listing>> = BTreeMap::new();
        let mut scopes = BTreeMap::new();
        let named = self.rows.keys().chain(self.gaps.iter().map(|gap| &gap.table)).map(String::as_str);
        for table in control.tables().chain(named) {
            let kind = scope_of(table).ok_or_else(|| format!("there is no table `{table}`"))?;
            let mut listings: BTreeMap<Cell, Listing> =
                scope.cells(kind).into_iter().map(|cell| (cell, Listing::default())).collect();
            if matches!(table, "aws_account" | "aws_account_region") && !self.rows.contains_key(table) {
                for (cell, listing) in &mut listings {
                    listing.rows.push(Row { id: cell.to_string(), ..Row::default() });
                }
            }
            tables.insert(table.to_owned(), listings);
            scopes.insert(table.to_owned(), kind);
        }
        for (table, rows) in &self.rows {
            let Some(listings) = tables.get_mut(table) else { continue };
            let kind = scopes.get(table).copied().unwrap_or(facts::Scope::Region);
            for (index, values) in rows.iter().enumerate() {
                let cell = row_cell(values, kind, scope, control)?;
                let listing = listings.get_mut(&cell).ok_or_else(|| {
                    format!("a row of `{table}` is in {cell}, which is not among the accounts of the case")
                })?;
                let id = text(values, "_id").map_or_else(|| format!("{table}/{index}"), str::to_owned);
                listing.rows.push(Row { id, values: values.clone(), failures: BTreeMap::new() });
            }
        }
        for gap in &self.gaps {
            add_gap(gap, tables.get_mut(&gap.table))?;
        }
        let mut inventory = Inventory::default();
        for (table, listings) in tables {
            for (cell, listing) in listings {
                inventory.insert(&table, cell, listing);
            }
        }
        Ok((inventory, scopes))
    }

    /// Tables and columns of the case that the query does not use: most likely misspelt.
    fn unused(&self, answer: &Answer) -> Vec<String> {
        let mut unused = BTreeSet::new();
        let gaps = self.gaps.iter().filter_map(|gap| Some((&gap.table, gap.column.as_ref()?)));
        let rows = self
            .rows
            .iter()
            .flat_map(|(table, rows)| rows.iter().flat_map(move |row| row.keys().map(move |column| (table, column))));
        for (table, column) in rows.chain(gaps).filter(|(_, column)| !STANDARD.contains(&column.as_str())) {
            if !answer.used.get(table).is_some_and(|columns| columns.contains(column)) {
                unused.insert(format!("the query does not use `{table}.{column}`, which the case gives"));
            }
        }
        unused.into_iter().collect()
    }

    fn differences(&self, findings: &[Finding]) -> Vec<String> {
        let mut wrong = Vec::new();
        let mut came: BTreeMap<String, &Finding> = BTreeMap::new();
        for finding in findings {
            let name = match &finding.subject {
                Subject::Row(id) => id.clone(),
                Subject::Cell(cell) => cell.to_string(),
            };
            if came.insert(name.clone(), finding).is_some() {
                wrong.push(format!("{name}: two findings"));
            }
        }
        for (name, expected) in &self.expect {
            let Some(finding) = came.remove(name) else {
                wrong.push(format!("{name}: expected {}, and there is no finding", expected.status()));
                continue;
            };
            if finding.status != expected.status() {
                let reasons = finding.reasons.join("; ");
                wrong.push(format!("{name}: expected {}, not {} ({reasons})", expected.status(), finding.status));
            } else if finding.defect {
                wrong.push(format!("{name}: {}", finding.reasons.join("; ")));
            }
            if let Expected::Because { because, .. } = expected
                && !finding.reasons.iter().any(|reason| reason.contains(because))
            {
                wrong.push(format!("{name}: no reason contains `{because}`: {:?}", finding.reasons));
            }
        }
        let unexpected = came.iter().map(|(name, finding)| format!("{name}: {} was not expected", finding.status));
        wrong.extend(unexpected);
        wrong
    }
}

fn text<'a>(values: &'a Map<String, Value>, column: &str) -> Option<&'a str> {
    values.get(column).and_then(Value::as_str)
}

/// The cell whose listing a row of a case belongs to.
fn row_cell(values: &Map<String, Value>, kind: facts::Scope, scope: &Scope, control: &Control) -> Result<Cell, String> {
    let account = match text(values, "account_id") {
        Some(account) => account.parse().map_err(|error: facts::InvalidName| error.to_string())?,
        None => scope.management.clone(),
    };
    match kind {
        facts::Scope::Organization => Ok(Cell::Organization),
        facts::Scope::Account => Ok(Cell::Account(account)),
        facts::Scope::Region => {
            let region = match text(values, "region") {
                Some(region) => region.parse().map_err(|error: facts::InvalidName| error.to_string())?,
                None => control.only_region.as_ref().unwrap_or(&scope.home_region).clone(),
            };
            Ok(Cell::Region(account, region))
        }
    }
}

fn add_gap(gap: &GapText, listings: Option<&mut BTreeMap<Cell, Listing>>) -> Result<(), String> {
    let failure = Failure {
        kind: gap.kind,
        service: "test".to_owned(),
        operation: "Read".to_owned(),
        account: None,
        region: None,
        code: "Case".to_owned(),
        message: "as the case says".to_owned(),
        request_id: None,
    };
    let listings = listings.ok_or_else(|| format!("there is no table `{}`", gap.table))?;
    let listing = match (&gap.cell, &gap.row) {
        (Some(cell), _) => listings.get_mut(cell),
        (None, Some(id)) => listings.values_mut().find(|listing| listing.rows.iter().any(|row| row.id == *id)),
        (None, None) => listings.values_mut().next(),
    };
    let listing = listing.ok_or_else(|| format!("a gap of `{}` names no place in the case", gap.table))?;
    match (&gap.row, &gap.column) {
        (None, None) => listing.failure = Some(failure),
        (Some(id), Some(column)) => {
            let row = listing.rows.iter_mut().find(|row| row.id == *id);
            let row = row.ok_or_else(|| format!("a gap of `{}` names row `{id}`, which is not there", gap.table))?;
            row.failures.insert(column.clone(), failure);
        }
        _ => return Err(format!("a gap of `{}` names both `row` and `column`, or neither", gap.table)),
    }
    Ok(())
}

/// The driving rows of an inventory.
fn driving(inventory: &Inventory, table: &str, scope: &Scope) -> Vec<DrivingRow> {
    let rows = inventory.table(table).flat_map(|(cell, listing)| listing.rows.iter().map(move |row| (cell, row)));
    rows.map(|(cell, row)| DrivingRow {
        id: row.id.clone(),
        account: cell.account().unwrap_or(&scope.management).clone(),
        region: text(&row.values, "region").and_then(|region| region.parse().ok()).or_else(|| cell.region().cloned()),
        resource: text(&row.values, "arn").map(str::to_owned),
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const CONTROL: &str = "\
-- id: T.1
-- title: t
-- severity: LOW
-- of: t
-- also: o@cell
-- repair: r
select _id, ok as passed from t";

    /// Stands for the engine: a row passes as its column `ok` says, and not where `o` has a row.
    #[expect(clippy::unnecessary_wraps, reason = "as an engine answers")]
    fn ask(question: &Question<'_>) -> Result<Answer, String> {
        assert_eq!(question.now.to_string(), "2026-11-22T00:00:00Z");
        let violated = question.inventory.table("o").any(|(_, listing)| !listing.rows.is_empty());
        let rows = question.inventory.table("t").flat_map(|(_, listing)| &listing.rows);
        let rows = rows.map(|row| ControlRow {
            id: row.id.clone(),
            passed: row.values.get("ok").and_then(Value::as_bool).map(|ok| ok && !violated),
            applicable: None,
            reason: Some("not ok".to_owned()),
        });
        let columns = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        Ok(Answer {
            rows: rows.collect(),
            used: [("t".to_owned(), columns(&["_id", "ok"])), ("o".to_owned(), columns(&["x"]))].into(),
            gaps: Vec::new(),
        })
    }

    #[track_caller]
    fn check(text: &str, expected: &[&str]) {
        let control = Control::parse("t.sql", CONTROL).unwrap();
        let file = format!("cases:\n  - name: n\n    {}\n", text.replace('\n', "\n    "));
        let wrong = match Cases::parse("t.cases.yaml", &file) {
            Ok(cases) => cases.cases[0]
                .run(&control, |table| (table != "z").then_some(facts::Scope::Region), ask)
                .err()
                .unwrap_or_default(),
            Err(problem) => vec![problem.to_string()],
        };
        assert_eq!(wrong.len(), expected.len(), "{wrong:#?}");
        for (wrong, expected) in wrong.iter().zip(expected) {
            assert!(wrong.starts_with(expected), "{wrong:?} is not {expected:?}");
        }
    }

    #[test]
    fn cases_that_hold() {
        check("rows: {t: [{_id: a, ok: true}, {_id: b, ok: false}]}\nexpect: {a: PASSED, b: FAILED}", &[]);
        check("expect: {111122223333/ap-northeast-1: PASSED}", &[]);
        check("rows: {t: [{ok: true}]}\nexpect: {t/0: PASSED}", &[]);
        check("gaps: [{table: t}]\nexpect: {111122223333/ap-northeast-1: UNKNOWN}", &[]);
        check(
            "rows: {t: [{_id: a, ok: true}]}\ngaps: [{table: t, row: a, column: ok}]\n\
             expect: {a: {status: UNKNOWN, because: as the case says}}",
            &[],
        );
        check("rows: {t: [{_id: a, ok: true}]}\ngaps: [{table: o}]\nexpect: {a: UNKNOWN}", &[]);
        check("rows: {t: [{_id: a, ok: true}], o: [{x: 1}]}\nexpect: {a: FAILED}", &[]);
        check(
            "accounts: {'111122223333': [us-east-1], '444455556666': [us-east-1]}\nhome: us-east-1\n\
             rows: {t: [{_id: a, account_id: '444455556666', ok: false}]}\n\
             expect: {111122223333/us-east-1: PASSED, a: {status: FAILED, because: not ok}}",
            &[],
        );
    }

    #[test]
    fn cases_that_do_not_hold() {
        let row = "rows: {t: [{_id: a, ok: true}]}";
        check(&format!("{row}\nexpect: {{a: FAILED}}"), &["a: expected FAILED, not PASSED"]);
        check(&format!("{row}\nexpect: {{a: {{status: PASSED, because: x}}}}"), &["a: no reason contains `x`"]);
        check(&format!("{row}\nexpect: {{}}"), &["a: PASSED was not expected"]);
        check(&format!("{row}\nexpect: {{a: PASSED, b: PASSED}}"), &["b: expected PASSED, and there is no finding"]);
        check("rows: {t: [{_id: a, okay: true}]}\nexpect: {a: UNKNOWN}", &["the query does not use `t.okay`"]);
        check("rows: {z: []}\nexpect: {}", &["there is no table `z`"]);
        check("rows: {t: [{region: eu-west-1}]}\nexpect: {}", &["a row of `t` is in 111122223333/eu-west-1"]);
        check("gaps: [{table: t, row: a, column: ok}]\nexpect: {}", &["a gap of `t` names no place"]);
        check(&format!("{row}\ngaps: [{{table: t, row: a}}]\nexpect: {{}}"), &["a gap of `t` names both"]);
        check("expects: {}", &["t.cases.yaml:3:5: unknown key `expects`"]);
    }
}
