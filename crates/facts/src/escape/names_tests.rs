//! Names that want to be obeyed, through every writer.

use std::fmt::Write as _;

#[path = "../../../../fuzz/checks/names.rs"]
mod names;
#[path = "../../../../fuzz/checks/obeyed.rs"]
mod obeyed;
use names::names;
use obeyed::obeyed;

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
