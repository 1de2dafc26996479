//! Policy documents, read once however many functions and rows ask about the same text.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use dodai_policy::Document;
use dodai_policy::access::{Unanswerable, read};

/// Bytes of text that are remembered; then all is forgotten, and read again where it is asked about again.
const MOST: usize = 4 << 20;

pub(super) type Read = Arc<Result<Document, Unanswerable>>;

/// Shared by the functions of a session.
#[derive(Debug, Clone, Default)]
pub(super) struct Documents(Arc<Mutex<Known>>);

#[derive(Debug, Default)]
struct Known {
    bytes: usize,
    documents: HashMap<Box<str>, Read>,
}

impl Documents {
    pub(super) fn read(&self, text: &str) -> Read {
        if let Some(known) = self.lock().documents.get(text) {
            return Arc::clone(known);
        }
        let document = Arc::new(read(text));
        // What is refused for its length is refused again as quickly.
        if !matches!(*document, Err(Unanswerable::TooLong(_))) {
            let mut known = self.lock();
            if known.bytes + text.len() > MOST {
                *known = Known::default();
            }
            known.bytes += text.len();
            known.documents.insert(text.into(), Arc::clone(&document));
        }
        document
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_is_read_once_and_memory_is_bounded() {
        let documents = Documents::default();
        let text = |n: usize| format!(r#"{{"Id":"{n}{}","Statement":[]}}"#, "x".repeat(90_000));
        let first = documents.read(&text(0));
        assert!(first.is_ok() && Arc::ptr_eq(&first, &documents.read(&text(0))));
        for n in 1..100 {
            documents.read(&text(n));
            assert!(documents.lock().bytes <= MOST);
        }
        assert!(!Arc::ptr_eq(&first, &documents.read(&text(0))));
        let long = "x".repeat(1 << 20);
        let before = documents.lock().bytes;
        assert!(documents.read(&long).is_err());
        assert_eq!(documents.lock().bytes, before);
    }
}
