//! Where a call goes and how it is signed: the interpreter of a service's endpoint rules.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::functions;
use crate::model::{Operation, Service};
use crate::rules::{AuthSchemeRule, DefaultValue, EndpointRule, Expression, Part, Rule, Then};

/// What a rule set is asked with: `Region`, `UseFIPS`, `UseDualStack`, `Endpoint`, `AccountId`, and what
/// the service and the operation add (`Bucket`, `ForcePathStyle`). Those that a rule set does not know are
/// ignored.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct EndpointParams(BTreeMap<String, Value>);

impl EndpointParams {
    pub fn new(region: &str) -> Self {
        Self::default().with("Region", region)
    }

    /// Text, a flag, or a list of texts.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.0.insert(name.to_owned(), value.into());
        self
    }

    /// Adds what an operation sets by itself and by its parameters' members.
    #[must_use]
    pub fn of_call(mut self, service: &Service, operation: &Operation, params: &Value) -> Self {
        let fixed = operation.static_context.as_deref().map(serde_json::from_str::<Map<String, Value>>);
        if let Some(Ok(fixed)) = fixed {
            self.0.extend(fixed);
        }
        let members = operation.input.and_then(|input| service.structure(input)).map(|input| &input.members);
        for member in members.into_iter().flatten() {
            if let (Some(name), Some(value)) = (&member.context_param, params.get(&member.name)) {
                self.0.insert(name.clone(), value.clone());
            }
        }
        self
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    /// Scheme, host, and a path where the service has one. The operation's own path is appended to it.
    pub url: String,
    pub headers: BTreeMap<String, Vec<String>>,
    /// Never empty; the service's preference first.
    pub auth_schemes: Vec<AuthScheme>,
}

