//! Rules about what depends on what, read from `cargo metadata`.

use std::collections::{BTreeMap, VecDeque};

use serde_json::Value;

/// Every crate of the workspace, and the crates of it that it may use. Tests may use more.
const ARROWS: &[(&str, &[&str])] = &[
    ("dodai-facts", &[]),
    ("dodai-texts", &[]),
    ("dodai-models", &["dodai-facts"]),
    ("dodai-document", &["dodai-facts"]),
    ("dodai-policy", &["dodai-facts", "dodai-document"]),
    ("dodai-org", &["dodai-facts", "dodai-document", "dodai-policy"]),
    ("dodai-controls", &["dodai-facts"]),
    ("dodai-baseline", &["dodai-facts", "dodai-texts", "dodai-models", "dodai-org", "dodai-policy"]),
    ("dodai-api", &["dodai-facts", "dodai-models"]),
    ("dodai-inventory", &["dodai-facts", "dodai-models", "dodai-policy", "dodai-api"]),
    ("dodai-apply", &["dodai-facts", "dodai-baseline", "dodai-api"]),
    (
        "dodai-cli",
        &[
            "dodai-facts",
            "dodai-texts",
            "dodai-models",
            "dodai-document",
            "dodai-policy",
            "dodai-org",
            "dodai-baseline",
            "dodai-controls",
            "dodai-api",
            "dodai-inventory",
            "dodai-apply",
        ],
    ),
    ("dodai-testbed", &["dodai-facts", "dodai-models", "dodai-policy"]),
    ("xtask", &["dodai-document", "dodai-models", "dodai-policy"]),
];

/// Crates without I/O, threads and clocks.
const PURE: &[&str] = &[
    "dodai-facts",
    "dodai-texts",
    "dodai-models",
    "dodai-document",
    "dodai-policy",
    "dodai-org",
    "dodai-baseline",
    "dodai-controls",
];

/// What a pure crate never reaches, not even through others. A name that ends in `-` or `_` is a beginning.
const IMPURE: &[&str] =
    &["tokio", "tokio-", "aws-", "datafusion", "datafusion-", "arrow", "arrow-", "parquet", "object_store", "hyper"];

/// Typed clients that `aws-config` brings along to get credentials; any other costs minutes and gigabytes to compile.
const TYPED: &[&str] = &["aws-sdk-sso", "aws-sdk-ssooidc", "aws-sdk-signin", "aws-sdk-sts"];

#[derive(Debug, Default)]
pub(super) struct Package {
    pub(super) name: String,
    pub(super) version: String,
    pub(super) licence: Option<String>,
    /// One of the workspace's own.
    pub(super) member: bool,
    /// The packages (by position) that it is built with.
    pub(super) uses: Vec<usize>,
}

/// Reads `cargo metadata --format-version 1`. What only tests use is left out.
pub(super) fn read(metadata: &[u8]) -> Result<Vec<Package>, String> {
    let metadata: Value = serde_json::from_slice(metadata).map_err(|error| format!("cargo metadata: {error}"))?;
    let list = |value: &Value, name: &str| value.get(name).and_then(Value::as_array).cloned().unwrap_or_default();
    let text = |value: &Value, name: &str| value.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let members = list(&metadata, "workspace_members");
    let mut places = BTreeMap::new();
    let mut packages = Vec::new();
    for package in list(&metadata, "packages") {
        let id = text(&package, "id");
        let member = members.iter().any(|member| member.as_str() == Some(&id));
        places.insert(id, packages.len());
        let licence = package.get("license").and_then(Value::as_str).map(ToOwned::to_owned);
        let (name, version) = (text(&package, "name"), text(&package, "version"));
        packages.push(Package { name, version, licence, member, uses: Vec::new() });
    }
    for node in metadata.get("resolve").map(|resolve| list(resolve, "nodes")).unwrap_or_default() {
        let Some(package) = places.get(&text(&node, "id")).and_then(|&place| packages.get_mut(place)) else { continue };
        for dependency in list(&node, "deps") {
            let kinds = list(&dependency, "dep_kinds");
            let built = kinds.iter().any(|kind| kind.get("kind").and_then(Value::as_str) != Some("dev"));
            package.uses.extend(places.get(&text(&dependency, "pkg")).filter(|_| built));
        }
    }
    if packages.iter().all(|package| package.uses.is_empty()) {
        return Err("cargo metadata names no dependencies".to_owned());
    }
    Ok(packages)
}

