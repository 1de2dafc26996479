//! Files to a directory: parse all, gather the names they give, check all, and build only what is right.

use std::collections::{BTreeMap, HashMap};

use dodai_facts::Problem;

use crate::PolicyType;
use crate::build;
use crate::catalogue::Catalogue;
use crate::check::check;
use crate::directory::{Directory, UserFile};
use crate::fields;
use crate::guardrail_values;
use crate::layout::{Role, role};
use crate::names::Names;
use crate::policy::{self, Written};
use crate::rules::{self, AccountFile};
use crate::shape::Shape;
use crate::source::{Content, SourceFile};
use dodai_document::node::{Kind, Node, Place};
use dodai_document::problems::{Problems, problem};
use dodai_document::yaml;

const ORGANIZATION: &str = "dodai.yaml";

/// Reads the files of a directory, in whatever order. All mistakes of all files at once, by file and place.
pub fn read(files: &[SourceFile], catalogue: &Catalogue) -> Result<Directory, Vec<Problem>> {
    let mut reading = Reading::of(catalogue);
    let mut files: Vec<&SourceFile> = files.iter().collect();
    files.sort_by(|one, other| one.path.cmp(&other.path));
    for file in files {
        reading.take(file);
    }
    let directory = reading.check();
    let mut problems = reading.problems;
    if problems.is_empty()
        && let Some(mut directory) = directory
    {
        reading.warnings.sort();
        directory.warnings = reading.warnings;
        return Ok(directory);
    }
    problems.sort();
    problems.dedup();
    Err(problems)
}

struct Reading<'a> {
    problems: Vec<Problem>,
    warnings: Vec<Problem>,
    names: Names<'a>,
    organization: Option<Node>,
    /// There is a `dodai.yaml`, readable or not.
    organization_seen: bool,
    accounts: Vec<AccountFile<'a>>,
    /// An account file could not be parsed.
    account_lost: bool,
    exceptions: Option<(&'a str, Node)>,
    policies: Vec<Written>,
    policy_files: HashMap<(&'static str, &'a str), &'a str>,
    tables: Vec<UserFile>,
    controls: Vec<UserFile>,
    cases: Vec<UserFile>,
}

impl<'a> Reading<'a> {
    fn of(catalogue: &'a Catalogue) -> Self {
        Self {
            problems: Vec::new(),
            warnings: Vec::new(),
            names: Names::of(catalogue),
            organization: None,
            organization_seen: false,
            accounts: Vec::new(),
            account_lost: false,
            exceptions: None,
            policies: Vec::new(),
            policy_files: HashMap::new(),
            tables: Vec::new(),
            controls: Vec::new(),
            cases: Vec::new(),
        }
    }

    /// Parses a file and notes the names that it gives.
    fn take(&mut self, file: &'a SourceFile) {
        let path = file.path.as_str();
        let role = role(path);
        match &role {
            Role::Organization => self.organization_seen = true,
            Role::Account(name) => {
                self.names.accounts.insert((*name).to_owned());
            }
            Role::Policy(kind, name) => self.take_policy_name(kind, name, path),
            _ => {}
        }
        let text = match &file.content {
            Content::Text(text) => text,
            Content::Unreadable(why) => {
                self.account_lost |= matches!(role, Role::Account(_));
                match role {
                    Role::Other => {}
                    Role::Stray(_) => self.warnings.push(why.problem(path)),
                    _ => self.problems.push(why.problem(path)),
                }
                return;
            }
        };
        match role {
            Role::Organization => {
                self.organization = self.parse(path, text);
                if let Some(node) = &self.organization {
                    self.names.take_units(node);
                }
            }
            Role::Exceptions => self.exceptions = self.parse(path, text).map(|node| (path, node)),
            Role::Account(name) => match self.parse(path, text) {
                Some(node) => self.accounts.push(AccountFile { path, name, node }),
                None => self.account_lost = true,
            },
            Role::Policy(kind, name) => {
                let mut problems = Problems::of(path);
                self.policies.extend(policy::read(kind, name, text, &mut problems));
                self.problems.append(&mut problems.list);
            }
            Role::Table => self.tables.push(UserFile { path: path.to_owned(), text: text.clone() }),
            Role::Cases => self.cases.push(UserFile { path: path.to_owned(), text: text.clone() }),
            Role::Control => {
                self.names.take_control(text);
                self.controls.push(UserFile { path: path.to_owned(), text: text.clone() });
            }
            Role::Misplaced(message, help) => self.problems.push(problem(path, Place::FILE, message, help)),
            Role::Stray(help) => {
                self.warnings.push(problem(path, Place::FILE, "this file is not part of the directory", help));
            }
            Role::Other => {}
        }
    }

