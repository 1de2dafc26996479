//! The policies of resources: which table has those that bear on an action, and which resources a question is about.

use std::sync::Arc;

use dodai_policy::decide::{Policies, Policy};
use dodai_policy::pattern::glob;
use dodai_policy::reference::Reference;
use serde_json::Value;

use super::account_of;
use super::entities::policy;
use super::gaps::{Gaps, Unknown};
use super::gather::Gathered;
use super::rows::{Row, text};
use crate::args::policy::CanArgs;
use crate::failure::{Error, Result};
use crate::policies::files::{documents, fit, one};

/// Where the policies of an action's resources are read from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kept {
    /// The action is on no resource, or on such as have no policies.
    Nothing,
    Table(Table),
    /// No table has the policies of this service's resources, if they have such.
    Unread(String),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    pub name: &'static str,
    /// What the reference calls resources that have, or lie in, a row of the table.
    kinds: &'static [&'static str],
    pub sql: &'static str,
    /// The action is on what lies in a row's resource: a bucket's objects, a domain's indexes.
    pub inside: bool,
}

impl Table {
    /// Resources of the service that the table does not have.
    fn lacks(&self) -> Option<&'static str> {
        (self.name == "aws_opensearch_domain").then_some("domains whose engine is Elasticsearch")
    }

    /// The resource that something lies in, and what lies there.
    fn split<'a>(&self, asked: &'a str) -> Option<(&'a str, &'a str)> {
        match self.name {
            "aws_s3_bucket" => asked.split_once('/'),
            "aws_opensearch_domain" => {
                let (at, _) = asked.match_indices('/').nth(1)?;
                Some((asked.get(..at)?, asked.get(at + 1..)?))
            }
            _ => None,
        }
    }
}

/// By the prefix of actions.
const TABLES: [(&str, Table); 10] = [
    (
        "s3",
        Table {
            name: "aws_s3_bucket",
            kinds: &["bucket", "object"],
            sql: "select _id, account_id, region, arn, policy from aws_s3_bucket",
            inside: false,
        },
    ),
    (
        "kms",
        Table {
            name: "aws_kms_key",
            kinds: &["key"],
            sql: "select _id, account_id, region, arn, policy from aws_kms_key",
            inside: false,
        },
    ),
    (
        "lambda",
        Table {
            name: "aws_lambda_function",
            kinds: &["function"],
            sql: "select _id, account_id, region, arn, policy from aws_lambda_function",
            inside: false,
        },
    ),
    (
        "sns",
        Table {
            name: "aws_sns_topic",
            kinds: &["topic"],
            sql: "select _id, account_id, region, arn, attributes['Policy'] as policy from aws_sns_topic",
            inside: false,
        },
    ),
    (
        "ecr",
        Table {
            name: "aws_ecr_repository",
            kinds: &["repository"],
            sql: "select _id, account_id, region, arn, policy from aws_ecr_repository",
            inside: false,
        },
    ),
    (
        "es",
        Table {
            name: "aws_opensearch_domain",
            kinds: &["domain"],
            sql: "select _id, account_id, region, arn, nullif(AccessPolicies, '') as policy from aws_opensearch_domain",
            inside: false,
        },
    ),
    (
        "events",
        Table {
            name: "aws_events_bus",
            kinds: &["event-bus"],
            sql: "select _id, account_id, region, arn, Policy as policy from aws_events_bus",
            inside: false,
        },
    ),
    (
        "secretsmanager",
        Table {
            name: "aws_secretsmanager_secret",
            kinds: &["Secret"],
            sql: "select _id, account_id, region, arn, policy from aws_secretsmanager_secret",
            inside: false,
        },
    ),
    (
        "sqs",
        Table {
            name: "aws_sqs_queue",
            kinds: &["queue"],
            sql: "select _id, account_id, region, arn, attributes['Policy'] as policy from aws_sqs_queue",
            inside: false,
        },
    ),
    (
        "sts",
        Table {
            name: "aws_iam_role",
            kinds: &["role"],
            sql: "select _id, account_id, region, arn, AssumeRolePolicyDocument as policy from aws_iam_role",
            inside: false,
        },
    ),
];

/// Services whose resources have no policies: "No" under "Resource-based policies" in "AWS services that work with IAM". Read
/// again on 2026-11-22 in each service's own page ("How AWS Config works with IAM" and so on) for autoscaling, cloudwatch,
/// config, elasticloadbalancing, guardduty and rds. Of IAM's resources only roles have one, for `sts` actions.
const WITHOUT: [&str; 10] = [
    "autoscaling",
    "cloudformation",
    "cloudwatch",
    "config",
    "ec2",
    "elasticloadbalancing",
    "guardduty",
    "iam",
    "rds",
    "route53",
];

