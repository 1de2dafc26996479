//! The features of the product, planned by its planner and run by its executor: whatever breaks off, the next run ends
//! where an undisturbed one does.

use std::sync::Arc;
use std::time::Duration;

use dodai_apply::{Past, RoundsEnd};
use dodai_baseline::format::text;
use dodai_facts::{Cell, Inventory};
use serde_json::json;

use crate::breakable::{Breakable, Service as _};
use crate::breaking::Break;
use crate::late::Late;
use crate::organization::{Case, End, Organization, Start};
use crate::simulator;

const BARE: &str = "organization: o-exampleorgid\nhome_region: ap-northeast-1\nregions: [ap-northeast-1, us-east-1]\n";
const TREE: &str = "organization: o-exampleorgid
home_region: ap-northeast-1
regions: [ap-northeast-1, us-east-1]
root: {policies: {tag: [cost]}}
units:
  Default: {policies: {service-control: [deny]}, units: {Sandbox: {policies: {tag: [cost]}}}}
  Other: {}
";
const DENY: &str = r#"{"Version": "2012-10-17", "Statement": [{"Sid": "Leave", "Effect": "Deny", "Action": ["organizations:LeaveOrganization", "cloudtrail:CreateTrail"], "Resource": "*"}]}"#;
const COST: &str = r#"{"tags": {"cost": {"tag_key": {"@@assign": "Cost"}}}}"#;

/// Of a new account only what is quickly done: the others have everything.
const LITTLE: &str = "profile: basic
features: {cloudtrail: {enabled: false}, cloudtrail-bucket: {enabled: false}, config: {enabled: false}, config-bucket: {enabled: false}}
";
const CHOSEN: &str = "profile: secure
features: {config: {role_arn: 'arn:aws:iam::<account>:role/own'}, cloudtrail-log-group: {enabled: true}}
";

fn management(rest: &str) -> String {
    format!("email: management@example.com\nmanagement: true\nunit: Root\n{rest}")
}

/// The account `shop`, which exists, and nothing else to do.
fn account(name: &'static str, rest: &str) -> Case {
    Case {
        name,
        files: vec![
            ("dodai.yaml", BARE.to_owned()),
            ("accounts/management.yaml", management("profile: basic\n")),
            ("accounts/shop.yaml", format!("email: shop@example.com\nunit: Root\n{rest}")),
        ],
        there: &["shop"],
        only: Some("shop"),
        before: None,
    }
}

/// An organization of which only the root and the management account are there.
fn tree(name: &'static str, dodai: &str, files: &[(&'static str, &str)]) -> Case {
    let own = [("dodai.yaml", dodai.to_owned()), ("accounts/management.yaml", management(LITTLE))];
    let more = files.iter().map(|(path, text)| (*path, (*text).to_owned()));
    Case { name, files: own.into_iter().chain(more).collect(), there: &[], only: None, before: None }
}

fn basic() -> Case {
    account("profile basic", "profile: basic\n")
}

fn secure() -> Case {
    account("profile secure", "profile: secure\n")
}

fn chosen() -> Case {
    account("a role of its own for AWS Config, and a log group", CHOSEN)
}

const POLICIES: [(&str, &str); 2] = [("policies/service-control/deny.json", DENY), ("policies/tag/cost.json", COST)];

fn units_policies_and_accounts() -> Case {
    let shop = format!("email: shop@example.com\nunit: Default/Sandbox\n{LITTLE}");
    let farm = format!("email: farm@example.com\nunit: Root\n{LITTLE}");
    let accounts = [("accounts/shop.yaml", shop.as_str()), ("accounts/farm.yaml", &farm)];
    tree("units, policies and new accounts", TREE, &[&POLICIES[..], &accounts].concat())
}

fn policies_not_wanted_any_more() -> Case {
    Case { before: Some(with_policies), ..tree("policies that are not wanted any more", BARE, &[]) }
}

fn one_unit() -> Case {
    Case { only: Some("nobody"), ..tree("one unit", &format!("{BARE}units: {{Only: {{}}}}\n"), &[]) }
}

