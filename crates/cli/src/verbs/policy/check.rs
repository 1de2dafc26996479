//! `dodai policy check`: what is wrong with policies, or will surprise their authors. Needs no AWS.

use dodai_facts::escape::terminal;
use dodai_policy::check::{CheckContext, Finding, RULES, Severity, explain, text};
use serde_json::json;

use crate::args::Global;
use crate::args::policy::{CheckArgs, FailOn, Format};
use crate::exit::Exit;
use crate::failure::{Error, Result};
use crate::policies::files::{PolicyFile, Use, policy_files};
use crate::policies::findings;
use crate::print::print;

pub fn run(global: &Global, args: &CheckArgs) -> Result<Exit> {
    if let Some(id) = &args.explain {
        return explain_rule(id);
    }
    if args.rules {
        return list_rules(args.format);
    }
    let (findings, count) = if args.files.is_empty() {
        let directory = crate::load(global)?.directory;
        (findings::of_directory(&directory), directory.policies.len())
    } else {
        let used = args.kind.as_deref().map(named).transpose()?;
        let loaded = crate::load_if_there(global)?;
        let context = loaded.map_or_else(CheckContext::default, |loaded| findings::context(&loaded.directory));
        let files = policy_files(&args.files)?;
        let mut findings = Vec::new();
        for file in &files {
            findings.extend(findings::of_file(file, used.map_or_else(|| placed(file), Ok)?, &context));
        }
        (findings, files.len())
    };
    show(args.format, &findings, count)?;
    let worst = findings.iter().map(|finding| finding.severity).max();
    Ok(match worst {
        Some(Severity::Error) => Exit::Error,
        Some(Severity::Warning) => Exit::Findings.when(args.fail_on == FailOn::Warning),
        _ => Exit::Done,
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

fn show(format: Format, findings: &[Finding], count: usize) -> Result<()> {
    if format == Format::Json {
        return print(&format!("{:#}\n", json!({ "policies": count, "findings": findings })));
    }
    print(&text(findings))?;
    let of = |severity: Severity| findings.iter().filter(|finding| finding.severity == severity).count();
    let (errors, warnings, suggestions) = (of(Severity::Error), of(Severity::Warning), of(Severity::Suggestion));
    let some = |count: usize, one: &str, more: &str| format!("{count} {}", if count == 1 { one } else { more });
    let policies = some(count, "policy", "policies");
    if findings.is_empty() {
        return print(&format!("{policies}: nothing found.\n"));
    }
    let found = [(errors, "error"), (warnings, "warning"), (suggestions, "suggestion")];
    let found = found.map(|(count, one)| some(count, one, &format!("{one}s")));
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
    let kinds = |kinds: &[dodai_policy::check::Kind]| kinds.iter().map(|kind| kind.as_str()).collect::<Vec<_>>();
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
