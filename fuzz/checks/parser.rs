//! Documents: nothing panics, what is refused is told with a place in the text, and what is read is written and read
//! again as the same.

use dodai_policy::decide::Policy;
use dodai_policy::language::{self, Document};

pub fn parser(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    for file in ["p.json", "p.yaml"] {
        match language::read(file, text) {
            Ok(document) => read(document),
            Err(problems) => {
                assert!(!problems.is_empty(), "{file}: refused without a word");
                // To YAML a carriage return ends a line too.
                let lines = text.matches(['\n', '\r']).count() + 1;
                assert!(problems.iter().all(|problem| problem.line <= lines), "{file}: {problems:?}");
            }
        }
    }
}

fn read(document: Document) {
    let written = document.to_json();
    let again = language::read_json("again", &written);
    let again = again.unwrap_or_else(|problems| panic!("{written}: {problems:?}"));
    assert_eq!(again.to_json(), written);
    assert_eq!(again.statements.len(), document.statements.len(), "{written}");
    drop(Policy::new("p", "p.json", document));
}
