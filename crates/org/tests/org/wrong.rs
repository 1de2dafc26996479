//! Mistakes, and what is said of them.

use std::fmt::Write as _;

use dodai_org::{SourceFile, Unreadable, read};

use super::{
    ACCOUNT, DEFAULT, DODAI, EXCEPTION, EXCEPTIONS, MANAGEMENT, ORGANIZATION, POLICY, WEB, catalogue, check, told,
};

#[test]
fn wrong_organizations() {
    let changed = |from: &str, to: &str| {
        assert!(ORGANIZATION.contains(from), "{from}");
        ORGANIZATION.replace(from, to)
    };
    let with = |text: &str| format!("{ORGANIZATION}{text}\n");
    let deep = "organization: o-exampleorgid\nhome_region: us-east-1\nregions: [us-east-1]\nunits: {Default: {units: {B: {units: {C: {units: {D: {units: {E: {units: {F: }}}}}}}}}}}\n";
    check(
        "wrong_organizations",
        &[
            ("empty", DODAI, ""),
            ("only comments", DODAI, "# nothing\n"),
            ("a list", DODAI, "- organization: o-exampleorgid\n"),
            ("a text", DODAI, "hello\n"),
            ("nothing required", DODAI, "units: {Default: }\n"),
            (
                "several mistakes at once",
                DODAI,
                "organisation: x\nhome_region: tokyo\nregions: ap-northeast-1\nunits: []\nstate: 1.5.\nroles: {members: a}\n",
            ),
            ("organization id", DODAI, &changed("o-exampleorgid", "r-exam")),
            ("home Region outside", DODAI, &changed("[ap-northeast-1, us-east-1]", "[us-east-1]")),
            ("invalid Region", DODAI, &changed("us-east-1]", "us-east-1a]")),
            ("unknown Region warns", DODAI, &changed("us-east-1]", "us-eats-1]")),
            ("Region twice", DODAI, &changed("us-east-1]", "ap-northeast-1]")),
            ("another partition", DODAI, &changed("us-east-1]", "cn-north-1]")),
            ("unknown key", DODAI, &with("region: [us-east-1]")),
            ("alerts are not of this version", DODAI, &with("alerts: {}")),
            ("unit that is a list", DODAI, &changed("    policies: {service-control: [default]}", "    - policies")),
            ("units that are texts", DODAI, &with("root: everything")),
            ("unit name", DODAI, &changed("      Sandbox:", "      A/B:\n      Root:\n      \" x\":")),
            ("name of a unit that an account is in", DODAI, &changed("  Default:", "  Def/ault:")),
            ("key that is required", DODAI, &changed("home_region", "home_regoin")),
            ("units too deep", DODAI, deep),
            ("unknown policy type", DODAI, &changed("service-control", "service_control")),
            ("unknown policy", DODAI, &changed("[default]", "[defualt]")),
            ("policy of another type", DODAI, &changed("service-control", "tag")),
            ("AWS's own policy", DODAI, &changed("[default]", "[FullAWSAccess, default]")),
            ("policy twice", DODAI, &changed("[default]", "[default, default]")),
            ("policy as a text", DODAI, &changed("[default]", "default")),
            ("unknown feature", DODAI, &with("features: {guard-duty: {}}")),
            ("unknown setting", DODAI, &with("features: {guardduty: {protections: [s3]}}")),
            ("feature as a switch", DODAI, &with("features: {guardduty: false}")),
            ("enabled", DODAI, &with("features: {guardduty: {enabled: yes}}")),
            ("bool", DODAI, &with("features: {iam-password-policy: {require_symbols: \"true\"}}")),
            ("integer too small", DODAI, &with("features: {iam-password-policy: {minimum_length: 5}}")),
            ("integer as a text", DODAI, &with("features: {iam-password-policy: {minimum_length: \"8\"}}")),
            ("integer null", DODAI, &with("features: {iam-password-policy: {minimum_length: null}}")),
            ("optional integer", DODAI, &with("features: {iam-password-policy: {max_age: 0}}")),
            ("text setting", DODAI, &with("features: {cloudtrail: {trail_name: [a]}}")),
            ("choice", DODAI, &with("features: {cloudtrail: {retention: 3}}")),
            ("choices", DODAI, &with("features: {guardduty: {protection: [s3, ekss]}}")),
            ("list setting", DODAI, &with("features: {guardduty: {trusted: a}}")),
            ("map setting", DODAI, &with("features: {guardduty: {tags: {a: {b: c}}}}")),
            ("unknown profile", DODAI, &with("profiles: {secured: {}}")),
            ("feature of a profile", DODAI, &with("profiles: {secure: {features: {guardduti: {}}}}")),
            ("role", DODAI, &with("roles: {member: \"a/b\", external_id: x}")),
            ("operators", DODAI, &with("operators: [\"*\", \"dodai-*\", \"a b\"]")),
            ("log archive", DODAI, &with("log_archive: wbe")),
            ("state", DODAI, &with("state: s3://My_Bucket/x")),
            ("state of another kind", DODAI, &with("state: gs://bucket/x")),
            ("unknown standard", DODAI, &with("standards: [cis]")),
            ("unknown control", DODAI, &with("controls: {off: {S3.88: because}}")),
            ("control without a reason", DODAI, &with("controls: {off: {S3.8: }}")),
            ("controls as a list", DODAI, &with("controls: {off: [S3.8]}")),
        ],
    );
}

