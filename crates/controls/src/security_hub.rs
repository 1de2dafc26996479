//! A finding in Security Hub's terms (the AWS Security Finding Format), for who exports it.

use dodai_facts::{FailureKind, Severity};
use serde::Serialize;

use crate::{Finding, Status};

/// `Compliance.Status`
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Compliance {
    Passed,
    Failed,
    /// We may not read what would tell.
    Warning,
    /// A fault kept us from telling.
    NotAvailable,
}

/// `RecordState`
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum RecordState {
    Active,
    Archived,
}

/// `Workflow.Status`
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Workflow {
    New,
    Suppressed,
    Resolved,
}

/// What a finding becomes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Terms {
    pub compliance: Compliance,
    pub record_state: RecordState,
    pub workflow: Workflow,
    /// `Severity.Label`: the control's where the finding failed, else INFORMATIONAL.
    pub severity: Severity,
}

/// A finding of a control of this severity, in Security Hub's terms.
pub fn terms(finding: &Finding, severity: Severity) -> Terms {
    let compliance = match finding.status {
        Status::Passed => Compliance::Passed,
        Status::Failed => Compliance::Failed,
        Status::NotApplicable => Compliance::NotAvailable,
        Status::Unknown => match finding.gap.as_ref().map(|gap| gap.failure.kind) {
            Some(FailureKind::Denied | FailureKind::NotCollected) => Compliance::Warning,
            _ => Compliance::NotAvailable,
        },
    };
    let archived = finding.status == Status::NotApplicable;
    Terms {
        compliance,
        record_state: if archived { RecordState::Archived } else { RecordState::Active },
        workflow: match finding.status {
            _ if finding.excepted_until.is_some() => Workflow::Suppressed,
            Status::Passed => Workflow::Resolved,
            _ => Workflow::New,
        },
        severity: if finding.status == Status::Failed { severity } else { Severity::Informational },
    }
}

#[cfg(test)]
mod tests {
    use dodai_facts::{Cell, Failure, Gap};

    use super::*;
    use crate::finding::sample::finding;

    #[test]
    fn every_status_has_its_terms() {
        use {Compliance as C, FailureKind as K, RecordState as R, Status as S, Workflow as W};
        for (status, kind, excepted, expected) in [
            (S::Passed, None, false, (C::Passed, R::Active, W::Resolved, Severity::Informational)),
            (S::Failed, None, false, (C::Failed, R::Active, W::New, Severity::High)),
            (S::Failed, None, true, (C::Failed, R::Active, W::Suppressed, Severity::High)),
            (S::Unknown, None, false, (C::NotAvailable, R::Active, W::New, Severity::Informational)),
            (S::Unknown, Some(K::Denied), false, (C::Warning, R::Active, W::New, Severity::Informational)),
            (S::Unknown, Some(K::NotCollected), false, (C::Warning, R::Active, W::New, Severity::Informational)),
            (S::Unknown, Some(K::Throttled), false, (C::NotAvailable, R::Active, W::New, Severity::Informational)),
            (S::Unknown, Some(K::Fault), true, (C::NotAvailable, R::Active, W::Suppressed, Severity::Informational)),
            (S::NotApplicable, None, false, (C::NotAvailable, R::Archived, W::New, Severity::Informational)),
        ] {
            let mut finding = finding("A.1", "r", status);
            finding.excepted_until = excepted.then(|| "2027-01-01".parse().unwrap());
            finding.gap = kind.map(|kind| {
                Box::new(Gap {
                    table: "t".to_owned(),
                    cell: Cell::Organization,
                    row: None,
                    column: None,
                    failure: Failure {
                        kind,
                        service: "s".to_owned(),
                        operation: "o".to_owned(),
                        account: None,
                        region: None,
                        code: String::new(),
                        message: String::new(),
                        request_id: None,
                    },
                })
            });
            let terms = terms(&finding, Severity::High);
            let got = (terms.compliance, terms.record_state, terms.workflow, terms.severity);
            assert_eq!(got, expected, "{status} {kind:?} {excepted}");
        }
        let text = serde_json::to_string(&terms(&finding("A.1", "r", S::NotApplicable), Severity::Low)).unwrap();
        assert!(text.contains(r#""NOT_AVAILABLE","record_state":"ARCHIVED""#), "{text}");
    }
}
