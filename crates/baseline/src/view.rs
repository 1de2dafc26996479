//! What a feature sees of one cell: the settings wanted, the tables read, and nothing else.

use std::collections::{BTreeMap, BTreeSet};

use dodai_facts::{
    AccountId, Call, Cell, Fact, Failure, FailureKind, FeatureInfo, Inventory, Listing, Partition, Profile, Region, Row,
};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

use crate::organization::Lift;
use crate::{AccountTags, Action, Blocked, Change, Due, Onboarding, Skipped};

/// The service that a failure names where a feature or the planner found it, and no call to AWS.
pub const OWN: &str = "dodai";

/// The settings of one feature for one account, defaults filled in.
pub type Settings = Map<String, Value>;

/// What holds for the whole organization.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Context {
    /// `o-…`
    pub organization: String,
    pub management: AccountId,
    pub home: Region,
    pub partition: Partition,
    /// The role that is assumed in member accounts; guardrails must not deny it.
    pub member_role: String,
}

/// One account that exists, as the directory wants it.
#[derive(Debug, Clone, PartialEq)]
pub struct Target {
    /// The name of its file.
    pub name: String,
    pub id: AccountId,
    pub profile: Profile,
    /// The Regions that are active in it; the home Region is one of them.
    pub regions: Vec<Region>,
    /// The features that are on, with their settings.
    pub features: BTreeMap<String, Settings>,
    /// Those of them that later runs keep as described: managed ones and what the account opts in to.
    pub maintained: BTreeSet<String>,
    /// What was done to it once.
    pub onboarding: Fact<Onboarding>,
    /// Its tags in AWS Organizations.
    pub tags: AccountTags,
}

/// What a feature sees. Borrowed, cheap to make for every cell and feature.
#[derive(Debug, Clone, Copy)]
pub struct View<'a> {
    pub context: &'a Context,
    pub account: &'a Target,
    pub cell: &'a Cell,
    pub feature: &'a FeatureInfo,
    pub(crate) inventory: &'a Inventory,
}

impl<'a> View<'a> {
    pub fn new(
        context: &'a Context,
        account: &'a Target,
        cell: &'a Cell,
        feature: &'a FeatureInfo,
        inventory: &'a Inventory,
    ) -> Self {
        Self { context, account, cell, feature, inventory }
    }

