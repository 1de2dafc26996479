//! From rows to users and roles with the policies that are theirs: inline, attached, of their groups, and the boundary.
//! Somebody of whom one of these was not read, or cannot be understood, is unknown.

use std::collections::HashMap;
use std::sync::Arc;

use dodai_policy::can::Entity;
use dodai_policy::decide::Policy;
use dodai_policy::language::read_json;
use serde_json::Value;

use super::gaps::{Gaps, Unknown};
use super::rows::{Row, Rows, text};

/// What a row's policies come to, or why that is not known.
type Told<T> = Result<T, String>;

/// Users and roles, and of whom not everything is known.
pub fn entities(rows: &Rows, gaps: &Gaps<'_>) -> (Vec<Entity>, Vec<Unknown>) {
    let documents = Documents::new(rows, gaps);
    let users = rows.users.iter().map(|row| ("aws_iam_user", "UserPolicyList", row));
    let roles = rows.roles.iter().map(|row| ("aws_iam_role", "RolePolicyList", row));
    let (mut entities, mut unknown) = (Vec::new(), Vec::new());
    for (table, inline, row) in users.chain(roles) {
        if gaps.of_cell(table, row) {
            continue;
        }
        match documents.entity(table, inline, row) {
            Ok(entity) => entities.push(entity),
            Err(reason) => unknown.push(Unknown::new(text(row, "arn"), reason)),
        }
    }
    (entities, unknown)
}

/// Managed policies by ARN, and groups by account and name.
struct Documents<'r> {
    managed: HashMap<&'r str, Told<Arc<Policy>>>,
    groups: HashMap<(&'r str, &'r str), &'r Row>,
    gaps: &'r Gaps<'r>,
}

impl<'r> Documents<'r> {
    fn new(rows: &'r Rows, gaps: &'r Gaps<'r>) -> Self {
        let managed = rows.policies.iter().map(|row| {
            let document = || {
                if let Some(why) = gaps.of_row("aws_iam_policy", row) {
                    return Err(why);
                }
                let versions = list(row.get("PolicyVersionList"))?;
                let in_force = versions.iter().find(|version| version["IsDefaultVersion"] == Value::Bool(true));
                let in_force = in_force.ok_or_else(|| "none of its versions is in force".to_owned())?;
                policy(text(row, "arn"), in_force.get("Document"))
            };
            (text(row, "arn"), document())
        });
        let groups = rows.groups.iter().map(|row| ((text(row, "account_id"), text(row, "GroupName")), row));
        Self { managed: managed.collect(), groups: groups.collect(), gaps }
    }

    fn entity(&self, table: &str, inline: &str, row: &Row) -> Told<Entity> {
        if let Some(why) = self.gaps.of_row(table, row) {
            return Err(why);
        }
        let mut identity = self.own(row, inline)?;
        // Roles are in no groups.
        let groups = if table == "aws_iam_user" { list(row.get("GroupList"))? } else { &[] };
        for group in groups {
            let name = group.as_str().ok_or_else(|| "its groups have no names".to_owned())?;
            identity
                .extend(self.of_group(text(row, "account_id"), name).map_err(|why| format!("group `{name}`: {why}"))?);
        }
        let boundary = match row.get("PermissionsBoundary") {
            None | Some(Value::Null) => None,
            Some(boundary) => Some(self.attached(boundary, "PermissionsBoundaryArn")?),
        };
        Ok(Entity { arn: text(row, "arn").to_owned(), identity, boundary })
    }

    fn of_group(&self, account: &str, name: &str) -> Told<Vec<Arc<Policy>>> {
        let row = self.groups.get(&(account, name)).ok_or_else(|| "not read".to_owned())?;
        if let Some(why) = self.gaps.of_row("aws_iam_group", row) {
            return Err(why);
        }
        if self.gaps.of_cell("aws_iam_group", row) {
            return Err("not read".to_owned());
        }
        self.own(row, "GroupPolicyList")
    }

    fn own(&self, row: &Row, inline: &str) -> Told<Vec<Arc<Policy>>> {
        let mut policies = Vec::new();
        for one in list(row.get(inline))? {
            let name = one["PolicyName"].as_str().unwrap_or_default();
            let read = policy(name, one.get("PolicyDocument"));
            policies.push(read.map_err(|why| format!("inline policy `{name}`: {why}"))?);
        }
        for one in list(row.get("AttachedManagedPolicies"))? {
            policies.push(self.attached(one, "PolicyArn")?);
        }
        Ok(policies)
    }

    fn attached(&self, one: &Value, member: &str) -> Told<Arc<Policy>> {
        let arn = one[member].as_str().unwrap_or_default();
        match self.managed.get(arn) {
            Some(read) => read.clone().map_err(|why| format!("policy `{arn}`: {why}")),
            None => Err(format!("policy `{arn}`: not read")),
        }
    }
}

/// The members of a list; AWS gives none instead of an empty one.
fn list(value: Option<&Value>) -> Told<&[Value]> {
    match value {
        None => Err("not read".to_owned()),
        Some(Value::Null) => Ok(&[]),
        Some(Value::Array(members)) => Ok(members),
        Some(_) => Err("not a list".to_owned()),
    }
}

/// A document that AWS gave.
pub fn policy(name: &str, document: Option<&Value>) -> Told<Arc<Policy>> {
    let text = document.and_then(Value::as_str).ok_or_else(|| "its document was not read".to_owned())?;
    let read = read_json(name, text).map_err(|problems| {
        let first = problems.into_iter().next();
        first.map_or_else(|| "not a policy".to_owned(), |first| format!("not understood: {}", first.message))
    })?;
    Ok(Arc::new(Policy::new(name, name, read)))
}

