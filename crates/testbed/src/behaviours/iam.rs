//! Service-linked roles by their real names, which moto derives wrongly (`AWSServiceRoleForconfig`). Follows
//! "CreateServiceLinkedRole" of the AWS IAM API Reference and each service's page on its service-linked roles.

use serde_json::json;

use super::Answer;
use crate::call::{Call, percent};
use crate::moto::Place;
use crate::pipeline::Testbed;
use crate::reply::{AwsError, Reply};

/// Service principal and what follows `AWSServiceRoleFor`.
const ROLES: [(&str, &str); 16] = [
    ("access-analyzer.amazonaws.com", "AccessAnalyzer"),
    ("cloudtrail.amazonaws.com", "CloudTrail"),
    ("compute-optimizer.amazonaws.com", "ComputeOptimizer"),
    ("config.amazonaws.com", "Config"),
    ("config-multiaccountsetup.amazonaws.com", "ConfigMultiAccountSetup"),
    ("controltower.amazonaws.com", "AWSControlTower"),
    ("detective.amazonaws.com", "Detective"),
    ("guardduty.amazonaws.com", "AmazonGuardDuty"),
    ("inspector2.amazonaws.com", "AmazonInspector2"),
    ("macie.amazonaws.com", "AmazonMacie"),
    ("malware-protection.guardduty.amazonaws.com", "AmazonGuardDutyMalwareProtection"),
    ("organizations.amazonaws.com", "Organizations"),
    ("securityhub.amazonaws.com", "SecurityHub"),
    ("sso.amazonaws.com", "SSO"),
    ("support.amazonaws.com", "Support"),
    ("trustedadvisor.amazonaws.com", "TrustedAdvisor"),
];

pub(crate) async fn answer(testbed: &Testbed, call: &Call) -> Answer {
    if call.operation != "CreateServiceLinkedRole" {
        return Ok(None);
    }
    let service = call.text("AWSServiceName").unwrap_or_default();
    let Some((_, name)) = ROLES.iter().find(|(known, _)| *known == service) else { return Ok(None) };
    if call.text("CustomSuffix").is_some() {
        let message = format!("Custom suffix is not allowed for {service}");
        return Err(AwsError::new(400, "InvalidInput", message));
    }
    let trust = json!({
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}],
    });
    let form = format!(
        "Action=CreateRole&Version=2010-05-08&RoleName=AWSServiceRoleFor{name}&Path={}&Description={}\
         &AssumeRolePolicyDocument={}",
        percent(&format!("/aws-service-role/{service}/")),
        percent(call.text("Description").unwrap_or_default()),
        percent(&trust.to_string()),
    );
    let reply = testbed.moto.ask_query(Place::of(call), "iam", form).await?;
    if reply.status == http::StatusCode::CONFLICT {
        let message = format!(
            "Service role name AWSServiceRoleFor{name} has been taken in this account, please try a different suffix."
        );
        return Err(AwsError::new(400, "InvalidInput", message));
    }
    Ok(Some(Reply { body: renamed(&reply.text()).into(), ..reply }))
}

/// CreateRole's reply, as CreateServiceLinkedRole's.
fn renamed(text: &str) -> String {
    text.replace("CreateRoleRes", "CreateServiceLinkedRoleRes")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reply_is_the_other_operations() {
        let found = renamed("<CreateRoleResponse><CreateRoleResult/></CreateRoleResponse>");
        let expected =
            "<CreateServiceLinkedRoleResponse><CreateServiceLinkedRoleResult/></CreateServiceLinkedRoleResponse>";
        assert_eq!(found, expected);
    }
}
