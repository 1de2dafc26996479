//! A service that one account administers for the organization: its controls give their findings there alone.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::ACCOUNTS;
use super::world::{Ended, MANAGEMENT, World};

/// The accounts in which findings are given.
fn accounts(assessed: &Ended) -> BTreeSet<String> {
    let findings = assessed.json()["findings"].as_array().unwrap().clone();
    findings.iter().map(|finding| finding["account"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn findings_are_the_administrators_where_there_is_one_and_nobodys_guess_where_that_is_not_known() {
    let world = World::new("two-accounts");
    assert_ne!(world.dodai(ACCOUNTS).code, 1);
    let assess = || world.dodai(&["assess", "--quiet", "--format", "json", "--control", "GuardDuty.6"]);
    let (secure, home) = (world.account("secure"), "ap-northeast-1");
    for account in [MANAGEMENT, &secure] {
        world.call(account, home, "guardduty", "CreateDetector", &json!({"Enable": true}));
    }
    let alone = assess();
    assert!(accounts(&alone).len() >= 2, "without an administrator each account has its own: {alone}");

    let service = json!({"ServicePrincipal": "guardduty.amazonaws.com"});
    world.call(MANAGEMENT, home, "organizations", "EnableAWSServiceAccess", &service);
    let of = json!({"ServicePrincipal": "guardduty.amazonaws.com", "AccountId": secure});
    world.call(MANAGEMENT, home, "organizations", "RegisterDelegatedAdministrator", &of);
    let administered = assess();
    assert_eq!(accounts(&administered), BTreeSet::from([secure.clone()]), "{administered}");
    assert_eq!((administered.code, &administered.json()["unread"]), (alone.code, &json!([])));

    world.fault(&json!({"kind": "deny", "service": "organizations", "operation": "ListDelegatedAdministrators"}));
    let unknown = assess();
    assert_eq!((unknown.code, accounts(&unknown)), (3, accounts(&alone)), "{unknown}");
    let said: Vec<Value> = unknown.json()["unread"].as_array().unwrap().clone();
    assert!(said.len() == 1 && said[0].as_str().unwrap().contains("AccessDenied"), "{said:?}");
}