#[cfg(test)]
mod tests {
    use dodai_facts::{Cell, Failure, FailureKind, Gap};
    use serde_json::json;

    use super::*;

    const ALLOW: &str = r#"{"Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#;

    fn gap(table: &str, row: Option<&str>, column: Option<&str>) -> Gap {
        let failure = Failure {
            kind: FailureKind::Denied,
            service: "iam".to_owned(),
            operation: "GetAccountAuthorizationDetails".to_owned(),
            account: None,
            region: None,
            code: "AccessDenied".to_owned(),
            message: "no".to_owned(),
            request_id: None,
        };
        let cell = Cell::Account("111122223333".parse().unwrap());
        Gap { table: table.to_owned(), cell, row: row.map(str::to_owned), column: column.map(str::to_owned), failure }
    }

    fn rows(value: &Value) -> Vec<Row> {
        value.as_array().unwrap().iter().map(|row| row.as_object().unwrap().clone()).collect()
    }

    fn user(name: &str, inline: &Value, groups: &Value, attached: &Value, boundary: &Value) -> Value {
        json!({"_id": name, "account_id": "111122223333", "arn": format!("arn:aws:iam::111122223333:user/{name}"),
               "UserPolicyList": inline, "GroupList": groups, "AttachedManagedPolicies": attached,
               "PermissionsBoundary": boundary})
    }

    /// Name and number of policies (`+` with a boundary) of each user, or why it is unknown.
    #[track_caller]
    fn check(user: &Value, gaps: &[Gap], expected: &[&str]) {
        let version = |document: &str, is_default| json!({"Document": document, "IsDefaultVersion": is_default});
        let rows = Rows {
            users: rows(&json!([user])),
            groups: rows(&json!([{"_id": "g", "account_id": "111122223333", "GroupName": "g", "GroupPolicyList": null,
                                 "AttachedManagedPolicies": [{"PolicyArn": "p"}, {"PolicyArn": "p"}]}])),
            policies: rows(&json!([
                {"_id": "p", "account_id": "111122223333", "arn": "p",
                 "PolicyVersionList": [version("{", false), version(ALLOW, true)]},
                {"_id": "odd", "account_id": "111122223333", "arn": "odd", "PolicyVersionList": [version(ALLOW, false)]},
            ])),
            ..Rows::default()
        };
        let (entities, unknown) = entities(&rows, &Gaps::new(gaps));
        let found =
            entities.iter().map(|one| format!("{}{}", one.identity.len(), one.boundary.as_ref().map_or("", |_| "+")));
        let found: Vec<String> = found.chain(unknown.into_iter().map(|one| one.reason)).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn policies_come_from_everywhere_or_nothing_is_said() {
        let inline = |document: &str| json!([{"PolicyName": "i", "PolicyDocument": document}]);
        let arn = |arn: &str| json!([{"PolicyArn": arn}]);
        let boundary = |arn: &str| json!({"PermissionsBoundaryArn": arn});
        let none = Value::Null;
        let plain = || user("u", &none, &none, &none, &none);
        check(&plain(), &[], &["0"]);
        check(&user("u", &inline(ALLOW), &json!(["g"]), &arn("p"), &boundary("p")), &[], &["4+"]);
        let broken = user("u", &inline("{"), &none, &none, &none);
        let why = "not valid JSON: expected a key in double quotes, found the end of the file";
        check(&broken, &[], &[&format!("inline policy `i`: not understood: {why}")]);
        check(&user("u", &none, &json!(["gone"]), &none, &none), &[], &["group `gone`: not read"]);
        check(&user("u", &none, &none, &arn("other"), &none), &[], &["policy `other`: not read"]);
        check(&user("u", &none, &none, &arn("odd"), &none), &[], &["policy `odd`: none of its versions is in force"]);
        check(&user("u", &none, &none, &none, &boundary("other")), &[], &["policy `other`: not read"]);
        check(&plain(), &[gap("aws_iam_user", Some("u"), Some("UserPolicyList"))], &["AccessDenied (denied): no"]);
        let of_group = gap("aws_iam_group", Some("g"), Some("GroupPolicyList"));
        check(&user("u", &none, &json!(["g"]), &none, &none), &[of_group], &["group `g`: AccessDenied (denied): no"]);
        let of_policy = gap("aws_iam_policy", Some("p"), Some("PolicyVersionList"));
        check(&user("u", &none, &none, &arn("p"), &none), &[of_policy], &["policy `p`: AccessDenied (denied): no"]);
        // A column that is not there at all is not an empty one.
        let mut partial = plain();
        partial.as_object_mut().unwrap().remove("GroupList");
        check(&partial, &[], &["not read"]);
        // A column that nobody collected is told of the account, not of everybody in it.
        let gaps = [gap("aws_iam_user", None, Some("UserPolicyList"))];
        check(&plain(), &gaps, &[]);
        let told = Gaps::new(&gaps).of_accounts(&std::collections::BTreeMap::new());
        assert_eq!(told[0].about, "account 111122223333");
        assert_eq!(told[0].reason, "aws_iam_user: AccessDenied (denied): no");
    }
    #[test]
    fn roles_are_in_no_groups() {
        let role = json!({"_id": "r", "account_id": "111122223333", "arn": "arn:aws:iam::111122223333:role/r",
            "RolePolicyList": [{"PolicyName": "i", "PolicyDocument": ALLOW}], "AttachedManagedPolicies": null,
            "PermissionsBoundary": null});
        let (entities, unknown) = entities(&Rows { roles: rows(&json!([role])), ..Rows::default() }, &Gaps::default());
        assert_eq!((entities.len(), unknown), (1, Vec::new()));
    }
}
