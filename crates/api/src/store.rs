//! The state store: what AWS cannot hold (snapshots, journals, the lock) in a local directory or under a
//! prefix of an S3 bucket. Writes are whole or not at all, and the lock's are compare-and-swap.

mod appender;
mod directory;
mod error;
mod private_files;
mod s3;

use std::fmt;
use std::io;
use std::path::{Path as FilePath, PathBuf};
use std::sync::Arc;

use bytes::Bytes;
use futures::TryStreamExt;
use object_store::path::Path;
use object_store::prefix::PrefixStore;
use object_store::{ObjectStore, ObjectStoreExt, PutMode, PutOptions, UpdateVersion};

pub use appender::Appender;
use directory::Directory;
pub use error::StoreError;
use error::{NO_SUCH_KEY, TOO_LARGE_HELP, in_words_of_s3, too_large, whole_text};
pub use s3::S3Access;

/// The most that `read` takes in: 64 MB.
const MAX_OBJECT: u64 = 64 << 20;
/// The most that `read_log` takes in: 1 GB, the journal of some three million calls.
const MAX_LOG: u64 = 1 << 30;

/// Where the state is. A cheap clone.
///
/// Paths in it are `/`-separated names of letters, digits and `._=-`, none of which starts with a dot.
#[derive(Debug, Clone)]
pub struct Store {
    name: String,
    place: Place,
}

#[derive(Debug, Clone)]
enum Place {
    Directory(Directory),
    Objects {
        objects: Arc<dyn ObjectStore>,
        /// What the error says where nothing is at a path; empty where any "not found" means that. S3 answers
        /// 404 for a missing bucket too, and a proxy for anything.
        absent: &'static str,
    },
}

/// What was read, and which version of it.
#[derive(Debug, Clone)]
pub struct Stored {
    pub bytes: Bytes,
    pub version: Version,
}

/// The version that `replace` expects to find.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version(Seen);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Seen {
    /// A directory keeps no versions: the content itself is compared.
    Content(Bytes),
    Tag {
        e_tag: Option<String>,
        version: Option<String>,
    },
}

impl Store {
    /// Opens `url`: a local directory, or `s3://<bucket>[/<prefix>]`, which needs `access`. Nothing is read
    /// or made yet: a local directory is made by the first write.
    pub fn open(url: &str, access: Option<&S3Access>) -> Result<Self, StoreError> {
        let fail = |why: String, help: &str| StoreError {
            what: "open what is named".to_owned(),
            state: url.to_owned(),
            why,
            help: help.to_owned(),
        };
        let Some(rest) = url.strip_prefix("s3://") else {
            if let Some((scheme, _)) = url.split_once("://") {
                return Err(fail(
                    format!("`{scheme}` is not a kind of state"),
                    "name a directory, or s3://<bucket>/<prefix>",
                ));
            }
            if url.is_empty() {
                return Err(fail("the name is empty".to_owned(), "name a directory, or s3://<bucket>/<prefix>"));
            }
            return Ok(Self { name: url.to_owned(), place: Place::Directory(Directory::new(PathBuf::from(url))) });
        };
        let Some(access) = access else {
            return Err(fail(
                "there are no AWS credentials to open it with".to_owned(),
                "sign in, or name an AWS profile",
            ));
        };
        let (bucket, prefix) = rest.split_once('/').unwrap_or((rest, ""));
        let bucket_store = s3::bucket(bucket, access, &|name| std::env::var(name).ok())
            .map_err(|why| fail(why, "the form is s3://<bucket>/<prefix>, of a bucket in the home Region"))?;
        let prefix = prefix.trim_matches('/');
        if prefix.is_empty() {
            return Ok(Self::of_objects(url, bucket_store, NO_SUCH_KEY));
        }
        let prefix = Path::parse(prefix)
            .map_err(|why| fail(why.to_string(), "the prefix is made of names separated by single slashes"))?;
        Ok(Self::of_objects(url, Arc::new(PrefixStore::new(bucket_store, prefix)), NO_SUCH_KEY))
    }

