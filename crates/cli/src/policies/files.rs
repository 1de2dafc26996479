//! Policy files that somebody names on the command line: a file, or every policy of a folder.

use std::collections::BTreeMap;
use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use dodai_facts::escape::terminal;
use dodai_facts::{Problem, counted};
use dodai_org::{Content, MAX_FILE_BYTES, SourceFile, Unreadable};
use dodai_policy::check::Kind;
use dodai_policy::decide::Policies;
use dodai_policy::language::read;
use dodai_policy::management::is_management;
use dodai_policy::testing::SUFFIX;
use dodai_policy::{Document, PolicyType};
use miette::Severity;

use crate::failure::{Error, Result};
use crate::problems::shown;

/// Folders are not followed deeper than this.
const DEEPEST: usize = 16;
/// Most files that one command reads.
const MOST_FILES: usize = 10_000;

/// A file and its text.
#[derive(Debug, Clone)]
pub struct PolicyFile {
    /// As it was named, or found below what was named.
    pub path: PathBuf,
    pub name: String,
    pub text: String,
}

/// What a policy is, for those who check it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Use {
    /// In the IAM policy language.
    Language(Kind),
    Management(&'static PolicyType),
}

impl Use {
    pub fn of_name(name: &str) -> Option<Self> {
        let management = || PolicyType::of_folder(name).filter(|kind| is_management(kind)).map(Self::Management);
        Kind::of_name(name).map(Self::Language).or_else(management)
    }

    /// Every name, for messages about one that is none.
    pub fn names() -> impl Iterator<Item = &'static str> {
        let management = PolicyType::ALL.iter().filter(|kind| is_management(kind)).map(|kind| kind.folder);
        Kind::ALL.iter().map(|kind| kind.as_str()).chain(management)
    }

    /// By the folder of a file, or the one above it, that is called as a kind of policy.
    pub fn of_path(path: &Path) -> Option<Self> {
        let folders = path.ancestors().skip(1).take(2).filter_map(|folder| folder.file_name()?.to_str());
        folders.map(Self::of_name).find_map(|found| found)
    }
}

/// Refuses policies that AWS does not take where they stand.
pub fn fit(policies: &Policies) -> Result<()> {
    let Some((name, why)) = policies.misplaced() else { return Ok(()) };
    let message = format!("{}: {why}", terminal(name));
    Err(Error::new(message, "give a policy of the kind that stands there, or correct it"))
}

/// Every policy file of these paths, in order; folders by name, without files of tests.
pub fn policy_files(paths: &[PathBuf]) -> Result<Vec<PolicyFile>> {
    let mut files = Vec::new();
    for path in paths {
        let before = files.len();
        if path.is_dir() {
            walk(path, 0, &mut files)?;
            if files.len() == before {
                let message = format!("there is no policy in the folder `{}`", path.display());
                return Err(Error::new(message, "policies are files that end in .json, .yaml or .yml"));
            }
        } else {
            files.push(one(path)?);
        }
    }
    Ok(files)
}

fn walk(folder: &Path, depth: usize, files: &mut Vec<PolicyFile>) -> Result<()> {
    let failed = |error: std::io::Error| unreadable(folder, &error.to_string());
    let mut entries: Vec<PathBuf> = Vec::new();
    for entry in fs::read_dir(folder).map_err(failed)? {
        entries.push(entry.map_err(failed)?.path());
    }
    entries.sort();
    for path in entries {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if name.starts_with('.') {
            continue;
        }
        if path.is_dir() {
            if depth == DEEPEST {
                return Err(unreadable(&path, &format!("more than {DEEPEST} folders deep")));
            }
            walk(&path, depth + 1, files)?;
        } else if is_policy(&name) {
            if files.len() == MOST_FILES {
                return Err(unreadable(folder, &format!("more than {MOST_FILES} files")));
            }
            files.push(one(&path)?);
        }
    }
    Ok(())
}

fn is_policy(name: &str) -> bool {
    let suffix = Path::new(name).extension().and_then(|suffix| suffix.to_str()).unwrap_or_default();
    matches!(suffix, "json" | "yaml" | "yml") && !name.ends_with(SUFFIX)
}

/// One file, of at most 1 MB of UTF-8 text.
pub fn one(path: &Path) -> Result<PolicyFile> {
    let mut bytes = Vec::new();
    fs::File::open(path)
        .and_then(|file| file.take(MAX_FILE_BYTES as u64 + 1).read_to_end(&mut bytes))
        .map_err(|error| unreadable(path, &error.to_string()))?;
    let name = path.display().to_string();
    let source = match bytes.len() {
        length if length > MAX_FILE_BYTES => SourceFile::unreadable(
            &*name,
            Unreadable::TooLarge(fs::metadata(path).map_or(length as u64, |file| file.len())),
        ),
        _ => SourceFile::new(&*name, bytes),
    };
    match source.content {
        Content::Text(text) => Ok(PolicyFile { path: path.to_owned(), name, text }),
        Content::Unreadable(why) => Err(unreadable(path, &why.problem(&name).message)),
    }
}

fn unreadable(path: &Path, why: &str) -> Error {
    Error::new(format!("{}: {why}", path.display()), "give policy files, or folders of them")
}

/// The documents of files in the IAM policy language, named by their files; what is wrong with them is shown.
pub fn documents(files: &[PolicyFile]) -> Result<Vec<(String, Document)>> {
    let mut documents = Vec::new();
    let mut problems = Vec::new();
    for file in files {
        match read(&file.name, &file.text) {
            Ok(document) => documents.push((file.name.clone(), document)),
            Err(found) => problems.extend(found),
        }
    }
    if problems.is_empty() { Ok(documents) } else { Err(wrong(&problems, files)) }
}

/// Shows problems in the texts of their files.
pub fn wrong(problems: &[Problem], files: &[PolicyFile]) -> Error {
    let texts: BTreeMap<String, String> = files.iter().map(|file| (file.name.clone(), file.text.clone())).collect();
    eprint!("{}", shown(problems, &texts, Severity::Error));
    Error::new(format!("{} in policy files", counted(problems.len(), "problem")), "mend them; nothing was done")
}
