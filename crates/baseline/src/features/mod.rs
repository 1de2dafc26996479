//! The features that plan cell by cell. One file each; this is the list of all, in the order in which they plan:
//! what others need stands before them.

mod alternate_contacts;
mod cloudtrail;
mod cloudtrail_bucket;
mod cloudtrail_log_group;
mod cloudtrail_logs_role;
mod cloudtrail_selectors;
mod config;
mod config_bucket;
mod ebs_encryption;
mod foreign;
mod guardduty;
mod iam_password_policy;
mod log_bucket;
mod log_key;
mod log_lifecycle;
mod s3_account_public_access_block;
mod security_hub;
mod security_hub_custom_role;

pub use config::config_role;
pub use security_hub::{DisabledControls, disabled_controls};

use crate::Feature;

pub const FEATURES: &[Feature] = &[
    iam_password_policy::FEATURE,
    s3_account_public_access_block::FEATURE,
    alternate_contacts::FEATURE,
    ebs_encryption::FEATURE,
    log_key::FEATURE,
    cloudtrail_bucket::FEATURE,
    cloudtrail::FEATURE,
    cloudtrail_log_group::FEATURE,
    config_bucket::FEATURE,
    config::FEATURE,
    guardduty::FEATURE,
    security_hub::FEATURE,
];
