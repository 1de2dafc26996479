//! Changes that differ only in where they happen are one group: a thousand identical ones read as one line.

use std::collections::BTreeMap;

use dodai_facts::Cell;
use serde_json::Value;

use crate::{Action, Change, Plan, SettingChange};

/// One kind of change and everywhere it happens.
#[derive(Debug, Clone, PartialEq)]
pub struct Group<'a> {
    pub feature: &'a str,
    pub action: Action,
    /// With the account's id, name and Region replaced by `<account>`, `<name>`, `<region>` where the changes of the
    /// group differ in them.
    pub summary: String,
    pub settings: Vec<SettingChange>,
    pub changes: Vec<&'a Change>,
}

impl Group<'_> {
    /// The places of the group: Regions (none for global cells) that have the same accounts, and these.
    pub fn places(&self) -> Vec<(Vec<&str>, Vec<&str>)> {
        let mut accounts_of: BTreeMap<Option<&str>, Vec<&str>> = BTreeMap::new();
        for change in &self.changes {
            let region = change.cell.region().map(dodai_facts::Region::as_str);
            accounts_of.entry(region).or_default().push(&change.account);
        }
        let mut places: Vec<(Vec<&str>, Vec<&str>)> = Vec::new();
        for (region, accounts) in accounts_of {
            match places.iter_mut().find(|(regions, there)| *there == accounts && !regions.is_empty()) {
                Some((regions, _)) if region.is_some() => regions.extend(region),
                _ => places.push((region.into_iter().collect(), accounts)),
            }
        }
        places
    }
}

/// The changes of a plan in groups, in the order in which their features first stand in the plan.
pub fn groups(plan: &Plan) -> Vec<Group<'_>> {
    let mut index: BTreeMap<String, usize> = BTreeMap::new();
    let mut groups: Vec<Group<'_>> = Vec::new();
    for change in &plan.changes {
        let summary = placeless(&change.summary, change);
        let settings: Vec<SettingChange> = change
            .settings
            .iter()
            .map(|setting| SettingChange {
                name: placeless(&setting.name, change),
                before: placeless_value(&setting.before, change),
                after: placeless_value(&setting.after, change),
            })
            .collect();
        let key = format!("{}\n{}\n{summary}\n{settings:?}", change.feature, change.action);
        if let Some(group) = index.get(&key).and_then(|place| groups.get_mut(*place)) {
            group.changes.push(change);
        } else {
            index.insert(key, groups.len());
            groups.push(Group {
                feature: &change.feature,
                action: change.action,
                summary,
                settings,
                changes: vec![change],
            });
        }
    }
    for group in &mut groups {
        if let [first, rest @ ..] = group.changes.as_slice()
            && rest.iter().all(|change| change.summary == first.summary && change.settings == first.settings)
        {
            group.summary.clone_from(&first.summary);
            group.settings.clone_from(&first.settings);
        }
    }
    together(groups)
}

/// A feature's groups side by side, and among them those that do the same with other settings.
fn together(groups: Vec<Group<'_>>) -> Vec<Group<'_>> {
    let mut features: BTreeMap<&str, usize> = BTreeMap::new();
    let mut summaries: BTreeMap<(&str, String), usize> = BTreeMap::new();
    let mut placed: Vec<(usize, usize, Group<'_>)> = Vec::with_capacity(groups.len());
    for (place, group) in groups.into_iter().enumerate() {
        let feature = *features.entry(group.feature).or_insert(place);
        let summary = *summaries.entry((group.feature, group.summary.clone())).or_insert(place);
        placed.push((feature, summary, group));
    }
    placed.sort_by_key(|(feature, summary, _)| (*feature, *summary));
    placed.into_iter().map(|(.., group)| group).collect()
}

fn placeless(text: &str, change: &Change) -> String {
    let mut text = text.to_owned();
    if let Some(account) = change.cell.account() {
        text = text.replace(account.as_str(), "<account>");
    }
    if let Some(region) = change.cell.region() {
        text = text.replace(region.as_str(), "<region>");
    }
    if matches!(change.cell, Cell::Organization) {
        text
    } else {
        text.replace(&format!("`{}`", change.account), "`<name>`")
    }
}

fn placeless_value(value: &Value, change: &Change) -> Value {
    match value {
        Value::String(text) => Value::String(placeless(text, change)),
        Value::Array(items) => items.iter().map(|item| placeless_value(item, change)).collect(),
        Value::Object(fields) => Value::Object(
            fields.iter().map(|(name, value)| (placeless(name, change), placeless_value(value, change))).collect(),
        ),
        other => other.clone(),
    }
}