impl Endpoint {
    /// The scheme that plain signature version 4 takes, if the endpoint takes it.
    pub fn sigv4(&self) -> Option<&AuthScheme> {
        self.auth_schemes.iter().find(|scheme| scheme.name == "sigv4")
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuthScheme {
    /// `sigv4`, `sigv4a`, `sigv4-s3express`
    pub name: String,
    pub signing_name: String,
    /// For `sigv4a` a set, joined by commas.
    pub signing_region: String,
    /// The path is put into the signature as it is: S3.
    pub disable_double_encoding: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EndpointError {
    /// The rule set's own words.
    #[error("`{service}` has no endpoint for this call: {message}")]
    Refused { service: String, message: String },
    #[error("the endpoint rules of `{service}` need `{parameter}`")]
    Missing { service: String, parameter: String },
    #[error("the endpoint rules of `{service}` have no answer for this call")]
    NoAnswer { service: String },
}

/// `AWS_ENDPOINT_URL_CONFIG_SERVICE`: the environment variable that puts another endpoint in a service's place.
pub fn endpoint_environment_name(service: &Service) -> String {
    let id = service.service_id.replace([' ', '-'], "_").to_uppercase();
    format!("AWS_ENDPOINT_URL_{id}")
}

/// The endpoint of a call. The operation's host prefix is not part of it, with one exception: given `AccountId`
/// and `RequiresAccountId`, the rules of `s3control` put the account in the host themselves (also before an
/// `Endpoint` of one's own); the prefix must then not be added again.
///
/// # Errors
/// When a needed parameter is not given, or the service is not reached that way (FIPS where there is none).
pub fn resolve(service: &Service, params: &EndpointParams) -> Result<Endpoint, EndpointError> {
    let rules = &service.endpoint_rules;
    let mut names = Names { service, known: Vec::new() };
    for (name, parameter) in &rules.parameters {
        let value = params.0.get(name).cloned().or_else(|| parameter.default.as_ref().map(default));
        match value.filter(|value| !value.is_null()) {
            Some(value) => names.known.push((name, value)),
            None if parameter.required => {
                let service = service.name.clone();
                return Err(EndpointError::Missing { service, parameter: name.clone() });
            }
            None => {}
        }
    }
    let answer = names.first(&rules.rules)?;
    answer.ok_or_else(|| EndpointError::NoAnswer { service: service.name.clone() })
}

fn default(value: &DefaultValue) -> Value {
    match value {
        DefaultValue::Text(text) => Value::from(text.as_str()),
        DefaultValue::Flag(flag) => Value::from(*flag),
        DefaultValue::List(list) => Value::from(list.as_slice()),
    }
}

/// Parameters, and what conditions assigned on the way to the rule at hand.
struct Names<'a> {
    service: &'a Service,
    known: Vec<(&'a str, Value)>,
}

impl<'a> Names<'a> {
    /// What the first rule says that applies.
    fn first(&mut self, rules: &'a [Rule]) -> Result<Option<Endpoint>, EndpointError> {
        for rule in rules {
            let outside = self.known.len();
            let answer = if self.holds(rule) { self.answer(&rule.then)? } else { None };
            self.known.truncate(outside);
            if answer.is_some() {
                return Ok(answer);
            }
        }
        Ok(None)
    }

    fn holds(&mut self, rule: &'a Rule) -> bool {
        rule.conditions.iter().all(|condition| {
            let value = self.value(&condition.value);
            let holds = functions::is_true(&value);
            if let Some(name) = &condition.assign {
                self.known.push((name, value));
            }
            holds
        })
    }

    fn answer(&mut self, then: &'a Then) -> Result<Option<Endpoint>, EndpointError> {
        match then {
            Then::Rules(rules) => self.first(rules),
            Then::Error(message) => {
                Err(EndpointError::Refused { service: self.service.name.clone(), message: self.text(message) })
            }
            Then::Endpoint(endpoint) => Ok(Some(self.endpoint(endpoint))),
        }
    }

    fn endpoint(&self, rule: &EndpointRule) -> Endpoint {
        let mut auth_schemes: Vec<AuthScheme> =
            rule.auth_schemes.iter().map(|scheme| self.auth_scheme(scheme)).collect();
        if auth_schemes.is_empty() {
            auth_schemes.push(AuthScheme {
                name: "sigv4".to_owned(),
                signing_name: self.service.signing_name.clone(),
                signing_region: self.region(),
                disable_double_encoding: false,
            });
        }
        let headers = rule.headers.iter();
        Endpoint {
            url: self.text(&rule.url),
            headers: headers
                .map(|(name, values)| (name.clone(), values.iter().map(|value| self.text(value)).collect()))
                .collect(),
            auth_schemes,
        }
    }

    fn auth_scheme(&self, rule: &AuthSchemeRule) -> AuthScheme {
        let set: Vec<String> = rule.signing_region_set.iter().map(|region| self.text(region)).collect();
        let region = rule.signing_region.as_ref().map(|region| self.text(region));
        let region = region.or_else(|| (!set.is_empty()).then(|| set.join(",")));
        AuthScheme {
            name: rule.name.clone(),
            signing_name: match &rule.signing_name {
                Some(name) => self.text(name),
                None => self.service.signing_name.clone(),
            },
            signing_region: region.unwrap_or_else(|| self.region()),
            disable_double_encoding: rule.disable_double_encoding,
        }
    }

    fn region(&self) -> String {
        self.named("Region").as_str().unwrap_or_default().to_owned()
    }

    fn named(&self, name: &str) -> Value {
        let found = self.known.iter().rev().find(|(known, _)| *known == name);
        found.map(|(_, value)| value.clone()).unwrap_or_default()
    }

    fn value(&self, expression: &Expression) -> Value {
        match expression {
            Expression::Flag(flag) => Value::from(*flag),
            Expression::Number(number) => Value::from(*number),
            Expression::Template(parts) => Value::from(self.fill(parts)),
            Expression::Reference(name) => self.named(name),
            Expression::List(items) => items.iter().map(|item| self.value(item)).collect(),
            Expression::Call(function, arguments) => {
                let arguments: Vec<Value> = arguments.iter().map(|argument| self.value(argument)).collect();
                functions::apply(function, &arguments)
            }
        }
    }

    fn text(&self, expression: &Expression) -> String {
        match self.value(expression) {
            Value::String(text) => text,
            _ => String::new(),
        }
    }

    fn fill(&self, parts: &[Part]) -> String {
        let mut text = String::new();
        for part in parts {
            match part {
                Part::Text(plain) => text.push_str(plain),
                Part::Value(name, steps) => {
                    text.push_str(functions::get(&self.named(name), steps).as_str().unwrap_or_default());
                }
            }
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{Models, partitions};

    /// URL, signing name and signing Region, or the error's message.
    #[expect(clippy::needless_pass_by_value, reason = "the cases read better without references")]
    fn check(service: &str, params: Value, expected: &str) {
        let service = Models::embedded().service(service).expect("embedded");
        let params = EndpointParams(params.as_object().expect("an object").clone().into_iter().collect());
        let found = match resolve(&service, &params) {
            Ok(endpoint) => {
                let scheme = endpoint.auth_schemes.first().expect("never empty");
                let escaping = if scheme.disable_double_encoding { " once" } else { "" };
                let AuthScheme { name, signing_name, signing_region, .. } = scheme;
                format!("{} {name} {signing_name} {signing_region}{escaping}", endpoint.url)
            }
            Err(error) => error.to_string(),
        };
        assert_eq!(found, expected, "{} {params:?}", service.name);
    }

    #[test]
    fn regional_services() {
        check(
            "guardduty",
            json!({"Region": "ap-northeast-1"}),
            "https://guardduty.ap-northeast-1.amazonaws.com sigv4 guardduty ap-northeast-1",
        );
        check(
            "guardduty",
            json!({"Region": "cn-north-1"}),
            "https://guardduty.cn-north-1.amazonaws.com.cn sigv4 guardduty cn-north-1",
        );
        check(
            "guardduty",
            json!({"Region": "us-gov-west-1"}),
            "https://guardduty.us-gov-west-1.amazonaws.com sigv4 guardduty us-gov-west-1",
        );
        check(
            "ec2",
            json!({"Region": "us-east-1", "UseFIPS": true}),
            "https://ec2-fips.us-east-1.amazonaws.com sigv4 ec2 us-east-1",
        );
        check(
            "ec2",
            json!({"Region": "eu-west-1", "UseDualStack": true}),
            "https://ec2.eu-west-1.api.aws sigv4 ec2 eu-west-1",
        );
        check(
            "sts",
            json!({"Region": "ap-northeast-1"}),
            "https://sts.ap-northeast-1.amazonaws.com sigv4 sts ap-northeast-1",
        );
        check(
            "sts",
            json!({"Region": "ap-northeast-1", "UseGlobalEndpoint": true}),
            "https://sts.amazonaws.com sigv4 sts us-east-1",
        );
    }

    #[test]
    fn global_services() {
        check("iam", json!({"Region": "ap-northeast-1"}), "https://iam.amazonaws.com sigv4 iam us-east-1");
        check("iam", json!({"Region": "cn-north-1"}), "https://iam.cn-north-1.amazonaws.com.cn sigv4 iam cn-north-1");
        check("iam", json!({"Region": "us-gov-east-1"}), "https://iam.us-gov.amazonaws.com sigv4 iam us-gov-west-1");
        check(
            "organizations",
            json!({"Region": "eu-west-1"}),
            "https://organizations.us-east-1.amazonaws.com sigv4 organizations us-east-1",
        );
        check(
            "organizations",
            json!({"Region": "cn-north-1"}),
            "https://organizations.cn-northwest-1.amazonaws.com.cn sigv4 organizations cn-northwest-1",
        );
        check("route53", json!({"Region": "eu-west-1"}), "https://route53.amazonaws.com sigv4 route53 us-east-1");
        check(
            "cloudfront",
            json!({"Region": "eu-west-1"}),
            "https://cloudfront.amazonaws.com sigv4 cloudfront us-east-1",
        );
    }

    #[test]
    fn s3() {
        check("s3", json!({"Region": "eu-west-1"}), "https://s3.eu-west-1.amazonaws.com sigv4 s3 eu-west-1 once");
        check(
            "s3",
            json!({"Region": "eu-west-1", "Bucket": "my-bucket"}),
            "https://my-bucket.s3.eu-west-1.amazonaws.com sigv4 s3 eu-west-1 once",
        );
        check(
            "s3",
            json!({"Region": "eu-west-1", "Bucket": "my.bucket"}),
            "https://s3.eu-west-1.amazonaws.com/my.bucket sigv4 s3 eu-west-1 once",
        );
        check(
            "s3",
            json!({"Region": "eu-west-1", "Bucket": "my-bucket", "ForcePathStyle": true}),
            "https://s3.eu-west-1.amazonaws.com/my-bucket sigv4 s3 eu-west-1 once",
        );
        check(
            "s3",
            json!({"Region": "us-east-1", "Bucket": "b-1", "ForcePathStyle": true, "Endpoint": "http://127.0.0.1:4566"}),
            "http://127.0.0.1:4566/b-1 sigv4 s3 us-east-1 once",
        );
        check(
            "s3",
            json!({"Region": "us-west-2", "Bucket": "arn:aws:s3:us-west-2:123456789012:accesspoint:point"}),
            "https://point-123456789012.s3-accesspoint.us-west-2.amazonaws.com sigv4 s3 us-west-2 once",
        );
        check(
            "s3control",
            json!({"Region": "ap-northeast-1", "AccountId": "123456789012", "RequiresAccountId": true}),
            "https://123456789012.s3-control.ap-northeast-1.amazonaws.com sigv4 s3 ap-northeast-1 once",
        );
    }

    #[test]
    fn endpoints_of_ones_own() {
        check(
            "guardduty",
            json!({"Region": "us-east-1", "Endpoint": "http://127.0.0.1:4566"}),
            "http://127.0.0.1:4566 sigv4 guardduty us-east-1",
        );
        check(
            "guardduty",
            json!({"Region": "us-east-1", "Endpoint": "http://127.0.0.1:4566", "UseFIPS": true}),
            "`guardduty` has no endpoint for this call: Invalid Configuration: FIPS and custom endpoint are not supported",
        );
        let name = |service| endpoint_environment_name(&Models::embedded().service(service).expect("embedded"));
        assert_eq!(name("organizations"), "AWS_ENDPOINT_URL_ORGANIZATIONS");
        assert_eq!(name("config"), "AWS_ENDPOINT_URL_CONFIG_SERVICE");
        assert_eq!(name("s3control"), "AWS_ENDPOINT_URL_S3_CONTROL");
    }

    #[test]
    fn what_is_missing_is_said() {
        check(
            "guardduty",
            json!({}),
            "`guardduty` has no endpoint for this call: Invalid Configuration: Missing Region",
        );
        check("acm", json!({"Region": "us-east-1"}), "the endpoint rules of `acm` need `ServiceType`");
    }

    #[test]
    fn a_call_gives_parameters() {
        for (service, operation, params, expected) in [
            (
                "s3",
                "GetBucketPolicy",
                json!({"Bucket": "b"}),
                json!({"Bucket": "b", "UseS3ExpressControlEndpoint": true}),
            ),
            ("acm", "ListCertificates", json!({}), json!({"ServiceType": "ACM"})),
            ("sts", "GetCallerIdentity", json!({}), json!({})),
        ] {
            let service = Models::embedded().service(service).expect("embedded");
            let operation = service.operation(operation).expect("modelled");
            let found = EndpointParams::new("us-east-1").of_call(&service, operation, &params);
            let mut expected = expected.as_object().expect("an object").clone();
            expected.insert("Region".to_owned(), json!("us-east-1"));
            assert_eq!(found, EndpointParams(expected.into_iter().collect()));
        }
    }

    #[test]
    fn every_service_is_reached_in_every_partition() {
        let models = Models::embedded();
        let mut refused = Vec::new();
        for service in models.names().filter_map(|name| models.service(name)) {
            for partition in partitions::all() {
                let region = partition.regions.keys().next().expect("a partition has Regions");
                // What the first operation gives serves for all of them here.
                let operation = service.operations.values().next().expect("a service has operations");
                let params =
                    EndpointParams::new(region).of_call(&service, operation, &json!({"AccountId": "123456789012"}));
                match resolve(&service, &params) {
                    Ok(endpoint) => {
                        assert!(endpoint.url.starts_with("https://"), "{}: {}", service.name, endpoint.url);
                        assert!(!endpoint.url.contains(['{', '}']), "{}: {}", service.name, endpoint.url);
                        let scheme = endpoint.sigv4().expect("signature version 4 is taken");
                        assert!(!scheme.signing_name.is_empty(), "{}", service.name);
                        assert_eq!(
                            partition_id(&scheme.signing_region),
                            Some(partition.id.as_str()),
                            "{}",
                            service.name
                        );
                    }
                    Err(error) => refused.push(format!("{} {error}", partition.id)),
                }
            }
        }
        assert_eq!(refused, [""; 0]);
    }

    fn partition_id(region: &str) -> Option<&'static str> {
        partitions::partition_of(region).map(|partition| partition.id.as_str())
    }
}
