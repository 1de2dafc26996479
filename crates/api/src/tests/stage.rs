//! Scripted replies instead of AWS: from memory, or from a server on this machine.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use dodai_facts::{AccountId, Failure, Region};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use crate::transport::http_client;
use crate::{Client, Deadlines, Endpoints, Settings};

pub(super) const MANAGEMENT: &str = "111122223333";
pub(super) const MEMBER: &str = "444455556666";

/// A request as the script sees it.
pub(super) struct Seen {
    /// `sts.GetCallerIdentity`, or method and path.
    pub(super) call: String,
    pub(super) access_key: String,
    pub(super) body: String,
}

impl Seen {
    pub(super) fn new(method: &str, path: &str, headers: &[(String, String)], body: String) -> Self {
        let header =
            |name: &str| headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value);
        let access_key = header("authorization").and_then(|value| value.split("Credential=").nth(1));
        let access_key = access_key.and_then(|value| value.split('/').next()).unwrap_or_default().to_owned();
        let call = match (header("x-amz-target"), body.strip_prefix("Action=")) {
            (Some(target), _) => target.rsplit('.').next().unwrap_or_default().to_owned(),
            (None, Some(form)) => form.split('&').next().unwrap_or_default().to_owned(),
            (None, None) => format!("{method} {path}"),
        };
        Self { call, access_key, body }
    }
}

#[derive(Clone)]
pub(super) enum Play {
    Reply(u16, String),
    /// The connection ends without a word.
    Reset,
    /// Nothing comes, ever.
    Silence,
    /// So many bytes of a reply that promises more.
    CutOff(String),
    /// A reply of so many bytes.
    Long(usize),
    /// A reply that takes a while.
    Slow(Duration, String),
}

#[expect(clippy::needless_pass_by_value, reason = "cases read best as plain values")]
pub(super) fn reply(status: u16, body: impl ToString) -> Play {
    Play::Reply(status, body.to_string())
}

pub(super) type Script = Arc<dyn Fn(&Seen) -> Play + Send + Sync>;

/// What STS says: the access key names the account, `KEY111122223333` or `KEY111122223333-7`.
pub(super) fn sts(seen: &Seen) -> Option<Play> {
    let account = seen.access_key.strip_prefix("KEY").unwrap_or_default();
    let account = account.split('-').next().unwrap_or_default();
    match seen.call.as_str() {
        "GetCallerIdentity" => Some(reply(
            200,
            format!(
                "<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws:iam::{account}:user/u</Arn>\
                 <Account>{account}</Account></GetCallerIdentityResult></GetCallerIdentityResponse>"
            ),
        )),
        "AssumeRole" => {
            assert_eq!(account, MANAGEMENT, "a role is assumed from the management account");
            let role = seen.body.split("%3A%3A").nth(1).unwrap_or_default();
            Some(assumed(&role[..12]))
        }
        _ => None,
    }
}

pub(super) fn assumed(account: &str) -> Play {
    assumed_as(&format!("KEY{account}"))
}

/// A session with this access key.
pub(super) fn assumed_as(key: &str) -> Play {
    reply(
        200,
        format!(
            "<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>{key}</AccessKeyId>\
             <SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken></Credentials></AssumeRoleResult>\
             </AssumeRoleResponse>"
        ),
    )
}

/// A script, and the calls that it has seen.
#[derive(Clone)]
pub(super) struct Stage {
    script: Script,
    pub(super) seen: Arc<Mutex<Vec<String>>>,
}

impl std::fmt::Debug for Stage {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Stage")
    }
}

impl Stage {
    pub(super) fn new(script: impl Fn(&Seen) -> Play + Send + Sync + 'static) -> Self {
        Self { script: Arc::new(script), seen: Arc::default() }
    }

    /// Plays one after another, the last one for ever; STS always works.
    pub(super) fn playing(plays: Vec<Play>) -> Self {
        let next = AtomicUsize::new(0);
        Self::new(move |seen| {
            sts(seen).unwrap_or_else(|| {
                let turn = next.fetch_add(1, Ordering::SeqCst).min(plays.len() - 1);
                plays[turn].clone()
            })
        })
    }

    fn play(&self, seen: &Seen) -> Play {
        self.seen.lock().unwrap().push(seen.call.clone());
        (self.script)(seen)
    }

    pub(super) fn count(&self, call: &str) -> usize {
        self.seen.lock().unwrap().iter().filter(|seen| *seen == call).count()
    }

    /// A client whose requests never leave memory.
    pub(super) fn client(&self) -> Client {
        self.client_with(|_| {})
    }

    pub(super) fn client_with(&self, change: impl FnOnce(&mut Settings)) -> Client {
        let mut settings = Settings::new("us-east-1".parse().unwrap());
        change(&mut settings);
        Client::assemble(settings, Endpoints::default(), provider(), SharedHttpClient::new(self.clone()))
    }

