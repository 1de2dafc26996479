//! Requests of every protocol, as AWS's documentation and SDKs show them.

use dodai_models::Models;
use serde_json::{Value, json};

use super::super::encode;
use super::body_text;

/// The request as text: method and target, the headers that matter, the body.
fn written(service: &str, operation: &str, params: &Value) -> String {
    let model = Models::embedded().service(service).unwrap();
    match encode(&model, operation, model.operation(operation).unwrap(), params) {
        Err(mismatch) => mismatch.to_string(),
        Ok(request) => {
            let query = if request.query.is_empty() { String::new() } else { format!("?{}", request.query) };
            let prefix = request.host_prefix.unwrap_or_default();
            let headers: Vec<String> = request
                .headers
                .iter()
                .filter(|(name, _)| name != "content-type")
                .map(|(name, value)| format!("{name}: {value}"))
                .collect();
            let parts = [
                format!("{prefix}{} {}{query}", request.method, request.path),
                headers.join(", "),
                body_text(&request.body),
            ];
            parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" | ")
        }
    }
}

#[expect(clippy::needless_pass_by_value, reason = "cases read best as plain values")]
fn check(service: &str, operation: &str, params: Value, expected: &str) {
    assert_eq!(written(service, operation, &params), expected, "{service}.{operation}");
}

#[test]
fn json_requests_are_written_by_the_model() {
    check(
        "organizations",
        "ListAccounts",
        json!({"MaxResults": 20, "NextToken": null}),
        r#"POST / | x-amz-target: AWSOrganizationsV20161128.ListAccounts | {"MaxResults":20}"#,
    );
    check(
        "cloudtrail",
        "LookupEvents",
        json!({"StartTime": "2026-01-02T03:04:05Z", "EndTime": "2026-01-02T03:04:05.5Z",
               "LookupAttributes": [{"AttributeKey": "EventName", "AttributeValue": "PutRole"}]}),
        "POST / | x-amz-target: com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101.LookupEvents | \
         {\"StartTime\":1767323045,\"EndTime\":1767323045.5,\
         \"LookupAttributes\":[{\"AttributeKey\":\"EventName\",\"AttributeValue\":\"PutRole\"}]}",
    );
    check(
        "sqs",
        "SetQueueAttributes",
        json!({"QueueUrl": "https://q", "Attributes": {"KmsMasterKeyId": "alias/a"}}),
        "POST / | x-amz-target: AmazonSQS.SetQueueAttributes, x-amzn-query-mode: true | \
         {\"QueueUrl\":\"https://q\",\"Attributes\":{\"KmsMasterKeyId\":\"alias/a\"}}",
    );
    check(
        "kms",
        "Encrypt",
        json!({"KeyId": "k", "Plaintext": "AAEC"}),
        r#"POST / | x-amz-target: TrentService.Encrypt | {"KeyId":"k","Plaintext":"AAEC"}"#,
    );
    // restJson1: path, query string, names on the wire.
    check("guardduty", "GetDetector", json!({"DetectorId": "a/b c"}), "GET /detector/a%2Fb%20c");
    check(
        "guardduty",
        "ListDetectors",
        json!({"MaxResults": 5, "NextToken": "a&b"}),
        "GET /detector?maxResults=5&nextToken=a%26b",
    );
    check(
        "guardduty",
        "UpdateDetector",
        json!({"DetectorId": "d", "Enable": true, "FindingPublishingFrequency": "ONE_HOUR"}),
        r#"POST /detector/d | {"enable":true,"findingPublishingFrequency":"ONE_HOUR"}"#,
    );
    check(
        "lambda",
        "UntagResource",
        json!({"Resource": "arn:aws:lambda:x", "TagKeys": ["a", "b"]}),
        "DELETE /2017-03-31/tags/arn%3Aaws%3Alambda%3Ax?tagKeys=a&tagKeys=b",
    );
}

