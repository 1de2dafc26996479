//! Cross-Region aggregation: one finding aggregator an account, in its home Region. Follows "CreateFindingAggregator",
//! "UpdateFindingAggregator" and "ListFindingAggregators" of the AWS Security Hub API Reference.

use dodai_facts::Region;
use serde_json::{Value, json};

use super::{arn, invalid, listed, not_enabled, not_found};
use crate::call::Call;
use crate::names::uuid;
use crate::page::page;
use crate::pipeline::Testbed;
use crate::reply::AwsError;
use crate::state::State;

/// The aggregator of an account.
#[derive(Debug, Clone)]
pub(crate) struct Aggregator {
    arn: String,
    home: Region,
    mode: String,
    regions: Vec<String>,
}

impl Aggregator {
    pub(super) fn is_in(&self, region: &Region) -> bool {
        self.home == *region
    }

    fn describe(&self) -> Value {
        let mut value = json!({
            "FindingAggregatorArn": self.arn,
            "FindingAggregationRegion": self.home.as_str(),
            "RegionLinkingMode": self.mode,
        });
        if !self.regions.is_empty() {
            value["Regions"] = json!(self.regions);
        }
        value
    }
}

fn linking(call: &Call) -> Result<(String, Vec<String>), AwsError> {
    let mode = call.required("RegionLinkingMode")?;
    let regions = call.texts("Regions");
    let fits = match mode {
        "ALL_REGIONS" | "NO_REGIONS" => regions.is_empty(),
        "ALL_REGIONS_EXCEPT_SPECIFIED" | "SPECIFIED_REGIONS" => !regions.is_empty(),
        _ => false,
    };
    if fits { Ok((mode.to_owned(), regions)) } else { Err(invalid(format!("Regions do not fit the mode {mode}"))) }
}

fn enabled(state: &State, call: &Call) -> Result<(), AwsError> {
    if state.hubs.contains_key(&call.place()) { Ok(()) } else { Err(not_enabled(call)) }
}

/// The aggregator, if it has this ARN.
fn found<'a>(state: &'a mut State, call: &Call) -> Result<&'a mut Aggregator, AwsError> {
    enabled(state, call)?;
    let asked = call.required("FindingAggregatorArn")?;
    let aggregator = state.aggregators.get_mut(&call.account).filter(|aggregator| aggregator.arn == asked);
    aggregator.ok_or_else(|| not_found(format!("no finding aggregator {asked}")))
}

/// Changes are made in the home Region only.
fn at_home(aggregator: &Aggregator, call: &Call) -> Result<(), AwsError> {
    if aggregator.is_in(&call.region) {
        Ok(())
    } else {
        Err(invalid(format!("the finding aggregator is changed in its home Region, {}", aggregator.home.as_str())))
    }
}

pub(super) fn create(testbed: &Testbed, call: &Call) -> Result<Value, AwsError> {
    let (mode, regions) = linking(call)?;
    let mut state = testbed.state();
    enabled(&state, call)?;
    if state.aggregators.contains_key(&call.account) {
        return Err(invalid("a finding aggregator already exists in this account"));
    }
    let id = uuid(("finding-aggregator", call.account.as_str(), state.seed()));
    let arn = arn(call, &format!("finding-aggregator/{id}"));
    let aggregator = Aggregator { arn, home: call.region.clone(), mode, regions };
    let value = aggregator.describe();
    state.aggregators.insert(call.account.clone(), aggregator);
    Ok(value)
}

pub(super) fn get(testbed: &Testbed, call: &Call) -> Result<Value, AwsError> {
    found(&mut testbed.state(), call).map(|aggregator| aggregator.describe())
}

pub(super) fn list(testbed: &Testbed, call: &Call) -> Result<Value, AwsError> {
    let state = testbed.state();
    enabled(&state, call)?;
    let aggregators = state.aggregators.get(&call.account);
    let aggregators = aggregators.map(|aggregator| json!({"FindingAggregatorArn": aggregator.arn}));
    let (aggregators, token) = page(aggregators.into_iter().collect(), &call.params, 100)?;
    Ok(listed("FindingAggregators", aggregators, token))
}

pub(super) fn update(testbed: &Testbed, call: &Call) -> Result<Value, AwsError> {
    let (mode, regions) = linking(call)?;
    let mut state = testbed.state();
    let aggregator = found(&mut state, call)?;
    at_home(aggregator, call)?;
    aggregator.mode = mode;
    aggregator.regions = regions;
    Ok(aggregator.describe())
}

pub(super) fn delete(testbed: &Testbed, call: &Call) -> Result<Value, AwsError> {
    let mut state = testbed.state();
    at_home(found(&mut state, call)?, call)?;
    state.aggregators.remove(&call.account);
    Ok(json!({}))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::behaviours::tests::{ask, call, testbed};

    #[tokio::test]
    async fn there_is_one_aggregator_and_it_is_changed_at_home() {
        let testbed = testbed().await;
        let abroad = |call: &Call| Call { region: "eu-west-1".parse().unwrap(), ..call.clone() };
        let enable = call("securityhub", "EnableSecurityHub", json!({}));
        let create = call("securityhub", "CreateFindingAggregator", json!({"RegionLinkingMode": "ALL_REGIONS"}));
        assert_eq!(ask(&testbed, &create).await, json!({"error": "InvalidAccessException"}));
        ask(&testbed, &enable).await;
        ask(&testbed, &abroad(&enable)).await;
        let arn = ask(&testbed, &create).await["FindingAggregatorArn"].clone();
        assert_eq!(ask(&testbed, &abroad(&create)).await, json!({"error": "InvalidInputException"}));
        let list = call("securityhub", "ListFindingAggregators", json!({}));
        assert_eq!(ask(&testbed, &abroad(&list)).await, json!({"FindingAggregators": [{"FindingAggregatorArn": arn}]}));
        let params =
            json!({"FindingAggregatorArn": arn, "RegionLinkingMode": "SPECIFIED_REGIONS", "Regions": ["eu-west-1"]});
        let update = call("securityhub", "UpdateFindingAggregator", params);
        assert_eq!(ask(&testbed, &abroad(&update)).await, json!({"error": "InvalidInputException"}));
        assert_eq!(ask(&testbed, &update).await["Regions"], json!(["eu-west-1"]));
        let delete = call("securityhub", "DeleteFindingAggregator", json!({"FindingAggregatorArn": arn}));
        assert_eq!(ask(&testbed, &delete).await, json!({}));
        assert_eq!(ask(&testbed, &list).await, json!({"FindingAggregators": []}));
        let wrong = call("securityhub", "CreateFindingAggregator", json!({"RegionLinkingMode": "SPECIFIED_REGIONS"}));
        assert_eq!(ask(&testbed, &wrong).await, json!({"error": "InvalidInputException"}));
    }
}
