//! The rules of verdicts as data, and as a law.

use std::collections::{BTreeMap, BTreeSet};

use dodai_facts::{self as facts, Cell, Failure, FailureKind, Gap};
use proptest::prelude::*;

use crate::{Control, ControlRow, DrivingRow, Evidence, OutOfScope, Read, Scope, Status, Subject, Verdicts, verdicts};

/// Short names of the world: account 1 has Regions h (home) and v, account 2 has h; both are in the directory.
fn cell(text: &str) -> Cell {
    let account = |short: &str| match short {
        "1" => "111122223333".to_owned(),
        "2" => "444455556666".to_owned(),
        other => other.repeat(12),
    };
    let region = |short: &str| match short {
        "h" => "ap-northeast-1".to_owned(),
        "v" => "us-east-1".to_owned(),
        other => other.to_owned(),
    };
    let whole = match text.split_once('/') {
        Some((id, place)) => format!("{}/{}", account(id), region(place)),
        None if text == "organization" => text.to_owned(),
        None => account(text),
    };
    whole.parse().unwrap()
}

fn short(account: &facts::AccountId, region: &facts::Region) -> String {
    let account = if account.as_str().starts_with('1') { "1" } else { "2" };
    let region = match region.as_str() {
        "ap-northeast-1" => "h",
        "us-east-1" => "v",
        other => other,
    };
    format!("{account}/{region}")
}

fn control(header: &str) -> Control {
    let header: String =
        header.split(';').map(str::trim).filter(|line| !line.is_empty()).fold(String::new(), |mut text, line| {
            text.push_str("-- ");
            text.push_str(line);
            text.push('\n');
            text
        });
    let text = format!("-- id: T.1\n-- title: t\n-- severity: LOW\n-- of: t\n-- repair: r\n{header}select _id from t");
    Control::parse("x", &text).unwrap()
}

fn failure(kind: &str) -> Failure {
    let kind = match kind {
        "denied" => FailureKind::Denied,
        "opted_out" => FailureKind::OptedOut,
        "not_collected" => FailureKind::NotCollected,
        other => panic!("no such kind in these tests: {other}"),
    };
    Failure {
        kind,
        service: "s".to_owned(),
        operation: "Op".to_owned(),
        account: None,
        region: None,
        code: "Code".to_owned(),
        message: "said".to_owned(),
        request_id: None,
    }
}

struct World {
    scope: Scope,
    used: BTreeMap<String, Read>,
    driving: Vec<DrivingRow>,
    rows: Vec<ControlRow>,
    gaps: Vec<Gap>,
    broken: Option<String>,
}

impl World {
    fn new() -> Self {
        let regions = |cells: &[&str]| cells.iter().filter_map(|text| cell(text).region().cloned()).collect();
        let account = |text| cell(text).account().unwrap().clone();
        Self {
            scope: Scope {
                management: account("1"),
                home_region: "ap-northeast-1".parse().unwrap(),
                accounts: [(account("1"), regions(&["1/h", "1/v"])), (account("2"), regions(&["2/h"]))].into(),
                off: BTreeMap::new(),
                administrators: BTreeMap::new(),
            },
            used: BTreeMap::new(),
            driving: Vec::new(),
            rows: Vec::new(),
            gaps: Vec::new(),
            broken: None,
        }
    }

    /// The query reads `columns` of a table, which was read in every cell of the directory.
    fn uses(&mut self, table: &str, scope: &str, columns: &str) {
        let scope = match scope {
            "region" => facts::Scope::Region,
            "account" => facts::Scope::Account,
            _ => facts::Scope::Organization,
        };
        let columns: BTreeSet<String> = columns.split(',').map(str::to_owned).collect();
        let cells = self.scope.cells(scope).into_iter().collect();
        self.used.insert(table.to_owned(), Read { scope, columns, cells });
    }

