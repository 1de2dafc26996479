//! Units, accounts, policies and their attachments: made, kept, left, and in the right order.

use std::collections::BTreeSet;

use dodai_facts::Failure;
use serde_json::json;

use super::organization_world::{DENY, Organization, TREE};
use super::{SHOP, change, denied};
use crate::{Action, Danger, ORGANIZATION_FEATURES, Plan};

const SANDBOX: &[(&str, &str)] =
    &[("accounts/shop.yaml", "email: shop@example.com\nunit: Default/Sandbox\nprofile: basic\n")];

fn ids(plan: &Plan) -> Vec<&str> {
    plan.changes.iter().map(|change| change.id.strip_prefix("management/global/").unwrap()).collect()
}

fn whys(plan: &Plan) -> Vec<&str> {
    plan.skipped.iter().map(|skip| skip.why.as_str()).collect()
}

#[test]
fn an_organization_is_made_and_then_left() {
    let mut organization = Organization::new(TREE, SANDBOX);
    let plan = organization.plan();
    let expected = [
        "organization-units/Default",
        "organization-units/Default/Sandbox",
        "policy-types/service-control",
        "policy-types/tag",
        "policies/service-control/deny",
        "policies/tag/cost",
        "accounts/shop",
        "policy-attachments/service-control/deny/Default",
        "policy-attachments/tag/cost/Default/Sandbox",
    ];
    assert_eq!(ids(&plan), expected);
    assert_eq!(plan.due.len(), 1, "{:?}", plan.due);
    let account = change(&plan, "management/global/accounts/shop");
    let tags = json!([{ "Key": "dodai:class", "Value": "managed" }, { "Key": "dodai:feature", "Value": "accounts" }]);
    assert_eq!(account.calls[0].params["Tags"], tags);
    assert_eq!(plan.blocked, []);
    organization.apply(&plan);
    // Its unit denies what the account has yet to do.
    let second = organization.plan();
    assert_eq!(ids(&second), ["accounts/shop"]);
    organization.apply(&second);
    let left = organization.plan();
    assert!(left.is_empty(), "{}", crate::format::text(&left));
    assert_eq!((whys(&left), &left.blocked), (Vec::new(), &Vec::new()));
}

#[test]
fn every_operation_is_reached() {
    let mut reached: BTreeSet<String> = BTreeSet::new();
    let mut worlds = vec![Organization::new(TREE, SANDBOX)];
    let mut changed = Organization::settled(TREE, SANDBOX);
    changed.set("account", ("Id", SHOP), "parent_id", &json!("r-1"));
    changed.set("policy", ("Name", "deny"), "Content", &json!("{}"));
    worlds.push(changed);
    let mut fewer = Organization::settled(TREE, SANDBOX);
    fewer.directory = Organization::new(&TREE[..TREE.find("units").unwrap()], &[]).directory;
    worlds.push(fewer);
    for world in worlds {
        reached.extend(world.plan().changes.iter().flat_map(|change| &change.calls).map(dodai_facts::Call::name));
    }
    for feature in ORGANIZATION_FEATURES {
        for call in feature.info.calls {
            assert!(reached.contains(*call), "{}: no test reaches {call}", feature.info.id);
        }
    }
}

#[test]
fn an_account_is_its_id_or_its_email() {
    // By e-mail, whatever its case; the display name does not matter.
    let mut organization = Organization::settled(TREE, SANDBOX);
    organization.set("account", ("Id", SHOP), "Email", &json!("SHOP@Example.com"));
    organization.set("account", ("Id", SHOP), "Name", &json!("other"));
    assert!(organization.plan().is_empty());
    // An id that is not there is never made.
    let pinned = "id: \"333333333333\"\nemail: shop@example.com\nunit: Default/Sandbox\nprofile: basic\n";
    let organization = Organization::new(TREE, &[("accounts/shop.yaml", pinned)]);
    let plan = organization.plan();
    assert!(!ids(&plan).contains(&"accounts/shop"));
    let expected =
        "the account `shop` (333333333333) is not in the organization; an account with an id is never created";
    assert_eq!(plan.blocked[0].failure.message, expected);
    // Two files that mean one account.
    let both = [
        ("accounts/a.yaml", "id: \"222222222222\"\nemail: a@example.com\nunit: Root\nprofile: basic\n"),
        ("accounts/b.yaml", "email: b@example.com\nunit: Root\nprofile: basic\n"),
    ];
    let mut organization = Organization::new(TREE, &both);
    organization.account(SHOP, "b", "r-1");
    let plan = organization.plan();
    assert_eq!(plan.blocked[0].failure.code, "AccountTwice");
    assert!(!ids(&plan).iter().any(|id| id.starts_with("accounts/")));
}

