//! Meta-tests over the built-in controls and standards: each is named by the scheme, says what Security Hub
//! says of it, is documented, has cases for every kind of verdict, and is in every standard that asks for it.

#[path = "../../../fuzz/checks/control.rs"]
mod control;
#[path = "../../../fuzz/checks/mutate.rs"]
mod mutate;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use dodai_controls::{Cases, Control, Registry, Status};
use dodai_facts::Severity;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// What Security Hub says of a control: `standards/security-hub.csv`.
struct Known {
    severity: Severity,
    fsbp: bool,
    cis_5_0: String,
    global: bool,
    only_region: String,
    delegated_admin: bool,
}

fn security_hub() -> BTreeMap<String, Known> {
    let text = read("standards/security-hub.csv");
    let mut lines = text.lines();
    assert_eq!(lines.next(), Some("control,severity,fsbp,cis_5_0,global,only_region,delegated_admin"));
    lines
        .map(|line| {
            let fields: Vec<&str> = line.split(',').collect();
            let &[control, severity, fsbp, cis_5_0, global, only_region, delegated_admin] = fields.as_slice() else {
                panic!("{line}");
            };
            let known = Known {
                severity: severity.parse().unwrap(),
                fsbp: fsbp == "y",
                cis_5_0: cis_5_0.to_owned(),
                global: global == "y",
                only_region: only_region.to_owned(),
                delegated_admin: delegated_admin == "y",
            };
            (control.to_owned(), known)
        })
        .collect()
}

fn registry() -> Registry {
    Registry::new([]).unwrap_or_else(|problems| panic!("{problems:#?}"))
}

/// Runs a check over every built-in control and reports all that it finds.
fn check(what: impl Fn(&Control) -> Vec<String>) {
    let registry = registry();
    let controls = registry.controls();
    assert!(controls.len() >= 50, "{} controls", controls.len());
    let wrong: Vec<String> = controls
        .into_iter()
        .flat_map(|control| what(control).into_iter().map(|message| format!("{}: {message}", control.id)))
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

fn wrong(messages: &[(bool, &str)]) -> Vec<String> {
    messages.iter().filter(|(holds, _)| !holds).map(|(_, message)| (*message).to_owned()).collect()
}

#[test]
fn names_follow_the_scheme() {
    check(|control| {
        let service = control.id.split('.').next().unwrap().to_lowercase();
        let file = format!("controls/{service}/{}.sql", control.id);
        wrong(&[(control.file == file, "the file is not controls/<service>/<id>.sql")])
    });
}

#[test]
fn controls_say_what_security_hub_says() {
    let known = security_hub();
    check(|control| {
        let Some(known) = known.get(&control.id) else { return vec!["no such control in Security Hub".to_owned()] };
        let region = control.only_region.as_ref().map_or("", |region| region.as_str());
        wrong(&[
            (control.severity == known.severity, "another severity"),
            (region == known.only_region, "another only Region"),
            (control.global == (known.global && region.is_empty()), "global resources: another answer"),
            (control.delegated_admin.is_some() == known.delegated_admin, "delegated administrator: another answer"),
        ])
    });
}

#[test]
fn controls_are_documented() {
    check(|control| {
        let sentence = |text: &str| text.chars().next().is_some_and(char::is_uppercase) && !text.ends_with('.');
        let lines = || control.documentation.lines().chain([control.title.as_str(), control.repair.as_str()]);
        wrong(&[
            (control.documentation.len() >= 40, "the documentation is too short"),
            (control.documentation.ends_with('.'), "the documentation does not end with a full stop"),
            (sentence(&control.title), "the title is not a sentence without its full stop"),
            (control.title.len() <= 80, "the title is longer than 80 characters"),
            (control.repair.len() >= 15, "the repair is too short"),
            (!control.repair.ends_with('.'), "the repair ends with a full stop"),
            (lines().all(|line| line.len() <= 120), "a line is longer than 120 characters"),
            (control.sql.lines().all(|line| line.len() <= 120), "a line of the query is longer than 120 characters"),
        ])
    });
}

#[test]
fn every_control_has_cases_of_every_kind() {
    check(|control| {
        let path = control.file.replace(".sql", ".cases.yaml");
        let cases = match Cases::parse(&path, &read(&path)) {
            Ok(cases) => cases,
            Err(problem) => return vec![problem.to_string()],
        };
        let names: BTreeSet<&str> = cases.cases.iter().map(|case| case.name.as_str()).collect();
        let not_applicable = control.sql.contains(" as applicable");
        wrong(&[
            (cases.expect(Status::Passed), "no case expects PASSED"),
            (cases.expect(Status::Failed), "no case expects FAILED"),
            (cases.expect(Status::Unknown), "no case expects UNKNOWN"),
            (cases.expect(Status::NotApplicable) == not_applicable, "NOT_APPLICABLE: cases and query do not agree"),
            (names.len() == cases.cases.len(), "two cases have one name"),
        ])
    });
}

#[test]
fn every_case_file_has_its_control() {
    let registry = registry();
    for folder in fs::read_dir(root().join("controls")).unwrap() {
        for file in fs::read_dir(folder.unwrap().path()).unwrap() {
            let name = file.unwrap().file_name().into_string().unwrap();
            let id = name.strip_suffix(".cases.yaml").or_else(|| name.strip_suffix(".sql"));
            let id = id.unwrap_or_else(|| panic!("`{name}` is neither a control nor its cases"));
            assert!(registry.control(id).is_some(), "`{name}` belongs to no control");
        }
    }
}

#[test]
fn standards_have_every_control_that_they_ask_for() {
    let (registry, known) = (registry(), security_hub());
    let fsbp = registry.standard("fsbp").unwrap();
    let cis = registry.standard("cis-5.0").unwrap();
    assert_eq!(registry.standards().count(), 2);
    check(|control| {
        let Some(known) = known.get(&control.id) else { return Vec::new() };
        let own = [control.id.as_str()];
        let in_fsbp: Vec<&str> = fsbp.requirements_of(&control.id).collect();
        let in_cis: Vec<&str> = cis.requirements_of(&control.id).collect();
        let asked: Vec<&str> = known.cis_5_0.split_whitespace().collect();
        wrong(&[
            (in_fsbp == if known.fsbp { &own[..] } else { &[] }, "fsbp: another answer"),
            (in_cis == asked, "cis-5.0: another requirement"),
        ])
    });
}

/// What is kept in `fuzz/corpus`, and damaged copies of it, through the same function as the fuzz target.
#[test]
fn nothing_near_the_corpus_breaks_a_law() {
    mutate::rerun("control", 100, control::control);
}
