//! Where a run breaks off, to the point: at a call that changes something, or at a write of its journal.

use std::fmt;
use std::future::pending;
use std::io;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use futures::stream::BoxStream;
use object_store::memory::InMemory;
use object_store::path::Path;
use object_store::{
    CopyOptions, GetOptions, GetResult, ListResult, MultipartUpload, ObjectMeta, ObjectStore, PutMultipartOptions,
    PutOptions, PutPayload, PutResult, Result,
};
use tokio::sync::Notify;

/// Calls that change something, and writes of the journal, count from 0 in each run.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Break {
    /// The process dies when the call is sent: nothing comes of it.
    BeforeCall(usize),
    /// It dies when the call has taken effect: nobody gets the reply.
    AfterCall(usize),
    /// It dies when it is about to write: of a line that notes a reply, the reply is lost again.
    BeforeWrite(usize),
    /// It dies with the reply, when it is about to note it (of such lines alone, this number).
    BeforeNote(usize),
    /// It dies with the write durable.
    AfterWrite(usize),
    /// From this write on nothing can be written, until the run has ended.
    Full(usize),
}

/// The point at which the present run breaks off, if it does.
#[derive(Debug, Default)]
pub struct Breaks {
    armed: Mutex<Armed>,
    pub died: Notify,
}

#[derive(Debug, Default)]
struct Armed {
    at: Option<Break>,
    calls: usize,
    writes: usize,
    /// Those of the writes that note a reply.
    notes: usize,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Now {
    GoOn,
    DieBefore,
    DieAfter,
    Refuse,
}

impl Breaks {
    /// A new run begins, which breaks off here.
    pub fn arm(&self, at: Option<Break>) {
        *self.armed.lock().unwrap() = Armed { at, ..Armed::default() };
    }

    /// How many calls and writes the run has got to, and how many of the writes note a reply.
    pub fn counts(&self) -> (usize, usize, usize) {
        let armed = self.armed.lock().unwrap();
        (armed.calls, armed.writes, armed.notes)
    }

    pub fn call(&self) -> Now {
        let mut armed = self.armed.lock().unwrap();
        let number = armed.calls;
        armed.calls += 1;
        match armed.at {
            Some(Break::BeforeCall(at)) if at == number => Now::DieBefore,
            Some(Break::AfterCall(at)) if at == number => Now::DieAfter,
            _ => Now::GoOn,
        }
    }

    fn write(&self, path: &Path, line: &PutPayload) -> Now {
        let mut armed = self.armed.lock().unwrap();
        let number = armed.writes;
        if !path.as_ref().starts_with("journal/") {
            let full = matches!(armed.at, Some(Break::Full(at)) if at < number);
            return if full { Now::Refuse } else { Now::GoOn };
        }
        armed.writes += 1;
        let first = line.iter().next().map_or(&[][..], |bytes| &bytes[..]);
        let is_note = first.starts_with(b"{\"done\"") || first.starts_with(b"{\"failed\"");
        let note = armed.notes;
        armed.notes += usize::from(is_note);
        match armed.at {
            Some(Break::BeforeNote(at)) if is_note && at == note => Now::DieBefore,
            Some(Break::BeforeWrite(at)) if at == number => Now::DieBefore,
            Some(Break::AfterWrite(at)) if at == number => Now::DieAfter,
            Some(Break::Full(at)) if at <= number => Now::Refuse,
            _ => Now::GoOn,
        }
    }

    /// The process does nothing more.
    pub async fn die(&self) {
        self.died.notify_one();
        pending::<()>().await;
    }
}

/// A state that breaks off as told.
#[derive(Debug)]
pub struct Breaking {
    objects: InMemory,
    breaks: Arc<Breaks>,
}

impl Breaking {
    pub fn new(breaks: Arc<Breaks>) -> Self {
        Self { objects: InMemory::new(), breaks }
    }
}

impl fmt::Display for Breaking {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.objects, formatter)
    }
}

#[async_trait]
impl ObjectStore for Breaking {
    async fn put_opts(&self, location: &Path, payload: PutPayload, opts: PutOptions) -> Result<PutResult> {
        let now = self.breaks.write(location, &payload);
        match now {
            Now::DieBefore => self.breaks.die().await,
            Now::Refuse => {
                let source = Box::new(io::Error::from(io::ErrorKind::StorageFull));
                return Err(object_store::Error::Generic { store: "memory", source });
            }
            Now::GoOn | Now::DieAfter => {}
        }
        let put = self.objects.put_opts(location, payload, opts).await;
        if now == Now::DieAfter {
            self.breaks.die().await;
        }
        put
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
