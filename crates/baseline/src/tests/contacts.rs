//! The contacts that AWS writes to: those that the account's file gives, and no others.

use serde_json::json;

use super::{HOME, SECURE, World, blocked, change, denied, global, work};
use crate::{Action, FEATURES};

const ONE: &str = "profile: basic
contacts: {security: {name: Security, title: Team, email: security@example.com, phone: '+81 3 0000 0000'}}";

#[test]
fn a_contact_is_given_whole() {
    let plan = World::new(ONE).plan();
    let contact = change(&plan, "shop/global/alternate-contacts/security");
    assert_eq!((contact.action, contact.calls[0].name().as_str()), (Action::Create, "account.PutAlternateContact"));
    let expected = json!({
        "AlternateContactType": "SECURITY", "Name": "Security", "Title": "Team", "EmailAddress": "security@example.com",
        "PhoneNumber": "+81 3 0000 0000",
    });
    assert_eq!(contact.calls[0].params, expected);
    assert!(work(&plan).iter().all(|change| !change.id.ends_with("billing")), "what is not given stays");
}

/// It is kept in every profile, and asked for nowhere else.
#[test]
fn it_is_on_where_the_file_gives_contacts() {
    let info = FEATURES.iter().map(|feature| feature.info).find(|info| info.id == dodai_org::CONTACTS).unwrap();
    let is_on = |account: &str| {
        let directory = World::new(account).directory;
        let shop = directory.account("shop").unwrap();
        (directory.settings(shop, info).is_some(), directory.maintains(shop, info))
    };
    assert_eq!(is_on(ONE), (true, true));
    assert_eq!(is_on(SECURE), (false, false));
    assert_eq!(is_on(&format!("{SECURE}\nfeatures: {{alternate-contacts: {{enabled: true}}}}")), (false, false));
    assert_eq!(is_on(&format!("{ONE}\nfeatures: {{alternate-contacts: {{enabled: false}}}}")), (false, false));
    let mut world = World::settled(ONE);
    world.edit("aws_account_security_contact", HOME, |listing| listing.rows.clear());
    assert_eq!(work(&world.plan()).len(), 1, "kept after onboarding, in a basic account too");
}

#[test]
fn a_contact_that_is_not_known_blocks_and_one_that_is_not_given_does_not() {
    let mut world = World::settled(ONE);
    world.edit("aws_account_billing_contact", HOME, |listing| listing.failure = Some(denied()));
    assert_eq!(world.plan().blocked, []);
    world.edit("aws_account_security_contact", HOME, |listing| listing.failure = Some(denied()));
    let plan = world.plan();
    assert!(plan.is_empty());
    assert_eq!(blocked(&plan), [("alternate-contacts".to_owned(), global().to_string())].into());
}
