//! Requests as JSON lines in, answers as JSON lines out: for scripts, and for comparison with other implementations.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use dodai_facts::{AccountId, nearest};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::answer::{Answer, By, Layer};
use super::compile::Policy;
use super::evaluate::{Judge, Policies};
use super::request::{Asked, Given, Request};
use super::slices;
use crate::language;

/// A line may have 16 MB.
pub const MAX_LINE_BYTES: usize = 16 << 20;
/// Texts of policies that are remembered, in bytes.
const MAX_REMEMBERED: usize = 64 << 20;

const FIELDS: [&str; 10] =
    ["id", "closed", "request", "identity", "resourcePolicy", "boundary", "session", "endpoint", "scps", "rcps"];
const MANAGEMENT_ACCOUNT: &str = "managementAccount";

/// Policies that were read before, by their text.
#[derive(Debug, Default)]
pub struct Cache {
    policies: HashMap<Box<str>, Arc<Policy>>,
    /// By the texts of all policies of a line.
    judges: HashMap<Box<str>, Judge>,
    bytes: usize,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct AskedLine<'l> {
    #[serde(borrow)]
    principal: Cow<'l, str>,
    principal_type: Option<String>,
    action: String,
    resource: Option<String>,
    resources: Option<Vec<String>>,
    resource_account: Option<String>,
    #[serde(default)]
    context: BTreeMap<String, Value>,
}

/// Decides the request of one line. What cannot be read gives a line with `error`.
pub fn decide_line(line: &str, cache: &mut Cache) -> String {
    try_decide_line(line, cache).unwrap_or_else(|error| error)
}

/// The same, telling the two kinds of line apart.
///
/// # Errors
/// The line with `error`.
pub fn try_decide_line(line: &str, cache: &mut Cache) -> Result<String, String> {
    let mut id = "null";
    answer(line, &mut id, cache).map_err(|error| {
        // An id that is not JSON is not repeated.
        let id = if serde_json::from_str::<Value>(id).is_ok() { id } else { "null" };
        format!("{{\"id\":{id},\"error\":{}}}", Value::String(error))
    })
}

fn answer<'l>(line: &'l str, id: &mut &'l str, cache: &mut Cache) -> Result<String, String> {
    if line.len() > MAX_LINE_BYTES {
        return Err(format!("the line is too long: {} bytes; at most {MAX_LINE_BYTES}", line.len()));
    }
    let entries = slices::object(line).map_err(|error| format!("not a JSON object: {error}"))?;
    if let Some((_, text)) = entries.iter().find(|(key, _)| *key == "id") {
        *id = text;
    }
    for (at, (key, _)) in entries.iter().enumerate() {
        if !FIELDS.contains(key) && *key != MANAGEMENT_ACCOUNT {
            let near = nearest(key, FIELDS.into_iter().chain([MANAGEMENT_ACCOUNT]));
            let near = near.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
            return Err(format!("unknown field `{key}`{near}"));
        }
        if entries.iter().take(at).any(|(earlier, _)| earlier == key) {
            return Err(format!("the field `{key}` is here twice"));
        }
    }
    let field = |name: &str| entries.iter().find(|(key, _)| *key == name).map(|(_, text)| *text);
    let closed = match field("closed") {
        None | Some("false") => false,
        Some("true") => true,
        Some(other) => return Err(format!("`closed` is true or false, not `{other}`")),
    };
    let asked = field("request").ok_or("`request` is missing")?;
    let asked: AskedLine<'_> = serde_json::from_str(asked).map_err(|error| format!("request: {error}"))?;
    let request = Request::new(asked.asked(closed)?).map_err(|error| format!("request: {error}"))?;
    let policies: String = entries
        .iter()
        .filter(|(key, _)| !matches!(*key, "id" | "closed" | "request"))
        .flat_map(|(key, text)| [*key, " ", *text, "\n"])
        .collect();
    if !cache.judges.contains_key(policies.as_str()) {
        cache.make_room(policies.len());
        let judge = Judge::new(cache.policies(field)?);
        cache.bytes += policies.len();
        cache.judges.insert(policies.as_str().into(), judge);
    }
    let judge = cache.judges.get_mut(policies.as_str()).ok_or("the policies cannot be remembered")?;
    let answer = judge.decide(&request);
    Ok(written(id, &answer, judge.policies()))
}

