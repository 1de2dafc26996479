//! Lists the library of guardrails, so that adding one is adding its files: writes `library.rs` with one
//! `(path, text)` for each file of `policies/*/` at the root of the repository.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() -> io::Result<()> {
    let missing = |name: &'static str| move |_| io::Error::other(format!("{name} is not set"));
    let root = PathBuf::from(env::var("CARGO_MANIFEST_DIR").map_err(missing("CARGO_MANIFEST_DIR"))?).join("../..");
    let out = PathBuf::from(env::var("OUT_DIR").map_err(missing("OUT_DIR"))?).join("library.rs");
    let mut files = Vec::new();
    walk(&root.join("policies"), &mut files)?;
    files.sort();
    let mut text = "pub(crate) const FILES: &[(&str, &str)] = &[\n".to_owned();
    for file in files {
        let shown = file.strip_prefix(&root).map_err(io::Error::other)?.to_string_lossy().replace('\\', "/");
        let whole = file.canonicalize()?;
        writeln!(text, "    ({shown:?}, include_str!({:?})),", whole.to_string_lossy()).map_err(io::Error::other)?;
    }
    text.push_str("];\n");
    fs::write(out, text)
}

fn walk(folder: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    println!("cargo::rerun-if-changed={}", folder.display());
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            walk(&path, files)?;
        } else if path.extension().is_some_and(|suffix| suffix == "yaml") {
            println!("cargo::rerun-if-changed={}", path.display());
            files.push(path);
        }
    }
    Ok(())
}
