//! Settings of features: their values checked, and laid over each other: the profile's defaults, then
//! `features` of `dodai.yaml`, then the profile's, then the account's. A value replaces the one below it whole.

use std::collections::{BTreeMap, BTreeSet};

use dodai_facts::{Class, FeatureInfo, Profile, SettingInfo, SettingKind};
use serde_json::{Map, Value};

use crate::catalogue::Catalogue;
use crate::directory::{Account, Directory};
use dodai_document::node::{Entry, Kind, Node};
use dodai_document::problems::{Problems, quote, suggest};

/// The key that switches a feature on or off.
pub(crate) const ENABLED: &str = "enabled";

/// The feature that keeps the `contacts` of an account's file: it has no settings but these, and is on where there are any.
pub const CONTACTS: &str = "alternate-contacts";

/// Feature -> what one place of the directory says of it.
pub type Features = BTreeMap<String, FeatureSettings>;

/// What one place of the directory says of a feature.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct FeatureSettings {
    /// On or off whatever the profile says.
    pub enabled: Option<bool>,
    /// Settings, by name, as the catalogue's kinds have them.
    pub values: Map<String, Value>,
}

/// Which features an account wants kept as described after onboarding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OptIn {
    /// Every feature that the account has on.
    All,
    None,
    /// These; where the profile does not have one, it is added.
    Features(BTreeSet<String>),
}

impl OptIn {
    pub(crate) fn default_of(profile: Profile) -> Self {
        match profile {
            Profile::Basic => Self::None,
            Profile::Secure => Self::All,
        }
    }

    fn names(&self, feature: &FeatureInfo) -> bool {
        matches!(self, Self::Features(features) if features.contains(feature.id))
    }
}

impl Directory {
    /// The settings of a feature in an account, every setting given; none where the feature is off: the
    /// profile does not have it and the account does not opt in, or `enabled: false`.
    pub fn settings(&self, account: &Account, feature: &FeatureInfo) -> Option<Map<String, Value>> {
        let layers = self.layers(account, feature);
        let enabled = layers.iter().rev().find_map(|layer| layer.enabled);
        let on =
            enabled.unwrap_or_else(|| feature.profiles.contains(&account.profile) || account.opt_in.names(feature));
        let contacts = if feature.id == CONTACTS { account.contacts.settings() } else { Map::new() };
        if !on || (feature.id == CONTACTS && contacts.is_empty()) {
            return None;
        }
        let mut settings: Map<String, Value> = feature
            .settings
            .iter()
            .map(|setting| (setting.name.to_owned(), setting.default(account.profile)))
            .collect();
        for layer in layers {
            settings.extend(layer.values.clone());
        }
        settings.extend(contacts);
        Some(settings)
    }

    /// Whether later runs keep the feature as described: it is on, and managed, or maintained and opted in
    /// to, by name or by being switched on in the account's own file. What is made once (`initial`) is its owner's after onboarding, opted in to or not.
    pub fn maintains(&self, account: &Account, feature: &FeatureInfo) -> bool {
        let wanted = match feature.class {
            Class::Managed => true,
            Class::Maintained => {
                let own = account.features.get(feature.id).and_then(|own| own.enabled);
                account.opt_in == OptIn::All || account.opt_in.names(feature) || own == Some(true)
            }
            Class::Initial => false,
        };
        wanted && self.settings(account, feature).is_some()
    }

    /// What is said of a feature, from the widest place to the account's own.
    fn layers<'d>(&'d self, account: &'d Account, feature: &FeatureInfo) -> Vec<&'d FeatureSettings> {
        [Some(&self.features), self.profiles.get(&account.profile), Some(&account.features)]
            .into_iter()
            .flatten()
            .filter_map(|features| features.get(feature.id))
            .collect()
    }
}

/// The features of a checked document.
pub(crate) fn features(node: Option<&Node>, catalogue: &Catalogue) -> Features {
    let mut features = Features::new();
    for entry in node.map(Node::entries).unwrap_or_default() {
        let Some(feature) = catalogue.feature(&entry.key) else { continue };
        let mut found = FeatureSettings { enabled: entry.value.get(ENABLED).and_then(Node::bool), values: Map::new() };
        for setting in entry.value.entries() {
            let info = feature.settings.iter().find(|info| info.name == setting.key);
            if let Some(Ok(value)) = info.map(|info| value(&info.kind, &setting.value)) {
                found.values.insert(setting.key.clone(), value);
            }
        }
        features.insert(entry.key.clone(), found);
    }
    features
}

