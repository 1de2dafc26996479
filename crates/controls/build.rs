//! Lists the built-in controls and standards, so that adding one is adding its files: writes
//! `builtin.rs` with one `(path, text)` for each file of `controls/*/` and `standards/`.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() -> io::Result<()> {
    let missing = |name: &'static str| move |_| io::Error::other(format!("{name} is not set"));
    let root = PathBuf::from(env::var("CARGO_MANIFEST_DIR").map_err(missing("CARGO_MANIFEST_DIR"))?).join("../..");
    let out = PathBuf::from(env::var("OUT_DIR").map_err(missing("OUT_DIR"))?).join("builtin.rs");
    let mut text = String::new();
    list(&root, "controls", ".sql", "CONTROLS", &mut text)?;
    list(&root, "standards", ".yaml", "STANDARDS", &mut text)?;
    fs::write(out, text)
}

/// Writes the array `name` of every file below `folder` that ends in `suffix`, in the order of its path.
fn list(root: &Path, folder: &str, suffix: &str, name: &str, text: &mut String) -> io::Result<()> {
    let mut files = Vec::new();
    walk(&root.join(folder), suffix, &mut files)?;
    files.sort();
    writeln!(text, "pub(crate) const {name}: &[(&str, &str)] = &[").map_err(io::Error::other)?;
    for file in files {
        let shown = file.strip_prefix(root).map_err(io::Error::other)?.to_string_lossy().replace('\\', "/");
        let whole = file.canonicalize()?;
        writeln!(text, "    ({shown:?}, include_str!({:?})),", whole.to_string_lossy()).map_err(io::Error::other)?;
    }
    writeln!(text, "];").map_err(io::Error::other)
}

fn walk(folder: &Path, suffix: &str, files: &mut Vec<PathBuf>) -> io::Result<()> {
    println!("cargo::rerun-if-changed={}", folder.display());
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            walk(&path, suffix, files)?;
        } else if path.to_string_lossy().ends_with(suffix) {
            println!("cargo::rerun-if-changed={}", path.display());
            files.push(path);
        }
    }
    Ok(())
}
