//! `dodai policy pack`: policies of one target in as few documents as hold them. Needs no AWS.

use dodai_facts::escape::json as visible;
use dodai_policy::check::{Kind, Limits};
use dodai_policy::pack::{Options, Packed, pack};
use dodai_policy::reference::Reference;
use serde_json::{Value, json};

use crate::args::policy::{Format, PackArgs};
use crate::exit::Exit;
use crate::failure::{Error, Result};
use crate::folder::{self, There};
use crate::policies::files::{PolicyFile, Use, documents, policy_files};
use crate::print::print;

pub fn run(args: &PackArgs) -> Result<Exit> {
    let files = policy_files(&args.files)?;
    let limit = match args.limit {
        Some(limit) => usize::try_from(limit).unwrap_or(usize::MAX),
        None => limit_of(&files)?,
    };
    let documents = documents(&files)?;
    let policies: Vec<_> = documents.iter().map(|(name, document)| (name.as_str(), document.clone())).collect();
    let widen = args.widen.then(Reference::embedded);
    let options = Options { limit, keep_sids: args.keep_sids, widen };
    let packed = pack(&policies, options).map_err(|error| {
        Error::new(error.to_string(), "a higher --limit, --widen, or a shorter statement would help")
    })?;
    let texts: Vec<String> = packed.documents.iter().map(dodai_policy::Document::to_json).collect();
    if let Some(folder) = &args.output {
        let files = texts.iter().enumerate().map(|(at, text)| (format!("packed-{}.json", at + 1), format!("{text}\n")));
        folder::write(folder, &files.collect::<Vec<_>>(), There::Kept)?;
    }
    show(args, &packed, &texts)?;
    Ok(Exit::Done)
}

/// The limit of the files' one kind; service control policies where their folders do not say.
fn limit_of(files: &[PolicyFile]) -> Result<usize> {
    let of = |file: &PolicyFile| {
        let path = std::path::absolute(&file.path).unwrap_or_else(|_| file.path.clone());
        match Use::of_path(&path) {
            Some(Use::Language(kind)) => kind,
            _ => Kind::ServiceControl,
        }
    };
    let kind = files.first().map_or(Kind::ServiceControl, of);
    if let Some(other) = files.iter().find(|file| of(file) != kind) {
        let message = format!("{} is {}, the first file is {}", other.name, of(other).describe(), kind.describe());
        return Err(Error::new(message, "pack the policies of one kind and one target together"));
    }
    Limits::default()
        .characters(kind)
        .ok_or_else(|| Error::new(format!("the length of {} is not known", kind.describe()), "say it with --limit"))
}

fn show(args: &PackArgs, packed: &Packed, texts: &[String]) -> Result<()> {
    match args.format {
        Format::Json => {
            let parsed: serde_json::Result<Vec<Value>> = texts.iter().map(|text| serde_json::from_str(text)).collect();
            let documents = parsed.map_err(Error::from_display)?;
            print(&format!("{:#}\n", json!({ "documents": documents, "report": packed.report })))
        }
        Format::Text => {
            let shown: Vec<String> = if args.output.is_some() {
                Vec::new()
            } else {
                texts.iter().map(|text| format!("\n{}\n", visible(text))).collect()
            };
            print(&format!("{}{}", packed.report, shown.concat()))
        }
    }
}
