//! Services that act for whoever asks them.

use super::prelude::*;
use crate::check::capability::narrows;

pub const RULE: Rule = Rule {
    id: "confused-deputy",
    severity: Severity::Warning,
    kinds: &[Kind::Resource, Kind::Trust],
    summary: "Access for an AWS service, whoever makes it act",
    why: "The service acts for other customers too: one of them can have it use this resource in their name.",
    repair: "Add a condition on `aws:SourceAccount`, `aws:SourceArn` or `aws:SourceOrgID`.",
    source: "The confused deputy problem",
    checks: Checks::Document(check),
    bad: &[
        Example(
            Kind::Resource,
            r#"{"Effect": "Allow", "Principal": {"Service": "sns.amazonaws.com"}, "Action": "sqs:SendMessage", "Resource": "arn:aws:sqs:eu-west-1:111122223333:q"}"#,
        ),
        Example(
            Kind::Resource,
            r#"{"Effect": "Allow", "Principal": {"Service": "sns.amazonaws.com"}, "Action": "sqs:SendMessage", "Resource": "arn:aws:sqs:eu-west-1:111122223333:q", "Condition": {"StringLike": {"aws:SourceArn": "*"}}}"#,
        ),
        Example(
            Kind::Trust,
            r#"{"Effect": "Allow", "Principal": {"Service": "scheduler.amazonaws.com"}, "Action": "sts:AssumeRole"}"#,
        ),
    ],
    good: &[
        Example(
            Kind::Trust,
            r#"{"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}"#,
        ),
        Example(
            Kind::Resource,
            r#"{"Effect": "Allow", "Principal": {"Service": "sns.amazonaws.com"}, "Action": "sqs:SendMessage", "Resource": "arn:aws:sqs:eu-west-1:111122223333:q", "Condition": {"ArnLike": {"aws:SourceArn": "arn:aws:sns:eu-west-1:111122223333:t"}}}"#,
        ),
        Example(
            Kind::Resource,
            r#"{"Effect": "Allow", "Principal": {"Service": "logdelivery.elasticloadbalancing.amazonaws.com"}, "Action": "s3:PutObject", "Resource": "arn:aws:s3:::b/AWSLogs/111122223333/*"}"#,
        ),
    ],
};

/// Services that are documented to send the source of the resource policies' requests, and that act for others than
/// the resource's owner. Of services that are not here it is not sure.
const SEND: &[&str] = &[
    "cloudfront.amazonaws.com",
    "cloudtrail.amazonaws.com",
    "config.amazonaws.com",
    "events.amazonaws.com",
    "logging.s3.amazonaws.com",
    "s3.amazonaws.com",
    "ses.amazonaws.com",
    "sns.amazonaws.com",
];

/// Services whose guides ask for these conditions in the trust policies of their roles ("Cross-service confused deputy
/// prevention").
const TRUSTED: &[&str] = &[
    "bedrock.amazonaws.com",
    "codebuild.amazonaws.com",
    "scheduler.amazonaws.com",
    "ssm.amazonaws.com",
    "states.amazonaws.com",
    "transfer.amazonaws.com",
    "vpc-flow-logs.amazonaws.com",
];

/// Keys that say who made the service act.
const SOURCE: &[&str] = &[
    "aws:SourceArn",
    "aws:SourceAccount",
    "aws:SourceOwner",
    "aws:SourceOrgID",
    "aws:SourceOrgPaths",
    "aws:referer",
    "aws:ResourceAccount",
    "aws:PrincipalOrgID",
    "kms:ViaService",
    "kms:CallerAccount",
];

fn check(policy: &Subject<'_>, report: &mut Report<'_>) {
    let used = if policy.kind == Kind::Trust { "role" } else { "resource" };
    for statement in policy.allows() {
        let open = |condition: &Condition| {
            let context = condition.key.value.to_ascii_lowercase().starts_with("kms:encryptioncontext");
            !(narrows(condition) && (context || is_any(condition, SOURCE)))
        };
        let Some(principals) = statement.principals.as_ref().filter(|principals| !principals.negated) else { continue };
        if !statement.conditions.iter().all(open) {
            continue;
        }
        for service in principals.values.iter().filter(|one| one.kind == PrincipalKind::Service) {
            let known = if policy.kind == Kind::Trust { TRUSTED } else { SEND };
            if known.contains(&service.value.value.as_str()) {
                report.add(
                    service.value.place,
                    format!("{} may use the {used} on behalf of any customer of AWS", quote(&service.value.value)),
                    "add a condition on `aws:SourceAccount`, `aws:SourceArn` or `aws:SourceOrgID`",
                );
            }
        }
    }
}
