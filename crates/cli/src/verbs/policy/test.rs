//! `dodai policy test`: runs the tests of policies. Needs no AWS.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use dodai_document::{Problems, json, yaml};
use dodai_org::{SourceFile, testing};
use dodai_policy::PolicyType;
use dodai_policy::decide::Policy;
use dodai_policy::language;
use dodai_policy::library::Library;
use dodai_policy::management::is_management;
use dodai_policy::testing::{
    FileReport, Management, Report, SUFFIX, Subject, junit, library, no_requests, read, read_values, run as run_tests,
    run_values, text,
};

use crate::args::Global;
use crate::args::policy::{TestArgs, TestFormat};
use crate::directory::Loaded;
use crate::exit::Exit;
use crate::failure::{Error, Result};
use crate::policies::files::{PolicyFile, one};
use crate::print::print;

pub fn run(global: &Global, args: &TestArgs) -> Result<Exit> {
    let report = if args.library {
        library(Library::embedded())
    } else if args.files.is_empty() {
        of_directory(global)?
    } else {
        let loaded = crate::load_if_there(global)?;
        let mut files = Vec::new();
        for path in &args.files {
            files.extend(of_file(global, path, loaded.as_ref())?);
        }
        Report { files }
    };
    print(&match args.format {
        TestFormat::Text => text(&report),
        TestFormat::Json => serde_json::to_string_pretty(&report).map_err(Error::from_display)? + "\n",
        TestFormat::Junit => junit(&report),
    })?;
    Ok(Exit::Error.when(!report.is_good()))
}

fn of_directory(global: &Global) -> Result<Report> {
    let loaded = crate::load(global)?;
    if loaded.tests.is_empty() {
        return Err(Error::new(
            format!("no policy of the directory `{}` has tests", global.directory.display()),
            "write policies/<type>/<name>.tests.yaml; `dodai policy test --help` shows one",
        ));
    }
    Ok(testing::test(&loaded.directory, &loaded.tests))
}

/// A file of tests that is named: the directory's, or one beside a policy in any folder that is called as a type.
fn of_file(global: &Global, path: &Path, loaded: Option<&Loaded>) -> Result<Vec<FileReport>> {
    let file = one(path)?;
    let Some(stem) = file.name.strip_suffix(SUFFIX) else {
        let message = format!("{} is not a file of tests", file.name);
        return Err(Error::new(
            message,
            "they are called <name>.tests.yaml and stand beside <name>.json or <name>.yaml",
        ));
    };
    if let (Some(loaded), Some(inside)) = (loaded, within(&global.directory, path)) {
        return Ok(testing::test(&loaded.directory, &[SourceFile::text(inside, file.text)]).files);
    }
    let candidates = ["json", "yaml", "yml"].map(|suffix| PathBuf::from(format!("{stem}.{suffix}")));
    let Some(beside) = candidates.iter().find(|path| path.is_file()) else {
        let message = format!("there is no policy beside the tests {}", file.name);
        return Err(Error::new(message, "<name>.tests.yaml stands beside <name>.json or <name>.yaml"));
    };
    let report = alone(&file, &one(beside)?, type_of(beside)?);
    Ok(vec![report.unwrap_or_else(|problems| FileReport::unreadable(file.name.as_str(), stem, problems))])
}

/// The tests of a policy that stands in no directory.
fn alone(
    tests: &PolicyFile,
    policy: &PolicyFile,
    kind: &'static PolicyType,
) -> std::result::Result<FileReport, Vec<dodai_facts::Problem>> {
    let name = policy.path.file_stem().unwrap_or_default().to_string_lossy();
    if is_management(kind) {
        let read_tests = read_values(&tests.name, &tests.text)?;
        let mut problems = Problems::of(&policy.name);
        let is_json = policy.path.extension().is_some_and(|suffix| suffix == "json");
        let tree =
            if is_json { json::parse(&policy.text, &mut problems) } else { yaml::parse(&policy.text, &mut problems) };
        let Some(tree) = tree.filter(|_| problems.list.is_empty()) else { return Err(problems.list) };
        return Ok(run_values(&read_tests, &Management { kind, name: &name, document: &tree }, None));
    }
    let read_tests = read(&tests.name, &tests.text)?;
    let document = language::read(&policy.name, &policy.text)?;
    let ready = Arc::new(Policy::new(name, policy.name.as_str(), document));
    let subject = Subject::new(kind, ready).ok_or_else(|| vec![no_requests(&tests.name, kind)])?;
    Ok(run_tests(&read_tests, &subject, None))
}

/// By the folder that a policy lies in.
fn type_of(policy: &Path) -> Result<&'static PolicyType> {
    let path = std::path::absolute(policy).unwrap_or_else(|_| policy.to_owned());
    let folder = path.parent().and_then(Path::file_name).and_then(|name| name.to_str());
    folder.and_then(PolicyType::of_folder).ok_or_else(|| {
        let message = format!("what type of policy is {}?", policy.display());
        Error::new(message, "put it into a folder `service-control`, `resource-control`, `tag` …")
    })
}

/// A path below `policies/` as the directory calls it; none for one elsewhere.
fn within(root: &Path, path: &Path) -> Option<String> {
    let (root, path) = (root.canonicalize().ok()?, path.canonicalize().ok()?);
    let inside = path.strip_prefix(root).ok()?.to_str()?;
    inside.starts_with("policies/").then(|| inside.to_owned())
}
