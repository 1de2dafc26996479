//! Which requests a policy is put to. A policy tells requests apart only by what stands in it: its resources, the
//! accounts that it names. One request for each is enough, so that ten thousand accounts cost no more than one.

use std::collections::BTreeSet;

use dodai_facts::AccountId;
use dodai_policy::decide::{Asked, Given, Request, RequestError};
use dodai_policy::language::{Document, Effect, Statement};
use dodai_policy::pattern::glob;
use dodai_policy::reference::Reference;

use super::work::{Doer, Operation};
use super::{OrganizationView, Reach};

/// Accounts that are nobody's: what holds for both holds for every account that a policy does not name.
const ANYBODY: [&str; 2] = ["000000000000", "999999999999"];
/// Most of the account ids in a document that are tried: as many fit into the largest.
const MOST_IDS: usize = 1_000;
/// The roles that IAM Identity Center makes have this beginning, and stand under its path.
const IDENTITY_CENTER: &str = "AWSReservedSSO_";

/// A role, in words, and a request of it.
pub(super) struct Try {
    pub(super) role: String,
    pub(super) ready: Result<Request<'static>, RequestError>,
}

pub(super) struct Tries<'d> {
    document: &'d Document,
    accounts: BTreeSet<String>,
    /// Names or patterns as the directory has them.
    roles: Vec<String>,
}

impl<'d> Tries<'d> {
    pub(super) fn new(view: &OrganizationView<'_>, document: &'d Document, reach: &Reach<'_>) -> Self {
        let context = view.view.context;
        let mut accounts: BTreeSet<String> =
            reach.accounts.iter().filter_map(|account| account.id.as_ref()).map(ToString::to_string).collect();
        let named = ids(document);
        if named.is_empty() && accounts.len() > 1 && !tells_accounts_apart(document) {
            // One stands for all.
            accounts = accounts.into_iter().take(1).collect();
        }
        let unpinned = reach.accounts.iter().any(|account| account.id.is_none());
        if reach.open || unpinned || accounts.is_empty() {
            accounts.extend(ANYBODY.map(str::to_owned));
        }
        if unpinned {
            // One whose id the directory does not know may be one that the policy names.
            let pinned = view.directory.accounts.iter().filter_map(|account| account.id.as_ref());
            let known: Vec<&str> = pinned.chain([&context.management]).map(AccountId::as_str).collect();
            accounts.extend(named.into_iter().filter(|id| !known.contains(&id.as_str())));
        }
        let mut roles = vec![context.member_role.clone()];
        for operator in &view.directory.operators {
            if !roles.contains(operator) {
                roles.push(operator.clone());
            }
        }
        Self { document, accounts, roles }
    }

    /// The requests for an operation; none where no statement is about it. `allowed`: what stands beside the policy
    /// allows what the policy does not, so that only its denials count.
    pub(super) fn requests<'t>(
        &'t self,
        view: &'t OrganizationView<'_>,
        operation: &'t Operation,
        allowed: bool,
    ) -> impl Iterator<Item = Try> + 't {
        let counts = |statement: &&Statement| {
            (statement.effect == Effect::Deny || !allowed) && is_about(statement, &operation.action)
        };
        let statements: Vec<&Statement> = self.document.statements.iter().filter(counts).collect();
        let asked = !statements.is_empty() || !allowed;
        let places = self
            .accounts
            .iter()
            .filter(move |_| asked)
            .flat_map(|account| operation.regions.iter().map(move |region| (account.as_str(), region.as_str())));
        places.flat_map(move |(account, region)| {
            let resources = resources(view, operation, &statements, account, region, &self.roles);
            let roles = self.roles.iter();
            roles.flat_map(move |role| {
                resources
                    .clone()
                    .into_iter()
                    .map(move |resource| Self::ask(view, operation, (account, region), role, resource))
            })
        })
    }

    fn ask(
        view: &OrganizationView<'_>,
        operation: &Operation,
        (account, region): (&str, &str),
        role: &str,
        resource: String,
    ) -> Try {
        let context = view.view.context;
        let of = match operation.by {
            Doer::Worker => account,
            Doer::Management => context.management.as_str(),
        };
        let some = filled(role, "x");
        let path = if role.starts_with(IDENTITY_CENTER) {
            format!("aws-reserved/sso.amazonaws.com/{}/{some}", context.home)
        } else {
            some
        };
        let one = |key: &str, value: &str| (key.to_owned(), Given::value(value));
        let none = |key: &str| (key.to_owned(), Given::Absent);
        let asked = Asked {
            principal: format!("arn:{}:iam::{of}:role/{path}", context.partition),
            action: operation.action.clone(),
            resources: vec![resource],
            resource_account: Some(account.to_owned()),
            // What follows from how we call.
            context: [
                one("aws:RequestedRegion", region),
                one("aws:PrincipalOrgID", &context.organization),
                one("aws:ResourceOrgID", &context.organization),
                one("aws:SecureTransport", "true"),
                one("aws:ViaAWSService", "false"),
                none("aws:CalledVia"),
                none("aws:CalledViaFirst"),
                none("aws:CalledViaLast"),
                none("aws:SourceArn"),
                none("aws:SourceAccount"),
                none("aws:SourceOrgID"),
                none("aws:SourceOrgPaths"),
            ]
            .into(),
            ..Asked::default()
        };
        Try { role: role.to_owned(), ready: Request::new(asked) }
    }
}

