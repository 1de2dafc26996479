//! The plan for a person at a terminal.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use dodai_facts::escape::terminal;
use dodai_texts::say;
use serde_json::Value;

use super::group::{Group, groups};
use crate::{Action, OWN, Plan};

/// Most names in one line; where there are more, a few are named and all counted.
const NAMED: usize = 8;
const NAMED_OF_MANY: usize = 3;

/// Most characters of a value; the plan file has it whole.
const LONGEST: usize = 240;

/// Most characters of a name that the values of other names are put in line with.
const WIDEST: usize = 48;

pub fn text(plan: &Plan) -> String {
    let mut out = String::new();
    let _ = writeln!(out, "{}", headline(plan));
    let mut feature = "";
    for group in groups(plan) {
        if group.feature != feature {
            feature = group.feature;
            let _ = writeln!(out, "\n{}", terminal(feature));
        }
        write_group(&mut out, &group);
    }
    write_dangers(&mut out, plan);
    write_rest(&mut out, plan);
    out
}

/// One line: what this plan amounts to.
pub fn headline(plan: &Plan) -> String {
    let organization = terminal(&plan.organization);
    if plan.changes.is_empty() {
        return if plan.blocked.is_empty() {
            say!("plan-nothing", organization = organization)
        } else {
            say!("plan-nothing-where-read", organization = organization)
        };
    }
    let count = |action| plan.changes.iter().filter(|change| change.action == action).count();
    let part = |action| match (action, count(action)) {
        (_, 0) => None,
        (Action::Create, count) => Some(say!("plan-to-create", count = count)),
        (Action::Update, count) => Some(say!("plan-to-update", count = count)),
        (Action::Delete, count) => Some(say!("plan-to-delete", count = count)),
    };
    let parts: Vec<String> = [Action::Create, Action::Update, Action::Delete].into_iter().filter_map(part).collect();
    let calls: usize = plan.changes.iter().map(|change| change.calls.len()).sum();
    let mut accounts: Vec<&str> = plan.changes.iter().map(|change| change.account.as_str()).collect();
    accounts.sort_unstable();
    accounts.dedup();
    say!(
        "plan-headline",
        organization = organization,
        changes = plan.changes.len(),
        accounts = accounts.len(),
        parts = parts.join(", "),
        calls = calls,
    )
}

fn write_group(out: &mut String, group: &Group<'_>) {
    let sign = match group.action {
        Action::Create => '+',
        Action::Update => '~',
        Action::Delete => '-',
    };
    let _ = writeln!(out, "  {sign} {}", terminal(&group.summary));
    for (regions, accounts) in group.places() {
        let _ = writeln!(out, "      {}", where_in_words(&regions, &accounts));
    }
    let width = group.settings.iter().map(|setting| setting.name.chars().count()).max().unwrap_or(0).min(WIDEST);
    for setting in &group.settings {
        let _ = match (&setting.before, &setting.after) {
            (Value::Null, after) => writeln!(out, "        {:width$}  {}", terminal(&setting.name), shown(after)),
            (before, after) => {
                writeln!(out, "        {:width$}  {} -> {}", terminal(&setting.name), shown(before), shown(after))
            }
        };
    }
}

fn write_dangers(out: &mut String, plan: &Plan) {
    section(out, &say!("plan-dangers"), dangers(plan), |(why, flag)| format!("! {why} ({flag})"));
}

/// Why and which flag, with the ids of the changes.
pub(super) fn dangers(plan: &Plan) -> BTreeMap<(String, &'static str), Vec<String>> {
    let mut grouped: BTreeMap<(String, &str), Vec<String>> = BTreeMap::new();
    for change in &plan.changes {
        for danger in &change.dangers {
            grouped.entry((danger.why().to_owned(), danger.flag())).or_default().push(change.id.clone());
        }
    }
    grouped
}

/// Feature and why, with the places.
pub(super) fn skipped(plan: &Plan) -> BTreeMap<(&str, &str), Vec<String>> {
    let mut grouped: BTreeMap<(&str, &str), Vec<String>> = BTreeMap::new();
    for skip in &plan.skipped {
        grouped.entry((&skip.feature, &skip.why)).or_default().push(place(&skip.account, skip.cell.region()));
    }
    grouped
}

