//! The tests of the library's guardrails, each expanded with the parameters of its tests.

use std::collections::BTreeMap;
use std::sync::Arc;

use dodai_facts::Problem;

use super::file::read;
use super::report::{FileReport, Report};
use super::run::run;
use super::subject::Subject;
use crate::decide::Policy;
use crate::language;
use crate::library::{Guardrail, Library, Parameters, expand};

/// Runs the tests of every guardrail that has some.
pub fn library(library: &Library) -> Report {
    let files = library.guardrails().filter_map(|guardrail| {
        let (file, text) = guardrail.tests?;
        Some(tests(guardrail, file, text).unwrap_or_else(|found| FileReport::unreadable(file, &guardrail.name, found)))
    });
    Report { files: files.collect() }
}

fn tests(guardrail: &Guardrail, file: &str, text: &str) -> Result<FileReport, Vec<Problem>> {
    let tests = read(file, text)?;
    let directory = BTreeMap::new();
    let parameters =
        Parameters { file, place: tests.parameters_place, given: &tests.parameters, directory: &directory };
    let document = language::read_node(guardrail.file, &expand(guardrail, &parameters)?)?;
    let policy = Arc::new(Policy::new(guardrail.name.as_str(), guardrail.file, document));
    let Some(subject) = Subject::new(guardrail.kind, policy) else {
        return Err(vec![super::no_requests(file, guardrail.kind)]);
    };
    Ok(run(&tests, &subject, None))
}
