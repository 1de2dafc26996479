//! One request and its reply, once: signed and sent by AWS's orchestrator, the reply read to its end within bounds.
//! Asking again is not decided here: AWS's retry strategies count attempts, ours judges by a deadline.

use std::error::Error as StdError;
use std::fmt;
use std::time::Duration;

use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_runtime::auth::SigV4OperationSigningConfig;
use aws_runtime::auth::sigv4::{SCHEME_ID as SIGV4, SigV4AuthScheme};
use aws_smithy_async::rt::sleep::{SharedAsyncSleep, TokioSleep};
use aws_smithy_http_client::proxy::ProxyConfig;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_http_client::{Connector, tls};
use aws_smithy_runtime::client::auth::no_auth::{NO_AUTH_SCHEME_ID, NoAuthScheme};
use aws_smithy_runtime::client::identity::IdentityCache;
use aws_smithy_runtime::client::identity::no_auth::NoAuthIdentityResolver;
use aws_smithy_runtime::client::orchestrator::endpoints::StaticUriEndpointResolver;
use aws_smithy_runtime::client::orchestrator::invoke;
use aws_smithy_runtime::client::retries::strategy::NeverRetryStrategy;
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::auth::static_resolver::StaticAuthSchemeOptionResolver;
use aws_smithy_runtime_api::client::auth::{
    AuthSchemeOptionResolverParams, SharedAuthScheme, SharedAuthSchemeOptionResolver,
};
use aws_smithy_runtime_api::client::endpoint::{EndpointResolverParams, SharedEndpointResolver};
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::identity::SharedIdentityResolver;
use aws_smithy_runtime_api::client::interceptors::context::{Error, Input, Output};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse, OrchestratorError};
use aws_smithy_runtime_api::client::result::{ConnectorError, SdkError};
use aws_smithy_runtime_api::client::retries::SharedRetryStrategy;
use aws_smithy_runtime_api::client::runtime_components::{RuntimeComponents, RuntimeComponentsBuilder};
use aws_smithy_runtime_api::client::runtime_plugin::{RuntimePlugins, StaticRuntimePlugin};
use aws_smithy_runtime_api::client::ser_de::{
    DeserializeResponse, SerializeRequest, SharedRequestSerializer, SharedResponseDeserializer,
};
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::byte_stream::ByteStream;
use aws_smithy_types::config_bag::{ConfigBag, Layer};
use aws_smithy_types::timeout::TimeoutConfig;
use aws_types::SigningName;
use aws_types::region::SigningRegion;
use bytes::{Bytes, BytesMut};

use crate::endpoints::Target;
use crate::wire;

/// A reply's body at most.
const MAX_REPLY: usize = 64 * 1024 * 1024;
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// Why there is no reply.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum SendError {
    /// AWS has not seen the request.
    #[error("{0}")]
    NotSent(String),
    /// AWS may have done what was asked.
    #[error("{0}")]
    Unclear(String),
    /// The request cannot be made at all.
    #[error("{0}")]
    Impossible(String),
    #[error("the reply is longer than {} MB", MAX_REPLY / 1024 / 1024)]
    TooLong,
}

#[derive(Debug)]
pub(crate) struct Transport {
    http: SharedHttpClient,
    timeouts: TimeoutConfig,
}

/// Everything about one request but the caller's patience.
#[derive(Debug, Clone)]
struct Outgoing {
    request: wire::Request,
    target: Target,
}

/// TLS by rustls, proxies as the environment names them. Shared with whoever fetches credentials.
pub(crate) fn http_client() -> SharedHttpClient {
    aws_smithy_http_client::Builder::new().build_with_connector_fn(|settings, components| {
        let mut connector = Connector::builder();
        connector.set_connector_settings(settings.cloned());
        connector.set_sleep_impl(components.and_then(RuntimeComponents::sleep_impl));
        connector.proxy_config(ProxyConfig::from_env()).tls_provider(tls::Provider::Rustls(CryptoMode::Ring)).build()
    })
}