    /// State in any object store that has conditional writes; `name` is what errors call it.
    pub fn over(name: &str, objects: Arc<dyn ObjectStore>) -> Self {
        Self::of_objects(name, objects, "")
    }

    fn of_objects(name: &str, objects: Arc<dyn ObjectStore>, absent: &'static str) -> Self {
        Self { name: name.to_owned(), place: Place::Objects { objects, absent } }
    }

    /// As it was named: `.dodai`, `s3://bucket/prefix`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The store for whoever writes many or large objects (snapshots). Makes the local directory.
    pub async fn object_store(&self) -> Result<Arc<dyn ObjectStore>, StoreError> {
        match &self.place {
            Place::Objects { objects, .. } => Ok(objects.clone()),
            Place::Directory(directory) => self.local("open the directory", directory, Directory::object_store).await,
        }
    }

    /// What is at `path`; none where nothing is. At most 64 MB.
    pub async fn read(&self, path: &str) -> Result<Option<Stored>, StoreError> {
        let what = format!("read `{path}`");
        let checked = self.path(&what, path)?;
        match &self.place {
            Place::Directory(directory) => {
                let read = self.local(&what, directory, move |directory| directory.read(checked.as_ref(), MAX_OBJECT));
                Ok(read.await?.map(|bytes| Stored { version: Version(Seen::Content(bytes.clone())), bytes }))
            }
            Place::Objects { objects, .. } => self.get(&what, objects.as_ref(), &checked, MAX_OBJECT).await,
        }
    }

    /// Writes `path`, whatever is there.
    pub async fn write(&self, path: &str, bytes: Bytes) -> Result<(), StoreError> {
        let what = format!("write `{path}`");
        let checked = self.path(&what, path)?;
        match &self.place {
            Place::Directory(directory) => {
                self.local(&what, directory, move |directory| directory.write(checked.as_ref(), &bytes)).await
            }
            Place::Objects { objects, .. } => {
                objects.put(&checked, bytes.into()).await.map(|_| ()).map_err(|why| self.remote(&what, &why))
            }
        }
    }

    /// Writes `path` if nothing is there; false if something is.
    pub async fn create_new(&self, path: &str, bytes: Bytes) -> Result<bool, StoreError> {
        let what = format!("create `{path}`");
        let checked = self.path(&what, path)?;
        match &self.place {
            Place::Directory(directory) => {
                self.local(&what, directory, move |directory| directory.create_new(checked.as_ref(), &bytes)).await
            }
            Place::Objects { objects, .. } => self.put(&what, objects.as_ref(), &checked, bytes, PutMode::Create).await,
        }
    }

    /// Writes `path` if what is there is still `old`; false if it is not.
    pub async fn replace(&self, path: &str, old: &Version, bytes: Bytes) -> Result<bool, StoreError> {
        let what = format!("replace `{path}`");
        let checked = self.path(&what, path)?;
        match (&self.place, old.0.clone()) {
            (Place::Directory(directory), Seen::Content(old)) => {
                self.local(&what, directory, move |directory| directory.replace(checked.as_ref(), &old, &bytes)).await
            }
            (Place::Objects { objects, .. }, Seen::Tag { e_tag, version }) => {
                let mode = PutMode::Update(UpdateVersion { e_tag, version });
                self.put(&what, objects.as_ref(), &checked, bytes, mode).await
            }
            // A version of another kind of store cannot be the one that is there.
            _ => Ok(false),
        }
    }

    /// The paths below `prefix` (a whole name), sorted.
    pub async fn list(&self, prefix: &str) -> Result<Vec<String>, StoreError> {
        let what = format!("list `{prefix}`");
        let checked = self.path(&what, prefix)?;
        let mut paths = match &self.place {
            Place::Directory(directory) => {
                self.local(&what, directory, move |directory| directory.list(checked.as_ref())).await?
            }
            Place::Objects { objects, .. } => objects
                .list(Some(&checked))
                .map_ok(|found| found.location.to_string())
                .try_collect::<Vec<_>>()
                .await
                .map_err(|why| self.remote(&what, &why))?,
        };
        paths.sort();
        Ok(paths)
    }

