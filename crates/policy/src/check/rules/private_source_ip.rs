//! Private addresses as `aws:SourceIp`.

use super::prelude::*;
use crate::check::values::is_private;

pub const RULE: Rule = Rule {
    id: "private-source-ip",
    severity: Severity::Error,
    kinds: Kind::ALL,
    summary: "A private address under `aws:SourceIp`",
    why: "AWS sees a caller's public address. Through a VPC endpoint the key is absent, and the private address stands in `aws:VpcSourceIp`. So the block never matches.",
    repair: "Use the public address of the gateway, or `aws:VpcSourceIp` together with `aws:SourceVpc` or `aws:SourceVpce`.",
    source: "AWS global condition context keys: aws:SourceIp",
    checks: Checks::Document(check),
    bad: &[Example(
        Kind::Identity,
        r#"{"Effect": "Allow", "Action": "s3:ListAllMyBuckets", "Resource": "*", "Condition": {"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}}"#,
    )],
    good: &[Example(
        Kind::Identity,
        r#"{"Effect": "Allow", "Action": "s3:ListAllMyBuckets", "Resource": "*", "Condition": {"IpAddress": {"aws:VpcSourceIp": "10.0.0.0/8"}, "StringEquals": {"aws:SourceVpc": "vpc-0a1b2c3d"}}}"#,
    )],
};

fn check(policy: &Subject<'_>, report: &mut Report<'_>) {
    for condition in policy.statements().flat_map(|statement| &statement.conditions) {
        let address = matches!(condition.operator.comparison, Comparison::IpAddress | Comparison::NotIpAddress);
        if !address || !is(condition, "aws:SourceIp") {
            continue;
        }
        for text in condition.values.iter().filter(|text| is_private(&text.value)) {
            report.add(
                text.place,
                format!(
                    "{} is private, and `aws:SourceIp` is always a public address, so it never matches",
                    quote(&text.value)
                ),
                "use the gateway's public address, or `aws:VpcSourceIp` with `aws:SourceVpc` or `aws:SourceVpce`",
            );
        }
    }
}
