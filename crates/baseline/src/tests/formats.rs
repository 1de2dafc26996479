//! The plan as people and shells read it: compared as a whole (`snapshots/`), because every word counts.

use std::io::Write as _;
use std::process::{Command, Stdio};

use dodai_facts::{Cell, FailureKind};
use serde_json::json;

use super::organization_world::{Organization, TREE};
use super::{BASIC, HOME, MANAGEMENT, OTHER, SECURE, World, denied};
use crate::format::{Entering, markdown, sh, text};
use crate::{Plan, Selection};

/// A new secure account, one Region of which cannot be read.
fn account() -> Plan {
    let mut world = World::new(SECURE);
    world.edit("aws_guardduty_detector", OTHER, |listing| listing.failure = Some(denied()));
    world.plan()
}

/// Small changes, something left alone, something in the way.
fn upkeep() -> Plan {
    let mut world = World::settled(SECURE);
    world.set("aws_iam_password_policy", HOME, "MinimumPasswordLength", &json!(8));
    world.set("aws_ec2_ebs_encryption", OTHER, "EbsEncryptionByDefault", &json!(false));
    world.set("aws_config_recorder", OTHER, "tags", &json!({}));
    world.set("aws_config_recorder", OTHER, "roleARN", &json!("arn:aws:iam::222222222222:role/theirs"));
    world.set("aws_kms_key", HOME, "policy", &json!("{"));
    world.plan()
}

/// The same changes in a thousand accounts, and one that differs.
fn thousand() -> Plan {
    let one = World::new(BASIC).plan();
    let mut plan = Plan { changes: Vec::new(), selection: Selection::default(), ..one.clone() };
    for number in 0..1000_u64 {
        let (name, id) = (format!("account-{number:04}"), format!("{}", 333_333_330_000 + number));
        let renamed = serde_json::to_string(&one.changes).unwrap().replace("shop", &name).replace("222222222222", &id);
        plan.changes.extend(serde_json::from_str::<Vec<crate::Change>>(&renamed).unwrap());
    }
    plan.changes[7].settings[0].before = json!(5);
    plan
}

/// Names and values that want to be obeyed.
fn hostile() -> Plan {
    let mut plan = upkeep();
    plan.changes.truncate(1);
    let evil = "it's $(touch x) `y` <b>|\u{1b}[2J\u{202e}\n# end";
    let evil = evil.replace("\\u{1b}", "\u{1b}");
    let change = &mut plan.changes[0];
    change.account.clone_from(&evil);
    change.id = format!("{evil}/global/x/y");
    change.summary = format!("set {evil}");
    change.resource.clone_from(&evil);
    change.settings[0].name.clone_from(&evil);
    change.settings[0].after = json!(evil);
    change.calls[0].params = json!({ evil.as_str(): evil.as_str(), "Id": crate::reply_of(&evil, 0, "A.B") });
    change.dangers = vec![crate::Danger::Deletes(evil.clone())];
    plan.organization.clone_from(&evil);
    for skip in &mut plan.skipped {
        skip.why.clone_from(&evil);
    }
    plan.blocked[0].failure.message.clone_from(&evil);
    plan.blocked[0].failure.service = "kms".to_owned();
    plan.blocked[0].failure.kind = FailureKind::Denied;
    plan.due = vec![crate::Due { account: evil.clone(), why: evil }];
    plan
}

pub(super) fn script(plan: &Plan) -> String {
    let region: dodai_facts::Region = "ap-northeast-1".parse().unwrap();
    let entering = Entering {
        management: &MANAGEMENT.parse().unwrap(),
        member_role: "OrganizationAccountAccessRole",
        external_id: Some("it's ours"),
        partition: region.partition(),
    };
    sh(plan, &entering)
}

fn organization() -> Plan {
    let sandbox = ("accounts/shop.yaml", "email: shop@example.com\nunit: Default/Sandbox\nprofile: basic\n");
    let mut organization = Organization::new(TREE, &[sandbox]);
    organization.account("444444444444", "stranger", "r-1");
    organization.plan()
}

#[test]
fn at_a_terminal() {
    insta::assert_snapshot!("text_account", text(&account()));
    insta::assert_snapshot!("text_upkeep", text(&upkeep()));
    insta::assert_snapshot!("text_organization", text(&organization()));
    insta::assert_snapshot!("text_thousand", text(&thousand()));
    insta::assert_snapshot!("text_hostile", text(&hostile()));
    insta::assert_snapshot!("text_nothing", text(&World::settled(SECURE).plan()));
}

#[test]
fn in_a_pull_request() {
    insta::assert_snapshot!("markdown_upkeep", markdown(&upkeep()));
    insta::assert_snapshot!("markdown_organization", markdown(&organization()));
    insta::assert_snapshot!("markdown_thousand", markdown(&thousand()));
    insta::assert_snapshot!("markdown_hostile", markdown(&hostile()));
    insta::assert_snapshot!("markdown_nothing", markdown(&World::settled(SECURE).plan()));
}

