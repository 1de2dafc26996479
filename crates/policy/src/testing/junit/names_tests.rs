//! Names that want to be obeyed, in every place of the XML: a reader of XML finds the elements of any report, and the
//! names in their attributes.

use xmlparser::{Token, Tokenizer};

use super::super::report::{FileReport, Report, TestReport};
use dodai_facts::Problem;

use super::{junit, terminal};

#[path = "../../../../../fuzz/checks/names.rs"]
mod names;
#[path = "../../../../../fuzz/checks/obeyed.rs"]
mod obeyed;
use names::names;
use obeyed::obeyed;

#[test]
fn a_report_is_xml_whatever_the_names_are() {
    for (what, name) in names() {
        let test = |broken| TestReport {
            name: name.clone(),
            line: 1,
            cases: 1,
            failed: 0,
            failures: Vec::new(),
            differences: Vec::new(),
            broken,
        };
        let problem =
            Problem { file: name.clone(), line: 1, column: 1, message: name.clone(), help: Some(name.clone()) };
        let file = FileReport {
            file: name.clone(),
            policy: name.clone(),
            tests: vec![test(false)],
            problems: vec![problem],
            warnings: Vec::new(),
        };
        let shown = junit(&Report { files: vec![file] });
        assert_eq!(obeyed(&shown), None, "{what}");
        let (mut elements, mut named) = (Vec::new(), Vec::new());
        for token in Tokenizer::from(shown.as_str()) {
            match token.unwrap_or_else(|error| panic!("{what}: {error}\n{shown:.1000}")) {
                Token::ElementStart { local, .. } => elements.push(local.as_str().to_owned()),
                Token::Attribute { local, value, .. } if local.as_str() == "classname" => {
                    named.push(read(value.as_str()));
                }
                _ => {}
            }
        }
        assert_eq!(elements, ["testsuites", "testsuite", "testcase", "testcase", "error"], "{what}");
        // What XML cannot hold, and what a terminal would obey, is shown as elsewhere.
        let expected = terminal(&name).replace(['\u{fffe}', '\u{ffff}'], "\u{fffd}");
        assert_eq!(named, [expected.as_str(), expected.as_str()], "{what}");
    }
}

fn read(value: &str) -> String {
    assert!(!value.contains(['<', '>', '"']), "{value:.200}");
    let text = value.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&apos;", "'");
    text.replace("&amp;", "&")
}
