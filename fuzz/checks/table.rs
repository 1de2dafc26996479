//! Table files: nothing panics, what is refused is told with its place, and what is read is a table beside the others.

use std::sync::OnceLock;

use dodai_inventory::tables::Tables;
use dodai_models::Models;

#[path = "problems.rs"]
mod problems;

pub fn table(bytes: &[u8]) {
    static BUILTIN: OnceLock<Tables> = OnceLock::new();
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let models = Models::embedded();
    let builtin = BUILTIN.get_or_init(|| Tables::read(models, []).expect("the built-in tables"));
    match builtin.with(models, [("tables/t.yaml", text)]) {
        Ok(tables) => {
            assert!(tables.iter().count() >= builtin.iter().count());
            // What a table is called and what it has can be listed.
            for info in tables.infos() {
                assert!(info.columns.iter().any(|column| column == "_id"), "{info:?}");
            }
        }
        Err(found) => problems::told(&found, |_| Some(text)),
    }
}