impl Kept {
    pub fn of(action: &str, reference: &Reference) -> Self {
        let action = &*action.to_ascii_lowercase();
        let prefix = action.split(':').next().unwrap_or_default().to_owned();
        let known = reference.action(action).map(|(_, action)| &action.resources);
        let is_on = |kinds: &[&str]| {
            known.is_none_or(|resources| resources.iter().any(|one| kinds.contains(&one.name.as_str())))
        };
        match TABLES.into_iter().find(|(service, _)| *service == prefix) {
            // AWS: "Identity and Access Management in Amazon OpenSearch Service": a domain's policy is about what lies in the
            // domain and about searches across domains, not about the domain's configuration.
            Some(("es", _)) if known.is_some() && !action.starts_with("es:es") => Self::Nothing,
            Some((_, table)) if is_on(table.kinds) => {
                let inside = known.is_some_and(|resources| resources.iter().any(|one| one.name == "object"))
                    || action.starts_with("es:eshttp");
                Self::Table(Table { inside, ..table })
            }
            _ if known.is_some_and(Vec::is_empty) || WITHOUT.contains(&prefix.as_str()) => Self::Nothing,
            _ => Self::Unread(prefix),
        }
    }
}

/// A resource that is there.
#[derive(Debug, Clone)]
pub struct Resource {
    pub arn: String,
    pub account: String,
    /// Or why it is not known.
    pub policy: std::result::Result<Option<Arc<Policy>>, String>,
}

pub fn resources(table: &Table, rows: &[Row], gaps: &Gaps<'_>) -> Vec<Resource> {
    let of = |row: &Row| {
        let read = match row.get("policy") {
            _ if gaps.of_cell(table.name, row) => Err("its policy was not read".to_owned()),
            Some(Value::Null) | None => gaps.of_row(table.name, row).map_or(Ok(None), Err),
            document => policy(text(row, "arn"), document).map(Some),
        };
        Resource { arn: text(row, "arn").to_owned(), account: text(row, "account_id").to_owned(), policy: read }
    };
    rows.iter().map(of).collect()
}

/// Resources to ask about, that have one policy or none.
#[derive(Debug, Clone)]
pub struct Target {
    /// An ARN, also with wildcards.
    pub asked: String,
    /// Where the ARN does not say it.
    pub account: Option<String>,
    pub policy: Option<Arc<Policy>>,
}

/// What the question is about, and of which of it the policy is not known.
pub fn targets(args: &CanArgs, asked: &str, kept: &Kept, gathered: &Gathered) -> Result<(Vec<Target>, Vec<Unknown>)> {
    let found = asked_resources(asked, kept, &gathered.resources);
    let named = account_of(asked).is_none().then(|| args.resource_account.clone()).flatten();
    if let Some(path) = &args.resource_policy {
        let account = named.or_else(|| match found.as_slice() {
            [(_, resource)] if account_of(asked).is_none() => Some(resource.account.clone()),
            _ => None,
        });
        if account.is_none() && account_of(asked).is_none() {
            let message = format!("`{asked}` does not say whose account it is in, and its policy is given");
            return Err(Error::new(message, "say the account's id with --resource-account"));
        }
        let read = documents(&[one(path)?])?.pop();
        let policy = read.map(|(name, document)| Arc::new(Policy::new(name.as_str(), name.as_str(), document)));
        fit(&Policies { resource: policy.clone(), ..Policies::default() })?;
        return Ok((vec![Target { asked: asked.to_owned(), account, policy }], Vec::new()));
    }
    let (mut targets, mut unknown) = (Vec::new(), Vec::new());
    for (asked, resource) in &found {
        let policy = resource.policy.clone().unwrap_or_else(|why| {
            unknown.push(Unknown::new(&resource.arn, format!("its policy: {why}")));
            None
        });
        let account = account_of(asked).is_none().then(|| resource.account.clone());
        targets.push(Target { asked: asked.clone(), account, policy });
    }
    if found.is_empty() && (named.is_some() || !asked.contains(['*', '?'])) {
        targets.push(Target { asked: asked.to_owned(), account: named, policy: None });
    }
    if !gathered.of_files {
        let is_missing = found.is_empty() && asked != "*";
        let reason = match kept {
            Kept::Table(table) if is_missing => {
                let table = table.name;
                Some(format!("its policy: it is not in {table} of the accounts and Regions that were read"))
            }
            Kept::Table(table) if asked.contains(['*', '?']) => {
                table.lacks().map(|lacking| format!("their policies: {} does not have {lacking}", table.name))
            }
            Kept::Unread(service) => {
                Some(format!("no table has policies of resources of `{service}`: --resource-policy gives one"))
            }
            Kept::Table(_) | Kept::Nothing => None,
        };
        unknown.extend(reason.map(|reason| Unknown::new(asked, reason)));
    }
    Ok((targets, unknown))
}

