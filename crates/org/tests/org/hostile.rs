//! Properties: no text makes the readers panic; JSON is read the same as JSON and as YAML.

use dodai_org::{PolicyType, SourceFile};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::{ACCOUNT, DEFAULT, DODAI, EXCEPTIONS, directory, told};

/// Text that comes near to what the readers look for.
fn near() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("email: a@example.com\n".to_owned()),
        Just("units:\n".to_owned()),
        Just("features: {guardduty: ".to_owned()),
        "[ \t\n:{}\\[\\],&*!|>'\"#%@`~<\\\\/-]{1,4}",
        "[a-z0-9\u{85}\u{2028}\u{feff}\u{202e}é]{0,6}",
        any::<char>().prop_map(String::from),
    ];
    proptest::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn no_text_makes_it_panic(text in near(), path in prop_oneof![
        Just(DODAI.to_owned()), Just(ACCOUNT.to_owned()), Just(DEFAULT.to_owned()), Just(EXCEPTIONS.to_owned()),
        Just("policies/tag/t.yaml".to_owned()), Just("controls/x.sql".to_owned()), "[a-z./#]{0,20}",
    ]) {
        let _ = told(vec![SourceFile::text(path, text)]);
    }

    /// Any JSON document is read from JSON and from YAML to the same policy.
    #[test]
    fn json_reads_the_same_as_yaml(key in "[a-zA-Z]{1,8}", text in "\\PC{0,20}", number in any::<i32>(), on: bool) {
        let document = json!({"tags": {key: [text, number, on, null, {}]}});
        let written = serde_json::to_string_pretty(&document).unwrap();
        let read = directory(vec![
            SourceFile::text("policies/tag/a.json", written.clone()),
            SourceFile::text("policies/tag/b.yaml", written),
        ]).unwrap();
        let kind = PolicyType::of_folder("tag").unwrap();
        let content = |name| serde_json::from_str::<Value>(&read.policy(kind, name).unwrap().content).unwrap();
        prop_assert_eq!(content("a"), document.clone());
        prop_assert_eq!(content("b"), document);
    }
}