#[test]
fn as_a_script() {
    insta::assert_snapshot!("sh_upkeep", script(&upkeep()));
    insta::assert_snapshot!("sh_organization", script(&organization()));
    insta::assert_snapshot!("sh_hostile", script(&hostile()));
}

/// No raw control character, no line that the hostile text began.
#[test]
fn hostile_text_is_shown() {
    for shown in [text(&hostile()), markdown(&hostile()), script(&hostile())] {
        let is_raw = |letter: char| (letter.is_control() && letter != '\n' && letter != '\t') || letter == '\u{202e}';
        assert!(!shown.chars().any(is_raw), "{shown}");
    }
    for shown in [text(&hostile()), markdown(&hostile())] {
        assert!(!shown.lines().any(|line| line.starts_with("# end")), "{shown}");
    }
}

/// Runs a script with `sh`, if there is one.
fn shell(arguments: &[&str], script: &str) -> Option<String> {
    let child =
        Command::new("sh").args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
    let mut child = child.ok()?;
    child.stdin.take().unwrap().write_all(script.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{errors}\n{script}");
    Some(String::from_utf8_lossy(&output.stdout).into_owned())
}

#[test]
fn scripts_are_shell() {
    for plan in [account(), upkeep(), organization(), hostile(), World::new(super::laws::OTHER_SETTINGS).plan()] {
        shell(&["-n"], &script(&plan));
    }
}

/// The script runs: `aws` and `jq` are functions that stand in for the programs and print what they were given.
#[test]
fn scripts_give_the_parameters_of_the_plan() {
    let plan = hostile();
    let script = script(&plan);
    let body = script.replacen(
        "set -eu\n",
        "set -eu\naws() { for word; do printf '%s\\n' \"$word\"; done >&3; }\njq() { printf '\"J\"'; }\n",
        1,
    );
    let body = body.replacen("in_account() {", "unused() {", 1);
    let start = "in_account() { shift; \"$@\"; }\nexec 3>&1\n";
    let variable = format!("{}=''\n", crate::format::Variables::of(&plan).name(&plan.changes[0].account, 0));
    let Some(shown) = shell(&["-s"], &format!("{start}{variable}{body}")) else { return };
    let mut wanted = plan.changes[0].calls[0].params.clone();
    wanted["Id"] = json!("J");
    let given: serde_json::Value = serde_json::from_str(shown.lines().last().unwrap()).unwrap();
    assert_eq!(given, wanted);
}

/// What the script's own functions do, with an `aws` that answers by how often it was asked.
#[test]
fn scripts_wait_and_pass_over_what_was_done() {
    let mut plan = account();
    plan.changes.truncate(1);
    plan.changes[0].calls.truncate(1);
    plan.changes[0].needs.clear();
    let call = plan.changes[0].calls[0].clone();
    let calls = [
        call.clone().until("State", &["DONE"], &["FAILED"], 60),
        call.clone().not_yet(&["NotYet", "Later"], 60),
        call.already(&["Exists"]),
    ];
    let run = |call: &dodai_facts::Call, answers: &str| {
        let mut plan = plan.clone();
        plan.changes[0].calls = vec![call.clone()];
        plan.changes[0].calls[0].params = json!({});
        let script = script(&plan);
        let aws = format!(
            "asked=$(mktemp)\nsleep() {{ :; }}\naws() {{ echo x >>\"$asked\"; set -- $(wc -l <\"$asked\"); {answers}; }}\n"
        );
        let script = script.replacen("set -eu\n", &format!("set -eu\n{aws}"), 1);
        let script = script.replacen("in_account() {", "unused() {", 1);
        let enter = "in_account() { shift; \"$@\"; }\n";
        let name = crate::format::Variables::of(&plan).name(&plan.changes[0].id, 0);
        shell(&["-s"], &format!("{enter}{script}\nprintf '%s' \"${name}:$(wc -l <\"$asked\")\"\n"))
    };
    let error = |code: &str| format!("echo 'An error occurred ({code}) when calling' >&2; return 254");
    for (call, answers, expected) in [
        (&calls[0], r#"if [ "$1" -lt 3 ]; then echo '"BUSY"'; else echo '"DONE"'; fi"#.to_owned(), "\"DONE\":4"),
        (&calls[1], format!("if [ \"$1\" -lt 3 ]; then {}; fi; echo ok", error("Later")), "ok:3"),
        (&calls[2], error("Exists"), ":1"),
    ] {
        let Some(shown) = run(call, &answers) else { return };
        assert_eq!(shown.lines().last().unwrap().replace(' ', ""), expected, "{}", call.name());
    }
}

#[test]
fn the_plan_is_json_and_back() {
    for plan in [account(), upkeep(), organization(), hostile()] {
        let written = serde_json::to_string(&plan).unwrap();
        assert_eq!(serde_json::from_str::<Plan>(&written).unwrap(), plan);
    }
    assert!(account().changes.iter().all(|change| change.cell != Cell::Organization));
}
