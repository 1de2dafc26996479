//! Standard output: the one place that writes to it. A reader that goes away (`| head`) ends the command
//! quietly.

use std::io::{ErrorKind, Write};

use dodai_facts::escape::terminal;

use crate::failure::{Error, Result};

pub fn print(text: &str) -> Result<()> {
    print_bytes(text.as_bytes())
}

/// Prints lines in which the words of policies and of AWS stand, made harmless for a terminal.
pub fn print_lines(text: &str) -> Result<()> {
    let lines = text.lines().flat_map(|line| [terminal(line), "\n".into()]);
    print(&lines.collect::<String>())
}

pub fn print_bytes(bytes: &[u8]) -> Result<()> {
    print_with(|out| out.write_all(bytes))
}

/// Prints what writes itself piece by piece: a large plan is never in memory as text.
pub fn print_with(write: impl FnOnce(&mut dyn Write) -> std::io::Result<()>) -> Result<()> {
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    match write(&mut out).and_then(|()| out.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(Error::new(format!("standard output: {error}"), "is the disk full?"))
        }
        _ => Ok(()),
    }
}
