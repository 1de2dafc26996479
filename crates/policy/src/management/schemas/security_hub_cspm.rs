//! Security Hub CSPM policies. The key at the top and those of the configuration are not known here; the enablement is.

use super::super::schema::{Rest, Schema, Shape, in_policy, list, optional};
use super::super::value::Value;

pub(in super::super) static SCHEMA: Schema = Schema {
    folder: "security-hub-cspm",
    page: "Security Hub CSPM policy syntax and examples",
    shape: Shape::Block(
        &[optional("securityhub_cspm", Shape::Block(&[optional("cspm_enablement", LISTS)], Rest::Open))],
        Rest::Open,
    ),
    bytes: false,
    unknown: Some("of this type's schema only `cspm_enablement` is known; elsewhere only operators are checked"),
};

/// Both lists are required, and may be empty.
const LISTS: Shape = Shape::Block(
    &[
        in_policy("enable_in_regions", list(Value::RegionOrAll)),
        in_policy("disable_in_regions", list(Value::RegionOrAll)),
    ],
    Rest::Open,
);
