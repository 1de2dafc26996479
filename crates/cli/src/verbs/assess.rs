//! `dodai assess`: judges every account and Region by the controls.

use dodai_controls::{Control, Finding, Status};
use dodai_facts::Severity;
use dodai_facts::escape::terminal;
use dodai_inventory::sql::Engine;
use dodai_org::State;
use dodai_texts::say;

use std::sync::Arc;

use crate::args::{AssessArgs, Global, ReportFormat};
use crate::assessment::{Assessment, Judge, assess, chosen, judges, needed};
use crate::colors::print_report;
use crate::directory::Loaded;
use crate::exit::Exit;
use crate::failure::{Error, Result};
use crate::kept;
use crate::left_out;
use crate::print::{print, print_with};
use crate::reading::schemas;
use crate::report;
use crate::world::{Source, open_store, selection};

pub async fn run(global: &Global, args: &AssessArgs) -> Result<Exit> {
    let loaded = Arc::new(crate::load(global)?);
    let Loaded { directory, controls, tables, .. } = loaded.as_ref();
    let selection = selection(directory, &args.selection, &[])?;
    let chosen = chosen(controls, directory, &args.control)?;
    if chosen.is_empty() {
        return Err(Error::new(
            "there is no control to judge".to_owned(),
            "name standards in `dodai.yaml` (`standards: [fsbp]`), or a control",
        ));
    }
    // The queries are planned while AWS is asked who it is.
    let source = Source::open(global, &loaded, args.run.as_deref());
    let (source, judges) = tokio::try_join!(source, planned(&loaded, chosen))?;
    let reading = source.read(global, &loaded, &selection, needed(&judges), true).await?;
    let store = open_store(global, directory).await?;
    let now = global.recording.now();
    let mut assessment = assess(directory, controls, tables, &judges, &reading, selection, now).await?;
    if global.recording.is_replay() && matches!(directory.state, State::S3 { .. }) {
        eprintln!("{}", say!("score-state-not-read"));
    }
    let before = kept::last(&store, &assessment).await?;
    if let Some(before) = &before {
        before.comparison.remember(&mut assessment.findings);
    }
    if !global.recording.is_replay() {
        kept::keep(&store, &assessment).await?;
    }
    match args.format {
        ReportFormat::Text => print_report(&report::text(&assessment, controls, before.as_ref()))?,
        ReportFormat::Json => print_with(|out| {
            serde_json::to_writer_pretty(&mut *out, &assessment)?;
            out.write_all(b"\n")
        })?,
        ReportFormat::Csv => {
            // A line of the file is a finding: who has none for want of being judged is said beside it.
            if let Some(line) = left_out::line(&assessment.left_out) {
                eprintln!("{}", terminal(&line));
            }
            print_with(|out| report::csv(&assessment, controls, out))?;
        }
        ReportFormat::Markdown => print(&report::markdown(&assessment, controls, before.as_ref()))?,
    }
    let fails = |finding: &Finding| {
        let severity = controls.control(&finding.control).map_or(Severity::Informational, |control| control.severity);
        finding.counts() && finding.status == Status::Failed && args.fail_on.is_some_and(|least| severity >= least)
    };
    let found = assessment.findings.iter().any(fails);
    Ok(Exit::Findings.when(found).or(Exit::Unknown.when(has_unknown(&assessment))))
}

/// What the controls' queries use. The engine is made on a thread of its own: the first calls do not wait for it.
async fn planned<'a>(loaded: &Arc<Loaded>, chosen: Vec<&'a Control>) -> Result<Vec<Judge<'a>>> {
    let loaded = Arc::clone(loaded);
    let engine = tokio::task::spawn_blocking(move || Engine::of_schemas(schemas(&loaded.tables)));
    let engine = engine.await.map_err(Error::from_display)?.map_err(Error::from_display)?;
    Ok(judges(&engine, chosen).await)
}

fn has_unknown(assessment: &Assessment) -> bool {
    !assessment.unread.is_empty()
        || assessment.findings.iter().any(|finding| finding.status == Status::Unknown && finding.counts())
}
