//! The order of locking: what denies our work comes after it, what let it be denied goes before; accounts that move count
//! as policies that are attached and detached.

use serde_json::{Value, json};

use super::organization_world::{DENY, Organization, TREE};
use super::{SECURE, SHOP, World, change};
use crate::{Danger, Input, Plan};

const SANDBOX: &str = "email: shop@example.com\nunit: Default/Sandbox\nprofile: secure\nid: \"222222222222\"\n";
const COST: &str = r#"{"tags": {"cost": {"tag_key": {"@@assign": "Cost"}}}}"#;
const MOVE: &str = "management/global/accounts/shop";
const TRAIL: &str = "shop/ap-northeast-1/cloudtrail/trail";
const ATTACHMENT: &str = "management/global/policy-attachments/service-control/deny/Default";

/// `shop` stands in its unit below `deny`, which denies `cloudtrail:CreateTrail`.
fn settled() -> Organization {
    let files = [("accounts/shop.yaml", SANDBOX)];
    let mut organization = Organization::new(TREE, &files);
    organization.account(SHOP, "shop", "r-1");
    let plan = organization.plan();
    organization.apply(&plan);
    assert!(organization.plan().is_empty());
    organization
}

fn wants(tree: &str, account: &str, deny: &str) -> dodai_org::Directory {
    let files = [
        ("accounts/shop.yaml", account),
        ("policies/service-control/deny.json", deny),
        ("policies/tag/cost.json", COST),
    ];
    Organization::new(tree, &files).directory
}

/// The plan of the organization and of a new account `shop` together, which is sound.
fn whole(organization: &Organization) -> Plan {
    let world = World::new(SECURE);
    let targets = [world.target()];
    let (context, inventory, selection) = (&world.context, &world.inventory, &world.selection);
    let input = Input { context, targets: &targets, features: crate::FEATURES, inventory, selection };
    let plan = crate::plan(&input, organization.out());
    assert_eq!(crate::check(&plan, &context.management), []);
    plan
}

/// Those of the account that wait for this change.
fn waiting<'p>(plan: &'p Plan, id: &str) -> Vec<&'p str> {
    let waiting = plan.changes.iter().filter(|change| change.needs.iter().any(|need| need == id));
    waiting.map(|change| change.id.as_str()).filter(|id| id.starts_with("shop/")).collect()
}

fn guardrails(plan: &Plan, id: &str) -> Vec<String> {
    let dangers = change(plan, id).dangers.iter();
    let of = |danger: &Danger| match danger {
        Danger::Guardrail(why) => Some(why.clone()),
        _ => None,
    };
    dangers.filter_map(of).collect()
}

#[test]
fn an_account_comes_under_a_policy_when_its_work_is_done() {
    let mut organization = settled();
    organization.set("account", ("Id", SHOP), "parent_id", &json!("r-1"));
    let plan = whole(&organization);
    let whys = guardrails(&plan, MOVE);
    assert!(matches!(&whys[..], [why] if why.contains("cloudtrail:CreateTrail")), "{whys:?}");
    assert_eq!(change(&plan, MOVE).needs, ["shop/*"]);
    let place = |id: &str| plan.changes.iter().position(|change| change.id == id).unwrap();
    assert!(place(TRAIL) < place(MOVE));
    assert!(waiting(&plan, MOVE).is_empty());
}

/// A new account, whose unit denies `cloudtrail:CreateTrail` or lets nobody in, is named as one that moves there is; it is made,
/// does its work at the root, and then moves.
#[test]
fn a_new_account_comes_under_a_policy_when_its_work_is_done() {
    let new = SANDBOX.replace("id: \"222222222222\"\n", "");
    let create = |tree: &str, files: &[(&str, &str)]| {
        let organization = Organization::new(tree, &[&[("accounts/shop.yaml", new.as_str())], files].concat());
        let plan = organization.plan();
        let calls: Vec<String> = change(&plan, MOVE).calls.iter().map(|call| call.operation.clone()).collect();
        let due: Vec<String> = plan.due.iter().map(|due| due.why.clone()).collect();
        (guardrails(&plan, MOVE), calls, due)
    };
    let made = ["CreateAccount", "DescribeCreateAccountStatus"];
    let (whys, calls, due) = create(TREE, &[]);
    assert!(matches!(&whys[..], [why] if why.contains("cloudtrail:CreateTrail")), "{whys:?}");
    assert_eq!(calls, made);
    let expected = "its cells follow when the account exists, and its move to `Default/Sandbox` when they are done";
    assert_eq!(due, [expected]);

    let out = r#"{"Version": "2012-10-17", "Statement": {"Effect": "Deny", "Principal": "*", "Action": "sts:AssumeRole", "Resource": "*"}}"#;
    let tree = TREE.replace("{service-control: [deny]}", "{resource-control: [out]}");
    let files = [("policies/resource-control/out.json", out), ("policies/tag/cost.json", COST)];
    let (whys, calls, _) = create(&tree, &files);
    assert!(matches!(&whys[..], [why] if why.contains("sts:AssumeRole")), "{whys:?}");
    assert_eq!(calls, made);

    let harmless = DENY.replace(", \"cloudtrail:CreateTrail\"", "");
    let (whys, calls, due) = create(TREE, &[("policies/service-control/deny.json", &harmless)]);
    assert_eq!(whys, [""; 0]);
    assert_eq!(calls, [made[0], made[1], "MoveAccount"]);
    assert_eq!(due, ["its cells follow when the account exists"]);

    // The next round: the account is there, and the move is named and waits.
    let mut organization = Organization::new(TREE, &[("accounts/shop.yaml", new.as_str())]);
    let plan = organization.plan();
    organization.apply(&plan);
    let plan = whole(&organization);
    assert_eq!(guardrails(&plan, MOVE).len(), 1);
    assert_eq!(change(&plan, MOVE).needs, ["shop/*"]);
}

