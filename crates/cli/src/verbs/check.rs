//! `dodai check`: reads the directory, says everything that is wrong with it; needs no AWS.

use std::collections::BTreeMap;

use dodai_baseline::ORGANIZATION_FEATURES;
use dodai_controls::Registry;
use dodai_facts::Problem;
use dodai_inventory::sql::Engine;
use miette::Severity;
use serde_json::json;

use crate::args::{CheckArgs, Global};
use crate::directory::{Loaded, catalogue, load_with_texts};
use crate::exit::Exit;
use crate::failure::{Error, Result};
use crate::policies::sound::verdict;
use crate::print::print;
use crate::problems::shown;

pub async fn run(global: &Global, args: &CheckArgs) -> Result<Exit> {
    if args.schema {
        let registry = Registry::new([]).map_err(|problems| Error::defect(format!("{problems:?}")))?;
        print(&format!("{:#}\n", dodai_org::schema(&catalogue(&registry))))?;
        return Ok(Exit::Done);
    }
    let (read, texts) = load_with_texts(&global.directory);
    let (mut problems, warnings, summary) = match &read {
        Ok(loaded) => {
            let policies = verdict(loaded);
            let mut problems = check_queries(loaded).await;
            problems.extend(policies.problems);
            let mut warnings = loaded.directory.warnings.clone();
            warnings.extend(policies.warnings);
            (problems, warnings, summary(loaded))
        }
        Err(problems) => (problems.clone(), Vec::new(), String::new()),
    };
    problems.sort();
    if args.json {
        print(&format!("{:#}\n", json!({ "problems": problems, "warnings": warnings })))?;
    } else {
        eprint!("{}", shown(&warnings, &texts, Severity::Warning));
        eprint!("{}", shown(&problems, &texts, Severity::Error));
        if problems.is_empty() {
            print(&summary)?;
        } else {
            eprintln!("{} problem(s) in {}", problems.len(), global.directory.display());
        }
    }
    Ok(Exit::Error.when(!problems.is_empty()))
}

/// Every control's query plans against the tables, and uses no other tables than it names.
pub async fn check_queries(loaded: &Loaded) -> Vec<Problem> {
    let engine = match Engine::of_schemas(crate::reading::schemas(&loaded.tables)) {
        Ok(engine) => engine,
        Err(error) => return vec![problem("tables", 0, 0, error.to_string())],
    };
    let mut problems = Vec::new();
    for control in loaded.controls.controls() {
        match engine.columns_used(&control.sql).await {
            Ok(used) => {
                for table in used.tables.keys().filter(|table| !control.tables().any(|named| named == *table)) {
                    let message = format!(
                        "the query of `{}` reads `{table}`, which its header does not name (`-- also: {table}@cell`)",
                        control.id
                    );
                    problems.push(problem(&control.file, control.sql_line, 1, message));
                }
            }
            Err(error) => {
                let place = error.place();
                let line = usize::try_from(place.line).unwrap_or_default().saturating_sub(1);
                let column = usize::try_from(place.column).unwrap_or_default().max(1);
                problems.push(problem(&control.file, control.sql_line + line, column, error.to_string()));
            }
        }
    }
    problems
}

fn problem(file: &str, line: usize, column: usize, message: String) -> Problem {
    Problem { file: file.to_owned(), line, column, message, help: None }
}

fn summary(loaded: &Loaded) -> String {
    let Loaded { directory, tables, controls, .. } = loaded;
    let mut profiles: BTreeMap<&str, usize> = BTreeMap::new();
    for account in &directory.accounts {
        *profiles.entry(account.profile.as_str()).or_default() += 1;
    }
    let profiles: Vec<String> = profiles.into_iter().map(|(profile, count)| format!("{count} {profile}")).collect();
    format!(
        "{}: {} accounts ({}) in {} units, {} policies, {} Regions; {} features, {} tables, {} controls. All right.\n",
        directory.organization,
        directory.accounts.len(),
        profiles.join(", "),
        directory.units.len(),
        directory.policies.len(),
        directory.regions.len(),
        crate::directory::features().count().max(ORGANIZATION_FEATURES.len()),
        tables.iter().count(),
        controls.controls().len(),
    )
}
