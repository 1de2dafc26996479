//! Random secrets in random exchanges of every model: in whatever place and form, the recording has them in none.

use aws_smithy_types::base64;
use dodai_facts::{Failure, FailureKind};
use dodai_models::{Models, Service, ShapeId, ShapeKind};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::{name, percent, recorded};
use crate::record::redact::{KEPT, Redaction, Side};

/// Texts that have a secret in them, and no other sign of one.
fn forms(secret: &str) -> Vec<String> {
    let document = json!({"a": [{"MasterUserPassword": secret}]}).to_string();
    let number_free = json!({"b": [{"Name": "DB_PASSWORD_PROD", "DefaultValue": secret}]}).to_string();
    let lines = |text: &str| {
        let text = base64::encode(text);
        text.as_bytes().chunks(76).map(|line| String::from_utf8_lossy(line).into_owned()).collect::<Vec<_>>().join("\n")
    };
    vec![
        format!("password={secret}"),
        format!("export DB_PASSWORD_PROD={secret}"),
        format!("Server=db;User=u;Password={secret};Encrypt=true"),
        format!("DefaultEndpointsProtocol=https;AccountName=n;AccountKey={secret};EndpointSuffix=e"),
        format!("https://h.example.com/p?a=b&X-Amz-Signature={secret}&c=d"),
        format!("https://h.example.com/p?sig={secret}"),
        format!("postgres://user:{secret}@db.example.com:5432/x"),
        format!("Authorization: Bearer {secret}"),
        format!("curl -H 'authorization: bearer {secret}' https://h"),
        format!("curl -u admin:{secret} https://h"),
        format!("mysql --host h --password {secret} --user u"),
        format!("<config><password>{secret}</password></config>"),
        format!("<property><name>db.password</name><value>{secret}</value></property>"),
        format!("<add key=\"DbPassword\" value=\"{secret}\"/>"),
        format!("- name: DB_PASSWORD\n  value: {secret}\n"),
        format!("db:\n  password: |\n    {secret}\n  port: 1\n"),
        format!("Parameters:\n  DbPassword:\n    Type: String\n    Default: {secret}\n"),
        format!("define('DB_PASSWORD', '{secret}');"),
        format!("cut off {{\"name\": \"DB_PASSWORD\", \"value\": \"{secret}\", "),
        format!("{{\\\"api_key\\\":\\\"{secret}\\\""),
        format!("Key=DB_PASSWORD,Value={secret}"),
        format!("-----BEGIN PRIVATE KEY-----\\n{secret}\\n-----END PRIVATE KEY-----\\n"),
        json!({"argv": ["mysql", "--password", secret]}).to_string(),
        json!({"outer": document}).to_string(),
        percent(&document),
        format!("https://h/?to={}", percent(&format!("https://u:{secret}@h/"))),
        base64::encode(&document),
        lines(&format!("#!/bin/sh\necho a long enough text to be broken\nexport TOKEN={secret}\n")),
        format!("echo {} | base64 -d", base64::encode(format!("password={secret}"))),
        number_free,
        format!("&lt;password&gt;{secret}&lt;/password&gt;"),
        document,
    ]
}

/// The secret as it stands in the file, in any of the encodings that it may have been left in.
fn traces(secret: &str) -> Vec<String> {
    let mut traces = vec![secret.to_owned(), percent(secret), json!(secret).to_string().trim_matches('"').to_owned()];
    for before in 0..3 {
        // What of it does not depend on what stands beside it.
        let encoded = base64::encode(format!("{}{secret}", "x".repeat(before)));
        let from = (before * 8).div_ceil(6);
        traces.push(encoded[from..from + (secret.len() * 8 - 8) / 6].to_owned());
    }
    traces
}

/// A value of a shape, in which some text is `text`, and whatever the model calls sensitive is `secret`.
struct Writer<'a> {
    service: &'a Service,
    random: fastrand::Rng,
    secret: &'a str,
    text: &'a str,
    written: usize,
}

