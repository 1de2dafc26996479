//! Where a call goes: the service's endpoint rules, or the endpoint that the environment puts in their place.

use std::collections::BTreeMap;

use dodai_models::{Endpoint, EndpointParams, Operation, Service, endpoint_environment_name, partitions, resolve};
use http::Uri;
use serde_json::Value;

/// The environment's say about endpoints: `AWS_ENDPOINT_URL`, `AWS_ENDPOINT_URL_<SERVICE_ID>`,
/// `AWS_IGNORE_CONFIGURED_ENDPOINT_URLS`, `AWS_USE_FIPS_ENDPOINT`, `AWS_USE_DUALSTACK_ENDPOINT`.
#[derive(Debug, Clone, Default)]
pub struct Endpoints {
    /// By the environment variable's name.
    configured: BTreeMap<String, String>,
    fips: bool,
    dual_stack: bool,
    allow_http: bool,
}

/// Where one request goes, and for whom it is signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Target {
    /// `https://host:port`
    pub(crate) origin: String,
    /// In front of the operation's path; empty, or with a slash before and none behind.
    pub(crate) path: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) signing_name: String,
    pub(crate) signing_region: String,
    /// The path goes into the signature as it is: S3.
    pub(crate) verbatim_path: bool,
}

impl Endpoints {
    /// Reads the variables that matter; all others are passed over.
    pub fn from_variables(variables: impl IntoIterator<Item = (String, String)>, allow_http: bool) -> Self {
        let variables: BTreeMap<String, String> =
            variables.into_iter().filter(|(name, value)| name.starts_with("AWS_") && !value.is_empty()).collect();
        let flag = |name: &str| variables.get(name).is_some_and(|value| value.eq_ignore_ascii_case("true"));
        let (fips, dual_stack) = (flag("AWS_USE_FIPS_ENDPOINT"), flag("AWS_USE_DUALSTACK_ENDPOINT"));
        let configured = if flag("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS") {
            BTreeMap::new()
        } else {
            variables.into_iter().filter(|(name, _)| name.starts_with(GENERAL)).collect()
        };
        Self { configured, fips, dual_stack, allow_http }
    }

    /// What the AWS profile says, where the environment says nothing.
    #[must_use]
    pub(crate) fn or_profile(mut self, url: Option<&str>, fips: bool, dual_stack: bool) -> Self {
        if let Some(url) = url {
            self.configured.entry(GENERAL.to_owned()).or_insert_with(|| url.to_owned());
        }
        self.fips |= fips;
        self.dual_stack |= dual_stack;
        self
    }

    fn configured(&self, service: &Service) -> Option<&str> {
        let own = self.configured.get(&endpoint_environment_name(service));
        own.or_else(|| self.configured.get(GENERAL)).map(String::as_str)
    }

    /// The error says why there is no endpoint, in words for the user.
    pub(crate) fn locate(
        &self,
        service: &Service,
        operation: &Operation,
        region: &str,
        params: &Value,
        host_prefix: Option<&str>,
    ) -> Result<Target, String> {
        let configured = self.configured(service);
        let mut asked = EndpointParams::new(region)
            .of_call(service, operation, params)
            .with("UseFIPS", self.fips)
            .with("UseDualStack", self.dual_stack);
        if let Some(url) = configured {
            asked = asked.with("Endpoint", url).with("ForcePathStyle", true);
        }
        let mut endpoint = resolve(service, &asked).map_err(|error| error.to_string())?;
        if let Some(only) = only_region(service, region, &endpoint).filter(|_| configured.is_none()) {
            endpoint = resolve(service, &asked.with("Region", only)).map_err(|error| error.to_string())?;
        }
        let Some(scheme) = endpoint.sigv4() else {
            return Err(format!("`{}` wants a signature other than version 4 here", service.name));
        };
        let url = Url::parse(&endpoint.url)?;
        let mut authority = url.authority;
        if let Some(configured) = configured {
            let configured = Url::parse(configured)?;
            if configured.plain && !configured.loopback && !self.allow_http {
                return Err(format!(
                    "the endpoint `{}` is plain HTTP, which is for this machine only unless `--allow-http` is given",
                    configured.authority
                ));
            }
            if configured.loopback {
                // No name of the form `123456789012.127.0.0.1` resolves.
                authority = configured.authority;
            } else {
                authority = prefixed(service, host_prefix, &authority);
            }
        } else {
            authority = prefixed(service, host_prefix, &authority);
        }
        let scheme_name = if url.plain { "http" } else { "https" };
        Ok(Target {
            origin: format!("{scheme_name}://{authority}"),
            path: url.path,
            headers: endpoint
                .headers
                .iter()
                .flat_map(|(name, values)| values.iter().map(|value| (name.to_ascii_lowercase(), value.clone())))
                .collect(),
            signing_name: scheme.signing_name.clone(),
            signing_region: scheme.signing_region.clone(),
            verbatim_path: scheme.disable_double_encoding || matches!(service.name.as_str(), "s3" | "s3control"),
        })
    }
}

const GENERAL: &str = "AWS_ENDPOINT_URL";

