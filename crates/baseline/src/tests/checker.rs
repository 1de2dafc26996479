//! The checker finds what it is for: every defect has a plan that has it.

use dodai_facts::AccountId;
use serde_json::json;

use super::organization_world::{Organization, TREE};
use super::{MANAGEMENT, SECURE, World};
use crate::{Action, Change, Danger, Plan, check, reply_of};

const KEY: &str = "shop/ap-northeast-1/log-key/key";
const BUCKET: &str = "shop/ap-northeast-1/cloudtrail-bucket/bucket";
const TRAIL: &str = "shop/ap-northeast-1/cloudtrail/trail";
const DETECTOR: &str = "shop/us-east-1/guardduty/detector";

fn expect(mut plan: Plan, edit: impl FnOnce(&mut Plan), change: &str, problem: &str) {
    let management: AccountId = MANAGEMENT.parse().unwrap();
    assert_eq!(check(&plan, &management), []);
    edit(&mut plan);
    let defects = check(&plan, &management);
    let found = defects.iter().any(|defect| defect.change == change && defect.problem.contains(problem));
    assert!(found, "`{problem}` of `{change}` is not among {defects:#?}");
}

fn plan_with(edit: impl FnOnce(&mut Plan), change: &str, problem: &str) {
    expect(World::new(SECURE).plan(), edit, change, problem);
}

fn with(id: &str, edit: impl FnOnce(&mut Change), problem: &str) {
    plan_with(|plan| edit(of(plan, id)), id, problem);
}

fn of<'p>(plan: &'p mut Plan, id: &str) -> &'p mut Change {
    plan.changes.iter_mut().find(|change| change.id == id).unwrap()
}

#[test]
fn the_plan_as_a_whole() {
    plan_with(|plan| plan.format = 7, "", "format 7");
    plan_with(
        |plan| {
            let twin = of(plan, DETECTOR).clone();
            plan.changes.push(twin);
        },
        DETECTOR,
        "another change has the same id",
    );
    plan_with(|plan| of(plan, KEY).needs.push(TRAIL.to_owned()), KEY, "waits for itself");
    plan_with(
        |plan| {
            let attribute = of(plan, KEY).writes[0].clone();
            of(plan, DETECTOR).writes = vec![attribute];
        },
        DETECTOR,
        "which `shop/ap-northeast-1/log-key/key` writes too",
    );
}

#[test]
fn a_change_by_itself() {
    with(DETECTOR, |change| change.resource = "other".to_owned(), "its id should be");
    with(DETECTOR, |change| change.account = "other".to_owned(), "its id should be");
    with(DETECTOR, |change| change.feature = "other".to_owned(), "its id should be");
    with(DETECTOR, |change| change.calls.clear(), "has no calls");
    with(DETECTOR, |change| change.settings.clear(), "does not say what it sets");
    with(DETECTOR, |change| change.writes.clear(), "does not say what it writes");
    with(DETECTOR, |change| *change = change.clone().at_most("group", 0), "may never run");
    with(DETECTOR, |change| change.needs.push("shop/global/x/y".to_owned()), "needs `shop/global/x/y`");
}

#[test]
fn dangers_are_judged_from_the_calls() {
    with(DETECTOR, |change| change.action = Action::Delete, "without saying what is lost");
    with(DETECTOR, |change| change.calls[0].operation = "DeleteDetector".to_owned(), "without saying what is lost");
    with(BUCKET, |change| change.dangers.clear(), "cannot be undone and does not say so");
    with(
        BUCKET,
        |change| {
            change.calls.retain(|call| call.operation == "PutObjectLockConfiguration");
            change.dangers = vec![Danger::Deletes("x".to_owned())];
        },
        "cannot be undone and does not say so",
    );
    let attach = "management/global/policy-attachments/tag/cost/Default/Sandbox";
    let edit = |plan: &mut Plan| of(plan, attach).calls[0].params["TargetId"] = json!("r-1");
    expect(Organization::new(TREE, &[]).plan(), edit, attach, "attaches a policy to the root");
}

#[test]
fn calls_go_where_their_cell_says() {
    with(DETECTOR, |change| change.calls[0].account = "333333333333".parse().unwrap(), "goes to account 333333333333");
    with(DETECTOR, |change| change.calls[0].account = MANAGEMENT.parse().unwrap(), "goes to account 111111111111");
    with(DETECTOR, |change| change.calls[0].region = "eu-west-1".parse().unwrap(), "goes to eu-west-1");
    let unit = "management/global/organization-units/Default";
    let edit = |plan: &mut Plan| of(plan, unit).calls[0].account = "333333333333".parse().unwrap();
    expect(Organization::new(TREE, &[]).plan(), edit, unit, "goes to account 333333333333");
}

#[test]
fn references_are_to_earlier_calls_of_the_plan() {
    let refer = |to: serde_json::Value| move |change: &mut Change| change.calls[0].params["DetectorId"] = to;
    with(DETECTOR, refer(reply_of("a/b/c/d", 0, "X")), "whose change is not in the plan");
    with(DETECTOR, refer(reply_of(KEY, 9, "X")), "which has no such call");
    with(DETECTOR, refer(reply_of(KEY, 0, "X")), "which it does not wait for");
    with(DETECTOR, refer(reply_of(DETECTOR, 0, "X")), "which it does not wait for");
    with(DETECTOR, refer(json!({ "$ref": 7 })), "7");
    with(TRAIL, |change| change.needs.retain(|need| need != KEY), "which it does not wait for");
}

#[test]
fn calls_are_of_the_models() {
    with(DETECTOR, |change| change.calls[0].service = "guardsduty".to_owned(), "there is no service `guardsduty`");
    with(DETECTOR, |change| change.calls[0].operation = "MakeDetector".to_owned(), "has no operation `MakeDetector`");
    with(DETECTOR, |change| change.calls[0].params["Enabled"] = json!(true), "Enabled");
    with(DETECTOR, |change| change.calls[0].params["Enable"] = json!("yes"), "Enable");
}

#[test]
fn creating_twice_is_prevented() {
    let once = "without an idempotency token";
    with(DETECTOR, |change| drop(change.calls[0].params.as_object_mut().unwrap().shift_remove("ClientToken")), once);
    with(KEY, |change| change.calls[0].find = None, once);
}

#[test]
fn documents_have_a_size() {
    with(
        BUCKET,
        |change| {
            let call = change.calls.iter_mut().find(|call| call.operation == "PutBucketPolicy").unwrap();
            call.params["Policy"] = json!("x".repeat(20_481));
        },
        "`Policy` has 20481 bytes, AWS takes 20480",
    );
}
