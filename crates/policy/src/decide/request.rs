//! A request as the engine takes it: who asks for what, on which resources, and what is known of its context.
//!
//! A condition key has values, is known to be absent, or is unknown (not given). Keys that follow from the request are
//! filled in, and what is given may not contradict them.

use std::borrow::Cow;
use std::collections::BTreeMap;

use dodai_facts::AccountId;

use super::arn::Arn;
use super::keys::Name;
pub use super::keys::{Key, State};
pub(super) use super::keys::{Keys, Value};
use super::principal::{Identity, Linked, Who};
use super::some_path::SomePath;

/// A request as it is asked.
#[derive(Debug, Clone, Default)]
pub struct Asked {
    /// An ARN of a user, role, session or account; an account id; a service's name; `*` for nobody in particular
    /// (anonymous).
    pub principal: String,
    /// `aws:PrincipalType`, where the principal's form does not say it.
    pub principal_type: Option<String>,
    /// `s3:GetObject`
    pub action: String,
    /// ARNs; none means `*`, an action that is on no resource.
    pub resources: Vec<String>,
    /// The account of the resources whose ARN names none.
    pub resource_account: Option<String>,
    /// Condition keys, by any case.
    pub context: BTreeMap<String, Given>,
    /// What is not given is absent, not unknown.
    pub closed: bool,
    /// The organization of the principal: its id and the path to its unit, `o-…/r-…/ou-…/`; empty: the path is not known.
    pub organization: Option<(String, String)>,
}

/// What is given of a condition key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Given {
    Values(Vec<String>),
    Absent,
}

impl Given {
    pub fn value(text: impl Into<String>) -> Self {
        Self::Values(vec![text.into()])
    }
}

/// What the texts of a request may have together, in bytes. Requests to AWS have a few kilobytes.
pub const MAX_REQUEST_BYTES: usize = 1 << 20;

/// Why a request cannot be decided.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RequestError {
    #[error("`{0}` is not an action: write `service:Action`")]
    Action(String),
    #[error("`{0}` is not a principal: write an ARN, an account id, a service such as `ec2.amazonaws.com`, or `*`")]
    Principal(String),
    #[error("`{0}` is not an account id: it has 12 digits")]
    Account(String),
    #[error("`{key}` is given as `{given}`, but the request makes it `{follows}`")]
    Contradiction { key: String, given: String, follows: String },
    #[error("the condition key `{0}` is given twice")]
    Twice(String),
    #[error("the request is too large: {0} bytes, each text counted with 16 more; at most {MAX_REQUEST_BYTES}")]
    TooLarge(usize),
}

/// The texts that a request is made of: those of an [`Asked`], or parts of a line.
pub(super) struct Texts<'t> {
    pub(super) principal: Cow<'t, str>,
    pub(super) principal_type: Option<Cow<'t, str>>,
    pub(super) action: Cow<'t, str>,
    pub(super) resources: Vec<Cow<'t, str>>,
    pub(super) resource_account: Option<Cow<'t, str>>,
    /// Of any case.
    pub(super) context: Vec<(Cow<'t, str>, Value<'t>)>,
    pub(super) closed: bool,
    pub(super) organization: Option<(Cow<'t, str>, Cow<'t, str>)>,
}

impl From<Asked> for Texts<'static> {
    fn from(asked: Asked) -> Self {
        let context = asked.context.into_iter().map(|(key, given)| match given {
            Given::Values(values) => (key.into(), Value::of(values.into_iter().map(Cow::from))),
            Given::Absent => (key.into(), Value::Absent),
        });
        Self {
            principal: asked.principal.into(),
            principal_type: asked.principal_type.map(Cow::from),
            action: asked.action.into(),
            resources: asked.resources.into_iter().map(Cow::from).collect(),
            resource_account: asked.resource_account.map(Cow::from),
            context: context.collect(),
            closed: asked.closed,
            organization: asked.organization.map(|(id, path)| (id.into(), path.into())),
        }
    }
}

/// A request made ready.
#[derive(Debug, Clone)]
pub struct Request<'t> {
    pub(crate) who: Who<'t>,
    /// In lower case.
    pub(crate) action: Box<str>,
    pub(crate) resources: Box<[Resource<'t>]>,
    pub(crate) keys: Keys<'t>,
    /// As [`MAX_REQUEST_BYTES`] counts it.
    pub(super) bytes: usize,
}

