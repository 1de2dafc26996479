//! Whole runs of the command against the testbed and moto. `DODAI_MOTO` names the `moto_server` program:
//! `cargo xtask test` installs it.

mod administered;
mod disturbed;
mod killed;
mod permitted;
mod policies;
mod recorded;
mod world;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use world::{MANAGEMENT, World};

const ACCOUNTS: &[&str] = &["apply", "--yes", "--quiet", "--feature", "organization-units", "--feature", "accounts"];
const APPLY: &[&str] = &["apply", "--yes", "--quiet", "--allow-guardrail", "--allow-irreversible"];

#[test]
fn after_apply_there_is_nothing_to_do_and_the_score_is_better() {
    let world = World::new("two-accounts");
    assert_eq!(world.dodai(&["check"]).code, 0);
    assert_eq!(world.dodai(&["plan", "--quiet"]).code, 2);
    // Only the management account is there to be judged, and that is said.
    let assessed = world.dodai(&["assess", "--quiet", "--format", "json"]);
    let not_created = |name: &str| json!({"account": name, "reason": "NOT_CREATED"});
    assert_eq!(assessed.json()["left_out"], json!([not_created("basic"), not_created("secure")]), "{assessed}");
    let query = world.dodai(&["query", "--quiet", "select account_name from aws_account"]);
    let line = "2 accounts left out: basic (not created yet), secure (not created yet)";
    assert!(query.stderr.contains(line), "{query}");
    // The organization's own tables are whole without them.
    let query = world.dodai(&["query", "--quiet", "select Name from aws_organizations_account"]);
    assert!(query.code == 0 && !query.stderr.contains("left out"), "{query}");
    // The accounts first, so that there is something to judge before.
    assert_ne!(world.dodai(ACCOUNTS).code, 1);
    let before = world.score("secure");

    let applied = world.dodai(APPLY);
    assert_eq!(applied.code, 0, "{applied}");

    let again = world.dodai(&["plan", "--quiet", "--format", "json"]);
    assert_eq!(again.code, 0, "{again}");
    assert_eq!(again.json()["changes"], json!([]), "{again}");

    // Applying twice changes nothing: no call that changes anything is made.
    world.forget_calls();
    let twice = world.dodai(APPLY);
    assert_eq!(twice.code, 0, "{twice}");
    assert_eq!(world.mutating_calls(), Vec::<String>::new());

    let assessed = world.dodai(&["assess", "--quiet", "--format", "json"]);
    assert_eq!(assessed.json()["left_out"], json!([]), "{assessed}");
    let after = world.score("secure");
    assert!(after >= before + 5, "{before} % before, {after} % after");

    let basic = json!({"AccountId": world.account("basic")});
    world.call(MANAGEMENT, "ap-northeast-1", "organizations", "CloseAccount", &basic);
    let assessed = world.dodai(&["assess", "--quiet"]);
    assert!(assessed.stdout.contains("\n  1 account left out: basic (suspended)\n"), "{assessed}");
    // A run of one account alone, asked for the whole.
    let alone =
        world.dodai(&["query", "--quiet", "--save", "--account", "secure", "select account_name from aws_account"]);
    assert!(alone.code == 0 && !alone.stderr.contains("left out"), "{alone}");
    let stored = world.dodai(&["query", "--quiet", "--run", "latest", "select account_name from aws_account"]);
    let line = "2 accounts left out: basic (not in this run), management (not in this run)";
    assert!(stored.stderr.contains(line), "{stored}");
    assert_eq!(world.unimplemented(), Vec::<String>::new(), "the emulator had no answer to these");
}