/// The resources that are meant, each with what of it is meant.
fn asked_resources<'r>(asked: &str, kept: &Kept, resources: &'r [Resource]) -> Vec<(String, &'r Resource)> {
    let Kept::Table(table) = kept else { return Vec::new() };
    let of = |resource: &'r Resource| {
        let arn = resource.arn.as_str();
        if asked == arn {
            return Some((asked.to_owned(), resource));
        }
        if let Some((holder, inside)) = table.split(asked) {
            return glob(holder, arn).then(|| (format!("{arn}/{inside}"), resource));
        }
        let meant = if table.inside { format!("{arn}/*") } else { arn.to_owned() };
        (asked.contains(['*', '?']) && glob(asked, arn)).then_some((meant, resource))
    };
    resources.iter().filter_map(of).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_of_the_actions_resources() {
        let check = |action: &str, expected: &str| {
            let told = match Kept::of(action, Reference::embedded()) {
                Kept::Nothing => "nothing".to_owned(),
                Kept::Table(table) => format!("{}{}", table.name, if table.inside { " inside" } else { "" }),
                Kept::Unread(service) => format!("unread {service}"),
            };
            assert_eq!(told, expected, "{action}");
        };
        check("s3:GetObject", "aws_s3_bucket inside");
        check("S3:listbucket", "aws_s3_bucket");
        check("s3:ListAllMyBuckets", "nothing");
        check("sts:AssumeRole", "aws_iam_role");
        check("sts:GetCallerIdentity", "nothing");
        check("kms:Decrypt", "aws_kms_key");
        check("sqs:SendMessage", "aws_sqs_queue");
        check("SQS:ListQueues", "nothing");
        check("secretsmanager:GetSecretValue", "aws_secretsmanager_secret");
        check("ecr:BatchGetImage", "aws_ecr_repository");
        check("ecr:GetAuthorizationToken", "nothing");
        check("events:PutEvents", "aws_events_bus");
        check("es:ESHttpGet", "aws_opensearch_domain inside");
        check("es:ESCrossClusterGet", "aws_opensearch_domain");
        check("es:DescribeDomain", "nothing");
        check("dynamodb:GetItem", "unread dynamodb");
        check("ec2:TerminateInstances", "nothing");
        // Not known: it may be on anything.
        check("s3:NotYetThere", "aws_s3_bucket");
        check("new:Action", "unread new");
    }

    #[test]
    fn a_pattern_means_the_resources_that_are_there() {
        let resource =
            |arn: &str| Resource { arn: arn.to_owned(), account: "111122223333".to_owned(), policy: Ok(None) };
        let buckets = ["arn:aws:s3:::logs", "arn:aws:s3:::logs-old", "arn:aws:s3:::web"].map(resource);
        let keys = ["arn:aws:kms:us-east-1:111122223333:key/a"].map(resource);
        let check = |action: &str, asked: &str, resources: &[Resource], expected: &[&str]| {
            let kept = Kept::of(action, Reference::embedded());
            let found: Vec<String> =
                asked_resources(asked, &kept, resources).into_iter().map(|(asked, _)| asked).collect();
            assert_eq!(found, expected, "{action} on {asked}");
        };
        check("s3:GetObject", "arn:aws:s3:::logs/2026/*", &buckets, &["arn:aws:s3:::logs/2026/*"]);
        check("s3:GetObject", "arn:aws:s3:::logs*", &buckets, &["arn:aws:s3:::logs/*", "arn:aws:s3:::logs-old/*"]);
        check("s3:GetObject", "arn:aws:s3:::l*/k", &buckets, &["arn:aws:s3:::logs/k", "arn:aws:s3:::logs-old/k"]);
        check("s3:ListBucket", "arn:aws:s3:::w*", &buckets, &["arn:aws:s3:::web"]);
        check("s3:ListBucket", "*", &buckets, &["arn:aws:s3:::logs", "arn:aws:s3:::logs-old", "arn:aws:s3:::web"]);
        check("s3:ListBucket", "arn:aws:s3:::other", &buckets, &[]);
        check("kms:Decrypt", "arn:aws:kms:*:111122223333:key/*", &keys, &["arn:aws:kms:us-east-1:111122223333:key/a"]);
        check("kms:Decrypt", "arn:aws:kms:eu-west-1:*", &keys, &[]);
        let domains = ["logs", "web"].map(|name| resource(&format!("arn:aws:es:us-east-1:111122223333:domain/{name}")));
        let inside = |name: &str, path: &str| format!("arn:aws:es:us-east-1:111122223333:domain/{name}/{path}");
        check("es:ESHttpGet", &inside("logs", "a/_search"), &domains, &[&inside("logs", "a/_search")]);
        check("es:ESHttpGet", &inside("l*", "a"), &domains, &[&inside("logs", "a")]);
        check("es:ESHttpPost", "arn:aws:es:*:*:domain/*", &domains, &[&inside("logs", "*"), &inside("web", "*")]);
    }
}
