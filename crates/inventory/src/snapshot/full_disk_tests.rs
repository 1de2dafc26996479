//! A disk that gets full while a snapshot is written: the error says so, what was begun is never taken for a run,
//! and the next run is whole.

use std::fmt;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use dodai_facts::{Cell, Listing, Row, Scope};
use futures::stream::BoxStream;
use jiff::Timestamp;
use object_store::memory::InMemory;
use object_store::path::Path;
use object_store::{
    CopyOptions, GetOptions, GetResult, ListResult, MultipartUpload, ObjectMeta, ObjectStore, PutMultipartOptions,
    PutOptions, PutPayload, PutResult, Result,
};

use super::*;
use crate::arrow::{ColumnType, TableSchema};

/// Has room for so many more objects.
#[derive(Debug)]
struct Full {
    objects: InMemory,
    room: AtomicUsize,
}

impl fmt::Display for Full {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.objects, formatter)
    }
}

#[async_trait]
impl ObjectStore for Full {
    async fn put_opts(&self, location: &Path, payload: PutPayload, opts: PutOptions) -> Result<PutResult> {
        let room = self.room.load(Ordering::Relaxed);
        let Some(left) = room.checked_sub(1) else {
            let source = Box::new(io::Error::from(io::ErrorKind::StorageFull));
            return Err(object_store::Error::Generic { store: "memory", source });
        };
        self.room.store(left, Ordering::Relaxed);
        self.objects.put_opts(location, payload, opts).await
    }

    async fn put_multipart_opts(&self, location: &Path, opts: PutMultipartOptions) -> Result<Box<dyn MultipartUpload>> {
        self.objects.put_multipart_opts(location, opts).await
    }

    async fn get_opts(&self, location: &Path, options: GetOptions) -> Result<GetResult> {
        self.objects.get_opts(location, options).await
    }

    fn delete_stream(&self, locations: BoxStream<'static, Result<Path>>) -> BoxStream<'static, Result<Path>> {
        self.objects.delete_stream(locations)
    }

    fn list(&self, prefix: Option<&Path>) -> BoxStream<'static, Result<ObjectMeta>> {
        self.objects.list(prefix)
    }

    async fn list_with_delimiter(&self, prefix: Option<&Path>) -> Result<ListResult> {
        self.objects.list_with_delimiter(prefix).await
    }

    async fn copy_opts(&self, from: &Path, to: &Path, options: CopyOptions) -> Result<()> {
        self.objects.copy_opts(from, to, options).await
    }
}

/// Two tables with a row and a gap each: two files of rows, one of gaps, the manifest.
const FILES: usize = 4;

async fn write(place: &SnapshotPlace, id: &RunId) -> std::result::Result<Manifest, SnapshotError> {
    let cells: Vec<Cell> = ["111122223333", "222233334444"].map(|cell| cell.parse().unwrap()).to_vec();
    let table =
        |name: &str| TableRead::all(TableSchema::new(name, Scope::Account, [("Name".to_owned(), ColumnType::Text)]));
    let tables = [table("t"), table("u")];
    let mut writer = SnapshotWriter::new(place.clone(), id.clone(), Shard::WHOLE, "m", cells.iter().collect(), tables);
    for name in ["t", "u"] {
        let values = serde_json::json!({"Name": "a"}).as_object().unwrap().clone();
        let row = Row { id: "a".to_owned(), values, failures: std::collections::BTreeMap::new() };
        writer.write(name, &cells[0], Listing { rows: vec![row], failure: None }).await?;
    }
    writer.finish(now()).await
}

fn now() -> Timestamp {
    "2026-11-22T14:30:00Z".parse().unwrap()
}

#[tokio::test]
async fn what_a_full_disk_cut_off_is_no_run() {
    for room in 0..=FILES {
        let full = Arc::new(Full { objects: InMemory::new(), room: AtomicUsize::new(room) });
        let place = SnapshotPlace::new(full.clone(), &Path::from("state"));
        let (first, second) = (RunId::new(now(), 1), RunId::new(now(), 2));
        let written = write(&place, &first).await;
        if room == FILES {
            assert_eq!(full.room.load(Ordering::Relaxed), 0, "every file counts");
            assert_eq!(place.open("latest").await.unwrap().id(), Some(&first));
            continue;
        }
        let error = written.unwrap_err().to_string();
        assert!(error.contains("no storage space"), "{room}: {error}");
        assert!(matches!(place.open("latest").await.unwrap_err(), SnapshotError::NoRuns));
        if room > 0 {
            assert!(matches!(place.open(first.as_str()).await.unwrap_err(), SnapshotError::Unfinished { .. }));
        }
        full.room.store(FILES, Ordering::Relaxed);
        let manifest = write(&place, &second).await.unwrap();
        let run = place.open("latest").await.unwrap();
        assert_eq!((run.id(), run.gap_count()), (Some(&second), manifest.gaps));
    }
}
