//! `iam-password-policy`: what the passwords of IAM users must be.
//!
//! AWS: "Set an account password policy for IAM users". UpdateAccountPasswordPolicy resets every field that it
//! is not given, so all are sent; a hard expiry that somebody set is kept.

use dodai_facts::{Class, Failure, FeatureInfo, FeatureScope, Profile, SettingInfo, SettingKind};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{Action, Feature, Out, View, row};

pub const FEATURE: Feature = Feature { info: &INFO, plan };

const TABLE: &str = "aws_iam_password_policy";

const INFO: FeatureInfo = FeatureInfo {
    id: "iam-password-policy",
    title: "Password policy of IAM users",
    scope: FeatureScope::Account,
    class: Class::Maintained,
    profiles: &Profile::ALL,
    needs: &[],
    reads: &[(
        TABLE,
        &[
            "MinimumPasswordLength",
            "RequireUppercaseCharacters",
            "RequireLowercaseCharacters",
            "RequireNumbers",
            "RequireSymbols",
            "AllowUsersToChangePassword",
            "MaxPasswordAge",
            "PasswordReusePrevention",
            "HardExpiry",
        ],
    )],
    settings: &[
        SettingInfo {
            name: "minimum_length",
            kind: SettingKind::Integer { least: 6, most: 128 },
            basic: "8",
            secure: "14",
            doc: "the fewest characters of a password",
        },
        SettingInfo {
            name: "max_age_days",
            kind: SettingKind::OptionalInteger { least: 1, most: 1095 },
            basic: "null",
            secure: "90",
            doc: "days until a password expires; null: never",
        },
        SettingInfo {
            name: "remembered",
            kind: SettingKind::OptionalInteger { least: 1, most: 24 },
            basic: "null",
            secure: "24",
            doc: "how many earlier passwords may not be used again; null: any may",
        },
        SettingInfo {
            name: "users_may_change",
            kind: SettingKind::Bool,
            basic: "true",
            secure: "true",
            doc: "whether users may change their own password",
        },
    ],
    calls: &["iam.UpdateAccountPasswordPolicy"],
};

#[derive(Deserialize)]
struct Settings {
    minimum_length: u32,
    max_age_days: Option<u32>,
    remembered: Option<u32>,
    users_may_change: bool,
}

fn plan(view: &View<'_>, out: &mut Out) -> Result<(), Failure> {
    let settings: Settings = view.settings()?;
    let policy = view.row(TABLE)?;
    let wanted = [
        ("MinimumPasswordLength", json!(settings.minimum_length)),
        ("RequireUppercaseCharacters", json!(true)),
        ("RequireLowercaseCharacters", json!(true)),
        ("RequireNumbers", json!(true)),
        ("RequireSymbols", json!(true)),
        ("AllowUsersToChangePassword", json!(settings.users_may_change)),
        ("MaxPasswordAge", json!(settings.max_age_days)),
        ("PasswordReusePrevention", json!(settings.remembered)),
    ];
    let action = if policy.is_some() { Action::Update } else { Action::Create };
    let mut change = view.change("policy", action, "set the password policy of IAM users");
    let mut params = serde_json::Map::new();
    for (name, value) in wanted {
        // GetAccountPasswordPolicy leaves out what is not set; moto and older accounts answer 0.
        let before = match row::value(policy, name)? {
            Value::Number(number) if number.as_i64() == Some(0) => Value::Null,
            other => other,
        };
        change = change.set(name, before, value.clone());
        if !value.is_null() {
            params.insert(name.to_owned(), value);
        }
    }
    if !change.settings.is_empty() {
        if let Value::Bool(hard) = row::value(policy, "HardExpiry")? {
            params.insert("HardExpiry".to_owned(), json!(hard));
        }
        let call = view.call("iam", "UpdateAccountPasswordPolicy", Value::Object(params));
        out.change(change.call(call).writes(format!("iam/{}#password-policy", view.account.id)));
    }
    Ok(())
}