#[derive(Debug, Clone)]
pub(crate) struct Resource<'t> {
    pub(crate) arn: Cow<'t, str>,
    /// Of the ARN, or as given.
    pub(crate) account: Option<Cow<'t, str>>,
    /// `aws:ResourceAccount`, as given or as the account makes it.
    account_value: Value<'t>,
}

/// The condition keys of a request, for one of its resources.
#[derive(Debug, Clone, Copy)]
pub struct Context<'r> {
    pub(crate) keys: &'r Keys<'r>,
    pub(crate) resource: &'r Resource<'r>,
}

/// Keys that follow from the principal.
const FOLLOWING: usize = 8;
static IS_AWS_SERVICE: Name = Name::new("aws:PrincipalIsAWSService");
static SERVICE_NAME: Name = Name::new("aws:PrincipalServiceName");
static PRINCIPAL_TYPE: Name = Name::new("aws:PrincipalType");
static PRINCIPAL_ARN: Name = Name::new("aws:PrincipalArn");
static PRINCIPAL_ACCOUNT: Name = Name::new("aws:PrincipalAccount");
static ORGANIZATION: Name = Name::new("aws:PrincipalOrgID");
static PATHS: Name = Name::new("aws:PrincipalOrgPaths");
static USER_NAME: Name = Name::new("aws:username");
static RESOURCE_ACCOUNT: Name = Name::new("aws:ResourceAccount");

impl Key {
    pub(super) fn is_resource_account(&self) -> bool {
        self.hash == RESOURCE_ACCOUNT.hash && self.written.eq_ignore_ascii_case(RESOURCE_ACCOUNT.written)
    }
}

impl<'t> Resource<'t> {
    /// The values of `aws:ResourceAccount`.
    pub(super) fn account_texts(&self) -> &[Cow<'t, str>] {
        self.account_value.texts()
    }
}

impl<'r> Context<'r> {
    pub fn get(&self, key: &Key) -> State<'r> {
        self.value(key).map_or(self.not_named(), Value::state)
    }

    /// What is known of the ARN of a role whose path is not known.
    pub(super) fn some_path(&self, key: &Key) -> Option<&'r SomePath> {
        match self.value(key) {
            Some(Value::SomePath(arns)) => Some(arns),
            _ => None,
        }
    }

    /// What a variable puts into a text.
    pub(super) fn variable(&self, key: &Key) -> State<'r> {
        self.value(key).map_or(self.not_named(), Value::variable)
    }

    fn value(&self, key: &Key) -> Option<&'r Value<'r>> {
        let account = &self.resource.account_value;
        // Of this resource, whatever is tried for one whose account is not known.
        if key.is_resource_account() && *account != Value::Unknown {
            return Some(account);
        }
        self.keys.find(key.hash, &key.written)
    }

    const fn not_named(&self) -> State<'r> {
        if self.keys.closed { State::Absent } else { State::Unknown }
    }
}

impl<'t> Request<'t> {
    /// The same request on one of its resources.
    pub(crate) fn on_one(&self, resource: &Resource<'t>) -> Self {
        Self { resources: Box::new([resource.clone()]), ..self.clone() }
    }

    /// The same request by somebody of whom nothing is known but the account that asks: no key that follows from the principal
    /// says anything.
    pub(crate) fn of_anybody(mut self) -> Self {
        for name in [&PRINCIPAL_TYPE, &PRINCIPAL_ARN, &PRINCIPAL_ACCOUNT, &ORGANIZATION, &PATHS, &USER_NAME] {
            self.keys.set(&Key::new(name.written), Value::Unknown);
        }
        self
    }

    /// The account of each resource is a value of its own: whether more than one is to be tried.
    pub(super) fn has_unknown_accounts(&self) -> bool {
        self.resources.iter().filter(|resource| resource.account_value == Value::Unknown).nth(1).is_some()
    }