    fn take_policy_name(&mut self, kind: &'static PolicyType, name: &'a str, path: &'a str) {
        self.names.policies.entry(kind.folder).or_default().insert(name.to_owned());
        if let Some(other) = self.policy_files.insert((kind.folder, name), path) {
            let message = format!("`{other}` is a policy of the same name");
            self.problems.push(problem(path, Place::FILE, message, Some("keep one of the two".to_owned())));
        }
    }

    fn parse(&mut self, path: &str, text: &str) -> Option<Node> {
        let mut problems = Problems::of(path);
        let node = yaml::parse(text, &mut problems);
        self.problems.append(&mut problems.list);
        node
    }

    /// Checks everything, and builds the directory: to be used only when no problem was found.
    fn check(&mut self) -> Option<Directory> {
        let mut found = Vec::new();
        let mut warned = Vec::new();
        if let Some(node) = &self.organization {
            let mut problems = Problems::of(ORGANIZATION);
            shape(node, &fields::ORGANIZATION, &self.names, &mut problems);
            rules::organization(node, &mut problems);
            found.append(&mut problems.list);
            let mut warnings = Problems::of(ORGANIZATION);
            rules::unknown_regions(node, self.names.catalogue, &mut warnings);
            warned.append(&mut warnings.list);
        } else if !self.organization_seen {
            let help = "it holds organization, home_region, regions and units; `-C` names the directory, and `examples/` has some to start from";
            found.push(problem(ORGANIZATION, Place::FILE, "the file is missing", Some(help.to_owned())));
        }
        for file in &self.accounts {
            let mut problems = Problems::of(file.path);
            shape(&file.node, &fields::ACCOUNT, &self.names, &mut problems);
            rules::account(&file.node, self.organization.as_ref(), &mut problems);
            found.append(&mut problems.list);
            let mut warnings = Problems::of(file.path);
            rules::display_name(file, &mut warnings);
            warned.append(&mut warnings.list);
        }
        found.extend(rules::accounts(&self.accounts, !self.account_lost));
        if let Some((path, node)) = &self.exceptions {
            let mut problems = Problems::of(path);
            check(node, &fields::EXCEPTIONS, "", &self.names, &mut problems);
            rules::exceptions(node, &mut problems);
            found.append(&mut problems.list);
        }
        self.problems.append(&mut found);
        self.warnings.append(&mut warned);
        if self.problems.is_empty() { self.build() } else { None }
    }

    fn build(&mut self) -> Option<Directory> {
        let catalogue = self.names.catalogue;
        let mut directory = build::organization(self.organization.as_ref()?, catalogue)?;
        let by_name: BTreeMap<&str, &AccountFile<'_>> = self.accounts.iter().map(|file| (file.name, file)).collect();
        directory.accounts = by_name.values().map(|file| build::account(file, catalogue)).collect::<Option<_>>()?;
        directory.exceptions = self.exceptions.as_ref().map(|(_, node)| build::exceptions(node)).unwrap_or_default();
        let values = guardrail_values::values(&directory, catalogue);
        for written in std::mem::take(&mut self.policies) {
            let file = written.file().to_owned();
            let mut problems = Problems::of(&file);
            directory.policies.extend(written.resolve(&values, &mut problems));
            self.problems.append(&mut problems.list);
        }
        directory.policies.sort_by(|one, other| (one.kind, &one.name).cmp(&(other.kind, &other.name)));
        directory.user_tables = std::mem::take(&mut self.tables);
        directory.user_controls = std::mem::take(&mut self.controls);
        directory.user_cases = std::mem::take(&mut self.cases);
        Some(directory)
    }
}

/// A file that is one record: an empty one is told as such.
fn shape(node: &Node, shape: &Shape, names: &Names<'_>, problems: &mut Problems<'_>) {
    let empty = node.is_null() || matches!(&node.kind, Kind::Map(entries) if entries.is_empty());
    match shape {
        Shape::Record(fields) if empty => {
            let keys: Vec<String> =
                fields.iter().filter(|field| field.required).map(|field| format!("`{}`", field.name)).collect();
            problems.add(node.place, "the file is empty", Some(format!("it must have {}", keys.join(", "))));
        }
        _ => check(node, shape, "", names, problems),
    }
}
