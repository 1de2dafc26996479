//! `dodai policy explain`: one request, and what every policy along the way says of it. Needs no AWS.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use dodai_facts::AccountId;
use dodai_facts::escape::terminal;
use dodai_org::testing::organization;
use dodai_policy::decide::{Asked, Given, Policies, Policy, Request};
use dodai_policy::explain::{LevelNames, explain, text};
use dodai_policy::testing::{Account, Level, Organization, Who};

use crate::args::Global;
use crate::args::policy::{ExplainArgs, Format};
use crate::exit::Exit;
use crate::failure::{Error, Result};
use crate::policies::files::{documents, fit, one};
use crate::policies::organization::everything;
use crate::print::print;

pub fn run(global: &Global, args: &ExplainArgs) -> Result<Exit> {
    let organization = match crate::load_if_there(global)? {
        Some(loaded) => Some(organization(&loaded.directory).map_err(|problems| {
            let first = problems.first().map(ToString::to_string).unwrap_or_default();
            Error::new(format!("a policy of the directory cannot be read: {first}"), "`dodai policy check` shows all")
        })?),
        None => None,
    };
    let parties = Parties::of(args, organization.as_ref())?;
    let request = request(args, &parties, organization.as_ref())?;
    let (policies, names) = policies(args, &parties, organization.as_ref())?;
    let explanation = explain(&policies, &request, &names);
    match args.format {
        Format::Json => {
            let text = serde_json::to_string_pretty(&explanation).map_err(Error::from_display)?;
            print(&format!("{text}\n"))?;
        }
        Format::Text => print(&text(&explanation))?,
    }
    Ok(Exit::Done)
}

/// Stands for the id of an account that the directory does not know yet.
const NO_ID_YET: &str = "000000000000";

/// Who asks, and the accounts of the directory that principal and resources are of.
struct Parties<'o> {
    principal: String,
    account: Option<&'o Account>,
    resource_account: Option<&'o Account>,
}

impl<'o> Parties<'o> {
    fn of(args: &ExplainArgs, organization: Option<&'o Organization>) -> Result<Self> {
        let partition = organization.map_or("aws", |organization| organization.partition.as_str());
        let named = args.account.as_deref().map(|name| account(organization, name)).transpose()?;
        if let Some(unknown) = named.filter(|account| account.id.is_none()) {
            let name = terminal(&unknown.name);
            eprintln!("note: the directory does not know the id of the account `{name}`: {NO_ID_YET} stands for it");
        }
        let principal = match (Who::parse(&args.principal), named) {
            (Some(who), Some(account)) if who.is_of_account() => who.principal(partition, id(account)),
            (Some(who), None) if who.is_of_account() => {
                let message = format!("`{}` is in some account: in which?", args.principal);
                return Err(Error::new(message, "say --account NAME (of the directory), or give the whole ARN"));
            }
            (Some(who), _) => who.principal(partition, ""),
            (None, _) => args.principal.clone(),
        };
        let of_arn = |arn: &str| {
            let id = arn.split(':').nth(4).unwrap_or(arn);
            let accounts = organization.map(|organization| organization.accounts.as_slice()).unwrap_or_default();
            accounts.iter().find(|account| account.id.as_ref().is_some_and(|known| known.as_str() == id))
        };
        let own = of_arn(&principal);
        if let (Some(named), Some(own)) = (named, own)
            && named.name != own.name
        {
            let message = format!("`{principal}` is of the account `{}`, not of `{}`", own.name, named.name);
            return Err(Error::new(message, "leave --account out, or correct it"));
        }
        let account_of_principal = named.or(own);
        let resource_account = match &args.resource_account {
            Some(name) => Some(account(organization, name)?),
            None => args.resource.iter().find_map(|arn| of_arn(arn)).or_else(|| {
                // Of a resource that names no account it is supposed.
                let elsewhere = |arn: &String| arn.split(':').nth(4).is_some_and(|id| !id.is_empty());
                account_of_principal.filter(|_| !args.resource.iter().any(elsewhere))
            }),
        };
        if let (None, Some(id)) = (account_of_principal, principal.split(':').nth(4))
            && id.parse::<AccountId>().is_ok()
        {
            eprintln!(
                "note: the directory has no account {}: which service control policies it is under is not known, and \
                 none take part",
                terminal(id)
            );
        }
        Ok(Self { principal, account: account_of_principal, resource_account })
    }
}

