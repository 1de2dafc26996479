//! A bucket that a service delivers logs to: what it must be, compared with what it is, part by part. The
//! features `cloudtrail-bucket` and `config-bucket` say what differs between theirs.
//!
//! AWS: "Security best practices for Amazon S3", "Using S3 Object Lock", "Managing the lifecycle of objects".

use dodai_facts::{Failure, Row, counted};
use serde_json::{Value, json};

use super::s3_account_public_access_block::SWITCHES;
use super::{foreign, log_key, log_lifecycle};
use crate::{Action, Change, Danger, View, document, row};

/// The table and the columns of it that a log bucket is judged by.
pub(super) const TABLE: &str = "aws_s3_bucket";
pub(super) const COLUMNS: &[&str] = &[
    "Name",
    "BucketRegion",
    "public_access_block",
    "versioning",
    "encryption",
    "object_lock",
    "lifecycle",
    "request_payment",
    "policy",
    "tags",
];
pub(super) const CALLS: &[&str] = &[
    "s3.CreateBucket",
    "s3.PutPublicAccessBlock",
    "s3.PutBucketVersioning",
    "s3.PutBucketEncryption",
    "s3.PutObjectLockConfiguration",
    "s3.PutBucketLifecycleConfiguration",
    "s3.PutBucketRequestPayment",
    "s3.PutBucketPolicy",
    "s3.PutBucketTagging",
];

/// AWS's default quota of general purpose buckets in an account. Where there are more, it was raised, and how far AWS says
/// when it refuses.
const MOST_BUCKETS: usize = 10_000;

/// What a log bucket shall be.
#[derive(Debug)]
pub(super) struct LogBucket {
    pub(super) name: String,
    pub(super) versioned: bool,
    /// The ARN of the key (or a reference to it); none: SSE-S3.
    pub(super) key: Option<Value>,
    /// Default retention.
    pub(super) lock: Option<Lock>,
    /// Days until objects are removed.
    pub(super) keep_days: u32,
    /// Policy statements beside the TLS-only one, each with a Sid.
    pub(super) statements: Vec<Value>,
}

#[derive(Debug)]
pub(super) struct Lock {
    /// `COMPLIANCE` or `GOVERNANCE`
    pub(super) mode: String,
    pub(super) years: u32,
}

impl LogBucket {
    pub(super) fn plan(&self, view: &View<'_>) -> Result<Change, Failure> {
        let buckets = view.rows(TABLE)?;
        let found = row::named(buckets, "Name", &self.name)?;
        if found.is_none() && buckets.len() == MOST_BUCKETS {
            return Err(view.failure(
                "BucketLimit",
                format!(
                    "the account has {MOST_BUCKETS} buckets, as many as AWS allows by default: raise the S3 quota `General purpose buckets` (L-DC2B2D3D) first, or remove one"
                ),
            ));
        }
        if found.is_some() {
            foreign::refuse(view, "the bucket", &self.name, &row::value(found, "tags")?)?;
        }
        // The bucket's calls and its key are those of the home Region.
        if let Some(bucket) = found
            && let Some(region) = bucket.get("BucketRegion").known()?.and_then(Value::as_str)
            && region != view.region().as_str()
        {
            return Err(view.failure(
                "BucketElsewhere",
                format!("the bucket `{}` lies in {region}, not in {}: give another name", self.name, view.region()),
            ));
        }
        self.compare(view, found)
    }