#[test]
fn an_account_in_the_wrong_unit_is_moved() {
    let mut organization = Organization::settled(TREE, SANDBOX);
    organization.set("account", ("Id", SHOP), "parent_id", &json!("r-1"));
    let plan = organization.plan();
    let moved = change(&plan, "management/global/accounts/shop");
    assert_eq!((&moved.settings[0].before, &moved.settings[0].after), (&json!("Root"), &json!("Default/Sandbox")));
    assert_eq!(moved.calls[0].already, ["DuplicateAccountException"]);
    organization.apply(&plan);
    assert!(organization.plan().is_empty());
}

#[test]
fn an_account_that_is_not_active_is_left() {
    for (state, status) in [("SUSPENDED", json!(null)), ("", json!("SUSPENDED"))] {
        let mut organization = Organization::settled(TREE, SANDBOX);
        organization.set("account", ("Id", SHOP), "State", &json!(state));
        organization.set("account", ("Id", SHOP), "Status", &status);
        organization.set("account", ("Id", SHOP), "parent_id", &json!("r-1"));
        let plan = organization.plan();
        assert!(plan.is_empty());
        assert_eq!(whys(&plan), ["the account `shop` is SUSPENDED"]);
    }
    let mut organization = Organization::settled(TREE, SANDBOX);
    organization.set("account", ("Id", SHOP), "State", &json!(null));
    organization.set("account", ("Id", SHOP), "Status", &json!("ACTIVE"));
    assert!(organization.plan().is_empty(), "an answer of the older form");
}

#[test]
fn what_is_not_in_the_directory_is_named_and_left() {
    let mut organization = Organization::settled(TREE, SANDBOX);
    organization.account("444444444444", "stranger", "r-1");
    organization.insert("unit", &json!({ "Id": "ou-8", "Name": "Old", "parent_id": "ou-1" }));
    organization.insert("unit", &json!({ "Id": "ou-9", "Name": "Default/Sandbox", "parent_id": "r-1" }));
    let plan = organization.plan();
    assert!(plan.is_empty());
    let expected = [
        "the unit `Default/Old` is not in the directory",
        "the unit named `Default/Sandbox` cannot be in a directory (a `/` in a name)",
        "the account `stranger` (444444444444) is not in the directory",
    ];
    assert_eq!(whys(&plan), expected);
}

#[test]
fn a_foreign_policy_of_the_same_name_is_neither_written_nor_attached() {
    let mut organization = Organization::settled(TREE, SANDBOX);
    organization.set("policy", ("Name", "deny"), "tags", &json!({ "team": "theirs" }));
    organization.set("policy", ("Name", "deny"), "Content", &json!("{}"));
    organization.edit("policy_attachment", |all| all.rows.retain(|row| row.values["policy_id"] == "p-FullAWSAccess"));
    let plan = organization.plan();
    assert_eq!(ids(&plan), ["policy-attachments/tag/cost/Default/Sandbox"]);
    assert!(whys(&plan)[0].contains("a policy `service-control/deny` is there and not ours"));
}

#[test]
fn a_policy_is_compared_where_it_differs() {
    let mut organization = Organization::settled(TREE, SANDBOX);
    // The same, otherwise written.
    organization.set("policy", ("Name", "deny"), "Content", &json!(DENY.replace("\"*\"", "[\"*\"]")));
    assert!(organization.plan().is_empty());
    organization.set("policy", ("Name", "deny"), "Content", &json!(DENY.replace("Deny", "Allow")));
    let plan = organization.plan();
    let update = change(&plan, "management/global/policies/service-control/deny");
    let found: Vec<_> = update.settings.iter().map(|it| (it.name.as_str(), &it.before, &it.after)).collect();
    assert_eq!(found, [("Statement.Leave.Effect", &json!("Allow"), &json!("Deny"))]);
    assert!(matches!(&update.dangers[..], [Danger::Guardrail(_)]), "it is attached and denies");
    assert_eq!(update.needs, ["shop/*"], "switch off, then restrict");
    organization.apply(&plan);
    assert!(organization.plan().is_empty());
}

/// A description says nothing of what the policy denies: it waits for nothing.
#[test]
fn a_description_is_kept_as_the_directory_has_it() {
    let mut organization = Organization::settled(TREE, SANDBOX);
    organization.set("policy", ("Name", "deny"), "Description", &json!("by hand"));
    let plan = organization.plan();
    let update = change(&plan, "management/global/policies/service-control/deny");
    let found: Vec<_> = update.settings.iter().map(|it| (it.name.as_str(), &it.before, &it.after)).collect();
    assert_eq!(found, [("description", &json!("by hand"), &json!("dodai: deny"))]);
    assert_eq!(update.calls[0].params, json!({ "PolicyId": "p-2", "Description": "dodai: deny" }));
    assert_eq!((&update.dangers[..], &update.needs[..]), (&[][..], &[][..]));
    // With the content, in one call.
    organization.set("policy", ("Name", "deny"), "Content", &json!("{}"));
    let plan = organization.plan();
    let update = change(&plan, "management/global/policies/service-control/deny");
    assert_eq!(update.calls.len(), 1);
    let given: Vec<&String> = update.calls[0].params.as_object().unwrap().keys().collect();
    assert_eq!(given, ["PolicyId", "Description", "Content"]);
    assert_eq!(update.dangers.len(), 1);
    organization.apply(&plan);
    assert!(organization.plan().is_empty());
}

