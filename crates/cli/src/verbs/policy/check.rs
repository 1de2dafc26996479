//! `dodai policy check`: what is wrong with policies, or will surprise their authors. Needs no AWS, unless the
//! organization's own quotas are asked for.

use std::collections::BTreeSet;
use std::sync::Arc;

use dodai_facts::escape::terminal;
use dodai_facts::{AccountId, counted};
use dodai_policy::check::{CheckContext, Finding, Kind, Limits, RULES, Severity, explain, text};
use serde_json::json;

use crate::args::Global;
use crate::args::policy::{CheckArgs, FailOn, Format};
use crate::directory::Loaded;
use crate::exit::Exit;
use crate::failure::{Error, Result};
use crate::policies::files::{PolicyFile, Use, policy_files};
use crate::policies::quotas::InForce;
use crate::policies::{findings, kind_of, quotas};
use crate::print::print;
use crate::world::World;

pub async fn run(global: &Global, args: &CheckArgs) -> Result<Exit> {
    if let Some(id) = &args.explain {
        return explain_rule(id);
    }
    if args.rules {
        return list_rules(args.format);
    }
    let used = args.kind.as_deref().map(named).transpose()?;
    let mut files = Vec::new();
    for file in policy_files(&args.files)? {
        let used = used.map_or_else(|| placed(&file), Ok)?;
        files.push((file, used));
    }
    let loaded =
        if args.files.is_empty() || args.online { Some(crate::load(global)?) } else { crate::load_if_there(global)? };
    let loaded = loaded.map(Arc::new);
    let mut context = loaded.as_ref().map_or_else(CheckContext::default, |loaded| findings::context(&loaded.directory));
    let mut limits = None;
    if let Some(loaded) = loaded.as_ref().filter(|_| args.online) {
        let kinds = kinds(args, loaded, &files);
        let (read, in_force) = online(global, args, loaded, &kinds).await?;
        context.limits = read;
        limits = Some(in_force);
    }
    let (findings, count) = match &loaded {
        Some(loaded) if args.files.is_empty() => {
            (findings::in_context(&loaded.directory, &context), loaded.directory.policies.len())
        }
        _ => (files.iter().flat_map(|(file, used)| findings::of_file(file, *used, &context)).collect(), files.len()),
    };
    show(args.format, &findings, count, limits.as_deref())?;
    let worst = findings.iter().map(|finding| finding.severity).max();
    Ok(match worst {
        Some(Severity::Error) => Exit::Error,
        Some(Severity::Warning) => Exit::Findings.when(args.fail_on == FailOn::Warning),
        _ => Exit::Done,
    })
}

/// The kinds of what is checked.
fn kinds(args: &CheckArgs, loaded: &Loaded, files: &[(PolicyFile, Use)]) -> BTreeSet<Kind> {
    if args.files.is_empty() {
        return loaded.directory.policies.iter().filter_map(kind_of).collect();
    }
    let of_file = |(_, used): &(PolicyFile, Use)| match used {
        Use::Language(kind) => Some(*kind),
        Use::Management(_) => None,
    };
    files.iter().filter_map(of_file).collect()
}

async fn online(
    global: &Global,
    args: &CheckArgs,
    loaded: &Arc<Loaded>,
    kinds: &BTreeSet<Kind>,
) -> Result<(Limits, Vec<InForce>)> {
    let account = args.account.as_deref().map(|name| account(loaded, name)).transpose()?;
    let world = World::connect(global, loaded.clone()).await?;
    let account = account.unwrap_or_else(|| world.context.management.clone());
    quotas::read(&world, kinds, &account).await
}

fn account(loaded: &Loaded, name: &str) -> Result<AccountId> {
    let accounts = &loaded.directory.accounts;
    let found = accounts
        .iter()
        .find(|account| account.name == name)
        .ok_or_else(|| Error::unknown("account", name, accounts.iter().map(|account| account.name.as_str())))?;
    found.id.clone().ok_or_else(|| {
        Error::new(format!("the file of the account `{name}` does not say its id"), "write `id` into it")
    })
}

fn named(name: &str) -> Result<Use> {
    Use::of_name(name).ok_or_else(|| Error::unknown("kind of policy", name, Use::names()))
}

fn placed(file: &PolicyFile) -> Result<Use> {
    let path = std::path::absolute(&file.path).unwrap_or_else(|_| file.path.clone());
    Use::of_path(&path).ok_or_else(|| {
        Error::new(
            format!("what kind of policy is {}?", file.name),
            "say --kind service-control (or identity, trust, resource, tag …), or put it into a folder of that name",
        )
    })
}

/// `limits` where they were asked for.
fn show(format: Format, findings: &[Finding], count: usize, limits: Option<&[InForce]>) -> Result<()> {
    if format == Format::Json {
        let mut told = json!({ "policies": count, "findings": findings });
        if let (Some(limits), Some(told)) = (limits, told.as_object_mut()) {
            told.insert("limits".to_owned(), json!(limits));
        }
        return print(&format!("{told:#}\n"));
    }
    print(&text(findings))?;
    print(&quotas::text(limits.unwrap_or_default()))?;
    let of = |severity: Severity| findings.iter().filter(|finding| finding.severity == severity).count();
    let (errors, warnings, suggestions) = (of(Severity::Error), of(Severity::Warning), of(Severity::Suggestion));
    let policies = counted(count, "policy");
    if findings.is_empty() {
        return print(&format!("{policies}: nothing found.\n"));
    }
    let found = [(errors, "error"), (warnings, "warning"), (suggestions, "suggestion")];
    let found = found.map(|(count, one)| counted(count, one));
    print(&format!("{policies}: {}\n", found.join(", ")))
}

fn explain_rule(id: &str) -> Result<Exit> {
    let Some(rule) = RULES.iter().find(|rule| rule.id == id) else {
        return Err(Error::unknown("rule", id, RULES.iter().map(|rule| rule.id)));
    };
    print(&explain(rule))?;
    Ok(Exit::Done)
}

fn list_rules(format: Format) -> Result<Exit> {
    let kinds = |kinds: &[Kind]| kinds.iter().map(|kind| kind.as_str()).collect::<Vec<_>>();
    if format == Format::Json {
        let rules: Vec<_> = RULES
            .iter()
            .map(|rule| {
                json!({
                    "id": rule.id, "severity": rule.severity, "kinds": kinds(rule.kinds), "summary": rule.summary,
                    "why": rule.why, "repair": rule.repair, "source": rule.source,
                })
            })
            .collect();
        print(&format!("{:#}\n", json!(rules)))?;
        return Ok(Exit::Done);
    }
    let width = RULES.iter().map(|rule| rule.id.len()).max().unwrap_or(0);
    let lines: Vec<String> = RULES
        .iter()
        .map(|rule| format!("{:width$}  {:10}  {}\n", rule.id, rule.severity.as_str(), terminal(rule.summary)))
        .collect();
    print(&lines.concat())?;
    Ok(Exit::Done)
}
