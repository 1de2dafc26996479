//! Amazon Inspector policies: which scans are on, and where.

use super::super::schema::{Rest, Schema, Shape, in_policy, list, optional};
use super::super::value::Value;

pub(in super::super) static SCHEMA: Schema = Schema {
    folder: "inspector",
    page: "Amazon Inspector policy syntax and examples",
    shape: Shape::Block(
        &[in_policy("inspector", Shape::Block(&[in_policy("enablement", SCANS)], Rest::Closed))],
        Rest::Closed,
    ),
    bytes: false,
    unknown: None,
};

const SCANS: Shape = Shape::Block(
    &[
        optional("ec2_scanning", LISTS),
        optional("ecr_scanning", LISTS),
        optional("lambda_standard_scanning", LAMBDA),
        optional("code_repository_scanning", LISTS),
    ],
    Rest::Closed,
);

const REGIONS: Shape = list(Value::RegionOrAll);
const LISTS: Shape =
    Shape::Block(&[optional("enable_in_regions", REGIONS), optional("disable_in_regions", REGIONS)], Rest::Closed);

/// Scanning of the code stands within the standard scan, without which it cannot be.
const LAMBDA: Shape = Shape::Block(
    &[
        optional("enable_in_regions", REGIONS),
        optional("disable_in_regions", REGIONS),
        optional("lambda_code_scanning", LISTS),
    ],
    Rest::Closed,
);