/// Checks one `name: value` of a feature.
pub(crate) fn check(feature: &FeatureInfo, entry: &Entry, path: &str, problems: &mut Problems<'_>) {
    let wrong = |expected: &str, node: &Node| {
        format!("{} must be {expected}, found {}", quote(&format!("{path}.{}", entry.key)), node.describe())
    };
    if entry.key == ENABLED {
        if entry.value.bool().is_none() {
            problems.add(entry.value.place, wrong("true or false", &entry.value), None);
        }
        return;
    }
    let Some(setting) = feature.settings.iter().find(|setting| setting.name == entry.key) else {
        let names = feature.settings.iter().map(|setting: &SettingInfo| setting.name).chain([ENABLED]);
        let message = format!("feature `{}` has no setting {}", feature.id, quote(&entry.key));
        problems.add(entry.place, message, suggest(&entry.key, names));
        return;
    };
    if let Err(Wrong { node, expected, help }) = value(&setting.kind, &entry.value) {
        problems.add(node.place, wrong(&expected, node), help);
    }
}

struct Wrong<'n> {
    node: &'n Node,
    expected: String,
    help: Option<String>,
}

/// The value that a setting of this kind is given.
fn value<'n>(kind: &SettingKind, node: &'n Node) -> Result<Value, Wrong<'n>> {
    let wrong = |expected: String| Wrong { node, expected, help: None };
    match kind {
        SettingKind::Bool => node.bool().map(Value::Bool).ok_or_else(|| wrong("true or false".to_owned())),
        SettingKind::OptionalText | SettingKind::OptionalInteger { .. } if node.is_null() => Ok(Value::Null),
        SettingKind::Integer { least, most } | SettingKind::OptionalInteger { least, most } => node
            .integer()
            .filter(|number| (*least..=*most).contains(number))
            .map(Value::from)
            .ok_or_else(|| wrong(format!("a whole number from {least} to {most}"))),
        SettingKind::Text | SettingKind::OptionalText => {
            node.text().map(Value::from).ok_or_else(|| wrong("a text".to_owned()))
        }
        SettingKind::Choice(choices) => choice(choices, node).map(Value::from),
        SettingKind::List { choices } => match &node.kind {
            Kind::List(items) => items
                .iter()
                .map(|item| {
                    if choices.is_empty() {
                        let wrong = || Wrong { node: item, expected: "a list of texts".to_owned(), help: None };
                        item.text().map(Value::from).ok_or_else(wrong)
                    } else {
                        choice(choices, item).map(Value::from)
                    }
                })
                .collect::<Result<Vec<Value>, Wrong<'n>>>()
                .map(Value::Array),
            _ => Err(wrong("a list".to_owned())),
        },
        SettingKind::Map => match &node.kind {
            Kind::Map(entries) => entries
                .iter()
                .map(|entry| match entry.value.text() {
                    Some(text) => Ok((entry.key.clone(), Value::from(text))),
                    None => Err(Wrong { node: &entry.value, expected: "a map of texts".to_owned(), help: None }),
                })
                .collect::<Result<Map<String, Value>, Wrong<'n>>>()
                .map(Value::Object),
            _ => Err(wrong("a map of texts".to_owned())),
        },
    }
}

/// A choice may look like another kind of value (`true`, `14`): it is compared as written.
fn choice<'n>(choices: &[&'static str], node: &'n Node) -> Result<&'static str, Wrong<'n>> {
    let written = match &node.kind {
        Kind::Scalar { text, .. } if !node.is_null() => text.as_str(),
        _ => "",
    };
    choices.iter().copied().find(|choice| *choice == written).ok_or_else(|| {
        let all = choices.iter().map(|choice| format!("`{choice}`")).collect::<Vec<_>>().join(", ");
        let help = suggest(written, choices.iter().copied()).filter(|help| help.starts_with("did you mean"));
        Wrong { node, expected: format!("one of {all}"), help }
    })
}
