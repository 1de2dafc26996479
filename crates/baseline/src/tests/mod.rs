//! The baseline's tests: a small organization, what AWS would answer for it, and a simulator that does what a plan's
//! calls say. `World::plan` holds every plan that any test makes to the checker and to what features say they read.

mod account_tags;
mod applied;
mod brownfield;
mod checker;
mod contacts;
mod drift;
mod drift_cases;
mod drift_log_group;
mod formats;
mod guardrail;
mod guardrails;
mod hostile_names;
mod laws;
mod lifting;
mod log_group;
mod log_places;
mod onboarding;
mod organization;
mod organization_world;
mod permissions;
mod registry;
mod selection;
mod simulator;
mod translated;
mod unknown;

use std::collections::{BTreeMap, BTreeSet};

use dodai_facts::{Cell, Fact, Failure, FailureKind, Inventory, Listing, Region};
use dodai_org::{Catalogue, Directory, SourceFile};
use serde_json::Value;
use simulator::{put, row};

use crate::{
    AccountTags, Change, Context, FEATURES, Feature, Input, ORGANIZATION_FEATURES, Onboarding, Out, Plan, Selection,
    Target, View,
};

const MANAGEMENT: &str = "111111111111";
const SHOP: &str = "222222222222";
const HOME: &str = "ap-northeast-1";
const OTHER: &str = "us-east-1";

const SECURE: &str = "profile: secure";
/// Everything that the basic profile has, kept as described.
const BASIC: &str =
    "profile: basic\nopt_in: [iam-password-policy, cloudtrail, cloudtrail-bucket, config, config-bucket]";

/// One account, `shop`, in two Regions.
#[derive(Debug, Clone)]
struct World {
    directory: Directory,
    inventory: Inventory,
    onboarding: Fact<Onboarding>,
    /// Of the account, in AWS Organizations.
    tags: Fact<BTreeMap<String, String>>,
    selection: Selection,
    context: Context,
}

fn context() -> Context {
    let home: Region = HOME.parse().unwrap();
    Context {
        organization: "o-exampleorgid".to_owned(),
        management: MANAGEMENT.parse().unwrap(),
        partition: home.partition(),
        home,
        member_role: "OrganizationAccountAccessRole".to_owned(),
    }
}

pub(crate) fn directory(files: &[(&str, &str)]) -> Directory {
    let infos = FEATURES.iter().map(|feature| feature.info);
    let organization = ORGANIZATION_FEATURES.iter().map(|feature| feature.info);
    let catalogue = Catalogue { features: infos.chain(organization).collect(), ..Catalogue::default() };
    let files: Vec<SourceFile> = files.iter().map(|(path, text)| SourceFile::text(*path, *text)).collect();
    dodai_org::read(&files, &catalogue).unwrap_or_else(|problems| panic!("{problems:#?}"))
}

fn region(name: &str) -> Cell {
    Cell::Region(SHOP.parse().unwrap(), name.parse().unwrap())
}

fn global() -> Cell {
    Cell::Account(SHOP.parse().unwrap())
}

/// The cell of `shop` in which a table is read, seen from a Region.
fn cell_of(table: &str, name: &str) -> Cell {
    simulator::cell_of(table, &SHOP.parse().unwrap(), name)
}

fn denied() -> Failure {
    Failure {
        kind: FailureKind::Denied,
        service: "some".to_owned(),
        operation: "Operation".to_owned(),
        account: Some(SHOP.parse().unwrap()),
        region: None,
        code: "AccessDeniedException".to_owned(),
        message: "not allowed".to_owned(),
        request_id: None,
    }
}

/// Every table that the features of accounts read.
fn tables() -> BTreeSet<&'static str> {
    FEATURES.iter().flat_map(|feature| feature.info.reads).map(|(table, _)| *table).collect()
}

impl World {
    /// A new account: nothing in it, everything read.
    fn new(account: &str) -> Self {
        let organization = format!("organization: o-exampleorgid\nhome_region: {HOME}\nregions: [{HOME}, {OTHER}]\n");
        let directory = directory(&[
            ("dodai.yaml", &organization),
            (
                "accounts/management.yaml",
                "email: management@example.com\nmanagement: true\nunit: Root\nprofile: basic\n",
            ),
            ("accounts/shop.yaml", &format!("email: shop@example.com\nunit: Root\n{account}\n")),
        ]);
        let mut inventory = Inventory::default();
        for table in tables() {
            for name in [HOME, OTHER] {
                inventory.insert(table, cell_of(table, name), simulator::given(table, name));
            }
        }
        let selection = Selection::default();
        let tags = Fact::Known(BTreeMap::new());
        Self { directory, inventory, onboarding: Fact::Absent, tags, selection, context: context() }
    }

    /// A world in which its plan has been applied.
    fn settled(account: &str) -> Self {
        let mut world = Self::new(account);
        let plan = world.plan();
        world.apply(&plan);
        world
    }

