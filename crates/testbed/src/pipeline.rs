//! The way of a request: who calls what; is there a fault for it; may the caller; does a behaviour answer it; else moto
//! does. Every call ends in the journal.

use std::collections::HashMap;
use std::convert::Infallible;
use std::fmt;
use std::io;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use dodai_facts::Region;
use http::{Method, Request, Response, StatusCode, header};
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt, Full, Limited, StreamBody};
use hyper::body::{Frame, Incoming};

use crate::Options;
use crate::authorize::Authority;
use crate::behaviours;
use crate::behaviours::organizations::create_account::Creation;
use crate::call::{Call, Scope, Understood, understand};
use crate::control;
use crate::faults::{Fault, Faults, Kind};
use crate::identity::Keys;
use crate::journal::{Entry, Journal};
use crate::limits::Limits;
use crate::mend;
use crate::moto::Moto;
use crate::names;
use crate::reply::{AwsError, Reply, Wire};
use crate::scale::{Recorder, Scale};
use crate::schedule::Disturber;
use crate::state::State;
use crate::visibility::{Look, Visibility};

/// The longest request body, 64 MB.
const LONGEST_BODY: usize = 64 << 20;

/// What a reply's body is: whole, or one that breaks off.
pub(crate) type Body = BoxBody<Bytes, Cut>;

/// The connection closes here, on purpose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Cut;

impl fmt::Display for Cut {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("connection cut by a fault")
    }
}

impl std::error::Error for Cut {}

/// The whole testbed: one for all connections.
#[derive(Debug)]
pub(crate) struct Testbed {
    pub(crate) options: Options,
    pub(crate) moto: Moto,
    pub(crate) keys: Mutex<Keys>,
    pub(crate) faults: Mutex<Faults>,
    pub(crate) disturber: Mutex<Disturber>,
    pub(crate) limits: Mutex<Limits>,
    pub(crate) visibility: Mutex<Visibility>,
    pub(crate) journal: Mutex<Journal>,
    pub(crate) authority: Mutex<Authority>,
    /// Answers in place of moto and the behaviours.
    pub(crate) scale: Option<Scale>,
    pub(crate) recorder: Mutex<Recorder>,
    state: Mutex<State>,
    /// Held by Organizations' operations that look at moto's state before they change it.
    pub(crate) organizations_turn: tokio::sync::Mutex<()>,
}

