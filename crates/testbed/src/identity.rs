//! Whose access key it is. Real AWS refuses a key that it does not know; moto takes it for the default account's, which
//! hides mistakes, so the testbed keeps its own list: the root test key, and every key that moto has given out through it.

use std::collections::HashMap;
use std::time::Duration;

use dodai_facts::AccountId;
use http::HeaderMap;
use tokio::time::Instant;

use crate::call::{Call, Scope};
use crate::reply::{AwsError, Reply, Wire, tag};

/// The access key of the management account.
pub(crate) const ROOT_KEY: &str = "test";
/// The management account.
pub(crate) const ROOT_ACCOUNT: &str = "123456789012";

/// What is known of one access key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Identity {
    pub(crate) account: AccountId,
    /// The role that the key stands for, `arn:aws:iam::…:role/…`; none for the account's own keys.
    pub(crate) role: Option<String>,
    expired: bool,
    /// When it expires by itself.
    until: Option<Instant>,
}

/// All access keys.
#[derive(Debug)]
pub(crate) struct Keys {
    known: HashMap<String, Identity>,
    /// How long the temporary keys given out from now on last; without it, for ever. Their callers are told what they
    /// asked for: sessions also end early when they are revoked.
    session: Option<Duration>,
}

impl Keys {
    pub(crate) fn new(session: Option<Duration>) -> Self {
        let mut known = HashMap::new();
        if let Ok(account) = ROOT_ACCOUNT.parse() {
            known.insert(ROOT_KEY.to_owned(), Identity { account, role: None, expired: false, until: None });
        }
        Self { known, session }
    }

    /// The identity of a request's key, or the error that its protocol has for a bad key.
    pub(crate) fn identify(&self, scope: &Scope, headers: &HeaderMap, wire: Wire) -> Result<Identity, AwsError> {
        let invalid = || {
            let message = "The security token included in the request is invalid.";
            match wire {
                Wire::Json => AwsError::new(400, "UnrecognizedClientException", message),
                Wire::RestJson => AwsError::new(403, "UnrecognizedClientException", message),
                Wire::S3 => {
                    let message = "The AWS Access Key Id you provided does not exist in our records.";
                    AwsError::new(403, "InvalidAccessKeyId", message)
                }
                Wire::Ec2 => {
                    let message = "AWS was not able to validate the provided access credentials";
                    AwsError::new(401, "AuthFailure", message)
                }
                Wire::Query | Wire::RestXml => AwsError::new(403, "InvalidClientTokenId", message),
            }
        };
        let identity = self.known.get(&scope.access_key).ok_or_else(invalid)?;
        if identity.role.is_some() && !headers.contains_key("x-amz-security-token") {
            return Err(invalid());
        }
        if identity.expired || identity.until.is_some_and(|until| Instant::now() >= until) {
            let message = "The security token included in the request is expired";
            return Err(match wire {
                Wire::Json => AwsError::new(400, "ExpiredTokenException", message),
                Wire::RestJson => AwsError::new(403, "ExpiredTokenException", message),
                Wire::Ec2 => AwsError::new(400, "RequestExpired", message),
                Wire::S3 => AwsError::new(400, "ExpiredToken", message),
                Wire::Query | Wire::RestXml => AwsError::new(403, "ExpiredToken", message),
            });
        }
        Ok(identity.clone())
    }

    /// Remembers the key that a reply of moto gives out: `AssumeRole` and its kin, `CreateAccessKey`.
    pub(crate) fn learn(&mut self, call: &Call, reply: &Reply) {
        let role = match (call.service.as_str(), call.operation.as_str()) {
            ("sts", "AssumeRole" | "AssumeRoleWithWebIdentity" | "AssumeRoleWithSAML") => call.text("RoleArn"),
            ("sts", "GetSessionToken" | "GetFederationToken") | ("iam", "CreateAccessKey") => None,
            _ => return,
        };
        let account = role.and_then(|role| role.split(':').nth(4)).and_then(|account| account.parse().ok());
        if let Some(key) = tag(&reply.text(), "AccessKeyId") {
            let account = account.unwrap_or_else(|| call.account.clone());
            let until = if call.service == "sts" { self.session.map(|session| Instant::now() + session) } else { None };
            self.known.insert(key, Identity { account, role: role.map(str::to_owned), expired: false, until });
        }
    }

    pub(crate) fn set_session(&mut self, session: Option<Duration>) {
        self.session = session;
    }

    /// Lets the temporary keys of an account (of all accounts, without one) expire; returns how many.
    pub(crate) fn expire(&mut self, account: Option<&str>) -> usize {
        let mut count = 0;
        for identity in self.known.values_mut() {
            let meant = account.is_none_or(|account| identity.account.as_str() == account);
            if meant && identity.role.is_some() && !identity.expired {
                identity.expired = true;
                count += 1;
            }
        }
        count
    }
}
