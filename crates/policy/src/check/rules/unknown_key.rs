//! Condition keys that AWS does not have.

use super::prelude::*;

pub const RULE: Rule = Rule {
    id: "unknown-key",
    severity: Severity::Warning,
    kinds: Kind::ALL,
    summary: "A condition key that AWS does not have",
    why: "No request has it: a condition on it never holds, and a negated one always does.",
    repair: "Correct the name.",
    source: "AWS global condition context keys; Actions, resources, and condition keys for AWS services",
    checks: Checks::Document(check),
    bad: &[
        Example(
            Kind::ServiceControl,
            r#"{"Effect": "Deny", "Action": "ec2:RunInstances", "Resource": "*", "Condition": {"StringNotEquals": {"aws:RequestRegion": "eu-west-1"}}}"#,
        ),
        Example(
            Kind::ServiceControl,
            r#"{"Effect": "Deny", "Action": "ec2:RunInstances", "Resource": "*", "Condition": {"StringNotEquals": {"ec2:InstanceTyp": "t3.micro"}}}"#,
        ),
        Example(
            Kind::ServiceControl,
            r#"{"Effect": "Deny", "Action": "ec2:RunInstances", "Resource": "*", "Condition": {"StringNotEquals": {"RequestedRegion": "eu-west-1"}}}"#,
        ),
    ],
    good: &[
        Example(
            Kind::ServiceControl,
            r#"{"Effect": "Deny", "Action": "ec2:RunInstances", "Resource": "*", "Condition": {"StringNotEquals": {"AWS:requestedregion": "eu-west-1", "ec2:InstanceType": "t3.micro", "aws:PrincipalTag/a/b": "c"}}}"#,
        ),
        Example(
            Kind::Trust,
            r#"{"Effect": "Allow", "Principal": {"Federated": "arn:aws:iam::111122223333:oidc-provider/idp.example.com/x"}, "Action": "sts:AssumeRoleWithWebIdentity", "Condition": {"StringEquals": {"idp.example.com/x:sub": "y"}}}"#,
        ),
    ],
};

fn check(policy: &Subject<'_>, report: &mut Report<'_>) {
    for condition in policy.statements().flat_map(|statement| &statement.conditions) {
        let key = &condition.key.value;
        // Keys of tags without a tag are `tag-key-missing`'s.
        if policy.reference.key(key).is_some() || super::tag_key_missing::is_tag(key) {
            continue;
        }
        let date = policy.reference.date();
        let prefix = key.split_once(':').map(|(prefix, _)| prefix);
        let service = prefix.and_then(|prefix| policy.reference.service(prefix));
        let known: Vec<&str> = match (prefix, service) {
            // An identity provider's keys begin with its host, and are not known.
            (Some(prefix), _) if prefix.contains(['.', '/']) => continue,
            (_, Some(service)) => service.keys.iter().map(|known| known.name.as_str()).collect(),
            _ => policy.reference.global_keys().iter().map(|known| known.name.as_str()).collect(),
        };
        let bare = if prefix.is_none() { format!("aws:{key}") } else { key.clone() };
        let near = policy.nearest(&bare, known);
        let help = match near {
            Some(near) => format!("did you mean {}?", quote(near)),
            None if prefix.is_none() => {
                "a condition key is a prefix, a colon and a name: `aws:RequestedRegion`".to_owned()
            }
            None => "look the key up in AWS's Service Authorization Reference".to_owned(),
        };
        let holds =
            if condition.operator.comparison.is_negated() || condition.operator.if_exists { "always" } else { "never" };
        let effect = if condition.operator.comparison == Comparison::Null {
            String::new()
        } else {
            format!(", so `{}` on it {holds} holds", condition.operator)
        };
        report.add(
            condition.key.place,
            format!("AWS has no condition key {} (reference of {date}){effect}", quote(key)),
            help,
        );
    }
}