#[test]
fn what_is_changed_by_hand_is_planned_back_and_nothing_else() {
    let world = World::new("two-accounts");
    assert_eq!(world.dodai(APPLY).code, 0);
    let member = world.account("secure");
    let (home, other) = ("ap-northeast-1", "us-east-1");
    let (trails, records) = (format!("dodai-cloudtrail-{member}"), format!("dodai-config-{member}"));
    let key = world.call(&member, home, "kms", "DescribeKey", &json!({"KeyId": "alias/dodai-logs"}));
    let key = &key["KeyMetadata"]["KeyId"];
    let detector = &world.call(&member, home, "guardduty", "ListDetectors", &json!({}))["DetectorIds"][0];
    let recorder = &world.call(&member, home, "config", "DescribeConfigurationRecorders", &json!({}));
    let mut partial = recorder["ConfigurationRecorders"][0].clone();
    partial["recordingGroup"] = json!({"allSupported": false, "resourceTypes": ["AWS::S3::Bucket"]});
    partial.as_object_mut().unwrap().remove("arn");
    let drifts = [
        Drift(home, "iam", "UpdateAccountPasswordPolicy", json!({"MinimumPasswordLength": 6}))
            .gives("global/iam-password-policy/policy", "MinimumPasswordLength"),
        Drift(home, "s3control", "DeletePublicAccessBlock", json!({"AccountId": member}))
            .gives("global/s3-account-public-access-block/block", "BlockPublicAcls"),
        Drift(other, "ec2", "DisableEbsEncryptionByDefault", json!({}))
            .gives("us-east-1/ebs-encryption/default", "encryption by default"),
        Drift(home, "s3", "DeletePublicAccessBlock", json!({"Bucket": records}))
            .gives("ap-northeast-1/config-bucket/bucket", "BlockPublicAcls"),
        Drift(home, "s3", "DeletePublicAccessBlock", json!({"Bucket": trails}))
            .gives("ap-northeast-1/cloudtrail-bucket/bucket", "BlockPublicPolicy"),
        Drift(home, "s3", "DeleteBucketLifecycle", json!({"Bucket": trails}))
            .gives("ap-northeast-1/cloudtrail-bucket/bucket", "lifecycle"),
        Drift(home, "s3", "DeleteBucketEncryption", json!({"Bucket": records}))
            .gives("ap-northeast-1/config-bucket/bucket", "encryption"),
        Drift(home, "cloudtrail", "StopLogging", json!({"Name": "dodai"}))
            .gives("ap-northeast-1/cloudtrail/trail", "logging"),
        Drift(home, "cloudtrail", "UpdateTrail", json!({"Name": "dodai", "EnableLogFileValidation": false}))
            .gives("ap-northeast-1/cloudtrail/trail", "LogFileValidationEnabled"),
        Drift(home, "kms", "DisableKeyRotation", json!({"KeyId": key})).gives("ap-northeast-1/log-key/key", "rotation"),
        Drift(other, "config", "StopConfigurationRecorder", json!({"ConfigurationRecorderName": "default"}))
            .gives("us-east-1/config/recording", "recording"),
        Drift(home, "config", "PutConfigurationRecorder", json!({"ConfigurationRecorder": partial}))
            .gives("ap-northeast-1/config/recorder", "records"),
        Drift(
            home,
            "guardduty",
            "UpdateDetector",
            json!({"DetectorId": detector, "Features": [{"Name": "S3_DATA_EVENTS", "Status": "DISABLED"}]}),
        )
        .gives("ap-northeast-1/guardduty/detector", "S3_DATA_EVENTS"),
        Drift(
            other,
            "securityhub",
            "BatchUpdateStandardsControlAssociations",
            json!({"StandardsControlAssociationUpdates": [{
                "StandardsArn": "arn:aws:securityhub:us-east-1::standards/aws-foundational-security-best-practices/v/1.0.0",
                "SecurityControlId": "IAM.7",
                "AssociationStatus": "ENABLED",
            }]}),
        )
        .gives("us-east-1/security-hub/controls", "IAM.7"),
    ];
    // One after the other, none repaired: each adds its own change and touches no other.
    let mut expected = BTreeMap::new();
    for (Drift(region, service, operation, params), id, setting) in drifts {
        world.call(&member, region, service, operation, &params);
        let plan = world.dodai(&["plan", "--quiet", "--format", "json"]);
        assert_eq!(plan.code, 2, "{operation}: {plan}");
        let mut changes = settings_of(&plan.json());
        let id = format!("secure/{id}");
        let change = changes.remove(&id).unwrap_or_else(|| panic!("{operation}: no change {id} in {plan}"));
        assert!(change.contains(setting), "{operation}: no `{setting}` among {change:?}");
        let before: BTreeSet<String> = expected.insert(id.clone(), change.clone()).unwrap_or_default();
        assert!(before.is_subset(&change), "{operation}: {before:?}, then {change:?}");
        changes.insert(id, change);
        assert_eq!(changes, expected, "{operation}");
    }
    let repaired = world.dodai(APPLY);
    assert_eq!(repaired.code, 0, "{repaired}");
    assert_eq!(world.dodai(&["plan", "--quiet"]).code, 0);
}

