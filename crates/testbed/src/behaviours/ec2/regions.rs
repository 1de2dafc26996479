//! The Regions that an account may use, by what it has switched on. Follows "DescribeRegions" of the Amazon EC2 API
//! Reference: without `AllRegions` only those that are enabled; filters by `opt-in-status` and `region-name`.

use dodai_facts::Region;
use dodai_models::partitions;

use super::super::account;
use crate::call::Call;
use crate::state::State;

/// The reply's content.
pub(super) fn answer(state: &State, call: &Call) -> String {
    let all = call.text("AllRegions") == Some("true");
    let named = numbered(call, "RegionName");
    let filters: Vec<(&str, Vec<&str>)> = (1..)
        .map_while(|number| {
            let name = call.text(&format!("Filter.{number}.Name"))?;
            Some((name, numbered(call, &format!("Filter.{number}.Value"))))
        })
        .collect();
    let partition = call.region.partition();
    let regions =
        partitions::regions(partition.as_str()).into_iter().filter_map(|region| region.parse::<Region>().ok());
    let items = regions.filter_map(|region| {
        let status = match account::status(state, &call.account, &region) {
            "ENABLED_BY_DEFAULT" => "opt-in-not-required",
            "ENABLED" => "opted-in",
            _ => "not-opted-in",
        };
        let name = region.as_str();
        let wanted = all || status != "not-opted-in";
        let listed = named.is_empty() || named.contains(&name);
        let passes = filters.iter().all(|(filter, values)| match *filter {
            "opt-in-status" => values.contains(&status),
            "region-name" => values.contains(&name),
            _ => true,
        });
        (wanted && listed && passes).then(|| {
            format!(
                "<item><regionName>{name}</regionName><regionEndpoint>ec2.{name}.amazonaws.com</regionEndpoint>\
                 <optInStatus>{status}</optInStatus></item>"
            )
        })
    });
    format!("<regionInfo>{}</regionInfo>", items.collect::<String>())
}

/// The values of `name.1`, `name.2` …
fn numbered<'a>(call: &'a Call, name: &str) -> Vec<&'a str> {
    (1..).map_while(|number| call.text(&format!("{name}.{number}"))).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::behaviours::tests::call;

    #[test]
    fn regions_are_listed_by_what_is_switched_on() {
        let check = |params: Value, inside: &[&str], outside: &[&str]| {
            let found = answer(&State::default(), &call("ec2", "DescribeRegions", params.clone()));
            let has = |name: &&str| found.contains(&format!("<regionName>{name}</regionName>"));
            assert!(inside.iter().all(has) && !outside.iter().any(has), "{params}: {found}");
        };
        check(json!({}), &["us-east-1", "eu-west-1"], &["eu-south-1"]);
        check(json!({"AllRegions": "true"}), &["us-east-1", "eu-south-1"], &["cn-north-1"]);
        check(json!({"RegionName.1": "eu-west-1"}), &["eu-west-1"], &["us-east-1"]);
        let filter =
            json!({"AllRegions": "true", "Filter.1.Name": "opt-in-status", "Filter.1.Value.1": "not-opted-in"});
        check(filter, &["eu-south-1"], &["us-east-1"]);
    }
}
