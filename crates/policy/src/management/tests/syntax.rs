//! The syntax of each type: what AWS's pages show passes, and mistakes are told with place and help.

use serde_json::{Value, json};

use crate::finding::Severity;

use super::{document, from_json, kind};

/// What is said of a document, a line each: `error unknown-key p.yaml:1:1: …`.
fn said(folder: &str, text: &str) -> Vec<String> {
    let findings = super::super::check(kind(folder), "p.yaml", &document(text));
    let severity = |severity| match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Suggestion => "suggestion",
    };
    findings.iter().map(|found| format!("{} {} {}", severity(found.severity), found.rule, found.problem)).collect()
}

fn check(folder: &str, text: &str, expected: &[&str]) {
    assert_eq!(said(folder, text), expected, "{folder}: {text}");
}

#[test]
fn the_least_document_of_each_type_passes() {
    for (folder, text) in [
        ("tag", r#"{"tags":{"team":{"tag_key":{"@@assign":"Team"},"tag_value":{"@@assign":["core","data"]}}}}"#),
        ("ai-opt-out", r#"{"services":{"default":{"opt_out_policy":{"@@assign":"optOut"}}}}"#),
        ("chat", r#"{"chatbot":{"platforms":{"slack":{"client":{"@@assign":"disabled"}}}}}"#),
        (
            "declarative-ec2",
            r#"{"ec2_attributes":{"vpc_block_public_access":{"internet_gateway_block":{"mode":{"@@assign":"off"},
            "exclusions_allowed":{"@@assign":"disabled"}}}}}"#,
        ),
        (
            "security-hub",
            r#"{"securityhub":{"enable_in_regions":{"@@assign":["eu-west-1"]},"disable_in_regions":{"@@assign":[]}}}"#,
        ),
        (
            "inspector",
            r#"{"inspector":{"enablement":{"ecr_scanning":{"enable_in_regions":{"@@assign":["eu-west-1"]},
            "disable_in_regions":{"@@assign":[]}}}}}"#,
        ),
        ("s3", r#"{"s3_attributes":{"public_access_block_configuration":{"@@assign":"all"}}}"#),
        (
            "bedrock",
            r#"{"bedrock":{"guardrail_inference":{"eu-west-1":{"config_1":{"identifier":{"@@assign":
            "arn:aws:bedrock:eu-west-1:111122223333:guardrail/abcd1234:2"},"input_tags":{"@@assign":"ignore"}}}}}}"#,
        ),
        (
            "upgrade-rollout",
            r#"{"upgrade_rollout":{"default":{"patch_order":{"@@assign":"second"}},"tags":{"stage":{"tag_values":
            {"dev":{"patch_order":{"@@assign":"first"}}}}}}}"#,
        ),
        (
            "network-security-director",
            r#"{"network_security_director":{"enablement":{"network_security_scan":{"enable_in_regions":{"@@assign":
            ["eu-west-1"]},"disable_in_regions":{"@@assign":[]}}}}}"#,
        ),
        (
            "backup",
            r#"{"plans":{"Daily":{"regions":{"@@append":["eu-west-1"]},"rules":{"Night":{"schedule_expression":
            {"@@assign":"cron(0 5 ? * * *)"},"start_backup_window_minutes":{"@@assign":"60"},
            "target_backup_vault_name":{"@@assign":"Default"},"lifecycle":{"move_to_cold_storage_after_days":
            {"@@assign":"180"},"delete_after_days":{"@@assign":270}},"recovery_point_tags":{"owner":{"tag_key":
            {"@@assign":"Owner"},"tag_value":{"@@assign":"Backup"}}}}},"selections":{"tags":{"data":{"iam_role_arn":
            {"@@assign":"arn:aws:iam::$account:role/Backup"},"tag_key":{"@@assign":"data"},"tag_value":{"@@assign":
            ["PII"]}}}},"advanced_backup_settings":{"ec2":{"WindowsVSS":{"@@assign":"enabled"}}}}}}"#,
        ),
    ] {
        check(folder, text, &[]);
    }
}

