//! Faults on demand: which calls they hit, how often, and what happens to those calls.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::call::Call;
use crate::reply::{AwsError, Wire};

/// What happens to a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Kind {
    /// An access denied error (or the one that `code` names).
    Deny,
    /// The service's throttling error.
    Throttle,
    /// An internal error of the service.
    Http500,
    /// The service is not available for a moment.
    Http503,
    /// The connection closes without a reply, the call has no effect.
    Reset,
    /// The call takes effect, its reply is lost.
    Lost,
    /// Nothing happens for `millis`; then the call goes on as usual, if its caller still waits.
    Hang,
    /// A 404 page in HTML, as from a load balancer.
    Html404,
    /// The call takes effect, its reply breaks off in the middle.
    Truncate,
    /// The call takes effect; its reply comes after `millis`.
    Hold,
}

impl Kind {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Deny => "deny",
            Self::Throttle => "throttle",
            Self::Http500 => "http500",
            Self::Http503 => "http503",
            Self::Reset => "reset",
            Self::Lost => "lost",
            Self::Hang => "hang",
            Self::Html404 => "html404",
            Self::Truncate => "truncate",
            Self::Hold => "hold",
        }
    }
}

/// One rule, as `POST /testbed/fault` takes it. `*` matches everything, `Put*` a beginning.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Rule {
    #[serde(default = "everything")]
    account: String,
    #[serde(default = "everything")]
    region: String,
    service: String,
    #[serde(default = "everything")]
    operation: String,
    kind: Kind,
    /// The error's code in place of the usual one.
    code: Option<String>,
    message: Option<String>,
    /// How many calls it hits; all of them where absent.
    times: Option<u64>,
    /// Only calls that change something, and are not of STS.
    #[serde(default)]
    mutating: bool,
    /// How many matching calls it lets pass first.
    #[serde(default)]
    after: u64,
    /// How long `hang` and `hold` last.
    #[serde(default = "half_a_minute")]
    millis: u64,
}

fn everything() -> String {
    "*".to_owned()
}

fn half_a_minute() -> u64 {
    30_000
}

/// What to do to one call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fault {
    pub(crate) kind: Kind,
    /// For the kinds that answer an AWS error.
    pub(crate) error: AwsError,
    pub(crate) delay: Duration,
}

impl Fault {
    pub(crate) fn new(kind: Kind, call: &Call, delay: Duration) -> Self {
        Self { kind, error: error(kind, call), delay }
    }
}

/// The rules in force; the first that matches counts.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    rules: Vec<Rule>,
    waited: u64,
}

impl Faults {
    pub(crate) fn add(&mut self, rule: Rule) {
        self.rules.push(rule);
    }

    /// A call begins to wait: for its effect (`hang`), or with it for its reply (`hold`).
    pub(crate) fn waits(&mut self) {
        self.waited += 1;
    }

    /// How many calls were ever made to wait.
    pub(crate) fn waited(&self) -> u64 {
        self.waited
    }

    pub(crate) fn clear(&mut self) {
        self.rules.clear();
    }

    /// The fault that hits this call, and one time less of it.
    pub(crate) fn strike(&mut self, call: &Call) -> Option<Fault> {
        for rule in &mut self.rules {
            let fits = matches(&rule.account, call.account.as_str())
                && matches(&rule.region, call.region.as_str())
                && matches(&rule.service, &call.service)
                && matches(&rule.operation, &call.operation)
                && (!rule.mutating || call.is_mutating() && call.service != "sts");
            if !fits || rule.times == Some(0) {
                continue;
            }
            if rule.after > 0 {
                rule.after -= 1;
                continue;
            }
            if let Some(times) = &mut rule.times {
                *times -= 1;
            }
            let mut fault = Fault::new(rule.kind, call, Duration::from_millis(rule.millis));
            if let Some(code) = &rule.code {
                fault.error.code.clone_from(code);
            }
            if let Some(message) = &rule.message {
                fault.error.message.clone_from(message);
            }
            return Some(fault);
        }
        None
    }
}

fn matches(pattern: &str, name: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(beginning) => name.starts_with(beginning),
        None => pattern == name,
    }
}

