//! Directory files: nothing panics, what is refused is told with its place, and the same files are read the same.

use dodai_facts::{Class, ControlInfo, FeatureInfo, FeatureScope, Profile, SettingInfo, SettingKind, Severity};
use dodai_org::{Catalogue, Content, SourceFile, read};

#[path = "problems.rs"]
mod problems;

const SETTINGS: &[SettingInfo] = &[
    SettingInfo {
        name: "minimum_length",
        kind: SettingKind::Integer { least: 6, most: 128 },
        basic: "8",
        secure: "14",
        doc: "",
    },
    SettingInfo {
        name: "choices",
        kind: SettingKind::List { choices: &["a", "b"] },
        basic: "[]",
        secure: "[]",
        doc: "",
    },
    SettingInfo { name: "tags", kind: SettingKind::Map, basic: "{}", secure: "{}", doc: "" },
];

static FEATURE: FeatureInfo = FeatureInfo {
    id: "iam-password-policy",
    title: "",
    scope: FeatureScope::Account,
    class: Class::Maintained,
    profiles: &Profile::ALL,
    needs: &[],
    reads: &[],
    settings: SETTINGS,
    calls: &[],
};

/// A path and its text, then the next, with zero bytes between them all.
pub fn directory(bytes: &[u8]) {
    let parts: Vec<&[u8]> = bytes.split(|byte| *byte == 0).take(16).collect();
    let files: Vec<SourceFile> = parts
        .chunks(2)
        .map(|pair| {
            let path = String::from_utf8_lossy(pair[0]).into_owned();
            SourceFile::new(path, pair.get(1).map(|text| text.to_vec()).unwrap_or_default())
        })
        .collect();
    let catalogue = Catalogue {
        features: vec![&FEATURE],
        controls: vec![ControlInfo { id: "S3.8".to_owned(), title: String::new(), severity: Severity::High }],
        standards: vec!["fsbp".to_owned()],
        regions: vec!["ap-northeast-1".to_owned(), "us-east-1".to_owned()],
    };
    // A file that is not UTF-8 has no text, but a place in it. A path may be here twice.
    let text = |name: &str| {
        let mut texts = Vec::new();
        for file in files.iter().filter(|file| file.path == name) {
            match &file.content {
                Content::Text(text) => texts.push(text.as_str()),
                Content::Unreadable(_) => return Some(LONG),
            }
        }
        texts.into_iter().max_by_key(|text| text.len()).or(Some(LONG))
    };
    match (read(&files, &catalogue), read(&files, &catalogue)) {
        (Err(found), Err(again)) => {
            problems::told(&found, text);
            assert_eq!(found, again);
        }
        (Ok(found), Ok(again)) => {
            let told = |directory: &dodai_org::Directory| format!("{directory:?}");
            assert_eq!(told(&found), told(&again));
        }
        _ => panic!("read the same twice"),
    }
}

/// Stands for a text that is not known.
const LONG: &str = "\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n";