#[test]
fn where_a_schema_is_not_known_it_is_said_once_and_operators_are_checked() {
    const GUARDDUTY: &str = "suggestion schema-not-known p.yaml: what stands under each feature is not known here; only operators are \
         checked there";
    const CSPM: &str = "suggestion schema-not-known p.yaml: of this type's schema only `cspm_enablement` is known; \
                        elsewhere only operators are checked";
    check("guardduty", "guardduty: {default: {foundational: {status: {'@@assign': x}}}}", &[GUARDDUTY]);
    check(
        "guardduty",
        "guardduty: {eu-west: {s3_data_event: {status: {'@@asign': x}}}}",
        &[
            "error name-not-allowed p.yaml:1:13: `eu-west` is not a Region or `default` (such as `eu-west-1`)",
            "warning unknown-key p.yaml:1:23: `s3_data_event` is not a known key of `eu-west`; AWS's page “Amazon \
             GuardDuty policy syntax and examples” may have it since (did you mean `s3_data_events`?)",
            "error operator-unknown p.yaml:1:48: there is no operator `@@asign` (did you mean `@@assign`?)",
            GUARDDUTY,
        ],
    );
    check(
        "security-hub-cspm",
        "securityhub_cspm: {cspm_enablement: {enable_in_regions: {'@@assign': [ALL_SUPPORTED]}}}",
        &[
            "error required-missing p.yaml:1:37: `cspm_enablement` lacks `disable_in_regions` (its list may be empty)",
            CSPM,
        ],
    );
    check(
        "security-hub-cspm",
        "other: {standards: {'@@assign': }}",
        &[
            "warning unknown-key p.yaml:1:1: `other` is not a known key of the policy; AWS's page “Security Hub CSPM \
             policy syntax and examples” may have it since (there is only `securityhub_cspm`)",
            "error value-not-allowed p.yaml:1:31: `@@assign` of `standards` has no value",
            CSPM,
        ],
    );
}

#[test]
fn keys_are_checked_against_the_schema() {
    check("tag", "[]", &["error not-a-map p.yaml:1:1: the policy must be a map, found a list"]);
    check(
        "tag",
        "{}",
        &[
            "error sets-nothing p.yaml:1:1: the policy is empty",
            "error required-missing p.yaml:1:1: the policy lacks `tags`",
        ],
    );
    check("tag", "tag: {}", &["error unknown-key p.yaml:1:1: the policy has no key `tag` (did you mean `tags`?)"]);
    check(
        "tag",
        "tags: {a: {enforce_for: {'@@assign': []}}}",
        &["error unknown-key p.yaml:1:12: `a` has no key `enforce_for` (did you mean `enforced_for`?)"],
    );
    check(
        "backup",
        "plans: {p: {rules: {r: {lifecycle: {to_delete_after_days: {'@@assign': 1}}}}}}",
        &[
            "warning unknown-key p.yaml:1:37: `to_delete_after_days` is not a known key of `lifecycle`; AWS's page “Backup \
           policy syntax and examples” may have it since (did you mean `delete_after_days`?)",
        ],
    );
    check(
        "tag",
        "tags: {Team: {tag_key: {'@@assign': team}}, team: {tag_key: {'@@assign': Team}}}",
        &[
            "error name-twice p.yaml:1:45: `team` is here twice, as AWS reads such names without regard to case (first on \
           line 1)",
        ],
    );
    check(
        "ai-opt-out",
        "services: {recognition: {opt_out: {'@@assign': optOut}}}",
        &[
            "warning name-not-known p.yaml:1:12: `recognition` is not an AI service that is known here; AWS's page “AI \
             services opt-out policy syntax and examples” may have it since (did you mean `rekognition`?)",
            "error unknown-key p.yaml:1:26: `recognition` has no key `opt_out` (did you mean `opt_out_policy`?)",
        ],
    );
    check(
        "declarative-ec2",
        "ec2_attributes: {allowed_images_settings: {image_criteria: {criteria_11: {}}}}",
        &["error name-not-allowed p.yaml:1:61: `criteria_11` is not a criterion (did you mean `criteria_1`?)"],
    );
    check(
        "security-hub",
        "securityhub: {enable_in_regions: {'@@assign': [eu-west-1]}}",
        &["error required-missing p.yaml:1:14: `securityhub` lacks `disable_in_regions` (its list may be empty)"],
    );
    check(
        "service-control",
        "{}",
        &["error policy-type p.yaml:1:1: a service-control policy is written in the IAM policy language"],
    );
}

