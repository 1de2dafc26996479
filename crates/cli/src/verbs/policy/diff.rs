//! `dodai policy diff`: what a change of policies denies that was allowed, and allows that was denied. Needs no AWS.

use std::path::Path;

use dodai_policy::Document;
use dodai_policy::diff::diff;
use dodai_policy::reference::Reference;

use crate::args::policy::{DiffArgs, Format};
use crate::exit::Exit;
use crate::failure::{Error, Result};
use crate::policies::files::{documents, policy_files};
use crate::print::print;

pub fn run(args: &DiffArgs) -> Result<Exit> {
    let difference = diff(&side(&args.before)?, &side(&args.after)?, Reference::embedded());
    match args.format {
        Format::Json => {
            let text = serde_json::to_string_pretty(&difference).map_err(Error::from_display)?;
            print(&format!("{text}\n"))?;
        }
        Format::Text => print(&difference.to_string())?,
    }
    Ok(Exit::Done)
}

fn side(path: &Path) -> Result<Vec<Document>> {
    let read = documents(&policy_files(&[path.to_owned()])?)?;
    Ok(read.into_iter().map(|(_, document)| document).collect())
}
