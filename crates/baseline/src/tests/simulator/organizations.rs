//! What AWS Organizations does: units and policies with names of their own, attachments, and accounts, whose making
//! takes its time and is described by a request.

use std::collections::BTreeMap;

use dodai_facts::{AccountId, Cell, Listing, Row};
use serde_json::{Value, json};

use super::values::{merge, tags};
use super::{Answer, Refused, Tables, edit, put, row};

/// What no table of the product holds: requests for accounts, and the tags of accounts.
const REQUESTS: &str = "requests";
const ACCOUNT_TAGS: &str = "account_tags";

fn table(name: &str) -> String {
    format!("aws_organizations_{name}")
}

fn rows<'i>(tables: &'i dyn Tables, name: &str) -> &'i [Row] {
    tables.listing(&table(name), &Cell::Organization).map_or(&[], |listing| &listing.rows)
}

fn change(tables: &mut dyn Tables, name: &str, change: impl FnOnce(&mut Vec<Row>)) {
    if [REQUESTS, ACCOUNT_TAGS].contains(&name) && tables.listing(&table(name), &Cell::Organization).is_none() {
        tables.replace(&table(name), &Cell::Organization, Listing::default());
    }
    edit(tables, &table(name), &Cell::Organization, |listing| change(&mut listing.rows));
}

fn add(tables: &mut dyn Tables, name: &str, id: &str, values: &Value) {
    change(tables, name, |rows| rows.push(row(id, values)));
}

/// Changes the row of this id, which must be there.
fn with(tables: &mut dyn Tables, name: &str, id: &Value, edit: impl FnOnce(&mut Row)) {
    change(tables, name, |rows| {
        let row = rows.iter_mut().find(|row| row.values["Id"] == *id);
        edit(row.unwrap_or_else(|| panic!("there is no {name} {id}")));
    });
}

fn has(tables: &dyn Tables, name: &str, values: &[(&str, &Value)]) -> bool {
    rows(tables, name).iter().any(|row| values.iter().all(|(column, value)| row.values[*column] == **value))
}

/// The ids of the requests for accounts that are in progress.
pub(crate) fn requests(tables: &dyn Tables) -> Vec<String> {
    let open = rows(tables, REQUESTS).iter().filter(|request| request.values["State"] == "IN_PROGRESS");
    open.map(|request| request.id.clone()).collect()
}

/// The account that was requested is there, unless its e-mail address is another's.
pub(crate) fn finish(tables: &mut dyn Tables, request: &str) {
    let request = rows(tables, REQUESTS).iter().find(|row| row.id == request).unwrap().clone();
    let outcome = if has(tables, "account", &[("Email", &request.values["Email"])]) {
        json!({ "State": "FAILED", "FailureReason": "EMAIL_ALREADY_EXISTS" })
    } else {
        let number = rows(tables, "account").len() + 1;
        assert!(number < 10, "ids of accounts are one digit, again and again");
        let id = number.to_string().repeat(12);
        let account = json!({
            "Id": id, "Name": request.values["AccountName"], "Email": request.values["Email"], "State": "ACTIVE",
            "Status": null, "parent_id": "r-1",
        });
        add(tables, "account", &id, &account);
        add(tables, ACCOUNT_TAGS, &id, &json!({ "Id": id, "tags": request.values["tags"] }));
        allow_everything(tables, &id);
        json!({ "State": "SUCCEEDED", "AccountId": id })
    };
    with(tables, REQUESTS, &json!(request.id), |row| row.values.extend(outcome.as_object().cloned().unwrap()));
}

/// The tags that an account was given.
pub(crate) fn account_tags(tables: &dyn Tables, account: &AccountId) -> BTreeMap<String, String> {
    let row = rows(tables, ACCOUNT_TAGS).iter().find(|row| row.id == account.as_str());
    let tags = row.and_then(|row| row.values["tags"].as_object()).into_iter().flatten();
    tags.map(|(name, value)| (name.clone(), value.as_str().unwrap().to_owned())).collect()
}

/// What AWS Organizations does with one call; its reply.
pub(super) fn act(tables: &mut dyn Tables, operation: &str, params: &Value) -> Answer {
    match operation {
        "ListRoots" => {
            let roots: Vec<Value> = rows(tables, "root").iter().map(|row| json!(row.values)).collect();
            return Ok(json!({ "Roots": roots }));
        }
        "EnablePolicyType" => {
            let wanted = json!({ "Type": params["PolicyType"], "Status": "ENABLED" });
            if rows(tables, "root")[0].values["PolicyTypes"].as_array().unwrap().contains(&wanted) {
                return Err(Refused("PolicyTypeAlreadyEnabledException"));
            }
            change(tables, "root", |roots| {
                let types = roots[0].values["PolicyTypes"].as_array_mut().unwrap();
                types.push(wanted);
                types.sort_by_key(ToString::to_string);
            });
        }
        "CreateOrganizationalUnit" => return create_unit(tables, params),
        "CreateAccount" | "DescribeCreateAccountStatus" | "ListCreateAccountStatus" => {
            return Ok(accounts(tables, operation, params));
        }
        "MoveAccount" => {
            let account = rows(tables, "account").iter().find(|row| row.values["Id"] == params["AccountId"]).unwrap();
            let parent = &account.values["parent_id"];
            if *parent == params["DestinationParentId"] {
                return Err(Refused("DuplicateAccountException"));
            } else if *parent != params["SourceParentId"] {
                return Err(Refused("SourceParentNotFoundException"));
            }
            let to = params["DestinationParentId"].clone();
            with(tables, "account", &params["AccountId"], |account| put(account, "parent_id", to));
        }
        "TagResource" => {
            let (id, more) = (params["ResourceId"].as_str().unwrap(), tags(&params["Tags"]));
            change(tables, ACCOUNT_TAGS, |rows| match rows.iter_mut().find(|row| row.id == id) {
                Some(row) => merge(row, "tags", &more),
                None => rows.push(row(id, &json!({ "Id": id, "tags": more }))),
            });
        }
        _ => return policies(tables, operation, params),
    }
    Ok(Value::Null)
}

