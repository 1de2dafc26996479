//! Asks every feature about every cell and makes one plan of the answers: what was done once is left alone,
//! what is unknown blocks, and everything is in the order in which it may run.

use std::collections::{BTreeMap, BTreeSet};

use dodai_facts::{Cell, Class, Fact, Failure, FailureKind, FeatureScope, Inventory, Reference};
use serde_json::json;

use crate::onboarding::TAG;
use crate::{Action, Blocked, Change, Context, Feature, OWN, Onboarding, Out, Plan, Selection, Target, View};
use crate::{account_tags, organization};

/// Everything that a plan is made of.
#[derive(Debug, Clone, Copy)]
pub struct Input<'a> {
    pub context: &'a Context,
    /// The accounts that exist, in the directory's order.
    pub targets: &'a [Target],
    pub features: &'a [Feature],
    pub inventory: &'a Inventory,
    pub selection: &'a Selection,
}

/// What some accounts need. Accounts are planned independently of each other, so that the rows of one can be dropped
/// before those of the next are read.
#[derive(Debug, Default)]
pub struct Part {
    out: Out,
    /// Features in cells that need nothing.
    satisfied: usize,
}

/// The plan. `organization` is what the organization's own features say (units, accounts, policies).
pub fn plan(input: &Input<'_>, organization: Out) -> Plan {
    assemble(input.context, input.selection, organization, [plan_accounts(input)])
}

/// Asks every feature about every cell of the input's accounts.
pub fn plan_accounts(input: &Input<'_>) -> Part {
    let mut part = Part::default();
    for target in input.targets.iter().filter(|target| selects(&input.selection.accounts, &target.name)) {
        part.satisfied += plan_account(input, target, &mut part.out);
    }
    part
}

/// One plan of the organization's part and those of accounts, which come in the directory's order.
pub fn assemble(
    context: &Context,
    selection: &Selection,
    organization: Out,
    parts: impl IntoIterator<Item = Part>,
) -> Plan {
    let mut out = organization;
    order_references(&mut out.changes);
    leave_unfounded(&mut out);
    let planned: BTreeSet<String> = out.changes.iter().map(|change| change.id.clone()).collect();
    let lifts = std::mem::take(&mut out.lifts);
    let mut satisfied = 0;
    for mut part in parts {
        satisfied += part.satisfied;
        organization::order_lifts(&lifts, &planned, &mut part.out.changes);
        out.append(part.out);
    }
    Plan {
        format: crate::FORMAT,
        tool: env!("CARGO_PKG_VERSION").to_owned(),
        organization: context.organization.clone(),
        selection: selection.clone(),
        changes: in_order(out.changes),
        skipped: out.skipped,
        blocked: out.blocked,
        due: out.due,
        satisfied,
    }
}

/// The cells of an account that a scope and the selection mean.
pub fn cells(context: &Context, target: &Target, scope: FeatureScope, selection: &Selection) -> Vec<Cell> {
    let region = |region: &dodai_facts::Region| Cell::Region(target.id.clone(), region.clone());
    match scope {
        FeatureScope::Account if selection.regions.is_empty() => vec![Cell::Account(target.id.clone())],
        FeatureScope::Home if selects(&selection.regions, context.home.as_str()) => vec![region(&context.home)],
        FeatureScope::Organization | FeatureScope::Account | FeatureScope::Home => Vec::new(),
        FeatureScope::Region => {
            target.regions.iter().filter(|name| selects(&selection.regions, name.as_str())).map(region).collect()
        }
    }
}

fn selects(chosen: &[String], name: &str) -> bool {
    chosen.is_empty() || chosen.iter().any(|choice| choice == name)
}

/// Plans one account; gives how many features in how many cells need nothing.
fn plan_account(input: &Input<'_>, target: &Target, out: &mut Out) -> usize {
    let mut satisfied = 0;
    let mut account = Out::default();
    let mut not_enabled = BTreeSet::new();
    for feature in input.features.iter().filter(|feature| selects(&input.selection.features, feature.info.id)) {
        if !target.features.contains_key(feature.info.id) {
            continue;
        }
        for cell in cells(input.context, target, feature.info.scope, input.selection) {
            let view = View::new(input.context, target, &cell, feature.info, input.inventory);
            let before = (account.changes.len(), account.blocked.len(), account.skipped.len());
            if plan_cell(feature, &view, &mut account) == Answer::NotEnabled {
                not_enabled.insert(cell.clone());
            }
            if before == (account.changes.len(), account.blocked.len(), account.skipped.len()) {
                satisfied += 1;
            }
        }
    }
    order_references(&mut account.changes);
    leave_unfounded(&mut account);
    account_tags::plan(input.context, target, input.selection, &mut account);
    if let Some(change) = onboarding_change(input, target, &account, &not_enabled) {
        account.changes.push(change);
    }
    out.append(account);
    satisfied
}

/// What came of asking a feature about a cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Answer {
    Given,
    /// The Region is not enabled in the account: nothing was done, and nothing may be recorded as done.
    NotEnabled,
}