    fn target(&self) -> Target {
        let account = self.directory.account("shop").unwrap();
        let settings = FEATURES.iter().filter_map(|feature| {
            let settings = self.directory.settings(account, feature.info)?;
            Some((feature.info.id.to_owned(), settings))
        });
        let maintained = FEATURES.iter().filter(|feature| self.directory.maintains(account, feature.info));
        Target {
            name: account.name.clone(),
            id: SHOP.parse().unwrap(),
            profile: account.profile,
            regions: self.directory.regions(account).to_vec(),
            features: settings.collect(),
            maintained: maintained.map(|feature| feature.info.id.to_owned()).collect(),
            onboarding: self.onboarding.clone(),
            tags: AccountTags { wanted: account.tags.clone(), now: self.tags.clone() },
        }
    }

    /// The plan, which is sound, and for which no feature looked at a column that it does not name.
    fn plan(&self) -> Plan {
        let targets = [self.target()];
        let inventory = &self.inventory;
        let selection = &self.selection;
        let input = Input { context: &self.context, targets: &targets, features: FEATURES, inventory, selection };
        let plan = crate::plan(&input, Out::default());
        assert_eq!(crate::check(&plan, &self.context.management), [], "of {}", crate::format::text(&plan));
        for feature in FEATURES {
            self.reads_what_it_names(feature, &targets[0]);
        }
        for change in plan.changes.iter().filter(|change| !["onboarding", "accounts"].contains(&&*change.feature)) {
            let feature = FEATURES.iter().find(|feature| feature.info.id == change.feature).unwrap();
            for call in &change.calls {
                assert!(feature.info.calls.contains(&call.name().as_str()), "{} calls {}", change.id, call.name());
            }
        }
        plan
    }

    fn reads_what_it_names(&self, feature: &Feature, target: &Target) {
        if !target.features.contains_key(feature.info.id) {
            return;
        }
        let named = restricted(&self.inventory, feature.info.reads);
        for cell in crate::cells(&self.context, target, feature.info.scope, &Selection::default()) {
            let answer = |inventory: &Inventory| {
                let view = View::new(&self.context, target, &cell, feature.info, inventory);
                let mut out = Out::default();
                (feature.plan)(&view, &mut out).map(|()| out)
            };
            assert_eq!(answer(&self.inventory), answer(&named), "{} reads what it does not name", feature.info.id);
        }
    }

    /// Does what a plan says, call by call, and remembers what was recorded.
    fn apply(&mut self, plan: &Plan) {
        applied::apply(&mut self.inventory, plan);
        let mut written = applied::account_tags(&self.inventory, &SHOP.parse().unwrap());
        if let Some(text) = written.remove(crate::ONBOARDING_TAG) {
            self.onboarding = Fact::Known(text.parse().unwrap());
        }
        if let Fact::Known(tags) = &mut self.tags {
            tags.extend(written);
        }
    }

    fn edit(&mut self, table: &str, name: &str, edit: impl FnOnce(&mut Listing)) {
        simulator::edit(&mut self.inventory, table, &cell_of(table, name), edit);
    }

    /// Puts a value at a place of the rows of a table: a column, or a path below it (`Features/0/Status`). A null
    /// takes a member out; of a column it says "known to be absent".
    fn set(&mut self, table: &str, name: &str, path: &str, value: &Value) {
        self.edit(table, name, |listing| {
            assert!(!listing.rows.is_empty(), "{table} has no rows");
            for row in &mut listing.rows {
                put(row, path, value.clone());
            }
        });
    }

    fn insert(&mut self, table: &str, name: &str, values: &Value) {
        self.edit(table, name, |listing| listing.rows.push(row(&format!("{}", listing.rows.len()), values)));
    }
}

/// Only these tables and columns.
fn restricted(inventory: &Inventory, reads: &[(&str, &[&str])]) -> Inventory {
    let mut named = Inventory::default();
    for (table, columns) in reads {
        for (cell, listing) in inventory.table(table) {
            let mut listing = listing.clone();
            for row in &mut listing.rows {
                row.values.retain(|column, _| columns.contains(&column.as_str()));
                row.failures.retain(|column, _| columns.contains(&column.as_str()));
            }
            named.insert(table, cell.clone(), listing);
        }
    }
    named
}

/// The changes but for the record of onboarding.
fn work(plan: &Plan) -> Vec<&Change> {
    plan.changes.iter().filter(|change| change.feature != "onboarding").collect()
}

/// The names of the calls of a plan's work, in order.
fn calls(plan: &Plan) -> Vec<String> {
    work(plan).iter().flat_map(|change| &change.calls).map(dodai_facts::Call::name).collect()
}

fn change<'p>(plan: &'p Plan, id: &str) -> &'p Change {
    let ids: Vec<&str> = plan.changes.iter().map(|change| change.id.as_str()).collect();
    plan.changes.iter().find(|change| change.id == id).unwrap_or_else(|| panic!("no {id} in {ids:#?}"))
}

/// Why features were left alone, by feature and place.
fn skipped(plan: &Plan) -> BTreeMap<(String, String), String> {
    let skipped = plan.skipped.iter();
    skipped.map(|skip| ((skip.feature.clone(), skip.cell.to_string()), skip.why.clone())).collect()
}

/// (feature, cell) of what is blocked.
fn blocked(plan: &Plan) -> BTreeSet<(String, String)> {
    let all: Vec<(String, String)> =
        plan.blocked.iter().map(|block| (block.feature.clone(), block.cell.to_string())).collect();
    let set: BTreeSet<_> = all.iter().cloned().collect();
    assert_eq!(all.len(), set.len(), "blocked twice: {all:?}");
    set
}
