//! Amazon Bedrock policies: the guardrail that every inference call goes through, Region by Region.

use super::super::schema::{Name, Rest, Schema, Shape, in_effective, in_policy, list, named, optional};
use super::super::value::Value;

pub(in super::super) static SCHEMA: Schema = Schema {
    folder: "bedrock",
    page: "Amazon Bedrock policy syntax and examples",
    shape: Shape::Block(
        &[in_policy(
            "bedrock",
            Shape::Block(
                &[in_policy("guardrail_inference", named("a Region", Name::Region, &CONFIGURATIONS))],
                Rest::Open,
            ),
        )],
        Rest::Closed,
    ),
    bytes: false,
    unknown: None,
};

static CONFIGURATIONS: Shape = named("a configuration", Name::Any, &CONFIGURATION);

static CONFIGURATION: Shape = Shape::Block(
    &[
        in_effective("identifier", Shape::One(Value::Guardrail)),
        optional("input_tags", Shape::One(Value::Word(&["honor", "ignore"]))),
        optional(
            "selective_content_guarding",
            Shape::Block(&[optional("system", GUARDING), optional("messages", GUARDING)], Rest::Open),
        ),
        optional(
            "model_enforcement",
            Shape::Block(
                &[optional("included_models", list(Value::Text)), optional("excluded_models", list(Value::Text))],
                Rest::Open,
            ),
        ),
    ],
    Rest::Open,
);

const GUARDING: Shape = Shape::One(Value::Word(&["selective", "comprehensive"]));
