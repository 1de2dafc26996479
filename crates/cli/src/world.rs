//! The organization as AWS has it: who we are there, whether it is the one that the directory describes, and
//! which of its accounts are the directory's.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use dodai_api::store::Store;
use dodai_api::{Client, Deadlines, Exchanges, Settings};
use dodai_baseline::{
    AccountTags, Context, FEATURES, ORGANIZATION_FEATURES, OrganizationView, Selection, Target, View, account_state,
};
use dodai_facts::{AccountId, Cell, Fact, FeatureScope, Inventory, Region};
use dodai_inventory::collect::{Account, Collection, Progress, collect_into_inventory};
use dodai_inventory::snapshot::{RunId, SnapshotPlace};
use dodai_inventory::tables::Wanted;
use dodai_org::{Directory, State};
use dodai_texts::say;
use serde_json::{Value, json};

use crate::args::Global;
use crate::directory::Loaded;
use crate::failure::{Error, Result};
use crate::left_out::of_organization;
use crate::onboarded::{self, Onboardings, Seen};
use crate::open_files::requests_at_once;
use crate::reading::{Ask, Reading, known, place, read, stored_alone};
use crate::recording::forgetful;

/// Cells that are read at the same time.
pub const CELLS_AT_ONCE: usize = 64;

/// A session in the organization that the directory describes.
pub struct World {
    pub loaded: Arc<Loaded>,
    pub client: Client,
    pub context: Context,
    /// Where runs, journal and lock are kept.
    pub store: Store,
    /// Where what was seen of AWS is remembered.
    pub memory: Store,
}

/// An account of the directory that exists.
#[derive(Debug, Clone)]
pub struct Existing {
    pub name: String,
    pub id: AccountId,
    pub status: String,
}

impl World {
    /// Connects, and makes sure that this is the organization that the directory pins and these are its
    /// management account's credentials.
    pub async fn connect(global: &Global, loaded: Arc<Loaded>) -> Result<Self> {
        let directory = &loaded.directory;
        let client = client(global, directory, global.recording.exchanges()?).await;
        let identity = client.identity().await.map_err(|failure| Error::credentials(&failure))?;
        let context = Context {
            organization: directory.organization.clone(),
            management: identity.account.clone(),
            home: directory.home_region.clone(),
            partition: directory.home_region.partition(),
            member_role: directory.roles.member.clone(),
        };
        if identity.partition != context.partition.as_str() {
            return Err(Error::new(
                format!(
                    "the credentials are of the partition `{}`, the home Region is in `{}`",
                    identity.partition, context.partition
                ),
                "use credentials of the home Region's partition",
            ));
        }
        let store = open_store(global, directory).await?;
        let memory = global.recording.memory(&store);
        let world = Self { loaded, client, context, store, memory };
        world.is_our_organization(&identity.arn).await?;
        Ok(world)
    }

    async fn is_our_organization(&self, arn: &str) -> Result<()> {
        let (management, home) = (&self.context.management, &self.context.home);
        let reply =
            self.client.call(management, home, "organizations", "DescribeOrganization", &json!({})).await.map_err(
                |failure| {
                    Error::calling(&failure, "dodai needs organizations:DescribeOrganization to know where it is")
                },
            )?;
        let text =
            |name: &str| reply.pointer(&format!("/Organization/{name}")).and_then(Value::as_str).unwrap_or_default();
        if text("Id") != self.context.organization {
            return Err(Error::new(
                format!(
                    "these credentials are of the organization `{}`, the directory describes `{}`",
                    text("Id"),
                    self.context.organization
                ),
                "use the other organization's credentials (--aws-profile), or another directory (-C)",
            ));
        }
        if text("MasterAccountId") != management.as_str() {
            return Err(Error::new(
                format!(
                    "`{arn}` is not in the organization's management account, which is {}",
                    text("MasterAccountId")
                ),
                "use credentials of the management account (--aws-profile)",
            ));
        }
        if text("FeatureSet") != "ALL" {
            return Err(Error::new(
                "the organization has consolidated billing features only".to_owned(),
                "enable all features of the organization first (EnableAllFeatures): policies need them",
            ));
        }
        let pinned = self.loaded.directory.management().and_then(|account| account.id.as_ref());
        if pinned.is_some_and(|id| id != management) {
            return Err(Error::new(
                format!("the directory says that another account than {management} is the management account"),
                "correct `id` in the file of the account that has `management: true`",
            ));
        }
        Ok(())
    }

