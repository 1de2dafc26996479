//! Where a value stands in a reply or a row: `Reservations[].Instances`, `Rules[0]`, `Owner.ID`. Walks
//! values when rows are read, and the shapes of the API model when table files are checked.

use std::fmt;

use dodai_models::{Service, ShapeId, ShapeKind};
use serde_json::Value;

/// A path; the empty one is the whole value.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Path(Vec<Segment>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Segment {
    /// A member of a structure, or a key of a map.
    Member(String),
    /// Every element of a list.
    Each,
    /// One element of a list, counted from 0.
    At(usize),
}

/// What a path leads to in a value.
#[derive(Debug, PartialEq)]
pub(crate) enum Found<'a> {
    /// The path has no `[]`; none where the value is missing or null.
    One(Option<&'a Value>),
    /// The path has a `[]`: all that was found, nulls left out.
    Many(Vec<&'a Value>),
}

/// What a path leads to in the model.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Target {
    pub(crate) shape: ShapeId,
    /// The path has a `[]`: a list of that shape.
    pub(crate) many: bool,
}

impl Path {
    /// Reads `A.B[].C[0]`.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let mut segments = Vec::new();
        if text.is_empty() {
            return Ok(Self(segments));
        }
        for part in text.split('.') {
            let (name, mut rest) = part.split_at(part.find('[').unwrap_or(part.len()));
            if name.is_empty() || name.contains(['{', '}', ']', ' ']) {
                return Err(format!(
                    "`{text}` is not a path like `Owner.ID`, `Rules[0]` or `Reservations[].Instances`"
                ));
            }
            segments.push(Segment::Member(name.to_owned()));
            while let Some(inner) = rest.strip_prefix('[') {
                let Some((index, after)) = inner.split_once(']') else {
                    return Err(format!("`{text}` has a `[` without `]`"));
                };
                segments.push(if index.is_empty() {
                    Segment::Each
                } else {
                    Segment::At(index.parse().map_err(|_| format!("`{index}` in `{text}` is not an element's number"))?)
                });
                rest = after;
            }
            if !rest.is_empty() {
                return Err(format!("`{text}` has `{rest}` after `]`"));
            }
        }
        Ok(Self(segments))
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Splits off the first member: the column that a path into a row begins with.
    pub(crate) fn split_first(&self) -> Option<(&str, Path)> {
        match self.0.split_first() {
            Some((Segment::Member(name), rest)) => Some((name, Self(rest.to_vec()))),
            _ => None,
        }
    }

    /// The path inside of the column that it begins with; it may begin with a `[]`.
    pub(crate) fn below_first(&self) -> Path {
        Self(self.0.get(1..).unwrap_or_default().to_vec())
    }

