//! No text makes the reading of a directory panic.

use dodai_org::SourceFile;
use proptest::prelude::*;

use super::{ACCOUNT, DEFAULT, DODAI, EXCEPTIONS, told};

/// Text that comes near to what the readers look for.
fn near() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("email: a@example.com\n".to_owned()),
        Just("units:\n".to_owned()),
        Just("features: {guardduty: ".to_owned()),
        Just("include: [region-restriction, {network-perimeter: {addresses: [".to_owned()),
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
        Just("policies/tag/t.yaml".to_owned()), Just("policies/service-control/x.yaml".to_owned()),
        Just("controls/x.sql".to_owned()), "[a-z./#]{0,20}",
    ]) {
        let _ = told(vec![SourceFile::text(path, text)]);
    }
}
