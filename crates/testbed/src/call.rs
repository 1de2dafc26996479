//! Which AWS operation an HTTP request is: service, Region and access key from the signature's credential scope, the
//! operation from `X-Amz-Target`, `Action=` or the method and path.

use bytes::Bytes;
use dodai_facts::{AccountId, Region};
use http::{HeaderMap, Method};
use serde_json::{Map, Value};

use crate::reply::{AwsError, Wire};
use crate::route;

/// A signature's credential scope: `AKIA…/20260102/eu-west-1/guardduty/aws4_request`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Scope {
    pub(crate) access_key: String,
    pub(crate) region: String,
    /// The signing name, which is not always the service's (`monitoring` is `cloudwatch`).
    pub(crate) signing_name: String,
}

impl Scope {
    /// Reads the `Authorization` header. The signature itself is not checked.
    pub(crate) fn read(headers: &HeaderMap) -> Option<Self> {
        let header = headers.get(http::header::AUTHORIZATION)?.to_str().ok()?;
        let credential = header.split_once("Credential=")?.1;
        let credential = credential.split([',', ' ']).next()?;
        let mut parts = credential.split('/');
        let access_key = parts.next().filter(|key| !key.is_empty())?.to_owned();
        let _date = parts.next()?;
        let region = parts.next()?.to_owned();
        let signing_name = parts.next()?.to_lowercase();
        Some(Self { access_key, region, signing_name })
    }
}

/// A request that was understood.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    pub(crate) method: Method,
    /// Path and query, as sent.
    pub(crate) target: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    pub(crate) wire: Wire,
    /// The caller's account.
    pub(crate) account: AccountId,
    /// The role that the caller is, where it is one.
    pub(crate) role: Option<String>,
    pub(crate) region: Region,
    /// botocore's name of the service; the signing name where no model has it.
    pub(crate) service: String,
    /// `GET /some/path` where it cannot be told.
    pub(crate) operation: String,
    /// Parameters by their names on the wire: JSON body, path labels and query text; a form's keys as they are
    /// (`Tags.member.1.Key`).
    pub(crate) params: Map<String, Value>,
}

/// A request whose caller is not known yet.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Understood {
    pub(crate) wire: Wire,
    pub(crate) service: String,
    pub(crate) operation: String,
    pub(crate) params: Map<String, Value>,
}

/// Finds service, operation and parameters.
pub(crate) fn understand(scope: &Scope, method: &Method, target: &str, headers: &HeaderMap, body: &[u8]) -> Understood {
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let name = |header: &str| headers.get(header).and_then(|value| value.to_str().ok());
    if let Some(json_target) = name("x-amz-target") {
        let (prefix, operation) = json_target.rsplit_once('.').unwrap_or(("", json_target));
        let service = route::service_of_target(&scope.signing_name, prefix);
        return Understood { wire: Wire::Json, service, operation: operation.to_owned(), params: json_object(body) };
    }
    let form = if body.is_empty() { form_pairs(query.as_bytes()) } else { form_pairs(body) };
    let is_form = name("content-type").is_none_or(|kind| kind.starts_with("application/x-www-form-urlencoded"));
    if let Some(action) = form.get("Action").and_then(Value::as_str).filter(|_| is_form && path == "/") {
        let wire = if scope.signing_name == "ec2" { Wire::Ec2 } else { Wire::Query };
        let operation = action.to_owned();
        let service = route::service_of_action(&scope.signing_name, &operation);
        return Understood { wire, service, operation, params: form };
    }
    let wire = match scope.signing_name.as_str() {
        "s3" if path.starts_with("/v20180820/") => Wire::RestXml,
        "s3" | "s3express" => Wire::S3,
        "route53" | "cloudfront" => Wire::RestXml,
        _ => Wire::RestJson,
    };
    let mut params = if wire == Wire::RestJson { json_object(body) } else { Map::new() };
    params.extend(form_pairs(query.as_bytes()));
    let routed = route::route(&scope.signing_name, method, path, &params, headers);
    if let Some(routed) = routed {
        params.extend(routed.labels.into_iter().map(|(label, text)| (label, Value::String(text))));
        return Understood { wire, service: routed.service, operation: routed.operation, params };
    }
    let service = if wire == Wire::RestXml && scope.signing_name == "s3" { "s3control" } else { &scope.signing_name };
    Understood { wire, service: service.to_owned(), operation: format!("{method} {path}"), params }
}

