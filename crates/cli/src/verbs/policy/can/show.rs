//! Answers as text and as JSON.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use dodai_facts::counted;
use dodai_facts::escape::terminal;
use dodai_policy::can::{Can, Grant, Reach};
use serde::Serialize;

use super::gaps::Unknown;
use super::gather::Gathered;
use crate::args::policy::Format;
use crate::failure::{Error, Result};
use crate::left_out::{self, LeftOut};
use crate::print::print as print_text;

/// Most things of a kind that are named in a text; JSON has all.
const NAMED: usize = 20;
/// Most characters of a cell that the next column waits for; a name may be of any length.
const WIDEST: usize = 160;
/// Most actions that are named in a line.
const ACTIONS: usize = 8;

pub fn print<T: Serialize>(answer: &T, format: Format, text: impl FnOnce(&T) -> String) -> Result<()> {
    match format {
        Format::Json => {
            let text = serde_json::to_string_pretty(answer).map_err(Error::from_display)?;
            print_text(&format!("{text}\n"))
        }
        Format::Text => print_text(&text(answer)),
    }
}

/// Who can do an action on a resource.
#[derive(Debug, Serialize)]
pub struct Who {
    pub action: String,
    pub resource: String,
    /// A line for each principal and resource, sorted.
    pub can: Vec<Can>,
    pub unknown: Vec<Unknown>,
    pub left_out: Vec<LeftOut>,
}

impl Who {
    pub fn new(action: &str, resource: &str, can: Vec<Can>, gathered: Gathered) -> Self {
        let Gathered { mut unknown, left_out, .. } = gathered;
        unknown.sort();
        unknown.dedup();
        Self { action: action.to_owned(), resource: resource.to_owned(), can, unknown, left_out }
    }

    /// A line for each principal. Safe for a terminal.
    pub fn text(&self) -> String {
        let mut principals: BTreeMap<&str, Vec<&Can>> = BTreeMap::new();
        for can in &self.can {
            principals.entry(&can.principal).or_default().push(can);
        }
        let mut out = format!(
            "who can {} on {}: {}\n",
            terminal(&self.action),
            terminal(&self.resource),
            match principals.len() {
                0 => "nobody that is known of".to_owned(),
                count => counted(count, "principal"),
            }
        );
        let mut lines = vec![["PRINCIPAL", "DECISION", "OUTSIDE", "ON", "DEPENDS ON"].map(str::to_owned)];
        for (principal, all) in &principals {
            let Some(best) = all.iter().min_by_key(|can| &can.reach) else { continue };
            let more = match all.len() {
                1 => String::new(),
                count => format!(" and {} more", count - 1),
            };
            let (decision, keys) = told(&best.reach);
            let outside = if best.outside { "yes" } else { "" };
            lines.push([
                terminal(principal).into_owned(),
                decision.to_owned(),
                outside.to_owned(),
                format!("{}{more}", terminal(&best.on)),
                keys,
            ]);
        }
        if lines.len() > 1 {
            table(&mut out, &lines);
        }
        if self.can.iter().any(|can| can.outside) {
            out.push_str("outside: named by the resource's policy; its own account is supposed to allow it\n");
        }
        unknown(&mut out, &self.unknown);
        if let Some(line) = left_out::line(&self.left_out) {
            let _ = writeln!(out, "\n{}", terminal(&line));
        }
        out
    }
}

/// What a principal can do.
#[derive(Debug, Serialize)]
pub struct What {
    pub principal: String,
    pub grants: Vec<Grant>,
    pub unknown: Vec<Unknown>,
}

impl What {
    /// Safe for a terminal.
    pub fn text(&self) -> String {
        let mut out = format!("what {} can do, by its own policies:\n", terminal(&self.principal));
        for grant in &self.grants {
            let (decision, keys) = told(&grant.reach);
            let keys = if keys.is_empty() { keys } else { format!(" on {keys}") };
            let except = if grant.except { ", but not all of them" } else { "" };
            let _ = writeln!(out, "  {decision}{keys}: on {}{except}", terminal(&grant.resources));
            for line in actions(&grant.actions) {
                let _ = writeln!(out, "    {}", terminal(&line));
            }
        }
        if self.grants.is_empty() && self.unknown.is_empty() {
            out.push_str("  nothing\n");
        }
        unknown(&mut out, &self.unknown);
        out
    }
}

/// A line for each service, and one for those of which every action is meant.
fn actions(actions: &[String]) -> Vec<String> {
    let prefix = |action: &str| action.split(':').next().unwrap_or_default().to_owned();
    let whole: Vec<&str> = actions.iter().map(String::as_str).filter(|action| action.ends_with(":*")).collect();
    let mut lines = Vec::new();
    match whole.len() {
        0 => {}
        count if count > ACTIONS => lines.push(format!("every action of {count} services: {}", some(&whole))),
        _ => lines.push(whole.join(", ")),
    }
    let services: BTreeSet<String> =
        actions.iter().filter(|action| !action.ends_with(":*")).map(|action| prefix(action)).collect();
    for service in services {
        let own: Vec<&str> = actions
            .iter()
            .map(String::as_str)
            .filter(|action| prefix(action) == service && !action.ends_with(":*"))
            .collect();
        lines.push(some(&own));
    }
    lines
}

