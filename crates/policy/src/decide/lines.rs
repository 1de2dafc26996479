//! Requests as JSON lines in, answers as JSON lines out: for scripts, and for comparison with other implementations.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::sync::Arc;

use dodai_document::quote;
use dodai_facts::{AccountId, nearest};
use serde_json::Value;

use super::answer::{Answer, By, Layer};
use super::compile::Policy;
use super::evaluate::{Judge, Policies};
use super::line_request;
use super::misplaced;
use super::request::Request;
use super::slices;
use crate::language::{self, Document};

/// A line may have 16 MB.
pub const MAX_LINE_BYTES: usize = 16 << 20;
/// A policy in a line; AWS's largest documents have 32 KB.
const MAX_POLICY_BYTES: usize = 100 << 10;
/// Bytes of a line's policies times bytes of its request: each pattern may be compared with each text.
const MAX_COMPARED: usize = 1 << 32;
/// What is remembered, in bytes of policies' texts. In memory they take many times as much.
const MAX_REMEMBERED: usize = 16 << 20;
/// What is remembered takes this much beside its text.
const OVERHEAD: usize = 1 << 10;
/// Mistakes of a policy that are told.
const MOST_TOLD: usize = 8;

const FIELDS: [&str; 10] =
    ["id", "closed", "request", "identity", "resourcePolicy", "boundary", "session", "endpoint", "scps", "rcps"];
const MANAGEMENT_ACCOUNT: &str = "managementAccount";

/// Policies that were read before, by their text.
#[derive(Debug, Default)]
pub struct Cache {
    policies: HashMap<Box<str>, Arc<Policy>>,
    judges: Vec<Judge>,
    /// By the texts of all policies of a line, the place of its judge.
    places: HashMap<Box<str>, usize>,
    last: Last,
    bytes: usize,
}

/// The policies of the line before: most lines have the same.
#[derive(Debug, Default)]
struct Last {
    /// Fields with their texts, in the order of the line.
    entries: Vec<(Box<str>, Box<str>)>,
    /// None before the first line.
    judge: Option<usize>,
}

impl Last {
    fn text(&self, key: &str) -> Option<&str> {
        self.entries.iter().find(|(there, _)| **there == *key).map(|(_, text)| &**text)
    }

    fn is<'l>(&self, mut entries: impl Iterator<Item = (&'l str, &'l str)>) -> bool {
        let same = |(key, text): &(Box<str>, Box<str>)| entries.next() == Some((&**key, &**text));
        self.entries.iter().all(same) && entries.next().is_none()
    }
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
        let id = if is_id(id) { id } else { "null" };
        format!("{{\"id\":{id},\"error\":{}}}", Value::String(error))
    })
}

fn answer<'l>(line: &'l str, id: &mut &'l str, cache: &mut Cache) -> Result<String, String> {
    if line.len() > MAX_LINE_BYTES {
        return Err(format!("the line is too long: {} bytes; at most {MAX_LINE_BYTES}", line.len()));
    }
    let line = line.trim();
    // All of it, so that many bytes are looked at in one step.
    if line.bytes().fold(0, |found, byte| found | u8::from(byte == b'\n')) != 0 {
        return Err("a line has no line breaks".to_owned());
    }
    let mut ahead = None;
    let known = |key: &'l str, rest: &'l str| {
        if key != "request" {
            return slices::again(rest, cache.last.text(key)?);
        }
        if ahead.is_some() {
            return None;
        }
        let (asked, length) = line_request::read_ahead(rest)?;
        ahead = Some(asked);
        Some(length)
    };
    let entries = slices::object(line, known).map_err(|error| format!("not a JSON object: {error}"))?;
    if let Some((_, text)) = entries.iter().find(|(key, _)| *key == "id") {
        *id = text;
    }
    for (at, (key, _)) in entries.iter().enumerate() {
        if !FIELDS.contains(key) && *key != MANAGEMENT_ACCOUNT {
            let near = nearest(key, FIELDS.into_iter().chain([MANAGEMENT_ACCOUNT]));
            let near = near.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
            return Err(format!("unknown field {}{near}", quote(key)));
        }
        if entries.iter().take(at).any(|(earlier, _)| earlier == key) {
            return Err(format!("the field `{key}` is here twice"));
        }
    }
    let field = |name: &str| entries.iter().find(|(key, _)| *key == name).map(|(_, text)| *text);
    let closed = match field("closed") {
        None | Some("false") => false,
        Some("true") => true,
        Some(other) => return Err(format!("`closed` is true or false, not {}", quote(other))),
    };
    if !is_id(id) {
        return Err("`id` is not JSON".to_owned());
    }
    let asked = match ahead {
        Some(asked) => asked,
        // It cannot be read, and why is told here.
        None => line_request::read(field("request").ok_or("`request` is missing")?)?,
    };
    let request = Request::of(asked.asked(closed)?).map_err(|error| format!("request: {error}"))?;
    let policies = || entries.iter().copied().filter(|(key, _)| !matches!(*key, "id" | "closed" | "request"));
    let length = policies().map(|(key, text)| key.len() + text.len() + 2).sum::<usize>();
    if length.saturating_mul(request.bytes) > MAX_COMPARED {
        let request = request.bytes;
        return Err(format!("too much to compare: policies of {length} bytes with a request of {request} bytes"));
    }
    let judge = cache.judge(policies, field)?;
    let answer = judge.decide(&request);
    Ok(written(id, &answer, judge.policies()))
}

