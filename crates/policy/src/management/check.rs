//! The syntax of one management policy: its keys, operators and values against the schema of its type, every mistake at
//! once. What the schema leaves open is a warning at most.

use std::collections::HashMap;

use dodai_document::{Entry, Keys, Kind, Node, Place, keys, problem, quote, suggest};

use crate::PolicyType;
use crate::finding::{Finding, Severity};

use super::operator::{CHILD_CONTROL, Operator, allowed};
use super::schema::{Field, Name, Names, Need, Rest, Shape};
use super::value::{Value, is_region};
use super::{rules, schemas};

/// What is wrong with a document of this type, in its order.
pub fn check(kind: &PolicyType, file: &str, tree: &Node) -> Vec<Finding> {
    let mut report = Report { file, list: Vec::new() };
    let Some(schema) = schemas::of(kind) else {
        let message = format!("a {} policy is written in the IAM policy language", kind.folder);
        report.add("policy-type", Severity::Error, tree.place, message, None);
        return report.list;
    };
    if let (Some(limit), Ok(text)) = (kind.limit, serde_json::to_string(&tree.to_json())) {
        let (size, unit) = if schema.bytes { (text.len(), "bytes") } else { (text.chars().count(), "characters") };
        if size > limit {
            let message = format!("the policy has {size} {unit} without white space, {limit} are allowed");
            report.add("too-long", Severity::Error, Place::FILE, message, Some("split it into several".to_owned()));
        }
    }
    if matches!(&tree.kind, Kind::Map(entries) if entries.is_empty()) {
        report.add("sets-nothing", Severity::Error, tree.place, "the policy is empty", None);
    }
    Checker { page: schema.page, report: &mut report }.shape(&schema.shape, tree, "the policy");
    rules::check(kind, tree, &mut report);
    if let Some(unknown) = schema.unknown {
        report.add("schema-not-known", Severity::Suggestion, Place::FILE, unknown, None);
    }
    report.list
}

pub(super) struct Report<'f> {
    file: &'f str,
    list: Vec<Finding>,
}

impl Report<'_> {
    pub fn add(
        &mut self,
        rule: &'static str,
        severity: Severity,
        place: Place,
        message: impl Into<String>,
        help: Option<String>,
    ) {
        self.list.push(Finding { rule, severity, problem: problem(self.file, place, message, help) });
    }

    fn error(&mut self, rule: &'static str, place: Place, message: impl Into<String>, help: Option<String>) {
        self.add(rule, Severity::Error, place, message, help);
    }

    fn warning(&mut self, rule: &'static str, place: Place, message: impl Into<String>, help: Option<String>) {
        self.add(rule, Severity::Warning, place, message, help);
    }
}

struct Checker<'r, 'f> {
    page: &'static str,
    report: &'r mut Report<'f>,
}

impl Checker<'_, '_> {
    /// `name` is what stands here, in the words of a message: a key in backticks, or `the policy`.
    fn shape(&mut self, shape: &'static Shape, node: &Node, name: &str) {
        let Kind::Map(entries) = &node.kind else {
            let help = "{\"@@assign\": …}: a policy says how a value is set; an effective policy is none".to_owned();
            let (rule, message, help) = match shape {
                Shape::Block(..) | Shape::Named(_) => {
                    ("not-a-map", format!("{name} must be a map, found {}", node.describe()), None)
                }
                _ => (
                    "operator-missing",
                    format!("{name} needs an operator around its value, found {}", node.describe()),
                    Some(help),
                ),
            };
            self.report.error(rule, node.place, message, help);
            return;
        };
        match shape {
            Shape::Block(fields, rest) => self.block(fields, *rest, node, entries, name),
            Shape::Named(names) => self.named(names, entries, name),
            Shape::One(value) => self.setting(Some((*value, 1)), true, node, entries, name),
            Shape::Many(value, most) => self.setting(Some((*value, *most)), false, node, entries, name),
            Shape::Unknown => self.unknown(node, entries, name),
        }
    }

