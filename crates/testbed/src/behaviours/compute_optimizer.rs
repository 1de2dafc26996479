//! Enrolment in Compute Optimizer, which moto lacks. Follows "GetEnrollmentStatus" and "UpdateEnrollmentStatus" of the
//! AWS Compute Optimizer API Reference: an account that has not opted in is `Inactive`.

use serde_json::json;

use super::Answer;
use crate::call::Call;
use crate::pipeline::Testbed;
use crate::reply::{AwsError, Reply};

pub(crate) fn answer(testbed: &Testbed, call: &Call) -> Answer {
    let mut state = testbed.state();
    let value = match call.operation.as_str() {
        "GetEnrollmentStatus" => {
            let status = state.enrolments.get(&call.account).map_or("Inactive", String::as_str);
            json!({"status": status, "memberAccountsEnrolled": false})
        }
        "UpdateEnrollmentStatus" => {
            let status = call.text("status").unwrap_or_default();
            if !["Active", "Inactive"].contains(&status) {
                let message = "the status must be Active or Inactive";
                return Err(AwsError::new(400, "InvalidParameterValueException", message));
            }
            state.enrolments.insert(call.account.clone(), status.to_owned());
            json!({"status": status})
        }
        _ => return Ok(None),
    };
    Ok(Some(Reply::json(&value)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::behaviours::tests::{ask, call, testbed};

    #[tokio::test]
    async fn an_account_opts_in_by_itself() {
        let testbed = testbed().await;
        let get = call("compute-optimizer", "GetEnrollmentStatus", json!({}));
        assert_eq!(ask(&testbed, &get).await["status"], "Inactive");
        let update = |status: &str| call("compute-optimizer", "UpdateEnrollmentStatus", json!({"status": status}));
        assert_eq!(ask(&testbed, &update("Pending")).await, json!({"error": "InvalidParameterValueException"}));
        assert_eq!(ask(&testbed, &update("Active")).await, json!({"status": "Active"}));
        assert_eq!(ask(&testbed, &get).await["status"], "Active");
        let other = Call { account: "111111111111".parse().unwrap(), ..get };
        assert_eq!(ask(&testbed, &other).await["status"], "Inactive");
    }
}
