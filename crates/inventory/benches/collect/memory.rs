//! AWS that answers from memory: STS with sessions that tell whose they are, everything else with rows that no other reply
//! has.

use std::collections::{BTreeSet, HashMap};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Instant;

use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_runtime_api::http::Response;
use aws_smithy_types::body::SdkBody;

use crate::replies::Template;

/// The first account's id; the others follow it.
pub(crate) const MANAGEMENT: u64 = 100_000_000_000;

#[derive(Debug, Clone)]
pub(crate) struct Memory {
    /// By operation.
    templates: Arc<HashMap<&'static str, Template>>,
    nanoseconds: Arc<AtomicU64>,
    asked: Arc<Mutex<Asked>>,
}

/// How soon every table was asked for the first time.
#[derive(Debug, Default)]
struct Asked {
    operations: BTreeSet<&'static str>,
    calls: usize,
    calls_until_all: usize,
}

impl Memory {
    pub(crate) fn new(templates: Vec<Template>) -> Self {
        let templates = templates.into_iter().map(|template| (template.operation(), template)).collect();
        Self { templates: Arc::new(templates), nanoseconds: Arc::default(), asked: Arc::default() }
    }

    /// What it took to make the replies.
    pub(crate) fn seconds(&self) -> f64 {
        self.nanoseconds.load(Ordering::Relaxed) as f64 / 1e9
    }

    /// Lists that were asked for until every table had been, once at least.
    pub(crate) fn calls_until_all(&self) -> usize {
        self.asked.lock().unwrap().calls_until_all
    }

    fn count(&self, operation: &'static str) {
        let mut asked = self.asked.lock().unwrap();
        asked.calls += 1;
        if asked.operations.insert(operation) {
            asked.calls_until_all = asked.calls;
        }
    }

    fn body(&self, request: &HttpRequest) -> Vec<u8> {
        let text = String::from_utf8_lossy(request.body().bytes().unwrap());
        let action = text.strip_prefix("Action=").and_then(|rest| rest.split('&').next());
        let target = request.headers().get("x-amz-target").and_then(|target| target.rsplit('.').next());
        let signature = request.headers().get("authorization").expect("the request is signed");
        let (_, credential) = signature.split_once("Credential=").unwrap();
        match action.or(target).unwrap() {
            "AssumeRole" => assume_role(&text),
            "GetCallerIdentity" => caller(credential),
            operation => {
                let began = Instant::now();
                let mut hasher = DefaultHasher::new();
                // Whose key it is, the day, the Region and the service.
                credential.split(',').next().hash(&mut hasher);
                operation.hash(&mut hasher);
                let template = self.templates.get(operation).unwrap();
                self.count(template.operation());
                let body = template.filled(hasher.finish());
                let took = u64::try_from(began.elapsed().as_nanos()).unwrap();
                self.nanoseconds.fetch_add(took, Ordering::Relaxed);
                body
            }
        }
    }
}

impl HttpClient for Memory {
    fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl HttpConnector for Memory {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let body = SdkBody::from(self.body(&request));
        let mut response = Response::new(http::StatusCode::OK.into(), body);
        response.headers_mut().insert("x-amzn-requestid", "7a62c49f-347e-4fc4-9331-6e8eEXAMPLE");
        HttpConnectorFuture::ready(Ok(response))
    }
}

/// A session under a key that tells which account it is of.
fn assume_role(request: &str) -> Vec<u8> {
    let (_, role) = request.split_once("iam%3A%3A").unwrap();
    let account = role.split('%').next().unwrap();
    format!(
        "<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>ASIA{account}</AccessKeyId>\
         <SecretAccessKey>secret</SecretAccessKey><SessionToken>token</SessionToken>\
         <Expiration>2099-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>"
    )
    .into_bytes()
}

fn caller(credential: &str) -> Vec<u8> {
    let key = credential.split('/').next().unwrap();
    let account = key.strip_prefix("ASIA").map_or_else(|| MANAGEMENT.to_string(), str::to_owned);
    format!(
        "<GetCallerIdentityResponse><GetCallerIdentityResult><Account>{account}</Account>\
         <Arn>arn:aws:iam::{account}:user/bench</Arn></GetCallerIdentityResult></GetCallerIdentityResponse>"
    )
    .into_bytes()
}
