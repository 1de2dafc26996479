//! The tests of the directory's policies: which policies stand above each account, and what comes of
//! `policies/<type>/<name>.tests.yaml`.

use std::collections::HashMap;
use std::sync::Arc;

use dodai_document::{Place, problem, suggest};
use dodai_facts::Problem;
use dodai_policy::decide::Policy as Compiled;
use dodai_policy::language::read_node;
use dodai_policy::management::{Attached, Effective, Level as Merged, effective, is_management};
use dodai_policy::testing::{self, FileReport, Level, Management, Organization, Report, SUFFIX, Subject};

use crate::directory::{Account, Directory, Policies};
use crate::form::ROOT;
use crate::source::{Content, SourceFile};
use crate::{Policy, PolicyType};

/// Policies made ready for deciding, by type and name.
type Ready<'d> = HashMap<(&'d PolicyType, &'d str), Arc<Compiled>>;

/// The accounts of the directory with the service and resource control policies of every level above them: the root, the
/// units, the account itself, AWS's own among them.
///
/// # Errors
/// What is wrong with the documents of attached policies.
pub fn organization(directory: &Directory) -> Result<Organization, Vec<Problem>> {
    Ok(view(directory, &ready(directory)?))
}

/// Runs the tests of the directory's policies: the files `policies/<type>/<name>.tests.yaml` among `files`, sorted by path.
pub fn test(directory: &Directory, files: &[SourceFile]) -> Report {
    let mut tests: Vec<&SourceFile> = files.iter().filter(|file| parts(&file.path).is_some()).collect();
    tests.sort_by(|one, other| one.path.cmp(&other.path));
    let ready = ready(directory);
    let organization = ready.as_ref().ok().map(|ready| view(directory, ready));
    let run = |file: &&SourceFile| {
        let (_, name) = parts(&file.path).unwrap_or_default();
        let run = match (&ready, &organization) {
            (Ok(ready), Some(organization)) => test_file(directory, ready, organization, file),
            (Err(problems), _) => Err(problems.clone()),
            (Ok(_), None) => Err(Vec::new()),
        };
        run.unwrap_or_else(|problems| FileReport::unreadable(file.path.as_str(), name, problems))
    };
    Report { files: tests.iter().map(run).collect() }
}

/// Type and name of the policy that a file of tests stands beside.
fn parts(path: &str) -> Option<(&str, &str)> {
    let (folder, file) = path.strip_prefix("policies/")?.split_once('/')?;
    Some((folder, file.strip_suffix(SUFFIX)?))
}

fn test_file(
    directory: &Directory,
    ready: &Ready<'_>,
    organization: &Organization,
    file: &SourceFile,
) -> Result<FileReport, Vec<Problem>> {
    let wrong = |message: String, help| vec![problem(&file.path, Place::FILE, message, help)];
    let text = match &file.content {
        Content::Text(text) => text,
        Content::Unreadable(why) => return Err(vec![why.problem(&file.path)]),
    };
    let (folder, name) = parts(&file.path).unwrap_or_default();
    let Some(kind) = PolicyType::of_folder(folder) else {
        let help = suggest(folder, PolicyType::ALL.iter().map(|kind| kind.folder));
        return Err(wrong(format!("unknown policy type `{folder}`"), help));
    };
    if is_management(kind) {
        let tests = testing::read_values(&file.path, text)?;
        let policy = beside(directory, kind, name, file)?;
        let policy = Management { kind, name: &policy.name, document: &policy.tree };
        let of = |at: usize| {
            directory.accounts.get(at).map_or_else(|| effective(kind, &[]), |account| merged(directory, account, kind))
        };
        return Ok(testing::run_values(&tests, &policy, Some((organization, &of))));
    }
    let tests = testing::read(&file.path, text)?;
    if !tests.parameters.is_empty() {
        let help = "a policy of the directory gives its guardrails their values itself, under `include`".to_owned();
        let message = "`parameters` are for the library's tests";
        return Err(vec![problem(&file.path, tests.parameters_place, message, Some(help))]);
    }
    let policy = beside(directory, kind, name, file)?;
    let subject = ready.get(&(kind, policy.name.as_str())).and_then(|ready| Subject::new(kind, Arc::clone(ready)));
    let subject = subject.ok_or_else(|| vec![testing::no_requests(&file.path, kind)])?;
    Ok(testing::run(&tests, &subject, Some(organization)))
}

