//! The tests beside the guardrails, and that each statement has one which needs it.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{authorizing, with};
use crate::decide::Policy;
use crate::language::{self, Document};
use crate::library::{Guardrail, Library};
use crate::testing::{FileReport, Subject, Tests, library, read, run, text};

#[test]
fn every_guardrail_does_what_its_tests_say() {
    let report = library(Library::embedded());
    assert!(report.is_good(), "{}", text(&report));
    let warnings: Vec<_> = report.files.iter().flat_map(|file| &file.warnings).collect();
    assert_eq!(warnings, Vec::<&dodai_facts::Problem>::new());
    assert_eq!(report.files.len(), authorizing().count());
    assert!(report.counts().cases > 400, "{:?}", report.counts());
}

fn tests(guardrail: &Guardrail) -> Tests {
    let (file, text) = guardrail.tests.unwrap();
    read(file, text).unwrap()
}

fn under(document: Document, guardrail: &Guardrail, tests: &Tests) -> FileReport {
    let policy = Arc::new(Policy::new("without", guardrail.file, document));
    run(tests, &Subject::new(guardrail.kind, policy).unwrap(), None)
}

/// A test that passes without the guardrail tests nothing: every one of its denials is the guardrail's.
#[test]
fn no_test_of_a_denial_passes_without_its_statement() {
    for guardrail in authorizing() {
        let tests = tests(guardrail);
        let tree = with(guardrail, &tests.parameters, &BTreeMap::new()).unwrap();
        let document = language::read_node(guardrail.file, &tree).unwrap();
        assert!(under(document.clone(), guardrail, &tests).is_good());
        for (at, statement) in document.statements.iter().enumerate() {
            let mut without = document.clone();
            without.statements.remove(at);
            let report = under(without, guardrail, &tests);
            assert!(!report.is_good(), "{}: no test needs {:?}", guardrail.file, statement.sid);
        }
    }
}
