//! Which policies stand above a request, and what they are aimed at.
//!
//! AWS: "Policy evaluation logic", "Service control policies (SCPs)", "Resource control policies (RCPs)".

use fastrand::Rng;
use serde_json::{Value, json};

use super::pools::{chance, other_than};
use super::statements::{Aim, Form, document, everything};
use super::{Asked, Theme};

/// A policy that mostly lets the request through.
const OPEN: Aim = Aim { denies: 8, covers: 70, conditions: 15, negated: 10 };

/// What the documents of a theme are aimed at, and how many of a hundred cases have each other kind of policy.
fn aim(theme: Theme) -> (Aim, u32) {
    match theme {
        Theme::Conditions => (Aim { denies: 25, covers: 92, conditions: 95, negated: 0 }, 3),
        Theme::Elements => (Aim { denies: 25, covers: 0, conditions: 5, negated: 35 }, 3),
        Theme::Principals | Theme::Trust | Theme::Key => {
            (Aim { denies: 20, covers: 85, conditions: 15, negated: 5 }, 10)
        }
        Theme::Layers => (OPEN, 40),
    }
}

/// The policies of a case by the names of their members.
pub(super) fn of(theme: Theme, asked: &Asked, rng: &mut Rng) -> Vec<(&'static str, Value)> {
    let (aim, others) = aim(theme);
    let caller = &asked.caller;
    let by_resource = matches!(theme, Theme::Principals | Theme::Trust | Theme::Key);
    let mut layers = Vec::new();

    let identity = if !caller.has_policies() {
        Vec::new()
    } else if by_resource {
        let aim = Aim { covers: 90, denies: 4, ..OPEN };
        (0..usize::from(chance(55, rng))).map(|_| document(Form::Plain, aim, asked, rng)).collect()
    } else {
        let mut documents: Vec<Value> =
            (0..=usize::from(chance(25, rng))).map(|_| document(Form::Plain, aim, asked, rng)).collect();
        // Lets a statement that denies be the one that decides.
        if chance(30, rng) {
            documents.push(everything(Form::Plain));
        }
        documents
    };
    layers.push(("identity", Value::Array(identity)));

    let trust = asked.action.starts_with("sts:AssumeRole");
    let form = if trust { Form::Trust } else { Form::Named };
    let always = by_resource || caller.account.is_none();
    if always || caller.account != Some(asked.resource_account) && chance(80, rng) || chance(others, rng) {
        let aim = if by_resource { aim } else { Aim { covers: 80, ..OPEN } };
        let mut policy = document(form, aim, asked, rng);
        // A key's policy, and a resource's of another account, mostly lets somebody in.
        if !by_resource && chance(50, rng) {
            policy = everything(Form::Named);
        }
        layers.push(("resourcePolicy", policy));
    }
    if caller.may_have_boundary() && chance(others, rng) {
        layers.push(("boundary", document(Form::Plain, OPEN, asked, rng)));
    }
    if caller.may_have_session_policies() && chance(others, rng) {
        let count = 1 + usize::from(chance(20, rng));
        let mut documents: Vec<Value> = (0..count).map(|_| document(Form::Plain, OPEN, asked, rng)).collect();
        same_version(&mut documents);
        layers.push(("session", Value::Array(documents)));
    }
    if chance(others / 2, rng) {
        // Mostly for everybody who comes through it.
        let form = if chance(25, rng) { Form::Named } else { Form::Everybody };
        layers.push(("endpoint", document(form, OPEN, asked, rng)));
    }
    if chance(others, rng) {
        layers.push(("scps", chain(Form::Plain, asked, rng)));
    }
    if chance(others, rng) {
        layers.push(("rcps", chain(Form::Everybody, asked, rng)));
    }
    if chance(others / 3, rng) {
        let account = if chance(70, rng) { asked.resource_account } else { other_than(asked.resource_account) };
        layers.push(("managementAccount", json!(account)));
    }
    layers
}

/// The policies of each level from the root down. Resource control policies always have `RCPFullAWSAccess` among them;
/// of service control policies a level may have none, and then nothing is allowed below.
fn chain(form: Form, asked: &Asked, rng: &mut Rng) -> Value {
    let levels = (0..rng.usize(0..5)).map(|_| {
        let mut level = Vec::new();
        if form == Form::Everybody || chance(75, rng) {
            level.push(everything(form));
        }
        let count = if level.is_empty() && !chance(10, rng) { 1 + rng.usize(0..3) } else { rng.usize(0..3) };
        for _ in 0..count {
            // Resource control policies can only deny.
            let denies = if form == Form::Everybody { 100 } else { 15 };
            let aim = if denies == 100 {
                Aim { denies, covers: 30, conditions: 60, negated: 20 }
            } else {
                Aim { denies, ..OPEN }
            };
            level.push(document(form, aim, asked, rng));
        }
        Value::Array(level)
    });
    Value::Array(levels.collect())
}

/// Documents that are to act as one have one version.
fn same_version(documents: &mut [Value]) {
    for document in documents {
        if let Some(document) = document.as_object_mut() {
            document.shift_remove("Version");
            document.shift_insert(0, "Version".to_owned(), json!("2012-10-17"));
        }
    }
}
