//! Tags of accounts in AWS Organizations: what the directory gives is kept, what others put there stays.

use std::collections::BTreeMap;

use dodai_facts::Fact;
use serde_json::{Value, json};

use super::{HOME, MANAGEMENT, SECURE, World, blocked, change, denied, global};
use crate::Selection;

const TAGS: &str = "shop/global/accounts/tags";

fn tagged(tags: &str) -> String {
    format!("{SECURE}\ntags: {tags}")
}

fn there(tags: &[(&str, &str)]) -> Fact<BTreeMap<String, String>> {
    Fact::Known(tags.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect())
}

#[test]
fn missing_and_different_tags_are_written_and_others_stay() {
    let mut world = World::settled(&tagged("{team: shop, cost: '42'}"));
    assert_eq!(world.tags, there(&[("cost", "42"), ("team", "shop")]));
    assert!(world.plan().is_empty());
    world.tags = there(&[("team", "else"), ("theirs", "x"), ("dodai:feature", "accounts")]);
    let plan = world.plan();
    let tags = change(&plan, TAGS);
    assert_eq!(plan.changes.len(), 1);
    let call = &tags.calls[0];
    assert_eq!((call.name().as_str(), call.account.as_str()), ("organizations.TagResource", MANAGEMENT));
    let wanted = json!([{ "Key": "cost", "Value": "42" }, { "Key": "team", "Value": "shop" }]);
    assert_eq!(call.params, json!({ "ResourceId": "222222222222", "Tags": wanted }));
    let settings: Vec<_> = tags.settings.iter().map(|set| (set.name.as_str(), &set.before, &set.after)).collect();
    assert_eq!(settings, [("cost", &Value::Null, &json!("42")), ("team", &json!("else"), &json!("shop"))]);
    world.apply(&plan);
    assert!(world.plan().is_empty());
    assert!(matches!(&world.tags, Fact::Known(tags) if tags["theirs"] == "x"));
    // What the directory no longer gives stays too.
    world.directory = World::new(SECURE).directory;
    assert!(world.plan().is_empty());
}

#[test]
fn tags_that_are_not_known_block_only_where_some_are_wanted() {
    let mut world = World::settled(&tagged("{team: shop}"));
    world.tags = Fact::Unknown(denied());
    let plan = world.plan();
    assert!(plan.is_empty());
    assert_eq!(blocked(&plan), [("accounts".to_owned(), global().to_string())].into());
    world.directory = World::new(SECURE).directory;
    assert_eq!(world.plan().blocked, []);
}

#[test]
fn they_are_of_the_accounts_and_of_the_global_cell() {
    let selected = |regions: &[&str], features: &[&str]| {
        let texts = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        let mut world = World::new(&tagged("{team: shop}"));
        world.selection = Selection { regions: texts(regions), features: texts(features), ..Selection::default() };
        world.plan().changes.iter().any(|change| change.id == TAGS)
    };
    assert!(selected(&[], &[]) && selected(&[], &["accounts"]));
    assert!(!selected(&[HOME], &[]) && !selected(&[], &["guardduty"]));
}
