//! Merging down a path: the examples of AWS's pages ("Inheritance examples", "Tag policy syntax and examples", "Backup policy
//! syntax and examples", "AI services opt-out policy syntax and examples"), in documents of our own, and what the pages say
//! in prose.

use dodai_document::Node;
use insta::assert_snapshot;
use serde_json::{Value, json};

use super::super::{Enablement, Operator, Why, enablement, is_management};
use super::{document, from_json, kind, merged};

/// What comes of documents, one a level.
fn down(folder: &str, documents: &[&str], expected: &Value) -> Vec<(String, String)> {
    let nodes: Vec<Node> = documents.iter().map(|text| document(text)).collect();
    let names: Vec<String> = (1..=nodes.len()).map(|number| format!("p{number}")).collect();
    let policies: Vec<[(&str, &Node); 1]> =
        names.iter().zip(&nodes).map(|(name, node)| [(name.as_str(), node)]).collect();
    let path: Vec<(&str, &[(&str, &Node)])> =
        names.iter().zip(&policies).map(|(name, policies)| (name.as_str(), policies.as_slice())).collect();
    let result = merged(folder, &path);
    assert_eq!(&result.document, expected, "{documents:?}");
    result.ignored.iter().map(|ignored| (ignored.policy.clone(), ignored.to_string())).collect()
}

/// What comes of documents that are attached to one place.
fn beside(folder: &str, documents: &[&str], expected: &Value) -> Vec<String> {
    let nodes: Vec<Node> = documents.iter().map(|text| document(text)).collect();
    let names: Vec<String> = (1..=nodes.len()).map(|number| format!("p{number}")).collect();
    let policies: Vec<(&str, &Node)> = names.iter().map(String::as_str).zip(&nodes).collect();
    let result = merged(folder, &[("root", &policies)]);
    assert_eq!(&result.document, expected, "{documents:?}");
    result.ignored.iter().map(ToString::to_string).collect()
}

const COST: &str =
    "tags: {CostCenter: {tag_key: {'@@assign': CostCenter}, tag_value: {'@@assign': [Development, Support]}}}";
const APPENDED: &str = "tags: {costcenter: {tag_key: {'@@assign': CostCenter}, tag_value: {'@@append': [Marketing]},
    enforced_for: {'@@append': ['redshift:*', 'dynamodb:table']}}}";
const REMOVED: &str = "tags: {costcenter: {tag_value: {'@@remove': [Development, Marketing]},
    enforced_for: {'@@remove': ['redshift:*', 'dynamodb:table']}}}";

#[test]
fn assign_replaces_append_adds_remove_takes_away() {
    let assigned = "tags: {costcenter: {tag_key: {'@@assign': CostCenter}, tag_value: {'@@assign': [Sandbox]},
        enforced_for: {'@@assign': ['redshift:*', 'dynamodb:table']}}}";
    let of = |values: &Value| json!({"tags": {"costcenter": {"tag_key": "CostCenter", "tag_value": values}}});
    let enforced = |values: &Value| {
        json!({"tags": {"costcenter": {"tag_key": "CostCenter", "tag_value": values,
            "enforced_for": ["redshift:*", "dynamodb:table"]}}})
    };
    down("tag", &[COST], &of(&json!(["Development", "Support"])));
    down("tag", &[COST, assigned], &enforced(&json!(["Sandbox"])));
    down("tag", &[COST, APPENDED], &enforced(&json!(["Development", "Support", "Marketing"])));
    let ignored = down("tag", &[COST, APPENDED, REMOVED], &of(&json!(["Support"])));
    assert_eq!(ignored, []);
}

#[test]
fn a_setting_that_stands_in_another_is_told_and_left_out() {
    let misplaced = "tags: {costcenter: {tag_value: {'@@remove': [Development], enforced_for: {'@@remove': ['a:*']}}}}";
    let expected = json!({"tags": {"costcenter": {"tag_key": "CostCenter", "tag_value": ["Support"]}}});
    let ignored = down("tag", &[COST, misplaced], &expected);
    assert_eq!(
        ignored,
        [(
            "p2".to_owned(),
            "/tags/costcenter/tag_value/enforced_for: the key of `p2` at p2: not of the form of a policy".to_owned()
        )]
    );
}

