//! `dodai policy can`: who can do an action, what a principal can do, and whether policies grant what nobody should have.
//! Over AWS as it is now, over a stored run, or over files.

mod entities;
mod gaps;
mod gather;
mod grants;
mod resources;
mod rows;
mod show;

#[cfg(test)]
mod names_tests;

use std::collections::{BTreeMap, BTreeSet};

use dodai_facts::escape::terminal;
use dodai_facts::nearest;
use dodai_policy::can::{Can, Entity, Question, what_can, who_can};
use dodai_policy::decide::{Given, RequestError};
use dodai_policy::reference::Reference;

use crate::args::Global;
use crate::args::policy::CanArgs;
use crate::exit::Exit;
use crate::failure::{Error, Result};

use gather::{Gathered, gather};
use resources::{Kept, Target};
use show::{What, Who};

pub async fn run(global: &Global, args: &CanArgs) -> Result<Exit> {
    if let [old, new] = args.no_new_access.as_slice() {
        return grants::no_new_access(old, new, args.format);
    }
    if !args.not_granted.is_empty() {
        return grants::not_granted(args);
    }
    match &args.principal {
        Some(principal) => what(global, args, principal).await,
        None => who(global, args).await,
    }
}

async fn who(global: &Global, args: &CanArgs) -> Result<Exit> {
    let ([action], [] | [_]) = (args.action.as_slice(), args.resource.as_slice()) else {
        let message = "more than one action or resource".to_owned();
        return Err(Error::new(message, "ask for one at a time; --not-granted takes more"));
    };
    let asked = args.resource.first().map_or("*", String::as_str);
    note_unknown_action(action);
    let context = context(args)?;
    let kept = Kept::of(action, Reference::embedded());
    let mut gathered = gather(global, args, &kept, None).await?;
    let (targets, unknown) = resources::targets(args, asked, &kept, &gathered)?;
    gathered.unknown.extend(unknown);
    let can = ask(&mut gathered, action, asked, targets, &context, args.closed)?;
    let who = Who::new(action, asked, can, gathered);
    show::print(&who, args.format, Who::text)?;
    Ok(Exit::Unknown.when(!who.unknown.is_empty()))
}

/// Asks everybody about every target; and about what else a pattern may mean, of those who can do nothing yet.
fn ask(
    gathered: &mut Gathered,
    action: &str,
    asked: &str,
    targets: Vec<Target>,
    context: &BTreeMap<String, Given>,
    closed: bool,
) -> Result<Vec<Can>> {
    let beyond = asked.contains(['*', '?']) && !targets.iter().any(|target| target.asked == asked);
    let mut found: Vec<Can> = Vec::new();
    let rest = Target { asked: asked.to_owned(), account: None, policy: None };
    let count = targets.len();
    for (at, target) in targets.into_iter().chain((beyond || count == 0).then_some(rest)).enumerate() {
        let mut context = context.clone();
        let account = target.account.as_deref().or_else(|| account_of(&target.asked));
        if let Some(organization) = account.and_then(|account| gathered.organization_of(account)) {
            let given = context.keys().any(|key| key.eq_ignore_ascii_case("aws:ResourceOrgID"));
            if !given {
                context.insert("aws:ResourceOrgID".to_owned(), Given::value(organization));
            }
        }
        gathered.estate.resource_policies =
            target.policy.map(|policy| (target.asked.clone(), policy)).into_iter().collect();
        let question = Question {
            action: action.to_owned(),
            resource: target.asked,
            resource_account: target.account,
            context,
            closed,
        };
        let told = who_can(&gathered.estate, &question).map_err(|error| wrong(&error))?;
        let known: BTreeSet<String> = found.iter().map(|can| can.principal.clone()).collect();
        found.extend(told.into_iter().filter(|can| at < count || !known.contains(&can.principal)));
    }
    let unknown: BTreeSet<&str> = gathered.unknown.iter().map(|unknown| unknown.about.as_str()).collect();
    found.retain(|can| !unknown.contains(can.principal.as_str()));
    found.sort_by(|one, other| (&one.principal, &one.on).cmp(&(&other.principal, &other.on)));
    Ok(found)
}

const PRINCIPAL_ARN: &str = "aws:PrincipalArn";

