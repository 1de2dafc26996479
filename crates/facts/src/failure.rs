//! Why a call to AWS gave no answer: which call, where, what AWS said, and what kind of failure it is.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{AccountId, Region};

/// What a failed call means for whoever asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FailureKind {
    /// Too many requests, still so after every retry.
    Throttled,
    /// Not allowed: IAM, a policy of the organization, or credentials that could not be had.
    Denied,
    /// AWS says that the thing asked for does not exist.
    Absent,
    /// The Region is not enabled in the account, or the service has no endpoint there.
    OptedOut,
    /// The request is wrong: refused by the model before it was sent, or by AWS.
    Invalid,
    /// AWS failed, or what answered is not AWS.
    Fault,
    /// No answer: connection, TLS, time-out.
    Transport,
    /// Nobody asked: the column was not needed by whoever collected. Not an error.
    NotCollected,
}

impl FailureKind {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Throttled => "throttled",
            Self::Denied => "denied",
            Self::Absent => "absent",
            Self::OptedOut => "opted_out",
            Self::Invalid => "invalid",
            Self::Fault => "fault",
            Self::Transport => "transport",
            Self::NotCollected => "not_collected",
        }
    }
}

impl fmt::Display for FailureKind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// A call that gave no answer. `code` and `message` are AWS's own words: hostile until escaped.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    pub kind: FailureKind,
    /// The service as the models name it, `s3control`.
    pub service: String,
    pub operation: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account: Option<AccountId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub region: Option<Region>,
    /// The error code, `AccessDeniedException`; ours where AWS gave none.
    pub code: String,
    pub message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
}

impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}.{}", self.service, self.operation)?;
        if let Some(account) = &self.account {
            write!(formatter, " in {account}")?;
        }
        if let Some(region) = &self.region {
            write!(formatter, "/{region}")?;
        }
        write!(formatter, ": {} ({}): {}", self.code, self.kind, self.message)?;
        if let Some(request_id) = &self.request_id {
            write!(formatter, " [request {request_id}]")?;
        }
        Ok(())
    }
}

impl std::error::Error for Failure {}
