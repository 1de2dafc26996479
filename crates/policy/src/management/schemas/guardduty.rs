//! Amazon GuardDuty policies: which protection plans are on, by default and in Regions that differ.

use super::super::schema::{Name, Rest, Schema, Shape, named, optional};

pub(in super::super) static SCHEMA: Schema = Schema {
    folder: "guardduty",
    page: "Amazon GuardDuty policy syntax and examples",
    shape: Shape::Block(
        &[optional("guardduty", named("a Region or `default`", Name::RegionOrDefault, &FEATURES))],
        Rest::Open,
    ),
    bytes: false,
    unknown: Some("what stands under each feature is not known here; only operators are checked there"),
};

/// The page names one more, whose name begins with `ai_`.
static FEATURES: Shape = Shape::Block(
    &[
        optional("foundational", Shape::Unknown),
        optional("s3_data_events", Shape::Unknown),
        optional("eks_audit_logs", Shape::Unknown),
        optional("ebs_malware_protection", Shape::Unknown),
        optional("rds_login_events", Shape::Unknown),
        optional("lambda_network_logs", Shape::Unknown),
        optional("runtime_monitoring", Shape::Unknown),
    ],
    Rest::Open,
);
