//! The command line.

pub mod permissions;
pub mod policy;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;
use dodai_facts::Severity;

use crate::recording::RecordingArgs;

/// Brings every account of an AWS Organization to a secure baseline, proves it, and keeps it there.
#[derive(Debug, Parser)]
#[command(name = "dodai", version, arg_required_else_help = true, after_help = AFTER_HELP)]
pub struct Cli {
    #[command(flatten)]
    pub global: Global,
    #[command(subcommand)]
    pub command: Command,
}

const AFTER_HELP: &str = "\
Examples:
  dodai check                       is the directory right? (no AWS needed)
  dodai permissions                 the IAM policies that reading needs, to start with (no AWS needed)
  dodai plan                        what would change, and every call that it takes
  dodai plan -o change.json         keep the plan; `dodai apply change.json` runs what is still the same of it
  dodai apply                       do it, round by round, asking before each
  dodai assess --fail-on high       controls, findings and score
  dodai query \"select account_name, Name from aws_s3_bucket\"
  dodai assess --record aws.jsonl   keeps what AWS answered, without secrets; --replay aws.jsonl needs no AWS

Exit codes: 0 nothing to do or all done, 1 error, 2 changes are pending, 3 some cell failed or is unknown,
4 findings at or above --fail-on. Credentials are the AWS CLI's: environment, profile, SSO, container, instance.";

