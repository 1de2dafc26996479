//! Directories in, problems out: the texts of the problems are what people read, so they are compared
//! word for word (`snapshots/`).

mod found;
mod hostile;
mod include;
mod right;
mod schema;
mod settings;
mod testing;
mod wrong;

use std::collections::BTreeMap;
use std::fmt::Write as _;

use dodai_facts::{Class, ControlInfo, FeatureInfo, FeatureScope, Profile, SettingInfo, SettingKind, Severity};
use dodai_org::{Catalogue, Directory, SourceFile, read};

const fn setting(name: &'static str, kind: SettingKind, basic: &'static str, secure: &'static str) -> SettingInfo {
    SettingInfo { name, kind, basic, secure, doc: "A setting." }
}

const fn feature(
    id: &'static str,
    class: Class,
    profiles: &'static [Profile],
    settings: &'static [SettingInfo],
) -> FeatureInfo {
    FeatureInfo {
        id,
        title: "A feature",
        scope: FeatureScope::Account,
        class,
        profiles,
        needs: &[],
        reads: &[],
        settings,
        calls: &[],
    }
}

static FEATURES: &[FeatureInfo] = &[
    feature(
        "iam-password-policy",
        Class::Maintained,
        &Profile::ALL,
        &[
            setting("minimum_length", SettingKind::Integer { least: 6, most: 128 }, "8", "14"),
            setting("max_age", SettingKind::OptionalInteger { least: 1, most: 1095 }, "null", "90"),
            setting("require_symbols", SettingKind::Bool, "true", "true"),
        ],
    ),
    feature("s3-account-public-access-block", Class::Managed, &Profile::ALL, &[]),
    feature("default-vpc", Class::Initial, &[Profile::Secure], &[]),
    feature(
        "cloudtrail",
        Class::Maintained,
        &Profile::ALL,
        &[
            setting("trail_name", SettingKind::Text, "\"dodai\"", "\"dodai\""),
            setting("key", SettingKind::OptionalText, "null", "null"),
            setting("retention", SettingKind::Choice(&["1y", "3y"]), "\"1y\"", "\"3y\""),
        ],
    ),
    feature(
        "guardduty",
        Class::Maintained,
        &[Profile::Secure],
        &[
            setting("protection", SettingKind::List { choices: &["s3", "eks", "rds"] }, "[]", "[\"s3\"]"),
            setting("trusted", SettingKind::List { choices: &[] }, "[]", "[]"),
            setting("tags", SettingKind::Map, "{}", "{}"),
        ],
    ),
];

fn catalogue() -> Catalogue {
    let control = |id: &str| ControlInfo { id: id.to_owned(), title: String::new(), severity: Severity::High };
    Catalogue {
        features: FEATURES.iter().collect(),
        controls: ["S3.8", "IAM.6"].map(control).to_vec(),
        standards: vec!["fsbp".to_owned(), "cis-5.0".to_owned()],
        regions: ["ap-northeast-1", "us-east-1", "cn-north-1"].map(str::to_owned).to_vec(),
    }
}

const ORGANIZATION: &str = "\
organization: o-exampleorgid
home_region: ap-northeast-1
regions: [ap-northeast-1, us-east-1]
units:
  Default:
    policies: {service-control: [default]}
    units:
      Sandbox:
";
const MANAGEMENT: &str = "email: m@example.com\nmanagement: true\nunit: Root\nprofile: secure\n";
const WEB: &str = "email: web@example.com\nunit: Default\nprofile: basic\n";
const POLICY: &str = r#"{"Version": "2012-10-17", "Statement": []}"#;
const EXCEPTION: &str = "- {control: S3.8, account: web, owner: me, reason: a site, until: 2026-12-31}\n";

const DODAI: &str = "dodai.yaml";
const ACCOUNT: &str = "accounts/web.yaml";
const DEFAULT: &str = "policies/service-control/default.json";
const EXCEPTIONS: &str = "exceptions.yaml";

/// A directory without a mistake, but for these files.
fn directory(changes: Vec<SourceFile>) -> Result<Directory, Vec<dodai_facts::Problem>> {
    let mut files: BTreeMap<String, SourceFile> = [
        (DODAI, ORGANIZATION),
        ("accounts/management.yaml", MANAGEMENT),
        (ACCOUNT, WEB),
        (DEFAULT, POLICY),
        (EXCEPTIONS, EXCEPTION),
    ]
    .map(|(path, text)| (path.to_owned(), SourceFile::text(path, text)))
    .into();
    for file in changes {
        files.insert(file.path.clone(), file);
    }
    read(&files.into_values().collect::<Vec<_>>(), &catalogue())
}

/// What is said of a directory with these files changed: problems, else warnings, else `right`.
fn told(changes: Vec<SourceFile>) -> String {
    match directory(changes) {
        Err(problems) => problems.iter().map(|problem| problem.to_string() + "\n").collect(),
        Ok(directory) if directory.warnings.is_empty() => "right\n".to_owned(),
        Ok(directory) => {
            directory.warnings.iter().map(|problem| "warning: ".to_owned() + &problem.to_string() + "\n").collect()
        }
    }
}

/// One snapshot for all cases of a kind: name, file, text.
fn check(snapshot: &str, cases: &[(&str, &str, &str)]) {
    let mut text = String::new();
    for (name, path, content) in cases {
        writeln!(text, "# {name}\n{}", told(vec![SourceFile::text(*path, *content)])).unwrap();
    }
    insta::assert_snapshot!(snapshot, text);
}
