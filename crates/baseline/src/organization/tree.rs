//! The tree of organizational units: from rows that know their parent to paths as the directory writes them.

use std::collections::BTreeMap;

use dodai_facts::{Failure, Row};
use dodai_org::ROOT;
use serde_json::{Value, json};

use crate::row;

/// AWS Organizations allows five levels below the root.
const DEEPEST: usize = 5;

/// The ids of the root and of its units, by path. A unit whose name has a `/` (or one above it) has no path that
/// the directory could mean: `A/B` under the root is not `B` under `A`.
pub(super) fn ids(root: &str, units: &[Row]) -> Result<BTreeMap<String, Value>, Failure> {
    let mut known = BTreeMap::new();
    for unit in units {
        known.insert(row::text(unit, "Id")?, (row::text(unit, "Name")?, row::text(unit, "parent_id")?));
    }
    let mut ids = BTreeMap::from([(ROOT.to_owned(), json!(root))]);
    for id in known.keys() {
        if let Some(path) = path_of(id, root, &known) {
            ids.insert(path, json!(id));
        }
    }
    Ok(ids)
}

fn path_of(id: &str, root: &str, units: &BTreeMap<&str, (&str, &str)>) -> Option<String> {
    let mut names = Vec::new();
    let mut at = id;
    while at != root {
        let (name, parent) = units.get(at)?;
        if names.len() == DEEPEST || name.contains('/') {
            return None;
        }
        names.push(*name);
        at = parent;
    }
    names.reverse();
    Some(names.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unit(id: &str, name: &str, parent: &str) -> Row {
        let values = json!({ "Id": id, "Name": name, "parent_id": parent });
        Row { id: id.to_owned(), values: values.as_object().cloned().unwrap(), ..Row::default() }
    }

    #[test]
    fn a_name_with_a_slash_is_no_path() {
        let units = [
            unit("ou-1", "Default", "r-1"),
            unit("ou-2", "Sandbox", "ou-1"),
            unit("ou-3", "Default/Sandbox", "r-1"),
            unit("ou-4", "Below", "ou-3"),
            unit("ou-5", "Loop", "ou-5"),
        ];
        let ids = ids("r-1", &units).unwrap();
        let expected = [("Default", "ou-1"), ("Default/Sandbox", "ou-2"), ("Root", "r-1")];
        assert_eq!(ids, expected.map(|(path, id)| (path.to_owned(), json!(id))).into());
    }
}