fn is_about(statement: &Statement, action: &str) -> bool {
    let action = action.to_ascii_lowercase();
    let listed = statement.actions.values.iter().any(|pattern| glob(&pattern.value.to_ascii_lowercase(), &action));
    listed != statement.actions.negated
}

/// A resource of each kind that the statements tell apart: one that no statement names, and one for each pattern.
fn resources(
    view: &OrganizationView<'_>,
    operation: &Operation,
    statements: &[&Statement],
    account: &str,
    region: &str,
    roles: &[String],
) -> Vec<String> {
    let partition = view.view.context.partition;
    if operation.by == Doer::Management {
        let role = roles.first().map(String::as_str).unwrap_or_default();
        return vec![format!("arn:{partition}:iam::{account}:role/{role}")];
    }
    let services = services(&operation.action);
    let Some(service) = services.first() else { return vec!["*".to_owned()] };
    let mut resources = vec![format!("arn:{partition}:{service}:{region}:{account}:x")];
    for statement in statements {
        let Some(list) = statement.resources.as_ref().filter(|list| !list.negated) else { continue };
        for pattern in &list.values {
            let parts: Vec<&str> = pattern.value.splitn(6, ':').collect();
            let &[_, _, of_service, of_region, of_account, resource] = parts.as_slice() else { continue };
            let fits = |pattern: &str, text: &str| pattern.is_empty() || glob(pattern, text);
            let service = services.iter().find(|service| glob(of_service, service));
            let (Some(service), true) = (service, fits(of_region, region) && fits(of_account, account)) else {
                continue;
            };
            let region = if of_region.is_empty() { "" } else { region };
            let account = if of_account.is_empty() { "" } else { account };
            let arn = format!("arn:{partition}:{service}:{region}:{account}:{}", filled(resource, "x"));
            if !resources.contains(&arn) {
                resources.push(arn);
            }
        }
    }
    resources
}

/// The services that the ARNs of an action's resources name; of an action that AWS does not document, its own.
fn services(action: &str) -> Vec<String> {
    let Some((service, found)) = Reference::embedded().action(action) else {
        return action.split(':').take(1).map(str::to_owned).collect();
    };
    let types = found.resources.iter().filter_map(|resource| service.resource_type(&resource.name));
    let mut services: Vec<String> = Vec::new();
    for arn in types.flat_map(|resource_type| &resource_type.arns) {
        let name = arn.split(':').nth(2).unwrap_or_default();
        if !services.iter().any(|known| known == name) {
            services.push(name.to_owned());
        }
    }
    services
}

/// A text that a pattern matches.
fn filled(pattern: &str, with: &str) -> String {
    pattern.replace('*', with).replace('?', with.get(..1).unwrap_or("x"))
}

/// The account ids that stand anywhere in a document.
fn ids(document: &Document) -> BTreeSet<String> {
    let texts = texts(document);
    let runs = texts.flat_map(|text| text.split(|character: char| !character.is_ascii_digit()));
    runs.filter(|run| run.parse::<AccountId>().is_ok()).take(MOST_IDS).map(str::to_owned).collect()
}

/// Whether some text could match one account's id, or an ARN in it, and not another's: it has digits and no letter, or
/// digits where an ARN has its account.
fn tells_accounts_apart(document: &Document) -> bool {
    let digits = |text: &str| text.contains(|character: char| character.is_ascii_digit());
    texts(document).any(|text| match text.split(':').nth(4) {
        Some(account) => digits(account),
        None => digits(text) && !text.contains(|character: char| character.is_ascii_alphabetic()),
    })
}

fn texts(document: &Document) -> impl Iterator<Item = &str> {
    document.statements.iter().flat_map(|statement| {
        let resources = statement.resources.iter().flat_map(|list| &list.values);
        let conditions = statement.conditions.iter().flat_map(|condition| &condition.values);
        resources.chain(conditions).map(|text| text.value.as_str())
    })
}