    fn block(&mut self, fields: &'static [Field], rest: Rest, node: &Node, entries: &[Entry], name: &str) {
        let known: Vec<&str> = fields.iter().map(|field| field.name).collect();
        let lacking: Vec<&str> = fields
            .iter()
            .filter(|field| field.need == Need::InPolicy && !entries.iter().any(|entry| entry.key == field.name))
            .map(|field| field.name)
            .collect();
        let Keys { unknown, missing } = keys(entries, &known, &lacking);
        // What is not known is no mistake where AWS may have it since; then what is missing is one.
        let missing = if rest == Rest::Closed { missing } else { lacking };
        let help = |key: &str| unknown.iter().find(|(entry, _)| entry.key == key).and_then(|(_, help)| help.clone());
        for entry in self.without_operators(entries, name) {
            let key = quote(&entry.key);
            if let Some(field) = fields.iter().find(|field| field.name == entry.key) {
                self.shape(&field.shape, &entry.value, &key);
            } else if rest == Rest::Closed {
                let message = format!("{name} has no key {key}");
                self.report.error("unknown-key", entry.place, message, help(&entry.key));
            } else {
                let message =
                    format!("{key} is not a known key of {name}; AWS's page “{}” may have it since", self.page);
                self.report.warning("unknown-key", entry.place, message, help(&entry.key));
                self.shape(&Shape::Unknown, &entry.value, &key);
            }
        }
        for field in fields.iter().filter(|field| missing.contains(&field.name)) {
            let message = format!("{name} lacks {}", quote(field.name));
            let help = matches!(field.shape, Shape::Many(..)).then(|| "its list may be empty".to_owned());
            self.report.error("required-missing", node.place, message, help);
        }
    }

    fn named(&mut self, names: &'static Names, entries: &[Entry], name: &str) {
        let mut seen: HashMap<String, usize> = HashMap::new();
        let mut count = 0;
        for entry in self.without_operators(entries, name) {
            let key = quote(&entry.key);
            self.name(names, entry);
            if names.folded
                && let Some(line) = seen.insert(entry.key.to_lowercase(), entry.place.line)
            {
                let message = format!("{key} is here twice, as AWS reads such names without regard to case");
                self.report.error("name-twice", entry.place, message, Some(format!("first on line {line}")));
            }
            count += 1;
            if count == names.most.saturating_add(1) {
                let message = format!("{name} has more than {} entries", names.most);
                self.report.error("too-many", entry.place, message, None);
            }
            self.shape(names.each, &entry.value, &key);
        }
    }

    fn name(&mut self, names: &Names, entry: &Entry) {
        let message = || format!("{} is not {}", quote(&entry.key), names.what);
        let region = || Some("such as `eu-west-1`".to_owned());
        let key = entry.key.as_str();
        match names.name {
            Name::Any => {}
            Name::Region if is_region(key) => {}
            Name::RegionOrDefault if key == "default" || is_region(key) => {}
            Name::OneOf(known) | Name::Known(known) if known.contains(&key) => {}
            Name::Region | Name::RegionOrDefault => {
                self.report.error("name-not-allowed", entry.place, message(), region());
            }
            Name::OneOf(known) => {
                let help = suggest(key, known.iter().copied());
                self.report.error("name-not-allowed", entry.place, message(), help);
            }
            Name::Known(known) => {
                let message = format!("{} that is known here; AWS's page “{}” may have it since", message(), self.page);
                self.report.warning("name-not-known", entry.place, message, suggest(key, known.iter().copied()));
            }
        }
    }

