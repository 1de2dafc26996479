//! Who asks, and how policies name whom they are about.
//!
//! AWS: "AWS JSON policy elements: Principal", "AWS JSON policy elements: `NotPrincipal`".

use fastrand::Rng;
use serde_json::{Value, json};

use super::pools::{chance, one, other_than};

/// The principal of a request.
#[derive(Debug)]
pub(super) struct Caller {
    /// As the request names it: an ARN, a service's name, or `*` for nobody in particular.
    pub(super) arn: String,
    pub(super) account: Option<&'static str>,
    kind: Kind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    User,
    Role,
    Session,
    Federated,
    Root,
    Linked,
    LinkedSession,
    Provider,
    Service,
    Anonymous,
}

const ANY: [Kind; 14] = [
    Kind::User,
    Kind::User,
    Kind::Role,
    Kind::Session,
    Kind::Session,
    Kind::Session,
    Kind::Federated,
    Kind::Root,
    Kind::Linked,
    Kind::LinkedSession,
    Kind::Provider,
    Kind::Service,
    Kind::Service,
    Kind::Anonymous,
];
const WITH_POLICIES: [Kind; 8] = [
    Kind::User,
    Kind::User,
    Kind::User,
    Kind::Role,
    Kind::Session,
    Kind::Session,
    Kind::Federated,
    Kind::LinkedSession,
];

const PATHS: [(Kind, &[&str]); 8] = [
    (Kind::User, &["arn:aws:iam::{account}:user/ann", "arn:aws:iam::{account}:user/team/bob"]),
    (Kind::Role, &["arn:aws:iam::{account}:role/app", "arn:aws:iam::{account}:role/team/data"]),
    (
        Kind::Session,
        &[
            "arn:aws:sts::{account}:assumed-role/app/one",
            "arn:aws:sts::{account}:assumed-role/app/two",
            "arn:aws:sts::{account}:assumed-role/data/one",
        ],
    ),
    (Kind::Federated, &["arn:aws:sts::{account}:federated-user/cy"]),
    (Kind::Root, &["arn:aws:iam::{account}:root"]),
    (Kind::Linked, &["arn:aws:iam::{account}:role/aws-service-role/config.amazonaws.com/AWSServiceRoleForConfig"]),
    (Kind::LinkedSession, &["arn:aws:sts::{account}:assumed-role/AWSServiceRoleForConfig/one"]),
    (Kind::Provider, &["arn:aws:iam::{account}:saml-provider/corp"]),
];

const SERVICES: [&str; 3] = ["ec2.amazonaws.com", "config.amazonaws.com", "lambda.amazonaws.com"];

impl Caller {
    /// Somebody of any kind.
    pub(super) fn any(rng: &mut Rng) -> Self {
        Self::of(one(&ANY, rng), rng)
    }

    /// Somebody of any kind but a provider's users, who can only assume roles.
    pub(super) fn signed_in(rng: &mut Rng) -> Self {
        loop {
            let caller = Self::any(rng);
            if !caller.is_provider() {
                return caller;
            }
        }
    }

    /// Whom a SAML provider vouches for.
    pub(super) fn provider(rng: &mut Rng) -> Self {
        Self::of(Kind::Provider, rng)
    }

    /// Somebody who has identity policies.
    pub(super) fn with_policies(rng: &mut Rng) -> Self {
        Self::of(one(&WITH_POLICIES, rng), rng)
    }

    fn of(kind: Kind, rng: &mut Rng) -> Self {
        let home = super::pools::ACCOUNT;
        let account = if chance(85, rng) { home } else { other_than(home) };
        match PATHS.iter().find(|(known, _)| *known == kind) {
            Some((_, paths)) => {
                Self { arn: one(paths, rng).replace("{account}", account), account: Some(account), kind }
            }
            None if kind == Kind::Service => Self { arn: one(&SERVICES, rng).to_owned(), account: None, kind },
            None => Self { arn: "*".to_owned(), account: None, kind: Kind::Anonymous },
        }
    }

    /// Identity policies, boundary and service control policies concern it.
    pub(super) fn has_policies(&self) -> bool {
        !matches!(self.kind, Kind::Root | Kind::Provider | Kind::Service | Kind::Anonymous)
    }

    pub(super) fn may_have_boundary(&self) -> bool {
        matches!(self.kind, Kind::User | Kind::Role | Kind::Session)
    }

    pub(super) fn may_have_session_policies(&self) -> bool {
        matches!(self.kind, Kind::Session | Kind::Federated)
    }

    pub(super) fn is_provider(&self) -> bool {
        self.kind == Kind::Provider
    }

    /// The role behind a session; anybody else as they are.
    pub(super) fn role_or_self(&self) -> String {
        let account = self.account.unwrap_or_default();
        match self.kind {
            Kind::Session if self.arn.contains("/data/") => format!("arn:aws:iam::{account}:role/team/data"),
            Kind::Session => format!("arn:aws:iam::{account}:role/app"),
            Kind::LinkedSession => {
                format!("arn:aws:iam::{account}:role/aws-service-role/config.amazonaws.com/AWSServiceRoleForConfig")
            }
            _ => self.arn.clone(),
        }
    }
}

/// The value of `Principal` or `NotPrincipal`, aimed at this caller.
pub(super) fn named(caller: &Caller, rng: &mut Rng) -> Value {
    if chance(18, rng) {
        return json!("*");
    }
    let mut aws = Vec::new();
    let mut services = Vec::new();
    let mut federated = Vec::new();
    let mut canonical = Vec::new();
    for _ in 0..=rng.usize(0..2) {
        match rng.u32(0..12) {
            0..=3 => match caller.kind {
                Kind::Service => services.push(caller.arn.clone()),
                Kind::Provider => federated.push(caller.arn.clone()),
                Kind::Anonymous => aws.push("*".to_owned()),
                _ => aws.push(caller.arn.clone()),
            },
            4 => aws.push(match caller.account {
                Some(_) if !caller.is_provider() => caller.role_or_self(),
                _ => "*".to_owned(),
            }),
            5 => aws.push(caller.account.unwrap_or(super::pools::ACCOUNT).to_owned()),
            6 => aws.push(format!("arn:aws:iam::{}:root", caller.account.unwrap_or(super::pools::ACCOUNT))),
            7 => aws.push(other_than(caller.account.unwrap_or_default()).to_owned()),
            8 => services.push(one(&SERVICES, rng).to_owned()),
            9 => match Caller::any(rng) {
                other if other.account.is_some() && !other.is_provider() => aws.push(other.arn),
                _ => aws.push("*".to_owned()),
            },
            10 => federated.push("arn:aws:iam::111122223333:saml-provider/corp".to_owned()),
            _ => canonical.push("0123456789abcdef".repeat(4)),
        }
    }
    let kinds = [("AWS", aws), ("Service", services), ("Federated", federated), ("CanonicalUser", canonical)];
    let named = kinds.into_iter().filter(|(_, names)| !names.is_empty());
    named.map(|(kind, names)| (kind.to_owned(), super::statements::one_or_list(&names, rng))).collect()
}