fn members(packages: &[Package]) -> impl Iterator<Item = (usize, &Package)> {
    packages.iter().enumerate().filter(|(_, package)| package.member)
}

fn used<'a>(packages: &'a [Package], package: &'a Package) -> impl Iterator<Item = &'a Package> {
    package.uses.iter().filter_map(|&place| packages.get(place))
}

fn is(name: &str, pattern: &str) -> bool {
    if pattern.ends_with(['-', '_']) { name.starts_with(pattern) } else { name == pattern }
}

/// Crates of the workspace depend on each other one way only; nothing of the product depends on the testbed.
pub(super) fn arrows(packages: &[Package]) -> Vec<String> {
    let mut problems = Vec::new();
    for (_, package) in members(packages) {
        let Some((_, allowed)) = ARROWS.iter().find(|(name, _)| *name == package.name) else {
            problems
                .push(format!("`{}` has no arrows: say in xtask/src/lint/packages.rs what it may use", package.name));
            continue;
        };
        for other in used(packages, package).filter(|other| other.member) {
            if !allowed.contains(&other.name.as_str()) {
                problems.push(format!("`{}` depends on `{}`: no arrow leads there", package.name, other.name));
            }
        }
    }
    problems
}

/// Pure crates reach nothing that does I/O, not even through others.
pub(super) fn pure_crates_stay_pure(packages: &[Package]) -> Vec<String> {
    let mut problems = Vec::new();
    for (start, _) in members(packages).filter(|(_, package)| PURE.contains(&package.name.as_str())) {
        // Breadth first, so that the way shown is a shortest one.
        let mut from = BTreeMap::from([(start, start)]);
        let mut queue = VecDeque::from([start]);
        while let Some(place) = queue.pop_front() {
            let Some(package) = packages.get(place) else { continue };
            if IMPURE.iter().any(|pattern| is(&package.name, pattern)) {
                problems.push(format!("a pure crate does no I/O: {}", way(packages, &from, place)));
                continue;
            }
            for &next in &package.uses {
                from.entry(next).or_insert_with(|| {
                    queue.push_back(next);
                    place
                });
            }
        }
    }
    problems
}

/// `dodai-org -> some-crate -> tokio`
fn way(packages: &[Package], from: &BTreeMap<usize, usize>, end: usize) -> String {
    let mut names = Vec::new();
    let mut place = end;
    loop {
        names.extend(packages.get(place).map(|package| package.name.as_str()));
        match from.get(&place) {
            Some(&before) if before != place => place = before,
            _ => break,
        }
    }
    names.reverse();
    names.join(" -> ")
}

/// Only `api` talks to AWS, and SQL runs in `inventory` only.
pub(super) fn one_crate_each_for_aws_and_sql(packages: &[Package]) -> Vec<String> {
    let mut problems = Vec::new();
    for (_, package) in members(packages) {
        for other in used(packages, package) {
            let owner = match other.name.as_str() {
                name if name.starts_with("aws-") => "dodai-api",
                name if name.starts_with("datafusion") => "dodai-inventory",
                _ => continue,
            };
            if package.name != owner {
                problems.push(format!("`{}` depends on `{}`: only `{owner}` may", package.name, other.name));
            }
        }
    }
    problems
}

