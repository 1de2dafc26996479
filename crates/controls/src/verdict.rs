//! From the rows of a control's query and the gaps of its tables to findings.
//!
//! INVARIANT read: no finding is PASSED while something that the query used for it was not read, except
//! where the control declares that one witness is proof.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use dodai_facts::{self as facts, AccountId, Cell, Gap, Region};

use crate::finding::account_resource;
use crate::gaps::{self, Gaps};
use crate::{Control, Finding, OutOfScope, Proof, Scope, Status, Subject};

/// One row of a control's result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ControlRow {
    /// `_id` of the driving row.
    pub id: String,
    pub passed: Option<bool>,
    /// None where the query has no such column, or gives null.
    pub applicable: Option<bool>,
    pub reason: Option<String>,
}

/// One row of the driving table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DrivingRow {
    /// `_id`
    pub id: String,
    pub account: AccountId,
    /// None for what exists once per account.
    pub region: Option<Region>,
    /// The ARN, where the table has one.
    pub resource: Option<String>,
}

/// What a query used of a table, and where the run read that table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Read {
    pub scope: facts::Scope,
    /// The columns that the query used, by the SQL engine's plan.
    pub columns: BTreeSet<String>,
    /// The cells whose listing the run has, complete or not.
    pub cells: BTreeSet<Cell>,
}

/// Everything that a control's verdicts are made from.
#[derive(Debug, Clone, Copy)]
pub struct Evidence<'a> {
    /// Every table that the query used, by name.
    pub used: &'a BTreeMap<String, Read>,
    /// Every row of the driving table, of the whole run.
    pub driving: &'a [DrivingRow],
    /// The query's result, or why there is none.
    pub rows: Result<&'a [ControlRow], &'a str>,
    /// Gaps of any tables; those that do not concern the query are passed over.
    pub gaps: &'a [Gap],
}

/// What a control comes to.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Verdicts {
    /// In the order of account, Region and resource.
    pub findings: Vec<Finding>,
    /// What is wrong with the control itself. What it touches is UNKNOWN.
    pub defects: Vec<String>,
    /// How many rows and cells gave no finding, and why.
    pub out_of_scope: BTreeMap<OutOfScope, usize>,
}

/// The verdicts of one control on one run.
pub fn verdicts(control: &Control, scope: &Scope, evidence: &Evidence<'_>) -> Verdicts {
    let unread = gaps::unread(scope, evidence);
    let mut court = Court {
        control,
        scope,
        gaps: Gaps::new(control, evidence, evidence.gaps.iter().chain(&unread)),
        answers: Answers::new(evidence),
        broken: None,
        verdicts: Verdicts::default(),
    };
    court.examine(evidence);
    // INVARIANT one kind of cell: `examine` has seen to it that the driving tables are of one scope.
    let listing = control.of.iter().find_map(|table| evidence.used.get(table)).map(|read| read.scope);
    let occupied = court.rows(evidence.driving, listing.unwrap_or(facts::Scope::Region));
    for cell in listing.map(|listing| scope.cells(listing)).unwrap_or_default() {
        court.cell(&cell, occupied.contains(&cell));
    }
    let mut verdicts = court.verdicts;
    roll_up(control, scope, &mut verdicts);
    verdicts.findings.sort_by(|a, b| a.identity().cmp(&b.identity()));
    verdicts
}

/// The query's rows by the `_id` of their driving row.
struct Answers<'a> {
    rows: HashMap<&'a str, Vec<&'a ControlRow>>,
}

impl<'a> Answers<'a> {
    fn new(evidence: &Evidence<'a>) -> Self {
        let mut rows: HashMap<&str, Vec<&ControlRow>> = HashMap::new();
        for row in evidence.rows.unwrap_or_default() {
            rows.entry(&row.id).or_default().push(row);
        }
        Self { rows }
    }
}

/// What a row comes to.
struct Judgement {
    status: Status,
    reason: Option<String>,
    gap: Option<Box<Gap>>,
    defect: bool,
}

impl Judgement {
    fn gap(gap: &Gap) -> Self {
        Self {
            status: Status::Unknown,
            reason: Some(gaps::reason(gap)),
            gap: Some(Box::new(gap.clone())),
            defect: false,
        }
    }

    fn defect(reason: &str) -> Self {
        let reason = Some(format!("control defect: {reason}"));
        Self { status: Status::Unknown, reason, gap: None, defect: true }
    }
}

