//! What an error code means for whoever asked: one table. Sources: "Common errors" of the services' API references,
//! the AWS SDKs' retry codes, "Error codes for the Amazon EC2 API", S3's "Error responses", "Enable or disable AWS
//! Regions in your account".

use dodai_facts::{FailureKind, Region};

/// AWS refuses because we ask too often, whatever the HTTP status.
const THROTTLED: &[&str] = &[
    "BandwidthLimitExceeded",
    "EC2ThrottledException",
    "PriorRequestNotComplete",
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "RequestThrottled",
    "RequestThrottledException",
    "SlowDown",
    "ThrottledException",
    "Throttling",
    "ThrottlingException",
    "TooManyRequestsException",
    "TooManyRequests",
    "TransactionInProgressException",
];

/// IAM, a policy of the organization, or credentials that are no good.
const DENIED: &[&str] = &[
    "AccessDenied",
    "AccessDeniedException",
    "AccountProblem",
    "AllAccessDisabled",
    "AuthFailure",
    "AuthorizationError",
    "AuthorizationErrorException",
    "Blocked",
    "ExpiredToken",
    "ExpiredTokenException",
    "Forbidden",
    "ForbiddenException",
    "IncompleteSignature",
    "IncompleteSignatureException",
    "InvalidAccessException",
    "InvalidAccessKeyId",
    "InvalidClientTokenId",
    "InvalidSignature",
    "InvalidSignatureException",
    "InvalidToken",
    "KMS.AccessDeniedException",
    "MissingAuthenticationToken",
    "MissingAuthenticationTokenException",
    "NotAuthorized",
    "NotAuthorizedException",
    "NotSignedUp",
    "OperationNotPermitted",
    "OptInRequired",
    "PendingVerification",
    "RequestExpired",
    "RequestTimeTooSkewed",
    "SignatureDoesNotMatch",
    "SubscriptionRequiredException",
    "UnauthorizedAccess",
    "UnauthorizedException",
    "UnauthorizedOperation",
    "UnrecognizedClientException",
];

/// What a Region answers that the account has not enabled. The same codes mean bad credentials elsewhere.
const OPTED_OUT: &[&str] = &[
    "AuthFailure",
    "InvalidAccessKeyId",
    "InvalidClientTokenId",
    "InvalidToken",
    "OptInRequired",
    "UnrecognizedClientException",
];

/// AWS fails, though the status may say otherwise.
const FAULT: &[&str] = &[
    "InternalError",
    "InternalErrorException",
    "InternalFailure",
    "InternalFailureException",
    "InternalServerError",
    "InternalServerErrorException",
    "InternalServerException",
    "InternalServiceError",
    "InternalServiceErrorException",
    "InternalServiceException",
    "RequestTimeout",
    "RequestTimeoutException",
    "ServerException",
    "ServiceException",
    "ServiceUnavailable",
    "ServiceUnavailableException",
    "ServiceUnavailableError",
    "Unavailable",
    "UnknownError",
];

/// Regions that every account has from its beginning; all later ones must be enabled.
const DEFAULT_REGIONS: &[&str] = &[
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-northeast-3",
    "ap-south-1",
    "ap-southeast-1",
    "ap-southeast-2",
    "ca-central-1",
    "eu-central-1",
    "eu-north-1",
    "eu-west-1",
    "eu-west-2",
    "eu-west-3",
    "sa-east-1",
    "us-east-1",
    "us-east-2",
    "us-west-1",
    "us-west-2",
];

fn must_be_enabled(region: &Region) -> bool {
    region.partition().as_str() == "aws" && !DEFAULT_REGIONS.contains(&region.as_str())
}

/// EC2 puts `Client.` or `Server.` in front in some of its replies.
fn bare(code: &str) -> &str {
    code.strip_prefix("Client.").or_else(|| code.strip_prefix("Server.")).unwrap_or(code)
}

/// The kind of an error that AWS gave.
pub(crate) fn kind(code: &str, status: u16, message: &str, region: &Region) -> FailureKind {
    let code = bare(code);
    let any = |codes: &[&str]| codes.contains(&code);
    if any(THROTTLED) || status == 429 || code.starts_with("Throttl") || message.contains("Rate exceeded") {
        FailureKind::Throttled
    } else if any(OPTED_OUT) && must_be_enabled(region) {
        FailureKind::OptedOut
    } else if any(DENIED) || code.starts_with("AccessDenied") || code.starts_with("ExplicitDeny") {
        FailureKind::Denied
    } else if any(FAULT) || status >= 500 {
        FailureKind::Fault
    } else if is_absent(code, status) {
        FailureKind::Absent
    } else if status == 401 || status == 403 {
        FailureKind::Denied
    } else {
        FailureKind::Invalid
    }
}

