//! The condition keys that are not of one service, as AWS's page "AWS global condition context keys" has them: their
//! kinds, whether they may have several values, and when they are in the request context.

use std::sync::LazyLock;

use super::model::{Availability, ConditionKey, KeyKind};
use super::names;
use Availability::{Always, Signed, Sometimes};
use KeyKind::{Arn, Bool, Date, Ip, Numeric, String as Text};

/// Name, kind, whether it has several values, availability; in the order of the page.
const KEYS: &[(&str, KeyKind, bool, Availability)] = &[
    // Properties of the principal.
    ("aws:PrincipalArn", Arn, false, Signed),
    ("aws:PrincipalAccount", Text, false, Always),
    ("aws:PrincipalOrgPaths", Text, true, Sometimes),
    ("aws:PrincipalOrgID", Text, false, Sometimes),
    ("aws:PrincipalTag/${TagKey}", Text, false, Sometimes),
    ("aws:PrincipalIsAWSService", Bool, false, Signed),
    ("aws:PrincipalServiceName", Text, false, Sometimes),
    ("aws:PrincipalServiceNamesList", Text, true, Sometimes),
    ("aws:PrincipalType", Text, false, Always),
    ("aws:userid", Text, false, Always),
    ("aws:username", Text, false, Sometimes),
    // Properties of a role session. Those of services are in requests to other services too.
    ("aws:AssumedRoot", Text, false, Sometimes),
    ("aws:FederatedProvider", Text, false, Sometimes),
    ("aws:TokenIssueTime", Date, false, Sometimes),
    ("aws:MultiFactorAuthAge", Numeric, false, Sometimes),
    ("aws:MultiFactorAuthPresent", Bool, false, Sometimes),
    ("aws:ChatbotSourceArn", Arn, false, Sometimes),
    ("aws:Ec2InstanceSourceVpc", Text, false, Sometimes),
    ("aws:Ec2InstanceSourcePrivateIPv4", Ip, false, Sometimes),
    ("aws:SignInSessionArn", Arn, false, Sometimes),
    ("aws:SourceIdentity", Text, false, Sometimes),
    ("codebuild:BuildArn", Arn, false, Sometimes),
    ("codebuild:ProjectArn", Arn, false, Sometimes),
    ("ec2:RoleDelivery", Numeric, false, Sometimes),
    ("ec2:SourceInstanceArn", Arn, false, Sometimes),
    ("glue:CredentialIssuingService", Text, false, Sometimes),
    ("glue:RoleAssumedBy", Text, false, Sometimes),
    ("identitystore:UserId", Text, false, Sometimes),
    ("lambda:SourceFunctionArn", Arn, false, Sometimes),
    ("ssm:SourceInstanceArn", Arn, false, Sometimes),
    // Properties of the network.
    ("aws:SourceIp", Ip, false, Sometimes),
    ("aws:SourceVpc", Text, false, Sometimes),
    ("aws:SourceVpcArn", Arn, false, Sometimes),
    ("aws:SourceVpce", Text, false, Sometimes),
    ("aws:VpceAccount", Text, false, Sometimes),
    ("aws:VpceOrgID", Text, false, Sometimes),
    ("aws:VpceOrgPaths", Text, true, Sometimes),
    ("aws:VpcSourceIp", Ip, false, Sometimes),
    // Properties of the resource.
    ("aws:ResourceAccount", Text, false, Sometimes),
    ("aws:ResourceOrgID", Text, false, Sometimes),
    ("aws:ResourceOrgPaths", Text, true, Sometimes),
    ("aws:ResourceTag/${TagKey}", Text, false, Sometimes),
    // Properties of the request.
    ("aws:CalledVia", Text, true, Sometimes),
    ("aws:CalledViaFirst", Text, false, Sometimes),
    ("aws:CalledViaLast", Text, false, Sometimes),
    ("aws:CalledViaAWSMCP", Text, false, Sometimes),
    ("aws:CurrentTime", Date, false, Always),
    ("aws:EpochTime", Date, false, Always),
    ("aws:referer", Text, false, Sometimes),
    ("aws:RequestedRegion", Text, false, Always),
    ("aws:RequestTag/${TagKey}", Text, false, Sometimes),
    ("aws:SecureTransport", Bool, false, Always),
    ("aws:SourceAccount", Text, false, Sometimes),
    ("aws:SourceArn", Arn, false, Sometimes),
    ("aws:SourceOrgID", Text, false, Sometimes),
    ("aws:SourceOrgPaths", Text, true, Sometimes),
    ("aws:SourceOwner", Text, false, Sometimes),
    ("aws:TagKeys", Text, true, Sometimes),
    ("aws:UserAgent", Text, false, Always),
    ("aws:ViaAWSMCPService", Bool, false, Sometimes),
    ("aws:ViaAWSService", Bool, false, Always),
];

/// All of them, in the order of the page.
pub(super) fn all() -> &'static [ConditionKey] {
    static ALL: LazyLock<Vec<ConditionKey>> = LazyLock::new(|| {
        let key = |&(name, kind, multivalued, availability): &(&str, KeyKind, bool, Availability)| ConditionKey {
            name: name.to_owned(),
            kind,
            multivalued,
            availability,
        };
        KEYS.iter().map(key).collect()
    });
    &ALL
}

/// The one that a key of a policy is.
pub(super) fn find(key: &str) -> Option<&'static ConditionKey> {
    all().iter().find(|documented| names::fits(&documented.name, key))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_key_is_there_once() {
        for key in all() {
            let fitting = all().iter().filter(|other| names::fits(&other.name, &key.name)).count();
            assert_eq!(fitting, 1, "{}", key.name);
        }
    }

    #[test]
    fn keys_are_found_as_policies_write_them() {
        let check = |key, expected: Option<&str>| assert_eq!(find(key).map(|key| key.name.as_str()), expected, "{key}");
        check("aws:principalorgid", Some("aws:PrincipalOrgID"));
        check("aws:PrincipalTag/Team", Some("aws:PrincipalTag/${TagKey}"));
        check("aws:PrincipalTag", None);
        check("aws:PrincipalOrgId2", None);
        check("ec2:SourceInstanceARN", Some("ec2:SourceInstanceArn"));
        check("s3:prefix", None);
    }
}
