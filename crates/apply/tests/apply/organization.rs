//! An organization with the features of the product: a directory, AWS as the baseline's simulator has it, and the
//! planner between them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use dodai_api::Aws;
use dodai_baseline::{
    AccountTags, Context, FEATURES, Input, ONBOARDING_TAG, ORGANIZATION_FEATURES, OrganizationView, Plan, Selection,
    Target, View, plan_organization,
};
use dodai_facts::{AccountId, Call, Cell, Fact, Failure, FailureKind, Inventory, Listing, Region, Row};
use dodai_org::{Catalogue, Directory, SourceFile};
use futures::future::BoxFuture;
use futures::stream::{self, BoxStream, StreamExt};
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::breakable::Service;
use crate::breaking::{Breaks, Now};
use crate::late::{Late, Rows};
use crate::simulator;

const MANAGEMENT: &str = "111111111111";
const HOME: &str = "ap-northeast-1";
const REGIONS: [&str; 2] = [HOME, "us-east-1"];
/// Each call takes twice this; its effect comes in the middle.
const HALF_CALL: Duration = Duration::from_millis(40);
const ACCOUNT_TAKES: Duration = Duration::from_secs(4);

/// What the directory says, and what is there before.
pub struct Case {
    pub name: &'static str,
    pub files: Vec<(&'static str, String)>,
    /// Accounts that exist, at the root.
    pub there: &'static [&'static str],
    /// The accounts whose features are planned; none: those of every account.
    pub only: Option<&'static str>,
    /// Made before the plan, by the plan of an earlier directory or by somebody.
    pub before: Option<fn(&mut Inventory)>,
}

/// Read once, since every run begins with the same.
pub struct Start {
    directory: Directory,
    context: Context,
    /// What the organization's own features are planned for.
    root: Target,
    /// The accounts that are planned, by name.
    targets: BTreeMap<String, Target>,
    inventory: Inventory,
}

/// The organization as it is in one life.
pub struct Organization {
    start: Arc<Start>,
    breaks: Arc<Breaks>,
    state: Mutex<State>,
}

struct State {
    rows: Rows,
    requests: BTreeMap<String, Instant>,
    /// How often a creating call made something.
    made: BTreeMap<String, usize>,
}

#[derive(Debug, PartialEq)]
pub struct End {
    /// What there is, ids replaced by names, twins twice.
    pub things: Vec<String>,
    /// How often each creating call made something.
    pub made: BTreeMap<String, usize>,
}

impl Start {
    pub fn new(case: &Case) -> Arc<Self> {
        let infos = FEATURES.iter().map(|feature| feature.info);
        let features = infos.chain(ORGANIZATION_FEATURES.iter().map(|feature| feature.info)).collect();
        let catalogue = Catalogue { features, ..Catalogue::default() };
        let files: Vec<SourceFile> =
            case.files.iter().map(|(path, text)| SourceFile::text(*path, text.as_str())).collect();
        let directory = dodai_org::read(&files, &catalogue).unwrap_or_else(|problems| panic!("{problems:#?}"));
        let home: Region = HOME.parse().unwrap();
        let context = Context {
            organization: "o-exampleorgid".to_owned(),
            management: MANAGEMENT.parse().unwrap(),
            partition: home.partition(),
            home,
            member_role: "OrganizationAccountAccessRole".to_owned(),
        };
        let mut inventory = empty(directory.accounts.len());
        for (number, name) in ["management"].iter().chain(case.there).enumerate() {
            let id = (number + 1).to_string().repeat(12);
            let account = json!({
                "Id": id, "Name": name, "Email": format!("{name}@example.com"), "State": "ACTIVE", "Status": null,
                "parent_id": "r-1",
            });
            let account = simulator::row(&id, &account);
            let add = |listing: &mut Listing| listing.rows.push(account);
            simulator::edit(&mut inventory, "aws_organizations_account", &Cell::Organization, add);
        }
        if let Some(before) = case.before {
            before(&mut inventory);
        }
        let planned = directory.accounts.iter().filter(|account| case.only.is_none_or(|only| only == account.name));
        let targets = planned.map(|account| (account.name.clone(), target(&directory, &context, account))).collect();
        let root = target(&directory, &context, directory.account("management").unwrap());
        Arc::new(Self { directory, context, root, targets, inventory })
    }