fn plan_cell(feature: &Feature, view: &View<'_>, account: &mut Out) -> Answer {
    match is_left_alone(feature, view) {
        Ok(true) => {
            account.skip(view, "left since the account was onboarded; it does not opt in to keeping it");
            return Answer::Given;
        }
        Ok(false) => {}
        Err(failure) => {
            account.block(view, failure);
            return Answer::Given;
        }
    }
    if let Some(blocked) = blocked_need(feature, view, account) {
        account.blocked.push(blocked);
        return Answer::Given;
    }
    let mut cell = Out::default();
    match (feature.plan)(view, &mut cell) {
        Ok(()) => {
            for change in &mut cell.changes {
                for needed in needed_by(feature, view, &account.changes) {
                    if !change.needs.contains(&needed) {
                        change.needs.push(needed);
                    }
                }
            }
            account.append(cell);
        }
        Err(failure) if failure.kind == FailureKind::OptedOut => {
            account.skip(view, format!("the Region is not enabled in this account ({})", failure.code));
            return Answer::NotEnabled;
        }
        Err(failure) => account.block(view, failure),
    }
    Answer::Given
}

/// Made once: `initial` features, and `maintained` ones without opt-in, are planned only where the cell was not
/// onboarded yet.
fn is_left_alone(feature: &Feature, view: &View<'_>) -> Result<bool, Failure> {
    let kept = match feature.info.class {
        Class::Managed => true,
        Class::Initial => false,
        Class::Maintained => view.account.maintained.contains(feature.info.id),
    };
    if kept {
        return Ok(false);
    }
    match &view.account.onboarding {
        Fact::Known(onboarding) => Ok(onboarding.covers(view.account.profile, view.cell)),
        Fact::Absent => Ok(false),
        Fact::Unknown(failure) => Err(failure.clone()),
    }
}

/// Whether a cell of a needed feature is one that a change in `view`'s cell stands on: the same cell, the
/// account's global cell, or its home Region.
fn supports(view: &View<'_>, cell: &Cell) -> bool {
    match cell {
        Cell::Organization => false,
        Cell::Account(account) => *account == view.account.id,
        Cell::Region(account, region) => {
            *account == view.account.id && (region == view.region() || *region == view.context.home)
        }
    }
}

/// What blocks a feature that this one needs: its own first cause, however long the chain.
fn blocked_need(feature: &Feature, view: &View<'_>, account: &Out) -> Option<Blocked> {
    let blocked = account
        .blocked
        .iter()
        .find(|blocked| feature.info.needs.contains(&blocked.feature.as_str()) && supports(view, &blocked.cell))?;
    Some(Blocked {
        account: view.account.name.clone(),
        cell: view.cell.clone(),
        feature: view.feature.id.to_owned(),
        by: Some(blocked.by.clone().unwrap_or_else(|| blocked.feature.clone())),
        failure: blocked.failure.clone(),
    })
}

fn needed_by(feature: &Feature, view: &View<'_>, changes: &[Change]) -> Vec<String> {
    changes
        .iter()
        .filter(|change| feature.info.needs.contains(&change.feature.as_str()) && supports(view, &change.cell))
        .map(|change| change.id.clone())
        .collect()
}

/// Records the cells that this plan completes. Needs every change of the account's cells; a cell in which
/// something is unknown, or that is not enabled, is not recorded.
fn onboarding_change(
    input: &Input<'_>,
    target: &Target,
    account: &Out,
    not_enabled: &BTreeSet<Cell>,
) -> Option<Change> {
    if !input.selection.features.is_empty() {
        return None;
    }
    let before = match &target.onboarding {
        Fact::Known(onboarding) => Some(onboarding.clone()),
        Fact::Absent => None,
        Fact::Unknown(_) => return None,
    };
    let mut after = match &before {
        Some(onboarding) if onboarding.profile == target.profile => onboarding.clone(),
        _ => Onboarding::new(target.profile),
    };
    let scopes = [FeatureScope::Account, FeatureScope::Region];
    for cell in scopes.into_iter().flat_map(|scope| cells(input.context, target, scope, input.selection)) {
        if !not_enabled.contains(&cell) && !account.blocked.iter().any(|blocked| blocked.cell == cell) {
            after.add(&cell);
        }
    }
    if before.as_ref() == Some(&after) || after == Onboarding::new(target.profile) {
        return None;
    }
    let tag = json!([{ "Key": TAG, "Value": after.to_string() }]);
    let call = dodai_facts::Call::new(
        "organizations",
        "TagResource",
        &input.context.management,
        &input.context.home,
        json!({ "ResourceId": target.id, "Tags": tag }),
    );
    // By feature: the management account's changes are also those of the organization.
    let place = |change: &Change| change.id.rsplit_once(&change.resource).map(|(start, _)| format!("{start}*"));
    let needs: BTreeSet<String> = account.changes.iter().filter_map(place).collect();
    let before = before.map_or(serde_json::Value::Null, |onboarding| json!(onboarding.to_string()));
    let change = Change {
        id: format!("{}/global/onboarding/record", target.name),
        account: target.name.clone(),
        cell: Cell::Account(target.id.clone()),
        feature: "onboarding".to_owned(),
        resource: "record".to_owned(),
        action: if before.is_null() { Action::Create } else { Action::Update },
        summary: "record in AWS Organizations what was set up".to_owned(),
        settings: Vec::new(),
        calls: vec![call],
        needs: needs.into_iter().collect(),
        writes: vec![format!("organizations/{}#tag:{TAG}", target.id)],
        dangers: Vec::new(),
        at_most: None,
    };
    Some(change.set(TAG, before, json!(after.to_string())))
}

