//! Names that want to be obeyed, through every writer.

use std::fmt::Write as _;

#[path = "../../../../fuzz/checks/marked.rs"]
mod marked;
#[path = "../../../../fuzz/checks/names.rs"]
mod names;
#[path = "../../../../fuzz/checks/obeyed.rs"]
mod obeyed;
use marked::marked;
use names::names;
use obeyed::obeyed;

/// Wherever a name stands, a reader of GitHub's Markdown sees the name, and nothing that can be followed or that changes what
/// stands around it.
#[test]
fn markdown_is_read_as_text() {
    for (what, name) in names() {
        let (text, code) = (super::markdown(&name), super::markdown_code(&name));
        let expected = visible(&super::terminal(&name));
        for place in [
            "{}",
            "- {}",
            "- {}: why\n- more",
            "## {}",
            "a {} b",
            "| a | b |\n|---|---|\n| {} | {}<br>{} |",
            "{}, {}\n\nb",
        ] {
            let like = marked(&place.replace("{}", "calm"));
            for written in [&text, &code] {
                let shown = marked(&place.replace("{}", written));
                assert!(shown.live.is_empty(), "{what} in {place}: {:?}\n{written:.500}", shown.live);
                assert_eq!(shown.blocks, like.blocks, "{what} in {place}: {written:.500}");
                // In code nothing can stand for a bar behind a backslash, or for an end.
                if name.contains('|') || name.trim().is_empty() {
                    continue;
                }
                assert_eq!(visible(&shown.text), visible(&like.text.replace("calm", &expected)), "{what} in {place}");
            }
        }
    }
}

/// How many spaces a browser shows is another matter.
fn visible(text: &str) -> String {
    text.split_whitespace().collect()
}

/// A reader of CSV that others wrote gives every name back, but for the apostrophe that is taken off.
#[test]
fn csv_is_read_as_it_was_written() {
    let mut text = String::from("what,name,after\r\n");
    for (what, name) in names() {
        write!(text, "{what},{},{}\r\n", super::csv(&name), super::csv("after")).unwrap();
    }
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let read: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    assert_eq!(read.len(), names().len());
    for (record, (what, name)) in read.iter().zip(names()) {
        let (field, after) = (&record[1], &record[2]);
        assert!(!field.starts_with(['=', '@', '\t', '\r', '\n', '\u{ff1d}']), "{what}: {field:.200}");
        assert!(!field.starts_with(['+', '-']) || field.parse::<f64>().is_ok(), "{what}: {field:.200}");
        assert_eq!((field.strip_prefix('\'').unwrap_or(field), after), (name.as_str(), "after"), "{what}");
    }
}

#[test]
fn no_name_is_obeyed() {
    for (what, name) in names() {
        assert!(!super::markdown(&name).contains(['<', '>']), "{what}");
        for shown in [super::terminal(&name).into_owned(), super::markdown(&name), super::markdown_code(&name)] {
            assert_eq!(obeyed(&shown), None, "{what}: {shown:.200}");
            assert!(!shown.contains(['\n', '\t']), "{what}: {shown:.200}");
        }
    }
}
