//! An assessment as people and spreadsheets read it.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io;

use dodai_controls::{Comparison, ControlStatus, Finding, Registry, Score, Status, Transition, compare};
use dodai_facts::Severity;
use dodai_facts::escape::{csv as csv_field, markdown as escaped, terminal};

use crate::assessment::Assessment;
use crate::left_out;

/// Most characters of a name that scores are put in line behind.
const WIDEST: usize = 64;
/// Most resources named below one control.
const NAMED: usize = 4;

pub fn text(assessment: &Assessment, registry: &Registry, before: Option<&Assessment>) -> String {
    let mut out = String::new();
    let _ = writeln!(out, "{}", headline(assessment, before));
    for (standard, score) in &assessment.standards {
        let title = registry.standard(standard).map_or(standard.as_str(), |standard| standard.title.as_str());
        let _ = writeln!(out, "  {}: {}", terminal(title), shown(score));
    }
    accounts(&mut out, assessment, before);
    let mut by_severity: Vec<&String> = assessment.statuses.keys().collect();
    by_severity.sort_by_key(|id| std::cmp::Reverse(severity(registry, id)));
    for (status, title) in
        [(ControlStatus::Failed, "Failed"), (ControlStatus::Unknown, "Unknown: not everything could be read")]
    {
        let controls: Vec<&String> =
            by_severity.iter().copied().filter(|id| assessment.statuses.get(*id) == Some(&status)).collect();
        if controls.is_empty() {
            continue;
        }
        let _ = writeln!(out, "\n{title}");
        for id in controls {
            control(&mut out, assessment, registry, id);
        }
    }
    changes(&mut out, assessment, before);
    for (title, lines) in remarks(assessment) {
        if !lines.is_empty() {
            let _ = writeln!(out, "\n{title}");
            for line in lines {
                let _ = writeln!(out, "  {}", terminal(line));
            }
        }
    }
    out
}

/// What is said beside the controls.
fn remarks(assessment: &Assessment) -> [(&'static str, &[String]); 3] {
    [
        ("Not read", &assessment.unread),
        ("Exceptions", &assessment.notes),
        ("Controls that are wrong themselves", &assessment.defects),
    ]
}

fn headline(assessment: &Assessment, before: Option<&Assessment>) -> String {
    let mut line = format!("Score of {}: {}", terminal(&assessment.organization), shown(&assessment.score));
    if let Some(before) = before.and_then(|before| before.score.percent()) {
        let _ = write!(line, "; it was {before} %");
    }
    line
}

fn shown(score: &Score) -> String {
    match score.percent() {
        None => "no data".to_owned(),
        Some(percent) => format!(
            "{percent} % ({} of {} controls pass, {} fail, {} unknown)",
            score.passed,
            score.counted(),
            score.failed,
            score.unknown
        ),
    }
}

fn accounts(out: &mut String, assessment: &Assessment, before: Option<&Assessment>) {
    let width = assessment.accounts.keys().map(|name| name.chars().count()).max().unwrap_or(0).min(WIDEST);
    let _ = writeln!(out, "\nAccounts");
    for (name, score) in &assessment.accounts {
        let earlier = before.and_then(|before| before.accounts.get(name)?.percent());
        let earlier = earlier.map(|percent| format!("; it was {percent} %")).unwrap_or_default();
        let _ = writeln!(out, "  {:width$}  {}{earlier}", terminal(name), shown(score));
    }
    if let Some(line) = left_out::line(&assessment.left_out) {
        let _ = writeln!(out, "  {}", terminal(&line));
    }
}

fn severity(registry: &Registry, id: &str) -> Severity {
    registry.control(id).map_or(Severity::Informational, |control| control.severity)
}

/// One control: what it asks, where it fails or is not known, and what to do.
fn control(out: &mut String, assessment: &Assessment, registry: &Registry, id: &str) {
    let Some(control) = registry.control(id) else { return };
    let _ = writeln!(out, "  {:8} {:12} {}", control.severity, id, terminal(&control.title));
    let counting: Vec<&Finding> =
        assessment.findings.iter().filter(|finding| finding.control == id && finding.counts()).collect();
    for status in [Status::Failed, Status::Unknown] {
        let mut alike: BTreeMap<String, Vec<&Finding>> = BTreeMap::new();
        for finding in counting.iter().filter(|finding| finding.status == status) {
            alike.entry(wherever(finding)).or_default().push(finding);
        }
        for findings in alike.into_values() {
            let reason = findings.first().map(|finding| finding.reasons.join("; ")).unwrap_or_default();
            let mut places: Vec<String> = findings.iter().map(|finding| place(assessment, finding)).collect();
            places.sort();
            places.truncate(NAMED);
            let more = findings.len().saturating_sub(NAMED);
            let more = if more > 0 { format!(" … and {more} more") } else { String::new() };
            let word = if status == Status::Failed { "" } else { "unknown: " };
            let _ = writeln!(out, "      {word}{}\n        {}{more}", terminal(&reason), terminal(&places.join(", ")));
        }
    }
    if counting.iter().any(|finding| finding.status == Status::Failed) {
        // The directory may ask for something else: a list of types to record, a shorter password.
        let by = |feature| format!(" (the feature `{feature}` does it, unless its settings ask for something else)");
        let by = control.feature.as_ref().map(by).unwrap_or_default();
        let _ = writeln!(out, "      -> {}{by}", terminal(&control.repair));
    }
}

/// The reasons of a finding without its place: the same trouble in a thousand accounts is told once.
fn wherever(finding: &Finding) -> String {
    let reasons = finding.reasons.join("; ").replace(finding.account.as_str(), "");
    reasons.replace(finding.region.as_str(), "")
}

fn place(assessment: &Assessment, finding: &Finding) -> String {
    let account = assessment.names.get(&finding.account).cloned().unwrap_or_else(|| finding.account.to_string());
    let last = finding.last_known.map(|status| format!(", last known {}", status.as_str())).unwrap_or_default();
    if finding.resource.starts_with("AWS::::Account:") {
        return format!("{account} {}{last}", finding.region);
    }
    let name = finding.resource.rsplit([':', '/']).next().unwrap_or(&finding.resource);
    format!("{account} {} {name}{last}", finding.region)
}

fn changes(out: &mut String, assessment: &Assessment, before: Option<&Assessment>) {
    let Some(before) = before else { return };
    let Comparison { changes } = compare(&before.findings, &assessment.findings);
    if changes.is_empty() {
        let _ = writeln!(out, "\nNothing changed since the run {}.", terminal(&before.run));
        return;
    }
    let _ = writeln!(out, "\nChanged since the run {}", terminal(&before.run));
    for (transition, findings) in changes {
        let mut controls: BTreeMap<&str, usize> = BTreeMap::new();
        for finding in &findings {
            *controls.entry(&finding.control).or_default() += 1;
        }
        let controls: Vec<String> = controls.into_iter().map(|(id, count)| format!("{id} ({count})")).collect();
        let _ = writeln!(out, "  {:4} {}: {}", findings.len(), words(transition), terminal(&controls.join(", ")));
    }
}

fn words(transition: Transition) -> &'static str {
    match transition {
        Transition::NewlyFailed => "newly failed",
        Transition::NewResourceFailed => "new and failed",
        Transition::LastKnownFailed => "last known failed, now unknown",
        Transition::Repaired => "repaired",
        Transition::NowUnknown => "now unknown",
        Transition::NowKnown => "now known",
        Transition::NewResource => "new",
        Transition::Gone => "gone",
        Transition::NotSeen => "not seen",
    }
}