    /// The entries above a setting that are not operators; of these only the control of child policies belongs there.
    fn without_operators<'n>(&mut self, entries: &'n [Entry], name: &str) -> Vec<&'n Entry> {
        let (operators, others): (Vec<&Entry>, Vec<&Entry>) =
            entries.iter().partition(|entry| entry.key.starts_with("@@"));
        for entry in operators {
            if entry.key == CHILD_CONTROL {
                self.control(entry, false);
            } else if Operator::parse(&entry.key).is_some() {
                let message = format!("{} sets a value, but {name} has no value of its own", quote(&entry.key));
                let help = Some("it belongs to the settings below".to_owned());
                self.report.error("operator-misplaced", entry.place, message, help);
            } else {
                self.unknown_operator(entry);
            }
        }
        others
    }

    fn unknown_operator(&mut self, entry: &Entry) {
        let message = format!("there is no operator {}", quote(&entry.key));
        self.report.error("operator-unknown", entry.place, message, suggest(&entry.key, Operator::keys()));
    }

    fn control(&mut self, entry: &Entry, single: bool) {
        match allowed(&entry.value) {
            Err(mistake) => self.report.error("operator-value", mistake.place, mistake.message, mistake.help),
            Ok(operators) if single && operators.len() < Operator::ALL.len() => {
                if let Some(operator) = operators.iter().find(|operator| **operator != Operator::Assign) {
                    let message = format!("a setting with one value is never changed by `{}`", operator.as_str());
                    let help = Some("allow `@@assign`, `@@all` or `@@none`".to_owned());
                    self.report.warning("operator-value", entry.value.place, message, help);
                }
            }
            Ok(_) => {}
        }
    }

    /// A setting. Without `value` nothing is known of its values.
    fn setting(&mut self, value: Option<(Value, usize)>, single: bool, node: &Node, entries: &[Entry], name: &str) {
        let mut used = Vec::new();
        for entry in entries {
            if entry.key == CHILD_CONTROL {
                self.control(entry, single);
            } else if let Some(operator) = Operator::parse(&entry.key) {
                used.push(operator);
                if single && operator != Operator::Assign {
                    let message = format!("`{}` changes a list, but {name} has one value", operator.as_str());
                    self.report.error("operator-misplaced", entry.place, message, Some("use `@@assign`".to_owned()));
                } else {
                    self.values(value, single, operator, &entry.value, name);
                }
            } else if entry.key.starts_with("@@") {
                self.unknown_operator(entry);
            } else {
                let message = format!("{name} is a setting: only operators stand in it, not {}", quote(&entry.key));
                self.report.error("unknown-key", entry.place, message, suggest_near(&entry.key));
            }
        }
        if entries.is_empty() {
            self.report.warning("sets-nothing", node.place, format!("{name} has no operator and sets nothing"), None);
        }
        if used.len() > 1 && used.contains(&Operator::Assign) {
            let message = format!("{name} has `@@assign` and another operator");
            let help = Some("`@@assign` replaces the whole list: give it what should come out".to_owned());
            self.report.warning("operators-combined", node.place, message, help);
        }
    }

    fn values(&mut self, value: Option<(Value, usize)>, single: bool, operator: Operator, node: &Node, name: &str) {
        if node.is_null() {
            let message = format!("`{}` of {name} has no value", operator.as_str());
            self.report.error("value-not-allowed", node.place, message, None);
            return;
        }
        let Some((value, most)) = value else { return };
        let values = match &node.kind {
            Kind::List(_) if single => {
                let message = format!("{name} has one value, found a list");
                self.report.error("value-not-allowed", node.place, message, None);
                return;
            }
            Kind::List(items) => items.as_slice(),
            _ if single => std::slice::from_ref(node),
            _ => {
                let message = format!("{name} has a list of values, found {}", node.describe());
                let help = Some("put it in brackets".to_owned());
                self.report.warning("value-not-a-list", node.place, message, help);
                std::slice::from_ref(node)
            }
        };
        if values.len() > most {
            let message = format!("{name} has {} values, {most} are allowed", values.len());
            self.report.error("too-many", node.place, message, None);
        }
        for item in values {
            if let Some(mistake) = value.mistake(item) {
                let message = format!("{name}: {}", mistake.message);
                self.report.error("value-not-allowed", mistake.place, message, mistake.help);
            }
        }
    }

    /// Where no schema is known: a map with a value-setting operator is a setting, others hold more.
    fn unknown(&mut self, node: &Node, entries: &[Entry], name: &str) {
        if entries.iter().any(|entry| Operator::parse(&entry.key).is_some()) {
            self.setting(None, false, node, entries, name);
            return;
        }
        for entry in self.without_operators(entries, name) {
            self.shape(&Shape::Unknown, &entry.value, &quote(&entry.key));
        }
    }
}

/// A key that lacks the operators' sign: `assign`.
fn suggest_near(key: &str) -> Option<String> {
    let name = Operator::keys().find(|operator| operator.trim_start_matches('@') == key.trim_start_matches('@'))?;
    Some(format!("did you mean {}?", quote(name)))
}
