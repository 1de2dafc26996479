//! What holds of problems, whatever the file is: there is one, it has a place in the text, and a person can read it.

use dodai_facts::Problem;

/// `texts`: every file with its text.
pub fn told<'t>(problems: &[Problem], texts: impl Fn(&str) -> Option<&'t str>) {
    assert!(!problems.is_empty(), "refused without a word");
    for problem in problems {
        let lines = texts(&problem.file)
            .map_or(0, |text| text.matches(['\n', '\r', '\u{85}', '\u{2028}', '\u{2029}']).count() + 1);
        assert!(problem.line <= lines, "{problem:?}: the file has {lines} lines");
        assert!(!problem.message.trim().is_empty(), "{problem:?}");
        let length = problem.message.len() + problem.help.as_ref().map_or(0, String::len);
        assert!(length < 4_000, "{length} bytes: {:.300}", problem.message);
    }
}
