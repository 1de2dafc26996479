//! AWS Organizations on top of moto's: what takes time takes time, and what has a limit has it.

pub(crate) mod create_account;
pub(crate) mod delegation;
pub(crate) mod other_types;
mod policies;
pub(crate) mod policy_types;
mod units;

use serde_json::{Value, json};

use super::Answer;
use crate::call::Call;
use crate::moto::Place;
use crate::pipeline::Testbed;
use crate::reply::AwsError;

pub(crate) async fn answer(testbed: &Testbed, call: &Call) -> Answer {
    // One at a time: what is looked at in moto must still be so when it is changed.
    let _turn = testbed.organizations_turn.lock().await;
    create_account::finish_due(testbed).await?;
    if let Some(reply) = other_types::answer(testbed, call).await? {
        return Ok(Some(reply));
    }
    match call.operation.as_str() {
        "CreateAccount" => create_account::create(testbed, call).await,
        "DescribeCreateAccountStatus" => create_account::describe(testbed, call).await,
        "ListCreateAccountStatus" => create_account::list(testbed, call).await,
        "CreatePolicy" => policies::create(call),
        "UpdatePolicy" => policies::update(testbed, call).await,
        "DeletePolicy" => policies::delete(call),
        "AttachPolicy" => policies::attach(testbed, call).await,
        "DetachPolicy" => policies::detach(testbed, call).await,
        "ListPolicies" | "ListPoliciesForTarget" => policies::list(testbed, call).await,
        "EnablePolicyType" => policy_types::enable(testbed, call).await,
        "DisablePolicyType" => policy_types::disable(testbed, call).await,
        "ListRoots" => policy_types::roots(testbed, call).await,
        "CreateOrganizationalUnit" => units::create(testbed, call).await,
        "MoveAccount" => units::move_account(testbed, call).await,
        "DeleteOrganizationalUnit" => units::delete(testbed, call).await,
        "EnableAWSServiceAccess"
        | "DisableAWSServiceAccess"
        | "ListAWSServiceAccessForOrganization"
        | "RegisterDelegatedAdministrator"
        | "DeregisterDelegatedAdministrator"
        | "ListDelegatedAdministrators"
        | "ListDelegatedServicesForAccount" => delegation::answer(testbed, call).await,
        _ => Ok(None),
    }
}

/// Asks moto an operation in the caller's account.
async fn ask(testbed: &Testbed, call: &Call, operation: &str, params: Value) -> Result<Value, AwsError> {
    let target = format!("AWSOrganizationsV20161128.{operation}");
    testbed.moto.ask_json(Place::of(call), "organizations", &target, &params).await
}

/// All items of a paged operation.
async fn all(
    testbed: &Testbed,
    call: &Call,
    operation: &str,
    mut params: Value,
    member: &str,
) -> Result<Vec<Value>, AwsError> {
    let mut items = Vec::new();
    loop {
        let mut page = ask(testbed, call, operation, params.clone()).await?;
        if let Some(found) = page.get_mut(member).and_then(Value::as_array_mut) {
            items.append(found);
        }
        match page.get("NextToken").and_then(Value::as_str) {
            Some(token) => params["NextToken"] = json!(token),
            None => return Ok(items),
        }
    }
}

/// A reply's list under `member`, with the next page's token where there is one.
fn listed(member: &str, items: Vec<Value>, token: Option<String>) -> Value {
    let mut value = json!({});
    value[member] = Value::Array(items);
    if let Some(token) = token {
        value["NextToken"] = json!(token);
    }
    value
}

/// A limit that would be crossed; `reason` as "ConstraintViolationException" lists them.
fn constraint(reason: &'static str, message: &str) -> AwsError {
    AwsError::new(400, "ConstraintViolationException", message).because(reason)
}

fn invalid(reason: &'static str, message: &str) -> AwsError {
    AwsError::new(400, "InvalidInputException", message).because(reason)
}
