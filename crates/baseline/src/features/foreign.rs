//! Something that does the same job and is not ours is left unless the directory says `foreign: adopt`: what the
//! plan says of it.

use std::collections::BTreeSet;

use crate::Change;

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