/// A control whose id is wrong is told as such, where controls are read: not whoever names it.
#[test]
fn a_misnamed_control_is_not_blamed_on_others() {
    let dodai = || SourceFile::text(DODAI, format!("{ORGANIZATION}controls: {{off: {{Queue.1: why}}}}\n"));
    let control = |id: &str| SourceFile::text("controls/Queue.1.sql", format!("-- id: {id}\nselect 1"));
    assert_eq!(told(vec![dodai(), control("Queue.1")]), "right\n");
    assert_eq!(told(vec![dodai(), control("Queue-1")]), "right\n");
    assert!(told(vec![dodai(), control("Queue.2")]).contains("unknown control `Queue.1` (did you mean `Queue.2`?)"));
    assert!(told(vec![dodai()]).contains("unknown control `Queue.1`"));
}

#[test]
fn wrong_accounts() {
    let with = |text: &str| format!("{WEB}{text}\n");
    let tags = |count: usize| (0..count).fold(String::new(), |text, number| format!("{text}  k{number}: v\n"));
    check(
        "wrong_accounts",
        &[
            ("empty", ACCOUNT, ""),
            ("misspelled", ACCOUNT, "mail: web@example.com\nunits: Default\nprofiles: basic\n"),
            ("unknown unit", ACCOUNT, &WEB.replace("Default", "Defualt/Sandbox")),
            ("unit without its path", ACCOUNT, &WEB.replace("Default", "Sandbox")),
            ("unknown profile", ACCOUNT, &WEB.replace("basic", "Secure")),
            ("not an address", ACCOUNT, &WEB.replace("web@example.com", "web at example.com")),
            ("a very long value", ACCOUNT, &WEB.replace("web@", &"w".repeat(3000))),
            ("address of another", ACCOUNT, &WEB.replace("web@", "M@")),
            ("id of another", "accounts/management.yaml", &format!("{MANAGEMENT}id: 111122223333\nname: [x]\n")),
            ("short id", ACCOUNT, &with("id: 11112222333")),
            ("second management account", ACCOUNT, &with("management: true")),
            ("management as a text", ACCOUNT, &with("management: \"true\"")),
            ("no management account", "accounts/management.yaml", &MANAGEMENT.replace("true", "false")),
            ("text that is a bool", ACCOUNT, &with("owner: true")),
            ("text that is null", ACCOUNT, &with("owner:")),
            ("text that is a map", ACCOUNT, &with("owner: {name: x}")),
            ("opt in", ACCOUNT, &with("opt_in: some")),
            ("opt in to what is unknown", ACCOUNT, &with("opt_in: [guardduty, cloud-trail]")),
            ("opt in to what is off", ACCOUNT, &with("opt_in: [guardduty]\nfeatures: {guardduty: {enabled: false}}")),
            ("Region outside", ACCOUNT, &with("regions: [ap-northeast-1, eu-west-1]")),
            ("without the home Region", ACCOUNT, &with("regions: [us-east-1]")),
            ("tags", ACCOUNT, &with("tags: {\"aws:x\": a, \"dodai:y\": b, c: [d], e: 1}")),
            ("too many tags", ACCOUNT, &with(&format!("tags:\n{}", tags(48)))),
            ("as many tags as fit", ACCOUNT, &with(&format!("tags:\n{}", tags(47)))),
            ("contacts", ACCOUNT, &with("contacts: {sales: {}, billing: {name: a, email: b, phone: \"x\"}}")),
            ("bidirectional text", ACCOUNT, &with("name: \"\u{202e}abc\"\nowner: \"\u{202e}日本\"")),
            ("name too long", ACCOUNT, &with(&format!("name: {}", "n".repeat(51)))),
        ],
    );
}

