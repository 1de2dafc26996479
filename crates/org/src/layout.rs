//! Which file of the directory is what: by its path alone.

use crate::PolicyType;
use dodai_document::problems::suggest;

/// What a path is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Role<'p> {
    /// `dodai.yaml`
    Organization,
    /// `exceptions.yaml`
    Exceptions,
    /// `accounts/<name>.yaml`
    Account(&'p str),
    /// `policies/<type>/<name>.json|yaml`
    Policy(&'static PolicyType, &'p str),
    /// `tables/*.yaml`
    Table,
    /// `controls/*.sql`
    Control,
    /// `controls/*.cases.yaml`
    Cases,
    /// Nothing of ours, and nothing that looks so: a readme, a hidden file, a policy's tests.
    Other,
    /// In one of our folders, but not a file that belongs there.
    Misplaced(String, Option<String>),
    /// Elsewhere, and looks as if it were meant for us.
    Stray(Option<String>),
}

const FOLDERS: [&str; 4] = ["accounts", "policies", "tables", "controls"];
const FILES: [&str; 2] = ["dodai.yaml", "exceptions.yaml"];

pub(crate) fn role(path: &str) -> Role<'_> {
    let parts: Vec<&str> = path.split('/').collect();
    if parts.iter().any(|part| part.starts_with('.')) {
        return Role::Other;
    }
    match *parts.as_slice() {
        ["dodai.yaml"] => Role::Organization,
        ["exceptions.yaml"] => Role::Exceptions,
        // A folder that could not be looked into.
        [folder] if FOLDERS.contains(&folder) => misplaced(&format!("`{folder}` must be a folder"), None),
        [.., file] if is(file, "md") => Role::Other,
        ["accounts", file] => match stem(file, "yaml") {
            Some(name) => account(name),
            None => misplaced("this is not an account file", Some("accounts/<name>.yaml")),
        },
        ["policies", folder, file] => policy(folder, file),
        ["tables", .., file] => match stem(file, "yaml") {
            Some(_) => Role::Table,
            None => misplaced("this is not a table file", Some("tables/<name>.yaml")),
        },
        ["controls", .., file] if file.ends_with(".cases.yaml") => Role::Cases,
        ["controls", .., file] => match stem(file, "sql") {
            Some(_) => Role::Control,
            None => misplaced("this is not a control file", Some("controls/<name>.sql or controls/<name>.cases.yaml")),
        },
        ["accounts", ..] => misplaced("account files lie in one folder", Some("accounts/<name>.yaml")),
        ["policies", ..] => misplaced("this is not a policy file", Some("policies/<type>/<name>.json or .yaml")),
        [file] if data(file) => Role::Stray(suggest(file, FILES).filter(|help| help.starts_with("did you mean"))),
        [folder, .., file] if data(file) => {
            Role::Stray(suggest(folder, FOLDERS).filter(|help| help.starts_with("did you mean")))
        }
        _ => Role::Other,
    }
}

fn account(name: &str) -> Role<'_> {
    let good = (1..=50).contains(&name.chars().count())
        && !name.contains(['#', '\\'])
        && !name.chars().any(char::is_control)
        && name.trim() == name;
    if good {
        Role::Account(name)
    } else {
        misplaced(
            "this is not a name for an account file",
            Some("1 to 50 characters, no `#`, no `\\`, no space at the ends"),
        )
    }
}

fn policy<'p>(folder: &str, file: &'p str) -> Role<'p> {
    if file.ends_with(".tests.yaml") {
        return Role::Other;
    }
    let Some(kind) = PolicyType::of_folder(folder) else {
        return Role::Misplaced(
            format!("unknown policy type {}", dodai_document::problems::quote(folder)),
            suggest(folder, PolicyType::ALL.iter().map(|kind| kind.folder)),
        );
    };
    match stem(file, "json").or_else(|| stem(file, "yaml")) {
        Some(name) if name.chars().count() <= 128 && !name.chars().any(char::is_control) => Role::Policy(kind, name),
        Some(_) => misplaced("this is not a name for a policy", Some("at most 128 characters")),
        None => misplaced("this is not a policy file", Some("policies/<type>/<name>.json or .yaml")),
    }
}

fn misplaced<'p>(message: &str, expected: Option<&str>) -> Role<'p> {
    Role::Misplaced(message.to_owned(), expected.map(|expected| format!("expected {expected}")))
}

fn stem<'f>(file: &'f str, suffix: &str) -> Option<&'f str> {
    file.strip_suffix(suffix)?.strip_suffix('.').filter(|stem| !stem.is_empty())
}

fn is(file: &str, suffix: &str) -> bool {
    file.rsplit_once('.').is_some_and(|(_, end)| end.eq_ignore_ascii_case(suffix))
}

/// A file of a kind that the directory is made of, other than a schema for editors.
fn data(file: &str) -> bool {
    ["yaml", "yml", "json", "sql"].iter().any(|suffix| is(file, suffix)) && !file.ends_with(".schema.json")
}
