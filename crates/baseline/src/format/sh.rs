//! The plan as AWS CLI commands: for whoever wants to read, or do by hand, exactly what would be called.

use std::collections::{HashMap, HashSet};
use std::fmt::Write as _;

use dodai_facts::escape::{json, shell, terminal};
use dodai_facts::{AccountId, Call, Partition, Reference};
use dodai_texts::say;
use serde_json::Value;

use super::text::{blocked, skipped};
use crate::Plan;

/// The functions that a script begins with.
const PRELUDE: &str = include_str!("prelude.sh");

/// How a script enters the organization's accounts.
#[derive(Debug, Clone, Copy)]
pub struct Entering<'a> {
    /// Whose credentials the script runs with.
    pub management: &'a AccountId,
    pub member_role: &'a str,
    pub external_id: Option<&'a str>,
    pub partition: Partition,
}

/// A script for a POSIX shell: the plan's calls in its order, and in comments what the plan says besides. What an earlier
/// reply gives is kept in a variable.
pub fn sh(plan: &Plan, entering: &Entering<'_>) -> String {
    let external_id = entering.external_id.map_or_else(String::new, |id| format!(" --external-id {}", shell(id)));
    let mut out = PRELUDE
        .replace("@MANAGEMENT@", entering.management.as_str())
        .replace("@PARTITION@", entering.partition.as_str())
        .replace("@ROLE@", &shell(entering.member_role))
        .replace("@EXTERNAL_ID@", &external_id);
    remarks(&mut out, plan);
    let variables = Variables::of(plan);
    for change in &plan.changes {
        let _ = writeln!(out, "\n# {}\n# {}", terminal(&change.id), terminal(&change.summary));
        for danger in &change.dangers {
            let _ = writeln!(out, "# {}", say!("plan-script-danger", why = terminal(danger.why())));
        }
        for (number, call) in change.calls.iter().enumerate() {
            if let Some(find) = &call.find {
                let (service, operation) = (cli_service(&find.service), kebab(&find.operation));
                let command = format!("aws {} {}", terminal(service), terminal(&operation));
                let _ = writeln!(out, "# {}", say!("plan-script-once", command = command));
            }
            let _ = writeln!(
                out,
                "{}=$({}in_account {} aws {} {} --region {} --output json --cli-input-json {})",
                variables.name(&change.id, number),
                waiting(call),
                call.account,
                shell(&terminal(cli_service(&call.service))),
                shell(&terminal(&kebab(&call.operation))),
                call.region,
                json_word(&call.params, &variables),
            );
        }
    }
    out
}

/// What the plan says of what it does not do.
fn remarks(out: &mut String, plan: &Plan) {
    let mut list = |title: &str, lines: &mut dyn Iterator<Item = String>| {
        let mut lines = lines.peekable();
        if lines.peek().is_some() {
            let _ = writeln!(out, "\n# {title}:");
        }
        for line in lines {
            let _ = writeln!(out, "#   {}", terminal(&line));
        }
    };
    let places = |places: &[String]| places.join(", ");
    let of_feature = |((feature, why), at): ((&str, String), Vec<String>)| format!("{feature}: {why}: {}", places(&at));
    let skipped = skipped(plan).into_iter().map(|((feature, why), at)| ((feature, why.to_owned()), at));
    list(&say!("plan-skipped"), &mut skipped.map(of_feature));
    list(&say!("plan-blocked"), &mut blocked(plan).into_iter().map(of_feature));
    list(&say!("plan-due-after-script"), &mut plan.due.iter().map(|due| format!("{}: {}", due.account, due.why)));
}

/// What a call is run by where its end is to be waited for, or may have come before.
fn waiting(call: &Call) -> String {
    let mut words = String::new();
    if !call.already.is_empty() {
        let _ = write!(words, "already {} ", shell(&terminal(&call.already.join("|"))));
    }
    if let Some(not_yet) = &call.not_yet {
        let _ = write!(words, "not_yet {} {} ", not_yet.within, shell(&terminal(&not_yet.codes.join("|"))));
    }
    if let Some(until) = &call.until {
        let list = |values: &[Value]| {
            shell(&values.iter().map(|value| json(&value.to_string()).into_owned()).collect::<Vec<_>>().join("\n"))
        };
        let _ = write!(
            words,
            "until_is {} {} {} {} ",
            until.within,
            shell(&terminal(&until.path)),
            list(&until.is),
            list(&until.fails)
        );
    }
    words
}

