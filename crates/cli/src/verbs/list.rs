//! `dodai features`, `tables`, `controls`: what there is. Built-in ones, and the directory's own where the
//! working directory is one.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use dodai_baseline::permissions::actions_of;
use dodai_controls::Registry;
use dodai_facts::FeatureInfo;
use dodai_facts::escape::terminal;
use dodai_inventory::sql::Engine;
use dodai_inventory::tables::{Tables, Wanted, permission_of};
use dodai_models::Models;
use serde_json::{Value, json};

use crate::args::{Global, ListArgs};
use crate::assessment::{Judge, judges};
use crate::directory::features;
use crate::exit::Exit;
use crate::failure::{Error, Result};
use crate::print::print;
use crate::reading::schemas;

/// Most characters of a cell that the next column waits for: the title of a control may be of any length.
const WIDEST: usize = 160;

pub fn features_verb(_global: &Global, args: &ListArgs) -> Result<Exit> {
    let tables = Tables::read(Models::embedded(), []).map_err(|problems| Error::defect(format!("{problems:?}")))?;
    let all: Vec<&FeatureInfo> = features().collect();
    let chosen = choose(&all, args.id.as_deref(), "feature", |feature| feature.id)?;
    let describe = |feature: &FeatureInfo| {
        let reads = reading_calls(&tables, feature);
        json!({
            "id": feature.id,
            "title": feature.title,
            "scope": feature.scope.as_str(),
            "class": feature.class.as_str(),
            "profiles": feature.profiles,
            "needs": feature.needs,
            "settings": feature.settings,
            "reads": feature.reads.iter().map(|(table, _)| *table).collect::<Vec<_>>(),
            "calls": { "read": reads, "write": feature.calls },
            "permissions": {
                "read": permissions(reads.iter().map(String::as_str)),
                "write": actions_of(feature),
            },
        })
    };
    let listed: Vec<Value> = chosen.iter().map(|feature| describe(feature)).collect();
    show(args, &listed, |feature| {
        let profiles = texts(&feature["profiles"]).join(" ");
        [text(&feature["id"]), text(&feature["scope"]), text(&feature["class"]), profiles, text(&feature["title"])]
    })
}

pub fn tables_verb(global: &Global, args: &ListArgs) -> Result<Exit> {
    let tables = match crate::load_if_there(global)? {
        Some(loaded) => loaded.tables,
        None => Tables::read(Models::embedded(), []).map_err(|problems| Error::defect(format!("{problems:?}")))?,
    };
    let infos = tables.infos();
    let all: Vec<_> = infos.iter().collect();
    let chosen = choose(&all, args.id.as_deref(), "table", |table| &table.name)?;
    let listed: Vec<Value> = chosen
        .iter()
        .map(|table| {
            json!({
                "id": table.name,
                "scope": table.scope,
                "columns": table.columns,
                "calls": table.calls,
                "permissions": permissions(table.calls.iter().map(String::as_str)),
            })
        })
        .collect();
    show(args, &listed, |table| {
        let columns = format!("{} columns", table["columns"].as_array().map_or(0, Vec::len));
        [text(&table["id"]), text(&table["scope"]), columns, texts(&table["calls"]).join(" "), String::new()]
    })
}

pub async fn controls_verb(global: &Global, args: &ListArgs) -> Result<Exit> {
    let (registry, tables) = if let Some(loaded) = crate::load_if_there(global)? {
        (loaded.controls, loaded.tables)
    } else {
        let defect = |problems| Error::defect(format!("{problems:?}"));
        (Registry::new([]).map_err(defect)?, Tables::read(Models::embedded(), []).map_err(defect)?)
    };
    let all = registry.controls();
    let chosen = choose(&all, args.id.as_deref(), "control", |control| &control.id)?;
    let engine = Engine::of_schemas(schemas(&tables)).map_err(Error::from_display)?;
    let mut listed = Vec::new();
    for judge in judges(&engine, chosen).await {
        listed.push(control_json(&registry, &tables, &judge));
    }
    show(args, &listed, |control| {
        let standards = texts(&control["standards"]).join(" ");
        [text(&control["id"]), text(&control["severity"]), text(&control["of"]), standards, text(&control["title"])]
    })
}

