//! `dodai permissions`: its arguments.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum PermissionsFormat {
    /// For a terminal, with what to do
    Text,
    /// All policies in one object
    Json,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  dodai permissions                              what `assess`, `plan` and `query` need: nothing of it can change anything
  dodai permissions --apply                      what `apply` needs besides
  dodai permissions -o iam                       member.json, management.json, trust.json and a template for StackSets
  dodai permissions --format json | jq .member

The policies are those of this directory: its tables, the features that its accounts have on, the names in its settings, its
Regions. Ask again when these change. No AWS is needed.")]
pub struct PermissionsArgs {
    /// To assess, plan and query (the default)
    #[arg(long, conflicts_with = "apply")]
    pub read: bool,
    /// To apply, too
    #[arg(long)]
    pub apply: bool,
    /// Write the documents into this folder; nothing that is there is written over
    #[arg(short, long, value_name = "DIR")]
    pub output: Option<PathBuf>,
    #[arg(long, value_enum, default_value_t = PermissionsFormat::Text)]
    pub format: PermissionsFormat,
}