#[test]
fn what_a_policy_forbids_no_child_policy_can_do() {
    let restricting =
        "tags: {project: {tag_key: {'@@operators_allowed_for_child_policies': ['@@none'], '@@assign': Project},
        tag_value: {'@@operators_allowed_for_child_policies': ['@@append'], '@@assign': [Maintenance, Escalations]}}}";
    let child = "tags: {project: {tag_key: {'@@assign': PROJECT}, tag_value: {'@@append': [Escalations - research]}}}";
    let expected = json!({"tags": {"project": {"tag_key": "Project",
        "tag_value": ["Maintenance", "Escalations", "Escalations - research"]}}});
    let told = "/tags/project/tag_key: `@@assign` of `p2` at p2: `p1` does not allow it to child policies";
    assert_eq!(down("tag", &[restricting, child], &expected), [("p2".to_owned(), told.to_owned())]);
    // Nor can a policy between them allow it again.
    let lifting = "tags: {project: {tag_key: {'@@operators_allowed_for_child_policies': ['@@all']}}}";
    let told = "/tags/project/tag_key: `@@assign` of `p3` at p3: `p1` does not allow it to child policies";
    assert_eq!(down("tag", &[restricting, lifting, child], &expected), [("p3".to_owned(), told.to_owned())]);
    // Who forbade it first is told.
    let again = "tags: {project: {tag_key: {'@@operators_allowed_for_child_policies': ['@@none']}}}";
    assert_eq!(down("tag", &[restricting, again, child], &expected), [("p3".to_owned(), told.to_owned())]);
    // To say what holds anyhow is not in vain.
    let same = "tags: {project: {tag_key: {'@@assign': Project}, tag_value: {'@@assign': [Maintenance, Escalations]}}}";
    let unchanged = json!({"tags": {"project": {"tag_key": "Project", "tag_value": ["Maintenance", "Escalations"]}}});
    assert_eq!(down("tag", &[restricting, same], &unchanged), []);
    let fewer = "tags: {project: {tag_value: {'@@assign': [Maintenance]}}}";
    assert_eq!(down("tag", &[restricting, fewer], &unchanged).len(), 1);
}

#[test]
fn beside_each_other_only_what_all_allow_is_allowed_below() {
    let append = document(
        "tags: {project: {tag_value: {'@@operators_allowed_for_child_policies': ['@@append'], '@@assign': [Maintenance]}}}",
    );
    let both =
        document("tags: {project: {tag_value: {'@@operators_allowed_for_child_policies': ['@@append', '@@remove']}}}");
    let child = document("tags: {project: {tag_value: {'@@append': [New], '@@remove': [Maintenance]}}}");
    let result = merged("tag", &[("root", &[("g", &append), ("h", &both)]), ("unit", &[("child", &child)])]);
    assert_eq!(result.document, json!({"tags": {"project": {"tag_value": ["Maintenance", "New"]}}}));
    let [ignored] = result.ignored.as_slice() else { panic!("{:?}", result.ignored) };
    assert_eq!(ignored.operator, Some(Operator::Remove));
    assert_eq!(ignored.why, Why::NotAllowed { by: "g".to_owned() });
    // A policy does not bind those beside it.
    let result = merged("tag", &[("root", &[("h", &both), ("g", &append), ("child", &child)])]);
    assert_eq!(result.document, json!({"tags": {"project": {"tag_value": ["New"]}}}));
    assert_eq!(result.ignored, []);
}

