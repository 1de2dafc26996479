//! Which Regions an account has switched on, which moto lacks. Follows "ListRegions", "GetRegionOptStatus",
//! "EnableRegion" and "DisableRegion" of the AWS Account Management Reference Guide: `ENABLING` until it has been read
//! often enough.

use dodai_facts::{AccountId, Region};
use dodai_models::partitions;
use serde_json::{Value, json};

use super::Answer;
use crate::call::Call;
use crate::identity::ROOT_ACCOUNT;
use crate::page::page;
use crate::pipeline::Testbed;
use crate::reply::{AwsError, Reply};
use crate::state::State;

/// The Regions that are off until they are asked for ("Enable or disable AWS Regions in your account").
const OPT_IN: [&str; 17] = [
    "af-south-1",
    "ap-east-1",
    "ap-east-2",
    "ap-south-2",
    "ap-southeast-3",
    "ap-southeast-4",
    "ap-southeast-5",
    "ap-southeast-6",
    "ap-southeast-7",
    "ca-west-1",
    "eu-central-2",
    "eu-south-1",
    "eu-south-2",
    "il-central-1",
    "me-central-1",
    "me-south-1",
    "mx-central-1",
];

/// A Region that was switched, and how many reads say that it is under way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Switch {
    on: bool,
    reads: u32,
}

pub(crate) fn answer(testbed: &Testbed, call: &Call) -> Answer {
    if !["ListRegions", "GetRegionOptStatus", "EnableRegion", "DisableRegion"].contains(&call.operation.as_str()) {
        return Ok(None);
    }
    let account = subject(call)?;
    let regions = partitions::regions(call.region.partition().as_str());
    let regions: Vec<Region> = regions.into_iter().filter_map(|region| region.parse().ok()).collect();
    let mut state = testbed.state();
    if call.operation == "ListRegions" {
        let wanted = call.texts("RegionOptStatusContains");
        let mut found = Vec::new();
        for region in regions {
            let status = read(&mut state, &account, &region);
            if wanted.is_empty() || wanted.iter().any(|wanted| wanted == status) {
                found.push(json!({"RegionName": region.as_str(), "RegionOptStatus": status}));
            }
        }
        let (found, token) = page(found, &call.params, 50)?;
        let mut value = json!({"Regions": found});
        if let Some(token) = token {
            value["NextToken"] = json!(token);
        }
        return Ok(Some(Reply::json(&value)));
    }
    let name = call.required("RegionName")?;
    let region = regions.into_iter().find(|region| region.as_str() == name);
    let region = region.ok_or_else(|| AwsError::new(400, "ValidationException", format!("no Region {name}")))?;
    let status = read(&mut state, &account, &region);
    if call.operation == "GetRegionOptStatus" {
        return Ok(Some(Reply::json(&json!({"RegionName": name, "RegionOptStatus": status}))));
    }
    if status == "ENABLED_BY_DEFAULT" {
        return Err(AwsError::new(400, "ValidationException", format!("{name} cannot be switched")));
    }
    if status == "ENABLING" || status == "DISABLING" {
        return Err(AwsError::new(409, "ConflictException", format!("{name} is being switched")));
    }
    let switch = Switch { on: call.operation == "EnableRegion", reads: testbed.options.region_reads };
    state.region_options.insert((account, region), switch);
    Ok(Some(Reply::empty(200)))
}

/// The account that is meant: the caller's, or one that the management account names.
fn subject(call: &Call) -> Result<AccountId, AwsError> {
    match call.params.get("AccountId").and_then(Value::as_str) {
        None => Ok(call.account.clone()),
        Some(named) if call.account.as_str() == ROOT_ACCOUNT && named != ROOT_ACCOUNT => {
            named.parse().map_err(|_| AwsError::new(400, "ValidationException", format!("no account {named}")))
        }
        Some(_) => {
            Err(AwsError::new(403, "AccessDeniedException", "AccountId is for other accounts of the organization"))
        }
    }
}

/// A Region's status.
pub(crate) fn status(state: &State, account: &AccountId, region: &Region) -> &'static str {
    if !OPT_IN.contains(&region.as_str()) {
        return "ENABLED_BY_DEFAULT";
    }
    match state.region_options.get(&(account.clone(), region.clone())) {
        None | Some(Switch { on: false, reads: 0 }) => "DISABLED",
        Some(Switch { on: true, reads: 0 }) => "ENABLED",
        Some(Switch { on: true, .. }) => "ENABLING",
        Some(Switch { on: false, .. }) => "DISABLING",
    }
}

/// A Region's status, and one read less of a change.
fn read(state: &mut State, account: &AccountId, region: &Region) -> &'static str {
    let found = status(state, account, region);
    if let Some(switch) = state.region_options.get_mut(&(account.clone(), region.clone())) {
        switch.reads = switch.reads.saturating_sub(1);
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::behaviours::tests::{ask, call, testbed};

    #[tokio::test]
    async fn regions_are_switched_in_the_background() {
        let testbed = testbed().await;
        let of = |operation: &str, region: &str| call("account", operation, json!({"RegionName": region}));
        let status =
            async |region: &str| ask(&testbed, &of("GetRegionOptStatus", region)).await["RegionOptStatus"].clone();
        assert_eq!(
            (status("us-east-1").await, status("eu-south-1").await),
            (json!("ENABLED_BY_DEFAULT"), json!("DISABLED"))
        );
        ask(&testbed, &of("EnableRegion", "eu-south-1")).await;
        assert_eq!(status("eu-south-1").await, "ENABLING");
        assert_eq!(status("eu-south-1").await, "ENABLED");
        assert_eq!(ask(&testbed, &of("DisableRegion", "us-east-1")).await, json!({"error": "ValidationException"}));
        let on = json!({"RegionOptStatusContains": ["ENABLED"]});
        let listed = ask(&testbed, &call("account", "ListRegions", on)).await;
        assert_eq!(listed["Regions"], json!([{"RegionName": "eu-south-1", "RegionOptStatus": "ENABLED"}]));
        let own =
            call("account", "GetRegionOptStatus", json!({"RegionName": "eu-south-1", "AccountId": "123456789012"}));
        assert_eq!(ask(&testbed, &own).await, json!({"error": "AccessDeniedException"}));
        let member =
            call("account", "GetRegionOptStatus", json!({"RegionName": "eu-south-1", "AccountId": "111111111111"}));
        assert_eq!(ask(&testbed, &member).await["RegionOptStatus"], "DISABLED");
    }
}
