//! One assessment: every control judged over one run, what that comes to, and how it differs from the last.

use std::collections::{BTreeMap, BTreeSet};

use dodai_baseline::Selection;
use dodai_controls::{
    Control, ControlRow, ControlStatus, DrivingRow, Evidence, Exception, Finding, Read, Registry, Scope, Score, except,
    statuses, verdicts,
};
use dodai_facts::{AccountId, Cell, Gap, Profile, counted};
use dodai_inventory::sql::{Engine, Used};
use dodai_inventory::tables::Tables;
use dodai_org::Directory;
use futures::{StreamExt as _, stream};
use jiff::Timestamp;
use serde::Serialize;

use crate::administrators;
use crate::failure::{Error, Result};
use crate::left_out::LeftOut;
use crate::reading::Reading;

/// The version of a stored assessment's form.
pub const FORMAT: u32 = 1;
/// How many queries are planned side by side.
const PLANNED_AT_ONCE: usize = 16;

/// What is kept of an assessment, in an order that [`crate::before`] relies on: what it is of, before its findings.
#[derive(Debug, Clone, Serialize)]
pub struct Assessment {
    pub format: u32,
    pub run: String,
    pub organization: String,
    pub selection: Selection,
    /// The controls that were judged.
    pub controls: BTreeSet<String>,
    pub findings: Vec<Finding>,
    pub statuses: BTreeMap<String, ControlStatus>,
    /// All controls, each once.
    pub score: Score,
    /// By standard.
    pub standards: BTreeMap<String, Score>,
    /// By account's name.
    pub accounts: BTreeMap<String, Score>,
    /// By account's name; the directory has them, so that they are not kept.
    #[serde(skip)]
    pub profiles: BTreeMap<String, Profile>,
    /// Account ids to names.
    pub names: BTreeMap<AccountId, String>,
    /// The directory's accounts that are meant and were not judged.
    pub left_out: Vec<LeftOut>,
    /// What could not be read of the organization itself, and what that means.
    pub unread: Vec<String>,
    /// What is wrong with controls themselves.
    pub defects: Vec<String>,
    /// Exceptions that have expired, or cover nothing.
    pub notes: Vec<String>,
}

/// A control and what its query uses, or why it cannot be planned.
pub struct Judge<'a> {
    pub control: &'a Control,
    pub used: std::result::Result<Used, String>,
}

/// The controls to judge: those of the directory's standards and the user's own, or those that were named.
pub fn chosen<'a>(registry: &'a Registry, directory: &Directory, named: &[String]) -> Result<Vec<&'a Control>> {
    let all = registry.controls();
    if named.is_empty() {
        let of_standards: BTreeSet<&str> = directory
            .standards
            .iter()
            .filter_map(|id| registry.standard(id))
            .flat_map(|standard| standard.controls())
            .collect();
        let own: BTreeSet<&str> = directory.user_controls.iter().map(|file| file.path.as_str()).collect();
        let is_meant =
            |control: &&Control| of_standards.contains(control.id.as_str()) || own.contains(control.file.as_str());
        return Ok(all.into_iter().filter(is_meant).collect());
    }
    named
        .iter()
        .map(|id| {
            all.iter()
                .find(|control| control.id.eq_ignore_ascii_case(id))
                .copied()
                .ok_or_else(|| Error::unknown("control", id, all.iter().map(|control| control.id.as_str())))
        })
        .collect()
}

/// What each control's query uses.
pub async fn judges<'a>(engine: &Engine, controls: Vec<&'a Control>) -> Vec<Judge<'a>> {
    let judge = async |control: &'a Control| {
        let used = engine.columns_used(&control.sql).await.map_err(|error| error.to_string());
        Judge { control, used }
    };
    stream::iter(controls).map(judge).buffered(PLANNED_AT_ONCE).collect().await
}