#[test]
fn wrong_policies_and_exceptions() {
    let large = format!(r#"{{"Version": "2012-10-17", "Statement": ["{}"]}}"#, "x".repeat(10_240));
    let source = format!("{}{POLICY}", " ".repeat(100 << 10));
    let yaml = "policies/service-control/default.yaml";
    check(
        "wrong_policies_and_exceptions",
        &[
            ("a comment, as in YAML", DEFAULT, "{\"Version\": # why\n \"2012-10-17\"}"),
            ("a list", DEFAULT, "[]"),
            ("no statement", DEFAULT, "{\"Version\": \"2012-10-17\"}"),
            ("too large for its type", DEFAULT, &large),
            ("source too large", DEFAULT, &source),
            ("same name twice", yaml, "Version: \"2012-10-17\"\nStatement: []\n"),
            (
                "account id in YAML",
                "policies/service-control/other.yaml",
                "Version: \"2012-10-17\"\nStatement: [{Condition: 012345678901}]\n",
            ),
            ("AWS's own name", "policies/service-control/FullAWSAccess.json", POLICY),
            ("tag policy without tags", "policies/tag/t.yaml", "tag: {}\n"),
            ("unknown type", "policies/scp/default.json", POLICY),
            ("suffix", "policies/tag/t.yml", "tags: {}\n"),
            ("outside of a type", "policies/default.json", POLICY),
            ("exceptions are a list", EXCEPTIONS, "control: S3.8\n"),
            ("exception of everything", EXCEPTIONS, "- {control: S3.8, owner: me, reason: r, until: 2026-12-31}\n"),
            ("exception without end", EXCEPTIONS, "- control: S3.8\n  resource: arn:aws:s3:::b\n"),
            ("no such day", EXCEPTIONS, "- {control: S3.9, account: wep, owner: me, reason: r, until: 2026-02-30}\n"),
            ("exceptions left empty", EXCEPTIONS, "# none\n"),
        ],
    );
}

#[test]
fn files_that_do_not_belong() {
    check(
        "files_that_do_not_belong",
        &[
            ("account suffix", "accounts/web2.yml", WEB),
            ("account in a folder", "accounts/team/web2.yaml", WEB),
            ("account name", "accounts/a#b.yaml", &WEB.replace("web@", "other@")),
            ("account folder misspelled", "account/web2.yaml", WEB),
            ("file misspelled", "exception.yaml", EXCEPTION),
            ("a folder that is a file", "accounts", ""),
            ("table", "tables/mine.json", "{}"),
            ("control", "controls/mine.yaml", ""),
            ("a readme", "accounts/README.md", "x"),
            ("hidden", ".github/workflows/ci.yaml", "x: ["),
            ("something else", "terraform/main.tf", "x"),
            ("a policy's tests", "policies/service-control/default.tests.yaml", "x: ["),
            ("an editor's schema", "dodai.schema.json", "{}"),
        ],
    );
}

#[test]
fn files_that_cannot_be_read() {
    let mut text = String::new();
    for file in [
        SourceFile::new(ACCOUNT, vec![b'x'; (1 << 20) + 1]),
        SourceFile::new(ACCOUNT, b"email: x\nunit: \xc3\xa9\xff\n".to_vec()),
        SourceFile::unreadable(ACCOUNT, Unreadable::Link),
        SourceFile::unreadable("accounts", Unreadable::Failed("permission denied".to_owned())),
        SourceFile::unreadable("controls/mine.sql", Unreadable::NotAFile),
        SourceFile::unreadable("logo.png", Unreadable::NotUtf8 { line: 1, column: 1 }),
        // Its units are not known then: accounts are not blamed for theirs.
        SourceFile::unreadable(DODAI, Unreadable::Failed("permission denied".to_owned())),
        SourceFile::text(DODAI, "units: ["),
        // No management account is not said when an account file was lost.
        SourceFile::text("accounts/management.yaml", "email: ["),
    ] {
        writeln!(text, "{}", told(vec![file])).unwrap();
    }
    let empty = read(&[], &catalogue()).unwrap_err();
    writeln!(text, "{}", empty.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")).unwrap();
    insta::assert_snapshot!(text);
}
