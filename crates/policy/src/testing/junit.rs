//! A report as the XML of `JUnit`, which build servers read: `testsuites`, a `testsuite` for each file, a `testcase` for each
//! test.

use std::fmt::Write as _;

use dodai_facts::escape::terminal;

use super::report::{FileReport, Report, TestReport};
use super::text::{other, told};

pub fn junit(report: &Report) -> String {
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    let counts = report.counts();
    let _ = writeln!(
        out,
        "<testsuites name=\"dodai policy test\" tests=\"{}\" failures=\"{}\" errors=\"{}\">",
        counts.passed + counts.failed + counts.errors,
        counts.failed,
        counts.errors
    );
    for file in &report.files {
        suite(&mut out, file);
    }
    out.push_str("</testsuites>\n");
    out
}

fn suite(out: &mut String, file: &FileReport) {
    let counts = file.counts();
    let _ = writeln!(
        out,
        "  <testsuite name=\"{}\" tests=\"{}\" failures=\"{}\" errors=\"{}\">",
        xml(&file.policy),
        counts.passed + counts.failed + counts.errors,
        counts.failed,
        counts.errors
    );
    // A test that could not be run is told by its problem.
    for test in file.tests.iter().filter(|test| !test.broken) {
        case(out, file, test);
    }
    for problem in &file.problems {
        let _ = writeln!(
            out,
            "    <testcase classname=\"{}\" name=\"{}\" file=\"{}\" line=\"{}\">\n      <error message=\"{}\"/>\n    </testcase>",
            xml(&file.policy),
            xml(&format!("line {}", problem.line)),
            xml(&problem.file),
            problem.line,
            xml(&problem.to_string())
        );
    }
    out.push_str("  </testsuite>\n");
}

fn case(out: &mut String, file: &FileReport, test: &TestReport) {
    let _ = write!(
        out,
        "    <testcase classname=\"{}\" name=\"{}\" file=\"{}\" line=\"{}\"",
        xml(&file.policy),
        xml(&test.name),
        xml(&file.file),
        test.line
    );
    if test.is_good() {
        out.push_str("/>\n");
        return;
    }
    out.push_str(">\n");
    let of = format!("{} of {} cases", test.failed, test.cases);
    let _ = writeln!(out, "      <failure message=\"{}\">", xml(&of));
    for failure in &test.failures {
        let _ = writeln!(out, "{}: {}", xml(&failure.case.to_string()), xml(&told(failure)));
        if let Some(supposed) = failure.supposed() {
            let _ = writeln!(out, "  {}", xml(&supposed));
        }
    }
    for difference in &test.differences {
        let _ = writeln!(out, "{}: {}", xml(&difference.to_string()), xml(&other(difference)));
    }
    let told = test.failures.len() + test.differences.len();
    if test.failed > told {
        let _ = writeln!(out, "and {} more", test.failed - told);
    }
    out.push_str("      </failure>\n    </testcase>\n");
}

/// For an attribute or the text of an element. Control characters, which XML 1.0 cannot hold, are shown as for the terminal.
fn xml(text: &str) -> String {
    let mut safe = String::with_capacity(text.len() + 8);
    for character in terminal(text).chars() {
        match character {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&apos;"),
            '\u{fffe}' | '\u{ffff}' => safe.push('\u{fffd}'),
            other => safe.push(other),
        }
    }
    safe
}

#[cfg(test)]
mod names_tests;

#[cfg(test)]
mod tests {
    use super::xml;

    #[test]
    fn hostile_text_stays_text() {
        assert_eq!(xml("a]]><b c=\"d\">'&\u{0}\u{1b}\n\u{ffff}"), {
            "a]]&gt;&lt;b c=&quot;d&quot;&gt;&apos;&amp;\\u{0}\\u{1b}\\u{a}\u{fffd}"
        });
    }
}