#[test]
fn guardrails_wait_for_the_accounts_below_and_for_a_flag() {
    let plan = Organization::settled(TREE, SANDBOX);
    let mut organization = plan;
    organization.edit("policy_attachment", |all| all.rows.clear());
    let plan = organization.plan();
    let attach = change(&plan, "management/global/policy-attachments/service-control/deny/Default");
    let expected = "`service-control/deny`: policies/service-control/deny.json:1:41 (`Leave`) denies \
                    `OrganizationAccountAccessRole`: cloudtrail:CreateTrail";
    assert_eq!(attach.dangers, [Danger::Guardrail(expected.to_owned())]);
    assert!(attach.needs.contains(&"shop/*".to_owned()));
    let tag = change(&plan, "management/global/policy-attachments/tag/cost/Default/Sandbox");
    assert_eq!((&tag.dangers[..], tag.needs.contains(&"shop/*".to_owned())), (&[][..], false));
    // Anything at the root reaches everybody.
    let root = TREE.replace("\nunits:", "\nroot: {policies: {tag: [cost]}}\nunits:");
    let files = [
        ("policies/tag/cost.json", r#"{"tags": {"cost": {"tag_key": {"@@assign": "Cost"}}}}"#),
        ("policies/service-control/deny.json", DENY),
    ];
    let plan = Organization::new(&root, &files).plan();
    let attach = change(&plan, "management/global/policy-attachments/tag/cost/Root");
    assert!(matches!(&attach.dangers[..], [Danger::Guardrail(why)] if why.contains("root")));
}

#[test]
fn what_is_ours_and_no_longer_wanted_is_detached_then_deleted() {
    let mut organization = Organization::settled(TREE, SANDBOX);
    let tree = TREE.replace("policies: {service-control: [deny]}, ", "");
    organization.directory = Organization::new(
        &tree,
        &[("policies/tag/cost.json", r#"{"tags": {"cost": {"tag_key": {"@@assign": "Cost"}}}}"#), SANDBOX[0]],
    )
    .directory;
    let plan = organization.plan();
    let expected = ["policy-attachments/service-control/deny/Default", "policies/service-control/deny"];
    assert_eq!(ids(&plan), expected);
    for change in &plan.changes {
        assert_eq!(change.action, Action::Delete);
        assert!(matches!(&change.dangers[..], [Danger::Deletes(_)]));
    }
    organization.apply(&plan);
    assert!(organization.plan().is_empty());
}

/// A part: what refers to something that is not planned is said, the rest goes on.
#[test]
fn a_selected_feature_that_needs_another_says_so() {
    let mut organization = Organization::new(TREE, SANDBOX);
    organization.selected = vec!["policy-attachments".to_owned(), "policy-types".to_owned()];
    let plan = organization.plan();
    assert_eq!(ids(&plan), ["policy-types/service-control", "policy-types/tag"]);
    assert_eq!(plan.blocked.len(), 2);
    assert!(plan.blocked[0].failure.message.contains("which is neither there nor part of this plan"));
}

#[test]
fn what_is_not_known_blocks_what_reads_it() {
    let failing = |failure: Failure, table: &str, column: Option<&str>| {
        let mut organization = Organization::settled(TREE, SANDBOX);
        organization.edit(table, |listing| match column {
            None => listing.failure = Some(failure.clone()),
            Some(column) => {
                for row in &mut listing.rows {
                    row.values.shift_remove(column);
                    row.failures.insert(column.to_owned(), failure.clone());
                }
            }
        });
        organization.plan()
    };
    for feature in ORGANIZATION_FEATURES {
        for (table, columns) in feature.info.reads {
            let name = table.strip_prefix("aws_organizations_").unwrap();
            let all = columns.iter().copied().map(Some).chain([None]);
            for column in all {
                // Looked at only of units, accounts and policies that are not as wanted.
                let seldom = [
                    ("account", "Name"),
                    ("account", "Status"),
                    ("policy_attachment", "TargetId"),
                    ("policy_attachment", "policy_id"),
                    ("policy", "Id"),
                    ("account", "State"),
                    ("account", "parent_id"),
                ];
                let plan = failing(denied(), name, column);
                assert!(plan.is_empty(), "{} {name} {column:?}: {}", feature.info.id, crate::format::text(&plan));
                if column.is_some_and(|column| seldom.contains(&(name, column)))
                    || (column.is_none() && name == "policy_attachment")
                {
                    continue;
                }
                let blocked: BTreeSet<&str> = plan.blocked.iter().map(|block| block.feature.as_str()).collect();
                assert!(!blocked.is_empty(), "{} {name} {column:?}", feature.info.id);
            }
        }
    }
}