/// A call by hand in the account `secure`: Region, service, operation, parameters.
struct Drift(&'static str, &'static str, &'static str, Value);

impl Drift {
    /// The change that brings it back, and one of the settings that it shows.
    fn gives(self, id: &'static str, setting: &'static str) -> (Self, &'static str, &'static str) {
        (self, id, setting)
    }
}

/// The settings that each change of a plan shows, by the change's id.
fn settings_of(plan: &Value) -> BTreeMap<String, BTreeSet<String>> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let changes = plan["changes"].as_array().unwrap().iter();
    changes
        .map(|change| {
            let settings = change["settings"].as_array().unwrap().iter();
            (text(&change["id"]), settings.map(|setting| text(&setting["name"])).collect())
        })
        .collect()
}

#[test]
fn what_cannot_be_read_is_unknown_and_never_written() {
    let world = World::new("two-accounts");
    // The accounts first, so that there is a member to be denied in.
    assert_ne!(world.dodai(ACCOUNTS).code, 1);
    let member = world.account("secure");
    world.fault(&json!({"kind": "deny", "account": member, "region": "us-east-1", "service": "*", "operation": "*"}));
    // CloudFront is in us-east-1; through one endpoint for everything its calls look like the home Region's.
    world.fault(&json!({"kind": "deny", "account": member, "service": "cloudfront"}));
    world.fault(&json!({"kind": "hang", "account": member, "region": "ap-northeast-1", "service": "guardduty", "operation": "ListDetectors", "millis": 120_000}));
    world.forget_calls();
    let impatient = ["--timeout", "2", "--retry-for", "3"];
    let applied = world.dodai(&[APPLY, &impatient].concat());
    assert_eq!(applied.code, 3, "{applied}");
    assert!(applied.stdout.contains("AccessDenied"), "{applied}");
    let written: Vec<String> =
        world.mutating_calls().into_iter().filter(|call| call.contains(&format!("{member}/us-east-1"))).collect();
    assert_eq!(written, Vec::<String>::new(), "written in a cell that could not be read");
    let guardduty: Vec<String> = world
        .mutating_calls()
        .into_iter()
        .filter(|call| call.contains(&format!("{member}/ap-northeast-1 guardduty")))
        .collect();
    assert_eq!(guardduty, Vec::<String>::new(), "written where a call timed out");
    // The other cells are complete.
    assert!(world.mutating_calls().iter().any(|call| call.contains(&format!("{member}/ap-northeast-1"))));

    let assessed = world.dodai(&[&["assess", "--quiet", "--format", "json"], impatient.as_slice()].concat());
    assert_eq!(assessed.code, 3, "{assessed}");
    let mut unknown = 0;
    for finding in assessed.json()["findings"].as_array().unwrap() {
        let guardduty = finding["control"].as_str().unwrap().starts_with("GuardDuty.");
        if finding["account"] == json!(member) && (finding["region"] == json!("us-east-1") || guardduty) {
            assert_ne!(finding["status"], json!("PASSED"), "{finding}");
            unknown += usize::from(finding["status"] == json!("UNKNOWN"));
        }
    }
    assert!(unknown > 5, "{unknown} findings are unknown");

    // Once everything can be read again, nothing but these cells is left to do.
    world.control("POST", "/testbed/clear", "");
    let rest = world.dodai(&["plan", "--quiet", "--format", "json"]);
    assert_eq!(rest.code, 2, "{rest}");
    let ids = settings_of(&rest.json()).into_keys();
    let other: Vec<String> = ids
        .filter(|id| !id.starts_with("secure/us-east-1/") && !id.starts_with("secure/ap-northeast-1/guardduty/"))
        // The account's onboarding is recorded when all of it is done.
        .filter(|id| id != "secure/global/onboarding/record")
        .collect();
    assert_eq!(other, Vec::<String>::new());
    assert_eq!(world.dodai(APPLY).code, 0);
    assert_eq!(world.dodai(&["plan", "--quiet"]).code, 0);
}

