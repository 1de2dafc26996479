//! `dodai policy` as a person runs it: for every verb something right and something wrong. Needs no emulator.

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

const ALLOW: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#;
const LEAVE: &str = r#"{"Version":"2012-10-17","Statement":[{"Sid":"Leave","Effect":"Deny","Action":"organizations:LeaveOrganization","Resource":"*"}]}"#;
const TESTS: &str = "tests:
  - name: nobody leaves
    account: sandbox
    who: [role/Admin, root]
    does: organizations:LeaveOrganization
    expect: explicit deny
";

/// An organization of two accounts: one unit with a service control policy, its tests, and a tag policy.
fn directory() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let dodai = "organization: o-exampleorgid\nhome_region: us-east-1\nregions: [us-east-1]\nunits:
  Default: {policies: {service-control: [leave], tag: [cost]}}\n";
    let tag = "tags: {cost: {tag_key: {\"@@assign\": Cost}}}\n";
    for (path, text) in [
        ("dodai.yaml", dodai),
        ("accounts/management.yaml", "email: m@example.com\nmanagement: true\nunit: Root\nprofile: basic\n"),
        ("accounts/sandbox.yaml", "id: \"111122223333\"\nemail: s@example.com\nunit: Default\nprofile: basic\n"),
        ("policies/service-control/leave.json", LEAVE),
        ("policies/service-control/leave.tests.yaml", TESTS),
        ("policies/tag/cost.yaml", tag),
        ("other/identity/admin.json", ALLOW),
        ("other/identity/typo.json", &LEAVE.replace("LeaveOrganization", "LeaveOrganisation")),
        ("other/identity/broken.json", "{\"Version\": \"2012-10-17\", // no\n}"),
        ("other/lonely.tests.yaml", TESTS),
        ("README.md", "hello\n"),
    ] {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    folder
}

struct Ended {
    code: i32,
    stdout: String,
    stderr: String,
}