fn account<'o>(organization: Option<&'o Organization>, name: &str) -> Result<&'o Account> {
    let Some(organization) = organization else {
        return Err(Error::new(
            format!("there is no organization directory, so there is no account `{name}`"),
            "name the directory with -C, or give ARNs",
        ));
    };
    let names = organization.accounts.iter().map(|account| account.name.as_str());
    organization
        .accounts
        .iter()
        .find(|account| account.name == name)
        .ok_or_else(|| Error::unknown("account", name, names))
}

/// The account's id, or what stands for it until the account exists.
fn id(account: &Account) -> &str {
    account.id.as_ref().map_or(NO_ID_YET, AccountId::as_str)
}

fn request(args: &ExplainArgs, parties: &Parties<'_>, organization: Option<&Organization>) -> Result<Request<'static>> {
    let mut context: BTreeMap<String, Given> = BTreeMap::new();
    for (key, value) in &args.context {
        match context.entry(key.clone()).or_insert_with(|| Given::Values(Vec::new())) {
            Given::Values(values) => values.push(value.clone()),
            Given::Absent => {}
        }
    }
    for key in &args.absent {
        if context.insert(key.clone(), Given::Absent).is_some_and(|given| given != Given::Absent) {
            let message = format!("the condition key `{key}` has a value, and is said to be absent");
            return Err(Error::new(message, "leave out --context or --absent"));
        }
    }
    // What follows from being in the organization.
    if let Some(organization) = organization {
        let mut follows = |key: &str, party: Option<&Account>| {
            if party.is_some() && !context.keys().any(|given| given.eq_ignore_ascii_case(key)) {
                context.insert(key.to_owned(), Given::value(organization.id.as_str()));
            }
        };
        follows("aws:PrincipalOrgID", parties.account);
        follows("aws:ResourceOrgID", parties.resource_account);
    }
    let resource_account = parties.resource_account.map(id);
    Request::new(Asked {
        principal: parties.principal.clone(),
        action: args.action.clone(),
        resources: args.resource.clone(),
        resource_account: resource_account.map(str::to_owned),
        context,
        closed: args.closed,
        ..Asked::default()
    })
    .map_err(|error| Error::new(error.to_string(), "`dodai policy explain --help` shows requests"))
}

fn policies(
    args: &ExplainArgs,
    parties: &Parties<'_>,
    organization: Option<&Organization>,
) -> Result<(Policies, LevelNames)> {
    let supposed = || everything("supposed").map_err(|problems| Error::defect(format!("{problems:?}")));
    let mut policies = Policies::default();
    for path in &args.identity {
        policies.identity.push(read(path)?);
    }
    policies.resource = args.resource_policy.as_deref().map(read).transpose()?;
    policies.boundary = args.boundary.as_deref().map(read).transpose()?;
    let (scps, rcps) = (
        parties.account.and_then(|account| account.scps.as_ref()),
        parties.resource_account.and_then(|account| account.rcps.as_ref()),
    );
    let attached = |levels: &Vec<Level>| levels.iter().map(|level| level.policies.clone()).collect();
    let named = |levels: Option<&Vec<Level>>| levels.into_iter().flatten().map(|level| level.name.clone()).collect();
    (policies.scps, policies.rcps) = (scps.map(attached), rcps.map(attached));
    fit(&policies)?;
    if args.identity.is_empty() {
        policies.identity.push(supposed()?);
        if policies.resource.is_none() {
            policies.resource = Some(supposed()?);
        }
    }
    policies.management_account = organization.and_then(|organization| {
        let management =
            organization.accounts.iter().find(|account| account.name == organization.management_account)?;
        // One that is not known yet is the stand-in, where the request is the management account's.
        let asks = [parties.account, parties.resource_account]
            .into_iter()
            .flatten()
            .any(|party| party.name == management.name);
        management.id.clone().or_else(|| NO_ID_YET.parse().ok().filter(|_| asks))
    });
    Ok((policies, LevelNames { scps: named(scps), rcps: named(rcps) }))
}

fn read(path: &Path) -> Result<Arc<Policy>> {
    let mut read = documents(&[one(path)?])?;
    let (name, document) =
        read.pop().ok_or_else(|| Error::new(format!("{}: no policy", path.display()), "give a policy file"))?;
    Ok(Arc::new(Policy::new(name.as_str(), name.as_str(), document)))
}