    fn answer(&mut self, id: &str, answer: &str, reason: &str) {
        self.rows.push(ControlRow {
            id: id.to_owned(),
            passed: match answer {
                "pass" => Some(true),
                "fail" | "na" => Some(false),
                _ => None,
            },
            applicable: (answer == "na").then_some(false),
            reason: (!reason.is_empty()).then(|| reason.to_owned()),
        });
    }

    fn drive(&mut self, id: &str, at: &str) {
        let at = cell(at);
        let account = at.account().unwrap().clone();
        let row =
            DrivingRow { id: id.to_owned(), account, region: at.region().cloned(), resource: Some(id.to_owned()) };
        self.driving.push(row);
    }

    fn line(&mut self, line: &str) {
        let words: Vec<&str> = line.split_whitespace().collect();
        let optional = |word: &str| (word != "-").then(|| word.to_owned());
        match words.as_slice() {
            ["uses", table, scope, columns] => self.uses(table, scope, columns),
            ["row", id, at, answer, reason @ ..] => {
                self.drive(id, at);
                self.answer(id, answer, &reason.join(" "));
            }
            ["lost", id, at] => self.drive(id, at),
            ["answer", id, answer] => self.answer(id, answer, ""),
            ["gap", table, at, row, column, kind] => self.gaps.push(Gap {
                table: (*table).to_owned(),
                cell: cell(at),
                row: optional(row),
                column: optional(column),
                failure: failure(kind),
            }),
            ["unread", table, at] => {
                assert!(self.used.get_mut(*table).unwrap().cells.remove(&cell(at)), "{line}");
            }
            ["off", at] => {
                self.scope.off.entry(cell(at)).or_default().insert("T.1".to_owned());
            }
            ["administrator", service, at] => {
                self.scope.administrators.insert((*service).to_owned(), cell(at).account().unwrap().clone());
            }
            ["broken", message] => self.broken = Some((*message).to_owned()),
            other => panic!("not a line of these tests: {other:?}"),
        }
    }

    fn verdicts(&self, control: &Control) -> Verdicts {
        let rows = match &self.broken {
            Some(message) => Err(message.as_str()),
            None => Ok(self.rows.as_slice()),
        };
        let evidence = Evidence { used: &self.used, driving: &self.driving, rows, gaps: &self.gaps };
        verdicts(control, &self.scope, &evidence)
    }
}

/// Findings as `cell resource status`, `*` for the finding about the cell.
fn shown(verdicts: &Verdicts) -> Vec<String> {
    let line = |finding: &crate::Finding| {
        let subject = match &finding.subject {
            Subject::Row(_) => finding.resource.as_str(),
            Subject::Cell(_) => "*",
        };
        format!("{} {subject} {}", short(&finding.account, &finding.region), finding.status)
    };
    verdicts.findings.iter().map(line).collect()
}

/// The expected findings leave out the PASSED of cells in which nothing is.
#[track_caller]
fn check(name: &str, header: &str, lines: &str, expected: &[&str], defects: usize) -> Verdicts {
    let control = control(header);
    let mut world = World::new();
    world.uses("t", "region", "_id,x");
    for line in lines.split(';').map(str::trim).filter(|line| !line.is_empty()) {
        world.line(line);
    }
    let verdicts = world.verdicts(&control);
    let all = shown(&verdicts);
    let told: Vec<&String> = all.iter().filter(|line| !line.ends_with("* PASSED")).collect();
    assert_eq!(told, expected, "{name}: {verdicts:#?}");
    assert_eq!(verdicts.defects.len(), defects, "{name}: {:?}", verdicts.defects);
    verdicts
}

