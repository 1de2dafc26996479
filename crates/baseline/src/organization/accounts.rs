//! `accounts`: every account of the directory exists and stands in its unit.
//!
//! AWS: API reference CreateAccount (asynchronous, five in progress at a time, e-mail addresses are unique in all
//! of AWS), MoveAccount. An account is found by its pinned id, else by e-mail; a file or display name never
//! makes a new one. A new account whose unit would stop our work in it stays at the root until that is done.

use std::collections::BTreeMap;

use dodai_facts::{AccountId, Class, Failure, FailureKind, FeatureInfo, FeatureScope, Find, Profile, Row};
use dodai_org::{Account, ROOT};
use serde_json::{Value, json};

use super::{
    ACCOUNT_READS, ACCOUNTS, ATTACHMENTS, OrganizationFeature, OrganizationView, POLICIES, ROOT_READS, UNIT_READS,
    account_state, under, units,
};
use crate::{Action, Due, Out, row};

pub const FEATURE: OrganizationFeature = OrganizationFeature { info: &INFO, plan };

pub(crate) const ID: &str = "accounts";

/// CreateAccount allows five in progress; creation takes minutes.
const IN_PROGRESS: usize = 5;
const CREATION_SECONDS: u32 = 1800;

/// MoveAccount: the account is in the destination already.
const ALREADY_THERE: &str = "DuplicateAccountException";

const INFO: FeatureInfo = FeatureInfo {
    id: ID,
    title: "Member accounts",
    scope: FeatureScope::Organization,
    class: Class::Managed,
    profiles: &Profile::ALL,
    needs: &[units::ID],
    reads: &[
        ROOT_READS,
        UNIT_READS,
        ACCOUNT_READS,
        (POLICIES, &["Id", "Name", "Type", "AwsManaged", "Content"]),
        (ATTACHMENTS, &["policy_id", "TargetId"]),
    ],
    settings: &[],
    calls: &["organizations.CreateAccount", "organizations.DescribeCreateAccountStatus", "organizations.MoveAccount"],
};

fn plan(view: &OrganizationView<'_>, out: &mut Out) -> Result<(), Failure> {
    let ids = view.unit_ids()?;
    let existing = view.existing()?;
    for account in &view.directory.accounts {
        match existing.get(&account.name) {
            Some(row) => place(view, account, row, &ids, out)?,
            None if account.id.is_some() || account.management => {
                let pinned = account.id.as_ref().map_or(account.email.as_str(), |id| id.as_str());
                let why = format!(
                    "the account `{}` ({pinned}) is not in the organization; an account with an id is never created",
                    account.name
                );
                let failure = Failure { kind: FailureKind::Absent, ..view.view.failure("AccountNotFound", why) };
                out.block(&view.view, failure);
            }
            None => create(view, account, &ids, out)?,
        }
    }
    let mut known: BTreeMap<&str, &str> = BTreeMap::new();
    for (name, row) in &existing {
        if let Some(other) = known.insert(row::text(row, "Id")?, name) {
            let failure = view.view.failure(
                "AccountTwice",
                format!("`{other}` and `{name}` are the same account, one by its id and one by its e-mail address"),
            );
            return Err(failure);
        }
    }
    for row in view.view.rows(ACCOUNTS)? {
        let id = row::text(row, "Id")?;
        if !known.contains_key(id) {
            out.skip(&view.view, format!("the account `{}` ({id}) is not in the directory", row::text(row, "Name")?));
        }
    }
    Ok(())
}

