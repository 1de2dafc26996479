//! Which members carry secrets by their names, where the API model does not say so.

use serde_json::{Map, Value};

/// Names that end so, without case and punctuation: `MasterUserPassword`, `DB_PASSWORD`, `x-amz-security-token`.
const ENDINGS: &[&str] = &[
    "apikey",
    "authcode",
    "authorization",
    "connectionstring",
    "credential",
    "credentials",
    "headervalue",
    "keymaterial",
    "outputvalue",
    "passphrase",
    "passwd",
    "password",
    "passworddata",
    "plaintext",
    "presharedkey",
    "privatekey",
    "pwd",
    "secret",
    "secretaccesskey",
    "secretbinary",
    "secretkey",
    "secretstring",
    "sharedkey",
    "signingkey",
    "token",
    "userdata",
    "webhookurl",
];

/// What may be anything, so that tables hide it too: the input of a rule's target.
const WHOLE: &[&str] = &["input"];

/// Beginnings of tokens that lead on in a list, or make a call safe to repeat.
const HARMLESS_TOKENS: &[&str] = &[
    "change",
    "client",
    "continuation",
    "creation",
    "creator",
    "idempotency",
    "lock",
    "next",
    "page",
    "pagination",
    "request",
    "sequence",
    "starting",
    "upload",
];

/// Maps and lists of variables: of functions, of containers, of builds, of stages.
const VARIABLES: &[&str] = &["variables", "environmentvariables", "stagevariables", "secureenvironment"];

/// The same where they are lists of names with values.
const LISTS: &[&str] = &["env", "environment"];

/// Where a value stands beside its name.
const VALUES: &[&str] =
    &["defaultvalue", "optionvalue", "parametervalue", "resolvedvalue", "stringvalue", "value", "values"];

/// Where the name stands beside its value.
const NAMES: &[&str] = &["key", "name", "optionname", "parametername"];

/// Letters and digits, in lower case; nothing of what is too long to be a name.
fn plain(name: &str) -> String {
    if name.len() > 200 {
        return String::new();
    }
    name.chars().filter(char::is_ascii_alphanumeric).map(|letter| letter.to_ascii_lowercase()).collect()
}

pub(super) fn is_secret(name: &str) -> bool {
    let name = plain(name);
    ENDINGS
        .iter()
        .find(|ending| name.ends_with(*ending))
        .is_some_and(|ending| *ending != "token" || !HARMLESS_TOKENS.iter().any(|start| name.starts_with(start)))
}

pub(super) fn may_be_anything(name: &str) -> bool {
    WHOLE.contains(&plain(name).as_str())
}

pub(super) fn are_variables(name: &str, value: &Value) -> bool {
    let name = plain(name);
    VARIABLES.iter().any(|ending| name.ends_with(ending)) || (value.is_array() && LISTS.contains(&name.as_str()))
}

pub(super) fn is_value(name: &str) -> bool {
    VALUES.contains(&plain(name).as_str())
}

/// Whether the object is a name with a value, and what it names is secret: `{"name": "DB_PASSWORD", "value": …}`, a
/// `SecureString`, a stack's parameter, an environment variable of Elastic Beanstalk. (A parameter of a database has a
/// `ParameterName`, and is judged by controls.)
pub(super) fn names_a_secret(members: &Map<String, Value>) -> bool {
    members.iter().any(|(name, value)| {
        let Value::String(text) = value else { return false };
        let name = plain(name);
        (NAMES.contains(&name.as_str()) && is_secret(text))
            || name == "parameterkey"
            || (name == "type" && text == "SecureString")
            || (name == "namespace" && text.ends_with(":environment"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_tell() {
        for (name, expected) in [
            ("Password", true),
            ("MasterUserPassword", true),
            ("DB_PASSWORD", true),
            ("SecretString", true),
            ("SecretAccessKey", true),
            ("SessionToken", true),
            ("x-amz-security-token", true),
            ("Token", true),
            ("PrivateKey", true),
            ("KeyMaterial", true),
            ("UserData", true),
            ("Plaintext", true),
            ("ClientSecret", true),
            ("NextToken", false),
            ("ContinuationToken", false),
            ("ClientRequestToken", false),
            ("PasswordPolicy", false),
            ("PasswordLastUsed", false),
            ("AccessKeyId", false),
            ("HttpTokens", false),
            ("SecretArn", false),
            ("InputArtifacts", false),
            ("KeyId", false),
        ] {
            assert_eq!(is_secret(name), expected, "{name}");
        }
    }
}
