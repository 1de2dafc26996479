//! `partitions.json` and `endpoints.json` to `models/partitions.json`: the partitions with their Regions, and
//! where each service is offered. Text, a line for each service and partition, so that a change can be read.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::{Map, Value, json};

/// `prefixes`: each service's name and its endpoint prefix, by which `endpoints.json` calls it.
pub(super) fn text(
    partitions: &Value,
    endpoints: &Value,
    prefixes: &BTreeMap<String, String>,
) -> Result<String, String> {
    let partitions = partitions.get("partitions").and_then(Value::as_array).ok_or("no `partitions`")?;
    let listed = endpoints.get("partitions").and_then(Value::as_array).ok_or("no `partitions` in endpoints")?;
    let mut text = "{\n  \"partitions\": [\n".to_owned();
    let lines: Vec<String> = partitions.iter().map(partition).collect::<Result<_, _>>()?;
    text.push_str(&lines.join(",\n"));
    text.push_str("\n  ],\n  \"services\": {\n");
    let mut services = Vec::new();
    for (name, prefix) in prefixes {
        let mut lines = Vec::new();
        for partition in listed {
            let id = partition.get("partition").and_then(Value::as_str).ok_or("a partition without a name")?;
            if let Some(service) = partition.get("services").and_then(|services| services.get(prefix)) {
                lines.push(format!("      {}: {}", json!(id), offer(partition, service)?));
            }
        }
        // A service that the file does not know at all is one of which nothing can be said.
        if !lines.is_empty() {
            services.push(format!("    {}: {{\n{}\n    }}", json!(name), lines.join(",\n")));
        }
    }
    text.push_str(&services.join(",\n"));
    let _ = writeln!(text, "\n  }}\n}}");
    Ok(text)
}

fn partition(source: &Value) -> Result<String, String> {
    let outputs = source.get("outputs").ok_or("a partition without `outputs`")?;
    let field = |key: &str| outputs.get(key).cloned().ok_or_else(|| format!("a partition without `{key}`"));
    let mut regions = Map::new();
    for (name, region) in source.get("regions").and_then(Value::as_object).into_iter().flatten() {
        // `aws-global` is a name for an endpoint, not a Region.
        if !name.ends_with("-global") {
            regions.insert(name.clone(), region.get("description").cloned().unwrap_or_default());
        }
    }
    let compact = json!({
        "id": source.get("id"),
        "dns_suffix": field("dnsSuffix")?,
        "dual_stack_dns_suffix": field("dualStackDnsSuffix")?,
        "supports_fips": field("supportsFIPS")?,
        "supports_dual_stack": field("supportsDualStack")?,
        "global_region": field("implicitGlobalRegion")?,
        "region_pattern": source.get("regionRegex"),
        "regions": regions,
    });
    Ok(format!("    {compact}"))
}

/// `{"global":"us-east-1"}` with the Region that requests are signed for, or a list of Regions.
fn offer(partition: &Value, service: &Value) -> Result<Value, String> {
    let endpoints = service.get("endpoints").and_then(Value::as_object).ok_or("a service without `endpoints`")?;
    let known = partition.get("regions").and_then(Value::as_object).ok_or("a partition without `regions`")?;
    let regions: Vec<&String> = endpoints.keys().filter(|name| known.contains_key(*name)).collect();
    let global = service.get("partitionEndpoint").and_then(Value::as_str);
    match global.and_then(|name| endpoints.get(name)) {
        Some(endpoint) if regions.is_empty() || service.get("isRegionalized") == Some(&Value::Bool(false)) => {
            let region = endpoint.get("credentialScope").and_then(|scope| scope.get("region"));
            Ok(json!({ "global": region.ok_or("a global endpoint without a Region")? }))
        }
        _ => Ok(json!(regions)),
    }
}