#[derive(Debug, Args)]
pub struct Global {
    /// The organization directory
    #[arg(short = 'C', long = "directory", value_name = "DIR", default_value = ".", global = true)]
    pub directory: PathBuf,
    /// The AWS profile that holds the management account's credentials
    #[arg(long, value_name = "NAME", global = true)]
    pub aws_profile: Option<String>,
    /// Allow endpoints over plain HTTP that are not on this machine
    #[arg(long, global = true)]
    pub allow_http: bool,
    /// Seconds after which one request is given up
    #[arg(long, value_name = "SECONDS", default_value_t = 30, value_parser = clap::value_parser!(u16).range(1..=900), global = true)]
    pub timeout: u16,
    /// Seconds for which a call that fails or gets no answer is tried again
    #[arg(long, value_name = "SECONDS", default_value_t = 60, value_parser = clap::value_parser!(u16).range(0..=3600), global = true)]
    pub retry_for: u16,
    /// Seconds for which a throttled call is tried again (never shorter than --retry-for)
    #[arg(long, value_name = "SECONDS", default_value_t = 300, value_parser = clap::value_parser!(u16).range(0..=3600), global = true)]
    pub retry_throttled_for: u16,
    /// No progress on standard error
    #[arg(short, long, global = true)]
    pub quiet: bool,
    #[command(flatten)]
    pub recording: RecordingArgs,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Read the organization directory and say everything that is wrong with it
    Check(CheckArgs),
    /// Show what would change, call by call; changes nothing
    Plan(PlanArgs),
    /// Carry out a plan: the current one, or one that was saved
    Apply(ApplyArgs),
    /// Judge every account and Region by the controls; findings and score
    Assess(AssessArgs),
    /// Ask the tables with SQL
    Query(QueryArgs),
    /// Check, test, explain, decide, compare and pack policies, and ask who can do what; only `can` reads AWS
    Policy(policy::PolicyArgs),
    /// Print the IAM policies that the directory's work needs, for every account and the management account
    Permissions(permissions::PermissionsArgs),
    /// List the features of the baseline: scope, settings, calls, permissions
    Features(ListArgs),
    /// List the tables: scope, columns, calls, permissions
    Tables(ListArgs),
    /// List the controls: severity, tables, standards
    Controls(ListArgs),
    /// Print the completions of a shell
    #[command(after_help = "Example:\n  dodai completions bash > ~/.local/share/bash-completion/completions/dodai")]
    Completions { shell: Shell },
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  dodai check -C examples/starter
  dodai check --schema -o .schemas             for editors: completion and errors while you type")]
pub struct CheckArgs {
    /// Print the JSON schemas of the directory's files instead
    #[arg(long)]
    pub schema: bool,
    /// Write the schemas into this folder, and print what to put into the settings of VS Code (`yaml.schemas`)
    #[arg(short, long, value_name = "DIR", requires = "schema")]
    pub output: Option<PathBuf>,
    /// Problems as JSON
    #[arg(long, conflicts_with = "schema")]
    pub json: bool,
}

/// Which part of the organization is meant. Repeat a flag for more; none means all.
#[derive(Debug, Args, Default)]
pub struct SelectionArgs {
    /// Only this account (name of its file)
    #[arg(long, value_name = "NAME")]
    pub account: Vec<String>,
    /// Only the accounts of this unit and the units below it
    #[arg(long, value_name = "PATH")]
    pub unit: Vec<String>,
    /// Only this Region
    #[arg(long, value_name = "REGION")]
    pub region: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum PlanFormat {
    /// For a terminal
    Text,
    /// The plan itself
    Json,
    /// For a pull request
    Markdown,
    /// AWS CLI commands
    Sh,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  dodai plan
  dodai plan --account sandbox --feature guardduty
  dodai plan --format markdown > plan.md         for a pull request
  dodai plan --format sh                         the same as AWS CLI commands
  dodai plan -o change.json && dodai apply change.json

Exit code 2: there are changes. 3: something could not be read, and nothing is planned there.")]
pub struct PlanArgs {
    #[command(flatten)]
    pub selection: SelectionArgs,
    /// Only this feature
    #[arg(long, value_name = "ID")]
    pub feature: Vec<String>,
    /// Save the plan for `dodai apply FILE`
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    #[arg(long, value_enum, default_value_t = PlanFormat::Text)]
    pub format: PlanFormat,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  dodai apply                                    plans, asks, applies; round by round until nothing is left
  dodai apply change.json                        runs what is still the same of a saved plan, one round
  dodai apply --yes --allow-guardrail            no questions (for pipelines); guardrails may be attached

What could lock people out, cannot be undone or loses something waits for its own flag.")]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own on the command line")]
pub struct ApplyArgs {
    /// A plan that `dodai plan -o` saved: what it selects is what is applied, without asking again
    #[arg(value_name = "FILE", conflicts_with_all = ["account", "unit", "region", "feature"])]
    pub file: Option<PathBuf>,
    #[command(flatten)]
    pub selection: SelectionArgs,
    /// Only this feature
    #[arg(long, value_name = "ID")]
    pub feature: Vec<String>,
    /// Do not ask
    #[arg(long)]
    pub yes: bool,
    /// Allow policies that may deny what people or this tool do
    #[arg(long)]
    pub allow_guardrail: bool,
    /// Allow what cannot be undone (Object Lock in COMPLIANCE mode)
    #[arg(long)]
    pub allow_irreversible: bool,
    /// Allow deletions
    #[arg(long)]
    pub allow_delete: bool,
    /// Changes that run at the same time
    #[arg(long, value_name = "N", default_value_t = 32, value_parser = clap::value_parser!(u16).range(1..=512))]
    pub parallel: u16,
    /// Seconds until others may take over the lock of a run that died (and a fifth of them more)
    #[arg(long, value_name = "SECONDS", default_value_t = 300, value_parser = clap::value_parser!(u16).range(5..=3600))]
    pub lock_term: u16,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ReportFormat {
    /// For a terminal
    Text,
    /// Findings, statuses and scores
    Json,
    /// One finding a line, for a spreadsheet
    Csv,
    /// For a pull request
    Markdown,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  dodai assess
  dodai assess --unit Default --control S3.1
  dodai assess --format json > findings.json
  dodai assess --fail-on high                    exit code 4 if a control of HIGH or CRITICAL fails
  dodai assess --run latest                      judge what an earlier run read, without calling AWS

What could not be read is UNKNOWN: it never passes, and it counts against the score.")]
pub struct AssessArgs {
    #[command(flatten)]
    pub selection: SelectionArgs,
    /// Only this control
    #[arg(long, value_name = "ID")]
    pub control: Vec<String>,
    #[arg(long, value_enum, default_value_t = ReportFormat::Text)]
    pub format: ReportFormat,
    /// Exit with 4 if a control of this severity or above fails
    #[arg(long, value_name = "SEVERITY", ignore_case = true)]
    pub fail_on: Option<Severity>,
    /// Judge a stored run (an id, the beginning of one, or `latest`) instead of reading AWS
    #[arg(long, value_name = "RUN")]
    pub run: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum QueryFormat {
    Table,
    Json,
    Csv,
    Parquet,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  dodai query \"select account_name, region, GroupId from aws_ec2_security_group\"
  dodai query --run latest --format csv \"select * from aws_iam_user\" > users.csv
  dodai query --format parquet -o roles.parquet \"select * from aws_iam_role\"
  dodai query \"select table_name, code, count(*) from gap group by 1, 2\"

Only the API calls that the query's columns need are made. The SQL is Apache DataFusion's, with lambdas:
  select GroupId from aws_ec2_security_group
  where any_match(IpPermissions, rule -> any_match(rule.IpRanges, range -> range.CidrIp = '0.0.0.0/0'))")]
pub struct QueryArgs {
    /// One SELECT
    pub sql: String,
    #[command(flatten)]
    pub selection: SelectionArgs,
    #[arg(long, value_enum, default_value_t = QueryFormat::Table)]
    pub format: QueryFormat,
    /// Write to a file (needed for Parquet)
    #[arg(short, long, value_name = "FILE", required_if_eq("format", "parquet"))]
    pub output: Option<PathBuf>,
    /// Ask a stored run (an id, the beginning of one, or `latest`) instead of reading AWS
    #[arg(long, value_name = "RUN")]
    pub run: Option<String>,
    /// Keep what was read as a run
    #[arg(long, conflicts_with = "run")]
    pub save: bool,
}

#[derive(Debug, Args)]
pub struct ListArgs {
    /// Only this one, with everything about it
    #[arg(value_name = "ID")]
    pub id: Option<String>,
    /// As JSON
    #[arg(long)]
    pub json: bool,
}
