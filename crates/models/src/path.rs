//! Where a path through a reply leads: the shape found there. Tables take their columns from it.

use crate::model::{Operation, Service, ShapeId, ShapeKind};

/// The shape of one row at `path` of an operation's reply: of a list's element where the path leads to a list
/// (`Buckets`, `Reservations[].Instances`, `DetectorIds`), else of the value itself (`Policy`). `None` when
/// the path leads nowhere.
pub fn output_path(service: &Service, operation: &Operation, path: &str) -> Option<ShapeId> {
    let found = value_at(service, operation.output?, path)?;
    match &service.shape(found).kind {
        ShapeKind::List { member, .. } => Some(member.shape),
        _ => Some(found),
    }
}

/// The shape at `path` below a shape. Steps are member names joined by dots; `[]` goes to a list's elements,
/// `*` to a map's values; the empty path stays where it is.
pub fn value_at(service: &Service, from: ShapeId, path: &str) -> Option<ShapeId> {
    if path.is_empty() {
        return Some(from);
    }
    path.split('.').try_fold(from, |here, step| {
        let name = step.trim_end_matches("[]");
        let lists = (step.len() - name.len()) / 2;
        let found = match (&service.shape(here).kind, name) {
            (ShapeKind::Map { value, .. }, "*") => value.shape,
            (ShapeKind::Structure(structure), name) => structure.member(name)?.shape,
            // `[]` alone: the elements of the list that we are at.
            (ShapeKind::List { .. }, "") => here,
            _ => return None,
        };
        (0..lists).try_fold(found, |here, _| match &service.shape(here).kind {
            ShapeKind::List { member, .. } => Some(member.shape),
            _ => None,
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Models;

    /// The name of the shape at a path, and whether it is sensitive.
    fn check(service: &str, operation: &str, path: &str, expected: Option<&str>) {
        let service = Models::embedded().service(service).expect("embedded");
        let operation = service.operation(operation).expect("modelled");
        let found = output_path(&service, operation, path);
        assert_eq!(found.map(|id| service.shape(id).name.as_str()), expected, "{path}");
    }

    #[test]
    fn paths_lead_to_rows() {
        check("s3", "ListBuckets", "Buckets", Some("Bucket"));
        check("ec2", "DescribeInstances", "Reservations[].Instances", Some("Instance"));
        check("ec2", "DescribeInstances", "Reservations[].Instances[].SecurityGroups", Some("GroupIdentifier"));
        check("ec2", "DescribeInstances", "Reservations[]", Some("Reservation"));
        check("guardduty", "ListDetectors", "DetectorIds", Some("DetectorId"));
        check("iam", "GetAccountSummary", "SummaryMap.*", Some("summaryValueType"));
        check("iam", "GetAccountSummary", "SummaryMap", Some("summaryMapType"));
        check("s3", "GetBucketPolicy", "Policy", Some("Policy"));
    }

    #[test]
    fn wrong_paths_lead_nowhere() {
        check("s3", "ListBuckets", "Bucket", None);
        check("s3", "ListBuckets", "Buckets.Name", None);
        check("s3", "ListBuckets", "Buckets[].Name[]", None);
        check("s3", "ListBuckets", "Buckets..Name", None);
        check("s3", "PutBucketPolicy", "Policy", None);
    }

    #[test]
    fn secrets_are_told_from_names() {
        let service = Models::embedded().service("secretsmanager").expect("embedded");
        let output = service.operation("GetSecretValue").and_then(|operation| operation.output).expect("modelled");
        for (member, sensitive) in [("SecretString", true), ("SecretBinary", true), ("Name", false)] {
            let shape = value_at(&service, output, member).expect("modelled");
            assert_eq!(service.is_sensitive(shape), sensitive, "{member}");
        }
    }
}