/// One finding a line.
pub fn csv(assessment: &Assessment, registry: &Registry, out: &mut dyn io::Write) -> io::Result<()> {
    out.write_all(b"control,severity,status,account,account_id,region,resource,reason,title\n")?;
    for finding in &assessment.findings {
        let name = assessment.names.get(&finding.account).map(String::as_str).unwrap_or_default();
        let title = registry.control(&finding.control).map(|control| control.title.as_str()).unwrap_or_default();
        let fields = [
            finding.control.as_str(),
            severity(registry, &finding.control).as_str(),
            finding.word(),
            name,
            finding.account.as_str(),
            finding.region.as_str(),
            &finding.resource,
            &finding.reasons.join("; "),
            title,
        ];
        writeln!(out, "{}", fields.map(csv_field).join(","))?;
    }
    Ok(())
}

pub fn markdown(assessment: &Assessment, registry: &Registry, before: Option<&Assessment>) -> String {
    let mut out = format!("## {}\n\n", escaped(&headline(assessment, before)));
    if let Some(line) = left_out::line(&assessment.left_out) {
        let _ = writeln!(out, "{}\n", escaped(&line));
    }
    out.push_str("| control | severity | status | failed | unknown | title |\n|---|---|---|---|---|---|\n");
    let mut ids: Vec<&String> = assessment.statuses.keys().collect();
    ids.sort_by_key(|id| {
        (
            assessment.statuses.get(*id).copied() == Some(ControlStatus::Passed),
            std::cmp::Reverse(severity(registry, id)),
        )
    });
    for id in ids {
        let count = |status| {
            let counts = |finding: &&Finding| finding.control == *id && finding.counts() && finding.status == status;
            assessment.findings.iter().filter(counts).count()
        };
        let title = registry.control(id).map(|control| control.title.as_str()).unwrap_or_default();
        let status = assessment.statuses.get(id).map_or("", |status| status.as_str());
        let (failed, unknown) = (count(Status::Failed), count(Status::Unknown));
        let _ = writeln!(
            out,
            "| {} | {} | {status} | {failed} | {unknown} | {} |",
            escaped(id),
            severity(registry, id),
            escaped(title)
        );
    }
    for (title, lines) in remarks(assessment) {
        if !lines.is_empty() {
            let _ = writeln!(out, "\n{title}:\n");
            for line in lines {
                let _ = writeln!(out, "- {}", escaped(line));
            }
        }
    }
    out
}

#[cfg(test)]
mod names_tests;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::assessment::sample;
    use crate::left_out::{LeftOut, Reason};

    fn assessment(left_out: Vec<LeftOut>) -> Assessment {
        Assessment { left_out, ..sample() }
    }

    #[test]
    fn who_was_left_out_is_said() {
        let registry = Registry::default();
        let all = assessment(Vec::new());
        assert_eq!(
            text(&all, &registry, None),
            "Score of o-exampleorgid: no data\n\nAccounts\n  management  no data\n"
        );
        assert!(!markdown(&all, &registry, None).contains("left out"));

        let state = Reason::State("SUSPENDED".to_owned());
        let some = assessment(vec![LeftOut { account: "sandbox".to_owned(), reason: state }]);
        assert_eq!(
            text(&some, &registry, None),
            text(&all, &registry, None) + "  1 account left out: sandbox (suspended)\n"
        );
        let said = markdown(&some, &registry, None);
        assert!(said.contains("\n\n1 account left out: sandbox \\(suspended\\)\n\n| control |"), "{said}");
    }

    #[test]
    fn an_assessment_of_an_earlier_version_can_be_compared_with() {
        let mut stored = serde_json::to_value(assessment(Vec::new())).unwrap();
        for later in ["left_out", "unread"] {
            assert!(stored.as_object_mut().unwrap().remove(later).is_some());
        }
        assert_eq!(serde_json::from_value::<Assessment>(stored).unwrap().left_out, []);
    }
}
