//! What the limits of policies are in this organization: its own quotas where Service Quotas has them, else what AWS
//! publishes, and why that.
//!
//! AWS: "Quotas and service limits for AWS Organizations", "IAM and AWS STS quotas", `GetServiceQuota` (Service Quotas API
//! Reference).

use std::collections::BTreeSet;

use dodai_facts::escape::terminal;
use dodai_facts::{AccountId, Failure};
use dodai_models::partitions::global_region;
use dodai_policy::check::{Kind, LIMITS, Limit, Limits, Quota};
use serde::Serialize;
use serde_json::{Value, json};

use crate::failure::Result;
use crate::world::World;

/// More characters than AWS gives any policy; what is beyond is no answer to go by.
const MOST: f64 = 1_000_000.0;

/// A limit that the checks go by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct InForce {
    pub kind: &'static str,
    pub characters: usize,
    /// The most policies of the kind on one root, unit or account.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attached: Option<usize>,
    /// `service-quotas`, or `published`: AWS's documentation.
    pub source: &'static str,
    /// The quota, or the page and why no quota was read.
    pub because: String,
}

/// The limits of these kinds. Organizations' quotas are the management account's; IAM's those of `account`.
pub async fn read(world: &World, kinds: &BTreeSet<Kind>, account: &AccountId) -> Result<(Limits, Vec<InForce>)> {
    let mut limits = Limits::default();
    let mut in_force = Vec::new();
    for limit in LIMITS.iter().filter(|limit| kinds.contains(&limit.kind)) {
        let read = match limit.quota {
            Some(quota) => Some((quota, ask(world, quota, account).await)),
            None => None,
        };
        let told = told(limit, read);
        if told.source == READ {
            limits.characters.insert(limit.kind, told.characters);
        }
        in_force.push(told);
    }
    Ok((limits, in_force))
}

const READ: &str = "service-quotas";

async fn ask(world: &World, quota: Quota, account: &AccountId) -> std::result::Result<Value, Failure> {
    let management = &world.context.management;
    let account = if quota.service == "organizations" { management } else { account };
    // Quotas of a global service are kept where the service is.
    let region = global_region(quota.service, world.context.partition.as_str())
        .and_then(|region| region.parse().ok())
        .unwrap_or_else(|| world.context.home.clone());
    let asked = json!({ "ServiceCode": quota.service, "QuotaCode": quota.code });
    world.client.call(account, &region, "service-quotas", "GetServiceQuota", &asked).await
}

/// A limit by what was read of it.
fn told(limit: &Limit, read: Option<(Quota, std::result::Result<Value, Failure>)>) -> InForce {
    let published = |why: &str| InForce {
        kind: limit.kind.as_str(),
        characters: limit.characters,
        attached: limit.attached,
        source: "published",
        because: format!("\"{}\", {}: {why}", limit.source, limit.date),
    };
    let Some((quota, reply)) = read else { return published("Service Quotas does not give it") };
    let name = format!("{} {}", quota.service, quota.code);
    match reply {
        Err(failure) => published(&format!("the quota {name} was not read: {failure}")),
        Ok(reply) => match characters(&reply) {
            Ok(characters) => InForce { characters, source: READ, because: name, ..published("") },
            Err(why) => published(&format!("the quota {name} says {why}")),
        },
    }
}

/// The number of characters that a reply of `GetServiceQuota` says, or what it says instead.
fn characters(reply: &Value) -> std::result::Result<usize, String> {
    let quota = reply.get("Quota").unwrap_or(&Value::Null);
    let value = quota.get("Value").and_then(Value::as_f64).ok_or("no value")?;
    let unit = quota.get("Unit").and_then(Value::as_str).unwrap_or("None");
    let times = match unit {
        "None" | "Count" | "Bytes" | "Characters" => 1.0,
        "Kilobytes" => 1_024.0,
        other => return Err(format!("{value} {other}")),
    };
    let value = value * times;
    if !(1.0..=MOST).contains(&value) {
        return Err(format!("{value} characters"));
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 1 and a million")]
    Ok(value as usize)
}

/// One line for each limit. Safe for a terminal.
pub fn text(in_force: &[InForce]) -> String {
    let line = |limit: &InForce| {
        let from = if limit.source == READ { "Service Quotas" } else { "published" };
        let attached = limit
            .attached
            .map_or_else(String::new, |most| format!("; {most} on one root, unit or account (published)"));
        let InForce { kind, characters, because, .. } = limit;
        format!("limit of {kind}: {characters} characters ({from}: {}){attached}\n", terminal(because))
    };
    in_force.iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use dodai_facts::FailureKind;

    use super::*;

    #[test]
    fn a_quota_is_read_or_is_said_not_to_be() {
        let check = |reply: Value, expected: std::result::Result<usize, &str>| {
            assert_eq!(characters(&reply).as_ref().copied().map_err(String::as_str), expected, "{reply}");
        };
        let quota = |value: Value, unit: &str| json!({"Quota": {"QuotaCode": "L-1", "Value": value, "Unit": unit}});
        check(quota(json!(10240.0), "None"), Ok(10_240));
        check(quota(json!(20), "Kilobytes"), Ok(20_480));
        check(json!({"Quota": {"Value": 4096.0}}), Ok(4_096));
        check(quota(json!(2), "Megabytes"), Err("2 Megabytes"));
        check(quota(json!(-1), "None"), Err("-1 characters"));
        check(quota(json!(0), "None"), Err("0 characters"));
        check(quota(json!(1e12), "None"), Err("1000000000000 characters"));
        check(quota(json!("many"), "None"), Err("no value"));
        check(json!({}), Err("no value"));
    }

    #[test]
    fn what_holds_says_where_it_is_from() {
        let of = |kind: Kind| Limits::published(kind).unwrap();
        let quota = of(Kind::ServiceControl).quota.unwrap();
        let failure = Failure {
            kind: FailureKind::Denied,
            service: "service-quotas".to_owned(),
            operation: "GetServiceQuota".to_owned(),
            account: None,
            region: None,
            code: "AccessDeniedException".to_owned(),
            message: "no".to_owned(),
            request_id: None,
        };
        let all = [
            told(of(Kind::ServiceControl), Some((quota, Ok(json!({"Quota": {"Value": 20480.0}}))))),
            told(of(Kind::ServiceControl), Some((quota, Ok(json!({"Quota": {}}))))),
            told(of(Kind::ServiceControl), Some((quota, Err(failure)))),
            told(of(Kind::Identity), None),
        ];
        let published =
            r#""Quotas and service limits for AWS Organizations", 2026-05-15: the quota organizations L-C48BCE79"#;
        let attached = "10 on one root, unit or account (published)";
        let expected = [
            format!("limit of service-control: 20480 characters (Service Quotas: organizations L-C48BCE79); {attached}"),
            format!("limit of service-control: 10240 characters (published: {published} says no value); {attached}"),
            format!(
                "limit of service-control: 10240 characters (published: {published} was not read: \
                 service-quotas.GetServiceQuota: AccessDeniedException (denied): no); {attached}"
            ),
            r#"limit of identity: 6144 characters (published: "IAM and AWS STS quotas", 2026-09-26: Service Quotas does not give it)"#
                .to_owned(),
        ];
        assert_eq!(text(&all), expected.map(|line| line + "\n").concat());
    }
}
