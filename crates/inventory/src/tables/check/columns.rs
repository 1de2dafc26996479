//! The columns that further calls give: each checked, with the call that it comes from and the calls that
//! this one must wait for.

use std::collections::BTreeMap;

use dodai_models::Models;
use serde_json::{Map, Value};
use serde_saphyr::Spanned;

use super::calls::{absent, kind, members, names_exist, operation, output, parsed, reference, reference_kind, request};
use super::steps::steps;
use super::{Checked, Known, TAGS, Wrong, wrong};
use crate::tables::conceal::Conceal;
use crate::tables::file::{AbsentFile, AddFile, DescribeFile};
use crate::tables::path::Path;
use crate::tables::reference::{Params, Reference};
use crate::tables::table::{Column, ColumnKind, Join, RowCall, Source};

/// What is gathered while the calls of a table are checked one after another.
pub(super) struct Building<'a> {
    models: &'a Models,
    known: Known,
    /// Which call gives a column; none of the listed row's.
    from: BTreeMap<String, usize>,
    pub(super) columns: Vec<Column>,
    pub(super) calls: Vec<RowCall>,
    pub(super) joins: Vec<Join>,
}

impl<'a> Building<'a> {
    pub(super) fn new(models: &'a Models, known: Known) -> Self {
        Self { models, known, from: BTreeMap::new(), columns: Vec::new(), calls: Vec::new(), joins: Vec::new() }
    }

    /// Every member of the reply that the row does not have yet becomes a column.
    pub(super) fn describe(&mut self, form: &DescribeFile) -> Checked<()> {
        let (service, operation) = operation(self.models, &form.call)?;
        let call = Form {
            call: &form.call,
            with: &form.with,
            fixed: &form.fixed,
            absent: &form.absent,
            gone: &form.gone,
            region: form.region.as_ref(),
            when: &form.when,
            optional: false,
            must: Some(parsed(form.take.as_ref())?),
        };
        let number = self.call(&call)?;
        let path = parsed(form.take.as_ref())?;
        let at = form.take.as_ref().unwrap_or(&form.call);
        let target = output(&service, operation, &path).map_err(|message| wrong(at, message))?;
        let members = members(&service, target, at, &form.without)?;
        let taken: Vec<_> = members.into_iter().filter(|(name, _)| !self.known.contains_key(name)).collect();
        for (name, shape) in taken {
            let inner = format!("{path}{}{name}", if path.is_empty() { "" } else { "." });
            let path = Path::parse(&inner).map_err(|message| wrong(at, message))?;
            let kind = ColumnKind::Shape { service: service.name.clone(), shape };
            self.column(&name, kind, Source::Call(number, path), Some(number));
        }
        Ok(())
    }

    pub(super) fn add(&mut self, name: &str, form: &AddFile, listed: &Known) -> Checked<()> {
        match (&form.call, &form.list) {
            (Some(call), None) => {
                if self.known.contains_key(name) && name != TAGS {
                    return Err(wrong(call, format!("the row has a column `{name}` already")));
                }
                if let Some((on, _)) = form.on.iter().next() {
                    return Err(wrong(call, format!("`on: {on}` belongs to a column with `list`")));
                }
                let (service, operation) = operation(self.models, call)?;
                let request = Form {
                    call,
                    with: &form.with,
                    fixed: &form.fixed,
                    absent: &form.absent,
                    gone: &form.gone,
                    region: form.region.as_ref(),
                    when: &form.when,
                    optional: form.optional,
                    must: form.must.as_ref().map(|must| parsed(Some(must))).transpose()?,
                };
                if let (Some(path), Some(at)) = (&request.must, &form.must) {
                    output(&service, operation, path).map_err(|message| wrong(at, message))?;
                }
                let number = self.call(&request)?;
                let path = parsed(form.take.as_ref())?;
                let target = output(&service, operation, &path)
                    .map_err(|message| wrong(form.take.as_ref().unwrap_or(call), message))?;
                self.column(name, kind(&service, target), Source::Call(number, path), Some(number));
                Ok(())
            }
            (None, Some(list)) => {
                let Some(first) = list.0.first() else {
                    return Err(Wrong { line: 0, column: 0, message: format!("`list` of `{name}` has no step") });
                };
                if self.known.contains_key(name) {
                    return Err(wrong(&first.call, format!("the row has a column `{name}` already")));
                }
                if form.on.is_empty() {
                    return Err(wrong(&first.call, format!("`{name}` has no `on`: which rows of the list match?")));
                }
                let (list, joined, whole) = steps(self.models, &list.0)?;
                let on = form
                    .on
                    .iter()
                    .map(|(ours, theirs)| {
                        let our = Reference::parse(ours).map_err(|message| wrong(theirs, message))?;
                        names_exist(our.columns(), listed, &Known::new()).map_err(|message| wrong(theirs, message))?;
                        Ok((our, reference(theirs, &joined, &Known::new())?))
                    })
                    .collect::<Checked<Vec<_>>>()?;
                let (take, of) = match &form.take {
                    Some(take) => {
                        let taken = reference(take, &joined, &Known::new())?;
                        let of = reference_kind(self.models, &taken, &joined, &Known::new());
                        (Some(taken), of)
                    }
                    None => (None, whole),
                };
                let kind = match (of, form.many) {
                    (kind, false) => kind,
                    (ColumnKind::Shape { service, shape }, true) => ColumnKind::Shapes { service, shape },
                    (_, true) => {
                        let message = "`many` takes a row of the list or a member of it, not a text made of them";
                        return Err(wrong(&first.call, message));
                    }
                };
                let join = Join { list, on, take, many: form.many };
                self.joins.push(join);
                self.column(name, kind, Source::Join(self.joins.len() - 1), None);
                Ok(())
            }
            (Some(call), Some(_)) => Err(wrong(call, format!("`{name}` has both `call` and `list`"))),
            (None, None) => Err(Wrong {
                line: 0,
                column: 0,
                message: format!("`{name}` under `add` has neither `call` nor `list`"),
            }),
        }
    }