#[test]
fn operators_are_checked() {
    check(
        "tag",
        "tags: {a: {tag_key: A, tag_value: {'@@assing': [x]}}}",
        &[
            "error operator-missing p.yaml:1:21: `tag_key` needs an operator around its value, found `A` ({\"@@assign\": …}: \
             a policy says how a value is set; an effective policy is none)",
            "error operator-unknown p.yaml:1:36: there is no operator `@@assing` (did you mean `@@assign`?)",
        ],
    );
    check(
        "tag",
        "tags: {a: {tag_key: {assign: A}}}",
        &[
            "error unknown-key p.yaml:1:22: `tag_key` is a setting: only operators stand in it, not `assign` (did you mean \
           `@@assign`?)",
        ],
    );
    check(
        "tag",
        "tags: {'@@assign': x, a: {'@@enforced_for': y, tag_key: {}}}",
        &[
            "error operator-misplaced p.yaml:1:8: `@@assign` sets a value, but `tags` has no value of its own (it belongs \
             to the settings below)",
            "error operator-unknown p.yaml:1:27: there is no operator `@@enforced_for` (one of `@@assign`, `@@append`, \
             `@@remove`, `@@operators_allowed_for_child_policies`)",
            "warning sets-nothing p.yaml:1:57: `tag_key` has no operator and sets nothing",
        ],
    );
    check(
        "ai-opt-out",
        "services: {lex: {opt_out_policy: {'@@append': optOut}}}",
        &["error operator-misplaced p.yaml:1:35: `@@append` changes a list, but `opt_out_policy` has one value (use \
           `@@assign`)"],
    );
    check(
        "tag",
        "tags: {a: {tag_value: {'@@assign': [x], '@@append': [y]}}}",
        &[
            "warning operators-combined p.yaml:1:23: `tag_value` has `@@assign` and another operator (`@@assign` replaces the \
           whole list: give it what should come out)",
        ],
    );
}

#[test]
fn the_control_of_child_policies_is_checked() {
    let value = |value: &str, expected: &[&str]| {
        let text = format!("tags: {{'@@operators_allowed_for_child_policies': {value}}}");
        check("tag", &text, expected);
    };
    value("['@@all']", &[]);
    value("['@@assign', '@@remove']", &[]);
    value(
        "'@@none'",
        &["error operator-value p.yaml:1:50: `@@operators_allowed_for_child_policies` must be a list, found the text \
           `@@none` (such as [\"@@none\"])"],
    );
    value(
        "[]",
        &[
            "error operator-value p.yaml:1:50: `@@operators_allowed_for_child_policies` is empty ([\"@@none\"] allows none)",
        ],
    );
    value(
        "['@@none', '@@assign']",
        &["error operator-value p.yaml:1:51: the text `@@none` stands alone (all, none, or a list of operators)"],
    );
    value(
        "['@@every']",
        &[
            "error operator-value p.yaml:1:51: `@@every` is not an operator that can be allowed (one of `@@all`, `@@none`, \
           `@@assign`, `@@append`, `@@remove`)",
        ],
    );
    check(
        "tag",
        "tags: {a: {tag_key: {'@@assign': A, '@@operators_allowed_for_child_policies': ['@@append']}}}",
        &[
            "warning operator-value p.yaml:1:79: a setting with one value is never changed by `@@append` (allow `@@assign`, \
           `@@all` or `@@none`)",
        ],
    );
}

