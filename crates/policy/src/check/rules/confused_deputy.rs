//! Services that act for whoever asks them.

use super::prelude::*;
use crate::check::capability::narrows;
use crate::check::deputies::{Use, deputy};

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
    let (used, of) = if policy.kind == Kind::Trust { ("role", Use::Role) } else { ("resource", Use::Resource) };
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
            if let Some(known) = deputy(&service.value.value, of) {
                report.add(
                    service.value.place,
                    format!("{} may use the {used} on behalf of any customer of AWS", quote(known.service)),
                    format!(
                        "add a condition on `aws:SourceAccount`, `aws:SourceArn` or `aws:SourceOrgID` (AWS: {})",
                        known.source
                    ),
                );
            }
        }
    }
}