/// AWS is called by the service's model: no typed client but those that get credentials.
pub(super) fn no_typed_clients(packages: &[Package]) -> Vec<String> {
    let typed = packages.iter().filter(|package| package.name.starts_with("aws-sdk-"));
    let others = typed.filter(|package| !TYPED.contains(&package.name.as_str()));
    others.map(|package| format!("`{}` is a typed client: call AWS through `dodai-api`", package.name)).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// Packages by name with what each uses; names that begin with `dodai` or `xtask` are members. A dependency that
    /// begins with `test:` is for tests only.
    fn packages(all: &[(&str, &[&str])]) -> Vec<Package> {
        let is_member = |name: &str| name.starts_with("dodai") || name.starts_with("xtask");
        let members: Vec<&str> = all.iter().map(|(name, _)| *name).filter(|name| is_member(name)).collect();
        let list: Vec<Value> = all
            .iter()
            .map(|(name, _)| json!({"id": name, "name": name, "version": "1.0.0", "license": "MIT"}))
            .collect();
        let nodes: Vec<Value> = all
            .iter()
            .map(|(name, uses)| {
                let deps = uses.iter().map(|used| match used.strip_prefix("test:") {
                    Some(used) => json!({"pkg": used, "dep_kinds": [{"kind": "dev"}]}),
                    None => json!({"pkg": used, "dep_kinds": [{"kind": "dev"}, {"kind": null}]}),
                });
                json!({"id": name, "deps": deps.collect::<Vec<_>>()})
            })
            .collect();
        let metadata = json!({"packages": list, "workspace_members": members, "resolve": {"nodes": nodes}});
        read(metadata.to_string().as_bytes()).unwrap()
    }

    fn check(rule: fn(&[Package]) -> Vec<String>, all: &[(&str, &[&str])], problems: &[&str]) {
        assert_eq!(rule(&packages(all)), problems, "{all:?}");
    }

    #[test]
    fn arrows_point_one_way() {
        let good: &[(&str, &[&str])] = &[("dodai-api", &["dodai-facts"]), ("dodai-facts", &[])];
        check(arrows, good, &[]);
        let problem = "`dodai-controls` depends on `dodai-api`: no arrow leads there";
        check(arrows, &[("dodai-controls", &["dodai-api"]), ("dodai-api", &[])], &[problem]);
        let testbed: &[(&str, &[&str])] =
            &[("dodai-cli", &["test:dodai-testbed", "serde"]), ("dodai-testbed", &[]), ("serde", &[])];
        check(arrows, testbed, &[]);
        let problem = "`dodai-cli` depends on `dodai-testbed`: no arrow leads there";
        check(arrows, &[("dodai-cli", &["dodai-testbed"]), ("dodai-testbed", &[])], &[problem]);
        let problem = "`dodai-new` has no arrows: say in xtask/src/lint/packages.rs what it may use";
        check(arrows, &[("dodai-new", &["serde"]), ("serde", &[])], &[problem]);
    }

    #[test]
    fn pure_crates_reach_no_runtime() {
        let reached: &[(&str, &[&str])] =
            &[("dodai-org", &["a", "b"]), ("a", &["b"]), ("b", &["tokio"]), ("tokio", &[])];
        check(pure_crates_stay_pure, reached, &["a pure crate does no I/O: dodai-org -> b -> tokio"]);
        let aws: &[(&str, &[&str])] = &[("dodai-facts", &["aws-types"]), ("aws-types", &[])];
        check(pure_crates_stay_pure, aws, &["a pure crate does no I/O: dodai-facts -> aws-types"]);
        let fine: &[(&str, &[&str])] = &[("dodai-facts", &["test:tokio", "a"]), ("tokio", &[]), ("a", &[])];
        check(pure_crates_stay_pure, fine, &[]);
        check(pure_crates_stay_pure, &[("dodai-api", &["tokio"]), ("tokio", &[])], &[]);
    }

    #[test]
    fn aws_and_sql_have_one_crate_each() {
        let all: &[(&str, &[&str])] = &[
            ("dodai-api", &["aws-sigv4"]),
            ("dodai-inventory", &["datafusion"]),
            ("dodai-apply", &["aws-sigv4", "datafusion", "test:aws-types"]),
            ("aws-sigv4", &["aws-types"]),
            ("aws-types", &[]),
            ("datafusion", &[]),
        ];
        let problems = [
            "`dodai-apply` depends on `aws-sigv4`: only `dodai-api` may",
            "`dodai-apply` depends on `datafusion`: only `dodai-inventory` may",
        ];
        check(one_crate_each_for_aws_and_sql, all, &problems);
    }

    #[test]
    fn typed_clients_are_refused() {
        let all: &[(&str, &[&str])] =
            &[("a", &["aws-sdk-sts", "aws-sdk-ec2"]), ("aws-sdk-sts", &[]), ("aws-sdk-ec2", &[])];
        check(no_typed_clients, all, &["`aws-sdk-ec2` is a typed client: call AWS through `dodai-api`"]);
    }

    #[test]
    fn metadata_without_a_graph_is_an_error() {
        assert!(read(br#"{"packages": [], "workspace_members": []}"#).is_err());
    }
}