    fn plan(&self, shown: &Inventory) -> Plan {
        let info = ORGANIZATION_FEATURES[0].info;
        let view = View::new(&self.context, &self.root, &Cell::Organization, info, shown);
        let organization = plan_organization(&view, &self.directory, &[]);
        let existing = OrganizationView { view, directory: &self.directory }.existing().unwrap();
        let target = |(name, row): (&String, &&Row)| {
            let id: AccountId = row.id.parse().unwrap();
            let mut now = simulator::account_tags(shown, &id);
            let record = now.remove(ONBOARDING_TAG);
            let onboarding = record.map_or(Fact::Absent, |text| Fact::Known(text.parse().unwrap()));
            let planned = self.targets.get(name)?.clone();
            let tags = AccountTags { now: Fact::Known(now), ..planned.tags };
            Some(Target { id, onboarding, tags, ..planned })
        };
        let targets: Vec<Target> = existing.iter().filter_map(target).collect();
        let selection = Selection::default();
        let (context, targets) = (&self.context, &targets);
        let input = Input { context, targets, features: FEATURES, inventory: shown, selection: &selection };
        dodai_baseline::plan(&input, organization)
    }
}

fn target(directory: &Directory, context: &Context, account: &dodai_org::Account) -> Target {
    let settings = FEATURES.iter().filter_map(|feature| {
        let settings = directory.settings(account, feature.info)?;
        Some((feature.info.id.to_owned(), settings))
    });
    let maintained = FEATURES.iter().filter(|feature| directory.maintains(account, feature.info));
    Target {
        name: account.name.clone(),
        id: context.management.clone(),
        profile: account.profile,
        regions: directory.regions(account).to_vec(),
        features: settings.collect(),
        maintained: maintained.map(|feature| feature.info.id.to_owned()).collect(),
        onboarding: Fact::Absent,
        tags: AccountTags::wanted(account.tags.clone()),
    }
}

/// An organization of nothing but its root, and so many accounts with nothing in them, made or still to be made.
fn empty(accounts: usize) -> Inventory {
    let mut inventory = Inventory::default();
    let reads = |infos: Vec<&dodai_facts::FeatureInfo>| -> BTreeSet<&'static str> {
        infos.iter().flat_map(|info| info.reads).map(|(table, _)| *table).collect()
    };
    for table in reads(FEATURES.iter().map(|feature| feature.info).collect()) {
        for account in 1..=accounts {
            for region in REGIONS {
                let account = account.to_string().repeat(12).parse().unwrap();
                inventory.insert(table, simulator::cell_of(table, &account, region), simulator::given(table, region));
            }
        }
    }
    for table in reads(ORGANIZATION_FEATURES.iter().map(|feature| feature.info).collect()) {
        let rows = match table {
            "aws_organizations_root" => vec![json!({ "Id": "r-1", "PolicyTypes": [] })],
            "aws_organizations_policy" => vec![json!({
                "Id": "p-FullAWSAccess", "Name": "FullAWSAccess", "Type": "SERVICE_CONTROL_POLICY", "AwsManaged": true,
                "Content": "{}", "tags": null,
            })],
            "aws_organizations_policy_attachment" => {
                vec![json!({ "policy_id": "p-FullAWSAccess", "TargetId": "r-1" })]
            }
            _ => Vec::new(),
        };
        let rows = rows.iter().map(|values| simulator::row("given", values)).collect();
        inventory.insert(table, Cell::Organization, Listing { rows, failure: None });
    }
    inventory
}

impl Organization {
    pub fn new(start: Arc<Start>, breaks: Arc<Breaks>, late: Late) -> Self {
        let rows = Rows::new(start.inventory.clone(), late);
        let state = Mutex::new(State { rows, requests: BTreeMap::new(), made: BTreeMap::new() });
        Self { start, breaks, state }
    }

