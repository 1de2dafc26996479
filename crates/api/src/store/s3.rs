//! State in an S3 bucket: the bucket's endpoint, and the session's credentials handed to the object store.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use aws_credential_types::Credentials;
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider};
use dodai_facts::Region;
use object_store::aws::{AmazonS3Builder, AwsCredential, S3ConditionalPut};
use object_store::client::CredentialProvider;
use object_store::{ObjectStore, RetryConfig};

/// Credentials are asked for again this long before they expire.
const EARLY: Duration = Duration::from_mins(5);

/// What opens a bucket.
#[derive(Debug, Clone)]
pub struct S3Access {
    /// The Region of the bucket: the home Region.
    pub region: Region,
    /// Those of the management account.
    pub credentials: SharedCredentialsProvider,
    /// Allow plain HTTP to other hosts than this machine.
    pub allow_http: bool,
}

/// The bucket as an object store. `env` looks up an environment variable.
pub(super) fn bucket(
    name: &str,
    access: &S3Access,
    env: &dyn Fn(&str) -> Option<String>,
) -> Result<Arc<dyn ObjectStore>, String> {
    // The rules of S3's "General purpose bucket naming rules", as far as a wrong name could change the URL.
    let letter = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b".-".contains(&byte);
    if !(3..=63).contains(&name.len()) || !name.bytes().all(letter) || name.contains("..") {
        return Err(format!("`{name}` is not the name of a bucket"));
    }
    let endpoint = endpoint(&access.region, access.allow_http, env)?;
    let plain = endpoint.starts_with("http://");
    // Path style, with the endpoint given: it holds for names with dots, every partition and emulators.
    let store = AmazonS3Builder::new()
        .with_bucket_name(name)
        .with_region(access.region.as_str())
        .with_endpoint(endpoint)
        .with_allow_http(plain)
        .with_virtual_hosted_style_request(false)
        .with_conditional_put(S3ConditionalPut::ETagMatch)
        .with_credentials(Arc::new(Session { from: access.credentials.clone(), held: tokio::sync::Mutex::new(None) }))
        .with_retry(RetryConfig { retry_timeout: Duration::from_mins(1), ..RetryConfig::default() })
        .build()
        .map_err(|why| why.to_string())?;
    Ok(Arc::new(store))
}

/// Where S3 is asked: as the environment says (the AWS SDKs' "Service-specific endpoints"), else the Region's.
fn endpoint(region: &Region, allow_http: bool, env: &dyn Fn(&str) -> Option<String>) -> Result<String, String> {
    let is_on = |name: &str| env(name).is_some_and(|value| value.eq_ignore_ascii_case("true"));
    if !is_on("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS") {
        for name in ["AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL"] {
            let Some(url) = env(name).filter(|url| !url.is_empty()) else { continue };
            let uri: http::Uri = url.parse().map_err(|why| format!("{name} `{url}` is not a URL: {why}"))?;
            return match (uri.scheme_str(), uri.host()) {
                (Some("https"), Some(_)) => Ok(url.trim_end_matches('/').to_owned()),
                (Some("http"), Some(host)) if allow_http || is_loopback(host) => {
                    Ok(url.trim_end_matches('/').to_owned())
                }
                (Some("http"), Some(host)) => Err(format!(
                    "{name} sends plain HTTP to `{host}`: only this machine may be asked so, unless --allow-http is given"
                )),
                _ => Err(format!("{name} `{url}` is not a URL of the form https://host")),
            };
        }
    }
    let service = if is_on("AWS_USE_FIPS_ENDPOINT") { "s3-fips" } else { "s3" };
    let suffix = match region.partition().as_str() {
        "aws-cn" => "amazonaws.com.cn",
        "aws-eusc" => "amazonaws.eu",
        "aws-iso" => "c2s.ic.gov",
        "aws-iso-b" => "sc2s.sgov.gov",
        "aws-iso-e" => "cloud.adc-e.uk",
        "aws-iso-f" => "csp.hci.ic.gov",
        _ => "amazonaws.com",
    };
    Ok(format!("https://{service}.{region}.{suffix}"))
}

