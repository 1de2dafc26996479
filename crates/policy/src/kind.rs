//! The types of policy that AWS Organizations has.

/// A type of policy, as AWS Organizations' API and the organization directory name it.
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
