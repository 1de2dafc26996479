//! The IAM policy language: read, decide, check, test, compare and pack. Pure: works on texts and values handed to it,
//! reads no file and asks nobody; usable on its own.

pub mod decide;
pub mod kind;
pub mod language;
pub mod pattern;

pub use kind::PolicyType;
pub use language::{Document, Effect, Statement};

mod reference {
    pub fn rcp_services() -> &'static [&'static str] {
        &["kms", "s3", "sts"]
    }
}
