//! Tag policies: how tag keys are written, and which values they may have.

use super::super::schema::{Rest, Schema, Shape, folded, in_policy, list, optional};
use super::super::value::Value;

pub(in super::super) static SCHEMA: Schema = Schema {
    folder: "tag",
    page: "Tag policy syntax and examples",
    shape: Shape::Block(&[in_policy("tags", folded("a policy key", &TAG))], Rest::Closed),
    bytes: false,
    unknown: None,
};

static TAG: Shape = Shape::Block(
    &[
        optional("tag_key", Shape::One(Value::Text)),
        optional("tag_value", list(Value::Wildcard)),
        optional("enforced_for", list(Value::ResourceType)),
        optional("report_required_tag_for", list(Value::ResourceType)),
    ],
    Rest::Closed,
);
