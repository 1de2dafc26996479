//! The names that texts of the directory may refer to: the catalogue's, and those that the directory itself
//! gives to units, accounts, policies and controls.

use std::collections::{BTreeMap, BTreeSet};

use crate::catalogue::Catalogue;
use dodai_document::node::{Kind, Node};

#[derive(Debug)]
pub(crate) struct Names<'c> {
    pub(crate) catalogue: &'c Catalogue,
    /// Paths of units; none where `dodai.yaml` does not tell them: then nobody is blamed for naming one.
    pub(crate) units: Option<BTreeSet<String>>,
    pub(crate) accounts: BTreeSet<String>,
    /// Folder of the policy type -> names.
    pub(crate) policies: BTreeMap<&'static str, BTreeSet<String>>,
    /// Built-in and the user's.
    pub(crate) controls: BTreeSet<String>,
}

impl<'c> Names<'c> {
    pub(crate) fn of(catalogue: &'c Catalogue) -> Self {
        Self {
            catalogue,
            units: None,
            accounts: BTreeSet::new(),
            policies: BTreeMap::new(),
            controls: catalogue.controls.iter().map(|control| control.id.clone()).collect(),
        }
    }

    /// Takes the paths of the units out of `dodai.yaml`, if it is a map and they are one.
    pub(crate) fn take_units(&mut self, organization: &Node) {
        fn walk(units: Option<&Node>, above: &str, paths: &mut BTreeSet<String>) {
            for entry in units.map(Node::entries).unwrap_or_default() {
                let path = format!("{above}{}", entry.key);
                walk(entry.value.get("units"), &format!("{path}/"), paths);
                paths.insert(path);
            }
        }
        let units = organization.get("units");
        let told = !organization.entries().is_empty() && units.is_none_or(|units| matches!(units.kind, Kind::Map(_)));
        self.units = told.then(|| {
            let mut paths = BTreeSet::new();
            walk(units, "", &mut paths);
            paths
        });
    }

    /// Takes the id out of a control file's header.
    pub(crate) fn take_control(&mut self, sql: &str) {
        let header = sql.trim_start_matches('\u{feff}').lines().map_while(|line| line.strip_prefix("--"));
        if let Some(id) = header.filter_map(|line| line.trim_start().strip_prefix("id:")).map(str::trim).next() {
            self.controls.insert(id.to_owned());
        }
    }
}
