//! A name taken apart into its words: what `DB_PASSWORD_PROD` says and `PasswordLastUsed` does not.

/// Secrets, as words that stand together: `api key`, `API_KEY` and `apiKey` are `apikey`.
const SECRETS: &[&str] = &[
    "accesskey",
    "accountkey",
    "apikey",
    "appkey",
    "authkey",
    "cred",
    "credential",
    "credentials",
    "creds",
    "deploykey",
    "encryptionkey",
    "hmackey",
    "licensekey",
    "masterkey",
    "passcode",
    "passphrase",
    "passwd",
    "password",
    "privatekey",
    "pwd",
    "secret",
    "secretkey",
    "servicekey",
    "sharedkey",
    "signingkey",
    "storagekey",
    "token",
];

/// Secrets only where nothing follows but where they are used: `DB_PASS`, `DB_PASS_PROD`.
const LAST: &[&str] = &["cookie", "dsn", "jwt", "pass", "salt"];

const USED_WHERE: &[&str] = &[
    "admin",
    "backup",
    "dev",
    "live",
    "main",
    "master",
    "new",
    "old",
    "primary",
    "prod",
    "production",
    "root",
    "stage",
    "staging",
    "test",
];

/// So seldom part of another word that they need not stand alone: `dbpassword`.
const ANYWHERE: &[&str] = &["passphrase", "passwd", "password"];

/// Last words of what is about a secret and holds none: `SecretArn`, `TOKEN_URL`, `password_file`, `PasswordPolicy`.
const ABOUT: &[&str] = &[
    "age",
    "alias",
    "algorithm",
    "allowed",
    "arn",
    "arns",
    "attribute",
    "behavior",
    "changed",
    "class",
    "com",
    "command",
    "commands",
    "complexity",
    "config",
    "configuration",
    "count",
    "created",
    "date",
    "days",
    "description",
    "disabled",
    "duration",
    "enabled",
    "encryption",
    "endpoint",
    "exists",
    "expiration",
    "expired",
    "expires",
    "expiry",
    "field",
    "file",
    "filename",
    "flow",
    "format",
    "hashing",
    "host",
    "hours",
    "id",
    "ids",
    "identifier",
    "index",
    "io",
    "issuer",
    "kind",
    "label",
    "last",
    "length",
    "lifetime",
    "limit",
    "link",
    "location",
    "manager",
    "max",
    "maximum",
    "method",
    "min",
    "minimum",
    "minutes",
    "mode",
    "name",
    "names",
    "net",
    "number",
    "org",
    "parameter",
    "path",
    "period",
    "placeholder",
    "policy",
    "port",
    "prefix",
    "prompt",
    "protection",
    "provider",
    "ref",
    "reference",
    "regex",
    "region",
    "required",
    "requirements",
    "reset",
    "retention",
    "role",
    "rotated",
    "rotation",
    "rule",
    "rules",
    "scheme",
    "scope",
    "scopes",
    "seconds",
    "set",
    "settings",
    "size",
    "source",
    "spec",
    "state",
    "status",
    "store",
    "strategy",
    "strength",
    "time",
    "timeout",
    "ttl",
    "type",
    "types",
    "updated",
    "uri",
    "url",
    "usage",
    "used",
    "username",
    "validity",
    "version",
];

/// Letters and digits, in lower case; nothing of what is too long to be a name.
pub(super) fn plain(name: &str) -> String {
    if name.len() > LONGEST {
        return String::new();
    }
    name.chars().filter(char::is_ascii_alphanumeric).map(|letter| letter.to_ascii_lowercase()).collect()
}

const LONGEST: usize = 200;

/// Whether the words, as far as they are not about something else, name a secret. A name with a colon is one of IAM's
/// keys of conditions or of a namespace: it says nothing here.
pub(super) fn speak_of_a_secret(name: &str) -> bool {
    if name.len() > LONGEST || name.contains(':') {
        return false;
    }
    let words = words(name);
    let Some(last) = words.last() else { return false };
    if ABOUT.contains(&last.as_str()) {
        return false;
    }
    let used = words.iter().rev().take_while(|word| USED_WHERE.contains(&word.as_str())).count();
    let before = words.len().checked_sub(used + 1).and_then(|at| words.get(at));
    before.is_some_and(|word| LAST.contains(&word.as_str()))
        || words.iter().any(|word| ANYWHERE.iter().any(|part| word.contains(part)) && word != "passwordless")
        || (0..words.len()).any(|from| {
            let together = words.iter().skip(from).take(2).map(String::as_str);
            SECRETS.contains(&together.collect::<String>().as_str())
                || words.get(from).is_some_and(|word| SECRETS.contains(&word.as_str()))
        })
}

/// In lower case, without numbers at their ends: `DbPassword2` is `db` and `password`.
fn words(name: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut word = String::new();
    let mut letters = name.chars().peekable();
    let mut before = ' ';
    while let Some(letter) = letters.next() {
        let next_is_small = letters.peek().is_some_and(char::is_ascii_lowercase);
        let begins = letter.is_ascii_uppercase() && (!before.is_ascii_uppercase() || next_is_small);
        if begins || !letter.is_ascii_alphanumeric() {
            words.push(std::mem::take(&mut word));
        }
        if letter.is_ascii_alphanumeric() {
            word.push(letter.to_ascii_lowercase());
        }
        before = letter;
    }
    words.push(word);
    for word in &mut words {
        let length = word.trim_end_matches(|letter: char| letter.is_ascii_digit()).len();
        word.truncate(length);
    }
    words.retain(|word| !word.is_empty());
    words
}

#[cfg(test)]
mod tests {
    use super::words;

    #[test]
    fn names_have_words() {
        for (name, expected) in [
            ("DB_PASSWORD_PROD", "db password prod"),
            ("masterUserPassword", "master user password"),
            ("IAMAuth", "iam auth"),
            ("apiKey2", "api key"),
            ("x-api-key", "x api key"),
            ("", ""),
            ("ü--", ""),
        ] {
            assert_eq!(words(name).join(" "), expected, "{name}");
        }
    }
}
