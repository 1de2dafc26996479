//! How the changes of a run ended, as lines for a person: what ended alike in many places is told once.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use dodai_apply::{Ended, Failed};
use dodai_facts::escape::terminal;
use dodai_facts::{AccountId, Region};

/// Most changes that are named below one reason.
const NAMED: usize = 4;

/// The lines of everything that is not done, and how many are done and not done.
#[derive(Debug, Default)]
pub struct Ends {
    pub text: String,
    pub done: usize,
    pub rest: usize,
}

impl Ends {
    pub fn of<'a>(ends: impl IntoIterator<Item = (&'a str, &'a Ended)>) -> Self {
        let (mut done, mut rest) = (0, 0);
        let mut alike: BTreeMap<(&'static str, String), Vec<(&str, String)>> = BTreeMap::new();
        for (id, ended) in ends {
            let (word, why) = match ended {
                Ended::Done => {
                    done += 1;
                    continue;
                }
                Ended::Failed(failed) => ("failed", why(failed)),
                Ended::Refused(refusals) => {
                    let waits: Vec<String> =
                        refusals.iter().map(|refusal| format!("{} ({})", refusal.flag, refusal.why)).collect();
                    ("refused", format!("waits for {}", waits.join(", ")))
                }
                Ended::NotRun(why) | Ended::Withheld(why) | Ended::Stopped(why) => ("not run", why.clone()),
            };
            rest += 1;
            alike.entry((word, wherever(id, ended, &why))).or_default().push((id, why));
        }
        Self { text: lines(&alike), done, rest }
    }
}

/// The call, counted as people count, and what AWS says.
fn why(failed: &Failed) -> String {
    match &failed.failure {
        // It names the call itself.
        Some(failure) if failed.why == failure.to_string() => format!("call {}: {}", failed.call + 1, failed.why),
        _ => format!("call {} ({}): {}", failed.call + 1, failed.name, failed.why),
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

fn lines(alike: &BTreeMap<(&'static str, String), Vec<(&str, String)>>) -> String {
    let mut text = String::new();
    for ((word, _), ends) in alike {
        let Some(((first, why), others)) = ends.split_first() else { continue };
        let _ = writeln!(text, "{word:8} {}: {}", terminal(first), terminal(why));
        if !others.is_empty() {
            let named: Vec<_> = others.iter().take(NAMED).map(|(id, _)| terminal(id)).collect();
            let more = others.len() - named.len();
            let more = if more > 0 { format!(" and {more} more") } else { String::new() };
            let _ = writeln!(text, "         likewise {}{more}", named.join(", "));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use dodai_apply::Refusal;
    use dodai_facts::{Failure, FailureKind};

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
    fn of_many_a_few_are_named() {
        let stopped = Ended::Stopped("interrupted".to_owned());
        let ends: Vec<(String, Ended)> = (0..9).map(|number| (format!("a{number}/x"), stopped.clone())).collect();
        let ends = Ends::of(ends.iter().map(|(id, ended)| (id.as_str(), ended)));
        assert_eq!(ends.text, "not run  a0/x: interrupted\n         likewise a1/x, a2/x, a3/x, a4/x and 4 more\n");
    }
}
