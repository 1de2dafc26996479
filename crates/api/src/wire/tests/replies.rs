//! Replies and errors of every protocol, and what is none of AWS's.

use dodai_models::Models;
use serde_json::{Value, json};

use super::super::{Decoded, Reply, decode};

fn read(service: &str, operation: &str, status: u16, headers: &[(&str, &str)], body: &str) -> Decoded {
    let model = Models::embedded().service(service).unwrap();
    let reply = Reply {
        status,
        headers: headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
        body: body.as_bytes().to_vec().into(),
    };
    decode(&model, operation, model.operation(operation).unwrap(), &reply)
}

fn check_reply(service: &str, operation: &str, headers: &[(&str, &str)], body: &str, expected: Value) {
    assert_eq!(read(service, operation, 200, headers, body), Decoded::Output(expected), "{service}.{operation}");
}

#[test]
fn json_replies_are_read_by_the_model() {
    check_reply(
        "organizations",
        "ListAccounts",
        &[],
        r#"{"Accounts": [{"Id": "111122223333", "JoinedTimestamp": 1767323045.25, "New": 1, "Email": null}], "NextToken": null}"#,
        json!({"Accounts": [{"Id": "111122223333", "JoinedTimestamp": "2026-01-02T03:04:05.25Z"}]}),
    );
    check_reply("organizations", "ListAccounts", &[], r#"{"Accounts": []}"#, json!({"Accounts": []}));
    check_reply("organizations", "AttachPolicy", &[], "", json!({}));
    check_reply(
        "config",
        "DescribeConfigurationRecorders",
        &[],
        r#"{"ConfigurationRecorders": [{"recordingGroup": {"allSupported": "true"}}]}"#,
        json!({"ConfigurationRecorders": [{"recordingGroup": {"allSupported": true}}]}),
    );
    check_reply(
        "guardduty",
        "GetDetector",
        &[],
        r#"{"serviceRole": "r", "status": "ENABLED", "tags": {"a": "b"}, "features": [{"name": "EKS", "updatedAt": 1.767323045E9}]}"#,
        json!({"ServiceRole": "r", "Status": "ENABLED", "Features": [{"Name": "EKS", "UpdatedAt": "2026-01-02T03:04:05Z"}], "Tags": {"a": "b"}}),
    );
}

#[test]
fn xml_replies_are_read_by_the_model() {
    check_reply(
        "s3",
        "GetBucketPolicy",
        &[],
        r#"{"Version": "2012-10-17"}"#,
        json!({"Policy": r#"{"Version": "2012-10-17"}"#}),
    );
    check_reply(
        "s3",
        "GetBucketLocation",
        &[],
        r#"<LocationConstraint xmlns="http://s3.amazonaws.com/doc/2006-03-01/">eu-west-1</LocationConstraint>"#,
        json!({"LocationConstraint": "eu-west-1"}),
    );
    check_reply("s3", "GetBucketLocation", &[], r#"<?xml version="1.0"?><LocationConstraint xmlns="x"/>"#, json!({}));
    check_reply(
        "s3",
        "ListObjectsV2",
        &[],
        "<ListBucketResult><IsTruncated>false</IsTruncated><KeyCount>2</KeyCount><!-- c -->\
         <Contents><Key>a&amp;b &#x3c;</Key><LastModified>2026-01-02T03:04:05.000Z</LastModified><Size>7</Size><New/></Contents>\
         <Contents><Key><![CDATA[<k>]]></Key></Contents></ListBucketResult>",
        json!({"IsTruncated": false, "KeyCount": 2, "Contents": [
            {"Key": "a&b <", "LastModified": "2026-01-02T03:04:05Z", "Size": 7}, {"Key": "<k>"}]}),
    );
    check_reply(
        "s3",
        "GetBucketAcl",
        &[],
        "<AccessControlPolicy><Owner><ID>o</ID></Owner><AccessControlList><Grant>\
         <Grantee xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xsi:type=\"Group\"><URI>u</URI></Grantee>\
         <Permission>READ</Permission></Grant></AccessControlList></AccessControlPolicy>",
        json!({"Owner": {"ID": "o"}, "Grants": [{"Grantee": {"Type": "Group", "URI": "u"}, "Permission": "READ"}]}),
    );
    check_reply(
        "s3",
        "HeadObject",
        &[
            ("last-modified", "Fri, 02 Jan 2026 03:04:05 GMT"),
            ("content-length", "12"),
            ("x-amz-server-side-encryption-bucket-key-enabled", "true"),
            ("x-amz-meta-a", "b"),
        ],
        "",
        json!({"LastModified": "2026-01-02T03:04:05Z", "ContentLength": 12, "BucketKeyEnabled": true, "Metadata": {"a": "b"}}),
    );
    check_reply(
        "s3control",
        "GetPublicAccessBlock",
        &[],
        "<PublicAccessBlockConfiguration><BlockPublicAcls>true</BlockPublicAcls></PublicAccessBlockConfiguration>",
        json!({"PublicAccessBlockConfiguration": {"BlockPublicAcls": true}}),
    );
}

#[test]
fn query_replies_are_read_by_the_model() {
    check_reply(
        "iam",
        "ListUsers",
        &[],
        "<ListUsersResponse><ListUsersResult><Users><member><UserName> u </UserName><CreateDate>2026-01-02T03:04:05Z</CreateDate>\
         </member></Users><IsTruncated>false</IsTruncated></ListUsersResult><ResponseMetadata/></ListUsersResponse>",
        json!({"Users": [{"UserName": " u ", "CreateDate": "2026-01-02T03:04:05Z"}], "IsTruncated": false}),
    );
    check_reply(
        "iam",
        "ListUsers",
        &[],
        "<ListUsersResponse><ListUsersResult><Users/></ListUsersResult></ListUsersResponse>",
        json!({"Users": []}),
    );
    check_reply(
        "iam",
        "GetRolePolicy",
        &[],
        "<GetRolePolicyResponse><GetRolePolicyResult><PolicyName>p%7B</PolicyName><PolicyDocument>%7B%22a%22%3A%22%C3%A9%2B%2B%22%7D\
         </PolicyDocument></GetRolePolicyResult></GetRolePolicyResponse>",
        json!({"PolicyName": "p%7B", "PolicyDocument": "{\"a\":\"é++\"}"}),
    );
    check_reply(
        "iam",
        "GetAccountSummary",
        &[],
        "<GetAccountSummaryResponse><GetAccountSummaryResult><SummaryMap><entry><key>Users</key><value>3</value></entry>\
         </SummaryMap></GetAccountSummaryResult></GetAccountSummaryResponse>",
        json!({"SummaryMap": {"Users": 3}}),
    );
    check_reply(
        "ec2",
        "DescribeVpcs",
        &[],
        "<DescribeVpcsResponse xmlns=\"http://ec2.amazonaws.com/doc/2016-11-15/\"><requestId>r</requestId><vpcSet><item>\
         <vpcId>vpc-1</vpcId><isDefault>true</isDefault><tagSet/></item></vpcSet></DescribeVpcsResponse>",
        json!({"Vpcs": [{"VpcId": "vpc-1", "IsDefault": true, "Tags": []}]}),
    );
}

#[test]
fn errors_are_read_in_every_form() {
    let check = |service: &str, operation: &str, status: u16, headers: &[(&str, &str)], body: &str, expected: &str| {
        let found = match read(service, operation, status, headers, body) {
            Decoded::Error(error) => {
                format!("{} | {} | {}", error.code, error.message, error.request_id.as_deref().unwrap_or("-"))
            }
            other => format!("{other:?}"),
        };
        assert_eq!(found, expected, "{service}.{operation} {status}");
    };
    check(
        "organizations",
        "ListAccounts",
        400,
        &[("x-amzn-requestid", "r1")],
        r#"{"__type": "com.amazonaws.organizations#TooManyRequestsException", "Message": "slow"}"#,
        "TooManyRequestsException | slow | r1",
    );
    check(
        "guardduty",
        "GetDetector",
        400,
        &[("x-amzn-errortype", "BadRequestException:http://internal/")],
        r#"{"message": "no"}"#,
        "BadRequestException | no | -",
    );
    check(
        "guardduty",
        "GetDetector",
        403,
        &[("x-amzn-errortype", "AccessDeniedException")],
        "",
        "AccessDeniedException |  | -",
    );
    check("guardduty", "GetDetector", 400, &[], r#"{"code": "X", "message": "m"}"#, "X | m | -");
    check(
        "sqs",
        "GetQueueAttributes",
        400,
        &[("x-amzn-query-error", "AWS.SimpleQueueService.NonExistentQueue;Sender")],
        r#"{"__type": "com.amazonaws.sqs#QueueDoesNotExist", "message": "m"}"#,
        "AWS.SimpleQueueService.NonExistentQueue | m | -",
    );
    check(
        "iam",
        "ListUsers",
        403,
        &[],
        "<ErrorResponse xmlns=\"x\"><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>a &lt; b</Message></Error>\
         <RequestId>r2</RequestId></ErrorResponse>",
        "AccessDenied | a < b | r2",
    );
    check(
        "ec2",
        "DescribeVpcs",
        400,
        &[],
        "<?xml version=\"1.0\"?><Response><Errors><Error><Code>InvalidVpcID.NotFound</Code><Message>m</Message></Error></Errors>\
         <RequestID>r3</RequestID></Response>",
        "InvalidVpcID.NotFound | m | r3",
    );
    check(
        "s3",
        "GetBucketPolicy",
        404,
        &[],
        "<Error><Code>NoSuchBucketPolicy</Code><Message>m</Message><BucketName>b</BucketName><RequestId>r4</RequestId></Error>",
        "NoSuchBucketPolicy | m | r4",
    );
    check(
        "s3control",
        "GetPublicAccessBlock",
        404,
        &[],
        "<ErrorResponse><Error><Code>NoSuchPublicAccessBlockConfiguration</Code><Message>m</Message></Error></ErrorResponse>",
        "NoSuchPublicAccessBlockConfiguration | m | -",
    );
    // S3 fails after it has said 200.
    check(
        "s3",
        "CopyObject",
        200,
        &[],
        "<Error><Code>InternalError</Code><Message>m</Message></Error>",
        "InternalError | m | -",
    );
    check("s3", "HeadBucket", 404, &[("x-amz-request-id", "r5")], "", "NotFound |  | r5");
}

#[test]
fn what_is_not_of_aws_is_never_an_answer() {
    let html = "<!DOCTYPE html><html><head><title>404 Not Found</title></head></html>";
    for (service, operation, status, body) in [
        ("s3", "GetBucketPolicy", 404, html),
        ("s3", "GetBucketPolicy", 404, ""),
        ("s3", "HeadBucket", 404, ""),
        ("s3", "ListBuckets", 200, html),
        ("s3", "ListBuckets", 200, "<html><body/></html>"),
        ("s3", "ListBuckets", 200, ""),
        ("s3", "GetBucketEncryption", 200, ""),
        ("s3control", "GetPublicAccessBlock", 200, ""),
        ("s3", "ListBuckets", 200, "<ListAllMyBucketsResult><Buckets><Bucket><Name>a</Name></Bucket>"),
        ("s3", "ListBuckets", 200, "<ListAllMyBucketsResult><Buckets></ListAllMyBucketsResult></Buckets>"),
        ("s3", "ListBuckets", 200, "<ListAllMyBucketsResult><Buckets>&unknown;</Buckets></ListAllMyBucketsResult>"),
        ("s3", "ListBuckets", 200, "<a/><b/>"),
        ("s3", "ListBuckets", 503, "Service Unavailable"),
        ("guardduty", "ListDetectors", 404, html),
        ("guardduty", "ListDetectors", 404, "{}"),
        ("guardduty", "ListDetectors", 200, html),
        ("guardduty", "ListDetectors", 200, ""),
        ("guardduty", "ListDetectors", 200, r#"{"detectorIds": ["#),
        ("guardduty", "ListDetectors", 200, r#"{"detectorIds": {}}"#),
        ("guardduty", "ListDetectors", 200, "[]"),
        ("organizations", "ListAccounts", 200, ""),
        ("organizations", "ListAccounts", 301, "moved"),
        ("iam", "ListUsers", 200, ""),
        ("iam", "ListUsers", 200, "<ListUsersResponse/>"),
        ("iam", "ListUsers", 200, "<ListRolesResponse><ListUsersResult/></ListRolesResponse>"),
        ("iam", "ListUsers", 404, "<ErrorResponse><Error/></ErrorResponse>"),
        ("ec2", "DescribeVpcs", 200, "<Other/>"),
        ("ec2", "DescribeVpcs", 200, "<DescribeVpcsResponse><vpcSet>"),
        ("ec2", "DescribeVpcs", 404, html),
    ] {
        let found = read(service, operation, status, &[], body);
        assert!(matches!(found, Decoded::NotAws(_)), "{service}.{operation} {status} {body}: {found:?}");
    }
}

#[test]
fn deep_documents_are_refused() {
    let deep = format!("{}{}", "<a>".repeat(5_000), "</a>".repeat(5_000));
    assert!(matches!(read("s3", "ListBuckets", 200, &[], &deep), Decoded::NotAws(_)));
    let deep = format!("{}{}", "[".repeat(5_000), "]".repeat(5_000));
    assert!(matches!(read("organizations", "ListAccounts", 200, &[], &deep), Decoded::NotAws(_)));
}