fn dying_key() -> Case {
    let trail = "cloudtrail: {enabled: false}, cloudtrail-bucket: {enabled: false}";
    let rest = LITTLE.replace(trail, "log-key: {enabled: true}");
    Case { before: Some(with_dying_key), ..account("a key about to be deleted", &rest) }
}

/// Everything at once: the accounts' features follow when the accounts exist.
fn everything() -> Case {
    let shop = format!("email: shop@example.com\nunit: Default/Sandbox\n{CHOSEN}");
    let mut all = tree("everything", TREE, &[&POLICIES[..], &[("accounts/shop.yaml", shop.as_str())]].concat());
    all.files[1].1 = management("profile: basic\n");
    all
}

/// One of ours that is attached twice, and one that is not attached.
fn with_policies(inventory: &mut Inventory) {
    for (number, name) in ["old", "older"].into_iter().enumerate() {
        let policy = json!({
            "Id": format!("p-{number}"), "Name": name, "Type": "TAG_POLICY", "AwsManaged": false, "Content": COST,
            "tags": { "dodai:feature": "policies", "dodai:class": "managed" },
        });
        let policy = simulator::row(name, &policy);
        simulator::edit(inventory, "aws_organizations_policy", &Cell::Organization, |all| all.rows.push(policy));
    }
    for target in ["r-1", "111111111111"] {
        let row = simulator::row("attachment", &json!({ "policy_id": "p-0", "TargetId": target }));
        simulator::edit(inventory, "aws_organizations_policy_attachment", &Cell::Organization, |all| {
            all.rows.push(row);
        });
    }
}

/// A key with our tag and without an alias, which somebody has decided to delete: another is made.
fn with_dying_key(inventory: &mut Inventory) {
    let cell = simulator::cell_of("aws_kms_key", &"222222222222".parse().unwrap(), "ap-northeast-1");
    let key = json!({
        "KeyId": "key-1", "Arn": "arn:aws:kms:ap-northeast-1:222222222222:key/key-1", "KeyState": "PendingDeletion",
        "KeyManager": "CUSTOMER", "rotation_enabled": null, "policy": null, "tags": { "dodai:feature": "log-key" },
    });
    let key = simulator::row("key", &key);
    simulator::edit(inventory, "aws_kms_key", &cell, |keys| keys.rows.push(key));
}

/// A moment longer than a run takes to begin anew.
const LATE: Late = Late::By(Duration::from_secs(3));

/// How an apply goes that nothing disturbs.
struct Undisturbed {
    start: Arc<Start>,
    end: End,
    calls: usize,
    notes: usize,
}

impl Undisturbed {
    async fn of(case: &Case) -> Self {
        let start = Start::new(case);
        let whole = Breakable::new(|breaks| Organization::new(start.clone(), breaks, Late::Never));
        whole.breaks.arm(None);
        assert_eq!(whole.run().await, Ok(RoundsEnd::Done), "{}", case.name);
        let left = whole.service.left();
        assert!(left.is_empty() && left.blocked.is_empty(), "{}: {}", case.name, text(&left));
        let (calls, _, notes) = whole.breaks.counts();
        Self { start, end: whole.service.end_state(), calls, notes }
    }
}

/// Whatever breaks off, what runs after it ends where an undisturbed one does: with the same things, each made once, and
/// nothing left that a later run would mind. How many runs that was.
async fn check(case: &Case, whole: &Undisturbed, breaks: &[Break], late: Late) -> usize {
    let what = format!("{}: {breaks:?} {late:?}", case.name);
    let mut broken = Breakable::new(|breaks| Organization::new(whole.start.clone(), breaks, late));
    broken.live(breaks, true).await.unwrap_or_else(|why| panic!("{what}: {why}"));
    // Where some is seen and some is not, a run may find that it gets no further, and say so: the one after it ends.
    let more = if matches!(late, Late::Apart(..)) { 2 } else { 1 };
    assert!(broken.runs as usize <= breaks.len() + more, "{what}: {} runs", broken.runs);
    let end = broken.service.end_state();
    let without = |these: &End, others: &End| -> Vec<String> {
        these.things.iter().filter(|thing| !others.things.contains(thing)).cloned().collect()
    };
    assert_eq!((without(&end, &whole.end), without(&whole.end, &end)), <_>::default(), "{what}");
    assert_eq!(end, whole.end, "{what}");
    let left = broken.service.left();
    assert!(left.is_empty() && left.blocked.is_empty(), "{what}: {}", text(&left));
    assert_eq!(Past::read(&broken.store, "o-1").await.unwrap().runs(), [""; 0], "{what}");
    broken.runs as usize
}

