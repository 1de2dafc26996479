//! Who asks, and whom a policy names.
//!
//! AWS: "AWS JSON policy elements: Principal", "AWS JSON policy elements: `NotPrincipal`", "Policy evaluation for requests
//! within a single account".

use std::borrow::Cow;

use dodai_facts::AccountId;

use super::arn::Arn;
use super::request::RequestError;
use super::some_path::SomePath;
use super::truth::Truth;
use crate::language::{PrincipalKind, Principals};

/// Who makes a request, by parts of the text that names the principal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Who<'t> {
    pub(crate) identity: Identity<'t>,
    /// Of users, roles, sessions and accounts.
    pub(crate) account: Option<Cow<'t, str>>,
    /// `aws:PrincipalArn`: of a session, its role's.
    pub(crate) arn: Option<Cow<'t, str>>,
    pub(crate) linked: Linked,
}

/// Whether somebody is a service-linked role, which is told by the role's path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Linked {
    Yes,
    No,
    /// The name of a session's role is such a role's, and its path is not known.
    Unknown,
}

impl Linked {
    /// Of the role of this path and name.
    pub(super) fn of(path_and_name: &str) -> Self {
        if path_and_name.starts_with("aws-service-role/") { Self::Yes } else { Self::No }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Identity<'t> {
    Anonymous,
    /// The account's root user.
    Root,
    /// Path and name.
    User(Cow<'t, str>),
    /// `session` is None where the role was named, not one of its sessions.
    Role {
        path_and_name: Cow<'t, str>,
        session: Option<Cow<'t, str>>,
    },
    /// A session of `GetFederationToken`.
    FederatedUser(Cow<'t, str>),
    /// `ec2.amazonaws.com`
    Service(Cow<'t, str>),
    /// A SAML or `OpenID` Connect provider: its ARN or host.
    Federated(Cow<'t, str>),
}

impl<'t> Who<'t> {
    /// Of this principal; what is borrowed of it stays so.
    pub(super) fn of(principal: Cow<'t, str>, kind: Option<&str>) -> Result<Self, RequestError> {
        match principal {
            Cow::Borrowed(text) => Self::new(text, kind),
            Cow::Owned(text) => Who::new(&text, kind).map(Who::into_owned),
        }
    }

    fn into_owned(self) -> Who<'static> {
        let owned = |text: Cow<'t, str>| Cow::Owned(text.into_owned());
        let identity = match self.identity {
            Identity::Anonymous => Identity::Anonymous,
            Identity::Root => Identity::Root,
            Identity::User(name) => Identity::User(owned(name)),
            Identity::Role { path_and_name, session } => {
                Identity::Role { path_and_name: owned(path_and_name), session: session.map(owned) }
            }
            Identity::FederatedUser(name) => Identity::FederatedUser(owned(name)),
            Identity::Service(name) => Identity::Service(owned(name)),
            Identity::Federated(name) => Identity::Federated(owned(name)),
        };
        Who { identity, account: self.account.map(owned), arn: self.arn.map(owned), linked: self.linked }
    }

    fn new(text: &'t str, kind: Option<&str>) -> Result<Self, RequestError> {
        let error = || RequestError::Principal(text.to_owned());
        let alone = |identity| Self { identity, account: None, arn: None, linked: Linked::No };
        if text == "*" || text.eq_ignore_ascii_case("anonymous") {
            return Ok(alone(Identity::Anonymous));
        }
        if text.parse::<AccountId>().is_ok() {
            let arn = format!("arn:aws:iam::{text}:root");
            let (identity, account) = (Identity::Root, Some(text.into()));
            return Ok(Self { identity, account, arn: Some(arn.into()), linked: Linked::No });
        }
        let arn = Arn::new(text);
        let Arn::Parts { parts: [_, partition, service, _, account, resource], .. } = arn else {
            let named = !text.is_empty() && !text.contains([':', ' ', '*']) && text.contains('.');
            return match kind {
                _ if !named => Err(error()),
                Some("Federated" | "WebIdentityUser" | "SAMLUser") => Ok(alone(Identity::Federated(text.into()))),
                _ if is_service(text) => Ok(alone(Identity::Service(text.into()))),
                _ => Ok(alone(Identity::Federated(text.into()))),
            };
        };
        if account.parse::<AccountId>().is_err() || resource.contains(['*', '?']) {
            return Err(error());
        }
        let of = |identity, arn: Cow<'t, str>| {
            let (account, arn) = (Some(account.into()), Some(arn));
            Self { identity, account, arn, linked: Linked::No }
        };
        let (first, rest) = resource.split_once('/').unwrap_or((resource, ""));
        match (service, first, rest) {
            ("iam", "root", "") => Ok(of(Identity::Root, text.into())),
            ("iam", "user", name) if !name.is_empty() => Ok(of(Identity::User(name.into()), text.into())),
            ("iam", "role", name) if !name.is_empty() => {
                let identity = Identity::Role { path_and_name: name.into(), session: None };
                Ok(Self { linked: Linked::of(name), ..of(identity, text.into()) })
            }
            ("iam", "saml-provider" | "oidc-provider", name) if !name.is_empty() => {
                Ok(alone(Identity::Federated(text.into())))
            }
            ("sts", "assumed-role", rest) => {
                let (role, session) = rest.split_once('/').ok_or_else(error)?;
                if role.is_empty() || session.is_empty() {
                    return Err(error());
                }
                let identity = Identity::Role { path_and_name: role.into(), session: Some(session.into()) };
                let linked = if role.starts_with("AWSServiceRoleFor") { Linked::Unknown } else { Linked::No };
                Ok(Self { linked, ..of(identity, format!("arn:{partition}:iam::{account}:role/{role}").into()) })
            }
            ("sts", "federated-user", name) if !name.is_empty() => {
                Ok(of(Identity::FederatedUser(name.into()), text.into()))
            }
            _ => Err(error()),
        }
    }

    /// `aws:PrincipalType`, where the principal's form says it.
    pub(super) fn principal_type(&self) -> Option<&'static str> {
        match self.identity {
            Identity::Anonymous => Some("Anonymous"),
            Identity::Root => Some("Account"),
            Identity::User(_) => Some("User"),
            Identity::Role { .. } => Some("AssumedRole"),
            Identity::FederatedUser(_) => Some("FederatedUser"),
            Identity::Service(_) | Identity::Federated(_) => None,
        }
    }

    /// Policies of the organization never limit service-linked roles.
    pub(super) fn is_service_linked(&self) -> bool {
        self.linked == Linked::Yes
    }

    /// The ARNs that the role of a session may have: its session's ARN does not name the path.
    pub(super) fn role_arns(&self) -> Option<SomePath> {
        let Identity::Role { path_and_name: name, session: Some(_) } = &self.identity else { return None };
        let before = self.arn.as_deref()?.strip_suffix(&**name)?;
        // AWS: "Referencing permission sets in resource policies, Amazon EKS Cluster config maps, and AWS KMS key policies".
        let base = if name.starts_with("AWSReservedSSO_") { "aws-reserved/sso.amazonaws.com/" } else { "" };
        Some(SomePath::new(format!("{before}{base}"), name))
    }
}

fn is_service(host: &str) -> bool {
    let known = [".amazonaws.com", ".amazonaws.com.cn", ".amazon.com", ".aws.internal"];
    // These hand out identities and are not services that act.
    let federated = ["cognito-identity.amazonaws.com", "www.amazon.com"];
    known.iter().any(|suffix| host.ends_with(suffix)) && !federated.contains(&host)
}

/// Whether two ARNs name the same principal; of roles the path may be left out of one.
pub(super) fn same_role(a: &str, b: &str) -> bool {
    let (Arn::Parts { parts: a_parts, .. }, Arn::Parts { parts: b_parts, .. }) = (Arn::new(a), Arn::new(b)) else {
        return a == b;
    };
    match (a_parts, b_parts) {
        ([_, _, "iam", _, a_account, a_role], [_, _, "iam", _, b_account, b_role])
            if a_role.starts_with("role/") && b_role.starts_with("role/") =>
        {
            a_account == b_account && last(a_role) == last(b_role)
        }
        _ => a == b,
    }
}

/// Whether somebody is named in each of these ways.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Namings {
    pub(crate) account: Truth,
    pub(crate) role: Truth,
    pub(crate) direct: Truth,
}

impl Namings {
    pub(crate) const NONE: Self = Self { account: Truth::False, role: Truth::False, direct: Truth::False };

