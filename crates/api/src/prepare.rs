//! A call made ready: found in the models, checked, written for the wire, its endpoint known. What is wrong with a call
//! is said here, before anything is sent.

use std::sync::Arc;

use dodai_facts::{AccountId, Failure, FailureKind, Region};
use dodai_models::{Models, Operation, Service, validate};
use serde_json::Value;

use crate::endpoints::{Endpoints, Target};
use crate::pace::Lane;
use crate::retry;
use crate::wire;

/// Names a call in failures.
#[derive(Debug, Clone)]
pub(crate) struct CallName {
    pub(crate) service: String,
    pub(crate) operation: String,
    pub(crate) account: Option<AccountId>,
    pub(crate) region: Region,
}

impl CallName {
    pub(crate) fn failure(&self, kind: FailureKind, code: &str, message: impl Into<String>) -> Failure {
        Failure {
            kind,
            service: self.service.clone(),
            operation: self.operation.clone(),
            account: self.account.clone(),
            region: Some(self.region.clone()),
            code: code.to_owned(),
            message: message.into(),
            request_id: None,
        }
    }

    fn invalid(&self, code: &str, message: impl Into<String>) -> Failure {
        self.failure(FailureKind::Invalid, code, message)
    }
}

/// Carries parameters, which may be secret: never shown.
pub(crate) struct Prepared {
    pub(crate) name: CallName,
    pub(crate) service: Arc<Service>,
    pub(crate) request: wire::Request,
    pub(crate) target: Target,
    pub(crate) lane: Lane,
    /// May be sent again though AWS may have done it already.
    pub(crate) repeatable: bool,
}

impl Prepared {
    /// The operation's model, there since the call was prepared.
    pub(crate) fn operation(&self) -> Option<&Operation> {
        self.service.operation(&self.name.operation)
    }
}

pub(crate) fn find_service(name: &CallName) -> Result<Arc<Service>, Failure> {
    Models::embedded()
        .service(&name.service)
        .ok_or_else(|| name.invalid("UnknownService", format!("there is no service `{}`", name.service)))
}

pub(crate) fn find_operation<'s>(service: &'s Service, name: &CallName) -> Result<&'s Operation, Failure> {
    service.operation(&name.operation).ok_or_else(|| {
        name.invalid("UnknownOperation", format!("`{}` has no operation `{}`", name.service, name.operation))
    })
}

pub(crate) fn prepare(endpoints: &Endpoints, name: CallName, params: &Value) -> Result<Prepared, Failure> {
    let service = find_service(&name)?;
    let operation = find_operation(&service, &name)?;
    let wrong = validate(&service, operation, params);
    if !wrong.is_empty() {
        return Err(name.invalid("InvalidParameters", wrong.join("; ")));
    }
    let filled = with_token(operation, params);
    let params = filled.as_ref().unwrap_or(params);
    let request = wire::encode(&service, &name.operation, operation, params)
        .map_err(|mismatch| name.invalid("InvalidParameters", mismatch.to_string()))?;
    let target = endpoints
        .locate(&service, operation, name.region.as_str(), params, request.host_prefix.as_deref())
        .map_err(|message| name.invalid("NoEndpoint", message))?;
    let lane = Lane {
        account: name.account.as_ref().map(ToString::to_string).unwrap_or_default(),
        region: target.signing_region.clone(),
        service: name.service.clone(),
        operation: name.operation.clone(),
    };
    let repeatable = retry::repeatable(&name.operation, operation);
    Ok(Prepared { name, service, request, target, lane, repeatable })
}

/// The parameters with an idempotency token where the operation takes one and the caller gave none: every attempt of
/// this call carries the same.
fn with_token(operation: &Operation, params: &Value) -> Option<Value> {
    let token = operation.idempotency_token.as_ref()?;
    let mut filled = match params {
        Value::Object(params) => params.clone(),
        _ => serde_json::Map::new(),
    };
    if filled.get(token).is_some_and(|given| !given.is_null()) {
        return None;
    }
    filled.insert(token.clone(), Value::from(random_token()));
    Some(Value::Object(filled))
}

/// In the form of a UUID, which is what some services insist on.
fn random_token() -> String {
    let digits = format!("{:032x}", fastrand::u128(..));
    let mut token = String::with_capacity(36);
    for (index, digit) in digits.chars().enumerate() {
        if matches!(index, 8 | 12 | 16 | 20) {
            token.push('-');
        }
        token.push(digit);
    }
    token
}
