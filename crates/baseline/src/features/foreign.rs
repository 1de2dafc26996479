//! Something that does the same job and is not ours is left unless the directory says `foreign: adopt`: what the
//! plan says of it.

use std::collections::BTreeSet;

use dodai_facts::Failure;
use serde_json::Value;

use crate::{Change, View};

/// Why it is left: it already does this, or in what it differs. `thing` with its article: "the detector".
pub(super) fn left<'a>(thing: &str, changes: impl IntoIterator<Item = &'a Change>) -> String {
    let settings = changes.into_iter().flat_map(|change| &change.settings);
    let differs: BTreeSet<&str> =
        settings.map(|setting| setting.name.as_str()).filter(|name| *name != "tags").collect();
    if differs.is_empty() {
        return format!("{thing} is not ours and already does this");
    }
    let differs: Vec<&str> = differs.into_iter().collect();
    format!(
        "{thing} is not ours and differs in {}: set `foreign: adopt` to keep it at these settings",
        differs.join(", ")
    )
}

/// What a feature may keep under a name that the directory gives: what carries its tag, or bears a name of Dodai's own
/// (`dodai-…`) and no other feature's tag. `thing` with its article: "the role".
pub(super) fn refuse(view: &View<'_>, thing: &str, name: &str, tags: &Value) -> Result<(), Failure> {
    let ours = match tags.get("dodai:feature") {
        Some(_) => view.is_ours(tags),
        None => name.starts_with("dodai-"),
    };
    if ours {
        return Ok(());
    }
    let id = view.feature.id;
    let why = format!("{thing} `{name}` is there and not ours: give another name, or tag it dodai:feature = {id}");
    Err(view.failure("NotOurs", why))
}
