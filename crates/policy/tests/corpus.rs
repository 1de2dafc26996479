//! The guardrails that AWS publishes as examples, and all that `check` finds in them. Each finding has been read and
//! is right; most are what their authors say of them: placeholders to be replaced.

use std::fmt::Write as _;
use std::path::Path;

use dodai_facts::AccountId;
use dodai_policy::check::{CheckContext, Kind, check, text};
use dodai_policy::language::read_json;

/// What `check` and the reader say of a folder's files, in the order of their names.
fn findings(folder: &str, kind: Kind, context: &CheckContext) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus").join(folder);
    let mut files: Vec<_> = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|file| file.extension().is_some_and(|suffix| suffix == "json"));
    files.sort();
    let mut out = String::new();
    for file in files {
        let name = file.file_name().unwrap().to_string_lossy().into_owned();
        match read_json(&name, &std::fs::read_to_string(&file).unwrap()) {
            Ok(document) => out.push_str(&text(&check(kind, &name, &document, context))),
            Err(problems) => problems.iter().for_each(|problem| writeln!(out, "{problem}").unwrap()),
        }
    }
    out
}

#[test]
fn service_control_policies() {
    insta::assert_snapshot!(findings("service-control", Kind::ServiceControl, &CheckContext::default()));
}

#[test]
fn resource_control_policies() {
    insta::assert_snapshot!(findings("resource-control", Kind::ResourceControl, &CheckContext::default()));
}

/// Which of them would lock out the roles by which the organization is run.
#[test]
fn operators() {
    let context = CheckContext {
        operators: vec!["arn:aws:iam::*:role/dodai-apply".to_owned()],
        operator_actions: vec!["config:PutConfigurationRecorder".to_owned(), "guardduty:CreateDetector".to_owned()],
        accounts: vec!["111122223333".parse::<AccountId>().unwrap()],
        ..CheckContext::default()
    };
    let all = findings("service-control", Kind::ServiceControl, &context);
    let mut own = String::new();
    let mut keep = false;
    for line in all.lines() {
        keep = if line.starts_with("  help") { keep } else { line.contains("[no-way-out]") };
        if keep {
            writeln!(own, "{line}").unwrap();
        }
    }
    insta::assert_snapshot!(own);
}