    /// The cell's Region; the home Region for an account's or the organization's cell.
    pub fn region(&self) -> &'a Region {
        self.cell.region().unwrap_or(&self.context.home)
    }

    pub fn is_home(&self) -> bool {
        *self.region() == self.context.home
    }

    /// The feature's settings. The directory checked them against the feature's own list, so a mismatch is a
    /// defect of the feature; it blocks the cell instead of guessing.
    pub fn settings<T: DeserializeOwned>(&self) -> Result<T, Failure> {
        self.settings_of(self.feature.id)?.ok_or_else(|| {
            self.failure("SettingsMissing", format!("feature `{}` is not on in this account", self.feature.id))
        })
    }

    /// The settings of another feature of this account; none where it is off.
    pub fn settings_of<T: DeserializeOwned>(&self, feature: &str) -> Result<Option<T>, Failure> {
        self.account
            .features
            .get(feature)
            .map(|settings| {
                serde_json::from_value(Value::Object(settings.clone()))
                    .map_err(|error| self.failure("SettingsInvalid", format!("settings of `{feature}`: {error}")))
            })
            .transpose()
    }

    /// Whether the feature is on in this account.
    pub fn has(&self, feature: &str) -> bool {
        self.account.features.contains_key(feature)
    }

    /// The complete rows of a table in this cell, or in the wider cell that the table is kept for.
    pub fn rows(&self, table: &str) -> Result<&'a [Row], Failure> {
        self.rows_at(table, self.cell)
    }

    /// The complete rows of a table in the account's home Region (or wider).
    pub fn home_rows(&self, table: &str) -> Result<&'a [Row], Failure> {
        self.rows_at(table, &Cell::Region(self.account.id.clone(), self.context.home.clone()))
    }

    /// The complete rows of a table in a Region of the account (or wider).
    pub fn rows_in(&self, table: &str, region: &Region) -> Result<&'a [Row], Failure> {
        self.rows_at(table, &Cell::Region(self.account.id.clone(), region.clone()))
    }

    /// The row of a table that has at most one in a cell.
    pub fn row(&self, table: &str) -> Result<Option<&'a Row>, Failure> {
        Ok(self.rows(table)?.first())
    }

    fn rows_at(&self, table: &str, cell: &Cell) -> Result<&'a [Row], Failure> {
        use dodai_facts::Scope::{Account, Organization, Region};
        let found = [Region, Account, Organization]
            .into_iter()
            .filter_map(|scope| cell.widen(scope))
            .find_map(|cell| self.inventory.get(table, &cell));
        match found {
            Some(listing) => Listing::complete(listing),
            None => Err(Failure {
                kind: FailureKind::NotCollected,
                ..self.failure("NotCollected", format!("table `{table}` was not read in {cell}"))
            }),
        }
    }

    /// What stands in the way, found by the feature or the planner itself and not said by AWS: its service is
    /// [`OWN`].
    pub fn failure(&self, code: &str, message: String) -> Failure {
        Failure {
            kind: FailureKind::Invalid,
            service: OWN.to_owned(),
            operation: self.feature.id.to_owned(),
            account: Some(self.account.id.clone()),
            region: self.cell.region().cloned(),
            code: code.to_owned(),
            message,
            request_id: None,
        }
    }

    /// `<account name>/<region or global>/<feature>/<resource>` for a resource of this feature in this cell.
    pub fn id(&self, resource: &str) -> String {
        self.id_in(self.cell, self.feature.id, resource)
    }

    /// The id of a change of a feature in the account's home Region.
    pub fn home_id(&self, feature: &str, resource: &str) -> String {
        self.id_in(&Cell::Region(self.account.id.clone(), self.context.home.clone()), feature, resource)
    }

    /// The id of a change of a feature in the account's global cell.
    pub fn global_id(&self, feature: &str, resource: &str) -> String {
        self.id_in(&Cell::Account(self.account.id.clone()), feature, resource)
    }

    fn id_in(&self, cell: &Cell, feature: &str, resource: &str) -> String {
        let place = cell.region().map_or("global", Region::as_str);
        format!("{}/{place}/{feature}/{resource}", self.account.name)
    }

    /// A change of this feature in this cell, still without settings and calls.
    pub fn change(&self, resource: &str, action: Action, summary: impl Into<String>) -> Change {
        Change {
            id: self.id(resource),
            account: self.account.name.clone(),
            cell: self.cell.clone(),
            feature: self.feature.id.to_owned(),
            resource: resource.to_owned(),
            action,
            summary: summary.into(),
            settings: Vec::new(),
            calls: Vec::new(),
            needs: Vec::new(),
            writes: Vec::new(),
            dangers: Vec::new(),
            at_most: None,
        }
    }

    /// A call in this account and the cell's Region.
    pub fn call(&self, service: &str, operation: &str, params: Value) -> Call {
        Call::new(service, operation, &self.account.id, self.region(), params)
    }

    /// An idempotency token for the creating call of a resource: the same whenever the same change is planned.
    pub fn token(&self, resource: &str) -> String {
        use sha2::Digest as _;
        let digest = sha2::Sha256::digest(format!("{} {}", self.context.organization, self.id(resource)));
        digest.iter().take(16).fold(String::new(), |token, byte| format!("{token}{byte:02x}"))
    }

    /// The tags that say that a resource is ours, in the order AWS lists take them.
    pub fn tags(&self) -> [(&'static str, &'a str); 2] {
        [("dodai:class", self.feature.class.as_str()), ("dodai:feature", self.feature.id)]
    }

    /// The tags as `{"<name>": "<value>"}`.
    pub fn tag_map(&self) -> Value {
        Value::Object(self.tags().into_iter().map(|(name, value)| (name.to_owned(), json!(value))).collect())
    }

    /// The tags as `[{"<key>": name, "<value>": value}]`, under the member names that the service gives them.
    pub fn tag_list(&self, key: &str, value: &str) -> Value {
        self.tags().into_iter().map(|(name, text)| json!({ key: name, value: text })).collect()
    }

    /// Whether a resource's tags (`{"<name>": "<value>"}`) say that this feature made it.
    pub fn is_ours(&self, tags: &Value) -> bool {
        tags.get("dodai:feature").and_then(Value::as_str) == Some(self.feature.id)
    }

    /// `arn:<partition>:<service>:<region>:<account>:<resource>`
    pub fn arn(&self, service: &str, region: &str, resource: &str) -> String {
        format!("arn:{}:{service}:{region}:{}:{resource}", self.context.partition, self.account.id)
    }
}

/// What a feature says about one cell.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Out {
    pub changes: Vec<Change>,
    pub skipped: Vec<Skipped>,
    pub blocked: Vec<Blocked>,
    pub due: Vec<Due>,
    /// Changes of the organization that those of accounts wait for.
    pub(crate) lifts: Vec<Lift>,
}

impl Out {
    /// Takes a change if it does something.
    pub fn change(&mut self, change: Change) {
        if !change.calls.is_empty() {
            self.changes.push(change);
        }
    }

    /// Takes everything that another answer says.
    pub(crate) fn append(&mut self, mut other: Out) {
        self.changes.append(&mut other.changes);
        self.skipped.append(&mut other.skipped);
        self.blocked.append(&mut other.blocked);
        self.due.append(&mut other.due);
        self.lifts.append(&mut other.lifts);
    }

    /// Accounts wait for a change that lets them do what they are denied.
    pub(crate) fn lift<'n>(
        &mut self,
        change: &Change,
        accounts: impl IntoIterator<Item = &'n str>,
        actions: BTreeSet<String>,
    ) {
        let accounts: BTreeSet<String> = accounts.into_iter().map(str::to_owned).collect();
        if !accounts.is_empty() && !actions.is_empty() {
            self.lifts.push(Lift { change: change.id.clone(), accounts, actions });
        }
    }

    /// Left alone on purpose.
    pub fn skip(&mut self, view: &View<'_>, why: impl Into<String>) {
        self.skipped.push(Skipped {
            account: view.account.name.clone(),
            cell: view.cell.clone(),
            feature: view.feature.id.to_owned(),
            why: why.into(),
        });
    }

    /// Something that this feature needs could not be read, or stands in its way: nothing is planned for it here.
    pub fn block(&mut self, view: &View<'_>, failure: Failure) {
        self.blocked.push(Blocked {
            account: view.account.name.clone(),
            cell: view.cell.clone(),
            feature: view.feature.id.to_owned(),
            by: None,
            failure,
        });
    }
}
