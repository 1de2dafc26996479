//! A small service that behaves as AWS does at its worst: what is made shows late, replies get lost, the
//! same thing can be made twice, and the caller can die before or after any call.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use dodai_api::Aws;
use dodai_api::store::Store;
use dodai_apply::{Clock, Event, Execution, Holder, Journal, Lock, Outcome, Past, Permits, Stop, TERM};
use dodai_baseline::{Action, Change, FORMAT, Plan, Selection};
use dodai_facts::{AccountId, Call, Cell, Failure, FailureKind, Find, Region};
use futures::future::BoxFuture;
use futures::stream::{self, BoxStream, StreamExt};
use jiff::Timestamp;
use object_store::memory::InMemory;
use serde_json::{Value, json};
use tokio::time::Instant;

/// A new item is listed, and can be tagged, this long after it was made; ready a little later.
const SEEN_AFTER: Duration = Duration::from_secs(3);
const READY_AFTER: Duration = Duration::from_secs(5);
/// Each call takes twice this, on items whose names end in 1 to 3 a multiple; its effect comes in the middle.
const HALF_CALL: Duration = Duration::from_millis(50);

#[derive(Debug, Clone, PartialEq)]
pub struct Item {
    pub id: String,
    pub name: String,
    pub parent: Option<String>,
    pub tags: BTreeMap<String, String>,
    made: Instant,
}

#[derive(Debug, Clone, Copy)]
pub enum Mishap {
    /// AWS says no, with this code.
    Refused(&'static str),
    /// No answer; nothing happened.
    LostBefore,
    /// No answer; it happened.
    LostAfter,
}

#[derive(Default)]
pub struct Simulated {
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    items: Vec<Item>,
    /// `Create r00`, in the order of their effects.
    log: Vec<String>,
    mishaps: BTreeMap<String, VecDeque<Mishap>>,
    in_flight: BTreeMap<String, (usize, usize)>,
}

impl Simulated {
    /// The next calls of `what` (`Create r00`) go so.
    pub fn mishaps(&self, what: &str, mishaps: &[Mishap]) {
        self.state.lock().unwrap().mishaps.insert(what.to_owned(), mishaps.iter().copied().collect());
    }

    pub fn log(&self) -> Vec<String> {
        self.state.lock().unwrap().log.clone()
    }

    pub fn made(&self, name: &str) -> usize {
        self.state.lock().unwrap().items.iter().filter(|item| item.name == name).count()
    }

    /// The most calls of an operation that were ever in flight at the same time.
    pub fn most_at_once(&self, operation: &str) -> usize {
        self.state.lock().unwrap().in_flight.get(operation).map_or(0, |(_, most)| *most)
    }

    /// Name, parent's name and tags of every item, in the order of names.
    pub fn end_state(&self) -> Vec<(String, Option<String>, BTreeMap<String, String>)> {
        let state = self.state.lock().unwrap();
        let name = |id: &String| state.items.iter().find(|item| item.id == *id).map(|item| item.name.clone());
        let mut end: Vec<_> = state
            .items
            .iter()
            .map(|item| (item.name.clone(), item.parent.as_ref().map(|id| name(id).unwrap()), item.tags.clone()))
            .collect();
        end.sort();
        end
    }

    pub fn visible(&self) -> Vec<Item> {
        let state = self.state.lock().unwrap();
        state.items.iter().filter(|item| item.made.elapsed() >= SEEN_AFTER).cloned().collect()
    }

    async fn answer(&self, operation: &str, params: &Value) -> Result<Value, Failure> {
        let text = |name: &str| params.get(name).and_then(Value::as_str).map(str::to_owned);
        let subject = {
            let state = self.state.lock().unwrap();
            let of_id =
                text("Id").and_then(|id| state.items.iter().find(|item| item.id == id).map(|it| it.name.clone()));
            text("Name").or(of_id).unwrap_or_default()
        };
        let what = format!("{operation} {subject}");
        let mishap = {
            let mut state = self.state.lock().unwrap();
            let at_once = state.in_flight.entry(operation.to_owned()).or_default();
            at_once.0 += 1;
            at_once.1 = at_once.1.max(at_once.0);
            state.mishaps.get_mut(&what).and_then(VecDeque::pop_front)
        };
        let slowness = what.chars().last().and_then(|last| last.to_digit(4)).unwrap_or_default();
        let half = HALF_CALL * (1 + slowness);
        tokio::time::sleep(half).await;
        let failure = |kind, code: &str| Failure {
            kind,
            service: "sim".to_owned(),
            operation: operation.to_owned(),
            account: None,
            region: None,
            code: code.to_owned(),
            message: "as told".to_owned(),
            request_id: None,
        };
        let reply = match &mishap {
            Some(Mishap::Refused("AccessDenied")) => Err(failure(FailureKind::Denied, "AccessDenied")),
            Some(Mishap::Refused(code)) => Err(failure(FailureKind::Invalid, code)),
            Some(Mishap::LostBefore) => Err(failure(FailureKind::Transport, "NoAnswer")),
            other => {
                let reply = self.effect(operation, params, &what).map_err(|code| failure(FailureKind::Invalid, code));
                if other.is_some() { Err(failure(FailureKind::Transport, "NoAnswer")) } else { reply }
            }
        };
        tokio::time::sleep(half).await;
        self.state.lock().unwrap().in_flight.get_mut(operation).unwrap().0 -= 1;
        reply
    }

