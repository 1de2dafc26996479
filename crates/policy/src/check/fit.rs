//! Which resources an action can be about.
//!
//! AWS: "Actions, resources, and condition keys for AWS services": the actions table.

use super::arn::{Arn, fits};
use super::subject::Named;

/// Whether a value of `Resource` can be the resource of a request for an action. True where the reference does not say.
pub fn takes((service, action): Named, value: &str) -> bool {
    if value.chars().all(|c| c == '*') && !value.is_empty() {
        return true;
    }
    // An action without resource types wants `*`, but some take all of their service: `arn:aws:s3:::*`.
    if action.resources.is_empty() {
        return Arn::read(value).is_some_and(|arn| arn.resource.chars().all(|c| c == '*'));
    }
    let types = || action.resources.iter().map(|resource| service.resource_type(&resource.name));
    // A type without a pattern is not described.
    types().any(|kind| kind.is_none_or(|kind| kind.arns.is_empty() || kind.arns.iter().any(|arn| fits(value, arn))))
}
