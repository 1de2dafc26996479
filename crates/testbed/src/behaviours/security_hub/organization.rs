//! The organization's Security Hub administrator, of a Region. Follows "EnableOrganizationAdminAccount",
//! "ListOrganizationAdminAccounts" and "DisableOrganizationAdminAccount" of the AWS Security Hub API Reference; moto
//! checks who may, and cannot list.

use serde_json::{Value, json};

use super::super::Answer;
use super::{invalid, listed};
use crate::call::Call;
use crate::page::page;
use crate::pipeline::Testbed;
use crate::reply::{AwsError, Reply};

pub(super) async fn answer(testbed: &Testbed, call: &Call) -> Answer {
    let value = match call.operation.as_str() {
        "EnableOrganizationAdminAccount" => {
            let account = call.required("AdminAccountId")?.to_owned();
            let known = testbed.state().hub_administrators.get(&call.place()).cloned();
            if known.is_some_and(|known| known != account) {
                let message = "the organization has another Security Hub administrator account in this Region";
                return Err(AwsError::new(409, "ResourceConflictException", message));
            }
            let reply = testbed.forward(call).await?;
            if !reply.is_success() {
                return Ok(Some(reply));
            }
            testbed.state().hub_administrators.insert(call.place(), account.clone());
            json!({"AdminAccountId": account})
        }
        "DisableOrganizationAdminAccount" => {
            let account = call.required("AdminAccountId")?;
            let mut state = testbed.state();
            if state.hub_administrators.get(&call.place()).map(String::as_str) != Some(account) {
                return Err(invalid(format!("{account} is not the Security Hub administrator account")));
            }
            state.hub_administrators.remove(&call.place());
            json!({})
        }
        _ => {
            let state = testbed.state();
            let administrators = state.hub_administrators.get(&call.place()).into_iter();
            let administrators: Vec<Value> =
                administrators.map(|account| json!({"AccountId": account, "Status": "ENABLED"})).collect();
            let (administrators, token) = page(administrators, &call.params, 10)?;
            listed("AdminAccounts", administrators, token)
        }
    };
    Ok(Some(Reply::json(&value)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::behaviours::tests::{ask, call, testbed};

    #[tokio::test]
    async fn an_administrator_is_listed_in_its_region() {
        let testbed = testbed().await;
        let list = call("securityhub", "ListOrganizationAdminAccounts", json!({}));
        assert_eq!(ask(&testbed, &list).await, json!({"AdminAccounts": []}));
        testbed.state().hub_administrators.insert(list.place(), "111111111111".to_owned());
        let expected = json!({"AdminAccounts": [{"AccountId": "111111111111", "Status": "ENABLED"}]});
        assert_eq!(ask(&testbed, &list).await, expected);
        let change =
            |operation: &str, account: &str| call("securityhub", operation, json!({"AdminAccountId": account}));
        let second = change("EnableOrganizationAdminAccount", "222222222222");
        assert_eq!(ask(&testbed, &second).await, json!({"error": "ResourceConflictException"}));
        let wrong = change("DisableOrganizationAdminAccount", "222222222222");
        assert_eq!(ask(&testbed, &wrong).await, json!({"error": "InvalidInputException"}));
        assert_eq!(ask(&testbed, &change("DisableOrganizationAdminAccount", "111111111111")).await, json!({}));
        assert_eq!(ask(&testbed, &list).await, json!({"AdminAccounts": []}));
    }
}
