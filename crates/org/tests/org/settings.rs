//! Which settings an account gets of a feature.

use dodai_org::SourceFile;
use serde_json::{Value, json};

use super::{ACCOUNT, DODAI, FEATURES, ORGANIZATION, directory};

/// What an account of this text gets of a feature: its settings (none: off) and whether it is maintained.
fn settings(organization: &str, account: &str, feature: &str) -> (Option<Value>, bool) {
    let directory = directory(vec![
        SourceFile::text(DODAI, format!("{ORGANIZATION}{organization}\n")),
        SourceFile::text(ACCOUNT, format!("email: web@example.com\nunit: Default\n{account}\n")),
    ])
    .unwrap();
    let info = FEATURES.iter().find(|info| info.id == feature).unwrap();
    let account = directory.account("web").unwrap();
    (directory.settings(account, info).map(Value::Object), directory.maintains(account, info))
}

#[test]
fn settings_are_laid_over_each_other() {
    let password = |length: i64, age: Value| json!({"minimum_length": length, "max_age": age, "require_symbols": true});
    let guardduty = |protection: Value| json!({"protection": protection, "trusted": [], "tags": {}});
    let everywhere = "features: {iam-password-policy: {minimum_length: 20, max_age: 30}}\n";
    let secure = "profiles: {secure: {features: {iam-password-policy: {minimum_length: 24}}}}\n";
    let both = format!("{everywhere}{secure}");
    let off = "features: {guardduty: {enabled: false}}";
    for (organization, account, feature, expected) in [
        // Defaults, by profile; basic is not maintained, secure is.
        ("", "profile: basic", "iam-password-policy", (Some(password(8, Value::Null)), false)),
        ("", "profile: secure", "iam-password-policy", (Some(password(14, json!(90))), true)),
        // Organization, then profile, then account.
        (everywhere, "profile: basic", "iam-password-policy", (Some(password(20, json!(30))), false)),
        (&both, "profile: basic", "iam-password-policy", (Some(password(20, json!(30))), false)),
        (&both, "profile: secure", "iam-password-policy", (Some(password(24, json!(30))), true)),
        (
            &both,
            "profile: secure\nfeatures: {iam-password-policy: {minimum_length: 30, max_age: null}}",
            "iam-password-policy",
            (Some(password(30, Value::Null)), true),
        ),
        // Opting in adds what the profile does not have, with the account's own profile's defaults.
        ("", "profile: basic", "guardduty", (None, false)),
        ("", "profile: basic\nopt_in: [guardduty]", "guardduty", (Some(guardduty(json!([]))), true)),
        ("", "profile: basic\nopt_in: all", "guardduty", (None, false)),
        ("", "profile: basic\nopt_in: all", "iam-password-policy", (Some(password(8, Value::Null)), true)),
        ("", "profile: secure\nopt_in: none", "guardduty", (Some(guardduty(json!(["s3"]))), false)),
        ("", "profile: secure\nopt_in: []", "guardduty", (Some(guardduty(json!(["s3"]))), false)),
        // Switched on or off; the narrower place wins, and off wins over opting in.
        (off, "profile: secure", "guardduty", (None, false)),
        (off, "profile: basic\nopt_in: [guardduty]", "guardduty", (None, false)),
        (
            off,
            "profile: secure\nfeatures: {guardduty: {enabled: true, protection: [eks, rds]}}",
            "guardduty",
            (Some(guardduty(json!(["eks", "rds"]))), true),
        ),
        ("", "profile: basic\nfeatures: {guardduty: {enabled: true}}", "guardduty", (Some(guardduty(json!([]))), true)),
        // On in the account's own file is opted in to; on everywhere is not.
        (
            "",
            "profile: secure\nopt_in: none\nfeatures: {guardduty: {enabled: true}}",
            "guardduty",
            (Some(guardduty(json!(["s3"]))), true),
        ),
        ("features: {guardduty: {enabled: true}}", "profile: basic", "guardduty", (Some(guardduty(json!([]))), false)),
        ("", "profile: basic\nfeatures: {default-vpc: {enabled: true}}", "default-vpc", (Some(json!({})), false)),
        // Managed is always kept, initial never.
        ("", "profile: basic", "s3-account-public-access-block", (Some(json!({})), true)),
        ("", "profile: secure", "default-vpc", (Some(json!({})), false)),
        ("", "profile: basic\nopt_in: [default-vpc]", "default-vpc", (Some(json!({})), false)),
    ] {
        assert_eq!(settings(organization, account, feature), expected, "{organization} | {account} | {feature}");
    }
}
