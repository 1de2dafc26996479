//! Names that want to be obeyed, in every place of a plan and in every format of it.

use std::io::Write as _;
use std::process::{Command, Stdio};

use dodai_facts::{Failure, FailureKind};
use serde_json::{Value, json};

use super::formats::script;
use super::{HOME, SECURE, World};
use crate::format::{markdown, text};
use crate::{Blocked, Danger, Due, Plan, Skipped};

#[path = "../../../../fuzz/checks/marked.rs"]
mod marked;
#[path = "../../../../fuzz/checks/names.rs"]
mod names;
#[path = "../../../../fuzz/checks/obeyed.rs"]
mod obeyed;
use marked::marked;
use names::names;
use obeyed::obeyed;

/// A plan of one change, in which every text is this one.
fn plan(name: &str) -> Plan {
    let mut world = World::settled(SECURE);
    world.set("aws_iam_password_policy", HOME, "MinimumPasswordLength", &json!(8));
    let mut plan = world.plan();
    plan.changes.truncate(1);
    let change = &mut plan.changes[0];
    for text in [&mut change.account, &mut change.summary, &mut change.resource, &mut change.settings[0].name] {
        name.clone_into(text);
    }
    change.id = format!("{name}/global/iam-password-policy/account");
    change.settings[0].before = json!([name]);
    change.settings[0].after = json!({ "a": name });
    change.calls[0].params = json!({ "Name": name, "List": [name, { "Inner": name }] });
    change.dangers = vec![Danger::Deletes(name.to_owned())];
    let cell = plan.changes[0].cell.clone();
    let failure = Failure { code: name.to_owned(), message: name.to_owned(), ..unread() };
    plan.blocked =
        vec![Blocked { account: name.to_owned(), cell: cell.clone(), feature: name.to_owned(), by: None, failure }];
    plan.skipped = vec![Skipped {
        account: name.to_owned(),
        cell,
        feature: name.to_owned(),
        why: format!("the trail `{name}` does the same"),
    }];
    plan.due = vec![Due { account: name.to_owned(), why: name.to_owned() }];
    plan
}

fn unread() -> Failure {
    Failure {
        kind: FailureKind::Denied,
        service: "iam".to_owned(),
        operation: "GetAccountPasswordPolicy".to_owned(),
        account: None,
        region: None,
        code: String::new(),
        message: String::new(),
        request_id: None,
    }
}

#[test]
fn nothing_is_obeyed_in_a_text_for_people() {
    for (what, name) in names() {
        let plan = plan(&name);
        // The lines are those of any plan: no name begins one.
        let lines = |shown: &str| shown.lines().count();
        let calm = self::plan("calm");
        for (format, shown, like) in [
            ("text", text(&plan), lines(&text(&calm))),
            ("markdown", markdown(&plan), lines(&markdown(&calm))),
            ("sh", script(&plan), lines(&script(&calm))),
        ] {
            assert_eq!(obeyed(&shown), None, "{what} in {format}");
            assert_eq!(lines(&shown), like, "{what} in {format}: {shown:.2000}");
        }
        let again: Plan = serde_json::from_str(&serde_json::to_string(&plan).unwrap()).unwrap();
        assert_eq!(again, plan, "{what}");
    }
}

/// In a pull request nothing of a name is a link, HTML or structure.
#[test]
fn markdown_has_no_more_than_the_words() {
    let calm = marked(&markdown(&plan("calm")));
    for (what, name) in names() {
        let shown = markdown(&plan(&name));
        let read = marked(&shown);
        assert!(read.live.is_empty(), "{what}: {:?}\n{shown:.2000}", read.live);
        assert_eq!(read.blocks, calm.blocks, "{what}: {shown:.2000}");
    }
}

/// Runs a script with `sh`, if there is one, and gives what it writes.
fn run(script: &str) -> Option<Vec<u8>> {
    let mut sh = Command::new("sh");
    let mut child = sh.arg("-s").stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().ok()?;
    let (mut input, script) = (child.stdin.take().unwrap(), script.to_owned());
    // The script is written while its output is read: both may be longer than a pipe holds.
    let writer = std::thread::spawn(move || input.write_all(script.as_bytes()));
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap().unwrap();
    assert!(output.status.success(), "{:.2000}", String::from_utf8_lossy(&output.stderr));
    Some(output.stdout)
}

/// `aws` is a function that writes each of its words, ended by a zero.
#[test]
fn a_script_gives_exactly_the_parameters() {
    for (what, name) in names() {
        let plan = plan(&name);
        let stub = "set -eu\naws() { printf '%s\\0' \"$@\" >&3; }\n";
        let body = script(&plan).replacen("set -eu\n", stub, 1).replacen("in_account() {", "unused() {", 1);
        let Some(written) = run(&format!("in_account() {{ shift; \"$@\"; }}\nexec 3>&1\n{body}")) else { return };
        let words: Vec<&[u8]> = written.split(|byte| *byte == 0).collect();
        let [service, operation, region, _, output, form, option, params, end] = words.as_slice() else {
            panic!("{what}: {} words", words.len());
        };
        assert_eq!([*service, *operation], [&b"iam"[..], b"update-account-password-policy"], "{what}");
        assert_eq!([*region, *output, *form, *option], [&b"--region"[..], b"--output", b"json", b"--cli-input-json"]);
        assert!(end.is_empty(), "{what}");
        let given: Value = serde_json::from_slice(params).unwrap();
        assert_eq!(given, plan.changes[0].calls[0].params, "{what}");
    }
}

/// Two changes whose ids differ only in what a variable cannot have keep their replies apart.
#[test]
fn no_two_replies_share_a_variable() {
    let mut plan = plan("calm");
    let ids = ["a-b/x", "a_b/x", "a.b/x", "\u{65e5}/x", "\u{672c}/x", "a_b_x_2", "}/x"];
    plan.changes = ids.iter().map(|id| crate::Change { id: (*id).to_owned(), ..plan.changes[0].clone() }).collect();
    let script = script(&plan);
    let mut variables: Vec<&str> = script
        .lines()
        .filter_map(|line| line.starts_with("reply_").then(|| line.split('=').next()).flatten())
        .collect();
    variables.sort_unstable();
    variables.dedup();
    assert_eq!(variables.len(), ids.len(), "{variables:?}");
}
