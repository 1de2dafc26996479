//! Files that a command writes into a folder that was asked for.

use std::fs::{OpenOptions, create_dir_all};
use std::io::Write as _;
use std::path::Path;

use crate::failure::{Error, Result};

/// What happens to a file that is there already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum There {
    /// It is an error: it may be somebody's own.
    Kept,
    /// It was made by the same command, from nothing but what the command knows.
    Replaced,
}

/// Writes each file, by name, and makes the folder if it is not there.
pub fn write(folder: &Path, files: &[(String, String)], there: There) -> Result<()> {
    let failed = |path: &Path, error: &std::io::Error| {
        let help = match there {
            There::Kept => "choose an empty folder that you may write to",
            There::Replaced => "choose a folder that you may write to",
        };
        Error::new(format!("{}: {error}", path.display()), help)
    };
    create_dir_all(folder).map_err(|error| failed(folder, &error))?;
    for (name, text) in files {
        let path = folder.join(name);
        let mut options = OpenOptions::new();
        match there {
            There::Kept => options.write(true).create_new(true),
            There::Replaced => options.write(true).create(true).truncate(true),
        };
        let written = options.open(&path).and_then(|mut file| file.write_all(text.as_bytes()));
        written.map_err(|error| failed(&path, &error))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_there_is_replaced_only_where_it_may_be() {
        let folder = tempfile::tempdir().unwrap();
        let (at, files) = (folder.path().join("a/b"), [("x.json".to_owned(), "{}\n".to_owned())]);
        write(&at, &files, There::Kept).unwrap();
        let error = write(&at, &files, There::Kept).unwrap_err();
        assert!(error.message.ends_with("a/b/x.json: File exists (os error 17)"), "{error}");
        std::fs::write(at.join("x.json"), "longer than before").unwrap();
        write(&at, &files, There::Replaced).unwrap();
        assert_eq!(std::fs::read_to_string(at.join("x.json")).unwrap(), "{}\n");
        let error = write(&at.join("x.json"), &files, There::Replaced).unwrap_err();
        assert!(error.message.contains("a/b/x.json"), "{error}");
    }
}