    /// A new log at `path`, to append lines to; an error if there is one. In a bucket it is a sequence of
    /// numbered objects below `path`.
    pub async fn appender(&self, path: &str) -> Result<Appender, StoreError> {
        let what = format!("create `{path}`");
        let checked = self.path(&what, path)?;
        match &self.place {
            Place::Directory(directory) => {
                let file =
                    self.local(&what, directory, move |directory| directory.create_log(checked.as_ref())).await?;
                Ok(Appender::to_file(self.clone(), path, file))
            }
            Place::Objects { .. } => {
                if self.list(path).await?.is_empty() {
                    Ok(Appender::to_objects(self.clone(), path))
                } else {
                    Err(self.error(&what, "it is already there", "start the run again: its name is made anew"))
                }
            }
        }
    }

    /// The whole of a log, as far as it was written; none where there is no such log.
    pub async fn read_log(&self, path: &str) -> Result<Option<Bytes>, StoreError> {
        let what = format!("read `{path}`");
        let checked = self.path(&what, path)?;
        match &self.place {
            Place::Directory(directory) => {
                self.local(&what, directory, move |directory| directory.read(checked.as_ref(), MAX_LOG)).await
            }
            Place::Objects { objects, .. } => {
                let segments = self.list(path).await?;
                if segments.is_empty() {
                    return Ok(None);
                }
                let mut whole = Vec::new();
                for (index, segment) in segments.iter().enumerate() {
                    let gone = || self.error(&what, "a part of it is gone", "put it back, or move the rest away");
                    if *segment != appender::segment(path, index as u64 + 1) {
                        return Err(gone());
                    }
                    let left = MAX_LOG.saturating_sub(whole.len() as u64);
                    let read = self.get(&what, objects.as_ref(), &self.path(&what, segment)?, left).await?;
                    whole.extend_from_slice(&read.ok_or_else(gone)?.bytes);
                }
                Ok(Some(whole.into()))
            }
        }
    }

    /// The logs below `prefix`, sorted.
    pub async fn logs(&self, prefix: &str) -> Result<Vec<String>, StoreError> {
        let mut paths = self.list(prefix).await?;
        if matches!(self.place, Place::Objects { .. }) {
            for path in &mut paths {
                if let Some((log, number)) = path.rsplit_once('/')
                    && appender::is_segment(number)
                {
                    *path = log.to_owned();
                }
            }
            paths.dedup();
        }
        Ok(paths)
    }

    async fn get(
        &self,
        what: &str,
        objects: &dyn ObjectStore,
        path: &Path,
        limit: u64,
    ) -> Result<Option<Stored>, StoreError> {
        let found = match objects.get(path).await {
            Ok(found) => found,
            Err(why) if self.is_absent(&why) => return Ok(None),
            Err(why) => return Err(self.remote(what, &why)),
        };
        if found.meta.size > limit {
            return Err(self.error(what, too_large(found.meta.size, limit), TOO_LARGE_HELP));
        }
        let version = Version(Seen::Tag { e_tag: found.meta.e_tag.clone(), version: found.meta.version.clone() });
        let bytes = found.bytes().await.map_err(|why| self.remote(what, &why))?;
        Ok(Some(Stored { bytes, version }))
    }

    async fn put(
        &self,
        what: &str,
        objects: &dyn ObjectStore,
        path: &Path,
        bytes: Bytes,
        mode: PutMode,
    ) -> Result<bool, StoreError> {
        match objects.put_opts(path, bytes.into(), PutOptions { mode, ..PutOptions::default() }).await {
            Ok(_) => Ok(true),
            Err(object_store::Error::AlreadyExists { .. } | object_store::Error::Precondition { .. }) => Ok(false),
            Err(why) if self.is_absent(&why) => Ok(false),
            Err(why) => Err(self.remote(what, &why)),
        }
    }

