//! Replies as the model has them, with a value in every member, and what they decode to.

use std::fmt::Write as _;

use dodai_models::{Location, Member, Protocol, Service, ShapeId, ShapeKind, Structure};
use serde_json::{Map, Value, json};

/// A shape within itself is left out from here on.
const DEPTH: usize = 8;

pub(crate) struct Generator<'m> {
    service: &'m Service,
    xml: bool,
    /// Makes ids and names differ.
    counter: u64,
}

impl<'m> Generator<'m> {
    pub(crate) fn new(service: &'m Service) -> Self {
        let xml = matches!(service.protocol, Protocol::RestXml | Protocol::AwsQuery | Protocol::Ec2Query);
        Self { service, xml, counter: 0 }
    }

    /// The body of a reply of at least so many bytes, if its output has a list that can be made long, and its output.
    pub(crate) fn reply(mut self, operation: &str, bytes: usize) -> (String, Value) {
        let output = self.output(operation);
        let long = |member: &&Member| matches!(self.service.shape(member.shape).kind, ShapeKind::List { .. });
        let long = output.members.iter().find(long).cloned();
        let mut value = self.structure(output, 0);
        let mut body = self.body(operation, &value);
        while let Some(member) = long.as_ref().filter(|_| body.len() < bytes) {
            let more = self.value(member.shape, &member.name, 1).unwrap();
            if let (Some(Value::Array(items)), Value::Array(more)) = (value.get_mut(&member.name), more) {
                items.extend(more);
            }
            body = self.body(operation, &value);
        }
        (body, value)
    }

    fn structure(&mut self, structure: &Structure, depth: usize) -> Value {
        let mut values = Map::new();
        for member in &structure.members {
            // A list's next page would be asked for; what stands in headers is not what is measured.
            if member.location != Location::Body || member.name.to_ascii_lowercase().contains("nexttoken") {
                continue;
            }
            if let Some(value) = self.value(member.shape, &member.name, depth + 1) {
                values.insert(member.name.clone(), value);
            }
        }
        Value::Object(values)
    }

    fn value(&mut self, id: ShapeId, name: &str, depth: usize) -> Option<Value> {
        if depth > DEPTH {
            return None;
        }
        self.counter += 1;
        let shape = self.service.shape(id);
        Some(match &shape.kind {
            ShapeKind::Structure(structure) if structure.document => return None,
            ShapeKind::Structure(structure) => self.structure(structure, depth),
            ShapeKind::List { member, .. } => {
                let count = if depth > 2 && self.counter.is_multiple_of(3) { 2 } else { 1 };
                (0..count).map(|_| self.value(member.shape, name, depth + 1)).collect::<Option<Vec<_>>>()?.into()
            }
            ShapeKind::Map { value, .. } => json!({ "Owner": self.value(value.shape, name, depth + 1)? }),
            ShapeKind::String { values, .. } if !values.is_empty() => {
                let at = usize::try_from(self.counter).unwrap_or_default() % values.len();
                values.get(at)?.as_str().into()
            }
            ShapeKind::String { .. } => self.text(name).into(),
            ShapeKind::Integer { .. } | ShapeKind::Long { .. } => (self.counter % 65_536).into(),
            ShapeKind::Float | ShapeKind::Double => json!(0.5),
            ShapeKind::Boolean => self.counter.is_multiple_of(2).into(),
            ShapeKind::Timestamp { .. } => format!("2026-01-05T10:{:02}:07Z", self.counter % 60).into(),
            ShapeKind::Blob { .. } => "c29tZSBieXRlcw==".into(),
        })
    }

    fn text(&self, name: &str) -> String {
        let counter = self.counter;
        let name = name.to_ascii_lowercase();
        if name.ends_with("arn") {
            format!("arn:aws:{}:eu-west-1:111122223333:thing/{counter:017x}", self.service.name)
        } else if name.ends_with("id") || name.ends_with("ids") {
            format!("id-{counter:017x}")
        } else if name.contains("ip") || name.contains("address") {
            format!("10.0.{}.{}", counter / 256 % 256, counter % 256)
        } else if name.contains("description") || name.contains("message") {
            format!("What is said about number {counter}, in a sentence")
        } else {
            format!("name-{counter}")
        }
    }