#[test]
fn beside_each_other_the_first_attached_wins() {
    let first = "tags: {project: {tag_key: {'@@assign': PROJECT}, tag_value: {'@@append': [Maintenance]}}}";
    let second = "tags: {project: {tag_key: {'@@assign': project}}}";
    let expected = |key: &str| json!({"tags": {"project": {"tag_key": key, "tag_value": ["Maintenance"]}}});
    let told =
        "/tags/project/tag_key: `@@assign` of `p2` at root: `p1`, attached to the same place, was attached before it";
    assert_eq!(beside("tag", &[first, second], &expected("PROJECT")), [told]);
    assert_eq!(beside("tag", &[second, first], &expected("project")), [told]);
    // The same value twice is no conflict, and an assignment does not undo what is appended beside it.
    assert!(beside("tag", &[first, first], &expected("PROJECT")).is_empty());
    let assigned = "tags: {project: {tag_value: {'@@assign': [Other]}}}";
    let both = json!({"tags": {"project": {"tag_key": "PROJECT", "tag_value": ["Other", "Maintenance"]}}});
    assert!(beside("tag", &[first, assigned], &both).is_empty());
}

#[test]
fn values_may_be_defined_below_a_locked_key() {
    let keys =
        "tags: {CostCenter: {tag_key: {'@@assign': CostCenter, '@@operators_allowed_for_child_policies': ['@@none']}}}";
    let values = "tags: {CostCenter: {tag_value: {'@@assign': [Production, Test]}}}";
    let expected = json!({"tags": {"costcenter": {"tag_key": "CostCenter", "tag_value": ["Production", "Test"]}}});
    assert_eq!(down("tag", &[keys, values], &expected), []);
}

#[test]
fn backup_plans_merge_by_their_names_and_names_are_given_in_lower_case() {
    let parent = "plans: {PII_Backup_Plan: {regions: {'@@append': [us-east-1, eu-north-1]}, rules: {Hourly: {
        schedule_expression: {'@@assign': cron(0 0/1 ? * * *)}, target_backup_vault_name: {'@@assign': FortKnox},
        copy_actions: {'arn:aws:backup:us-east-1:$account:backup-vault:T2': {lifecycle: {delete_after_days:
        {'@@assign': '180'}}}}}}, selections: {tags: {DataType: {tag_value: {'@@assign': [PII]}}}},
        advanced_backup_settings: {ec2: {WindowsVSS: {'@@assign': enabled}}}}}";
    let child = "plans: {pii_backup_plan: {regions: {'@@assign': [us-west-2]}, rules: {hourly: {schedule_expression:
        {'@@assign': cron(0 0/2 ? * * *)}}}}, Monthly: {regions: {'@@append': [us-east-1]}}}";
    let expected = json!({"plans": {
        "monthly": {"regions": ["us-east-1"]},
        "pii_backup_plan": {
            "regions": ["us-west-2"],
            "rules": {"hourly": {
                "schedule_expression": "cron(0 0/2 ? * * *)",
                "target_backup_vault_name": "FortKnox",
                "copy_actions": {"arn:aws:backup:us-east-1:$account:backup-vault:t2": {"lifecycle": {"delete_after_days": "180"}}},
            }},
            "selections": {"tags": {"datatype": {"tag_value": ["PII"]}}},
            "advanced_backup_settings": {"ec2": {"WindowsVSS": "enabled"}},
        },
    }});
    assert_eq!(down("backup", &[parent, child], &expected), []);
}