    /// Runs blocking file work off the async threads.
    async fn local<T: Send + 'static>(
        &self,
        what: &str,
        directory: &Directory,
        work: impl FnOnce(&Directory) -> io::Result<T> + Send + 'static,
    ) -> Result<T, StoreError> {
        let directory = directory.clone();
        match tokio::task::spawn_blocking(move || work(&directory)).await {
            Ok(Ok(done)) => Ok(done),
            Ok(Err(why)) => Err(self.file_error(what, &why)),
            Err(broken_off) => Err(self.error(what, broken_off, "run the command again")),
        }
    }

    fn path(&self, what: &str, path: &str) -> Result<Path, StoreError> {
        let name = |part: &str| {
            !part.is_empty()
                && !part.starts_with('.')
                && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._=-".contains(&byte))
        };
        let help = "names are made of letters, digits and `._=-`, and do not start with a dot";
        if !path.split('/').all(name) {
            return Err(self.error(what, "that is no name in a state", help));
        }
        Path::parse(path).map_err(|why| self.error(what, why, help))
    }

    fn error(&self, what: &str, why: impl fmt::Display, help: &str) -> StoreError {
        StoreError { what: what.to_owned(), state: self.name.clone(), why: why.to_string(), help: help.to_owned() }
    }

    fn file_error(&self, what: &str, why: &io::Error) -> StoreError {
        let help = match why.kind() {
            io::ErrorKind::PermissionDenied => "make the directory yours and writable, or name another as `state`",
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => "make room on the disk",
            // The system's own refusal is of what is written.
            io::ErrorKind::FileTooLarge if why.raw_os_error().is_some() => {
                "raise the limit on the size of files (`ulimit -f`), or name another place as `state`"
            }
            io::ErrorKind::FileTooLarge => TOO_LARGE_HELP,
            io::ErrorKind::AlreadyExists => "start the run again: its name is made anew",
            _ => "look at the directory, or name another as `state`",
        };
        self.error(what, why, help)
    }

    fn remote(&self, what: &str, why: &object_store::Error) -> StoreError {
        let help = match why {
            object_store::Error::NotFound { .. } => {
                "make the bucket, in the home Region: versioned, encrypted, without Object Lock"
            }
            object_store::Error::PermissionDenied { .. } | object_store::Error::Unauthenticated { .. } => {
                "the credentials need s3:GetObject, s3:PutObject and s3:ListBucket there, and the use of its key"
            }
            _ => "check that the bucket exists in the home Region and can be reached",
        };
        let text = whole_text(why);
        self.error(what, in_words_of_s3(&text).unwrap_or(text), help)
    }

    /// Whether the error says that nothing is at the path.
    fn is_absent(&self, why: &object_store::Error) -> bool {
        match &self.place {
            Place::Objects { absent, .. } => {
                matches!(why, object_store::Error::NotFound { .. }) && whole_text(why).contains(absent)
            }
            Place::Directory(_) => false,
        }
    }
}

/// The path of `name` in `root`; `name` has been checked by `Store::path`.
fn within(root: &FilePath, name: &str) -> PathBuf {
    name.split('/').fold(root.to_owned(), |path, part| path.join(part))
}

#[cfg(test)]
mod tests {
    use object_store::memory::InMemory;

    use super::*;

