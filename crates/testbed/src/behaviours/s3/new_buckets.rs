//! What every new bucket has: encryption with S3's own keys, all public access blocked, ACLs off, and the tags that it is
//! made with, which moto does not take ("CreateBucketConfiguration" of the Amazon S3 API Reference). Follows "Setting
//! default server-side encryption behavior for Amazon S3 buckets", "Blocking public access to your Amazon S3 storage"
//! and "Controlling ownership of objects and disabling ACLs for your bucket" of the Amazon S3 User Guide.

use http::Method;

use super::super::Answer;
use super::{ask, exists};
use crate::call::Call;
use crate::pipeline::Testbed;
use crate::reply::AwsError;

const ENCRYPTION: &str = "<ServerSideEncryptionConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Rule>\
    <ApplyServerSideEncryptionByDefault><SSEAlgorithm>AES256</SSEAlgorithm></ApplyServerSideEncryptionByDefault>\
    <BucketKeyEnabled>false</BucketKeyEnabled></Rule></ServerSideEncryptionConfiguration>";
const ACCESS_BLOCK: &str = "<PublicAccessBlockConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">\
    <BlockPublicAcls>true</BlockPublicAcls><IgnorePublicAcls>true</IgnorePublicAcls>\
    <BlockPublicPolicy>true</BlockPublicPolicy><RestrictPublicBuckets>true</RestrictPublicBuckets>\
    </PublicAccessBlockConfiguration>";

pub(super) async fn create(testbed: &Testbed, call: &Call) -> Answer {
    // In us-east-1 the owner may create a bucket again; that changes nothing.
    let known = exists(testbed, call).await?;
    let reply = testbed.forward(call).await?;
    if known || !reply.is_success() {
        return Ok(Some(reply));
    }
    let ownership = call.headers.get("x-amz-object-ownership").and_then(|value| value.to_str().ok());
    let ownership = format!(
        "<OwnershipControls xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Rule><ObjectOwnership>{}\
         </ObjectOwnership></Rule></OwnershipControls>",
        ownership.unwrap_or("BucketOwnerEnforced")
    );
    let defaults =
        [("?encryption", ENCRYPTION), ("?publicAccessBlock", ACCESS_BLOCK), ("?ownershipControls", &ownership)];
    for (query, body) in defaults {
        put(testbed, call, query, body).await?;
    }
    if let Some(tags) = tags(&call.body) {
        put(testbed, call, "?tagging", &format!("<Tagging><TagSet>{tags}</TagSet></Tagging>")).await?;
    }
    Ok(Some(reply))
}

/// The tags that a bucket is made with: `<Tag>…</Tag>` after each other.
pub(crate) fn tags(body: &[u8]) -> Option<&str> {
    let body = std::str::from_utf8(body).ok()?;
    Some(body.split_once("<Tags>")?.1.split_once("</Tags>")?.0)
}

/// Without a configuration of its own, a bucket is back to the default.
pub(super) async fn delete_encryption(testbed: &Testbed, call: &Call) -> Answer {
    let reply = testbed.forward(call).await?;
    if reply.is_success() {
        put(testbed, call, "?encryption", ENCRYPTION).await?;
    }
    Ok(Some(reply))
}

async fn put(testbed: &Testbed, call: &Call, query: &str, body: &str) -> Result<(), AwsError> {
    let reply = ask(testbed, call, Method::PUT, query, body).await?;
    if reply.is_success() {
        return Ok(());
    }
    Err(AwsError::new(502, "UpstreamUnavailable", format!("PUT {query} answered {}: {}", reply.status, reply.text())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tags_of_a_new_bucket_are_in_its_configuration() {
        let body = "<CreateBucketConfiguration><Tags><Tag><Key>a</Key><Value>b</Value></Tag></Tags></CreateBucketConfiguration>";
        assert_eq!(tags(body.as_bytes()), Some("<Tag><Key>a</Key><Value>b</Value></Tag>"));
        assert_eq!(tags(b"<CreateBucketConfiguration/>"), None);
        assert_eq!(tags(b""), None);
    }
}