#[test]
fn rows() {
    check("pass and fail", "", "row a 1/h pass; row b 1/h fail off", &["1/h a PASSED", "1/h b FAILED"], 0);
    check("not applicable", "", "row a 1/h na", &["1/h a NOT_APPLICABLE"], 0);
    check("a function that cannot answer", "", "row a 1/h null unreadable", &["1/h a UNKNOWN"], 0);
    let verdicts = check("null without a reason", "", "row a 1/h null", &["1/h a UNKNOWN"], 0);
    assert!(verdicts.findings[0].defect);
    let verdicts =
        check("reasons", "", "row a 1/h pass said; row b 1/h fail said", &["1/h a PASSED", "1/h b FAILED"], 0);
    assert!(verdicts.findings[0].reasons.is_empty(), "a PASSED finding gives no reason");
    assert_eq!(verdicts.findings[1].reasons, ["said"]);
}

#[test]
fn defects() {
    check("lost", "", "row a 1/h pass; lost b 1/h", &["1/h a PASSED", "1/h b UNKNOWN"], 1);
    check("doubled", "", "row a 1/h pass; answer a pass", &["1/h a UNKNOWN"], 1);
    check("doubled, not agreeing", "", "row a 1/h pass; answer a fail", &["1/h a UNKNOWN"], 1);
    check("foreign", "", "row a 1/h pass; answer z fail", &["1/h a PASSED"], 1);
    check("undeclared table", "", "uses o region x; row a 1/h pass", &["1/h a UNKNOWN"], 1);
    check("declared, not read", "also: o@cell", "row a 1/h pass", &["1/h a PASSED"], 1);
    check("the query did not run", "", "lost a 1/h; broken time", &["1/h a UNKNOWN"], 1);
    check("a gap comes before a defect", "", "lost a 1/h; gap t 1/h a x denied", &["1/h a UNKNOWN"], 1);
}

#[test]
fn several_driving_tables_are_one_list() {
    let several = |lines: &str| {
        let mut control = control("");
        control.of.push("u".to_owned());
        let mut world = World::new();
        world.uses("t", "region", "_id,x");
        lines.split(';').for_each(|line| world.line(line.trim()));
        let verdicts = world.verdicts(&control);
        (shown(&verdicts).into_iter().filter(|line| line.starts_with("1/h")).collect::<Vec<_>>(), verdicts.defects)
    };
    let both = several("uses u region _id,y; row a 1/h pass; row b 1/h fail");
    assert_eq!(both, (vec!["1/h a PASSED".to_owned(), "1/h b FAILED".to_owned()], Vec::new()));
    let (found, _) = several("uses u region _id,y; row a 1/h pass; gap u 1/h - - denied");
    assert_eq!(found, ["1/h * UNKNOWN", "1/h a PASSED"], "one of the lists was not read");
    let (found, _) = several("uses u region _id,y; row b 1/h pass; gap u 1/h b y denied");
    assert_eq!(found, ["1/h b UNKNOWN"]);
    let (found, defects) = several("row a 1/h pass");
    assert_eq!((found, defects.len()), (vec!["1/h a UNKNOWN".to_owned()], 1), "the other is not read");
    let (found, defects) = several("uses u account _id,y; row a 1/h pass");
    assert_eq!(
        (found, defects),
        (vec!["1/h a UNKNOWN".to_owned()], vec!["`t`, `u` are not of one kind of cell".to_owned()])
    );
}

