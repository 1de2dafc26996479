//! Services that act for whoever asks them, and whose guides ask for a condition on whom they act for. Of a service that is
//! not here it is not known whether it sends what such a condition needs.
//!
//! AWS: "The confused deputy problem" (cross-service confused deputy prevention).

/// What a service is let do by a policy that must say whom for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Use {
    /// It calls the resource itself, by the resource's policy.
    Resource,
    /// It takes on a role, by the role's trust policy.
    Role,
}

/// A service, and the page that says so of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Deputy {
    pub service: &'static str,
    pub of: Use,
    /// When it was taken down.
    pub date: &'static str,
    /// The AWS page whose policy has the condition.
    pub source: &'static str,
}

const fn resource(service: &'static str, source: &'static str) -> Deputy {
    Deputy { service, of: Use::Resource, date: "2026-12-01", source }
}

const fn role(service: &'static str, source: &'static str) -> Deputy {
    Deputy { service, of: Use::Role, date: "2026-12-01", source }
}

/// In the order of uses and services.
pub const DEPUTIES: &[Deputy] = &[
    resource("cloudfront.amazonaws.com", "Restrict access to an Amazon S3 origin (Amazon CloudFront Developer Guide)"),
    resource("cloudtrail.amazonaws.com", "Amazon S3 bucket policy for CloudTrail (AWS CloudTrail User Guide)"),
    resource(
        "config.amazonaws.com",
        "Permissions for the Amazon S3 Bucket for the AWS Config Delivery Channel (AWS Config Developer Guide)",
    ),
    resource(
        "events.amazonaws.com",
        "Using resource-based policies for Amazon EventBridge (Amazon EventBridge User Guide)",
    ),
    resource("logging.s3.amazonaws.com", "Enabling Amazon S3 server access logging (Amazon S3 User Guide)"),
    resource(
        "s3.amazonaws.com",
        "Granting permissions to publish event notification messages to a destination (Amazon S3 User Guide)",
    ),
    resource(
        "ses.amazonaws.com",
        "Giving permissions to Amazon SES for email receiving (Amazon Simple Email Service Developer Guide)",
    ),
    resource(
        "sns.amazonaws.com",
        "Subscribing an Amazon SQS queue to an Amazon SNS topic (Amazon Simple Notification Service Developer Guide)",
    ),
    role("bedrock.amazonaws.com", "Cross-service confused deputy prevention (Amazon Bedrock User Guide)"),
    role("codebuild.amazonaws.com", "Cross-service confused deputy prevention (AWS CodeBuild User Guide)"),
    role(
        "scheduler.amazonaws.com",
        "Confused deputy prevention in EventBridge Scheduler (Amazon EventBridge Scheduler User Guide)",
    ),
    role("ssm.amazonaws.com", "Cross-service confused deputy prevention (AWS Systems Manager User Guide)"),
    role(
        "states.amazonaws.com",
        "Creating an IAM role for your state machine in Step Functions (AWS Step Functions Developer Guide)",
    ),
    role("transfer.amazonaws.com", "Cross-service confused deputy prevention (AWS Transfer Family User Guide)"),
    role("vpc-flow-logs.amazonaws.com", "IAM role for publishing flow logs to CloudWatch Logs (Amazon VPC User Guide)"),
];

/// What is known of a service in this use.
pub(super) fn deputy(service: &str, of: Use) -> Option<&'static Deputy> {
    DEPUTIES.iter().find(|deputy| deputy.of == of && deputy.service == service)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_is_named_once_in_order_with_date_and_source() {
        let keys: Vec<(bool, &str)> = DEPUTIES.iter().map(|it| (it.of == Use::Role, it.service)).collect();
        let mut sorted = keys.clone();
        sorted.sort_unstable();
        sorted.dedup();
        assert_eq!(keys, sorted);
        for deputy in DEPUTIES {
            assert!(deputy.date.parse::<jiff::civil::Date>().is_ok(), "{deputy:?}");
            assert!(deputy.service.ends_with(".amazonaws.com") && deputy.source.ends_with(" Guide)"), "{deputy:?}");
        }
    }
}
