//! The forms that texts of the directory have: what each must look like, how that is said, and its JSON
//! schema. Limits are those of the AWS API that the text ends up in.

use std::collections::BTreeSet;

use dodai_facts::{AccountId, Profile, Region};
use serde_json::{Value, json};

use crate::names::Names;
use dodai_document::problems::{quote, suggest};

/// The root, where a unit's path is asked for.
pub const ROOT: &str = "Root";

#[derive(Debug, Clone, Copy)]
pub(crate) enum Form {
    /// One line of at most so many characters.
    Line(usize),
    AccountId,
    /// The name of an account file.
    Account,
    Control,
    /// `2026-12-31`
    Date,
    Email,
    ExternalId,
    Feature,
    OrganizationId,
    Phone,
    Profile,
    Region,
    RoleName,
    /// A role's name with `*`.
    RolePattern,
    Standard,
    /// A folder or an S3 URL.
    State,
    TagKey,
    TagValue,
    UnitName,
    UnitPath,
}

/// What is wrong with a text: the message's end and the help.
pub(crate) enum Wrong {
    /// `… must be {0}, found …`
    Form(String),
    /// The whole message, and help.
    Name(String, Option<String>),
}

impl Form {
    pub(crate) fn check(self, text: &str, names: &Names<'_>) -> Result<(), Wrong> {
        let form = |good: bool, expected: &str| if good { Ok(()) } else { Err(Wrong::Form(expected.to_owned())) };
        match self {
            Self::Line(most) => form(line(text, most), &format!("one line of 1 to {most} characters")),
            Self::AccountId => form(
                text.parse::<AccountId>().is_ok(),
                "an account id (12 digits; in quotes, or a zero at its beginning is lost)",
            ),
            Self::Region => form(text.parse::<Region>().is_ok(), "a Region code (such as ap-northeast-1)"),
            Self::OrganizationId => {
                form(organization_id(text), "an organization id (`o-` and 10 to 32 lowercase letters or digits)")
            }
            Self::Email => form(email(text), "an e-mail address (6 to 64 characters)"),
            Self::Phone => form(
                line(text, 25) && text.chars().all(|c| c.is_ascii_digit() || " +-()./".contains(c)),
                "a telephone number of at most 25 characters",
            ),
            Self::RoleName => {
                form(role(text, false), "the name of an IAM role (letters, digits and +=,.@_-, at most 64)")
            }
            Self::RolePattern => form(
                role(text, true) && text.chars().any(|c| c != '*'),
                "the name of an IAM role, possibly with `*` (but not `*` alone)",
            ),
            Self::ExternalId => form(
                (2..=1224).contains(&text.len())
                    && text.chars().all(|c| c.is_ascii_alphanumeric() || "_+=,.@:/-".contains(c)),
                "an external id (2 to 1224 letters, digits and _+=,.@:/-)",
            ),
            Self::Date => form(date(text), "a day that exists, as 2026-12-31"),
            Self::State => form(state(text), "a folder (such as .dodai) or s3://bucket/prefix"),
            Self::TagKey => form(
                line(text, 128) && !text.to_lowercase().starts_with("aws:") && !text.starts_with("dodai:"),
                "a tag key of 1 to 128 characters that does not begin with `aws:` or `dodai:`",
            ),
            Self::TagValue => form(
                text.chars().count() <= 256 && !text.chars().any(char::is_control),
                "a tag value of at most 256 characters",
            ),
            Self::UnitName => form(
                is_unit_name(text),
                "a unit name of 1 to 128 characters (no `/`, no space at its ends, not `Root`)",
            ),
            Self::Profile => known("profile", text, Profile::ALL.map(Profile::as_str)),
            Self::Feature => known("feature", text, names.catalogue.features.iter().map(|feature| feature.id)),
            Self::Standard => known("standard", text, names.catalogue.standards.iter().map(String::as_str)),
            Self::Control if names.controls.contains(text) || names.misnamed_control => Ok(()),
            Self::Control => known("control", text, names.controls.iter().map(String::as_str)),
            Self::Account if names.accounts.contains(text) => Ok(()),
            Self::Account => known("account", text, names.accounts.iter().map(String::as_str)),
            Self::UnitPath => match &names.units {
                // Not known, which is said of dodai.yaml.
                None => Ok(()),
                Some(units) if units.contains(text) || text == ROOT => Ok(()),
                // It may be one whose name is wrong, which is said where the name is given.
                Some(_) if names.misnamed_units.iter().any(|above| text.starts_with(above)) => Ok(()),
                Some(units) => unit(text, units),
            },
        }
    }

