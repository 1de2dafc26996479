//! moto: starting and stopping it, handing calls on to it, and asking it things on a behaviour's own account.

use std::io;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use bytes::Bytes;
use dodai_facts::{AccountId, Region};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, header};
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::Value;
use tokio::net::{TcpListener, TcpStream};
use tokio::process::{Child, Command};

use crate::Upstream;
use crate::call::Call;
use crate::mend;
use crate::reply::{AwsError, Reply};

/// How long moto may take to answer for the first time: it imports all its services.
const PATIENCE: Duration = Duration::from_mins(1);
/// moto's own way to say whose call it is; it beats the access key.
const ACCOUNT_HEADER: &str = "x-moto-account-id";

/// A moto server, ours or another's, or none.
#[derive(Debug)]
pub(crate) struct Moto {
    client: Client<HttpConnector, Full<Bytes>>,
    /// `http://127.0.0.1:5000`
    url: Option<String>,
    /// Killed when dropped.
    _child: Option<Child>,
}

/// A request that a behaviour makes by itself, in some account and Region.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place<'a> {
    pub(crate) account: &'a AccountId,
    pub(crate) region: &'a Region,
}

impl<'a> Place<'a> {
    pub(crate) fn of(call: &'a Call) -> Self {
        Self { account: &call.account, region: &call.region }
    }
}

impl Moto {
    pub(crate) async fn start(upstream: &Upstream, managed_policies: bool) -> io::Result<Self> {
        let (url, child) = match upstream {
            Upstream::Nowhere => (None, None),
            Upstream::Url(url) => (Some(url.trim_end_matches('/').to_owned()), None),
            Upstream::Program(program) => {
                let (url, child) = launch(program, managed_policies).await?;
                (Some(url), Some(child))
            }
        };
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        let client = Client::builder(TokioExecutor::new()).build(connector);
        Ok(Self { client, url, _child: child })
    }

    /// Hands a call on as it came, in the caller's account.
    pub(crate) async fn forward(&self, call: &Call) -> Result<Reply, AwsError> {
        self.forward_with(call, call.body.clone()).await
    }

    /// Hands a call on with another body.
    pub(crate) async fn forward_with(&self, call: &Call, body: Bytes) -> Result<Reply, AwsError> {
        let mut headers = call.headers.clone();
        if body != call.body {
            // They spoke of the old body.
            for name in ["content-md5", "x-amz-content-sha256", "content-encoding", "x-amz-decoded-content-length"] {
                headers.remove(name);
            }
            let checksums: Vec<HeaderName> =
                headers.keys().filter(|name| name.as_str().starts_with("x-amz-checksum-")).cloned().collect();
            for name in checksums {
                headers.remove(name);
            }
        }
        self.send(call.method.clone(), &call.target, headers, Some(&call.account), body).await
    }

    /// Hands on a request without a caller (moto's own control API).
    pub(crate) async fn forward_raw(
        &self,
        method: Method,
        target: &str,
        headers: HeaderMap,
        body: Bytes,
    ) -> Result<Reply, AwsError> {
        self.send(method, target, headers, None, body).await
    }

    /// Asks an awsJson operation (`AWSOrganizationsV20161128.ListRoots`).
    pub(crate) async fn ask_json(
        &self,
        place: Place<'_>,
        signing_name: &str,
        target: &str,
        params: &Value,
    ) -> Result<Value, AwsError> {
        let mut headers = signed(place.region, signing_name)?;
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/x-amz-json-1.1"));
        headers.insert(HeaderName::from_static("x-amz-target"), header_value(target)?);
        let reply = self.send(Method::POST, "/", headers, Some(place.account), params.to_string().into()).await?;
        if reply.is_success() { Ok(reply.value()) } else { Err(AwsError::from_json(&reply)) }
    }

    /// Asks an awsQuery operation, given as a form (`Action=GetRole&…`).
    pub(crate) async fn ask_query(
        &self,
        place: Place<'_>,
        signing_name: &str,
        form: String,
    ) -> Result<Reply, AwsError> {
        let mut headers = signed(place.region, signing_name)?;
        let kind = HeaderValue::from_static("application/x-www-form-urlencoded");
        headers.insert(header::CONTENT_TYPE, kind);
        self.send(Method::POST, "/", headers, Some(place.account), form.into()).await
    }