struct Court<'a> {
    control: &'a Control,
    scope: &'a Scope,
    gaps: Gaps<'a>,
    answers: Answers<'a>,
    /// A defect that touches every row.
    broken: Option<String>,
    verdicts: Verdicts,
}

impl Court<'_> {
    /// Looks for what is wrong with the control itself.
    fn examine(&mut self, evidence: &Evidence<'_>) {
        let control = self.control;
        if let Err(message) = evidence.rows {
            self.broken = Some(format!("the query did not run: {message}"));
        } else if let Some(table) = control.of.iter().find(|table| !evidence.used.contains_key(*table)) {
            self.broken = Some(format!("the query does not read its driving table `{table}`"));
        } else if of_several_scopes(control, evidence) {
            self.broken = Some(format!("`{}` are not of one kind of cell", control.of.join("`, `")));
        } else {
            let undeclared =
                |table: &&String| !control.of.contains(table) && !control.also.contains_key(table.as_str());
            if let Some(table) = evidence.used.keys().find(undeclared) {
                self.broken = Some(format!("the query reads `{table}`, which `also` does not name"));
            }
        }
        self.verdicts.defects.extend(self.broken.clone());
        if evidence.rows.is_err() {
            return;
        }
        for table in control.also.keys().filter(|table| !evidence.used.contains_key(*table)) {
            self.verdicts.defects.push(format!("`also` names `{table}`, which the query does not read"));
        }
        let known: BTreeSet<&str> = evidence.driving.iter().map(|row| row.id.as_str()).collect();
        let given: BTreeSet<&str> = self.answers.rows.keys().copied().collect();
        let doubled: BTreeSet<&str> =
            self.answers.rows.iter().filter(|(_, rows)| rows.len() > 1).map(|(id, _)| *id).collect();
        let lost = known.difference(&given).copied().collect();
        let foreign = given.difference(&known).copied().collect();
        for (what, ids) in [("are lost", lost), ("are doubled", doubled), ("are no driving rows", foreign)] {
            let ids: BTreeSet<&str> = ids;
            if let Some(first) = ids.first() {
                let message = format!("{} of the query's `_id`s {what}, the first `{first}`", ids.len());
                self.verdicts.defects.push(message);
            }
        }
    }

    /// Judges every driving row; gives the listing cells in which one was in scope.
    fn rows(&mut self, driving: &[DrivingRow], listing: facts::Scope) -> BTreeSet<Cell> {
        let mut occupied = BTreeSet::new();
        for row in driving {
            let cell = listing_cell(row, listing);
            let place = self.scope.place(self.control, &row.account, row.region.as_ref());
            let place = if self.gaps.is_not_offered(row) { place.and(Err(OutOfScope::NotOffered)) } else { place };
            let region = match place {
                Ok(region) => region,
                Err(reason) => {
                    // An account or a Region that is out of scope is not thereby empty of the resource.
                    if reason == OutOfScope::NotOffered {
                        occupied.insert(cell);
                    }
                    *self.verdicts.out_of_scope.entry(reason).or_default() += 1;
                    continue;
                }
            };
            let judgement = self.judge(row, &cell);
            occupied.insert(cell);
            let resource = row.resource.clone().unwrap_or_else(|| account_resource(&row.account));
            self.add(&row.account, region, resource, Subject::Row(row.id.clone()), judgement);
        }
        occupied
    }

    fn judge(&self, row: &DrivingRow, cell: &Cell) -> Judgement {
        if let Some(gap) = self.gaps.of_row(row, cell) {
            return Judgement::gap(gap);
        }
        if let Some(reason) = &self.broken {
            return Judgement::defect(reason);
        }
        let answer = match self.answers.rows.get(row.id.as_str()).map(Vec::as_slice) {
            Some([answer]) => *answer,
            None | Some([]) => return Judgement::defect("the query gives no row for this resource"),
            Some(rows) => return Judgement::defect(&format!("the query gives {} rows for this resource", rows.len())),
        };
        if let Some(gap) = self.gaps.of_others(row) {
            let proven = match self.control.proof {
                Some(Proof::Pass) => answer.passed == Some(true) && answer.applicable != Some(false),
                Some(Proof::Fail) => answer.passed == Some(false) && answer.applicable != Some(false),
                None => false,
            };
            if !proven {
                return Judgement::gap(gap);
            }
        }
        let said = answer.reason.clone().filter(|reason| !reason.is_empty());
        let (status, reason) = match (answer.applicable, answer.passed) {
            (Some(false), _) => (Status::NotApplicable, said),
            (_, Some(true)) => (Status::Passed, None),
            (_, Some(false)) => (Status::Failed, said),
            (_, None) if said.is_some() => (Status::Unknown, said),
            (_, None) => return Judgement::defect("`passed` is null, and the query gives no reason"),
        };
        Judgement { status, reason, gap: None, defect: false }
    }

    /// The finding about a cell as a whole: its list was not read, or nothing of the kind is in it.
    fn cell(&mut self, cell: &Cell, occupied: bool) {
        let account = cell.account().unwrap_or(&self.scope.management).clone();
        let gap = self.gaps.of_list(cell);
        let mut place = self.scope.place(self.control, &account, cell.region());
        if gap.is_some_and(gaps::is_not_offered) {
            place = place.and(Err(OutOfScope::NotOffered));
        }
        let judgement = match (gap, occupied) {
            (Some(gap), _) => Judgement::gap(gap),
            (None, false) => Judgement { status: Status::Passed, reason: None, gap: None, defect: false },
            (None, true) => return,
        };
        match place {
            Ok(region) => {
                let resource = account_resource(&account);
                self.add(&account, region, resource, Subject::Cell(cell.clone()), judgement);
            }
            Err(reason) => *self.verdicts.out_of_scope.entry(reason).or_default() += 1,
        }
    }

    fn add(&mut self, account: &AccountId, region: Region, resource: String, subject: Subject, judgement: Judgement) {
        self.verdicts.findings.push(Finding {
            control: self.control.id.clone(),
            account: account.clone(),
            region,
            resource,
            subject,
            status: judgement.status,
            reasons: judgement.reason.into_iter().collect(),
            gap: judgement.gap,
            defect: judgement.defect,
            last_known: None,
            excepted_until: None,
        });
    }
}

