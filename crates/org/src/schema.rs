//! JSON schemas (2020-12) for editors, printed from the same description that the reader checks against.

use dodai_facts::{FeatureInfo, SettingKind};
use serde_json::{Map, Value, json};

use crate::PolicyType;
use crate::catalogue::Catalogue;
use crate::fields;
use crate::form::Form;
use crate::names::Names;
use crate::policy_schema;
use crate::settings::ENABLED;
use crate::shape::{Field, Shape};

pub(crate) const DIALECT: &str = "https://json-schema.org/draft/2020-12/schema";

/// One schema for each kind of file, under the pattern of the paths that it is for: `dodai.yaml`,
/// `accounts/*.yaml`, `exceptions.yaml`, and `policies/<type>/*.yaml` of the types that have a library of guardrails.
pub fn schema(catalogue: &Catalogue) -> Value {
    let names = Names::of(catalogue);
    let mut schemas = Map::new();
    schemas.insert("dodai.yaml".to_owned(), document("An organization", &fields::ORGANIZATION, &names));
    schemas.insert("accounts/*.yaml".to_owned(), document("An account", &fields::ACCOUNT, &names));
    schemas.insert("exceptions.yaml".to_owned(), document("Exceptions", &fields::EXCEPTIONS, &names));
    schemas.extend(policy_schema::schemas());
    Value::Object(schemas)
}

fn document(title: &str, shape: &Shape, names: &Names<'_>) -> Value {
    let mut printer = Printer { names, defs: Map::new() };
    let mut schema = Map::new();
    schema.insert("$schema".to_owned(), json!(DIALECT));
    schema.insert("title".to_owned(), json!(title));
    if let Value::Object(body) = printer.print(shape) {
        schema.extend(body);
    }
    if !printer.defs.is_empty() {
        schema.insert("$defs".to_owned(), Value::Object(printer.defs));
    }
    Value::Object(schema)
}

struct Printer<'n> {
    names: &'n Names<'n>,
    defs: Map<String, Value>,
}

impl Printer<'_> {
    fn print(&mut self, shape: &Shape) -> Value {
        match shape {
            Shape::Text(form) => form.schema(self.names),
            Shape::Bool => json!({"type": "boolean"}),
            // As the reader: a key whose list or map is commented out is left out.
            Shape::List(item) => json!({"type": ["array", "null"], "items": self.print(item), "uniqueItems": true}),
            Shape::Map(key, value) => json!({
                "type": ["object", "null"],
                "propertyNames": key.schema(self.names),
                "additionalProperties": self.print(value),
            }),
            Shape::Record(fields) => self.record(fields),
            Shape::Policies => self.named("policies", |_| policies()),
            Shape::Features => self.named("features", |printer| features(printer.names.catalogue)),
            Shape::OptIn => json!({"anyOf": [
                {"enum": ["all", "none"]},
                {"type": ["array", "null"], "items": Form::Feature.schema(self.names), "uniqueItems": true},
            ]}),
            Shape::Named(name, shape) => self.named(name, |printer| printer.print(shape)),
        }
    }

    fn record(&mut self, fields: &[Field]) -> Value {
        let mut properties = Map::new();
        for field in fields {
            let mut schema = self.print(&field.shape);
            if let Value::Object(schema) = &mut schema {
                schema.insert("description".to_owned(), json!(field.doc));
            }
            properties.insert(field.name.to_owned(), schema);
        }
        let required: Vec<&str> = fields.iter().filter(|field| field.required).map(|field| field.name).collect();
        // A record without required keys may be left empty.
        let kind = if required.is_empty() { json!(["object", "null"]) } else { json!("object") };
        json!({"type": kind, "properties": properties, "required": required, "additionalProperties": false})
    }

    fn named(&mut self, name: &str, print: impl FnOnce(&mut Self) -> Value) -> Value {
        if !self.defs.contains_key(name) {
            // Holds the name while the shape, which may contain itself, is printed.
            self.defs.insert(name.to_owned(), Value::Null);
            let schema = print(self);
            self.defs.insert(name.to_owned(), schema);
        }
        json!({"$ref": format!("#/$defs/{name}")})
    }
}

fn policies() -> Value {
    let properties: Map<String, Value> = PolicyType::ALL
        .iter()
        .map(|kind| {
            let names = json!({
                "type": ["array", "null"],
                "items": {"type": "string", "minLength": 1},
                "uniqueItems": true,
                "description": format!("Names of files of policies/{}/, without suffix ({}).", kind.folder, kind.aws),
            });
            (kind.folder.to_owned(), names)
        })
        .collect();
    json!({"type": ["object", "null"], "properties": properties, "additionalProperties": false})
}

fn features(catalogue: &Catalogue) -> Value {
    let properties: Map<String, Value> =
        catalogue.features.iter().map(|info| (info.id.to_owned(), feature(info))).collect();
    json!({"type": ["object", "null"], "properties": properties, "additionalProperties": false})
}

fn feature(feature: &FeatureInfo) -> Value {
    let mut properties = Map::new();
    properties
        .insert(ENABLED.to_owned(), json!({"type": "boolean", "description": "On or off, whatever the profile says."}));
    for setting in feature.settings {
        let mut schema = value(&setting.kind);
        if let Value::Object(schema) = &mut schema {
            schema.insert("description".to_owned(), json!(setting.doc));
            schema.insert("default".to_owned(), setting.default(dodai_facts::Profile::Secure));
        }
        properties.insert(setting.name.to_owned(), schema);
    }
    json!({
        "type": ["object", "null"],
        "description": feature.title,
        "properties": properties,
        "additionalProperties": false,
    })
}

fn value(kind: &SettingKind) -> Value {
    match kind {
        SettingKind::Bool => json!({"type": "boolean"}),
        SettingKind::Integer { least, most } => json!({"type": "integer", "minimum": least, "maximum": most}),
        SettingKind::OptionalInteger { least, most } => {
            json!({"type": ["integer", "null"], "minimum": least, "maximum": most})
        }
        SettingKind::Text => json!({"type": "string"}),
        SettingKind::OptionalText => json!({"type": ["string", "null"]}),
        // As the reader: a choice that looks like a number may be written as one.
        SettingKind::Choice(choices) => {
            let numbers = choices.iter().filter_map(|choice| choice.parse::<i64>().ok()).map(Value::from);
            json!({"enum": choices.iter().copied().map(Value::from).chain(numbers).collect::<Vec<_>>()})
        }
        SettingKind::List { choices: [] } => json!({"type": "array", "items": {"type": "string"}}),
        SettingKind::List { choices } => json!({"type": "array", "items": {"enum": choices}}),
        SettingKind::Map => json!({"type": "object", "additionalProperties": {"type": "string"}}),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_choice_that_looks_like_a_number_may_be_written_as_one() {
        assert_eq!(value(&SettingKind::Choice(&["7", "none"])), json!({"enum": ["7", "none", 7]}));
        assert_eq!(value(&SettingKind::Choice(&["leave", "adopt"])), json!({"enum": ["leave", "adopt"]}));
    }
}