fn create_unit(tables: &mut dyn Tables, params: &Value) -> Answer {
    if has(tables, "unit", &[("Name", &params["Name"]), ("parent_id", &params["ParentId"])]) {
        return Err(Refused("DuplicateOrganizationalUnitException"));
    }
    let id = format!("ou-{}", rows(tables, "unit").len() + 1);
    let unit = json!({ "Id": id, "Name": params["Name"], "parent_id": params["ParentId"] });
    add(tables, "unit", &id, &unit);
    allow_everything(tables, &id);
    Ok(json!({ "OrganizationalUnit": { "Id": id } }))
}

fn accounts(tables: &mut dyn Tables, operation: &str, params: &Value) -> Value {
    match operation {
        "CreateAccount" => {
            let id = format!("car-{}", rows(tables, REQUESTS).len() + 1);
            let request = json!({
                "Id": id, "AccountName": params["AccountName"], "Email": params["Email"], "State": "IN_PROGRESS",
                "RequestedTimestamp": rows(tables, REQUESTS).len(), "tags": tags(&params["Tags"]),
            });
            add(tables, REQUESTS, &id, &request);
            json!({ "CreateAccountStatus": { "Id": id, "State": "IN_PROGRESS" } })
        }
        "DescribeCreateAccountStatus" => {
            let request = rows(tables, REQUESTS).iter().find(|row| row.id == params["CreateAccountRequestId"]);
            request.map_or(Value::Null, |row| json!({ "CreateAccountStatus": row.values }))
        }
        _ => {
            let states = params["States"].as_array().unwrap();
            let found = rows(tables, REQUESTS).iter().filter(|row| states.contains(&row.values["State"]));
            json!({ "CreateAccountStatuses": found.map(|row| json!(row.values)).collect::<Vec<_>>() })
        }
    }
}

fn policies(tables: &mut dyn Tables, operation: &str, params: &Value) -> Answer {
    let attachment = [("policy_id", &params["PolicyId"]), ("TargetId", &params["TargetId"])];
    match operation {
        "CreatePolicy" => {
            if has(tables, "policy", &[("Name", &params["Name"]), ("Type", &params["Type"])]) {
                return Err(Refused("DuplicatePolicyException"));
            }
            let id = format!("p-{}", rows(tables, "policy").len() + 1);
            let policy = json!({
                "Id": id, "Name": params["Name"], "Type": params["Type"], "AwsManaged": false,
                "Content": params["Content"], "Description": params["Description"], "tags": tags(&params["Tags"]),
            });
            add(tables, "policy", &id, &policy);
            return Ok(json!({ "Policy": { "PolicySummary": { "Id": id } } }));
        }
        "UpdatePolicy" => {
            for column in ["Content", "Description"] {
                if let Some(given) = params.get(column) {
                    with(tables, "policy", &params["PolicyId"], |policy| put(policy, column, given.clone()));
                }
            }
        }
        "DeletePolicy" => {
            if !has(tables, "policy", &[("Id", &params["PolicyId"])]) {
                return Err(Refused("PolicyNotFoundException"));
            }
            if has(tables, "policy_attachment", &attachment[..1]) {
                return Err(Refused("PolicyInUseException"));
            }
            change(tables, "policy", |policies| policies.retain(|row| row.values["Id"] != params["PolicyId"]));
        }
        "AttachPolicy" => {
            if has(tables, "policy_attachment", &attachment) {
                return Err(Refused("DuplicatePolicyAttachmentException"));
            }
            let new = json!({ "policy_id": params["PolicyId"], "TargetId": params["TargetId"] });
            add(tables, "policy_attachment", "attachment", &new);
        }
        "DetachPolicy" => {
            if !has(tables, "policy_attachment", &attachment) {
                return Err(Refused("PolicyNotAttachedException"));
            }
            change(tables, "policy_attachment", |all| {
                all.retain(|row| attachment.iter().any(|(column, value)| row.values[*column] != **value));
            });
        }
        other => panic!("the simulator does not know {other}"),
    }
    Ok(Value::Null)
}

/// AWS Organizations attaches `FullAWSAccess` to every new unit and account.
fn allow_everything(tables: &mut dyn Tables, target: &str) {
    let attachment = json!({ "policy_id": "p-FullAWSAccess", "TargetId": target });
    add(tables, "policy_attachment", "attachment", &attachment);
}
