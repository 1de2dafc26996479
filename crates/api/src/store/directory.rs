//! State in a directory of this machine: private to its owner (0700, files 0600), never committed, every
//! write whole or not at all.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use bytes::Bytes;
use object_store::ObjectStore;
use object_store::local::LocalFileSystem;

use super::error::too_large;
use super::private_files::PrivateFiles;
use super::within;

/// The directory's `.gitignore`: by its first line the directory is known to be ours.
const MARK: &str = "# The state of Dodai: private, and never committed.\n*\n";

#[derive(Debug, Clone)]
pub(super) struct Directory {
    root: PathBuf,
}

impl Directory {
    pub(super) fn new(root: PathBuf) -> Self {
        Self { root }
    }

    pub(super) fn object_store(&self) -> io::Result<Arc<dyn ObjectStore>> {
        self.prepare()?;
        Ok(Arc::new(PrivateFiles::new(LocalFileSystem::new_with_prefix(&self.root)?)))
    }

    pub(super) fn read(&self, path: &str, limit: u64) -> io::Result<Option<Bytes>> {
        let file = match File::open(within(&self.root, path)) {
            Ok(file) => file,
            Err(why) if why.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(why) => return Err(why),
        };
        let mut bytes = Vec::new();
        file.take(limit.saturating_add(1)).read_to_end(&mut bytes)?;
        if bytes.len() as u64 > limit {
            return Err(io::Error::new(io::ErrorKind::FileTooLarge, too_large(bytes.len() as u64, limit)));
        }
        Ok(Some(bytes.into()))
    }

    pub(super) fn write(&self, path: &str, bytes: &[u8]) -> io::Result<()> {
        let (target, new) = self.stage(path, bytes)?;
        fs::rename(&new, &target).inspect_err(|_| discard(&new))?;
        sync_parent(&target)
    }

    /// A hard link is made in one step or not at all, and never over something that is there.
    pub(super) fn create_new(&self, path: &str, bytes: &[u8]) -> io::Result<bool> {
        let (target, new) = self.stage(path, bytes)?;
        let linked = fs::hard_link(&new, &target);
        discard(&new);
        match linked {
            Ok(()) => sync_parent(&target).map(|()| true),
            Err(why) if why.kind() == io::ErrorKind::AlreadyExists => Ok(false),
            Err(why) => Err(why),
        }
    }

    /// Compares and writes under an advisory lock that every replacing process takes; the system gives it
    /// back when a process dies.
    pub(super) fn replace(&self, path: &str, old: &Bytes, bytes: &[u8]) -> io::Result<bool> {
        self.prepare()?;
        let guard = private().read(true).write(true).create(true).truncate(false).open(self.root.join(".replacing"))?;
        guard.lock()?;
        match self.read(path, old.len() as u64) {
            Ok(Some(there)) if there == *old => self.write(path, bytes).map(|()| true),
            Ok(_) => Ok(false),
            Err(why) if why.kind() == io::ErrorKind::FileTooLarge => Ok(false),
            Err(why) => Err(why),
        }
    }

    /// Paths of the files below `prefix`, relative to the root, without those being written.
    pub(super) fn list(&self, prefix: &str) -> io::Result<Vec<String>> {
        let mut files = Vec::new();
        let mut open = vec![prefix.to_owned()];
        while let Some(folder) = open.pop() {
            let entries = match fs::read_dir(within(&self.root, &folder)) {
                Ok(entries) => entries,
                Err(why) if why.kind() == io::ErrorKind::NotFound => continue,
                Err(why) => return Err(why),
            };
            for entry in entries {
                let entry = entry?;
                let Ok(name) = entry.file_name().into_string() else { continue };
                if name.starts_with('.') || name.contains('#') {
                    continue;
                }
                let path = format!("{folder}/{name}");
                if entry.file_type()?.is_dir() {
                    open.push(path);
                } else {
                    files.push(path);
                }
            }
        }
        Ok(files)
    }

    pub(super) fn create_log(&self, path: &str) -> io::Result<File> {
        self.prepare()?;
        let target = within(&self.root, path);
        private_parent(&target)?;
        let file = private().append(true).create_new(true).open(&target)?;
        sync_parent(&target)?;
        Ok(file)
    }

    /// Stages the bytes for a place in the state.
    fn stage(&self, path: &str, bytes: &[u8]) -> io::Result<(PathBuf, PathBuf)> {
        self.prepare()?;
        let target = within(&self.root, path);
        private_parent(&target)?;
        let new = stage_beside(&target, bytes)?;
        Ok((target, new))
    }

