//! The names that texts of the directory may refer to: the catalogue's, and those that the directory itself
//! gives to units, accounts, policies and controls.

use std::collections::{BTreeMap, BTreeSet};

use crate::catalogue::Catalogue;
use crate::form::is_unit_name;
use dodai_document::node::{Kind, Node};
use dodai_facts::is_control_id;

#[derive(Debug)]
pub(crate) struct Names<'c> {
    pub(crate) catalogue: &'c Catalogue,
    /// Paths of units; none where `dodai.yaml` does not tell them: then nobody is blamed for naming one.
    pub(crate) units: Option<BTreeSet<String>>,
    /// Paths (with a `/` at their end; empty: the root) below which a unit's name is wrong: nobody is blamed there either.
    pub(crate) misnamed_units: BTreeSet<String>,
    pub(crate) accounts: BTreeSet<String>,
    /// Folder of the policy type -> names.
    pub(crate) policies: BTreeMap<&'static str, BTreeSet<String>>,
    /// Built-in and the user's.
    pub(crate) controls: BTreeSet<String>,
    /// A control file has no id, or a wrong one, which is said of it: nobody is blamed for naming a control.
    pub(crate) misnamed_control: bool,
}

impl<'c> Names<'c> {
    pub(crate) fn of(catalogue: &'c Catalogue) -> Self {
        Self {
            catalogue,
            units: None,
            misnamed_units: BTreeSet::new(),
            misnamed_control: false,
            accounts: BTreeSet::new(),
            policies: BTreeMap::new(),
            controls: catalogue.controls.iter().map(|control| control.id.clone()).collect(),
        }
    }

    /// Takes the paths of the units out of `dodai.yaml`, if it is a map and they are one.
    pub(crate) fn take_units(&mut self, organization: &Node) {
        fn walk(units: Option<&Node>, above: &str, names: &mut Names<'_>, paths: &mut BTreeSet<String>) {
            for entry in units.map(Node::entries).unwrap_or_default() {
                if !is_unit_name(&entry.key) {
                    names.misnamed_units.insert(above.to_owned());
                    continue;
                }
                let path = format!("{above}{}", entry.key);
                walk(entry.value.get("units"), &format!("{path}/"), names, paths);
                paths.insert(path);
            }
        }
        let units = organization.get("units");
        let told = !organization.entries().is_empty() && units.is_none_or(|units| matches!(units.kind, Kind::Map(_)));
        let mut paths = BTreeSet::new();
        walk(units, "", self, &mut paths);
        self.units = told.then_some(paths);
    }

    /// Takes the id out of a control file's header.
    pub(crate) fn take_control(&mut self, sql: &str) {
        let header = sql.trim_start_matches('\u{feff}').lines().map_while(|line| line.strip_prefix("--"));
        match header.filter_map(|line| line.trim_start().strip_prefix("id:")).map(str::trim).next() {
            Some(id) if is_control_id(id) => drop(self.controls.insert(id.to_owned())),
            _ => self.misnamed_control = true,
        }
    }
}
