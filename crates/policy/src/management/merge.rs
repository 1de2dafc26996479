//! Merging policies down a path, after "Inheritance operators" and "Inheritance examples". Level by level, because what a
//! policy forbids binds child policies only, not those attached beside it.
//!
//! Where AWS's pages say nothing: of the policies at one place, first the earliest `@@assign` counts, then what all of
//! them append and remove, in the order of attachment; a list holds no value twice by appending; and a name can be added
//! where `@@assign` or `@@append` is allowed.

use std::collections::{BTreeMap, HashSet};
use std::mem;

use dodai_document::{Kind, Node};
use serde_json::Value;

use super::effective::{Ignored, Level, Why, below};
use super::operator::{CHILD_CONTROL, Operator, allowed};
use super::schema::Shape;

/// Of names one below the other, in bytes. AWS's own are far shorter; hostile ones would be repeated for each value.
const LONGEST_POINTER: usize = 4_096;

/// What is said at one place of the effective policy, by the levels so far.
#[derive(Debug, Default)]
pub(super) struct Branch {
    pub held: Option<Held>,
    pub children: BTreeMap<String, Branch>,
    forbidden: Forbidden,
    pending: Pending,
}

/// By operator, the policy that forbade it first.
type Forbidden = [Option<String>; 3];

#[derive(Debug)]
pub(super) enum Held {
    One(Said),
    /// `first`: the policy that made the list; `emptied`: by `@@remove`, not by saying so.
    Many {
        said: Vec<Said>,
        first: String,
        emptied: bool,
    },
}

#[derive(Debug)]
pub(super) struct Said {
    pub value: Value,
    pub by: String,
}

/// What the policies of the level at hand say at one place.
#[derive(Debug, Default)]
struct Pending {
    assigned: Option<Said>,
    changes: Vec<Change>,
    forbidden: Forbidden,
}

#[derive(Debug)]
struct Change {
    operator: Operator,
    values: Vec<Value>,
    by: String,
    level: String,
}

pub(super) fn merge(shape: &'static Shape, path: &[Level<'_>]) -> (Branch, Vec<Ignored>) {
    let mut root = Branch::default();
    let mut ignored = Vec::new();
    for level in path {
        for policy in &level.policies {
            let mut reader = Reader { policy: policy.name, level: level.name, ignored: &mut ignored };
            reader.read(policy.document, &mut root, shape, "");
        }
        root.commit(shape, "", &mut ignored);
    }
    (root, ignored)
}

struct Reader<'r> {
    policy: &'r str,
    level: &'r str,
    ignored: &'r mut Vec<Ignored>,
}

impl Reader<'_> {
    fn ignore(&mut self, pointer: &str, operator: Option<Operator>, why: Why) {
        self.ignored.push(Ignored {
            policy: self.policy.to_owned(),
            level: self.level.to_owned(),
            pointer: pointer.to_owned(),
            operator,
            why,
        });
    }

    fn read(&mut self, node: &Node, branch: &mut Branch, shape: &'static Shape, pointer: &str) {
        let Kind::Map(entries) = &node.kind else {
            return self.ignore(pointer, None, Why::Malformed);
        };
        for entry in entries {
            if let Some(operator) = Operator::parse(&entry.key) {
                self.operate(operator, &entry.value, branch, shape, pointer);
            } else if entry.key == CHILD_CONTROL {
                match allowed(&entry.value) {
                    Ok(operators) => branch.pending.forbid(&operators, self.policy),
                    Err(_) => self.ignore(pointer, None, Why::Malformed),
                }
            } else if entry.key.starts_with("@@") || shape.is_setting() {
                self.ignore(&below(pointer, &entry.key), None, Why::Malformed);
            } else {
                let name = shape.canonical(&entry.key);
                let longer = below(pointer, &name);
                if longer.len() > LONGEST_POINTER {
                    self.ignore(pointer, None, Why::Malformed);
                    continue;
                }
                let pointer = longer;
                if !branch.children.contains_key(name.as_ref())
                    && let Some(by) = branch.closed_by()
                {
                    let why = Why::NotAllowed { by: by.to_owned() };
                    self.ignore(&pointer, None, why);
                    continue;
                }
                let below = shape.below(&name);
                let child = branch.children.entry(name.into_owned()).or_default();
                self.read(&entry.value, child, below, &pointer);
            }
        }
    }

    fn operate(&mut self, operator: Operator, node: &Node, branch: &mut Branch, shape: &'static Shape, pointer: &str) {
        let container = matches!(shape, Shape::Block(..) | Shape::Named(_));
        let why = if container || node.is_null() {
            Some(Why::Malformed)
        } else if operator == Operator::Assign {
            let value = match shape {
                Shape::Many(..) => Value::Array(node_values(node)),
                _ => node.to_json(),
            };
            self.assign(value, branch)
        } else if let Some(by) = branch.forbidden[operator as usize].clone() {
            Some(Why::NotAllowed { by })
        } else if matches!(shape, Shape::One(_)) {
            Some(Why::SingleValue)
        } else {
            branch.pending.changes.push(Change {
                operator,
                values: node_values(node),
                by: self.policy.to_owned(),
                level: self.level.to_owned(),
            });
            None
        };
        if let Some(why) = why {
            self.ignore(pointer, Some(operator), why);
        }
    }

    /// Why the value is not assigned, if it is not. To say again what holds anyhow is not in vain.
    fn assign(&self, value: Value, branch: &mut Branch) -> Option<Why> {
        if let Some(by) = &branch.forbidden[Operator::Assign as usize] {
            return (!branch.holds(&value)).then(|| Why::NotAllowed { by: by.clone() });
        }
        match &branch.pending.assigned {
            None => {
                branch.pending.assigned = Some(Said { value, by: self.policy.to_owned() });
                None
            }
            Some(first) if first.value == value => None,
            Some(first) => Some(Why::AttachedLater { than: first.by.clone() }),
        }
    }
}

