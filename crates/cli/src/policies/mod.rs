//! Policies for the engine: the organization directory's, and those of files that are named on the command line.

pub mod files;
pub mod findings;
pub mod organization;
pub mod quotas;
pub mod sound;

use dodai_org::Policy;
use dodai_policy::check::Kind;

/// What the policy engine calls the type of a policy of the organization; none for a management policy.
pub fn kind_of(policy: &Policy) -> Option<Kind> {
    Kind::of_name(policy.kind.folder)
}
