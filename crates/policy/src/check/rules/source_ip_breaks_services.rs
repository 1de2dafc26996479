//! Calls that services make for a user come from their addresses.

use super::prelude::*;

pub const RULE: Rule = Rule {
    id: "source-ip-breaks-services",
    severity: Severity::Warning,
    kinds: &[Kind::ServiceControl, Kind::ResourceControl, Kind::Identity, Kind::Resource],
    summary: "A deny by source address that spares no calls made by AWS services",
    why: "CloudFormation, Athena and others call on in the user's name, from their own addresses: what users start there fails.",
    repair: "Add `\"Bool\": {\"aws:ViaAWSService\": \"false\"}`, in resource policies also `\"aws:PrincipalIsAWSService\": \"false\"`.",
    source: "AWS: Denies access to AWS based on the source IP",
    checks: Checks::Document(check),
    bad: &[Example(
        Kind::Identity,
        r#"{"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": {"NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"}}}"#,
    )],
    good: &[Example(
        Kind::Identity,
        r#"{"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": {"NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"}, "Bool": {"aws:ViaAWSService": "false"}}}"#,
    )],
};

/// Conditions on these show that the author thought of it.
const SPARING: &[&str] = &[
    "aws:ViaAWSService",
    "aws:CalledVia",
    "aws:CalledViaFirst",
    "aws:CalledViaLast",
    "aws:PrincipalIsAWSService",
    "aws:PrincipalServiceName",
    "aws:SourceVpc",
    "aws:SourceVpce",
    "aws:SourceAccount",
    "aws:SourceArn",
    "aws:SourceOrgID",
];

fn check(policy: &Subject<'_>, report: &mut Report<'_>) {
    for statement in policy.denies() {
        if statement.conditions.iter().any(|condition| is_any(condition, SPARING)) {
            continue;
        }
        let by_address = |it: &&Condition| it.operator.comparison == Comparison::NotIpAddress && is(it, "aws:SourceIp");
        if let Some(condition) = statement.conditions.iter().find(by_address) {
            report.add(
                condition.key.place,
                "calls that AWS services make in a user's name come from other addresses, and are denied too",
                "add `\"Bool\": {\"aws:ViaAWSService\": \"false\"}`",
            );
        }
    }
}
