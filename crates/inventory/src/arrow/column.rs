//! What a column holds: the types that API models have, as far as SQL needs to tell them apart.

use std::fmt;
use std::sync::Arc;

use datafusion::arrow::datatypes::{DataType, Field, FieldRef, Fields, TimeUnit};
use dodai_models::{Service, ShapeId, ShapeKind};
use serde::{Deserialize, Serialize};

/// The type of a column, or of a part of one. Every value may be null.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ColumnType {
    /// Also blobs (base64) and enumerations.
    Text,
    /// JSON as text: what has no fixed shape (documents), more than one (unions), no end (shapes that
    /// contain themselves) or nothing in it (structures without members, which Parquet cannot hold).
    Json,
    Integer,
    Double,
    Boolean,
    /// Milliseconds, UTC. ISO 8601 text in JSON; compared with `now() - interval '90 days'` in SQL.
    Timestamp,
    List(Box<ColumnType>),
    /// From text.
    Map(Box<ColumnType>),
    Struct(Vec<(String, ColumnType)>),
}

impl ColumnType {
    /// A list of this.
    #[must_use]
    pub fn list(self) -> Self {
        Self::List(Box::new(self))
    }

    /// A map from text to this.
    #[must_use]
    pub fn map(self) -> Self {
        Self::Map(Box::new(self))
    }

    /// A structure of these.
    pub fn structure<'a>(fields: impl IntoIterator<Item = (&'a str, Self)>) -> Self {
        Self::Struct(fields.into_iter().map(|(name, kind)| (name.to_owned(), kind)).collect())
    }

    /// The type of an API shape. Members keep their names.
    pub fn of_shape(service: &Service, shape: ShapeId) -> Self {
        let Some(kind) = kind(service, shape) else { return Self::Json };
        match kind {
            ShapeKind::Structure(structure) => {
                let open = structure.union || structure.document || structure.event_stream;
                if open || structure.members.is_empty() || contains_itself(service, shape) {
                    return Self::Json;
                }
                Self::Struct(
                    structure
                        .members
                        .iter()
                        .map(|member| (member.name.clone(), Self::of_shape(service, member.shape)))
                        .collect(),
                )
            }
            ShapeKind::List { member, .. } if !contains_itself(service, shape) => {
                Self::of_shape(service, member.shape).list()
            }
            ShapeKind::Map { value, .. } if !contains_itself(service, shape) => {
                Self::of_shape(service, value.shape).map()
            }
            ShapeKind::List { .. } | ShapeKind::Map { .. } => Self::Json,
            ShapeKind::String { .. } | ShapeKind::Blob { .. } => Self::Text,
            ShapeKind::Integer { .. } | ShapeKind::Long { .. } => Self::Integer,
            ShapeKind::Float | ShapeKind::Double => Self::Double,
            ShapeKind::Boolean => Self::Boolean,
            ShapeKind::Timestamp { .. } => Self::Timestamp,
        }
    }

    /// As Arrow has it.
    pub fn arrow(&self) -> DataType {
        match self {
            Self::Text | Self::Json => DataType::Utf8,
            Self::Integer => DataType::Int64,
            Self::Double => DataType::Float64,
            Self::Boolean => DataType::Boolean,
            Self::Timestamp => DataType::Timestamp(TimeUnit::Millisecond, Some("UTC".into())),
            Self::List(element) => DataType::List(element.element_field()),
            Self::Map(value) => DataType::Map(value.entries_field(), false),
            Self::Struct(fields) => DataType::Struct(struct_fields(fields)),
        }
    }

    /// The field that Arrow wants around the elements of a list of this.
    pub(crate) fn element_field(&self) -> FieldRef {
        Arc::new(Field::new("item", self.arrow(), true))
    }

    /// The field that Arrow wants around the entries of a map to this.
    pub(crate) fn entries_field(&self) -> FieldRef {
        Arc::new(Field::new("entries", DataType::Struct(self.entry_fields()), false))
    }

    pub(crate) fn entry_fields(&self) -> Fields {
        Fields::from(vec![Field::new("key", DataType::Utf8, false), Field::new("value", self.arrow(), true)])
    }

    /// Whether what was stored as this type reads as `wanted`: fields are matched by name, those that are
    /// missing read as null, and plain values are cast where nothing is lost.
    pub fn reads_as(&self, wanted: &Self) -> bool {
        match (self, wanted) {
            (Self::List(stored), Self::List(wanted)) => stored.reads_as(wanted),
            (Self::Struct(stored), Self::Struct(wanted)) => {
                let mut shared = 0;
                wanted.iter().all(|(name, kind)| {
                    let Some((_, stored)) = stored.iter().find(|(stored, _)| stored == name) else { return true };
                    shared += 1;
                    stored.reads_as(kind)
                }) && shared > 0
            }
            // What a text means as JSON, and the entries of maps, are not converted.
            (Self::Text | Self::Json, Self::Text | Self::Json)
            | (Self::Integer | Self::Boolean, Self::Text)
            | (Self::Integer, Self::Double) => true,
            (stored, wanted) => stored == wanted,
        }
    }
}