/// The error that a service answers: each protocol has its own code and status for the same trouble.
fn error(kind: Kind, call: &Call) -> AwsError {
    let who = call.role.clone().unwrap_or_else(|| format!("arn:aws:iam::{}:root", call.account.as_str()));
    let (status, code, message) = match kind {
        Kind::Throttle => {
            let (status, code) = throttle(call);
            (status, code, "Rate exceeded".to_owned())
        }
        Kind::Http500 => {
            let code = match call.wire {
                Wire::Json => "InternalServerError",
                Wire::RestJson => "InternalException",
                Wire::S3 | Wire::Ec2 => "InternalError",
                Wire::Query | Wire::RestXml => "InternalFailure",
            };
            (500, code, "An internal error occurred. Try again.".to_owned())
        }
        Kind::Http503 => {
            let code = match call.wire {
                Wire::Json | Wire::RestJson => "ServiceUnavailableException",
                Wire::Ec2 => "Unavailable",
                Wire::S3 | Wire::Query | Wire::RestXml => "ServiceUnavailable",
            };
            (503, code, "The service is unavailable. Try again.".to_owned())
        }
        Kind::Deny | Kind::Reset | Kind::Lost | Kind::Hang | Kind::Html404 | Kind::Truncate | Kind::Hold => {
            let (status, code) = denial(call.wire);
            let action = format!("{}:{}", call.service, call.operation);
            (status, code, format!("User: {who} is not authorized to perform: {action} with an explicit deny"))
        }
    };
    AwsError::new(status, code, message)
}

/// HTTP status and code of a refusal.
pub(crate) fn denial(wire: Wire) -> (u16, &'static str) {
    match wire {
        Wire::Json => (400, "AccessDeniedException"),
        Wire::RestJson => (403, "AccessDeniedException"),
        Wire::Ec2 => (403, "UnauthorizedOperation"),
        Wire::S3 | Wire::RestXml | Wire::Query => (403, "AccessDenied"),
    }
}

/// Status and code of a refusal because there were too many calls.
fn throttle(call: &Call) -> (u16, &'static str) {
    match (call.wire, call.service.as_str()) {
        (Wire::Json, "organizations") => (400, "TooManyRequestsException"),
        (Wire::Json, _) => (400, "ThrottlingException"),
        (Wire::RestJson, "securityhub" | "guardduty" | "lambda") => (429, "TooManyRequestsException"),
        (Wire::RestJson, _) => (429, "ThrottlingException"),
        (Wire::S3, _) => (503, "SlowDown"),
        (Wire::Ec2, _) => (503, "RequestLimitExceeded"),
        (Wire::Query | Wire::RestXml, _) => (400, "Throttling"),
    }
}

/// The same as an error, for who refuses by counting.
pub(crate) fn throttled(call: &Call) -> AwsError {
    let (status, code) = throttle(call);
    AwsError::new(status, code, "Rate exceeded")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::behaviours::tests::call;

    #[test]
    fn rules_hit_what_they_name_as_often_as_they_say() {
        let check = |rule: &str, expected: &[Option<&str>]| {
            let mut faults = Faults::default();
            faults.add(serde_json::from_str(rule).unwrap());
            let one = call("guardduty", "CreateDetector", serde_json::json!({}));
            let found: Vec<_> =
                expected.iter().map(|_| faults.strike(&one).map(|fault| fault.error.code.clone())).collect();
            assert_eq!(found, expected.iter().map(|code| code.map(str::to_owned)).collect::<Vec<_>>(), "{rule}");
        };
        check(r#"{"service": "guardduty", "kind": "deny", "times": 1}"#, &[Some("AccessDeniedException"), None]);
        check(
            r#"{"service": "*", "operation": "Create*", "kind": "throttle", "after": 1}"#,
            &[None, Some("TooManyRequestsException")],
        );
        check(r#"{"service": "guardduty", "operation": "ListDetectors", "kind": "deny"}"#, &[None]);
        check(
            r#"{"service": "guardduty", "region": "us-east-1", "kind": "deny", "code": "X"}"#,
            &[Some("X"), Some("X")],
        );
        check(r#"{"service": "guardduty", "account": "1", "kind": "deny"}"#, &[None]);
        check(r#"{"service": "guardduty", "region": "eu-west-1", "kind": "deny"}"#, &[None]);
    }

    #[test]
    fn a_rule_may_hit_only_what_changes_something() {
        let mut faults = Faults::default();
        let rule = r#"{"service": "*", "kind": "hold", "mutating": true, "after": 1}"#;
        faults.add(serde_json::from_str(rule).unwrap());
        let mut strike = |service: &str, operation: &str| {
            faults.strike(&call(service, operation, serde_json::json!({}))).map(|fault| fault.kind)
        };
        assert_eq!(strike("guardduty", "ListDetectors"), None);
        assert_eq!(strike("sts", "AssumeRole"), None);
        assert_eq!(strike("guardduty", "CreateDetector"), None, "the first is let pass");
        assert_eq!(strike("guardduty", "ListDetectors"), None);
        assert_eq!(strike("guardduty", "CreateDetector"), Some(Kind::Hold));
    }

    #[test]
    fn a_misspelt_rule_is_refused() {
        assert!(serde_json::from_str::<Rule>(r#"{"service": "s3", "kind": "deny", "time": 1}"#).is_err());
        assert!(serde_json::from_str::<Rule>(r#"{"service": "s3", "kind": "explode"}"#).is_err());
    }
}