    fn column(&mut self, name: &str, kind: ColumnKind, source: Source, call: Option<usize>) {
        // A call that gives the tags takes the place of a member of that name.
        self.columns.retain(|column| column.name != name);
        self.known.insert(name.to_owned(), kind.clone());
        if let Some(call) = call {
            self.from.insert(name.to_owned(), call);
        }
        self.columns.push(Column { name: name.to_owned(), kind, source, conceal: Conceal::default() });
    }

    /// Checks a call for each row and gives its number; equal ones are made once.
    fn call(&mut self, form: &Form<'_>) -> Checked<usize> {
        let request = request(self.models, form.call, form.with, form.fixed, &self.known, &Known::new())?;
        let region = form.region.map(|region| reference(region, &self.known, &Known::new())).transpose()?;
        let mut when = Vec::new();
        for (column, values) in form.when {
            let column = Reference::parse(column).map_err(|message| wrong(form.call, message))?;
            names_exist(column.columns(), &self.known, &Known::new()).map_err(|message| wrong(form.call, message))?;
            when.push((column, values.clone()));
        }
        let used = request.with.columns().into_iter();
        let used = used.chain(region.iter().flat_map(Reference::columns));
        let used = used.chain(when.iter().flat_map(|(column, _)| column.columns()));
        let after = used.filter_map(|named| self.from.get(&named.column).copied()).collect();
        let call = RowCall {
            request,
            absent: absent(form.absent),
            gone: absent(form.gone),
            region,
            when,
            optional: form.optional,
            must: form.must.clone(),
            after,
        };
        if let Some(same) = self.calls.iter().position(|other| *other == call) {
            return Ok(same);
        }
        self.calls.push(call);
        Ok(self.calls.len() - 1)
    }
}

/// What `describe` and `add` share.
struct Form<'a> {
    call: &'a Spanned<String>,
    with: &'a Map<String, Value>,
    fixed: &'a Map<String, Value>,
    absent: &'a [AbsentFile],
    gone: &'a [AbsentFile],
    region: Option<&'a Spanned<String>>,
    when: &'a BTreeMap<String, Vec<Value>>,
    optional: bool,
    /// What the reply must have: a described structure.
    must: Option<Path>,
}

/// The columns that a call under `add` names, as far as they can be read; what cannot is reported when it
/// is checked.
pub(super) fn needs(add: &AddFile) -> Vec<String> {
    let with = Params::parse(&Value::Object(add.with.clone())).ok();
    let texts = add.region.iter().map(|region| region.value.as_str()).chain(add.when.keys().map(String::as_str));
    let references: Vec<Reference> = texts.filter_map(|text| Reference::parse(text).ok()).collect();
    let with = with.iter().flat_map(Params::columns);
    with.chain(references.iter().flat_map(Reference::columns)).map(|named| named.column.clone()).collect()
}
