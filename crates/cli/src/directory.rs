//! The loader: walks the organization directory on disk, refuses what leads out of it, and has it read.

use std::collections::BTreeMap;
use std::fs;
use std::io::Read as _;
use std::path::Path;

use dodai_baseline::{FEATURES, ORGANIZATION_FEATURES};
use dodai_controls::Registry;
use dodai_facts::{FeatureInfo, Problem};
use dodai_inventory::tables::Tables;
use dodai_models::Models;
use dodai_org::{Catalogue, Content, Directory, MAX_FILE_BYTES, SourceFile, Unreadable};
use dodai_policy::testing::SUFFIX;

/// What is wrong with the directory as a whole is said of this file: without it nothing else counts.
const ORGANIZATION: &str = "dodai.yaml";

/// Where policies lie, with their tests beside them.
const POLICIES: &str = "policies/";

/// Folders below the directory are not followed deeper than this.
const DEEPEST: usize = 16;
/// Most files of a directory: ten thousand accounts, and room.
const MOST_FILES: usize = 100_000;

/// A directory as read, with everything that was read along with it.
#[derive(Debug)]
pub struct Loaded {
    pub directory: Directory,
    pub tables: Tables,
    pub controls: Registry,
    /// The files of tests beside the policies, read or not.
    pub tests: Vec<SourceFile>,
}

/// Every feature, cell by cell and the organization's.
pub fn features() -> impl Iterator<Item = &'static FeatureInfo> {
    ORGANIZATION_FEATURES.iter().map(|feature| feature.info).chain(FEATURES.iter().map(|feature| feature.info))
}

/// What a directory is read against.
pub fn catalogue(controls: &Registry) -> Catalogue {
    Catalogue {
        features: features().collect(),
        controls: controls.infos(),
        standards: controls.standards().map(|standard| standard.id.clone()).collect(),
        regions: dodai_models::partitions::all()
            .iter()
            .flat_map(|partition| dodai_models::partitions::regions(&partition.id))
            .map(str::to_owned)
            .collect(),
    }
}

/// Reads the directory at `root`, and gives the texts of its files too: what is right can still have warnings to show.
pub fn load_with_texts(root: &Path) -> (Result<Loaded, Vec<Problem>>, BTreeMap<String, String>) {
    let files = walk(root);
    let loaded = understand(&files);
    (loaded, texts(files))
}

fn understand(files: &[SourceFile]) -> Result<Loaded, Vec<Problem>> {
    let builtin = Registry::new([])?;
    let directory = dodai_org::read(files, &catalogue(&builtin))?;
    let tables = Tables::read(Models::embedded(), pairs(&directory.user_tables));
    let controls = Registry::new(pairs(&directory.user_controls));
    match (tables, controls) {
        (Ok(tables), Ok(controls)) => {
            let tests = files.iter().filter(|file| file.path.starts_with(POLICIES) && file.path.ends_with(SUFFIX));
            Ok(Loaded { directory, tables, controls, tests: tests.cloned().collect() })
        }
        (tables, controls) => {
            let mut problems = tables.err().unwrap_or_default();
            problems.extend(controls.err().unwrap_or_default());
            Err(problems)
        }
    }
}

fn texts(files: Vec<SourceFile>) -> BTreeMap<String, String> {
    let text = |file: SourceFile| match file.content {
        Content::Text(text) => Some((file.path, text)),
        Content::Unreadable(_) => None,
    };
    files.into_iter().filter_map(text).collect()
}

fn pairs(files: &[dodai_org::UserFile]) -> impl Iterator<Item = (&str, &str)> {
    files.iter().map(|file| (file.path.as_str(), file.text.as_str()))
}

fn walk(root: &Path) -> Vec<SourceFile> {
    let mut files = Vec::new();
    match fs::canonicalize(root) {
        Ok(canonical) => walk_folder(&canonical, &canonical, "", 0, &mut files),
        Err(error) => {
            let why = format!("the directory `{}`: {error}", root.display());
            files.push(SourceFile::unreadable(ORGANIZATION.to_owned(), Unreadable::Failed(why)));
        }
    }
    files.sort_by(|left, right| left.path.cmp(&right.path));
    files
}

