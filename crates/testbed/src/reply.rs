//! What goes back to the caller, and errors as each of AWS's protocols writes them.

use bytes::Bytes;
use http::StatusCode;
use serde_json::{Value, json};

/// How a service speaks; decided by the request, see [`crate::call`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wire {
    Json,
    RestJson,
    /// XML with S3's bare `<Error>`.
    S3,
    /// XML with `<ErrorResponse>`: S3 Control, Route 53, CloudFront.
    RestXml,
    Query,
    Ec2,
}

/// A whole reply.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Bytes,
}

impl Reply {
    pub(crate) fn json(value: &Value) -> Self {
        Self::new(200, "application/json", value.to_string())
    }

    pub(crate) fn xml(text: impl Into<String>) -> Self {
        Self::new(200, "text/xml", text.into())
    }

    /// Success without a body.
    pub(crate) fn empty(status: u16) -> Self {
        Self { status: status_code(status), headers: Vec::new(), body: Bytes::new() }
    }

    pub(crate) fn new(status: u16, content_type: &str, body: impl Into<Bytes>) -> Self {
        let headers = vec![("content-type".to_owned(), content_type.to_owned())];
        Self { status: status_code(status), headers, body: body.into() }
    }

    pub(crate) fn is_success(&self) -> bool {
        self.status.is_success()
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The body as JSON; `null` where it is something else.
    pub(crate) fn value(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or(Value::Null)
    }
}

fn status_code(status: u16) -> StatusCode {
    StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

/// An error that AWS would answer: code, message, HTTP status, and the reason that Organizations' errors have besides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct AwsError {
    pub(crate) status: u16,
    pub(crate) code: String,
    pub(crate) message: String,
    reason: Option<&'static str>,
}

impl AwsError {
    pub(crate) fn new(status: u16, code: impl Into<String>, message: impl Into<String>) -> Self {
        Self { status, code: code.into(), message: message.into(), reason: None }
    }

    pub(crate) fn because(self, reason: &'static str) -> Self {
        Self { reason: Some(reason), ..self }
    }

    /// Reads an error that moto wrote in JSON, to hand it on from a call that a behaviour made by itself.
    pub(crate) fn from_json(reply: &Reply) -> Self {
        let value = reply.value();
        let text = |names: [&str; 2]| names.iter().find_map(|name| value.get(*name)).and_then(Value::as_str);
        let code = text(["__type", "code"]).and_then(|code| code.rsplit('#').next()).unwrap_or("InternalFailure");
        Self::new(reply.status.as_u16(), code, text(["message", "Message"]).unwrap_or_default())
    }

    pub(crate) fn reply(&self, wire: Wire, request_id: &str) -> Reply {
        let code = escape(&self.code);
        let message = escape(&self.message);
        let side = if self.status >= 500 { "Receiver" } else { "Sender" };
        let mut reply = match wire {
            Wire::Json => {
                let mut body = json!({"__type": self.code, "message": self.message});
                self.add_reason(&mut body);
                Reply::new(self.status, "application/x-amz-json-1.1", body.to_string())
            }
            Wire::RestJson => {
                let mut body = json!({"Code": self.code, "Message": self.message});
                self.add_reason(&mut body);
                Reply::new(self.status, "application/json", body.to_string())
            }
            Wire::S3 => Reply::new(
                self.status,
                "application/xml",
                format!(
                    "<Error><Code>{code}</Code><Message>{message}</Message><RequestId>{request_id}</RequestId></Error>"
                ),
            ),
            Wire::RestXml | Wire::Query => Reply::new(
                self.status,
                "text/xml",
                format!(
                    "<ErrorResponse><Error><Type>{side}</Type><Code>{code}</Code><Message>{message}</Message></Error>\
                     <RequestId>{request_id}</RequestId></ErrorResponse>"
                ),
            ),
            Wire::Ec2 => Reply::new(
                self.status,
                "text/xml",
                format!(
                    "<Response><Errors><Error><Code>{code}</Code><Message>{message}</Message></Error></Errors>\
                     <RequestID>{request_id}</RequestID></Response>"
                ),
            ),
        };
        if matches!(wire, Wire::Json | Wire::RestJson) {
            reply.headers.push(("x-amzn-errortype".to_owned(), self.code.clone()));
        }
        reply.headers.push(("x-amzn-requestid".to_owned(), request_id.to_owned()));
        reply
    }

    fn add_reason(&self, body: &mut Value) {
        if let Some(reason) = self.reason {
            body["Reason"] = json!(reason);
        }
    }
}

/// Text as XML content.
pub(crate) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            other => escaped.push(other),
        }
    }
    escaped
}

/// The content of the first `<tag>` in an XML text, undone of its escapes; enough for moto's own replies.
pub(crate) fn tag(xml: &str, name: &str) -> Option<String> {
    let open = format!("<{name}>");
    let start = xml.find(&open)? + open.len();
    let rest = xml.get(start..)?;
    let content = rest.get(..rest.find(&format!("</{name}>"))?)?;
    let plain = content.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&#34;", "\"");
    Some(plain.replace("&#39;", "'").replace("&amp;", "&"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_follow_the_protocol() {
        let error = AwsError::new(400, "ConstraintViolationException", "no <more>").because("LIMIT");
        let check = |wire, expected: &str| assert_eq!(error.reply(wire, "r-1").text(), expected);
        check(Wire::Json, r#"{"__type":"ConstraintViolationException","message":"no <more>","Reason":"LIMIT"}"#);
        check(Wire::RestJson, r#"{"Code":"ConstraintViolationException","Message":"no <more>","Reason":"LIMIT"}"#);
        check(
            Wire::S3,
            "<Error><Code>ConstraintViolationException</Code><Message>no &lt;more&gt;</Message><RequestId>r-1</RequestId></Error>",
        );
        check(
            Wire::Query,
            "<ErrorResponse><Error><Type>Sender</Type><Code>ConstraintViolationException</Code>\
             <Message>no &lt;more&gt;</Message></Error><RequestId>r-1</RequestId></ErrorResponse>",
        );
        check(
            Wire::Ec2,
            "<Response><Errors><Error><Code>ConstraintViolationException</Code><Message>no &lt;more&gt;</Message></Error>\
             </Errors><RequestID>r-1</RequestID></Response>",
        );
    }

    #[test]
    fn a_tag_is_read_without_its_escapes() {
        assert_eq!(tag("<A><B>x &amp; &lt;y&gt;</B></A>", "B").as_deref(), Some("x & <y>"));
        assert_eq!(tag("<A>", "A"), None);
    }
}
