//! Everybody who may ask, and what they may ask for: from AWS or a stored run, or from files. The organization's own
//! policies are the directory's.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;

use dodai_facts::AccountId;
use dodai_org::Directory;
use dodai_org::testing::organization;
use dodai_policy::can::{Chains, Entity, Estate};
use dodai_policy::decide::Policy;
use dodai_policy::testing::{Level, Organization};

use super::account_of;
use super::entities::entities;
use super::gaps::{Gaps, Unknown};
use super::resources::{Kept, Resource, resources};
use super::rows::read;
use crate::args::Global;
use crate::args::policy::CanArgs;
use crate::failure::{Error, Result};
use crate::left_out::{LeftOut, Reason};
use crate::policies::files::{documents, policy_files};
use crate::world::selection;

#[derive(Debug, Default)]
pub struct Gathered {
    pub estate: Estate,
    pub resources: Vec<Resource>,
    pub unknown: Vec<Unknown>,
    pub left_out: Vec<LeftOut>,
    /// Nothing was read but files: what they do not say is not there.
    pub of_files: bool,
}

impl Gathered {
    /// The organization's id, for an account of it.
    pub fn organization_of(&self, account: &str) -> Option<String> {
        let chains = self.estate.accounts.get(&account.parse::<AccountId>().ok()?)?;
        chains.organization.as_ref().map(|(id, _)| id.clone())
    }
}

/// `only`: the id of the one account whose principals are asked for.
pub async fn gather(global: &Global, args: &CanArgs, kept: &Kept, only: Option<&str>) -> Result<Gathered> {
    if !args.identity.is_empty() {
        return of_files(global, args);
    }
    let loaded = Arc::new(crate::load(global)?);
    let mut selection = selection(&loaded.directory, &args.selection, &[])?;
    let of_id = |id: &str| {
        loaded.directory.accounts.iter().find(|account| account.id.as_ref().is_some_and(|own| own.as_str() == id))
    };
    if selection.accounts.is_empty() {
        selection.accounts.extend(only.and_then(of_id).map(|account| account.name.clone()));
    }
    let (reading, rows) = Box::pin(read(global, &loaded, args, &selection, kept)).await?;
    let gaps = Gaps::new(&rows.gaps);
    let (mut entities, mut unknown) = entities(&rows, &gaps);
    let read =
        reading.names.iter().filter(|(_, name)| selection.accounts.is_empty() || selection.accounts.contains(name));
    let partition = loaded.directory.home_region.partition();
    let root =
        |(id, _): (&AccountId, &String)| Entity { arn: format!("arn:{partition}:iam::{id}:root"), ..Entity::default() };
    entities.extend(read.map(root));
    unknown.extend(gaps.of_accounts(&reading.names));
    let not_in_run = reading.left_out.iter().filter(|left| left.reason == Reason::NotInRun);
    unknown.extend(not_in_run.map(|left| Unknown::new(&format!("account {}", left.account), left.reason.to_string())));
    let resources = match kept {
        Kept::Table(table) => resources(table, &rows.resources, &gaps),
        Kept::Nothing | Kept::Unread(_) => Vec::new(),
    };
    let mut estate = under(&loaded.directory, &reading.names)?;
    estate.entities = entities;
    Ok(Gathered { estate, resources, unknown, left_out: reading.left_out, of_files: false })
}

fn of_files(global: &Global, args: &CanArgs) -> Result<Gathered> {
    let mut estate = match crate::load_if_there(global)? {
        Some(loaded) => under(&loaded.directory, &BTreeMap::new())?,
        None => Estate::default(),
    };
    let principals: BTreeSet<&String> =
        args.identity.iter().chain(&args.boundary).map(|(principal, _)| principal).collect();
    for principal in principals {
        let identity = of_principal(&args.identity, principal)?;
        let boundary = match of_principal(&args.boundary, principal)?.as_slice() {
            [] => None,
            [one] => Some(Arc::clone(one)),
            _ => {
                let message = format!("`{principal}` has more than one permissions boundary");
                return Err(Error::new(message, "give one --boundary for it"));
            }
        };
        let of_directory = account_of(principal)
            .and_then(|id| id.parse().ok())
            .filter(|id: &AccountId| estate.accounts.contains_key(id));
        if of_directory.is_none() {
            let note = format!(
                "note: `{principal}` is of no account that the directory knows: no service control policies take part"
            );
            eprintln!("{}", dodai_facts::escape::terminal(&note));
        }
        estate.entities.push(Entity { arn: principal.clone(), identity, boundary });
    }
    Ok(Gathered { estate, of_files: true, ..Gathered::default() })
}

fn of_principal(given: &[(String, PathBuf)], principal: &str) -> Result<Vec<Arc<Policy>>> {
    let paths: Vec<PathBuf> = given.iter().filter(|(of, _)| of == principal).map(|(_, path)| path.clone()).collect();
    policies(&paths)
}

/// The policies of files, or folders of them.
pub fn policies(paths: &[PathBuf]) -> Result<Vec<Arc<Policy>>> {
    let read = documents(&policy_files(paths)?)?;
    Ok(read.into_iter().map(|(name, document)| Arc::new(Policy::new(name.as_str(), name.as_str(), document))).collect())
}

/// The organization's policies above every account whose id is known. `names`: accounts that were read.
fn under(directory: &Directory, names: &BTreeMap<AccountId, String>) -> Result<Estate> {
    let Organization { id: organization, management_account, accounts, .. } =
        organization(directory).map_err(|problems| {
            let first = problems.first().map(ToString::to_string).unwrap_or_default();
            Error::new(format!("a policy of the directory cannot be read: {first}"), "`dodai policy check` shows all")
        })?;
    let mut estate = Estate::default();
    for account in accounts {
        let read = names.iter().find(|(_, name)| **name == account.name).map(|(id, _)| id.clone());
        let Some(id) = read.or(account.id) else { continue };
        let levels =
            |levels: Option<Vec<Level>>| levels.map(|all| all.into_iter().map(|level| level.policies).collect());
        if account.name == management_account {
            estate.management_account = Some(id.clone());
        }
        let chains = Chains {
            scps: levels(account.scps),
            rcps: levels(account.rcps),
            organization: Some((organization.clone(), String::new())),
        };
        estate.accounts.insert(id, chains);
    }
    Ok(estate)
}
