//! The plan for a pull request.

use std::fmt::Write as _;

use dodai_facts::counted;
use dodai_facts::escape::{markdown as escaped, markdown_code};

use super::group::groups;
use super::text::{BLOCKED, blocked, dangers, headline, shown, skipped};
use crate::Plan;

/// Most places of one line; where there are more, they are counted.
const NAMED: usize = 5;

pub fn markdown(plan: &Plan) -> String {
    let mut out = format!("## {}\n", escaped(&headline(plan)));
    if !plan.changes.is_empty() {
        out.push_str("\n| | feature | change | where | settings |\n|---|---|---|---|---|\n");
    }
    for group in groups(plan) {
        let places: Vec<String> = group
            .places()
            .into_iter()
            .map(|(regions, accounts)| {
                let names = places_in_words(&accounts, "account");
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
            group.action,
            escaped(group.feature),
            escaped(&group.summary),
            places.join("<br>"),
            settings.join("<br>"),
        );
    }
    let lines = dangers(plan).into_iter().map(|((why, flag), changes)| {
        format!("- {} (`{flag}`): {}", escaped(&why), places_in_words(&changes, "change"))
    });
    section(&mut out, "Named on their own, each waits for its flag", &lines.collect::<Vec<_>>());
    let lines = skipped(plan).into_iter().map(|((feature, why), places)| {
        format!("- {}: {}: {}", escaped(feature), escaped(why), places_in_words(&places, "place"))
    });
    section(&mut out, "Left alone", &lines.collect::<Vec<_>>());
    let lines = blocked(plan).into_iter().map(|((feature, why), places)| {
        format!("- {}: {}: {}", escaped(feature), escaped(&why), places_in_words(&places, "place"))
    });
    section(&mut out, BLOCKED, &lines.collect::<Vec<_>>());
    let due: Vec<String> =
        plan.due.iter().map(|due| format!("- {}: {}", escaped(&due.account), escaped(&due.why))).collect();
    section(&mut out, "Due in the next round", &due);
    out
}

/// A few by name, many by number.
fn places_in_words<S: AsRef<str>>(all: &[S], what: &str) -> String {
    if all.len() > NAMED {
        counted(all.len(), what)
    } else {
        all.iter().map(|name| escaped(name.as_ref())).collect::<Vec<_>>().join(", ")
    }
}

fn section(out: &mut String, title: &str, lines: &[String]) {
    if !lines.is_empty() {
        let _ = writeln!(out, "\n### {title}\n\n{}", lines.join("\n"));
    }
}
