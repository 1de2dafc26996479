//! Statements and documents, aimed at one request.

use fastrand::Rng;
use serde_json::{Map, Value, json};

use super::pools::{chance, one};
use super::{Asked, conditions, patterns, principals};

/// How a statement is to come out, in how many of a hundred cases.
#[derive(Debug, Clone, Copy)]
pub(super) struct Aim {
    /// It denies.
    pub(super) denies: u32,
    /// Its action and resource are sure to match.
    pub(super) covers: u32,
    /// It has conditions.
    pub(super) conditions: u32,
    /// `Not` forms of its elements.
    pub(super) negated: u32,
}

/// Whether a document's statements name principals and resources.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// Identity and service control policies, boundaries, session policies.
    Plain,
    /// Resource policies.
    Named,
    /// Resource control and endpoint policies: `Principal` is `*`.
    Everybody,
    /// Trust policies: principals, and no resource.
    Trust,
}

/// A document that allows everything to everybody that its form can name.
pub(super) fn everything(form: Form) -> Value {
    match form {
        Form::Plain => {
            json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]})
        }
        _ => json!({
            "Version": "2012-10-17",
            "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}]
        }),
    }
}

pub(super) fn document(form: Form, aim: Aim, asked: &Asked, rng: &mut Rng) -> Value {
    let count = 1 + usize::from(chance(45, rng)) + usize::from(chance(20, rng));
    let mut statements: Vec<Value> = (0..count).map(|_| statement(form, aim, asked, rng)).collect();
    let mut document = Map::new();
    match rng.u32(0..100) {
        0..=4 => {}
        5..=12 => drop(document.insert("Version".to_owned(), json!("2008-10-17"))),
        _ => drop(document.insert("Version".to_owned(), json!("2012-10-17"))),
    }
    let statements = match statements.pop() {
        Some(only) if count == 1 && chance(20, rng) => only,
        last => Value::Array(statements.into_iter().chain(last).collect()),
    };
    document.insert("Statement".to_owned(), statements);
    Value::Object(document)
}

fn statement(form: Form, aim: Aim, asked: &Asked, rng: &mut Rng) -> Value {
    let mut statement = Map::new();
    let mut put = |name: &str, value: Value| drop(statement.insert(name.to_owned(), value));
    let denies = chance(aim.denies, rng);
    put("Effect", json!(if denies { "Deny" } else { "Allow" }));
    match form {
        Form::Plain => {}
        Form::Everybody => put("Principal", json!("*")),
        Form::Named | Form::Trust => {
            let negated = chance(if denies { 30 } else { 3 }, rng);
            put(if negated { "NotPrincipal" } else { "Principal" }, principals::named(&asked.caller, rng));
        }
    }
    if chance(aim.covers, rng) {
        put("Action", json!(one(&["*", asked.action], rng)));
    } else {
        let negated = chance(aim.negated, rng);
        let actions = several(|rng| patterns::of_action(asked.action, rng), rng);
        put(if negated { "NotAction" } else { "Action" }, one_or_list(&actions, rng));
    }
    if form != Form::Trust {
        if chance(aim.covers, rng) {
            put("Resource", json!("*"));
        } else {
            let negated = chance(aim.negated, rng);
            let resources = several(|rng| patterns::of_resource(&asked.resource, asked.resource_account, rng), rng);
            put(if negated { "NotResource" } else { "Resource" }, one_or_list(&resources, rng));
        }
    }
    if chance(aim.conditions, rng) {
        put("Condition", conditions::block(rng));
    }
    Value::Object(statement)
}

/// One value mostly, up to three.
pub(super) fn several(mut make: impl FnMut(&mut Rng) -> String, rng: &mut Rng) -> Vec<String> {
    let count = 1 + usize::from(chance(30, rng)) + usize::from(chance(10, rng));
    (0..count).map(|_| make(rng)).collect()
}

/// Both forms in which policies write a single value.
pub(super) fn one_or_list(values: &[String], rng: &mut Rng) -> Value {
    match values {
        [only] if chance(60, rng) => json!(only),
        _ => json!(values),
    }
}
