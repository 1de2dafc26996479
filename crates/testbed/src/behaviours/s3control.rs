//! S3 Control: the account that a request names must be the caller's. Follows "GetPublicAccessBlock" of the Amazon S3
//! API Reference. moto takes whatever the header says.

use super::Answer;
use crate::call::Call;
use crate::reply::AwsError;

pub(crate) fn answer(call: &Call) -> Answer {
    let named = call.headers.get("x-amz-account-id").and_then(|account| account.to_str().ok());
    match named {
        Some(account) if account == call.account.as_str() => Ok(None),
        Some(_) => Err(AwsError::new(403, "AccessDenied", "Access Denied")),
        None => Err(AwsError::new(400, "InvalidRequest", "missing required header for this request: x-amz-account-id")),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_account_is_the_callers_own() {
        let check = |account: Option<&'static str>, expected: Result<(), &str>| {
            let mut call = crate::behaviours::tests::call("s3control", "GetPublicAccessBlock", json!({}));
            if let Some(account) = account {
                call.headers.insert("x-amz-account-id", http::HeaderValue::from_static(account));
            }
            let found = answer(&call).map(|_| ()).map_err(|error| error.code);
            assert_eq!(found, expected.map_err(str::to_owned));
        };
        check(Some("123456789012"), Ok(()));
        check(Some("111111111111"), Err("AccessDenied"));
        check(None, Err("InvalidRequest"));
    }
}
