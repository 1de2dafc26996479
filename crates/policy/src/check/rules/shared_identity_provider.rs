//! Identity providers that serve everybody.

use super::prelude::*;

pub const RULE: Rule = Rule {
    id: "shared-identity-provider",
    severity: Severity::Warning,
    kinds: &[Kind::Trust],
    summary: "A trust policy for an identity provider that many organizations share, without saying whose",
    why: "The provider gives tokens to all of its customers: any of them can assume the role.",
    repair: "Add a condition on the provider's subject: `token.actions.githubusercontent.com:sub`.",
    source: "Identity-provider controls for shared OIDC providers",
    checks: Checks::Document(check),
    bad: &[
        Example(
            Kind::Trust,
            r#"{"Effect": "Allow", "Principal": {"Federated": "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com"}, "Action": "sts:AssumeRoleWithWebIdentity", "Condition": {"StringEquals": {"token.actions.githubusercontent.com:aud": "sts.amazonaws.com"}}}"#,
        ),
        Example(
            Kind::Trust,
            r#"{"Effect": "Allow", "Principal": {"Federated": "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com"}, "Action": "sts:AssumeRoleWithWebIdentity", "Condition": {"StringLike": {"token.actions.githubusercontent.com:sub": "repo:*"}}}"#,
        ),
    ],
    good: &[
        Example(
            Kind::Trust,
            r#"{"Effect": "Allow", "Principal": {"Federated": "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com"}, "Action": "sts:AssumeRoleWithWebIdentity", "Condition": {"StringLike": {"token.actions.githubusercontent.com:sub": "repo:example/app:*"}}}"#,
        ),
        Example(
            Kind::Trust,
            r#"{"Effect": "Allow", "Principal": {"Federated": "arn:aws:iam::111122223333:oidc-provider/idp.example.com"}, "Action": "sts:AssumeRoleWithWebIdentity"}"#,
        ),
    ],
};

/// Providers, and the claims of which one must be tied down.
const SHARED: &[(&str, &[&str])] = &[
    (
        "token.actions.githubusercontent.com",
        &["sub", "repository", "repository_id", "repository_owner", "repository_owner_id", "job_workflow_ref"],
    ),
    ("gitlab.com", &["sub"]),
    ("app.terraform.io", &["sub"]),
    ("agent.buildkite.com", &["sub"]),
    ("api.pulumi.com", &["sub", "aud"]),
    ("oidc.vercel.com", &["sub"]),
    ("scalr.io", &["sub"]),
    ("oidc.codefresh.io", &["sub"]),
    ("cognito-identity.amazonaws.com", &["sub", "aud"]),
    ("accounts.google.com", &["sub", "aud", "oaud", "google/organization_number"]),
    ("graph.facebook.com", &["app_id", "id"]),
    ("www.amazon.com", &["app_id", "user_id"]),
];

fn check(policy: &Subject<'_>, report: &mut Report<'_>) {
    for statement in policy.allows() {
        let Some(principals) = statement.principals.as_ref().filter(|principals| !principals.negated) else { continue };
        for principal in principals.values.iter().filter(|one| one.kind == PrincipalKind::Federated) {
            let value = principal.value.value.as_str();
            let host = value.split_once(":oidc-provider/").map_or(value, |(_, host)| host);
            let Some((provider, claims)) = SHARED.iter().find(|(provider, _)| provider.eq_ignore_ascii_case(host))
            else {
                continue;
            };
            if statement.conditions.iter().any(|condition| is_tied(condition, provider, claims)) {
                continue;
            }
            report.add(
                principal.value.place,
                format!(
                    "`{provider}` serves many organizations, and no condition says whose tokens may assume the role"
                ),
                format!("add a condition on `{provider}:{}`", claims.first().copied().unwrap_or("sub")),
            );
        }
    }
}

/// A condition that lets through only some of the provider's customers.
fn is_tied(condition: &Condition, provider: &str, claims: &[&str]) -> bool {
    let named = claims.iter().any(|claim| is(condition, &format!("{provider}:{claim}")));
    // `repo:*` and `*` are everybody; a subject names its owner right after its first colon.
    let wide = |text: &Text| {
        matches!(text.value.as_str(), "*" | "repo:*" | "repo:*/*" | "repo:*:*" | "organization:*" | "project_path:*")
    };
    named && condition::is_strict(condition) && !condition.values.iter().any(wide)
}
