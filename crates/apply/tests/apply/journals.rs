//! What the journal holds, and when it is no longer needed.

use std::collections::BTreeMap;

use dodai_api::store::Store;
use dodai_apply::{Past, execute, rounds};
use dodai_baseline::{Blocked, Plan, reply_of};
use dodai_facts::{Failure, FailureKind};
use serde_json::json;

use crate::check;
use crate::rounds::Listed;
use crate::simulated::{House, Mishap, call, change, create, findable, id, plan};

#[tokio::test(start_paused = true)]
async fn nothing_is_sent_that_cannot_be_noted() {
    let house = House::new();
    house.store.write("journal/run-0001.jsonl/0000000004", "of somebody else\n".into()).await.unwrap();
    let changes = (0..4).map(|number| change(&format!("r{number}")).call(call("Start", json!({}))).at_most("g", 1));
    // The log is refused as a whole where something is there already.
    let refused = house.store.appender("journal/run-0001.jsonl").await.unwrap_err().to_string();
    assert!(refused.contains("already there"), "{refused}");

    let house = House::new();
    let store = house.store.clone();
    let the_plan = plan(changes.collect());
    let outcome = house
        .with(async |with| {
            store.write("journal/run-0001.jsonl/0000000004", "of somebody else\n".into()).await.unwrap();
            execute(&the_plan, &BTreeMap::new(), with).await
        })
        .await;
    // Line 1 is the head, 2 and 3 are the first call's.
    assert_eq!(house.aws.log().len(), 1);
    assert_eq!(outcome.done(), 1);
    assert!(outcome.stopped.unwrap().contains("another run writes to the same log"));
}

#[tokio::test(start_paused = true)]
async fn the_journal_holds_referred_values_and_no_secrets() {
    let key = change("key").call(create("key", json!({})));
    // What a reading call found out counts as well: a new account's id comes from one.
    let key = key.clone().call(call("DescribeItem", json!({"Id": key.reply(0, "Item.Id")})));
    let user = change("user")
        .call(create("user", json!({"Parent": reply_of(&id("key"), 0, "Item.Id")})))
        .call(call("Start", json!({"Value": reply_of(&id("key"), 0, "Item.SecretAccessKey")})))
        .call(call("Start", json!({"Value": reply_of(&id("key"), 1, "Status")})));
    let house = check(|_| (), vec![key, user], &["key done", "user done"]).await;
    let journals = house.journals().await;
    assert!(journals.contains(r#""values":{"Item.Id":"i-0"}"#), "{journals}");
    assert!(journals.contains(r#""call":1,"values":{"Status":"CREATING"}"#), "{journals}");
    assert!(!journals.contains("very-secret"), "{journals}");
}

/// A value is kept if a recording would have it as it is, wherever in the reply it stands.
#[tokio::test(start_paused = true)]
async fn what_a_recording_hides_no_journal_holds() {
    let key = change("key").call(create("key", json!({})));
    let user = change("user").call(call("Start", json!({"Value": reply_of(&id("key"), 0, "Item.Note")})));
    let user = user.call(call("Start", json!({"Value": reply_of(&id("key"), 0, "Item.Id")})));
    let house = check(|_| (), vec![key, user], &["key done", "user done"]).await;
    let journals = house.journals().await;
    assert!(journals.contains(r#""Item.Id":"i-0""#), "{journals}");
    assert!(!journals.contains("hunter2"), "{journals}");
}

#[tokio::test(start_paused = true)]
async fn journals_are_settled_when_nothing_in_them_can_matter() {
    let runs = async |store: &Store| Past::read(store, "o-1").await.unwrap().runs().len();
    let house = House::new();
    let (a, b) = (change("a").call(create("a", json!({}))), reply_of(&id("a"), 0, "Item.Id"));
    let b = change("b").call(create("b", json!({"Parent": b})));
    // Everything done: settled. A clear failure at the first call: nothing to remember.
    house.run(&plan(vec![a.clone()])).await;
    house.aws.mishaps("Create c", &[Mishap::Refused("No")]);
    house.run(&plan(vec![change("c").call(create("c", json!({})))])).await;
    assert_eq!(runs(&house.store).await, 0);
    // What failed refers to what is done: a saved plan can only be matched by the journal.
    house.aws.mishaps("Create b", &[Mishap::Refused("No")]);
    house.run(&plan(vec![a, b])).await;
    assert_eq!(runs(&house.store).await, 1);
    // A change that is half done.
    house.aws.mishaps("Start ", &[Mishap::Refused("No")]);
    let half = change("h").call(create("h", json!({}))).call(call("Start", json!({})));
    house.run(&plan(vec![half])).await;
    assert_eq!(runs(&house.store).await, 2);
    // The whole organization planned, and nothing left.
    let mut world = Listed { plans: vec![plan(vec![])], confirm: true };
    house
        .with(async |with| {
            let outcome = rounds(&mut world, with).await.unwrap();
            outcome.settle(&house.store, with).await.unwrap();
        })
        .await;
    assert_eq!(runs(&house.store).await, 0);
}

/// A run that has made something is remembered until a plan shows that AWS shows it.
#[tokio::test(start_paused = true)]
async fn journals_are_kept_until_what_was_made_is_seen() {
    let made = plan(vec![change("a").call(findable(create("a", json!({}))))]);
    let named = plan(vec![change("a").call(create("a", json!({})))]);
    let failure = Failure {
        kind: FailureKind::Denied,
        service: "sim".to_owned(),
        operation: "ListItems".to_owned(),
        account: None,
        region: None,
        code: "AccessDenied".to_owned(),
        message: "no".to_owned(),
        request_id: None,
    };
    let (account, cell, feature) = ("a".to_owned(), made.changes[0].cell.clone(), "sim".to_owned());
    let unread = Plan { blocked: vec![Blocked { account, cell, feature, by: None, failure }], ..plan(vec![]) };
    for (ran, next, kept) in [
        (&made, Some(&made), true),
        (&made, Some(&unread), true),
        (&made, None, true),
        (&made, Some(&plan(vec![change("b")])), false),
        (&named, Some(&named), false),
        (&named, None, false),
    ] {
        let house = House::new();
        let runs = house
            .with(async |with| {
                assert!(execute(ran, &BTreeMap::new(), with).await.is_all_done());
                with.journal.end(next).await.unwrap();
                Past::read(&house.store, "o-1").await.unwrap().runs().len()
            })
            .await;
        assert_eq!(runs, usize::from(kept), "{next:?}");
    }
}
