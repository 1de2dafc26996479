//! Error replies of every protocol: code, message and request id in AWS's words.

use dodai_models::{Operation, Protocol, Service};
use serde_json::Value;

use super::value::Mismatch;
use super::xml_events::Reader;
use super::{Decoded, Reply};

/// What AWS says of a failure. Code and message are hostile until escaped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct WireError {
    pub(crate) code: String,
    pub(crate) message: String,
    pub(crate) request_id: Option<String>,
}

/// Longer messages are cut: they end up on terminals and in reports.
const MAX_MESSAGE: usize = 2_000;

pub(super) fn decode(service: &Service, operation: &Operation, reply: &Reply) -> Decoded {
    if reply.body.is_empty() {
        return without_body(operation, reply);
    }
    let error = match service.protocol {
        Protocol::AwsJson1_0 | Protocol::AwsJson1_1 | Protocol::RestJson1 => from_json(service, reply),
        Protocol::RestXml | Protocol::AwsQuery | Protocol::Ec2Query => from_xml(&reply.body),
    };
    match error {
        Ok(mut error) => {
            error.request_id = error.request_id.or_else(|| reply.request_id().map(str::to_owned));
            error.message = error.message.chars().take(MAX_MESSAGE).collect();
            Decoded::Error(error)
        }
        Err(_) => Decoded::NotAws(not_aws(reply)),
    }
}

/// A reply to HEAD never has a body, and some services name the error in a header only. Nothing else of AWS is silent.
fn without_body(operation: &Operation, reply: &Reply) -> Decoded {
    let code = match (reply.header("x-amzn-errortype"), reply.status) {
        (Some(code), _) => clean_code(code),
        (None, status) if operation.method == "HEAD" && reply.request_id().is_some() => match status {
            301 => "PermanentRedirect".to_owned(),
            400 => "BadRequest".to_owned(),
            403 => "AccessDenied".to_owned(),
            404 => "NotFound".to_owned(),
            status => format!("Http{status}"),
        },
        _ => return Decoded::NotAws(not_aws(reply)),
    };
    Decoded::Error(WireError { code, message: String::new(), request_id: reply.request_id().map(str::to_owned) })
}

fn not_aws(reply: &Reply) -> String {
    let start: String = String::from_utf8_lossy(&reply.body)
        .chars()
        .map(|letter| if letter.is_control() { ' ' } else { letter })
        .take(120)
        .collect();
    let content_type = reply.header("content-type").unwrap_or("no content type");
    if start.is_empty() {
        return format!("HTTP {} without a body is not an answer of AWS", reply.status);
    }
    format!("HTTP {} is not an answer of AWS ({content_type}): {}", reply.status, start.trim())
}

/// `com.amazonaws.x#Code:http://…` to `Code`.
fn clean_code(code: &str) -> String {
    let code = code.rsplit_once('#').map_or(code, |(_, code)| code);
    let code = code.split_once(':').map_or(code, |(code, _)| code);
    code.trim().to_owned()
}

fn from_json(service: &Service, reply: &Reply) -> Result<WireError, Mismatch> {
    let header = reply.header("x-amzn-errortype").map(str::to_owned);
    let Ok(Value::Object(body)) = super::json::parse(&reply.body) else {
        let code = header.ok_or_else(|| Mismatch::new("no error code"))?;
        return Ok(WireError { code: clean_code(&code), message: String::new(), request_id: None });
    };
    let text = |name: &str| body.get(name).and_then(Value::as_str).map(str::to_owned);
    // Services that once spoke awsQuery give the code of those days in a header; SDKs show that one.
    let query = reply.header("x-amzn-query-error").filter(|_| service.query_compatible);
    let code = match query.and_then(|text| text.split(';').next()) {
        Some(code) if !code.trim().is_empty() => code.trim().to_owned(),
        _ => clean_code(
            &header
                .or_else(|| text("__type"))
                .or_else(|| text("code"))
                .or_else(|| text("Code"))
                .ok_or_else(|| Mismatch::new("no error code"))?,
        ),
    };
    let message = text("message").or_else(|| text("Message")).or_else(|| text("errorMessage")).unwrap_or_default();
    Ok(WireError { code, message, request_id: None })
}

/// `<ErrorResponse><Error>`, S3's bare `<Error>`, EC2's `<Response><Errors><Error>`.
fn from_xml(body: &[u8]) -> Result<WireError, Mismatch> {
    let mut reader = Reader::new(body)?;
    let root = reader.root()?;
    if !matches!(root.name, "Error" | "ErrorResponse" | "Response") {
        return Err(Mismatch::new("not an error document"));
    }
    let (mut code, mut message, mut request_id) = (None, None, None);
    read_error(&mut reader, &mut code, &mut message, &mut request_id, 0)?;
    let code = code.filter(|code: &String| !code.is_empty()).ok_or_else(|| Mismatch::new("no error code"))?;
    Ok(WireError { code, message: message.unwrap_or_default(), request_id })
}

fn read_error(
    reader: &mut Reader<'_>,
    code: &mut Option<String>,
    message: &mut Option<String>,
    request_id: &mut Option<String>,
    depth: usize,
) -> Result<(), Mismatch> {
    while let Some(child) = reader.child()? {
        match child.name {
            "Error" | "Errors" if depth < 3 => read_error(reader, code, message, request_id, depth + 1)?,
            "Code" if code.is_none() => *code = Some(reader.text()?.trim().to_owned()),
            "Message" | "message" if message.is_none() => *message = Some(reader.text()?.trim().to_owned()),
            "RequestId" | "RequestID" | "requestId" if request_id.is_none() => {
                *request_id = Some(reader.text()?.trim().to_owned());
            }
            _ => reader.skip()?,
        }
    }
    Ok(())
}

/// Whether a body of success is S3's error document.
pub(super) fn is_error_document(body: &[u8]) -> bool {
    // Not every reply of S3 is XML, and an object may be long: only what begins like XML is looked at.
    let begins = body.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'<');
    begins
        && Reader::new(body).and_then(|mut reader| reader.root().map(|root| root.name == "Error")).unwrap_or(false)
        && from_xml(body).is_ok()
}
