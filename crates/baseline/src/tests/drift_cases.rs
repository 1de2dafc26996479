//! What somebody changes by hand in an account, field by field, and what the plan must say to it.

use serde_json::{Value, json};

use super::laws::{OTHER_SETTINGS, WITH_LOG_GROUP};
use super::{HOME, OTHER, SECURE, World};
/// What somebody changed, and what the plan must say: `change` is an id without the account's name.
pub(super) struct Drift {
    pub(super) account: &'static str,
    pub(super) table: &'static str,
    pub(super) place: &'static str,
    pub(super) path: &'static str,
    pub(super) value: Value,
    pub(super) change: &'static str,
    pub(super) settings: Vec<(&'static str, Value, Value)>,
    pub(super) calls: &'static [&'static str],
}

/// A setting whose column has its name.
fn plain(table: &'static str, place: &'static str, column: &'static str, value: Value, wanted: Value) -> Drift {
    let settings = vec![(column, value.clone(), wanted)];
    Drift { account: SECURE, table, place, path: column, value, change: "", settings, calls: &[] }
}

impl Drift {
    fn of(mut self, change: &'static str, calls: &'static [&'static str]) -> Self {
        (self.change, self.calls) = (change, calls);
        self
    }

    pub(super) fn world(&self) -> World {
        let mut world = World::settled(self.account);
        world.set(self.table, self.place, self.path, &self.value);
        world
    }
}

pub(super) fn set(
    (table, place, path): (&'static str, &'static str, &'static str),
    value: Value,
    (change, calls): (&'static str, &'static [&'static str]),
    settings: Vec<(&'static str, Value, Value)>,
) -> Drift {
    Drift { account: SECURE, table, place, path, value, change, settings, calls }
}

pub(super) fn drifts() -> Vec<Drift> {
    let mut all = account();
    all.extend(contacts());
    all.extend(key());
    all.extend(buckets());
    all.extend(trail());
    all.extend(config());
    all.extend(guardduty());
    all.extend(security_hub());
    all.extend(super::drift_log_group::drifts());
    all
}

fn account() -> Vec<Drift> {
    let policy = ("global/iam-password-policy/policy", &["iam.UpdateAccountPasswordPolicy"]);
    let mut all: Vec<Drift> = [
        ("MinimumPasswordLength", json!(8), json!(14)),
        ("RequireUppercaseCharacters", json!(false), json!(true)),
        ("RequireLowercaseCharacters", json!(false), json!(true)),
        ("RequireNumbers", json!(false), json!(true)),
        ("RequireSymbols", json!(false), json!(true)),
        ("AllowUsersToChangePassword", json!(false), json!(true)),
        ("MaxPasswordAge", json!(null), json!(90)),
        ("PasswordReusePrevention", json!(3), json!(24)),
    ]
    .into_iter()
    .map(|(column, value, wanted)| plain("aws_iam_password_policy", HOME, column, value, wanted).of(policy.0, policy.1))
    .collect();
    for switch in ["BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"] {
        let drift = plain("aws_s3_account_public_access_block", HOME, switch, json!(false), json!(true));
        all.push(drift.of("global/s3-account-public-access-block/block", &["s3control.PutPublicAccessBlock"]));
    }
    let ebs = "aws_ec2_ebs_encryption";
    all.push(set(
        (ebs, OTHER, "EbsEncryptionByDefault"),
        json!(false),
        ("us-east-1/ebs-encryption/default", &["ec2.EnableEbsEncryptionByDefault"]),
        vec![("encryption by default", json!(false), json!(true))],
    ));
    all.push(set(
        (ebs, OTHER, "default_key"),
        json!("arn:aws:kms:us-east-1:222222222222:key/theirs"),
        ("us-east-1/ebs-encryption/default", &["ec2.ResetEbsDefaultKmsKeyId"]),
        vec![("default key", json!("arn:aws:kms:us-east-1:222222222222:key/theirs"), json!("alias/aws/ebs"))],
    ));
    let own = set(
        (ebs, OTHER, "default_key"),
        json!("alias/aws/ebs"),
        ("us-east-1/ebs-encryption/default", &["ec2.ModifyEbsDefaultKmsKeyId"]),
        vec![("default key", json!("alias/aws/ebs"), json!("arn:aws:kms:us-east-1:222222222222:key/own"))],
    );
    all.push(Drift { account: OTHER_SETTINGS, ..own });
    all
}

fn contacts() -> Vec<Drift> {
    let put: &[&str] = &["account.PutAlternateContact"];
    let drift = |table, column, value: &str, wanted: &str, change| {
        let drift = plain(table, HOME, column, json!(value), json!(wanted)).of(change, put);
        Drift { account: WITH_LOG_GROUP, ..drift }
    };
    let (security, change) = ("aws_account_security_contact", "global/alternate-contacts/security");
    vec![
        drift(security, "Name", "Nobody", "Security", change),
        drift(security, "Title", "", "Team", change),
        drift(security, "EmailAddress", "old@example.com", "security@example.com", change),
        drift(security, "PhoneNumber", "1", "+81 3 0000 0000", change),
        drift("aws_account_billing_contact", "Name", "Old", "Accounting", "global/alternate-contacts/billing"),
        drift("aws_account_operations_contact", "Name", "Old", "Operations", "global/alternate-contacts/operations"),
    ]
}

fn key() -> Vec<Drift> {
    const CHANGE: &str = "ap-northeast-1/log-key/key";
    let tags = json!({ "dodai:class": "maintained", "dodai:feature": "log-key" });
    let statement = |sid: &str| {
        let world = World::settled(SECURE);
        let row = &world.inventory.get("aws_kms_key", &super::region(HOME)).unwrap().rows[0];
        let mut policy: Value = serde_json::from_str(row.values["policy"].as_str().unwrap()).unwrap();
        policy["Statement"].as_array_mut().unwrap().retain(|statement| statement["Sid"] != sid);
        json!(policy.to_string())
    };
    let mut all = vec![
        set(
            ("aws_kms_key", HOME, "KeyState"),
            json!("Disabled"),
            (CHANGE, &["kms.EnableKey"]),
            vec![("state", json!("Disabled"), json!("Enabled"))],
        ),
        set(
            ("aws_kms_key", HOME, "rotation_enabled"),
            json!(false),
            (CHANGE, &["kms.EnableKeyRotation"]),
            vec![("rotation", json!(false), json!(true))],
        ),
        set(("aws_kms_key", HOME, "tags"), json!({}), (CHANGE, &["kms.TagResource"]), vec![("tags", json!({}), tags)]),
        set(
            ("aws_kms_alias", HOME, "TargetKeyId"),
            json!("theirs"),
            (CHANGE, &["kms.UpdateAlias"]),
            vec![("alias", json!("theirs"), json!("key-1"))],
        ),
        set(
            ("aws_kms_alias", HOME, "AliasName"),
            json!("alias/renamed"),
            (CHANGE, &["kms.CreateAlias"]),
            vec![("alias", json!(null), json!("key-1"))],
        ),
    ];
    for (sid, name, words) in [
        (
            "EnableIAMUserPermissions",
            "policy statement EnableIAMUserPermissions",
            "Allow arn:aws:iam::222222222222:root: kms:*",
        ),
        (
            "DodaiCloudTrailEncrypt",
            "policy statement DodaiCloudTrailEncrypt",
            "Allow cloudtrail.amazonaws.com: kms:GenerateDataKey*",
        ),
        (
            "DodaiCloudTrailDescribe",
            "policy statement DodaiCloudTrailDescribe",
            "Allow cloudtrail.amazonaws.com: kms:DescribeKey",
        ),
        (
            "DodaiConfigService",
            "policy statement DodaiConfigService",
            "Allow config.amazonaws.com: kms:Decrypt, kms:GenerateDataKey",
        ),
        ("DodaiConfigRole", "policy statement DodaiConfigRole", "Allow *: kms:Decrypt, kms:GenerateDataKey"),
    ] {
        all.push(set(
            ("aws_kms_key", HOME, "policy"),
            statement(sid),
            (CHANGE, &["kms.PutKeyPolicy"]),
            vec![(name, json!(null), json!(words))],
        ));
    }
    all
}

/// The table holds both buckets, so both features see the edit.
fn buckets() -> Vec<Drift> {
    const CHANGE: &str = "ap-northeast-1/cloudtrail-bucket/bucket";
    let rule = "encryption/Rules/0";
    let expire = "dodai-expire: objects after 1095 days, old versions after 1095 days, unfinished uploads after 7 days";
    let markers = "dodai-delete-markers: delete markers without versions";
    let mut all = vec![
        set(
            ("aws_s3_bucket", "trail", "versioning/Status"),
            json!("Suspended"),
            (CHANGE, &["s3.PutBucketVersioning"]),
            vec![("versioning", json!("Suspended"), json!("Enabled"))],
        ),
        set(
            ("aws_s3_bucket", "trail", "encryption/Rules/0/ApplyServerSideEncryptionByDefault/KMSMasterKeyID"),
            json!("theirs"),
            (CHANGE, &["s3.PutBucketEncryption"]),
            vec![("encryption key", json!("theirs"), json!("arn:aws:kms:ap-northeast-1:222222222222:key/key-1"))],
        ),
        set(
            ("aws_s3_bucket", "trail", "encryption/Rules/0/BucketKeyEnabled"),
            json!(false),
            (CHANGE, &["s3.PutBucketEncryption"]),
            vec![("bucket key", json!(false), json!(true))],
        ),
        set(
            ("aws_s3_bucket", "trail", rule),
            json!({ "ApplyServerSideEncryptionByDefault": { "SSEAlgorithm": "AES256" } }),
            (CHANGE, &["s3.PutBucketEncryption"]),
            vec![
                ("encryption", json!("AES256"), json!("aws:kms")),
                ("encryption key", json!(null), json!("arn:aws:kms:ap-northeast-1:222222222222:key/key-1")),
                ("bucket key", json!(false), json!(true)),
            ],
        ),
        set(
            ("aws_s3_bucket", "trail", "object_lock/Rule/DefaultRetention"),
            json!({ "Mode": "GOVERNANCE", "Days": 1 }),
            (CHANGE, &["s3.PutObjectLockConfiguration"]),
            vec![("object lock", json!("GOVERNANCE, 1 day"), json!("COMPLIANCE, 1 year"))],
        ),
        set(
            ("aws_s3_bucket", "trail", "lifecycle/0/Expiration/Days"),
            json!(9),
            (CHANGE, &["s3.PutBucketLifecycleConfiguration"]),
            vec![("lifecycle", json!([expire.replacen("1095", "9", 1), markers]), json!([expire, markers]))],
        ),
        set(
            ("aws_s3_bucket", "trail", "request_payment"),
            json!("Requester"),
            (CHANGE, &["s3.PutBucketRequestPayment"]),
            vec![("requester pays", json!("Requester"), json!("BucketOwner"))],
        ),
        set(
            ("aws_s3_bucket", "trail", "tags/dodai:class"),
            json!("theirs"),
            (CHANGE, &["s3.PutBucketTagging"]),
            vec![(
                "tags",
                json!({ "dodai:class": "theirs", "dodai:feature": "cloudtrail-bucket" }),
                json!({ "dodai:class": "maintained", "dodai:feature": "cloudtrail-bucket" }),
            )],
        ),
        set(
            ("aws_s3_bucket", "trail", "policy"),
            json!(null),
            (CHANGE, &["s3.PutBucketPolicy"]),
            vec![
                ("policy statement DodaiTlsOnly", json!(null), json!("Deny *: s3:*")),
                (
                    "policy statement DodaiCloudTrailCheck",
                    json!(null),
                    json!("Allow cloudtrail.amazonaws.com: s3:GetBucketAcl"),
                ),
                (
                    "policy statement DodaiCloudTrailWrite",
                    json!(null),
                    json!("Allow cloudtrail.amazonaws.com: s3:PutObject"),
                ),
            ],
        ),
        set(
            ("aws_s3_bucket", "config", "policy"),
            json!(null),
            ("ap-northeast-1/config-bucket/bucket", &["s3.PutBucketPolicy"]),
            vec![
                ("policy statement DodaiTlsOnly", json!(null), json!("Deny *: s3:*")),
                (
                    "policy statement DodaiConfigCheck",
                    json!(null),
                    json!("Allow config.amazonaws.com: s3:GetBucketAcl, s3:ListBucket"),
                ),
                ("policy statement DodaiConfigWrite", json!(null), json!("Allow config.amazonaws.com: s3:PutObject")),
            ],
        ),
    ];
    all.extend(bucket_switches());
    all
}

fn bucket_switches() -> Vec<Drift> {
    const CHANGE: &str = "ap-northeast-1/cloudtrail-bucket/bucket";
    let mut all = Vec::new();
    for (switch, path) in [
        ("BlockPublicAcls", "public_access_block/BlockPublicAcls"),
        ("IgnorePublicAcls", "public_access_block/IgnorePublicAcls"),
        ("BlockPublicPolicy", "public_access_block/BlockPublicPolicy"),
        ("RestrictPublicBuckets", "public_access_block/RestrictPublicBuckets"),
    ] {
        let settings = vec![(switch, json!(false), json!(true))];
        all.push(set(("aws_s3_bucket", "trail", path), json!(false), (CHANGE, &["s3.PutPublicAccessBlock"]), settings));
    }
    all
}

fn trail() -> Vec<Drift> {
    const TRAILS: &str = "aws_cloudtrail_trail";
    const CHANGE: &str = "ap-northeast-1/cloudtrail/trail";
    const UPDATE: &[&str] = &["cloudtrail.UpdateTrail"];
    let selector =
        |kind: &str| json!([{ "ReadWriteType": kind, "IncludeManagementEvents": true, "DataResources": [] }]);
    let advanced = json!([{ "FieldSelectors": [
        { "Field": "eventCategory", "Equals": ["Management"] }, { "Field": "readOnly", "Equals": ["false"] },
    ]}]);
    let tags = json!({ "dodai:class": "maintained", "dodai:feature": "cloudtrail" });
    vec![
        plain(TRAILS, HOME, "S3BucketName", json!("theirs"), json!("dodai-cloudtrail-222222222222")).of(CHANGE, UPDATE),
        plain(TRAILS, HOME, "S3KeyPrefix", json!("theirs"), json!(null)).of(CHANGE, UPDATE),
        plain(TRAILS, HOME, "IncludeGlobalServiceEvents", json!(false), json!(true)).of(CHANGE, UPDATE),
        plain(TRAILS, HOME, "IsMultiRegionTrail", json!(false), json!(true)).of(CHANGE, UPDATE),
        plain(TRAILS, HOME, "LogFileValidationEnabled", json!(false), json!(true)).of(CHANGE, UPDATE),
        plain(TRAILS, HOME, "KmsKeyId", json!(null), json!("arn:aws:kms:ap-northeast-1:222222222222:key/key-1"))
            .of(CHANGE, UPDATE),
        set(
            (TRAILS, HOME, "status/IsLogging"),
            json!(false),
            (CHANGE, &["cloudtrail.StartLogging"]),
            vec![("logging", json!(false), json!(true))],
        ),
        set(
            (TRAILS, HOME, "event_selectors/EventSelectors"),
            selector("WriteOnly"),
            (CHANGE, &["cloudtrail.PutEventSelectors"]),
            vec![("management events", json!("WriteOnly"), json!("all"))],
        ),
        set(
            (TRAILS, HOME, "event_selectors"),
            json!({ "AdvancedEventSelectors": advanced }),
            (CHANGE, &["cloudtrail.PutEventSelectors"]),
            vec![("management events", json!("not all"), json!("all"))],
        ),
        set((TRAILS, HOME, "tags"), json!(null), (CHANGE, &["cloudtrail.AddTags"]), vec![("tags", json!(null), tags)]),
    ]
}

fn config() -> Vec<Drift> {
    const RECORDERS: &str = "aws_config_recorder";
    const CHANNELS: &str = "aws_config_delivery_channel";
    const CHANNEL: (&str, &[&str]) = ("us-east-1/config/delivery-channel", &["config.PutDeliveryChannel"]);
    let role = "arn:aws:iam::222222222222:role/aws-service-role/config.amazonaws.com/AWSServiceRoleForConfig";
    vec![
        set(
            (RECORDERS, OTHER, "roleARN"),
            json!("theirs"),
            ("us-east-1/config/recorder", &["config.PutConfigurationRecorder"]),
            vec![("role", json!("theirs"), json!(role))],
        ),
        set(
            (RECORDERS, OTHER, "recordingGroup/includeGlobalResourceTypes"),
            json!(true),
            ("us-east-1/config/recorder", &["config.PutConfigurationRecorder"]),
            vec![(
                "records",
                json!({ "all types": true, "global types": true }),
                json!({ "all types": true, "global types": false }),
            )],
        ),
        set(
            (RECORDERS, OTHER, "recordingGroup/exclusionByResourceTypes/resourceTypes"),
            json!(["AWS::S3::Bucket"]),
            ("us-east-1/config/recorder", &["config.PutConfigurationRecorder"]),
            vec![(
                "records",
                json!({ "all types": true, "global types": false, "except": "AWS::S3::Bucket" }),
                json!({ "all types": true, "global types": false }),
            )],
        ),
        set(
            (RECORDERS, OTHER, "status/recording"),
            json!(false),
            ("us-east-1/config/recording", &["config.StartConfigurationRecorder"]),
            vec![("recording", json!(false), json!(true))],
        ),
        set(
            (CHANNELS, OTHER, "s3BucketName"),
            json!("theirs"),
            CHANNEL,
            vec![("bucket", json!("theirs"), json!("dodai-config-222222222222"))],
        ),
        set((CHANNELS, OTHER, "s3KeyPrefix"), json!("p"), CHANNEL, vec![("prefix", json!("p"), json!(null))]),
        set(
            (CHANNELS, OTHER, "s3KmsKeyArn"),
            json!(null),
            CHANNEL,
            vec![("key", json!(null), json!("arn:aws:kms:ap-northeast-1:222222222222:key/key-1"))],
        ),
    ]
}

fn guardduty() -> Vec<Drift> {
    const DETECTORS: &str = "aws_guardduty_detector";
    const CHANGE: (&str, &[&str]) = ("us-east-1/guardduty/detector", &["guardduty.UpdateDetector"]);
    let (on, off) = (json!("ENABLED"), json!("DISABLED"));
    let mut all =
        vec![set((DETECTORS, OTHER, "Status"), off.clone(), CHANGE, vec![("detector", off.clone(), on.clone())])];
    for (path, name) in [
        ("Features/0/Status", "S3_DATA_EVENTS"),
        ("Features/1/Status", "EKS_AUDIT_LOGS"),
        ("Features/2/Status", "EBS_MALWARE_PROTECTION"),
        ("Features/3/Status", "RDS_LOGIN_EVENTS"),
        ("Features/4/Status", "LAMBDA_NETWORK_LOGS"),
        ("Features/5/Status", "RUNTIME_MONITORING"),
        ("Features/5/AdditionalConfiguration/0/Status", "EKS_ADDON_MANAGEMENT"),
        ("Features/5/AdditionalConfiguration/1/Status", "ECS_FARGATE_AGENT_MANAGEMENT"),
        ("Features/5/AdditionalConfiguration/2/Status", "EC2_AGENT_MANAGEMENT"),
    ] {
        all.push(set((DETECTORS, OTHER, path), off.clone(), CHANGE, vec![(name, off.clone(), on.clone())]));
    }
    all.push(set(
        (DETECTORS, OTHER, "Features/6"),
        json!({ "Name": "EKS_RUNTIME_MONITORING", "Status": "ENABLED" }),
        CHANGE,
        vec![("EKS_RUNTIME_MONITORING", on.clone(), off.clone())],
    ));
    all.push(set(
        (DETECTORS, OTHER, "Features/5"),
        json!({ "Name": "EKS_RUNTIME_MONITORING", "Status": "ENABLED" }),
        (CHANGE.0, &["guardduty.UpdateDetector", "guardduty.UpdateDetector"]),
        vec![
            ("EKS_RUNTIME_MONITORING", on.clone(), off),
            ("RUNTIME_MONITORING", json!(null), on.clone()),
            ("EKS_ADDON_MANAGEMENT", json!(null), on.clone()),
            ("ECS_FARGATE_AGENT_MANAGEMENT", json!(null), on.clone()),
            ("EC2_AGENT_MANAGEMENT", json!(null), on),
        ],
    ));
    all
}

fn security_hub() -> Vec<Drift> {
    const RULES: &str = "aws_securityhub_automation_rule";
    const RULE: (&str, &[&str]) =
        ("us-east-1/security-hub/automation-rule", &["securityhub.BatchUpdateAutomationRules"]);
    let mut all = vec![
        set(
            ("aws_securityhub_hub", OTHER, "ControlFindingGenerator"),
            json!("STANDARD_CONTROL"),
            ("us-east-1/security-hub/hub", &["securityhub.UpdateSecurityHubConfiguration"]),
            vec![("consolidated control findings", json!(false), json!(true))],
        ),
        set(
            ("aws_securityhub_finding_aggregator", HOME, "RegionLinkingMode"),
            json!("SPECIFIED_REGIONS"),
            ("ap-northeast-1/security-hub/aggregator", &["securityhub.UpdateFindingAggregator"]),
            vec![("linked Regions", json!("SPECIFIED_REGIONS"), json!("ALL_REGIONS"))],
        ),
        // Every control that the Region has: what is not to be disabled is left alone.
        set(
            ("aws_securityhub_standards_control", HOME, "ControlStatus"),
            json!("ENABLED"),
            ("ap-northeast-1/security-hub/controls", &["securityhub.BatchUpdateStandardsControlAssociations"]),
            vec![
                ("Account.1", json!("enabled"), json!("disabled")),
                ("CloudTrail.5", json!("enabled"), json!("disabled")),
                ("IAM.6", json!("enabled"), json!("disabled")),
            ],
        ),
        Drift {
            account: OTHER_SETTINGS,
            ..set(
                ("aws_securityhub_hub", OTHER, "config_1_parameters"),
                json!(null),
                ("us-east-1/security-hub/config-1", &["securityhub.UpdateSecurityControl"]),
                vec![("includeConfigServiceLinkedRoleCheck", json!(true), json!(false))],
            )
        },
    ];
    let suppress = json!([{
        "Type": "FINDING_FIELDS_UPDATE", "FindingFieldsUpdate": { "Workflow": { "Status": "SUPPRESSED" } },
    }]);
    for (column, value, wanted) in [
        ("RuleStatus", json!("DISABLED"), json!("ENABLED")),
        ("RuleOrder", json!(7), json!(100)),
        ("IsTerminal", json!(true), json!(false)),
        ("Actions", json!([]), suppress),
    ] {
        let drift = plain(RULES, OTHER, column, value, wanted).of(RULE.0, RULE.1);
        all.push(Drift { account: OTHER_SETTINGS, ..drift });
    }
    all
}
