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

/// Whether what the directory names is the feature's: it carries its tag, or bears a name of Dodai's own (`dodai`,
/// `dodai-…`) and no other feature's tag.
pub(super) fn is_ours(feature: &str, name: &str, tags: &Value) -> bool {
    match tags.get("dodai:feature") {
        Some(tag) => tag.as_str() == Some(feature),
        None => name == "dodai" || name.starts_with("dodai-"),
    }
}

/// Only what is the feature's may be kept under a name that the directory gives. `thing` with its article: "the role".
pub(super) fn refuse(view: &View<'_>, thing: &str, name: &str, tags: &Value) -> Result<(), Failure> {
    let id = view.feature.id;
    if is_ours(id, name, tags) { Ok(()) } else { Err(not_ours(view, id, thing, name)) }
}

/// What is said of something that stands under the name of a feature's own.
pub(super) fn not_ours(view: &View<'_>, feature: &str, thing: &str, name: &str) -> Failure {
    let why = format!("{thing} `{name}` is there and not ours: give another name, or tag it dodai:feature = {feature}");
    view.failure("NotOurs", why)
}