    /// The differences between the bucket and what it shall be; against nothing, everything.
    fn compare(&self, view: &View<'_>, bucket: Option<&Row>) -> Result<Change, Failure> {
        let (action, verb) = if bucket.is_some() { (Action::Update, "keep") } else { (Action::Create, "create") };
        let now = |column: &str| row::value(bucket, column);
        let mut change = view.change("bucket", action, format!("{verb} the log bucket `{}`", self.name));
        change = change.writes(format!("s3/{}", self.name));
        if bucket.is_none() {
            change = change
                .set("name", Value::Null, json!(self.name))
                .call(view.call("s3", "CreateBucket", self.create(view)).already(&["BucketAlreadyOwnedByYou"]));
        }
        let put = |change: Change, operation: &str, name: &str, value: Value| {
            change.call(view.call("s3", operation, json!({ "Bucket": self.name, name: value })))
        };

        let before = now("public_access_block")?;
        let known = change.settings.len();
        for switch in SWITCHES {
            change = change.set(switch, before.get(switch).cloned().unwrap_or(Value::Null), json!(true));
        }
        if change.settings.len() > known {
            let all: Value = SWITCHES.into_iter().map(|switch| (switch.to_owned(), json!(true))).collect();
            change = put(change, "PutPublicAccessBlock", "PublicAccessBlockConfiguration", all);
        }

        let before = now("versioning")?.get("Status").cloned().unwrap_or(Value::Null);
        if self.versioned && before != json!("Enabled") {
            change = change.set("versioning", before, json!("Enabled"));
            change = put(change, "PutBucketVersioning", "VersioningConfiguration", json!({ "Status": "Enabled" }));
        }

        change = self.compare_encryption(change, &now("encryption")?, &put);
        change = self.compare_lock(change, &now("object_lock")?, &put);

        let rules = log_lifecycle::rules(self.keep_days, self.versioned);
        let before = now("lifecycle")?;
        let (ours, kept) = log_lifecycle::split(&before);
        if !log_lifecycle::is_same(&ours, &rules) {
            change = change.set("lifecycle", log_lifecycle::in_words(&ours), log_lifecycle::in_words(&rules));
            let all: Vec<Value> = kept.into_iter().chain(rules).collect();
            change = put(change, "PutBucketLifecycleConfiguration", "LifecycleConfiguration", json!({ "Rules": all }));
        }

        let before = now("request_payment")?;
        if bucket.is_some() && before.as_str().is_some_and(|payer| payer != "BucketOwner") {
            change = change.set("requester pays", before, json!("BucketOwner"));
            change = put(
                change,
                "PutBucketRequestPayment",
                "RequestPaymentConfiguration",
                json!({ "Payer": "BucketOwner" }),
            );
        }

        change = self.compare_policy(view, change, &now("policy")?)?;

        let tags = now("tags")?;
        if !view.is_ours(&tags) || tags.get("dodai:class") != view.tag_map().get("dodai:class") {
            let mut all = tags.as_object().cloned().unwrap_or_default();
            all.extend(view.tag_map().as_object().cloned().unwrap_or_default());
            let set: Vec<Value> = all.iter().map(|(key, value)| json!({ "Key": key, "Value": value })).collect();
            change = change.set("tags", tags, Value::Object(all));
            if bucket.is_some() {
                change = put(change, "PutBucketTagging", "Tagging", json!({ "TagSet": set }));
            }
        }
        Ok(change)
    }

    fn create(&self, view: &View<'_>) -> Value {
        // Made with its tags, it is ours wherever a run ends.
        let mut configuration = json!({ "Tags": view.tag_list("Key", "Value") });
        // us-east-1 is the one Region that may not be named.
        if view.region().as_str() != "us-east-1" {
            configuration["LocationConstraint"] = json!(view.region());
        }
        let mut params = json!({ "Bucket": self.name, "CreateBucketConfiguration": configuration });
        if self.lock.is_some() {
            params["ObjectLockEnabledForBucket"] = json!(true);
        }
        params
    }

    fn compare_encryption(
        &self,
        change: Change,
        before: &Value,
        put: &impl Fn(Change, &str, &str, Value) -> Change,
    ) -> Change {
        let rule = before.pointer("/Rules/0").cloned().unwrap_or(Value::Null);
        let algorithm =
            rule.pointer("/ApplyServerSideEncryptionByDefault/SSEAlgorithm").cloned().unwrap_or(Value::Null);
        let key = rule.pointer("/ApplyServerSideEncryptionByDefault/KMSMasterKeyID").cloned().unwrap_or(Value::Null);
        let bucket_key = rule.get("BucketKeyEnabled").cloned().unwrap_or(json!(false));
        let (wanted, same) = match &self.key {
            None => (
                json!({ "ApplyServerSideEncryptionByDefault": { "SSEAlgorithm": "AES256" } }),
                algorithm == json!("AES256"),
            ),
            Some(arn) => (
                json!({
                    "ApplyServerSideEncryptionByDefault": { "SSEAlgorithm": "aws:kms", "KMSMasterKeyID": arn },
                    "BucketKeyEnabled": true,
                }),
                algorithm == json!("aws:kms") && key == *arn && bucket_key == json!(true),
            ),
        };
        if same {
            return change;
        }
        let change = match &self.key {
            None => change.set("encryption", algorithm, json!("AES256")),
            Some(arn) => change
                .set("encryption", algorithm, json!("aws:kms"))
                .set("encryption key", key, shown_key(arn))
                .set("bucket key", if rule.is_null() { Value::Null } else { bucket_key }, json!(true)),
        };
        put(change, "PutBucketEncryption", "ServerSideEncryptionConfiguration", json!({ "Rules": [wanted] }))
    }

