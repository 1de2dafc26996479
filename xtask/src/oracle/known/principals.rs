//! Who is meant, and what that gives them.

use serde_json::{Value, json};

use super::super::generate;
use super::rewrite::{documents, statements};

fn principal(case: &Value) -> &str {
    case.pointer("/request/principal").and_then(Value::as_str).unwrap_or_default()
}

/// The parts of the principal's ARN that say who it is: service, account, and the rest.
fn parts(principal: &str) -> Option<(&str, &str, &str)> {
    match principal.splitn(6, ':').collect::<Vec<_>>().as_slice() {
        &[_, _, service, _, account, rest] => Some((service, account, rest)),
        _ => None,
    }
}

/// The root user may do everything in its account, without a policy that says so.
pub(super) fn root_user(case: &Value) -> Option<Value> {
    let mut other = case.clone();
    let entries = other.as_object_mut().filter(|_| principal(case).ends_with(":root"))?;
    entries.insert("identity".to_owned(), json!([generate::everything()]));
    Some(other)
}

/// The root user cannot assume a role, whatever the role's policy grants.
pub(super) fn root_assumes(case: &Value) -> Option<Value> {
    let assumes = case.pointer("/request/action").and_then(Value::as_str) == Some("sts:AssumeRole");
    if !assumes || !principal(case).ends_with(":root") {
        return None;
    }
    let mut other = case.clone();
    let policy = other.get_mut("resourcePolicy")?.as_object_mut()?;
    let mut statements = match policy.get_mut("Statement")?.take() {
        Value::Array(items) => items,
        one => vec![one],
    };
    let before = statements.len();
    statements.retain(|statement| statement.get("Effect") != Some(&json!("Allow")));
    let changed = statements.len() < before;
    policy.insert("Statement".to_owned(), Value::Array(statements));
    changed.then_some(other)
}

/// Without session policies a federated user has none of what its user may do.
pub(super) fn federated_user(case: &Value) -> Option<Value> {
    let session = case.get("session").and_then(Value::as_array).is_some_and(|session| !session.is_empty());
    if session || !principal(case).contains(":federated-user/") {
        return None;
    }
    let mut other = case.clone();
    let changed = documents(other.get_mut("identity")?, &mut |document| {
        statements(document, &mut |statement| {
            let allows = statement.get("Effect") == Some(&json!("Allow"));
            if allows {
                // What is denied stays so.
                statement.shift_remove("NotResource");
                statement.insert("Resource".to_owned(), json!("arn:aws:none:::none"));
            }
            allows
        })
    });
    changed.then_some(other)
}

/// A deny with `NotPrincipal` is about everybody who has a permissions boundary.
pub(super) fn bounded(case: &Value) -> Option<Value> {
    let bounded = [":user/", ":role/", ":assumed-role/"].iter().any(|kind| principal(case).contains(kind));
    bounded.then_some(())?;
    case.get("boundary").filter(|boundary| !boundary.is_null())?;
    let mut other = case.clone();
    let mut policy = other.get_mut("resourcePolicy")?.take();
    let changed = documents(&mut policy, &mut |document| {
        statements(document, &mut |statement| {
            if statement.get("Effect") != Some(&json!("Deny")) || statement.shift_remove("NotPrincipal").is_none() {
                return false;
            }
            statement.insert("Principal".to_owned(), json!("*"));
            true
        })
    });
    *other.get_mut("resourcePolicy")? = policy;
    changed.then_some(other)
}

/// To leave somebody out with `NotPrincipal`, their account must be listed too, and of a session its role.
pub(super) fn not_principal(case: &Value) -> Option<Value> {
    let needed = needed(principal(case));
    let mut other = case.clone();
    let changed = documents(&mut other, &mut |document| {
        statements(document, &mut |statement| {
            let Some(listed) = statement.shift_remove("NotPrincipal") else { return false };
            if is_left_out(&needed, &listed) {
                // About nobody who asks here.
                statement.insert("Principal".to_owned(), json!({"AWS": "arn:aws:iam::999999999999:user/nobody"}));
            } else {
                statement.insert("Principal".to_owned(), json!("*"));
            }
            true
        })
    });
    changed.then_some(other)
}