fn kind(service: &Service, shape: ShapeId) -> Option<&ShapeKind> {
    service.shapes.get(usize::try_from(shape).ok()?).map(|shape| &shape.kind)
}

pub(crate) fn struct_fields(fields: &[(String, ColumnType)]) -> Fields {
    fields.iter().map(|(name, kind)| Field::new(name, kind.arrow(), true)).collect()
}

/// Whether a shape can be met again on a way down from itself.
fn contains_itself(service: &Service, shape: ShapeId) -> bool {
    let mut seen = vec![false; service.shapes.len()];
    let mut open = vec![shape];
    while let Some(next) = open.pop() {
        let inside: Vec<ShapeId> = match kind(service, next) {
            Some(ShapeKind::Structure(structure)) => structure.members.iter().map(|member| member.shape).collect(),
            Some(ShapeKind::List { member, .. }) => vec![member.shape],
            Some(ShapeKind::Map { key, value, .. }) => vec![key.shape, value.shape],
            _ => Vec::new(),
        };
        for inner in inside {
            if inner == shape {
                return true;
            }
            let met = usize::try_from(inner).ok().and_then(|index| seen.get_mut(index));
            if let Some(met) = met
                && !std::mem::replace(met, true)
            {
                open.push(inner);
            }
        }
    }
    false
}

/// As listings show it: `list<struct<Key text, Value text>>`.
impl fmt::Display for ColumnType {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text => formatter.write_str("text"),
            Self::Json => formatter.write_str("json"),
            Self::Integer => formatter.write_str("integer"),
            Self::Double => formatter.write_str("double"),
            Self::Boolean => formatter.write_str("boolean"),
            Self::Timestamp => formatter.write_str("timestamp"),
            Self::List(element) => write!(formatter, "list<{element}>"),
            Self::Map(value) => write!(formatter, "map<text, {value}>"),
            Self::Struct(fields) => {
                formatter.write_str("struct<")?;
                for (index, (name, kind)) in fields.iter().enumerate() {
                    if index > 0 {
                        formatter.write_str(", ")?;
                    }
                    write!(formatter, "{name} {kind}")?;
                }
                formatter.write_str(">")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> ColumnType {
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn stored_types_read_as_todays() {
        for (stored, wanted, reads) in [
            (r#""text""#, r#""json""#, true),
            (r#""integer""#, r#""text""#, true),
            (r#""text""#, r#""integer""#, false),
            (r#""text""#, r#""timestamp""#, false),
            (r#"{"list":"text"}"#, r#""text""#, false),
            (r#"{"struct":[["A","text"]]}"#, r#"{"struct":[["B","text"],["A","text"]]}"#, true),
            (r#"{"struct":[["A","text"]]}"#, r#"{"struct":[["B","text"]]}"#, false),
            (r#"{"struct":[["A","text"]]}"#, r#"{"struct":[["A",{"list":"text"}]]}"#, false),
            (r#"{"list":{"struct":[["A","text"],["C","text"]]}}"#, r#"{"list":{"struct":[["A","json"]]}}"#, true),
            (r#"{"map":"text"}"#, r#"{"map":"integer"}"#, false),
            (r#"{"map":"text"}"#, r#"{"map":"text"}"#, true),
        ] {
            assert_eq!(parse(stored).reads_as(&parse(wanted)), reads, "{stored} as {wanted}");
        }
    }

    #[test]
    fn shapes_of_the_models_have_types() {
        let models = dodai_models::Models::embedded();
        for (service, shape, expected) in [
            (
                "s3",
                "PublicAccessBlockConfiguration",
                "struct<BlockPublicAcls boolean, IgnorePublicAcls boolean, BlockPublicPolicy boolean, RestrictPublicBuckets boolean>",
            ),
            ("s3", "SSES3", "json"),
            ("iam", "AccessKeyMetadata", "struct<UserName text, AccessKeyId text, Status text, CreateDate timestamp>"),
            (
                "config",
                "RecordingGroup",
                "struct<allSupported boolean, includeGlobalResourceTypes boolean, resourceTypes list<text>, exclusionByResourceTypes struct<resourceTypes list<text>>, recordingStrategy struct<useOnly text>>",
            ),
            ("guardduty", "TagMap", "map<text, text>"),
            // They contain each other.
            ("ce", "Expression", "json"),
            ("ce", "Expressions", "json"),
        ] {
            let service = models.service(service).unwrap();
            let id = service.shapes.iter().position(|known| known.name == shape).unwrap();
            let kind = ColumnType::of_shape(&service, ShapeId::try_from(id).unwrap());
            assert_eq!(kind.to_string(), expected, "{shape}");
        }
    }

    #[test]
    fn types_are_shown() {
        let kind = ColumnType::structure([("Key", ColumnType::Text), ("At", ColumnType::Timestamp.map())]).list();
        assert_eq!(kind.to_string(), "list<struct<Key text, At map<text, timestamp>>>");
    }
}