#[test]
fn values_are_checked() {
    let tag = |setting: &str, expected: &[&str]| check("tag", &format!("tags: {{a: {{{setting}}}}}"), expected);
    tag(
        "tag_value: {'@@assign': [100, '*@*.com', '*@example.com']}",
        &[
            "error value-not-allowed p.yaml:1:37: `tag_value`: `100` is not a text in quotes",
            "error value-not-allowed p.yaml:1:42: `tag_value`: `*@*.com` has more than one `*` (a tag value can have one \
             `*`)",
        ],
    );
    tag(
        "tag_value: {'@@assign': x}",
        &["warning value-not-a-list p.yaml:1:36: `tag_value` has a list of values, found `x` (put it in brackets)"],
    );
    tag("tag_key: {'@@assign': [A]}", &["error value-not-allowed p.yaml:1:34: `tag_key` has one value, found a list"]);
    tag(
        "tag_key: {'@@assign': B}",
        &[
            "error tag-key-differs p.yaml:1:34: the tag key `B` differs from its policy key `a` (they may differ in case only)",
        ],
    );
    tag("enforced_for: {'@@assign': ['ec2:instance', 'rds:*', 's3:ALL_SUPPORTED']}", &[]);
    tag("enforced_for: {'@@append': ['elasticloadbalancing:loadbalancer', 'dynamodb:table', 'lambda:function']}", &[]);
    let date = crate::reference::Reference::embedded().date();
    let unknown = [
        format!(
            "warning resource-type-unknown p.yaml:1:40: `ec2` has no resource type `instanze` in AWS's reference of {date} (did you mean `instance`?)"
        ),
        format!(
            "warning resource-type-unknown p.yaml:1:56: `ec3` is no service in AWS's reference of {date} (did you mean `ec2`?)"
        ),
        format!(
            "warning resource-type-unknown p.yaml:1:113: `sns` has no resource type `pail` in AWS's reference of {date} (there is only `topic`)"
        ),
    ];
    tag(
        "enforced_for: {'@@assign': ['ec2:instanze', 'ec3:instance']}, report_required_tag_for: {'@@append': ['sns:pail']}",
        &unknown.each_ref().map(String::as_str),
    );
    let rule = |expression: &str, expected: &[&str]| {
        let rules = format!(
            "rules: {{r: {{schedule_expression: {{'@@assign': '{expression}'}}, target_backup_vault_name: {{'@@assign': v}}}}}}"
        );
        check("backup", &format!("plans: {{p: {{{rules}}}}}"), expected);
    };
    rule("cron(0 5 ? * * *)", &[]);
    rule(
        "cron(0 5 * * *)",
        &[
            "error value-not-allowed p.yaml:1:59: `schedule_expression`: `cron(0 5 * * *)` is no schedule: it has 5 fields, \
             not 6 (such as `cron(0 5 ? * * *)`: minutes, hours, day of month, month, day of week, year)",
        ],
    );
    tag(
        "enforced_for: {'@@assign': ['*:instance']}",
        &[
            "error value-not-allowed p.yaml:1:40: `enforced_for`: the text `*:instance` is not a resource type (such as \
           `ec2:instance`, or `ec2:ALL_SUPPORTED` for all of a service)",
        ],
    );
    check(
        "s3",
        "s3_attributes: {public_access_block_configuration: {'@@assign': ALL}}",
        &[
            "error value-not-allowed p.yaml:1:65: `public_access_block_configuration`: `ALL` is not a value that is known \
           here (did you mean `all`?)",
        ],
    );
    check(
        "declarative-ec2",
        "ec2_attributes: {instance_metadata_defaults: {http_put_response_hop_limit: {'@@assign': '65'}}}",
        &[
            "error value-not-allowed p.yaml:1:89: `http_put_response_hop_limit`: the text `65` is not a whole number from -1 \
           to 64",
        ],
    );
    check(
        "declarative-ec2",
        "ec2_attributes: {allowed_images_settings: {image_criteria: {criteria_1: {allowed_image_providers:
          {'@@append': [amazon, '111122223333', self]}}}}}",
        &[
            "error value-not-allowed p.yaml:2:49: `allowed_image_providers`: `self` is not an image provider (an account id, \
           `amazon`, `aws_marketplace` or `aws_backup_vault`)",
        ],
    );
    check(
        "chat",
        &format!("chatbot: {{platforms: {{slack: {{workspaces: {{'@@assign': [{}]}}}}}}}}", "w,".repeat(256)),
        &["error too-many p.yaml:1:56: `workspaces` has 256 values, 255 are allowed"],
    );
    let backup =
        "plans: {p: {rules: {r: {enable_continuous_backup: {'@@assign': maybe}}}, regions: {'@@append': [europe]}}}";
    check(
        "backup",
        backup,
        &[
            "error value-not-allowed p.yaml:1:64: `enable_continuous_backup`: `maybe` is not `true` or `false`",
            "error value-not-allowed p.yaml:1:97: `regions`: `europe` is not a Region (such as `eu-west-1`)",
        ],
    );
}

