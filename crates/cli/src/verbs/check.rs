//! `dodai check`: reads the directory, says everything that is wrong with it; needs no AWS.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use dodai_controls::{Cases, Control, Registry};
use dodai_document::suggest;
use dodai_facts::{Problem, counted};
use dodai_inventory::sql::Engine;
use dodai_org::UserFile;
use miette::Severity;
use serde_json::{Map, Value, json};

use crate::args::{CheckArgs, Global};
use crate::directory::{Loaded, catalogue, load_with_texts};
use crate::exit::Exit;
use crate::failure::{Error, Result};
use crate::folder::{self, There};
use crate::policies::sound::verdict;
use crate::print::print;
use crate::problems::shown;

pub async fn run(global: &Global, args: &CheckArgs) -> Result<Exit> {
    if args.schema {
        let registry = Registry::new([]).map_err(|problems| Error::defect(format!("{problems:?}")))?;
        let schemas = dodai_org::schema(&catalogue(&registry));
        match &args.output {
            Some(folder) => write_schemas(&schemas, folder)?,
            None => print(&format!("{schemas:#}\n"))?,
        }
        return Ok(Exit::Done);
    }
    let (read, texts) = load_with_texts(&global.directory);
    let (mut problems, warnings, summary) = match &read {
        Ok(loaded) => {
            let policies = verdict(loaded);
            let mut problems = check_controls(loaded).await;
            problems.extend(policies.problems);
            let mut warnings = loaded.directory.warnings.clone();
            warnings.extend(policies.warnings);
            let summary = summary(loaded, warnings.len());
            (problems, warnings, summary)
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
            let files: BTreeSet<&str> = problems.iter().map(|problem| problem.file.as_str()).collect();
            eprintln!("{} in {}", counted(problems.len(), "problem"), counted(files.len(), "file"));
        }
    }
    Ok(Exit::Error.when(!problems.is_empty()))
}

/// One file for each kind of file, and what VS Code's YAML extension is told of them: which schema is for which files.
fn write_schemas(schemas: &Value, folder: &Path) -> Result<()> {
    let (mut files, mut settings) = (Vec::new(), Map::new());
    for (pattern, schema) in schemas.as_object().into_iter().flatten() {
        let name = schema_file(pattern);
        files.push((name.clone(), format!("{schema:#}\n")));
        settings.insert(folder.join(name).display().to_string(), json!(pattern));
    }
    folder::write(folder, &files, There::Replaced)?;
    print(&format!("{:#}\n", json!({ "yaml.schemas": settings })))
}

/// The schema's name, by the pattern of the files that it is for: `policies/scp/*.yaml` has `policies-scp.schema.json`.
fn schema_file(pattern: &str) -> String {
    let stem = pattern.trim_end_matches(".yaml").trim_end_matches("/*");
    format!("{}.schema.json", stem.replace('/', "-"))
}

/// The user's own controls: their tables are there, their queries run on no rows and give what a control gives, they use no
/// other tables than they name, and their cases can be read and belong to one of them. The built-in ones are tested.
async fn check_controls(loaded: &Loaded) -> Vec<Problem> {
    let files: Vec<&UserFile> = loaded.directory.user_controls.iter().collect();
    let mut problems: Vec<Problem> =
        loaded.directory.user_cases.iter().filter_map(|file| cases(file, &files)).collect();
    if files.is_empty() {
        return problems;
    }
    let engine = match Engine::of_schemas(crate::reading::schemas(&loaded.tables)) {
        Ok(engine) => engine,
        Err(error) => return vec![problem("tables", 0, 0, error.to_string())],
    };
    for file in files {
        for control in loaded.controls.controls().into_iter().filter(|control| control.file == file.path) {
            let unknown = unknown_tables(loaded, control, &file.text);
            let names_right = unknown.is_empty();
            problems.extend(unknown);
            match engine.control_rows(&control.sql).await {
                Ok(answer) => {
                    let named = |table: &str| !names_right || control.tables().any(|named| named == table);
                    for table in answer.used.tables.keys().filter(|table| !named(table.as_str())) {
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
                    problems.push(problem(&control.file, control.sql_line + line, column, error.told()));
                }
            }
        }
    }
    problems
}

/// Tables that a control's header names and that are not there.
fn unknown_tables(loaded: &Loaded, control: &Control, text: &str) -> Vec<Problem> {
    let wrong = |name: &str| {
        let header = text.lines().zip(1..).find(|(line, _)| line.starts_with("--") && line.contains(name));
        let (column, line) = header
            .map_or((0, 0), |(line, number)| (line.split(name).next().unwrap_or_default().chars().count() + 1, number));
        Problem {
            help: suggest(name, loaded.tables.iter().map(|table| table.name())),
            ..problem(&control.file, line, column, format!("there is no table `{name}`"))
        }
    };
    control.tables().filter(|name| loaded.tables.get(name).is_none()).map(wrong).collect()
}

/// What is wrong with a file of cases.
fn cases(file: &UserFile, controls: &[&UserFile]) -> Option<Problem> {
    let control = file.path.replace(".cases.yaml", ".sql");
    if !controls.iter().any(|other| other.path == control) {
        let help = suggest(&control, controls.iter().map(|other| other.path.as_str()));
        let message = format!("these cases stand beside no control: there is no `{control}`");
        return Some(Problem { help, ..problem(&file.path, 0, 0, message) });
    }
    Cases::parse(&file.path, &file.text).err()
}

fn problem(file: &str, line: usize, column: usize, message: String) -> Problem {
    Problem { file: file.to_owned(), line, column, message, help: None }
}

fn summary(loaded: &Loaded, warnings: usize) -> String {
    let Loaded { directory, tables, controls, .. } = loaded;
    let mut profiles: BTreeMap<&str, usize> = BTreeMap::new();
    for account in &directory.accounts {
        *profiles.entry(account.profile.as_str()).or_default() += 1;
    }
    let profiles: Vec<String> = profiles.into_iter().map(|(profile, count)| format!("{count} {profile}")).collect();
    format!(
        "{}: {} ({}) in {}, {}, {}; {}, {}, {}. All right{}.\n",
        directory.organization,
        counted(directory.accounts.len(), "account"),
        profiles.join(", "),
        counted(directory.units.len(), "unit"),
        counted(directory.policies.len(), "policy"),
        counted(directory.regions.len(), "Region"),
        counted(crate::directory::features().count(), "feature"),
        counted(tables.iter().count(), "table"),
        counted(controls.controls().len(), "control"),
        if warnings == 0 { String::new() } else { format!(", but for {}", counted(warnings, "warning")) },
    )
}