/// Names of absence: `NoSuchEntity`, `ResourceNotFoundException`, `InvalidVpcID.NotFound`, `QueueDoesNotExist`. Only with
/// a status that says so too.
fn is_absent(code: &str, status: u16) -> bool {
    let says_so = ["NotFound", "NoSuch", "DoesNotExist", "NonExistent"].iter().any(|part| code.contains(part));
    // These say that the request names no operation: nothing about any resource.
    let of_the_request = ["UnknownOperation", "InvalidAction", "NotFoundAction"].iter().any(|part| code.contains(part));
    says_so && !of_the_request && matches!(status, 200 | 400 | 404 | 409 | 410)
}

/// Credentials that were good and are no longer: worth one new session.
pub(crate) fn is_expired(code: &str) -> bool {
    matches!(bare(code), "ExpiredToken" | "ExpiredTokenException" | "RequestExpired")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_have_kinds() {
        use FailureKind::{Absent, Denied, Fault, Invalid, OptedOut, Throttled};
        for (code, status, message, region, expected) in [
            ("TooManyRequestsException", 400, "", "us-east-1", Throttled),
            ("Throttling", 400, "Rate exceeded", "us-east-1", Throttled),
            ("ThrottlingException", 400, "", "us-east-1", Throttled),
            ("RequestLimitExceeded", 503, "", "us-east-1", Throttled),
            ("Client.RequestLimitExceeded", 503, "", "us-east-1", Throttled),
            ("SlowDown", 503, "", "us-east-1", Throttled),
            ("Anything", 429, "", "us-east-1", Throttled),
            ("LimitExceededException", 400, "Rate exceeded", "us-east-1", Throttled),
            ("LimitExceededException", 400, "at most 5 trails", "us-east-1", Invalid),
            ("AccessDeniedException", 400, "", "us-east-1", Denied),
            ("AccessDenied", 403, "", "us-east-1", Denied),
            ("AccessDeniedForDependencyException", 400, "", "us-east-1", Denied),
            ("UnauthorizedOperation", 403, "", "us-east-1", Denied),
            ("InvalidClientTokenId", 403, "", "us-east-1", Denied),
            ("InvalidClientTokenId", 403, "", "ap-east-1", OptedOut),
            ("AuthFailure", 401, "", "me-south-1", OptedOut),
            ("AuthFailure", 401, "", "eu-west-1", Denied),
            ("UnrecognizedClientException", 400, "", "af-south-1", OptedOut),
            ("UnrecognizedClientException", 400, "", "cn-north-1", Denied),
            ("OptInRequired", 403, "", "us-east-1", Denied),
            ("ExpiredToken", 400, "", "us-east-1", Denied),
            ("SomethingNew", 403, "", "us-east-1", Denied),
            ("NoSuchEntity", 404, "", "us-east-1", Absent),
            ("NoSuchBucketPolicy", 404, "", "us-east-1", Absent),
            ("ServerSideEncryptionConfigurationNotFoundError", 404, "", "us-east-1", Absent),
            ("ResourceNotFoundException", 400, "", "us-east-1", Absent),
            ("InvalidVpcID.NotFound", 400, "", "us-east-1", Absent),
            ("AWS.SimpleQueueService.NonExistentQueue", 400, "", "us-east-1", Absent),
            ("UnknownOperationException", 404, "", "us-east-1", Invalid),
            ("ResourceNotFoundException", 500, "", "us-east-1", Fault),
            ("InternalError", 500, "", "us-east-1", Fault),
            ("RequestTimeout", 400, "", "us-east-1", Fault),
            ("ServiceUnavailable", 503, "", "us-east-1", Fault),
            ("ValidationException", 400, "", "us-east-1", Invalid),
            ("BadRequestException", 400, "", "us-east-1", Invalid),
            ("ConflictException", 409, "", "us-east-1", Invalid),
        ] {
            let region: Region = region.parse().unwrap();
            assert_eq!(kind(code, status, message, &region), expected, "{code} {status} {region}");
        }
    }
}
