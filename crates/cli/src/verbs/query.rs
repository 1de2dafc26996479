//! `dodai query`: one SELECT over what is there now, or over a stored run.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::sync::Arc;

use dodai_facts::escape::terminal;
use dodai_facts::{Gap, Scope, counted};
use dodai_inventory::sql::{Answer, Engine, output};
use dodai_inventory::tables::Tables;

use crate::args::{Global, QueryArgs, QueryFormat};
use crate::exit::Exit;
use crate::failure::{Error, Result};
use crate::left_out;
use crate::print::print_bytes;
use crate::reading::{Reading, schemas, together};
use crate::world::{Source, selection};

/// Widest cell of a table on the terminal, in characters.
const WIDEST: usize = 60;

/// Most kinds of gaps that are named below an answer.
const NAMED: usize = 5;

pub async fn run(global: &Global, args: &QueryArgs) -> Result<Exit> {
    let loaded = Arc::new(crate::load(global)?);
    let selection = selection(&loaded.directory, &args.selection, &[])?;
    let engine = Engine::of_schemas(schemas(&loaded.tables)).map_err(Error::from_display)?;
    let used = engine.columns_used(&args.sql).await.map_err(Error::from_display)?;
    let source = Source::open(global, &loaded, args.run.as_deref()).await?;
    let reading = source.read(global, &loaded, &selection, together([&used]), args.save).await?;
    answer(&reading, &loaded.tables, args).await
}

async fn answer(reading: &Reading, tables: &Tables, args: &QueryArgs) -> Result<Exit> {
    let answer = reading.engine.query(&args.sql).await.map_err(Error::from_display)?;
    if let Some(path) = &args.output {
        let failed = |error: std::io::Error| {
            Error::new(format!("{}: {error}", path.display()), "choose a place that you may write to")
        };
        let file = File::create(path).map_err(failed)?;
        let mut out = BufWriter::new(file);
        write(&answer, args.format, &mut out).and_then(|()| out.flush()).map_err(failed)?;
    } else {
        let mut out = Vec::new();
        write(&answer, args.format, &mut out).map_err(Error::from_display)?;
        print_bytes(&out)?;
    }
    let gaps = reading.engine.gaps(&answer.used, &reading.cells).await.map_err(Error::from_display)?;
    footnote(&gaps, reading);
    for one in &answer.unanswered {
        let line =
            format!("{} could not answer for {} of its texts (null above): {}", one.function, one.texts, one.why);
        eprintln!("\n{}", terminal(&line));
    }
    // What is read in the management account alone is whole, whichever accounts were read.
    let mut used = answer.used.tables.keys().filter_map(|name| tables.get(name));
    let asks_accounts = used.any(|table| table.scope() != Scope::Organization && !table.management_only());
    if let Some(line) = left_out::line(&reading.left_out).filter(|_| asks_accounts) {
        eprintln!("\n{}", terminal(&line));
    }
    Ok(Exit::Unknown.when(!gaps.is_empty() || !answer.unanswered.is_empty()))
}

fn write(answer: &Answer, format: QueryFormat, out: &mut (dyn Write + Send)) -> std::io::Result<()> {
    match format {
        QueryFormat::Table => output::text(answer, WIDEST, out),
        QueryFormat::Json => output::json(answer, out),
        QueryFormat::Csv => output::csv(answer, out),
        QueryFormat::Parquet => output::parquet(answer, out).map(|_| ()),
    }
}

/// What of the answer is not known.
fn footnote(gaps: &[Gap], reading: &Reading) {
    if gaps.is_empty() {
        return;
    }
    let mut kinds: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for gap in gaps {
        let what = gap.column.as_ref().map_or_else(|| gap.table.clone(), |column| format!("{}.{column}", gap.table));
        let why = format!("{what}: {} ({}): {}", gap.failure.code, gap.failure.kind, gap.failure.message);
        let account = gap.cell.account().map(|id| reading.names.get(id).cloned().unwrap_or_else(|| id.to_string()));
        let place =
            [account, gap.cell.region().map(ToString::to_string)].into_iter().flatten().collect::<Vec<_>>().join(" ");
        kinds.entry(why).or_default().push(place);
    }
    eprintln!("\nnot everything could be read ({}); the answer is of the rest:", counted(gaps.len(), "gap"));
    for (why, places) in kinds.iter().take(NAMED) {
        let first = places.first().map(String::as_str).unwrap_or_default();
        let more = if places.len() > 1 { format!(" and {} more", places.len() - 1) } else { String::new() };
        eprintln!("  {}\n    {}{more}", terminal(why), terminal(first));
    }
    if kinds.len() > NAMED {
        eprintln!("  … and {} more: select * from gap", kinds.len() - NAMED);
    }
}
