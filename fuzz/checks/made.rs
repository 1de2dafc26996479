//! Policies and requests made of bytes: few names, so that what they have in common shows.

use serde_json::{Map, Value, json};

/// Bytes that choose. When they are used up, the first choice is taken.
pub struct Choices<'b> {
    bytes: &'b [u8],
}

impl<'b> Choices<'b> {
    pub fn new(bytes: &'b [u8]) -> Self {
        Self { bytes }
    }

    pub fn byte(&mut self) -> u8 {
        let Some((first, rest)) = self.bytes.split_first() else { return 0 };
        self.bytes = rest;
        *first
    }

    pub fn below(&mut self, count: usize) -> usize {
        usize::from(self.byte()) % count
    }

    pub fn of<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.below(all.len())]
    }
}

pub const KEYS: [&str; 5] = ["aws:RequestTag/a", "aws:TagKeys", "aws:SourceIp", "aws:CurrentTime", "s3:max-keys"];
const TEXTS: [&str; 8] = ["a", "b", "a*", "*b", "?", "*a?b*", "${aws:RequestTag/a}", "${aws:SourceIp, 'a'}"];
const ACTIONS: [&str; 6] = ["*", "s3:*", "s3:Get*", "s3:GetObject", "s3:?etObject", "kms:Decrypt"];
const RESOURCES: [&str; 6] = [
    "*",
    "arn:aws:s3:::b/*",
    "arn:aws:s3:::*/a",
    "arn:aws:s3:::b/${aws:RequestTag/a}",
    "arn:aws:kms:*:111122223333:key/*",
    "arn:*:s3:*:*:b?",
];
const PRINCIPALS: [&str; 5] = [
    "*",
    "111122223333",
    "arn:aws:iam::111122223333:role/R",
    "arn:aws:sts::111122223333:assumed-role/R/s",
    "arn:aws:iam::444455556666:user/U",
];

pub fn condition(choices: &mut Choices<'_>) -> (String, String, Value) {
    let key = choices.below(KEYS.len());
    let modifier = choices.of(&["", "", "", "IfExists"]);
    let (operator, values): (&str, &[&str]) = match key {
        _ if choices.byte() > 230 => {
            return ("Null".to_owned(), KEYS[key].to_owned(), json!(choices.of(&["true", "false"])));
        }
        0 | 1 => (
            choices.of(&[
                "StringEquals",
                "StringNotEquals",
                "StringLike",
                "StringNotLike",
                "StringEqualsIgnoreCase",
                "ArnLike",
            ]),
            &TEXTS,
        ),
        2 => (choices.of(&["IpAddress", "NotIpAddress"]), &["10.0.0.0/8", "10.1.0.0/16", "::/0", "10.0.0.1"]),
        3 => (
            choices.of(&["DateLessThan", "DateGreaterThanEquals", "DateEquals"]),
            &["2026-01-01T00:00:00Z", "2026-06-01", "0"],
        ),
        _ => (choices.of(&["NumericLessThan", "NumericEquals", "NumericGreaterThan"]), &["1", "10", "-0.5"]),
    };
    let several = if key == 1 { choices.of(&["ForAllValues:", "ForAnyValue:"]) } else { "" };
    let values: Vec<&str> = (0..=choices.below(3)).map(|_| choices.of(values)).collect();
    (format!("{several}{operator}{modifier}"), KEYS[key].to_owned(), json!(values))
}

pub fn statement(choices: &mut Choices<'_>, named: bool) -> Value {
    let mut statement = Map::new();
    statement.insert("Effect".to_owned(), json!(choices.of(&["Allow", "Deny"])));
    let action = choices.of(&["Action", "Action", "NotAction"]);
    let actions: Vec<&str> = (0..=choices.below(2)).map(|_| choices.of(&ACTIONS)).collect();
    statement.insert(action.to_owned(), json!(actions));
    let resource = choices.of(&["Resource", "Resource", "NotResource"]);
    let resources: Vec<&str> = (0..=choices.below(2)).map(|_| choices.of(&RESOURCES)).collect();
    statement.insert(resource.to_owned(), json!(resources));
    if named {
        let element = choices.of(&["Principal", "Principal", "NotPrincipal"]);
        statement.insert(element.to_owned(), json!({ "AWS": choices.of(&PRINCIPALS) }));
    }
    let mut block: Map<String, Value> = Map::new();
    for _ in 0..choices.below(3) {
        let (operator, key, values) = condition(choices);
        block.entry(operator).or_insert_with(|| json!({}))[key] = values;
    }
    if !block.is_empty() {
        statement.insert("Condition".to_owned(), Value::Object(block));
    }
    Value::Object(statement)
}

pub fn document(choices: &mut Choices<'_>, named: bool) -> Value {
    let statements: Vec<Value> = (0..=choices.below(3)).map(|_| statement(choices, named)).collect();
    let mut document = json!({ "Version": "2012-10-17", "Statement": statements });
    if choices.byte() > 240 {
        document["Version"] = json!("2008-10-17");
    }
    document
}

/// A request, with some keys given, some absent and some unknown.
pub fn request(choices: &mut Choices<'_>) -> Value {
    let mut context = Map::new();
    for key in KEYS {
        if let Some(value) = given(choices, key) {
            context.insert(key.to_owned(), value);
        }
    }
    json!({
        "principal": choices.of(&PRINCIPALS),
        "action": choices.of(&["s3:GetObject", "s3:PutObject", "kms:Decrypt", "ec2:RunInstances"]),
        "resources": [choices.of(&["arn:aws:s3:::b/a", "arn:aws:s3:::c/a", "arn:aws:kms:us-east-1:111122223333:key/a", "*"])],
        "context": context,
    })
}

/// None: it is unknown.
pub fn given(choices: &mut Choices<'_>, key: &str) -> Option<Value> {
    match choices.below(3) {
        0 => None,
        1 => Some(Value::Null),
        _ => Some(value(choices, key)),
    }
}

pub fn value(choices: &mut Choices<'_>, key: &str) -> Value {
    match key {
        "aws:TagKeys" => (0..=choices.below(2)).map(|_| choices.of(&["a", "b", "ab", "x"])).collect(),
        "aws:SourceIp" => json!(choices.of(&["10.0.0.1", "10.1.2.3", "192.0.2.1", "2001:db8::1", "a"])),
        "aws:CurrentTime" => json!(choices.of(&["2026-03-01T00:00:00Z", "2020-01-01", "1", "a"])),
        "s3:max-keys" => json!(choices.of(&["1", "5", "-1", "a"])),
        _ => json!(choices.of(&["a", "b", "aab", "A", "*", "arn:aws:s3:::b"])),
    }
}
