//! A request as the engine takes it: who asks for what, on which resources, and what is known of its context.
//!
//! A condition key has values, is known to be absent, or is unknown (not given). Keys that follow from the request are
//! filled in, and what is given may not contradict them.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use dodai_facts::AccountId;

use super::arn::Arn;
use super::principal::{Identity, Who};

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
    #[error("the condition key `{0}` is given twice, in different case")]
    Twice(String),
    #[error("the request is too large: {0} bytes, each text counted with 16 more; at most {MAX_REQUEST_BYTES}")]
    TooLarge(usize),
}

/// A request made ready.
#[derive(Debug, Clone)]
pub struct Request {
    pub(crate) who: Who,
    /// In lower case.
    pub(crate) action: Box<str>,
    pub(crate) resources: Box<[Resource]>,
    pub(crate) keys: Keys,
    /// As [`MAX_REQUEST_BYTES`] counts it.
    pub(super) bytes: usize,
}

#[derive(Debug, Clone)]
pub(crate) struct Resource {
    pub(crate) arn: Box<str>,
    /// Of the ARN, or as given.
    pub(crate) account: Option<Box<str>>,
    /// `aws:ResourceAccount`, as values of a key.
    account_value: Value,
}

/// What is given of condition keys, sorted by the hashes of their names, then by their names.
#[derive(Debug, Clone, Default)]
pub(crate) struct Keys {
    entries: Vec<Entry>,
    pub(super) closed: bool,
}

#[derive(Debug, Clone)]
struct Entry {
    hash: u64,
    /// In lower case.
    name: Box<str>,
    value: Value,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Value {
    Known(Box<[Box<str>]>),
    Absent,
    Unknown,
}

/// A condition key's name. AWS compares names without regard to case; messages give them as they were written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    /// Of the name in lower case.
    hash: u64,
    pub(super) lower: Box<str>,
    pub(super) written: Box<str>,
}

impl Key {
    pub(super) fn new(written: &str) -> Self {
        let lower = written.to_ascii_lowercase();
        Self { hash: hash(&lower), lower: lower.into(), written: written.into() }
    }
}

/// Most comparisons of names are of different ones, and end here.
fn hash(name: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    name.hash(&mut hasher);
    hasher.finish()
}

/// What is known of a condition key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State<'r> {
    /// At least one value.
    Known(&'r [Box<str>]),
    Absent,
    Unknown,
}

impl Value {
    pub(super) fn one(text: &str) -> Self {
        Self::Known(Box::new([text.into()]))
    }

    fn state(&self) -> State<'_> {
        match self {
            Self::Known(values) => State::Known(values),
            Self::Absent => State::Absent,
            Self::Unknown => State::Unknown,
        }
    }
}

/// The condition keys of a request, for one of its resources.
#[derive(Debug, Clone, Copy)]
pub struct Context<'r> {
    pub(crate) keys: &'r Keys,
    pub(crate) resource: &'r Resource,
}

/// Keys that follow from the principal.
const FOLLOWING: usize = 8;
const RESOURCE_ACCOUNT: &str = "aws:resourceaccount";

impl<'r> Context<'r> {
    pub fn get(&self, key: &Key) -> State<'r> {
        match self.keys.place(key.hash, &key.lower) {
            Ok(at) => self.keys.entries.get(at).map_or(State::Unknown, |entry| entry.value.state()),
            Err(_) if self.resource.account_value != Value::Unknown && &*key.lower == RESOURCE_ACCOUNT => {
                self.resource.account_value.state()
            }
            Err(_) if self.keys.closed => State::Absent,
            Err(_) => State::Unknown,
        }
    }
}

