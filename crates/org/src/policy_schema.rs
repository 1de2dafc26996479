//! JSON schemas of policy files that may include guardrails: what an editor completes after `include`. The documents
//! themselves are AWS's, and checked by their own rules.

use dodai_policy::PolicyType;
use dodai_policy::library::{Form, Guardrail, Kind, Library, Parameter};
use serde_json::{Map, Value, json};

use crate::schema::DIALECT;

/// Under the pattern of the files' paths, of each type that the library has guardrails for.
pub(crate) fn schemas() -> impl Iterator<Item = (String, Value)> {
    let library = Library::embedded();
    PolicyType::ALL.iter().filter(|kind| library.of(kind).next().is_some()).map(move |kind| {
        let guardrails: Vec<&Guardrail> = library.of(kind).collect();
        (format!("policies/{}/*.yaml", kind.folder), schema(kind, &guardrails))
    })
}

fn schema(kind: &PolicyType, guardrails: &[&Guardrail]) -> Value {
    let named: Vec<Value> = guardrails
        .iter()
        .map(|guardrail| json!({"const": guardrail.name, "title": guardrail.title, "description": guardrail.why}))
        .collect();
    let with: Map<String, Value> =
        guardrails.iter().map(|guardrail| (guardrail.name.clone(), values(guardrail))).collect();
    let with = json!({
        "type": "object", "properties": with, "additionalProperties": false, "minProperties": 1, "maxProperties": 1,
    });
    let include = json!({
        "type": "array",
        "items": {"anyOf": [{"anyOf": named}, with]},
        "minItems": 1,
        "description": "Guardrails of the library, by name or as {name: {parameter: value}}.",
    });
    json!({
        "$schema": DIALECT,
        "title": format!("A {} policy", kind.folder),
        "type": "object",
        "properties": {"include": include},
        "anyOf": [{"required": ["include"]}, {"required": kind.top}],
    })
}

fn values(guardrail: &Guardrail) -> Value {
    let properties: Map<String, Value> =
        guardrail.parameters.iter().map(|parameter| (parameter.name.clone(), value(parameter))).collect();
    // What neither the directory nor a default gives.
    let required: Vec<&str> = guardrail
        .parameters
        .iter()
        .filter(|parameter| parameter.from.is_none() && parameter.default.is_none())
        .map(|parameter| parameter.name.as_str())
        .collect();
    let kind = if required.is_empty() { json!(["object", "null"]) } else { json!("object") };
    json!({
        "type": kind,
        "description": guardrail.title,
        "properties": properties,
        "required": required,
        "additionalProperties": false,
    })
}

fn value(parameter: &Parameter) -> Value {
    let Kind { form, many } = parameter.kind;
    // An account id without quotes is a number to YAML, and read as it is written.
    let one = if form == Form::Account { json!({"type": ["string", "integer"]}) } else { json!({"type": "string"}) };
    let mut schema = if many { json!({"type": "array", "items": one}) } else { one };
    if let Some(schema) = schema.as_object_mut() {
        let source = parameter.from.map(|source| format!(" Filled in from {}.", source.said_in())).unwrap_or_default();
        let expected = form.expected();
        schema.insert(
            "description".to_owned(),
            json!(format!("{}: {expected}.{source}", capitalized(&parameter.description))),
        );
        if let Some(default) = &parameter.default {
            let default = if many { json!(default) } else { json!(default.concat()) };
            schema.insert("default".to_owned(), default);
        }
    }
    schema
}

fn capitalized(text: &str) -> String {
    let mut characters = text.chars();
    characters.next().map(|first| first.to_uppercase().chain(characters).collect()).unwrap_or_default()
}
