//! What a schema cannot say of a management policy: how one value bears on another. Only within one document: what an
//! ancestor's policy adds is seen in the effective policy.

use std::collections::HashSet;

use dodai_document::{Node, quote, suggest};
use dodai_facts::nearest;

use crate::PolicyType;
use crate::finding::Severity;
use crate::reference::{Reference, Service};

use super::check::Report;
use super::value::guardrail_region;

pub(super) fn check(kind: &PolicyType, tree: &Node, report: &mut Report<'_>) {
    match kind.folder {
        "tag" => tag(tree, report),
        "backup" => backup(tree, report),
        "bedrock" => bedrock(tree, report),
        "declarative-ec2" => metadata(tree, report),
        "security-hub" => tree.get("securityhub").into_iter().for_each(|lists| both_lists(lists, report)),
        "security-hub-cspm" => {
            let blocks = tree.entries().iter().filter_map(|entry| entry.value.get("cspm_enablement"));
            blocks.for_each(|lists| both_lists(lists, report));
        }
        _ => {}
    }
}

/// What `@@assign` gives the setting at a key.
fn assigned<'n>(node: &'n Node, key: &str) -> Option<&'n Node> {
    node.get(key)?.get("@@assign")
}

/// The value for the tag key must match the policy key, except for its case ("Tag policy syntax and examples").
fn tag(tree: &Node, report: &mut Report<'_>) {
    for entry in tree.get("tags").map(Node::entries).unwrap_or_default() {
        for setting in ["enforced_for", "report_required_tag_for"] {
            listed(&entry.value, setting).for_each(|node| resource_type(node, report));
        }
        let Some(node) = assigned(&entry.value, "tag_key") else { continue };
        let Some(key) = node.text() else { continue };
        if key.to_lowercase() != entry.key.to_lowercase() {
            let message = format!("the tag key {} differs from its policy key {}", quote(key), quote(&entry.key));
            let help = Some("they may differ in case only".to_owned());
            report.add("tag-key-differs", Severity::Error, node.place, message, help);
        }
    }
}

/// AWS's reference of services is not its list of types that a tag policy can be enforced for: what it does not have at all
/// is a slip, most likely.
fn resource_type(node: &Node, report: &mut Report<'_>) {
    let Some((prefix, kind)) = node.text().and_then(|text| text.split_once(':')) else { return };
    // What is no resource type by its form is said already.
    let word =
        |part: &str| !part.is_empty() && part.chars().all(|it| it.is_ascii_alphanumeric() || "-_/.".contains(it));
    if !word(prefix) || !(kind == "*" || word(kind)) {
        return;
    }
    let reference = Reference::embedded();
    let (message, help) = match reference.service(prefix) {
        None => {
            let near = nearest(prefix, reference.names().map(|(prefix, _)| prefix));
            let help = near.map(|near| format!("did you mean {}?", quote(near)));
            (format!("{} is no service in AWS's reference of {}", quote(prefix), reference.date()), help)
        }
        Some(service) if !matches!(kind, "*" | "ALL_SUPPORTED") && !has_type(service, kind) => {
            let names = service.resource_types.iter().map(|known| known.name.as_str());
            let message = format!(
                "{} has no resource type {} in AWS's reference of {}",
                quote(prefix),
                quote(kind),
                reference.date()
            );
            (message, suggest(kind, names))
        }
        Some(_) => return,
    };
    report.add("resource-type-unknown", Severity::Warning, node.place, message, help);
}

/// Whether a service has a type of this name, or with the name in the ARNs of one.
fn has_type(service: &Service, kind: &str) -> bool {
    let plain = |text: &str| text.replace(['-', '_', '/', '.'], "").to_ascii_lowercase();
    let kind = plain(kind);
    let in_arn = |arn: &String| arn.split([':', '/', '$', '{', '}']).any(|part| plain(part) == kind);
    service.resource_types.is_empty()
        || service.resource_types.iter().any(|known| plain(&known.name) == kind || known.arns.iter().any(in_arn))
}

