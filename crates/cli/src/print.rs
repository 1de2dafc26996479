//! Standard output: the one place that writes to it. A reader that goes away (`| head`) ends the command
//! quietly.

use std::io::{ErrorKind, Write as _};

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
    let mut out = std::io::stdout().lock();
    match out.write_all(bytes).and_then(|()| out.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(Error::new(format!("standard output: {error}"), "is the disk full?"))
        }
        _ => Ok(()),
    }
}