/// Whether it is JSON. Most ids are numbers.
fn is_id(text: &str) -> bool {
    let number =
        matches!(text.as_bytes(), [b'1'..=b'9', rest @ ..] if rest.len() < 18 && rest.iter().all(u8::is_ascii_digit));
    number || serde_json::from_str::<Value>(text).is_ok()
}

impl Cache {
    /// The judge of a line's policies.
    fn judge<'l, E: Iterator<Item = (&'l str, &'l str)>>(
        &mut self,
        entries: impl Fn() -> E,
        field: impl Fn(&str) -> Option<&'l str>,
    ) -> Result<&mut Judge, String> {
        let place = if let Some(place) = self.last.judge.filter(|_| self.last.is(entries())) {
            place
        } else {
            let place = self.place(entries(), field)?;
            let entries = entries().map(|(key, text)| (key.into(), text.into())).collect();
            self.last = Last { entries, judge: Some(place) };
            place
        };
        self.judges.get_mut(place).ok_or_else(|| "the policies cannot be remembered".to_owned())
    }

    /// The place of the judge, who is made where there is none.
    fn place<'l>(
        &mut self,
        entries: impl Iterator<Item = (&'l str, &'l str)>,
        field: impl Fn(&str) -> Option<&'l str>,
    ) -> Result<usize, String> {
        // Keys have no spaces, and a line no breaks: no other entries are joined to the same.
        let joined: String = entries.flat_map(|(key, text)| [key, " ", text, "\n"]).collect();
        if let Some(place) = self.places.get(joined.as_str()) {
            return Ok(*place);
        }
        self.make_room(joined.len());
        let judge = Judge::new(self.policies(field)?);
        self.bytes += joined.len() + OVERHEAD;
        self.judges.push(judge);
        self.places.insert(joined.into(), self.judges.len() - 1);
        Ok(self.judges.len() - 1)
    }

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
                let name = format!("{name}[{at}]");
                let policy = self.policy(&name, text)?;
                refuse(misplaced::in_policy_of_nobody(policy.document()), &name)?;
                to.push(policy);
            }
        }
        for (name, to, unfit) in [
            ("resourcePolicy", &mut policies.resource, misplaced::in_policy_of_resource as Unfit),
            ("boundary", &mut policies.boundary, misplaced::in_policy_of_nobody),
            ("endpoint", &mut policies.endpoint, misplaced::in_policy_of_resource),
        ] {
            let Some(text) = there(name) else { continue };
            let policy = self.policy(name, text)?;
            refuse(unfit(policy.document()), name)?;
            *to = Some(policy);
        }
        for (name, to, unfit) in [
            ("scps", &mut policies.scps, misplaced::in_policy_of_nobody as Unfit),
            ("rcps", &mut policies.rcps, misplaced::in_resource_control_policy),
        ] {
            let Some(text) = there(name) else { continue };
            let mut levels = Vec::new();
            for (level, text) in list(name, text)?.into_iter().enumerate() {
                let mut of_level = Vec::new();
                for (at, text) in list(name, text)?.into_iter().enumerate() {
                    let name = format!("{name}[{level}][{at}]");
                    let policy = self.policy(&name, text)?;
                    refuse(unfit(policy.document()), &name)?;
                    of_level.push(policy);
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
        if text.len() > MAX_POLICY_BYTES {
            return Err(format!("{name}: the policy is too long: {} bytes; at most {MAX_POLICY_BYTES}", text.len()));
        }
        let document = language::read_json(name, text).map_err(|problems| {
            let mut told: Vec<String> = problems.iter().take(MOST_TOLD).map(ToString::to_string).collect();
            if problems.len() > MOST_TOLD {
                told.push(format!("and {} more", problems.len() - MOST_TOLD));
            }
            told.join("; ")
        })?;
        let policy = Arc::new(Policy::new(name, "", document));
        self.bytes += text.len() + OVERHEAD;
        self.policies.insert(text.into(), Arc::clone(&policy));
        Ok(policy)
    }
}

/// Why AWS does not take a document where it stands.
type Unfit = fn(&Document) -> Option<&'static str>;

fn refuse(unfit: Option<&'static str>, name: &str) -> Result<(), String> {
    unfit.map_or(Ok(()), |why| Err(format!("{name}: {why}")))
}

/// The line of an answer.
fn written(id: &str, answer: &Answer, policies: &Policies) -> String {
    let mut line = String::with_capacity(id.len() + 128);
    // Writing to a text does not fail.
    let _ = write!(line, "{{\"id\":{id},\"decision\":\"{}\"", answer.decision.as_str());
    if let Some(by) = answer.by {
        write_by(&mut line, by, policies);
    }
    if !answer.missing.is_empty() {
        let missing: Vec<String> = answer.missing.iter().map(|key| text(key)).collect();
        let _ = write!(line, ",\"missing\":[{}]", missing.join(","));
    }
    if answer.approximate {
        line.push_str(",\"approximate\":true");
    }
    if answer.assumed_same_account {
        line.push_str(",\"assumed\":\"the resource is in the principal's account\"");
    }
    if answer.unknown_action {
        line.push_str(",\"unknownAction\":true");
    }
    line.push('}');
    line
}

fn write_by(line: &mut String, by: By, policies: &Policies) {
    let level = by.layer;
    line.push_str(",\"by\":{");
    if let Some(((policy, statement), (decider, _))) = by.statement.zip(policies.decider(by)) {
        let _ = match level {
            Layer::Boundary | Layer::Endpoint => write!(line, "\"policy\":\"{level}\""),
            Layer::Resource => write!(line, "\"policy\":\"resourcePolicy\""),
            _ => write!(line, "\"policy\":\"{level}[{policy}]\""),
        };
        let sid = decider.document().statements.get(statement).and_then(|statement| statement.sid.as_ref());
        let _ = match sid {
            Some(sid) => write!(line, ",\"statement\":{},", text(&sid.value)),
            None => write!(line, ",\"statement\":\"#{}\",", statement + 1),
        };
    }
    let _ = write!(line, "\"level\":\"{level}\"}}");
}

/// As JSON.
fn text(text: &str) -> String {
    Value::from(text).to_string()
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
        let request = format!(r#"{{"principal":"{ROLE}","action":"s3:GetObject","context":{{"a:K":1,"a:k":2}}}}"#);
        check(
            &format!(r#"{{"id":7,"request":{request}}}"#),
            r#"{"id":7,"error":"request: the condition key `a:k` is given twice"}"#,
        );
        let request = format!(r#"{{"principal":"{ROLE}","action":"s3:GetObject"}}"#);
        check(
            &format!(r#"{{"id":7,"request":{request},"identity":[{{}}]}}"#),
            r#"{"id":7,"error":"identity[0]:1:1: `Statement` is missing (a policy is a list of statements)"}"#,
        );
    }
}
