//! S3 on top of moto's: today's defaults of new buckets, policies with conditions, locks, who pays.

mod bucket_policy;
mod new_buckets;
mod object_lock;
mod request_payment;

pub(crate) use new_buckets::tags as tags_of_new;

use http::Method;

use super::Answer;
use crate::call::{Call, percent};
use crate::moto::Place;
use crate::pipeline::Testbed;
use crate::reply::{AwsError, Reply};

pub(crate) async fn answer(testbed: &Testbed, call: &Call) -> Answer {
    match call.operation.as_str() {
        "CreateBucket" => new_buckets::create(testbed, call).await,
        "DeleteBucketEncryption" => new_buckets::delete_encryption(testbed, call).await,
        "PutBucketPolicy" => bucket_policy::put(testbed, call).await,
        "GetBucketPolicy" => Ok(bucket_policy::get(testbed, call)),
        "GetBucketPolicyStatus" => bucket_policy::status(testbed, call).await,
        "DeleteBucketPolicy" => bucket_policy::delete(testbed, call).await,
        "PutBucketRequestPayment" => request_payment::put(testbed, call).await,
        "GetBucketRequestPayment" => request_payment::get(testbed, call).await,
        "GetObjectLockConfiguration" => object_lock::get(testbed, call).await,
        "DeleteBucket" => {
            let reply = testbed.forward(call).await?;
            if reply.is_success() {
                let bucket = bucket(call);
                let mut state = testbed.state();
                state.bucket_policies.remove(bucket);
                state.requesters_pay.remove(bucket);
            }
            Ok(Some(reply))
        }
        _ => Ok(None),
    }
}

fn bucket(call: &Call) -> &str {
    call.text("Bucket").unwrap_or_default()
}

/// Asks moto about the call's bucket; `query` as in `?encryption`.
async fn ask(testbed: &Testbed, call: &Call, method: Method, query: &str, body: &str) -> Result<Reply, AwsError> {
    let target = format!("/{}{query}", percent(bucket(call)));
    testbed.moto.ask_rest(Place::of(call), "s3", method, &target, body).await
}

/// Whether moto has the bucket.
async fn exists(testbed: &Testbed, call: &Call) -> Result<bool, AwsError> {
    Ok(ask(testbed, call, Method::HEAD, "", "").await?.is_success())
}