impl AskedLine<'_> {
    fn asked(self, closed: bool) -> Result<Asked, String> {
        let resources = match (self.resource, self.resources) {
            (Some(_), Some(_)) => return Err("request: give `resource` or `resources`, not both".to_owned()),
            (Some(one), None) => vec![one],
            (None, several) => several.unwrap_or_default(),
        };
        let mut context = BTreeMap::new();
        for (key, value) in self.context {
            let given = given(value).ok_or_else(|| {
                format!("request: the value of `{key}` is a text, a list of texts, or null where the key is absent")
            })?;
            context.insert(key, given);
        }
        Ok(Asked {
            principal: self.principal.into_owned(),
            principal_type: self.principal_type,
            action: self.action,
            resources,
            resource_account: self.resource_account,
            context,
            closed,
            organization: None,
        })
    }
}

fn given(value: Value) -> Option<Given> {
    match value {
        Value::Null => Some(Given::Absent),
        Value::Array(values) => values.into_iter().map(text).collect::<Option<_>>().map(Given::Values),
        one => text(one).map(Given::value),
    }
}

fn text(value: Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text),
        Value::Bool(_) | Value::Number(_) => Some(value.to_string()),
        _ => None,
    }
}

impl Cache {
    fn make_room(&mut self, bytes: usize) {
        if self.bytes.saturating_add(bytes) > MAX_REMEMBERED {
            *self = Self::default();
        }
    }

    fn policies<'l>(&mut self, field: impl Fn(&str) -> Option<&'l str>) -> Result<Policies, String> {
        let there = |name: &str| field(name).filter(|text| *text != "null");
        let list = |name: &str, text: &'l str| slices::list(text).map_err(|error| format!("{name}: {error}"));
        let mut policies = Policies::default();
        for (name, to) in [("identity", &mut policies.identity), ("session", &mut policies.session)] {
            for (at, text) in there(name).map(|text| list(name, text)).transpose()?.into_iter().flatten().enumerate() {
                to.push(self.policy(&format!("{name}[{at}]"), text)?);
            }
        }
        for (name, to) in [
            ("resourcePolicy", &mut policies.resource),
            ("boundary", &mut policies.boundary),
            ("endpoint", &mut policies.endpoint),
        ] {
            *to = there(name).map(|text| self.policy(name, text)).transpose()?;
        }
        for (name, to) in [("scps", &mut policies.scps), ("rcps", &mut policies.rcps)] {
            let Some(text) = there(name) else { continue };
            let mut levels = Vec::new();
            for (level, text) in list(name, text)?.into_iter().enumerate() {
                let mut of_level = Vec::new();
                for (at, text) in list(name, text)?.into_iter().enumerate() {
                    of_level.push(self.policy(&format!("{name}[{level}][{at}]"), text)?);
                }
                levels.push(of_level);
            }
            *to = Some(levels);
        }
        if let Some(text) = there(MANAGEMENT_ACCOUNT) {
            let account = text.trim_matches('"').parse::<AccountId>();
            policies.management_account = Some(account.map_err(|error| format!("{MANAGEMENT_ACCOUNT}: {error}"))?);
        }
        Ok(policies)
    }

    /// The policy of this text. Its name is where it stood first; answers name it by where it stands.
    fn policy(&mut self, name: &str, text: &str) -> Result<Arc<Policy>, String> {
        if let Some(policy) = self.policies.get(text) {
            return Ok(Arc::clone(policy));
        }
        let document = language::read_json(name, text).map_err(|problems| {
            let told: Vec<String> = problems.iter().map(ToString::to_string).collect();
            told.join("; ")
        })?;
        let policy = Arc::new(Policy::new(name, "", document));
        self.bytes += text.len();
        self.policies.insert(text.into(), Arc::clone(&policy));
        Ok(policy)
    }
}

/// The line of an answer.
fn written(id: &str, answer: &Answer, policies: &Policies) -> String {
    let mut rest = Map::new();
    if let Some(by) = answer.by {
        rest.insert("by".to_owned(), by_value(by, policies));
    }
    if !answer.missing.is_empty() {
        rest.insert("missing".to_owned(), json!(answer.missing));
    }
    if answer.approximate {
        rest.insert("approximate".to_owned(), Value::Bool(true));
    }
    if answer.assumed_same_account {
        rest.insert("assumed".to_owned(), json!("the resource is in the principal's account"));
    }
    let decision = answer.decision.as_str();
    if rest.is_empty() {
        return format!("{{\"id\":{id},\"decision\":\"{decision}\"}}");
    }
    let rest = Value::Object(rest).to_string();
    format!("{{\"id\":{id},\"decision\":\"{decision}\",{}", rest.get(1..).unwrap_or("}"))
}