/// Feature and what is unknown or in the way, with the places, and at the end the features that wait for it.
pub(super) fn blocked(plan: &Plan) -> BTreeMap<(&str, String), Vec<String>> {
    let mut grouped: BTreeMap<_, (Vec<String>, BTreeSet<&str>)> = BTreeMap::new();
    for block in &plan.blocked {
        let failure = &block.failure;
        let why = if failure.service == OWN {
            failure.message.clone()
        } else {
            let (service, operation) = (&failure.service, &failure.operation);
            format!("{service}.{operation}: {} ({}): {}", failure.code, failure.kind, failure.message)
        };
        let feature = block.by.as_deref().unwrap_or(&block.feature);
        let (places, waiting) = grouped.entry((feature, why)).or_default();
        match &block.by {
            None => places.push(place(&block.account, block.cell.region())),
            Some(_) => drop(waiting.insert(&block.feature)),
        }
    }
    let said = grouped.into_iter().map(|(key, (mut places, waiting))| {
        if !waiting.is_empty() {
            let waiting: Vec<&str> = waiting.into_iter().collect();
            places.push(say!("plan-waiting", features = waiting.join(", ")));
        }
        (key, places)
    });
    said.collect()
}

fn section<K>(out: &mut String, title: &str, lines: BTreeMap<K, Vec<String>>, says: impl Fn(&K) -> String) {
    if lines.is_empty() {
        return;
    }
    let _ = writeln!(out, "\n{title}:");
    for (key, places) in lines {
        let _ = writeln!(out, "  {}\n      {}", terminal(&says(&key)), names(&places));
    }
}

fn write_rest(out: &mut String, plan: &Plan) {
    section(out, &say!("plan-skipped"), skipped(plan), |(feature, why)| format!("{feature}: {why}"));
    out.push_str(&not_planned(plan));
    let mut due: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for next in &plan.due {
        due.entry(&next.why).or_default().push(&next.account);
    }
    if !due.is_empty() {
        let _ = writeln!(out, "\n{}:", say!("plan-due"));
        for (why, accounts) in due {
            let _ = writeln!(out, "  {}: {}", names(&accounts), terminal(why));
        }
    }
}

/// What could not be planned, and why; empty where everything could.
pub fn not_planned(plan: &Plan) -> String {
    let mut out = String::new();
    section(&mut out, &say!("plan-blocked"), blocked(plan), |(feature, why)| format!("{feature}: {why}"));
    out
}

/// `ap-northeast-1, us-east-1: shop`
fn where_in_words(regions: &[&str], accounts: &[&str]) -> String {
    if regions.is_empty() { names(accounts) } else { format!("{}: {}", regions.join(", "), names(accounts)) }
}

fn place(account: &str, region: Option<&dodai_facts::Region>) -> String {
    region.map_or_else(|| account.to_owned(), |region| format!("{account} {region}"))
}

/// `a, b, c`, or `1000: a, b, c …`
fn names<S: AsRef<str>>(all: &[S]) -> String {
    let many = all.len() > NAMED;
    let shown: Vec<_> =
        all.iter().take(if many { NAMED_OF_MANY } else { NAMED }).map(|name| terminal(name.as_ref())).collect();
    let shown = shown.join(", ");
    if many { say!("plan-many", count = all.len(), names = shown) } else { shown }
}

/// A value in one line, shortened where it is long.
pub(super) fn shown(value: &Value) -> String {
    let whole = in_words(value);
    let length = whole.chars().count();
    if length <= LONGEST {
        return whole;
    }
    let start: String = whole.chars().take(LONGEST).collect();
    say!("plan-value-long", start = start, length = length)
}

fn in_words(value: &Value) -> String {
    let is_plain = |value: &Value| !value.is_object() && !value.is_array();
    match value {
        Value::Null => say!("plan-value-none"),
        Value::Bool(true) => say!("plan-value-on"),
        Value::Bool(false) => say!("plan-value-off"),
        Value::String(text) => terminal(text).into_owned(),
        Value::Array(items) if items.is_empty() => say!("plan-value-none"),
        Value::Array(items) if items.iter().all(is_plain) => {
            let words: Vec<String> = items.iter().map(in_words).collect();
            words.join(if words.iter().any(|word| word.contains(',')) { "; " } else { ", " })
        }
        Value::Object(fields) if !fields.is_empty() && fields.values().all(is_plain) => {
            let pairs = fields.iter().map(|(name, value)| format!("{}={}", terminal(name), in_words(value)));
            pairs.collect::<Vec<_>>().join(", ")
        }
        other => terminal(&other.to_string()).into_owned(),
    }
}