fn is_loopback(host: &str) -> bool {
    let host = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// The session's credentials as the object store asks for them: before each request, so they are held
/// until shortly before they expire.
struct Session {
    from: SharedCredentialsProvider,
    held: tokio::sync::Mutex<Option<Held>>,
}

struct Held {
    expires: Option<SystemTime>,
    credential: Arc<AwsCredential>,
}

impl Session {
    async fn credential(&self) -> object_store::Result<Arc<AwsCredential>> {
        let mut held = self.held.lock().await;
        if let Some(held) = &*held
            && held.expires.is_none_or(|expires| SystemTime::now() + EARLY < expires)
        {
            return Ok(held.credential.clone());
        }
        let new: Credentials = self
            .from
            .provide_credentials()
            .await
            .map_err(|why| object_store::Error::Generic { store: "S3", source: Box::new(why) })?;
        let credential = Arc::new(AwsCredential {
            key_id: new.access_key_id().to_owned(),
            secret_key: new.secret_access_key().to_owned(),
            token: new.session_token().map(str::to_owned),
        });
        *held = Some(Held { expires: new.expiry(), credential: credential.clone() });
        Ok(credential)
    }
}

impl CredentialProvider for Session {
    type Credential = AwsCredential;

    // What `async fn` in the trait's own macro comes to.
    fn get_credential<'life, 'future>(
        &'life self,
    ) -> Pin<Box<dyn Future<Output = object_store::Result<Arc<AwsCredential>>> + Send + 'future>>
    where
        'life: 'future,
        Self: 'future,
    {
        Box::pin(self.credential())
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Session")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_endpoint_is_the_environments_or_the_regions() {
        type Case = (&'static str, &'static [(&'static str, &'static str)], bool, Result<&'static str, &'static str>);
        let cases: [Case; 10] = [
            ("us-east-1", &[], false, Ok("https://s3.us-east-1.amazonaws.com")),
            ("cn-north-1", &[], false, Ok("https://s3.cn-north-1.amazonaws.com.cn")),
            (
                "us-gov-west-1",
                &[("AWS_USE_FIPS_ENDPOINT", "true")],
                false,
                Ok("https://s3-fips.us-gov-west-1.amazonaws.com"),
            ),
            ("us-east-1", &[("AWS_ENDPOINT_URL", "http://127.0.0.1:5000/")], false, Ok("http://127.0.0.1:5000")),
            ("us-east-1", &[("AWS_ENDPOINT_URL", "http://[::1]:5000")], false, Ok("http://[::1]:5000")),
            (
                "us-east-1",
                &[("AWS_ENDPOINT_URL", "http://localhost:1"), ("AWS_ENDPOINT_URL_S3", "https://minio.example")],
                false,
                Ok("https://minio.example"),
            ),
            (
                "us-east-1",
                &[("AWS_ENDPOINT_URL", "http://localhost:1"), ("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true")],
                false,
                Ok("https://s3.us-east-1.amazonaws.com"),
            ),
            ("us-east-1", &[("AWS_ENDPOINT_URL", "http://minio.example")], false, Err("plain HTTP to `minio.example`")),
            ("us-east-1", &[("AWS_ENDPOINT_URL", "http://minio.example")], true, Ok("http://minio.example")),
            ("us-east-1", &[("AWS_ENDPOINT_URL", "ftp://minio.example")], true, Err("not a URL of the form")),
        ];
        for (region, environment, allow_http, expected) in cases {
            let env =
                |name: &str| environment.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned());
            match (endpoint(&region.parse().unwrap(), allow_http, &env), expected) {
                (Ok(url), Ok(expected)) => assert_eq!(url, expected),
                (Err(error), Err(expected)) => assert!(error.contains(expected), "{error}"),
                (got, expected) => panic!("{environment:?}: {got:?}, expected {expected:?}"),
            }
        }
    }

    #[tokio::test]
    async fn credentials_are_held_until_they_are_about_to_expire() {
        let access = |expires_in: u64| Session {
            from: SharedCredentialsProvider::new(Credentials::new(
                "AKIDEXAMPLE",
                "secret",
                None,
                Some(SystemTime::now() + Duration::from_secs(expires_in)),
                "test",
            )),
            held: tokio::sync::Mutex::new(None),
        };
        for (expires_in, held) in [(3600, true), (60, false)] {
            let session = access(expires_in);
            let first = session.credential().await.unwrap();
            assert_eq!(Arc::ptr_eq(&first, &session.credential().await.unwrap()), held, "{expires_in}");
            assert!(!format!("{session:?}").contains("secret"));
        }
    }

    #[test]
    fn bucket_names_are_checked() {
        let access = S3Access {
            region: "us-east-1".parse().unwrap(),
            credentials: SharedCredentialsProvider::new(Credentials::new("A", "B", None, None, "test")),
            allow_http: false,
        };
        for (name, valid) in [
            ("dodai-state-111122223333", true),
            ("a.b.c", true),
            ("", false),
            ("a", false),
            ("Bucket", false),
            ("x..y", false),
            ("a@b", false),
        ] {
            assert_eq!(bucket(name, &access, &|_| None).is_ok(), valid, "{name}");
        }
    }
}
