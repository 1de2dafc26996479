//! A report as JSON.

use serde::{Serialize, Serializer, ser::SerializeStruct as _};

use super::report::Report;

/// Of the format; it changes when something that was there changes its meaning or goes.
const VERSION: u32 = 1;

impl Serialize for Report {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut report = serializer.serialize_struct("Report", 4)?;
        report.serialize_field("version", &VERSION)?;
        report.serialize_field("ok", &self.is_good())?;
        report.serialize_field("counts", &self.counts())?;
        report.serialize_field("files", &self.files)?;
        report.end()
    }
}
