//! Upgrade rollout policies: in which order automatic upgrades reach resources.

use super::super::schema::{Name, Rest, Schema, Shape, in_effective, in_policy, named, optional};
use super::super::value::Value;

pub(in super::super) static SCHEMA: Schema = Schema {
    folder: "upgrade-rollout",
    page: "Upgrade rollout policy syntax and examples",
    shape: Shape::Block(
        &[in_policy(
            "upgrade_rollout",
            Shape::Block(
                &[optional("default", ORDER), optional("tags", named("a tag key", Name::Any, &TAG))],
                Rest::Closed,
            ),
        )],
        Rest::Closed,
    ),
    bytes: true,
    unknown: None,
};

static TAG: Shape = Shape::Block(&[in_policy("tag_values", named("a tag value", Name::Any, &ORDER))], Rest::Closed);

const ORDER: Shape =
    Shape::Block(&[in_effective("patch_order", Shape::One(Value::Word(&["first", "second", "last"])))], Rest::Closed);
