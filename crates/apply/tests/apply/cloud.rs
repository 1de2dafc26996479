//! A service with every kind of call that plans are made of: creates that make twins, refuse them, or know a
//! token; requests that take their time; calls that must wait, that may be said again, that are refused when
//! they are. New things are shown late.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use dodai_api::Aws;
use dodai_facts::{AccountId, Failure, FailureKind, Region};
use futures::future::BoxFuture;
use futures::stream::{self, BoxStream, StreamExt};
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::breaking::{Breaks, Now};
use crate::simulated::Mishap;

const SEEN_AFTER: Duration = Duration::from_secs(3);
const READY_AFTER: Duration = Duration::from_secs(5);
const REQUEST_TAKES: Duration = Duration::from_secs(4);
/// Each call takes twice this; its effect comes in the middle.
const HALF_CALL: Duration = Duration::from_millis(40);
/// A `Push` is through at this time.
const PUSHES: usize = 3;

#[derive(Debug, Clone)]
pub struct Thing {
    pub id: String,
    pub name: String,
    parent: Option<String>,
    pub place: String,
    pub tags: BTreeMap<String, String>,
    /// Ids.
    pub attached: Vec<String>,
    pushes: usize,
    pub value: Option<String>,
    token: Option<String>,
    made: Instant,
}

#[derive(Debug)]
struct Request {
    name: String,
    thing: String,
    made: Instant,
}

/// A thing as a person would compare it, ids replaced by names.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct End {
    name: String,
    parent: Option<String>,
    place: String,
    tags: BTreeMap<String, String>,
    attached: Vec<String>,
    pushed: bool,
    value: Option<String>,
}

#[derive(Debug)]
pub struct Cloud {
    breaks: Arc<Breaks>,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    things: Vec<Thing>,
    requests: Vec<Request>,
    calls: usize,
    /// By the number of the call, reading ones too.
    mishaps: BTreeMap<usize, Mishap>,
}

impl Thing {
    pub fn is_pushed(&self) -> bool {
        self.pushes >= PUSHES
    }

    fn age(&self) -> Duration {
        Instant::now().saturating_duration_since(self.made)
    }
}

impl Cloud {
    pub fn new(breaks: Arc<Breaks>, mishaps: &BTreeMap<usize, Mishap>) -> Self {
        Self { breaks, state: Mutex::new(State { mishaps: mishaps.clone(), ..State::default() }) }
    }

    /// By name; of twins, one.
    pub fn visible(&self) -> BTreeMap<String, Thing> {
        let state = self.state.lock().unwrap();
        let seen = state.things.iter().filter(|thing| thing.age() >= SEEN_AFTER);
        seen.map(|thing| (thing.name.clone(), thing.clone())).collect()
    }

    /// Everything there is, twins twice, and how often each thing was requested.
    pub fn end_state(&self) -> (Vec<End>, Vec<String>) {
        let state = self.state.lock().unwrap();
        let name = |id: &String| state.things.iter().find(|thing| thing.id == *id).unwrap().name.clone();
        let end = |thing: &Thing| End {
            name: thing.name.clone(),
            parent: thing.parent.as_ref().map(name),
            place: thing.place.clone(),
            tags: thing.tags.clone(),
            attached: thing.attached.iter().map(name).collect(),
            pushed: thing.is_pushed(),
            value: thing.value.clone(),
        };
        let mut things: Vec<End> = state.things.iter().map(end).collect();
        let mut requests: Vec<String> = state.requests.iter().map(|request| request.name.clone()).collect();
        things.sort();
        requests.sort();
        (things, requests)
    }

    async fn answer(&self, operation: &str, params: &Value) -> Result<Value, Failure> {
        let mutating = !operation.starts_with("Describe");
        let now = if mutating { self.breaks.call() } else { Now::GoOn };
        let mishap = self.state.lock().unwrap().mishap();
        tokio::time::sleep(HALF_CALL).await;
        if now == Now::DieBefore {
            self.breaks.die().await;
        }
        let failure = |kind, code: &str| failure(operation, kind, code);
        let reply = match mishap {
            Some(Mishap::Refused(code)) => Err(failure(FailureKind::Invalid, code)),
            Some(Mishap::LostBefore) => Err(failure(FailureKind::Transport, "NoAnswer")),
            other => {
                let reply = self.state.lock().unwrap().effect(operation, params);
                let reply = reply.map_err(|code| failure(FailureKind::Invalid, code));
                if other.is_some() { Err(failure(FailureKind::Transport, "NoAnswer")) } else { reply }
            }
        };
        if now == Now::DieAfter {
            self.breaks.die().await;
        }
        tokio::time::sleep(HALF_CALL).await;
        reply
    }
}

impl State {
    fn mishap(&mut self) -> Option<Mishap> {
        let number = self.calls;
        self.calls += 1;
        self.mishaps.remove(&number)
    }

