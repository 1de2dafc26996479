//! Parameters of a guardrail, and the values that they are given: by whoever includes it, by the organization's
//! directory, or by default, in this order.

use std::collections::BTreeMap;

use dodai_document::node::{Entry, Kind as NodeKind, Node, Place};
use dodai_document::{Problems, quote, suggest};

use super::{Guardrail, Kind};

/// A parameter as its guardrail declares it.
#[derive(Debug, Clone, PartialEq)]
pub struct Parameter {
    pub name: String,
    pub kind: Kind,
    /// What the directory fills in where nobody gives a value.
    pub from: Option<Source>,
    /// Where neither gives one. Only a list that is empty by default may be empty at all: without its Regions a guardrail
    /// would deny everything, without its operators it would let nobody through.
    pub default: Option<Vec<String>>,
    pub description: String,
}

impl Parameter {
    fn may_be_empty(&self) -> bool {
        self.default.as_ref().is_some_and(Vec::is_empty)
    }
}

/// What an organization's directory can fill in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Source {
    /// Codes of the active Regions.
    ActiveRegions,
    HomeRegion,
    /// The id of the account that keeps the organization's logs.
    LogArchive,
    /// Patterns of the names of the log buckets that the baseline makes.
    LogBuckets,
    /// The ARN pattern of the role that is assumed in member accounts.
    MemberRole,
    /// ARN patterns of the roles that may change networks.
    NetworkRoles,
    /// ARN patterns of the roles that guardrails exempt, the member role among them.
    Operators,
    /// `o-…`
    Organization,
    /// Names of the trails that the baseline makes.
    Trails,
}

impl Source {
    pub const ALL: [Self; 9] = [
        Self::ActiveRegions,
        Self::HomeRegion,
        Self::LogArchive,
        Self::LogBuckets,
        Self::MemberRole,
        Self::NetworkRoles,
        Self::Operators,
        Self::Organization,
        Self::Trails,
    ];

    /// How a guardrail names it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ActiveRegions => "active_regions",
            Self::HomeRegion => "home_region",
            Self::LogArchive => "log_archive",
            Self::LogBuckets => "log_buckets",
            Self::MemberRole => "member_role",
            Self::NetworkRoles => "network_roles",
            Self::Operators => "operators",
            Self::Organization => "organization",
            Self::Trails => "trails",
        }
    }

    /// Where the directory says it: help for who has not.
    pub const fn said_in(self) -> &'static str {
        match self {
            Self::ActiveRegions => "`regions` of dodai.yaml",
            Self::HomeRegion => "`home_region` of dodai.yaml",
            Self::LogArchive => "`log_archive` of dodai.yaml, and the `id` in that account's file",
            Self::LogBuckets => "the features `cloudtrail-bucket` and `config-bucket`",
            Self::MemberRole => "`roles.member` of dodai.yaml",
            Self::NetworkRoles => "`roles.network` of dodai.yaml",
            Self::Operators => "`operators` of dodai.yaml",
            Self::Organization => "`organization` of dodai.yaml",
            Self::Trails => "the feature `cloudtrail`",
        }
    }
}

/// The values for one inclusion of a guardrail.
#[derive(Debug, Clone, Copy)]
pub struct Parameters<'a> {
    /// The file that includes the guardrail, and where in it: problems are told there.
    pub file: &'a str,
    pub place: Place,
    /// What is given by name: `allowed: [eu-west-1]`.
    pub given: &'a [Entry],
    /// What the directory fills in. A source that is not here is not known.
    pub directory: &'a BTreeMap<Source, Vec<String>>,
}

impl Parameters<'_> {
    /// What is wrong with the given values alone: names that the guardrail does not have, values of another form.
    pub fn check(&self, guardrail: &Guardrail, problems: &mut Problems<'_>) {
        for entry in self.given {
            if let Some(parameter) = guardrail.parameters.iter().find(|parameter| parameter.name == entry.key) {
                given(parameter, &entry.value, problems);
            } else {
                let message = format!("`{}` has no parameter {}", guardrail.name, quote(&entry.key));
                let help = suggest(&entry.key, guardrail.parameters.iter().map(|parameter| parameter.name.as_str()));
                problems.add(entry.place, message, help.or_else(|| Some("it has none".to_owned())));
            }
        }
    }

    /// The values of every parameter, by name. What is wrong or missing is told.
    pub(super) fn values<'g>(
        &self,
        guardrail: &'g Guardrail,
        problems: &mut Problems<'_>,
    ) -> BTreeMap<&'g str, (Kind, Vec<String>)> {
        self.check(guardrail, problems);
        let mut values = BTreeMap::new();
        for parameter in &guardrail.parameters {
            if let Some(found) = self.value(guardrail, parameter, problems) {
                values.insert(parameter.name.as_str(), (parameter.kind, found));
            }
        }
        values
    }

    fn value(&self, guardrail: &Guardrail, parameter: &Parameter, problems: &mut Problems<'_>) -> Option<Vec<String>> {
        if let Some(entry) = self.given.iter().find(|entry| entry.key == parameter.name) {
            // What is wrong with it has been told.
            return given(parameter, &entry.value, &mut Problems::of(self.file));
        }
        let known = parameter.from.and_then(|source| self.directory.get(&source));
        if let Some(values) = known.filter(|values| !values.is_empty() || parameter.may_be_empty()) {
            if let Some(wrong) = values.iter().find(|value| !parameter.kind.form.holds(value)) {
                let message = format!(
                    "`{}` of `{}` must be {}, and the directory says {}",
                    parameter.name,
                    guardrail.name,
                    parameter.kind.form.expected(),
                    quote(wrong)
                );
                problems.add(self.place, message, parameter.from.map(|source| source.said_in().to_owned()));
                return None;
            }
            return Some(values.clone());
        }
        if parameter.default.is_none() {
            let message =
                format!("`{}` needs a value for `{}`: {}", guardrail.name, parameter.name, parameter.description);
            let example = if parameter.kind.many { "[…]" } else { "…" };
            let give = format!("give one: {{{}: {{{}: {example}}}}}", guardrail.name, parameter.name);
            let help =
                parameter.from.map_or(give.clone(), |source| format!("it comes from {}; or {give}", source.said_in()));
            problems.add(self.place, message, Some(help));
        }
        parameter.default.clone()
    }
}

/// The texts of a given value; none where they are not what the parameter asks for.
fn given(parameter: &Parameter, node: &Node, problems: &mut Problems<'_>) -> Option<Vec<String>> {
    let nodes = match (&node.kind, parameter.kind.many) {
        (NodeKind::List(items), true) => items.as_slice(),
        (NodeKind::Scalar { .. }, false) => std::slice::from_ref(node),
        (_, many) => {
            let shape = if many { "a list" } else { "a text" };
            problems.add(node.place, format!("`{}` must be {shape}, found {}", parameter.name, node.describe()), None);
            return None;
        }
    };
    let before = problems.list.len();
    if nodes.is_empty() && !parameter.may_be_empty() {
        let help = Some(format!("it names {}", parameter.description));
        problems.add(node.place, format!("`{}` must not be empty", parameter.name), help);
    }
    let mut texts = Vec::new();
    for node in nodes {
        if let Some(text) = node.text().filter(|text| parameter.kind.form.holds(text)) {
            texts.push(text.to_owned());
        } else {
            let expected = parameter.kind.form.expected();
            let message = format!("`{}` must be {expected}, found {}", parameter.name, node.describe());
            problems.add(node.place, message, None);
        }
    }
    (problems.list.len() == before).then_some(texts)
}
