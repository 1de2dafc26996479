//! The vocabulary of the house: where something is (a cell), what is known of it (a fact), what could
//! not be read (a gap), and what would change it (a call). Pure: no I/O, no clock, no AWS.

mod call;
mod catalogue;
mod cell;
mod counted;
pub mod escape;
mod fact;
mod failure;
mod inventory;
mod nearest;
mod problem;

pub use call::{Call, Find, NotYet, Reference, ReferenceError, Until};
pub use catalogue::{
    Class, ControlInfo, FeatureInfo, FeatureScope, Profile, SettingInfo, SettingKind, Severity, TableInfo,
    is_control_id,
};
pub use cell::{AccountId, Cell, InvalidName, Partition, Region, Scope};
pub use counted::counted;
pub use fact::Fact;
pub use failure::{Failure, FailureKind};
pub use inventory::{Gap, Inventory, Listing, Row};
pub use nearest::{meant, nearest, unknown_name};
pub use problem::Problem;
