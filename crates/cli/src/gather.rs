//! From the directory and AWS to a plan: reads what the features need, where they need it, and asks them.

use std::collections::{BTreeMap, BTreeSet};

use dodai_api::Client;
use dodai_baseline::{
    FEATURES, Input, ORGANIZATION_FEATURES, Out, Part, Plan, Selection, Target, View, assemble, plan_accounts,
    plan_organization,
};
use dodai_facts::{Cell, FeatureInfo, Inventory, Scope};
use dodai_inventory::collect::Account;
use dodai_texts::say;
use futures::{StreamExt as _, stream};

use crate::failure::{Error, Result};
use crate::onboarded::Onboardings;
use crate::progress::Progress;
use crate::world::World;

/// Accounts that are read at the same time. Their rows are in memory until they are planned, and no longer.
const ACCOUNTS_AT_ONCE: usize = 48;

/// Reads and plans the selected part. `client` is the world's, or one that is patient with roles of new accounts.
pub async fn plan(world: &World, client: &Client, selection: &Selection, progress: &Progress) -> Result<Plan> {
    progress.stage(&say!("progress-organization"));
    let organization = world.read_organization().await?;
    let targets = world.targets(&world.existing(&organization)?, selection);
    let from_organization = plan_units_accounts_policies(world, selection, &organization);
    drop(organization);
    let parts = read_and_plan(world, client, targets, selection, progress).await?;
    let plan = assemble(&world.context, selection, from_organization, parts);
    let defects = dodai_baseline::check(&plan, &world.context.management);
    if let Some(first) = defects.first() {
        let message = format!("the plan is not sound ({} defects), and is not used: {first}", defects.len());
        return Err(Error::defect(message));
    }
    progress.done(&world.client);
    Ok(plan)
}

/// The organization's own features take part when the whole organization is meant, or they are asked for by name.
fn plan_units_accounts_policies(world: &World, selection: &Selection, inventory: &Inventory) -> Out {
    let part = !selection.accounts.is_empty() || !selection.units.is_empty() || !selection.regions.is_empty();
    let named = ORGANIZATION_FEATURES.iter().any(|feature| selection.features.iter().any(|id| id == feature.info.id));
    if part && !named {
        return Out::default();
    }
    let Some(feature) = ORGANIZATION_FEATURES.first() else { return Out::default() };
    let target = world.organization_target();
    let view = View::new(&world.context, &target, &Cell::Organization, feature.info, inventory);
    plan_organization(&view, world.directory(), &selection.features)
}

/// Accounts side by side, each from its onboarding to its plan: what waits for AWS's rate in one (ten accounts' tags
/// a second) is hidden behind the reading of others.
async fn read_and_plan(
    world: &World,
    client: &Client,
    targets: Vec<Target>,
    selection: &Selection,
    progress: &Progress,
) -> Result<Vec<Part>> {
    let all = targets.len();
    progress.stage(&say!("progress-accounts", accounts = all));
    let onboardings = Onboardings::open(&world.memory).await?;
    let wide = reads(FEATURES.iter().map(|feature| feature.info), |table| is_wide(world, table));
    let wide =
        if wide.is_empty() { Inventory::default() } else { world.collect(client, &wide, Vec::new(), |_| ()).await? };
    let (known, wide) = (&onboardings, &wide);
    let mut running = stream::iter(targets.into_iter().enumerate())
        .map(async |(place, mut target)| {
            let tags = target.tags.are_compared(selection);
            if tags || needs_onboarding(&target, selection) {
                let seen = Box::pin(world.seen(known, &target, tags)).await;
                (target.onboarding, target.tags.now) = (seen.onboarding, seen.tags);
            }
            let mut inventory = wide.clone();
            inventory.merge(Box::pin(read_account(world, client, &target, selection)).await?);
            let targets = std::slice::from_ref(&target);
            let (context, inventory) = (&world.context, &inventory);
            let input = Input { context, targets, features: FEATURES, inventory, selection };
            Result::Ok((place, plan_accounts(&input)))
        })
        .buffer_unordered(ACCOUNTS_AT_ONCE);
    let mut parts = BTreeMap::new();
    while let Some(planned) = running.next().await {
        let (place, part) = planned?;
        parts.insert(place, part);
        progress.step(&say!("progress-accounts-done", done = parts.len(), all = all), parts.len(), all, client);
    }
    drop(running);
    onboardings.keep(&world.memory).await?;
    Ok(parts.into_values().collect())
}

/// The tables that the account's features need; one that none of them asks for is not read in it.
async fn read_account(world: &World, client: &Client, target: &Target, selection: &Selection) -> Result<Inventory> {
    let features = FEATURES
        .iter()
        .map(|feature| feature.info)
        .filter(|info| target.features.contains_key(info.id))
        .filter(|info| selection.features.is_empty() || selection.features.iter().any(|id| id == info.id))
        .filter(|info| is_looked_at(world, target, info, selection));
    let reads = reads(features, |table| !is_wide(world, table));
    if reads.is_empty() {
        return Ok(Inventory::default());
    }
    let mut regions = target.regions.clone();
    if !selection.regions.is_empty() {
        // The home Region holds what other Regions refer to: buckets, keys.
        regions.retain(|region| {
            *region == world.context.home || selection.regions.iter().any(|name| name == region.as_str())
        });
    }
    let account = Account { id: target.id.clone(), name: target.name.clone(), regions };
    world.collect(client, &reads, vec![account], |_| ()).await
}

/// The columns of tables that features need, of those tables that are meant.
fn reads(
    features: impl Iterator<Item = &'static FeatureInfo>,
    meant: impl Fn(&str) -> bool,
) -> BTreeMap<&'static str, BTreeSet<&'static str>> {
    let mut reads: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (table, columns) in features.flat_map(|info| info.reads).filter(|(table, _)| meant(table)) {
        reads.entry(table).or_default().extend(columns.iter().copied());
    }
    reads
}

/// Whether a table is the organization's: read once, and seen by every account.
fn is_wide(world: &World, table: &str) -> bool {
    world.loaded.tables.get(table).is_some_and(|table| table.scope() == Scope::Organization)
}

/// Whether it matters what was done to the account once: for the record of it, which a plan of everything keeps up, and
/// for features that are made once.
fn needs_onboarding(target: &Target, selection: &Selection) -> bool {
    let once = |id: &String| match FEATURES.iter().find(|feature| feature.info.id == *id) {
        Some(feature) => target.features.contains_key(id) && !is_kept(target, feature.info),
        None => false,
    };
    selection.features.is_empty() || selection.features.iter().any(once)
}

/// Whether later runs keep the feature as described.
fn is_kept(target: &Target, info: &FeatureInfo) -> bool {
    match info.class {
        dodai_facts::Class::Managed => true,
        dodai_facts::Class::Initial => false,
        dodai_facts::Class::Maintained => target.maintained.contains(info.id),
    }
}

/// Whether a feature is planned in any cell of the account: what was made once and is not kept needs no reading.
fn is_looked_at(world: &World, target: &Target, info: &FeatureInfo, selection: &Selection) -> bool {
    let cells = dodai_baseline::cells(&world.context, target, info.scope, selection);
    let done = |cell: &Cell| match &target.onboarding {
        dodai_facts::Fact::Known(onboarding) => onboarding.covers(target.profile, cell),
        _ => false,
    };
    !cells.is_empty() && (is_kept(target, info) || !cells.iter().all(done))
}
