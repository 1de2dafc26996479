//! The local directory as an object store whose files and folders are as private as the rest of the state.

use std::fmt;
use std::ops::Range;

use async_trait::async_trait;
use bytes::Bytes;
use futures::stream::BoxStream;
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use object_store::{
    CopyOptions, GetOptions, GetResult, ListResult, MultipartUpload, ObjectMeta, ObjectStore, PutMultipartOptions,
    PutOptions, PutPayload, PutResult, RenameOptions, Result, UploadPart,
};

use super::directory::{private_parent, tighten_file};

#[derive(Debug)]
pub(super) struct PrivateFiles(LocalFileSystem);

impl PrivateFiles {
    pub(super) fn new(files: LocalFileSystem) -> Self {
        Self(files.with_automatic_cleanup(true))
    }

    /// Folders are made before the file: nobody else ever gets into them.
    fn before(&self, path: &Path) -> Result<()> {
        private_parent(&self.0.path_to_filesystem(path)?).map_err(failed)
    }

    fn after(&self, path: &Path) -> Result<()> {
        tighten_file(&self.0.path_to_filesystem(path)?).map_err(failed)
    }
}

fn failed(why: std::io::Error) -> object_store::Error {
    object_store::Error::Generic { store: "directory", source: Box::new(why) }
}

impl fmt::Display for PrivateFiles {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, formatter)
    }
}

#[async_trait]
impl ObjectStore for PrivateFiles {
    async fn put_opts(&self, location: &Path, payload: PutPayload, opts: PutOptions) -> Result<PutResult> {
        self.before(location)?;
        let put = self.0.put_opts(location, payload, opts).await?;
        self.after(location)?;
        Ok(put)
    }

    async fn put_multipart_opts(&self, location: &Path, opts: PutMultipartOptions) -> Result<Box<dyn MultipartUpload>> {
        self.before(location)?;
        let upload = self.0.put_multipart_opts(location, opts).await?;
        Ok(Box::new(PrivateUpload { upload, file: self.0.path_to_filesystem(location)? }))
    }

    async fn get_opts(&self, location: &Path, options: GetOptions) -> Result<GetResult> {
        self.0.get_opts(location, options).await
    }

    async fn get_ranges(&self, location: &Path, ranges: &[Range<u64>]) -> Result<Vec<Bytes>> {
        self.0.get_ranges(location, ranges).await
    }

    fn delete_stream(&self, locations: BoxStream<'static, Result<Path>>) -> BoxStream<'static, Result<Path>> {
        self.0.delete_stream(locations)
    }

    fn list(&self, prefix: Option<&Path>) -> BoxStream<'static, Result<ObjectMeta>> {
        self.0.list(prefix)
    }

    fn list_with_offset(&self, prefix: Option<&Path>, offset: &Path) -> BoxStream<'static, Result<ObjectMeta>> {
        self.0.list_with_offset(prefix, offset)
    }

    async fn list_with_delimiter(&self, prefix: Option<&Path>) -> Result<ListResult> {
        self.0.list_with_delimiter(prefix).await
    }

    async fn copy_opts(&self, from: &Path, to: &Path, options: CopyOptions) -> Result<()> {
        self.before(to)?;
        self.0.copy_opts(from, to, options).await?;
        self.after(to)
    }

    async fn rename_opts(&self, from: &Path, to: &Path, options: RenameOptions) -> Result<()> {
        self.before(to)?;
        self.0.rename_opts(from, to, options).await?;
        self.after(to)
    }
}

#[derive(Debug)]
struct PrivateUpload {
    upload: Box<dyn MultipartUpload>,
    file: std::path::PathBuf,
}

#[async_trait]
impl MultipartUpload for PrivateUpload {
    fn put_part(&mut self, data: PutPayload) -> UploadPart {
        self.upload.put_part(data)
    }

    async fn complete(&mut self) -> Result<PutResult> {
        let put = self.upload.complete().await?;
        tighten_file(&self.file).map_err(failed)?;
        Ok(put)
    }

    async fn abort(&mut self) -> Result<()> {
        self.upload.abort().await
    }
}
