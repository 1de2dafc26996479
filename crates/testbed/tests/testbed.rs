//! The testbed over HTTP, as its users see it, without moto: where an upstream is needed, a scripted one answers.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use dodai_testbed::{Options, Running, Upstream, start};
use http::{Method, Request, Response, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper_util::client::legacy::Client;
use hyper_util::rt::{TokioExecutor, TokioIo};
use serde_json::{Value, json};
use tokio::net::TcpListener;

/// One request: signing name, method and path, headers, body.
struct Ask<'a> {
    key: &'a str,
    region: &'a str,
    signing_name: &'a str,
    method: Method,
    target: &'a str,
    headers: &'a [(&'a str, &'a str)],
    body: &'a str,
}

impl<'a> Ask<'a> {
    fn rest(signing_name: &'a str, method: Method, target: &'a str, body: &'a str) -> Self {
        Self { key: "test", region: "us-east-1", signing_name, method, target, headers: &[], body }
    }

    fn form(signing_name: &'a str, body: &'a str) -> Self {
        let headers = &[("content-type", "application/x-www-form-urlencoded")];
        Self { headers, ..Self::rest(signing_name, Method::POST, "/", body) }
    }
}

/// What came back; none where the connection was cut.
type Found = Option<(StatusCode, http::HeaderMap, String)>;

async fn send(url: &str, ask: Ask<'_>) -> Found {
    let Ask { key, region, signing_name, method, target, headers, body } = ask;
    let credential = format!("Credential={key}/20260101/{region}/{signing_name}/aws4_request");
    let authorization = format!("AWS4-HMAC-SHA256 {credential}, SignedHeaders=host, Signature=0");
    let mut request = Request::builder().method(method).uri(format!("{url}{target}"));
    if !signing_name.is_empty() {
        request = request.header("authorization", authorization);
    }
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let request = request.body(Full::new(Bytes::from(body.to_owned()))).unwrap();
    let client = Client::builder(TokioExecutor::new()).build_http::<Full<Bytes>>();
    let (parts, body) = client.request(request).await.ok()?.into_parts();
    let body = body.collect().await.ok()?.to_bytes();
    Some((parts.status, parts.headers, String::from_utf8_lossy(&body).into_owned()))
}

/// The status and body of a reply that must come.
async fn answered(url: &str, ask: Ask<'_>) -> (u16, String) {
    let (status, _, body) = send(url, ask).await.expect("a reply");
    (status.as_u16(), body)
}

async fn control(url: &str, method: Method, target: &str, body: &Value) -> Value {
    let (status, body) =
        answered(url, Ask { signing_name: "", ..Ask::rest("", method, target, &body.to_string()) }).await;
    assert_eq!(status, 200, "{target}: {body}");
    serde_json::from_str(&body).unwrap()
}

async fn alone() -> Running {
    start(Options::default()).await.unwrap()
}

#[tokio::test]
async fn callers_are_known_by_their_keys() {
    let testbed = alone().await;
    let check = async |ask: Ask<'_>, status: u16, part: &str| {
        let (found, body) = answered(&testbed.url, ask).await;
        assert!(found == status && body.contains(part), "{found} {body}");
    };
    let unknown = |ask| Ask { key: "AKIAUNKNOWN", ..ask };
    check(Ask::rest("guardduty", Method::GET, "/detector", ""), 200, "detectorIds").await;
    check(unknown(Ask::rest("guardduty", Method::GET, "/detector", "")), 403, "UnrecognizedClientException").await;
    check(unknown(Ask::form("sts", "Action=GetCallerIdentity")), 403, "<Code>InvalidClientTokenId</Code>").await;
    check(unknown(Ask::rest("s3", Method::GET, "/", "")), 403, "<Error><Code>InvalidAccessKeyId</Code>").await;
    check(unknown(Ask::form("ec2", "Action=DescribeVpcs")), 401, "<Errors><Error><Code>AuthFailure</Code>").await;
    check(Ask { region: "nowhere", ..Ask::form("ec2", "Action=DescribeVpcs") }, 403, "SignatureDoesNotMatch").await;
    check(Ask { signing_name: "", ..Ask::rest("", Method::GET, "/", "") }, 403, "MissingAuthenticationToken").await;
}

