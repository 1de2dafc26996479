//! Where snapshots are kept: below a prefix of an object store, or in a directory of this machine that
//! nobody else may read.

use std::path::{Path as FilePath, PathBuf};
use std::sync::Arc;

use datafusion::object_store::local::LocalFileSystem;
use datafusion::object_store::path::Path;
use datafusion::object_store::{ObjectStore, ObjectStoreExt};

use super::{RunId, SnapshotError};

/// What a file gathers before it is written: on a disk little, in a store of objects the least that a part of one may have
/// (Amazon S3, "Multipart upload limits": 5 MiB).
const LOCAL_PART_BYTES: usize = 256 << 10;
const OBJECT_PART_BYTES: usize = 5 << 20;

/// The runs of one state store.
#[derive(Debug, Clone)]
pub struct SnapshotPlace {
    store: Arc<dyn ObjectStore>,
    /// `<prefix>/runs`
    runs: Path,
    /// The directory that the store's root is, where it is one.
    local: Option<PathBuf>,
}

impl SnapshotPlace {
    /// Below a prefix (which may be empty) of a store.
    pub fn new(store: Arc<dyn ObjectStore>, prefix: &Path) -> Self {
        Self { store, runs: prefix.clone().join("runs"), local: None }
    }

    /// In a directory, which is made if need be; what is made is its owner's alone (0700, files 0600).
    pub async fn local(directory: &FilePath) -> Result<Self, SnapshotError> {
        make_private(directory).await?;
        let store = LocalFileSystem::new_with_prefix(directory)?;
        Ok(Self { store: Arc::new(store), runs: Path::from("runs"), local: Some(directory.to_owned()) })
    }

    pub(crate) fn store(&self) -> &Arc<dyn ObjectStore> {
        &self.store
    }

    /// Bytes that each file that is open holds back until they are written together.
    pub(crate) fn part_bytes(&self) -> usize {
        if self.local.is_some() { LOCAL_PART_BYTES } else { OBJECT_PART_BYTES }
    }

    pub(crate) fn runs(&self) -> &Path {
        &self.runs
    }

    /// Where a file of a run is. `file` is relative to the run's own directory.
    pub(crate) fn path(&self, run: &RunId, file: &str) -> Path {
        let mut path = self.runs.clone().join(run.as_str());
        for part in file.split('/') {
            path = path.join(part);
        }
        path
    }

    /// Makes the directory that a file goes to, before anything is written there.
    pub(crate) async fn prepare(&self, path: &Path) -> Result<(), SnapshotError> {
        let Some(root) = &self.local else { return Ok(()) };
        let mut directory = root.clone();
        let parts: Vec<_> = path.parts().collect();
        for part in parts.iter().take(parts.len().saturating_sub(1)) {
            directory.push(part.as_ref());
        }
        make_private(&directory).await
    }

    /// Makes a written file its owner's alone. Its directory is so already.
    pub(crate) async fn protect(&self, path: &Path) -> Result<(), SnapshotError> {
        let Some(root) = &self.local else { return Ok(()) };
        let mut file = root.clone();
        file.extend(path.parts().map(|part| part.as_ref().to_owned()));
        protect_file(&file).await
    }

    /// Writes a small file whole.
    pub(crate) async fn put(&self, path: &Path, bytes: Vec<u8>) -> Result<(), SnapshotError> {
        self.prepare(path).await?;
        self.store.put(path, bytes.into()).await?;
        self.protect(path).await
    }
}

async fn make_private(directory: &FilePath) -> Result<(), SnapshotError> {
    let mut builder = tokio::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    builder.mode(0o700);
    builder.create(directory).await.map_err(|error| file_error(directory, error))
}

#[cfg(unix)]
async fn protect_file(file: &FilePath) -> Result<(), SnapshotError> {
    use std::os::unix::fs::PermissionsExt;
    let owner_only = std::fs::Permissions::from_mode(0o600);
    tokio::fs::set_permissions(file, owner_only).await.map_err(|error| file_error(file, error))
}

#[cfg(not(unix))]
async fn protect_file(_file: &FilePath) -> Result<(), SnapshotError> {
    Ok(())
}

fn file_error(path: &FilePath, error: std::io::Error) -> SnapshotError {
    SnapshotError::File { path: path.display().to_string(), error }
}