impl Keys {
    /// Those that are given, sorted once.
    fn given(context: BTreeMap<String, Given>, closed: bool) -> Result<Self, RequestError> {
        let entry = |(mut name, given): (String, Given)| {
            name.make_ascii_lowercase();
            let value = match given {
                // A key without any value is absent to every operator.
                Given::Values(values) if values.is_empty() => Value::Absent,
                Given::Values(values) => Value::Known(values.into_iter().map(String::into_boxed_str).collect()),
                Given::Absent => Value::Absent,
            };
            Entry { hash: hash(&name), name: name.into(), value }
        };
        // Room for those that follow from the principal.
        let mut entries = Vec::with_capacity(context.len() + FOLLOWING);
        entries.extend(context.into_iter().map(entry));
        entries.sort_unstable_by(|a, b| (a.hash, &a.name).cmp(&(b.hash, &b.name)));
        let mut pairs = entries.iter().zip(entries.iter().skip(1));
        match pairs.find(|(one, other)| one.name == other.name) {
            Some((twice, _)) => Err(RequestError::Twice(twice.name.to_string())),
            None => Ok(Self { entries, closed }),
        }
    }

    fn place(&self, hash: u64, name: &str) -> Result<usize, usize> {
        self.entries.binary_search_by(|entry| entry.hash.cmp(&hash).then_with(|| (*entry.name).cmp(name)))
    }

    pub(super) fn set(&mut self, key: &Key, value: Value) {
        self.set_named(&key.lower, value);
    }

    fn set_named(&mut self, name: &str, value: Value) {
        let hash = hash(name);
        match self.place(hash, name) {
            Ok(at) => {
                if let Some(entry) = self.entries.get_mut(at) {
                    entry.value = value;
                }
            }
            Err(at) => self.entries.insert(at, Entry { hash, name: name.into(), value }),
        }
    }

    fn get(&self, name: &str) -> Option<&Value> {
        let at = self.place(hash(name), name).ok()?;
        self.entries.get(at).map(|entry| &entry.value)
    }

    /// Every value that is known.
    pub(super) fn known(&self) -> impl Iterator<Item = &str> {
        let values = self.entries.iter().filter_map(|entry| match &entry.value {
            Value::Known(values) => Some(values.iter()),
            _ => None,
        });
        values.flatten().map(|value| &**value)
    }
}

impl Request {
    /// The same request on one of its resources.
    pub(crate) fn on_one(&self, resource: &Resource) -> Self {
        Self { resources: Box::new([resource.clone()]), ..self.clone() }
    }

    /// What an action that is on no resource is on.
    pub(super) fn no_resource() -> Resource {
        Resource { arn: "*".into(), account: None, account_value: Value::Unknown }
    }

    /// # Errors
    /// What is not a principal, action or account, and what contradicts itself.
    pub fn new(mut asked: Asked) -> Result<Self, RequestError> {
        let bytes = asked.bytes();
        if bytes > MAX_REQUEST_BYTES {
            return Err(RequestError::TooLarge(bytes));
        }
        let action = asked.action.to_ascii_lowercase();
        if !action.split_once(':').is_some_and(|(service, name)| !service.is_empty() && !name.is_empty()) {
            return Err(RequestError::Action(asked.action));
        }
        let mut keys = Keys::given(std::mem::take(&mut asked.context), asked.closed)?;
        let who = Who::new(&asked.principal, asked.principal_type.as_deref())?;
        derive(&who, &asked, &mut keys)?;
        let given = match &asked.resource_account {
            Some(account) if account.parse::<AccountId>().is_err() => {
                return Err(RequestError::Account(account.clone()));
            }
            given => given.as_deref(),
        };
        let none = [String::from("*")];
        let arns = if asked.resources.is_empty() { &none[..] } else { &asked.resources };
        let resources = arns.iter().map(|arn| resource(arn, given, &keys)).collect::<Result<_, _>>()?;
        Ok(Self { who, action: action.into(), resources, keys, bytes })
    }
}

impl Asked {
    /// Of all its texts. A short text costs time too.
    fn bytes(&self) -> usize {
        let given = self.context.iter().flat_map(|(key, given)| {
            let values = match given {
                Given::Values(values) => values.as_slice(),
                Given::Absent => &[],
            };
            std::iter::once(key).chain(values)
        });
        let texts = [&self.principal, &self.action].into_iter().chain(&self.resources).chain(given);
        texts.map(|text| text.len() + 16).sum()
    }
}