/// A change whose calls refer to another change's replies needs that change.
fn order_references(changes: &mut [Change]) {
    for change in changes {
        let references: BTreeSet<String> = change
            .calls
            .iter()
            .flat_map(|call| call.references().unwrap_or_default())
            .map(|of: Reference| of.change)
            .collect();
        for id in references {
            if id != change.id && !change.needs.contains(&id) {
                change.needs.push(id);
            }
        }
    }
}

/// Takes out what waits for a change that nobody plans (its feature is not selected, was made once and is gone, or
/// is blocked), with everything else that the same feature planned in the same account and Region, and says so.
fn leave_unfounded(out: &mut Out) {
    loop {
        let ids: BTreeSet<&str> = out.changes.iter().map(|change| change.id.as_str()).collect();
        let unfounded = out.changes.iter().find_map(|change| {
            let missing = change.needs.iter().find(|need| !need.ends_with("/*") && !ids.contains(need.as_str()))?;
            Some((change, missing))
        });
        let Some((change, missing)) = unfounded else { return };
        let failure = Failure {
            kind: FailureKind::Absent,
            service: OWN.to_owned(),
            operation: change.feature.clone(),
            account: change.cell.account().cloned(),
            region: change.cell.region().cloned(),
            code: "NeedNotPlanned".to_owned(),
            message: format!("`{}` needs `{missing}`, which is neither there nor part of this plan", change.resource),
            request_id: None,
        };
        let (cell, feature) = (change.cell.clone(), change.feature.clone());
        out.blocked.push(Blocked {
            account: change.account.clone(),
            cell: cell.clone(),
            feature: feature.clone(),
            by: None,
            failure,
        });
        // In a cell a feature is one thing; the organization's features are many things side by side.
        let alone = cell == Cell::Organization;
        let id = change.id.clone();
        out.changes.retain(|change| change.cell != cell || change.feature != feature || (alone && change.id != id));
    }
}

/// The indexes of the changes that each change needs.
pub(crate) fn edges(changes: &[Change]) -> Vec<Vec<usize>> {
    let place: BTreeMap<&str, usize> =
        changes.iter().enumerate().map(|(place, change)| (change.id.as_str(), place)).collect();
    changes
        .iter()
        .enumerate()
        .map(|(own, change)| {
            let mut needed = BTreeSet::new();
            for need in &change.needs {
                match need.strip_suffix("/*") {
                    Some(prefix) => {
                        let start = format!("{prefix}/");
                        let range = place.range(start.as_str()..).take_while(|(id, _)| id.starts_with(&start));
                        needed.extend(range.map(|(_, place)| *place).filter(|place| *place != own));
                    }
                    None => needed.extend(place.get(need.as_str()).copied()),
                }
            }
            needed.into_iter().collect()
        })
        .collect()
}

/// Sorted so that every change stands after what it needs, else as given. Changes of a cycle keep their
/// place at the end: the checker names them.
fn in_order(changes: Vec<Change>) -> Vec<Change> {
    let needed = edges(&changes);
    let mut waiting: Vec<usize> = needed.iter().map(Vec::len).collect();
    let mut dependents: Vec<Vec<usize>> = vec![Vec::new(); changes.len()];
    for (own, needs) in needed.iter().enumerate() {
        for need in needs {
            if let Some(list) = dependents.get_mut(*need) {
                list.push(own);
            }
        }
    }
    let mut ready: BTreeSet<usize> = (0..changes.len()).filter(|place| waiting.get(*place) == Some(&0)).collect();
    let mut order = Vec::with_capacity(changes.len());
    while let Some(place) = ready.pop_first() {
        order.push(place);
        for dependent in dependents.get(place).into_iter().flatten() {
            if let Some(count) = waiting.get_mut(*dependent) {
                *count -= 1;
                if *count == 0 {
                    ready.insert(*dependent);
                }
            }
        }
    }
    let placed: BTreeSet<usize> = order.iter().copied().collect();
    order.extend((0..changes.len()).filter(|place| !placed.contains(place)));
    let mut slots: Vec<Option<Change>> = changes.into_iter().map(Some).collect();
    order.into_iter().filter_map(|place| slots.get_mut(place).and_then(Option::take)).collect()
}
