//! `evaluation.yaml`: the order of evaluation, as AWS's pages have it.

use dodai_document::{Node, Problems, yaml};
use dodai_policy::decide::{Cache, decide_line};
use serde_json::{Map, Value, json};

const ACCOUNT: &str = "111122223333";

fn principal(text: &str) -> String {
    match text {
        "R" => format!("arn:aws:iam::{ACCOUNT}:role/R"),
        "U" => format!("arn:aws:iam::{ACCOUNT}:user/U"),
        "S" => format!("arn:aws:sts::{ACCOUNT}:assumed-role/R/s"),
        other => other.to_owned(),
    }
}

/// `deny s3:* to not U, 111122223333`
fn statement(text: &str) -> Value {
    let (rest, to) = text.split_once(" to ").map_or((text, None), |(rest, to)| (rest, Some(to)));
    let (effect, action) = rest.split_once(' ').unwrap();
    let effect = if effect == "allow" { "Allow" } else { "Deny" };
    let mut statement = json!({ "Effect": effect, "Action": action, "Resource": "*" });
    if let Some(to) = to {
        let (element, to) = to.strip_prefix("not ").map_or(("Principal", to), |to| ("NotPrincipal", to));
        let named = match to.split_once(' ').map(|(kind, name)| (kind, name.to_owned())) {
            Some(("service", name)) => json!({ "Service": name }),
            Some(("federated", name)) => json!({ "Federated": name }),
            _ => json!({ "AWS": to.split(", ").map(principal).collect::<Vec<_>>() }),
        };
        statement[element] = if to == "*" { json!("*") } else { named };
    }
    json!({ "Version": "2012-10-17", "Statement": [statement] })
}

fn documents(value: &Value) -> Value {
    match value {
        Value::String(text) => statement(text),
        Value::Array(values) => values.iter().map(documents).collect(),
        other => other.clone(),
    }
}

fn check(group: &Map<String, Value>, case: &Map<String, Value>) -> Option<String> {
    let get = |name: &str| case.get(name).or_else(|| group.get(name));
    let text = |name: &str, default: &str| get(name).and_then(Value::as_str).unwrap_or(default).to_owned();
    let request = json!({
        "principal": principal(&text("who", "R")),
        "action": text("does", "s3:GetObject"),
        "resource": text("on", "arn:aws:s3:::bucket/key"),
        "resourceAccount": text("on", "").split(':').nth(4).filter(|account| !account.is_empty()).unwrap_or(ACCOUNT),
    });
    let mut line = json!({ "id": 0, "request": request, "closed": get("closed").unwrap_or(&json!(true)) });
    for name in ["identity", "resourcePolicy", "boundary", "session", "endpoint", "scps", "rcps"] {
        if let Some(value) = get(name) {
            line[name] = documents(value);
        }
    }
    if let Some(account) = get("managementAccount") {
        line["managementAccount"] = account.clone();
    }
    let answer: Value = serde_json::from_str(&decide_line(&line.to_string(), &mut Cache::default())).unwrap();
    let decision = answer["decision"].as_str().unwrap_or_default();
    let told = match (decision, answer["by"]["level"].as_str()) {
        ("explicit_deny" | "implicit_deny", Some(level)) => format!("{decision} {level}"),
        _ => decision.to_owned(),
    };
    let expected = text("expect", "");
    (told != expected).then(|| format!("{}: {case:?}: {answer}", group["page"]))
}

#[test]
fn requests_are_decided_as_documented() {
    let text = include_str!("evaluation.yaml");
    let mut problems = Problems::of("evaluation.yaml");
    let groups = yaml::parse(text, &mut problems).as_ref().map(Node::to_json);
    assert_eq!(problems.list, []);
    let mut wrong = Vec::new();
    let mut count = 0;
    for group in groups.as_ref().and_then(Value::as_array).unwrap() {
        let group = group.as_object().unwrap();
        for case in group["cases"].as_array().unwrap() {
            count += 1;
            wrong.extend(check(group, case.as_object().unwrap()));
        }
    }
    assert!(count > 60, "{count}");
    assert_eq!(wrong, Vec::<String>::new());
}