    /// Asks a REST operation.
    pub(crate) async fn ask_rest(
        &self,
        place: Place<'_>,
        signing_name: &str,
        method: Method,
        target: &str,
        body: &str,
    ) -> Result<Reply, AwsError> {
        let headers = signed(place.region, signing_name)?;
        self.send(method, target, headers, Some(place.account), body.to_owned().into()).await
    }

    async fn send(
        &self,
        method: Method,
        target: &str,
        mut headers: HeaderMap,
        account: Option<&AccountId>,
        body: Bytes,
    ) -> Result<Reply, AwsError> {
        let unavailable = |why: String| AwsError::new(502, "UpstreamUnavailable", why);
        let Some(url) = &self.url else {
            return Err(AwsError::new(501, "NotImplemented", "the testbed runs without an upstream"));
        };
        if body.is_empty() && [Method::GET, Method::HEAD, Method::DELETE].contains(&method) {
            headers.remove(header::CONTENT_LENGTH);
        } else {
            // Said for an empty body too: moto refuses a PUT without it.
            headers.insert(header::CONTENT_LENGTH, body.len().into());
        }
        headers.remove(header::TRANSFER_ENCODING);
        headers.remove(header::EXPECT);
        headers.remove(header::CONNECTION);
        if let Some(account) = account {
            headers.insert(HeaderName::from_static(ACCOUNT_HEADER), header_value(account.as_str())?);
        }
        let request = Request::builder().method(&method).uri(format!("{url}{target}")).body(Full::new(body));
        let mut request = request.map_err(|error| unavailable(error.to_string()))?;
        *request.headers_mut() = headers;
        let response = self.client.request(request).await.map_err(|error| unavailable(error.to_string()))?;
        let (parts, body) = response.into_parts();
        let body = body.collect().await.map_err(|error| unavailable(error.to_string()))?.to_bytes();
        let headers = parts.headers.iter().filter_map(|(name, value)| {
            let skipped = [header::TRANSFER_ENCODING, header::CONNECTION, header::DATE, header::SERVER];
            // The length of what HEAD does not send is part of the answer.
            let length = *name == header::CONTENT_LENGTH && method != Method::HEAD;
            let kept = !length && !skipped.contains(name);
            kept.then(|| Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned()))).flatten()
        });
        Ok(mend::mend(Reply { status: parts.status, headers: headers.collect(), body }))
    }
}

/// The headers of a request that moto takes for signed.
fn signed(region: &Region, signing_name: &str) -> Result<HeaderMap, AwsError> {
    let region = region.as_str();
    let authorization = format!(
        "AWS4-HMAC-SHA256 Credential=test/20260101/{region}/{signing_name}/aws4_request, SignedHeaders=host, Signature=0"
    );
    Ok(HeaderMap::from_iter([(header::AUTHORIZATION, header_value(&authorization)?)]))
}

fn header_value(text: &str) -> Result<HeaderValue, AwsError> {
    HeaderValue::from_str(text).map_err(|error| AwsError::new(400, "ValidationException", error.to_string()))
}

/// Starts moto on a free port and waits until it answers.
async fn launch(program: &Path, managed_policies: bool) -> io::Result<(String, Child)> {
    // Free now; moto takes it a moment later.
    let port = TcpListener::bind("127.0.0.1:0").await?.local_addr()?.port();
    let mut child = Command::new(program)
        .args(["-H", "127.0.0.1", "-p", &port.to_string()])
        .env("MOTO_EC2_LOAD_DEFAULT_AMIS", "false")
        .env("MOTO_IAM_LOAD_MANAGED_POLICIES", if managed_policies { "true" } else { "false" })
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()?;
    let start = tokio::time::Instant::now();
    while TcpStream::connect(("127.0.0.1", port)).await.is_err() {
        if let Some(status) = child.try_wait()? {
            return Err(io::Error::other(format!("`{}` ended with {status}", program.display())));
        }
        if start.elapsed() > PATIENCE {
            let why = format!("`{}` does not answer on port {port}", program.display());
            return Err(io::Error::new(io::ErrorKind::TimedOut, why));
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    Ok((format!("http://127.0.0.1:{port}"), child))
}
