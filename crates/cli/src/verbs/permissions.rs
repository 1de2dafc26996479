//! `dodai permissions`: the IAM policies that the directory's work needs, and how they are put in force. Needs no AWS.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;

use dodai_baseline::permissions::{Permissions, PermissionsError, Reading, Statement, Work, document, permissions};
use dodai_facts::Scope;
use dodai_facts::escape::{json as visible, shell, terminal};
use dodai_inventory::tables::{Tables, Wanted};
use serde_json::{Value, json};

use crate::args::Global;
use crate::args::permissions::{PermissionsArgs, PermissionsFormat};
use crate::directory::Loaded;
use crate::exit::Exit;
use crate::failure::{Error, Result};
use crate::folder::{self, There};
use crate::print::print;

/// The role that AWS Organizations makes in accounts that it creates.
const GIVEN_ROLE: &str = "OrganizationAccountAccessRole";

pub fn run(global: &Global, args: &PermissionsArgs) -> Result<Exit> {
    let loaded = crate::load(global)?;
    let work = if args.apply { Work::Apply } else { Work::Read };
    let permissions = permissions(&loaded.directory, &readings(&loaded.tables), work).map_err(|error| match error {
        PermissionsError::TooLong(_) => Error::from_display(error),
        _ => Error::defect(error.to_string()),
    })?;
    let files = files(&loaded, &permissions, work);
    if let Some(folder) = &args.output {
        let written = files.iter().map(|file| (file.name.clone(), format!("{:#}\n", file.content)));
        folder::write(folder, &written.collect::<Vec<_>>(), There::Kept)?;
    }
    match args.format {
        PermissionsFormat::Json => {
            let list = |documents: &[Vec<Statement>]| documents.iter().map(|one| document(one)).collect::<Vec<_>>();
            let all = json!({
                "member": list(&permissions.member),
                "management": list(&permissions.management),
                "trust": permissions.trust,
            });
            print(&format!("{all:#}\n"))?;
        }
        PermissionsFormat::Text => print(&text(&loaded, work, &files, args.output.as_deref()))?,
    }
    Ok(Exit::Done)
}

/// Every call by which any of the tables is read: a query may ask for each of them.
fn readings(tables: &Tables) -> BTreeSet<Reading> {
    let mut readings = BTreeSet::new();
    for table in tables.iter() {
        let elsewhere = table.calls_elsewhere(&Wanted::All);
        let scope = if table.management_only() { Scope::Organization } else { table.scope() };
        for call in table.calls(&Wanted::All) {
            readings.insert(Reading { elsewhere: elsewhere.contains(&call), call, scope });
        }
    }
    readings
}

/// A file, what it is for, and its content.
struct File {
    name: String,
    purpose: String,
    content: Value,
}

fn files(loaded: &Loaded, permissions: &Permissions, work: Work) -> Vec<File> {
    let role = &loaded.directory.roles.member;
    let mut files = Vec::new();
    let mut add = |name: &str, documents: &[Vec<Statement>], purpose: &str| {
        for (at, statements) in documents.iter().enumerate() {
            let name = if documents.len() == 1 { format!("{name}.json") } else { format!("{name}-{}.json", at + 1) };
            files.push(File { name, purpose: purpose.to_owned(), content: document(statements) });
        }
    };
    let purpose =
        format!("for the role `{role}` in every account, and for whoever runs dodai in the management account");
    add("member", &permissions.member, &purpose);
    add("management", &permissions.management, "for whoever runs dodai in the management account, besides");
    if let Some(trust) = &permissions.trust {
        files.push(File {
            name: "trust.json".to_owned(),
            purpose: format!("who may enter by `{role}`"),
            content: trust.clone(),
        });
        files.push(File {
            name: "member.template.json".to_owned(),
            purpose: format!("a template that makes the role `{role}`, for StackSets"),
            content: template(role, permissions, trust, work),
        });
    }
    files
}

