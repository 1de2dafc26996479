//! Directories without a mistake, and what is read out of them.

use std::fmt::Write as _;
use std::path::Path;

use dodai_facts::Profile;
use dodai_org::{PolicyType, ROOT, SourceFile, State, read};

use super::{ACCOUNT, DODAI, ORGANIZATION, WEB, catalogue, directory, told};

#[test]
fn what_is_written_differently_reads_the_same() {
    let plain = directory(Vec::new()).unwrap();
    for text in [
        ORGANIZATION.replace("[default]", "&p [default]").replace("      Sandbox:", "      Sandbox: {policies: }"),
        format!("{ORGANIZATION}features:\nroot:\noperators:\nprofiles: {{basic: }}\n"),
    ] {
        assert_eq!(directory(vec![SourceFile::text(DODAI, text.clone())]).unwrap(), plain, "{text}");
    }
    let id = |text: &str| {
        let account = SourceFile::text(ACCOUNT, format!("{WEB}id: {text}\n"));
        directory(vec![account]).unwrap().account("web").unwrap().id.clone().unwrap().to_string()
    };
    assert_eq!(id("111122223333"), "111122223333");
    assert_eq!(id("\"012345678901\""), "012345678901");
}

#[test]
fn ids_and_addresses_are_unique_between_files() {
    let text = told(vec![
        SourceFile::text("accounts/a.yaml", "email: A@example.com\nid: 111122223333\nunit: Root\nprofile: basic\n"),
        SourceFile::text("accounts/b.yaml", "email: a@EXAMPLE.com\nid: \"111122223333\"\nunit: Root\nprofile: basic\n"),
    ]);
    assert_eq!(
        text,
        "accounts/b.yaml:1:8: the e-mail address `a@EXAMPLE.com` is also that of `accounts/a.yaml` (each account has its own; AWS compares them without case)\n\
         accounts/b.yaml:2:5: the account id `111122223333` is also that of `accounts/a.yaml` (each account has its own; who has which: aws organizations list-accounts)\n"
    );
}

#[test]
fn a_users_control_can_be_named() {
    let off = format!("{ORGANIZATION}controls: {{off: {{ACME.1: not yet}}}}\n");
    let control = "-- id: ACME.1\n-- title: x\nselect 1\n";
    let directory =
        directory(vec![SourceFile::text(DODAI, off), SourceFile::text("controls/acme.sql", control)]).unwrap();
    assert_eq!(directory.controls_off.get("ACME.1").map(String::as_str), Some("not yet"));
    assert_eq!(
        directory.user_controls.iter().map(|file| file.path.as_str()).collect::<Vec<_>>(),
        ["controls/acme.sql"]
    );
}

#[test]
fn units_and_accounts() {
    let directory = directory(vec![SourceFile::text(
        "accounts/box.yaml",
        "email: box@example.com\nunit: Default/Sandbox\nprofile: basic\nregions: [ap-northeast-1]\n",
    )])
    .unwrap();
    assert_eq!(directory.unit_paths().collect::<Vec<_>>(), ["Default", "Default/Sandbox"]);
    let unit = directory.unit("Default/Sandbox").unwrap();
    assert_eq!((unit.name(), unit.parent()), ("Sandbox", Some("Default")));
    assert_eq!(directory.unit("Default").unwrap().parent(), Some(ROOT));
    assert_eq!(directory.unit(ROOT).unwrap().parent(), None);
    let names = |path| directory.accounts_in(path).map(|account| account.name.as_str()).collect::<Vec<_>>();
    assert_eq!(names(ROOT), ["box", "management", "web"]);
    assert_eq!(names("Default"), ["box", "web"]);
    assert_eq!(names("Default/Sandbox"), ["box"]);
    assert!(names("Def").is_empty());
    assert_eq!(directory.management().unwrap().name, "management");
    assert_eq!(directory.regions(directory.account("box").unwrap()).len(), 1);
    assert_eq!(directory.regions(directory.account("web").unwrap()).len(), 2);
    assert!(directory.account("nobody").is_none());
    let policy = directory.policy(PolicyType::of_aws("SERVICE_CONTROL_POLICY").unwrap(), "default").unwrap();
    assert_eq!(policy.content, r#"{"Version":"2012-10-17","Statement":[]}"#);
    assert_eq!(policy.description(), "dodai: default");
    assert_eq!(directory.state, State::Folder(".dodai".to_owned()));
    let at = |state: &str| {
        let text = format!("{ORGANIZATION}state: {state}\n");
        self::directory(vec![SourceFile::text(DODAI, text)]).unwrap().state
    };
    let s3 = |prefix: &str| State::S3 { bucket: "dodai-state".to_owned(), prefix: prefix.to_owned() };
    assert_eq!(
        [at("s3://dodai-state"), at("s3://dodai-state/"), at("s3://dodai-state/a/b/")],
        [s3(""), s3(""), s3("a/b")]
    );
}

pub(super) fn starter() -> Vec<SourceFile> {
    fn walk(folder: &Path, below: &str, files: &mut Vec<SourceFile>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let entry = entry.unwrap();
            let path = format!("{below}{}", entry.file_name().to_str().unwrap());
            if entry.file_type().unwrap().is_dir() {
                walk(&entry.path(), &format!("{path}/"), files);
            } else {
                files.push(SourceFile::new(path, std::fs::read(entry.path()).unwrap()));
            }
        }
    }
    let mut files = Vec::new();
    walk(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/starter"), "", &mut files);
    files
}

#[test]
fn the_starter_is_right() {
    let directory = read(&starter(), &catalogue()).unwrap();
    assert_eq!(directory.warnings, []);
    assert_eq!(directory.unit_paths().collect::<Vec<_>>(), ["Default", "AllowShieldAdvanced", "Leavable"]);
    assert_eq!(directory.accounts.len(), 6);
    assert_eq!(directory.accounts.iter().filter(|account| account.profile == Profile::Basic).count(), 2);
    let used: Vec<(&str, usize)> =
        directory.policies.iter().map(|policy| (policy.kind.aws, policy.content.len())).collect();
    assert_eq!(used.len(), 5, "{used:?}");
    insta::assert_snapshot!(
        "starter_policies",
        directory.policies.iter().fold(String::new(), |mut text, policy| {
            writeln!(text, "{}\n{}\n", policy.file, policy.content).unwrap();
            text
        })
    );
}