impl Transport {
    pub(crate) fn new(http: SharedHttpClient, attempt: Duration) -> Self {
        let timeouts = TimeoutConfig::builder()
            .connect_timeout(CONNECT_TIMEOUT.min(attempt))
            .operation_attempt_timeout(attempt)
            .build();
        Self { http: SharedHttpClient::new(Bounded { inner: http }), timeouts }
    }

    /// Sends once. Without credentials the request goes unsigned.
    pub(crate) async fn send(
        &self,
        service: &str,
        operation: &str,
        request: &wire::Request,
        target: &Target,
        credentials: Option<&Credentials>,
    ) -> Result<wire::Reply, SendError> {
        let plugin = StaticRuntimePlugin::new()
            .with_config(self.config(target).freeze())
            .with_runtime_components(self.components(target, credentials));
        let plugins = RuntimePlugins::new().with_operation_plugin(plugin);
        let input = Input::erase(Outgoing { request: request.clone(), target: target.clone() });
        match invoke(service, operation, input, &plugins).await {
            Ok(output) => output.downcast().map_err(|_| SendError::Impossible("the reply was lost".to_owned())),
            Err(error) => Err(explain(&error)),
        }
    }

    fn config(&self, target: &Target) -> Layer {
        let mut signing = SigV4OperationSigningConfig {
            name: Some(SigningName::from(target.signing_name.clone())),
            region: Some(SigningRegion::from(aws_types::region::Region::new(target.signing_region.clone()))),
            ..SigV4OperationSigningConfig::default()
        };
        signing.signing_options.double_uri_encode = !target.verbatim_path;
        signing.signing_options.normalize_uri_path = !target.verbatim_path;
        signing.signing_options.content_sha256_header = target.verbatim_path;
        let mut layer = Layer::new("call");
        layer
            .store_put(AuthSchemeOptionResolverParams::new(()))
            .store_put(EndpointResolverParams::new(()))
            .store_put(self.timeouts.clone())
            .store_put(SharedRequestSerializer::new(Wire))
            .store_put(SharedResponseDeserializer::new(Wire))
            .store_put(signing);
        layer
    }

    fn components(&self, target: &Target, credentials: Option<&Credentials>) -> RuntimeComponentsBuilder {
        let mut components = RuntimeComponentsBuilder::new("call");
        components
            .set_http_client(Some(self.http.clone()))
            .set_sleep_impl(Some(SharedAsyncSleep::new(TokioSleep::new())))
            .set_identity_cache(Some(IdentityCache::no_cache()))
            .set_retry_strategy(Some(SharedRetryStrategy::new(NeverRetryStrategy::new())))
            .set_endpoint_resolver(Some(SharedEndpointResolver::new(StaticUriEndpointResolver::uri(
                target.origin.clone(),
            ))));
        let scheme = if let Some(credentials) = credentials {
            let resolver = SharedIdentityResolver::new(SharedCredentialsProvider::new(credentials.clone()));
            components
                .push_auth_scheme(SharedAuthScheme::new(SigV4AuthScheme::new()))
                .set_identity_resolver(SIGV4, resolver);
            SIGV4
        } else {
            components
                .push_auth_scheme(SharedAuthScheme::new(NoAuthScheme::default()))
                .set_identity_resolver(NO_AUTH_SCHEME_ID, SharedIdentityResolver::new(NoAuthIdentityResolver::new()));
            NO_AUTH_SCHEME_ID
        };
        components.set_auth_scheme_option_resolver(Some(SharedAuthSchemeOptionResolver::new(
            StaticAuthSchemeOptionResolver::new(vec![scheme]),
        )));
        components
    }
}

/// The orchestrator's view of a request that is already written and a reply that is read elsewhere.
#[derive(Debug)]
struct Wire;