/// The parameters as one shell word; a reference becomes a command substitution on the earlier reply.
fn json_word(params: &Value, variables: &Variables<'_>) -> String {
    let text = json(&params.to_string()).into_owned();
    let mut word = String::new();
    let mut rest = text.as_str();
    // Within a text the quotes would be escaped: this is the beginning of an object.
    while let Some(start) = rest.find(r#"{"$ref":"#) {
        let (before, object) = rest.split_at(start);
        word.push_str(&quoted(before));
        let mut values = serde_json::Deserializer::from_str(object).into_iter::<Value>();
        let value = values.next().and_then(Result::ok);
        let (written, after) = object.split_at(values.byte_offset().max(1));
        match value.and_then(|value| Reference::of(&value).ok().flatten()) {
            Some(reference) => {
                let _ = write!(
                    word,
                    r#""$(printf %s "${}" | jq -c {})""#,
                    variables.name(&reference.change, reference.call),
                    shell(&terminal(&format!(".{}", reference.path)))
                );
            }
            None => word.push_str(&quoted(written)),
        }
        rest = after;
    }
    word.push_str(&quoted(rest));
    word
}

fn quoted(text: &str) -> String {
    if text.is_empty() { String::new() } else { format!("'{}'", text.replace('\'', r"'\''")) }
}

/// The variables that keep replies: two changes whose ids differ only in what a variable's name cannot have
/// (`a-b` and `a_b`, two names in Japanese) have two.
pub(crate) struct Variables<'p> {
    names: HashMap<&'p str, String>,
}

impl<'p> Variables<'p> {
    pub(crate) fn of(plan: &'p Plan) -> Self {
        let (mut names, mut taken) = (HashMap::new(), HashSet::new());
        for change in &plan.changes {
            let first = plain(&change.id);
            let mut name = first.clone();
            let mut number = 1_usize;
            while !taken.insert(name.clone()) {
                number += 1;
                name = format!("{first}_{number}");
            }
            names.insert(change.id.as_str(), name);
        }
        Self { names }
    }

    /// The variable with the reply of a call. A change that is not in the plan has none, so that `set -u` ends the script.
    pub(crate) fn name(&self, change: &str, call: usize) -> String {
        match self.names.get(change) {
            Some(name) => format!("reply_{name}_{call}"),
            None => format!("missing_{}_{call}", plain(change)),
        }
    }
}

fn plain(id: &str) -> String {
    id.chars().map(|letter| if letter.is_ascii_alphanumeric() { letter } else { '_' }).collect()
}

/// The CLI calls two services by another name than botocore's directories.
fn cli_service(service: &str) -> &str {
    match service {
        "config" => "configservice",
        "s3" => "s3api",
        other => other,
    }
}

/// `CreateDBInstance` -> `create-db-instance`
fn kebab(operation: &str) -> String {
    let letters: Vec<char> = operation.chars().collect();
    let mut name = String::with_capacity(operation.len() + 6);
    for (place, letter) in letters.iter().enumerate() {
        let after_lower = place > 0 && letters.get(place - 1).is_some_and(|before| !before.is_ascii_uppercase());
        let before_lower = letters.get(place + 1).is_some_and(char::is_ascii_lowercase);
        if letter.is_ascii_uppercase() && place > 0 && (after_lower || before_lower) {
            name.push('-');
        }
        name.push(letter.to_ascii_lowercase());
    }
    name
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn operations_are_named_as_the_cli_names_them() {
        for (operation, name) in [
            ("CreateDetector", "create-detector"),
            ("PutBucketPolicy", "put-bucket-policy"),
            ("CreateDBInstance", "create-db-instance"),
            ("EnableEbsEncryptionByDefault", "enable-ebs-encryption-by-default"),
            ("UpdateAccountPasswordPolicy", "update-account-password-policy"),
        ] {
            assert_eq!(kebab(operation), name);
        }
    }

    #[test]
    fn references_become_substitutions_and_quotes_stay_quoted() {
        let variables = Variables { names: HashMap::from([("a/b", "a_b".to_owned()), ("a}/b", "a__b".to_owned())]) };
        let check = |params: &Value, expected: &str| assert_eq!(json_word(params, &variables), expected);
        check(
            &json!({"Note": "it's", "Id": {"$ref": "a/b#0.X.Y"}}),
            r#"'{"Note":"it'\''s","Id":'"$(printf %s "$reply_a_b_0" | jq -c .X.Y)"'}'"#,
        );
        // The id of a change may hold what ends an object; a text may look like a reference.
        check(&json!([{"$ref": "a}/b#1.X"}]), r#"'['"$(printf %s "$reply_a__b_1" | jq -c .X)"']'"#);
        check(&json!([r#"{"$ref":"a/b#0.X"}"#]), r#"'["{\"$ref\":\"a/b#0.X\"}"]'"#);
        check(&json!({"$ref": "no reference"}), r#"'{"$ref":"no reference"}'"#);
    }
}
