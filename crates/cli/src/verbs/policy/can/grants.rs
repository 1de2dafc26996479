//! `--not-granted` and `--no-new-access`: checks for a pipeline. AWS: "IAM Access Analyzer custom policy checks"
//! (`CheckAccessNotGranted`, `CheckNoNewAccess`).

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use dodai_facts::escape::terminal;
use dodai_policy::Document;
use dodai_policy::can::{Access, Granted, Reach, granted};
use dodai_policy::diff::diff;
use dodai_policy::reference::Reference;
use serde_json::json;

use super::gather::policies;
use super::{note_unknown_action, show, wrong};
use crate::args::policy::{CanArgs, Format};
use crate::exit::Exit;
use crate::failure::{Error, Result};
use crate::policies::files::{documents, policy_files};

pub fn not_granted(args: &CanArgs) -> Result<Exit> {
    let policies = policies(&args.not_granted)?;
    let reference = Reference::embedded();
    let everywhere = ["*".to_owned()];
    let resources = if args.resource.is_empty() { &everywhere[..] } else { &args.resource };
    let mut access = Vec::new();
    for action in &args.action {
        if !action.contains(['*', '?']) {
            note_unknown_action(action);
        } else if reference.matching(action).is_empty() {
            let message = format!("`{action}` fits no action that AWS's reference of {} knows", reference.date());
            return Err(Error::new(message, "correct the pattern: a check of nothing would always hold"));
        }
        let on = |resource: &String| Access { action: action.clone(), resource: resource.clone() };
        access.extend(resources.iter().map(on));
    }
    let found = granted(&policies, &access, reference).map_err(|error| wrong(&error))?;
    show::print(&json!({"granted": found}), args.format, |_| text(&found))?;
    Ok(Exit::Error.when(!found.is_empty()))
}

/// A line for each. Safe for a terminal.
pub(super) fn text(found: &[Granted]) -> String {
    if found.is_empty() {
        return "nothing of it is granted\n".to_owned();
    }
    let mut out = String::from("granted, and should not be:\n");
    for one in found {
        let _ = write!(out, "  {} on {}", terminal(&one.action), terminal(&one.on));
        if let Reach::Depends { missing } = &one.reach {
            let _ = write!(out, ", depending on {}", terminal(&missing.join(", ")));
        }
        if let Some((_, file, statement)) = &one.by {
            let _ = write!(out, "  ({}, statement {})", terminal(file), statement + 1);
        }
        out.push('\n');
    }
    out
}

pub fn no_new_access(old: &Path, new: &Path, format: Format) -> Result<Exit> {
    let difference = diff(&side(old)?, &side(new)?, Reference::embedded());
    let (new, more) = (&difference.newly_allowed, difference.may_allow_more);
    let text = |_: &serde_json::Value| {
        let mut text = match (new.is_empty(), more) {
            (true, false) => return "no new access\n".to_owned(),
            (true, true) => "no new access was found, and there may be some: ".to_owned(),
            (false, _) => "newly allowed:\n".to_owned(),
        };
        for case in new {
            let _ = writeln!(text, "  {case}");
        }
        if more {
            text.push_str("not everything that the policies tell apart was compared (approximate)\n");
        }
        text
    };
    let json = json!({"newly_allowed": new, "may_allow_more": more, "reference": difference.reference});
    show::print(&json, format, text)?;
    Ok(Exit::Error.when(!new.is_empty() || more))
}

fn side(path: &Path) -> Result<Vec<Document>> {
    let read = documents(&policy_files(&[PathBuf::from(path)])?)?;
    Ok(read.into_iter().map(|(_, document)| document).collect())
}
