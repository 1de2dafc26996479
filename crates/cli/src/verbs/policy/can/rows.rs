//! The rows that tell who has which policies, from AWS or from a stored run, with what of them could not be read.

use std::sync::Arc;

use dodai_baseline::Selection;
use dodai_facts::Gap;
use dodai_inventory::sql::{Engine, Used};
use serde_json::{Map, Value};

use super::resources::Kept;
use crate::args::Global;
use crate::args::policy::CanArgs;
use crate::directory::Loaded;
use crate::failure::{Error, Result};
use crate::reading::{Reading, schemas, together};
use crate::world::Source;

pub type Row = Map<String, Value>;

const USERS: &str = "select _id, account_id, arn, UserPolicyList, GroupList, AttachedManagedPolicies, PermissionsBoundary \
                     from aws_iam_user";
const ROLES: &str = "select _id, account_id, arn, RolePolicyList, AttachedManagedPolicies, PermissionsBoundary \
                     from aws_iam_role";
const GROUPS: &str = "select _id, account_id, GroupName, GroupPolicyList, AttachedManagedPolicies from aws_iam_group";
const POLICIES: &str = "select _id, account_id, arn, PolicyVersionList from aws_iam_policy";
/// The same in every account, and large.
const MANAGED: &str = "select distinct on (arn) arn, PolicyVersionList from aws_iam_aws_managed_policy \
                       where PolicyVersionList is not null order by arn";

#[derive(Debug, Default)]
pub struct Rows {
    pub users: Vec<Row>,
    pub roles: Vec<Row>,
    pub groups: Vec<Row>,
    /// Customer managed, then AWS managed.
    pub policies: Vec<Row>,
    /// Of the table of [`Kept::Table`].
    pub resources: Vec<Row>,
    pub gaps: Vec<Gap>,
}

pub async fn read(
    global: &Global,
    loaded: &Arc<Loaded>,
    args: &CanArgs,
    selection: &Selection,
    kept: &Kept,
) -> Result<(Reading, Rows)> {
    let engine = Engine::of_schemas(schemas(&loaded.tables)).map_err(Error::from_display)?;
    let of_resources = match kept {
        Kept::Table(table) => Some(table.sql),
        Kept::Nothing | Kept::Unread(_) => None,
    };
    let mut used = Vec::new();
    for sql in [USERS, ROLES, GROUPS, POLICIES, MANAGED].into_iter().chain(of_resources) {
        used.push(engine.columns_used(sql).await.map_err(Error::from_display)?);
    }
    let used = Used { tables: together(&used) };
    let source = Source::open(global, loaded, args.run.as_deref()).await?;
    let reading = source.read(global, loaded, selection, used.tables.clone(), false).await?;
    let mut rows = Rows {
        users: ask(&reading, USERS).await?,
        roles: ask(&reading, ROLES).await?,
        groups: ask(&reading, GROUPS).await?,
        policies: ask(&reading, POLICIES).await?,
        ..Rows::default()
    };
    rows.policies.extend(ask(&reading, MANAGED).await?);
    if let Some(sql) = of_resources {
        rows.resources = ask(&reading, sql).await?;
    }
    rows.gaps = reading.engine.gaps(&used, &reading.cells).await.map_err(Error::from_display)?;
    // A selection of accounts holds for a stored run, too.
    let is_meant = |account: &str| {
        let name = reading.names.iter().find(|(id, _)| id.as_str() == account).map(|(_, name)| name);
        selection.accounts.is_empty() || name.is_some_and(|name| selection.accounts.contains(name))
    };
    for list in [&mut rows.users, &mut rows.roles] {
        list.retain(|row| is_meant(text(row, "account_id")));
    }
    rows.gaps.retain(|gap| gap.cell.account().is_none_or(|account| is_meant(account.as_str())));
    Ok((reading, rows))
}

async fn ask(reading: &Reading, sql: &str) -> Result<Vec<Row>> {
    let answer = reading.engine.query(sql).await.map_err(Error::from_display)?;
    Ok(answer.objects().collect())
}

pub fn text<'r>(row: &'r Row, column: &str) -> &'r str {
    row.get(column).and_then(Value::as_str).unwrap_or_default()
}
