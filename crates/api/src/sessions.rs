//! Who we are: the management credentials, and a session of the member role in every other account. One session per
//! account, made by the first who asks while the others wait, checked to be of that account, renewed before it ends.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use aws_credential_types::Credentials;
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider};
use dodai_facts::{AccountId, Failure, FailureKind};
use serde_json::{Value, json};
use tokio::sync::Mutex as AsyncMutex;
use tokio::time::Instant;

use crate::client::Inner;
use crate::prepare::CallName;
use crate::transport;

/// A session is renewed so long before it ends: longer than any call takes.
const MARGIN: Duration = Duration::from_mins(10);
/// What a session of a role lasts at most when its role was assumed from another role.
const SESSION: Duration = Duration::from_hours(1);
/// So long a refusal is given to whoever asks again, without asking AWS.
const REFUSAL: Duration = Duration::from_secs(30);
/// Credentials that do not say when they end are fetched again so often: files change.
const UNTIL_ASKED_AGAIN: Duration = Duration::from_mins(15);

/// Whose credentials these are, in AWS's words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    pub account: AccountId,
    pub arn: String,
    /// `aws`, `aws-cn` …
    pub partition: String,
}

/// What is known of one session.
#[derive(Default)]
enum Slot {
    #[default]
    Empty,
    /// Good until the instant.
    Open(Credentials, Instant),
    /// The same answer for everybody until the instant.
    Refused(Failure, Instant),
}

type SharedSlot = Arc<AsyncMutex<Slot>>;

pub(crate) struct Sessions {
    provider: SharedCredentialsProvider,
    management: SharedSlot,
    /// Of the management credentials; asked once. A failure stands until the instant.
    identity: AsyncMutex<Option<Result<Identity, (Failure, Instant)>>>,
    members: Mutex<HashMap<AccountId, SharedSlot>>,
}

impl Sessions {
    pub(crate) fn management_provider(&self) -> SharedCredentialsProvider {
        self.provider.clone()
    }

    pub(crate) fn new(provider: SharedCredentialsProvider) -> Self {
        Self {
            provider,
            management: SharedSlot::default(),
            identity: AsyncMutex::new(None),
            members: Mutex::new(HashMap::new()),
        }
    }

    fn slot(&self, account: &AccountId) -> SharedSlot {
        let mut members = self.members.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(members.entry(account.clone()).or_default())
    }
}

impl Inner {
    fn sts(&self, operation: &str, account: Option<&AccountId>) -> CallName {
        CallName {
            service: "sts".to_owned(),
            operation: operation.to_owned(),
            account: account.cloned(),
            region: self.settings.home_region.clone(),
        }
    }

    /// Credentials for calls in an account. With patience, a role that cannot be assumed is tried again so long: in an
    /// account just made it takes minutes until IAM knows the role everywhere.
    pub(crate) async fn credentials(&self, account: &AccountId, patience: Duration) -> Result<Credentials, Failure> {
        let identity = self.identity().await?;
        if identity.account == *account {
            return self.management().await;
        }
        let slot = self.sessions.slot(account);
        let start = Instant::now();
        let mut wait = Duration::from_secs(2);
        loop {
            let failure = match self.member(&slot, &identity, account, !patience.is_zero()).await {
                Ok(credentials) => return Ok(credentials),
                Err(failure) => failure,
            };
            if failure.kind != FailureKind::Denied || start.elapsed() + wait > patience {
                return Err(failure);
            }
            tokio::time::sleep(wait).await;
            wait = (wait * 2).min(Duration::from_secs(20));
        }
    }

    /// Forgets a session that AWS says has expired, unless it was renewed meanwhile.
    pub(crate) async fn forget(&self, account: &AccountId, used: &Credentials) {
        let own = matches!(&*self.sessions.identity.lock().await, Some(Ok(identity)) if identity.account == *account);
        let slot = if own { Arc::clone(&self.sessions.management) } else { self.sessions.slot(account) };
        let mut slot = slot.lock().await;
        if matches!(&*slot, Slot::Open(credentials, _) if credentials.access_key_id() == used.access_key_id()) {
            *slot = Slot::Empty;
        }
    }

    async fn management(&self) -> Result<Credentials, Failure> {
        let mut slot = self.sessions.management.lock().await;
        if let Some(known) = known(&slot, false) {
            return known;
        }
        let answer = self.sessions.provider.provide_credentials().await.map_err(|error| {
            let advice =
                "set AWS_PROFILE or `--aws-profile`, sign in (`aws sso login`), or give the environment's keys";
            self.sts("GetCallerIdentity", None).failure(
                FailureKind::Denied,
                "NoCredentials",
                format!("no credentials could be had: {}; {advice}", transport::describe(&error)),
            )
        });
        fill(&mut slot, answer, |credentials| match credentials.expiry() {
            Some(end) => {
                let left = end.duration_since(SystemTime::now()).unwrap_or_default();
                // Instance and container credentials are given again, renewed, only shortly before they end.
                left.saturating_sub(MARGIN).max(left.min(Duration::from_mins(1)) / 2)
            }
            None => UNTIL_ASKED_AGAIN,
        })
    }

