//! Where features may do what they do: `grants.yaml`, with the directory's names filled in.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use dodai_facts::{FeatureInfo, SettingInfo};
use dodai_org::Directory;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::PermissionsError;
use super::statement::Conditions;
use crate::{FEATURES, ORGANIZATION_FEATURES};

/// An entry of `grants.yaml`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Entry {
    #[serde(rename = "for")]
    pub(crate) actions: Vec<String>,
    pub(crate) because: Option<String>,
    #[serde(default = "everything")]
    pub(crate) on: Vec<String>,
    #[serde(default)]
    pub(super) when: Conditions,
    /// Needed only where an account has a value of this setting.
    pub(crate) with: Option<String>,
}

fn everything() -> Vec<String> {
    vec!["*".to_owned()]
}

/// All entries, by feature.
pub(crate) fn entries() -> Result<&'static BTreeMap<String, Vec<Entry>>, PermissionsError> {
    static ENTRIES: OnceLock<Result<BTreeMap<String, Vec<Entry>>, String>> = OnceLock::new();
    let read = || serde_saphyr::from_str(include_str!("grants.yaml")).map_err(|error| error.to_string());
    ENTRIES.get_or_init(read).as_ref().map_err(|error| PermissionsError::Grants(error.clone()))
}

/// A feature as the directory's accounts have it.
#[derive(Debug)]
pub(super) struct Chosen<'d> {
    pub(super) info: &'static FeatureInfo,
    directory: &'d Directory,
    /// Of each account that has it on; of the organization's features none.
    settings: Vec<Map<String, Value>>,
}

impl<'d> Chosen<'d> {
    /// The features that some account has on, in the order of their list; then the organization's.
    pub(super) fn all(directory: &'d Directory) -> Vec<Self> {
        let of = |info| {
            let settings = directory.accounts.iter().filter_map(|account| directory.settings(account, info)).collect();
            Self { info, directory, settings }
        };
        let cells = FEATURES.iter().map(|feature| of(feature.info)).filter(|chosen| !chosen.settings.is_empty());
        let organization =
            ORGANIZATION_FEATURES.iter().map(|feature| Self { info: feature.info, directory, settings: Vec::new() });
        cells.chain(organization).collect()
    }

    /// The resources of an entry: none where it is not needed, or names only settings that no account has a value of.
    pub(super) fn resources(&self, entry: &Entry) -> BTreeSet<String> {
        if !self.needs(entry) {
            return BTreeSet::new();
        }
        entry.on.iter().flat_map(|template| self.filled(template)).collect()
    }

    pub(super) fn needs(&self, entry: &Entry) -> bool {
        entry.with.as_ref().is_none_or(|setting| !self.values(setting).is_empty())
    }

    fn filled(&self, template: &str) -> BTreeSet<String> {
        let partition = self.directory.home_region.partition();
        let text =
            template.replace("{partition}", partition.as_str()).replace("{organization}", &self.directory.organization);
        let Some((before, rest)) = text.split_once('{') else { return [text].into() };
        let Some((name, after)) = rest.split_once('}') else { return [text].into() };
        self.values(name).iter().map(|value| resource(&format!("{before}{value}{after}"))).collect()
    }

    /// The values of a setting, of this feature or (`cloudtrail.name`) another.
    fn values(&self, name: &str) -> BTreeSet<String> {
        let Some((feature, name)) = name.split_once('.') else { return values(&self.settings, self.info, name) };
        let other = FEATURES.iter().map(|other| other.info).find(|info| info.id == feature);
        other.map_or_else(BTreeSet::new, |info| {
            let of = |account| self.directory.settings(account, info);
            values(&self.directory.accounts.iter().filter_map(of).collect::<Vec<_>>(), info, name)
        })
    }
}

fn values(settings: &[Map<String, Value>], info: &FeatureInfo, name: &str) -> BTreeSet<String> {
    let is_setting = |setting: &SettingInfo| setting.name == name;
    if !info.settings.iter().any(is_setting) {
        return BTreeSet::new();
    }
    let adopts = |settings: &Map<String, Value>| settings.get("foreign").and_then(Value::as_str) == Some("adopt");
    if settings.iter().any(adopts) {
        return ["*".to_owned()].into();
    }
    settings.iter().filter_map(|settings| settings.get(name)?.as_str()).map(str::to_owned).collect()
}

/// Who calls is in the account that is meant. In the parts of an ARN before its resource, AWS takes no variables ("IAM policy
/// elements: Variables and tags").
fn resource(text: &str) -> String {
    let mut colons = 0;
    let head = text.find(|character| {
        colons += usize::from(character == ':');
        colons == 5
    });
    let (head, tail) = text.split_at(head.unwrap_or(text.len()));
    let head = head.replace("<account>", "*").replace("<region>", "*");
    head + &tail.replace("<account>", "${aws:PrincipalAccount}").replace("<region>", "*")
}
