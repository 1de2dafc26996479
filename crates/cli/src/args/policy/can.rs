//! The command line of `dodai policy can`.

use std::path::PathBuf;

use clap::{ArgGroup, Args};

use super::{Format, key_and_value};
use crate::args::SelectionArgs;

#[derive(Debug, Args)]
#[command(
    group = ArgGroup::new("question").args(["action", "principal", "not_granted", "no_new_access"]).required(true).multiple(true),
    after_help = "\
Who can do it? Every user, role and root user of the accounts, and whom the resource's policy names beyond them:
  dodai policy can --action s3:GetObject --resource 'arn:aws:s3:::logs/*'
  dodai policy can --action kms:Decrypt --run latest --closed
  dodai policy can --action sts:AssumeRole --resource arn:aws:iam::111122223333:role/Admin --context aws:MultiFactorAuthPresent=true
What can it do?
  dodai policy can --principal arn:aws:iam::111122223333:role/Admin
Policies in files instead of those in AWS:
  dodai policy can --principal arn:aws:iam::111122223333:role/New --identity arn:aws:iam::111122223333:role/New=new.json
  dodai policy can --action s3:GetObject --resource 'arn:aws:s3:::logs/*' --resource-account 111122223333 \\
    --resource-policy bucket.json --identity arn:aws:iam::444455556666:role/Reader=reader.json
For a pipeline, before a policy is in use:
  dodai policy can --not-granted new.json --action 's3:Delete*' --action iam:PassRole --resource '*'
  dodai policy can --no-new-access old.json new.json

Identity policies (inline, attached, of groups), permissions boundaries, and the policies of buckets, KMS keys, topics,
functions and roles are AWS's; service and resource control policies are the directory's. ACLs, access points, KMS
grants and session policies are not looked at. `depends`: the named condition keys decide; say them with --context.

Exit codes: 0 answered, 1 error, or access that should not be (--not-granted, --no-new-access), 3 something could not be
read: it is named, and never counts as \"cannot\"."
)]
pub struct CanArgs {
    /// An action: s3:GetObject; with --not-granted also a pattern, and repeat it for more
    #[arg(long, value_name = "ACTION")]
    pub action: Vec<String>,
    /// An ARN, also with wildcards; all where none is given
    #[arg(long, value_name = "ARN", requires = "action")]
    pub resource: Vec<String>,
    /// What can this user, role, session or root user do?
    #[arg(long, value_name = "ARN", conflicts_with_all = ["action", "resource", "resource_account", "resource_policy"])]
    pub principal: Option<String>,
    /// Fail when these identity policies allow the actions, whatever the conditions
    #[arg(long, value_name = "FILE", num_args = 1.., requires = "action",
        conflicts_with_all = ["principal", "identity", "boundary", "resource_policy", "resource_account", "context", "absent",
            "closed", "run", "account", "unit", "region"])]
    pub not_granted: Vec<PathBuf>,
    /// Fail when the new policies allow what the old ones do not; a file or a folder each
    #[arg(long, num_args = 2, value_names = ["OLD", "NEW"],
        conflicts_with_all = ["action", "principal", "not_granted", "identity", "boundary", "resource_policy",
            "resource_account", "context", "absent", "closed", "run", "account", "unit", "region"])]
    pub no_new_access: Vec<PathBuf>,
    /// A condition key with its value; repeat it for more keys, or more values of one
    #[arg(long, value_name = "KEY=VALUE", value_parser = key_and_value)]
    pub context: Vec<(String, String)>,
    /// A condition key that the request does not have
    #[arg(long, value_name = "KEY")]
    pub absent: Vec<String>,
    /// What is not given is absent, instead of not known
    #[arg(long)]
    pub closed: bool,
    /// A policy of a principal, which is then the only one (with others that are given so); AWS is not asked
    #[arg(long, value_name = "PRINCIPAL=FILE", value_parser = principal_and_file,
        conflicts_with_all = ["run", "account", "unit", "region"])]
    pub identity: Vec<(String, PathBuf)>,
    /// The permissions boundary of a principal that --identity gives
    #[arg(long, value_name = "PRINCIPAL=FILE", value_parser = principal_and_file, requires = "identity")]
    pub boundary: Vec<(String, PathBuf)>,
    /// The policy of the resource, instead of the one that it has in AWS
    #[arg(long, value_name = "FILE", requires = "resource")]
    pub resource_policy: Option<PathBuf>,
    /// The id of the resource's account, where the ARN does not say it
    #[arg(long, value_name = "ID", requires = "resource")]
    pub resource_account: Option<String>,
    #[command(flatten)]
    pub selection: SelectionArgs,
    /// Ask a stored run (an id, the beginning of one, or `latest`) instead of reading AWS
    #[arg(long, value_name = "RUN")]
    pub run: Option<String>,
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub format: Format,
}

/// Names in IAM may have `=`: the last one is meant.
fn principal_and_file(text: &str) -> Result<(String, PathBuf), String> {
    match text.rsplit_once('=') {
        Some((principal, file)) if !principal.is_empty() && !file.is_empty() => {
            Ok((principal.to_owned(), PathBuf::from(file)))
        }
        _ => Err("write PRINCIPAL=FILE, such as arn:aws:iam::111122223333:role/Reader=reader.json".to_owned()),
    }
}
