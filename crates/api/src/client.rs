//! The client: any operation, in any account and Region, through the right session.

use std::collections::HashSet;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use dodai_facts::{AccountId, Failure, FailureKind, Region};
use dodai_models::next_params;
use futures::future::BoxFuture;
use futures::stream::{BoxStream, Stream, StreamExt, try_unfold};
use serde_json::Value;
use tokio::sync::Semaphore;
use tokio::time::Instant;

use crate::aws::Aws;
use crate::classify;
use crate::endpoints::Endpoints;
use crate::exchange::Asked;
use crate::pace::{Limits, Pace};
use crate::prepare::{CallName, Prepared, find_operation, find_service};
use crate::record::Exchanges;
use crate::retry::{self, Trouble};
use crate::sessions::{Identity, Sessions};
use crate::settings::Settings;
use crate::stats::{Counters, Stats};
use crate::store::S3Access;
use crate::transport::{Transport, http_client};

/// A list of more pages than this is taken for one without end.
const MAX_PAGES: usize = 20_000;

/// Cheap to clone: sessions, pacing and connections are shared.
#[derive(Clone)]
pub struct Client {
    inner: Arc<Inner>,
    patience: Duration,
}

pub(crate) struct Inner {
    pub(crate) settings: Settings,
    pub(crate) endpoints: Endpoints,
    pub(crate) transport: Transport,
    pub(crate) pace: Pace,
    pub(crate) permits: Semaphore,
    pub(crate) sessions: Sessions,
    pub(crate) counters: Counters,
}

/// Shows no credentials.
impl fmt::Debug for Client {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Client").field("settings", &self.inner.settings).finish_non_exhaustive()
    }
}

impl Client {
    /// Reads the environment and the AWS profile, unless a recording answers. AWS is not asked anything yet.
    pub async fn connect(settings: Settings) -> Self {
        if matches!(settings.exchanges, Exchanges::Replayed(_)) {
            return Self::replaying(settings);
        }
        let http = http_client();
        let region = aws_types::region::Region::new(settings.home_region.to_string());
        let mut loader =
            aws_config::defaults(aws_config::BehaviorVersion::latest()).http_client(http.clone()).region(region);
        if let Some(profile) = &settings.aws_profile {
            loader = loader.profile_name(profile);
        }
        let config = loader.load().await;
        let variables =
            std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)));
        let ignored =
            std::env::var("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS").is_ok_and(|it| it.eq_ignore_ascii_case("true"));
        let endpoints = Endpoints::from_variables(variables, settings.allow_http).or_profile(
            config.endpoint_url().filter(|_| !ignored),
            config.use_fips().unwrap_or(false),
            config.use_dual_stack().unwrap_or(false),
        );
        let provider = config.credentials_provider().unwrap_or_else(|| SharedCredentialsProvider::new(NoProvider));
        Self::assemble(settings, endpoints, provider, http)
    }

    /// Sends nothing. Every call finds an endpoint, as it may have in the recorded run; one that did not is recorded so.
    fn replaying(settings: Settings) -> Self {
        let nowhere = ("AWS_ENDPOINT_URL".to_owned(), "https://replay.invalid".to_owned());
        let credentials = Credentials::new("replay", "replay", None, None, "replay");
        let endpoints = Endpoints::from_variables([nowhere], false);
        Self::assemble(settings, endpoints, SharedCredentialsProvider::new(credentials), http_client())
    }

    /// With credentials and endpoints of the caller's own: tests, and tools that hold credentials already.
    pub fn with_credentials(settings: Settings, endpoints: Endpoints, provider: SharedCredentialsProvider) -> Self {
        Self::assemble(settings, endpoints, provider, http_client())
    }

    /// With an HTTP client of the caller's own too: tests that see each request, and answer it themselves.
    pub fn assemble(
        settings: Settings,
        endpoints: Endpoints,
        provider: SharedCredentialsProvider,
        http: aws_smithy_runtime_api::client::http::SharedHttpClient,
    ) -> Self {
        let inner = Inner {
            transport: Transport::new(http, settings.deadlines.attempt),
            pace: Pace::new(Limits::built_in()),
            permits: Semaphore::new(settings.concurrency.max(1)),
            sessions: Sessions::new(provider),
            counters: Counters::default(),
            settings,
            endpoints,
        };
        Self { inner: Arc::new(inner), patience: Duration::ZERO }
    }

    /// The same client, that tries again for so long to assume a role that cannot be assumed yet: for accounts just
    /// made.
    #[must_use]
    pub fn patient(&self, patience: Duration) -> Self {
        Self { inner: Arc::clone(&self.inner), patience }
    }

    /// What the state store needs to use a bucket of `region` with the management credentials.
    pub fn s3_access(&self, region: &Region) -> S3Access {
        S3Access {
            region: region.clone(),
            credentials: self.inner.sessions.management_provider(),
            allow_http: self.inner.settings.allow_http,
        }
    }

    /// Whose the management credentials are.
    pub async fn identity(&self) -> Result<Identity, Failure> {
        self.inner.identity().await
    }

    pub fn stats(&self) -> Stats {
        self.inner.counters.read()
    }

    pub async fn call(
        &self,
        account: &AccountId,
        region: &Region,
        service: &str,
        operation: &str,
        params: &Value,
    ) -> Result<Value, Failure> {
        let name = CallName {
            service: service.to_owned(),
            operation: operation.to_owned(),
            account: Some(account.clone()),
            region: region.clone(),
        };
        let call = self.inner.prepare(name, params)?;
        self.ask(account, &call, params).await
    }

    /// Asks with a session that is renewed whenever AWS says that it has expired: a call that is throttled for minutes
    /// may outlive more than one. The time of the call goes on meanwhile.
    async fn ask(&self, account: &AccountId, call: &Prepared, params: &Value) -> Result<Value, Failure> {
        let mut asked = Asked::default();
        let mut credentials = self.inner.credentials(account, self.patience).await?;
        let mut renewals = 0;
        let mut since = Instant::now();
        loop {
            let before = asked.attempts;
            let answer = self.inner.exchange_since(call, params, &credentials, &mut asked).await;
            let failure = match answer {
                Err(failure) if classify::is_expired(&failure.code) => failure,
                answer => return answer,
            };
            if renewals == 0 || asked.attempts > before + 1 {
                // The session was good until now.
                (renewals, since) = (0, Instant::now());
            } else {
                let deadlines = &self.inner.settings.deadlines;
                let wait =
                    retry::delay(Trouble::NotSent, true, renewals, since.elapsed(), None, deadlines, fastrand::f64());
                let Some(wait) = wait else { return Err(failure) };
                tokio::time::sleep(wait).await;
            }
            self.inner.forget(account, &credentials).await;
            let renewed = self.inner.credentials(account, self.patience).await?;
            if renewals > 0 && renewed.access_key_id() == credentials.access_key_id() {
                // Given from outside, and nobody renewed them there.
                return Err(failure);
            }
            credentials = renewed;
            renewals += 1;
        }
    }

    /// The outputs of all pages, one for an operation without pages. A failure is the last item.
    pub fn pages<'a>(
        &'a self,
        account: &'a AccountId,
        region: &'a Region,
        service: &'a str,
        operation: &'a str,
        params: &'a Value,
    ) -> impl Stream<Item = Result<Value, Failure>> + Send + 'a {
        let name = CallName {
            service: service.to_owned(),
            operation: operation.to_owned(),
            account: Some(account.clone()),
            region: region.clone(),
        };
        let first = Pages { next: Some(params.clone()), seen: HashSet::new(), name };
        try_unfold(first, move |mut pages| async move {
            let Some(params) = pages.next.take() else { return Ok(None) };
            let reply = self.call(account, region, service, operation, &params).await?;
            pages.turn(&params, &reply)?;
            Ok(Some((reply, pages)))
        })
    }
}

