//! Whether a caller may: where policies are given, every call is put to the policy engine, and what they do not allow is
//! refused as AWS refuses it. What was asked is remembered, so that it can be decided again with other policies.
//!
//! Which action and resource a call is stands in `questions.rs`, written from the Service Authorization Reference: nothing of it is
//! shared with the code that makes the policies but that reference and the engine.

mod questions;

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use dodai_policy::decide::{Asked, Decision, Given, Policies, Policy, Request, decide};
use dodai_policy::language::read_json;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::call::Call;
use crate::faults::denial;
use crate::identity::ROOT_ACCOUNT;
use crate::reply::{AwsError, Reply};

/// A call as the engine is asked about it; a call can be several of these.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub(crate) struct Question {
    pub(crate) action: String,
    /// An ARN, or `*`.
    pub(crate) resource: String,
    /// Condition keys; any other is absent.
    pub(crate) context: BTreeMap<String, String>,
}

/// Who may do what, and what was asked.
#[derive(Debug, Default)]
pub(crate) struct Authority {
    rules: Option<Rules>,
    /// Tags of KMS keys by their ids, as calls have set them.
    key_tags: HashMap<String, BTreeMap<String, String>>,
    /// Principal and question, and whether it was allowed.
    asked: BTreeMap<(Caller, Question), bool>,
}

#[derive(Debug)]
struct Rules {
    organization: String,
    management: Vec<Arc<Policy>>,
    member: Vec<Arc<Policy>>,
}

/// As `POST /testbed/authorize` takes it: the identity policies of whoever uses the management account's own keys, and of
/// every role in the other accounts.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entitlements {
    organization: String,
    management: Vec<Value>,
    member: Vec<Value>,
}

impl Rules {
    fn read(given: &Entitlements) -> Result<Self, String> {
        Ok(Self {
            management: policies(&given.management)?,
            member: policies(&given.member)?,
            organization: given.organization.clone(),
        })
    }

    fn allow(&self, caller: &Caller, question: &Question) -> Result<bool, String> {
        let identity = if caller.account == ROOT_ACCOUNT { &self.management } else { &self.member };
        let tags = question.context.keys().filter_map(|key| key.strip_prefix("aws:RequestTag/"));
        let tags: Vec<String> = tags.map(str::to_owned).collect();
        let tags = (!tags.is_empty()).then(|| ("aws:TagKeys".to_owned(), Given::Values(tags)));
        let context =
            question.context.iter().map(|(key, value)| (key.clone(), Given::value(value.clone()))).chain(tags);
        let asked = Asked {
            principal: caller.arn.clone(),
            action: question.action.clone(),
            resources: vec![question.resource.clone()],
            context: context.collect(),
            closed: true,
            ..Asked::default()
        };
        let request = Request::new(asked).map_err(|error| error.to_string())?;
        let resource = resource_policy(caller, &question.action)?;
        let policies = Policies { identity: identity.clone(), resource, ..Policies::default() };
        Ok(decide(&policies, &request).decision == Decision::Allow)
    }
}

/// Who calls: the session of a role.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Caller {
    account: String,
    arn: String,
}

impl Caller {
    fn of(call: &Call) -> Self {
        let account = call.account.as_str().to_owned();
        let role = call.role.as_deref().map_or_else(|| "operator".to_owned(), questions::last);
        Self { arn: format!("arn:aws:sts::{account}:assumed-role/{role}/dodai"), account }
    }
}

impl Authority {
    /// Takes policies; `null` lets everybody do everything until there are some again.
    pub(crate) fn set(&mut self, body: &[u8]) -> Result<Value, String> {
        let given: Option<Entitlements> = serde_json::from_slice(body).map_err(|error| error.to_string())?;
        self.rules = given.as_ref().map(Rules::read).transpose()?;
        Ok(json!({}))
    }

    /// Forgets what was asked.
    pub(crate) fn forget(&mut self) {
        self.asked.clear();
    }