/// The items of a list; a single value counts as a list of one.
fn node_values(node: &Node) -> Vec<Value> {
    match &node.kind {
        Kind::List(items) => items.iter().map(Node::to_json).collect(),
        _ => vec![node.to_json()],
    }
}

impl Pending {
    fn forbid(&mut self, allowed: &[Operator], policy: &str) {
        for operator in Operator::ALL.into_iter().filter(|operator| !allowed.contains(operator)) {
            self.forbidden[operator as usize].get_or_insert_with(|| policy.to_owned());
        }
    }
}

impl Branch {
    /// The policy that lets no child policy add names here.
    fn closed_by(&self) -> Option<&str> {
        let by = |operator: Operator| self.forbidden[operator as usize].as_deref();
        by(Operator::Append).and(by(Operator::Assign))
    }

    /// Whether this is the inherited value.
    fn holds(&self, value: &Value) -> bool {
        match &self.held {
            None => false,
            Some(Held::One(said)) => said.value == *value,
            Some(Held::Many { said, .. }) => {
                value.as_array().is_some_and(|items| items.iter().eq(said.iter().map(|item| &item.value)))
            }
        }
    }

    /// Makes what the level at hand says the state that the next one inherits.
    fn commit(&mut self, shape: &'static Shape, pointer: &str, ignored: &mut Vec<Ignored>) {
        let pending = mem::take(&mut self.pending);
        if let Some(Said { value, by }) = pending.assigned {
            self.held = Some(match value {
                Value::Array(items) => {
                    let said = items.into_iter().map(|value| Said { value, by: by.clone() }).collect();
                    Held::Many { said, first: by, emptied: false }
                }
                value => Held::One(Said { value, by }),
            });
        }
        for change in pending.changes {
            if let Err(change) = self.change(change) {
                ignored.push(Ignored {
                    policy: change.by,
                    level: change.level,
                    pointer: pointer.to_owned(),
                    operator: Some(change.operator),
                    why: Why::SingleValue,
                });
            }
        }
        for (mine, new) in self.forbidden.iter_mut().zip(pending.forbidden) {
            if mine.is_none() {
                *mine = new;
            }
        }
        for (name, child) in &mut self.children {
            child.commit(shape.below(name), &below(pointer, name), ignored);
        }
    }

    /// Gives back a change that does not go with a single value.
    fn change(&mut self, change: Change) -> Result<(), Change> {
        match (&mut self.held, change.operator) {
            (Some(Held::One(_)), _) => return Err(change),
            (None, Operator::Append) => {
                self.held = Some(Held::Many { said: Vec::new(), first: change.by.clone(), emptied: false });
                return self.change(change);
            }
            (None, _) => {}
            (Some(Held::Many { said, emptied, .. }), Operator::Remove) => {
                let gone: HashSet<String> = change.values.iter().map(Value::to_string).collect();
                let before = said.len();
                said.retain(|item| !gone.contains(&item.value.to_string()));
                *emptied |= said.is_empty() && before > 0;
            }
            (Some(Held::Many { said, .. }), _) => {
                let mut there: HashSet<String> = said.iter().map(|item| item.value.to_string()).collect();
                for value in change.values {
                    if there.insert(value.to_string()) {
                        said.push(Said { value, by: change.by.clone() });
                    }
                }
            }
        }
        Ok(())
    }
}