/// Payload, namespace, attribute, flattened lists, headers, checksum.
#[test]
fn xml_requests_are_written_by_the_model() {
    check("s3", "GetBucketPolicy", json!({"Bucket": "logs"}), "GET /?policy");
    check(
        "s3",
        "GetObject",
        json!({"Bucket": "logs", "Key": "a/b c", "IfModifiedSince": "2026-01-02T03:04:05Z"}),
        "GET /a/b%20c | if-modified-since: Fri, 02 Jan 2026 03:04:05 GMT",
    );
    check(
        "s3",
        "PutBucketPolicy",
        json!({"Bucket": "logs", "Policy": "{}"}),
        "PUT /?policy | x-amz-checksum-crc32: o6a/Qw==, x-amz-sdk-checksum-algorithm: CRC32 | {}",
    );
    check(
        "s3",
        "PutBucketVersioning",
        json!({"Bucket": "logs", "ContentMD5": "x", "VersioningConfiguration": {"Status": "Enabled"}}),
        "PUT /?versioning | content-md5: x | <VersioningConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">\
         <Status>Enabled</Status></VersioningConfiguration>",
    );
    // A document that is not given is an empty one; API Gateway must be asked for plain JSON.
    check(
        "lambda",
        "StopDurableExecution",
        json!({"DurableExecutionArn": "a"}),
        "POST /2025-12-01/durable-executions/a/stop | {}",
    );
    check("apigateway", "GetRestApis", json!({}), "GET /restapis | accept: application/json");
    check("apigateway", "GetAccount", json!({}), "GET /account | accept: application/json");
    check(
        "apigateway",
        "GetExport",
        json!({"restApiId": "r", "stageName": "s", "exportType": "oas30", "accepts": "application/yaml"}),
        "GET /restapis/r/stages/s/exports/oas30 | accept: application/yaml",
    );
    // The root is the member's name, not its shape's (`BucketLifecycleConfiguration`).
    check(
        "s3",
        "PutBucketLifecycleConfiguration",
        json!({"Bucket": "logs", "ChecksumAlgorithm": "CRC32", "LifecycleConfiguration": {"Rules": [{"Status": "Enabled", "Filter": {"Prefix": ""}}]}}),
        "PUT /?lifecycle | x-amz-sdk-checksum-algorithm: CRC32, x-amz-checksum-crc32: 0xdGXA== | \
         <LifecycleConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Rule><Status>Enabled</Status>\
         <Filter><Prefix></Prefix></Filter></Rule></LifecycleConfiguration>",
    );
    check(
        "s3",
        "PutBucketEncryption",
        json!({"Bucket": "logs", "ContentMD5": "x", "ServerSideEncryptionConfiguration": {"Rules": [
            {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": "a<b"}, "BucketKeyEnabled": true}]}}),
        "PUT /?encryption | content-md5: x | \
         <ServerSideEncryptionConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Rule>\
         <ApplyServerSideEncryptionByDefault><SSEAlgorithm>aws:kms</SSEAlgorithm><KMSMasterKeyID>a&lt;b</KMSMasterKeyID>\
         </ApplyServerSideEncryptionByDefault><BucketKeyEnabled>true</BucketKeyEnabled></Rule>\
         </ServerSideEncryptionConfiguration>",
    );
    check(
        "s3",
        "PutBucketAcl",
        json!({"Bucket": "logs", "ContentMD5": "x", "AccessControlPolicy": {"Grants": [
            {"Grantee": {"Type": "Group", "URI": "http://g"}, "Permission": "WRITE"}]}}),
        "PUT /?acl | content-md5: x | <AccessControlPolicy xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">\
         <AccessControlList><Grant><Grantee xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xsi:type=\"Group\">\
         <URI>http://g</URI></Grantee><Permission>WRITE</Permission></Grant></AccessControlList></AccessControlPolicy>",
    );
    check(
        "s3",
        "PutObject",
        json!({"Bucket": "b", "Key": "k", "Body": "AAE=", "ContentType": "text/x", "Metadata": {"a": "b"}}),
        "PUT /k | x-amz-meta-a: b | \u{0}\u{1}",
    );
    check(
        "s3control",
        "PutPublicAccessBlock",
        json!({"AccountId": "111122223333", "PublicAccessBlockConfiguration": {"BlockPublicAcls": true}}),
        "111122223333.PUT /v20180820/configuration/publicAccessBlock | x-amz-account-id: 111122223333 | \
         <PublicAccessBlockConfiguration xmlns=\"http://awss3control.amazonaws.com/doc/2018-08-20/\">\
         <BlockPublicAcls>true</BlockPublicAcls></PublicAccessBlockConfiguration>",
    );
    check(
        "route53",
        "ChangeTagsForResource",
        json!({"ResourceType": "hostedzone", "ResourceId": "Z1", "AddTags": [{"Key": "a", "Value": "b"}]}),
        "POST /2013-04-01/tags/hostedzone/Z1 | <ChangeTagsForResourceRequest \
         xmlns=\"https://route53.amazonaws.com/doc/2013-04-01/\"><AddTags><Tag><Key>a</Key><Value>b</Value></Tag></AddTags>\
         </ChangeTagsForResourceRequest>",
    );
}

#[test]
fn form_requests_are_written_by_the_model() {
    check(
        "iam",
        "CreateRole",
        json!({"RoleName": "r&d", "AssumeRolePolicyDocument": "{}", "Tags": [{"Key": "a", "Value": "b"}]}),
        "POST / | Action=CreateRole&Version=2010-05-08&RoleName=r%26d&AssumeRolePolicyDocument=%7B%7D\
         &Tags.member.1.Key=a&Tags.member.1.Value=b",
    );
    check(
        "iam",
        "TagRole",
        json!({"RoleName": "r", "Tags": []}),
        "POST / | Action=TagRole&Version=2010-05-08&RoleName=r&Tags=",
    );
    check(
        "sns",
        "CreateTopic",
        json!({"Name": "t", "Attributes": {"KmsMasterKeyId": "k"}}),
        "POST / | Action=CreateTopic&Version=2010-03-31&Name=t&Attributes.entry.1.key=KmsMasterKeyId&Attributes.entry.1.value=k",
    );
}

#[test]
fn parameters_that_do_not_fit_are_named() {
    check("organizations", "ListAccounts", json!({"Max": 1}), "`Max`: there is no such member");
    check("organizations", "ListAccounts", json!([]), "expected an object, found a list");
    check("guardduty", "GetDetector", json!({}), "`DetectorId`: required: it stands in the path");
    check("guardduty", "GetDetector", json!({"DetectorId": ""}), "`DetectorId`: cannot be empty or `.` in a path");
    check("guardduty", "GetDetector", json!({"DetectorId": ".."}), "`DetectorId`: cannot be empty or `.` in a path");
    check(
        "guardduty",
        "GetDetector",
        json!({"DetectorId": {"$ref": "a#0.b"}}),
        "`DetectorId`: expected text, found an object",
    );
    check(
        "iam",
        "TagRole",
        json!({"RoleName": "r", "Tags": [{"Key": 1}]}),
        "`Tags[0].Key`: expected text, found a number",
    );
    check("ec2", "DescribeVpcs", json!({"VpcIds": "v"}), "`VpcIds`: expected a list, found text");
    check(
        "s3",
        "PutBucketVersioning",
        json!({"Bucket": "b", "VersioningConfiguration": []}),
        "`VersioningConfiguration`: expected an object, found a list",
    );
    check(
        "s3",
        "PutObject",
        json!({"Bucket": "b", "Key": "k", "CacheControl": "a\r\nx: y"}),
        "`CacheControl`: a header cannot carry control characters",
    );
    check(
        "cloudtrail",
        "LookupEvents",
        json!({"StartTime": "yesterday"}),
        "`StartTime`: expected an ISO 8601 timestamp, such as 2026-01-02T03:04:05Z",
    );
    check("kms", "Encrypt", json!({"Plaintext": "%"}), "`Plaintext`: expected base64 text");
    check(
        "s3control",
        "GetPublicAccessBlock",
        json!({"AccountId": "evil.example/"}),
        "`AccountId`: required: it stands in the host name (letters, digits, `-`)",
    );
}

#[test]
fn ec2_has_names_of_its_own() {
    let written = written(
        "ec2",
        "CreateFlowLogs",
        &json!({"ResourceIds": ["vpc-1", "vpc-2"], "ResourceType": "VPC", "MaxAggregationInterval": 60,
                "TagSpecifications": [{"ResourceType": "vpc-flow-log", "Tags": [{"Key": "a", "Value": "b"}]}]}),
    );
    assert_eq!(
        written,
        "POST / | Action=CreateFlowLogs&Version=2016-11-15&ResourceId.1=vpc-1&ResourceId.2=vpc-2&ResourceType=VPC\
         &MaxAggregationInterval=60&TagSpecification.1.ResourceType=vpc-flow-log&TagSpecification.1.Tag.1.Key=a\
         &TagSpecification.1.Tag.1.Value=b"
    );
}
