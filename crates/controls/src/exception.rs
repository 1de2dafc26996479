//! Exceptions: findings that somebody answers for until a day. An excepted finding stays in sight and does
//! not count (Security Hub's SUPPRESSED); an exception that has expired covers nothing.

use dodai_facts::AccountId;
use jiff::civil::Date;

use crate::{Finding, Status};

/// One entry of `exceptions.yaml`. Covers a resource, or every finding of the control in an account, or, with
/// both, the resource in that account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exception {
    pub control: String,
    pub account: Option<AccountId>,
    pub resource: Option<String>,
    pub owner: String,
    pub reason: String,
    /// The last day on which it holds.
    pub until: Date,
}

impl Exception {
    fn covers(&self, finding: &Finding) -> bool {
        let narrowed = self.account.is_some() || self.resource.is_some();
        narrowed
            && self.control == finding.control
            && self.account.as_ref().is_none_or(|account| *account == finding.account)
            && self.resource.as_ref().is_none_or(|resource| *resource == finding.resource)
    }
}

/// How an exception stands today.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It holds, for so many findings.
    Holds(usize),
    /// It covers findings, and none of them needs it.
    NotNeeded,
    /// It covers no finding.
    Unused,
    /// Its day has passed; so many findings that it covered count again.
    Expired(usize),
}

/// An exception, and how it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Judged<'a> {
    pub exception: &'a Exception,
    pub standing: Standing,
}

/// Marks the findings that are excepted today, and tells how each exception stands, in their order. Only
/// what failed or is unknown is excepted: what passes passes. Where several hold, the latest day counts.
pub fn except<'a>(exceptions: &'a [Exception], today: Date, findings: &mut [Finding]) -> Vec<Judged<'a>> {
    let mut judged = Vec::with_capacity(exceptions.len());
    for exception in exceptions {
        let (mut covered, mut needed) = (0, 0);
        let holds = today <= exception.until;
        for finding in findings.iter_mut().filter(|finding| exception.covers(finding)) {
            covered += 1;
            if matches!(finding.status, Status::Failed | Status::Unknown) {
                needed += 1;
                if holds {
                    finding.excepted_until = finding.excepted_until.max(Some(exception.until));
                }
            }
        }
        let standing = match (holds, covered, needed) {
            (false, ..) => Standing::Expired(needed),
            (true, 0, _) => Standing::Unused,
            (true, _, 0) => Standing::NotNeeded,
            (true, ..) => Standing::Holds(needed),
        };
        judged.push(Judged { exception, standing });
    }
    judged
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::sample::finding;

    fn check(account: Option<&str>, resource: Option<&str>, until: &str, excepted: &str, standing: Standing) {
        let exception = Exception {
            control: "A.1".to_owned(),
            account: account.map(|account| account.parse().unwrap()),
            resource: resource.map(str::to_owned),
            owner: "o".to_owned(),
            reason: "r".to_owned(),
            until: until.parse().unwrap(),
        };
        let mut findings = [
            finding("A.1", "failed", Status::Failed),
            finding("A.1", "passed", Status::Passed),
            finding("A.1", "unknown", Status::Unknown),
            finding("A.2", "failed", Status::Failed),
        ];
        let exceptions = [exception];
        let judged = except(&exceptions, "2026-11-22".parse().unwrap(), &mut findings);
        assert_eq!(judged[0].standing, standing, "{:?}", judged[0]);
        let marked: Vec<&str> = findings
            .iter()
            .filter(|finding| finding.word() == "EXCEPTED")
            .map(|finding| finding.resource.as_str())
            .collect();
        assert_eq!(marked.join(" "), excepted, "{:?}", judged[0]);
    }

    #[test]
    fn exceptions_hold_until_their_day() {
        let account = Some("111122223333");
        check(None, Some("failed"), "2026-11-22", "failed", Standing::Holds(1));
        check(None, Some("failed"), "2026-11-21", "", Standing::Expired(1));
        check(None, Some("none"), "2026-11-21", "", Standing::Expired(0));
        check(account, None, "2027-01-01", "failed unknown", Standing::Holds(2));
        check(account, Some("unknown"), "2027-01-01", "unknown", Standing::Holds(1));
        check(None, Some("passed"), "2027-01-01", "", Standing::NotNeeded);
        check(Some("444455556666"), None, "2027-01-01", "", Standing::Unused);
        check(None, None, "2027-01-01", "", Standing::Unused);
    }
}