    pub fn directory(&self) -> &Directory {
        &self.loaded.directory
    }

    /// Reads columns of tables: the organization's, and those of the given accounts.
    pub async fn collect(
        &self,
        client: &Client,
        reads: &BTreeMap<&str, BTreeSet<&str>>,
        accounts: Vec<Account>,
        progress: impl Fn(Progress) + Send,
    ) -> Result<Inventory> {
        let mut tables = Vec::new();
        for (name, columns) in reads {
            let table = self.loaded.tables.table(name).map_err(Error::defect)?;
            let wanted: Wanted = table.want(columns.iter().copied()).map_err(Error::defect)?;
            tables.push((table.clone(), wanted));
        }
        let collection = Collection {
            management: self.context.management.clone(),
            home: self.context.home.clone(),
            accounts,
            tables,
            concurrency: CELLS_AT_ONCE,
        };
        collect_into_inventory(Arc::new(client.clone()), &collection, progress)
            .await
            .map_err(|stopped| Error::defect(stopped.to_string()))
    }

    /// Reads tables of the existing accounts that are selected, and keeps them as a run.
    pub async fn read(
        &self,
        selection: &Selection,
        wanted: BTreeMap<String, BTreeSet<String>>,
        place: SnapshotPlace,
        run: RunId,
        progress: &crate::progress::Progress,
    ) -> Result<Reading> {
        progress.stage(&say!("progress-organization"));
        let organization = self.read_organization().await?;
        let mut existing = self.existing(&organization)?;
        let left_out = of_organization(self.directory(), selection, &existing);
        existing.retain(|account| selection.accounts.is_empty() || selection.accounts.contains(&account.name));
        let accounts = known(self.directory(), &existing, &selection.regions);
        progress.stage(&say!("progress-tables", tables = wanted.len(), accounts = accounts.len()));
        let ask = Ask {
            aws: Arc::new(self.client.clone()),
            tables: &self.loaded.tables,
            management: self.context.management.clone(),
            home: self.context.home.clone(),
            accounts,
            wanted,
            place,
            run,
        };
        let mut reading = read(ask, |now| progress.cells(now, &self.client)).await?;
        reading.left_out = left_out;
        progress.done(&self.client);
        Ok(reading)
    }

    /// The organization's own tables, as far as planning needs them.
    pub async fn read_organization(&self) -> Result<Inventory> {
        let mut reads: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for feature in ORGANIZATION_FEATURES {
            for (table, columns) in feature.info.reads {
                reads.entry(table).or_default().extend(columns.iter().copied());
            }
        }
        self.collect(&self.client, &reads, vec![self.management_account()], |_| ()).await
    }

    fn management_account(&self) -> Account {
        let name =
            self.directory().management().map_or_else(|| "management".to_owned(), |account| account.name.clone());
        Account { id: self.context.management.clone(), name, regions: vec![self.context.home.clone()] }
    }

    /// The management account as a target without features: what the organization's own features see.
    pub fn organization_target(&self) -> Target {
        let account = self.management_account();
        let profile = self.directory().management().map_or(dodai_facts::Profile::Basic, |account| account.profile);
        Target {
            name: account.name,
            id: account.id,
            profile,
            regions: account.regions,
            features: BTreeMap::new(),
            maintained: BTreeSet::new(),
            onboarding: Fact::Absent,
            tags: AccountTags::wanted(BTreeMap::new()),
        }
    }

