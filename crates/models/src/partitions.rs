//! Partitions, their Regions, and where each service is offered, from botocore's `partitions.json` and
//! `endpoints.json`. What is offered where changes faster than this data: `None` means that it does not say.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use regex_lite::Regex;
use serde::Deserialize;

/// A part of AWS with accounts of its own: `aws`, `aws-cn`, `aws-us-gov` …
#[derive(Debug, Clone, Deserialize)]
pub struct Partition {
    pub id: String,
    /// `amazonaws.com`
    pub dns_suffix: String,
    /// `api.aws`
    pub dual_stack_dns_suffix: String,
    pub supports_fips: bool,
    pub supports_dual_stack: bool,
    /// The Region that requests to global services are signed for: `us-east-1`.
    pub global_region: String,
    /// What Regions of this partition look like, those of tomorrow too.
    region_pattern: String,
    /// Code to name: `ap-northeast-1`, `Asia Pacific (Tokyo)`.
    pub regions: BTreeMap<String, String>,
    #[serde(skip)]
    pattern: OnceLock<Option<Regex>>,
}

impl Partition {
    fn matches(&self, region: &str) -> bool {
        self.pattern
            .get_or_init(|| Regex::new(&self.region_pattern).ok())
            .as_ref()
            .is_some_and(|it| it.is_match(region))
    }
}

#[derive(Debug, Deserialize)]
struct Data {
    partitions: Vec<Partition>,
    /// By service, then by partition.
    services: BTreeMap<String, BTreeMap<String, Offer>>,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Offer {
    /// One endpoint for the whole partition.
    Global {
        global: String,
    },
    Regions(Vec<String>),
}

/// # Panics
/// Never in a tree whose tests pass: the file is embedded.
fn data() -> &'static Data {
    static DATA: OnceLock<Data> = OnceLock::new();
    DATA.get_or_init(|| {
        serde_json::from_str(include_str!("../../../models/partitions.json"))
            .unwrap_or_else(|error| panic!("the embedded partitions are damaged: {error}"))
    })
}

pub fn all() -> &'static [Partition] {
    &data().partitions
}

pub fn partition(id: &str) -> Option<&'static Partition> {
    all().iter().find(|partition| partition.id == id)
}

/// The partition of a Region; of a Region that is newer than this data, by what its code looks like.
pub fn partition_of(region: &str) -> Option<&'static Partition> {
    let known = all().iter().find(|partition| partition.regions.contains_key(region));
    known.or_else(|| all().iter().find(|partition| partition.matches(region)))
}

/// Codes of all known Regions of a partition, sorted; empty for an unknown partition.
pub fn regions(id: &str) -> Vec<&'static str> {
    partition(id).into_iter().flat_map(|partition| partition.regions.keys().map(String::as_str)).collect()
}

/// Whether a service can be used in a Region. A global service ([`global_region`]) is offered in every Region
/// of its partition. `None` when the data does not say: it does not know the service, or not the Region.
pub fn offered(service: &str, region: &str) -> Option<bool> {
    let partition = all().iter().find(|partition| partition.regions.contains_key(region))?;
    match data().services.get(service)?.get(&partition.id) {
        Some(Offer::Global { .. }) => Some(true),
        Some(Offer::Regions(regions)) => Some(regions.iter().any(|offered| offered == region)),
        // Listed elsewhere, not here.
        None => Some(false),
    }
}

/// The one Region that requests to a global service (IAM, Organizations, Route 53 …) are signed for in a
/// partition; `None` for a Regional service and for one that the data does not know.
pub fn global_region(service: &str, partition: &str) -> Option<&'static str> {
    match data().services.get(service)?.get(partition)? {
        Offer::Global { global } => Some(global),
        Offer::Regions(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regions_belong_to_partitions() {
        for (region, expected) in [
            ("ap-northeast-1", Some("aws")),
            ("cn-north-1", Some("aws-cn")),
            ("us-gov-west-1", Some("aws-us-gov")),
            ("eusc-de-east-1", Some("aws-eusc")),
            // Of tomorrow.
            ("ap-northeast-9", Some("aws")),
            ("cn-south-7", Some("aws-cn")),
            ("us-isob-south-4", Some("aws-iso-b")),
            ("moon-north-1", None),
            ("aws-global", None),
            ("", None),
        ] {
            assert_eq!(partition_of(region).map(|partition| partition.id.as_str()), expected, "{region}");
        }
    }

    #[test]
    fn every_pattern_matches_its_own_regions_and_no_others() {
        for partition in all() {
            for other in all() {
                for region in other.regions.keys() {
                    assert_eq!(partition.matches(region), partition.id == other.id, "{} {region}", partition.id);
                }
            }
        }
    }

    #[test]
    fn regions_of_a_partition() {
        assert_eq!(regions("aws-cn"), ["cn-north-1", "cn-northwest-1"]);
        assert!(regions("aws").len() > 30);
        assert!(regions("aws-mars").is_empty());
    }

    #[test]
    fn services_are_offered_where_the_data_says() {
        for (service, region, expected) in [
            ("guardduty", "ap-northeast-1", Some(true)),
            ("iam", "ap-northeast-1", Some(true)),
            ("apprunner", "ap-northeast-3", Some(false)),
            ("guardduty", "ap-northeast-9", None),
            ("no-such-service", "us-east-1", None),
            ("apprunner", "cn-north-1", Some(false)),
        ] {
            assert_eq!(offered(service, region), expected, "{service} {region}");
        }
    }

    #[test]
    fn global_services_have_one_region() {
        for (service, partition, expected) in [
            ("iam", "aws", Some("us-east-1")),
            ("iam", "aws-cn", Some("cn-north-1")),
            ("organizations", "aws", Some("us-east-1")),
            ("cloudfront", "aws", Some("us-east-1")),
            ("route53", "aws-us-gov", Some("us-gov-west-1")),
            ("s3", "aws", None),
            ("sts", "aws", None),
            ("guardduty", "aws", None),
        ] {
            assert_eq!(global_region(service, partition), expected, "{service} {partition}");
        }
    }
}
