//! The steps of a list: what each is called with, where its rows are, and which columns they have.

use dodai_models::{Models, ShapeKind};

use super::calls::{absent, members, operation, output, parsed, reference, reference_kind, request};
use super::{Checked, Known, wrong};
use crate::tables::file::{Recurse, StepFile};
use crate::tables::path::Target;
use crate::tables::table::{ColumnKind, Step};

/// Checks steps one after another; gives the columns of the last one's rows, and what such a row is.
pub(super) fn steps(models: &Models, forms: &[StepFile]) -> Checked<(Vec<Step>, Known, ColumnKind)> {
    let mut before = Known::new();
    let mut whole = ColumnKind::Text;
    let mut checked = Vec::new();
    for form in forms {
        let (step, rows, row) = step(models, form, &before, checked.is_empty())?;
        checked.push(step);
        before = rows;
        whole = row;
    }
    Ok((checked, before, whole))
}

fn step(models: &Models, form: &StepFile, before: &Known, first: bool) -> Checked<(Step, Known, ColumnKind)> {
    let (service, operation) = operation(models, &form.call)?;
    let rows = parsed(form.rows.as_ref())?;
    let at = form.rows.as_ref().unwrap_or(&form.call);
    let target = output(&service, operation, &rows).map_err(|message| wrong(at, message))?;
    let element = match &service.shape(target.shape).kind {
        ShapeKind::List { .. } if form.one => return Err(wrong(at, "is a list, not one row")),
        ShapeKind::List { member, .. } => member.shape,
        _ if form.one || target.many => target.shape,
        _ => return Err(wrong(at, "is not a list; `one: true` makes it the only row")),
    };
    let mut columns = Known::new();
    match (&form.name, &service.shape(element).kind) {
        (None, ShapeKind::Structure(_)) => {
            let target = Target { shape: element, many: false };
            for (name, shape) in members(&service, target, at, &form.without)? {
                columns.insert(name, ColumnKind::Shape { service: service.name.clone(), shape });
            }
        }
        (Some(name), ShapeKind::Structure(_)) => {
            return Err(wrong(name, "`as` names a row that is a plain text; these rows are structures"));
        }
        (None, _) => return Err(wrong(at, "its rows are not structures: `as` gives them a name")),
        (Some(name), _) => {
            let kind = ColumnKind::Shape { service: service.name.clone(), shape: element };
            columns.insert(name.value.clone(), kind);
        }
    }
    if form.recurse.is_some() && first {
        return Err(wrong(&form.call, "`recurse` needs a step before it to begin with"));
    }
    // A step that runs on its own rows knows of them what they have in common with those it began with.
    let mut parents = before.clone();
    if form.recurse.is_some() {
        parents.retain(|name, _| columns.contains_key(name) || form.set.contains_key(name));
    }
    let request = request(models, &form.call, &form.with, &form.fixed, &parents, &Known::new())?;
    let mut set = Vec::new();
    let mut made = Known::new();
    for (name, text) in &form.set {
        if columns.contains_key(name) {
            return Err(wrong(text, format!("the row has a column `{name}` already")));
        }
        let value = reference(text, &columns, &parents)?;
        made.insert(name.clone(), reference_kind(models, &value, &columns, &parents));
        set.push((name.clone(), value));
    }
    columns.extend(made);
    if form.recurse == Some(Recurse::All) {
        columns.retain(|name, _| before.contains_key(name));
    }
    let step = Step {
        request,
        rows,
        one: form.one,
        name: form.name.as_ref().map(|name| name.value.clone()),
        without: form.without.iter().map(|name| name.value.clone()).collect(),
        set,
        recurse: form.recurse,
        absent: absent(&form.absent),
    };
    Ok((step, columns, ColumnKind::Shape { service: service.name.clone(), shape: element }))
}