fn run(folder: &Path, line: &str, input: &str) -> Ended {
    let mut child = Command::new(env!("CARGO_BIN_EXE_dodai"))
        .args(line.split_whitespace())
        .current_dir(folder)
        .env_clear()
        .env("HOME", folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A command that does not read its input ends before it is written.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    let output = child.wait_with_output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    Ended { code: output.status.code().unwrap(), stdout: text(&output.stdout), stderr: text(&output.stderr) }
}

/// The exit code, and what stands in standard output (`-`: nothing is there) and standard error.
#[track_caller]
fn check(folder: &Path, line: &str, code: i32, stdout: &str, stderr: &str) {
    let ended = run(folder, line, "");
    let told = format!("{line}\n--- stdout\n{}\n--- stderr\n{}", ended.stdout, ended.stderr);
    assert_eq!(ended.code, code, "{told}");
    let found = if stdout == "-" { ended.stdout.is_empty() } else { ended.stdout.contains(stdout) };
    assert!(found && ended.stderr.contains(stderr), "{told}");
}

#[test]
fn check_says_what_is_wrong() {
    let folder = directory();
    let at = folder.path();
    check(at, "policy check", 0, "2 policies: ", "");
    check(at, "policy check other/identity/typo.json --kind service-control", 1, "LeaveOrganisation", "");
    check(at, "policy check other/identity/broken.json", 1, "1 policy: 1 error, 0 warnings, 0 suggestions", "");
    check(at, "policy check other/identity/typo.json --format json", 1, "\"rule\": \"unknown-action\"", "");
    check(at, "policy check other/identity/admin.json", 0, "warning[full-admin]", "");
    check(at, "policy check other/identity/admin.json --fail-on warning", 4, "warning[full-admin]", "");
    check(at, "policy check README.md", 1, "-", "what kind of policy is README.md?");
    check(at, "policy check README.md --kind identty", 1, "-", "did you mean `identity`?");
    check(at, "policy check other/nowhere.json", 1, "-", "other/nowhere.json");
    check(at, "policy check --explain unknown-action", 0, "Repair:", "");
    check(at, "policy check --explain unknown-acton", 1, "-", "did you mean `unknown-action`?");
    check(at, "policy check --rules", 0, "no-way-out", "");
}

/// What we hand out to start from is what we would write: no check has anything to say of it, suggestions included.
#[test]
fn the_starter_raises_no_finding() {
    let starter = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/starter");
    check(&starter, "policy check", 0, "5 policies: nothing found.", "");
}

#[test]
fn quotas_are_asked_only_of_an_organization() {
    let folder = directory();
    let at = folder.path();
    check(at, "policy check --account sandbox", 1, "-", "--online");
    check(at, "policy check --online --account sandbx", 1, "-", "did you mean `sandbox`?");
    check(at, "policy check --online --account management", 1, "-", "does not say its id");
    check(at, "policy check --online --rules", 1, "-", "cannot be used with");
}

#[test]
fn tests_run_and_fail() {
    let folder = directory();
    let at = folder.path();
    check(at, "policy test", 0, "1 passed; 0 failed", "");
    check(at, "policy test policies/service-control/leave.tests.yaml --format json", 0, "nobody leaves", "");
    check(at, "policy test --format junit", 0, "<testsuite", "");
    check(at, "policy test --library", 0, "0 failed", "");
    check(at, "policy test other/lonely.tests.yaml", 1, "-", "there is no policy beside the tests");
    check(at, "policy test other/identity/admin.json", 1, "-", "is not a file of tests");
    let wrong = TESTS.replace("explicit deny", "allow");
    fs::write(at.join("policies/service-control/leave.tests.yaml"), wrong).unwrap();
    check(at, "policy test", 1, "0 passed; 1 failed", "");
    // Neither a check nor a plan goes on with that; the plan says so before it asks AWS anything.
    check(at, "check", 1, "-", "the test `nobody leaves` fails: 2 of 2 requests are decided otherwise");
    check(at, "plan", 1, "-", "the test `nobody leaves` fails");
    check(at, "apply --yes", 1, "-", "the test `nobody leaves` fails");
}

#[test]
fn a_plan_refuses_policies_with_errors() {
    let folder = directory();
    let at = folder.path();
    let typo = LEAVE.replace(
        "\"organizations:LeaveOrganization\"",
        "[\"organizations:LeaveOrganization\", \"cloudtrail:StopTrail\"]",
    );
    fs::write(at.join("policies/service-control/leave.json"), typo).unwrap();
    check(at, "check", 1, "-", "[unknown-action]");
    check(at, "plan", 1, "-", "[unknown-action]");
}

#[test]
fn explain_shows_every_level() {
    let folder = directory();
    let at = folder.path();
    let leave = "policy explain --action organizations:LeaveOrganization --principal";
    let place = "policies/service-control/leave.json:1";
    check(at, &format!("{leave} arn:aws:iam::111122223333:role/Admin"), 0, place, "");
    check(at, &format!("{leave} role/Admin --account sandbox --format json"), 0, "\"explicit_deny\"", "");
    check(at, &format!("{leave} role/Admin --account sandbx"), 1, "-", "did you mean `sandbox`?");
    check(at, &format!("{leave} role/Admin"), 1, "-", "is in some account: in which?");
    check(at, &format!("{leave} nobody"), 1, "-", "`nobody` is not a principal");
    check(
        at,
        &format!("{leave} arn:aws:iam::999988887777:role/Admin"),
        0,
        "allow",
        "the directory has no account 999988887777",
    );
    check(at, &format!("{leave} root --account management"), 0, "allow", "000000000000 stands for it");
    check(at, &format!("{leave} root --account sandbox --context region"), 1, "-", "KEY=VALUE");
    let broken = "policy explain --principal * --action s3:GetObject --identity other/identity/broken.json";
    check(at, broken, 1, "-", "JSON has no comments");
}

#[test]
fn decide_answers_line_by_line() {
    let folder = directory();
    let line = |id: usize| {
        format!(
            r#"{{"id":{id},"request":{{"principal":"arn:aws:iam::111122223333:role/R","action":"s3:ListAllMyBuckets"}},"identity":[{ALLOW}],"scps":[[{ALLOW},{LEAVE}]]}}"#
        )
    };
    let right: Vec<String> = (0..1_000).map(line).collect();
    let ended = run(folder.path(), "policy decide", &(right.join("\n") + "\n"));
    assert_eq!((ended.code, ended.stderr.as_str()), (0, ""));
    let ids: Vec<String> = ended.stdout.lines().map(|line| line.split(',').next().unwrap().to_owned()).collect();
    assert_eq!(ids, (0..1_000).map(|id| format!("{{\"id\":{id}")).collect::<Vec<_>>());
    assert_eq!(ended.stdout.matches("\"decision\":\"allow\"").count(), 1_000);

    let ended = run(folder.path(), "policy decide -", &format!("{}\n{{\"id\":\"x\"}}\n{}", line(1), line(2)));
    assert_eq!(ended.code, 1);
    assert_eq!(ended.stdout.lines().nth(1), Some(r#"{"id":"x","error":"`request` is missing"}"#));
    assert_eq!(ended.stdout.lines().count(), 3);
    assert!(ended.stderr.contains("1 of 3 lines"), "{}", ended.stderr);
    check(folder.path(), "policy decide nowhere.jsonl", 1, "-", "nowhere.jsonl");
}

#[test]
fn policies_are_packed_and_compared() {
    let folder = directory();
    let at = folder.path();
    check(at, "policy pack policies/service-control -o packed", 0, "document 1: ", "");
    let packed = fs::read_to_string(at.join("packed/packed-1.json")).unwrap();
    assert!(packed.contains("organizations:LeaveOrganization") && !packed.contains("Sid"), "{packed}");
    check(at, "policy pack policies/service-control -o packed", 1, "-", "packed-1.json");
    check(at, "policy pack policies/service-control --format json", 0, "\"documents\"", "");
    check(at, "policy pack policies/service-control other/identity", 1, "-", "other/identity");
    check(at, "policy pack other/identity/broken.json", 1, "-", "JSON has no comments");
    check(at, "policy pack policies/service-control --limit 100", 1, "-", "100");

    check(at, "policy diff policies/service-control packed --format json", 0, "\"newly_denied\": []", "");
    check(
        at,
        "policy diff policies/service-control/leave.json other/identity/typo.json",
        0,
        "newly allowed: organizations:LeaveOrganization",
        "",
    );
    check(at, "policy diff policies/service-control accounts/nowhere", 1, "-", "accounts/nowhere");
}

#[test]
fn management_policies_are_merged() {
    let folder = directory();
    let at = folder.path();
    check(at, "policy effective --account sandbox --type tag", 0, "Cost", "");
    check(at, "policy effective --account sandbox --type tag --format json", 0, "\"origins\"", "");
    check(at, "policy effective --account management --type tag", 0, "no policy is in effect", "");
    check(at, "policy effective --account sandbx --type tag", 1, "-", "did you mean `sandbox`?");
    check(at, "policy effective --account sandbox --type service-control", 1, "-", "no type of management policy");
}

#[test]
fn help_and_completions_know_the_verbs() {
    let folder = directory();
    for verb in ["check", "test", "explain", "decide", "diff", "pack", "effective"] {
        check(folder.path(), &format!("policy {verb} --help"), 0, "Usage: dodai policy", "");
    }
    for verb in ["check", "test", "explain", "diff", "pack", "effective"] {
        check(folder.path(), &format!("policy {verb} --help"), 0, "Examples:", "");
    }
    check(folder.path(), "completions bash", 0, "dodai__subcmd__policy__subcmd__explain", "");
    check(folder.path(), "policy chekc", 1, "-", "check");
}

/// A folder with policies of two roles and of a bucket, beside the organization of [`directory`].
fn estate() -> tempfile::TempDir {
    let folder = directory();
    let reader = r#"{"Statement":{"Effect":"Allow","Action":["s3:GetObject","organizations:*"],"Resource":"*"}}"#;
    let careful = reader.replace("\"}}", "\",\"Condition\":{\"Bool\":{\"aws:SecureTransport\":\"true\"}}}}");
    let bucket = r#"{"Statement":{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::444455556666:role/Other"},
        "Action":"s3:GetObject","Resource":"arn:aws:s3:::logs/*"}}"#;
    for (path, text) in
        [("reader.json", reader), ("careful.json", &careful), ("bucket.json", bucket), ("admin.json", ALLOW)]
    {
        fs::write(folder.path().join(path), text).unwrap();
    }
    folder
}

const READER: &str = "arn:aws:iam::111122223333:role/Reader";
const GIVEN: &str = "--identity arn:aws:iam::111122223333:role/Reader=reader.json \
                     --identity arn:aws:iam::111122223333:role/Careful=careful.json \
                     --resource-policy bucket.json --resource arn:aws:s3:::logs/*";

#[test]
fn can_tells_who_can_do_an_action() {
    let folder = estate();
    let at = folder.path();
    let who = format!("policy can --action s3:GetObject {GIVEN} --resource-account 111122223333");
    check(at, &who, 0, "who can s3:GetObject on arn:aws:s3:::logs/*: 3 principals", "");
    check(at, &who, 0, "role/Careful  depends            arn:aws:s3:::logs/", "");
    check(at, &who, 0, "arn:aws:iam::444455556666:role/Other    allow     yes", "");
    check(at, &format!("{who} --context aws:SecureTransport=true --format json"), 0, "\"decision\": \"allow\"", "");
    check(at, &format!("{who} --closed"), 0, ": 2 principals", "");
    check(at, &format!("policy can --action s3:GetObject {GIVEN}"), 1, "-", "--resource-account");
    let typo = who.replace("GetObject ", "GetObjct ");
    check(at, &typo, 0, ": nobody that is known of", "did you mean `s3:GetObject`?");
    check(at, &who.replace("s3:GetObject ", "GetObject "), 1, "-", "`GetObject` is not an action");
    check(at, &format!("{who} --absent k --context k=v"), 1, "-", "is said to be absent");
    check(at, "policy can", 1, "-", "--action");
    check(at, "policy can --action s3:GetObject --identity reader.json", 1, "-", "write PRINCIPAL=FILE");
    check(at, "policy can --action s3:GetObject --run latest", 1, "-", "");
}

#[test]
fn can_tells_what_a_principal_can_do() {
    let folder = estate();
    let at = folder.path();
    let what = format!("policy can --principal {READER} --identity {READER}=reader.json");
    // The directory's service control policy denies one of the actions.
    check(at, &what, 0, "allow: on *", "");
    check(at, &what, 0, "organizations:AcceptHandshake", "");
    check(at, &what, 0, "s3:GetObject", "");
    let ended = run(at, &format!("{what} --format json"), "");
    assert!(!ended.stdout.contains("LeaveOrganization") && ended.stdout.contains("s3:GetObject"), "{}", ended.stdout);
    // A session has its role's policies.
    let session = what.replacen("iam::111122223333:role/Reader", "sts::111122223333:assumed-role/Reader/me", 1);
    check(at, &session, 0, "s3:GetObject", "");
    check(
        at,
        &what.replacen("role/Reader", "role/Raeder", 1),
        1,
        "-",
        "did you mean `arn:aws:iam::111122223333:role/Reader`?",
    );
    check(at, &format!("{what} --boundary {READER}=bucket.json"), 0, "allow: on *, but not all of them", "");
}

#[test]
fn explain_refuses_what_aws_does_not_take_there() {
    let folder = tempfile::tempdir().unwrap();
    let named = r#"{"Statement":{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"*"}}"#;
    fs::write(folder.path().join("named.json"), named).unwrap();
    let ask =
        "policy explain --principal arn:aws:iam::111122223333:role/R --action s3:GetObject --resource arn:aws:s3:::a/b";
    for option in ["identity", "boundary"] {
        check(folder.path(), &format!("{ask} --{option} named.json"), 1, "-", "AWS takes no `Principal` in it");
    }
    check(folder.path(), &format!("{ask} --resource-policy named.json"), 0, "allow", "");
    fs::write(folder.path().join("plain.json"), named.replace(r#""Principal":"*","#, "")).unwrap();
    let told = "plain.json: a policy of this kind says who is meant";
    check(folder.path(), &format!("{ask} --resource-policy plain.json"), 1, "-", told);
    let can = "policy can --action s3:GetObject --resource arn:aws:s3:::a/b --resource-account 111122223333";
    let can = format!("{can} --identity arn:aws:iam::111122223333:role/R=plain.json --resource-policy");
    check(folder.path(), &format!("{can} plain.json"), 1, "-", told);
    check(folder.path(), &format!("{can} named.json"), 0, "arn:aws:iam::111122223333:role/R", "");
}

#[test]
fn can_fails_a_pipeline_that_grants_too_much() {
    let folder = estate();
    let at = folder.path();
    let granted = "policy can --not-granted careful.json --action s3:Get* --resource arn:aws:s3:::logs/*";
    check(at, granted, 1, "s3:GetObject on arn:aws:s3:::logs/", "");
    check(at, granted, 1, "depending on aws:SecureTransport", "");
    check(at, &granted.replace("s3:Get*", "s3:Delete*"), 0, "nothing of it is granted", "");
    check(at, &granted.replace("s3:Get*", "s3:Gte*"), 1, "-", "fits no action");
    check(at, "policy can --not-granted reader.json", 1, "-", "--action");
    check(at, "policy can --no-new-access careful.json reader.json", 1, "newly allowed:", "");
    check(at, "policy can --no-new-access reader.json careful.json", 0, "no new access", "");
    check(at, "policy can --no-new-access reader.json admin.json --format json", 1, "\"newly_allowed\"", "");
    check(at, "policy can --no-new-access reader.json nowhere.json", 1, "-", "nowhere.json");
    // Whom an account's name denies is not gone into: that nothing was found is not that nothing is there.
    let of = |effect: &str, name: &str| {
        format!(r#"{{"Effect":"{effect}","Principal":{{"AWS":"{name}"}},"Action":"s3:GetObject","Resource":"*"}}"#)
    };
    let (allow, deny) = (of("Allow", "arn:aws:iam::111122223333:role/Reader"), of("Deny", "111122223333"));
    for (name, statements) in [("open.json", allow.clone()), ("closed.json", format!("{allow},{deny}"))] {
        fs::write(at.join(name), format!(r#"{{"Version":"2012-10-17","Statement":[{statements}]}}"#)).unwrap();
    }
    check(at, "policy can --no-new-access open.json closed.json", 0, "no new access", "");
    check(at, "policy can --no-new-access closed.json open.json", 1, "there may be some", "");
    check(at, "policy diff closed.json open.json", 0, "newly allowed: nothing was found, and there may be", "");
}