    /// What stands there in a value.
    pub(crate) fn get<'a>(&self, value: &'a Value) -> Found<'a> {
        let mut found = vec![value];
        let mut many = false;
        for segment in &self.0 {
            found = match segment {
                Segment::Member(name) => found.into_iter().filter_map(|value| value.get(name)).collect(),
                Segment::At(index) => found.into_iter().filter_map(|value| value.get(index)).collect(),
                Segment::Each => {
                    many = true;
                    found.into_iter().filter_map(Value::as_array).flatten().collect()
                }
            };
        }
        found.retain(|value| !value.is_null());
        if many { Found::Many(found) } else { Found::One(found.first().copied()) }
    }

    /// Changes every value that stands there.
    pub(crate) fn change(&self, value: &mut Value, change: &mut impl FnMut(&mut Value)) {
        fn walk(segments: &[Segment], value: &mut Value, change: &mut impl FnMut(&mut Value)) {
            let Some((segment, rest)) = segments.split_first() else {
                return change(value);
            };
            match segment {
                Segment::Member(name) => {
                    if let Some(inner) = value.get_mut(name) {
                        walk(rest, inner, change);
                    }
                }
                Segment::At(index) => {
                    if let Some(inner) = value.get_mut(index) {
                        walk(rest, inner, change);
                    }
                }
                Segment::Each => {
                    for inner in value.as_array_mut().into_iter().flatten() {
                        walk(rest, inner, change);
                    }
                }
            }
        }
        walk(&self.0, value, change);
    }

    /// The shape that the path leads to from `start`. The error names what is not there and the nearest
    /// name that is.
    pub(crate) fn shape(&self, service: &Service, start: ShapeId) -> Result<Target, String> {
        let mut target = Target { shape: start, many: false };
        for segment in &self.0 {
            let shape = service.shape(target.shape);
            target.shape = match (segment, &shape.kind) {
                (Segment::Member(name), ShapeKind::Structure(structure)) => {
                    let Some(member) = structure.members.iter().find(|member| member.name == *name) else {
                        let names = structure.members.iter().map(|member| member.name.as_str());
                        return Err(format!(
                            "`{}` of {} has no member `{name}`{}",
                            shape.name,
                            service.name,
                            nearest(name, names)
                        ));
                    };
                    member.shape
                }
                (Segment::Member(_), ShapeKind::Map { value, .. }) => value.shape,
                (Segment::Each, ShapeKind::List { member, .. }) => {
                    target.many = true;
                    member.shape
                }
                (Segment::At(_), ShapeKind::List { member, .. }) => member.shape,
                (Segment::Member(name), _) => {
                    return Err(format!(
                        "`{}` of {} is not a structure: it has no `{name}`; a list is entered with `[]` or `[0]`",
                        shape.name, service.name
                    ));
                }
                (Segment::Each | Segment::At(_), _) => {
                    return Err(format!("`{}` of {} is not a list", shape.name, service.name));
                }
            };
        }
        Ok(target)
    }
}

impl fmt::Display for Path {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, segment) in self.0.iter().enumerate() {
            match segment {
                Segment::Member(name) if number == 0 => formatter.write_str(name)?,
                Segment::Member(name) => write!(formatter, ".{name}")?,
                Segment::Each => formatter.write_str("[]")?,
                Segment::At(index) => write!(formatter, "[{index}]")?,
            }
        }
        Ok(())
    }
}

/// `; did you mean …` for the nearest of some names, empty where none is near.
pub(crate) fn nearest<'a>(name: &str, names: impl Iterator<Item = &'a str>) -> String {
    dodai_facts::nearest(name, names).map_or_else(String::new, |near| format!("; did you mean `{near}`?"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn paths_lead_to_values() {
        let reply = json!({
            "Reservations": [{"Instances": [{"Id": "a"}, {"Id": null}]}, {"Instances": [{"Id": "b"}]}, {}],
            "Owner": {"ID": 1, "None": null},
        });
        let check = |path: &str, expected: Value| {
            let parsed = Path::parse(path).unwrap();
            assert_eq!(parsed.to_string(), path);
            let found = match parsed.get(&reply) {
                Found::One(value) => value.cloned().unwrap_or(Value::Null),
                Found::Many(values) => values.into_iter().cloned().collect(),
            };
            assert_eq!(found, expected, "{path}");
        };
        check("Owner.ID", json!(1));
        check("Owner.None", json!(null));
        check("Owner.Other.Deeper", json!(null));
        check("Reservations[].Instances[].Id", json!(["a", "b"]));
        check("Reservations[0].Instances[0].Id", json!("a"));
        check("Reservations[9].Instances", json!(null));
        check("", reply.clone());
    }

    #[test]
    fn values_are_changed_in_place() {
        let mut row = json!({"A": [{"B": "x", "C": "x"}, {"B": "y"}, {}]});
        Path::parse("A[].B").unwrap().change(&mut row, &mut |value| *value = json!("z"));
        assert_eq!(row, json!({"A": [{"B": "z", "C": "x"}, {"B": "z"}, {}]}));
    }

    #[test]
    fn wrong_paths_are_refused() {
        for text in [".", "A..B", "A[", "A[x]", "A[0]B", "[].A", "{A}", "A B"] {
            assert!(Path::parse(text).is_err(), "{text}");
        }
    }
}
