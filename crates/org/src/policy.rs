//! Policy files: the types of policy that AWS Organizations has, and a file's document read and made small.

use serde_json::Value;

use crate::json;
use crate::node::{Node, Place};
use crate::problems::Problems;
use crate::yaml;

/// A policy's source may have 100 KB.
const MAX_SOURCE_BYTES: usize = 100 << 10;

/// A type of policy, as AWS Organizations' API and this directory name it.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PolicyType {
    /// `policies/<folder>/` and the key of `policies:`.
    pub folder: &'static str,
    /// The API's `PolicyType`.
    pub aws: &'static str,
    /// The most characters of a document, where published (Quotas for AWS Organizations).
    pub limit: Option<usize>,
    /// The keys that a document must have at its top, where documented.
    pub top: &'static [&'static str],
    /// Policies that AWS itself makes and attaches: they stay, and are not named in the directory.
    pub given: &'static [&'static str],
}

const fn policy_type(
    folder: &'static str,
    aws: &'static str,
    limit: Option<usize>,
    top: &'static [&'static str],
    given: &'static [&'static str],
) -> PolicyType {
    PolicyType { folder, aws, limit, top, given }
}

impl PolicyType {
    /// In the order of their folders' names.
    pub const ALL: &'static [Self] = &[
        policy_type("ai-opt-out", "AISERVICES_OPT_OUT_POLICY", Some(2_500), &["services"], &[]),
        policy_type("backup", "BACKUP_POLICY", Some(10_000), &["plans"], &[]),
        policy_type("bedrock", "BEDROCK_POLICY", None, &["bedrock"], &[]),
        policy_type("chat", "CHATBOT_POLICY", Some(10_000), &["chatbot"], &[]),
        policy_type("declarative-ec2", "DECLARATIVE_POLICY_EC2", Some(10_000), &["ec2_attributes"], &[]),
        policy_type("guardduty", "GUARDDUTY_POLICY", None, &[], &[]),
        policy_type("inspector", "INSPECTOR_POLICY", None, &["inspector"], &[]),
        policy_type(
            "network-security-director",
            "NETWORK_SECURITY_DIRECTOR_POLICY",
            None,
            &["network_security_director"],
            &[],
        ),
        policy_type(
            "resource-control",
            "RESOURCE_CONTROL_POLICY",
            Some(5_120),
            &["Version", "Statement"],
            &["RCPFullAWSAccess"],
        ),
        policy_type("s3", "S3_POLICY", None, &["s3_attributes"], &[]),
        policy_type("security-hub", "SECURITYHUB_POLICY", Some(10_000), &["securityhub"], &[]),
        policy_type("security-hub-cspm", "SECURITYHUB_CSPM_POLICY", None, &[], &[]),
        policy_type(
            "service-control",
            "SERVICE_CONTROL_POLICY",
            Some(10_240),
            &["Version", "Statement"],
            &["FullAWSAccess"],
        ),
        policy_type("tag", "TAG_POLICY", Some(10_000), &["tags"], &[]),
        policy_type("upgrade-rollout", "UPGRADE_ROLLOUT_POLICY", Some(5_120), &["upgrade_rollout"], &[]),
    ];

    pub fn of_folder(folder: &str) -> Option<&'static Self> {
        Self::ALL.iter().find(|kind| kind.folder == folder)
    }

    pub fn of_aws(name: &str) -> Option<&'static Self> {
        Self::ALL.iter().find(|kind| kind.aws == name)
    }
}

/// A policy of the directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    pub kind: &'static PolicyType,
    /// The file's name without its suffix; the policy's name in AWS.
    pub name: String,
    /// The document, as JSON without white space, keys in the author's order.
    pub content: String,
    /// `policies/service-control/default.json`
    pub file: String,
}

impl Policy {
    /// What AWS shows beside the name (at most 512 characters).
    pub fn description(&self) -> String {
        format!("dodai: {}", self.name)
    }
}

/// Reads a policy file. None when its document could not be read.
pub(crate) fn read(kind: &'static PolicyType, name: &str, text: &str, problems: &mut Problems<'_>) -> Option<Policy> {
    if text.len() > MAX_SOURCE_BYTES {
        problems.add(
            Place::FILE,
            format!("the policy is too large: {} bytes", text.len()),
            Some(format!("a policy file has at most {MAX_SOURCE_BYTES} bytes (100 KB)")),
        );
        return None;
    }
    if kind.given.contains(&name) {
        problems.add(
            Place::FILE,
            format!("`{name}` is AWS's own policy and cannot be written"),
            Some("give the policy another name".to_owned()),
        );
    }
    let is_json = std::path::Path::new(problems.file).extension().is_some_and(|suffix| suffix == "json");
    let node = if is_json { json::parse(text, problems) } else { yaml::parse(text, problems) }?;
    let content = document(kind, &node, problems)?;
    Some(Policy { kind, name: name.to_owned(), content, file: problems.file.to_owned() })
}

fn document(kind: &PolicyType, node: &Node, problems: &mut Problems<'_>) -> Option<String> {
    let Value::Object(document) = node.to_json() else {
        problems.add(node.place, format!("a policy must be a map, found {}", node.describe()), None);
        return None;
    };
    for key in kind.top.iter().filter(|key| !document.contains_key(**key)) {
        problems.add(
            node.place,
            format!("`{key}` is missing at the top of this {} policy", kind.folder),
            Some(format!(
                "a {} document has {}",
                kind.aws,
                kind.top.iter().map(|key| format!("`{key}`")).collect::<Vec<_>>().join(" and ")
            )),
        );
    }
    let content = Value::Object(document).to_string();
    let length = content.chars().count();
    if let Some(limit) = kind.limit.filter(|limit| length > *limit) {
        problems.add(
            Place::FILE,
            format!("the policy is too large: {length} characters without white space"),
            Some(format!("a {} has at most {limit}; split it, or use `*` in actions", kind.aws)),
        );
    }
    Some(content)
}
