//! The plan for a pull request.

use std::fmt::Write as _;

use dodai_facts::escape::{markdown as escaped, markdown_code};
use dodai_texts::say;

use super::group::groups;
use super::text::{blocked, dangers, headline, shown, skipped};
use crate::{Action, Plan};

/// Most places of one line; where there are more, they are counted.
const NAMED: usize = 5;

pub fn markdown(plan: &Plan) -> String {
    let mut out = format!("## {}\n", escaped(&headline(plan)));
    if !plan.changes.is_empty() {
        let _ = writeln!(
            out,
            "\n| | {} | {} | {} | {} |\n|---|---|---|---|---|",
            say!("plan-column-feature"),
            say!("plan-column-change"),
            say!("plan-column-where"),
            say!("plan-column-settings"),
        );
    }
    for group in groups(plan) {
        let places: Vec<String> = group
            .places()
            .into_iter()
            .map(|(regions, accounts)| {
                let names = places_in_words(&accounts, |count| say!("plan-accounts", count = count));
                if regions.is_empty() { names } else { format!("{}: {names}", regions.join(", ")) }
            })
            .collect();
        let settings: Vec<String> = group
            .settings
            .iter()
            .map(|setting| {
                let (name, after) = (escaped(&setting.name), markdown_code(&shown(&setting.after)));
                if setting.before.is_null() {
                    format!("{name}: {after}")
                } else {
                    format!("{name}: {} → {after}", markdown_code(&shown(&setting.before)))
                }
            })
            .collect();
        let _ = writeln!(
            out,
            "| {} | {} | {} | {} | {} |",
            in_words(group.action),
            escaped(group.feature),
            escaped(&group.summary),
            places.join("<br>"),
            settings.join("<br>"),
        );
    }
    let lines = dangers(plan).into_iter().map(|((why, flag), changes)| {
        format!(
            "- {} (`{flag}`): {}",
            escaped(&why),
            places_in_words(&changes, |count| say!("plan-changes", count = count))
        )
    });
    section(&mut out, &say!("plan-dangers"), &lines.collect::<Vec<_>>());
    let lines = skipped(plan)
        .into_iter()
        .map(|((feature, why), places)| format!("- {}: {}: {}", escaped(feature), escaped(why), in_places(&places)));
    section(&mut out, &say!("plan-skipped"), &lines.collect::<Vec<_>>());
    let lines = blocked(plan)
        .into_iter()
        .map(|((feature, why), places)| format!("- {}: {}: {}", escaped(feature), escaped(&why), in_places(&places)));
    section(&mut out, &say!("plan-blocked"), &lines.collect::<Vec<_>>());
    let due: Vec<String> =
        plan.due.iter().map(|due| format!("- {}: {}", escaped(&due.account), escaped(&due.why))).collect();
    section(&mut out, &say!("plan-due"), &due);
    out
}

fn in_words(action: Action) -> String {
    match action {
        Action::Create => say!("plan-create"),
        Action::Update => say!("plan-update"),
        Action::Delete => say!("plan-delete"),
    }
}

fn in_places(places: &[String]) -> String {
    places_in_words(places, |count| say!("plan-places", count = count))
}

/// A few by name, many by number.
fn places_in_words<S: AsRef<str>>(all: &[S], counted: impl Fn(usize) -> String) -> String {
    if all.len() > NAMED {
        counted(all.len())
    } else {
        all.iter().map(|name| escaped(name.as_ref())).collect::<Vec<_>>().join(", ")
    }
}

fn section(out: &mut String, title: &str, lines: &[String]) {
    if !lines.is_empty() {
        let _ = writeln!(out, "\n### {title}\n\n{}", lines.join("\n"));
    }
}