fn by_value(by: By, policies: &Policies) -> Value {
    let level = by.layer.to_string();
    let Some(((policy, statement), (decider, _))) = by.statement.zip(policies.decider(by)) else {
        return json!({ "level": level });
    };
    let policy = match by.layer {
        Layer::Boundary | Layer::Endpoint => level.clone(),
        Layer::Resource => "resourcePolicy".to_owned(),
        _ => format!("{level}[{policy}]"),
    };
    let sid = decider.document().statements.get(statement).and_then(|statement| statement.sid.as_ref());
    let statement = sid.map_or_else(|| format!("#{}", statement + 1), |sid| sid.value.clone());
    json!({ "policy": policy, "statement": statement, "level": level })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(line: &str, expected: &str) {
        assert_eq!(decide_line(line, &mut Cache::default()), expected, "{line}");
    }

    const ROLE: &str = "arn:aws:iam::111122223333:role/R";

    #[test]
    fn a_line_is_decided() {
        let allow = r#"{"Statement":{"Sid":"A","Effect":"Allow","Action":"s3:*","Resource":"*"}}"#;
        let request = format!(
            r#"{{"principal":"{ROLE}","action":"s3:GetObject","resource":"arn:aws:s3:::b/k","resourceAccount":"111122223333"}}"#
        );
        check(
            &format!(r#"{{"id":1,"request":{request},"identity":[{allow}]}}"#),
            r#"{"id":1,"decision":"allow","by":{"policy":"identity[0]","statement":"A","level":"identity"}}"#,
        );
        check(
            &format!(r#"{{"id":"x","request":{request},"identity":[{allow}],"scps":[[{allow}],[]]}}"#),
            r#"{"id":"x","decision":"implicit_deny","by":{"level":"scps[1]"}}"#,
        );
        let deny = r#"{"Statement":[{"Effect":"Deny","Action":"*","Resource":"*","Condition":{"Bool":{"aws:SecureTransport":false}}}]}"#;
        check(
            &format!(r#"{{"id":2,"request":{request},"identity":[{allow},{deny}]}}"#),
            r#"{"id":2,"decision":"depends","missing":["aws:SecureTransport"]}"#,
        );
        check(
            &format!(
                r#"{{"id":2,"closed":true,"request":{request},"identity":[{allow},{deny}],"managementAccount":"111122223333","scps":[[]]}}"#
            ),
            r#"{"id":2,"decision":"allow","by":{"policy":"identity[0]","statement":"A","level":"identity"}}"#,
        );
    }

    #[test]
    fn a_line_that_cannot_be_read_says_why() {
        check("", r#"{"id":null,"error":"not a JSON object: expected an object"}"#);
        check(r#"{"id":7}"#, r#"{"id":7,"error":"`request` is missing"}"#);
        check(r#"{"id":7,"scp":[]}"#, r#"{"id":7,"error":"unknown field `scp`; did you mean `scps`?"}"#);
        check(r#"{"id":7,"id":8}"#, r#"{"id":7,"error":"the field `id` is here twice"}"#);
        check(r#"{"id":nope,"x":1}"#, r#"{"id":null,"error":"unknown field `x`"}"#);
        let request = format!(
            r#"{{"principal":"{ROLE}","action":"s3:GetObject","context":{{"aws:PrincipalAccount":"999999999999"}}}}"#
        );
        check(
            &format!(r#"{{"id":7,"request":{request}}}"#),
            r#"{"id":7,"error":"request: `aws:PrincipalAccount` is given as `999999999999`, but the request makes it `111122223333`"}"#,
        );
        let request = format!(r#"{{"principal":"{ROLE}","action":"s3:GetObject"}}"#);
        check(
            &format!(r#"{{"id":7,"request":{request},"identity":[{{}}]}}"#),
            r#"{"id":7,"error":"identity[0]:1:1: `Statement` is missing (a policy is a list of statements)"}"#,
        );
    }
}
