//! One request of a test, and what is expected of it.

use std::fmt;

use serde::{Serialize, Serializer};

use crate::decide::Decision;
use crate::explain::words;

/// What a test expects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expect {
    Allow,
    /// Either kind of deny.
    Deny,
    ExplicitDeny,
    ImplicitDeny,
    Depends,
}

impl Expect {
    pub const ALL: [Self; 5] = [Self::Allow, Self::Deny, Self::ExplicitDeny, Self::ImplicitDeny, Self::Depends];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Allow => words(Decision::Allow),
            Self::Deny => "deny",
            Self::ExplicitDeny => words(Decision::ExplicitDeny),
            Self::ImplicitDeny => words(Decision::ImplicitDeny),
            Self::Depends => words(Decision::Depends),
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|expect| expect.as_str() == text)
    }

    pub fn is_met_by(self, decision: Decision) -> bool {
        match self {
            Self::Allow => decision == Decision::Allow,
            Self::Deny => decision.is_deny(),
            Self::ExplicitDeny => decision == Decision::ExplicitDeny,
            Self::ImplicitDeny => decision == Decision::ImplicitDeny,
            Self::Depends => decision == Decision::Depends,
        }
    }
}

impl Serialize for Expect {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// One of the requests that a test multiplies out to, as the test's author wrote its parts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Case {
    /// The directory's account, where the test is about accounts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    pub who: String,
    pub does: String,
    pub on: String,
    #[serde(rename = "in", skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
}

/// `role/Admin does s3:GetObject on * in eu-west-1, account web-production`. Not escaped.
impl fmt::Display for Case {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} does {} on {}", self.who, self.does, self.on)?;
        if let Some(region) = &self.region {
            write!(formatter, " in {region}")?;
        }
        self.account.as_ref().map_or(Ok(()), |account| write!(formatter, ", account {account}"))
    }
}
