//! What the directory is read against: the names that this build of Dodai knows.

use dodai_facts::{ControlInfo, FeatureInfo};

/// The features, controls, standards and Regions there are to choose from.
#[derive(Debug, Clone, Default)]
pub struct Catalogue {
    pub features: Vec<&'static FeatureInfo>,
    /// The built-in controls. The ids of the user's own are added from the directory's control files.
    pub controls: Vec<ControlInfo>,
    /// Names of standards: `fsbp`.
    pub standards: Vec<String>,
    /// Codes of the Regions that the API models know. One that is not among them is a warning, not an
    /// error (AWS opens new Regions); empty means that nothing is said.
    pub regions: Vec<String>,
}

impl Catalogue {
    pub fn feature(&self, id: &str) -> Option<&'static FeatureInfo> {
        self.features.iter().copied().find(|feature| feature.id == id)
    }
}
