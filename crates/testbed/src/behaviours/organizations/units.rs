//! Organizational units: five levels at most, names unique under a parent, deleted only when empty; accounts are
//! moved from where they are. Follows "CreateOrganizationalUnit", "DeleteOrganizationalUnit" and "MoveAccount" of the AWS Organizations API Reference and "Quotas and service
//! limits for AWS Organizations".

use serde_json::{Value, json};

use super::super::Answer;
use super::{all, ask, constraint};
use crate::call::Call;
use crate::pipeline::Testbed;
use crate::reply::AwsError;

/// Levels of units under the root.
const DEEPEST: usize = 5;

pub(super) async fn create(testbed: &Testbed, call: &Call) -> Answer {
    let (parent, name) = (call.required("ParentId")?, call.required("Name")?);
    let mut levels = 0;
    let mut above = parent.to_owned();
    while above.starts_with("ou-") && levels < DEEPEST {
        levels += 1;
        let parents = ask(testbed, call, "ListParents", json!({"ChildId": above})).await?;
        parents.pointer("/Parents/0/Id").and_then(Value::as_str).unwrap_or_default().clone_into(&mut above);
    }
    if levels >= DEEPEST {
        let message = "You attempted to create an OU tree that is too many levels deep.";
        return Err(constraint("OU_DEPTH_LIMIT_EXCEEDED", message));
    }
    let params = json!({"ParentId": parent});
    let units = all(testbed, call, "ListOrganizationalUnitsForParent", params, "OrganizationalUnits").await?;
    if units.iter().any(|unit| unit.get("Name").and_then(Value::as_str) == Some(name)) {
        let message = "An OU with the same name already exists.";
        return Err(AwsError::new(400, "DuplicateOrganizationalUnitException", message));
    }
    Ok(None)
}

pub(super) async fn delete(testbed: &Testbed, call: &Call) -> Answer {
    let unit = call.required("OrganizationalUnitId")?;
    ask(testbed, call, "DescribeOrganizationalUnit", json!({"OrganizationalUnitId": unit})).await?;
    for kind in ["ACCOUNT", "ORGANIZATIONAL_UNIT"] {
        let params = json!({"ParentId": unit, "ChildType": kind});
        if !all(testbed, call, "ListChildren", params, "Children").await?.is_empty() {
            let message = "The specified OU is not empty. Move all accounts to another root or to other OUs, remove all \
                           child OUs, and try the operation again.";
            return Err(AwsError::new(400, "OrganizationalUnitNotEmptyException", message));
        }
    }
    Ok(None)
}

pub(super) async fn move_account(testbed: &Testbed, call: &Call) -> Answer {
    let (source, destination) = (call.required("SourceParentId")?, call.required("DestinationParentId")?);
    let params = json!({"ChildId": call.required("AccountId")?});
    let parents = ask(testbed, call, "ListParents", params).await?;
    check_move(parents.pointer("/Parents/0/Id").and_then(Value::as_str).unwrap_or_default(), source, destination)?;
    Ok(None)
}

fn check_move(parent: &str, source: &str, destination: &str) -> Result<(), AwsError> {
    if parent != source {
        let message = "We can't find a source root or OU with the ParentId that you specified.";
        return Err(AwsError::new(400, "SourceParentNotFoundException", message));
    }
    if parent == destination {
        let message = "That account is already present in the specified destination.";
        return Err(AwsError::new(400, "DuplicateAccountException", message));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accounts_are_moved_from_where_they_are() {
        let check = |source: &str, destination: &str, expected: Result<(), &str>| {
            let found = check_move("ou-1", source, destination).map_err(|error| error.code);
            assert_eq!(found, expected.map_err(str::to_owned));
        };
        check("ou-1", "ou-2", Ok(()));
        check("ou-2", "ou-1", Err("SourceParentNotFoundException"));
        check("ou-1", "ou-1", Err("DuplicateAccountException"));
    }
}