    /// What an action that is on no resource is on.
    pub(super) fn no_resource() -> Resource<'static> {
        Resource { arn: "*".into(), account: None, account_value: Value::Unknown }
    }

    /// # Errors
    /// What is not a principal, action or account, and what contradicts itself.
    pub(super) fn of(mut asked: Texts<'t>) -> Result<Self, RequestError> {
        let bytes = bytes(&asked);
        if bytes > MAX_REQUEST_BYTES {
            return Err(RequestError::TooLarge(bytes));
        }
        let action = asked.action.to_ascii_lowercase();
        if !action.split_once(':').is_some_and(|(service, name)| !service.is_empty() && !name.is_empty()) {
            return Err(RequestError::Action(asked.action.into_owned()));
        }
        let context = std::mem::take(&mut asked.context);
        let mut keys = Keys::given(context, asked.closed, FOLLOWING).map_err(RequestError::Twice)?;
        let mut who = Who::of(std::mem::take(&mut asked.principal), asked.principal_type.as_deref())?;
        derive(&who, &asked, &mut keys)?;
        if who.linked == Linked::Unknown
            && let Some([arn]) = keys.find(PRINCIPAL_ARN.hash, PRINCIPAL_ARN.written).map(Value::texts)
            && let Some((_, path_and_name)) = arn.split_once(":role/")
        {
            who.linked = Linked::of(path_and_name);
        }
        if let Some(account) = asked.resource_account.as_deref().filter(|account| account.parse::<AccountId>().is_err())
        {
            return Err(RequestError::Account(account.to_owned()));
        }
        if asked.resources.is_empty() {
            asked.resources.push("*".into());
        }
        let given = asked.resource_account;
        let resources = asked.resources.into_iter().map(|arn| resource(arn, given.as_ref(), &keys));
        Ok(Self { who, action: action.into(), resources: resources.collect::<Result<_, _>>()?, keys, bytes })
    }
}

impl Request<'static> {
    /// # Errors
    /// What is not a principal, action or account, and what contradicts itself.
    pub fn new(asked: Asked) -> Result<Self, RequestError> {
        Self::of(asked.into())
    }
}

/// Of all texts. A short text costs time too.
fn bytes(asked: &Texts<'_>) -> usize {
    let one = |text: &str| text.len() + 16;
    let given =
        asked.context.iter().map(|(key, value)| one(key) + value.texts().iter().map(|text| one(text)).sum::<usize>());
    let texts = [&asked.principal, &asked.action].into_iter().chain(&asked.resources);
    given.chain(texts.map(|text| one(text))).sum()
}

/// A resource, and its account: the ARN's own, else the one that is given, in the request or as `aws:ResourceAccount`.
fn resource<'t>(
    arn: Cow<'t, str>,
    given: Option<&Cow<'t, str>>,
    keys: &Keys<'t>,
) -> Result<Resource<'t>, RequestError> {
    let key = keys.find(RESOURCE_ACCOUNT.hash, RESOURCE_ACCOUNT.written);
    let of_key = key.and_then(|value| value.texts().first());
    let account = named_account(&arn).or_else(|| given.or(of_key).cloned());
    for other in [given, of_key].into_iter().flatten() {
        if let Some(account) = account.as_ref().filter(|account| *account != other) {
            return Err(RequestError::Contradiction {
                key: RESOURCE_ACCOUNT.written.to_owned(),
                given: other.to_string(),
                follows: account.to_string(),
            });
        }
    }
    let account_value = match key {
        Some(given) => given.clone(),
        None => account.clone().map_or(Value::Unknown, Value::one),
    };
    Ok(Resource { arn, account, account_value })
}

/// The account that an ARN names.
fn named_account<'t>(arn: &Cow<'t, str>) -> Option<Cow<'t, str>> {
    part(arn, |arn| Arn::new(arn).account().filter(|account| account.parse::<AccountId>().is_ok()))
}

/// A part of a text, borrowed where the text is.
fn part<'t>(text: &Cow<'t, str>, of: impl FnOnce(&str) -> Option<&str>) -> Option<Cow<'t, str>> {
    match text {
        Cow::Borrowed(text) => of(text).map(Cow::Borrowed),
        Cow::Owned(text) => of(text).map(|part| Cow::Owned(part.to_owned())),
    }
}

