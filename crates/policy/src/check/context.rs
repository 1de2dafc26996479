//! What the checks know of the organization that a policy is meant for. Everything may be left out; rules that need
//! what is missing say nothing.

use dodai_facts::AccountId;

use super::Limits;

#[derive(Debug, Clone, Default)]
pub struct CheckContext {
    /// ARNs of the roles that must never be locked out; they may have wildcards: `arn:aws:iam::*:role/dodai-*`.
    pub operators: Vec<String>,
    /// The actions, wildcards allowed, that these roles must be able to call. Empty: everything.
    pub operator_actions: Vec<String>,
    /// `o-…`.
    pub organization: Option<String>,
    /// Every account of the organization. Empty where not known.
    pub accounts: Vec<AccountId>,
    pub limits: Limits,
}