fn some(names: &[&str]) -> String {
    let more = names.len().saturating_sub(ACTIONS);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!("{}{more}", names.iter().take(ACTIONS).copied().collect::<Vec<_>>().join(", "))
}

fn told(reach: &Reach) -> (&'static str, String) {
    match reach {
        Reach::Allow => ("allow", String::new()),
        Reach::Depends { missing } => ("depends", terminal(&missing.join(", ")).into_owned()),
    }
}

/// What is not known, at the end, where it is seen.
fn unknown(out: &mut String, unknown: &[Unknown]) {
    if unknown.is_empty() {
        return;
    }
    let _ = writeln!(out, "\nnot known ({}); what is told above is of the rest:", unknown.len());
    for one in unknown.iter().take(NAMED) {
        let _ = writeln!(out, "  {}\n    {}", terminal(&one.about), terminal(&one.reason));
    }
    if unknown.len() > NAMED {
        let _ = writeln!(out, "  … and {} more: --format json names all", unknown.len() - NAMED);
    }
}

/// Columns as wide as what is in them; columns with nothing below their title are left out.
fn table<const N: usize>(out: &mut String, lines: &[[String; N]]) {
    let of = |column: usize| lines.iter().filter_map(move |line| line.get(column));
    let used: Vec<usize> = (0..N).filter(|column| of(*column).skip(1).any(|cell| !cell.is_empty())).collect();
    for line in lines {
        let mut text = String::from(" ");
        for &column in &used {
            let width = of(column).map(|cell| cell.chars().count()).max().unwrap_or(0).min(WIDEST);
            let _ = write!(text, " {:width$} ", line.get(column).map_or("", String::as_str));
        }
        let _ = writeln!(out, "{}", text.trim_end());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn can(principal: &str, missing: &[&str], on: &str, outside: bool) -> Can {
        let missing: Vec<String> = missing.iter().map(|key| (*key).to_owned()).collect();
        let reach = if missing.is_empty() { Reach::Allow } else { Reach::Depends { missing } };
        Can { principal: principal.to_owned(), reach, on: on.to_owned(), outside }
    }

    #[test]
    fn who_is_a_table_with_what_is_not_known_below() {
        let found = vec![
            can("arn:aws:iam::111122223333:role/A", &["aws:SourceVpc"], "arn:aws:s3:::a/k", false),
            can("arn:aws:iam::111122223333:role/A", &[], "arn:aws:s3:::b/k", false),
            can("arn:aws:iam::111122223333:user/b", &["aws:SourceIp", "aws:SourceVpc"], "arn:aws:s3:::a/k", false),
        ];
        let gathered = Gathered {
            unknown: vec![Unknown::new("arn:aws:iam::111122223333:user/c", "policy `x`: not read")],
            ..Gathered::default()
        };
        let who = Who::new("s3:GetObject", "*", found, gathered);
        let expected = "\
who can s3:GetObject on *: 2 principals
  PRINCIPAL                         DECISION  ON                           DEPENDS ON
  arn:aws:iam::111122223333:role/A  allow     arn:aws:s3:::b/k and 1 more
  arn:aws:iam::111122223333:user/b  depends   arn:aws:s3:::a/k             aws:SourceIp, aws:SourceVpc

not known (1); what is told above is of the rest:
  arn:aws:iam::111122223333:user/c
    policy `x`: not read
";
        assert_eq!(who.text(), expected);
        let nobody = Who::new("s3:GetObject", "*", Vec::new(), Gathered::default());
        assert_eq!(nobody.text(), "who can s3:GetObject on *: nobody that is known of\n");
        let outside = Who::new("s3:GetObject", "*", vec![can("444455556666", &[], "*", true)], Gathered::default());
        assert!(outside.text().contains("444455556666  allow     yes"), "{}", outside.text());
    }

    #[test]
    fn what_is_grouped_by_service() {
        let many: Vec<String> = (0..10).map(|at| format!("s3:Get{at}")).collect();
        let grant = |actions: Vec<String>, resources: &str, reach, except| Grant {
            actions,
            resources: resources.to_owned(),
            reach,
            except,
        };
        let grants = vec![
            grant([vec!["kms:*".to_owned(), "sqs:SendMessage".to_owned()], many].concat(), "*", Reach::Allow, true),
            grant(
                vec!["sns:Publish".to_owned()],
                "arn:aws:sns:*:*:a",
                Reach::Depends { missing: vec!["aws:SourceIp".to_owned()] },
                false,
            ),
            grant((0..9).map(|at| format!("s{at}:*")).collect(), "b", Reach::Allow, false),
        ];
        let what = What { principal: "P".to_owned(), grants, unknown: Vec::new() };
        let expected = "\
what P can do, by its own policies:
  allow: on *, but not all of them
    kms:*
    s3:Get0, s3:Get1, s3:Get2, s3:Get3, s3:Get4, s3:Get5, s3:Get6, s3:Get7 and 2 more
    sqs:SendMessage
  depends on aws:SourceIp: on arn:aws:sns:*:*:a
    sns:Publish
  allow: on b
    every action of 9 services: s0:*, s1:*, s2:*, s3:*, s4:*, s5:*, s6:*, s7:* and 1 more
";
        assert_eq!(what.text(), expected);
    }
}