    /// The directory's accounts that exist. The list of accounts is needed for everything: where it cannot be
    /// read, nothing goes on.
    pub fn existing(&self, organization: &Inventory) -> Result<Vec<Existing>> {
        let target = self.organization_target();
        let Some(feature) = ORGANIZATION_FEATURES.first() else { return Ok(Vec::new()) };
        let view = View::new(&self.context, &target, &Cell::Organization, feature.info, organization);
        let rows = OrganizationView { view, directory: self.directory() }.existing().map_err(|failure| {
            Error::calling(&failure, "without the list of accounts nothing can be planned or judged")
        })?;
        let mut found = Vec::new();
        for (name, row) in rows {
            let id = row.values.get("Id").and_then(Value::as_str).unwrap_or_default();
            let id: AccountId = id
                .parse()
                .map_err(|error| Error::from_display(format!("AWS's id of the account `{name}`: {error}")))?;
            let status = account_state(row).map_err(|failure| {
                Error::calling(&failure, "an account whose state is not known cannot be worked in")
            })?;
            found.push(Existing { name, id, status: status.to_owned() });
        }
        Ok(found)
    }

    /// The accounts that can be worked in, as the directory wants them. What was done to them once is not known yet.
    pub fn targets(&self, existing: &[Existing], selection: &Selection) -> Vec<Target> {
        let directory = self.directory();
        let active: BTreeMap<&str, &Existing> = existing
            .iter()
            .filter(|there| there.status == "ACTIVE")
            .map(|there| (there.name.as_str(), there))
            .collect();
        let mut targets = Vec::new();
        for account in &directory.accounts {
            let Some(there) = active.get(account.name.as_str()) else { continue };
            if !selection.accounts.is_empty() && !selection.accounts.contains(&account.name) {
                continue;
            }
            let mut features = BTreeMap::new();
            let mut maintained = BTreeSet::new();
            for feature in FEATURES {
                if let Some(settings) = directory.settings(account, feature.info) {
                    features.insert(feature.info.id.to_owned(), settings);
                    if directory.maintains(account, feature.info) {
                        maintained.insert(feature.info.id.to_owned());
                    }
                }
            }
            targets.push(Target {
                name: account.name.clone(),
                id: there.id.clone(),
                profile: account.profile,
                regions: directory.regions(account).to_vec(),
                features,
                maintained,
                onboarding: Fact::Absent,
                tags: AccountTags::wanted(account.tags.clone()),
            });
        }
        targets
    }

    /// What was done to an account once, of everything that the directory wants in it; its tags where they are asked for.
    pub async fn seen(&self, onboardings: &Onboardings, target: &Target, tags: bool) -> Seen {
        let whole = Selection::default();
        let scopes = [FeatureScope::Account, FeatureScope::Region].into_iter();
        let cells = scopes.flat_map(|scope| dodai_baseline::cells(&self.context, target, scope, &whole)).collect();
        let wanted = onboarded::Wanted { account: target.id.clone(), profile: target.profile, cells, tags };
        onboardings.of(&self.client, &self.context, &wanted).await
    }
}

/// A client of the directory's organization. AWS is not asked anything yet.
async fn client(global: &Global, directory: &Directory, exchanges: Exchanges) -> Client {
    Client::connect(Settings {
        aws_profile: global.aws_profile.clone(),
        member_role: directory.roles.member.clone(),
        external_id: directory.roles.external_id.clone(),
        allow_http: global.allow_http,
        exchanges,
        concurrency: requests_at_once(),
        deadlines: Deadlines {
            attempt: Duration::from_secs(global.timeout.into()),
            fault: Duration::from_secs(global.retry_for.into()),
            throttled: Duration::from_secs(global.retry_throttled_for.max(global.retry_for).into()),
        },
        ..Settings::new(directory.home_region.clone())
    })
    .await
}