    fn effect(&self, operation: &str, params: &Value, what: &str) -> Result<Value, &'static str> {
        let mut state = self.state.lock().unwrap();
        let text = |name: &str| params.get(name).and_then(Value::as_str).map(str::to_owned);
        state.log.push(what.to_owned());
        let position = text("Id").and_then(|id| state.items.iter().position(|item| item.id == id));
        match operation {
            "Create" => {
                let id = format!("i-{}", state.items.len());
                let parent = text("Parent");
                if parent.as_ref().is_some_and(|parent| !state.items.iter().any(|item| item.id == *parent)) {
                    return Err("NoSuchParent");
                }
                let item = Item {
                    id: id.clone(),
                    name: text("Name").unwrap(),
                    parent,
                    tags: BTreeMap::new(),
                    made: Instant::now(),
                };
                state.items.push(item);
                Ok(json!({"Item": {"Id": id, "SecretAccessKey": "very-secret", "Note": "password=hunter2"}}))
            }
            "Tag" => match position.and_then(|position| state.items.get_mut(position)) {
                Some(item) if item.made.elapsed() >= SEEN_AFTER => {
                    item.tags.insert(text("Key").unwrap(), text("Value").unwrap());
                    Ok(json!({}))
                }
                _ => Err("NoSuchItem"),
            },
            "Start" => Ok(json!({})),
            // May be repeated, and is through at the third time.
            "Ensure" => {
                let times = state.log.iter().filter(|line| *line == what).count();
                Ok(json!({"Status": if times >= 3 { "READY" } else { "WORKING" }}))
            }
            "DescribeItem" => {
                let item = position.and_then(|position| state.items.get(position)).ok_or("NoSuchItem")?;
                let status = if item.made.elapsed() >= READY_AFTER { "READY" } else { "CREATING" };
                Ok(json!({"Status": status}))
            }
            other => panic!("the service has no {other}"),
        }
    }
}

impl Aws for Simulated {
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

    /// `ListItems`, one item a page.
    fn pages<'a>(
        &'a self,
        _: &'a AccountId,
        _: &'a Region,
        _: &'a str,
        operation: &'a str,
        _: &'a Value,
    ) -> BoxStream<'a, Result<Value, Failure>> {
        assert_eq!(operation, "ListItems");
        let visible = self.visible();
        let items = visible.iter().map(|item| json!({"Items": [{"Id": item.id, "Name": item.name}]}));
        let pages: Vec<Value> = items.chain([json!({"Items": []})]).collect();
        stream::iter(pages).map(Ok).boxed()
    }
}

/// Wall time that goes as tokio's paused time does.
#[derive(Debug)]
pub struct Turned {
    pub begun: Instant,
}

impl Clock for Turned {
    fn now(&self) -> Timestamp {
        "2026-01-02T03:04:05Z".parse::<Timestamp>().unwrap() + self.begun.elapsed()
    }
}

/// A service, a state, and runs one after the other.
pub struct House {
    pub aws: Simulated,
    pub store: Store,
    /// Where the lock is: apart, so that a test can pretend that it has expired.
    pub lock_store: Store,
    pub clock: Arc<Turned>,
    pub stop: Stop,
    pub permits: Permits,
    pub runs: Mutex<u32>,
}

impl House {
    pub fn new() -> Self {
        Self {
            aws: Simulated::default(),
            store: memory(),
            lock_store: memory(),
            clock: Arc::new(Turned { begun: Instant::now() }),
            stop: Stop::default(),
            permits: Permits::default(),
            runs: Mutex::default(),
        }
    }

    pub fn holder(&self) -> Holder {
        let mut runs = self.runs.lock().unwrap();
        *runs += 1;
        Holder { owner: "someone@somewhere".to_owned(), pid: *runs, run: format!("run-{:04}", *runs) }
    }

