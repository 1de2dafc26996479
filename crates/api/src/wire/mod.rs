//! An operation's parameters to an HTTP request, and an HTTP reply to the operation's output: JSON values on our
//! side, AWS's six protocols on the other, driven by the service's model.
//!
//! JSON bodies go through `serde_json`, whose values these are already; form bodies and XML bodies are written with
//! AWS's own writers. XML is read by a reader of ours, since AWS's takes a document that was cut off for a shorter one: a
//! truncated list must be an error here.

mod bindings;
mod checksum;
mod error;
mod json;
mod json_read;
mod query;
mod route53;
mod slots;
mod value;
mod xml_events;
mod xml_read;
mod xml_write;

#[cfg(test)]
mod tests;

use std::fmt;

use bytes::Bytes;
use dodai_models::{Operation, Protocol, Service, ShapeId, ShapeKind, Structure};
use serde_json::{Map, Value};

pub(crate) use error::WireError;
pub(crate) use value::Mismatch;

/// Structures nest at most so deep, in requests and replies.
const MAX_DEPTH: usize = 100;

/// A request without its host: who sends it adds the endpoint, and signs.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Request {
    pub(crate) method: String,
    /// Percent-encoded, begins with a slash.
    pub(crate) path: String,
    /// Percent-encoded, without the question mark.
    pub(crate) query: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
    /// What the operation puts in front of the endpoint's host.
    pub(crate) host_prefix: Option<String>,
}

/// A reply, read to its end.
#[derive(Clone)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    /// Names in lower case.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Bytes,
}

/// Parameters may be secret.
impl fmt::Debug for Request {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Request").field("method", &self.method).finish_non_exhaustive()
    }
}

/// So may replies: STS answers with keys.
impl fmt::Debug for Reply {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Reply").field("status", &self.status).finish_non_exhaustive()
    }
}

impl Reply {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    pub(crate) fn request_id(&self) -> Option<&str> {
        self.header("x-amzn-requestid").or_else(|| self.header("x-amz-request-id"))
    }
}

/// What a reply says.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Decoded {
    Output(Value),
    Error(WireError),
    /// The reply is not one that AWS gives for this operation, and why.
    NotAws(String),
}

/// The structure that an operation takes or gives; none where it takes or gives nothing.
fn structure(service: &Service, shape: Option<ShapeId>) -> Option<&Structure> {
    match &service.shapes.get(usize::try_from(shape?).ok()?)?.kind {
        ShapeKind::Structure(structure) => Some(structure),
        _ => None,
    }
}

/// Writes the request. The error names the parameter that does not fit.
pub(crate) fn encode(
    service: &Service,
    name: &str,
    operation: &Operation,
    params: &Value,
) -> Result<Request, Mismatch> {
    let empty = Map::new();
    let params = match params {
        Value::Object(params) => params,
        Value::Null => &empty,
        other => return Err(Mismatch::wrong_type("an object", other)),
    };
    if let Some(member) = structure(service, operation.output)
        .into_iter()
        .chain(structure(service, operation.input))
        .flat_map(|structure| &structure.members)
        .find(|member| structure(service, Some(member.shape)).is_some_and(|target| target.event_stream))
    {
        return Err(Mismatch::new("event streams are not supported").under(&member.name));
    }
    let bare = route53::bare_ids(service, operation, params);
    let params = bare.as_ref().unwrap_or(params);
    let host_prefix = bindings::host_prefix(service, operation, params)?;
    let mut request = match service.protocol {
        Protocol::AwsJson1_0 | Protocol::AwsJson1_1 => json::rpc_request(service, name, operation, params)?,
        Protocol::AwsQuery | Protocol::Ec2Query => query::request(service, name, operation, params)?,
        Protocol::RestJson1 | Protocol::RestXml => bindings::request(service, operation, params)?,
    };
    request.host_prefix = host_prefix;
    checksum::add(service, operation, params, &mut request)?;
    Ok(request)
}

/// Reads the reply to the operation called `name`.
pub(crate) fn decode(service: &Service, name: &str, operation: &Operation, reply: &Reply) -> Decoded {
    if !(200..300).contains(&reply.status) {
        return error::decode(service, operation, reply);
    }
    let output = match service.protocol {
        Protocol::AwsJson1_0 | Protocol::AwsJson1_1 => json_read::rpc_reply(service, operation, reply),
        Protocol::AwsQuery | Protocol::Ec2Query => xml_read::query_reply(service, name, operation, reply),
        Protocol::RestJson1 | Protocol::RestXml => {
            // S3 may find out that it fails after it has begun to answer with 200.
            let document = bindings::has_document(service, operation);
            if service.protocol == Protocol::RestXml && document && error::is_error_document(&reply.body) {
                return error::decode(service, operation, reply);
            }
            bindings::reply(service, operation, reply)
        }
    };
    match output {
        Ok(output) => Decoded::Output(output),
        Err(mismatch) => Decoded::NotAws(mismatch.to_string()),
    }
}