/// The member role as AWS CloudFormation makes it (`AWS::IAM::Role`, `AWS::IAM::ManagedPolicy`).
fn template(role: &str, permissions: &Permissions, trust: &Value, work: Work) -> Value {
    let name = |at: usize| format!("Policy{}", at + 1);
    let references: Vec<Value> = (0..permissions.member.len()).map(|at| json!({ "Ref": name(at) })).collect();
    let mut resources = serde_json::Map::new();
    for (at, statements) in permissions.member.iter().enumerate() {
        let properties = json!({ "PolicyDocument": document(statements) });
        resources.insert(name(at), json!({ "Type": "AWS::IAM::ManagedPolicy", "Properties": properties }));
    }
    let properties = json!({ "RoleName": role, "AssumeRolePolicyDocument": trust, "ManagedPolicyArns": references });
    resources.insert("Role".to_owned(), json!({ "Type": "AWS::IAM::Role", "Properties": properties }));
    json!({
        "AWSTemplateFormatVersion": "2010-09-09",
        "Description": format!("The role by which dodai {} this account", if work == Work::Read { "reads" } else { "keeps" }),
        "Resources": resources,
    })
}

fn text(loaded: &Loaded, work: Work, files: &[File], folder: Option<&Path>) -> String {
    let directory = &loaded.directory;
    let mut out = match work {
        Work::Read => {
            format!("To assess, plan and query {}. Nothing of this can change anything.\n", directory.organization)
        }
        Work::Apply => {
            let organization = &directory.organization;
            format!("To assess, plan, query and apply {organization}: what its accounts have on, and no more.\n")
        }
    };
    if let dodai_org::State::S3 { bucket, .. } = &directory.state {
        let _ = writeln!(out, "Runs are kept in the bucket `{bucket}`, so that objects of it may be written.");
    }
    let written = folder.map_or_else(String::new, |folder| format!("{}/", terminal(&folder.display().to_string())));
    for file in files {
        // For people the policies are enough; the template repeats them.
        let is_policy = !file.name.contains("template");
        if folder.is_none() && !is_policy {
            continue;
        }
        if folder.is_none() {
            let _ = writeln!(out, "\n{}: {}\n{}", file.name, file.purpose, visible(&format!("{:#}", file.content)));
        } else {
            let _ = writeln!(out, "  {written}{}: {}", file.name, file.purpose);
        }
    }
    out.push_str(&notes(loaded, work, files, folder));
    out
}

fn notes(loaded: &Loaded, work: Work, files: &[File], folder: Option<&Path>) -> String {
    let directory = &loaded.directory;
    let role = &directory.roles.member;
    let mut out = String::from("\n");
    if role == GIVEN_ROLE {
        let _ = writeln!(
            out,
            "`roles.member` of dodai.yaml is {GIVEN_ROLE}, which may do everything. For a role that may do only\n\
             this, name another there, say `dodai`.\n"
        );
    } else if work == Work::Apply {
        let _ = writeln!(
            out,
            "In accounts that `apply` creates, AWS Organizations makes the role `{role}`, and lets it do everything.\n"
        );
    }
    let Some(trust) = files.iter().find(|file| file.name == "trust.json") else {
        out.push_str(
            "With the management account's `id` in its file under accounts/ this also tells who may enter by the role,\n\
             and makes a template of it for every account.\n",
        );
        return out;
    };
    let Some(folder) = folder else {
        out.push_str("`-o DIR` writes these as files, and a template for every account.\n");
        return out;
    };
    let name = if work == Work::Read { "dodai-read" } else { "dodai-apply" };
    let path = |name: &str| shell(&format!("file://{}", folder.join(name).display()));
    let _ =
        writeln!(out, "In the management account, for whoever runs dodai (attach them to the role or permission set):");
    for file in files.iter().filter(|file| file.name != trust.name && !file.name.contains("template")) {
        let policy = format!("{name}-{}", file.name.trim_end_matches(".json"));
        let _ = writeln!(out, "  aws iam create-policy --policy-name {policy} --policy-document {}", path(&file.name));
    }
    let _ = writeln!(
        out,
        "In every other account, the role, as a stack set (r-xxxx: the root, see `aws organizations list-roots`):\n  \
         aws cloudformation create-stack-set --stack-set-name {name} --permission-model SERVICE_MANAGED \\\n    \
         --auto-deployment Enabled=true,RetainStacksOnAccountRemoval=false --capabilities CAPABILITY_NAMED_IAM \\\n    \
         --template-body {}\n  \
         aws cloudformation create-stack-instances --stack-set-name {name} --regions {} \\\n    \
         --deployment-targets OrganizationalUnitIds=r-xxxx",
        path("member.template.json"),
        directory.home_region
    );
    out
}
