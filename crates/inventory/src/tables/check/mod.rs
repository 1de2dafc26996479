//! From the form of a table file to a table: every operation, parameter, path and column name is held
//! against the API models, and what is wrong is a problem at its line.

mod calls;
mod columns;
mod steps;

use std::collections::{BTreeMap, BTreeSet};

use dodai_facts::Problem;
use dodai_models::Models;
use serde_saphyr::Spanned;

use super::conceal::{Conceal, sensitive};
use super::file::{AddFile, Only, TableFile};
use super::path::{Path, nearest};
use super::table::{Column, ColumnKind, ID, Source, Table};
use calls::reference;
use columns::{Building, needs};
use steps::steps;

/// The columns that every table has, and `tags`, which only some have.
const CELL_COLUMNS: [&str; 4] = ["account_id", "account_name", "region", "arn"];
const TAGS: &str = "tags";

/// Columns by name, as steps and calls find them.
type Known = BTreeMap<String, ColumnKind>;

/// Something that is wrong, and where.
struct Wrong {
    line: usize,
    column: usize,
    message: String,
}

type Checked<T> = Result<T, Wrong>;

/// Checks one table of a file.
pub(crate) fn check(models: &Models, file: &str, name: &str, form: &TableFile) -> Result<Table, Problem> {
    table(models, name, form).map_err(|wrong| {
        let (message, help) = match wrong.message.split_once("; ") {
            Some((message, help)) if help.starts_with("did you mean") => (message, Some(help.to_owned())),
            _ => (wrong.message.as_str(), None),
        };
        Problem {
            file: file.to_owned(),
            line: wrong.line,
            column: wrong.column,
            message: format!("table `{name}`: {message}"),
            help,
        }
    })
}

fn wrong<T>(at: &Spanned<T>, message: impl Into<String>) -> Wrong {
    let number = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
    Wrong { line: number(at.referenced.line()), column: number(at.referenced.column()), message: message.into() }
}

fn table(models: &Models, name: &str, form: &TableFile) -> Checked<Table> {
    let Some(first) = form.list.0.first() else {
        return Err(Wrong { line: 0, column: 0, message: "`list` has no step".to_owned() });
    };
    let words =
        |word: &str| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
    if !name.split('_').all(words) {
        let message = "its name is not of the form `aws_s3_bucket`: lower case, digits, `_`".to_owned();
        return Err(Wrong { line: 0, column: 0, message });
    }
    let (list, listed, _) = steps(models, &form.list.0)?;
    let mut building = Building::new(models, listed.clone());
    // What begins with `_` is for the steps after it, not a column.
    for (name, kind) in listed.iter().filter(|(name, _)| !name.starts_with('_')) {
        building.columns.push(Column {
            name: name.clone(),
            kind: kind.clone(),
            source: Source::Row(name.clone()),
            conceal: Conceal::default(),
        });
    }
    for describe in form.describe.iter().flat_map(|describes| &describes.0) {
        building.describe(describe)?;
    }
    // A column may need another that is declared after it in the alphabet: what needs nothing new goes first.
    let mut waiting: Vec<(&String, &AddFile)> = form.add.iter().collect();
    while !waiting.is_empty() {
        let names: BTreeSet<&str> = waiting.iter().map(|(name, _)| name.as_str()).collect();
        let (ready, later): (Vec<_>, Vec<_>) = waiting
            .iter()
            .copied()
            .partition(|(_, add)| !needs(add).iter().any(|column| names.contains(column.as_str())));
        if ready.is_empty() {
            return Err(wrong(&first.call, "columns under `add` need each other in a circle"));
        }
        for (name, add) in ready {
            building.add(name, add, &listed)?;
        }
        waiting = later;
    }
    let Building { mut columns, calls, joins, .. } = building;

    let arn = form.arn.as_ref().map(|arn| reference(arn, &listed, &Known::new())).transpose()?;
    let region = form.region.as_ref().map(|region| reference(region, &listed, &Known::new())).transpose()?;
    let key = form.key.iter().map(|key| reference(key, &listed, &Known::new())).collect::<Checked<Vec<_>>>()?;
    if arn.is_none() && key.is_empty() && !list.iter().all(|step| step.one) {
        return Err(wrong(
            &first.call,
            "neither `arn` nor `key` tells its rows apart: name the columns that do, `key: [Name]`",
        ));
    }
    tags(form, &mut columns)?;
    for (own, given) in [("arn", form.arn.is_some()), ("region", form.region.is_some())] {
        if columns.iter().any(|column| column.name == own) && !given {
            return Err(wrong(&first.call, format!("a member is called `{own}`: say what it is, `{own}: {own}`")));
        }
    }
    columns.retain(|column| !CELL_COLUMNS.contains(&column.name.as_str()));
    let own = CELL_COLUMNS.iter().map(|name| Column {
        name: (*name).to_owned(),
        kind: ColumnKind::Text,
        source: Source::Cell,
        conceal: Conceal::default(),
    });
    columns.splice(0..0, own);
    conceal(models, form, &mut columns)?;
    Ok(Table {
        name: name.to_owned(),
        scope: form.scope,
        management_only: form.only == Some(Only::Management),
        list,
        calls,
        joins,
        columns,
        arn,
        key,
        region,
    })
}

