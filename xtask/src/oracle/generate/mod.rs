//! Cases for the comparison with another engine: whole requests with every kind of policy above them, in the lines of
//! `dodai policy decide`. Values come from small pools, so that about half of what is compared matches, and each case
//! has a theme: the feature that is meant to decide it.

mod conditions;
mod context;
mod layers;
mod patterns;
mod pools;
mod principals;
mod statements;

use fastrand::Rng;
use serde_json::{Map, Value, json};

use super::derived;
use principals::Caller;

/// What a case is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Theme {
    /// One statement whose conditions decide.
    Conditions,
    /// `Action`, `NotAction`, `Resource`, `NotResource`.
    Elements,
    /// Who a resource policy names.
    Principals,
    /// Which kinds of policy are there, and what they say together.
    Layers,
    /// A role's trust policy.
    Trust,
    /// A key's policy.
    Key,
}

/// Themes by how often they come.
const THEMES: [(Theme, u32); 6] = [
    (Theme::Conditions, 42),
    (Theme::Elements, 14),
    (Theme::Principals, 14),
    (Theme::Layers, 20),
    (Theme::Trust, 5),
    (Theme::Key, 5),
];

/// A request as far as it is known before its policies are made.
#[derive(Debug)]
struct Asked {
    caller: Caller,
    action: &'static str,
    resource: String,
    resource_account: &'static str,
}

/// A policy that allows everything to whom it is attached.
pub(super) fn everything() -> Value {
    statements::everything(statements::Form::Plain)
}

const PRINCIPAL_ARN: &str = "aws:PrincipalArn";

/// The case of this number: the same for the same seed, whatever was made before it.
pub(super) fn case(seed: u64, number: u64) -> Value {
    let mut rng = Rng::with_seed(seed.rotate_left(32) ^ number.wrapping_mul(0x9E37_79B9_7F4A_7C15));
    let theme = theme(&mut rng);
    let asked = asked(theme, &mut rng);
    let mut case = Map::new();
    case.insert("id".to_owned(), json!(format!("{seed}/{number}")));
    case.insert("closed".to_owned(), json!(true));
    let mut request = Map::new();
    request.insert("principal".to_owned(), json!(asked.caller.arn));
    request.insert("action".to_owned(), json!(asked.action));
    match pools::another(asked.action, &asked.resource, asked.resource_account, &mut rng) {
        Some(other) => request.insert("resources".to_owned(), json!([asked.resource, other])),
        None => request.insert("resource".to_owned(), json!(asked.resource)),
    };
    request.insert("resourceAccount".to_owned(), json!(asked.resource_account));
    case.insert("request".to_owned(), Value::Object(request));
    for (name, policies) in layers::of(theme, &asked, &mut rng) {
        case.insert(name.to_owned(), policies);
    }
    let mut context = context::aimed_at(&Value::Object(case.clone()), &mut rng);
    if asked.caller.arn.contains(":assumed-role/") {
        // A session's ARN does not say its role's path.
        say_role(&Value::Object(case.clone()), &mut context);
    }
    if let Some(request) = case.get_mut("request").and_then(Value::as_object_mut) {
        request.insert("context".to_owned(), context);
    }
    Value::Object(case)
}

fn say_role(case: &Value, context: &mut Value) {
    let Some(keys) = context.as_object_mut() else { return };
    keys.retain(|key, _| !key.eq_ignore_ascii_case(PRINCIPAL_ARN));
    let arn = derived::keys(case).into_iter().find(|(key, _)| *key == PRINCIPAL_ARN).and_then(|(_, arn)| arn);
    keys.extend(arn.map(|arn| (PRINCIPAL_ARN.to_owned(), json!(arn))));
}

fn theme(rng: &mut Rng) -> Theme {
    let mut left = rng.u32(0..THEMES.iter().map(|(_, share)| share).sum());
    for (theme, share) in THEMES {
        match left.checked_sub(share) {
            Some(rest) => left = rest,
            None => return theme,
        }
    }
    Theme::Layers
}

fn asked(theme: Theme, rng: &mut Rng) -> Asked {
    let caller = match theme {
        // What a resource policy says matters to everybody; identity policies only to those who have some.
        Theme::Trust if rng.u32(0..5) == 0 => Caller::provider(rng),
        Theme::Trust => Caller::any(rng),
        Theme::Principals | Theme::Key => Caller::signed_in(rng),
        Theme::Layers if rng.u32(0..4) == 0 => Caller::signed_in(rng),
        Theme::Conditions | Theme::Elements | Theme::Layers => Caller::with_policies(rng),
    };
    let across = rng.u32(0..100) < if theme == Theme::Principals || theme == Theme::Layers { 30 } else { 12 };
    let home = caller.account.unwrap_or(pools::ACCOUNT);
    // A provider vouches in its own account only.
    let resource_account = if across && !caller.is_provider() { pools::other_than(home) } else { home };
    let targets = match theme {
        Theme::Trust if caller.is_provider() => pools::SAML_TRUST,
        Theme::Trust => pools::TRUST,
        Theme::Key => pools::KEY,
        _ => pools::TARGETS,
    };
    let (action, resources) = pools::one(targets, rng);
    let resource = pools::one(resources, rng).replace("{account}", resource_account);
    Asked { caller, action, resource, resource_account }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_case_depends_on_seed_and_number_alone() {
        let before = case(7, 41);
        case(7, 40);
        assert_eq!(case(7, 41), before);
        assert_ne!(case(8, 41).get("request"), None);
        assert_ne!(case(8, 41), before);
    }

    #[test]
    fn every_document_reads() {
        for number in 0..2_000 {
            let case = case(1, number);
            for document in documents(&case) {
                let text = document.to_string();
                if let Err(problems) = dodai_policy::language::read_json("case", &text) {
                    panic!("{text}: {problems:?}");
                }
            }
        }
    }

    /// Every policy document of a case.
    fn documents(value: &Value) -> Vec<&Value> {
        match value {
            Value::Object(map) if map.contains_key("Statement") => vec![value],
            Value::Object(map) => map.values().flat_map(documents).collect(),
            Value::Array(items) => items.iter().flat_map(documents).collect(),
            _ => Vec::new(),
        }
    }
}
