//! Our side of `cargo xtask conformance`: one JSON object a line in, one a line out, nothing sent anywhere.
//!
//! - `{service, operation, region, params, reply: {status, headers, body}}`: the request that the client would send,
//!   signed, and what it makes of the reply. Bodies are base64.
//! - `{service, endpoint: {Region, UseFIPS, …}}`: where the endpoint rules lead.
//! - `{service, operation, params, pages: [reply, …]}`: the parameters of each next page.

use std::io::{BufRead, Write};
use std::process::ExitCode;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::base64;
use aws_smithy_types::body::SdkBody;
use dodai_api::{Client, Deadlines, Endpoints, Settings};
use dodai_facts::AccountId;
use dodai_models::{EndpointParams, Models, next_params, resolve};
use serde::Deserialize;
use serde_json::{Map, Value, json};

#[derive(Deserialize)]
struct Case {
    service: String,
    #[serde(default)]
    operation: String,
    #[serde(default)]
    region: String,
    #[serde(default)]
    params: Value,
    reply: Option<Reply>,
    endpoint: Option<Map<String, Value>>,
    pages: Option<Vec<Value>>,
}

#[derive(Clone, Deserialize)]
struct Reply {
    status: u16,
    headers: Vec<(String, String)>,
    body: String,
}

/// Stands where the network would be.
#[derive(Clone, Debug, Default)]
struct Desk {
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    reply: Option<Reply>,
    seen: Option<Value>,
}

/// Replies are long.
impl std::fmt::Debug for State {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("State")
    }
}

const ACCOUNT: &str = "123456789012";
const IDENTITY: &str = "<GetCallerIdentityResponse><GetCallerIdentityResult><Account>123456789012</Account>\
    <Arn>arn:aws:iam::123456789012:user/u</Arn></GetCallerIdentityResult></GetCallerIdentityResponse>";

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), Box<dyn std::error::Error>> {
    // Time stands still, and jumps where something waits: pacing takes none.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build()?;
    runtime.block_on(async {
        let desk = Desk::default();
        let mut settings = Settings::new("ap-northeast-1".parse()?);
        let none = Duration::ZERO;
        settings.deadlines = Deadlines { throttled: none, fault: none, ..Deadlines::default() };
        let credentials = Credentials::new("AKIDEXAMPLE", "secret", None, None, "conformance");
        let provider = SharedCredentialsProvider::new(credentials);
        let http = SharedHttpClient::new(desk.clone());
        let client = Client::assemble(settings, Endpoints::default(), provider, http);
        desk.answer(Reply { status: 200, headers: Vec::new(), body: base64::encode(IDENTITY) });
        client.identity().await?;
        let account: AccountId = ACCOUNT.parse()?;
        let mut output = std::io::stdout().lock();
        for line in std::io::stdin().lock().lines() {
            let case: Case = serde_json::from_str(&line?)?;
            let answer = match (&case.endpoint, &case.pages) {
                (Some(params), _) => endpoint(&case.service, params),
                (None, Some(pages)) => follow(&case, pages),
                (None, None) => call(&client, &desk, &account, &case).await?,
            };
            writeln!(output, "{answer}")?;
        }
        Ok(())
    })
}

async fn call(
    client: &Client,
    desk: &Desk,
    account: &AccountId,
    case: &Case,
) -> Result<Value, Box<dyn std::error::Error>> {
    desk.answer(case.reply.clone().ok_or("a call without a reply")?);
    let region = case.region.parse()?;
    let result = client.call(account, &region, &case.service, &case.operation, &case.params).await;
    let request = desk.seen();
    Ok(match result {
        Ok(output) => json!({"request": request, "output": output}),
        Err(failure) => json!({"request": request, "failure": {
            "code": failure.code, "message": failure.message, "request_id": failure.request_id,
        }}),
    })
}

fn endpoint(service: &str, params: &Map<String, Value>) -> Value {
    let Some(service) = Models::embedded().service(service) else { return json!({"refused": "no such service"}) };
    let params = params.iter().fold(EndpointParams::default(), |all, (name, value)| all.with(name, value.clone()));
    match resolve(&service, &params) {
        Ok(endpoint) => {
            let schemes: Vec<Value> = endpoint
                .auth_schemes
                .iter()
                .map(|scheme| json!([scheme.name, scheme.signing_name, scheme.signing_region]))
                .collect();
            json!({"url": endpoint.url, "headers": endpoint.headers, "schemes": schemes})
        }
        Err(error) => json!({"refused": error.to_string()}),
    }
}

fn follow(case: &Case, pages: &[Value]) -> Value {
    let service = Models::embedded().service(&case.service);
    let paginator = service.as_ref().and_then(|service| service.paginator(&case.operation));
    let Some(paginator) = paginator else { return json!({"refused": "no paginator"}) };
    let (mut params, mut asked) = (case.params.clone(), Vec::new());
    for reply in pages {
        match next_params(paginator, &params, reply) {
            Ok(Some(next)) => params = next,
            Ok(None) => break,
            Err(error) => return json!({"refused": error.to_string()}),
        }
        asked.push(params.clone());
    }
    json!({"asked": asked})
}

impl Desk {
    fn answer(&self, reply: Reply) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        *state = State { reply: Some(reply), seen: None };
    }

    fn seen(&self) -> Option<Value> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).seen.take()
    }

    fn exchange(&self, request: &HttpRequest) -> Result<HttpResponse, ConnectorError> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let headers: Vec<_> = request.headers().iter().collect();
        let body = base64::encode(request.body().bytes().unwrap_or_default());
        state.seen = Some(json!({"method": request.method(), "url": request.uri(), "headers": headers, "body": body}));
        let wrong = |what: &str| ConnectorError::user(what.into());
        let reply = state.reply.take().ok_or_else(|| wrong("asked twice"))?;
        let body = base64::decode(&reply.body).map_err(|_| wrong("the reply's body is not base64"))?;
        let status = reply.status.try_into().map_err(|_| wrong("not a status"))?;
        let mut response = HttpResponse::new(status, SdkBody::from(body));
        for (name, value) in reply.headers {
            response.headers_mut().try_append(name, value).map_err(|_| wrong("not a header"))?;
        }
        Ok(response)
    }
}

impl HttpClient for Desk {
    fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl HttpConnector for Desk {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        HttpConnectorFuture::ready(self.exchange(&request))
    }
}
