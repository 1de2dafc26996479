//! The quotas of global services that moto does not list. Follows "GetServiceQuota" of the Service Quotas API Reference:
//! quotas of a global service are asked for where the service is.

use serde_json::json;

use super::Answer;
use crate::call::Call;
use crate::reply::{AwsError, Reply};

/// Service code, quota code, name, value, whether it can be raised.
const QUOTAS: &[(&str, &str, &str, f64, bool)] = &[
    ("iam", "L-C07B4B0D", "Role trust policy length", 2_048.0, true),
    ("organizations", "L-C48BCE79", "Service control policy document size", 10_240.0, false),
];

pub(crate) fn answer(call: &Call) -> Answer {
    if call.operation != "GetServiceQuota" {
        return Ok(None);
    }
    let (service, code) = (call.text("ServiceCode").unwrap_or_default(), call.text("QuotaCode").unwrap_or_default());
    if QUOTAS.iter().all(|quota| quota.0 != service) {
        return Ok(None);
    }
    let found = QUOTAS.iter().find(|quota| (quota.0, quota.1) == (service, code));
    let Some((_, _, name, value, adjustable)) = found.filter(|_| call.region.as_str() == "us-east-1") else {
        let message = "The request failed because the specified quota does not exist.";
        return Err(AwsError::new(400, "NoSuchResourceException", message));
    };
    Ok(Some(Reply::json(&json!({"Quota": {
        "ServiceCode": service,
        "QuotaCode": code,
        "QuotaName": name,
        "Value": value,
        "Unit": "None",
        "Adjustable": adjustable,
        "GlobalQuota": true,
    }}))))
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::behaviours::tests::{ask, call, testbed};

    #[tokio::test]
    async fn quotas_are_where_their_service_is() {
        let testbed = testbed().await;
        let quota = |service: &str, code: &str, region: &str| Call {
            region: region.parse().unwrap(),
            ..call("service-quotas", "GetServiceQuota", json!({"ServiceCode": service, "QuotaCode": code}))
        };
        let read: Value = ask(&testbed, &quota("iam", "L-C07B4B0D", "us-east-1")).await;
        assert_eq!(read["Quota"]["Value"], 2_048.0);
        for wrong in [quota("iam", "L-C07B4B0D", "ap-northeast-1"), quota("iam", "L-C48BCE79", "us-east-1")] {
            assert_eq!(ask(&testbed, &wrong).await, json!({"error": "NoSuchResourceException"}));
        }
    }
}