    fn output(&self, operation: &str) -> &'m Structure {
        let described = self.service.operation(operation).unwrap();
        described.output.and_then(|output| self.service.structure(output)).unwrap()
    }

    /// What the service sends where this is the output.
    pub(crate) fn body(&self, operation: &str, value: &Value) -> String {
        let output = self.output(operation);
        if !self.xml {
            return self.json(output, value).to_string();
        }
        let mut body = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
        let namespace =
            format!("xmlns=\"http://{}.amazonaws.com/doc/{}/\"", self.service.name, self.service.api_version);
        let wrapper = match self.service.protocol {
            Protocol::AwsQuery => format!("{operation}Result"),
            _ => "requestId".to_owned(),
        };
        let _ = write!(body, "<{operation}Response {namespace}>\n    ");
        if self.service.protocol == Protocol::AwsQuery {
            let _ = write!(body, "<{wrapper}>");
            self.members(output, value, &mut body);
            let _ = write!(body, "</{wrapper}>");
        } else {
            let _ = write!(body, "<{wrapper}>7a62c49f-347e-4fc4-9331-6e8eEXAMPLE</{wrapper}>");
            self.members(output, value, &mut body);
        }
        let _ = write!(body, "\n</{operation}Response>\n");
        body
    }

    /// Under the names of the wire; moments as services send them.
    fn json(&self, structure: &Structure, value: &Value) -> Value {
        let members = structure.members.iter().filter_map(|member| {
            let value = value.get(&member.name)?;
            Some((wire_name(member).to_owned(), self.json_value(member.shape, value)))
        });
        Value::Object(members.collect())
    }

    fn json_value(&self, id: ShapeId, value: &Value) -> Value {
        match (&self.service.shape(id).kind, value) {
            (ShapeKind::Structure(structure), value) => self.json(structure, value),
            (ShapeKind::List { member, .. }, Value::Array(items)) => {
                items.iter().map(|item| self.json_value(member.shape, item)).collect()
            }
            (ShapeKind::Map { value: target, .. }, Value::Object(entries)) => {
                entries.iter().map(|(key, value)| (key.clone(), self.json_value(target.shape, value))).collect()
            }
            // 2026-01-05T10:00:07Z and minutes after it.
            (ShapeKind::Timestamp { .. }, Value::String(text)) => {
                let minutes = text.get(14..16).and_then(|minutes| minutes.parse::<u32>().ok()).unwrap_or_default();
                json!(1_767_607_207 + 60 * minutes)
            }
            (_, value) => value.clone(),
        }
    }

    fn members(&self, structure: &Structure, value: &Value, body: &mut String) {
        for member in &structure.members {
            if let Some(value) = value.get(&member.name) {
                // Indented, as EC2 does.
                body.push_str("\n        ");
                self.element(wire_name(member), member.shape, member.flattened, value, body);
            }
        }
    }

    fn element(&self, name: &str, id: ShapeId, flat: bool, value: &Value, body: &mut String) {
        match (&self.service.shape(id).kind, value) {
            (ShapeKind::List { member, flattened, .. }, Value::Array(items)) if flat || *flattened => {
                for item in items {
                    self.element(member.location_name.as_deref().unwrap_or(name), member.shape, false, item, body);
                }
                return;
            }
            _ => {
                let _ = write!(body, "<{name}>");
            }
        }
        match (&self.service.shape(id).kind, value) {
            (ShapeKind::Structure(structure), value) => self.members(structure, value, body),
            (ShapeKind::List { member, .. }, Value::Array(items)) => {
                for item in items {
                    self.element(member.location_name.as_deref().unwrap_or("member"), member.shape, false, item, body);
                }
            }
            (ShapeKind::Map { value: target, .. }, Value::Object(entries)) => {
                for (key, value) in entries {
                    let _ = write!(body, "<entry><key>{key}</key>");
                    self.element("value", target.shape, false, value, body);
                    body.push_str("</entry>");
                }
            }
            // EC2 and IAM send moments with and without milliseconds.
            (ShapeKind::Timestamp { .. }, Value::String(text)) if self.service.protocol == Protocol::Ec2Query => {
                body.push_str(&text.replace('Z', ".000Z"));
            }
            (_, Value::String(text)) => body.push_str(text),
            (_, other) => {
                let _ = write!(body, "{other}");
            }
        }
        let _ = write!(body, "</{name}>");
    }
}

fn wire_name(member: &Member) -> &str {
    member.location_name.as_deref().unwrap_or(&member.name)
}