#[test]
fn gaps_of_the_driving_table() {
    check(
        "used column",
        "",
        "row a 1/h pass; row b 1/h pass; gap t 1/h a x denied",
        &["1/h a UNKNOWN", "1/h b PASSED"],
        0,
    );
    check("used column, failed", "", "row a 1/h fail; gap t 1/h a x denied", &["1/h a UNKNOWN"], 0);
    check("used column, not applicable", "", "row a 1/h na; gap t 1/h a x denied", &["1/h a UNKNOWN"], 0);
    check("column not used", "", "row a 1/h pass; gap t 1/h a y denied", &["1/h a PASSED"], 0);
    check("whole row", "", "row a 1/h pass; gap t 1/h a - denied", &["1/h a UNKNOWN"], 0);
    check("proof does not help", "proof: pass", "row a 1/h pass; gap t 1/h a x denied", &["1/h a UNKNOWN"], 0);
    check("not collected", "", "row a 1/h pass; gap t 1/h a x not_collected", &["1/h a UNKNOWN"], 0);
    check(
        "column of a whole cell",
        "",
        "row a 1/h pass; row b 1/v pass; gap t 1/h - x not_collected",
        &["1/h a UNKNOWN", "1/v b PASSED"],
        0,
    );
    check("list failed", "", "gap t 1/h - - denied", &["1/h * UNKNOWN"], 0);
    check("list broke off", "", "row a 1/h fail; gap t 1/h - - denied", &["1/h * UNKNOWN", "1/h a FAILED"], 0);
    check("list of the account", "", "gap t 1 - - denied", &["1/h * UNKNOWN", "1/v * UNKNOWN"], 0);
    check("not read", "", "unread t 1/v", &["1/v * UNKNOWN"], 0);
    check("not read, and a gap says so", "", "unread t 1/v; gap t 1/v - - denied", &["1/v * UNKNOWN"], 0);
    check("not offered", "", "gap t 1/v - - opted_out; unread t 1/v", &[], 0);
    check("gap of another table", "", "row a 1/h pass; gap z 1/h - - denied", &["1/h a PASSED"], 0);
}

#[test]
fn nothing_there_passes_once() {
    let all = |lines| shown(&check("", "", lines, &[], 0));
    assert_eq!(all(""), ["1/h * PASSED", "1/v * PASSED", "2/h * PASSED"]);
    assert_eq!(all("gap t 1/h - - opted_out"), ["1/v * PASSED", "2/h * PASSED"]);
    assert_eq!(all("off 1"), ["2/h * PASSED"]);
    let account = check("", "", "uses t account x; row a 1/v pass", &["1/v a PASSED"], 0);
    assert_eq!(shown(&account), ["1/v a PASSED", "2/h * PASSED"]);
    let foreign = check("only elsewhere", "", "uses t account x; row a 1/eu-west-1 fail", &[], 0);
    assert_eq!(shown(&foreign), ["1/h * PASSED", "2/h * PASSED"]);
    assert_eq!(foreign.out_of_scope, [(OutOfScope::OutsideDirectory, 1)].into());
    let resource = &foreign.findings[0].resource;
    assert_eq!(resource, "AWS::::Account:111122223333");
}

#[test]
fn gaps_of_other_tables() {
    let rows = "uses o region y; row a 1/h pass; row b 1/v pass; row c 2/h pass";
    let known = ["1/h a PASSED", "1/v b PASSED", "2/h c PASSED"];
    for (also, gap, unknown) in [
        ("o@cell", "gap o 1/h - - denied", "a"),
        ("o@cell", "gap o 1/h r y denied", "a"),
        ("o@cell", "gap o 1/h r - denied", "a"),
        ("o@cell", "gap o 1/h - y not_collected", "a"),
        ("o@cell", "gap o 1/h r z denied", ""),
        ("o@cell", "unread o 1/h", "a"),
        ("o@cell", "gap o 1 - - denied", "ab"),
        ("o@cell", "gap o organization - - denied", "abc"),
        ("o@account", "gap o 1/v - - denied", "ab"),
        ("o@account", "unread o 2/h", "c"),
        ("o@account", "gap o 1/v - - opted_out; unread o 1/v", ""),
        ("o@account", "gap o 1/v r y opted_out", "ab"),
        ("o@organization", "gap o 2/h - - denied", "abc"),
        ("o@organization", "unread o 1/v", "abc"),
        ("o@cell, t@account", "gap t 1/v b x denied", "ab"),
    ] {
        let expected: Vec<String> = known
            .iter()
            .map(|line| {
                let status = if unknown.contains(&line[4..5]) { "UNKNOWN" } else { "PASSED" };
                line.replace("PASSED", status)
            })
            .collect();
        let expected: Vec<&str> = expected.iter().map(String::as_str).collect();
        check(&format!("{also} {gap}"), &format!("also: {also}"), &format!("{rows}; {gap}"), &expected, 0);
    }
    check(
        "not offered in the row's own cell",
        "also: o@cell",
        &format!("{rows}; gap o 1/v - - opted_out"),
        &["1/h a PASSED", "2/h c PASSED"],
        0,
    );
    check(
        "a row of the account is reached by every Region",
        "also: o@cell",
        "uses t account x; uses o region y; row a 1 pass; gap o 1/v r y denied",
        &["1/h a UNKNOWN"],
        0,
    );
}

