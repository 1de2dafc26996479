//! From the directory and AWS to a plan: reads what the features need, where they need it, and asks them.

use std::collections::{BTreeMap, BTreeSet};

use dodai_api::Client;
use dodai_baseline::{FEATURES, Input, ORGANIZATION_FEATURES, Out, Plan, Selection, Target, View, plan_organization};
use dodai_facts::{Cell, Inventory};
use dodai_inventory::collect::Account;

use crate::failure::{Error, Result};
use crate::progress::Progress;
use crate::world::World;

/// Reads and plans the selected part. `client` is the world's, or one that is patient with roles of new accounts.
pub async fn plan(world: &World, client: &Client, selection: &Selection, progress: &Progress) -> Result<Plan> {
    progress.stage("reading the organization");
    let organization = world.read_organization().await?;
    let existing = world.existing(&organization)?;
    let targets = world.targets(&existing, selection).await?;
    let inventory = read(world, client, &targets, selection, organization, progress).await?;
    let from_organization = plan_units_accounts_policies(world, selection, &inventory);
    let input =
        Input { context: &world.context, targets: &targets, features: FEATURES, inventory: &inventory, selection };
    let plan = dodai_baseline::plan(&input, from_organization);
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

/// Accounts that need the same tables are read together; a table that no feature of an account asks for is not
/// read in it.
async fn read(
    world: &World,
    client: &Client,
    targets: &[Target],
    selection: &Selection,
    mut inventory: Inventory,
    progress: &Progress,
) -> Result<Inventory> {
    let mut groups: BTreeMap<Vec<&str>, Vec<Account>> = BTreeMap::new();
    for target in targets {
        let features: Vec<&str> = FEATURES
            .iter()
            .map(|feature| feature.info)
            .filter(|info| target.features.contains_key(info.id))
            .filter(|info| selection.features.is_empty() || selection.features.iter().any(|id| id == info.id))
            .filter(|info| is_looked_at(world, target, info, selection))
            .map(|info| info.id)
            .collect();
        let mut regions = target.regions.clone();
        if !selection.regions.is_empty() {
            // The home Region holds what other Regions refer to: buckets, keys.
            regions.retain(|region| {
                *region == world.context.home || selection.regions.iter().any(|name| name == region.as_str())
            });
        }
        let account = Account { id: target.id.clone(), name: target.name.clone(), regions };
        if !features.is_empty() {
            groups.entry(features).or_default().push(account);
        }
    }
    let all: usize = groups.values().map(Vec::len).sum();
    progress.stage(&format!("reading {all} account{}", if all == 1 { "" } else { "s" }));
    for (features, accounts) in groups {
        let mut reads: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for feature in FEATURES.iter().filter(|feature| features.contains(&feature.info.id)) {
            for (table, columns) in feature.info.reads {
                reads.entry(table).or_default().extend(columns.iter().copied());
            }
        }
        inventory.merge(world.collect(client, &reads, accounts, |now| progress.cells(now, client)).await?);
    }
    Ok(inventory)
}

/// Whether a feature is planned in any cell of the account: what was made once and is not kept needs no reading.
fn is_looked_at(world: &World, target: &Target, info: &dodai_facts::FeatureInfo, selection: &Selection) -> bool {
    let kept = match info.class {
        dodai_facts::Class::Managed => true,
        dodai_facts::Class::Initial => false,
        dodai_facts::Class::Maintained => target.maintained.contains(info.id),
    };
    let cells = dodai_baseline::cells(&world.context, target, info.scope, selection);
    let done = |cell: &Cell| match &target.onboarding {
        dodai_facts::Fact::Known(onboarding) => onboarding.covers(target.profile, cell),
        _ => false,
    };
    !cells.is_empty() && (kept || !cells.iter().all(done))
}
