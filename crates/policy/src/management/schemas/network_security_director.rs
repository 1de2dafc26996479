//! AWS Shield network security director policies: where networks are scanned.

use super::super::schema::{Rest, Schema, Shape, in_policy, list, optional};
use super::super::value::Value;

pub(in super::super) static SCHEMA: Schema = Schema {
    folder: "network-security-director",
    page: "AWS Shield network security director policy syntax and examples",
    shape: Shape::Block(
        &[in_policy("network_security_director", Shape::Block(&[in_policy("enablement", SCAN)], Rest::Closed))],
        Rest::Closed,
    ),
    bytes: false,
    unknown: None,
};

const SCAN: Shape = Shape::Block(
    &[in_policy(
        "network_security_scan",
        Shape::Block(
            &[
                optional("enable_in_regions", list(Value::RegionOrAll)),
                optional("disable_in_regions", list(Value::RegionOrAll)),
            ],
            Rest::Closed,
        ),
    )],
    Rest::Closed,
);
