//! `xtask/bench/prowler/checks.yaml`: which control of ours is which check of Prowler's, what is known of where the two
//! differ, and which calls are denied to see what each makes of that.

use dodai_document::{Node, Problems, yaml};

use crate::workspace::{self, read};

const FILE: &str = "xtask/bench/prowler/checks.yaml";

/// What a verdict is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    Resource,
    Region,
    Account,
}

/// What a tool says of a place, in Dodai's words; the worst first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Verdict {
    Failed,
    Unknown,
    Passed,
    Nothing,
}

impl Verdict {
    pub(super) fn read(word: &str) -> Option<Self> {
        match word {
            "FAILED" | "FAIL" => Some(Self::Failed),
            // Prowler's word for "a person must look".
            "UNKNOWN" | "MANUAL" => Some(Self::Unknown),
            "PASSED" | "PASS" => Some(Self::Passed),
            "NOT_APPLICABLE" | "-" => Some(Self::Nothing),
            _ => None,
        }
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Failed => "FAILED",
            Self::Unknown => "UNKNOWN",
            Self::Passed => "PASSED",
            Self::Nothing => "nothing",
        }
    }
}

/// A difference that is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Known {
    pub(super) dodai: Verdict,
    pub(super) prowler: Verdict,
    pub(super) because: String,
}

/// A control, and the check that asks the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Pair {
    pub(super) control: String,
    pub(super) check: String,
    pub(super) place: Place,
    pub(super) differs: Vec<Known>,
}

/// A call that is denied, and the controls that need it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Denied {
    pub(super) service: String,
    pub(super) operation: String,
    pub(super) controls: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Checks {
    pub(super) controls: Vec<Pair>,
    pub(super) denied: Vec<Denied>,
}

impl Checks {
    pub(super) fn load() -> Result<Self, String> {
        let text = read(&workspace::root().join(FILE))?;
        let mut problems = Problems::of(FILE);
        let document = yaml::parse(&text, &mut problems);
        document.as_ref().and_then(checks).ok_or_else(|| format!("{FILE}: an entry lacks something, or has it wrong"))
    }
}

/// None where an entry lacks something.
fn checks(document: &Node) -> Option<Checks> {
    let controls = document.get("controls")?.items().iter().map(pair).collect::<Option<_>>()?;
    let denied = document.get("denied")?.items().iter().map(denied).collect::<Option<_>>()?;
    Some(Checks { controls, denied })
}

fn pair(node: &Node) -> Option<Pair> {
    let place = match node.text_at("place")? {
        "resource" => Place::Resource,
        "region" => Place::Region,
        "account" => Place::Account,
        _ => return None,
    };
    let differs = node.get("differs").map_or(Some(Vec::new()), |list| list.items().iter().map(known).collect())?;
    Some(Pair {
        control: node.text_at("control")?.to_owned(),
        check: node.text_at("check")?.to_owned(),
        place,
        differs,
    })
}

fn known(node: &Node) -> Option<Known> {
    let dodai = Verdict::read(node.text_at("dodai")?)?;
    let prowler = Verdict::read(node.text_at("prowler")?)?;
    Some(Known { dodai, prowler, because: node.text_at("because")?.to_owned() })
}

fn denied(node: &Node) -> Option<Denied> {
    let (service, operation) = node.text_at("call")?.split_once('.')?;
    Some(Denied { service: service.to_owned(), operation: operation.to_owned(), controls: node.texts_at("controls") })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_names_controls_of_the_standard_once_each() {
        let checks = Checks::load().unwrap();
        let standard = read(&workspace::root().join("standards/fsbp.yaml")).unwrap();
        let mut names: Vec<&str> = checks.controls.iter().map(|check| check.control.as_str()).collect();
        for name in &names {
            assert!(standard.contains(&format!("{{id: {name},")), "{name}");
        }
        for denied in &checks.denied {
            assert!(!denied.controls.is_empty() && denied.controls.iter().all(|name| names.contains(&name.as_str())));
        }
        names.dedup();
        assert_eq!((names.len(), checks.controls.len()), (25, 25));
    }

    #[test]
    fn an_entry_that_lacks_something_is_refused() {
        let check = |text: &str, expected: bool| {
            let document = yaml::parse(text, &mut Problems::of("checks.yaml")).unwrap();
            assert_eq!(checks(&document).is_some(), expected, "{text}");
        };
        check("{controls: [{control: A.1, check: a, place: region}], denied: [{call: a.B, controls: [A.1]}]}", true);
        check("{controls: [{control: A.1, check: a, place: here}], denied: []}", false);
        check("{controls: [{control: A.1, place: region}], denied: []}", false);
        check("{controls: [{control: A.1, check: a, place: region, differs: [{dodai: PASSED}]}], denied: []}", false);
        check("{controls: [], denied: [{call: a, controls: []}]}", false);
        check("{controls: []}", false);
    }
}
