//! Trusted services and delegated administrators, of which moto knows few. Follows "EnableAWSServiceAccess",
//! "RegisterDelegatedAdministrator", "ListDelegatedAdministrators" and "ListDelegatedServicesForAccount" of the AWS
//! Organizations API Reference.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::super::Answer;
use super::{ask, constraint, listed};
use crate::call::Call;
use crate::names::now;
use crate::page::page;
use crate::pipeline::Testbed;
use crate::reply::{AwsError, Reply};

/// What an organization has given to services. Times in seconds since 1970.
#[derive(Debug, Clone, Default)]
pub(crate) struct Trust {
    /// Trusted services and since when.
    services: BTreeMap<String, i64>,
    /// Delegated administrators by service and account.
    administrators: BTreeMap<(String, String), i64>,
}

pub(super) async fn answer(testbed: &Testbed, call: &Call) -> Answer {
    // Refuses callers outside of an organization.
    let organization = ask(testbed, call, "DescribeOrganization", json!({})).await?;
    let management = organization.pointer("/Organization/MasterAccountId").and_then(Value::as_str).unwrap_or_default();
    let member = match call.text("AccountId") {
        Some(account) => Some(ask(testbed, call, "DescribeAccount", json!({"AccountId": account})).await?),
        None => None,
    };
    if call.operation == "ListDelegatedAdministrators" {
        return administrators(testbed, call).await;
    }
    let mut state = testbed.state();
    let trust = state.trusts.entry(management.to_owned()).or_default();
    let value = match call.operation.as_str() {
        "EnableAWSServiceAccess" => {
            trust.services.entry(service(call)?).or_insert_with(now);
            json!({})
        }
        "DisableAWSServiceAccess" => {
            let service = service(call)?;
            if trust.administrators.keys().any(|(known, _)| *known == service) {
                let message = "You must deregister the service's delegated administrators first.";
                return Err(constraint("DELEGATED_ADMINISTRATOR_EXISTS_FOR_THIS_SERVICE", message));
            }
            trust.services.remove(&service);
            json!({})
        }
        "ListAWSServiceAccessForOrganization" => {
            let enabled = trust.services.iter();
            let enabled =
                enabled.map(|(service, at)| json!({"ServicePrincipal": service, "DateEnabled": at})).collect();
            let (enabled, token) = page(enabled, &call.params, 20)?;
            listed("EnabledServicePrincipals", enabled, token)
        }
        "RegisterDelegatedAdministrator" => {
            let account = call.required("AccountId")?;
            register(trust, &service(call)?, account, management)?;
            json!({})
        }
        "DeregisterDelegatedAdministrator" => {
            let key = (service(call)?, call.required("AccountId")?.to_owned());
            trust.administrators.remove(&key).ok_or_else(not_registered)?;
            json!({})
        }
        _ => {
            let account = call.required("AccountId")?;
            let services = trust.administrators.iter().filter(|((_, known), _)| known == account);
            let services = services
                .map(|((service, _), at)| json!({"ServicePrincipal": service, "DelegationEnabledDate": at}))
                .collect::<Vec<_>>();
            if services.is_empty() || member.is_none() {
                return Err(not_registered());
            }
            let (services, token) = page(services, &call.params, 20)?;
            listed("DelegatedServices", services, token)
        }
    };
    Ok(Some(Reply::json(&value)))
}

fn service(call: &Call) -> Result<String, AwsError> {
    call.required("ServicePrincipal").map(str::to_owned)
}

fn not_registered() -> AwsError {
    let message = "The specified account is not a delegated administrator for this AWS service.";
    AwsError::new(400, "AccountNotRegisteredException", message)
}

fn register(trust: &mut Trust, service: &str, account: &str, management: &str) -> Result<(), AwsError> {
    if account == management {
        let message = "You can't register the management account as a delegated administrator.";
        return Err(constraint("CANNOT_REGISTER_MASTER_AS_DELEGATED_ADMINISTRATOR", message));
    }
    let key = (service.to_owned(), account.to_owned());
    if trust.administrators.contains_key(&key) {
        let message = "The specified account is already a delegated administrator for this AWS service.";
        return Err(AwsError::new(400, "AccountAlreadyRegisteredException", message));
    }
    trust.administrators.insert(key, now());
    Ok(())
}

/// Accounts as `DescribeAccount` gives them, with the date of their first delegation.
async fn administrators(testbed: &Testbed, call: &Call) -> Answer {
    let wanted = call.text("ServicePrincipal");
    let mut dates: BTreeMap<String, i64> = BTreeMap::new();
    for trust in testbed.state().trusts.values() {
        for ((service, account), at) in &trust.administrators {
            if wanted.is_none_or(|wanted| wanted == service) {
                let date = dates.entry(account.clone()).or_insert(*at);
                *date = (*date).min(*at);
            }
        }
    }
    let mut found = Vec::new();
    for (account, date) in dates {
        let mut described = ask(testbed, call, "DescribeAccount", json!({"AccountId": account})).await?;
        let mut administrator = described.get_mut("Account").map(Value::take).unwrap_or_default();
        administrator["DelegationEnabledDate"] = json!(date);
        found.push(administrator);
    }
    let (found, token) = page(found, &call.params, 20)?;
    Ok(Some(Reply::json(&listed("DelegatedAdministrators", found, token))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_are_registered_once_for_a_service() {
        let mut trust = Trust::default();
        let mut check = |service: &str, account: &str, expected: Result<(), &str>| {
            let found = register(&mut trust, service, account, "123456789012").map_err(|error| error.code);
            assert_eq!(found, expected.map_err(str::to_owned));
        };
        check("config.amazonaws.com", "111111111111", Ok(()));
        check("config.amazonaws.com", "111111111111", Err("AccountAlreadyRegisteredException"));
        check("securityhub.amazonaws.com", "111111111111", Ok(()));
        check("config.amazonaws.com", "123456789012", Err("ConstraintViolationException"));
    }
}