fn control_json(registry: &Registry, tables: &Tables, judge: &Judge<'_>) -> Value {
    let control = judge.control;
    let standards: Vec<&str> = registry
        .standards()
        .filter(|standard| standard.controls().contains(control.id.as_str()))
        .map(|standard| standard.id.as_str())
        .collect();
    let mut calls = BTreeSet::new();
    for (name, columns) in judge.used.iter().flat_map(|used| &used.tables) {
        if let Some(table) = tables.get(name)
            && let Ok(wanted) = table.want(columns.iter().map(String::as_str))
        {
            calls.extend(table.calls(&wanted));
        }
    }
    let mut value = serde_json::to_value(control).unwrap_or_default();
    if let Some(fields) = value.as_object_mut() {
        fields.insert("standards".to_owned(), json!(standards));
        fields.insert("tables".to_owned(), json!(control.tables().collect::<Vec<_>>()));
        fields.insert("permissions".to_owned(), json!(permissions(calls.iter().map(String::as_str))));
        fields.insert("calls".to_owned(), json!(calls));
    }
    value
}

fn reading_calls(tables: &Tables, feature: &FeatureInfo) -> BTreeSet<String> {
    feature
        .reads
        .iter()
        .filter_map(|(name, columns)| {
            let table = tables.get(name)?;
            let wanted: Wanted = table.want(columns.iter().copied()).ok()?;
            Some(table.calls(&wanted))
        })
        .flatten()
        .collect()
}

fn permissions<'a>(calls: impl Iterator<Item = &'a str>) -> BTreeSet<String> {
    calls.filter_map(permission_of).collect()
}

fn choose<'a, T>(all: &[&'a T], id: Option<&str>, kind: &str, name: impl Fn(&T) -> &str) -> Result<Vec<&'a T>> {
    let Some(id) = id else { return Ok(all.to_vec()) };
    match all.iter().find(|item| name(item).eq_ignore_ascii_case(id)) {
        Some(item) => Ok(vec![*item]),
        None => Err(Error::unknown(kind, id, all.iter().map(|item| name(item)))),
    }
}

/// JSON, everything about the one that was asked for, or a line each.
fn show<const N: usize>(args: &ListArgs, listed: &[Value], line: impl Fn(&Value) -> [String; N]) -> Result<Exit> {
    if args.json {
        let all = if args.id.is_some() { listed.first().cloned().unwrap_or_default() } else { json!(listed) };
        print(&format!("{all:#}\n"))?;
    } else if args.id.is_some() {
        let mut out = String::new();
        for (name, value) in listed.first().and_then(Value::as_object).into_iter().flatten() {
            describe(&mut out, name, value, 0);
        }
        print(&out)?;
    } else {
        let rows: Vec<[String; N]> = listed.iter().map(line).collect();
        let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0).min(WIDEST);
        let widths: Vec<usize> = (0..N).map(width).collect();
        let mut out = String::new();
        for row in &rows {
            let mut text = String::new();
            for (cell, width) in row.iter().zip(&widths) {
                let _ = write!(text, "{:width$}  ", terminal(cell));
            }
            out.push_str(text.trim_end());
            out.push('\n');
        }
        print(&out)?;
    }
    Ok(Exit::Done)
}

fn describe(out: &mut String, name: &str, value: &Value, depth: usize) {
    let indent = "  ".repeat(depth);
    let _ = match value {
        Value::Null => Ok(()),
        Value::Array(items) if items.is_empty() => Ok(()),
        Value::Object(fields) => {
            let _ = writeln!(out, "{indent}{}:", terminal(name));
            for (name, value) in fields {
                describe(out, name, value, depth + 1);
            }
            Ok(())
        }
        Value::Array(items) if items.iter().any(Value::is_object) => {
            let _ = writeln!(out, "{indent}{}:", terminal(name));
            for item in items {
                let title = item.get("name").or_else(|| item.get("id")).map(text).unwrap_or_default();
                let rest: serde_json::Map<String, Value> = item
                    .as_object()
                    .into_iter()
                    .flatten()
                    .filter(|(key, _)| *key != "name")
                    .map(|(key, value)| (key.clone(), value.clone()))
                    .collect();
                describe(out, &title, &Value::Object(rest), depth + 1);
            }
            Ok(())
        }
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(text).collect();
            writeln!(out, "{indent}{}: {}", terminal(name), terminal(&items.join(", ")))
        }
        Value::String(text) if text.contains('\n') => {
            let _ = writeln!(out, "{indent}{}:", terminal(name));
            for line in text.lines() {
                let _ = writeln!(out, "{indent}  {}", terminal(line));
            }
            Ok(())
        }
        other => writeln!(out, "{indent}{}: {}", terminal(name), terminal(&text(other))),
    };
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn texts(value: &Value) -> Vec<String> {
    value.as_array().into_iter().flatten().map(text).collect()
}
