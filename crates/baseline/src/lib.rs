//! The baseline: features as pure functions from what is and what is wanted to changes, the planner that
//! asks them cell by cell, the plan and an independent checker of it.

#![expect(clippy::doc_markdown, reason = "names of AWS services and operations are words of this field's language")]

mod account_tags;
mod change;
mod check;
mod document;
mod feature;
mod features;
pub mod format;
mod onboarding;
mod organization;
pub mod permissions;
mod plan;
mod planner;
mod row;
#[cfg(test)]
mod tests;
mod view;

pub use account_tags::AccountTags;
pub use change::{Action, AtMost, Change, Danger, SettingChange, reply_of};
pub use check::{Defect, check};
pub use feature::Feature;
pub use features::{DisabledControls, FEATURES, config_role, disabled_controls};
pub use onboarding::{Onboarding, TAG as ONBOARDING_TAG, UnreadableOnboarding};
pub use organization::{
    ORGANIZATION_FEATURES, OrganizationFeature, OrganizationView, account_state, actions, plan_organization,
};
pub use plan::{Blocked, Due, FORMAT, Plan, Selection, Skipped};
pub use planner::{Input, Part, assemble, cells, plan, plan_accounts};
pub use view::{Context, OWN, Out, Settings, Target, View};
