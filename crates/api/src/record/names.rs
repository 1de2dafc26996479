//! Which members carry secrets by their names, where the API model does not say so.

use serde_json::{Map, Value};

use super::words::{self, plain};

/// Names that end so, without case and punctuation: `MasterUserPassword`, `DB_PASSWORD`, `x-amz-security-token`.
const ENDINGS: &[&str] = &[
    "apikey",
    "apikeyvalue",
    "authcode",
    "authkey",
    "authorization",
    "connectionstring",
    "credential",
    "credentials",
    "headervalue",
    "keymaterial",
    "outputvalue",
    "passcode",
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
    "sharedaccesskey",
    "sharedkey",
    "signingkey",
    "token",
    "tokencode",
    "tokencontent",
    "tokenstring",
    "tokenvalue",
    "userdata",
    "webhookurl",
];

/// What may be anything, so that tables hide it too: the input of a rule's target.
const WHOLE: &[&str] = &["input"];

/// Beginnings of tokens that lead on in a list, or make a call safe to repeat; of members of API models.
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

/// Such tokens in documents, where `CLIENT_ACCESS_TOKEN` is a secret.
const HARMLESS_WHOLE: &[&str] = &[
    "clientrequesttoken",
    "clienttoken",
    "continuationtoken",
    "idempotencytoken",
    "nextpagetoken",
    "nexttoken",
    "pagetoken",
    "paginationtoken",
    "startingtoken",
];

/// Maps and lists of variables: of functions, of containers, of builds, of stages.
const VARIABLES: &[&str] = &["variables", "secureenvironment"];

/// The same where they are lists of names with values, or maps.
const ENVIRONMENTS: &[&str] = &["env", "environment"];

/// Ends of what stands beside a name: `Value`, `TagValue`, `OptionValue`, `ContextKeyValues`.
const VALUE_ENDINGS: &[&str] = &["value", "values", "valuelist"];

/// The same, as whole names: `Default` of a template's parameter, and how DynamoDB and SQS tag texts with their type.
const VALUES: &[&str] =
    &["b", "binarylist", "bs", "content", "data", "default", "n", "ns", "s", "ss", "stringlist", "text"];

/// Ends of what names its neighbours: `Key`, `TagKey`, `HeaderName`, `OptionName`.
const NAME_ENDINGS: &[&str] =
    &["attribute", "field", "header", "key", "name", "option", "parameter", "path", "property", "variable"];

/// A member of an API model's structure. Models name many things after secrets that are none (`SecretArn`,
/// `PasswordLastUsed`): the end of the name decides.
pub(super) fn is_secret(name: &str) -> bool {
    let name = plain(name);
    name == "auth"
        || ENDINGS
            .iter()
            .find(|ending| name.ends_with(*ending))
            .is_some_and(|ending| *ending != "token" || !HARMLESS_TOKENS.iter().any(|start| name.starts_with(start)))
}

/// A name that somebody gave: a variable, a tag's key, a member of a document. `DB_PASSWORD_PROD` too.
pub(super) fn speaks_of_a_secret(name: &str) -> bool {
    let whole = plain(name);
    if whole.is_empty() || HARMLESS_WHOLE.contains(&whole.as_str()) {
        return false;
    }
    whole == "auth" || ENDINGS.iter().any(|ending| whole.ends_with(ending)) || words::speak_of_a_secret(name)
}

/// Beside a secret access key: the other parts of it, and not whose it is or how long it holds.
pub(super) fn is_of_credentials(name: &str) -> bool {
    let name = plain(name);
    name.contains("key") || name.contains("token")
}

pub(super) fn may_be_anything(name: &str) -> bool {
    WHOLE.contains(&plain(name).as_str())
}

/// `free`: the value is a map, or is described by no model.
pub(super) fn are_variables(name: &str, value: &Value, free: bool) -> bool {
    let name = plain(name);
    VARIABLES.iter().any(|ending| name.ends_with(ending))
        || (value.is_array() && ENVIRONMENTS.contains(&name.as_str()))
        || (free && value.is_object() && ENVIRONMENTS.iter().any(|ending| name.ends_with(ending)))
}

pub(super) fn is_value(name: &str) -> bool {
    let name = plain(name);
    VALUE_ENDINGS.iter().any(|ending| name.ends_with(ending)) || VALUES.contains(&name.as_str())
}

/// Whether what such a member holds names a neighbour's value.
pub(super) fn is_name(name: &str) -> bool {
    let name = plain(name);
    NAME_ENDINGS.iter().any(|ending| name.ends_with(ending))
}

/// Whether the object is a name with a value, and what it names is secret: `{"name": "DB_PASSWORD", "value": …}`, a
/// `SecureString`, a stack's parameter, an environment variable of Elastic Beanstalk. (A parameter of a database has a
/// `ParameterName`, and is judged by controls.)
pub(super) fn names_a_secret(members: &Map<String, Value>) -> bool {
    members.iter().any(|(name, value)| {
        let Value::String(text) = value else { return false };
        let whole = plain(name);
        (is_name(name) && speaks_of_a_secret(text))
            || whole == "parameterkey"
            || (whole == "type" && text == "SecureString")
            || (whole == "namespace" && text.ends_with(":environment"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_tell() {
        // The name, whether it is one as a model's member, and as somebody's.
        for (name, of_a_model, of_somebody) in [
            ("Password", true, true),
            ("MasterUserPassword", true, true),
            ("DB_PASSWORD", true, true),
            ("SecretString", true, true),
            ("SecretAccessKey", true, true),
            ("SessionToken", true, true),
            ("x-amz-security-token", true, true),
            ("Token", true, true),
            ("PrivateKey", true, true),
            ("KeyMaterial", true, true),
            ("UserData", true, true),
            ("Plaintext", true, true),
            ("ClientSecret", true, true),
            ("auth", true, true),
            ("DB_PASSWORD_PROD", false, true),
            ("DB_PASS", false, true),
            ("DB_PASS_2", false, true),
            ("dbPass", false, true),
            ("SECRET_KEY_BASE", false, true),
            ("password1", false, true),
            ("dbpasswordprod", false, true),
            ("spring.datasource.password", true, true),
            ("PAGE_ACCESS_TOKEN", false, true),
            ("CLIENT_ACCESS_TOKEN", false, true),
            ("jwtToken2", false, true),
            ("AccountKey", false, true),
            ("ENCRYPTION_KEY", false, true),
            ("aws_secret", true, true),
            ("MYSQL_PWD", true, true),
            ("--db-password", true, true),
            ("/prod/db/password/current", false, true),
            ("NextToken", false, false),
            ("ContinuationToken", false, false),
            ("ClientRequestToken", false, false),
            ("PasswordPolicy", false, false),
            ("PasswordLastUsed", false, false),
            ("password_encryption", false, false),
            ("AccessKeyId", false, false),
            ("AWS_ACCESS_KEY_ID", false, false),
            ("HttpTokens", false, false),
            ("SecretArn", false, false),
            ("DB_PASSWORD_FILE", false, false),
            ("InputArtifacts", false, false),
            ("KeyId", false, false),
            ("PassRole", false, false),
            ("passed", false, false),
            ("author", false, false),
            ("Compassion", false, false),
            ("token.actions.githubusercontent.com", false, false),
            ("token.actions.githubusercontent.com:sub", false, false),
            ("aws:TokenIssueTime", false, false),
            ("secretsmanager", false, false),
        ] {
            assert_eq!(is_secret(name), of_a_model, "{name}");
            assert_eq!(speaks_of_a_secret(name), of_somebody, "{name}");
        }
    }
}