/// The tables that the judges need, the driving tables among them, and who administers services where that matters.
pub fn needed(judges: &[Judge<'_>]) -> BTreeMap<String, BTreeSet<String>> {
    let mut needed = crate::reading::together(judges.iter().filter_map(|judge| judge.used.as_ref().ok()));
    for judge in judges {
        for table in &judge.control.of {
            needed.entry(table.clone()).or_default();
        }
    }
    if let Some((table, columns)) = administrators::needed(judges.iter().map(|judge| judge.control)) {
        needed.entry(table).or_default().extend(columns);
    }
    needed
}

/// Judges all controls over a reading.
pub async fn assess(
    directory: &Directory,
    registry: &Registry,
    tables: &Tables,
    judges: &[Judge<'_>],
    reading: &Reading,
    selection: Selection,
    today: Timestamp,
) -> Result<Assessment> {
    let administrators = administrators::of(reading, judges.iter().map(|judge| judge.control)).await?;
    let unread = administrators.unread.map(|why| {
        format!("who administers services for the organization, so each account is judged on its own: {why}")
    });
    let scope = scope(directory, reading, administrators.by_service);
    let mut findings = Vec::new();
    let mut defects = Vec::new();
    for judge in judges {
        let mut verdicts = judge_one(judge, tables, reading, &scope).await?;
        findings.append(&mut verdicts.findings);
        defects.extend(verdicts.defects.into_iter().map(|defect| format!("{}: {defect}", judge.control.id)));
    }
    let (exceptions, mut notes) = exceptions(directory, &reading.names);
    let date = today.to_zoned(jiff::tz::TimeZone::UTC).date();
    for judged in except(&exceptions, date, &mut findings) {
        notes.extend(note(&judged));
    }
    let controls: BTreeSet<String> = judges.iter().map(|judge| judge.control.id.clone()).collect();
    let run = reading.run.id().map(ToString::to_string).unwrap_or_default();
    let mut assessment = Assessment {
        format: FORMAT,
        run,
        organization: directory.organization.clone(),
        selection,
        controls,
        findings,
        statuses: BTreeMap::new(),
        score: Score::default(),
        standards: BTreeMap::new(),
        accounts: BTreeMap::new(),
        profiles: directory.accounts.iter().map(|account| (account.name.clone(), account.profile)).collect(),
        names: reading.names.clone(),
        left_out: reading.left_out.clone(),
        unread: unread.into_iter().collect(),
        defects,
        notes,
    };
    count(&mut assessment, directory, registry, &scope);
    Ok(assessment)
}

async fn judge_one(
    judge: &Judge<'_>,
    tables: &Tables,
    reading: &Reading,
    scope: &Scope,
) -> Result<dodai_controls::Verdicts> {
    let control = judge.control;
    let mut driving = Vec::new();
    for table in &control.of {
        let rows = reading.engine.driving_rows(table).await.map_err(Error::from_display)?;
        driving.extend(rows.into_iter().map(|row| DrivingRow {
            id: row.id,
            account: row.account.unwrap_or_else(|| reading.management.clone()),
            region: row.region,
            resource: row.arn,
        }));
    }
    let mut used = BTreeMap::new();
    let mut gaps: Vec<Gap> = Vec::new();
    let rows: std::result::Result<Vec<ControlRow>, String> = match &judge.used {
        Err(error) => Err(error.clone()),
        Ok(columns) => {
            for (name, columns) in &columns.tables {
                let Some(table) = tables.get(name) else { continue };
                let cells: BTreeSet<Cell> = reading.cells.of(table.scope()).into_iter().collect();
                used.insert(name.clone(), Read { scope: table.scope(), columns: columns.clone(), cells });
            }
            gaps = reading.engine.gaps(columns, &reading.cells).await.map_err(Error::from_display)?;
            let row = |row: dodai_inventory::sql::ControlRow| ControlRow {
                id: row.id,
                passed: row.passed,
                applicable: row.applicable,
                reason: row.reason,
            };
            let answer = reading.engine.control_rows(&control.sql).await;
            match answer {
                Ok(answer) => {
                    gaps.extend(answer.gaps);
                    Ok(answer.rows.into_iter().map(row).collect())
                }
                Err(error) => Err(error.to_string()),
            }
        }
    };
    let evidence =
        Evidence { used: &used, driving: &driving, rows: rows.as_deref().map_err(String::as_str), gaps: &gaps };
    Ok(verdicts(control, scope, &evidence))
}

/// Where findings count: the accounts and Regions that were read, without what the directory has off, and without
/// what it disables in an account's Security Hub.
fn scope(directory: &Directory, reading: &Reading, administrators: BTreeMap<String, AccountId>) -> Scope {
    let mut off = BTreeMap::from([(Cell::Organization, directory.controls_off.keys().cloned().collect())]);
    for (id, regions) in &reading.cells.accounts {
        let account = reading.names.get(id).and_then(|name| directory.account(name));
        let Some(disabled) = account.and_then(|account| dodai_baseline::disabled_controls(directory, account)) else {
            continue;
        };
        off.insert(Cell::Account(id.clone()), disabled.everywhere);
        for region in regions.iter().filter(|region| **region != directory.home_region) {
            off.insert(Cell::Region(id.clone(), region.clone()), disabled.outside_home.clone());
        }
    }
    Scope {
        management: reading.management.clone(),
        home_region: directory.home_region.clone(),
        accounts: reading.cells.accounts.clone(),
        off,
        administrators,
    }
}

/// Statuses and scores, also part by part.
fn count(assessment: &mut Assessment, directory: &Directory, registry: &Registry, scope: &Scope) {
    let ids: Vec<&str> = assessment.controls.iter().map(String::as_str).collect();
    let disabled: BTreeSet<String> =
        assessment.controls.iter().filter(|id| scope.is_disabled(id, scope.accounts.keys())).cloned().collect();
    let all = statuses(ids.iter().copied(), &disabled, &assessment.findings);
    assessment.score = Score::new(ids.iter().copied(), &all);
    for standard in directory.standards.iter().filter_map(|id| registry.standard(id)) {
        let controls = standard.controls();
        let judged = ids.iter().copied().filter(|id| controls.contains(id));
        assessment.standards.insert(standard.id.clone(), Score::new(judged, &all));
    }
    let mut by_account: BTreeMap<&AccountId, Vec<&Finding>> = BTreeMap::new();
    for finding in &assessment.findings {
        by_account.entry(&finding.account).or_default().push(finding);
    }
    for (id, name) in &assessment.names {
        if scope.accounts.contains_key(id) {
            let own = by_account.remove(id).unwrap_or_default();
            let statuses = statuses(ids.iter().copied(), &disabled, own);
            assessment.accounts.insert(name.clone(), Score::new(ids.iter().copied(), &statuses));
        }
    }
    assessment.statuses = all;
}

fn exceptions(directory: &Directory, names: &BTreeMap<AccountId, String>) -> (Vec<Exception>, Vec<String>) {
    let mut exceptions = Vec::new();
    let mut notes = Vec::new();
    for exception in &directory.exceptions {
        let account = exception
            .account
            .as_ref()
            .map(|name| names.iter().find(|(_, known)| *known == name).map(|(id, _)| id.clone()));
        let place = format!("exceptions.yaml:{}", exception.line);
        match (account, exception.until.parse()) {
            // An account that was not read now: nothing of it is excepted, or needs to be.
            (Some(None), _) => {}
            (account, Ok(until)) => exceptions.push(Exception {
                control: exception.control.clone(),
                account: account.flatten(),
                resource: exception.resource.clone(),
                owner: exception.owner.clone(),
                reason: exception.reason.clone(),
                until,
            }),
            (_, Err(error)) => notes.push(format!("{place}: `{}` is not a date: {error}", exception.until)),
        }
    }
    (exceptions, notes)
}

fn note(judged: &dodai_controls::Judged<'_>) -> Option<String> {
    use dodai_controls::Standing;
    let exception = judged.exception;
    let of = format!("the exception of {} ({}, until {})", exception.control, exception.owner, exception.until);
    match judged.standing {
        Standing::Holds(_) => None,
        Standing::NotNeeded => Some(format!("{of} is not needed any more: remove it")),
        Standing::Unused => Some(format!("{of} covers nothing: remove it, or correct its resource")),
        Standing::Expired(count) => {
            Some(format!("{of} has expired: it no longer covers {}", counted(count, "finding")))
        }
    }
}

/// One without findings.
#[cfg(test)]
pub fn sample() -> Assessment {
    Assessment {
        format: FORMAT,
        run: String::new(),
        organization: "o-exampleorgid".to_owned(),
        selection: Selection::default(),
        controls: BTreeSet::new(),
        findings: Vec::new(),
        statuses: BTreeMap::new(),
        score: Score::default(),
        standards: BTreeMap::new(),
        accounts: BTreeMap::from([("management".to_owned(), Score::default())]),
        profiles: BTreeMap::new(),
        names: BTreeMap::new(),
        left_out: Vec::new(),
        unread: Vec::new(),
        defects: Vec::new(),
        notes: Vec::new(),
    }
}
