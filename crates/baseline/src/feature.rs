//! What a feature of the baseline is: what others need to know of it, and a pure function from what is and
//! what is wanted to changes.

use dodai_facts::{Failure, FeatureInfo};

use crate::{Out, View};

/// A feature that plans cell by cell. `plan` returns the failure of the first fact that it needs and that
/// is unknown: the planner then plans nothing for this feature in this cell and says so.
#[derive(Debug, Clone, Copy)]
pub struct Feature {
    pub info: &'static FeatureInfo,
    pub plan: fn(&View<'_>, &mut Out) -> Result<(), Failure>,
}
