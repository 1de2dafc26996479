//! The command line of `dodai policy`.

mod can;

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

pub use can::CanArgs;

#[derive(Debug, Args)]
#[command(arg_required_else_help = true)]
pub struct PolicyArgs {
    #[command(subcommand)]
    pub command: PolicyCommand,
}

#[derive(Debug, Subcommand)]
pub enum PolicyCommand {
    /// Say what is wrong with policies, or will surprise their authors
    Check(CheckArgs),
    /// Run the tests of policies: who may do what, where
    Test(TestArgs),
    /// Say of one request what every policy along the way says of it
    Explain(Box<ExplainArgs>),
    /// Say who can do an action, what a principal can do, and whether policies grant what they should not
    Can(Box<CanArgs>),
    /// Decide requests: JSON lines in, JSON lines out
    Decide(DecideArgs),
    /// Say what a change of policies denies that was allowed, and allows that was denied
    Diff(DiffArgs),
    /// Put policies into as few documents as hold them, without a change to any decision
    Pack(PackArgs),
    /// Merge the tag, backup or other management policies above an account
    Effective(EffectiveArgs),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For a terminal
    Text,
    Json,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum FailOn {
    /// Only errors (exit code 1)
    Error,
    /// Warnings too (exit code 4)
    Warning,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  dodai policy check                                     every policy of the organization directory
  dodai policy check deny.json --kind service-control
  dodai policy check policies --fail-on warning          a folder; kinds by the names of its folders
  dodai policy check --explain unknown-action            what a rule means, and how to mend what it finds
  dodai policy check --rules
  dodai policy check --online                            by the organization's own quotas, not AWS's published ones

The policy of a resource may be as long as its service says; its actions tell the service.
Exit codes: 0 no errors, 1 errors, 4 warnings with --fail-on warning.")]
pub struct CheckArgs {
    /// Policy files, or folders of them; the directory's policies where none is given
    #[arg(value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// What the files are, where their folders do not say it: service-control, identity, trust, tag …
    #[arg(long, value_name = "KIND", requires = "files")]
    pub kind: Option<String>,
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub format: Format,
    #[arg(long, value_enum, default_value_t = FailOn::Error)]
    pub fail_on: FailOn,
    /// Say all there is to say of a rule
    #[arg(long, value_name = "RULE", conflicts_with_all = ["files", "rules"])]
    pub explain: Option<String>,
    /// List the rules
    #[arg(long, conflicts_with = "files")]
    pub rules: bool,
    /// Read the quotas of the organization from Service Quotas, and say which limits hold and where they are from
    #[arg(long, conflicts_with_all = ["explain", "rules"])]
    pub online: bool,
    /// The account (name of its file) whose IAM quotas hold; the management account where not given
    #[arg(long, value_name = "NAME", requires = "online")]
    pub account: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum TestFormat {
    /// For a terminal
    Text,
    Json,
    /// For build servers
    Junit,
}

#[derive(Debug, Args)]
#[command(after_help = "\
A file of tests, policies/service-control/deny-leaving.tests.yaml, stands beside its policy:
  tests:
    - name: nobody leaves
      who: [role/Admin, root]              user/x, service:ec2.amazonaws.com, anonymous, or an ARN
      does: organizations:LeaveOrganization
      expect: deny                         allow, deny, explicit deny, implicit deny, depends
    - name: the sandbox is closed
      account: Default/Sandbox             accounts of the directory: the policies along the path decide
      who: role/Admin
      does: ec2:RunInstances
      on: arn:aws:ec2:eu-west-1:111122223333:instance/*
      in: eu-west-1                        aws:RequestedRegion
      when: {aws:SourceVpc: null}          condition keys; null: known to be absent
      expect: deny
In the values under `when`, {{organization}} is the id of the directory's organization.
Beside a management policy (tag, backup …) a test says what the effective policy has:
    - name: cost centers are spelled in one way
      account: Default                     without it the policy beside is the only one
      at: /tags/costcenter/tag_key         JSON pointer, as `dodai policy effective` shows; the whole policy without it
      expect: CostCenter                   null: nothing is there

Examples:
  dodai policy test
  dodai policy test policies/service-control/deny-leaving.tests.yaml
  dodai policy test --format junit > tests.xml

Exit code 1: a test failed, or could not be run.")]
pub struct TestArgs {
    /// Files of tests; all of the directory where none is given
    #[arg(value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// The tests of the library of guardrails
    #[arg(long, conflicts_with = "files")]
    pub library: bool,
    #[arg(long, value_enum, default_value_t = TestFormat::Text)]
    pub format: TestFormat,
}

#[derive(Debug, Args)]
#[command(after_help = "\
The organization directory's service control policies along the path to the principal's account, and its resource
control policies along the path to the resource's, take part. Identity and resource policies are those of the files;
where none is given, they are supposed to allow everything.

Examples:
  dodai policy explain --principal arn:aws:iam::111122223333:role/Admin --action cloudtrail:StopLogging
  dodai policy explain --principal role/Admin --account sandbox --action ec2:RunInstances \\
    --context aws:RequestedRegion=eu-west-1
  dodai policy explain --principal user/eve --account sandbox --action s3:GetObject --resource arn:aws:s3:::logs/x \\
    --identity eve.json --absent aws:SourceVpc")]
pub struct ExplainArgs {
    /// An ARN, or role/NAME, user/NAME, root (with --account); service:NAME, anonymous
    #[arg(long, value_name = "WHO")]
    pub principal: String,
    /// Such as s3:GetObject
    #[arg(long, value_name = "ACTION")]
    pub action: String,
    /// ARNs of what it is done to; repeat it for more
    #[arg(long, value_name = "ARN")]
    pub resource: Vec<String>,
    /// The principal's account (name of its file), where the principal does not say it
    #[arg(long, value_name = "NAME")]
    pub account: Option<String>,
    /// The account (name of its file) of a resource whose ARN does not say it; the principal's where not given
    #[arg(long, value_name = "NAME")]
    pub resource_account: Option<String>,
    /// A condition key with its value; repeat it for more keys, or more values of one
    #[arg(long, value_name = "KEY=VALUE", value_parser = key_and_value)]
    pub context: Vec<(String, String)>,
    /// A condition key that the request does not have
    #[arg(long, value_name = "KEY")]
    pub absent: Vec<String>,
    /// What is not given is absent, instead of not known
    #[arg(long)]
    pub closed: bool,
    /// A policy of the principal
    #[arg(long, value_name = "FILE")]
    pub identity: Vec<PathBuf>,
    /// The policy of the resource
    #[arg(long, value_name = "FILE")]
    pub resource_policy: Option<PathBuf>,
    /// The permissions boundary of the principal
    #[arg(long, value_name = "FILE")]
    pub boundary: Option<PathBuf>,
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub format: Format,
}

fn key_and_value(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((key, value)) if !key.is_empty() => Ok((key.to_owned(), value.to_owned())),
        _ => Err("write KEY=VALUE, such as aws:RequestedRegion=eu-west-1; a key that is not there is `--absent KEY`"
            .to_owned()),
    }
}

#[derive(Debug, Args)]
#[command(after_help = "\
A line in:
  {\"id\": 1, \"request\": {\"principal\": \"arn:aws:iam::111122223333:role/Admin\", \"action\": \"s3:GetObject\",
   \"resource\": \"arn:aws:s3:::logs/x\", \"resourceAccount\": \"111122223333\",
   \"context\": {\"aws:SecureTransport\": \"true\", \"aws:SourceVpc\": null}},
   \"identity\": [DOCUMENT], \"scps\": [[DOCUMENT of the root], [of a unit], [of the account]]}
  also: \"closed\": true (what is not given is absent), \"resourcePolicy\", \"boundary\", \"session\", \"endpoint\",
  \"rcps\", \"managementAccount\"; null: the condition key is known to be absent
A line out:
  {\"id\": 1, \"decision\": \"allow\" | \"explicit_deny\" | \"implicit_deny\" | \"depends\", \"by\": {…}, \"missing\": [keys]}
  missing aws:PrincipalArn: a session's ARN does not tell its role's path; give the key, or the role's ARN as principal
  missing aws:userid: the session's name decides; give the session's ARN as principal
  \"unknownAction\": true: AWS's reference has no such action
  {\"id\": 1, \"error\": \"…\"}: the line could not be read; the others are answered, and the exit code is 1

Examples:
  dodai policy decide requests.jsonl > decisions.jsonl
  dodai policy decide < requests.jsonl | jq -r 'select(.decision == \"depends\") | .missing[]' | sort | uniq -c")]
pub struct DecideArgs {
    /// JSON lines; standard input where none is given
    #[arg(value_name = "FILE")]
    pub file: Option<PathBuf>,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Both sides are policies of one kind and level: what is attached to one unit before and after, say. A variable may stand for
anything: what rests on one is `approximate`, and may hold for fewer requests. Where the policies tell apart more than is
compared, a line says that there may be more (`may_deny_more` and `may_allow_more` in JSON).

Examples:
  dodai policy diff old.json new.json
  dodai policy diff before/ after/ --format json")]
pub struct DiffArgs {
    /// A policy file, or a folder of them
    #[arg(value_name = "BEFORE")]
    pub before: PathBuf,
    /// A policy file, or a folder of them
    #[arg(value_name = "AFTER")]
    pub after: PathBuf,
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub format: Format,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Give the policies that are attached to one root, unit or account.

Examples:
  dodai policy pack policies/service-control             what would come of it
  dodai policy pack policies/service-control -o packed   write packed/packed-1.json and so on")]
pub struct PackArgs {
    /// Policy files, or folders of them
    #[arg(value_name = "FILE", required = true)]
    pub files: Vec<PathBuf>,
    /// The most characters of a document; of service control policies 10,240, of resource control policies 5,120
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(100..=1_000_000))]
    pub limit: Option<u32>,
    /// Deny actions by their beginnings where no other known action begins so; what AWS adds later is then denied too
    #[arg(long)]
    pub widen: bool,
    /// Keep the names of statements
    #[arg(long)]
    pub keep_sids: bool,
    /// Write the documents into this folder
    #[arg(short, long, value_name = "DIR")]
    pub output: Option<PathBuf>,
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub format: Format,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  dodai policy effective --account sandbox --type tag
  dodai policy effective --account sandbox --type backup --format json

As DescribeEffectivePolicy would answer once the directory is applied, and which policy each value comes from.")]
pub struct EffectiveArgs {
    /// The account (name of its file)
    #[arg(long, value_name = "NAME")]
    pub account: String,
    /// The type of policy: tag, backup, chat, ai-opt-out, declarative-ec2 …
    #[arg(long = "type", value_name = "TYPE")]
    pub kind: String,
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub format: Format,
}
