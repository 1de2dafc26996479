//! Backup policies: backup plans that AWS Backup makes in the accounts.

use super::super::schema::{Rest, Schema, Shape, folded, in_effective, in_policy, list, optional};
use super::super::value::Value;

pub(in super::super) static SCHEMA: Schema = Schema {
    folder: "backup",
    page: "Backup policy syntax and examples",
    shape: Shape::Block(&[in_policy("plans", folded("a backup plan", &PLAN))], Rest::Closed),
    bytes: false,
    unknown: None,
};

static PLAN: Shape = Shape::Block(
    &[
        in_effective("rules", folded("a backup rule", &RULE)),
        in_effective("regions", list(Value::Region)),
        in_effective("selections", SELECTIONS),
        optional("advanced_backup_settings", ADVANCED),
        optional("backup_plan_tags", folded("a tag", &TAG)),
        optional("scan_settings", Shape::Unknown),
    ],
    Rest::Open,
);

static RULE: Shape = Shape::Block(
    &[
        optional("schedule_expression", Shape::One(Value::Schedule)),
        optional("schedule_expression_timezone", Shape::One(Value::Text)),
        in_effective("target_backup_vault_name", Shape::One(Value::Text)),
        optional("target_logically_air_gapped_backup_vault_arn", Shape::One(Value::Text)),
        optional("start_backup_window_minutes", Shape::One(Value::Integer(0, i64::MAX))),
        optional("complete_backup_window_minutes", Shape::One(Value::Integer(0, i64::MAX))),
        optional("enable_continuous_backup", Shape::One(Value::Boolean)),
        optional("lifecycle", LIFECYCLE),
        optional("copy_actions", folded("a copy action", &COPY)),
        optional("recovery_point_tags", folded("a tag", &TAG)),
        optional("index_actions", Shape::Unknown),
        optional("scan_actions", Shape::Unknown),
    ],
    Rest::Open,
);

const LIFECYCLE: Shape = Shape::Block(
    &[
        optional("move_to_cold_storage_after_days", Shape::One(Value::Integer(0, i64::MAX))),
        optional("delete_after_days", Shape::One(Value::Integer(1, i64::MAX))),
        optional("opt_in_to_archive_for_supported_resources", Shape::One(Value::Boolean)),
    ],
    Rest::Open,
);

static COPY: Shape = Shape::Block(
    &[optional("target_backup_vault_arn", Shape::One(Value::Text)), optional("lifecycle", LIFECYCLE)],
    Rest::Open,
);

/// The page gives a tag's value as one text in its examples and as values in its prose: both are taken.
static TAG: Shape =
    Shape::Block(&[optional("tag_key", Shape::One(Value::Text)), optional("tag_value", Shape::Unknown)], Rest::Open);

/// Resources are found by tags, or, newer, by a list and conditions, whose form is not followed here.
const SELECTIONS: Shape = Shape::Block(
    &[optional("tags", folded("a selection", &SELECTION)), optional("resources", Shape::Unknown)],
    Rest::Open,
);

static SELECTION: Shape = Shape::Block(
    &[
        in_effective("iam_role_arn", Shape::One(Value::Text)),
        in_effective("tag_key", Shape::One(Value::Text)),
        in_effective("tag_value", list(Value::Text)),
    ],
    Rest::Open,
);

const ADVANCED: Shape = Shape::Block(
    &[optional(
        "ec2",
        Shape::Block(&[optional("WindowsVSS", Shape::One(Value::Word(&["enabled", "disabled"])))], Rest::Open),
    )],
    Rest::Open,
);