#[test]
fn values_that_do_not_go_together_are_told() {
    check(
        "backup",
        "plans: {p: {rules: {r: {copy_actions: {v: {lifecycle: {move_to_cold_storage_after_days: {'@@assign': '30'},
          delete_after_days: {'@@assign': 100}}}}}}}}",
        &[
            "error cold-storage-too-short p.yaml:2:43: deleted after 100 days, but moved to cold storage after 30 (at least \
           120: cold storage lasts 90 days)",
        ],
    );
    check(
        "security-hub",
        "securityhub: {enable_in_regions: {'@@append': [eu-west-1]}, disable_in_regions: {'@@assign': [eu-west-1]}}",
        &["warning region-in-both p.yaml:1:48: `eu-west-1` is in both lists: it will be disabled"],
    );
    check(
        "bedrock",
        "bedrock: {guardrail_inference: {eu-west-1: {c: {identifier: {'@@assign':
          'arn:aws:bedrock:us-east-1:111122223333:guardrail/a:1'}}}}}",
        &[
            "error guardrail-region p.yaml:2:11: a guardrail of `us-east-1` cannot be enforced in `eu-west-1`",
            "warning guardrail-tags p.yaml:1:45: `c` does not say what is done with tagged content (`input_tags` or \
             `selective_content_guarding`)",
        ],
    );
    check(
        "bedrock",
        "bedrock: {guardrail_inference: {eu-west-1: {c: {input_tags: {'@@assign': honor}, identifier: {'@@assign':
          'arn:aws:bedrock:eu-west-1:111122223333:guardrail/a:DRAFT'}}}}}",
        &["error value-not-allowed p.yaml:2:11: `identifier`: the text \
           `arn:aws:bedrock:eu-west-1:111122223333:guardrail/a:DRAFT` is not a guardrail with its version (such as \
           `arn:aws:bedrock:eu-west-1:111122223333:guardrail/abcd1234:2`; a draft cannot be enforced)"],
    );
    check(
        "declarative-ec2",
        "ec2_attributes: {instance_metadata_defaults: {http_tokens: {'@@assign': required},
          http_put_response_hop_limit: {'@@assign': 1}}}",
        &[
            "suggestion metadata-hops p.yaml:2:53: containers on an instance cannot reach its metadata over one hop (AWS \
           recommends at least 2 where `http_tokens` is `required`)",
        ],
    );
}

#[test]
fn the_size_is_counted_without_white_space_and_in_the_unit_of_the_type() {
    let told = |folder: &str, document: &Value| {
        let findings = super::super::check(kind(folder), "p.json", &from_json(document));
        let found = findings.into_iter().find(|found| found.rule == "too-long");
        found.map(|found| found.problem.to_string())
    };
    let upgrades = |letters: usize| json!({"upgrade_rollout": {"tags": {"é".repeat(letters): {"tag_values": {}}}}});
    let frame = upgrades(0).to_string().len();
    let most = (5_120 - frame) / 2;
    assert_eq!(told("upgrade-rollout", &upgrades(most)), None);
    let message = format!(
        "p.json: the policy has {} bytes without white space, 5120 are allowed (split it into several)",
        upgrades(most + 1).to_string().len()
    );
    assert_eq!(told("upgrade-rollout", &upgrades(most + 1)), Some(message));
    let services =
        |letters: usize| json!({"services": {"é".repeat(letters): {"opt_out_policy": {"@@assign": "optIn"}}}});
    let most = 2_500 - services(0).to_string().len();
    assert_eq!(told("ai-opt-out", &services(most)), None);
    let message =
        "p.json: the policy has 2501 characters without white space, 2500 are allowed (split it into several)";
    assert_eq!(told("ai-opt-out", &services(most + 1)).as_deref(), Some(message));
}
