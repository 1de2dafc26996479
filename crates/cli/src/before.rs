//! The assessment before this one, as far as this one is compared with it. It is read finding by finding, and no finding
//! is kept: there may be millions, beside the millions of this one.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::io;

use dodai_baseline::Selection;
use dodai_controls::{Comparing, Comparison, Finding, Score};
use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};

use crate::assessment::{Assessment, FORMAT};

/// What is left of it.
#[derive(Debug)]
pub struct Before {
    pub run: String,
    pub score: Score,
    /// By account's name.
    pub accounts: BTreeMap<String, Score>,
    /// What changed since.
    pub comparison: Comparison,
}

impl Before {
    /// Reads a stored assessment; an error where it is not whole, of another form, or none of the same part of the
    /// organization before `this`.
    pub fn read(stored: impl io::Read, this: &Assessment) -> serde_json::Result<Self> {
        let mut deserializer = serde_json::Deserializer::from_reader(stored);
        let before = Reading { this }.deserialize(&mut deserializer)?;
        deserializer.end()?;
        Ok(before)
    }
}

struct Reading<'a> {
    this: &'a Assessment,
}

/// The parts of an assessment that matter here, as it has them.
#[derive(Deserialize)]
#[serde(field_identifier, rename_all = "snake_case")]
enum Part {
    Format,
    Run,
    Selection,
    Controls,
    Findings,
    Score,
    Accounts,
    #[serde(other)]
    Other,
}

impl<'de> DeserializeSeed<'de> for Reading<'_> {
    type Value = Before;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Before, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Reading<'_> {
    type Value = Before;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an assessment")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut parts: A) -> Result<Before, A::Error> {
        let (mut format, mut run, mut selection, mut controls) = (None, None, None, None);
        let (mut comparison, mut score, mut accounts) = (None, None, None);
        while let Some(part) = parts.next_key::<Part>()? {
            match part {
                Part::Format => format = Some(parts.next_value::<u32>()?),
                Part::Run => run = Some(parts.next_value::<String>()?),
                Part::Selection => selection = Some(parts.next_value::<Selection>()?),
                Part::Controls => controls = Some(parts.next_value::<BTreeSet<String>>()?),
                Part::Findings => {
                    // What it is stands before them, so that none is read in vain.
                    let is_meant = format == Some(FORMAT)
                        && selection.as_ref() == Some(&self.this.selection)
                        && controls.as_ref() == Some(&self.this.controls)
                        && run.as_ref().is_some_and(|run| *run < self.this.run);
                    if !is_meant {
                        return Err(A::Error::custom("not an assessment of the same before this one"));
                    }
                    comparison = Some(parts.next_value_seed(Findings(Comparing::new(&self.this.findings)))?);
                }
                Part::Score => score = Some(parts.next_value()?),
                Part::Accounts => accounts = Some(parts.next_value()?),
                Part::Other => {
                    parts.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(Before {
            run: run.ok_or_else(|| A::Error::missing_field("run"))?,
            score: score.ok_or_else(|| A::Error::missing_field("score"))?,
            accounts: accounts.ok_or_else(|| A::Error::missing_field("accounts"))?,
            comparison: comparison.ok_or_else(|| A::Error::missing_field("findings"))?,
        })
    }
}

struct Findings<'a>(Comparing<'a>);

impl<'de> DeserializeSeed<'de> for Findings<'_> {
    type Value = Comparison;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Comparison, D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Findings<'_> {
    type Value = Comparison;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("findings")
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut findings: A) -> Result<Comparison, A::Error> {
        while let Some(finding) = findings.next_element::<Finding>()? {
            self.0.take(&finding);
        }
        Ok(self.0.finish())
    }
}

/// What an assessment is to a later one.
#[cfg(test)]
pub fn before(earlier: &Assessment, this: &Assessment) -> Before {
    let mut comparing = Comparing::new(&this.findings);
    for finding in &earlier.findings {
        comparing.take(finding);
    }
    Before {
        run: earlier.run.clone(),
        score: earlier.score,
        accounts: earlier.accounts.clone(),
        comparison: comparing.finish(),
    }
}

#[cfg(test)]
mod tests {
    use dodai_controls::{Status, Subject, Transition};

    use super::*;
    use crate::assessment::sample;

    fn assessment(run: &str, status: Status) -> Assessment {
        let finding = Finding {
            control: "S3.8".to_owned(),
            account: "111122223333".parse().unwrap(),
            region: "us-east-1".parse().unwrap(),
            resource: "arn:aws:s3:::a".to_owned(),
            subject: Subject::Row("a".to_owned()),
            status,
            reasons: vec!["なぜ".to_owned()],
            gap: None,
            defect: false,
            last_known: None,
            excepted_until: None,
        };
        let score = Score { passed: 1, failed: 3, ..Score::default() };
        Assessment { run: run.to_owned(), findings: vec![finding], score, ..sample() }
    }

    #[test]
    fn it_says_what_changed_and_what_was_known() {
        let (earlier, this) = (assessment("1", Status::Failed), assessment("2", Status::Unknown));
        let stored = serde_json::to_string(&earlier).unwrap();
        let read = Before::read(stored.as_bytes(), &this).unwrap();
        assert_eq!((read.run.as_str(), read.score.percent()), ("1", Some(25)));
        assert_eq!(read.accounts, earlier.accounts);
        assert_eq!(read.comparison, before(&earlier, &this).comparison);
        assert_eq!(read.comparison.changes.keys().collect::<Vec<_>>(), [&Transition::LastKnownFailed]);
        let mut findings = this.findings.clone();
        read.comparison.remember(&mut findings);
        assert_eq!(findings[0].last_known, Some(Status::Failed));
        // As an earlier version kept it.
        let older = stored.replacen(r#""left_out":[],"unread":[],"#, "", 1);
        assert_ne!(older, stored);
        assert!(Before::read(older.as_bytes(), &this).is_ok());
    }

    #[test]
    fn what_is_not_whole_or_of_something_else_is_not_read() {
        let (earlier, this) = (assessment("1", Status::Failed), assessment("2", Status::Passed));
        let stored = serde_json::to_string(&earlier).unwrap();
        let check = |stored: &str| Before::read(stored.as_bytes(), &this).is_ok();
        assert!(check(&stored));
        for (from, to) in [
            (r#""format":1"#, r#""format":2"#),
            (r#""run":"1""#, r#""run":"2""#),
            (r#""controls":[]"#, r#""controls":["S3.8"]"#),
            (r#""selection":{}"#, r#""selection":{"accounts":["web"]}"#),
            (r#""FAILED""#, r#""BROKEN""#),
            (r#""score":"#, r#""scores":"#),
        ] {
            let other = stored.replacen(from, to, 1);
            assert!(other != stored && !check(&other), "{other}");
        }
        for end in 0..stored.len() {
            assert!(stored.is_char_boundary(end).then(|| check(&stored[..end])) != Some(true), "{end}");
        }
        assert!(!check(&format!("{stored}{stored}")));
    }
}
