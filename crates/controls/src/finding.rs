//! A finding: what a control says about one resource, or about a cell as a whole.

use std::fmt;

use dodai_facts::{AccountId, Cell, Gap, Region};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// What a control says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Status {
    Passed,
    Failed,
    /// Not read, or not answerable. Never counts as passed.
    Unknown,
    /// The control does not ask this of this resource.
    NotApplicable,
}

impl Status {
    pub const ALL: [Self; 4] = [Self::Passed, Self::Failed, Self::Unknown, Self::NotApplicable];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Passed => "PASSED",
            Self::Failed => "FAILED",
            Self::Unknown => "UNKNOWN",
            Self::NotApplicable => "NOT_APPLICABLE",
        }
    }
}

impl fmt::Display for Status {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.as_str())
    }
}

/// What a finding is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Subject {
    /// One row of the driving table: its `_id`.
    Row(String),
    /// The cell as a whole: PASSED where nothing of the kind exists in it, UNKNOWN where its list could
    /// not be read to the end.
    Cell(Cell),
}

/// One verdict. Identity: control, account, Region, resource.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    pub control: String,
    pub account: AccountId,
    /// The home Region for what exists once per account.
    pub region: Region,
    /// An ARN, or `AWS::::Account:<id>` where the finding is about the account.
    pub resource: String,
    pub subject: Subject,
    pub status: Status,
    /// Why it is not PASSED. May quote AWS: hostile until escaped.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reasons: Vec<String>,
    /// What could not be read, the first such thing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gap: Option<Box<Gap>>,
    /// The control itself is wrong.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub defect: bool,
    /// Of an UNKNOWN: what it was when it was last known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_known: Option<Status>,
    /// Excepted until this day, inclusive: shown, not counted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub excepted_until: Option<Date>,
}

impl Finding {
    /// What identifies a finding from one assessment to the next.
    pub fn identity(&self) -> (&str, &AccountId, &Region, &str) {
        (&self.control, &self.account, &self.region, &self.resource)
    }

    /// Whether it counts for control status and score: neither excepted nor without an answer to give.
    pub fn counts(&self) -> bool {
        self.excepted_until.is_none() && self.status != Status::NotApplicable
    }

    /// The word that a person reads: EXCEPTED, or the status.
    pub fn word(&self) -> &'static str {
        if self.excepted_until.is_some() { "EXCEPTED" } else { self.status.as_str() }
    }
}

/// The resource of a finding about an account, as Security Hub writes it.
pub(crate) fn account_resource(account: &AccountId) -> String {
    format!("AWS::::Account:{account}")
}

#[cfg(test)]
pub(crate) mod sample {
    use super::*;

    /// A finding of `control` on `resource` in account 111122223333, ap-northeast-1.
    pub(crate) fn finding(control: &str, resource: &str, status: Status) -> Finding {
        Finding {
            control: control.to_owned(),
            account: "111122223333".parse().unwrap(),
            region: "ap-northeast-1".parse().unwrap(),
            resource: resource.to_owned(),
            subject: Subject::Row(resource.to_owned()),
            status,
            reasons: Vec::new(),
            gap: None,
            defect: false,
            last_known: None,
            excepted_until: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_finding_is_json_and_back() {
        let mut finding = sample::finding("S3.8", "arn:aws:s3:::a", Status::Unknown);
        let text = serde_json::to_string(&finding).unwrap();
        assert!(text.contains(r#""subject":{"row":"arn:aws:s3:::a"},"status":"UNKNOWN"}"#), "{text}");
        finding.last_known = Some(Status::Failed);
        finding.excepted_until = Some("2027-01-31".parse().unwrap());
        finding.subject = Subject::Cell(Cell::Account(finding.account.clone()));
        let text = serde_json::to_string(&finding).unwrap();
        assert_eq!(serde_json::from_str::<Finding>(&text).unwrap(), finding);
        assert_eq!(finding.word(), "EXCEPTED");
    }
}