impl Call {
    /// A text parameter.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.params.get(name).and_then(Value::as_str)
    }

    /// A text parameter that the operation cannot do without.
    pub(crate) fn required(&self, name: &str) -> Result<&str, AwsError> {
        let code = match self.service.as_str() {
            "guardduty" => "BadRequestException",
            "accessanalyzer" | "account" | "detective" => "ValidationException",
            _ => "InvalidInputException",
        };
        self.text(name).ok_or_else(|| AwsError::new(400, code, format!("missing required parameter `{name}`")))
    }

    /// The list of texts `name`, empty where it is not given.
    pub(crate) fn texts(&self, name: &str) -> Vec<String> {
        let values = self.params.get(name).and_then(Value::as_array);
        values.into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
    }

    /// The list of objects `name`, empty where it is not given.
    pub(crate) fn objects(&self, name: &str) -> Vec<Map<String, Value>> {
        let values = self.params.get(name).and_then(Value::as_array);
        values.into_iter().flatten().filter_map(Value::as_object).cloned().collect()
    }

    /// The account and Region that the call is made in: what most state is kept by.
    pub(crate) fn place(&self) -> (AccountId, Region) {
        (self.account.clone(), self.region.clone())
    }

    /// Whether the operation changes something, judged by its name as AWS's own read-only policies do.
    pub(crate) fn is_mutating(&self) -> bool {
        const READS: [&str; 11] = [
            "Get",
            "List",
            "Describe",
            "BatchGet",
            "BatchDescribe",
            "Head",
            "Lookup",
            "Search",
            "Select",
            "Simulate",
            "Query",
        ];
        let assumes = self.service == "sts";
        let unknown_read = self.operation.starts_with("GET ") || self.operation.starts_with("HEAD ");
        !assumes && !unknown_read && !READS.iter().any(|read| self.operation.starts_with(read))
    }
}

fn json_object(body: &[u8]) -> Map<String, Value> {
    match serde_json::from_slice(body) {
        Ok(Value::Object(object)) => object,
        _ => Map::new(),
    }
}

/// Reads `a=b&c=d`; a key without a value (`?policy`) is an empty text, a repeated key becomes a list.
pub(crate) fn form_pairs(text: &[u8]) -> Map<String, Value> {
    let text = String::from_utf8_lossy(text);
    let mut pairs = Map::new();
    for pair in text.split('&').filter(|pair| !pair.is_empty()) {
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        let value = Value::String(unescape(&value.replace('+', " ")));
        match pairs.entry(unescape(&key.replace('+', " "))) {
            serde_json::map::Entry::Vacant(entry) => {
                entry.insert(value);
            }
            serde_json::map::Entry::Occupied(mut entry) => match entry.get_mut() {
                Value::Array(values) => values.push(value),
                first => *first = Value::Array(vec![first.take(), value]),
            },
        }
    }
    pairs
}