#[test]
fn a_plan_that_is_locked_at_every_node_stays_and_plans_can_be_added_where_appending_is_allowed() {
    const NONE: &str = "'@@operators_allowed_for_child_policies': ['@@none']";
    let parent = |plans: &str| {
        format!(
            "plans: {{{plans}, PII: {{{NONE}, regions: {{{NONE}, '@@append': [us-east-1]}}, rules: {{{NONE}, Hourly: {{{NONE},
             target_backup_vault_name: {{{NONE}, '@@assign': FortKnox}}}}}}}}}}"
        )
    };
    let child = "plans: {PII: {regions: {'@@append': [eu-west-1]}, selections: {tags: {a: {tag_key: {'@@assign': a}}}},
        rules: {Hourly: {target_backup_vault_name: {'@@assign': Other}}}}, Monthly: {regions: {'@@assign': [us-east-1]}}}";
    let locked = json!({"regions": ["us-east-1"], "rules": {"hourly": {"target_backup_vault_name": "FortKnox"}}});
    let ignored = down("backup", &[&parent(NONE), child], &json!({"plans": {"pii": locked}}));
    let told: Vec<&str> = ignored.iter().map(|(_, text)| text.split(':').next().unwrap_or_default()).collect();
    assert_eq!(
        told,
        [
            "/plans/pii/regions",
            "/plans/pii/selections",
            "/plans/pii/rules/hourly/target_backup_vault_name",
            "/plans/monthly"
        ]
    );
    let open = parent("'@@operators_allowed_for_child_policies': ['@@append']");
    let expected = json!({"plans": {"pii": locked, "monthly": {"regions": ["us-east-1"]}}});
    assert_eq!(down("backup", &[&open, child], &expected).len(), 3);
}

#[test]
fn a_locked_default_leaves_other_ai_services_open() {
    let parent = "services: {default: {'@@operators_allowed_for_child_policies': ['@@none'], opt_out_policy:
        {'@@operators_allowed_for_child_policies': ['@@none'], '@@assign': optOut}}}";
    let child =
        "services: {default: {opt_out_policy: {'@@assign': optIn}}, lex: {opt_out_policy: {'@@assign': optIn}}}";
    let expected = json!({"services": {"default": {"opt_out_policy": "optOut"}, "lex": {"opt_out_policy": "optIn"}}});
    assert_eq!(down("ai-opt-out", &[parent, child], &expected).len(), 1);
}

#[test]
fn an_empty_list_that_is_said_stays_and_one_that_is_required_too() {
    let said = "securityhub: {enable_in_regions: {'@@append': [eu-west-1]}, disable_in_regions: {'@@append': []}}";
    let removed = "securityhub: {enable_in_regions: {'@@remove': [eu-west-1]}, disable_in_regions: {'@@append': []}}";
    let expected = json!({"securityhub": {"enable_in_regions": [], "disable_in_regions": []}});
    assert_eq!(down("security-hub", &[said, removed], &expected), []);
    let result = merged("security-hub", &[("root", &[("p", &document(said))])]);
    assert_eq!(result.origins.get("/securityhub/disable_in_regions").map(String::as_str), Some("p"));
}

#[test]
fn operators_for_lists_do_not_change_a_single_value() {
    let ignored = down(
        "s3",
        &["s3_attributes: {public_access_block_configuration: {'@@append': [all], '@@assign': none}}"],
        &json!({"s3_attributes": {"public_access_block_configuration": "none"}}),
    );
    assert_eq!(
        ignored,
        [(
            "p1".to_owned(),
            "/s3_attributes/public_access_block_configuration: `@@append` of `p1` at p1: the setting has one value"
                .to_owned()
        )]
    );
    // Where the schema is not known, the value tells.
    let feature = |operator: &str| format!("guardduty: {{default: {{foundational: {{status: {{'{operator}': x}}}}}}}}");
    let expected = json!({"guardduty": {"default": {"foundational": {"status": "x"}}}});
    assert_eq!(down("guardduty", &[&feature("@@assign"), &feature("@@append")], &expected).len(), 1);
}

#[test]
fn a_name_without_end_is_left_out() {
    let node = from_json(
        &json!({"tags": {"x".repeat(5_000): {"tag_key": {"@@assign": "X"}}, "a": {"tag_key": {"@@assign": "A"}}}}),
    );
    let result = merged("tag", &[("root", &[("p", &node)])]);
    assert_eq!(result.document, json!({"tags": {"a": {"tag_key": "A"}}}));
    assert_eq!(result.ignored.iter().map(|ignored| ignored.pointer.as_str()).collect::<Vec<_>>(), ["/tags"]);
}