    pub(crate) fn any(self) -> Truth {
        self.account.or(self.role).or(self.direct)
    }
}

/// How a policy names whom it is about, from the weakest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Naming {
    /// The account: what its identity policies allow, this lets through.
    Account,
    /// The role: its sessions, within their boundary and session policies.
    Role,
    /// The user, the session, the service, or everybody.
    Direct,
}

/// The principals of a statement, made ready.
#[derive(Debug, Clone)]
pub(super) struct Named {
    negated: bool,
    names: Box<[Name]>,
}

#[derive(Debug, Clone)]
enum Name {
    Everybody,
    Account(Box<str>),
    /// Account and name; names are unique in an account whatever the path.
    Role {
        account: Box<str>,
        name: Box<str>,
    },
    User {
        account: Box<str>,
        name: Box<str>,
    },
    Session {
        account: Box<str>,
        role: Box<str>,
        session: Box<str>,
    },
    FederatedUser {
        account: Box<str>,
        name: Box<str>,
    },
    Service(Box<str>),
    Federated(Box<str>),
    /// Whose account it is cannot be told from it.
    CanonicalUser,
    /// What names nobody: an id of something deleted, a wildcard where none may be.
    Nobody,
}

impl Named {
    pub(super) fn new(principals: &Principals) -> Self {
        let names = principals.values.iter().map(|principal| name(principal.kind, &principal.value.value)).collect();
        Self { negated: principals.negated, names }
    }

    /// It is `NotPrincipal`.
    pub(super) fn is_negated(&self) -> bool {
        self.negated
    }

