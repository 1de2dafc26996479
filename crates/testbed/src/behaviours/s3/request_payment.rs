//! Who pays for requests: the owner, until told otherwise. Follows "GetBucketRequestPayment" and
//! "PutBucketRequestPayment" of the Amazon S3 API Reference; moto has neither.

use super::super::Answer;
use super::{bucket, exists};
use crate::call::Call;
use crate::pipeline::Testbed;
use crate::reply::{AwsError, Reply, tag};

fn no_bucket() -> AwsError {
    AwsError::new(404, "NoSuchBucket", "The specified bucket does not exist")
}

pub(super) async fn put(testbed: &Testbed, call: &Call) -> Answer {
    if !exists(testbed, call).await? {
        return Err(no_bucket());
    }
    let mut state = testbed.state();
    match tag(&String::from_utf8_lossy(&call.body), "Payer").as_deref() {
        Some("BucketOwner") => state.requesters_pay.remove(bucket(call)),
        Some("Requester") => state.requesters_pay.insert(bucket(call).to_owned()),
        _ => return Err(AwsError::new(400, "MalformedXML", "The XML that you provided was not well formed")),
    };
    Ok(Some(Reply::empty(200)))
}

pub(super) async fn get(testbed: &Testbed, call: &Call) -> Answer {
    if !exists(testbed, call).await? {
        return Err(no_bucket());
    }
    let payer = if testbed.state().requesters_pay.contains(bucket(call)) { "Requester" } else { "BucketOwner" };
    let namespace = "http://s3.amazonaws.com/doc/2006-03-01/";
    let body = format!(
        "<RequestPaymentConfiguration xmlns=\"{namespace}\"><Payer>{payer}</Payer></RequestPaymentConfiguration>"
    );
    Ok(Some(Reply::new(200, "application/xml", body)))
}