/// Undoes percent-encoding.
pub(crate) fn unescape(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        let mut ahead = rest.clone();
        let digits = (ahead.next().and_then(hex_digit), ahead.next().and_then(hex_digit));
        match (byte, digits) {
            (b'%', (Some(high), Some(low))) => {
                bytes.push(high * 16 + low);
                rest = ahead;
            }
            _ => bytes.push(byte),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn hex_digit(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

/// Percent-encodes everything but the unreserved characters, for forms and paths that the testbed sends itself.
pub(crate) fn percent(text: &str) -> String {
    use std::fmt::Write as _;
    let mut escaped = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            escaped.push(char::from(byte));
        } else {
            // Writing to a string cannot fail.
            let _ = write!(escaped, "%{byte:02X}");
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        let pair = |(name, value): &(&'static str, &str)| (http::HeaderName::from_static(name), value.parse().unwrap());
        pairs.iter().map(pair).collect()
    }

    #[test]
    fn requests_are_understood() {
        let check = |signing: &str,
                     method: Method,
                     target: &str,
                     extra: &[(&'static str, &str)],
                     body: &str,
                     expected: Value| {
            let authorization = format!(
                "AWS4-HMAC-SHA256 Credential=test/20260101/eu-west-1/{signing}/aws4_request, SignedHeaders=host, Signature=0"
            );
            let mut all = headers(&[("authorization", &authorization)]);
            all.extend(headers(extra));
            let scope = Scope::read(&all).unwrap();
            assert_eq!((scope.access_key.as_str(), scope.region.as_str()), ("test", "eu-west-1"));
            let found = understand(&scope, &method, target, &all, body.as_bytes());
            assert_eq!(json!([found.service, found.operation, found.params]), expected);
        };
        let target = [("x-amz-target", "AWSOrganizationsV20161128.ListRoots")];
        check(
            "organizations",
            Method::POST,
            "/",
            &target,
            "{\"MaxResults\":2}",
            json!(["organizations", "ListRoots", {"MaxResults": 2}]),
        );
        let form = [("content-type", "application/x-www-form-urlencoded; charset=utf-8")];
        check(
            "sts",
            Method::POST,
            "/",
            &form,
            "Action=AssumeRole&RoleArn=arn%3Aaws%3Aiam%3A%3A1%3Arole%2Fr",
            json!(["sts", "AssumeRole", {"Action": "AssumeRole", "RoleArn": "arn:aws:iam::1:role/r"}]),
        );
        check(
            "guardduty",
            Method::GET,
            "/detector/12/",
            &[],
            "",
            json!(["guardduty", "GetDetector", {"DetectorId": "12"}]),
        );
        check(
            "securityhub",
            Method::GET,
            "/standards/controls/arn%3Aaws%3Ax%2Fy?MaxResults=5",
            &[],
            "",
            json!(["securityhub", "DescribeStandardsControls", {"MaxResults": "5", "StandardsSubscriptionArn": "arn:aws:x/y"}]),
        );
        check(
            "s3",
            Method::PUT,
            "/b?policy",
            &[],
            "{}",
            json!(["s3", "PutBucketPolicy", {"policy": "", "Bucket": "b"}]),
        );
        check("s3", Method::PUT, "/b", &[], "", json!(["s3", "CreateBucket", {"Bucket": "b"}]));
        check("s3", Method::GET, "/", &[], "", json!(["s3", "ListBuckets", {}]));
        check(
            "s3",
            Method::PUT,
            "/b/some/key?x-id=PutObject",
            &[],
            "x",
            json!(["s3", "PutObject", {"x-id": "PutObject", "Bucket": "b", "Key": "some/key"}]),
        );
        check(
            "s3",
            Method::PUT,
            "/b/k",
            &[("x-amz-copy-source", "a/b")],
            "",
            json!(["s3", "CopyObject", {"Bucket": "b", "Key": "k"}]),
        );
        check(
            "s3",
            Method::GET,
            "/v20180820/configuration/publicAccessBlock",
            &[("x-amz-account-id", "1")],
            "",
            json!(["s3control", "GetPublicAccessBlock", {}]),
        );
        check("unheard-of", Method::GET, "/a", &[], "", json!(["unheard-of", "GET /a", {}]));
    }

    #[test]
    fn percent_encoding_goes_both_ways() {
        for text in ["plain", "a b/ü%", "%zz"] {
            assert_eq!(unescape(&percent(text)), text);
        }
        assert_eq!(unescape("100%"), "100%");
    }
}