/// Fills in what follows from who asks.
///
/// AWS: "AWS global condition context keys" (properties of the principal).
fn derive<'t>(who: &Who<'t>, asked: &Texts<'t>, keys: &mut Keys<'t>) -> Result<(), RequestError> {
    let follow = |keys: &mut Keys<'t>, name: &'static Name, value: Option<Cow<'t, str>>| -> Result<(), RequestError> {
        let value = value.map_or(Value::Absent, Value::one);
        // What was given may say more: the path of an assumed role.
        match keys.find_or_put(name, || value.clone()) {
            Some(given) if !same(name, given, &value) => {
                let key = name.written.to_owned();
                Err(RequestError::Contradiction { key, given: told(given), follows: told(&value) })
            }
            _ => Ok(()),
        }
    };
    let service = match &who.identity {
        Identity::Service(name) => Some(name.clone()),
        _ => None,
    };
    // Requests that nobody signs do not say: anonymous ones, and such as exchange a token of a provider for credentials.
    let unsigned = matches!(who.identity, Identity::Anonymous | Identity::Federated(_));
    let is_service = if service.is_some() { "true" } else { "false" };
    follow(keys, &IS_AWS_SERVICE, (!unsigned).then_some(is_service.into()))?;
    follow(keys, &SERVICE_NAME, service)?;
    match who.principal_type() {
        Some(kind) => {
            follow(keys, &PRINCIPAL_TYPE, Some(kind.into()))?;
            if let Some(given) = asked.principal_type.as_deref().filter(|given| *given != kind) {
                return Err(RequestError::Contradiction {
                    key: PRINCIPAL_TYPE.written.to_owned(),
                    given: given.to_owned(),
                    follows: kind.to_owned(),
                });
            }
        }
        None => {
            if let Some(kind) = &asked.principal_type {
                follow(keys, &PRINCIPAL_TYPE, Some(kind.clone()))?;
            }
        }
    }
    match &who.identity {
        Identity::Anonymous => {
            follow(keys, &PRINCIPAL_ARN, None)?;
            follow(keys, &PRINCIPAL_ACCOUNT, Some("anonymous".into()))?;
            follow(keys, &ORGANIZATION, None)?;
            follow(keys, &PATHS, None)?;
            follow(keys, &USER_NAME, None)?;
        }
        Identity::Service(_) | Identity::Federated(_) => {}
        Identity::Root | Identity::User(_) | Identity::Role { .. } | Identity::FederatedUser(_) => {
            match (&who.arn, who.role_arns()) {
                (Some(arn), Some(arns)) => {
                    let put = keys.find_or_put(&PRINCIPAL_ARN, || Value::SomePath(Box::new(arns)));
                    if let Some(given) = put.filter(|given| !same(&PRINCIPAL_ARN, given, &Value::one(&**arn))) {
                        let key = PRINCIPAL_ARN.written.to_owned();
                        return Err(RequestError::Contradiction { key, given: told(given), follows: arn.to_string() });
                    }
                }
                (Some(arn), None) => follow(&mut *keys, &PRINCIPAL_ARN, Some(arn.clone()))?,
                (None, _) => {}
            }
            if let Some(account) = &who.account {
                follow(keys, &PRINCIPAL_ACCOUNT, Some(account.clone()))?;
            }
            if let Some((organization, path)) = &asked.organization {
                follow(keys, &ORGANIZATION, Some(organization.clone()))?;
                if !path.is_empty() {
                    follow(keys, &PATHS, Some(path.clone()))?;
                }
            }
            let name = match &who.identity {
                Identity::User(name) => part(name, |name| name.rsplit('/').next()),
                _ => None,
            };
            follow(keys, &USER_NAME, name)?;
        }
    }
    Ok(())
}

fn same(key: &Name, given: &Value<'_>, follows: &Value<'_>) -> bool {
    let (Value::Known(given), Value::Known(follows)) = (given, follows) else { return given == follows };
    let ([given], [follows]) = (&**given, &**follows) else { return given == follows };
    match key.written {
        // The ARN of a session does not name its role's path.
        "aws:PrincipalArn" => super::principal::same_role(given, follows),
        "aws:PrincipalIsAWSService" => given.eq_ignore_ascii_case(follows),
        _ => given == follows,
    }
}

fn told(value: &Value<'_>) -> String {
    match value {
        Value::Known(values) | Value::StandIn(values) => values.join(", "),
        Value::Absent => "absent".to_owned(),
        Value::Unknown | Value::SomePath(_) => "unknown".to_owned(),
    }
}
