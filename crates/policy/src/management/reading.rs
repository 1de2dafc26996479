//! How a service reads its effective policy where the document alone does not show it: a Region in both lists, a Region
//! that is set apart from the default.

use std::collections::HashSet;

use serde_json::{Map, Value};

use crate::PolicyType;

/// What a pair of lists says of a Region.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Enablement {
    Enabled,
    Disabled,
    /// In neither list: the policy leaves it as it is.
    Unmanaged,
}

/// What `enable_in_regions` and `disable_in_regions` say of a Region: disabling wins, `ALL_SUPPORTED` is every Region
/// ("Security Hub policy syntax and examples", "Security Hub CSPM policy syntax and examples"). `lists` is the block of an
/// effective policy that holds both.
pub fn enablement(lists: &Value, region: &str) -> Enablement {
    let named = |key| listed(lists, key).any(|name| name == region || name == "ALL_SUPPORTED");
    if named("disable_in_regions") {
        Enablement::Disabled
    } else if named("enable_in_regions") {
        Enablement::Enabled
    } else {
        Enablement::Unmanaged
    }
}

fn listed<'v>(lists: &'v Value, key: &str) -> impl Iterator<Item = &'v str> {
    lists.get(key).and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str)
}

pub(super) fn notes(kind: &PolicyType, document: &Value) -> Vec<String> {
    match kind.folder {
        "security-hub" => document.get("securityhub").map(lists).unwrap_or_default(),
        "security-hub-cspm" => {
            let blocks = fields(document).filter_map(|(_, value)| value.get("cspm_enablement"));
            blocks.flat_map(lists).collect()
        }
        "guardduty" => document.get("guardduty").map(regions).unwrap_or_default(),
        "upgrade-rollout" if document.pointer("/upgrade_rollout/default/patch_order").is_none() => {
            vec!["resources without one of the tags are upgraded `second`".to_owned()]
        }
        _ => Vec::new(),
    }
}

fn lists(block: &Value) -> Vec<String> {
    let disabled: HashSet<&str> = listed(block, "disable_in_regions").collect();
    let mut enabled = listed(block, "enable_in_regions");
    if disabled.contains("ALL_SUPPORTED") {
        let any = enabled.next().is_some();
        return any.then(|| "every Region is disabled: `disable_in_regions` wins".to_owned()).into_iter().collect();
    }
    enabled
        .filter(|region| disabled.contains(region))
        .map(|region| format!("`{region}` is in both lists: it is disabled"))
        .collect()
}

/// A Region's block replaces `default` whole ("Amazon GuardDuty policy syntax and examples").
fn regions(block: &Value) -> Vec<String> {
    let Some(default) = block.get("default") else { return Vec::new() };
    let mut notes = Vec::new();
    for (region, own) in fields(block).filter(|(region, _)| region.as_str() != "default") {
        let lost: Vec<String> = fields(default)
            .filter(|(feature, _)| own.get(feature.as_str()).is_none())
            .map(|(feature, _)| format!("`{feature}`"))
            .collect();
        if !lost.is_empty() {
            notes.push(format!(
                "`{region}` replaces `default` whole: there the policy does not say {}",
                lost.join(", ")
            ));
        }
    }
    notes
}

fn fields(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flat_map(Map::iter)
}