#[test]
fn one_witness_is_proof() {
    let lines = "uses o region y; row a 1/h pass; row b 1/h fail; row c 1/h null said; row d 1/h na; \
                 gap o 1/h - - denied";
    let unknown = ["1/h a UNKNOWN", "1/h b UNKNOWN", "1/h c UNKNOWN", "1/h d UNKNOWN"];
    for (proof, kept, becomes) in
        [("", 9, ""), ("; proof: pass", 0, "1/h a PASSED"), ("; proof: fail", 1, "1/h b FAILED")]
    {
        let mut expected = unknown;
        if let Some(line) = expected.get_mut(kept) {
            *line = becomes;
        }
        check(proof, &format!("also: o@cell{proof}"), lines, &expected, 0);
    }
}

#[test]
fn scope() {
    check("off everywhere", "", "row a 1/h fail; off organization", &[], 0);
    check("off in a Region", "", "row a 1/h fail; row b 1/v fail; off 1/v", &["1/h a FAILED"], 0);
    check("global at home", "global: true", "row a 1/h fail; row b 1/v fail", &["1/h a FAILED"], 0);
    check("one Region", "only_region: us-east-1", "row a 1/h fail; row b 1/v fail", &["1/v b FAILED"], 0);
    check(
        "once per account, in one Region",
        "only_region: us-east-1",
        "uses t account x; row a 1 fail; row b 2 fail",
        &["1/v a FAILED"],
        0,
    );
    check("not in the directory", "", "row a 1/eu-west-1 fail; row b 7/h fail", &[], 0);
    check("the organization", "", "uses t organization x; gap t organization - - denied", &["1/h * UNKNOWN"], 0);
}

#[test]
fn administrators_answer_for_members() {
    let header = "delegated_admin: guardduty";
    let failed = "row a 1/h pass; row b 2/h fail off; row c 1/v pass";
    check("no administrator", header, failed, &["1/h a PASSED", "1/v c PASSED", "2/h b FAILED"], 0);
    let verdicts = check(
        "a member fails",
        header,
        &format!("{failed}; administrator guardduty 1"),
        &["1/h a FAILED", "1/v c PASSED"],
        0,
    );
    assert_eq!(verdicts.findings[0].reasons, ["member 444455556666: off"]);
    assert_eq!(verdicts.out_of_scope[&OutOfScope::NotAdministrator], 1);
    check(
        "a member is unknown",
        header,
        "row a 1/h pass; row b 2/h pass; gap t 2/h b x denied; administrator guardduty 1",
        &["1/h a UNKNOWN"],
        0,
    );
    check("nothing of its own", header, "row b 2/h fail; administrator guardduty 1", &["1/h * FAILED"], 0);
    check(
        "a Region where the administrator is not",
        header,
        "row a 1/h pass; row c 1/v fail; administrator guardduty 2",
        &["1/v c FAILED"],
        0,
    );
    check("another service's", header, "row b 2/h fail; administrator macie 1", &["2/h b FAILED"], 0);
}

