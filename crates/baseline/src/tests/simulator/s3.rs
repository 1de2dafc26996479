//! Buckets. One that is there is refused, as everywhere but in us-east-1.

use serde_json::{Value, json};

use super::values::tags;
use super::{Account, Answer, put};

impl Account<'_> {
    pub(super) fn s3(&mut self, params: &Value) -> Answer {
        const BUCKETS: &str = "aws_s3_bucket";
        let bucket = params["Bucket"].clone();
        if self.call.operation == "CreateBucket" {
            let place = params["CreateBucketConfiguration"]["LocationConstraint"].as_str().unwrap_or("us-east-1");
            assert_eq!(place, self.region(), "the bucket is made elsewhere than the call goes");
            self.is_free(BUCKETS, "Name", &bucket, "BucketAlreadyOwnedByYou")?;
            let mut values = json!({
                "Name": bucket, "BucketRegion": place, "public_access_block": null, "versioning": {}, "object_lock": null,
                "encryption": { "Rules": [{ "ApplyServerSideEncryptionByDefault": { "SSEAlgorithm": "AES256" } }] },
                "lifecycle": null, "request_payment": "BucketOwner", "policy": null,
                "tags": tags(&params["CreateBucketConfiguration"]["Tags"]),
            });
            if params["ObjectLockEnabledForBucket"] == true {
                values["object_lock"] = json!({ "ObjectLockEnabled": "Enabled" });
                values["versioning"] = json!({ "Status": "Enabled" });
            }
            self.add(BUCKETS, bucket.as_str().unwrap(), &values);
            return Ok(Value::Null);
        }
        let (column, value) = match self.call.operation.as_str() {
            "PutPublicAccessBlock" => ("public_access_block", params["PublicAccessBlockConfiguration"].clone()),
            "PutBucketVersioning" => ("versioning", params["VersioningConfiguration"].clone()),
            "PutBucketEncryption" => ("encryption", params["ServerSideEncryptionConfiguration"].clone()),
            "PutObjectLockConfiguration" => ("object_lock", params["ObjectLockConfiguration"].clone()),
            "PutBucketLifecycleConfiguration" => {
                let mut rules = params["LifecycleConfiguration"]["Rules"].clone();
                for rule in rules.as_array_mut().unwrap() {
                    assert!(rule.get("Prefix").is_none() && rule.get("Filter").is_some(), "mixed forms: {rule}");
                    if rule["Filter"] == json!({ "Prefix": "" }) {
                        rule["Filter"] = json!({});
                    }
                }
                ("lifecycle", rules)
            }
            "PutBucketRequestPayment" => ("request_payment", params["RequestPaymentConfiguration"]["Payer"].clone()),
            "PutBucketPolicy" => ("policy", params["Policy"].clone()),
            "PutBucketTagging" => ("tags", tags(&params["Tagging"]["TagSet"])),
            _ => self.unknown(),
        };
        self.with(BUCKETS, "Name", &bucket, |bucket| {
            let needs_versions = column == "object_lock";
            assert!(!needs_versions || bucket.values["versioning"]["Status"] == "Enabled", "lock without versions");
            put(bucket, column, value);
        });
        Ok(Value::Null)
    }
}
