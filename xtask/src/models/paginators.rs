//! `paginators-1.json` to [`Paginator`]s, and paginators for the operations that botocore forgot: those whose
//! token has the same well-known name in and out, text on both sides.

use std::collections::BTreeMap;

use dodai_models::{Location, Member, Operation, Paginator, Service, ShapeKind};
use serde_json::Value;

/// Token names in the request and in the reply that mean a next page and nothing else.
const TOKENS: [(&str, &str); 13] = [
    ("NextToken", "NextToken"),
    ("nextToken", "nextToken"),
    ("NextMarker", "NextMarker"),
    ("nextMarker", "nextMarker"),
    ("Marker", "NextMarker"),
    ("Marker", "Marker"),
    ("marker", "nextMarker"),
    ("marker", "marker"),
    ("NextPageToken", "NextPageToken"),
    ("PageToken", "NextPageToken"),
    ("pageToken", "nextPageToken"),
    ("ContinuationToken", "ContinuationToken"),
    ("position", "position"),
];
const TRUNCATED: [&str; 2] = ["IsTruncated", "isTruncated"];
const LIMITS: [&str; 9] =
    ["MaxResults", "maxResults", "MaxItems", "MaxRecords", "Limit", "limit", "PageSize", "MaxBuckets", "MaxKeys"];
/// Operations that read: a token anywhere else is not a page's.
const VERBS: [&str; 11] =
    ["List", "Describe", "Get", "Search", "Query", "Select", "Scan", "Find", "Lookup", "AdminList", "BatchGet"];

/// A paginator that neither botocore nor names give: service, operation, tokens in, tokens out, result, whether more.
type Written =
    (&'static str, &'static str, &'static [&'static str], &'static [&'static str], &'static str, &'static str);

/// As Route 53's API reference describes each operation's `IsTruncated`.
const WRITTEN: [Written; 7] = [
    (
        "route53",
        "ListGeoLocations",
        &["StartContinentCode", "StartCountryCode", "StartSubdivisionCode"],
        &["NextContinentCode", "NextCountryCode", "NextSubdivisionCode"],
        "GeoLocationDetailsList",
        "IsTruncated",
    ),
    (
        "route53",
        "ListHostedZonesByName",
        &["DNSName", "HostedZoneId"],
        &["NextDNSName", "NextHostedZoneId"],
        "HostedZones",
        "IsTruncated",
    ),
    (
        "route53",
        "ListTrafficPolicies",
        &["TrafficPolicyIdMarker"],
        &["TrafficPolicyIdMarker"],
        "TrafficPolicySummaries",
        "IsTruncated",
    ),
    (
        "route53",
        "ListTrafficPolicyInstances",
        &["HostedZoneIdMarker", "TrafficPolicyInstanceNameMarker", "TrafficPolicyInstanceTypeMarker"],
        &["HostedZoneIdMarker", "TrafficPolicyInstanceNameMarker", "TrafficPolicyInstanceTypeMarker"],
        "TrafficPolicyInstances",
        "IsTruncated",
    ),
    (
        "route53",
        "ListTrafficPolicyInstancesByHostedZone",
        &["TrafficPolicyInstanceNameMarker", "TrafficPolicyInstanceTypeMarker"],
        &["TrafficPolicyInstanceNameMarker", "TrafficPolicyInstanceTypeMarker"],
        "TrafficPolicyInstances",
        "IsTruncated",
    ),
    (
        "route53",
        "ListTrafficPolicyInstancesByPolicy",
        &["HostedZoneIdMarker", "TrafficPolicyInstanceNameMarker", "TrafficPolicyInstanceTypeMarker"],
        &["HostedZoneIdMarker", "TrafficPolicyInstanceNameMarker", "TrafficPolicyInstanceTypeMarker"],
        "TrafficPolicyInstances",
        "IsTruncated",
    ),
    (
        "route53",
        "ListTrafficPolicyVersions",
        &["TrafficPolicyVersionMarker"],
        &["TrafficPolicyVersionMarker"],
        "TrafficPolicies",
        "IsTruncated",
    ),
];

pub(super) fn compile(service: &Service, source: &Value) -> Result<BTreeMap<String, Paginator>, String> {
    let mut paginators = BTreeMap::new();
    for (name, paginator) in source.get("pagination").and_then(Value::as_object).into_iter().flatten() {
        if service.operations.contains_key(name) {
            paginators.insert(name.clone(), botocore(paginator).map_err(|error| format!("paginator {name}: {error}"))?);
        }
    }
    for (_, name, given, got, result, more) in WRITTEN.iter().filter(|written| written.0 == service.name) {
        let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        paginators.entry((*name).to_owned()).or_insert_with(|| Paginator {
            input_token: owned(given),
            output_token: owned(got),
            result_key: owned(&[result]),
            more_results: Some((*more).to_owned()),
            limit_key: Some("MaxItems".to_owned()),
        });
    }
    for (name, operation) in &service.operations {
        if !paginators.contains_key(name)
            && VERBS.iter().any(|verb| name.starts_with(verb))
            && let Some(paginator) = made(service, operation)
        {
            paginators.insert(name.clone(), paginator);
        }
    }
    Ok(paginators)
}

fn botocore(source: &Value) -> Result<Paginator, String> {
    let text = |key: &str| source.get(key).and_then(Value::as_str).map(ToOwned::to_owned);
    let paginator = Paginator {
        input_token: one_or_many(source, "input_token"),
        output_token: one_or_many(source, "output_token"),
        result_key: one_or_many(source, "result_key"),
        more_results: text("more_results"),
        limit_key: text("limit_key"),
    };
    if paginator.input_token.is_empty() || paginator.input_token.len() != paginator.output_token.len() {
        return Err("as many input tokens as output tokens are needed".to_owned());
    }
    Ok(paginator)
}

fn one_or_many(source: &Value, key: &str) -> Vec<String> {
    match source.get(key) {
        Some(Value::String(one)) => vec![one.clone()],
        Some(Value::Array(many)) => many.iter().filter_map(Value::as_str).map(ToOwned::to_owned).collect(),
        _ => Vec::new(),
    }
}

fn made(service: &Service, operation: &Operation) -> Option<Paginator> {
    let input = service.structure(operation.input?)?;
    let output = service.structure(operation.output?)?;
    let is_text = |member: Option<&Member>| {
        member.is_some_and(|member| matches!(service.shape(member.shape).kind, ShapeKind::String { .. }))
    };
    let pairs = TOKENS.iter().filter(|(given, got)| is_text(input.member(given)) && is_text(output.member(got)));
    let (given, got) = pairs.copied().next()?;
    let lists = output.members.iter().filter(|member| {
        member.location == Location::Body && matches!(service.shape(member.shape).kind, ShapeKind::List { .. })
    });
    let first =
        |names: &[&str], of: &dyn Fn(&str) -> bool| names.iter().find(|name| of(name)).map(|name| (*name).to_owned());
    Some(Paginator {
        input_token: vec![given.to_owned()],
        output_token: vec![got.to_owned()],
        result_key: lists.map(|member| member.name.clone()).collect(),
        more_results: first(&TRUNCATED, &|name| output.member(name).is_some()),
        limit_key: first(&LIMITS, &|name| input.member(name).is_some()),
    })
}
