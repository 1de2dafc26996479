//! What the directory fills into the parameters of guardrails.

use std::collections::{BTreeMap, BTreeSet};

use dodai_policy::library::Source;
use serde_json::Value;

use crate::catalogue::Catalogue;
use crate::directory::Directory;

/// Features whose setting `name` names log buckets, and trails.
const LOG_BUCKETS: [&str; 2] = ["cloudtrail-bucket", "config-bucket"];
const TRAILS: [&str; 1] = ["cloudtrail"];
/// What a name says where the account's id is to stand.
const ACCOUNT: &str = "<account>";

/// What is known. A value that the directory does not give is left out.
pub(crate) fn values(directory: &Directory, catalogue: &Catalogue) -> BTreeMap<Source, Vec<String>> {
    let member = role(&directory.roles.member);
    let mut operators = vec![member.clone()];
    for name in &directory.operators {
        let operator = role(name);
        if !operators.contains(&operator) {
            operators.push(operator);
        }
    }
    let mut values: BTreeMap<Source, Vec<String>> = [
        (Source::ActiveRegions, directory.regions.iter().map(ToString::to_string).collect()),
        (Source::HomeRegion, vec![directory.home_region.to_string()]),
        (Source::LogBuckets, names(directory, catalogue, &LOG_BUCKETS)),
        (Source::MemberRole, vec![member]),
        (Source::NetworkRoles, directory.roles.network.iter().map(|name| role(name)).collect()),
        (Source::Operators, operators),
        (Source::Organization, vec![directory.organization.clone()]),
        (Source::Trails, names(directory, catalogue, &TRAILS)),
    ]
    .into();
    let archive = directory.log_archive.as_deref().and_then(|name| directory.account(name));
    if let Some(id) = archive.and_then(|account| account.id.as_ref()) {
        values.insert(Source::LogArchive, vec![id.to_string()]);
    }
    values
}

/// The roles of this name (or `*` pattern) in every account. A role below a path is another one.
fn role(name: &str) -> String {
    format!("arn:*:iam::*:role/{name}")
}

/// Every name that the setting `name` of these features has in some account, as a pattern that fits all accounts.
fn names(directory: &Directory, catalogue: &Catalogue, features: &[&str]) -> Vec<String> {
    let features: Vec<_> = features.iter().filter_map(|id| catalogue.feature(id)).collect();
    let settings = directory.accounts.iter().flat_map(|account| {
        features.iter().filter_map(|feature| directory.settings(account, feature)).collect::<Vec<_>>()
    });
    let names: BTreeSet<String> = settings
        .filter_map(|settings| settings.get("name").and_then(Value::as_str).map(|name| name.replace(ACCOUNT, "*")))
        .collect();
    names.into_iter().collect()
}