    /// Whether the statement is about `who`, by each way of naming them.
    pub(super) fn about(&self, who: &Who<'_>, closed: bool) -> Namings {
        if self.negated {
            // AWS: to leave out a session, its role and account must be listed too.
            return Namings { direct: !self.chain(who, closed), ..Namings::NONE };
        }
        let mut namings = Namings::NONE;
        for name in &self.names {
            let (truth, how) = name.is(who, closed);
            let place = match how {
                Naming::Direct => &mut namings.direct,
                Naming::Role => &mut namings.role,
                Naming::Account => &mut namings.account,
            };
            *place = place.or(truth);
        }
        namings
    }

    /// The sessions of the role that are named.
    pub(super) fn sessions(&self, who: &Who<'_>) -> impl Iterator<Item = Box<str>> {
        let of_role = |name: &Name| match (name, &who.identity) {
            (Name::Session { account, role, session }, Identity::Role { path_and_name, .. }) => {
                let same = who.account.as_deref() == Some(&**account) && last(path_and_name) == &**role;
                same.then(|| session.clone())
            }
            _ => None,
        };
        self.names.iter().filter_map(of_role)
    }

    /// Whether `who` and everything that it acts as is listed.
    fn chain(&self, who: &Who<'_>, closed: bool) -> Truth {
        let has = |wanted: Naming| {
            let fits = |name: &Name| match name.is(who, closed) {
                (truth, how) if how == wanted => truth,
                _ => Truth::False,
            };
            self.names.iter().map(fits).max().unwrap_or(Truth::False)
        };
        if self.names.iter().any(|name| matches!(name, Name::Everybody)) {
            return Truth::True;
        }
        match &who.identity {
            // A role that is named without a session is spared where its session is, whichever that is.
            Identity::Role { .. } => has(Naming::Direct).and(has(Naming::Role)).and(has(Naming::Account)),
            Identity::User(_) | Identity::FederatedUser(_) => has(Naming::Direct).and(has(Naming::Account)),
            Identity::Root => has(Naming::Account),
            Identity::Anonymous | Identity::Service(_) | Identity::Federated(_) => has(Naming::Direct),
        }
    }
}

impl Name {
    fn is(&self, who: &Who<'_>, closed: bool) -> (Truth, Naming) {
        let in_account = |account: &str| who.account.as_deref() == Some(account);
        match (self, &who.identity) {
            (Self::Everybody, _) => (Truth::True, Naming::Direct),
            (Self::Account(account), _) => (in_account(account).into(), Naming::Account),
            (Self::Role { account, name }, Identity::Role { path_and_name, .. }) => {
                ((in_account(account) && last(path_and_name) == &**name).into(), Naming::Role)
            }
            (Self::User { account, name }, Identity::User(path_and_name)) => {
                ((in_account(account) && last(path_and_name) == &**name).into(), Naming::Direct)
            }
            (Self::Session { account, role, session }, Identity::Role { path_and_name, session: asked }) => {
                let same_role = in_account(account) && last(path_and_name) == &**role;
                let truth = match asked {
                    Some(asked) => (same_role && *asked == **session).into(),
                    // The role was named, not its session.
                    None if same_role && !closed => Truth::Unknown,
                    None => Truth::False,
                };
                (truth, Naming::Direct)
            }
            (Self::FederatedUser { account, name }, Identity::FederatedUser(asked)) => {
                ((in_account(account) && *asked == **name).into(), Naming::Direct)
            }
            (Self::Service(name), Identity::Service(asked)) | (Self::Federated(name), Identity::Federated(asked)) => {
                ((**name == **asked).into(), Naming::Direct)
            }
            (Self::CanonicalUser, Identity::Anonymous | Identity::Service(_) | Identity::Federated(_)) => {
                (Truth::False, Naming::Account)
            }
            (Self::CanonicalUser, _) => (if closed { Truth::False } else { Truth::Unknown }, Naming::Account),
            _ => (Truth::False, Naming::Account),
        }
    }
}

/// The name without its path.
fn last(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or_default()
}

fn name(kind: PrincipalKind, text: &str) -> Name {
    match kind {
        PrincipalKind::Service => Name::Service(text.into()),
        PrincipalKind::Federated => Name::Federated(text.into()),
        PrincipalKind::CanonicalUser => Name::CanonicalUser,
        PrincipalKind::Aws if text == "*" => Name::Everybody,
        PrincipalKind::Aws if text.parse::<AccountId>().is_ok() => Name::Account(text.into()),
        PrincipalKind::Aws => match Who::new(text, None) {
            Ok(Who { identity, account: Some(account), .. }) => match identity {
                Identity::Root => Name::Account(account.into()),
                Identity::User(path) => Name::User { account: account.into(), name: last(&path).into() },
                Identity::Role { path_and_name, session: None } => {
                    Name::Role { account: account.into(), name: last(&path_and_name).into() }
                }
                Identity::Role { path_and_name, session: Some(session) } => {
                    Name::Session { account: account.into(), role: path_and_name.into(), session: session.into() }
                }
                Identity::FederatedUser(name) => Name::FederatedUser { account: account.into(), name: name.into() },
                _ => Name::Nobody,
            },
            _ => Name::Nobody,
        },
    }
}
