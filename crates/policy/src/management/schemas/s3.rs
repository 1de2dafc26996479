//! Amazon S3 policies: all four settings of Block Public Access together, for accounts.

use super::super::schema::{Rest, Schema, Shape, in_policy};
use super::super::value::Value;

pub(in super::super) static SCHEMA: Schema = Schema {
    folder: "s3",
    page: "Amazon S3 policy syntax and examples",
    shape: Shape::Block(&[in_policy("s3_attributes", ATTRIBUTES)], Rest::Closed),
    bytes: false,
    unknown: None,
};

const ATTRIBUTES: Shape = Shape::Block(
    &[in_policy("public_access_block_configuration", Shape::One(Value::Word(&["all", "none"])))],
    Rest::Open,
);