/// What must be listed to leave a principal out; of each, one of its spellings.
fn needed(principal: &str) -> Vec<Vec<String>> {
    let Some((service, account, rest)) = parts(principal).filter(|_| !principal.contains(":saml-provider/")) else {
        return vec![vec![principal.to_owned()]];
    };
    let mut needed = vec![vec![account.to_owned(), format!("arn:aws:iam::{account}:root")]];
    if let ("sts", Some(session)) = (service, rest.strip_prefix("assumed-role/")) {
        let role = session.split('/').next().unwrap_or_default();
        let paths = ["", "team/", "aws-service-role/config.amazonaws.com/"];
        needed.push(paths.map(|path| format!("arn:aws:iam::{account}:role/{path}{role}")).to_vec());
    }
    if service == "iam" && rest.starts_with("role/") {
        // A role acts through its sessions, and which one it is is not said.
        needed.push(Vec::new());
    }
    if rest != "root" {
        needed.push(vec![principal.to_owned()]);
    }
    needed
}

fn names(listed: &Value) -> Vec<&str> {
    match listed {
        Value::String(name) => vec![name],
        Value::Array(items) => items.iter().filter_map(Value::as_str).collect(),
        Value::Object(kinds) => kinds.values().flat_map(names).collect(),
        _ => Vec::new(),
    }
}

/// A SAML provider is no principal of the account that it is in.
pub(super) fn provider(case: &Value) -> Option<Value> {
    if !principal(case).contains(":saml-provider/") {
        return None;
    }
    let mut other = case.clone();
    let changed = documents(&mut other, &mut |document| {
        statements(document, &mut |statement| {
            let Some(Value::Object(kinds)) = statement.get_mut("Principal") else { return false };
            match kinds.get_mut("AWS") {
                Some(aws) if !names(aws).contains(&"*") => {
                    *aws = json!("arn:aws:iam::999999999999:user/nobody");
                    true
                }
                _ => false,
            }
        })
    });
    changed.then_some(other)
}

/// Statements of an endpoint's policy are about whom they name, like those of a resource's.
pub(super) fn endpoint(case: &Value) -> Option<Value> {
    let needed = needed(principal(case));
    let mut other = case.clone();
    let policy = other.get_mut("endpoint")?.as_object_mut()?;
    let statements = match policy.get_mut("Statement")?.take() {
        Value::Array(items) => items,
        one => vec![one],
    };
    let before = statements.len();
    let about = |statement: &Value| match (statement.get("Principal"), statement.get("NotPrincipal")) {
        (Some(listed), _) => {
            let names = names(listed);
            names.contains(&"*") || needed.iter().flatten().any(|way| names.contains(&way.as_str()))
        }
        (None, Some(listed)) => !is_left_out(&needed, listed),
        (None, None) => false,
    };
    let kept: Vec<Value> = statements.into_iter().filter(about).collect();
    let changed = kept.len() < before;
    policy.insert("Statement".to_owned(), Value::Array(kept));
    changed.then_some(other)
}

/// Whether `NotPrincipal` lists all that must be listed to leave somebody out.
fn is_left_out(needed: &[Vec<String>], listed: &Value) -> bool {
    let names = names(listed);
    names.contains(&"*") || needed.iter().all(|ways| ways.iter().any(|way| names.contains(&way.as_str())))
}

/// What a resource policy of the same account grants to a session itself, its session policies need not grant too.
pub(super) fn session_grants(case: &Value) -> Option<Value> {
    let principal = principal(case);
    let (_, account, _) = parts(principal)?;
    if case.pointer("/request/resourceAccount").and_then(Value::as_str) != Some(account) {
        return None;
    }
    let mut granted = false;
    let mut policy = case.get("resourcePolicy")?.clone();
    documents(&mut policy, &mut |document| {
        statements(document, &mut |statement| {
            let names = statement.get("Principal").map(names).unwrap_or_default();
            let meant = names.contains(&principal) || names.contains(&"*") || statement.contains_key("NotPrincipal");
            granted |= meant && statement.get("Effect") == Some(&json!("Allow"));
            false
        })
    });
    let mut other = case.clone();
    let session = other.get_mut("session")?.as_array_mut().filter(|_| granted)?;
    session.push(generate::everything());
    Some(other)
}
