//! `organization-units`: the tree of organizational units.
//!
//! AWS: "Managing organizational units". Units that the directory does not name are left and reported.

use std::collections::BTreeMap;

use dodai_facts::{Class, Failure, FeatureInfo, FeatureScope, Profile};
use serde_json::{Value, json};

use super::{OrganizationFeature, OrganizationView, ROOT_READS, UNIT_READS, UNITS};
use crate::{Action, Out, row};

pub const FEATURE: OrganizationFeature = OrganizationFeature { info: &INFO, plan };

pub(super) const ID: &str = "organization-units";

const INFO: FeatureInfo = FeatureInfo {
    id: ID,
    title: "Organizational units",
    scope: FeatureScope::Organization,
    class: Class::Managed,
    profiles: &Profile::ALL,
    needs: &[],
    reads: &[ROOT_READS, UNIT_READS],
    settings: &[],
    calls: &["organizations.CreateOrganizationalUnit"],
};

fn plan(view: &OrganizationView<'_>, out: &mut Out) -> Result<(), Failure> {
    let ids = view.unit_ids()?;
    for unit in view.directory.units.iter().filter(|unit| !ids.contains_key(&unit.path)) {
        let parent = unit.parent().unwrap_or(dodai_org::ROOT);
        let tags = view.view.tag_list("Key", "Value");
        let params = json!({ "ParentId": view.unit_id(&ids, parent), "Name": unit.name(), "Tags": tags });
        let change = view
            .view
            .change(&unit.path, Action::Create, format!("create the organizational unit `{}`", unit.path))
            .set("name", Value::Null, json!(unit.name()))
            .set("parent", Value::Null, json!(parent))
            .call(view.call("CreateOrganizationalUnit", params))
            .writes(format!("organizations/unit/{}", unit.path));
        out.change(change);
    }
    let paths: BTreeMap<&str, &str> = ids.iter().filter_map(|(path, id)| Some((id.as_str()?, path.as_str()))).collect();
    for unit in view.view.rows(UNITS)? {
        match paths.get(row::text(unit, "Id")?) {
            Some(path) if view.directory.unit(path).is_some() => {}
            Some(path) => out.skip(&view.view, format!("the unit `{path}` is not in the directory")),
            None => out.skip(
                &view.view,
                format!("the unit named `{}` cannot be in a directory (a `/` in a name)", row::text(unit, "Name")?),
            ),
        }
    }
    Ok(())
}
