//! How long the policy of a resource may be: each service says so itself. Which service a policy is for is told by its
//! actions, which are all of the service that the resource is of.

use std::collections::BTreeSet;

use crate::language::Document;

/// What AWS publishes for the resources of one service. None of these can be raised.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ResourceLimit {
    /// The prefix of the service's actions.
    pub service: &'static str,
    /// As in a sentence: `a bucket policy`.
    pub name: &'static str,
    /// The most bytes of a document. Most services count white space too; what is too long without it is so anyway.
    pub bytes: usize,
    /// As read on.
    pub date: &'static str,
    /// The AWS page.
    pub source: &'static str,
}

const fn limit(service: &'static str, name: &'static str, bytes: usize, source: &'static str) -> ResourceLimit {
    ResourceLimit { service, name, bytes, date: "2026-11-22", source }
}

/// In the order of services.
pub const RESOURCE_LIMITS: &[ResourceLimit] = &[
    limit("dynamodb", "a policy of a DynamoDB table", 20_480, "PutResourcePolicy (Amazon DynamoDB API Reference)"),
    limit("ecr", "a repository policy of ECR", 10_240, "SetRepositoryPolicy (Amazon ECR API Reference)"),
    limit("elasticfilesystem", "a file system policy of EFS", 20_000, "PutFileSystemPolicy (Amazon EFS API Reference)"),
    limit("events", "a policy of an event bus", 10_240, "PutPermission (Amazon EventBridge API Reference)"),
    limit("kms", "a key policy of KMS", 32_768, "Resource quotas (AWS KMS Developer Guide)"),
    limit("lambda", "a policy of a Lambda function", 20_480, "Lambda quotas"),
    limit("s3", "a bucket policy", 20_480, "Amazon S3 endpoints and quotas"),
    limit("secretsmanager", "a policy of a secret", 20_480, "PutResourcePolicy (AWS Secrets Manager API Reference)"),
    limit("sns", "a topic policy of SNS", 30_720, "Amazon SNS API permissions: Actions and resources reference"),
    limit("sqs", "a queue policy of SQS", 8_192, "Amazon SQS policy quotas"),
];

/// The limit of a resource-based policy; none where its actions are not all of one service, or that service's limit is
/// not among these.
pub fn resource_limit(document: &Document) -> Option<&'static ResourceLimit> {
    let actions = document.statements.iter().flat_map(|statement| &statement.actions.values);
    let services: BTreeSet<String> = actions
        .filter_map(|action| action.value.split_once(':'))
        .map(|(service, _)| service.to_ascii_lowercase())
        .collect();
    let service = services.first().filter(|_| services.len() == 1)?;
    RESOURCE_LIMITS.iter().find(|limit| limit.service == service)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::read_json;
    use crate::reference::Reference;

    #[test]
    fn the_service_is_that_of_all_actions() {
        let check = |actions: &str, expected: Option<&str>| {
            let text =
                format!(r#"{{"Statement": {{"Effect": "Allow", "Principal": "*", {actions}, "Resource": "*"}}}}"#);
            let document = read_json("policy.json", &text).unwrap();
            assert_eq!(resource_limit(&document).map(|limit| limit.name), expected, "{actions}");
        };
        check(r#""Action": "s3:GetObject""#, Some("a bucket policy"));
        check(r#""Action": ["SQS:SendMessage", "sqs:*", "*"]"#, Some("a queue policy of SQS"));
        check(r#""NotAction": "kms:Delete*""#, Some("a key policy of KMS"));
        check(r#""Action": ["s3:GetObject", "kms:Decrypt"]"#, None);
        check(r#""Action": "*""#, None);
        check(r#""Action": "glacier:*""#, None);
    }

    #[test]
    fn services_are_in_order_and_known() {
        let services: Vec<&str> = RESOURCE_LIMITS.iter().map(|limit| limit.service).collect();
        assert_eq!(services, services.iter().copied().collect::<BTreeSet<_>>().into_iter().collect::<Vec<_>>());
        for service in services {
            assert!(Reference::embedded().service(service).is_some(), "{service}");
        }
    }
}
