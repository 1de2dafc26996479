//! An assessment as people and spreadsheets read it.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io;

use dodai_controls::{ControlStatus, Finding, Registry, Score, Status, Transition};
use dodai_facts::escape::{csv as csv_field, markdown as escaped, terminal};
use dodai_facts::{Profile, Severity};
use dodai_texts::say;

use crate::assessment::Assessment;
use crate::before::Before;
use crate::left_out;

/// Most characters of a name that scores are put in line behind.
const WIDEST: usize = 64;
/// Most resources named below one control.
const NAMED: usize = 4;

pub fn text(assessment: &Assessment, registry: &Registry, before: Option<&Before>) -> String {
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
        [(ControlStatus::Failed, say!("score-failed")), (ControlStatus::Unknown, say!("score-unknown"))]
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
    changes(&mut out, before);
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
fn remarks(assessment: &Assessment) -> [(String, &[String]); 3] {
    [
        (say!("score-not-read"), &assessment.unread),
        (say!("score-exceptions"), &assessment.notes),
        (say!("score-defects"), &assessment.defects),
    ]
}

fn headline(assessment: &Assessment, before: Option<&Before>) -> String {
    let score = since(&assessment.score, before.and_then(|before| before.score.percent()));
    say!("score-headline", organization = terminal(&assessment.organization), score = score)
}

fn shown(score: &Score) -> String {
    match score.percent() {
        None => say!("score-no-data"),
        Some(percent) => say!(
            "score",
            percent = percent,
            passed = score.passed,
            counted = score.counted(),
            failed = score.failed,
            unknown = score.unknown,
        ),
    }
}

/// A score and what it was before.
fn since(score: &Score, before: Option<usize>) -> String {
    match before {
        None => shown(score),
        Some(percent) => say!("score-before", score = shown(score), before = percent),
    }
}

fn accounts(out: &mut String, assessment: &Assessment, before: Option<&Before>) {
    let width = assessment.accounts.keys().map(|name| name.chars().count()).max().unwrap_or(0).min(WIDEST);
    let _ = writeln!(out, "\n{}", say!("score-accounts"));
    for (name, score) in &assessment.accounts {
        let earlier = before.and_then(|before| before.accounts.get(name)?.percent());
        let _ = writeln!(out, "  {:width$}  {}", terminal(name), since(score, earlier));
    }
    if let Some(line) = left_out::line(&assessment.left_out) {
        let _ = writeln!(out, "  {}", terminal(&line));
    }
    if let Some(line) = before.and_then(|before| by_profile(assessment, before)) {
        let _ = writeln!(out, "  {line}");
    }
}

/// What the accounts of each profile score on average, and scored before, where that is not the same: the score of the
/// whole may stay, since one account is enough to fail a control. Only accounts that were judged both times; one alone
/// says it all in its own line.
fn by_profile(assessment: &Assessment, before: &Before) -> Option<String> {
    let mut scores: BTreeMap<Profile, Vec<(usize, usize)>> = BTreeMap::new();
    for (name, score) in &assessment.accounts {
        let earlier = before.accounts.get(name).and_then(Score::percent);
        if let (Some(profile), Some(now), Some(earlier)) = (assessment.profiles.get(name), score.percent(), earlier) {
            scores.entry(*profile).or_default().push((now, earlier));
        }
    }
    if scores.values().map(Vec::len).sum::<usize>() < 2 {
        return None;
    }
    let average = |sum: usize, count: usize| (sum * 2 + count) / (count * 2);
    let averages = scores.into_iter().map(|(profile, scores)| {
        let sums = scores.iter().fold((0, 0), |sums, score| (sums.0 + score.0, sums.1 + score.1));
        (profile, average(sums.0, scores.len()), average(sums.1, scores.len()))
    });
    let averages: Vec<(Profile, usize, usize)> = averages.collect();
    averages.iter().any(|(_, now, earlier)| now != earlier).then(|| {
        let profiles = averages.iter().map(|(profile, now, earlier)| {
            say!("score-profile", profile = profile.as_str(), percent = *now, before = *earlier)
        });
        say!("score-by-profile", profiles = profiles.collect::<Vec<_>>().join(", "))
    })
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
            let (reason, mut places) = (terminal(&reason), terminal(&places.join(", ")).into_owned());
            let more = findings.len().saturating_sub(NAMED);
            if more > 0 {
                places = say!("score-more-places", places = places, more = more);
            }
            let reason =
                if status == Status::Failed { reason } else { say!("score-reason-unknown", reason = reason).into() };
            let _ = writeln!(out, "      {reason}\n        {places}");
        }
    }
    if counting.iter().any(|finding| finding.status == Status::Failed) {
        // The directory may ask for something else: a list of types to record, a shorter password.
        let repair = terminal(&control.repair);
        let repair = match &control.feature {
            None => repair,
            Some(feature) => say!("score-repair-feature", repair = repair, feature = feature.as_str()).into(),
        };
        let _ = writeln!(out, "      -> {repair}");
    }
}