#[test]
fn no_policy_gives_an_empty_document() {
    for kind in crate::PolicyType::ALL {
        let result = super::super::effective(kind, &[]);
        assert!(result.is_empty(), "{}", kind.folder);
        assert_eq!((result.ignored.len(), result.missing.len()), (0, 0));
        assert_eq!(result.notes.is_empty(), is_management(kind), "{}", kind.folder);
    }
    assert_eq!(merged("tag", &[("root", &[])]).text(), "no policy is in effect\n");
    assert_eq!(kind("tag").aws, "TAG_POLICY");
}

#[test]
fn disabling_wins_and_all_regions_are_meant_by_one_word() {
    let lists = json!({"enable_in_regions": ["ALL_SUPPORTED"], "disable_in_regions": ["eu-west-1"]});
    assert_eq!(enablement(&lists, "eu-west-1"), Enablement::Disabled);
    assert_eq!(enablement(&lists, "us-east-1"), Enablement::Enabled);
    let lists = json!({"enable_in_regions": ["eu-west-1"], "disable_in_regions": []});
    assert_eq!(enablement(&lists, "us-east-1"), Enablement::Unmanaged);
    let note = |folder: &str, text: &str| merged(folder, &[("root", &[("p", &document(text))])]).notes;
    assert_eq!(
        note(
            "security-hub",
            "securityhub: {enable_in_regions: {'@@assign': [a, b]}, disable_in_regions: {'@@assign': [b]}}"
        ),
        ["`b` is in both lists: it is disabled"]
    );
    assert_eq!(
        note(
            "security-hub-cspm",
            "x: {cspm_enablement: {enable_in_regions: {'@@assign': [a]}, disable_in_regions: {'@@assign': [ALL_SUPPORTED]}}}"
        ),
        ["every Region is disabled: `disable_in_regions` wins"]
    );
    assert_eq!(
        note(
            "guardduty",
            "guardduty: {default: {a: {s: {'@@assign': x}}, b: {s: {'@@assign': x}}}, eu-west-1: {a: {s: {'@@assign': y}}}}"
        ),
        ["`eu-west-1` replaces `default` whole: there the policy does not say `b`"]
    );
    assert_eq!(
        note("upgrade-rollout", "upgrade_rollout: {tags: {a: {tag_values: {b: {patch_order: {'@@assign': last}}}}}}"),
        ["resources without one of the tags are upgraded `second`"]
    );
}

#[test]
fn the_text_says_who_said_what_and_what_was_in_vain() {
    let base = document(
        "plans: {Daily: {'@@operators_allowed_for_child_policies': ['@@none'], regions: {'@@assign': [eu-west-1],
         '@@operators_allowed_for_child_policies': ['@@append']}, rules: {Night: {schedule_expression: {'@@assign':
         cron(0 5 ? * * *)}}}}}",
    );
    let unit = document("plans: {daily: {regions: {'@@append': [eu-north-1]}, selections: {}}}");
    let own = document(
        "plans: {daily: {regions: {'@@assign': [\"us\\x1b[2J\"]}, rules: {night: {target_backup_vault_name: {'@@assign': \"V\\e\"}}}}}",
    );
    let result = merged(
        "backup",
        &[("root", &[("base", &base)]), ("Workloads", &[("more", &unit)]), ("shop", &[("own", &own)])],
    );
    assert_snapshot!(result.text(), @r"
    plans:
      daily:
        regions:
          - eu-west-1                               from base
          - eu-north-1                              from more
        rules:
          night:
            schedule_expression: cron(0 5 ? * * *)  from base
            target_backup_vault_name: V\u{1b}       from own

    missing:
      /plans/daily/selections is required

    without effect:
      /plans/daily/selections: the key of `more` at Workloads: `base` does not allow it to child policies
      /plans/daily/regions: `@@assign` of `own` at shop: `base` does not allow it to child policies
    ");
}
