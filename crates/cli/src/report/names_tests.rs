//! Names that want to be obeyed, in every place of an assessment and in every format of it.

use std::collections::{BTreeMap, BTreeSet};

use dodai_baseline::Selection;
use dodai_controls::{ControlStatus, Finding, Registry, Score, Status, Subject};
use dodai_facts::Profile;

use super::{csv, markdown, text};
use crate::assessment::Assessment;
use crate::before::before;
use crate::hostile::{marked, names, obeyed};
use crate::left_out::{LeftOut, Reason};

const CONTROL: &str = "S3.8";

fn assessment(name: &str) -> Assessment {
    let account: dodai_facts::AccountId = "111122223333".parse().unwrap();
    let finding = Finding {
        control: CONTROL.to_owned(),
        account: account.clone(),
        region: "us-east-1".parse().unwrap(),
        resource: format!("arn:aws:s3:::{name}"),
        subject: Subject::Row(name.to_owned()),
        status: Status::Failed,
        reasons: vec![name.to_owned()],
        gap: None,
        defect: false,
        last_known: None,
        excepted_until: None,
    };
    Assessment {
        format: 1,
        run: name.to_owned(),
        organization: name.to_owned(),
        selection: Selection::default(),
        controls: BTreeSet::from([CONTROL.to_owned()]),
        findings: vec![finding],
        statuses: BTreeMap::from([CONTROL, name].map(|id| (id.to_owned(), ControlStatus::Failed))),
        score: Score::default(),
        standards: BTreeMap::from([(name.to_owned(), Score::default())]),
        accounts: BTreeMap::from([(name.to_owned(), Score::default())]),
        profiles: BTreeMap::from([(name.to_owned(), Profile::Basic)]),
        names: BTreeMap::from([(account, name.to_owned())]),
        left_out: vec![LeftOut { account: name.to_owned(), reason: Reason::State(name.to_owned()) }],
        unread: vec![name.to_owned()],
        defects: vec![name.to_owned()],
        notes: vec![name.to_owned()],
    }
}

#[test]
fn nothing_is_obeyed_and_csv_gives_every_name() {
    let registry = Registry::new([]).unwrap();
    let mut earlier = assessment("before");
    earlier.findings[0].status = Status::Passed;
    let lines = |shown: &str| shown.lines().count();
    for (what, name) in names() {
        let (found, calm) = (assessment(&name), assessment("calm"));
        earlier.run.clone_from(&name);
        let since = |now: &Assessment| text(now, &registry, Some(&before(&earlier, now)));
        let since_itself = |now: &Assessment| text(now, &registry, Some(&before(now, now)));
        for (format, shown, like) in [
            ("text", since(&found), since(&calm)),
            ("text", since_itself(&found), since_itself(&calm)),
            ("Markdown", markdown(&found, &registry, None), markdown(&calm, &registry, None)),
        ] {
            assert_eq!((obeyed(&shown), lines(&shown)), (None, lines(&like)), "{what} in {format}: {shown:.2000}");
        }
        let shown = markdown(&found, &registry, None);
        let (read, like) = (marked(&shown), marked(&markdown(&calm, &registry, None)));
        assert!(read.live.is_empty(), "{what}: {:?}\n{shown:.2000}", read.live);
        assert_eq!(read.blocks, like.blocks, "{what}: {shown:.2000}");
        let mut table = Vec::new();
        csv(&found, &registry, &mut table).unwrap();
        let mut reader = ::csv::Reader::from_reader(table.as_slice());
        let read: Vec<::csv::StringRecord> = reader.records().map(Result::unwrap).collect();
        let field = |at: usize| read[0][at].strip_prefix('\'').unwrap_or(&read[0][at]).to_owned();
        let resource = format!("arn:aws:s3:::{name}");
        assert_eq!((read.len(), field(3), field(6), field(7)), (1, name.clone(), resource, name.clone()), "{what}");
    }
}