/// The reasons of a finding without its place: the same trouble in a thousand accounts is told once.
fn wherever(finding: &Finding) -> String {
    let reasons = finding.reasons.join("; ").replace(finding.account.as_str(), "");
    reasons.replace(finding.region.as_str(), "")
}

fn place(assessment: &Assessment, finding: &Finding) -> String {
    let account = assessment.names.get(&finding.account).cloned().unwrap_or_else(|| finding.account.to_string());
    let name = finding.resource.rsplit([':', '/']).next().unwrap_or(&finding.resource);
    let place = if finding.resource.starts_with("AWS::::Account:") {
        format!("{account} {}", finding.region)
    } else {
        format!("{account} {} {name}", finding.region)
    };
    match finding.last_known {
        None => place,
        Some(status) => say!("score-last-known", place = place, status = status.as_str()),
    }
}

fn changes(out: &mut String, before: Option<&Before>) {
    let Some(before) = before else { return };
    let changes = &before.comparison.changes;
    if changes.is_empty() {
        let _ = writeln!(out, "\n{}", say!("score-same", run = terminal(&before.run)));
        return;
    }
    let _ = writeln!(out, "\n{}", say!("score-changed", run = terminal(&before.run)));
    for (transition, controls) in changes {
        let all: usize = controls.values().sum();
        let controls: Vec<String> = controls.iter().map(|(id, count)| format!("{id} ({count})")).collect();
        let _ = writeln!(out, "  {all:4} {}: {}", words(*transition), terminal(&controls.join(", ")));
    }
}

fn words(transition: Transition) -> String {
    match transition {
        Transition::NewlyFailed => say!("score-newly-failed"),
        Transition::NewResourceFailed => say!("score-new-resource-failed"),
        Transition::LastKnownFailed => say!("score-last-known-failed"),
        Transition::Repaired => say!("score-repaired"),
        Transition::NowUnknown => say!("score-now-unknown"),
        Transition::NowKnown => say!("score-now-known"),
        Transition::NewResource => say!("score-new-resource"),
        Transition::Gone => say!("score-gone"),
        Transition::NotSeen => say!("score-not-seen"),
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

pub fn markdown(assessment: &Assessment, registry: &Registry, before: Option<&Before>) -> String {
    let mut out = format!("## {}\n\n", escaped(&headline(assessment, before)));
    if let Some(line) = left_out::line(&assessment.left_out) {
        let _ = writeln!(out, "{}\n", escaped(&line));
    }
    let columns = [
        say!("score-column-control"),
        say!("score-column-severity"),
        say!("score-column-status"),
        say!("score-column-failed"),
        say!("score-column-unknown"),
        say!("score-column-title"),
    ];
    let _ = writeln!(out, "| {} |\n|---|---|---|---|---|---|", columns.join(" | "));
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
        let status = assessment.statuses.get(id).copied().map(status_in_words).unwrap_or_default();
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

fn status_in_words(status: ControlStatus) -> String {
    match status {
        ControlStatus::Passed => say!("score-status-passed"),
        ControlStatus::Failed => say!("score-status-failed"),
        ControlStatus::Unknown => say!("score-status-unknown"),
        ControlStatus::NoData => say!("score-status-no-data"),
        ControlStatus::Disabled => say!("score-status-disabled"),
    }
}

#[cfg(test)]
mod names_tests;
#[cfg(test)]
mod translated_tests;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::assessment::sample;
    use crate::before::before;
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
    fn the_average_of_a_profile_is_told_where_it_changed() {
        let percent = |passed| Score { passed, failed: 100 - passed, ..Score::default() };
        let of = |accounts: &[(&str, Score)]| Assessment {
            accounts: accounts.iter().map(|(name, score)| ((*name).to_owned(), *score)).collect(),
            profiles: [("a", Profile::Secure), ("b", Profile::Secure), ("c", Profile::Basic), ("new", Profile::Basic)]
                .map(|(name, profile)| (name.to_owned(), profile))
                .into(),
            ..sample()
        };
        let check = |then: &[(&str, Score)], now: &[(&str, Score)], expected: Option<&str>| {
            let (then, now) = (of(then), of(now));
            assert_eq!(by_profile(&now, &before(&then, &now)).as_deref(), expected);
        };
        let then = [("a", percent(70)), ("b", percent(81)), ("c", percent(60)), ("gone", percent(0))];
        let more = [("a", percent(90)), ("b", percent(93)), ("c", percent(60)), ("new", percent(1))];
        let expected = "judged both times, on average: basic 60 % (it was 60 %), secure 92 % (it was 76 %); \
                        the whole passes a control only where every account does";
        check(&then, &more, Some(expected));
        check(&then, &then, None);
        check(&then[1..], &[("b", Score::default()), ("c", percent(61))], None);
        check(&then[1..], &more[..2], None);
        check(&[], &more, None);
        let (then, more) = (of(&then), of(&more));
        let shown = text(&more, &Registry::default(), Some(&before(&then, &more)));
        assert!(
            shown.contains(&format!("  new  1 % (1 of 100 controls pass, 99 fail, 0 unknown)\n  {expected}\n")),
            "{shown}"
        );
    }
}