impl SerializeRequest for Wire {
    fn serialize_input(&self, input: Input, _: &mut ConfigBag) -> Result<HttpRequest, BoxError> {
        let outgoing: Outgoing = input.downcast().map_err(|_| "the request was lost")?;
        let (request, target) = (outgoing.request, outgoing.target);
        // A bucket's path style endpoint has the path already.
        let path = if request.path == "/" && !target.path.is_empty() { "" } else { &request.path };
        let query = if request.query.is_empty() { String::new() } else { format!("?{}", request.query) };
        let mut http =
            http::Request::builder().method(request.method.as_str()).uri(format!("{}{path}{query}", target.path));
        for (name, value) in target.headers.iter().chain(&request.headers) {
            http = http.header(name, value);
        }
        http = http.header("user-agent", concat!("dodai/", env!("CARGO_PKG_VERSION")));
        Ok(http.body(SdkBody::from(request.body))?.try_into()?)
    }
}

impl DeserializeResponse for Wire {
    fn deserialize_nonstreaming(&self, response: &HttpResponse) -> Result<Output, OrchestratorError<Error>> {
        let body = response.body().bytes().map(Bytes::copy_from_slice);
        let body = body.ok_or_else(|| OrchestratorError::other("the reply was not read"))?;
        let headers = response.headers().iter();
        Ok(Output::erase(wire::Reply {
            status: response.status().as_u16(),
            headers: headers.map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned())).collect(),
            body,
        }))
    }
}

/// Reads each reply to its end, but not past the bound, before it is handed on.
#[derive(Debug)]
struct Bounded<T> {
    inner: T,
}

impl HttpClient for Bounded<SharedHttpClient> {
    fn http_connector(&self, settings: &HttpConnectorSettings, components: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(Bounded { inner: self.inner.http_connector(settings, components) })
    }
}

impl HttpConnector for Bounded<SharedHttpConnector> {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let reply = self.inner.call(request);
        HttpConnectorFuture::new(async move {
            let mut response = reply.await?;
            let mut stream = ByteStream::new(std::mem::replace(response.body_mut(), SdkBody::taken()));
            let mut body = BytesMut::new();
            while let Some(chunk) = stream.next().await {
                let chunk = chunk.map_err(|error| ConnectorError::io(error.into()))?;
                if body.len() + chunk.len() > MAX_REPLY {
                    return Err(ConnectorError::user(TooLong.into()));
                }
                body.extend_from_slice(&chunk);
            }
            *response.body_mut() = SdkBody::from(body.freeze());
            Ok(response)
        })
    }
}

#[derive(Debug)]
struct TooLong;

impl fmt::Display for TooLong {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("the reply is too long")
    }
}

impl StdError for TooLong {}

/// The error and what caused it, outermost first.
fn chain<'a>(error: &'a (dyn StdError + 'static)) -> impl Iterator<Item = &'a (dyn StdError + 'static)> {
    std::iter::successors(Some(error), |error| (*error).source())
}

pub(crate) fn describe(error: &(dyn StdError + 'static)) -> String {
    let mut parts: Vec<String> = Vec::new();
    for part in chain(error).map(ToString::to_string) {
        // Outer errors often repeat the inner one's words.
        if !parts.last().is_some_and(|last| last.contains(&part)) {
            parts.push(part);
        }
    }
    parts.join(": ")
}

fn explain(error: &SdkError<Error, HttpResponse>) -> SendError {
    let text = describe(error);
    if chain(error).any(<dyn std::error::Error + 'static>::is::<TooLong>) {
        return SendError::TooLong;
    }
    match error {
        SdkError::ConstructionFailure(_) => SendError::Impossible(text),
        SdkError::DispatchFailure(failure) => {
            let never_connected = |cause: &(dyn StdError + 'static)| {
                cause
                    .downcast_ref::<hyper_util::client::legacy::Error>()
                    .is_some_and(hyper_util::client::legacy::Error::is_connect)
            };
            if chain(error).any(never_connected) {
                SendError::NotSent(text)
            } else if failure.is_user() {
                SendError::Impossible(text)
            } else {
                SendError::Unclear(text)
            }
        }
        _ => SendError::Unclear(text),
    }
}
