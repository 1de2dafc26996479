//! A log that grows line by line, each line durable before `append` returns. Lines that wait while one is
//! being written go together: hundreds of calls at a time share a sync, or a request to S3.

use std::fmt;
use std::fs::File;
use std::io::Write;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;

use super::{Store, StoreError};

/// The log of one writer. Shared by reference among everyone who appends.
pub struct Appender {
    store: Store,
    path: String,
    waiting: Mutex<Waiting>,
    target: tokio::sync::Mutex<Target>,
}

/// Lines not written yet, and how many lines were ever handed in.
#[derive(Default)]
struct Waiting {
    lines: Vec<u8>,
    handed_in: u64,
}

struct Target {
    kind: Kind,
    /// How many lines are durable.
    written: u64,
    /// Set while a write is under way: it stays set when one failed or was broken off, and then nobody can
    /// tell what the log's last line is.
    unclear: bool,
}

enum Kind {
    File(Arc<File>),
    /// The number of the next object.
    Objects(u64),
}

impl Appender {
    pub(super) fn to_file(store: Store, path: &str, file: File) -> Self {
        Self::new(store, path, Kind::File(Arc::new(file)))
    }

    pub(super) fn to_objects(store: Store, path: &str) -> Self {
        Self::new(store, path, Kind::Objects(1))
    }

    fn new(store: Store, path: &str, kind: Kind) -> Self {
        Self {
            store,
            path: path.to_owned(),
            waiting: Mutex::default(),
            target: tokio::sync::Mutex::new(Target { kind, written: 0, unclear: false }),
        }
    }

    /// Appends `line` (without its line break) and returns when it is durable. After an error the log takes
    /// no more lines.
    pub async fn append(&self, line: &str) -> Result<(), StoreError> {
        let what = format!("append to `{}`", self.path);
        let ticket = {
            let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
            waiting.lines.extend_from_slice(line.as_bytes());
            waiting.lines.push(b'\n');
            waiting.handed_in += 1;
            waiting.handed_in
        };
        let mut target = self.target.lock().await;
        if target.written >= ticket {
            return Ok(());
        }
        if target.unclear {
            return Err(self.store.error(&what, "an earlier line could not be written", "start a new run"));
        }
        let (lines, upto) = {
            let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
            (Bytes::from(std::mem::take(&mut waiting.lines)), waiting.handed_in)
        };
        target.unclear = true;
        match &mut target.kind {
            Kind::File(file) => {
                let file = file.clone();
                let write = move || (&*file).write_all(&lines).and_then(|()| file.sync_data());
                match tokio::task::spawn_blocking(write).await {
                    Ok(Ok(())) => {}
                    Ok(Err(why)) => return Err(self.store.file_error(&what, &why)),
                    Err(broken_off) => return Err(self.store.error(&what, broken_off, "start a new run")),
                }
            }
            Kind::Objects(next) => {
                self.put_segment(&what, &segment(&self.path, *next), lines).await?;
                *next += 1;
            }
        }
        target.unclear = false;
        target.written = upto;
        Ok(())
    }

    /// A request that was answered by an error may still have been carried out, and is then found to be
    /// there when it is sent again: what is there tells.
    async fn put_segment(&self, what: &str, path: &str, lines: Bytes) -> Result<(), StoreError> {
        if self.store.create_new(path, lines.clone()).await? {
            return Ok(());
        }
        match self.store.read(path).await? {
            Some(there) if there.bytes == lines => Ok(()),
            _ => Err(self.store.error(what, "another run writes to the same log", "start a new run")),
        }
    }
}

impl fmt::Debug for Appender {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Appender")
            .field("store", &self.store.name())
            .field("path", &self.path)
            .finish_non_exhaustive()
    }
}

/// The path of a log's segment; they count from 1.
pub(super) fn segment(log: &str, number: u64) -> String {
    format!("{log}/{number:010}")
}

/// Whether a name is that of a segment of a log.
pub(super) fn is_segment(name: &str) -> bool {
    name.len() == 10 && name.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_full_disk_ends_the_log_and_says_what_to_do() {
        let store = Store::open(".dodai", None).unwrap();
        let full = File::options().write(true).open("/dev/full").unwrap();
        let log = Appender::to_file(store, "journal/x.jsonl", full);
        let error = log.append("first").await.unwrap_err().to_string();
        let told = "cannot append to `journal/x.jsonl` in the state `.dodai`: No space left on device";
        assert!(error.starts_with(told) && error.contains("make room on the disk"), "{error}");
        let error = log.append("second").await.unwrap_err().to_string();
        assert!(error.contains("an earlier line could not be written"), "{error}");
    }
}
