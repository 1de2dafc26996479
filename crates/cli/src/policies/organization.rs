//! What stands above an account or a unit of the directory, and who must never be locked out there.

use std::sync::Arc;

use dodai_facts::Problem;
use dodai_org::{Account, Directory, Policies, ROOT};
use dodai_policy::decide::Policy;
use dodai_policy::language::read_json;

const EVERYTHING: &str =
    r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}}"#;

/// The levels above an account, the root first and the account last: names and what is attached.
pub fn path_of<'d>(directory: &'d Directory, account: &'d Account) -> Vec<(&'d str, &'d Policies)> {
    let mut path = above(directory, &account.unit);
    path.push((account.name.as_str(), &account.policies));
    path
}

/// The root, the units above a unit, and the unit.
pub fn above<'d>(directory: &'d Directory, unit: &str) -> Vec<(&'d str, &'d Policies)> {
    let root = (ROOT, &directory.root.policies);
    let units = directory.units.iter().filter(|above| {
        unit.strip_prefix(above.path.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    });
    // Parents stand before their children.
    std::iter::once(root).chain(units.map(|unit| (unit.path.as_str(), &unit.policies))).collect()
}

/// The policy that allows everything, under a name.
///
/// # Errors
/// Never: the text is ours.
pub fn everything(name: &str) -> Result<Arc<Policy>, Vec<Problem>> {
    Ok(Arc::new(Policy::new(name, "", read_json(name, EVERYTHING)?)))
}

/// ARN patterns of the roles that no guardrail may lock out.
pub fn operators(directory: &Directory) -> Vec<String> {
    let partition = directory.home_region.partition();
    let mut names: Vec<&str> = vec![&directory.roles.member];
    for name in &directory.operators {
        if !names.contains(&name.as_str()) {
            names.push(name);
        }
    }
    names.iter().map(|name| format!("arn:{partition}:iam::*:role/{name}")).collect()
}