/// What somebody else attached there counts as much; what is over both places does not.
#[test]
fn policies_that_are_not_ours_count_and_those_over_both_places_do_not() {
    let deny =
        json!({ "Version": "2012-10-17", "Statement": { "Effect": "Deny", "Action": "kms:*", "Resource": "*" } });
    let with = |content: &Value, unit: &str, from: &str| {
        let mut organization = settled();
        organization.insert(
            "policy",
            &json!({
                "Id": "p-theirs", "Name": "theirs", "Type": "SERVICE_CONTROL_POLICY", "AwsManaged": false,
                "Content": content, "tags": null,
            }),
        );
        organization.insert("policy_attachment", &json!({ "policy_id": "p-theirs", "TargetId": unit }));
        organization.set("account", ("Id", SHOP), "parent_id", &json!(from));
        let plan = whole(&organization);
        guardrails(&plan, MOVE).into_iter().filter(|why| why.contains("theirs")).collect::<Vec<_>>()
    };
    let content = json!(deny.to_string());
    let found = with(&content, "ou-2", "r-1");
    assert!(matches!(&found[..], [why] if why.contains("kms:CreateKey")), "{found:?}");
    assert!(with(&content, "r-1", "r-1").is_empty());
    // Out of `Default` into its `Sandbox`: `Default` has been over it.
    assert!(with(&content, "ou-1", "ou-1").is_empty());
    let found = with(&json!("{"), "ou-2", "r-1");
    assert!(matches!(&found[..], [why] if why.contains("cannot be read")), "{found:?}");
}

#[test]
fn a_move_out_from_under_a_policy_goes_before_what_it_denied() {
    let mut organization = settled();
    organization.directory = wants(TREE, &SANDBOX.replace("Default/Sandbox", "Root"), DENY);
    let plan = whole(&organization);
    assert_eq!(guardrails(&plan, MOVE), [""; 0]);
    assert_eq!(waiting(&plan, MOVE), [TRAIL], "what was not denied does not wait");
}

#[test]
fn lifting_a_policy_goes_before_what_it_denied() {
    let mut organization = settled();
    organization.directory = wants(&TREE.replace("{service-control: [deny]}", "{}"), SANDBOX, DENY);
    assert_eq!(waiting(&whole(&organization), ATTACHMENT), [TRAIL]);

    let mut organization = settled();
    let policy = "management/global/policies/service-control/deny";
    let relaxed = DENY.replace(", \"cloudtrail:CreateTrail\"", "");
    organization.directory = wants(TREE, SANDBOX, &relaxed);
    assert_eq!(waiting(&whole(&organization), policy), [TRAIL]);
    // One that denies as much in another place is no lifting: it waits.
    organization.directory = wants(TREE, SANDBOX, &DENY.replace("cloudtrail:CreateTrail", "kms:CreateKey"));
    let plan = whole(&organization);
    assert!(waiting(&plan, policy).is_empty());
    assert!(change(&plan, policy).needs.contains(&"shop/*".to_owned()));
    // Nor does anything wait for one that depends on what is not known.
    let depends = DENY
        .replace("\"Resource\"", "\"Condition\": {\"StringNotEquals\": {\"aws:PrincipalTag/a\": \"b\"}}, \"Resource\"");
    let mut organization = settled();
    organization.set("policy", ("Name", "deny"), "Content", &json!(depends));
    organization.directory = wants(TREE, SANDBOX, &relaxed);
    assert!(waiting(&whole(&organization), policy).is_empty());
}
