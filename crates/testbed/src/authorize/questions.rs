//! Which actions on which resources a call is, and what of its context policies can look at.
//!
//! AWS: Service Authorization Reference, "Actions, resources, and condition keys" of each service; for S3 also "Required
//! permissions for Amazon S3 API operations".

use std::collections::{BTreeMap, HashMap};

use dodai_policy::reference::Reference;
use serde_json::{Map, Value};

use super::Question;
use crate::behaviours::s3::tags_of_new;
use crate::call::Call;

/// S3's operations whose action has another name.
const S3: [(&str, &str); 15] = [
    ("GetBucketAccelerateConfiguration", "GetAccelerateConfiguration"),
    ("GetBucketCors", "GetBucketCORS"),
    ("GetBucketEncryption", "GetEncryptionConfiguration"),
    ("GetBucketLifecycleConfiguration", "GetLifecycleConfiguration"),
    ("GetBucketNotificationConfiguration", "GetBucketNotification"),
    ("GetBucketReplication", "GetReplicationConfiguration"),
    ("GetObjectLockConfiguration", "GetBucketObjectLockConfiguration"),
    ("GetPublicAccessBlock", "GetBucketPublicAccessBlock"),
    ("HeadBucket", "ListBucket"),
    ("ListBuckets", "ListAllMyBuckets"),
    ("ListObjectsV2", "ListBucket"),
    ("PutBucketEncryption", "PutEncryptionConfiguration"),
    ("PutBucketLifecycleConfiguration", "PutLifecycleConfiguration"),
    ("PutObjectLockConfiguration", "PutBucketObjectLockConfiguration"),
    ("PutPublicAccessBlock", "PutBucketPublicAccessBlock"),
];

/// Services whose actions begin with something else than botocore's name of them.
const PREFIXES: [(&str, &str); 6] = [
    ("accessanalyzer", "access-analyzer"),
    ("cloudwatch", "cloudwatch"),
    ("resourcegroupstaggingapi", "tag"),
    ("opensearch", "es"),
    ("s3control", "s3"),
    ("stepfunctions", "states"),
];

/// Everything that must be allowed for the call; none for what everybody may.
pub(super) fn of(
    call: &Call,
    organization: &str,
    key_tags: &HashMap<String, BTreeMap<String, String>>,
) -> Vec<Question> {
    if (call.service.as_str(), call.operation.as_str()) == ("sts", "GetCallerIdentity") {
        return Vec::new();
    }
    let asking = Asking { call, organization, key_tags };
    let own = action(call);
    let mut questions: Vec<Question> =
        asking.resources().into_iter().map(|resource| asking.question(&own, resource)).collect();
    questions.extend(asking.besides());
    questions
}

/// What follows the last `/` or `:` of an ARN; an id as it is.
pub(super) fn last(arn: &str) -> String {
    arn.rsplit(['/', ':']).next().unwrap_or_default().to_owned()
}

/// The tags that a request gives, in whichever form.
pub(super) fn tags(call: &Call) -> BTreeMap<String, String> {
    let text = |value: Option<&Value>| value.and_then(Value::as_str).unwrap_or_default().to_owned();
    let pair = |tag: &Map<String, Value>| {
        let member = |names: [&str; 3]| text(names.into_iter().find_map(|name| tag.get(name)));
        (member(["Key", "key", "TagKey"]), member(["Value", "value", "TagValue"]))
    };
    let mut tags = BTreeMap::new();
    for name in ["Tags", "tags", "TagsList"] {
        match call.params.get(name) {
            Some(Value::Array(list)) => tags.extend(list.iter().filter_map(Value::as_object).map(pair)),
            Some(Value::Object(map)) => tags.extend(map.iter().map(|(key, value)| (key.clone(), text(Some(value))))),
            _ => {}
        }
    }
    for number in 1.. {
        let Some(key) = call.text(&format!("Tags.member.{number}.Key")) else { break };
        tags.insert(key.to_owned(), text(call.params.get(&format!("Tags.member.{number}.Value"))));
    }
    if (call.service.as_str(), call.operation.as_str()) == ("s3", "CreateBucket") {
        let list = tags_of_new(&call.body).unwrap_or_default();
        let within = |tag: &str, name: &str| {
            let (_, rest) = tag.split_once(&format!("<{name}>"))?;
            Some(rest.split_once(&format!("</{name}>"))?.0.to_owned())
        };
        tags.extend(list.split("</Tag>").filter_map(|tag| Some((within(tag, "Key")?, within(tag, "Value")?))));
    }
    tags
}