    fn make(&mut self, params: &Value, made: Instant) -> Result<String, &'static str> {
        let parent = text(params, "Parent");
        if parent.as_ref().is_some_and(|parent| self.things.iter().all(|thing| thing.id != *parent)) {
            return Err("NoSuchParent");
        }
        let id = format!("t-{}", self.things.len());
        self.things.push(Thing {
            id: id.clone(),
            name: text(params, "Name").unwrap(),
            parent,
            place: "root".to_owned(),
            tags: BTreeMap::new(),
            attached: Vec::new(),
            pushes: 0,
            value: None,
            token: text(params, "Token"),
            made,
        });
        Ok(id)
    }

    fn effect(&mut self, operation: &str, params: &Value) -> Result<Value, &'static str> {
        let now = Instant::now();
        let reply = |id: &str| json!({"Thing": {"Id": id}});
        match operation {
            "Create" => return self.make(params, now).map(|id| reply(&id)),
            "CreateNamed" => {
                let name = text(params, "Name");
                if self.things.iter().any(|thing| Some(&thing.name) == name.as_ref()) {
                    return Err("Exists");
                }
                return self.make(params, now).map(|id| reply(&id));
            }
            "CreateOnce" => {
                let token = text(params, "Token");
                assert!(token.is_some(), "without a token");
                let there = self.things.iter().find(|thing| thing.token == token).map(|thing| thing.id.clone());
                return there.map_or_else(|| self.make(params, now), Ok).map(|id| reply(&id));
            }
            "Request" => {
                let thing = self.make(params, now + REQUEST_TAKES)?;
                self.requests.push(Request { name: text(params, "Name").unwrap(), thing, made: now });
                return Ok(json!({"Request": {"Id": format!("q-{}", self.requests.len() - 1)}}));
            }
            "DescribeRequest" => {
                let number = text(params, "Id").and_then(|id| id.strip_prefix("q-")?.parse::<usize>().ok());
                let request = number.and_then(|number| self.requests.get(number)).ok_or("NoSuchRequest")?;
                return Ok(if request.made.elapsed() >= REQUEST_TAKES {
                    json!({"State": "SUCCEEDED", "ThingId": request.thing})
                } else {
                    json!({"State": "IN_PROGRESS"})
                });
            }
            _ => {}
        }
        let id = text(params, "Id");
        let thing = self.things.iter_mut().find(|thing| Some(&thing.id) == id.as_ref()).ok_or("NoSuchThing")?;
        if operation == "DescribeThing" {
            let ready = thing.age() >= READY_AFTER;
            return Ok(json!({"Status": if ready { "READY" } else { "CREATING" }}));
        }
        if thing.age() < SEEN_AFTER {
            return Err("NoSuchThing");
        }
        match operation {
            "Tag" => {
                thing.tags.insert(text(params, "Key").unwrap(), text(params, "Value").unwrap());
            }
            "Attach" => {
                let target = text(params, "Target").unwrap();
                if thing.attached.contains(&target) {
                    return Err("AlreadyAttached");
                }
                thing.attached.push(target);
            }
            "Move" => {
                if text(params, "To").as_ref() == Some(&thing.place) {
                    return Err("AlreadyThere");
                }
                if text(params, "From").as_ref() != Some(&thing.place) {
                    return Err("NotThere");
                }
                thing.place = text(params, "To").unwrap();
            }
            "Push" => {
                thing.pushes += 1;
                return Ok(json!({"Status": if thing.is_pushed() { "READY" } else { "WORKING" }}));
            }
            "Put" => thing.value = text(params, "Value"),
            other => panic!("the service has no {other}"),
        }
        Ok(json!({}))
    }

    /// What a listing shows, one thing a page.
    fn listed(&self, operation: &str) -> Vec<Value> {
        match operation {
            "ListThings" => {
                let seen = self.things.iter().filter(|thing| thing.age() >= SEEN_AFTER);
                seen.map(|thing| json!({"Things": [{"Id": thing.id, "Name": thing.name}]})).collect()
            }
            "ListRequests" => {
                let request = |(number, request): (usize, &Request)| json!({"Requests": [{"Id": format!("q-{number}"), "Name": request.name}]});
                self.requests.iter().enumerate().map(request).collect()
            }
            other => panic!("the service has no {other}"),
        }
    }
}

fn text(params: &Value, name: &str) -> Option<String> {
    params.get(name).and_then(Value::as_str).map(str::to_owned)
}

fn failure(operation: &str, kind: FailureKind, code: &str) -> Failure {
    Failure {
        kind,
        service: "sim".to_owned(),
        operation: operation.to_owned(),
        account: None,
        region: None,
        code: code.to_owned(),
        message: "as told".to_owned(),
        request_id: None,
    }
}

impl Aws for Cloud {
    fn call<'a>(
        &'a self,
        _: &'a AccountId,
        _: &'a Region,
        _: &'a str,
        operation: &'a str,
        params: &'a Value,
    ) -> BoxFuture<'a, Result<Value, Failure>> {
        Box::pin(self.answer(operation, params))
    }

    fn pages<'a>(
        &'a self,
        _: &'a AccountId,
        _: &'a Region,
        _: &'a str,
        operation: &'a str,
        _: &'a Value,
    ) -> BoxStream<'a, Result<Value, Failure>> {
        let mut state = self.state.lock().unwrap();
        // A listing that broke off shows nothing of what is there.
        let pages = match state.mishap() {
            Some(_) => vec![Err(failure(operation, FailureKind::Transport, "NoAnswer"))],
            None => state.listed(operation).into_iter().map(Ok).collect(),
        };
        stream::iter(pages).boxed()
    }
}

/// What the end states must not have: two of a name.
pub fn twins(end: &[End]) -> Vec<&str> {
    let mut seen = BTreeSet::new();
    end.iter().filter(|thing| !seen.insert(&thing.name)).map(|thing| thing.name.as_str()).collect()
}
