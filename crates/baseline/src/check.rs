//! An independent reading of a plan: it trusts neither the planner nor a file. What it finds is a defect of a
//! feature or a file that somebody changed, and such a plan is not run.

use std::collections::{BTreeMap, BTreeSet};

use dodai_facts::{AccountId, Call, Region};
use dodai_models::Models;
use serde_json::Value;

use crate::planner::edges;
use crate::{Action, Change, Danger, FORMAT, Plan};

/// Creating calls whose resource is known by a name that the call itself gives: sent twice, they are refused or do
/// nothing. Every other creating call needs an idempotency token or a `find`.
const NAMED: &[&str] = &[
    "cloudtrail.CreateTrail",
    "iam.CreateRole",
    "iam.CreateServiceLinkedRole",
    "kms.CreateAlias",
    "logs.CreateLogGroup",
    "organizations.CreateOrganizationalUnit",
    "organizations.CreatePolicy",
    "s3.CreateBucket",
    "securityhub.CreateFindingAggregator",
];

/// How the names of operations begin that remove something or switch it off.
const REMOVING: [&str; 9] =
    ["Close", "Delete", "Deregister", "Detach", "Disable", "Disassociate", "Leave", "Remove", "Terminate"];

/// The longest policy documents that AWS takes, in bytes or characters: operation, parameter, limit. (S3 "Bucket
/// policy size", AWS KMS "Key policy document size", "IAM and AWS STS quotas", Organizations' largest type of policy.)
const DOCUMENTS: [(&str, &str, usize); 8] = [
    ("iam.CreateRole", "AssumeRolePolicyDocument", 2048),
    ("iam.PutRolePolicy", "PolicyDocument", 10_240),
    ("iam.UpdateAssumeRolePolicy", "PolicyDocument", 2048),
    ("s3.PutBucketPolicy", "Policy", 20 << 10),
    ("kms.CreateKey", "Policy", 32 << 10),
    ("kms.PutKeyPolicy", "Policy", 32 << 10),
    ("organizations.CreatePolicy", "Content", 10_240),
    ("organizations.UpdatePolicy", "Content", 10_240),
];

/// One thing that is wrong with a plan.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{change}: {problem}")]
pub struct Defect {
    /// The change's id; empty where the plan as a whole is meant.
    pub change: String,
    pub problem: String,
}

/// Everything that is wrong with a plan; nothing for a sound one. `management` is the account that calls of
/// the organization's cell go to.
pub fn check(plan: &Plan, management: &AccountId) -> Vec<Defect> {
    let mut defects = Vec::new();
    if plan.format != FORMAT {
        let problem = format!("the plan has format {}, this version reads {FORMAT}", plan.format);
        defects.push(Defect { change: String::new(), problem });
    }
    let changes: BTreeMap<&str, &Change> = plan.changes.iter().map(|change| (change.id.as_str(), change)).collect();
    let mut seen = BTreeSet::new();
    let mut writers: BTreeMap<&str, &str> = BTreeMap::new();
    for change in &plan.changes {
        let mut say = |problem: String| defects.push(Defect { change: change.id.clone(), problem });
        if !seen.insert(change.id.as_str()) {
            say("another change has the same id".to_owned());
        }
        if change.writes.is_empty() {
            say("does not say what it writes".to_owned());
        }
        for attribute in &change.writes {
            if let Some(other) = writers.insert(attribute, &change.id) {
                say(format!("writes `{attribute}`, which `{other}` writes too"));
            }
        }
        let own = [change_problems(&changes, change), danger_problems(change)];
        for problem in identity_problem(change).into_iter().chain(own.into_iter().flatten()) {
            say(problem);
        }
        for (number, call) in change.calls.iter().enumerate() {
            let problems = [
                place_problems(change, call, management),
                reference_problems(&changes, change, number, call),
                model_problems(call),
                size_problems(call),
            ];
            for problem in problems.into_iter().flatten() {
                say(format!("call {number} ({}): {problem}", call.name()));
            }
        }
    }
    defects.extend(cycle(plan));
    defects
}

/// The id says what the change is, so that nothing can be called by another's name.
fn identity_problem(change: &Change) -> Option<String> {
    let place = change.cell.region().map_or("global", Region::as_str);
    let id = format!("{}/{place}/{}/{}", change.account, change.feature, change.resource);
    (id != change.id).then(|| format!("its id should be `{id}`"))
}

fn change_problems(changes: &BTreeMap<&str, &Change>, change: &Change) -> Vec<String> {
    let mut problems = Vec::new();
    if change.calls.is_empty() {
        problems.push("has no calls".to_owned());
    }
    if change.settings.is_empty() {
        problems.push("does not say what it sets".to_owned());
    }
    if change.at_most.as_ref().is_some_and(|limit| limit.count == 0) {
        problems.push("may never run: at most 0 at a time".to_owned());
    }
    for need in &change.needs {
        // A prefix may mean nothing in this plan; a name may not.
        if !need.ends_with("/*") && !changes.contains_key(need.as_str()) {
            problems.push(format!("needs `{need}`, which is not in the plan"));
        }
    }
    problems
}