/// The policy that tests stand beside.
fn beside<'d>(
    directory: &'d Directory,
    kind: &'static PolicyType,
    name: &str,
    file: &SourceFile,
) -> Result<&'d Policy, Vec<Problem>> {
    directory.policy(kind, name).ok_or_else(|| {
        let names = directory.policies.iter().filter(|policy| policy.kind == kind).map(|policy| policy.name.as_str());
        let message = format!("these tests stand beside no policy: there is no {} policy `{name}`", kind.folder);
        vec![problem(&file.path, Place::FILE, message, suggest(name, names))]
    })
}

/// The effective policy of an account: what its management policies of one type come to along its path.
pub fn merged(directory: &Directory, account: &Account, kind: &'static PolicyType) -> Effective {
    let level = |(name, policies): (&'_ str, &'_ Policies)| {
        let attached = policies.get(kind).into_iter().flatten().filter_map(|name| directory.policy(kind, name));
        let attached = attached.map(|policy| Attached { name: &policy.name, document: &policy.tree });
        (name.to_owned(), attached.collect::<Vec<_>>())
    };
    let levels: Vec<(String, Vec<Attached<'_>>)> = along(directory, account).map(level).collect();
    let levels: Vec<Merged<'_>> =
        levels.iter().map(|(name, policies)| Merged { name, policies: policies.clone() }).collect();
    effective(kind, &levels)
}

/// The policies that decide requests, read.
fn ready(directory: &Directory) -> Result<Ready<'_>, Vec<Problem>> {
    let mut ready = Ready::new();
    let mut problems = Vec::new();
    for policy in directory.policies.iter().filter(|policy| testing::given(policy.kind).is_some()) {
        match compiled(policy) {
            Ok(compiled) => {
                ready.insert((policy.kind, policy.name.as_str()), compiled);
            }
            Err(found) => problems.extend(found),
        }
    }
    if problems.is_empty() { Ok(ready) } else { Err(problems) }
}

fn compiled(policy: &Policy) -> Result<Arc<Compiled>, Vec<Problem>> {
    let document = read_node(&policy.file, &policy.tree)?;
    Ok(Arc::new(Compiled::new(policy.name.as_str(), policy.file.as_str(), document)))
}

fn view(directory: &Directory, ready: &Ready<'_>) -> Organization {
    let levels = |account: &Account, folder: &str| -> Option<Vec<Level>> {
        let kind = PolicyType::of_folder(folder)?;
        Some(along(directory, account).map(|(name, attached)| level(name, attached, kind, ready)).collect())
    };
    let account = |account: &Account| testing::Account {
        name: account.name.clone(),
        id: account.id.clone(),
        unit: account.unit.clone(),
        scps: levels(account, "service-control"),
        rcps: levels(account, "resource-control"),
    };
    Organization {
        id: directory.organization.clone(),
        partition: directory.home_region.partition(),
        management_account: directory.management().map(|account| account.name.clone()).unwrap_or_default(),
        accounts: directory.accounts.iter().map(account).collect(),
    }
}

fn level(name: &str, attached: &Policies, kind: &'static PolicyType, ready: &Ready<'_>) -> Level {
    let named = attached.get(kind).into_iter().flatten();
    let named = named.filter_map(|policy| ready.get(&(kind, policy.as_str())).map(Arc::clone));
    Level { name: name.to_owned(), policies: testing::given(kind).into_iter().chain(named).collect() }
}

/// The levels above an account, the root first, the account itself last: names, and what is attached there.
fn along<'d>(directory: &'d Directory, account: &'d Account) -> impl Iterator<Item = (&'d str, &'d Policies)> {
    let mut units = Vec::new();
    let mut path = Some(account.unit.as_str());
    while let Some(unit) = path.filter(|path| *path != ROOT).and_then(|path| directory.unit(path)) {
        units.push((unit.path.as_str(), &unit.policies));
        path = unit.parent();
    }
    let root = (directory.root.path.as_str(), &directory.root.policies);
    let own = (account.name.as_str(), &account.policies);
    std::iter::once(root).chain(units.into_iter().rev()).chain([own])
}