    /// Everything that was asked, each once: `{principal, action, resource, context, allowed}`.
    pub(crate) fn asked(&self) -> Value {
        let entry = |((caller, question), allowed): (&(Caller, Question), &bool)| told(caller, question, *allowed);
        self.asked.iter().map(entry).collect()
    }

    /// The first of what was allowed that these policies would not allow; null where they allow all of it. Nothing is called.
    pub(crate) fn would_refuse(&self, body: &[u8]) -> Result<Value, String> {
        let given: Entitlements = serde_json::from_slice(body).map_err(|error| error.to_string())?;
        let rules = Rules::read(&given)?;
        for ((caller, question), _) in self.asked.iter().filter(|(_, allowed)| **allowed) {
            if !rules.allow(caller, question)? {
                return Ok(told(caller, question, false));
            }
        }
        Ok(Value::Null)
    }

    /// The refusal of a call that is not allowed.
    pub(crate) fn refusal(&mut self, call: &Call) -> Option<AwsError> {
        let rules = self.rules.as_ref()?;
        let caller = Caller::of(call);
        for question in questions::of(call, &rules.organization, &self.key_tags) {
            let allowed = rules.allow(&caller, &question);
            let (status, code) = denial(call.wire);
            let why = match &allowed {
                Ok(true) => None,
                Ok(false) => Some(format!("because no identity-based policy allows the {} action", question.action)),
                Err(error) => Some(error.clone()),
            };
            let error = why.map(|why| {
                let Question { action, resource, .. } = &question;
                let who = &caller.arn;
                let message =
                    format!("User: {who} is not authorized to perform: {action} on resource: {resource} {why}");
                AwsError::new(status, code, message)
            });
            self.asked.insert((caller.clone(), question), allowed == Ok(true));
            if error.is_some() {
                return error;
            }
        }
        None
    }

    /// Remembers the tags of keys.
    pub(crate) fn learn(&mut self, call: &Call, reply: &Reply) {
        if call.service != "kms" || !reply.is_success() {
            return;
        }
        let named = call.text("KeyId").map(questions::last);
        match call.operation.as_str() {
            "CreateKey" => {
                if let Some(id) = reply.value().pointer("/KeyMetadata/KeyId").and_then(Value::as_str) {
                    self.key_tags.insert(id.to_owned(), questions::tags(call));
                }
            }
            "TagResource" => {
                self.key_tags.entry(named.unwrap_or_default()).or_default().extend(questions::tags(call));
            }
            "UntagResource" => {
                let tags = self.key_tags.entry(named.unwrap_or_default()).or_default();
                tags.retain(|key, _| !call.texts("TagKeys").contains(key));
            }
            _ => {}
        }
    }
}

fn told(caller: &Caller, question: &Question, allowed: bool) -> Value {
    json!({
        "principal": caller.arn, "action": question.action, "resource": question.resource, "context": question.context,
        "allowed": allowed,
    })
}

fn policies(documents: &[Value]) -> Result<Vec<Arc<Policy>>, String> {
    documents.iter().map(policy).collect()
}

fn policy(document: &Value) -> Result<Arc<Policy>, String> {
    let read = read_json("policy", &document.to_string()).map_err(|problems| format!("{problems:?}"))?;
    Ok(Arc::new(Policy::new("policy", "", read)))
}

