//! How the changes of a run ended, as lines for a person: what ended alike in many places is told once.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use dodai_apply::{Ended, Failed};
use dodai_facts::escape::terminal;
use dodai_facts::{AccountId, Region};
use dodai_texts::say;

/// Most changes that are named below one reason.
const NAMED: usize = 4;

/// The lines of everything that is not done, and how many are done and not done.
#[derive(Debug, Default)]
pub struct Ends {
    pub text: String,
    pub done: usize,
    pub rest: usize,
}

/// How a change ended that is not done, in the order in which they are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum End {
    Failed,
    NotRun,
    Refused,
}

impl End {
    fn in_words(self) -> String {
        match self {
            Self::Failed => say!("apply-failed"),
            Self::NotRun => say!("apply-not-run"),
            Self::Refused => say!("apply-refused"),
        }
    }
}

/// What ended alike: how, and the reason without its place.
type Alike<'a> = BTreeMap<(End, String), Vec<(&'a str, String)>>;

impl Ends {
    pub fn of<'a>(ends: impl IntoIterator<Item = (&'a str, &'a Ended)>) -> Self {
        let (mut done, mut rest) = (0, 0);
        let mut alike = Alike::new();
        for (id, ended) in ends {
            let (end, why) = match ended {
                Ended::Done => {
                    done += 1;
                    continue;
                }
                Ended::Failed(failed) => (End::Failed, why(failed)),
                Ended::Refused(refusals) => {
                    let waits: Vec<String> =
                        refusals.iter().map(|refusal| format!("{} ({})", refusal.flag, refusal.why)).collect();
                    (End::Refused, say!("apply-waits", flags = waits.join(", ")))
                }
                Ended::NotRun(why) | Ended::Withheld(why) | Ended::Stopped(why) => (End::NotRun, why.clone()),
            };
            rest += 1;
            alike.entry((end, wherever(id, ended, &why))).or_default().push((id, why));
        }
        Self { text: lines(&alike), done, rest }
    }
}

/// The call, counted as people count, and what AWS says.
fn why(failed: &Failed) -> String {
    let (number, why) = (failed.call + 1, failed.why.as_str());
    match &failed.failure {
        // It names the call itself.
        Some(failure) if why == failure.to_string() => say!("apply-call", number = number, why = why),
        _ => say!("apply-call-named", number = number, name = failed.name.as_str(), why = why),
    }
}

/// The reason without its place and without the number of the request.
fn wherever(id: &str, ended: &Ended, why: &str) -> String {
    // A change's id begins with its account's name, and so does the id of what it needs there.
    let mut same = match id.split_once('/') {
        Some((account, _)) => why.replace(&format!("`{account}/"), "`/"),
        None => why.to_owned(),
    };
    let Ended::Failed(Failed { failure: Some(failure), .. }) = ended else { return same };
    let account = failure.account.as_ref().map(AccountId::as_str);
    let region = failure.region.as_ref().map(Region::as_str);
    for place in [account, region, failure.request_id.as_deref()].into_iter().flatten().filter(|name| !name.is_empty())
    {
        same = same.replace(place, "");
    }
    same
}

fn lines(alike: &Alike<'_>) -> String {
    let mut text = String::new();
    for ((end, _), ends) in alike {
        let Some(((first, why), others)) = ends.split_first() else { continue };
        text.push_str(&line(&end.in_words(), first, why));
        if !others.is_empty() {
            let named: Vec<_> = others.iter().take(NAMED).map(|(id, _)| terminal(id)).collect();
            let (named, more) = (named.join(", "), others.len().saturating_sub(NAMED));
            let likewise = match more {
                0 => say!("apply-likewise", changes = named),
                _ => say!("apply-likewise-more", changes = named, more = more),
            };
            let _ = writeln!(text, "         {likewise}");
        }
    }
    text
}

/// A line about one change.
pub fn line(end: &str, id: &str, why: &str) -> String {
    format!("{end:8} {}: {}\n", terminal(id), terminal(why))
}

#[cfg(test)]
mod tests {
    use dodai_apply::Refusal;
    use dodai_facts::{Failure, FailureKind};
    use dodai_texts::{Texts, instead, untranslated};

    use super::*;