    /// Makes the directory, or takes an empty one. One that holds other people's files is refused: nothing
    /// of theirs is to become private or ignored because of a wrong name.
    fn prepare(&self) -> io::Result<()> {
        let mark = self.root.join(".gitignore");
        match fs::metadata(&self.root) {
            Ok(there) if !there.is_dir() => {
                return Err(io::Error::new(io::ErrorKind::NotADirectory, "it is a file, not a directory"));
            }
            Ok(_) => {
                let marked = fs::read_to_string(&mark).unwrap_or_default();
                if marked.lines().next() == MARK.lines().next() {
                    return tighten(&self.root);
                }
                if self.holds_others(MARK.starts_with(&marked))? {
                    return Err(io::Error::new(
                        io::ErrorKind::DirectoryNotEmpty,
                        "the directory holds files that are not the state's: name an empty or a new one",
                    ));
                }
            }
            Err(why) if why.kind() == io::ErrorKind::NotFound => private_directory(&self.root)?,
            Err(why) => return Err(why),
        }
        tighten(&self.root)?;
        let new = stage_beside(&mark, MARK.as_bytes())?;
        fs::rename(&new, &mark).inspect_err(|_| discard(&new))
    }

    /// Whether anything is in the directory but what a first write leaves that broke off: staged files, and a
    /// mark that is `cut_off`.
    fn holds_others(&self, cut_off: bool) -> io::Result<bool> {
        for entry in fs::read_dir(&self.root)? {
            let name = entry?.file_name();
            let name = name.to_string_lossy();
            let staged = name.strip_prefix('.').and_then(|name| name.strip_suffix(".new"));
            let staged = staged.is_some_and(|number| number.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-'));
            let mark = cut_off && name == ".gitignore";
            if !(staged || mark) {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

/// Writes the bytes beside their place, under a name that nobody else takes.
fn stage_beside(target: &Path, bytes: &[u8]) -> io::Result<PathBuf> {
    static NUMBER: AtomicU64 = AtomicU64::new(0);
    let name = format!(".{}-{}.new", std::process::id(), NUMBER.fetch_add(1, Ordering::Relaxed));
    let new = target.with_file_name(name);
    // What a killed process of the same id left behind.
    discard(&new);
    let mut file = private().write(true).create_new(true).open(&new)?;
    file.write_all(bytes).and_then(|()| file.sync_all()).inspect_err(|_| discard(&new))?;
    Ok(new)
}

/// Makes the folders above a file, private.
pub(super) fn private_parent(path: &Path) -> io::Result<()> {
    path.parent().map_or(Ok(()), private_directory)
}

fn sync_parent(path: &Path) -> io::Result<()> {
    path.parent().map_or(Ok(()), |parent| File::open(parent)?.sync_all())
}

/// Nothing depends on whether the leftover goes: its name is never read.
fn discard(path: &Path) {
    drop(fs::remove_file(path));
}

#[cfg(unix)]
fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

#[cfg(unix)]
fn private_directory(path: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.recursive(true).create(path)
}

#[cfg(unix)]
fn tighten(path: &Path) -> io::Result<()> {
    set_mode(path, 0o700)
}

/// Makes a file that somebody else wrote private.
#[cfg(unix)]
pub(super) fn tighten_file(path: &Path) -> io::Result<()> {
    set_mode(path, 0o600)
}

#[cfg(unix)]
fn set_mode(path: &Path, mode: u32) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    if fs::metadata(path)?.permissions().mode() & 0o777 == mode {
        return Ok(());
    }
    fs::set_permissions(path, fs::Permissions::from_mode(mode))
}

// Elsewhere a directory is private by where it is (a user's own folder).
#[cfg(not(unix))]
fn private() -> OpenOptions {
    OpenOptions::new()
}

#[cfg(not(unix))]
fn private_directory(path: &Path) -> io::Result<()> {
    fs::create_dir_all(path)
}

#[cfg(not(unix))]
pub(super) fn tighten_file(_: &Path) -> io::Result<()> {
    Ok(())
}

#[cfg(not(unix))]
fn tighten(_: &Path) -> io::Result<()> {
    Ok(())
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use object_store::ObjectStoreExt;

    use super::*;

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    #[test]
    fn everything_is_private_and_ignored() {
        let outer = tempfile::tempdir().unwrap();
        let root = outer.path().join("a/state");
        let directory = Directory::new(root.clone());
        assert!(directory.read("x.json", 10).unwrap().is_none(), "reading makes nothing");
        assert!(!root.exists());
        directory.write("deep/x.json", b"{}").unwrap();
        directory.create_log("journal/1.jsonl").unwrap();
        let objects = directory.object_store().unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            objects.put(&"snapshots/1/a.parquet".into(), "P".into()).await.unwrap();
            objects.copy(&"snapshots/1/a.parquet".into(), &"copies/a.parquet".into()).await.unwrap();
            let mut upload = objects.put_multipart(&"uploads/1/b.parquet".into()).await.unwrap();
            upload.put_part("P".into()).await.unwrap();
            upload.complete().await.unwrap();
            objects.rename(&"copies/a.parquet".into(), &"renamed/a.parquet".into()).await.unwrap();
        });
        for folder in ["", "deep", "journal", "snapshots", "snapshots/1", "uploads", "uploads/1", "renamed"] {
            assert_eq!(mode(&root.join(folder)), 0o700, "{folder}");
        }
        let snapshots = ["snapshots/1/a.parquet", "uploads/1/b.parquet", "renamed/a.parquet"];
        for file in ["deep/x.json", "journal/1.jsonl", ".gitignore"].into_iter().chain(snapshots) {
            assert_eq!(mode(&root.join(file)), 0o600, "{file}");
        }
        assert!(fs::read_to_string(root.join(".gitignore")).unwrap().ends_with("\n*\n"));
        assert_eq!(fs::read_dir(root.join("deep")).unwrap().count(), 1, "nothing is left of staging");

        fs::set_permissions(&root, fs::Permissions::from_mode(0o755)).unwrap();
        directory.write("y.json", b"{}").unwrap();
        assert_eq!(mode(&root), 0o700, "made private again");
    }

    #[test]
    fn other_peoples_directories_are_refused() {
        let theirs = tempfile::tempdir().unwrap();
        fs::write(theirs.path().join("notes.txt"), "mine").unwrap();
        fs::set_permissions(theirs.path(), fs::Permissions::from_mode(0o755)).unwrap();
        let error = Directory::new(theirs.path().to_owned()).write("x.json", b"{}").unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::DirectoryNotEmpty);
        assert_eq!(mode(theirs.path()), 0o755);
        let file = Directory::new(theirs.path().join("notes.txt"));
        assert_eq!(file.write("x.json", b"{}").unwrap_err().kind(), io::ErrorKind::NotADirectory);
    }

    /// Killed, or out of space, while it made the directory ours: the next one makes it.
    #[test]
    fn a_directory_that_was_begun_is_taken() {
        for (name, text, taken) in [
            (".gitignore", "", true),
            (".gitignore", &MARK[..20], true),
            (".17-0.new", "{", true),
            (".gitignore", "target\n", false),
            (".17-x.new", "", false),
        ] {
            let outer = tempfile::tempdir().unwrap();
            fs::write(outer.path().join(name), text).unwrap();
            let directory = Directory::new(outer.path().to_owned());
            assert_eq!(directory.write("x.json", b"{}").is_ok(), taken, "{name} {text:?}");
            assert_eq!(directory.write("y.json", b"{}").is_ok(), taken, "{name} {text:?}");
            if taken {
                assert_eq!(fs::read_to_string(outer.path().join(".gitignore")).unwrap(), MARK);
            }
        }
    }

    #[test]
    fn what_is_too_large_is_refused() {
        let outer = tempfile::tempdir().unwrap();
        let directory = Directory::new(outer.path().join("state"));
        directory.write("x.json", b"12345").unwrap();
        assert_eq!(directory.read("x.json", 5).unwrap().unwrap(), "12345");
        assert_eq!(directory.read("x.json", 4).unwrap_err().kind(), io::ErrorKind::FileTooLarge);
    }

    #[test]
    fn one_of_many_replaces() {
        let outer = tempfile::tempdir().unwrap();
        let directory = Directory::new(outer.path().join("state"));
        directory.write("lock.json", b"old").unwrap();
        let won: usize = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..8u8)
                .map(|number| {
                    let directory = &directory;
                    scope.spawn(move || {
                        directory.replace("lock.json", &Bytes::from_static(b"old"), &[b'0' + number]).unwrap()
                    })
                })
                .collect();
            threads.into_iter().map(|thread| usize::from(thread.join().unwrap())).sum()
        });
        assert_eq!(won, 1);
    }
}
