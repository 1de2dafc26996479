//! Security Hub policies: where Security Hub (not Security Hub CSPM, which has a type of its own) is on.

use super::super::schema::{Rest, Schema, Shape, in_policy, list};
use super::super::value::Value;

pub(in super::super) static SCHEMA: Schema = Schema {
    folder: "security-hub",
    page: "Security Hub policy syntax and examples",
    shape: Shape::Block(&[in_policy("securityhub", LISTS)], Rest::Closed),
    bytes: false,
    unknown: None,
};

/// Both lists are required, and may be empty.
const LISTS: Shape = Shape::Block(
    &[
        in_policy("enable_in_regions", list(Value::RegionOrAll)),
        in_policy("disable_in_regions", list(Value::RegionOrAll)),
    ],
    Rest::Open,
);
