//! Which change may run next: what each one needs, by name or by reference, and how many of a group may run
//! at the same time.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::ops::Bound;

use dodai_baseline::Change;

/// The changes of a plan, by their place in it, from waiting over ready to ended.
pub(crate) struct Order<'a> {
    changes: &'a [Change],
    nodes: Vec<Node>,
    /// In the plan's order.
    ready: BTreeSet<usize>,
    groups: BTreeMap<&'a str, Group>,
}

#[derive(Default)]
struct Node {
    dependents: Vec<usize>,
    /// How many changes it still waits for.
    needs: usize,
    ended: bool,
}

#[derive(Default)]
struct Group {
    running: usize,
    waiting: VecDeque<usize>,
}

impl<'a> Order<'a> {
    pub(crate) fn new(changes: &'a [Change]) -> Self {
        let by_id: BTreeMap<&str, usize> =
            changes.iter().enumerate().map(|(index, change)| (change.id.as_str(), index)).collect();
        let mut nodes: Vec<Node> = changes.iter().map(|_| Node::default()).collect();
        for (index, change) in changes.iter().enumerate() {
            let mut needs = needed(change, &by_id);
            needs.remove(&index);
            for need in &needs {
                if let Some(node) = nodes.get_mut(*need) {
                    node.dependents.push(index);
                }
            }
            if let Some(node) = nodes.get_mut(index) {
                node.needs = needs.len();
            }
        }
        let ready = nodes.iter().enumerate().filter(|(_, node)| node.needs == 0).map(|(index, _)| index).collect();
        Self { changes, nodes, ready, groups: BTreeMap::new() }
    }

    /// The next change that may run; it runs until `ended` is told of it.
    pub(crate) fn next(&mut self) -> Option<(usize, &'a Change)> {
        while let Some(index) = self.ready.pop_first() {
            let change = self.changes.get(index)?;
            if let Some(limit) = &change.at_most {
                let group = self.groups.entry(&limit.group).or_default();
                // A limit of zero would never let it run: one at a time is the least.
                if group.running >= limit.count.max(1) {
                    group.waiting.push_back(index);
                    continue;
                }
                group.running += 1;
            }
            return Some((index, change));
        }
        None
    }

    /// A change that `next` gave is over. With `done`, those that waited for it may run; without, they and
    /// all that wait for them never will: they are given back as (change, what it needs).
    pub(crate) fn ended(&mut self, index: usize, done: bool) -> Vec<(usize, usize)> {
        if let Some(limit) = self.changes.get(index).and_then(|change| change.at_most.as_ref())
            && let Some(group) = self.groups.get_mut(limit.group.as_str())
        {
            group.running = group.running.saturating_sub(1);
            self.ready.extend(group.waiting.pop_front());
        }
        let mut lost = Vec::new();
        let mut open = vec![index];
        while let Some(over) = open.pop() {
            let Some(node) = self.nodes.get_mut(over) else { continue };
            node.ended = true;
            for dependent in std::mem::take(&mut node.dependents) {
                let Some(waiting) = self.nodes.get_mut(dependent) else { continue };
                waiting.needs = waiting.needs.saturating_sub(1);
                if done {
                    if waiting.needs == 0 && !waiting.ended {
                        self.ready.insert(dependent);
                    }
                } else if !waiting.ended {
                    waiting.ended = true;
                    lost.push((dependent, over));
                    open.push(dependent);
                }
            }
        }
        lost
    }
}

/// The places of the changes that must have succeeded before.
fn needed(change: &Change, by_id: &BTreeMap<&str, usize>) -> BTreeSet<usize> {
    let mut needs = BTreeSet::new();
    for need in &change.needs {
        match need.strip_suffix('*').filter(|prefix| prefix.ends_with('/')) {
            Some(prefix) => needs.extend(
                by_id
                    .range::<str, _>((Bound::Included(prefix), Bound::Unbounded))
                    .take_while(|(id, _)| id.starts_with(prefix))
                    .map(|(_, index)| *index),
            ),
            None => needs.extend(by_id.get(need.as_str())),
        }
    }
    // A reference that cannot be read makes the change fail when it is filled in.
    let references = change.calls.iter().filter_map(|call| call.references().ok()).flatten();
    needs.extend(references.filter_map(|reference| by_id.get(reference.change.as_str()).copied()));
    needs
}
