//! The models that are part of the program, each decoded when it is first asked for.

use std::sync::{Arc, OnceLock};

use crate::archive;
use crate::model::Service;

#[path = "../../../models/index.rs"]
mod index;

/// Every service that can be called.
#[derive(Debug)]
pub struct Models {
    /// Sorted by name.
    entries: Vec<Entry>,
}

#[derive(Debug)]
struct Entry {
    name: &'static str,
    bytes: &'static [u8],
    decoded: OnceLock<Arc<Service>>,
}

impl Models {
    pub fn embedded() -> &'static Self {
        static MODELS: OnceLock<Models> = OnceLock::new();
        MODELS.get_or_init(|| Self {
            entries: index::FILES
                .iter()
                .map(|&(name, bytes)| Entry { name, bytes, decoded: OnceLock::new() })
                .collect(),
        })
    }

    /// The model of a service by botocore's name of it (`s3control`); `None` when there is none of that name.
    ///
    /// # Panics
    /// Never in a tree whose tests pass: they decode every embedded file.
    pub fn service(&self, name: &str) -> Option<Arc<Service>> {
        let entry = self.entries.binary_search_by(|entry| entry.name.cmp(name)).ok();
        let entry = entry.and_then(|position| self.entries.get(position))?;
        let decoded = entry.decoded.get_or_init(|| {
            let service = archive::unpack(entry.bytes);
            Arc::new(service.unwrap_or_else(|error| panic!("the embedded model of `{name}` is damaged: {error}")))
        });
        Some(Arc::clone(decoded))
    }

    /// Names of all services, sorted.
    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        self.entries.iter().map(|entry| entry.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::ShapeKind;

    #[test]
    fn every_embedded_model_decodes_and_is_whole() {
        let models = Models::embedded();
        assert!(models.names().is_sorted(), "the index must be sorted: it is searched by halves");
        for name in models.names() {
            let service = models.service(name).expect("listed");
            assert_eq!(service.name, name);
            assert!(!service.operations.is_empty(), "{name}");
            for (operation, details) in &service.operations {
                for id in [details.input, details.output].into_iter().flatten() {
                    assert!(service.structure(id).is_some(), "{name}.{operation}");
                }
                assert!(details.uri.starts_with('/'), "{name}.{operation}: {}", details.uri);
            }
            for shape in &service.shapes {
                let ShapeKind::Structure(structure) = &shape.kind else { continue };
                for required in structure.required.iter().chain(&structure.payload) {
                    assert!(structure.member(required).is_some(), "{name}: {} has no {required}", shape.name);
                }
            }
            for operation in service.paginators.keys() {
                assert!(service.operation(operation).is_some(), "{name} pages {operation}, which it does not have");
            }
        }
    }

    #[test]
    fn an_unknown_service_has_no_model() {
        assert!(Models::embedded().service("s4").is_none());
    }

    #[test]
    fn a_model_is_decoded_once() {
        let models = Models::embedded();
        assert!(Arc::ptr_eq(&models.service("sts").expect("embedded"), &models.service("sts").expect("embedded")));
    }
}
