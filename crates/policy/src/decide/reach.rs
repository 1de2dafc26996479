//! Which layers limit a request at all, and which of the others must allow it.
//!
//! AWS: "Service control policies (SCPs)" (tasks and entities not restricted by SCPs), "Resource control policies (RCPs)",
//! "Cross-account policy evaluation logic", "AWS account root user", "Bucket policies for Amazon S3", "GetCallerIdentity".

use dodai_facts::AccountId;

use super::answer::Layer;
use super::arn::Arn;
use super::evaluate::Question;
use super::principal::Identity;
use super::request::Resource;
use crate::reference::Reference;

/// Why a policy of the organization does not limit a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exempt {
    /// The principal (for resource control policies: the resource) is of the management account.
    ManagementAccount,
    ServiceLinkedRole,
    /// A service, a federated identity or nobody in particular: of no account.
    NoAccount,
    /// Resource control policies do not act on this service.
    Service,
    /// `kms:RetireGrant`, which resource control policies leave alone.
    RetireGrant,
    /// A KMS key that AWS manages.
    ManagedKey,
    /// The root user may read, write and delete the policies of its account's buckets whatever these say.
    OwnBucketPolicy,
}

/// Which of identity and resource policies must allow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Needs {
    /// The principal has no policies of its own.
    Resource,
    /// Principal and resource are of different accounts.
    Both,
    /// Within one account one of them suffices.
    Either,
    /// KMS keys, and the trust in a role: identity policies count only where the resource policy names the account.
    Trust,
    /// The root user cannot assume a role.
    Nobody,
    /// It needs no permission.
    Nothing,
}

/// Which of the organization's policies limit a request.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limited {
    /// Why they do not.
    scps: Option<Exempt>,
    rcps: Option<Exempt>,
    resource: Option<Exempt>,
}

impl Limited {
    /// Whether a layer limits the request.
    pub(super) const fn by(self, layer: Layer) -> bool {
        self.exempt(layer).is_none()
    }

    /// Why a layer does not limit the request; None where it does.
    pub(crate) const fn exempt(self, layer: Layer) -> Option<Exempt> {
        match layer {
            Layer::Scp(_) => self.scps,
            Layer::Rcp(_) => self.rcps,
            Layer::Resource => self.resource,
            _ => None,
        }
    }
}

impl Question<'_> {
    /// Which of the organization's policies limit the request on this resource.
    pub(crate) fn limited(&self, resource: &Resource, arn: &Arn<'_>) -> Limited {
        let who = &self.request.who;
        let management = self.policies.management_account.as_ref().map(AccountId::as_str);
        let linked = who.is_service_linked().then_some(Exempt::ServiceLinkedRole);
        let scps = if who.account.is_none() {
            Some(Exempt::NoAccount)
        } else if who.account.as_deref() == management {
            Some(Exempt::ManagementAccount)
        } else {
            linked
        };
        let rcps = if self.policies.rcps.is_none() {
            None
        } else if management.is_some() && resource.account.as_deref() == management {
            Some(Exempt::ManagementAccount)
        } else {
            // A service takes on its own role whatever these policies say.
            let its_own = matches!(who.identity, Identity::Service(_)) && is_service_linked_role(arn);
            let its_own = (its_own && &*self.request.action == "sts:assumerole").then_some(Exempt::ServiceLinkedRole);
            linked.or(its_own).or_else(|| outside_rcps(&self.request.action, arn))
        };
        let own_policy = who.identity == Identity::Root
            && matches!(&*self.request.action, "s3:getbucketpolicy" | "s3:putbucketpolicy" | "s3:deletebucketpolicy")
            && self.same_account(resource) != Some(false);
        Limited { scps, rcps, resource: own_policy.then_some(Exempt::OwnBucketPolicy) }
    }

    /// Whoever has credentials may ask whose they are, even where a policy denies it.
    pub(super) fn needs_no_permission(&self) -> bool {
        &*self.request.action == "sts:getcalleridentity" && self.has_own()
    }

    /// AWS refuses the root user's credentials, whatever policies allow.
    pub(super) fn is_refused(&self) -> bool {
        self.request.who.identity == Identity::Root && &*self.request.action == "sts:assumerole"
    }

    /// Whether the principal can have identity policies.
    pub(crate) fn has_own(&self) -> bool {
        !matches!(self.request.who.identity, Identity::Anonymous | Identity::Service(_) | Identity::Federated(_))
    }

    pub(crate) fn needs(&self, resource: &Resource, arn: &Arn<'_>) -> Needs {
        if self.is_refused() {
            Needs::Nobody
        } else if self.needs_no_permission() {
            Needs::Nothing
        } else if !self.has_own() {
            Needs::Resource
        } else if self.same_account(resource) == Some(false) {
            Needs::Both
        } else if wants_resource_policy(&self.request.action, arn) {
            Needs::Trust
        } else {
            Needs::Either
        }
    }

    /// Whether resource and principal are of one account; None where the resource's is not known.
    pub(crate) fn same_account(&self, resource: &Resource) -> Option<bool> {
        let principal = self.request.who.account.as_deref();
        match &resource.account {
            Some(account) => Some(principal == Some(&**account)),
            // What is on no resource happens in the principal's account.
            None if &*resource.arn == "*" => Some(true),
            None => None,
        }
    }
}

fn is_service_linked_role(arn: &Arn<'_>) -> bool {
    arn.service() == Some("iam")
        && arn.resource().is_some_and(|resource| resource.starts_with("role/aws-service-role/"))
}

/// Where identity policies alone are not enough, even in the same account: KMS keys and the trust in a role.
///
/// AWS: "Key policies in AWS KMS", "How IAM roles differ from resource-based policies".
fn wants_resource_policy(action: &str, arn: &Arn<'_>) -> bool {
    let on = |service: &str, kind: &str| {
        arn.service() == Some(service) && arn.resource().is_some_and(|resource| resource.starts_with(kind))
    };
    match action.split_once(':') {
        Some(("kms", _)) => on("kms", "key/"),
        Some(("sts", name)) => {
            (name.starts_with("assumerole") || matches!(name, "tagsession" | "setsourceidentity")) && on("iam", "role/")
        }
        _ => false,
    }
}

/// Why resource control policies do not act on this action and resource.
///
/// AWS: "Resource control policies (RCPs)": the list of services; not `kms:RetireGrant`, not AWS managed keys.
fn outside_rcps(action: &str, arn: &Arn<'_>) -> Option<Exempt> {
    let service = action.split(':').next().unwrap_or_default();
    if Reference::embedded().rcp_services().binary_search_by(|known| known.as_str().cmp(service)).is_err() {
        Some(Exempt::Service)
    } else if action == "kms:retiregrant" {
        Some(Exempt::RetireGrant)
    } else if service == "kms" && arn.resource().is_some_and(|resource| resource.starts_with("alias/aws/")) {
        Some(Exempt::ManagedKey)
    } else {
        None
    }
}
