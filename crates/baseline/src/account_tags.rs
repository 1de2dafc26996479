//! The tags that the directory gives an account in AWS Organizations: one that is missing or differs is written, every
//! other stays. They are read with the record of onboarding, which is one of them, and only where the directory gives any.

use std::collections::BTreeMap;

use dodai_facts::{Call, Cell, Fact};
use serde_json::{Value, json};

use crate::organization::ACCOUNTS_ID;
use crate::{Action, Blocked, Change, Context, Out, Selection, Target};

/// An account's tags in AWS Organizations.
#[derive(Debug, Clone, PartialEq)]
pub struct AccountTags {
    /// What the directory gives.
    pub wanted: BTreeMap<String, String>,
    /// What is there; absent where nothing is wanted and nobody asked.
    pub now: Fact<BTreeMap<String, String>>,
}

impl AccountTags {
    /// Wanted, and not read yet.
    pub fn wanted(wanted: BTreeMap<String, String>) -> Self {
        Self { wanted, now: Fact::Absent }
    }

    /// Whether a plan of this selection compares them: the account's global cell is part of it, and so are accounts.
    pub fn are_compared(&self, selection: &Selection) -> bool {
        let features = &selection.features;
        !self.wanted.is_empty()
            && selection.regions.is_empty()
            && (features.is_empty() || features.iter().any(|id| id == ACCOUNTS_ID))
    }
}

pub(crate) fn plan(context: &Context, target: &Target, selection: &Selection, out: &mut Out) {
    if !target.tags.are_compared(selection) {
        return;
    }
    let global = Cell::Account(target.id.clone());
    let none = BTreeMap::new();
    let now = match &target.tags.now {
        Fact::Known(now) => now,
        Fact::Absent => &none,
        Fact::Unknown(failure) => {
            let failure = failure.clone();
            let (account, feature) = (target.name.clone(), ACCOUNTS_ID.to_owned());
            out.blocked.push(Blocked { account, cell: global, feature, by: None, failure });
            return;
        }
    };
    let differ: Vec<(&String, &String)> =
        target.tags.wanted.iter().filter(|(key, value)| now.get(*key) != Some(value)).collect();
    if differ.is_empty() {
        return;
    }
    let tags: Vec<Value> = differ.iter().map(|(key, value)| json!({ "Key": key, "Value": value })).collect();
    let params = json!({ "ResourceId": target.id, "Tags": tags });
    let call = Call::new("organizations", "TagResource", &context.management, &context.home, params);
    let mut change = Change {
        id: format!("{}/global/{ACCOUNTS_ID}/tags", target.name),
        account: target.name.clone(),
        cell: global,
        feature: ACCOUNTS_ID.to_owned(),
        resource: "tags".to_owned(),
        action: Action::Update,
        summary: "keep the account's tags in AWS Organizations".to_owned(),
        settings: Vec::new(),
        calls: vec![call],
        needs: Vec::new(),
        writes: Vec::new(),
        dangers: Vec::new(),
        at_most: None,
    };
    for (key, value) in differ {
        change = change.set(key, json!(now.get(key)), json!(value));
        change = change.writes(format!("organizations/{}#tag:{key}", target.id));
    }
    out.changes.push(change);
}