impl Aws for Client {
    fn call<'a>(
        &'a self,
        account: &'a AccountId,
        region: &'a Region,
        service: &'a str,
        operation: &'a str,
        params: &'a Value,
    ) -> BoxFuture<'a, Result<Value, Failure>> {
        Box::pin(Client::call(self, account, region, service, operation, params))
    }

    fn pages<'a>(
        &'a self,
        account: &'a AccountId,
        region: &'a Region,
        service: &'a str,
        operation: &'a str,
        params: &'a Value,
    ) -> BoxStream<'a, Result<Value, Failure>> {
        Client::pages(self, account, region, service, operation, params).boxed()
    }
}

/// Where a list has got to.
struct Pages {
    next: Option<Value>,
    /// Parameters asked with: a token that comes back would be followed for ever.
    seen: HashSet<String>,
    name: CallName,
}

impl Pages {
    fn turn(&mut self, params: &Value, reply: &Value) -> Result<(), Failure> {
        let service = find_service(&self.name)?;
        find_operation(&service, &self.name)?;
        let Some(paginator) = service.paginators.get(&self.name.operation) else { return Ok(()) };
        let broken = |message: String| self.name.failure(FailureKind::Fault, "BrokenPagination", message);
        let next = next_params(paginator, params, reply).map_err(|error| broken(error.to_string()))?;
        if let Some(next) = &next {
            if self.seen.len() >= MAX_PAGES {
                return Err(broken(format!("the list has more than {MAX_PAGES} pages")));
            }
            if !self.seen.insert(next.to_string()) {
                return Err(broken("the list leads back to a page already read".to_owned()));
            }
        }
        self.next = next;
        Ok(())
    }
}

/// Stands where the configuration names no credentials at all.
#[derive(Debug)]
struct NoProvider;

impl aws_credential_types::provider::ProvideCredentials for NoProvider {
    fn provide_credentials<'a>(&'a self) -> aws_credential_types::provider::future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        let error = aws_credential_types::provider::error::CredentialsError::not_loaded("none are configured");
        aws_credential_types::provider::future::ProvideCredentials::ready(Err(error))
    }
}
