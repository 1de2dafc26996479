//! Members of the models that name what stands beside them: whatever is named after a secret has its value hidden.

use dodai_models::{Models, Service, ShapeKind, Structure};
use serde_json::{Map, Value, json};

use crate::record::names;
use crate::record::redact::{Redaction, Side};

const NAMES: &[&str] = &["key", "name", "option", "property", "variable", "attribute", "header", "parameter", "field"];
const VALUES: &[&str] = &["value", "values"];

/// `tag` of `tagKey` and of `TagValues`.
fn stem<'a>(name: &'a str, endings: &[&str]) -> Option<&'a str> {
    endings.iter().find_map(|ending| name.strip_suffix(ending))
}

/// Texts, or lists of them.
fn is_text(service: &Service, shape: u32) -> bool {
    match &service.shape(shape).kind {
        ShapeKind::String { values, .. } => values.is_empty(),
        ShapeKind::List { member, .. } => is_text(service, member.shape),
        _ => false,
    }
}

/// Members that are a name and its value by their own names: `Key` and `Value`, `TagKey` and `TagValues`.
fn pairs(service: &Service, structure: &Structure) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for name in &structure.members {
        for value in &structure.members {
            let (one, other) = (name.name.to_ascii_lowercase(), value.name.to_ascii_lowercase());
            let (Some(of_name), Some(of_value)) = (stem(&one, NAMES), stem(&other, VALUES)) else { continue };
            let belong = of_name == of_value || of_value.is_empty() || of_value == one || of_value == "default";
            let is_name = matches!(service.shape(name.shape).kind, ShapeKind::String { .. });
            if belong && is_name && is_text(service, value.shape) {
                found.push((name.name.clone(), value.name.clone()));
            }
        }
    }
    found
}

#[test]
fn every_named_value_of_every_model_is_hidden() {
    let mut kinds = std::collections::BTreeSet::new();
    let mut count = 0;
    for service in Models::embedded().names().map(|name| Models::embedded().service(name).unwrap()) {
        for shape in &service.shapes {
            let ShapeKind::Structure(structure) = &shape.kind else { continue };
            for (name, value) in pairs(&service, structure) {
                count += 1;
                for secret in [json!("hunter2ok"), json!(["hunter2ok"])] {
                    let members = [(name.clone(), json!("DB_PASSWORD")), (value.clone(), secret)];
                    let pair = Value::Object(Map::from_iter(members));
                    let clean = Redaction::default().value(None, Side::Output, &pair).to_string();
                    assert!(!clean.contains("hunter2ok"), "{} {}: {clean}", service.name, shape.name);
                }
                kinds.insert(format!("{}/{}", name.to_ascii_lowercase(), value.to_ascii_lowercase()));
            }
        }
    }
    // There are as many as ever: the models have them, and they are found.
    assert!(count > 300 && kinds.len() > 30, "{count} {kinds:?}");
    for one in [
        "tagkey/tagvalue",
        "key/value",
        "name/value",
        "parametername/parametervalue",
        "headername/headervalue",
        "optionname/value",
        "contextkeyname/contextkeyvalues",
        "name/values",
        "attributename/attributevalues",
    ] {
        assert!(kinds.contains(one), "{one}: {kinds:?}");
    }
}

/// Maps of texts, and lists of names with values, that are called an environment or variables.
#[test]
fn every_environment_of_every_model_is_hidden() {
    let mut count = 0;
    for service in Models::embedded().names().map(|name| Models::embedded().service(name).unwrap()) {
        let structures = service.shapes.iter().filter_map(|shape| match &shape.kind {
            ShapeKind::Structure(structure) => Some(structure),
            _ => None,
        });
        for member in structures.flat_map(|structure| &structure.members) {
            let name = member.name.to_ascii_lowercase();
            let is_map = matches!(&service.shape(member.shape).kind,
                ShapeKind::Map { value, .. } if matches!(service.shape(value.shape).kind, ShapeKind::String { .. }));
            if is_map
                && (name.ends_with("environment") || name.ends_with("environmentvariables") || name == "variables")
            {
                count += 1;
                let value = json!({"A": "hunter2ok"});
                assert!(names::are_variables(&member.name, &value, true), "{} {}", service.name, member.name);
                let clean = Redaction::default().value(None, Side::Output, &json!({member.name.as_str(): value}));
                assert!(!clean.to_string().contains("hunter2ok"), "{} {}", service.name, member.name);
            }
        }
    }
    assert!(count > 20, "{count}");
}
