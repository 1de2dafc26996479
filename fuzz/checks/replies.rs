//! Replies of every protocol: whatever they are, there is an output of the operation's form or a reason why not.

use dodai_api::read_reply;
use dodai_models::Models;

/// Service and operation, two or more of each protocol.
const OPERATIONS: [(&str, &str); 14] = [
    ("organizations", "ListAccounts"),
    ("config", "DescribeConfigurationRecorders"),
    ("kms", "DescribeKey"),
    ("guardduty", "GetDetector"),
    ("securityhub", "GetEnabledStandards"),
    ("iam", "ListUsers"),
    ("iam", "GetAccountPasswordPolicy"),
    ("sts", "GetCallerIdentity"),
    ("s3", "ListBuckets"),
    ("s3", "GetBucketAcl"),
    ("s3", "GetBucketPolicy"),
    ("s3control", "GetPublicAccessBlock"),
    ("ec2", "DescribeSecurityGroups"),
    ("ec2", "DescribeRegions"),
];
const STATUSES: [u16; 6] = [200, 200, 200, 400, 404, 500];

/// The first byte chooses the operation, the second the status; headers and body follow, an empty line between them.
pub fn replies(bytes: &[u8]) {
    let [operation, status, rest @ ..] = bytes else { return };
    let (service, operation) = OPERATIONS[usize::from(*operation) % OPERATIONS.len()];
    let status = STATUSES[usize::from(*status) % STATUSES.len()];
    let end = rest.windows(2).position(|two| two == b"\n\n");
    let (head, body) = end.map_or((&[][..], rest), |at| (&rest[..at], &rest[at + 2..]));
    let headers = String::from_utf8_lossy(head)
        .lines()
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.trim().to_lowercase(), value.trim().to_owned()))
        .collect();
    let model = Models::embedded().service(service).expect("a service");
    match read_reply(&model, operation, status, headers, body.to_vec().into()) {
        // A reply of which nothing is known is no output.
        Ok(output) => assert!(output.is_object() && status == 200, "{service}.{operation} {status}: {output}"),
        Err(why) => assert!(!why.is_empty()),
    }
}
