//! Every control and standard there is: the built-in ones, listed by the build from `controls/` and
//! `standards/`, and the user's.

use std::collections::{BTreeMap, BTreeSet};

use dodai_facts::{ControlInfo, Problem};

use crate::{Control, Standard};

include!(concat!(env!("OUT_DIR"), "/builtin.rs"));

/// Controls and standards by id.
#[derive(Debug, Clone, Default)]
pub struct Registry {
    controls: BTreeMap<String, Control>,
    standards: BTreeMap<String, Standard>,
}

impl Registry {
    /// The built-in controls and standards, and the user's controls: `(path, text)` of each file.
    pub fn new<'a>(user: impl IntoIterator<Item = (&'a str, &'a str)>) -> Result<Self, Vec<Problem>> {
        let mut registry = Self::default();
        let mut problems = Vec::new();
        for (file, text) in CONTROLS.iter().copied().chain(user) {
            match Control::parse(file, text) {
                Ok(control) => match registry.controls.get(&control.id) {
                    Some(earlier) => problems.push(twice(&control, earlier)),
                    None => {
                        registry.controls.insert(control.id.clone(), control);
                    }
                },
                Err(found) => problems.extend(found),
            }
        }
        let ids: BTreeSet<&str> = registry.controls.keys().map(String::as_str).collect();
        for (file, text) in STANDARDS {
            match Standard::parse(file, text, &ids) {
                Ok(standard) => {
                    registry.standards.insert(standard.id.clone(), standard);
                }
                Err(found) => problems.extend(found),
            }
        }
        if problems.is_empty() { Ok(registry) } else { Err(problems) }
    }

    pub fn control(&self, id: &str) -> Option<&Control> {
        self.controls.get(id)
    }

    /// In the order of service and number.
    pub fn controls(&self) -> Vec<&Control> {
        let mut controls: Vec<&Control> = self.controls.values().collect();
        controls.sort_by_key(|control| order(&control.id));
        controls
    }

    pub fn standard(&self, id: &str) -> Option<&Standard> {
        self.standards.get(id)
    }

    pub fn standards(&self) -> impl Iterator<Item = &Standard> {
        self.standards.values()
    }

    pub fn infos(&self) -> Vec<ControlInfo> {
        self.controls().into_iter().map(Control::info).collect()
    }
}

fn twice(control: &Control, earlier: &Control) -> Problem {
    Problem {
        file: control.file.clone(),
        line: 0,
        column: 0,
        message: format!("`{}` is already the id of the control in `{}`", control.id, earlier.file),
        help: Some("give it an id of its own; a built-in control is switched off by `controls.off`".to_owned()),
    }
}

/// `S3.8` before `S3.12`.
fn order(id: &str) -> (&str, u64) {
    let (service, number) = id.rsplit_once('.').unwrap_or((id, ""));
    (service, number.parse().unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    const OWN: &str = "-- id: Own.1\n-- title: t\n-- severity: LOW\n-- of: t\n-- repair: r\nselect _id from t";

    #[test]
    fn controls_are_in_the_order_of_their_numbers() {
        let two = OWN.replace("Own.1", "Own.2");
        let ten = OWN.replace("Own.1", "Own.10");
        let registry = Registry::new([("a", ten.as_str()), ("b", OWN), ("c", two.as_str())]).unwrap();
        let own: Vec<String> =
            registry.infos().into_iter().map(|info| info.id).filter(|id| id.starts_with("Own.")).collect();
        assert_eq!(own, ["Own.1", "Own.2", "Own.10"]);
    }

    #[test]
    fn an_id_belongs_to_one_control() {
        let problems = Registry::new([("a", OWN), ("b", OWN), ("c", "select 1")]).unwrap_err();
        assert_eq!(
            problems[0].to_string().split(" (").next(),
            Some("b: `Own.1` is already the id of the control in `a`")
        );
        assert_eq!(problems.iter().filter(|problem| problem.file == "c").count(), 5, "{problems:?}");
    }
}