    /// Both kinds of store behave alike.
    async fn check(store: &Store) {
        assert!(store.read("a/b.json").await.unwrap().is_none());
        assert_eq!(store.list("a").await.unwrap(), Vec::<String>::new());
        store.write("a/b.json", "one".into()).await.unwrap();
        assert!(!store.create_new("a/b.json", "two".into()).await.unwrap());
        assert!(store.create_new("a/c.json", "three".into()).await.unwrap());
        let seen = store.read("a/b.json").await.unwrap().unwrap();
        assert_eq!(seen.bytes, "one");
        assert!(store.replace("a/b.json", &seen.version, "four".into()).await.unwrap());
        assert!(!store.replace("a/b.json", &seen.version, "five".into()).await.unwrap());
        assert!(!store.replace("a/none.json", &seen.version, "six".into()).await.unwrap());
        assert_eq!(store.read("a/b.json").await.unwrap().unwrap().bytes, "four");
        assert_eq!(store.list("a").await.unwrap(), ["a/b.json", "a/c.json"]);
        for wrong in ["", "..", "a/../b", "/a", "a//b", ".gitignore", "a b", "a\\b"] {
            assert!(store.read(wrong).await.is_err(), "{wrong}");
        }

        assert!(store.read_log("journal/x.jsonl").await.unwrap().is_none());
        let log = store.appender("journal/x.jsonl").await.unwrap();
        log.append("first").await.unwrap();
        log.append("second").await.unwrap();
        assert_eq!(store.read_log("journal/x.jsonl").await.unwrap().unwrap(), "first\nsecond\n");
        store.write("journal/x.done", "{}".into()).await.unwrap();
        assert_eq!(store.logs("journal").await.unwrap(), ["journal/x.done", "journal/x.jsonl"]);
        assert!(store.appender("journal/x.jsonl").await.is_err());

        let objects = store.object_store().await.unwrap();
        objects.put(&Path::from("snapshots/1.parquet"), "P".into()).await.unwrap();
        assert_eq!(store.read("snapshots/1.parquet").await.unwrap().unwrap().bytes, "P");
    }

    #[tokio::test]
    async fn a_directory_and_a_bucket_behave_alike() {
        let directory = tempfile::tempdir().unwrap();
        check(&Store::open(directory.path().join("state").to_str().unwrap(), None).unwrap()).await;
        check(&Store::over("memory", Arc::new(InMemory::new()))).await;
        check(&Store::over("memory", Arc::new(PrefixStore::new(InMemory::new(), "some/prefix")))).await;
    }

    #[tokio::test]
    async fn appended_lines_are_all_there_once() {
        let directory = tempfile::tempdir().unwrap();
        let local = Store::open(directory.path().join("state").to_str().unwrap(), None).unwrap();
        for store in [local, Store::over("memory", Arc::new(InMemory::new()))] {
            let log = store.appender("journal/x.jsonl").await.unwrap();
            let lines: Vec<String> = (0..200).map(|number| format!("line {number}")).collect();
            futures::future::try_join_all(lines.iter().map(|line| log.append(line))).await.unwrap();
            let text = store.read_log("journal/x.jsonl").await.unwrap().unwrap();
            let mut read: Vec<&str> = std::str::from_utf8(&text).unwrap().lines().collect();
            read.sort_unstable();
            let mut wanted: Vec<&str> = lines.iter().map(String::as_str).collect();
            wanted.sort_unstable();
            assert_eq!(read, wanted, "{}", store.name());
        }
    }

    #[tokio::test]
    async fn not_found_is_absent_only_in_the_words_of_s3() {
        // This store's own "not found" does not say `NoSuchKey`: like a missing bucket, or a proxy's page.
        let store = Store::of_objects("s3://gone", Arc::new(InMemory::new()), NO_SUCH_KEY);
        let error = store.read("a.json").await.unwrap_err().to_string();
        assert!(error.starts_with("cannot read `a.json` in the state `s3://gone`: "), "{error}");
        assert!(error.contains("make the bucket"), "{error}");
    }

    #[tokio::test]
    async fn a_log_with_a_part_gone_is_an_error() {
        let objects = Arc::new(InMemory::new());
        let store = Store::over("memory", objects.clone());
        let log = store.appender("journal/x.jsonl").await.unwrap();
        for line in ["first", "second", "third"] {
            log.append(line).await.unwrap();
        }
        objects.delete(&Path::from("journal/x.jsonl/0000000002")).await.unwrap();
        assert!(store.read_log("journal/x.jsonl").await.unwrap_err().to_string().contains("a part of it is gone"));
    }

    #[test]
    fn wrong_names_are_refused() {
        for (url, expected) in [
            ("", "the name is empty"),
            ("gs://bucket", "`gs` is not a kind of state"),
            ("s3://bucket/prefix", "there are no AWS credentials"),
        ] {
            let error = Store::open(url, None).unwrap_err().to_string();
            assert!(error.contains(expected), "{error}");
        }
    }
}
