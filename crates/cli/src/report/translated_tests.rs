//! A translation reaches every word of an assessment but names, values, the words of AWS and what controls say. What
//! others say is in another alphabet here.

use std::collections::{BTreeMap, BTreeSet};

use dodai_baseline::Selection;
use dodai_controls::{ControlStatus, Finding, Registry, Score, Status, Subject};
use dodai_facts::{AccountId, Profile};
use dodai_texts::{Texts, instead, untranslated};

use super::{markdown, text};
use crate::assessment::Assessment;
use crate::before::before;
use crate::left_out::{LeftOut, Reason};

const CONTROL: &str = "-- id: Own.1\n-- title: しらべ\n-- severity: HIGH\n-- of: aws_s3_bucket\n-- repair: なおせ\n\
                       -- feature: guardduty\n--\n-- わけ。\nselect _id, true as passed, 'ら' as reason from aws_s3_bucket\n";

/// AWS's words, the control's id and what Markdown is made of.
const NAMES: &[&str] = &["HIGH", "INFORMATIONAL", "FAILED", "Own", "us-east-1", "guardduty", "basic"];

fn finding(resource: &str, status: Status) -> Finding {
    Finding {
        control: "Own.1".to_owned(),
        account: "111122223333".parse().unwrap(),
        region: "us-east-1".parse().unwrap(),
        resource: resource.to_owned(),
        subject: Subject::Row(resource.to_owned()),
        status,
        reasons: if status == Status::Passed { Vec::new() } else { vec!["ら".to_owned()] },
        gap: None,
        defect: false,
        last_known: (status == Status::Unknown).then_some(Status::Failed),
        excepted_until: None,
    }
}

fn assessment(findings: Vec<Finding>, left_out: usize) -> Assessment {
    let account: AccountId = "111122223333".parse().unwrap();
    let reasons = [Reason::NotCreated, Reason::NotInOrganization, Reason::NotInRun, Reason::State("とまり".to_owned())];
    let left_out = reasons.into_iter().cycle().take(left_out);
    let score = Score { passed: 1, failed: 2, unknown: 3, ..Score::default() };
    let all = [
        ("Own.1", ControlStatus::Failed),
        ("あ", ControlStatus::Passed),
        ("い", ControlStatus::Unknown),
        ("う", ControlStatus::NoData),
        ("え", ControlStatus::Disabled),
    ];
    Assessment {
        format: 1,
        run: "まえ".to_owned(),
        organization: "だいち".to_owned(),
        selection: Selection::default(),
        controls: BTreeSet::new(),
        findings,
        statuses: all.map(|(id, status)| (id.to_owned(), status)).into(),
        score,
        standards: BTreeMap::from([("きまり".to_owned(), score)]),
        accounts: [("みせ", score), ("もり", score), ("から", Score::default())]
            .map(|(name, score)| (name.to_owned(), score))
            .into(),
        profiles: ["みせ", "もり"].map(|name| (name.to_owned(), Profile::Basic)).into(),
        names: BTreeMap::from([(account, "みせ".to_owned())]),
        left_out: left_out.map(|reason| LeftOut { account: "よそ".to_owned(), reason }).collect(),
        unread: vec!["みえず".to_owned()],
        defects: vec!["こわれ".to_owned()],
        notes: vec!["ゆるし".to_owned()],
    }
}

#[test]
fn every_word_of_an_assessment_can_be_another() {
    let registry = Registry::new([("own.sql", CONTROL)]).unwrap();
    let mut findings: Vec<Finding> = (0..9).map(|number| finding(&format!("も{number}"), Status::Failed)).collect();
    findings.push(finding("AWS::::Account:111122223333", Status::Unknown));
    let earlier = findings.iter().map(|finding| Finding { status: Status::Passed, ..finding.clone() }).collect();
    let (mut then, now) = (assessment(earlier, 0), assessment(findings, 20));
    then.accounts.insert("みせ".to_owned(), Score { passed: 1, ..Score::default() });
    let few = assessment(Vec::new(), 4);
    for (now, earlier) in [(&now, Some(&then)), (&then, Some(&now)), (&now, Some(&now)), (&few, None)] {
        let before = earlier.map(|earlier| before(earlier, now));
        let (text, markdown) = instead(Texts::bracketed(), || {
            (text(now, &registry, before.as_ref()), markdown(now, &registry, before.as_ref()))
        });
        for shown in [text, markdown] {
            assert!(shown.contains('⟦'), "{shown}");
            assert_eq!(untranslated(&shown, NAMES), [""; 0], "{shown}");
        }
    }
}