fn of_several_scopes(control: &Control, evidence: &Evidence<'_>) -> bool {
    let mut scopes = control.of.iter().filter_map(|table| evidence.used.get(table)).map(|read| read.scope);
    let first = scopes.next();
    scopes.any(|scope| Some(scope) != first)
}

/// The cell whose listing a row came from.
fn listing_cell(row: &DrivingRow, listing: facts::Scope) -> Cell {
    match (listing, &row.region) {
        (facts::Scope::Organization, _) => Cell::Organization,
        (facts::Scope::Region, Some(region)) => Cell::Region(row.account.clone(), region.clone()),
        _ => Cell::Account(row.account.clone()),
    }
}

/// At most this many members are named in an administrator's finding.
const MOST_MEMBERS: usize = 10;

/// A control of delegated administrators: where the service has one, its account alone gets findings, and
/// fails for its members. Where the administrator's own Region is not in the directory, nobody could carry
/// what was found in members: theirs stay as they are.
fn roll_up(control: &Control, scope: &Scope, verdicts: &mut Verdicts) {
    let administrator = control.delegated_admin.as_ref().and_then(|service| scope.administrators.get(service));
    let Some(administrator) = administrator else { return };
    let (mut kept, members): (Vec<Finding>, Vec<Finding>) =
        std::mem::take(&mut verdicts.findings).into_iter().partition(|finding| {
            finding.account == *administrator || scope.place(control, administrator, Some(&finding.region)).is_err()
        });
    let mut by_region: BTreeMap<Region, Vec<Finding>> = BTreeMap::new();
    for member in members {
        by_region.entry(member.region.clone()).or_default().push(member);
    }
    for (region, members) in by_region {
        let own = kept.iter_mut().find(|own| own.account == *administrator && own.region == region);
        let Some(own) = own else {
            kept.extend(members);
            continue;
        };
        *verdicts.out_of_scope.entry(OutOfScope::NotAdministrator).or_default() += members.len();
        let judged = members.into_iter().filter(|member| matches!(member.status, Status::Failed | Status::Unknown));
        for (index, member) in judged.enumerate() {
            let failed = own.status == Status::Failed || member.status == Status::Failed;
            own.status = if failed { Status::Failed } else { Status::Unknown };
            own.defect |= member.defect;
            own.gap = own.gap.take().or(member.gap);
            let reason = member.reasons.into_iter().next().unwrap_or_else(|| member.status.to_string());
            match index {
                0..MOST_MEMBERS => own.reasons.push(format!("member {}: {reason}", member.account)),
                MOST_MEMBERS => own.reasons.push("further members are not named".to_owned()),
                _ => {}
            }
        }
        if own.status == Status::Failed {
            own.gap = None;
        }
    }
    verdicts.findings = kept;
}

#[cfg(test)]
mod tests;