    pub(crate) async fn identity(&self) -> Result<Identity, Failure> {
        let mut known = self.sessions.identity.lock().await;
        match &*known {
            Some(Ok(identity)) => return Ok(identity.clone()),
            Some(Err((failure, until))) if Instant::now() < *until => return Err(failure.clone()),
            Some(Err(_)) | None => {}
        }
        let answer = match self.management().await {
            Ok(credentials) => self.who_is(&credentials, None).await,
            Err(failure) => Err(failure),
        };
        *known = Some(answer.clone().map_err(|failure| (failure, Instant::now() + REFUSAL)));
        answer
    }

    async fn who_is(&self, credentials: &Credentials, account: Option<&AccountId>) -> Result<Identity, Failure> {
        let name = self.sts("GetCallerIdentity", account);
        let call = self.prepare(name.clone(), &json!({}))?;
        let reply = self.exchange(&call, &json!({}), credentials).await?;
        let text = |name: &str| reply.get(name).and_then(Value::as_str).unwrap_or_default();
        let arn = text("Arn").to_owned();
        match (text("Account").parse(), arn.split(':').nth(1).filter(|partition| partition.starts_with("aws"))) {
            (Ok(account), Some(partition)) => Ok(Identity { account, partition: partition.to_owned(), arn }),
            _ => Err(name.failure(FailureKind::Fault, "NotAws", "the reply names no account and no ARN")),
        }
    }

    async fn member(
        &self,
        slot: &AsyncMutex<Slot>,
        identity: &Identity,
        account: &AccountId,
        past_refusals: bool,
    ) -> Result<Credentials, Failure> {
        let mut slot = slot.lock().await;
        if let Some(known) = known(&slot, past_refusals) {
            return known;
        }
        let answer = self.assume(identity, account).await;
        fill(&mut slot, answer, |_| SESSION.saturating_sub(MARGIN))
    }

    async fn assume(&self, identity: &Identity, account: &AccountId) -> Result<Credentials, Failure> {
        let settings = &self.settings;
        let role = format!("arn:{}:iam::{account}:role/{}", identity.partition, settings.member_role);
        let mut params = json!({
            "RoleArn": role,
            "RoleSessionName": settings.session_name,
            "DurationSeconds": SESSION.as_secs(),
        });
        if let (Some(external_id), Value::Object(params)) = (&settings.external_id, &mut params) {
            params.insert("ExternalId".to_owned(), Value::from(external_id.as_str()));
        }
        let name = self.sts("AssumeRole", Some(account));
        let mut call = self.prepare(name.clone(), &params)?;
        // STS counts the caller's requests, not those for each account.
        call.lane.account = identity.account.to_string();
        let mut management = self.management().await?;
        let mut reply = self.exchange(&call, &params, &management).await;
        if reply.as_ref().is_err_and(|failure| crate::classify::is_expired(&failure.code)) {
            self.forget(&identity.account, &management).await;
            management = self.management().await?;
            reply = self.exchange(&call, &params, &management).await;
        }
        let reply = reply.map_err(|mut failure| {
            if failure.kind == FailureKind::Denied {
                failure.message = format!(
                    "{}: the role `{role}` must exist and trust `{}`, and no policy may deny sts:AssumeRole",
                    failure.message, identity.arn
                );
            }
            failure
        })?;
        let text = |name: &str| reply.pointer(&format!("/Credentials/{name}")).and_then(Value::as_str);
        let keys = (text("AccessKeyId"), text("SecretAccessKey"), text("SessionToken"));
        let (Some(key), Some(secret), Some(token)) = keys else {
            return Err(name.failure(FailureKind::Fault, "NotAws", "the reply has no credentials"));
        };
        let credentials = Credentials::new(key, secret, Some(token.to_owned()), None, "AssumeRole");
        let found = self.who_is(&credentials, Some(account)).await?;
        if found.account == *account {
            Ok(credentials)
        } else {
            let message = format!("the session of `{role}` is of the account {}", found.account);
            Err(name.failure(FailureKind::Denied, "WrongAccount", message))
        }
    }
}

/// What the slot already answers.
fn known(slot: &Slot, past_refusals: bool) -> Option<Result<Credentials, Failure>> {
    let now = Instant::now();
    match slot {
        Slot::Open(credentials, until) if now < *until => Some(Ok(credentials.clone())),
        Slot::Refused(failure, until) if now < *until && !past_refusals => Some(Err(failure.clone())),
        _ => None,
    }
}

fn fill(
    slot: &mut Slot,
    answer: Result<Credentials, Failure>,
    lasts: impl FnOnce(&Credentials) -> Duration,
) -> Result<Credentials, Failure> {
    *slot = match &answer {
        Ok(credentials) => Slot::Open(credentials.clone(), Instant::now() + lasts(credentials)),
        Err(failure) => Slot::Refused(failure.clone(), Instant::now() + REFUSAL),
    };
    answer
}
