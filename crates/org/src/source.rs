//! One file of the directory as the loader found it: its text, or why there is none.

use dodai_facts::Problem;

/// A directory file may have 1 MB.
pub const MAX_FILE_BYTES: usize = 1 << 20;

/// A file of the directory. `path` is relative to the directory, with `/` between its parts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceFile {
    pub path: String,
    pub content: Content,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Content {
    Text(String),
    Unreadable(Unreadable),
}

/// Why a file's text could not be had. Such a file is never taken as absent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unreadable {
    /// Its size in bytes, over [`MAX_FILE_BYTES`].
    TooLarge(u64),
    /// Line and column (from 1) of the first byte that is not UTF-8.
    NotUtf8 { line: usize, column: usize },
    /// A symbolic link that leads out of the directory, or around in it.
    Link,
    /// A device, a socket, a pipe.
    NotAFile,
    /// What the operating system said.
    Failed(String),
}

impl SourceFile {
    /// A file of these bytes; too many of them, or such as are not UTF-8, make it unreadable.
    pub fn new(path: impl Into<String>, bytes: Vec<u8>) -> Self {
        let content = if bytes.len() > MAX_FILE_BYTES {
            Content::Unreadable(Unreadable::TooLarge(u64::try_from(bytes.len()).unwrap_or(u64::MAX)))
        } else {
            match String::from_utf8(bytes) {
                Ok(text) => Content::Text(text),
                Err(error) => Content::Unreadable(not_utf8(error.utf8_error().valid_up_to(), error.as_bytes())),
            }
        };
        Self { path: path.into(), content }
    }

    pub fn text(path: impl Into<String>, text: impl Into<String>) -> Self {
        Self::new(path, text.into().into_bytes())
    }

    pub fn unreadable(path: impl Into<String>, why: Unreadable) -> Self {
        Self { path: path.into(), content: Content::Unreadable(why) }
    }
}

impl Unreadable {
    /// The problem that this is, in the file `path`.
    pub fn problem(&self, path: &str) -> Problem {
        let (line, column) = match self {
            Self::NotUtf8 { line, column } => (*line, *column),
            _ => (0, 0),
        };
        let (message, help) = match self {
            Self::TooLarge(bytes) => (
                format!("the file is too large: {bytes} bytes"),
                format!("a file of the directory has at most {MAX_FILE_BYTES} bytes (1 MB)"),
            ),
            Self::NotUtf8 { .. } => ("the file is not UTF-8 text".to_owned(), "save it as UTF-8".to_owned()),
            Self::Link => (
                "the symbolic link leads out of the directory, or around in it".to_owned(),
                "put the file itself here: what is reviewed must be what is read".to_owned(),
            ),
            Self::NotAFile => {
                ("this is neither a file nor a folder".to_owned(), "remove it, or put a file in its place".to_owned())
            }
            Self::Failed(reason) => (
                format!("the file cannot be read: {reason}"),
                "a file that is not read is not taken as absent: make it readable or remove it".to_owned(),
            ),
        };
        Problem { file: path.to_owned(), line, column, message, help: Some(help) }
    }
}

fn not_utf8(valid: usize, bytes: &[u8]) -> Unreadable {
    let good = String::from_utf8_lossy(bytes.get(..valid).unwrap_or_default());
    let line = good.matches('\n').count() + 1;
    let column = good.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    Unreadable::NotUtf8 { line, column }
}
