//! Plans at random: things of every kind of making, in chains, with every kind of call after it.

use dodai_api::Aws;
use dodai_baseline::{Action, Change, Plan, reply_of};
use dodai_facts::{Call, Find};
use proptest::option;
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::breakable::Service;
use crate::cloud::{Cloud, Thing};
use crate::simulated::{call, change, id, plan};

/// How a thing is made, and what keeps it from being made twice.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Making {
    /// Nothing but `find`.
    Found,
    /// Its name; who needs its id finds it.
    Named,
    /// A token.
    Once,
    /// A request that is found again, and described until it has succeeded.
    Requested,
}

/// A thing that shall be there; others are named by their place in the list.
#[derive(Debug, Clone)]
#[expect(clippy::struct_excessive_bools, reason = "each is a call of its own, in any combination with the others")]
pub struct Wanted {
    pub making: Making,
    pub parent: Option<usize>,
    pub needs: Option<usize>,
    pub attached: Option<usize>,
    pub ready: bool,
    pub tagged: bool,
    pub moved: bool,
    pub pushed: bool,
    pub put: bool,
    /// Only two of these at a time.
    pub limited: bool,
}

pub fn any_wanted() -> impl Strategy<Value = Vec<Wanted>> {
    let making = prop::sample::select(vec![Making::Found, Making::Named, Making::Once, Making::Requested]);
    let other = || option::weighted(0.4, 0_usize..8);
    let wanted = (making, other(), other(), other(), any::<[bool; 6]>()).prop_map(
        |(making, parent, needs, attached, [ready, tagged, moved, pushed, put, limited])| Wanted {
            making,
            parent,
            needs,
            attached,
            ready,
            tagged,
            moved,
            pushed,
            put,
            limited,
        },
    );
    prop::collection::vec(wanted, 1..7).prop_map(earlier)
}

/// Only earlier ones are referred to.
fn earlier(mut all: Vec<Wanted>) -> Vec<Wanted> {
    for (number, wanted) in all.iter_mut().enumerate() {
        for other in [&mut wanted.parent, &mut wanted.needs, &mut wanted.attached] {
            *other = other.and_then(|other| other.checked_rem(number));
        }
    }
    all
}

/// Each kind of making twice, with every kind of call, in chains.
pub fn every_kind() -> Vec<Wanted> {
    let kinds = [Making::Found, Making::Named, Making::Once, Making::Requested];
    let wanted = (0..8).map(|number| Wanted {
        making: kinds[number % 4],
        parent: number.checked_sub(3),
        needs: number.checked_sub(5),
        attached: number.checked_sub(2),
        ready: number % 2 == 0,
        tagged: true,
        moved: number % 3 == 0,
        pushed: number % 5 == 0,
        put: number % 2 == 1,
        limited: number % 4 == 3,
    });
    wanted.collect()
}

/// What is left to do, as far as the service shows.
fn left(wanted: &[Wanted], cloud: &Cloud) -> Plan {
    let visible = cloud.visible();
    let name = |number: usize| format!("w{number}");
    let id_of = |number: usize| match visible.get(&name(number)) {
        Some(thing) => json!(thing.id),
        None => made_id(&id(&name(number)), wanted[number].making),
    };
    let mut changes = Vec::new();
    for (number, want) in wanted.iter().enumerate() {
        let name = name(number);
        let there = visible.get(&name);
        let mut change = change(&name);
        if let Some(other) = want.needs {
            change = change.needs(id(&format!("w{other}")));
        }
        if want.limited {
            change = change.at_most("limited", 2);
        }
        match there {
            Some(_) => change.action = Action::Update,
            None => change = make(change, want, want.parent.map(id_of)),
        }
        let made = change.calls.len();
        change = settle(change, want, there, &id_of(number), want.attached.map(id_of));
        if want.ready && (there.is_none() || change.calls.len() > made) {
            let ready =
                call("DescribeThing", json!({"Id": id_of(number)})).until("Status", &["READY"], &["FAILED"], 60);
            change.calls.insert(made, ready);
        }
        if !change.calls.is_empty() {
            changes.push(change);
        }
    }
    plan(changes)
}

fn made_id(change: &str, making: Making) -> Value {
    match making {
        Making::Requested => reply_of(change, 1, "ThingId"),
        Making::Found | Making::Named | Making::Once => reply_of(change, 0, "Thing.Id"),
    }
}

fn make(change: Change, want: &Wanted, parent: Option<Value>) -> Change {
    let name = change.resource.clone();
    let mut params = json!({ "Name": name });
    if let Some(parent) = parent {
        params["Parent"] = parent;
    }
    let find = |operation: &str, list: &str, as_what: &str| Find {
        service: "sim".to_owned(),
        operation: operation.to_owned(),
        params: json!({}),
        take: format!("{list}[?Name=='{name}'] | [0].{{{as_what}: {{Id: Id}}}}"),
    };
    let found = || find("ListThings", "Things", "Thing");
    match want.making {
        Making::Found => change.call(call("Create", params).find(found())),
        Making::Named => change.call(call("CreateNamed", params).already(&["Exists"]).find(found())),
        Making::Once => {
            params["Token"] = json!(format!("token-{name}"));
            change.call(call("CreateOnce", params))
        }
        Making::Requested => {
            let request = change.reply(0, "Request.Id");
            let state = call("DescribeRequest", json!({ "Id": request }));
            change.call(call("Request", params).find(find("ListRequests", "Requests", "Request"))).call(state.until(
                "State",
                &["SUCCEEDED"],
                &["FAILED"],
                60,
            ))
        }
    }
}

/// What the thing does not have yet.
fn settle(mut change: Change, want: &Wanted, there: Option<&Thing>, own: &Value, attached: Option<Value>) -> Change {
    let lacks = |has: fn(&Thing) -> bool| there.is_none_or(|thing| !has(thing));
    let mut add = |call: Call| change.calls.push(call.not_yet(&["NoSuchThing"], 30));
    if want.tagged && lacks(|thing| !thing.tags.is_empty()) {
        add(call("Tag", json!({"Id": own, "Key": "done", "Value": "yes"})));
    }
    if let Some(target) = attached
        && there.is_none_or(|thing| thing.attached.iter().all(|id| target != json!(id)))
    {
        add(call("Attach", json!({"Id": own, "Target": target})).already(&["AlreadyAttached"]));
    }
    if want.moved && lacks(|thing| thing.place == "unit") {
        add(call("Move", json!({"Id": own, "From": "root", "To": "unit"})).already(&["AlreadyThere"]));
    }
    if want.pushed && lacks(Thing::is_pushed) {
        add(call("Push", json!({ "Id": own })).until("Status", &["READY"], &[], 60));
    }
    if want.put && lacks(|thing| thing.value.is_some()) {
        add(call("Put", json!({"Id": own, "Value": "on"})));
    }
    change
}

/// The service, and what shall be there.
pub struct Wanting {
    pub wanted: Vec<Wanted>,
    pub cloud: Cloud,
}

impl Service for Wanting {
    fn aws(&self) -> &dyn Aws {
        &self.cloud
    }

    fn left(&self) -> Plan {
        left(&self.wanted, &self.cloud)
    }
}