fn walk_folder(root: &Path, folder: &Path, path: &str, depth: usize, files: &mut Vec<SourceFile>) {
    let at = if path.is_empty() { ORGANIZATION } else { path };
    let failed = |error: &std::io::Error| SourceFile::unreadable(at, Unreadable::Failed(error.to_string()));
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) => return files.push(failed(&error)),
    };
    for entry in entries {
        if files.len() > MOST_FILES {
            return;
        }
        // What is left out may be accounts, so that nothing of such a directory is believed.
        if files.len() == MOST_FILES {
            let why = format!("the directory has more than {MOST_FILES} files");
            return files.push(SourceFile::unreadable(ORGANIZATION.to_owned(), Unreadable::Failed(why)));
        }
        match entry {
            Ok(entry) => {
                let name = entry.file_name().to_string_lossy().into_owned();
                // `.git`, `.dodai`, editors' files.
                if name.starts_with('.') {
                    continue;
                }
                let path = if path.is_empty() { name } else { format!("{path}/{name}") };
                read_entry(root, &entry.path(), path, depth, files);
            }
            Err(error) => files.push(failed(&error)),
        }
    }
}

fn read_entry(root: &Path, at: &Path, path: String, depth: usize, files: &mut Vec<SourceFile>) {
    let target = match fs::canonicalize(at) {
        Ok(target) => target,
        Err(error) => return files.push(SourceFile::unreadable(path, Unreadable::Failed(error.to_string()))),
    };
    let is_link = fs::symlink_metadata(at).is_ok_and(|metadata| metadata.file_type().is_symlink());
    let leads_back = is_link && at.starts_with(&target);
    if !target.starts_with(root) || leads_back {
        return files.push(SourceFile::unreadable(path, Unreadable::Link));
    }
    match fs::metadata(&target) {
        Ok(metadata) if metadata.is_dir() && depth < DEEPEST => walk_folder(root, &target, &path, depth + 1, files),
        Ok(metadata) if metadata.is_dir() => files.push(SourceFile::unreadable(path, Unreadable::Link)),
        Ok(metadata) if metadata.is_file() => files.push(read_file(&target, path)),
        Ok(_) => files.push(SourceFile::unreadable(path, Unreadable::NotAFile)),
        Err(error) => files.push(SourceFile::unreadable(path, Unreadable::Failed(error.to_string()))),
    }
}

/// Reads one byte more than is allowed, whatever the file says of its size.
fn read_file(at: &Path, path: String) -> SourceFile {
    let limit = MAX_FILE_BYTES as u64;
    let read = fs::File::open(at).and_then(|file| {
        let size = file.metadata()?.len();
        let mut bytes = Vec::new();
        file.take(limit + 1).read_to_end(&mut bytes)?;
        Ok((size, bytes))
    });
    match read {
        Ok((size, bytes)) if bytes.len() > MAX_FILE_BYTES => SourceFile::unreadable(path, Unreadable::TooLarge(size)),
        Ok((_, bytes)) => SourceFile::new(path, bytes),
        Err(error) => SourceFile::unreadable(path, Unreadable::Failed(error.to_string())),
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn links_out_of_the_directory_and_around_in_it_are_refused() {
        let outside = tempfile::tempdir().unwrap();
        let inside = tempfile::tempdir().unwrap();
        fs::write(outside.path().join("secret.yaml"), "x: 1").unwrap();
        fs::create_dir(inside.path().join("accounts")).unwrap();
        symlink(outside.path().join("secret.yaml"), inside.path().join("accounts/a.yaml")).unwrap();
        symlink(inside.path(), inside.path().join("loop")).unwrap();
        fs::write(inside.path().join("dodai.yaml"), "x: 1").unwrap();
        fs::write(inside.path().join("large.yaml"), vec![b'a'; MAX_FILE_BYTES + 1]).unwrap();
        let found: Vec<(String, bool)> =
            walk(inside.path()).into_iter().map(|file| (file.path, matches!(file.content, Content::Text(_)))).collect();
        let expected = [("accounts/a.yaml", false), ("dodai.yaml", true), ("large.yaml", false), ("loop", false)];
        assert_eq!(found, expected.map(|(path, readable)| (path.to_owned(), readable)));
    }
}