/// Where a global service is asked whose rules do not lead there by themselves: AWS Health ("Accessing the AWS Health
/// API").
fn only_region(service: &Service, region: &str, endpoint: &Endpoint) -> Option<&'static str> {
    let only = partitions::global_region(&service.name, &partitions::partition_of(region)?.id)?;
    let led = endpoint.sigv4().is_none_or(|scheme| scheme.signing_region != region);
    (only != region && !led).then_some(only)
}

/// S3 Control's rules have put the account id in front already.
fn prefixed(service: &Service, prefix: Option<&str>, authority: &str) -> String {
    match prefix {
        Some(prefix) if service.name != "s3control" && !authority.starts_with(prefix) => format!("{prefix}{authority}"),
        _ => authority.to_owned(),
    }
}

struct Url {
    authority: String,
    path: String,
    plain: bool,
    loopback: bool,
}

impl Url {
    fn parse(text: &str) -> Result<Self, String> {
        let wrong = || format!("the endpoint `{text}` is not a URL of the form https://host");
        let uri: Uri = text.parse().map_err(|_| wrong())?;
        let plain = match uri.scheme_str() {
            Some("http") => true,
            Some("https") => false,
            _ => return Err(wrong()),
        };
        let host = uri.host().filter(|host| !host.is_empty()).ok_or_else(wrong)?;
        let authority = uri.authority().filter(|authority| !authority.as_str().contains('@')).ok_or_else(wrong)?;
        let address = host.trim_start_matches('[').trim_end_matches(']').parse::<std::net::IpAddr>();
        Ok(Self {
            authority: authority.to_string(),
            path: uri.path().trim_end_matches('/').to_owned(),
            plain,
            loopback: host == "localhost" || address.is_ok_and(|address| address.is_loopback()),
        })
    }
}

#[cfg(test)]
mod tests {
    use dodai_models::Models;
    use serde_json::json;

    use super::*;

    fn check(variables: &[(&str, &str)], call: (&str, &str, &str), params: &Value, expected: &str) {
        let (service, operation, region) = call;
        let model = Models::embedded().service(service).unwrap();
        let described = model.operation(operation).unwrap();
        let owned = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let endpoints = Endpoints::from_variables(owned, false);
        let prefix = described.host_prefix.as_deref().map(|prefix| prefix.replace("{AccountId}", "111122223333"));
        let found = match endpoints.locate(&model, described, region, params, prefix.as_deref()) {
            Ok(target) => {
                format!("{}{} {} {}", target.origin, target.path, target.signing_name, target.signing_region)
            }
            Err(message) => message,
        };
        assert!(found.contains(expected), "{service}.{operation} in {region}: {found}, not {expected}");
    }

    #[test]
    fn calls_go_where_the_rules_or_the_environment_say() {
        let none = json!({});
        let local = ("AWS_ENDPOINT_URL", "http://127.0.0.1:5000");
        let bucket = json!({"Bucket": "logs"});
        let account = json!({"AccountId": "111122223333"});
        let list = ("guardduty", "ListDetectors", "eu-west-1");
        check(&[], list, &none, "https://guardduty.eu-west-1.amazonaws.com guardduty eu-west-1");
        check(
            &[("AWS_USE_FIPS_ENDPOINT", "true")],
            ("guardduty", "ListDetectors", "us-east-1"),
            &none,
            "guardduty-fips",
        );
        check(&[], ("iam", "ListUsers", "eu-west-1"), &none, "https://iam.amazonaws.com iam us-east-1");
        check(&[], ("organizations", "ListAccounts", "eu-west-1"), &none, "organizations us-east-1");
        let health = ("health", "DescribeEvents", "eu-west-1");
        check(&[], health, &none, "https://health.us-east-1.amazonaws.com health us-east-1");
        check(
            &[],
            ("sts", "GetCallerIdentity", "eu-west-1"),
            &none,
            "https://sts.eu-west-1.amazonaws.com sts eu-west-1",
        );
        check(&[], ("s3", "GetBucketPolicy", "eu-west-1"), &bucket, "https://logs.s3.eu-west-1.amazonaws.com s3");
        check(&[local], ("s3", "GetBucketPolicy", "eu-west-1"), &bucket, "http://127.0.0.1:5000/logs s3 eu-west-1");
        let block = ("s3control", "GetPublicAccessBlock", "eu-west-1");
        check(&[], block, &account, "https://111122223333.s3-control.eu-west-1.amazonaws.com s3 eu-west-1");
        check(&[local], block, &account, "http://127.0.0.1:5000 s3 eu-west-1");
        check(&[local, ("AWS_ENDPOINT_URL_GUARDDUTY", "http://[::1]:1")], list, &none, "http://[::1]:1 guardduty");
        check(&[local, ("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true")], list, &none, "https://guardduty.eu-west-1");
        check(&[("AWS_ENDPOINT_URL", "http://proxy.example:80")], list, &none, "plain HTTP");
        check(&[("AWS_ENDPOINT_URL", "https://proxy.example")], list, &none, "https://proxy.example guardduty");
        check(&[("AWS_ENDPOINT_URL", "ftp://proxy.example")], list, &none, "not a URL");
        check(&[("AWS_ENDPOINT_URL", "https://user:secret@host")], list, &none, "not a URL");
    }
}
