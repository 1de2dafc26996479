//! Public access to images and snapshots, the serial console, defaults of instance metadata. Follows
//! "GetImageBlockPublicAccessState", "GetSnapshotBlockPublicAccessState", "GetSerialConsoleAccessStatus" and
//! "ModifyInstanceMetadataDefaults" of the Amazon EC2 API Reference; a new account's images are blocked.

use std::collections::BTreeMap;

use crate::call::Call;
use crate::reply::escape;
use crate::state::State;

/// Metadata defaults: parameter, member in the reply, the value that means none.
const METADATA: [(&str, &str, &str); 4] = [
    ("HttpTokens", "httpTokens", "no-preference"),
    ("HttpPutResponseHopLimit", "httpPutResponseHopLimit", "-1"),
    ("HttpEndpoint", "httpEndpoint", "no-preference"),
    ("InstanceMetadataTags", "instanceMetadataTags", "no-preference"),
];

/// The settings of an account in a Region.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    images: String,
    snapshots: String,
    serial_console: bool,
    /// By member in the reply.
    metadata: BTreeMap<&'static str, String>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            images: "block-new-sharing".to_owned(),
            snapshots: "unblocked".to_owned(),
            serial_console: false,
            metadata: BTreeMap::new(),
        }
    }
}

/// The reply's content; none for other operations.
pub(super) fn answer(state: &mut State, call: &Call) -> Option<String> {
    let operation = call.operation.as_str();
    let settings = state.ec2_settings.entry(call.place()).or_default();
    match operation {
        "EnableImageBlockPublicAccess" => {
            call.text("ImageBlockPublicAccessState").unwrap_or("block-new-sharing").clone_into(&mut settings.images);
        }
        "DisableImageBlockPublicAccess" => "unblocked".clone_into(&mut settings.images),
        "EnableSnapshotBlockPublicAccess" => {
            call.text("State").unwrap_or("block-all-sharing").clone_into(&mut settings.snapshots);
        }
        "DisableSnapshotBlockPublicAccess" => "unblocked".clone_into(&mut settings.snapshots),
        "EnableSerialConsoleAccess" => settings.serial_console = true,
        "DisableSerialConsoleAccess" => settings.serial_console = false,
        "ModifyInstanceMetadataDefaults" => {
            for (parameter, member, none) in METADATA {
                match call.text(parameter) {
                    Some(value) if value == none => settings.metadata.remove(member),
                    Some(value) => settings.metadata.insert(member, value.to_owned()),
                    None => None,
                };
            }
        }
        _ => {}
    }
    let managed = if operation.starts_with("Get") { "<managedBy>account</managedBy>" } else { "" };
    Some(match operation {
        "GetImageBlockPublicAccessState" | "EnableImageBlockPublicAccess" | "DisableImageBlockPublicAccess" => {
            let state = escape(&settings.images);
            format!("<imageBlockPublicAccessState>{state}</imageBlockPublicAccessState>{managed}")
        }
        "GetSnapshotBlockPublicAccessState"
        | "EnableSnapshotBlockPublicAccess"
        | "DisableSnapshotBlockPublicAccess" => {
            format!("<state>{}</state>{managed}", escape(&settings.snapshots))
        }
        "GetSerialConsoleAccessStatus" | "EnableSerialConsoleAccess" | "DisableSerialConsoleAccess" => {
            let enabled = settings.serial_console;
            format!("<serialConsoleAccessEnabled>{enabled}</serialConsoleAccessEnabled>{managed}")
        }
        "GetInstanceMetadataDefaults" => {
            let members =
                settings.metadata.iter().map(|(member, value)| format!("<{member}>{}</{member}>", escape(value)));
            format!("<accountLevel>{}{managed}</accountLevel>", members.collect::<String>())
        }
        "ModifyInstanceMetadataDefaults" => "<return>true</return>".to_owned(),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::behaviours::tests::call;

    #[test]
    fn settings_are_kept() {
        let mut state = State::default();
        let mut check = |operation: &str, params: Value, expected: Option<&str>| {
            assert_eq!(answer(&mut state, &call("ec2", operation, params)).as_deref(), expected, "{operation}");
        };
        let images = |state: &str, managed: &str| {
            format!("<imageBlockPublicAccessState>{state}</imageBlockPublicAccessState>{managed}")
        };
        let managed = "<managedBy>account</managedBy>";
        check("GetImageBlockPublicAccessState", json!({}), Some(&images("block-new-sharing", managed)));
        check("DisableImageBlockPublicAccess", json!({}), Some(&images("unblocked", "")));
        check("GetImageBlockPublicAccessState", json!({}), Some(&images("unblocked", managed)));
        check(
            "EnableSnapshotBlockPublicAccess",
            json!({"State": "block-all-sharing"}),
            Some("<state>block-all-sharing</state>"),
        );
        check(
            "EnableSerialConsoleAccess",
            json!({}),
            Some("<serialConsoleAccessEnabled>true</serialConsoleAccessEnabled>"),
        );
        let change = json!({"HttpTokens": "required", "HttpEndpoint": "no-preference"});
        check("ModifyInstanceMetadataDefaults", change, Some("<return>true</return>"));
        let level = format!("<accountLevel><httpTokens>required</httpTokens>{managed}</accountLevel>");
        check("GetInstanceMetadataDefaults", json!({}), Some(&level));
        check("DescribeVpcs", json!({}), None);
    }
}
