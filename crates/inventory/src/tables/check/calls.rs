//! One call against its model: that there is such an operation, that its parameters are right, and what
//! stands where in its reply.

use std::sync::Arc;

use dodai_models::{Models, Operation, Service, ShapeId, ShapeKind, validate};
use serde_json::{Map, Value, json};
use serde_saphyr::Spanned;

use super::{Checked, Known, wrong};
use crate::tables::file::AbsentFile;
use crate::tables::path::{Path, Target, nearest};
use crate::tables::reference::{Named, PARENT, PLACE, Params, Reference};
use crate::tables::table::{Absent, ColumnKind, Request};

pub(super) fn operation<'a>(models: &Models, call: &'a Spanned<String>) -> Checked<(Arc<Service>, &'a str)> {
    let Some((service, operation)) = call.value.split_once('.') else {
        return Err(wrong(call, format!("`{}` is not a call like `s3.ListBuckets`", call.value)));
    };
    let Some(service) = models.service(service) else {
        let near = nearest(service, models.names());
        return Err(wrong(call, format!("there is no API model of `{service}`{near}")));
    };
    if service.operation(operation).is_none() {
        let near = nearest(operation, service.operations.keys().map(String::as_str));
        return Err(wrong(call, format!("`{}` has no operation `{operation}`{near}", service.name)));
    }
    Ok((service, operation))
}

/// The shape at a path of an operation's output.
pub(super) fn output(service: &Service, operation: &str, path: &Path) -> Result<Target, String> {
    match service.operation(operation).and_then(|operation| operation.output) {
        Some(output) => path.shape(service, output),
        None => Err(format!("`{operation}` has no output")),
    }
}

/// The members of a structure, without those that are left out.
pub(super) fn members(
    service: &Service,
    target: Target,
    at: &Spanned<String>,
    without: &[Spanned<String>],
) -> Checked<Vec<(String, ShapeId)>> {
    let shape = service.shape(target.shape);
    let ShapeKind::Structure(structure) = &shape.kind else {
        return Err(wrong(at, format!("`{}` is not a structure: it has no members", shape.name)));
    };
    if target.many {
        return Err(wrong(at, "is a list, not one structure"));
    }
    for left_out in without {
        if !structure.members.iter().any(|member| member.name == left_out.value) {
            let near = nearest(&left_out.value, structure.members.iter().map(|member| member.name.as_str()));
            return Err(wrong(left_out, format!("`{}` has no member `{}`{near}", shape.name, left_out.value)));
        }
    }
    Ok(structure
        .members
        .iter()
        .filter(|member| !without.iter().any(|left_out| left_out.value == member.name))
        .map(|member| (member.name.clone(), member.shape))
        .collect())
}

/// Checks parameters: the columns that they name, and their own names and types against the model.
pub(super) fn request(
    models: &Models,
    call: &Spanned<String>,
    with: &Map<String, Value>,
    fixed: &Map<String, Value>,
    row: &Known,
    parent: &Known,
) -> Checked<Request> {
    let (service, name) = operation(models, call)?;
    let params = Params::parse(&Value::Object(with.clone())).map_err(|message| wrong(call, message))?;
    names_exist(params.columns(), row, parent).map_err(|message| wrong(call, message))?;
    if let Some(twice) = with.keys().find(|name| fixed.contains_key(*name)) {
        return Err(wrong(call, format!("parameter `{twice}` stands under both `with` and `fixed`")));
    }
    let mut sample = with.iter().map(|(name, value)| (name.clone(), to_references(value))).collect::<Map<_, _>>();
    sample.extend(fixed.clone());
    let found: Option<&Operation> = service.operation(name);
    let problems = found.map(|found| validate(&service, found, &Value::Object(sample))).unwrap_or_default();
    if !problems.is_empty() {
        return Err(wrong(call, format!("parameters of `{}`: {}", call.value, problems.join("; "))));
    }
    Ok(Request { service: service.name.clone(), operation: name.to_owned(), with: params, fixed: fixed.clone() })
}

/// Parameters whose texts are not known yet, in the form that validation accepts anywhere.
fn to_references(value: &Value) -> Value {
    match value {
        Value::Array(items) => items.iter().map(to_references).collect(),
        Value::Object(fields) => {
            Value::Object(fields.iter().map(|(name, value)| (name.clone(), to_references(value))).collect())
        }
        _ => json!({"$ref": "row#0.column"}),
    }
}

pub(super) fn parsed(text: Option<&Spanned<String>>) -> Checked<Path> {
    text.map_or_else(|| Ok(Path::default()), |text| Path::parse(&text.value).map_err(|message| wrong(text, message)))
}

pub(super) fn reference(text: &Spanned<String>, row: &Known, parent: &Known) -> Checked<Reference> {
    let reference = Reference::parse(&text.value).map_err(|message| wrong(text, message))?;
    names_exist(reference.columns(), row, parent).map_err(|message| wrong(text, message))?;
    Ok(reference)
}

pub(super) fn names_exist(columns: Vec<&Named>, row: &Known, parent: &Known) -> Result<(), String> {
    for named in columns {
        let name = named.column.as_str();
        // The nearest is looked for where none is found only: tables are read at every start.
        let near = match name.strip_prefix(PARENT).and_then(|rest| rest.strip_prefix('.')) {
            Some(name) if parent.contains_key(name) => continue,
            Some(name) => nearest(name, parent.keys().map(String::as_str)),
            None if PLACE.contains(&name) || row.contains_key(name) => continue,
            None => nearest(name, row.keys().map(String::as_str).chain(PLACE)),
        };
        return Err(format!("there is no column `{name}`{near}"));
    }
    Ok(())
}

/// What a reference's value is: the column's kind where it is a column itself, else text.
pub(super) fn reference_kind(models: &Models, reference: &Reference, row: &Known, parent: &Known) -> ColumnKind {
    let named = match reference {
        Reference::Column(named) => named,
        Reference::Text(_) => return ColumnKind::Text,
        Reference::First(each) => {
            return each.first().map_or(ColumnKind::Text, |first| reference_kind(models, first, row, parent));
        }
    };
    let name = named.column.as_str();
    let column = match name.strip_prefix(PARENT).and_then(|rest| rest.strip_prefix('.')) {
        Some(name) => parent.get(name),
        None => row.get(name),
    };
    match column {
        Some(ColumnKind::Shape { service, shape }) if !named.path.is_empty() => models
            .service(service)
            .and_then(|service| Some(kind(&service, named.path.shape(&service, *shape).ok()?)))
            .unwrap_or(ColumnKind::Text),
        Some(kind) => kind.clone(),
        None => ColumnKind::Text,
    }
}

pub(super) fn kind(service: &Service, target: Target) -> ColumnKind {
    let service = service.name.clone();
    if target.many {
        ColumnKind::Shapes { service, shape: target.shape }
    } else {
        ColumnKind::Shape { service, shape: target.shape }
    }
}

pub(super) fn absent(forms: &[AbsentFile]) -> Vec<Absent> {
    forms
        .iter()
        .map(|form| match form {
            AbsentFile::Code(code) => Absent { code: code.clone(), says: None },
            AbsentFile::Says { code, says } => Absent { code: code.clone(), says: Some(says.clone()) },
        })
        .collect()
}