    fn failed(account: &str, region: &str, request: &str) -> Ended {
        let failure = Failure {
            kind: FailureKind::Denied,
            service: "guardduty".to_owned(),
            operation: "CreateDetector".to_owned(),
            account: Some(account.parse().unwrap()),
            region: Some(region.parse().unwrap()),
            code: "AccessDeniedException".to_owned(),
            message: format!("arn:aws:iam::{account}:role/x may not"),
            request_id: Some(request.to_owned()),
        };
        let (why, name) = (failure.to_string(), "guardduty.CreateDetector".to_owned());
        Ended::Failed(Failed { call: 1, name, why, failure: Some(Box::new(failure)), unclear: false })
    }

    #[test]
    fn what_ended_alike_is_told_once_with_where() {
        let refusal = Refusal { flag: "--allow-delete", why: "the topic is deleted".to_owned() };
        let needs = |account: &str| Ended::NotRun(format!("needs `{account}/global/guardduty/detector`, which failed"));
        let odd = Failed {
            call: 0,
            name: "s3.CreateBucket".to_owned(),
            why: "still so after 30 seconds: odd\u{1b}[2J".to_owned(),
            failure: None,
            unclear: false,
        };
        let ends = [
            ("web/eu-west-1/guardduty/detector", failed("111111111111", "eu-west-1", "1-1")),
            ("web/global/onboarding/record", needs("web")),
            ("web/global/topic", Ended::Refused(vec![refusal])),
            ("web/global/bucket", Ended::Failed(odd)),
            ("batch/us-east-1/guardduty/detector", failed("222222222222", "us-east-1", "2-2")),
            ("batch/global/onboarding/record", needs("batch")),
            ("batch/global/key", Ended::Done),
        ];
        let ends = Ends::of(ends.iter().map(|(id, ended)| (*id, ended)));
        assert_eq!((ends.done, ends.rest), (1, 6));
        insta::assert_snapshot!(ends.text, @r"
        failed   web/global/bucket: call 1 (s3.CreateBucket): still so after 30 seconds: odd\u{1b}[2J
        failed   web/eu-west-1/guardduty/detector: call 2: guardduty.CreateDetector in 111111111111/eu-west-1: AccessDeniedException (denied): arn:aws:iam::111111111111:role/x may not [request 1-1]
                 likewise batch/us-east-1/guardduty/detector
        not run  web/global/onboarding/record: needs `web/global/guardduty/detector`, which failed
                 likewise batch/global/onboarding/record
        refused  web/global/topic: waits for --allow-delete (the topic is deleted)
        ");
    }

    #[test]
    fn every_word_of_an_end_can_be_another() {
        let odd = Failed { call: 0, name: "か".to_owned(), why: "だめ".to_owned(), failure: None, unclear: false };
        let refusal = Refusal { flag: "--allow-delete", why: "きえる".to_owned() };
        let ends = [
            failed("111111111111", "eu-west-1", "1-1"),
            Ended::Failed(odd),
            Ended::Refused(vec![refusal]),
            Ended::NotRun("まえ".to_owned()),
            Ended::Withheld("あと".to_owned()),
        ];
        for often in [1, 2, 9] {
            let ends: Vec<(String, &Ended)> =
                (0..often).flat_map(|number| ends.iter().map(move |ended| (format!("み{number}/も"), ended))).collect();
            let ends = || Ends::of(ends.iter().map(|(id, ended)| (id.as_str(), *ended))).text;
            let shown = instead(Texts::bracketed(), ends);
            // Of the call that failed, AWS's words.
            let Ended::Failed(Failed { why, .. }) = failed("111111111111", "eu-west-1", "1-1") else { unreachable!() };
            assert!(shown.contains(&why), "{shown}");
            assert_eq!(untranslated(&shown.replace(&why, ""), &["--allow-delete"]), [""; 0], "{shown}");
        }
    }

    #[test]
    fn of_many_a_few_are_named() {
        let stopped = Ended::Stopped("interrupted".to_owned());
        let ends: Vec<(String, Ended)> = (0..9).map(|number| (format!("a{number}/x"), stopped.clone())).collect();
        let ends = Ends::of(ends.iter().map(|(id, ended)| (id.as_str(), ended)));
        assert_eq!(ends.text, "not run  a0/x: interrupted\n         likewise a1/x, a2/x, a3/x, a4/x and 4 more\n");
    }
}