    /// A client whose requests go to a server on this machine.
    pub(super) async fn client_over_tcp(&self, deadlines: Deadlines) -> Client {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap());
        let stage = self.clone();
        tokio::spawn(async move {
            while let Ok((connection, _)) = listener.accept().await {
                tokio::spawn(stage.clone().answer(connection));
            }
        });
        connected_to(origin, deadlines)
    }

    async fn answer(self, mut connection: tokio::net::TcpStream) {
        let mut text = Vec::new();
        let (head, length) = loop {
            let mut buffer = [0; 4096];
            match connection.read(&mut buffer).await {
                Ok(read) if read > 0 => text.extend_from_slice(&buffer[..read]),
                _ => return,
            }
            let so_far = String::from_utf8_lossy(&text).into_owned();
            if let Some((head, body)) = so_far.split_once("\r\n\r\n") {
                let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse::<usize>().ok());
                if body.len() >= length.unwrap_or(0) {
                    break (head.to_owned(), body.to_owned());
                }
            }
        };
        let mut lines = head.lines();
        let mut first = lines.next().unwrap_or_default().split(' ');
        let (method, path) = (first.next().unwrap_or_default(), first.next().unwrap_or_default());
        let headers: Vec<(String, String)> =
            lines.filter_map(|line| line.split_once(": ")).map(|(k, v)| (k.to_owned(), v.to_owned())).collect();
        let play = self.play(&Seen::new(method, path, &headers, length));
        let head = |status: u16, length: usize| {
            format!("HTTP/1.1 {status} X\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n")
        };
        match play {
            Play::Reply(status, body) => {
                let _ = connection.write_all(format!("{}{body}", head(status, body.len())).as_bytes()).await;
            }
            Play::Slow(time, body) => {
                tokio::time::sleep(time).await;
                let _ = connection.write_all(format!("{}{body}", head(200, body.len())).as_bytes()).await;
            }
            Play::Reset => {}
            Play::Silence => std::future::pending().await,
            Play::CutOff(body) => {
                let _ = connection.write_all(format!("{}{body}", head(200, body.len() + 10)).as_bytes()).await;
            }
            Play::Long(length) => {
                let _ = connection.write_all(head(200, length).as_bytes()).await;
                for _ in 0..length / 8_192 {
                    if connection.write_all(&[b' '; 8_192]).await.is_err() {
                        return;
                    }
                }
            }
        }
    }
}

pub(super) fn connected_to(origin: String, deadlines: Deadlines) -> Client {
    let mut settings = Settings::new("us-east-1".parse().unwrap());
    settings.deadlines = deadlines;
    let endpoints = Endpoints::from_variables([("AWS_ENDPOINT_URL".to_owned(), origin)], false);
    Client::assemble(settings, endpoints, provider(), http_client())
}

pub(super) fn provider() -> SharedCredentialsProvider {
    SharedCredentialsProvider::new(Credentials::new(format!("KEY{MANAGEMENT}"), "topsecret", None, None, "test"))
}

impl HttpClient for Stage {
    fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl HttpConnector for Stage {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let headers: Vec<_> = request.headers().iter().map(|(k, v)| (k.to_owned(), v.to_owned())).collect();
        let body = String::from_utf8_lossy(request.body().bytes().unwrap_or_default()).into_owned();
        let path = request.uri().splitn(4, '/').nth(3).unwrap_or_default().to_owned();
        let play = self.play(&Seen::new(request.method(), &format!("/{path}"), &headers, body));
        HttpConnectorFuture::new(async move {
            let (status, body) = match play {
                Play::Reply(status, body) => (status, body),
                Play::Slow(time, body) => {
                    tokio::time::sleep(time).await;
                    (200, body)
                }
                Play::Silence => std::future::pending().await,
                Play::Reset => return Err(ConnectorError::io("connection reset".into())),
                Play::CutOff(_) | Play::Long(_) => unreachable!("played over TCP only"),
            };
            let status = http::StatusCode::from_u16(status).unwrap();
            Ok(aws_smithy_runtime_api::http::Response::new(status.into(), SdkBody::from(body)))
        })
    }
}

pub(super) async fn call(
    client: &Client,
    account: &str,
    service: &str,
    operation: &str,
    params: Value,
) -> Result<Value, Failure> {
    let account: AccountId = account.parse().unwrap();
    let region: Region = "us-east-1".parse().unwrap();
    client.call(&account, &region, service, operation, &params).await
}

pub(super) async fn list_detectors(client: &Client) -> Result<Value, Failure> {
    call(client, MANAGEMENT, "guardduty", "ListDetectors", json!({})).await
}

pub(super) async fn create_account(client: &Client) -> Result<Value, Failure> {
    call(client, MANAGEMENT, "organizations", "CreateAccount", json!({"Email": "a@example.com", "AccountName": "a"}))
        .await
}

pub(super) fn throttle() -> Play {
    reply(400, json!({"__type": "TooManyRequestsException", "message": "slow down"}))
}

pub(super) fn detectors() -> Play {
    reply(200, json!({"detectorIds": ["d"]}))
}
