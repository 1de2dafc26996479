//! Tables: which calls make the rows of a resource type. The built-in ones are files in the repository's
//! `tables/`; a person's own are read beside them, in the same form.

mod builtin;
mod check;
mod conceal;
mod file;
mod given;
mod path;
mod reach;
mod reference;
mod schema;
mod table;
#[cfg(test)]
mod tests;
mod unneeded;

use std::collections::BTreeMap;
use std::num::NonZero;
use std::panic::resume_unwind;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use dodai_facts::{Problem, TableInfo};
use dodai_models::Models;

pub use conceal::HIDDEN;
pub use dodai_models::permission_of;
pub use given::{ACCOUNT_REGION_TABLE, ACCOUNT_TABLE, KnownAccount, given_rows};
pub use table::{Column, ColumnKind, ID, Table, Wanted};

pub(crate) use file::Recurse;
pub(crate) use path::{Found, Path};
pub(crate) use reference::{PARENT, Reference};
pub(crate) use table::{Absent, Join, Request, RowCall, Source, Step};

/// Every table that there is, by name.
#[derive(Debug, Clone)]
pub struct Tables {
    tables: BTreeMap<String, Arc<Table>>,
}

impl Tables {
    /// The built-in tables and those of a person's files (path and text). Every problem of every file is
    /// given, so that they can be mended in one go.
    pub fn read<'a>(
        models: &Models,
        files: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Result<Self, Vec<Problem>> {
        let given = given::tables().into_iter().map(|table| (table.name.clone(), Arc::new(table))).collect();
        Self { tables: given }.with(models, builtin::FILES.iter().copied().chain(files))
    }

    /// These tables and those of further files.
    pub fn with<'a>(
        &self,
        models: &Models,
        files: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Result<Self, Vec<Problem>> {
        let files: Vec<(&str, &str)> = files.into_iter().collect();
        let mut tables = self.tables.clone();
        let mut problems = Vec::new();
        for ((file, text), read) in files.iter().zip(side_by_side(models, &files)) {
            for table in read {
                match table {
                    Ok(table) if tables.contains_key(&table.name) => problems.push(Problem {
                        file: (*file).to_owned(),
                        line: line_of(text, &table.name),
                        column: 1,
                        message: format!("there is a table `{}` already", table.name),
                        help: Some("give yours another name".to_owned()),
                    }),
                    Ok(table) => {
                        tables.insert(table.name.clone(), Arc::new(table));
                    }
                    Err(problem) => problems.push(problem),
                }
            }
        }
        if problems.is_empty() { Ok(Self { tables }) } else { Err(problems) }
    }

    pub fn get(&self, name: &str) -> Option<&Arc<Table>> {
        self.tables.get(name)
    }

    /// The table, or an error with the nearest name.
    pub fn table(&self, name: &str) -> Result<&Arc<Table>, String> {
        self.get(name).ok_or_else(|| {
            format!("there is no table `{name}`{}", path::nearest(name, self.tables.keys().map(String::as_str)))
        })
    }

    pub fn iter(&self) -> impl Iterator<Item = &Arc<Table>> {
        self.tables.values()
    }

    pub fn infos(&self) -> Vec<TableInfo> {
        self.iter().map(|table| table.info()).collect()
    }
}

type Read = Vec<Result<Table, Problem>>;

/// The tables of each file, in the files' order. Most of the work is to decode the models that they name.
fn side_by_side(models: &Models, files: &[(&str, &str)]) -> Vec<Read> {
    let next = AtomicUsize::new(0);
    let work = || -> Vec<(usize, Read)> {
        let taken = std::iter::from_fn(|| {
            let place = next.fetch_add(1, Ordering::Relaxed);
            files.get(place).map(|(file, text)| (place, of_file(models, file, text)))
        });
        taken.collect()
    };
    let threads = thread::available_parallelism().map_or(1, NonZero::get).min(files.len());
    let mut read = thread::scope(|scope| {
        let others: Vec<_> = (1..threads).map(|_| scope.spawn(work)).collect();
        let mut read = work();
        for other in others {
            read.extend(other.join().unwrap_or_else(|panic| resume_unwind(panic)));
        }
        read
    });
    read.sort_by_key(|(place, _)| *place);
    read.into_iter().map(|(_, read)| read).collect()
}

fn of_file(models: &Models, file: &str, text: &str) -> Read {
    let forms = match file::read(file, text) {
        Ok(forms) => forms,
        Err(problem) => return vec![Err(problem)],
    };
    let table = |(name, form): (String, _)| match check::check(models, file, &name, &form) {
        Err(problem) if problem.line == 0 => Err(Problem { line: line_of(text, &name), column: 1, ..problem }),
        checked => checked,
    };
    forms.into_iter().map(table).collect()
}

/// The line (from 1) that a table of a file begins on; the first where its name is written in another way.
fn line_of(text: &str, name: &str) -> usize {
    let quotes = ['"', '\''];
    let begins = |line: &str| {
        let rest = line.trim_start_matches(quotes).strip_prefix(name);
        rest.is_some_and(|rest| rest.trim_start_matches(quotes).trim_start().starts_with(':'))
    };
    text.lines().position(begins).map_or(1, |index| index + 1)
}
