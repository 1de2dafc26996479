//! A table to start from: an entry in `tables/<service>.yaml`, worked out from the service's API model: which call lists
//! the resources, where the rows are in its reply, and what names a row.

use std::path::Path;

use dodai_models::{Models, Operation, Service, Shape, ShapeKind, Structure, partitions};

use crate::new::insert_sorted;
use crate::workspace::{read, write};

pub(crate) const NEXT: &str = "\
Next: look at the service's API reference; `add` what a list leaves out (tags too), with the errors that mean that it is
absent or gone. Then: cargo test -p dodai-inventory tables::, and `dodai tables NAME` shows columns and permissions.";

const LIST: &str = "crates/inventory/src/tables/builtin.rs";

pub(crate) fn scaffold(root: &Path, name: &str) -> Result<Vec<String>, String> {
    let (service, resource) = split(name)?;
    let path = format!("tables/{service}.yaml");
    let mut files = Vec::new();
    let text = if root.join(&path).exists() {
        let text = read(&root.join(&path))?;
        if text.lines().any(|line| line == format!("{name}:")) {
            return Err(format!("`{name}` is in `{path}` already"));
        }
        text
    } else {
        let line = format!("    \"{service}.yaml\",");
        let list = insert_sorted(&read(&root.join(LIST))?, &line, |other| {
            other.starts_with("    \"") && other.ends_with(".yaml\",")
        });
        files.push((LIST.to_owned(), list.ok_or_else(|| format!("`{LIST}` lists no files"))?));
        format!("# Resources of {service}.\n")
    };
    let model = Models::embedded().service(service).ok_or_else(|| format!("there is no model of `{service}`"))?;
    let entry = entry(&model, name, &resource)?;
    // The first entry follows the file's comment at once.
    let gap = if text.contains("\naws_") { "\n" } else { "" };
    files.push((path, format!("{text}{gap}{entry}")));
    for (path, text) in &files {
        write(&root.join(path), text)?;
    }
    Ok(files.into_iter().map(|(path, _)| path).collect())
}

/// `aws_compute_optimizer_enrollment`: the service's name (the longest that fits), and the rest without `_`.
fn split(name: &str) -> Result<(&'static str, String), String> {
    let wrong =
        || format!("`{name}` is not of the form aws_<service>_<resource>, with a service of models/services.txt");
    let rest = name.strip_prefix("aws_").ok_or_else(wrong)?;
    let is_name = |rest: &str| rest.chars().all(|it| it.is_ascii_lowercase() || it.is_ascii_digit() || it == '_');
    let fits = Models::embedded().names().filter_map(|service| {
        let resource = rest.strip_prefix(&service.replace('-', "_"))?.strip_prefix('_')?;
        (!resource.is_empty() && is_name(resource)).then(|| (service, resource.replace('_', "")))
    });
    fits.max_by_key(|(service, _)| service.len()).ok_or_else(wrong)
}

fn entry(service: &Service, name: &str, resource: &str) -> Result<String, String> {
    let (operation, rows) = listing(service, resource)?;
    let call = format!("call: {}.{operation}, rows: {}", service.name, rows.path);
    let scope = if partitions::global_region(&service.name, "aws").is_some() { "account" } else { "region" };
    let start = format!("{name}:\n  scope: {scope}\n  list: {{{call}");
    let ShapeKind::Structure(row) = &rows.row.kind else {
        // Rows are plain texts: the column that they are needs a name.
        return Ok(format!("{start}, as: id}}\n  key: [id]\n"));
    };
    let id = match arn(row, resource) {
        Some(arn) => format!("  arn: {arn}\n"),
        None => format!("  key: [{}]\n", key(service, row, resource)?),
    };
    let tags = ["Tags", "tags", "TagList", "TagSet"].into_iter().find(|tags| row.member(tags).is_some());
    let tags = tags.map_or_else(String::new, |tags| format!("  tags: {tags}\n"));
    Ok(format!("{start}}}\n{id}{tags}"))
}

/// Where the rows of a list call are in its reply.
struct Rows<'a> {
    path: &'a str,
    row: &'a Shape,
}

/// The call that lists the resource without being told anything: List… before Describe… before Get….
fn listing<'a>(service: &'a Service, resource: &str) -> Result<(&'a str, Rows<'a>), String> {
    let plurals = [format!("{resource}s"), format!("{resource}es"), plural_of_y(resource), resource.to_owned()];
    for verb in ["List", "Describe", "Get"] {
        for plural in &plurals {
            let wanted = format!("{verb}{plural}");
            let found = service.operations.iter().find(|(name, _)| name.eq_ignore_ascii_case(&wanted));
            if let Some((name, rows)) = found.and_then(|(name, operation)| Some((name, rows(service, operation)?))) {
                return Ok((name, rows));
            }
        }
    }
    let calls = service.operations.iter().filter(|(_, operation)| rows(service, operation).is_some());
    let calls: Vec<&str> = calls.map(|(name, _)| name.as_str()).filter(|name| is_reading(name)).collect();
    Err(format!("no call of `{}` lists that; these calls list something: {}", service.name, calls.join(", ")))
}

