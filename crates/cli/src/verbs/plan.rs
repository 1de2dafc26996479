//! `dodai plan`: what would change, and every call that it takes. Changes nothing.

use std::fs::OpenOptions;
use std::io::{self, BufWriter, Write};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use std::sync::Arc;

use dodai_baseline::{Plan, format};
use dodai_facts::escape::{shell, terminal};
use dodai_texts::say;

use crate::args::{Global, PlanArgs, PlanFormat};
use crate::colors::print_report;
use crate::exit::Exit;
use crate::failure::{Error, Result};
use crate::gather;
use crate::print::{print, print_with};
use crate::progress::Progress;
use crate::world::{World, selection};

pub async fn run(global: &Global, args: &PlanArgs) -> Result<Exit> {
    let loaded = crate::load_sound(global)?;
    let selection = selection(&loaded.directory, &args.selection, &args.feature)?;
    let world = World::connect(global, Arc::new(loaded)).await?;
    let plan = gather::plan(&world, &world.client, &selection, &Progress::new(global.quiet)).await?;
    match args.format {
        PlanFormat::Text => print_report(&format::text(&plan))?,
        PlanFormat::Json => print_with(|out| json(&plan, out))?,
        PlanFormat::Markdown => print(&format::markdown(&plan))?,
        PlanFormat::Sh => {
            let entering = format::Entering {
                management: &world.context.management,
                member_role: &world.context.member_role,
                external_id: world.directory().roles.external_id.as_deref(),
                partition: world.context.partition,
            };
            print(&format::sh(&plan, &entering))?;
        }
    }
    if let Some(path) = &args.output {
        save(path, &plan)?;
        let path = path.display().to_string();
        let command = format!("dodai apply {}", shell(&path));
        eprintln!("{}", say!("plan-saved", path = terminal(&path), command = command));
    }
    Ok(exit_of(&plan))
}

/// 2: changes are pending; 3: something is unknown.
pub fn exit_of(plan: &Plan) -> Exit {
    Exit::Pending.when(!plan.is_empty()).or(Exit::Unknown.when(!plan.blocked.is_empty()))
}

fn json(plan: &Plan, out: &mut dyn Write) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *out, plan)?;
    out.write_all(b"\n")
}

/// A plan names accounts and settings: its owner's alone.
fn save(path: &Path, plan: &Plan) -> Result<()> {
    OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(path)
        .and_then(|file| {
            let mut file = BufWriter::new(file);
            json(plan, &mut file)?;
            file.flush()
        })
        .map_err(|error| Error::new(format!("{}: {error}", path.display()), "choose a place that you may write to"))
}
