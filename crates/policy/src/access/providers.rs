//! Identity providers that are open to everyone who signs up: what fixes whose token it is.
//!
//! AWS: "Create a role for `OpenID` Connect federation" (limiting access to a GitHub organization), "Identity-provider
//! controls for shared OIDC providers", "Available keys for AWS OIDC federation".

use super::party::is_wild;

#[derive(Debug, PartialEq, Eq)]
pub(super) struct Provider {
    /// The host, and the path after it.
    host: &'static str,
    /// Claims that name their subject whole: no wildcard.
    whole: &'static [&'static str],
    /// Claims that begin with their owner, and what ends the owner: `repo:octo-org/…`.
    owned: &'static [(&'static str, char)],
}

const SHARED: [Provider; 8] = [
    Provider {
        host: "token.actions.githubusercontent.com",
        whole: &["actor_id", "enterprise_id", "repository_id", "repository_owner_id"],
        owned: &[("sub", '/'), ("repository", '/'), ("job_workflow_ref", '/')],
    },
    Provider {
        host: "gitlab.com",
        whole: &["namespace_id", "project_id"],
        owned: &[("sub", '/'), ("project_path", '/'), ("namespace_path", '/')],
    },
    Provider { host: "app.terraform.io", whole: &["aud"], owned: &[("sub", ':')] },
    Provider { host: "agent.buildkite.com", whole: &[], owned: &[("sub", ':')] },
    Provider { host: "accounts.google.com", whole: &["aud", "oaud", "sub"], owned: &[] },
    Provider { host: "cognito-identity.amazonaws.com", whole: &["aud", "sub"], owned: &[] },
    Provider { host: "graph.facebook.com", whole: &["app_id", "id"], owned: &[] },
    Provider { host: "www.amazon.com", whole: &["app_id", "user_id"], owned: &[] },
];

/// The shared provider that a principal names: its host, or the ARN of a provider made for it.
pub(super) fn shared(principal: &str) -> Option<&'static Provider> {
    let host = principal.split_once(":oidc-provider/").map_or(principal, |(_, host)| host);
    let host = host.strip_prefix("https://").unwrap_or(host);
    SHARED.iter().find(|provider| provider.host.eq_ignore_ascii_case(host))
}

impl Provider {
    pub(super) const fn host(&self) -> &'static str {
        self.host
    }

    /// Whether a value of a condition key fixes whose token it is. `literal`: the operator has no wildcards.
    pub(super) fn is_fixed(&self, key: &str, value: &str, literal: bool) -> bool {
        let Some(claim) = self.claim(key) else { return false };
        if literal || !is_wild(value) {
            return true;
        }
        let Some((_, end)) = self.owned.iter().find(|(name, _)| *name == claim) else { return false };
        let prefix = value.split(['*', '?']).next().unwrap_or_default();
        // `repo:octo-org/` after the word that says what is owned; a bare path has no such word.
        let owner = prefix.split_once(':').map_or(prefix, |(_, owner)| owner);
        owner.split_once(*end).is_some_and(|(owner, _)| !owner.is_empty())
    }

    /// The claim that a condition key is about, if it tells members apart.
    fn claim(&self, key: &str) -> Option<&'static str> {
        let (host, claim) = key.rsplit_once(':')?;
        if !host.eq_ignore_ascii_case(self.host) {
            return None;
        }
        let owned = self.owned.iter().map(|(name, _)| name);
        self.whole.iter().chain(owned).find(|known| known.eq_ignore_ascii_case(claim)).copied()
    }

    /// Whether the key is about a claim that tells members apart, whatever its values.
    pub(super) fn tells_apart(&self, key: &str) -> bool {
        self.claim(key).is_some()
    }
}