#[test]
fn a_role_that_cannot_be_assumed_makes_its_account_unknown() {
    let world = World::new("two-accounts");
    assert_eq!(world.dodai(APPLY).code, 0);
    let member = world.account("secure");
    world.call(&member, "ap-northeast-1", "iam", "DeleteRole", &json!({"RoleName": "OrganizationAccountAccessRole"}));
    let plan = world.dodai(&["plan", "--quiet", "--format", "json"]);
    assert_eq!(plan.code, 3, "{plan}");
    assert_eq!(plan.json()["changes"], json!([]));
    let blocked = plan.json()["blocked"].as_array().unwrap().clone();
    assert!(!blocked.is_empty() && blocked.iter().all(|block| block["account"] == json!("secure")), "{blocked:?}");
    let assessed = world.dodai(&["assess", "--quiet", "--format", "json"]);
    assert_eq!(assessed.code, 3);
    for finding in assessed.json()["findings"].as_array().unwrap() {
        assert!(finding["account"] != json!(member) || finding["status"] != json!("PASSED"), "{finding}");
    }
}

#[test]
fn a_saved_plan_refuses_what_is_no_longer_the_same() {
    let world = World::new("two-accounts");
    assert_eq!(world.dodai(APPLY).code, 0);
    let member = world.account("secure");
    world.call(&member, "us-east-1", "ec2", "DisableEbsEncryptionByDefault", &json!({}));
    world.call(&member, "ap-northeast-1", "iam", "UpdateAccountPasswordPolicy", &json!({"MinimumPasswordLength": 6}));
    let file = world.path("saved.json");
    assert_eq!(world.dodai(&["plan", "--quiet", "-o", &file]).code, 2);
    // The world goes on: one change is done by somebody else, the other is not the same any more.
    world.call(&member, "us-east-1", "ec2", "EnableEbsEncryptionByDefault", &json!({}));
    world.call(
        &member,
        "ap-northeast-1",
        "iam",
        "UpdateAccountPasswordPolicy",
        &json!({"MinimumPasswordLength": 7, "HardExpiry": true}),
    );
    world.forget_calls();
    let applied = world.dodai(&["apply", "--quiet", &file]);
    assert_eq!(applied.code, 2, "{applied}");
    assert!(
        applied.stdout.contains("already  secure/us-east-1/ebs-encryption/default: nothing is left to do for it"),
        "{applied}"
    );
    assert!(applied.stdout.contains("refused  secure/global/iam-password-policy/policy"), "{applied}");
    assert!(applied.stdout.contains("HardExpiry"), "it does not say what differs: {applied}");
    assert_eq!(world.mutating_calls(), Vec::<String>::new());
}