/// The state that a directory names; a relative folder lies in the directory. On a replay a state in S3 is an empty one.
pub async fn open_store(global: &Global, directory: &Directory) -> Result<Store> {
    let opened = match &directory.state {
        State::Folder(folder) => Store::open(&global.directory.join(folder).to_string_lossy(), None),
        State::S3 { .. } if global.recording.is_replay() => return Ok(forgetful()),
        State::S3 { bucket, prefix } => {
            let access = client(global, directory, Exchanges::Live).await.s3_access(&directory.home_region);
            Store::open(&format!("s3://{bucket}/{prefix}"), Some(&access))
        }
    };
    opened.map_err(Error::from_display)
}

/// What can be asked: a stored run, or AWS now.
pub enum Source<'r> {
    Stored(&'r str),
    Aws(Box<World>),
}

impl<'r> Source<'r> {
    /// Connects, where no run is named.
    pub async fn open(global: &Global, loaded: &Arc<Loaded>, run: Option<&'r str>) -> Result<Self> {
        Ok(match run {
            Some(run) => Self::Stored(run),
            None => Self::Aws(Box::new(World::connect(global, Arc::clone(loaded)).await?)),
        })
    }

    /// Reads what is wanted, kept as a run or only for as long as it is asked. A stored run has what it has.
    pub async fn read(
        &self,
        global: &Global,
        loaded: &Loaded,
        selection: &Selection,
        wanted: BTreeMap<String, BTreeSet<String>>,
        keep: bool,
    ) -> Result<Reading> {
        let directory = &loaded.directory;
        let world = match self {
            Self::Stored(run) => {
                let place = place(global, directory, &open_store(global, directory).await?).await?;
                return stored_alone(&loaded.tables, directory, selection, place, run).await;
            }
            Self::Aws(world) => world,
        };
        let progress = crate::progress::Progress::new(global.quiet);
        let run = global.recording.run_id();
        if keep && !global.recording.is_replay() {
            let place = place(global, directory, &world.store).await?;
            return world.read(selection, wanted, place, run, &progress).await;
        }
        let scratch = tempfile::tempdir().map_err(Error::from_display)?;
        let place = SnapshotPlace::local(scratch.path()).await.map_err(Error::from_display)?;
        let mut reading = world.read(selection, wanted, place, run, &progress).await?;
        reading.scratch = Some(scratch);
        Ok(reading)
    }
}

/// The selection with units resolved to accounts, or what of it does not exist.
pub fn selection(directory: &Directory, args: &crate::args::SelectionArgs, features: &[String]) -> Result<Selection> {
    let mut accounts: BTreeSet<String> = BTreeSet::new();
    for name in &args.account {
        if directory.account(name).is_none() {
            let names = directory.accounts.iter().map(|account| account.name.as_str());
            return Err(Error::unknown("account", name, names));
        }
        accounts.insert(name.clone());
    }
    for path in &args.unit {
        if directory.unit(path).is_none() {
            return Err(Error::unknown("unit", path, directory.unit_paths()));
        }
        accounts.extend(directory.accounts_in(path).map(|account| account.name.clone()));
    }
    if !args.unit.is_empty() && accounts.is_empty() {
        return Err(Error::new("the unit has no accounts".to_owned(), "choose another with --unit"));
    }
    for region in &args.region {
        if !directory.regions.iter().any(|known| known.as_str() == region) {
            return Err(Error::unknown("active Region", region, directory.regions.iter().map(Region::as_str)));
        }
    }
    for feature in features {
        if !crate::directory::features().any(|known| known.id == feature) {
            return Err(Error::unknown("feature", feature, crate::directory::features().map(|known| known.id)));
        }
    }
    Ok(Selection {
        accounts: accounts.into_iter().collect(),
        units: args.unit.clone(),
        regions: args.region.clone(),
        features: features.to_vec(),
    })
}