    /// As JSON schema.
    pub(crate) fn schema(self, names: &Names<'_>) -> Value {
        match self {
            Self::Line(most) => json!({"type": "string", "minLength": 1, "maxLength": most}),
            Self::AccountId => json!({
                "type": ["string", "integer"], "pattern": "^[0-9]{12}$",
                "minimum": 100_000_000_000_u64, "maximum": 999_999_999_999_u64,
            }),
            Self::Date => json!({"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"}),
            Self::Email => {
                json!({"type": "string", "pattern": "^[^\\s@]+@[^\\s@]+\\.[^\\s@]+$", "minLength": 6, "maxLength": 64})
            }
            Self::ExternalId => json!({"type": "string", "pattern": "^[A-Za-z0-9_+=,.@:/-]{2,1224}$"}),
            Self::OrganizationId => json!({"type": "string", "pattern": "^o-[a-z0-9]{10,32}$"}),
            Self::Phone => json!({"type": "string", "pattern": "^[0-9 +\\-()./]{1,25}$"}),
            Self::Region => json!({"type": "string", "pattern": "^[a-z]+(-[a-z]+)+-[0-9]{1,2}$"}),
            Self::RoleName => json!({"type": "string", "pattern": "^[A-Za-z0-9_+=,.@-]{1,64}$"}),
            Self::RolePattern => json!({"type": "string", "pattern": "^[A-Za-z0-9_+=,.@*-]{1,64}$"}),
            Self::TagKey => json!({"type": "string", "minLength": 1, "maxLength": 128}),
            Self::TagValue => json!({"type": "string", "maxLength": 256}),
            Self::UnitName => json!({"type": "string", "pattern": "^[^/]{1,128}$"}),
            Self::State | Self::UnitPath | Self::Account => json!({"type": "string", "minLength": 1}),
            Self::Profile => json!({"enum": Profile::ALL.map(Profile::as_str)}),
            Self::Feature => {
                json!({"enum": names.catalogue.features.iter().map(|feature| feature.id).collect::<Vec<_>>()})
            }
            Self::Standard => json!({"enum": names.catalogue.standards}),
            // The user's own controls are not in the catalogue: any text, with the known ids as examples.
            Self::Control => json!({"type": "string", "minLength": 1, "examples": names.controls}),
        }
    }
}

fn known<'n>(what: &str, text: &str, names: impl IntoIterator<Item = &'n str>) -> Result<(), Wrong> {
    let names: Vec<&str> = names.into_iter().collect();
    if names.contains(&text) {
        return Ok(());
    }
    Err(Wrong::Name(format!("unknown {what} {}", quote(text)), suggest(text, names)))
}

/// A unit that is not there; by its name alone it is found where one unit has it.
fn unit(text: &str, units: &BTreeSet<String>) -> Result<(), Wrong> {
    let mut named = units.iter().filter(|path| path.rsplit('/').next() == Some(text));
    match (named.next(), named.next()) {
        (Some(path), None) => {
            let help = format!("did you mean {}? A unit is given by its path", quote(path));
            Err(Wrong::Name(format!("unknown unit {}", quote(text)), Some(help)))
        }
        _ => known("unit", text, units.iter().map(String::as_str).chain([ROOT])),
    }
}

pub(crate) fn is_unit_name(text: &str) -> bool {
    line(text, 128) && !text.contains('/') && text.trim() == text && text != ROOT
}

fn line(text: &str, most: usize) -> bool {
    (1..=most).contains(&text.chars().count()) && !text.chars().any(char::is_control)
}

fn organization_id(text: &str) -> bool {
    text.strip_prefix("o-").is_some_and(|rest| {
        (10..=32).contains(&rest.len()) && rest.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
    })
}

fn email(text: &str) -> bool {
    let good = |part: &str| !part.is_empty() && !part.chars().any(|c| c.is_whitespace() || c.is_control() || c == '@');
    (6..=64).contains(&text.chars().count())
        && text.split_once('@').is_some_and(|(local, domain)| {
            good(local)
                && good(domain)
                && domain.split('.').count() >= 2
                && domain.split('.').all(|part| !part.is_empty())
        })
}

fn role(text: &str, pattern: bool) -> bool {
    (1..=64).contains(&text.len())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || "_+=,.@-".contains(c) || (pattern && c == '*'))
}

fn date(text: &str) -> bool {
    text.len() == 10 && text.as_bytes().get(4) == Some(&b'-') && text.parse::<jiff::civil::Date>().is_ok()
}

fn state(text: &str) -> bool {
    match text.split_once("://") {
        Some(("s3", rest)) => {
            let bucket = rest.split('/').next().unwrap_or_default();
            let good = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
            (3..=63).contains(&bucket.len())
                && bucket.bytes().all(|b| good(b) || b == b'-' || b == b'.')
                && bucket.bytes().next().is_some_and(good)
                && bucket.bytes().last().is_some_and(good)
                && !rest.chars().any(|c| c.is_control() || c == '?' || c == '#')
                && !rest.contains("//")
        }
        Some(_) => false,
        None => line(text, 4096),
    }
}