    /// Does `work` with everything that a run needs, and ends the run properly.
    pub async fn with<T>(&self, work: impl AsyncFnOnce(&Execution<'_>) -> T) -> T {
        let holder = self.holder();
        let (lock, _) = Lock::take(&self.lock_store, self.clock.clone(), holder.clone(), TERM).await.unwrap();
        let past = Past::read(&self.store, "o-1").await.unwrap();
        let journal = Journal::start(&self.store, &holder, "o-1", "test", self.clock.now()).await.unwrap();
        let on = |_: Event<'_>| ();
        let execution = Execution {
            aws: &self.aws,
            journal: &journal,
            past: &past,
            lock: &lock,
            stop: &self.stop,
            permits: self.permits,
            parallel: 4,
            on: &on,
        };
        let result = work(&execution).await;
        journal.end(Some(&plan(Vec::new()))).await.unwrap();
        lock.release().await.unwrap();
        result
    }

    pub async fn run(&self, plan: &Plan) -> Outcome {
        self.with(async |with| dodai_apply::execute(plan, &BTreeMap::new(), with).await).await
    }

    /// Every line of every journal.
    pub async fn journals(&self) -> String {
        let mut text = String::new();
        for log in self.store.logs("journal").await.unwrap() {
            let bytes = self.store.read_log(&log).await.unwrap();
            text.push_str(&String::from_utf8_lossy(&bytes.unwrap_or_default()));
        }
        text
    }
}

pub fn memory() -> Store {
    Store::over("memory", Arc::new(InMemory::new()))
}

pub fn plan(changes: Vec<Change>) -> Plan {
    Plan {
        format: FORMAT,
        tool: "test".to_owned(),
        organization: "o-1".to_owned(),
        selection: Selection::default(),
        changes,
        skipped: Vec::new(),
        blocked: Vec::new(),
        due: Vec::new(),
        satisfied: 0,
    }
}

pub fn id(name: &str) -> String {
    format!("a/us-east-1/sim/{name}")
}

pub fn call(operation: &str, params: Value) -> Call {
    Call::new("sim", operation, &account(), &"us-east-1".parse().unwrap(), params)
}

fn account() -> AccountId {
    "111122223333".parse().unwrap()
}

/// A change of nothing yet.
pub fn change(name: &str) -> Change {
    Change {
        id: id(name),
        account: "a".to_owned(),
        cell: Cell::Region(account(), "us-east-1".parse().unwrap()),
        feature: "sim".to_owned(),
        resource: name.to_owned(),
        action: Action::Create,
        summary: format!("create {name}"),
        settings: Vec::new(),
        calls: Vec::new(),
        needs: Vec::new(),
        writes: vec![format!("sim/{name}")],
        dangers: Vec::new(),
        at_most: None,
    }
}

#[expect(clippy::needless_pass_by_value, reason = "called with literals")]
pub fn create(name: &str, params: Value) -> Call {
    let mut all = json!({ "Name": name });
    all.as_object_mut().unwrap().extend(params.as_object().unwrap().clone());
    call("Create", all)
}

pub fn findable(call: Call) -> Call {
    let name = call.params["Name"].as_str().unwrap().to_owned();
    call.find(Find {
        service: "sim".to_owned(),
        operation: "ListItems".to_owned(),
        params: json!({}),
        take: format!("Items[?Name=='{name}'] | [0].{{Item: {{Id: Id}}}}"),
    })
}

/// What is left to do for twelve items, the later ones children of earlier ones: make it, wait until it is
/// ready, tag it. Sees only what AWS shows.
pub fn twelve(aws: &Simulated) -> Plan {
    let visible = aws.visible();
    let seen = |number: usize| visible.iter().find(|item| item.name == format!("r{number:02}"));
    let mut changes = Vec::new();
    for number in 0..12 {
        let name = format!("r{number:02}");
        let change = change(&name);
        let rest = |change: Change, id: Value| {
            change
                .call(call("DescribeItem", json!({"Id": id})).until("Status", &["READY"], &["FAILED"], 60))
                .call(call("Tag", json!({"Id": id, "Key": "done", "Value": "yes"})).not_yet(&["NoSuchItem"], 30))
        };
        changes.push(match seen(number) {
            Some(item) if item.tags.contains_key("done") => continue,
            Some(item) => rest(change, json!(item.id)),
            None => {
                let parent = match number.checked_sub(3) {
                    None => json!({}),
                    Some(parent) => match seen(parent) {
                        Some(item) => json!({"Parent": item.id}),
                        None => {
                            json!({"Parent": dodai_baseline::reply_of(&id(&format!("r{parent:02}")), 0, "Item.Id")})
                        }
                    },
                };
                let own = change.reply(0, "Item.Id");
                rest(change.call(findable(create(&name, parent))), own)
            }
        });
    }
    plan(changes)
}
