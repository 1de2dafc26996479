//! The role that CloudTrail delivers into the log group of `cloudtrail-log-group` with: trust in CloudTrail alone,
//! permission to write its own streams of that group alone.
//!
//! AWS: "Role policy document for CloudTrail to use CloudWatch Logs for monitoring". It says that `aws:SourceArn` and
//! `aws:SourceAccount` are not supported and that the confused deputy does not arise; people who asked for them in the
//! trust policy report that delivery stops. What stands in for them: a trail's owner must be allowed to pass the role
//! (`iam:PassRole`), and passes roles of its own account only.

use dodai_facts::{Failure, Row};
use serde_json::{Value, json};

use super::foreign;
use crate::{Action, Change, View, document, row};

const ROLES: &str = "aws_iam_role";
const POLICY: &str = "deliver-events";

pub(super) const READS: (&str, &[&str]) =
    (ROLES, &["RoleName", "Path", "AssumeRolePolicyDocument", "RolePolicyList", "tags"]);

/// A role just made takes a moment to be seen by the next call.
const NOT_YET: [&str; 2] = ["NoSuchEntity", "NoSuchEntityException"];

/// The role's ARN, there or still to be made: its path is `/`.
pub(super) fn arn(view: &View<'_>, name: &str) -> String {
    format!("arn:{}:iam::{}:role/{name}", view.context.partition, view.account.id)
}

/// The differences between the role `name` and what it shall be, for the log group `group` (an ARN). Other policies
/// that somebody gave it stay: it is CloudTrail alone that may use them.
pub(super) fn plan(view: &View<'_>, name: &str, group: &str) -> Result<Change, Failure> {
    let role = row::named(view.rows(ROLES)?, "RoleName", name)?;
    let tags = row::value(role, "tags")?;
    if let Some(role) = role {
        foreign::refuse(view, "the role", name, &tags)?;
        let path = row::text(role, "Path")?;
        if path != "/" {
            let why = format!("the role `{name}` is there with the path `{path}`: give another name");
            return Err(view.failure("RoleElsewhere", why));
        }
    }
    let trust = json!({
        "Version": "2012-10-17",
        "Statement": [{
            "Effect": "Allow", "Principal": { "Service": "cloudtrail.amazonaws.com" }, "Action": "sts:AssumeRole",
        }],
    });
    let (action, verb) = if role.is_some() { (Action::Update, "keep") } else { (Action::Create, "create") };
    let mut change = view.change("role", action, format!("{verb} the role `{name}`"));
    let before = document_of(view, name, &row::value(role, "AssumeRolePolicyDocument")?)?;
    if let Some(difference) = document::replaced("trust policy", before.as_ref(), &trust) {
        change = change.differences(vec![difference]);
        change = change.call(if role.is_none() {
            let params = json!({
                "RoleName": name,
                "AssumeRolePolicyDocument": trust.to_string(),
                "Description": "CloudTrail delivers the account's trail into CloudWatch Logs",
                "Tags": view.tag_list("Key", "Value"),
            });
            view.call("iam", "CreateRole", params).already(&["EntityAlreadyExists", "EntityAlreadyExistsException"])
        } else {
            let params = json!({ "RoleName": name, "PolicyDocument": trust.to_string() });
            view.call("iam", "UpdateAssumeRolePolicy", params)
        });
    }
    let permissions = permissions(view, group);
    let before = document_of(view, name, &inline_policy(role)?)?;
    if let Some(difference) = document::replaced("permissions policy", before.as_ref(), &permissions) {
        let params = json!({ "RoleName": name, "PolicyName": POLICY, "PolicyDocument": permissions.to_string() });
        let call = view.call("iam", "PutRolePolicy", params);
        let call = if role.is_none() { call.not_yet(&NOT_YET, 30) } else { call };
        change = change.differences(vec![difference]).call(call);
    }
    if role.is_some() && !view.is_ours(&tags) {
        let params = json!({ "RoleName": name, "Tags": view.tag_list("Key", "Value") });
        change = change.set("tags", tags, view.tag_map()).call(view.call("iam", "TagRole", params));
    }
    Ok(change.writes(format!("iam/{}/role/{name}", view.account.id)))
}

/// CloudTrail calls its streams `<account>_CloudTrail_<region>`, with a number where there are several.
fn permissions(view: &View<'_>, group: &str) -> Value {
    let streams = format!("{group}:log-stream:{}_CloudTrail_{}*", view.account.id, view.context.home);
    json!({
        "Version": "2012-10-17",
        "Statement": [{
            "Effect": "Allow", "Action": ["logs:CreateLogStream", "logs:PutLogEvents"], "Resource": streams,
        }],
    })
}

/// The document of our policy among the role's inline policies.
fn inline_policy(role: Option<&Row>) -> Result<Value, Failure> {
    let policies = row::value(role, "RolePolicyList")?;
    let policy = policies
        .as_array()
        .and_then(|policies| policies.iter().find(|policy| policy.get("PolicyName") == Some(&json!(POLICY))));
    Ok(policy.and_then(|policy| policy.get("PolicyDocument")).cloned().unwrap_or(Value::Null))
}

fn document_of(view: &View<'_>, role: &str, text: &Value) -> Result<Option<Value>, Failure> {
    if text.is_null() {
        return Ok(None);
    }
    let unreadable = |error| view.failure("PolicyUnreadable", format!("a policy of the role `{role}`: {error}"));
    document::parse(text).map(Some).map_err(unreadable)
}
