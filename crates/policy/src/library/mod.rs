//! The library of guardrails: policies that are ready to be included, each with a title, a reason, parameters and
//! tests. `policies/<type>/<name>.yaml` at the root of the repository, `<name>.tests.yaml` beside it.
//!
//! A guardrail's text says `{{name}}` where a parameter stands; `${…}` stays AWS's own policy variable. Values are
//! data: they are put into the document that has been read already, never into its text.

mod expand;
mod form;
mod guardrail;
mod parameter;

#[cfg(test)]
mod tests;

use std::sync::LazyLock;

use dodai_document::{Place, problem, suggest};
use dodai_facts::Problem;

use crate::PolicyType;

pub use expand::expand;
pub use form::{Form, Kind};
pub use guardrail::Guardrail;
pub use parameter::{Parameter, Parameters, Source};

include!(concat!(env!("OUT_DIR"), "/library.rs"));

static EMBEDDED: LazyLock<Library> = LazyLock::new(|| {
    Library::read(FILES)
        .unwrap_or_else(|problems| panic!("the embedded library of guardrails is damaged: {problems:?}"))
});

/// Guardrails by type and name.
#[derive(Debug, Default)]
pub struct Library {
    guardrails: Vec<Guardrail>,
}

impl Library {
    /// The guardrails that this program was built with.
    ///
    /// # Panics
    /// Never in a tree whose tests pass: they read every embedded file.
    pub fn embedded() -> &'static Self {
        &EMBEDDED
    }

    /// Reads guardrails and their tests: `(path, text)` of files `policies/<type>/<name>.yaml`.
    ///
    /// # Errors
    /// Every mistake found, each with its place.
    pub fn read(files: &[(&'static str, &'static str)]) -> Result<Self, Vec<Problem>> {
        let mut library = Self::default();
        let mut problems = Vec::new();
        for (file, text) in files.iter().filter(|(file, _)| !file.ends_with(TESTS)) {
            let tests = file.strip_suffix(".yaml").map(|stem| format!("{stem}{TESTS}"));
            let tests = files.iter().find(|(other, _)| tests.as_deref() == Some(*other)).copied();
            match Guardrail::read(file, text, tests) {
                Ok(guardrail) => library.guardrails.push(guardrail),
                Err(found) => problems.extend(found),
            }
        }
        library.guardrails.sort_by(|one, other| (one.kind, &one.name).cmp(&(other.kind, &other.name)));
        if problems.is_empty() { Ok(library) } else { Err(problems) }
    }

    /// By type and name.
    pub fn guardrails(&self) -> impl Iterator<Item = &Guardrail> {
        self.guardrails.iter()
    }

    /// The guardrails of one type of policy.
    pub fn of<'l>(&'l self, kind: &'l PolicyType) -> impl Iterator<Item = &'l Guardrail> {
        self.guardrails().filter(move |guardrail| guardrail.kind == kind)
    }

    pub fn guardrail(&self, kind: &PolicyType, name: &str) -> Option<&Guardrail> {
        self.guardrails().find(|guardrail| guardrail.kind == kind && guardrail.name == name)
    }

    /// What to say of a name that no guardrail of this type has.
    pub fn unknown(&self, kind: &PolicyType, name: &str, file: &str, place: Place) -> Problem {
        let message = format!("the library has no {} guardrail {}", kind.folder, dodai_document::quote(name));
        let elsewhere = self.guardrails().find(|guardrail| guardrail.name == name);
        let help = match elsewhere {
            Some(other) => {
                Some(format!("`{name}` is a {} guardrail: include it in a policy of that type", other.kind.folder))
            }
            None => suggest(name, self.of(kind).map(|guardrail| guardrail.name.as_str()))
                .or_else(|| Some(format!("there is no guardrail of this type; write the {} document out", kind.aws))),
        };
        problem(file, place, message, help)
    }
}

const TESTS: &str = ".tests.yaml";