fn plural_of_y(resource: &str) -> String {
    resource.strip_suffix('y').map_or_else(String::new, |stem| format!("{stem}ies"))
}

fn is_reading(operation: &str) -> bool {
    ["List", "Describe", "Get"].iter().any(|verb| operation.starts_with(verb))
}

/// The only list of an operation's reply, when the operation needs no parameters.
fn rows<'a>(service: &'a Service, operation: &Operation) -> Option<Rows<'a>> {
    let needs_nothing =
        operation.input.and_then(|input| service.structure(input)).is_none_or(|input| input.required.is_empty());
    let output = service.structure(operation.output?).filter(|_| needs_nothing)?;
    let mut lists = output.members.iter().filter_map(|member| match &service.shape(member.shape).kind {
        ShapeKind::List { member: row, .. } => Some(Rows { path: member.name.as_str(), row: service.shape(row.shape) }),
        _ => None,
    });
    lists.next().filter(|_| lists.next().is_none())
}

/// The member that is the row's own ARN.
fn arn<'a>(row: &'a Structure, resource: &str) -> Option<&'a str> {
    let names = || row.members.iter().map(|member| member.name.as_str());
    let own = names().find(|name| {
        let name = name.to_lowercase();
        name == "arn" || name == format!("{resource}arn") || name == "resourcearn"
    });
    own.or_else(|| {
        let mut arns = names().filter(|name| name.to_lowercase().ends_with("arn"));
        arns.next().filter(|_| arns.next().is_none())
    })
}

/// The member that tells rows apart: an id, else a name, else the first text.
fn key<'a>(service: &Service, row: &'a Structure, resource: &str) -> Result<&'a str, String> {
    let texts: Vec<&str> = row
        .members
        .iter()
        .filter(|member| matches!(service.shape(member.shape).kind, ShapeKind::String { .. }))
        .map(|member| member.name.as_str())
        .collect();
    let wanted = ["id", "identifier", "name"].map(|end| [format!("{resource}{end}"), end.to_owned()]);
    let named = wanted.iter().flatten().find_map(|wanted| texts.iter().find(|name| name.eq_ignore_ascii_case(wanted)));
    named.or(texts.first()).copied().ok_or_else(|| "nothing tells the rows apart".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(name: &str, expected: &str) {
        let (service, resource) = split(name).unwrap();
        let model = Models::embedded().service(service).unwrap();
        let found = entry(&model, name, &resource).unwrap_or_else(|error| error);
        assert_eq!(found, expected);
    }

    #[test]
    fn entries_follow_the_model() {
        check(
            "aws_elasticache_cache_cluster",
            "aws_elasticache_cache_cluster:\n  scope: region\n  \
             list: {call: elasticache.DescribeCacheClusters, rows: CacheClusters}\n  arn: ARN\n",
        );
        check(
            "aws_ec2_vpc",
            "aws_ec2_vpc:\n  scope: region\n  list: {call: ec2.DescribeVpcs, rows: Vpcs}\n  key: [VpcId]\n  tags: Tags\n",
        );
        check(
            "aws_iam_user",
            "aws_iam_user:\n  scope: account\n  list: {call: iam.ListUsers, rows: Users}\n  arn: Arn\n  tags: Tags\n",
        );
        check(
            "aws_guardduty_detector",
            "aws_guardduty_detector:\n  scope: region\n  \
             list: {call: guardduty.ListDetectors, rows: DetectorIds, as: id}\n  key: [id]\n",
        );
    }

    #[test]
    fn what_no_call_lists_is_an_error_with_what_there_is() {
        let (service, resource) = split("aws_sts_thing").unwrap();
        let model = Models::embedded().service(service).unwrap();
        assert_eq!(
            entry(&model, "aws_sts_thing", &resource).unwrap_err(),
            "no call of `sts` lists that; these calls list something: "
        );
    }

    #[test]
    fn names_have_their_form() {
        assert_eq!(split("aws_compute_optimizer_enrollment"), Ok(("compute-optimizer", "enrollment".to_owned())));
        for name in ["s3_bucket", "aws_s3", "aws_s3_", "aws_nothing_x", "aws_s3_Bucket"] {
            assert!(split(name).is_err(), "{name}");
        }
    }
}
