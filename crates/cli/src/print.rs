//! Standard output: the one place that writes to it. A reader that goes away (`| head`) ends the command
//! quietly. What a terminal would obey never reaches one, in whichever format it stands; a file or a program gets every
//! byte as it is.

use std::borrow::Cow;
use std::io::{self, ErrorKind, IsTerminal as _, Write};

use dodai_facts::escape::terminal;

use crate::failure::{Error, Result};

/// Prints a text whose lines are ours: the words of others in it were made harmless where they were written (`facts::escape`).
pub fn print(text: &str) -> Result<()> {
    print_bytes(text.as_bytes())
}

pub fn print_bytes(bytes: &[u8]) -> Result<()> {
    print_with(|out| out.write_all(bytes))
}

/// Prints what writes itself piece by piece: a large plan is never in memory as text, unless a terminal shows it.
pub fn print_with(write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<()> {
    if !io::stdout().is_terminal() {
        return print_as_it_is(write);
    }
    let mut all = Vec::new();
    print_as_it_is(|out| write(&mut all).and_then(|()| out.write_all(&harmless(&all))))
}

/// Prints what is harmless already, and may have colors.
pub fn print_as_it_is(write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<()> {
    let mut out = io::BufWriter::new(io::stdout().lock());
    match write(&mut out).and_then(|()| out.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(Error::new(format!("standard output: {error}"), "is the disk full?"))
        }
        _ => Ok(()),
    }
}

/// Text with what a terminal would obey shown instead; line ends and tabs stay.
pub fn harmless(bytes: &[u8]) -> Cow<'_, [u8]> {
    let text = String::from_utf8_lossy(bytes);
    let mut shown = String::with_capacity(text.len());
    for part in text.split_inclusive(['\n', '\t']) {
        let body = part.strip_suffix("\r\n").or_else(|| part.strip_suffix(['\n', '\t'])).unwrap_or(part);
        let end = part.get(body.len()..).unwrap_or_default();
        shown.push_str(&terminal(body));
        shown.push_str(end);
    }
    if shown.as_bytes() == bytes { Cow::Borrowed(bytes) } else { Cow::Owned(shown.into_bytes()) }
}

#[cfg(test)]
mod tests {
    use super::harmless;

    #[test]
    fn a_terminal_is_shown_text_and_obeys_none() {
        let check = |text: &str, expected: &str| {
            assert_eq!(String::from_utf8_lossy(&harmless(text.as_bytes())), expected);
        };
        check("a,b\r\nc\td\n", "a,b\r\nc\td\n");
        check("{\"Name\": \"\u{9b}2J\u{202e}x\"}\n", "{\"Name\": \"\\u{9b}2J\\u{202e}x\"}\n");
        check("a\rb\u{1b}[31m\r\n", "a\\u{d}b\\u{1b}[31m\r\n");
        check("", "");
        assert_eq!(&*harmless(b"\xff"), "\u{fffd}".as_bytes());
    }
}
