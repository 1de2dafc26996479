//! What a client is made of: whose credentials it starts from, which role it takes in the members, how patient it is.

use std::time::Duration;

use dodai_facts::Region;

use crate::record::Exchanges;

#[derive(Debug, Clone)]
pub struct Settings {
    /// The AWS profile of the management credentials; the environment's where none is named.
    pub aws_profile: Option<String>,
    /// STS is asked here.
    pub home_region: Region,
    /// Name (with its path, if any) of the role that is assumed in every account but our own.
    pub member_role: String,
    pub external_id: Option<String>,
    /// Shown by `CloudTrail` as the session of the role.
    pub session_name: String,
    /// Endpoints over plain HTTP other than on this machine.
    pub allow_http: bool,
    pub deadlines: Deadlines,
    /// Requests under way at the same time.
    pub concurrency: usize,
    /// Written down, or read from a recording.
    pub exchanges: Exchanges,
}

impl Settings {
    /// Control Tower's and Organizations' usual role, the environment's credentials.
    pub fn new(home_region: Region) -> Self {
        Self {
            aws_profile: None,
            home_region,
            member_role: "OrganizationAccountAccessRole".to_owned(),
            external_id: None,
            session_name: "dodai".to_owned(),
            allow_http: false,
            deadlines: Deadlines::default(),
            concurrency: 64,
            exchanges: Exchanges::Live,
        }
    }
}

/// How long one call is asked again, counted from when it was first sent.
#[derive(Debug, Clone, Copy)]
pub struct Deadlines {
    /// While AWS says that we ask too often.
    pub throttled: Duration,
    /// While AWS fails, or cannot be reached.
    pub fault: Duration,
    /// One request and its whole reply. Shorter than `fault`, so that silence is met with a second try.
    pub attempt: Duration,
}

impl Default for Deadlines {
    fn default() -> Self {
        Self { throttled: Duration::from_mins(5), fault: Duration::from_mins(1), attempt: Duration::from_secs(30) }
    }
}