/// What cannot be undone, what is lost and what may deny is named: judged from the calls alone.
fn danger_problems(change: &Change) -> Vec<String> {
    let has = |is: fn(&Danger) -> bool| change.dangers.iter().any(is);
    let mut problems = Vec::new();
    let removes = change.action == Action::Delete
        || change.calls.iter().any(|call| REMOVING.iter().any(|word| call.operation.starts_with(word)));
    if removes && !has(|danger| matches!(danger, Danger::Deletes(_))) {
        problems.push("removes something without saying what is lost".to_owned());
    }
    let locks = change.calls.iter().any(|call| match call.name().as_str() {
        "s3.CreateBucket" => call.params.get("ObjectLockEnabledForBucket") == Some(&Value::Bool(true)),
        "s3.PutObjectLockConfiguration" => {
            let mode = call.params.pointer("/ObjectLockConfiguration/Rule/DefaultRetention/Mode");
            mode.and_then(Value::as_str) == Some("COMPLIANCE")
        }
        "organizations.CloseAccount" => true,
        _ => false,
    });
    if locks && !has(|danger| matches!(danger, Danger::Irreversible(_))) {
        problems.push("cannot be undone and does not say so".to_owned());
    }
    let root = change.calls.iter().any(|call| {
        let target = call.params.get("TargetId").and_then(Value::as_str);
        call.name() == "organizations.AttachPolicy" && target.is_some_and(|target| target.starts_with("r-"))
    });
    if root && !has(|danger| matches!(danger, Danger::Guardrail(_))) {
        problems.push("attaches a policy to the root and does not say so".to_owned());
    }
    problems
}

/// A call goes to the account and Region of its change. The one thing that is kept elsewhere are tags of accounts in AWS
/// Organizations: the directory's, and the record of onboarding.
fn place_problems(change: &Change, call: &Call, management: &AccountId) -> Vec<String> {
    let mut problems = Vec::new();
    let tags = call.name() == "organizations.TagResource" && call.account == *management;
    let account = change.cell.account().unwrap_or(management);
    if call.account != *account && !tags {
        problems.push(format!("goes to account {}, not to {account} as its cell says", call.account));
    }
    if let Some(region) = change.cell.region()
        && call.region != *region
    {
        problems.push(format!("goes to {}, not to {region} as its cell says", call.region));
    }
    problems
}

/// References name a call that exists and runs earlier.
fn reference_problems(changes: &BTreeMap<&str, &Change>, change: &Change, number: usize, call: &Call) -> Vec<String> {
    let references = match call.references() {
        Ok(references) => references,
        Err(error) => return vec![error.to_string()],
    };
    references
        .into_iter()
        .filter_map(|reference| {
            let Some(other) = changes.get(reference.change.as_str()) else {
                return Some(format!("refers to `{reference}`, whose change is not in the plan"));
            };
            if reference.call >= other.calls.len() {
                return Some(format!("refers to `{reference}`, which has no such call"));
            }
            let earlier = if other.id == change.id {
                reference.call < number
            } else {
                change.needs.iter().any(|need| other.is_meant_by(need))
            };
            (!earlier).then(|| format!("refers to `{reference}`, which it does not wait for"))
        })
        .collect()
}

/// A policy document that AWS would refuse for its length.
fn size_problems(call: &Call) -> Vec<String> {
    let name = call.name();
    let documents = DOCUMENTS.iter().filter(|(operation, ..)| *operation == name);
    documents
        .filter_map(|(_, param, limit)| {
            let document = call.params.get(*param)?.as_str()?;
            (document.len() > *limit).then(|| format!("`{param}` has {} bytes, AWS takes {limit}", document.len()))
        })
        .collect()
}

fn model_problems(call: &Call) -> Vec<String> {
    let Some(service) = Models::embedded().service(&call.service) else {
        return vec![format!("there is no service `{}`", call.service)];
    };
    let Some(operation) = service.operation(&call.operation) else {
        return vec![format!("`{}` has no operation `{}`", call.service, call.operation)];
    };
    let mut problems = dodai_models::validate(&service, operation, &call.params);
    let token = operation
        .idempotency_token
        .as_deref()
        .is_some_and(|token| call.params.get(token).is_some_and(Value::is_string));
    if call.operation.starts_with("Create") && !token && call.find.is_none() && !NAMED.contains(&call.name().as_str()) {
        problems.push("creates something without an idempotency token, a name or a way to find it again".to_owned());
    }
    problems
}

/// The changes that wait for each other.
fn cycle(plan: &Plan) -> Option<Defect> {
    let needed = edges(&plan.changes);
    let mut done = vec![false; plan.changes.len()];
    loop {
        let mut progress = false;
        for (own, needs) in needed.iter().enumerate() {
            let ready = needs.iter().all(|need| done.get(*need).copied().unwrap_or(true));
            if let Some(mark) = done.get_mut(own)
                && !*mark
                && ready
            {
                *mark = true;
                progress = true;
            }
        }
        if !progress {
            break;
        }
    }
    let waiting: Vec<&str> =
        plan.changes.iter().zip(&done).filter(|(_, done)| !**done).map(|(change, _)| change.id.as_str()).collect();
    let first = waiting.first()?;
    Some(Defect { change: (*first).to_owned(), problem: format!("waits for itself: {}", waiting.join(", ")) })
}
