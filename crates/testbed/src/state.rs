//! Everything that the testbed remembers by itself. Each behaviour owns its part.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use dodai_facts::{AccountId, Region};
use serde_json::Value;

use crate::behaviours::access_analyzer::Analyzers;
use crate::behaviours::account;
use crate::behaviours::config::Recorder;
use crate::behaviours::detective::Graph;
use crate::behaviours::ec2::Settings;
use crate::behaviours::guardduty::Detector;
use crate::behaviours::organizations::create_account::Creation;
use crate::behaviours::organizations::delegation::Trust;
use crate::behaviours::organizations::other_types::Policy;
use crate::behaviours::organizations::policy_types::Change;
use crate::behaviours::security_hub::aggregator::Aggregator;
use crate::behaviours::security_hub::hub::Hub;

/// An account and a Region.
pub(crate) type Place = (AccountId, Region);

/// What there is.
#[derive(Debug, Default)]
pub(crate) struct State {
    /// How many ids were made; see [`State::seed`].
    made: u64,
    pub(crate) hubs: HashMap<Place, Hub>,
    pub(crate) aggregators: HashMap<AccountId, Aggregator>,
    pub(crate) detectors: HashMap<Place, Detector>,
    pub(crate) analyzers: HashMap<Place, Analyzers>,
    pub(crate) graphs: HashMap<Place, Graph>,
    /// Compute Optimizer's status of accounts that have set one.
    pub(crate) enrolments: HashMap<AccountId, String>,
    /// Athena's work groups that were updated, by name, as `GetWorkGroup` gives them.
    pub(crate) work_groups: HashMap<(Place, String), Value>,
    /// Opt-in Regions that were switched.
    pub(crate) region_options: HashMap<(AccountId, Region), account::Switch>,
    /// Trusted services and delegated administrators, by management account.
    pub(crate) trusts: BTreeMap<String, Trust>,
    pub(crate) ec2_settings: HashMap<Place, Settings>,
    /// Security Hub's administrator of the organization, by management account and Region.
    pub(crate) hub_administrators: HashMap<Place, String>,
    /// EC2's default key for EBS, where it is not AWS's.
    pub(crate) ebs_keys: HashMap<Place, String>,
    pub(crate) recorders: HashMap<Place, Recorder>,
    /// In the order of the requests.
    pub(crate) creations: Vec<Creation>,
    /// Policy types under way, by root and type.
    pub(crate) policy_types: BTreeMap<(String, String), Change>,
    /// Policy types that moto does not know and that are enabled, by root.
    pub(crate) other_types: BTreeSet<(String, String)>,
    /// Policies of those types, by id.
    pub(crate) other_policies: BTreeMap<String, Policy>,
    /// Bucket policies as they were put, by bucket.
    pub(crate) bucket_policies: HashMap<String, String>,
    /// Buckets whose requesters pay.
    pub(crate) requesters_pay: HashSet<String>,
    /// Keys that were given to log groups that were there, by name.
    pub(crate) log_group_keys: HashMap<(Place, String), String>,
    /// Regions in which the account has made trails.
    pub(crate) trail_regions: HashMap<AccountId, Vec<Region>>,
}

impl State {
    /// A number that was not given before, to make ids of.
    pub(crate) fn seed(&mut self) -> u64 {
        self.made += 1;
        self.made
    }
}