/// A resource, and its account: the ARN's own, else the one that is given, in the request or as `aws:ResourceAccount`.
fn resource(arn: &str, given: Option<&str>, keys: &Keys) -> Result<Resource, RequestError> {
    let named = Arn::new(arn).account().filter(|account| account.parse::<AccountId>().is_ok());
    let key = match keys.get(RESOURCE_ACCOUNT) {
        Some(Value::Known(values)) => values.first().map(|value| &**value),
        _ => None,
    };
    let account = named.or(given).or(key);
    for other in [given, key].into_iter().flatten() {
        if let Some(account) = account.filter(|account| *account != other) {
            return Err(RequestError::Contradiction {
                key: "aws:ResourceAccount".to_owned(),
                given: other.to_owned(),
                follows: account.to_owned(),
            });
        }
    }
    Ok(Resource {
        arn: arn.into(),
        account: account.map(Into::into),
        account_value: account.map_or(Value::Unknown, Value::one),
    })
}

/// Fills in what follows from who asks.
///
/// AWS: "AWS global condition context keys" (properties of the principal).
fn derive(who: &Who, asked: &Asked, keys: &mut Keys) -> Result<(), RequestError> {
    let mut follow = |key: &str, value: Option<&str>| -> Result<(), RequestError> {
        let lower = key.to_ascii_lowercase();
        let value = value.map_or(Value::Absent, Value::one);
        match keys.get(&lower) {
            Some(given) if !same(key, given, &value) => {
                Err(RequestError::Contradiction { key: key.to_owned(), given: told(given), follows: told(&value) })
            }
            // What was given may say more: the path of an assumed role.
            Some(_) => Ok(()),
            None => {
                keys.set_named(&lower, value);
                Ok(())
            }
        }
    };
    let service = match &who.identity {
        Identity::Service(name) => Some(&**name),
        _ => None,
    };
    follow("aws:PrincipalIsAWSService", Some(if service.is_some() { "true" } else { "false" }))?;
    follow("aws:PrincipalServiceName", service)?;
    match who.principal_type() {
        Some(kind) => follow("aws:PrincipalType", Some(kind))?,
        None => {
            if let Some(kind) = &asked.principal_type {
                follow("aws:PrincipalType", Some(kind))?;
            }
        }
    }
    match &who.identity {
        Identity::Anonymous => {
            follow("aws:PrincipalArn", None)?;
            follow("aws:PrincipalAccount", Some("anonymous"))?;
            follow("aws:PrincipalOrgID", None)?;
            follow("aws:PrincipalOrgPaths", None)?;
            follow("aws:username", None)?;
        }
        Identity::Service(_) | Identity::Federated(_) => {}
        Identity::Root | Identity::User(_) | Identity::Role { .. } | Identity::FederatedUser(_) => {
            if let Some(arn) = &who.arn {
                follow("aws:PrincipalArn", Some(arn))?;
            }
            if let Some(account) = &who.account {
                follow("aws:PrincipalAccount", Some(account))?;
            }
            if let Some((organization, path)) = &asked.organization {
                follow("aws:PrincipalOrgID", Some(organization))?;
                if !path.is_empty() {
                    follow("aws:PrincipalOrgPaths", Some(path))?;
                }
            }
            let name = match &who.identity {
                Identity::User(name) => Some(name.rsplit('/').next().unwrap_or(name)),
                _ => None,
            };
            follow("aws:username", name)?;
        }
    }
    Ok(())
}

fn same(key: &str, given: &Value, follows: &Value) -> bool {
    let (Value::Known(given), Value::Known(follows)) = (given, follows) else { return given == follows };
    let ([given], [follows]) = (&**given, &**follows) else { return given == follows };
    match key {
        // The ARN of a session does not name its role's path.
        "aws:PrincipalArn" => super::principal::same_role(given, follows),
        "aws:PrincipalIsAWSService" => given.eq_ignore_ascii_case(follows),
        _ => given == follows,
    }
}

fn told(value: &Value) -> String {
    match value {
        Value::Known(values) => values.join(", "),
        Value::Absent => "absent".to_owned(),
        Value::Unknown => "unknown".to_owned(),
    }
}