fn place(
    view: &OrganizationView<'_>,
    account: &Account,
    row: &Row,
    ids: &BTreeMap<String, Value>,
    out: &mut Out,
) -> Result<(), Failure> {
    let state = account_state(row)?;
    if state != "ACTIVE" {
        out.skip(&view.view, format!("the account `{}` is {state}", account.name));
        return Ok(());
    }
    let parent = row::value(Some(row), "parent_id")?;
    let wanted = view.unit_id(ids, &account.unit);
    if parent == wanted {
        return Ok(());
    }
    let there = ids.iter().find(|(_, id)| **id == parent).map_or_else(|| parent.clone(), |(path, _)| json!(path));
    let params = json!({
        "AccountId": row::text(row, "Id")?, "SourceParentId": parent, "DestinationParentId": wanted,
    });
    let path = there.as_str().unwrap_or_default();
    let mut change = view
        .view
        .change(&account.name, Action::Update, format!("move the account `{}` to its unit", account.name))
        .set("unit", there.clone(), json!(account.unit))
        .call(view.call("MoveAccount", params).already(&[ALREADY_THERE]))
        .writes(format!("organizations/account/{}#parent", account.name));
    if !account.management {
        for danger in under::dangers(view, account, path, ids)? {
            change = change.danger(danger);
        }
        if change.dangers.is_empty() {
            out.lift(&change, [account.name.as_str()], under::lifted(view, account, path, ids)?);
        } else {
            // Switch off, then restrict.
            change = change.needs(format!("{}/*", account.name));
        }
    }
    out.change(change);
    Ok(())
}

fn create(
    view: &OrganizationView<'_>,
    account: &Account,
    ids: &BTreeMap<String, Value>,
    out: &mut Out,
) -> Result<(), Failure> {
    let change = view.view.change(&account.name, Action::Create, format!("create the account `{}`", account.name));
    let given = account.tags.iter().map(|(key, value)| json!({ "Key": key, "Value": value }));
    let own = view.view.tags().map(|(key, value)| json!({ "Key": key, "Value": value }));
    let tags: Vec<Value> = given.chain(own).collect();
    let params = json!({
        "Email": account.email, "AccountName": account.display_name,
        "RoleName": view.view.context.member_role, "Tags": tags,
    });
    // AWS tells requests apart by their names, for 90 days: ours is the last that made none of the accounts that were
    // there already. It may have succeeded since they were read.
    let name = account.display_name.replace('\\', "\\\\").replace('\'', "\\'");
    let mut others = Vec::new();
    for row in view.view.rows(ACCOUNTS)? {
        if row::text(row, "Name")? == account.display_name {
            let id = row::text(row, "Id")?.parse::<AccountId>();
            others.push(id.map_err(|why| view.view.failure("InvalidAccountId", why.to_string()))?);
        }
    }
    let find = Find {
        service: "organizations".to_owned(),
        operation: "ListCreateAccountStatus".to_owned(),
        params: json!({ "States": ["IN_PROGRESS", "SUCCEEDED"] }),
        take: format!(
            "sort_by(CreateAccountStatuses[?AccountName=='{name}' && !contains(`{}`, AccountId)], &RequestedTimestamp) \
             | [-1].{{CreateAccountStatus: @}}",
            json!(others)
        ),
    };
    let request = change.reply(0, "CreateAccountStatus.Id");
    let id = change.reply(1, "CreateAccountStatus.AccountId");
    let mut change = change
        .set("e-mail", Value::Null, json!(account.email))
        .set("unit", Value::Null, json!(account.unit))
        .set("profile", Value::Null, json!(account.profile.as_str()))
        .call(view.call("CreateAccount", params).find(find))
        .call(view.call("DescribeCreateAccountStatus", json!({ "CreateAccountRequestId": request })).until(
            "CreateAccountStatus.State",
            &["SUCCEEDED"],
            &["FAILED"],
            CREATION_SECONDS,
        ))
        .at_most("organizations.CreateAccount", IN_PROGRESS)
        .writes(format!("organizations/account/{}", account.name));
    let mut why = "its cells follow when the account exists".to_owned();
    if account.unit != ROOT {
        let dangers = under::dangers(view, account, ROOT, ids)?;
        if dangers.is_empty() {
            let unit = view.unit_id(ids, &account.unit);
            let params = json!({ "AccountId": id, "SourceParentId": view.root_id()?, "DestinationParentId": unit });
            change = change.call(view.call("MoveAccount", params).already(&[ALREADY_THERE]));
        } else {
            // Switch off, then restrict: it stays where AWS makes it until its own work is done.
            why = format!("{why}, and its move to `{}` when they are done", account.unit);
        }
        for danger in dangers {
            change = change.danger(danger);
        }
    }
    out.change(change);
    out.due.push(Due { account: account.name.clone(), why });
    Ok(())
}
