//! Carries a plan out on the rows, call by call, as if nothing ever went wrong.

use std::collections::BTreeMap;

use dodai_facts::{AccountId, Call, Inventory, Reference, ReferenceError};
use serde_json::Value;

use super::simulator;
use crate::Plan;

/// A call that AWS refuses is a panic, unless the plan says that the code means that it is done already.
pub(super) fn apply(inventory: &mut Inventory, plan: &Plan) {
    let mut replies: BTreeMap<(String, usize), Value> = BTreeMap::new();
    for change in &plan.changes {
        for (number, call) in change.calls.iter().enumerate() {
            let mut resolve = |reference: &Reference| -> Result<Value, ReferenceError> {
                let reply = replies
                    .get(&(reference.change.clone(), reference.call))
                    .unwrap_or_else(|| panic!("{} comes before {reference}", change.id));
                let path = format!("/{}", reference.path.replace('.', "/"));
                Ok(reply.pointer(&path).unwrap_or_else(|| panic!("{reference} is not in {reply}")).clone())
            };
            let params = Reference::fill(&call.params, &mut resolve).unwrap();
            for request in simulator::requests(inventory) {
                simulator::finish(inventory, &request);
            }
            let reply = simulator::call(inventory, &Call { params, ..call.clone() }).unwrap_or_else(|refused| {
                assert!(
                    call.already.iter().any(|code| code == refused.0),
                    "{}: {}: {}",
                    change.id,
                    call.name(),
                    refused.0
                );
                Value::Null
            });
            replies.insert((change.id.clone(), number), reply);
        }
    }
}

/// The tags that an account was given in AWS Organizations.
pub(super) fn account_tags(inventory: &Inventory, account: &AccountId) -> BTreeMap<String, String> {
    simulator::account_tags(inventory, account)
}
