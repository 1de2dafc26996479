//! The IAM policies that a directory's work needs: which actions, on what, under which conditions, for the role in every
//! account and for whoever works in the management account. Made from the calls themselves.

pub(crate) mod grants;
mod needs;
mod statement;

use std::collections::BTreeSet;

use dodai_facts::{FeatureInfo, Scope};
use dodai_models::permission_of;
use dodai_org::Directory;
use dodai_policy::check::{Kind, Limits};
use serde_json::{Value, json};

pub use statement::{Statement, document};

use needs::Needs;
use statement::{Conditions, TooLong, merged, placed};

/// What shall be possible.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Work {
    /// `assess`, `plan` and `query`.
    Read,
    /// These, and `apply`.
    Apply,
}

/// A call by which a table is read.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Reading {
    /// `kms.ListKeys`
    pub call: String,
    /// Where the table's rows are: those of the organization are read in the management account alone.
    pub scope: Scope,
    /// It may go to another Region than the row's cell: to that of a bucket, say.
    pub elsewhere: bool,
}

/// Policies for IAM. Each of the lists is one policy in as many documents as it needs, none longer than a managed policy may be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Permissions {
    /// For the member role of every account; in the management account, for whoever runs Dodai.
    pub member: Vec<Vec<Statement>>,
    /// For whoever runs Dodai in the management account, besides.
    pub management: Vec<Vec<Statement>>,
    /// The trust policy of the member role; none where the directory does not know the management account's id.
    pub trust: Option<Value>,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PermissionsError {
    #[error("no IAM action is known for the call `{0}`")]
    Call(String),
    #[error("AWS documents no action `{0}`")]
    Action(String),
    #[error("what is said of permissions cannot be read: {0}")]
    Grants(String),
    #[error(transparent)]
    TooLong(#[from] TooLong),
}

/// The policies for the directory's features and these readings.
///
/// # Errors
/// A call that IAM has no action for, or names that do not fit into a policy.
pub fn permissions(
    directory: &Directory,
    readings: &BTreeSet<Reading>,
    work: Work,
) -> Result<Permissions, PermissionsError> {
    let needs = Needs::of(directory, readings, work)?;
    let limit = Limits::default().characters(Kind::Identity).unwrap_or(MANAGED_POLICY);
    let mut management = needs.management;
    management.push(enter(directory));
    Ok(Permissions {
        member: placed(merged(needs.member), limit)?,
        management: placed(merged(management), limit)?,
        trust: trust(directory),
    })
}

/// The IAM actions by which a feature's changes are made: those of its calls, and what AWS asks for besides.
pub fn actions_of(feature: &FeatureInfo) -> BTreeSet<String> {
    let own = feature.calls.iter().filter_map(|call| permission_of(call));
    besides(feature).map(str::to_owned).chain(own).collect()
}

/// What AWS asks for besides the actions of a feature's calls: handing a role to a service, making a service's own role.
pub(crate) fn besides(feature: &FeatureInfo) -> impl Iterator<Item = &'static str> {
    // What cannot be read is found by a test.
    let entries = grants::entries().ok().and_then(|entries| entries.get(feature.id));
    let besides = entries.into_iter().flatten().filter(|entry| entry.because.is_some());
    besides.flat_map(|entry| entry.actions.iter().map(String::as_str))
}

/// Characters of a managed policy, white space not counted ("IAM and AWS STS quotas").
const MANAGED_POLICY: usize = 6_144;

/// Entering the organization's accounts by the member role.
fn enter(directory: &Directory) -> statement::Grant {
    let partition = directory.home_region.partition();
    let role = format!("arn:{partition}:iam::*:role/{}", directory.roles.member);
    let organization = [("aws:ResourceOrgID".to_owned(), [directory.organization.clone()].into())];
    statement::Grant {
        label: "Enter".to_owned(),
        actions: ["sts:AssumeRole".to_owned()].into(),
        resources: [role].into(),
        conditions: Conditions::from([("StringEquals".to_owned(), organization.into())]),
    }
}

/// Who may enter by the member role: the management account, which says by policies of its own who in it may.
fn trust(directory: &Directory) -> Option<Value> {
    let partition = directory.home_region.partition();
    let management = directory.management()?.id.as_ref()?;
    let mut statement = json!({
        "Effect": "Allow",
        "Principal": { "AWS": format!("arn:{partition}:iam::{management}:root") },
        "Action": "sts:AssumeRole",
    });
    if let (Some(external_id), Some(fields)) = (&directory.roles.external_id, statement.as_object_mut()) {
        fields.insert("Condition".to_owned(), json!({ "StringEquals": { "sts:ExternalId": external_id } }));
    }
    Some(json!({ "Version": "2012-10-17", "Statement": [statement] }))
}