/// Makes the column `tags` out of the one that holds them.
fn tags(form: &TableFile, columns: &mut [Column]) -> Checked<()> {
    if let Some(tags) = &form.tags {
        let Some(column) = columns.iter_mut().find(|column| column.name == tags.value) else {
            return Err(wrong(tags, format!("there is no column `{}`", tags.value)));
        };
        TAGS.clone_into(&mut column.name);
    }
    for column in columns.iter_mut().filter(|column| column.name == TAGS) {
        column.kind = ColumnKind::Tags;
    }
    Ok(())
}

/// Gives every column what of it is hidden and decoded.
fn conceal(models: &Models, form: &TableFile, columns: &mut [Column]) -> Checked<()> {
    let keep: BTreeSet<String> = form.keep.iter().map(|path| path.value.clone()).collect();
    for (paths, what) in [(&form.keep, "keep"), (&form.hide, "hide"), (&form.decode, "decode")] {
        for text in paths {
            let path = Path::parse(&text.value).map_err(|message| wrong(text, message))?;
            let Some((name, rest)) = path.split_first() else {
                return Err(wrong(text, format!("`{what}` names no column")));
            };
            let Some(column) = columns.iter_mut().find(|column| column.name == name) else {
                let near = nearest(name, columns.iter().map(Column::name));
                return Err(wrong(text, format!("there is no column `{name}`{near}")));
            };
            if let ColumnKind::Shape { service, shape } = &column.kind
                && let Some(service) = models.service(service)
            {
                rest.shape(&service, *shape).map_err(|message| wrong(text, message))?;
            }
            match what {
                "hide" => column.conceal.hide.push(rest),
                "decode" => column.conceal.decode.push(rest),
                _ => {}
            }
        }
    }
    for column in columns.iter_mut() {
        let (service, shape, at) = match &column.kind {
            ColumnKind::Shape { service, shape } => (service, *shape, column.name.clone()),
            ColumnKind::Shapes { service, shape } => (service, *shape, format!("{}[]", column.name)),
            _ => continue,
        };
        let Some(service) = models.service(service) else { continue };
        for hidden in sensitive(&service, shape, &at, &keep) {
            let path = Path::parse(&hidden).unwrap_or_default();
            // Of a list of values the path begins in the column itself: `name[].Member` is `[].Member`.
            column.conceal.hide.push(path.below_first());
        }
    }
    if columns.iter().any(|column| column.name == ID) {
        return Err(Wrong { line: 0, column: 0, message: format!("a column is called `{ID}`") });
    }
    Ok(())
}