/// A lock whose holder cannot leave it half-changed: a panic elsewhere does not spoil it.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Testbed {
    /// Errors: `limits.yaml` cannot be read.
    pub(crate) fn new(options: Options, moto: Moto, scale: Option<Scale>) -> io::Result<Self> {
        Ok(Self {
            scale,
            recorder: Mutex::default(),
            moto,
            keys: Mutex::new(Keys::new(options.session)),
            faults: Mutex::default(),
            disturber: Mutex::new(Disturber::new(options.schedule.clone())),
            limits: Mutex::new(Limits::new(options.limits)?),
            visibility: Mutex::new(Visibility::new(options.visible_after)),
            journal: Mutex::default(),
            authority: Mutex::default(),
            state: Mutex::default(),
            organizations_turn: tokio::sync::Mutex::default(),
            options,
        })
    }

    /// No more faults of any kind. Keys that were to expire still do.
    pub(crate) fn clear(&self) {
        lock(&self.faults).clear();
        *lock(&self.disturber) = Disturber::default();
        lock(&self.limits).set(None);
        *lock(&self.visibility) = Visibility::default();
        lock(&self.keys).set_session(None);
    }

    /// The state; never held across an await.
    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        lock(&self.state)
    }

    /// Hands a call on to moto and learns the keys that it gives out.
    pub(crate) async fn forward(&self, call: &Call) -> Result<Reply, AwsError> {
        let reply = self.moto.forward(call).await?;
        if reply.is_success() {
            lock(&self.keys).learn(call, &reply);
        }
        // What a bucket policy denies, moto refuses without S3's error.
        let bare = reply.status == StatusCode::FORBIDDEN && reply.body.is_empty();
        if bare && call.wire == Wire::S3 && call.method != Method::HEAD {
            return Err(AwsError::new(403, "AccessDenied", "Access Denied"));
        }
        Ok(reply)
    }

    /// Answers one HTTP request. The error closes the connection.
    pub(crate) async fn serve(&self, request: Request<Incoming>) -> Result<Response<Body>, Cut> {
        let (parts, body) = request.into_parts();
        let target = parts.uri.path_and_query().map_or("/", |target| target.as_str()).to_owned();
        let Ok(body) = Limited::new(body, LONGEST_BODY).collect().await.map(http_body_util::Collected::to_bytes) else {
            return Ok(respond(Reply::new(413, "text/plain", "the body is longer than 64 MB, or broke off")));
        };
        let Some(scope) = Scope::read(&parts.headers) else {
            if parts.uri.path() == "/testbed" || parts.uri.path().starts_with("/testbed/") {
                return Ok(respond(control::answer(self, &parts.method, &target, &body)));
            }
            let reply = if parts.uri.path().starts_with("/moto-api") {
                self.moto.forward_raw(parts.method, &target, parts.headers, body).await
            } else {
                Err(AwsError::new(403, "MissingAuthenticationToken", "Missing Authentication Token"))
            };
            return Ok(respond(reply.unwrap_or_else(|error| error.reply(Wire::Query, &self.request_id()))));
        };
        let understood = understand(&scope, &parts.method, &target, &parts.headers, &body);
        let identity = lock(&self.keys).identify(&scope, &parts.headers, understood.wire);
        let region = scope.region.parse::<Region>().map_err(|error| {
            AwsError::new(
                403,
                "SignatureDoesNotMatch",
                format!("credential should be scoped to a valid region: {error}"),
            )
        });
        let (identity, region) = match (identity, region) {
            (Ok(identity), Ok(region)) => (identity, region),
            (Err(error), _) | (_, Err(error)) => return Ok(self.refuse(&scope, &understood, &error)),
        };
        let Understood { wire, service, operation, params } = understood;
        let call = Call {
            method: parts.method,
            target,
            headers: parts.headers,
            body,
            wire,
            account: identity.account,
            role: identity.role,
            region,
            service,
            operation,
            params,
        };
        self.answer(&call).await
    }

    /// What hits a call, and its name in the log: a rule, else a limit that is used up, else the schedule.
    fn fault(&self, call: &Call) -> Option<(Fault, &'static str)> {
        let with_name = |fault: Fault| {
            let name = fault.kind.name();
            (fault, name)
        };
        if let Some(fault) = lock(&self.faults).strike(call) {
            return Some(with_name(fault));
        }
        if lock(&self.limits).exceeded(call) {
            return Some((Fault::new(Kind::Throttle, call, Duration::ZERO), "limit"));
        }
        let mut disturber = lock(&self.disturber);
        if !disturber.is_on() {
            return None;
        }
        let made = |creation: &Creation| creation.made().map(|(id, name)| (id.to_owned(), name.to_owned()));
        let names: HashMap<String, String> = self.state().creations.iter().filter_map(made).collect();
        disturber.strike(call, &names).map(with_name)
    }

    /// A behaviour's answer or moto's, or an earlier one where a change is not to be seen yet: the log then says `late`.
    async fn carry_out(&self, call: &Call, name: &mut Option<&'static str>) -> Result<Reply, AwsError> {
        let look = lock(&self.visibility).look(call);
        match look {
            Look::Now => behaviours::answer(self, call).await,
            Look::Past(outcome) => {
                *name = name.or(Some("late"));
                outcome
            }
            Look::Present(began) => {
                let outcome = behaviours::answer(self, call).await;
                lock(&self.visibility).learn(call, began, &outcome);
                outcome
            }
        }
    }

    /// Answers a call: fault, refusal, behaviour or moto.
    async fn answer(&self, call: &Call) -> Result<Response<Body>, Cut> {
        let (fault, mut name) = self.fault(call).unzip();
        let early = match &fault {
            Some(fault) => match fault.kind {
                Kind::Deny | Kind::Throttle | Kind::Http500 | Kind::Http503 => Some(Err(fault.error.clone())),
                Kind::Html404 => {
                    Some(Ok(Reply::new(404, "text/html", "<!doctype html>\n<title>404 Not Found</title>\n")))
                }
                Kind::Reset => {
                    self.record(call, 0, None, name);
                    return Err(Cut);
                }
                Kind::Hang => {
                    lock(&self.faults).waits();
                    tokio::time::sleep(fault.delay).await;
                    None
                }
                Kind::Lost | Kind::Truncate | Kind::Hold => None,
            },
            None => None,
        };
        let early = early.or_else(|| lock(&self.authority).refusal(call).map(Err));
        let outcome = match early {
            Some(outcome) => outcome,
            None => match &self.scale {
                None => self.carry_out(call, &mut name).await,
                Some(scale) => scale.answer(call).await.inspect(|reply| lock(&self.keys).learn(call, reply)),
            },
        };
        if let Ok(reply) = &outcome {
            lock(&self.authority).learn(call, reply);
        }
        let (reply, code) = match outcome {
            Ok(reply) => (reply, None),
            Err(error) => (error.reply(call.wire, &self.request_id()), Some(error.code)),
        };
        if self.options.record {
            lock(&self.recorder).record(call, &reply);
        }
        if mend::is_marked(&reply) {
            lock(&self.journal).lacks(&call.service, &call.operation);
        }
        if let Some(fault) = fault.as_ref().filter(|fault| fault.kind == Kind::Hold) {
            lock(&self.faults).waits();
            tokio::time::sleep(fault.delay).await;
        }
        match fault.map(|fault| fault.kind) {
            Some(Kind::Lost) => {
                self.record(call, 0, code, name);
                Err(Cut)
            }
            Some(Kind::Truncate) => {
                self.record(call, reply.status.as_u16(), code, name);
                Ok(respond_half(reply))
            }
            _ => {
                self.record(call, reply.status.as_u16(), code, name);
                Ok(respond(reply))
            }
        }
    }

    fn record(&self, call: &Call, status: u16, error: Option<String>, fault: Option<&'static str>) {
        lock(&self.journal).record(Entry {
            number: 0,
            account: call.account.as_str().to_owned(),
            region: call.region.as_str().to_owned(),
            service: call.service.clone(),
            operation: call.operation.clone(),
            status,
            error,
            mutating: call.is_mutating(),
            fault,
        });
    }

    /// Refuses a caller that is not known; logged with an empty account.
    fn refuse(&self, scope: &Scope, understood: &Understood, error: &AwsError) -> Response<Body> {
        lock(&self.journal).record(Entry {
            number: 0,
            account: String::new(),
            region: scope.region.clone(),
            service: understood.service.clone(),
            operation: understood.operation.clone(),
            status: error.status,
            error: Some(error.code.clone()),
            mutating: false,
            fault: None,
        });
        respond(error.reply(understood.wire, &self.request_id()))
    }

    fn request_id(&self) -> String {
        names::uuid(("request", self.state().seed()))
    }
}

fn respond(reply: Reply) -> Response<Body> {
    let body = Full::new(reply.body.clone()).map_err(|never: Infallible| match never {}).boxed();
    with_head(reply, body)
}

/// Announces the whole body, sends half of it and closes.
fn respond_half(mut reply: Reply) -> Response<Body> {
    reply.headers.push((header::CONTENT_LENGTH.as_str().to_owned(), reply.body.len().to_string()));
    let half = reply.body.slice(..reply.body.len() / 2);
    let frames = futures::stream::iter([Ok(Frame::data(half)), Err(Cut)]);
    with_head(reply, StreamBody::new(frames).boxed())
}

fn with_head(reply: Reply, body: Body) -> Response<Body> {
    let mut response = Response::new(body);
    *response.status_mut() = reply.status;
    for (name, value) in reply.headers {
        if let (Ok(name), Ok(value)) = (name.parse::<header::HeaderName>(), header::HeaderValue::from_str(&value)) {
            response.headers_mut().append(name, value);
        }
    }
    response
}
