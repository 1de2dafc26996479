//! Holds of every feature: names, documentation, defaults, needs.

use std::collections::BTreeSet;

use dodai_facts::{FeatureInfo, FeatureScope, Profile, SettingKind};
use dodai_models::Models;
use serde_json::Value;

use crate::{FEATURES, ORGANIZATION_FEATURES};

/// Features that no profile has: an account chooses them.
const CHOSEN: &[&str] = &["cloudtrail-log-group"];

fn all() -> Vec<&'static FeatureInfo> {
    let organization = ORGANIZATION_FEATURES.iter().map(|feature| feature.info);
    FEATURES.iter().map(|feature| feature.info).chain(organization).collect()
}

fn is_kebab(id: &str) -> bool {
    id.split('-')
        .all(|word| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit()))
}

fn is_snake(name: &str) -> bool {
    is_kebab(&name.replace('_', "-"))
}

#[test]
fn ids_are_kebab_case_and_unique() {
    let ids: BTreeSet<&str> = all().iter().map(|info| info.id).collect();
    assert_eq!(ids.len(), all().len());
    assert!(ids.iter().all(|id| is_kebab(id)), "{ids:?}");
    assert!(!ids.contains("onboarding"), "the planner's own");
}

#[test]
fn every_feature_and_setting_is_documented() {
    for info in all() {
        assert!(info.title.len() > 5 && info.title.starts_with(char::is_uppercase), "{}", info.id);
        assert_eq!(info.profiles.is_empty(), CHOSEN.contains(&info.id), "{}", info.id);
        assert!(!info.reads.is_empty() && !info.calls.is_empty(), "{}", info.id);
        let names: BTreeSet<&str> = info.settings.iter().map(|setting| setting.name).collect();
        assert_eq!(names.len(), info.settings.len(), "{}", info.id);
        for setting in info.settings {
            let name = format!("{}.{}", info.id, setting.name);
            assert!(is_snake(setting.name) && setting.name != "enabled", "{name}");
            assert!(setting.doc.len() > 10 && !setting.doc.ends_with('.'), "{name}");
            assert!(
                setting.doc.starts_with(|first: char| !first.is_uppercase())
                    || setting.doc.starts_with("ARN")
                    || setting.doc.starts_with("Object"),
                "{name}"
            );
        }
    }
}

#[test]
fn defaults_are_of_their_kind() {
    for info in all() {
        for setting in info.settings {
            for profile in Profile::ALL {
                let name = format!("{}.{} of {profile}", info.id, setting.name);
                let text = if profile == Profile::Basic { setting.basic } else { setting.secure };
                let value: Value = serde_json::from_str(text).unwrap_or_else(|error| panic!("{name}: {error}"));
                assert_eq!(value, setting.default(profile));
                let texts = || value.as_array().is_some_and(|items| items.iter().all(Value::is_string));
                let fits = match &setting.kind {
                    SettingKind::Bool => value.is_boolean(),
                    SettingKind::Integer { least, most } => {
                        value.as_i64().is_some_and(|number| (*least..=*most).contains(&number))
                    }
                    SettingKind::OptionalInteger { least, most } => {
                        value.is_null() || value.as_i64().is_some_and(|number| (*least..=*most).contains(&number))
                    }
                    SettingKind::Text => value.is_string(),
                    SettingKind::OptionalText => value.is_null() || value.is_string(),
                    SettingKind::Choice(choices) => value.as_str().is_some_and(|text| choices.contains(&text)),
                    SettingKind::List { .. } => texts(),
                    SettingKind::Map => value.is_object(),
                };
                assert!(fits, "{name}: {value}");
            }
        }
    }
}

#[test]
fn needs_exist_and_stand_before() {
    let orders = [
        FEATURES.iter().map(|feature| feature.info).collect::<Vec<_>>(),
        ORGANIZATION_FEATURES.iter().map(|feature| feature.info).collect(),
    ];
    for order in orders {
        for (place, info) in order.iter().enumerate() {
            for need in info.needs {
                let before = order[..place].iter().find(|other| other.id == *need);
                let before = before.unwrap_or_else(|| panic!("{} needs {need}, which does not stand before", info.id));
                assert!(before.scope != FeatureScope::Region || info.scope == FeatureScope::Region, "{}", info.id);
            }
        }
    }
}

#[test]
fn calls_exist_and_tables_are_named_once() {
    for info in all() {
        let tables: BTreeSet<&str> = info.reads.iter().map(|(table, _)| *table).collect();
        assert_eq!(tables.len(), info.reads.len(), "{} names a table twice", info.id);
        for (table, columns) in info.reads {
            let names: BTreeSet<&str> = columns.iter().copied().collect();
            assert!(!names.is_empty() && names.len() == columns.len(), "{} {table}", info.id);
        }
        for call in info.calls {
            let (service, operation) = call.split_once('.').unwrap();
            let service = Models::embedded().service(service).unwrap_or_else(|| panic!("{call}"));
            assert!(service.operation(operation).is_some(), "{}: {call}", info.id);
        }
    }
}