impl Writer<'_> {
    fn value(&mut self, id: ShapeId, depth: u8, sensitive: bool) -> Value {
        let shape = self.service.shape(id);
        let kept = KEPT.contains(&(self.service.name.as_str(), shape.name.as_str()));
        let sensitive = sensitive || (shape.sensitive && !kept);
        match &shape.kind {
            ShapeKind::Structure(structure) => {
                let members = structure.members.iter().filter(|_| depth < 6);
                let chosen: Vec<_> = members.filter(|_| self.random.u8(..) < 120).collect();
                chosen.iter().map(|one| (one.name.clone(), self.value(one.shape, depth + 1, sensitive))).collect()
            }
            ShapeKind::List { member, .. } => Value::Array(vec![self.value(member.shape, depth + 1, sensitive)]),
            ShapeKind::Map { key, value, .. } => {
                // The names of variables stay, as tables keep them.
                let is_secret = self.service.shape(key.shape).sensitive && !shape.name.contains("Variables");
                let key = if is_secret { self.secret.to_owned() } else { "a".to_owned() };
                let value = self.value(value.shape, depth + 1, sensitive);
                Value::Object(Map::from_iter([(key, value)]))
            }
            ShapeKind::String { .. } if sensitive => {
                self.written += 1;
                json!(self.secret)
            }
            ShapeKind::String { values, .. } if values.is_empty() && self.random.u8(..) < 100 => {
                self.written += 1;
                json!(self.text)
            }
            ShapeKind::Blob { .. } => {
                self.written += 1;
                json!(base64::encode(if sensitive { self.secret } else { self.text }))
            }
            ShapeKind::String { .. } => json!("x"),
            ShapeKind::Boolean => json!(true),
            ShapeKind::Timestamp { .. } => json!("2026-01-02T03:04:05Z"),
            _ => json!(7),
        }
    }
}

fn check(seed: u64, secret: &str, form: usize) -> Result<(), TestCaseError> {
    let names: Vec<_> = Models::embedded().names().collect();
    let mut random = fastrand::Rng::with_seed(seed);
    let service = Models::embedded().service(names[random.usize(..names.len())]).unwrap();
    let operations: Vec<_> = service.operations.iter().collect();
    let (operation, details) = operations[random.usize(..operations.len())];
    let forms = forms(secret);
    let text = &forms[form % forms.len()];
    let mut writer = Writer { service: &service, random, secret, text, written: 0 };
    let mut value = |id: Option<ShapeId>| id.map_or(json!({}), |id| writer.value(id, 0, false));
    let (params, reply) = (value(details.input), value(details.output));
    let name = name(&service.name, operation);
    let bodies = [
        format!("the parameter is wrong: {text}"),
        format!("503: <html><body><h1>Proxy</h1><p>{text}</p></body></html>"),
        format!("Value '{secret}' at 'masterUserPassword' failed to satisfy constraint"),
    ];
    let of = json!({"MasterUserPassword": secret});
    let mut exchanges = vec![(name.clone(), params, Ok(reply))];
    for body in bodies {
        let failure = Failure { request_id: Some(text.clone()), ..name.failure(FailureKind::Denied, text, body) };
        exchanges.push((super::name("nowhere", "PutNothing"), of.clone(), Err(failure)));
    }
    let written = recorded(&exchanges);
    for trace in traces(secret) {
        let at = written.find(&trace);
        let near = at.map(|at| written[at.saturating_sub(200)..].chars().take(400).collect::<String>());
        prop_assert!(near.is_none(), "{}.{operation}: {text:?} left {trace}: {near:?}", service.name);
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn a_planted_secret_is_nowhere_in_the_recording(seed: u64, secret in "[A-Za-z][A-Za-z0-9]{10,30}[0-9]", form: usize) {
        check(seed, &secret, form)?;
    }

    /// What people take for passwords has every sign in it.
    #[test]
    fn a_secret_of_signs_is_hidden_to_its_end(secret in "[A-Za-z0-9!#$%&*+,./:;?@^_|~-]{8,24}x") {
        for text in [
            format!("DB_PASSWORD={secret}"),
            format!("password: '{secret}'"),
            format!("a \"password\": \"{secret}\" b"),
            format!("password: {secret}"),
            format!("<password>{}</password>", secret.replace('&', "&amp;")),
            format!("mysql --password '{secret}' -h x"),
            json!({"password": secret}).to_string(),
            json!(["--password", secret]).to_string(),
            json!(json!({"password": secret}).to_string()).to_string(),
        ] {
            let written = Redaction::default().value(None, Side::Output, &json!({"Text": text})).to_string();
            // Its end: what is cut off at a sign leaves the rest.
            let end = &secret[secret.len() - 8..];
            let ends_in_flag = secret.starts_with('-') && text.contains("--password");
            prop_assert!(ends_in_flag || !written.contains(end), "{text}\n{written}");
        }
    }
}