/// What the law says, read from the rules anew: whether a gap keeps a driving row from being judged.
fn touches(gap: &Gap, row: &DrivingRow, reach: &str) -> bool {
    let used = match gap.table.as_str() {
        "t" => "x",
        "o" => "y",
        _ => return false,
    };
    let column = gap.column.as_deref().is_none_or(|column| column == used);
    if gap.table == "t" {
        let whole_cell = gap.row.is_none() && gap.column.is_some() && gap.cell.region() == row.region.as_ref();
        return column
            && (gap.row.as_deref() == Some(&row.id) || whole_cell && gap.cell.account() == Some(&row.account));
    }
    let offered = gap.failure.kind != FailureKind::OptedOut || gap.row.is_some() || gap.column.is_some();
    let reached = match reach {
        "cell" => gap.cell.account() == Some(&row.account) && gap.cell.region() == row.region.as_ref(),
        "account" => gap.cell.account() == Some(&row.account),
        _ => true,
    };
    column && reached && offered
}

proptest! {
    #[test]
    fn nothing_unread_passes(
        answers in prop::collection::vec((0..3usize, prop::sample::select(vec!["pass", "fail", "na", "null"])), 0..8),
        gaps in prop::collection::vec(
            (
                prop::sample::select(vec!["t", "o", "z"]),
                0..3usize,
                prop::option::of(0..8usize),
                prop::option::of(prop::sample::select(vec!["x", "y"])),
                prop::sample::select(vec!["denied", "opted_out", "not_collected"]),
            ),
            0..5,
        ),
        reach in prop::sample::select(vec!["cell", "account", "organization"]),
        proof in prop::sample::select(vec!["", "; proof: pass", "; proof: fail"]),
        unread in prop::option::of(0..3usize),
    ) {
        let cells = ["1/h", "1/v", "2/h"];
        let mut world = World::new();
        world.uses("t", "region", "x");
        world.uses("o", "region", "y");
        for (index, (at, answer)) in answers.iter().enumerate() {
            world.line(&format!("row r{index} {} {answer}", cells[*at]));
        }
        for (table, at, row, column, kind) in &gaps {
            let row = row.map_or("-".to_owned(), |row| format!("r{row}"));
            world.line(&format!("gap {table} {} {row} {} {kind}", cells[*at], column.unwrap_or("-")));
        }
        if let Some(at) = unread {
            world.line(&format!("unread t {}", cells[at]));
        }
        let control = control(&format!("also: o@{reach}{proof}"));
        let verdicts = world.verdicts(&control);
        for finding in &verdicts.findings {
            match &finding.subject {
                Subject::Cell(cell) if finding.status == Status::Passed => {
                    let failed = |gap: &&Gap| gap.table == "t" && gap.cell == *cell && gap.row.is_none() && gap.column.is_none();
                    prop_assert!(!world.gaps.iter().any(|gap| failed(&gap)), "{finding:?}");
                    prop_assert!(world.used["t"].cells.contains(cell), "{finding:?}");
                }
                Subject::Row(id) if matches!(finding.status, Status::Passed | Status::Failed) => {
                    let row = world.driving.iter().find(|row| row.id == *id).unwrap();
                    let touched: Vec<&Gap> = world.gaps.iter().filter(|gap| touches(gap, row, reach)).collect();
                    let proven = match finding.status {
                        Status::Passed => proof.contains("pass"),
                        _ => proof.contains("fail"),
                    };
                    let own = touched.iter().any(|gap| gap.table == "t");
                    prop_assert!(touched.is_empty() || (proven && !own), "{finding:?} in spite of {touched:?}");
                }
                _ => {}
            }
        }
        // Every row is told of once, unless its cell is one where the other table is not offered.
        let told = verdicts.findings.iter().filter(|finding| matches!(finding.subject, Subject::Row(_))).count();
        let not_offered = verdicts.out_of_scope.get(&OutOfScope::NotOffered).copied().unwrap_or_default();
        prop_assert!(told <= world.driving.len() && told + not_offered >= world.driving.len());
    }
}
