//! What AWS does not take in a policy of its kind: a request under such a policy cannot happen.
//!
//! AWS: "AWS JSON policy elements: Principal" (required in resource-based policies, not taken in identity-based ones), "SCP
//! syntax", "RCP syntax", "Control access to VPC endpoints using endpoint policies".

use super::Policies;
use crate::language::{Document, Effect, Statement};

impl Policies {
    /// The first of them that AWS would not take where it stands, by its name, and why.
    pub fn misplaced(&self) -> Option<(&str, &'static str)> {
        let of_nobody = self.identity.iter().chain(&self.session).chain(&self.boundary);
        let scps = self.scps.iter().flatten().flatten();
        let rcps = self.rcps.iter().flatten().flatten();
        let refused = of_nobody.chain(scps).map(|policy| (policy, in_policy_of_nobody(policy.document())));
        let refused = refused.chain(rcps.map(|policy| (policy, in_resource_control_policy(policy.document()))));
        let of_resources = self.resource.iter().chain(&self.endpoint);
        let refused = refused.chain(of_resources.map(|policy| (policy, in_policy_of_resource(policy.document()))));
        refused.into_iter().find_map(|(policy, why)| Some((policy.name(), why?)))
    }
}

/// Why AWS refuses a policy of a principal, or a service control policy.
pub(super) fn in_policy_of_nobody(document: &Document) -> Option<&'static str> {
    let named = document.statements.iter().any(|statement| statement.principals.is_some());
    named.then_some("a policy of this kind is about whoever has it, and AWS takes no `Principal` in it")
}

/// Why AWS refuses a policy of a resource, a role's trust policy, or a VPC endpoint's policy.
pub(super) fn in_policy_of_resource(document: &Document) -> Option<&'static str> {
    let of_nobody = document.statements.iter().any(|statement| statement.principals.is_none());
    of_nobody.then_some("a policy of this kind says who is meant, and AWS takes no statement without `Principal` in it")
}

/// Why AWS refuses a resource control policy.
pub(super) fn in_resource_control_policy(document: &Document) -> Option<&'static str> {
    let allows = document.statements.iter().any(|statement| statement.effect == Effect::Allow && !is_full(statement));
    let allows =
        allows.then_some("a resource control policy only denies: AWS takes no `Allow` but that of RCPFullAWSAccess");
    allows.or_else(|| in_policy_of_resource(document))
}

/// Everything to everybody.
fn is_full(statement: &Statement) -> bool {
    let all = |list: &crate::language::List| !list.negated && list.values.iter().all(|value| value.value == "*");
    let everybody = statement.principals.as_ref().is_some_and(|principals| {
        !principals.negated && principals.values.iter().all(|principal| principal.value.value == "*")
    });
    let resources = statement.resources.as_ref().is_none_or(all);
    everybody && resources && all(&statement.actions) && statement.conditions.is_empty()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::decide::{Cache, decide_line};

    fn refused(field: &str, policy: serde_json::Value) -> bool {
        let request = json!({ "principal": "arn:aws:iam::111122223333:role/R", "action": "s3:GetObject" });
        let mut line = json!({ "request": request });
        line[field] = match field {
            "scps" | "rcps" => json!([[policy]]),
            "boundary" | "resourcePolicy" | "endpoint" => policy,
            _ => json!([policy]),
        };
        decide_line(&line.to_string(), &mut Cache::default()).contains("\"error\"")
    }

    #[test]
    fn what_aws_does_not_take_is_refused() {
        let statement = |effect: &str, action: &str| json!({ "Statement": { "Effect": effect, "Principal": "*", "Action": action, "Resource": "*" } });
        for field in ["identity", "session", "boundary", "scps"] {
            assert!(refused(field, statement("Deny", "*")), "{field}");
            let plain = json!({ "Statement": { "Effect": "Allow", "Action": "*", "Resource": "*" } });
            assert!(!refused(field, plain), "{field}");
        }
        for field in ["resourcePolicy", "endpoint", "rcps"] {
            let plain = json!({ "Statement": [statement("Deny", "s3:*")["Statement"],
                { "Effect": "Deny", "Action": "*", "Resource": "*" }] });
            assert!(refused(field, plain), "{field}");
            assert!(!refused(field, statement("Deny", "s3:*")), "{field}");
            let others =
                json!({ "Statement": { "Effect": "Deny", "NotPrincipal": "*", "Action": "s3:*", "Resource": "*" } });
            assert!(!refused(field, others), "{field}");
        }
        assert!(refused("rcps", statement("Allow", "s3:*")));
        assert!(!refused("rcps", statement("Allow", "*")));
    }
}
