//! The plan: every change with its calls, and everything that was not planned and why.

use dodai_facts::{Cell, Failure};
use serde::{Deserialize, Serialize};

use crate::Change;

/// The version of the plan file's form.
pub const FORMAT: u32 = 1;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    pub format: u32,
    /// The version of the tool that made it.
    pub tool: String,
    /// The organization's id.
    pub organization: String,
    /// What was asked for, so that applying the file plans the same part again.
    pub selection: Selection,
    /// In the order in which they may run.
    pub changes: Vec<Change>,
    /// Left alone on purpose, and why.
    pub skipped: Vec<Skipped>,
    /// Not planned because something could not be read, or stands in the way.
    pub blocked: Vec<Blocked>,
    /// What can only be planned when this round is done (an account that does not exist yet).
    pub due: Vec<Due>,
    /// How many features in how many cells are as they should be.
    pub satisfied: usize,
}

/// Which part of the organization, and of the baseline, to look at. Empty means all. Whoever selects units names
/// their accounts in `accounts` too: the planner does not see the tree.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Selection {
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub accounts: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub units: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub regions: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub features: Vec<String>,
}

impl Selection {
    pub fn is_everything(&self) -> bool {
        *self == Self::default()
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Skipped {
    pub account: String,
    pub cell: Cell,
    pub feature: String,
    pub why: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Blocked {
    pub account: String,
    pub cell: Cell,
    pub feature: String,
    /// The feature that it needs and that is blocked by this failure; none where it is its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    pub failure: Failure,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Due {
    pub account: String,
    pub why: String,
}

impl Plan {
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty() && self.due.is_empty()
    }
}
