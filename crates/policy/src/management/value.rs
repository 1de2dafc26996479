//! What a setting's value may be.

use dodai_document::{Node, quote, suggest};
use dodai_facts::{AccountId, Region};

use super::cron;
use super::operator::Mistake;

#[derive(Debug, Clone, Copy)]
pub(super) enum Value {
    Text,
    Word(&'static [&'static str]),
    /// A whole number from the first to the second, also written as a text.
    Integer(i64, i64),
    /// Also written as a text.
    Boolean,
    Region,
    /// A cron expression ("Backup policy syntax and examples").
    Schedule,
    /// A Region, or `ALL_SUPPORTED`, which includes Regions to come.
    RegionOrAll,
    /// A text with at most one `*`, as tag values are ("Tag policy syntax and examples").
    Wildcard,
    /// `service:type`, `service:*` or `service:ALL_SUPPORTED` ("Tag policy syntax and examples").
    ResourceType,
    /// An account, or one of the owner aliases ("Declarative policy syntax and examples").
    ImageProvider,
    /// The ARN of a guardrail and a numbered version ("Amazon Bedrock policy syntax and examples").
    Guardrail,
}

impl Value {
    /// What is wrong with one value, if anything.
    pub fn mistake(self, node: &Node) -> Option<Mistake> {
        let text = node.text();
        let written = text.unwrap_or_default();
        let mistake = |what: &str, help: Option<String>| {
            Some(Mistake::at(node, format!("{} is not {what}", node.describe()), help))
        };
        match self {
            Self::Integer(least, most) => match written.parse::<i64>() {
                Ok(number) if (least..=most).contains(&number) => None,
                _ if most == i64::MAX => mistake(&format!("a whole number from {least} on"), None),
                _ => mistake(&format!("a whole number from {least} to {most}"), None),
            },
            Self::Boolean => {
                let known = node.bool().is_some() || matches!(written, "true" | "false");
                if known { None } else { mistake("`true` or `false`", None) }
            }
            _ if !node.to_json().is_string() => mistake("a text in quotes", None),
            Self::Text => None,
            Self::Schedule => cron::mistake(written).map(|what| {
                let help =
                    "such as `cron(0 5 ? * * *)`: minutes, hours, day of month, month, day of week, year".to_owned();
                Mistake::at(node, format!("{} is no schedule: {what}", quote(written)), Some(help))
            }),
            Self::Word(words) if words.contains(&written) => None,
            Self::Word(words) => mistake("a value that is known here", suggest(written, words.iter().copied())),
            Self::RegionOrAll if written == "ALL_SUPPORTED" => None,
            Self::RegionOrAll | Self::Region if is_region(written) => None,
            Self::RegionOrAll => mistake("a Region", Some("such as `eu-west-1`, or `ALL_SUPPORTED`".to_owned())),
            Self::Region => mistake("a Region", Some("such as `eu-west-1`".to_owned())),
            Self::Wildcard if written.matches('*').count() <= 1 => None,
            Self::Wildcard => {
                let help = "a tag value can have one `*`".to_owned();
                Some(Mistake::at(node, format!("{} has more than one `*`", quote(written)), Some(help)))
            }
            Self::ResourceType if is_resource_type(written) => None,
            Self::ResourceType => mistake(
                "a resource type",
                Some("such as `ec2:instance`, or `ec2:ALL_SUPPORTED` for all of a service".to_owned()),
            ),
            Self::ImageProvider
                if matches!(written, "amazon" | "aws_marketplace" | "aws_backup_vault")
                    || written.parse::<AccountId>().is_ok() =>
            {
                None
            }
            Self::ImageProvider => mistake(
                "an image provider",
                Some("an account id, `amazon`, `aws_marketplace` or `aws_backup_vault`".to_owned()),
            ),
            Self::Guardrail if guardrail_region(written).is_some() => None,
            Self::Guardrail => mistake(
                "a guardrail with its version",
                Some(
                    "such as `arn:aws:bedrock:eu-west-1:111122223333:guardrail/abcd1234:2`; a draft cannot be enforced"
                        .to_owned(),
                ),
            ),
        }
    }
}

/// Formed like a Region's name. Whether there is such a Region is not asked: AWS adds more.
pub(super) fn is_region(text: &str) -> bool {
    text.parse::<Region>().is_ok()
}

/// One colon, and no `*` but as the whole type.
fn is_resource_type(text: &str) -> bool {
    let Some((service, kind)) = text.split_once(':') else { return false };
    let word = |part: &str| {
        let allowed = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_' | '/' | '.');
        !part.is_empty() && part.chars().all(allowed)
    };
    word(service) && (kind == "*" || word(kind))
}

/// The Region of a guardrail's ARN with a numbered version.
pub(super) fn guardrail_region(text: &str) -> Option<&str> {
    let parts: Vec<&str> = text.split(':').collect();
    let &["arn", partition, "bedrock", region, account, resource, version] = parts.as_slice() else { return None };
    let id = resource.strip_prefix("guardrail/")?;
    let version: u64 = version.parse().ok()?;
    (partition.starts_with("aws") && is_region(region) && account.parse::<AccountId>().is_ok())
        .then_some(region)
        .filter(|_| !id.is_empty() && version > 0)
}