/// A feature that no profile has, chosen for one account. CloudTrail does not see the role at once.
#[test]
fn a_trail_delivers_into_a_log_group_where_an_account_chooses_it() {
    let world = World::new("two-accounts");
    let chosen = "profile: secure\nfeatures: {cloudtrail-log-group: {enabled: true, retention_days: 400}}";
    world.replace("accounts/secure.yaml", "profile: secure", chosen);
    assert_ne!(world.dodai(ACCOUNTS).code, 1);
    let (member, home) = (world.account("secure"), "ap-northeast-1");
    world.fault(&json!({
        "kind": "deny", "account": member, "service": "cloudtrail", "operation": "UpdateTrail", "times": 2,
        "code": "InvalidCloudWatchLogsRoleArnException",
    }));
    let applied = world.dodai(APPLY);
    assert_eq!(applied.code, 0, "{applied}");
    assert_eq!(world.dodai(&["plan", "--quiet"]).code, 0);

    let trail = &world.call(&member, home, "cloudtrail", "DescribeTrails", &json!({}))["trailList"][0];
    let group = format!("arn:aws:logs:{home}:{member}:log-group:dodai-cloudtrail:*");
    assert_eq!(trail["CloudWatchLogsLogGroupArn"], json!(group));
    let key = world.call(&member, home, "kms", "DescribeKey", &json!({"KeyId": "alias/dodai-logs"}));
    let groups = world.call(&member, home, "logs", "DescribeLogGroups", &json!({"logGroupNamePrefix": "dodai-"}));
    assert_eq!(groups["logGroups"][0]["kmsKeyId"], key["KeyMetadata"]["Arn"]);
    assert_eq!(groups["logGroups"][0]["retentionInDays"], json!(400));
    let tries = world.mutating_calls().iter().filter(|call| call.contains("cloudtrail.UpdateTrail")).count();
    assert_eq!(tries, 3, "twice not yet, then done");
    // The other accounts have none.
    assert!(world.mutating_calls().iter().all(|call| !call.contains("logs.") || call.contains(&member)));

    let (name, role) = ("dodai-cloudtrail", "dodai-cloudtrail-logs");
    let anybody = json!({
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}],
    });
    let own = world.call(&member, home, "kms", "CreateKey", &json!({"Description": "of the owner"}));
    let own = own["KeyMetadata"]["Arn"].as_str().unwrap();
    let policy = json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"Service": format!("logs.{home}.amazonaws.com")}, "Action": "kms:*", "Resource": "*"},
    ]});
    let put = json!({"KeyId": own, "PolicyName": "default", "Policy": policy.to_string()});
    world.call(&member, home, "kms", "PutKeyPolicy", &put);
    let (log_group, role_of, delivery) = ("log-group", "role", "delivery");
    for (service, operation, params, resource, setting) in [
        ("logs", "DeleteRetentionPolicy", json!({"logGroupName": name}), log_group, "retention in days"),
        ("logs", "AssociateKmsKey", json!({"logGroupName": name, "kmsKeyId": own}), log_group, "key"),
        (
            "iam",
            "DeleteRolePolicy",
            json!({"RoleName": role, "PolicyName": "deliver-events"}),
            role_of,
            "permissions policy",
        ),
        (
            "iam",
            "UpdateAssumeRolePolicy",
            json!({"RoleName": role, "PolicyDocument": anybody.to_string()}),
            role_of,
            "trust policy",
        ),
        ("iam", "UntagRole", json!({"RoleName": role, "TagKeys": ["dodai:feature"]}), role_of, "tags"),
    ] {
        world.call(&member, home, service, operation, &params);
        let plan = world.dodai(&["plan", "--quiet", "--format", "json"]);
        assert_eq!(plan.code, 2, "{operation}: {plan}");
        let changes = settings_of(&plan.json());
        let id = format!("secure/{home}/cloudtrail-log-group/{resource}");
        assert!(changes.get(&id).is_some_and(|settings| settings.contains(setting)), "{operation}: {changes:?}");
        assert!(changes.keys().all(|id| id.contains("/cloudtrail-log-group/")), "{operation}: {changes:?}");
    }
    let repaired = world.dodai(APPLY);
    assert_eq!(repaired.code, 0, "{repaired}");
    assert_eq!(world.dodai(&["plan", "--quiet"]).code, 0);

    // The whole group is gone: it is made again, and the trail, which still names it, is left.
    world.call(&member, home, "logs", "DeleteLogGroup", &json!({"logGroupName": name}));
    let plan = world.dodai(&["plan", "--quiet", "--format", "json"]);
    let changes: Vec<String> = settings_of(&plan.json()).into_keys().collect();
    assert_eq!(changes, [format!("secure/{home}/cloudtrail-log-group/{log_group}")]);
    let none = json!({"Name": "dodai", "CloudWatchLogsLogGroupArn": "", "CloudWatchLogsRoleArn": ""});
    world.call(&member, home, "cloudtrail", "UpdateTrail", &none);
    let plan = world.dodai(&["plan", "--quiet", "--format", "json"]);
    let changes = settings_of(&plan.json());
    assert_eq!(changes.len(), 2, "{changes:?}");
    assert!(changes[&format!("secure/{home}/cloudtrail-log-group/{delivery}")].contains("CloudWatchLogsRoleArn"));
    assert_eq!(world.dodai(APPLY).code, 0);
    assert_eq!(world.dodai(&["plan", "--quiet"]).code, 0);
    assert_eq!(world.unimplemented(), Vec::<String>::new(), "the emulator had no answer to these");
}