    pub fn end_state(&self) -> End {
        let state = self.state.lock().unwrap();
        let names = names(&state.rows.now);
        let mut things = Vec::new();
        for table in state.rows.now.tables() {
            for (cell, listing) in state.rows.now.table(table) {
                // How often an account was asked for is not how often it was made.
                let rows = listing.rows.iter().filter(|_| table != "aws_organizations_requests");
                for row in rows {
                    let mut values: Vec<(&String, &Value)> = row.values.iter().collect();
                    values.sort_by_key(|(name, _)| *name);
                    let line = format!("{table} {cell} {}", json!(values));
                    things.push(names.iter().fold(line, |line, (id, name)| line.replace(id, name)));
                }
            }
        }
        things.sort();
        End { things, made: state.made.clone() }
    }

    async fn answer(&self, call: &Call) -> Result<Value, Failure> {
        let mutating = !["Describe", "Get", "List"].iter().any(|verb| call.operation.starts_with(verb));
        let now = if mutating { self.breaks.call() } else { Now::GoOn };
        tokio::time::sleep(HALF_CALL).await;
        if now == Now::DieBefore {
            self.breaks.die().await;
        }
        let reply = self.state.lock().unwrap().effect(call, mutating).map_err(|refused| failure(call, refused.0));
        if now == Now::DieAfter {
            self.breaks.die().await;
        }
        tokio::time::sleep(HALF_CALL).await;
        reply
    }
}

impl State {
    /// The accounts whose time has come are there.
    fn pass(&mut self) {
        for request in simulator::requests(&self.rows.now) {
            let made = *self.requests.entry(request.clone()).or_insert_with(Instant::now);
            if made.elapsed() >= ACCOUNT_TAKES {
                simulator::finish(&mut self.rows, &request);
            }
        }
    }

    fn effect(&mut self, call: &Call, mutating: bool) -> simulator::Answer {
        self.pass();
        if !mutating && call.operation != "DescribeCreateAccountStatus" {
            return simulator::call(&mut self.rows.shown(), call);
        }
        let before = self.rows.edits;
        let reply = simulator::call(&mut self.rows, call)?;
        self.pass();
        // A request for an account makes none where there is one of its e-mail address: accounts are counted by rows.
        if call.operation.starts_with("Create") && call.operation != "CreateAccount" && self.rows.edits > before {
            *self.made.entry(format!("{} {}", call.name(), call.account)).or_default() += 1;
        }
        Ok(reply)
    }
}

/// Names for the ids that AWS gives in the order of making.
fn names(inventory: &Inventory) -> Vec<(String, String)> {
    let mut names = Vec::new();
    for kind in ["account", "unit", "policy"] {
        for row in &inventory.get(&format!("aws_organizations_{kind}"), &Cell::Organization).unwrap().rows {
            let text = |column: &str| row.values[column].as_str().unwrap().to_owned();
            names.push((text("Id"), format!("<{kind} {}>", text("Name"))));
        }
    }
    names
}

fn failure(call: &Call, code: &str) -> Failure {
    Failure {
        kind: FailureKind::Invalid,
        service: call.service.clone(),
        operation: call.operation.clone(),
        account: Some(call.account.clone()),
        region: Some(call.region.clone()),
        code: code.to_owned(),
        message: "as the simulator has it".to_owned(),
        request_id: None,
    }
}

impl Service for Organization {
    fn aws(&self) -> &dyn Aws {
        self
    }

    fn left(&self) -> Plan {
        let shown = {
            let mut state = self.state.lock().unwrap();
            state.pass();
            state.rows.shown()
        };
        self.start.plan(&shown)
    }
}

impl Aws for Organization {
    fn call<'a>(
        &'a self,
        account: &'a AccountId,
        region: &'a Region,
        service: &'a str,
        operation: &'a str,
        params: &'a Value,
    ) -> BoxFuture<'a, Result<Value, Failure>> {
        let call = Call::new(service, operation, account, region, params.clone());
        Box::pin(async move { self.answer(&call).await })
    }

    fn pages<'a>(
        &'a self,
        account: &'a AccountId,
        region: &'a Region,
        service: &'a str,
        operation: &'a str,
        params: &'a Value,
    ) -> BoxStream<'a, Result<Value, Failure>> {
        stream::once(self.call(account, region, service, operation, params)).boxed()
    }
}
