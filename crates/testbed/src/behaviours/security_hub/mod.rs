//! Security Hub CSPM, wholly in place of moto's but for findings and organization administration.

pub(crate) mod aggregator;
mod associations;
mod automation_rules;
mod catalogue;
mod controls;
pub(crate) mod hub;
mod organization;
mod standards;

use serde_json::{Value, json};

use super::Answer;
use crate::call::Call;
use crate::pipeline::Testbed;
use crate::reply::{AwsError, Reply};

use self::hub::Hub;

pub(crate) async fn answer(testbed: &Testbed, call: &Call) -> Answer {
    let value = match call.operation.as_str() {
        "EnableSecurityHub" => hub::enable(testbed, call)?,
        "DescribeHub" => hub::describe(testbed, call)?,
        "UpdateSecurityHubConfiguration" => hub::update(testbed, call)?,
        "DisableSecurityHub" => hub::disable(testbed, call)?,
        "ListTagsForResource" | "TagResource" | "UntagResource" => hub::tags(testbed, call)?,
        "DescribeStandards" => standards::describe(call)?,
        "GetEnabledStandards" => standards::enabled(testbed, call)?,
        "BatchEnableStandards" => standards::enable(testbed, call)?,
        "BatchDisableStandards" => standards::disable(testbed, call)?,
        "DescribeStandardsControls" => controls::of_standard(testbed, call)?,
        "UpdateStandardsControl" => controls::update_in_standard(testbed, call)?,
        "ListSecurityControlDefinitions" => controls::definitions(call)?,
        "GetSecurityControlDefinition" => controls::definition(call)?,
        "BatchGetSecurityControls" => controls::get(testbed, call)?,
        "UpdateSecurityControl" => controls::update(testbed, call)?,
        "ListStandardsControlAssociations" => associations::list(testbed, call)?,
        "BatchGetStandardsControlAssociations" => associations::get(testbed, call)?,
        "BatchUpdateStandardsControlAssociations" => associations::update(testbed, call)?,
        "CreateFindingAggregator" => aggregator::create(testbed, call)?,
        "GetFindingAggregator" => aggregator::get(testbed, call)?,
        "ListFindingAggregators" => aggregator::list(testbed, call)?,
        "UpdateFindingAggregator" => aggregator::update(testbed, call)?,
        "DeleteFindingAggregator" => aggregator::delete(testbed, call)?,
        "CreateAutomationRule" => automation_rules::create(testbed, call)?,
        "BatchGetAutomationRules" => automation_rules::get(testbed, call)?,
        "ListAutomationRules" => automation_rules::list(testbed, call)?,
        "BatchUpdateAutomationRules" => automation_rules::update(testbed, call)?,
        "BatchDeleteAutomationRules" => automation_rules::delete(testbed, call)?,
        "EnableOrganizationAdminAccount" | "DisableOrganizationAdminAccount" | "ListOrganizationAdminAccounts" => {
            return organization::answer(testbed, call).await;
        }
        "GetFindings" | "BatchImportFindings" | "BatchUpdateFindings" => {
            with_hub(testbed, call, |_| Ok(()))?;
            return Ok(None);
        }
        _ => return Ok(None),
    };
    Ok(Some(Reply::json(&value)))
}

fn invalid(message: impl Into<String>) -> AwsError {
    AwsError::new(400, "InvalidInputException", message)
}

fn not_found(message: impl Into<String>) -> AwsError {
    AwsError::new(404, "ResourceNotFoundException", message)
}

/// Acts on the hub of the call's account and Region; `InvalidAccessException` (401) where it is not enabled.
fn with_hub<T>(
    testbed: &Testbed,
    call: &Call,
    act: impl FnOnce(&mut Hub) -> Result<T, AwsError>,
) -> Result<T, AwsError> {
    let mut state = testbed.state();
    act(state.hubs.get_mut(&call.place()).ok_or_else(|| not_enabled(call))?)
}

fn not_enabled(call: &Call) -> AwsError {
    let message = format!("Account {} is not subscribed to AWS Security Hub", call.account.as_str());
    AwsError::new(401, "InvalidAccessException", message)
}

/// `arn:aws:securityhub:us-east-1:123456789012:hub/default` of `hub/default`.
fn arn(call: &Call, resource: &str) -> String {
    let (partition, region, account) = (call.region.partition(), call.region.as_str(), call.account.as_str());
    format!("arn:{}:securityhub:{region}:{account}:{resource}", partition.as_str())
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

/// The entries of a batch, of which AWS takes 1 to 100 at a time.
fn batch<T>(member: &str, entries: Vec<T>) -> Result<Vec<T>, AwsError> {
    match entries.len() {
        1..=100 => Ok(entries),
        count => Err(invalid(format!("Invalid parameter: {member} has {count} entries, 1 to 100 are allowed."))),
    }
}