#[test]
fn wrong_credentials_and_wrong_directories_are_said_in_words() {
    let world = World::new("two-accounts");
    let unknown = world.dodai_with(&["plan", "--quiet"], &[("AWS_ACCESS_KEY_ID", "AKIAUNKNOWN")]);
    assert_eq!(unknown.code, 1, "{unknown}");
    assert!(unknown.stderr.contains("InvalidClientTokenId"), "{unknown}");

    world.replace("dodai.yaml", &world.organization_id(), "o-anotherone1");
    let other = world.dodai(&["plan", "--quiet"]);
    assert_eq!(other.code, 1, "{other}");
    assert!(other.stderr.contains("o-anotherone1") && other.stderr.contains(&world.organization_id()), "{other}");

    let account = world.dodai(&["plan", "--account", "secur"]);
    assert_eq!(account.code, 1);
    assert!(account.stderr.contains("did you mean `secure`?"), "{account}");
}

#[test]
fn can_tells_who_can_read_a_bucket_and_never_takes_what_it_could_not_read_for_nobody() {
    let world = World::new("two-accounts");
    assert_ne!(world.dodai(ACCOUNTS).code, 1);
    let (member, home) = (world.account("secure"), "ap-northeast-1");
    let document = |statement: Value| json!({"Version": "2012-10-17", "Statement": statement}).to_string();
    let trust = document(json!({"Effect": "Allow", "Principal": {"AWS": member}, "Action": "sts:AssumeRole"}));
    for role in ["Inline", "Attached", "Careful", "Nobody", "Bounded"] {
        let role = json!({"RoleName": role, "AssumeRolePolicyDocument": trust});
        world.call(&member, home, "iam", "CreateRole", &role);
    }
    let read = json!({"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"});
    let mut careful = read.clone();
    careful["Condition"] = json!({"Bool": {"aws:SecureTransport": "true"}});
    for (role, statement) in [("Inline", &read), ("Careful", &careful), ("Bounded", &read)] {
        let policy = json!({"RoleName": role, "PolicyName": "p", "PolicyDocument": document(statement.clone())});
        world.call(&member, home, "iam", "PutRolePolicy", &policy);
    }
    let managed = "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess";
    world.call(&member, home, "iam", "AttachRolePolicy", &json!({"RoleName": "Attached", "PolicyArn": managed}));
    let boundary = json!({"PolicyName": "boundary", "PolicyDocument": document(json!({"Effect": "Allow", "Action": "sqs:*", "Resource": "*"}))});
    let boundary = world.call(&member, home, "iam", "CreatePolicy", &boundary);
    let boundary = json!({"RoleName": "Bounded", "PermissionsBoundary": boundary["Policy"]["Arn"]});
    world.call(&member, home, "iam", "PutRolePermissionsBoundary", &boundary);
    let bucket = json!({"Bucket": "can-logs", "CreateBucketConfiguration": {"LocationConstraint": home}});
    world.call(&member, home, "s3", "CreateBucket", &bucket);
    let outside = "arn:aws:iam::444455556666:role/Other";
    let policy = document(json!([
        {"Effect": "Allow", "Principal": {"AWS": outside}, "Action": "s3:GetObject", "Resource": "arn:aws:s3:::can-logs/*"},
        {"Effect": "Deny", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::can-logs/secret/*"},
    ]));
    world.call(&member, home, "s3", "PutBucketPolicy", &json!({"Bucket": "can-logs", "Policy": policy}));

    // By name: the emulator gives accounts other ids each time.
    let found = |answer: &Value| -> Vec<String> {
        let told = |can: &Value| {
            let name = can["principal"].as_str().unwrap();
            format!("{} {}", name.rsplit(':').next().unwrap(), can["decision"].as_str().unwrap())
        };
        let mut all: Vec<String> = answer["can"].as_array().unwrap().iter().map(told).collect();
        all.sort();
        all
    };
    let who = |resource: &str, more: &[&str]| {
        let ask = ["policy", "can", "--quiet", "--format", "json", "--action", "s3:GetObject", "--resource", resource];
        world.dodai(&[&ask[..], more].concat())
    };
    let told = who("arn:aws:s3:::can-logs/k", &[]);
    assert_eq!(told.code, 0, "{told}");
    let expected =
        ["role/Attached allow", "role/Careful depends", "role/Inline allow", "role/Other allow", "root allow"];
    let expected = expected.map(str::to_owned).to_vec();
    assert_eq!(found(&told.json()), expected, "{told}");
    let denied = who("arn:aws:s3:::can-logs/secret/*", &[]);
    assert!(denied.code == 0 && found(&denied.json()).is_empty(), "{denied}");
    let elsewhere = who("arn:aws:s3:::not-ours/k", &[]);
    assert_eq!(elsewhere.code, 3, "{elsewhere}");

    let role = format!("arn:aws:iam::{member}:role/Attached");
    let what = world.dodai(&["policy", "can", "--quiet", "--format", "json", "--principal", &role]);
    assert!(what.code == 0 && what.stdout.contains("s3:GetObject"), "{what}");

    let elsewhere = world.dodai(&["policy", "can", "--quiet", "--principal", outside]);
    assert!(elsewhere.code == 3 && elsewhere.stderr.contains("of no account that was read"), "{elsewhere}");

    // A run that was kept for something else has none of it: nobody is known, and that is said.
    let kept = world.dodai(&["query", "--quiet", "--save", "select RoleName from aws_iam_role"]);
    assert_eq!(kept.code, 0, "{kept}");
    let stored = who("arn:aws:s3:::can-logs/k", &["--run", "latest"]);
    assert_eq!(stored.code, 3, "{stored}");
    assert!(stored.stdout.contains("not read by this run"), "{stored}");

    world.fault(
        &json!({"kind": "deny", "account": member, "service": "iam", "operation": "GetAccountAuthorizationDetails"}),
    );
    let broken = who("arn:aws:s3:::can-logs/k", &[]);
    assert_eq!(broken.code, 3, "{broken}");
    assert!(broken.json()["unknown"].to_string().contains("AccessDenied"), "{broken}");
}
