//! What a policy document by itself opens: whether it is public, which outsiders it names, whether it grants everything.
//!
//! These are questions about a document, not about a request (that is [`crate::decide`]): they look at what is written,
//! never at which principals or resources exist. `docs/policy-access.md` says the same for those who write controls.
//!
//! # Public
//! AWS: "Blocking public access to your Amazon S3 storage" (The meaning of "public"), "Blocking public access to Amazon
//! EFS file systems", "sns-topic-no-public-access". A resource-based policy is taken for public unless each of its Allow
//! statements grants to fixed values only:
//! - **Principals.** Accounts, users, roles, sessions, AWS services, identity providers and canonical users are fixed.
//!   `*`, a wildcard in or before the account id, and `NotPrincipal` are everyone. A provider that is open to everyone who
//!   signs up (GitHub, GitLab.com, Google and the like) is everyone until the statement fixes whose token it is.
//! - **Conditions** confine everyone where the operator is a positive one, the key must be there for it to hold, the key is
//!   one of those in `keys`, and each value is fixed: no policy variable, and no wildcard that reaches into what names the
//!   owner (account id, organization id, bucket, VPC). One such condition is enough, because all conditions must hold.
//! - **Not confined** by: `…IfExists` and `ForAllValues:` (they hold without the key, unless `Null` asks for it), negated
//!   operators, addresses broader than /8 (IPv4) or /32 (IPv6), and any other key.
//! - **Deny.** A Deny statement to everyone narrows an Allow where it certainly covers it: its actions and resources
//!   contain the Allow's, and each of its conditions fails only for fixed values (`StringNotEquals`, `NotIpAddress` and the
//!   like on the keys above). Any other Deny is passed over.
//!
//! An AWS service as a principal is not the public, but it acts for whoever uses it ("The confused deputy problem"):
//! [`unguarded_services`] names those whose statement does not say for whom.

mod document;
mod external;
mod fixed;
mod grants;
mod keys;
mod limits;
mod party;
mod patterns;
mod providers;
mod public;

pub use document::{MAX_BYTES, Unanswerable, percent_decoded, read};
pub use external::{External, external_principals, unguarded_services};
pub use grants::{allows_full_admin, allows_on_all_resources, denies_without_tls, full_access_services};
pub use party::PartyKind;
pub(crate) use public::open_to_everyone;
pub use public::{Because, is_public};
