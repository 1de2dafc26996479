//! Ways from a few permissions to all of them.

use super::prelude::*;
use crate::check::capability::granted;

pub const RULE: Rule = Rule {
    id: "privilege-escalation",
    severity: Severity::Warning,
    kinds: &[Kind::Identity],
    summary: "Actions by which the holder can give itself more rights",
    why: "With these actions on all resources the rest of the policy restricts nothing: the holder writes itself another.",
    repair: "Restrict them to resources that have less rights than the holder, demand a permissions boundary, or take one of them out.",
    source: "Security best practices in IAM; Grant a user permissions to pass a role to an AWS service",
    checks: Checks::Document(check),
    bad: &[
        Example(Kind::Identity, r#"{"Effect": "Allow", "Action": "iam:CreatePolicyVersion", "Resource": "*"}"#),
        Example(
            Kind::Identity,
            r#"[{"Effect": "Allow", "Action": ["ec2:*"], "Resource": "*"}, {"Effect": "Allow", "Action": "iam:PassRole", "Resource": "arn:aws:iam::*:role/*"}]"#,
        ),
        Example(
            Kind::Identity,
            r#"{"Effect": "Allow", "Action": "iam:AttachUserPolicy", "Resource": "*", "Condition": {"StringEquals": {"aws:RequestedRegion": "us-east-1"}}}"#,
        ),
        // Denied on one user, and without a second factor: the rest stays open.
        Example(
            Kind::Identity,
            r#"[{"Effect": "Allow", "Action": "iam:AttachUserPolicy", "Resource": "*"}, {"Effect": "Deny", "Action": "iam:*", "Resource": "arn:aws:iam::111122223333:user/admin"}]"#,
        ),
        Example(
            Kind::Identity,
            r#"[{"Effect": "Allow", "Action": "iam:PutUserPolicy", "Resource": "*"}, {"Effect": "Deny", "Action": "iam:*", "Resource": "*", "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "false"}}}]"#,
        ),
    ],
    good: &[
        Example(
            Kind::Identity,
            r#"{"Effect": "Allow", "Action": "iam:CreatePolicyVersion", "Resource": "arn:aws:iam::*:policy/app/*"}"#,
        ),
        Example(
            Kind::Identity,
            r#"[{"Effect": "Allow", "Action": ["ec2:*"], "Resource": "*"}, {"Effect": "Allow", "Action": "iam:PassRole", "Resource": "arn:aws:iam::*:role/app/*"}]"#,
        ),
        Example(
            Kind::Identity,
            r#"[{"Effect": "Allow", "Action": "iam:AttachUserPolicy", "Resource": "*"}, {"Effect": "Deny", "Action": "iam:Attach*", "Resource": "arn:aws:iam::*:user/*"}]"#,
        ),
        Example(
            Kind::Identity,
            r#"[{"Effect": "Allow", "Action": "iam:PutUserPolicy", "Resource": "*"}, {"Effect": "Deny", "Action": "iam:*", "NotResource": "arn:aws:iam::*:user/app/*"}]"#,
        ),
        Example(
            Kind::Identity,
            r#"[{"Effect": "Allow", "Action": "iam:PutUserPolicy", "Resource": "*"}, {"Effect": "Deny", "Action": "iam:*", "Resource": "*", "Condition": {"StringNotEquals": {"iam:PermissionsBoundary": "arn:aws:iam::111122223333:policy/boundary"}}}]"#,
        ),
        Example(
            Kind::Identity,
            r#"[{"Effect": "Allow", "Action": ["iam:*"], "Resource": "*", "Condition": {"StringEquals": {"iam:PermissionsBoundary": "arn:aws:iam::111122223333:policy/boundary"}}}]"#,
        ),
    ],
};

/// What is needed together, and what it is good for.
struct Way(&'static [&'static str], &'static str);

/// Publicly known ways. Each is whole: with these actions alone, on all resources, it works.
const WAYS: &[Way] = &[
    Way(&["iam:CreatePolicyVersion"], "write a new default version of a policy that it has"),
    Way(&["iam:SetDefaultPolicyVersion"], "go back to an older, wider version of a policy that it has"),
    Way(&["iam:AttachUserPolicy"], "attach AdministratorAccess to its user"),
    Way(&["iam:AttachGroupPolicy"], "attach AdministratorAccess to its group"),
    Way(&["iam:AttachRolePolicy"], "attach AdministratorAccess to its role"),
    Way(&["iam:PutUserPolicy"], "write an inline policy for its user"),
    Way(&["iam:PutGroupPolicy"], "write an inline policy for its group"),
    Way(&["iam:PutRolePolicy"], "write an inline policy for its role"),
    Way(&["iam:AddUserToGroup"], "join a group with more rights"),
    Way(&["iam:CreateAccessKey"], "make access keys for a user with more rights"),
    Way(&["iam:CreateLoginProfile"], "set the password of a user with more rights"),
    Way(&["iam:UpdateLoginProfile"], "change the password of a user with more rights"),
    Way(&["iam:UpdateAssumeRolePolicy", "sts:AssumeRole"], "let itself into a role with more rights"),
    Way(&["iam:DeleteUserPermissionsBoundary"], "take the permissions boundary off its user"),
    Way(&["iam:DeleteRolePermissionsBoundary"], "take the permissions boundary off its role"),
    Way(&["iam:PassRole", "ec2:RunInstances"], "start an instance with a role that has more rights"),
    Way(
        &["iam:PassRole", "lambda:CreateFunction", "lambda:InvokeFunction"],
        "run a function with a role that has more rights",
    ),
    Way(
        &["iam:PassRole", "lambda:CreateFunction", "lambda:CreateEventSourceMapping"],
        "have an event source run a function with a role that has more rights",
    ),
    Way(
        &["iam:PassRole", "lambda:CreateFunction", "lambda:AddPermission"],
        "let another account run a function with a role that has more rights",
    ),
    Way(&["lambda:UpdateFunctionCode"], "put its own code into a function whose role has more rights"),
    Way(
        &["lambda:UpdateFunctionConfiguration"],
        "put a layer with its own code into a function whose role has more rights",
    ),
    Way(
        &["iam:PassRole", "cloudformation:CreateStack"],
        "have a stack make resources with a role that has more rights",
    ),
    Way(&["iam:PassRole", "glue:CreateDevEndpoint"], "log in to a Glue endpoint with a role that has more rights"),
    Way(&["glue:UpdateDevEndpoint"], "log in to a Glue endpoint whose role has more rights"),
    Way(&["iam:PassRole", "glue:CreateJob", "glue:StartJobRun"], "run a Glue job with a role that has more rights"),
    Way(
        &[
            "iam:PassRole",
            "datapipeline:CreatePipeline",
            "datapipeline:PutPipelineDefinition",
            "datapipeline:ActivatePipeline",
        ],
        "run a pipeline with a role that has more rights",
    ),
    Way(
        &["iam:PassRole", "codebuild:CreateProject", "codebuild:StartBuild"],
        "run a build with a role that has more rights",
    ),
    Way(&["iam:PassRole", "ecs:RegisterTaskDefinition", "ecs:RunTask"], "run a task with a role that has more rights"),
    Way(
        &["iam:PassRole", "sagemaker:CreateNotebookInstance", "sagemaker:CreatePresignedNotebookInstanceUrl"],
        "open a notebook with a role that has more rights",
    ),
    Way(&["ssm:SendCommand"], "run commands on instances whose role has more rights"),
    Way(&["ssm:StartSession"], "log in to instances whose role has more rights"),
];

fn check(policy: &Subject<'_>, report: &mut Report<'_>) {
    if policy.statements().any(super::full_admin::is_full) {
        return;
    }
    let mut found: Vec<(&Text, &Way)> = Vec::new();
    for way in WAYS {
        let grants: Option<Vec<&Text>> = way.0.iter().map(|action| granted(policy.document, action)).collect();
        if let Some(last) = grants.and_then(|grants| grants.last().copied()) {
            found.push((last, way));
        }
    }
    // A pattern such as `iam:*` opens many ways: one finding for each pattern.
    for (at, (text, Way(actions, what))) in found.iter().enumerate() {
        if found.iter().take(at).any(|(other, _)| other.place == text.place) {
            continue;
        }
        let more = found.iter().filter(|(other, _)| other.place == text.place).count() - 1;
        let others = match more {
            0 => String::new(),
            1 => "; one more way is open".to_owned(),
            more => format!("; {more} more ways are open"),
        };
        report.add(
            text.place,
            format!(
                "with `{}` on all resources the holder can {what}, and so get more rights{others}",
                actions.join("` and `")
            ),
            "restrict the resources, demand a permissions boundary in a condition, or deny one of the actions",
        );
    }
}