fn action(call: &Call) -> String {
    let service = call.service.as_str();
    let prefix = PREFIXES.into_iter().find(|(name, _)| *name == service).map_or(service, |(_, prefix)| prefix);
    let operation = match service {
        "s3" => S3
            .into_iter()
            .find(|(name, _)| *name == call.operation)
            .map_or(call.operation.as_str(), |(_, action)| action),
        "s3control" => match call.operation.as_str() {
            "GetPublicAccessBlock" => "GetAccountPublicAccessBlock",
            "PutPublicAccessBlock" => "PutAccountPublicAccessBlock",
            other => other,
        },
        _ => call.operation.as_str(),
    };
    format!("{prefix}:{operation}")
}

struct Asking<'c> {
    call: &'c Call,
    organization: &'c str,
    key_tags: &'c HashMap<String, BTreeMap<String, String>>,
}

impl Asking<'_> {
    fn question(&self, action: &str, resource: String) -> Question {
        let mut context = BTreeMap::from([
            ("aws:RequestedRegion".to_owned(), self.call.region.as_str().to_owned()),
            ("aws:PrincipalOrgID".to_owned(), self.organization.to_owned()),
            ("aws:SecureTransport".to_owned(), "true".to_owned()),
        ]);
        if resource != "*" {
            context.insert("aws:ResourceOrgID".to_owned(), self.organization.to_owned());
        }
        if action == "iam:CreateServiceLinkedRole" {
            let service = resource.split('/').nth(2).unwrap_or_default();
            context.insert("iam:AWSServiceName".to_owned(), service.to_owned());
        }
        let request = tags(self.call).into_iter().map(|(key, value)| (format!("aws:RequestTag/{key}"), value));
        context.extend(request);
        if let Some(tags) = self.key_tags.get(&last(&resource)).filter(|_| resource.contains(":key/")) {
            context.extend(tags.iter().map(|(key, value)| (format!("aws:ResourceTag/{key}"), value.clone())));
        }
        Question { action: action.to_owned(), resource, context }
    }

    /// An ARN of the caller's account; a `region` of "" is none.
    fn arn(&self, service: &str, region: &str, resource: &str) -> String {
        format!("arn:aws:{service}:{region}:{}:{resource}", self.call.account.as_str())
    }

    fn here(&self, service: &str, resource: &str) -> String {
        self.arn(service, self.call.region.as_str(), resource)
    }

    fn text(&self, names: &[&str]) -> Option<&str> {
        names.iter().find_map(|name| self.call.text(name)).filter(|text| !text.is_empty())
    }

    /// What the call is on: ARNs, or `*` where AWS has no resource for it, or none is known here.
    fn resources(&self) -> Vec<String> {
        let found = match self.call.service.as_str() {
            "s3" => self.bucket(),
            // An account's own; another's is one of the organization.
            "account" if self.text(&["AccountId"]).is_none() => vec![self.arn("account", "", "account")],
            "kms" => self.keys(),
            "iam" => self.role(),
            "organizations" => self.organization(),
            "sts" => self.text(&["RoleArn"]).map(str::to_owned).into_iter().collect(),
            "cloudtrail" => {
                let of = |name: &str| {
                    if name.starts_with("arn:") {
                        name.to_owned()
                    } else {
                        self.here("cloudtrail", &format!("trail/{name}"))
                    }
                };
                self.text(&["Name", "TrailName", "ResourceId"]).map(of).into_iter().collect()
            }
            "config" => self.recorder(),
            "guardduty" => {
                let of = |id: &str| self.here("guardduty", &format!("detector/{id}"));
                self.text(&["DetectorId", "detectorId"]).map(of).or_else(|| self.tagged()).into_iter().collect()
            }
            "securityhub" => self.hub(),
            "logs" => {
                let of = |name: &str| self.here("logs", &format!("log-group:{name}"));
                self.text(&["logGroupName"]).map(of).or_else(|| self.tagged()).into_iter().collect()
            }
            _ => Vec::new(),
        };
        if found.is_empty() { vec!["*".to_owned()] } else { found }
    }

    /// The ARN that is tagged or asked for its tags.
    fn tagged(&self) -> Option<String> {
        self.text(&["ResourceArn", "resourceArn"]).map(str::to_owned)
    }

    fn bucket(&self) -> Vec<String> {
        let Some(bucket) = self.text(&["Bucket"]) else { return Vec::new() };
        let key = self.text(&["Key"]).map_or_else(String::new, |key| format!("/{key}"));
        vec![format!("arn:aws:s3:::{bucket}{key}")]
    }

    /// Making and turning an alias is on the alias and on the key.
    fn keys(&self) -> Vec<String> {
        let alias = self.text(&["AliasName"]).map(|alias| self.here("kms", alias));
        let key = self.text(&["KeyId", "TargetKeyId"]).map(|id| self.here("kms", &format!("key/{}", last(id))));
        alias.into_iter().chain(key).collect()
    }

    fn role(&self) -> Vec<String> {
        let linked = self.text(&["AWSServiceName"]).map(|service| self.linked_role(service));
        let named = self.text(&["RoleName"]).map(|name| self.arn("iam", "", &format!("role/{name}")));
        linked.or(named).into_iter().collect()
    }

    fn linked_role(&self, service: &str) -> String {
        self.arn("iam", "", &format!("role/aws-service-role/{service}/AWSServiceRoleForIt"))
    }

    fn recorder(&self) -> Vec<String> {
        let named = self.call.params.get("ConfigurationRecorder").and_then(|recorder| recorder.get("name")?.as_str());
        let of = |name: &str| self.here("config", &format!("configuration-recorder/{name}/q1w2e3r4"));
        let started = self.text(&["ConfigurationRecorderName"]);
        named.or(started).map(of).or_else(|| self.tagged()).into_iter().collect()
    }

    fn hub(&self) -> Vec<String> {
        let rule = self.call.objects("UpdateAutomationRulesRequestItems");
        let rule = rule.first().and_then(|item| item.get("RuleArn")?.as_str()).map(str::to_owned);
        let named = self.text(&["FindingAggregatorArn"]).map(str::to_owned);
        let of_hub = ["EnableSecurityHub", "BatchEnableStandards", "UpdateSecurityHubConfiguration"];
        let hub = of_hub.contains(&self.call.operation.as_str()).then(|| self.here("securityhub", "hub/default"));
        rule.or(named).or_else(|| self.tagged()).or(hub).into_iter().collect()
    }

    /// Policies, and what they are attached to; where something is made or moved from and to.
    fn organization(&self) -> Vec<String> {
        let names = [
            "PolicyId",
            "TargetId",
            "ParentId",
            "RootId",
            "AccountId",
            "SourceParentId",
            "DestinationParentId",
            "ResourceId",
        ];
        let mut found: Vec<String> = names.iter().filter_map(|name| self.part(self.text(&[name])?)).collect();
        match self.call.operation.as_str() {
            "CreatePolicy" => found.push(self.organization_arn("policy", "service_control_policy/*")),
            // Lists go by names too, and are on no resource that counts here.
            operation if operation.starts_with("List") || operation.starts_with("Describe") => found.clear(),
            _ => {}
        }
        found
    }

    fn part(&self, id: &str) -> Option<String> {
        Some(match id.split_once('-') {
            Some(("p", _)) => self.organization_arn("policy", &format!("service_control_policy/{id}")),
            Some(("r", _)) => self.organization_arn("root", id),
            Some(("ou", _)) => self.organization_arn("ou", id),
            None if id.len() == 12 => self.organization_arn("account", id),
            _ => return None,
        })
    }

    fn organization_arn(&self, kind: &str, id: &str) -> String {
        self.arn("organizations", "", &format!("{kind}/{}/{id}", self.organization))
    }

    /// What AWS asks for besides the call's own action: handing roles to services, the services' own roles, tags on what is
    /// made, a bucket's lock.
    fn besides(&self) -> Vec<Question> {
        let mut questions = Vec::new();
        let call = self.call;
        let handed = match (call.service.as_str(), call.operation.as_str()) {
            ("config", "PutConfigurationRecorder") => {
                call.params.get("ConfigurationRecorder").and_then(|recorder| recorder.get("roleARN")?.as_str())
            }
            ("cloudtrail", "CreateTrail" | "UpdateTrail") => self.text(&["CloudWatchLogsRoleArn"]),
            _ => None,
        };
        if let Some(role) = handed {
            let mut question = self.question("iam:PassRole", role.to_owned());
            question.context.insert("iam:PassedToService".to_owned(), format!("{}.amazonaws.com", call.service));
            questions.push(question);
        }
        let linked: &[&str] = match (call.service.as_str(), call.operation.as_str()) {
            ("guardduty", "CreateDetector") => {
                &["guardduty.amazonaws.com", "malware-protection.guardduty.amazonaws.com"]
            }
            ("securityhub", "EnableSecurityHub") => &["securityhub.amazonaws.com"],
            _ => &[],
        };
        let linked =
            linked.iter().map(|service| self.question("iam:CreateServiceLinkedRole", self.linked_role(service)));
        questions.extend(linked);
        questions.extend(self.tagging());
        let locked = call.headers.get("x-amz-bucket-object-lock-enabled").is_some_and(|value| value == "true");
        if (call.service.as_str(), call.operation.as_str()) == ("s3", "CreateBucket") && locked {
            let bucket = self.bucket().concat();
            for action in ["s3:PutBucketObjectLockConfiguration", "s3:PutBucketVersioning"] {
                questions.push(self.question(action, bucket.clone()));
            }
        }
        questions
    }

    /// The service's tagging action, for what is made with tags.
    fn tagging(&self) -> Option<Question> {
        let call = self.call;
        if !(call.operation.starts_with("Create")
            || call.operation.starts_with("Put")
            || call.operation.starts_with("Enable"))
            || tags(call).is_empty()
        {
            return None;
        }
        let name = match call.service.as_str() {
            "cloudtrail" => "AddTags",
            "iam" => "TagRole",
            _ => "TagResource",
        };
        let action = format!("{}:{name}", call.service);
        Reference::embedded().action(&action)?;
        let made = match call.service.as_str() {
            "kms" => self.here("kms", "key/new"),
            "guardduty" => self.here("guardduty", "detector/new"),
            "organizations" => match call.operation.as_str() {
                "CreateAccount" => self.organization_arn("account", "new"),
                "CreatePolicy" => self.organization_arn("policy", "service_control_policy/p-new"),
                _ => self.organization_arn("ou", "ou-new"),
            },
            _ => self.resources().concat(),
        };
        Some(self.question(&action, made))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::behaviours::tests::call;

    fn check(service: &str, operation: &str, params: Value, expected: &[&str]) {
        let found = of(&call(service, operation, params), "o-x", &HashMap::new());
        let found: Vec<String> =
            found.iter().map(|question| format!("{} {}", question.action, question.resource)).collect();
        assert_eq!(found, expected);
        for question in found {
            let action = question.split(' ').next().unwrap();
            assert!(Reference::embedded().action(action).is_some(), "AWS has no {action}");
        }
    }

    #[test]
    fn calls_are_actions_on_resources() {
        check("ec2", "DescribeVpcs", json!({}), &["ec2:DescribeVpcs *"]);
        check("s3", "ListBuckets", json!({}), &["s3:ListAllMyBuckets *"]);
        check(
            "account",
            "PutAlternateContact",
            json!({"AlternateContactType": "SECURITY"}),
            &["account:PutAlternateContact arn:aws:account::123456789012:account"],
        );
        check("s3control", "PutPublicAccessBlock", json!({}), &["s3:PutAccountPublicAccessBlock *"]);
        check("stepfunctions", "ListStateMachines", json!({}), &["states:ListStateMachines *"]);
        check(
            "cloudtrail",
            "StartLogging",
            json!({"Name": "t"}),
            &["cloudtrail:StartLogging arn:aws:cloudtrail:us-east-1:123456789012:trail/t"],
        );
        check(
            "kms",
            "CreateAlias",
            json!({"AliasName": "alias/a", "TargetKeyId": "arn:aws:kms:us-east-1:123456789012:key/k-1"}),
            &[
                "kms:CreateAlias arn:aws:kms:us-east-1:123456789012:alias/a",
                "kms:CreateAlias arn:aws:kms:us-east-1:123456789012:key/k-1",
            ],
        );
        check(
            "iam",
            "CreateServiceLinkedRole",
            json!({"AWSServiceName": "config.amazonaws.com"}),
            &[
                "iam:CreateServiceLinkedRole arn:aws:iam::123456789012:role/aws-service-role/config.amazonaws.com/AWSServiceRoleForIt",
            ],
        );
        check(
            "organizations",
            "AttachPolicy",
            json!({"PolicyId": "p-1", "TargetId": "r-1"}),
            &[
                "organizations:AttachPolicy arn:aws:organizations::123456789012:policy/o-x/service_control_policy/p-1",
                "organizations:AttachPolicy arn:aws:organizations::123456789012:root/o-x/r-1",
            ],
        );
        check(
            "organizations",
            "ListTargetsForPolicy",
            json!({"PolicyId": "p-1"}),
            &["organizations:ListTargetsForPolicy *"],
        );
    }

    #[test]
    fn some_calls_ask_for_more_than_themselves() {
        check(
            "iam",
            "CreateRole",
            json!({"RoleName": "r", "Tags.member.1.Key": "a", "Tags.member.1.Value": "b"}),
            &["iam:CreateRole arn:aws:iam::123456789012:role/r", "iam:TagRole arn:aws:iam::123456789012:role/r"],
        );
        check(
            "kms",
            "CreateKey",
            json!({"Tags": [{"TagKey": "a", "TagValue": "b"}]}),
            &["kms:CreateKey *", "kms:TagResource arn:aws:kms:us-east-1:123456789012:key/new"],
        );
        check(
            "cloudtrail",
            "UpdateTrail",
            json!({"Name": "t", "CloudWatchLogsRoleArn": "arn:aws:iam::123456789012:role/r"}),
            &[
                "cloudtrail:UpdateTrail arn:aws:cloudtrail:us-east-1:123456789012:trail/t",
                "iam:PassRole arn:aws:iam::123456789012:role/r",
            ],
        );
        check("sts", "GetCallerIdentity", json!({}), &[]);
        let mut bucket = call("s3", "CreateBucket", json!({"Bucket": "b"}));
        let asked = |call: &Call| -> Vec<String> {
            of(call, "o-x", &HashMap::new()).iter().map(|question| question.action.clone()).collect()
        };
        assert_eq!(asked(&bucket), ["s3:CreateBucket"]);
        bucket.body = "<C><Tags><Tag><Key>a</Key><Value>b</Value></Tag></Tags></C>".into();
        assert_eq!(asked(&bucket), ["s3:CreateBucket", "s3:TagResource"]);
        assert_eq!(tags(&bucket), [("a".to_owned(), "b".to_owned())].into());
    }
}