/// At every call that changes something: before it is sent; with its effect, before the reply; with the reply, before
/// the journal has it. What was done is seen at once; and, where something was just done, late.
async fn at_every_call(case: &Case, least: usize) {
    let whole = Undisturbed::of(case).await;
    assert!(whole.calls >= least && whole.notes >= whole.calls, "{}: {} {}", case.name, whole.calls, whole.notes);
    let mut runs = 0;
    for at in 0..whole.calls {
        runs += check(case, &whole, &[Break::BeforeCall(at)], Late::Never).await;
        runs += check(case, &whole, &[Break::AfterCall(at)], Late::Never).await;
        runs += check(case, &whole, &[Break::AfterCall(at)], LATE).await;
    }
    for at in 0..whole.notes {
        runs += check(case, &whole, &[Break::BeforeNote(at)], Late::Never).await;
    }
    assert_eq!(runs, 2 * (3 * whole.calls + whole.notes), "one that breaks off and one that goes on");
}

#[tokio::test(start_paused = true)]
async fn an_account_of_the_profile_basic_breaks_off_anywhere() {
    at_every_call(&basic(), 25).await;
}

#[tokio::test(start_paused = true)]
async fn an_account_of_the_profile_secure_breaks_off_anywhere() {
    at_every_call(&secure(), 35).await;
}

#[tokio::test(start_paused = true)]
async fn an_account_with_what_it_may_choose_breaks_off_anywhere() {
    at_every_call(&chosen(), 45).await;
}

#[tokio::test(start_paused = true)]
async fn an_organization_breaks_off_anywhere() {
    at_every_call(&units_policies_and_accounts(), 20).await;
}

#[tokio::test(start_paused = true)]
async fn removing_breaks_off_anywhere() {
    at_every_call(&policies_not_wanted_any_more(), 5).await;
}

/// Nothing else is left to do that would make another round.
#[tokio::test(start_paused = true)]
async fn a_single_change_breaks_off_anywhere() {
    at_every_call(&one_unit(), 1).await;
}

/// The tag that a key of ours is found by is on the dying one too.
#[tokio::test(start_paused = true)]
async fn a_new_key_beside_one_that_is_about_to_be_deleted_breaks_off_anywhere() {
    at_every_call(&dying_key(), 5).await;
}

/// Points by a seed, each table and cell shown late in its own way: one of the whole, or two in a row of any.
#[tokio::test(start_paused = true)]
async fn everything_at_once_breaks_off_at_some_points() {
    let mut random = fastrand::Rng::with_seed(2026);
    some(&everything(), &mut random, 8, 1).await;
}

#[tokio::test(start_paused = true)]
async fn two_breaks_in_a_row() {
    let mut random = fastrand::Rng::with_seed(7);
    for case in [basic(), chosen(), units_policies_and_accounts(), policies_not_wanted_any_more(), dying_key()] {
        some(&case, &mut random, 8, 2).await;
    }
}

async fn some(case: &Case, random: &mut fastrand::Rng, lives: usize, in_a_row: usize) {
    let whole = Undisturbed::of(case).await;
    for _ in 0..lives {
        let mut breaks = Vec::new();
        for _ in 0..in_a_row {
            // A run that goes on has less to do than the one before.
            let at = random.usize(0..whole.calls) / (breaks.len() + 1);
            let kinds = [Break::BeforeCall(at), Break::AfterCall(at), Break::BeforeNote(at)];
            breaks.push(random.choice(kinds).unwrap());
        }
        check(case, &whole, &breaks, Late::Apart(random.u64(..), Duration::from_secs(6))).await;
    }
}