/// What the other side says, where AWS asks it too: a role's trust in the management account, a key's policy that leaves it to
/// the account's own ("Default key policy").
fn resource_policy(caller: &Caller, action: &str) -> Result<Option<Arc<Policy>>, String> {
    let (account, actions) = match action.split_once(':') {
        Some(("sts", _)) => (ROOT_ACCOUNT, "sts:AssumeRole"),
        Some(("kms", _)) => (caller.account.as_str(), "kms:*"),
        _ => return Ok(None),
    };
    let statement = json!({
        "Effect": "Allow", "Principal": { "AWS": format!("arn:aws:iam::{account}:root") }, "Action": actions, "Resource": "*",
    });
    policy(&json!({ "Version": "2012-10-17", "Statement": statement })).map(Some)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::behaviours::tests::call;

    fn authority(statement: &Value) -> Authority {
        let mut authority = Authority::default();
        let policies = json!({"organization": "o-x", "member": [], "management": [{"Version": "2012-10-17", "Statement": statement}]});
        authority.set(policies.to_string().as_bytes()).unwrap();
        authority
    }

    #[test]
    fn what_no_statement_allows_is_refused() {
        let allow = |action: &str, resource: &str| json!({"Effect": "Allow", "Action": action, "Resource": resource});
        let check = |statement: &Value, call: &Call, expected: Option<&str>| {
            let error = authority(statement).refusal(call).map(|error| error.code);
            assert_eq!(error.as_deref(), expected, "{statement} {}", call.operation);
        };
        let read = call("s3", "GetBucketEncryption", json!({"Bucket": "b"}));
        check(&allow("s3:GetEncryptionConfiguration", "arn:aws:s3:::b"), &read, None);
        check(&allow("s3:GetEncryptionConfiguration", "arn:aws:s3:::c"), &read, Some("AccessDenied"));
        check(&allow("s3:GetBucketEncryption", "*"), &read, Some("AccessDenied"));
        let enter = call("sts", "AssumeRole", json!({"RoleArn": "arn:aws:iam::222222222222:role/dodai"}));
        check(&allow("sts:AssumeRole", "arn:aws:iam::*:role/dodai"), &enter, None);
        check(&allow("sts:AssumeRole", "arn:aws:iam::*:role/other"), &enter, Some("AccessDenied"));
        check(&allow("s3:*", "*"), &call("sts", "GetCallerIdentity", json!({})), None);
        // A role is handed over, and tags are given: each asks for itself.
        let recorder =
            json!({"ConfigurationRecorder": {"name": "default", "roleARN": "arn:aws:iam::123456789012:role/r"}});
        let put = call("config", "PutConfigurationRecorder", recorder);
        check(&allow("config:*", "*"), &put, Some("AccessDeniedException"));
        check(&json!([allow("config:*", "*"), allow("iam:PassRole", "arn:aws:iam::*:role/r")]), &put, None);
    }

    #[test]
    fn a_key_is_told_by_its_tags() {
        let statement = json!({
            "Effect": "Allow", "Action": "kms:*", "Resource": "*",
            "Condition": {"StringEquals": {"aws:ResourceTag/team": "a"}},
        });
        let mut authority = authority(&statement);
        let rotate = call("kms", "EnableKeyRotation", json!({"KeyId": "k-1"}));
        assert!(authority.refusal(&rotate).is_some());
        let made = Reply::json(&json!({"KeyMetadata": {"KeyId": "k-1"}}));
        authority.learn(&call("kms", "CreateKey", json!({"Tags": [{"TagKey": "team", "TagValue": "a"}]})), &made);
        assert_eq!(authority.refusal(&rotate), None);
        authority
            .learn(&call("kms", "UntagResource", json!({"KeyId": "k-1", "TagKeys": ["team"]})), &Reply::empty(200));
        assert!(authority.refusal(&rotate).is_some());
        assert_eq!(authority.asked().as_array().unwrap().len(), 2, "with the tag and without");
        let policies = json!({"organization": "o-x", "member": [], "management": []});
        let refused = authority.would_refuse(policies.to_string().as_bytes()).unwrap();
        assert_eq!(
            (&refused["action"], &refused["context"]["aws:ResourceTag/team"]),
            (&json!("kms:EnableKeyRotation"), &json!("a"))
        );
    }

    #[test]
    fn without_policies_everything_is_allowed() {
        let mut authority = authority(&json!([]));
        let read = call("s3", "ListBuckets", json!({}));
        assert!(authority.refusal(&read).is_some());
        authority.set(b"null").unwrap();
        assert!(authority.refusal(&read).is_none());
        assert!(authority.set(b"{}").is_err());
    }
}
