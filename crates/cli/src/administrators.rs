//! Delegated administrators: the accounts that answer for a whole service. Where there is one, controls of that service
//! give their findings in its account alone.
//!
//! AWS Organizations API Reference: `ListDelegatedAdministrators`, `ListDelegatedServicesForAccount`.

use std::collections::{BTreeMap, BTreeSet};

use dodai_controls::Control;
use dodai_facts::AccountId;
use serde_json::Value;

use crate::failure::{Error, Result};
use crate::reading::Reading;

const TABLE: &str = "aws_organizations_delegated_administrator";
const COLUMNS: [&str; 2] = ["Id", "services"];
/// `guardduty.amazonaws.com`: controls say `guardduty`.
const PRINCIPAL: &str = ".amazonaws.com";

/// Who administers which service.
#[derive(Debug, Default)]
pub struct Administrators {
    pub by_service: BTreeMap<String, AccountId>,
    /// Why there may be others.
    pub unread: Option<String>,
}

/// What must be read so that these controls can be judged, beside what their queries use.
pub fn needed<'a>(controls: impl IntoIterator<Item = &'a Control>) -> Option<(String, BTreeSet<String>)> {
    let asked = controls.into_iter().any(|control| control.delegated_admin.is_some());
    asked.then(|| (TABLE.to_owned(), COLUMNS.map(str::to_owned).into()))
}

/// The administrators, as they were read for these controls.
pub async fn of<'a>(reading: &Reading, controls: impl IntoIterator<Item = &'a Control>) -> Result<Administrators> {
    if needed(controls).is_none() {
        return Ok(Administrators::default());
    }
    let sql = format!("select \"{}\" from {TABLE}", COLUMNS.join("\", \""));
    let used = reading.engine.columns_used(&sql).await.map_err(Error::from_display)?;
    let gaps = reading.engine.gaps(&used, &reading.cells).await.map_err(Error::from_display)?;
    let answer = reading.engine.query(&sql).await.map_err(Error::from_display)?;
    let mut found = Administrators { unread: gaps.first().map(|gap| gap.failure.to_string()), ..<_>::default() };
    for row in answer.objects() {
        match services(&row) {
            Ok(services) => found.by_service.extend(services),
            Err(why) => {
                found.unread.get_or_insert(why);
            }
        }
    }
    Ok(found)
}

/// The services of one account, or what cannot be read of them. A list that was not read is a gap of its own.
fn services(row: &serde_json::Map<String, Value>) -> std::result::Result<Vec<(String, AccountId)>, String> {
    let told = row.get("Id").cloned().unwrap_or_default();
    let id = told.as_str().and_then(|id| id.parse::<AccountId>().ok());
    let id = id.ok_or_else(|| format!("AWS Organizations names an administrator {told}, which is no account id"))?;
    let services = row.get("services").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let service = |service: &Value| {
        let principal = service.get("ServicePrincipal").and_then(Value::as_str);
        let principal = principal.ok_or_else(|| format!("a service of the administrator {id} has no name"))?;
        Ok((principal.strip_suffix(PRINCIPAL).unwrap_or(principal).to_owned(), id.clone()))
    };
    services.iter().map(service).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_account_administers_the_services_that_it_is_registered_for() {
        let row = json!({
            "Id": "111122223333",
            "services": [
                {"ServicePrincipal": "guardduty.amazonaws.com", "DelegationEnabledDate": "2026-01-02T03:04:05Z"},
                {"ServicePrincipal": "securityhub.amazonaws.com"},
            ],
        });
        let names: Vec<String> =
            services(row.as_object().unwrap()).unwrap().into_iter().map(|(name, id)| format!("{name} {id}")).collect();
        assert_eq!(names, ["guardduty 111122223333", "securityhub 111122223333"]);
        assert_eq!(services(json!({"Id": "111122223333", "services": null}).as_object().unwrap()), Ok(Vec::new()));
    }

    #[test]
    fn what_cannot_be_read_is_told() {
        for (row, expected) in [
            (
                json!({"Id": "x", "services": []}),
                "AWS Organizations names an administrator \"x\", which is no account id",
            ),
            (json!({"services": []}), "AWS Organizations names an administrator null, which is no account id"),
            (
                json!({"Id": "111122223333", "services": [{"ServicePrincipal": "a"}, {}]}),
                "a service of the administrator 111122223333 has no name",
            ),
        ] {
            assert_eq!(services(row.as_object().unwrap()), Err(expected.to_owned()));
        }
    }

    #[test]
    fn they_are_read_where_a_control_asks() {
        let control = |more: &str| {
            let text = format!("-- id: A.1\n-- title: t\n-- severity: LOW\n-- of: t\n-- repair: r\n{more}select 1");
            Control::parse("x", &text).unwrap()
        };
        assert_eq!(needed([&control("")]), None);
        assert!(needed([&control(""), &control("-- delegated_admin: guardduty\n")]).is_some());
    }
}