async fn what(global: &Global, args: &CanArgs, principal: &str) -> Result<Exit> {
    let mut context = context(args)?;
    let mut gathered = gather(global, args, &Kept::Nothing, account_of(principal)).await?;
    let found = find(&gathered.estate.entities, principal);
    // A session's ARN does not tell its role's path, and the role is known here.
    let role = found.as_ref().map(|(role, _)| role.clone()).filter(|_| principal.contains(":assumed-role/"));
    if let Some(role) = role.filter(|_| !context.keys().any(|key| key.eq_ignore_ascii_case(PRINCIPAL_ARN))) {
        context.insert(PRINCIPAL_ARN.to_owned(), Given::value(role));
    }
    let name = found.as_ref().map_or(principal, |(of, _)| of).to_owned();
    gathered.unknown.retain(|unknown| unknown.about == name || (found.is_none() && unknown.is_of_account(principal)));
    let grants = match &found {
        Some((_, entity)) => what_can(&gathered.estate, entity, &context, args.closed, Reference::embedded())
            .map_err(|error| wrong(&error))?,
        None if gathered.unknown.is_empty() => return Err(nobody(principal, &gathered)),
        None => Vec::new(),
    };
    let what = What { principal: principal.to_owned(), grants, unknown: gathered.unknown };
    show::print(&what, args.format, What::text)?;
    Ok(Exit::Unknown.when(!what.unknown.is_empty()))
}

/// The entity of a principal, with the name that it is known by; a session has its role's policies.
fn find(entities: &[Entity], principal: &str) -> Option<(String, Entity)> {
    let of = |entity: &Entity| (entity.arn.clone(), Entity { arn: principal.to_owned(), ..entity.clone() });
    if let Some(entity) = entities.iter().find(|entity| entity.arn == principal) {
        return Some(of(entity));
    }
    let session = principal.split_once(":assumed-role/").and_then(|(_, rest)| rest.split_once('/'));
    let (role, _) = session?;
    let account = account_of(principal);
    let plays = |entity: &&Entity| {
        let name = entity.arn.split_once(":role/").and_then(|(_, path)| path.rsplit('/').next());
        name == Some(role) && account_of(&entity.arn) == account
    };
    entities.iter().find(plays).map(of)
}

fn nobody(principal: &str, gathered: &Gathered) -> Error {
    let names = || gathered.estate.entities.iter().map(|entity| entity.arn.as_str());
    let account = account_of(principal);
    if !gathered.of_files && !names().any(|name| account_of(name) == account) {
        let message = format!("`{principal}` is of no account that was read, so what it can do is not known");
        let help = "choose accounts with --account, or another run; principals are ARNs of users, roles, sessions and root users";
        return Error { unknown: account.is_some(), ..Error::new(message, help) };
    }
    let help = nearest(principal, names()).map_or_else(
        || "give the ARN of a user, a role, a session of a role, or a root user".to_owned(),
        |near| format!("did you mean `{near}`?"),
    );
    Error::new(format!("there is no principal `{principal}`"), &help)
}

/// What is given of condition keys.
fn context(args: &CanArgs) -> Result<BTreeMap<String, Given>> {
    let mut context: BTreeMap<String, Given> = BTreeMap::new();
    for (key, value) in &args.context {
        if let Given::Values(values) = context.entry(key.clone()).or_insert_with(|| Given::Values(Vec::new())) {
            values.push(value.clone());
        }
    }
    for key in &args.absent {
        if matches!(context.insert(key.clone(), Given::Absent), Some(Given::Values(_))) {
            let message = format!("the condition key `{key}` has a value, and is said to be absent");
            return Err(Error::new(message, "leave out --context or --absent"));
        }
    }
    Ok(context)
}

/// An action that is not known may be new, or written wrongly: whoever asks for it should know.
fn note_unknown_action(action: &str) {
    let reference = Reference::embedded();
    if reference.action(action).is_some() {
        return;
    }
    let service = action.split(':').next().and_then(|prefix| reference.service(prefix));
    let names: Vec<String> = service
        .map(|service| service.actions.iter().map(|known| format!("{}:{}", service.prefix, known.name)).collect())
        .unwrap_or_default();
    let near = nearest(action, names.iter().map(String::as_str));
    let near = near.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
    let date = reference.date();
    eprintln!("{}", terminal(&format!("note: AWS's reference of {date} does not know the action `{action}`{near}")));
}

fn wrong(error: &RequestError) -> Error {
    Error::new(error.to_string(), "`dodai policy can --help` shows questions")
}

/// The account id that an ARN names.
fn account_of(arn: &str) -> Option<&str> {
    arn.split(':').nth(4).filter(|account| !account.is_empty() && !account.contains(['*', '?']))
}