    fn compare_lock(
        &self,
        change: Change,
        before: &Value,
        put: &impl Fn(Change, &str, &str, Value) -> Change,
    ) -> Change {
        let Some(lock) = &self.lock else { return change };
        let retention = before.pointer("/Rule/DefaultRetention").cloned().unwrap_or(Value::Null);
        let wanted = json!({ "Mode": lock.mode, "Years": lock.years });
        let (now, then) = (lock_in_words(&retention), lock_in_words(&wanted));
        if now == then {
            return change;
        }
        let mut change = change.set("object lock", now, then);
        if before.get("ObjectLockEnabled").is_none() {
            change = change.danger(Danger::Irreversible(
                "Object Lock, once on, cannot be switched off again, nor can the bucket's versioning".to_owned(),
            ));
        }
        if lock.mode == "COMPLIANCE" {
            change = change.danger(Danger::Irreversible(format!(
                "objects are locked in COMPLIANCE mode ({}): nobody, root included, can remove them or shorten it",
                counted(lock.years, "year")
            )));
        }
        let configuration = json!({ "ObjectLockEnabled": "Enabled", "Rule": { "DefaultRetention": wanted } });
        put(change, "PutObjectLockConfiguration", "ObjectLockConfiguration", configuration)
    }

    fn compare_policy(&self, view: &View<'_>, change: Change, before: &Value) -> Result<Change, Failure> {
        let existing = match before {
            Value::Null => None,
            text => Some(document::parse(text).map_err(|error| {
                view.failure("PolicyUnreadable", format!("the policy of the bucket `{}`: {error}", self.name))
            })?),
        };
        let arn = format!("arn:{}:s3:::{}", view.context.partition, self.name);
        let mut ours = vec![json!({
            "Sid": "DodaiTlsOnly",
            "Effect": "Deny",
            "Principal": "*",
            "Action": "s3:*",
            "Resource": [arn, format!("{arn}/*")],
            "Condition": { "Bool": { "aws:SecureTransport": "false" } },
        })];
        ours.extend(self.statements.iter().cloned());
        let Some(policy) = document::with_statements(existing.as_ref(), &ours) else { return Ok(change) };
        let params = json!({ "Bucket": self.name, "Policy": policy.document.to_string() });
        Ok(change.differences(policy.differences).call(view.call("s3", "PutBucketPolicy", params)))
    }
}

/// What lets principals of other accounts read the logs; none where nobody is named.
pub(super) fn read_statement(bucket_arn: &str, readers: &[String]) -> Option<Value> {
    (!readers.is_empty()).then(|| {
        json!({
            "Sid": "DodaiRead", "Effect": "Allow", "Principal": { "AWS": readers },
            "Action": ["s3:GetObject", "s3:GetObjectVersion", "s3:ListBucket", "s3:GetBucketLocation"],
            "Resource": [bucket_arn, format!("{bucket_arn}/*")],
        })
    })
}

fn shown_key(key: &Value) -> Value {
    if key.is_string() { key.clone() } else { json!(log_key::SHOWN) }
}

/// `COMPLIANCE, 1 year`
fn lock_in_words(retention: &Value) -> Value {
    let mode = retention.get("Mode").and_then(Value::as_str);
    let period = [("Years", "year"), ("Days", "day")]
        .into_iter()
        .find_map(|(member, unit)| Some(counted(retention.get(member)?.as_u64()?, unit)));
    match (mode, period) {
        (Some(mode), Some(period)) => json!(format!("{mode}, {period}")),
        _ => retention.clone(),
    }
}