fn backup(tree: &Node, report: &mut Report<'_>) {
    for plan in tree.get("plans").map(Node::entries).unwrap_or_default() {
        for rule in plan.value.get("rules").map(Node::entries).unwrap_or_default() {
            lifecycle(&rule.value, report);
            for copy in rule.value.get("copy_actions").map(Node::entries).unwrap_or_default() {
                lifecycle(&copy.value, report);
            }
        }
    }
}

/// What was moved to cold storage stays there for 90 days at least ("Backup policy syntax and examples").
fn lifecycle(node: &Node, report: &mut Report<'_>) {
    const COLD_DAYS: i64 = 90;
    let Some(lifecycle) = node.get("lifecycle") else { return };
    let days = |key: &str| {
        let node = assigned(lifecycle, key)?;
        Some((node, node.text()?.parse::<i64>().ok()?))
    };
    let (Some((_, cold)), Some((node, delete))) = (days("move_to_cold_storage_after_days"), days("delete_after_days"))
    else {
        return;
    };
    if delete < cold.saturating_add(COLD_DAYS) {
        let message = format!("deleted after {delete} days, but moved to cold storage after {cold}");
        let help = Some(format!("at least {}: cold storage lasts {COLD_DAYS} days", cold.saturating_add(COLD_DAYS)));
        report.add("cold-storage-too-short", Severity::Error, node.place, message, help);
    }
}

/// A guardrail works in its own Region. What is done with tagged content must be said: by `input_tags`, or, on newer
/// pages, by `selective_content_guarding` ("Amazon Bedrock policy syntax and examples").
fn bedrock(tree: &Node, report: &mut Report<'_>) {
    let regions = tree.get("bedrock").and_then(|node| node.get("guardrail_inference"));
    for region in regions.map(Node::entries).unwrap_or_default() {
        for configuration in region.value.entries() {
            let Some(node) = assigned(&configuration.value, "identifier") else { continue };
            if let Some(of) = node.text().and_then(guardrail_region)
                && of != region.key
            {
                let message = format!("a guardrail of {} cannot be enforced in {}", quote(of), quote(&region.key));
                report.add("guardrail-region", Severity::Error, node.place, message, None);
            }
            let said = ["input_tags", "selective_content_guarding"];
            if !said.iter().any(|key| configuration.value.get(key).is_some()) {
                let message = format!("{} does not say what is done with tagged content", quote(&configuration.key));
                let help = Some("`input_tags` or `selective_content_guarding`".to_owned());
                report.add("guardrail-tags", Severity::Warning, configuration.place, message, help);
            }
        }
    }
}

/// Containers cannot reach version 2 of the metadata service over one hop ("Declarative policy syntax and examples").
fn metadata(tree: &Node, report: &mut Report<'_>) {
    let defaults = tree.get("ec2_attributes").and_then(|node| node.get("instance_metadata_defaults"));
    let Some(defaults) = defaults else { return };
    let tokens = assigned(defaults, "http_tokens").and_then(Node::text);
    let Some(hops) = assigned(defaults, "http_put_response_hop_limit") else { return };
    if tokens == Some("required") && matches!(hops.text(), Some("0" | "1")) {
        let help = Some("AWS recommends at least 2 where `http_tokens` is `required`".to_owned());
        let message = "containers on an instance cannot reach its metadata over one hop";
        report.add("metadata-hops", Severity::Suggestion, hops.place, message, help);
    }
}

/// `disable_in_regions` wins ("Security Hub policy syntax and examples").
fn both_lists(lists: &Node, report: &mut Report<'_>) {
    let disabled: HashSet<&str> = listed(lists, "disable_in_regions").filter_map(Node::text).collect();
    for node in listed(lists, "enable_in_regions") {
        let Some(region) = node.text().filter(|region| disabled.contains(region)) else { continue };
        let message = format!("{} is in both lists: it will be disabled", quote(region));
        report.add("region-in-both", Severity::Warning, node.place, message, None);
    }
}

fn listed<'n>(lists: &'n Node, key: &str) -> impl Iterator<Item = &'n Node> {
    let setting = lists.get(key);
    ["@@assign", "@@append"].into_iter().filter_map(move |operator| setting?.get(operator)).flat_map(Node::items)
}