#[tokio::test]
async fn behaviours_answer_by_themselves() {
    let testbed = alone().await;
    let rest = async |signing_name: &str, method, target: &str, body: Value| {
        answered(&testbed.url, Ask::rest(signing_name, method, target, &body.to_string())).await
    };
    let (status, body) = rest("guardduty", Method::POST, "/detector", json!({"enable": true})).await;
    let id = serde_json::from_str::<Value>(&body).unwrap()["detectorId"].as_str().unwrap().to_owned();
    assert_eq!((status, id.len()), (200, 32));
    let features = json!({"features": [{"name": "S3_DATA_EVENTS", "status": "DISABLED"}]});
    assert_eq!(rest("guardduty", Method::POST, &format!("/detector/{id}"), features).await.0, 200);
    let (_, body) = rest("guardduty", Method::GET, &format!("/detector/{id}"), json!({})).await;
    assert!(body.contains(r#""name":"S3_DATA_EVENTS","status":"DISABLED""#), "{body}");
    assert!(body.contains(r#""name":"EKS_AUDIT_LOGS","status":"ENABLED""#), "{body}");

    let (status, body) = rest("securityhub", Method::GET, "/accounts", json!({})).await;
    assert!(status == 401 && body.contains("InvalidAccessException"), "{status} {body}");
    assert_eq!(rest("securityhub", Method::POST, "/accounts", json!({})).await.0, 200);
    let (_, body) = rest("securityhub", Method::GET, "/securityControls/definitions?MaxResults=1", json!({})).await;
    assert!(body.contains(r#""NextToken":"from-1""#), "{body}");

    let form = "Action=GetEbsDefaultKmsKeyId&Version=2016-11-15";
    let (_, body) = answered(&testbed.url, Ask::form("ec2", form)).await;
    assert!(body.contains("<kmsKeyId>alias/aws/ebs</kmsKeyId>"), "{body}");
    // What no behaviour answers needs an upstream.
    let (status, body) = answered(&testbed.url, Ask::form("ec2", "Action=DescribeVpcs")).await;
    assert!(status == 501 && body.contains("NotImplemented"), "{status} {body}");
}

#[tokio::test]
async fn faults_strike_and_are_logged() {
    let testbed = alone().await;
    let list = || Ask::rest("guardduty", Method::GET, "/detector", "");
    let check = async |rule: Value, expected: Option<(u16, &str)>| {
        control(&testbed.url, Method::POST, "/testbed/fault", &rule).await;
        let found = send(&testbed.url, list()).await;
        match (&found, expected) {
            (Some((status, _, body)), Some((wanted, part))) => {
                assert!(status.as_u16() == wanted && body.contains(part), "{rule}: {status} {body}");
            }
            (None, None) => {}
            _ => panic!("{rule}: {found:?}"),
        }
        // Each rule here strikes once.
        assert_eq!(answered(&testbed.url, list()).await.0, 200, "{rule}");
    };
    let rule = |kind: &str| json!({"service": "guardduty", "operation": "ListDetectors", "kind": kind, "times": 1, "millis": 1});
    check(rule("deny"), Some((403, "AccessDeniedException"))).await;
    check(rule("throttle"), Some((429, "TooManyRequestsException"))).await;
    check(rule("http500"), Some((500, "InternalException"))).await;
    check(rule("http503"), Some((503, "ServiceUnavailableException"))).await;
    check(rule("html404"), Some((404, "<!doctype html>"))).await;
    check(rule("hang"), Some((200, "detectorIds"))).await;
    check(rule("reset"), None).await;
    check(rule("lost"), None).await;
    check(rule("truncate"), None).await;

    let calls = control(&testbed.url, Method::GET, "/testbed/calls", &json!({})).await;
    let faults: Vec<&str> = calls.as_array().unwrap().iter().filter_map(|call| call["fault"].as_str()).collect();
    assert_eq!(faults, ["deny", "throttle", "http500", "http503", "html404", "hang", "reset", "lost", "truncate"]);
    let expected = json!({"number": 1, "account": "123456789012", "region": "us-east-1", "service": "guardduty",
        "operation": "ListDetectors", "status": 403, "error": "AccessDeniedException", "mutating": false, "fault": "deny"});
    assert_eq!(calls[0], expected);
    let later = control(&testbed.url, Method::GET, "/testbed/calls?since=17", &json!({})).await;
    assert_eq!(later.as_array().map(Vec::len), Some(1));
    control(&testbed.url, Method::DELETE, "/testbed/calls", &json!({})).await;
    assert_eq!(control(&testbed.url, Method::GET, "/testbed/calls", &json!({})).await, json!([]));
}

#[tokio::test]
async fn a_lost_reply_has_taken_effect() {
    let testbed = alone().await;
    let create = || Ask::rest("guardduty", Method::POST, "/detector", "{\"enable\": true}");
    let rule = json!({"service": "guardduty", "operation": "Create*", "kind": "lost", "times": 1});
    control(&testbed.url, Method::POST, "/testbed/fault", &rule).await;
    assert!(send(&testbed.url, create()).await.is_none());
    let (status, body) = answered(&testbed.url, create()).await;
    assert!(status == 400 && body.contains("already exists"), "{body}");
    control(&testbed.url, Method::POST, "/testbed/deny", &json!({"service": "guardduty"})).await;
    assert_eq!(answered(&testbed.url, create()).await.0, 403);
    control(&testbed.url, Method::POST, "/testbed/clear", &json!({})).await;
    assert_eq!(answered(&testbed.url, create()).await.0, 400);
}

#[tokio::test]
async fn a_schedule_disturbs_and_ends() {
    let testbed = alone().await;
    let get = async |number: usize| {
        let target = format!("/detector/{number}");
        send(&testbed.url, Ask::rest("guardduty", Method::GET, &target, "")).await.map(|found| found.0.as_u16())
    };
    let some = async || {
        let mut found = Vec::new();
        for number in 0..40 {
            found.push(get(number).await);
        }
        found
    };
    let undisturbed = some().await;
    assert_eq!(undisturbed, [Some(400); 40], "there are no such detectors");
    let disturb = async |seed: u64| {
        let schedule = json!({"seed": seed, "percent": 50, "kinds": {"reset": 1, "http503": 1}});
        control(&testbed.url, Method::POST, "/testbed/disturb", &schedule).await;
        some().await
    };
    let first = disturb(1).await;
    assert!(first.contains(&None) && first.contains(&Some(503)) && first.contains(&Some(400)), "{first:?}");
    assert_eq!(disturb(1).await, first);
    assert_ne!(disturb(2).await, first);
    control(&testbed.url, Method::POST, "/testbed/clear", &json!({})).await;
    assert_eq!(some().await, undisturbed);

    control(&testbed.url, Method::POST, "/testbed/limits", &json!({"percent": 1})).await;
    assert_eq!((get(1).await, get(1).await), (Some(400), Some(429)), "the bucket holds one");
    control(&testbed.url, Method::POST, "/testbed/clear", &json!({})).await;

    let detectors = async || answered(&testbed.url, Ask::rest("guardduty", Method::GET, "/detector", "")).await.1;
    control(&testbed.url, Method::POST, "/testbed/visible", &json!({"after_millis": 600_000})).await;
    let none = detectors().await;
    let create = Ask::rest("guardduty", Method::POST, "/detector", "{\"enable\": true}");
    assert_eq!(answered(&testbed.url, create).await.0, 200);
    assert_eq!(detectors().await, none);
    control(&testbed.url, Method::POST, "/testbed/clear", &json!({})).await;
    assert_ne!(detectors().await, none);
}

/// A call that the scripted upstream got: account header, target or form, and what it answers.
type Script = Arc<dyn Fn(&str, &str, &str) -> (u16, &'static str, String) + Send + Sync>;

const UPSTREAM_TAKES: Duration = Duration::from_millis(20);

/// Serves a script: (account, operation, body) to (status, content type, body).
async fn scripted(script: Script) -> String {
    let listener = TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            let script = Arc::clone(&script);
            let service = hyper::service::service_fn(move |request: Request<Incoming>| {
                let script = Arc::clone(&script);
                async move {
                    let header = |name: &str| {
                        request.headers().get(name).map(|value| value.to_str().unwrap().to_owned()).unwrap_or_default()
                    };
                    let account = header("x-moto-account-id");
                    let operation = header("x-amz-target").rsplit('.').next().unwrap_or_default().to_owned();
                    let body = request.into_body().collect().await.unwrap().to_bytes();
                    let (status, kind, body) = script(&account, &operation, &String::from_utf8_lossy(&body));
                    tokio::time::sleep(UPSTREAM_TAKES).await;
                    let response = Response::builder().status(status).header("content-type", kind);
                    Ok::<_, Infallible>(response.body(Full::new(Bytes::from(body))).unwrap())
                }
            });
            tokio::spawn(hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service));
        }
    });
    url
}

async fn before(script: Script, options: Options) -> Running {
    start(Options { upstream: Upstream::Url(scripted(script).await), ..options }).await.unwrap()
}

#[tokio::test]
async fn pages_that_are_not_awss_are_marked_and_counted() {
    let page = "<!doctype html>\n<title>404 Not Found</title>".to_owned();
    let testbed = before(Arc::new(move |_, _, _| (404, "text/html", page.clone())), Options::default()).await;
    let found = send(&testbed.url, Ask::rest("detective", Method::POST, "/graph/members/list", "{}")).await.unwrap();
    let mark = found.1.get("x-dodai-testbed").map(|mark| mark.to_str().unwrap());
    assert_eq!((found.0.as_u16(), mark), (404, Some("unimplemented")));
    let unimplemented = control(&testbed.url, Method::GET, "/testbed/unimplemented", &json!({})).await;
    assert_eq!(unimplemented, json!({"detective:ListMembers": 1}));
}

async fn config(url: &str, operation: &str, body: &str) -> (u16, String) {
    let target = format!("StarlingDoveService.{operation}");
    let headers = [("x-amz-target", target.as_str()), ("content-type", "application/x-amz-json-1.1")];
    answered(url, Ask { headers: &headers, ..Ask::rest("config", Method::POST, "/", body) }).await
}

/// Who goes away has been heard: what the testbed keeps beside moto is kept all the same.
#[tokio::test]
async fn a_caller_that_goes_away_leaves_nothing_half_done() {
    let put = Arc::new(tokio::sync::Notify::new());
    let heard = Arc::clone(&put);
    let script: Script = Arc::new(move |_, operation, _| {
        let body = match operation {
            "PutConfigurationRecorder" => {
                heard.notify_one();
                "{}"
            }
            _ => r#"{"ConfigurationRecorders": [{"name": "default"}]}"#,
        };
        (200, "application/x-amz-json-1.1", body.to_owned())
    });
    let testbed = before(script, Options::default()).await;
    let url = testbed.url.clone();
    let body = r#"{"ConfigurationRecorder": {"name": "default"}}"#;
    let caller = tokio::spawn(async move { config(&url, "PutConfigurationRecorder", body).await });
    put.notified().await;
    caller.abort();
    assert!(caller.await.unwrap_err().is_cancelled());
    tokio::time::sleep(3 * UPSTREAM_TAKES).await;
    let (_, found) = config(&testbed.url, "DescribeConfigurationRecorders", "{}").await;
    let found: Value = serde_json::from_str(&found).unwrap();
    assert!(found["ConfigurationRecorders"][0]["arn"].is_string(), "{found}");
}

/// An organization of accounts with these e-mail addresses, to which `CreateAccount` adds.
fn organization(emails: Arc<Mutex<Vec<String>>>) -> Script {
    Arc::new(move |account, operation, body| {
        assert_eq!(account, "123456789012");
        let body: Value = serde_json::from_str(body).unwrap_or_default();
        let reply = match operation {
            "DescribeOrganization" => json!({"Organization": {}}),
            "ListAccounts" => {
                let accounts = emails.lock().unwrap();
                json!({"Accounts": accounts.iter().map(|email| json!({"Email": email})).collect::<Vec<_>>()})
            }
            "CreateAccount" => {
                emails.lock().unwrap().push(body["Email"].as_str().unwrap().to_owned());
                json!({"CreateAccountStatus": {"AccountId": "111111111111"}})
            }
            other => panic!("{other}"),
        };
        (200, "application/json", reply.to_string())
    })
}

async fn organizations(url: &str, operation: &str, params: Value) -> Value {
    let target = format!("AWSOrganizationsV20161128.{operation}");
    let body = params.to_string();
    let headers = [("x-amz-target", target.as_str()), ("content-type", "application/x-amz-json-1.1")];
    let ask = Ask { headers: &headers, ..Ask::rest("organizations", Method::POST, "/", &body) };
    serde_json::from_str(&answered(url, ask).await.1).unwrap()
}

#[tokio::test]
async fn accounts_are_created_in_the_background() {
    let emails = Arc::new(Mutex::new(vec!["Team@example.com".to_owned()]));
    let testbed = before(organization(Arc::clone(&emails)), Options::default()).await;
    let create = async |email: &str| {
        organizations(&testbed.url, "CreateAccount", json!({"Email": email, "AccountName": "a"})).await
    };
    let describe = async |created: &Value| {
        let id = &created["CreateAccountStatus"]["Id"];
        let found =
            organizations(&testbed.url, "DescribeCreateAccountStatus", json!({"CreateAccountRequestId": id})).await;
        found["CreateAccountStatus"].clone()
    };
    let created = create("new@example.com").await;
    assert_eq!(created["CreateAccountStatus"]["State"], "IN_PROGRESS");
    assert_eq!(describe(&created).await["State"], "IN_PROGRESS");
    assert_eq!(describe(&created).await["State"], "IN_PROGRESS");
    assert_eq!(emails.lock().unwrap().len(), 1, "not before it is done");
    let done = describe(&created).await;
    assert_eq!((&done["State"], &done["AccountId"]), (&json!("SUCCEEDED"), &json!("111111111111")));
    assert_eq!(describe(&created).await["State"], "SUCCEEDED");
    assert_eq!(*emails.lock().unwrap(), ["Team@example.com", "new@example.com"], "once only");

    let taken = create("team@example.com").await;
    for _ in 0..2 {
        describe(&taken).await;
    }
    let failed = describe(&taken).await;
    assert_eq!((&failed["State"], &failed["FailureReason"]), (&json!("FAILED"), &json!("EMAIL_ALREADY_EXISTS")));
    for number in 0..5 {
        assert_eq!(create(&format!("n{number}@example.com")).await["CreateAccountStatus"]["State"], "IN_PROGRESS");
    }
    let sixth = create("n6@example.com").await;
    let expected = (&json!("ConstraintViolationException"), &json!("ACCOUNT_CREATION_RATE_LIMIT_EXCEEDED"));
    assert_eq!((&sixth["__type"], &sixth["Reason"]), expected);
    let list = async |states: Value| {
        let found = organizations(&testbed.url, "ListCreateAccountStatus", json!({"States": states})).await;
        found["CreateAccountStatuses"].as_array().map(Vec::len)
    };
    assert_eq!(list(json!(["IN_PROGRESS"])).await, Some(5));
    assert_eq!(list(json!([])).await, Some(7));
    assert_eq!(list(json!(["SUCCEEDED"])).await, Some(6));
}

#[tokio::test]
async fn a_creation_also_ends_by_itself() {
    let emails = Arc::new(Mutex::new(Vec::new()));
    let options = Options { create_account_after: Some(Duration::ZERO), ..Options::default() };
    let testbed = before(organization(Arc::clone(&emails)), options).await;
    organizations(&testbed.url, "CreateAccount", json!({"Email": "a@example.com", "AccountName": "a"})).await;
    let listed = organizations(&testbed.url, "ListAccounts", json!({})).await;
    assert_eq!(listed, json!({"Accounts": [{"Email": "a@example.com"}]}));
}

#[tokio::test]
async fn only_trusting_roles_are_assumed_and_their_keys_work() {
    // The role `app` trusts the management account; no other role exists.
    let script: Script = Arc::new(|account, _, body| {
        let trust = "%7B%22Statement%22%3A%5B%7B%22Effect%22%3A%22Allow%22%2C%22Action%22%3A%22sts%3AAssumeRole%22%2C\
                     %22Principal%22%3A%7B%22AWS%22%3A%22123456789012%22%7D%7D%5D%7D";
        if body.contains("Action=GetRole") {
            assert_eq!(account, "111111111111");
            if !body.contains("RoleName=app") {
                return (404, "text/xml", "<ErrorResponse/>".to_owned());
            }
            let arn = "arn:aws:iam::111111111111:role/app";
            let role = format!("<Arn>{arn}</Arn><AssumeRolePolicyDocument>{trust}</AssumeRolePolicyDocument>");
            return (200, "text/xml", role);
        }
        if body.contains("Action=AssumeRole") {
            return (200, "text/xml", "<AccessKeyId>ASIAMEMBER</AccessKeyId>".to_owned());
        }
        (200, "text/xml", format!("<Account>{account}</Account>"))
    });
    let testbed = before(script, Options::default()).await;
    let assume = async |role: &str| {
        let form =
            format!("Action=AssumeRole&RoleArn=arn%3Aaws%3Aiam%3A%3A111111111111%3Arole%2F{role}&RoleSessionName=s");
        answered(&testbed.url, Ask::form("sts", &form)).await
    };
    let (status, body) = assume("nobody").await;
    assert!(status == 403 && body.contains("AccessDenied"), "{status} {body}");
    assert_eq!(assume("app").await.0, 200);
    let headers = [("content-type", "application/x-www-form-urlencoded"), ("x-amz-security-token", "t")];
    let member = |headers| Ask { key: "ASIAMEMBER", headers, ..Ask::form("sts", "Action=GetCallerIdentity") };
    assert_eq!(answered(&testbed.url, member(&headers)).await, (200, "<Account>111111111111</Account>".to_owned()));
    let (status, body) = answered(&testbed.url, member(&headers[..1])).await;
    assert!(status == 403 && body.contains("InvalidClientTokenId"), "a temporary key needs its token: {body}");
    control(&testbed.url, Method::POST, "/testbed/session", &json!({"millis": 0})).await;
    assert_eq!(answered(&testbed.url, member(&headers)).await.0, 200, "given out before");
    assert_eq!(assume("app").await.0, 200);
    let (status, body) = answered(&testbed.url, member(&headers)).await;
    assert!(status == 403 && body.contains("ExpiredToken"), "{status} {body}");
    control(&testbed.url, Method::POST, "/testbed/clear", &json!({})).await;
    assert_eq!(assume("app").await.0, 200);
    let expired = control(&testbed.url, Method::POST, "/testbed/expire", &json!({"account": "111111111111"})).await;
    assert_eq!(expired, json!({"expired": 1}));
    let (status, body) = answered(&testbed.url, member(&headers)).await;
    assert!(status == 403 && body.contains("ExpiredToken"), "{status} {body}");
}
