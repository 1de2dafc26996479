//! The condition keys that can confine a statement, and what their values name.
//!
//! AWS: "Blocking public access to your Amazon S3 storage" (The meaning of "public"), "AWS global condition context keys",
//! "Condition keys for AWS KMS". Keys that anyone can satisfy from an account of their own (`aws:PrincipalTag/…`,
//! `aws:username`, `aws:PrincipalType`, `aws:VpcSourceIp`, `aws:ViaAWSService`, `kms:ViaService`, `sts:ExternalId`,
//! `aws:Referer`, `aws:SecureTransport`) are not here.

/// What the values of a key name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Names {
    /// 12 digits.
    Account,
    /// `o-…`
    Organization,
    /// `o-…/r-…/ou-…/`: fixed by its organization, whatever follows.
    OrganizationPath,
    /// Fixed by its account, or by its bucket.
    Arn,
    /// A VPC or endpoint id.
    Network,
    Addresses,
    /// `AROA…:session`, `AIDA…`: fixed by the part before the colon.
    UserId,
    /// An AWS service's name.
    Service,
    /// A boolean that only an AWS service makes true.
    IsService,
    /// A boolean that only who can reach the mount target makes true.
    IsMounted,
}

/// In lower case.
const KEYS: [(&str, Names); 25] = [
    ("aws:principalaccount", Names::Account),
    ("aws:principalarn", Names::Arn),
    ("aws:principalisawsservice", Names::IsService),
    ("aws:principalorgid", Names::Organization),
    ("aws:principalorgpaths", Names::OrganizationPath),
    ("aws:principalservicename", Names::Service),
    ("aws:sourceaccount", Names::Account),
    ("aws:sourcearn", Names::Arn),
    ("aws:sourceip", Names::Addresses),
    ("aws:sourceorgid", Names::Organization),
    ("aws:sourceorgpaths", Names::OrganizationPath),
    ("aws:sourceowner", Names::Account),
    ("aws:sourcevpc", Names::Network),
    ("aws:sourcevpcarn", Names::Arn),
    ("aws:sourcevpce", Names::Network),
    ("aws:userid", Names::UserId),
    ("aws:vpceaccount", Names::Account),
    ("aws:vpceorgid", Names::Organization),
    ("aws:vpceorgpaths", Names::OrganizationPath),
    ("elasticfilesystem:accessedviamounttarget", Names::IsMounted),
    ("kms:calleraccount", Names::Account),
    ("s3:dataaccesspointaccount", Names::Account),
    ("s3:dataaccesspointarn", Names::Arn),
    ("s3express:dataaccesspointaccount", Names::Account),
    ("s3express:dataaccesspointarn", Names::Arn),
];

/// What the values of a key name; none of a key that confines nobody.
pub(super) fn names(key: &str) -> Option<Names> {
    // Longer than any of them: not worth a copy.
    if key.len() > 64 {
        return None;
    }
    let lower = key.to_ascii_lowercase();
    KEYS.iter().find(|(known, _)| *known == lower).map(|(_, names)| *names)
}
