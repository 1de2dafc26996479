//! AWS that answers from memory: STS with who asks, everything else with one reply.

use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_runtime_api::http::Response;
use aws_smithy_types::body::SdkBody;
use bytes::Bytes;

pub(crate) const ACCOUNT: &str = "111122223333";
const CALLER: &str = "<GetCallerIdentityResponse><GetCallerIdentityResult><Account>111122223333</Account>\
    <Arn>arn:aws:iam::111122223333:user/bench</Arn></GetCallerIdentityResult></GetCallerIdentityResponse>";

#[derive(Debug, Clone)]
pub(crate) struct Memory {
    reply: Bytes,
}

impl Memory {
    pub(crate) fn new(reply: String) -> Self {
        Self { reply: reply.into() }
    }
}

impl HttpClient for Memory {
    fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl HttpConnector for Memory {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        assert!(request.headers().get("authorization").is_some(), "the request is signed");
        let to_sts = request.uri().starts_with("https://sts.");
        let body = if to_sts { Bytes::from_static(CALLER.as_bytes()) } else { self.reply.clone() };
        let mut response = Response::new(http::StatusCode::OK.into(), SdkBody::from(body));
        response.headers_mut().insert("x-amzn-requestid", "7a62c49f-347e-4fc4-9331-6e8eEXAMPLE");
        response.headers_mut().insert("date", "Mon, 05 Jan 2026 10:00:00 GMT");
        HttpConnectorFuture::ready(Ok(response))
    }
}
