//! EC2 policies: attributes of EC2 and VPC that are set for accounts and that their administrators cannot change.

use super::super::schema::{Name, Rest, Schema, Shape, in_effective, in_policy, list, named, optional};
use super::super::value::Value;

pub(in super::super) static SCHEMA: Schema = Schema {
    folder: "declarative-ec2",
    page: "Declarative policy syntax and examples",
    shape: Shape::Block(&[in_policy("ec2_attributes", ATTRIBUTES)], Rest::Closed),
    bytes: false,
    unknown: None,
};

const ATTRIBUTES: Shape = Shape::Block(
    &[
        optional("exception_message", Shape::One(Value::Text)),
        optional("vpc_block_public_access", Shape::Block(&[optional("internet_gateway_block", GATEWAY)], Rest::Closed)),
        optional("serial_console_access", Shape::Block(&[in_effective("status", SWITCH)], Rest::Closed)),
        optional(
            "image_block_public_access",
            Shape::Block(
                &[in_effective("state", Shape::One(Value::Word(&["unblocked", "block_new_sharing"])))],
                Rest::Closed,
            ),
        ),
        optional("allowed_images_settings", ALLOWED_IMAGES),
        optional("instance_metadata_defaults", METADATA),
        optional(
            "snapshot_block_public_access",
            Shape::Block(
                &[in_effective(
                    "state",
                    Shape::One(Value::Word(&["unblocked", "block_new_sharing", "block_all_sharing"])),
                )],
                Rest::Closed,
            ),
        ),
    ],
    Rest::Closed,
);

const SWITCH: Shape = Shape::One(Value::Word(&["enabled", "disabled"]));

const GATEWAY: Shape = Shape::Block(
    &[
        in_effective("mode", Shape::One(Value::Word(&["off", "block_ingress", "block_bidirectional"]))),
        in_effective("exclusions_allowed", SWITCH),
    ],
    Rest::Closed,
);

const ALLOWED_IMAGES: Shape = Shape::Block(
    &[
        in_effective("state", Shape::One(Value::Word(&["enabled", "disabled", "audit_mode"]))),
        optional("image_criteria", named("a criterion", Name::OneOf(&CRITERIA), &CRITERION)),
    ],
    Rest::Closed,
);

static CRITERIA: [&str; 10] = [
    "criteria_1",
    "criteria_2",
    "criteria_3",
    "criteria_4",
    "criteria_5",
    "criteria_6",
    "criteria_7",
    "criteria_8",
    "criteria_9",
    "criteria_10",
];

const DAYS: Shape = Shape::One(Value::Integer(0, i32::MAX as i64));

static CRITERION: Shape = Shape::Block(
    &[
        optional("allowed_image_providers", list(Value::ImageProvider)),
        optional("image_names", list(Value::Text)),
        optional("marketplace_product_codes", list(Value::Text)),
        optional(
            "creation_date_condition",
            Shape::Block(&[optional("maximum_days_since_created", DAYS)], Rest::Closed),
        ),
        optional(
            "deprecation_time_condition",
            Shape::Block(&[optional("maximum_days_since_deprecated", DAYS)], Rest::Closed),
        ),
    ],
    Rest::Closed,
);

/// Open: EC2's own defaults for the account know one more (`HttpTokensEnforced`).
const METADATA: Shape = Shape::Block(
    &[
        optional("http_tokens", Shape::One(Value::Word(&["no_preference", "required", "optional"]))),
        optional("http_put_response_hop_limit", Shape::One(Value::Integer(-1, 64))),
        optional("http_endpoint", Shape::One(Value::Word(&["no_preference", "enabled", "disabled"]))),
        optional("instance_metadata_tags", Shape::One(Value::Word(&["no_preference", "enabled", "disabled"]))),
    ],
    Rest::Open,
);
