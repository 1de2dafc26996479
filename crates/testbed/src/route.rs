//! Which service and operation a signing name and a request's shape mean, out of the API models.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

use dodai_models::{Location, Models, Operation, Service, ShapeKind};
use http::{HeaderMap, Method};
use serde_json::{Map, Value};

use crate::call::unescape;

/// Operations that newer ones with the same method and URI replace.
const REPLACED: [&str; 4] =
    ["GetBucketLifecycle", "PutBucketLifecycle", "GetBucketNotification", "PutBucketNotification"];

/// A REST operation and its path labels, by their names on the wire.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Routed {
    pub(crate) service: String,
    pub(crate) operation: String,
    pub(crate) labels: Vec<(String, String)>,
}

/// The services that sign with this name: the one of the same name first, without decoding the others.
fn services(signing_name: &str) -> Vec<Arc<Service>> {
    static BY_SIGNING_NAME: OnceLock<HashMap<String, Vec<Arc<Service>>>> = OnceLock::new();
    let models = Models::embedded();
    if let Some(service) = models.service(signing_name).filter(|service| service.signing_name == signing_name) {
        // Few share the name of another service.
        let other = match signing_name {
            "es" => models.service("opensearch"),
            "s3" => models.service("s3control"),
            _ => None,
        };
        return std::iter::once(service).chain(other).collect();
    }
    let all = BY_SIGNING_NAME.get_or_init(|| {
        let mut all: HashMap<String, Vec<Arc<Service>>> = HashMap::new();
        for service in models.names().filter_map(|name| models.service(name)) {
            all.entry(service.signing_name.clone()).or_default().push(service);
        }
        all
    });
    all.get(signing_name).cloned().unwrap_or_default()
}

/// The service that an awsJson target prefix means.
pub(crate) fn service_of_target(signing_name: &str, prefix: &str) -> String {
    let services = services(signing_name);
    let service = services.iter().find(|service| service.target_prefix.as_deref() == Some(prefix)).or(services.first());
    service.map_or_else(|| signing_name.to_owned(), |service| service.name.clone())
}

/// The service that an awsQuery action means.
pub(crate) fn service_of_action(signing_name: &str, action: &str) -> String {
    let services = services(signing_name);
    let service = services.iter().find(|service| service.operations.contains_key(action)).or(services.first());
    service.map_or_else(|| signing_name.to_owned(), |service| service.name.clone())
}

/// Finds the REST operation: the template with the most fixed parts that fits, whose required query parameters and
/// headers are all there.
pub(crate) fn route(
    signing_name: &str,
    method: &Method,
    path: &str,
    query: &Map<String, Value>,
    headers: &HeaderMap,
) -> Option<Routed> {
    let mut best: Option<(usize, Routed)> = None;
    for service in services(signing_name) {
        for (name, operation) in &service.operations {
            if operation.method != method.as_str() || REPLACED.contains(&name.as_str()) {
                continue;
            }
            let Some((fixed, labels)) = fits(&operation.uri, path, query) else { continue };
            let Some(demanded) = demands(&service, operation, query, headers) else { continue };
            let rank = fixed * 100 + demanded;
            if best.as_ref().is_none_or(|(highest, _)| rank > *highest) {
                best = Some((rank, Routed { service: service.name.clone(), operation: name.clone(), labels }));
            }
        }
    }
    best.map(|(_, routed)| routed)
}

/// Matches a URI template; returns how many parts are fixed, and the labels.
fn fits(template: &str, path: &str, query: &Map<String, Value>) -> Option<(usize, Vec<(String, String)>)> {
    let (template, fixed_query) = template.split_once('?').unwrap_or((template, ""));
    let mut fixed = 0;
    for pair in fixed_query.split('&').filter(|pair| !pair.is_empty()) {
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        if query.get(key)?.as_str() != Some(value) {
            return None;
        }
        fixed += 1;
    }
    let split = |text: &'_ str| text.split('/').filter(|part| !part.is_empty()).map(str::to_owned).collect::<Vec<_>>();
    let (template, path) = (split(template), split(path));
    let mut labels = Vec::new();
    for (index, part) in template.iter().enumerate() {
        let given = path.get(index)?;
        match part.strip_prefix('{').and_then(|part| part.strip_suffix('}')) {
            Some(label) => match label.strip_suffix('+') {
                Some(label) => {
                    let rest = path.get(index..)?.join("/");
                    labels.push((label.to_owned(), unescape(&rest)));
                    return Some((fixed, labels));
                }
                None => labels.push((label.to_owned(), unescape(given))),
            },
            None if part == given => fixed += 1,
            None => return None,
        }
    }
    (template.len() == path.len()).then_some((fixed, labels))
}

/// How many required query parameters and headers there are; none when one is missing.
fn demands(service: &Service, operation: &Operation, query: &Map<String, Value>, headers: &HeaderMap) -> Option<usize> {
    let shape = operation.input.map(|input| service.shape(input));
    let Some(ShapeKind::Structure(input)) = shape.map(|shape| &shape.kind) else { return Some(0) };
    let mut count = 0;
    for member in input.members.iter().filter(|member| input.required.contains(&member.name)) {
        let name = member.location_name.as_deref().unwrap_or(&member.name);
        let given = match member.location {
            Location::Query => query.contains_key(name),
            Location::Header => headers.contains_key(name),
            _ => continue,
        };
        if !given {
            return None;
        }
        count += 1;
    }
    Some(count)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn templates_fit_paths() {
        let check = |template: &str, path: &str, query: Value, expected: Option<(usize, &[(&str, &str)])>| {
            let found = fits(template, path, query.as_object().unwrap());
            let own = |(fixed, labels): (usize, &[(&str, &str)])| {
                (fixed, labels.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect())
            };
            assert_eq!(found, expected.map(own));
        };
        check("/detector/{detectorId}", "/detector/7", json!({}), Some((1, &[("detectorId", "7")])));
        check("/detector/{detectorId}", "/detector/7/filter", json!({}), None);
        check("/a/{Arn+}", "/a/arn%3Ax/y", json!({}), Some((1, &[("Arn", "arn:x/y")])));
        check("/{Bucket}?policy", "/b", json!({}), None);
        check("/{Bucket}?policy", "/b/", json!({"policy": ""}), Some((1, &[("Bucket", "b")])));
        check("/{Bucket}?list-type=2", "/b", json!({"list-type": "1"}), None);
        check("/{Bucket}/{Key+}", "/b", json!({}), None);
    }

    #[test]
    fn services_that_share_a_signing_name_are_told_apart() {
        let check = |signing_name: &str, path: &str, expected: &str| {
            let found = route(signing_name, &Method::GET, path, &Map::new(), &HeaderMap::new()).unwrap();
            assert_eq!(format!("{}.{}", found.service, found.operation), expected);
        };
        check("es", "/2015-01-01/es/domain/a", "es.DescribeElasticsearchDomain");
        check("es", "/2021-01-01/domain", "opensearch.ListDomainNames");
        check("es", "/2021-01-01/opensearch/domain/a", "opensearch.DescribeDomain");
    }
}
