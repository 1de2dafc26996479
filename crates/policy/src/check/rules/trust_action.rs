//! What a trust policy can allow.

use super::prelude::*;
use crate::pattern::glob;

pub const RULE: Rule = Rule {
    id: "trust-action",
    severity: Severity::Error,
    kinds: &[Kind::Trust],
    summary: "An action of a trust policy that its principal cannot use",
    why: "Identity providers' users assume roles by `sts:AssumeRoleWithWebIdentity` or `sts:AssumeRoleWithSAML`, all others by `sts:AssumeRole`; with another action nobody gets in.",
    repair: "Use the action that goes with the principal.",
    source: "Requesting temporary security credentials",
    checks: Checks::Document(check),
    bad: &[
        Example(
            Kind::Trust,
            r#"{"Effect": "Allow", "Principal": {"Federated": "arn:aws:iam::111122223333:oidc-provider/idp.example.com"}, "Action": "sts:AssumeRole", "Condition": {"StringEquals": {"idp.example.com:sub": "a"}}}"#,
        ),
        Example(
            Kind::Trust,
            r#"{"Effect": "Allow", "Principal": {"AWS": "111122223333"}, "Action": "sts:AssumeRoleWithSAML"}"#,
        ),
        Example(Kind::Trust, r#"{"Effect": "Allow", "Principal": {"AWS": "111122223333"}, "Action": "s3:GetObject"}"#),
    ],
    good: &[
        Example(
            Kind::Trust,
            r#"{"Effect": "Allow", "Principal": {"Federated": "arn:aws:iam::111122223333:saml-provider/idp"}, "Action": ["sts:AssumeRoleWithSAML", "sts:TagSession"], "Condition": {"StringEquals": {"SAML:aud": "https://signin.aws.amazon.com/saml"}}}"#,
        ),
        Example(
            Kind::Trust,
            r#"{"Effect": "Allow", "Principal": {"Service": "pods.eks.amazonaws.com"}, "Action": ["sts:AssumeRole", "sts:TagSession"]}"#,
        ),
    ],
};

/// What may stand beside any of the three.
const BESIDE: [&str; 3] = ["sts:tagsession", "sts:setsourceidentity", "sts:setcontext"];

fn check(policy: &Subject<'_>, report: &mut Report<'_>) {
    for statement in policy.allows().filter(|statement| !statement.actions.negated) {
        let Some(principals) = statement.principals.as_ref().filter(|principals| !principals.negated) else { continue };
        let mut ways: Vec<&str> = Vec::new();
        for principal in &principals.values {
            let value = principal.value.value.as_str();
            ways.extend(match principal.kind {
                PrincipalKind::Federated if value.contains(":saml-provider/") => &["sts:AssumeRoleWithSAML"][..],
                PrincipalKind::Federated => &["sts:AssumeRoleWithWebIdentity"],
                PrincipalKind::Aws if value == "*" => {
                    &["sts:AssumeRole", "sts:AssumeRoleWithSAML", "sts:AssumeRoleWithWebIdentity"]
                }
                _ => &["sts:AssumeRole"],
            });
        }
        for action in &statement.actions.values {
            let pattern = action.value.to_ascii_lowercase();
            let fits = |name: &str| glob(&pattern, &name.to_ascii_lowercase());
            let name = super::action_format::is_action(&action.value) && !ways.is_empty();
            if !name || ways.iter().any(|way| fits(way)) || BESIDE.iter().any(|way| fits(way)) {
                continue;
            }
            report.add(
                action.place,
                format!("{} is not how this principal assumes a role, so nobody gets in by it", quote(&action.value)),
                format!("write `{}`", ways.first().copied().unwrap_or_default()),
            );
        }
    }
}
