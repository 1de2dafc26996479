//! Actions as statements tell them apart, and short names for sets of them.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::region::Bits;
use crate::decide::classes::{is_action, of_actions};
use crate::language::List;
use crate::pattern::glob;
use crate::reference::{Reference, meeting};

/// Actions that AWS documents, those that policies name, and for every pattern an action that nobody knows yet.
#[derive(Debug)]
pub(super) struct Actions {
    /// Each name with its class; without a name for what is not known.
    items: Vec<Item>,
    /// Patterns of the policies, each with the items that fit; the widest first.
    patterns: Vec<(String, Vec<usize>)>,
    /// By class: which lists have it.
    pub classes: Vec<Vec<bool>>,
    /// By class: services whose resources its actions can meet; None where that is not known of some.
    pub met: Vec<Option<BTreeSet<String>>>,
    /// No combination of patterns was missed.
    pub exact: bool,
}

#[derive(Debug)]
struct Item {
    name: String,
    known: bool,
    class: usize,
}

/// Some of a set's actions in a policy's words: those that fit `names` and none of `except`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Named {
    pub names: Vec<String>,
    pub except: Vec<String>,
    /// One of them.
    pub sample: String,
    /// The names take in more than is meant: what is meant is not known by name.
    pub loose: bool,
}

/// Names of all actions of a reference, by the name in lower case.
#[derive(Debug, Clone)]
pub(super) struct Documented {
    names: BTreeMap<String, String>,
    /// By service: what [`meeting::met`] says of it.
    met: BTreeMap<String, BTreeSet<String>>,
}

impl Documented {
    pub fn new(reference: &Reference) -> Self {
        let names = reference
            .services()
            .flat_map(|service| service.actions.iter().map(|action| format!("{}:{}", service.prefix, action.name)));
        let met = reference.services().filter_map(|service| Some((service.prefix.clone(), meeting::met(service)?)));
        Self { names: names.map(|name| (name.to_ascii_lowercase(), name)).collect(), met: met.collect() }
    }
}

#[cfg(test)]
impl Documented {
    /// Of a few services: quicker where many comparisons are made.
    pub fn only(&self, services: &[&str]) -> Self {
        let is = |name: &str| name.split_once(':').is_some_and(|(service, _)| services.contains(&service));
        let names = self.names.iter().filter(|(name, _)| is(name));
        Self { names: names.map(|(lower, name)| (lower.clone(), name.clone())).collect(), met: self.met.clone() }
    }
}

impl Actions {
    pub fn new(lists: &[&List], documented: &Documented) -> Self {
        let mut spellings: BTreeMap<String, &str> = BTreeMap::new();
        for text in lists.iter().flat_map(|list| &list.values) {
            spellings.entry(text.value.to_ascii_lowercase()).or_insert(&text.value);
        }
        // Everything has a name, if no policy's.
        spellings.entry("*".to_owned()).or_insert("*");
        let is_wild = |text: &str| text.contains(['*', '?']);
        let wild: Vec<&str> = spellings.keys().map(String::as_str).filter(|text| is_wild(text)).collect();
        let mut known: BTreeMap<String, (String, bool)> = BTreeMap::new();
        let (unknown, exact) = of_actions(&wild);
        let invented = wild.iter().map(|pattern| pattern.replace(['*', '?'], "~"));
        for text in unknown.into_iter().chain(invented.filter(|_| !exact)).filter(|text| is_action(text)) {
            known.insert(text.clone(), (text, false));
        }
        for (lower, spelling) in spellings.iter().filter(|(lower, _)| !is_wild(lower)) {
            known.insert(lower.clone(), ((*spelling).to_owned(), true));
        }
        for (lower, name) in &documented.names {
            known.insert(lower.clone(), (name.clone(), true));
        }
        let lowers: Vec<String> = known.keys().cloned().collect();
        let fits: HashMap<&str, Vec<usize>> = spellings
            .keys()
            .map(|pattern| {
                let found = if is_wild(pattern) {
                    wide(pattern, &lowers)
                } else {
                    lowers.binary_search(pattern).into_iter().collect()
                };
                (pattern.as_str(), found)
            })
            .collect();
        let mut holds: Vec<Vec<bool>> = vec![lists.iter().map(|list| list.negated).collect(); lowers.len()];
        for (place, list) in lists.iter().enumerate() {
            for text in &list.values {
                for &item in fits.get(text.value.to_ascii_lowercase().as_str()).into_iter().flatten() {
                    if let Some(bit) = holds.get_mut(item).and_then(|holds| holds.get_mut(place)) {
                        *bit = !list.negated;
                    }
                }
            }
        }
        let mut numbers: HashMap<Vec<bool>, usize> = HashMap::new();
        let mut classes = Vec::new();
        let mut items = Vec::new();
        let mut prefixes: Vec<BTreeSet<Option<String>>> = Vec::new();
        for ((lower, (name, known)), holds) in known.into_iter().zip(holds) {
            let class = *numbers.entry(holds).or_insert_with_key(|holds| {
                classes.push(holds.clone());
                prefixes.push(BTreeSet::new());
                classes.len() - 1
            });
            if let Some(prefixes) = prefixes.get_mut(class) {
                let service = lower.split_once(':').map(|(service, _)| service.to_owned());
                prefixes.insert(service.filter(|_| documented.names.contains_key(&lower)));
            }
            items.push(Item { name, known, class });
        }
        let mut patterns: Vec<(String, Vec<usize>)> = spellings
            .iter()
            .filter(|(lower, _)| is_wild(lower))
            .map(|(lower, spelling)| ((*spelling).to_owned(), fits.get(lower.as_str()).cloned().unwrap_or_default()))
            .collect();
        patterns.sort_by(|left, right| right.1.len().cmp(&left.1.len()).then_with(|| left.0.cmp(&right.0)));
        let met = prefixes.iter().map(|prefixes| {
            let of_each = prefixes.iter().map(|prefix| documented.met.get(prefix.as_ref()?));
            of_each.collect::<Option<Vec<_>>>().map(|met| met.into_iter().flatten().cloned().collect())
        });
        Self { met: met.collect(), items, patterns, classes, exact }
    }

    /// The actions of some classes, by few names. Several groups where some patterns have exceptions.
    pub fn named(&self, classes: &Bits) -> Vec<Named> {
        let inside: Vec<bool> = self.items.iter().map(|item| classes.has(item.class)).collect();
        let mut left = inside.clone();
        let mut groups = Vec::new();
        let mut plain: Vec<(String, usize)> = Vec::new();
        for (pattern, fits) in &self.patterns {
            let own: Vec<usize> = fits.iter().copied().filter(|item| is(&left, *item)).collect();
            let Some(first) = own.iter().copied().find(|item| self.is_known(*item)).or(own.first().copied()) else {
                continue;
            };
            let outside: Vec<usize> = fits.iter().copied().filter(|item| !is(&inside, *item)).collect();
            if outside.is_empty() {
                plain.push((pattern.clone(), first));
                clear(&mut left, &own);
                continue;
            }
            // With exceptions only where that is shorter than names of its own, or where there are none.
            let Some((except, lost)) = self.excepted(pattern, &outside, &left) else { continue };
            let cost = 1 + except.len() + own.iter().filter(|item| is(&lost, **item)).count();
            if self.names_within(&own, &inside).is_some_and(|names| names <= cost) {
                continue;
            }
            let kept: Vec<usize> = own.into_iter().filter(|item| !is(&lost, *item)).collect();
            let Some(sample) = kept.iter().copied().find(|item| self.is_known(*item)).or(kept.first().copied()) else {
                continue;
            };
            groups.push(Named { names: vec![pattern.clone()], except, sample: self.name(sample), loose: false });
            clear(&mut left, &kept);
        }
        let mut loose = false;
        for item in (0..self.items.len()).filter(|item| is(&left, *item)) {
            if self.is_known(item) {
                plain.push((self.name(item), item));
                continue;
            }
            // Nothing names it alone: the narrowest pattern that it fits.
            loose = true;
            let narrowest = self.patterns.iter().rev().find(|(_, fits)| fits.contains(&item));
            plain.extend(narrowest.map(|(pattern, _)| (pattern.clone(), item)));
        }
        plain.sort();
        plain.dedup_by(|left, right| left.0 == right.0);
        if let Some((_, first)) = plain.first() {
            let sample = self.name(*first);
            let names = plain.into_iter().map(|(name, _)| name).collect();
            groups.push(Named { names, except: Vec::new(), sample, loose });
        }
        groups
    }

    /// How many names a set takes.
    pub fn words(&self, classes: &Bits) -> usize {
        self.named(classes).iter().map(|group| group.names.len() + group.except.len()).sum()
    }

    fn is_known(&self, item: usize) -> bool {
        self.items.get(item).is_some_and(|item| item.known)
    }

    fn name(&self, item: usize) -> String {
        self.items.get(item).map(|item| item.name.clone()).unwrap_or_default()
    }

    /// How many names there are for these items alone; None where something has none.
    fn names_within(&self, items: &[usize], inside: &[bool]) -> Option<usize> {
        let mut wanted = self.bits(items);
        let mut names = 0;
        for (_, fits) in &self.patterns {
            if fits.iter().any(|item| is(&wanted, *item)) && fits.iter().all(|item| is(inside, *item)) {
                names += 1;
                clear(&mut wanted, fits);
            }
        }
        let mut rest = items.iter().filter(|item| is(&wanted, **item));
        let mut alone = 0;
        rest.all(|item| {
            alone += 1;
            self.is_known(*item)
        })
        .then_some(names + alone)
    }

    /// Names for what a pattern must leave out, and the items that they leave out. They may take in a few that belong
    /// to it and are then named on their own. None where something unknown has no name.
    fn excepted(&self, pattern: &str, outside: &[usize], left: &[bool]) -> Option<(Vec<String>, Vec<bool>)> {
        let mut wanted = self.bits(outside);
        let mut lost = vec![false; self.items.len()];
        let mut names = Vec::new();
        for (narrower, fits) in self.patterns.iter().filter(|(narrower, _)| narrower != pattern) {
            let hit = fits.iter().filter(|item| is(&wanted, **item)).count();
            let own: Vec<usize> = fits.iter().copied().filter(|item| is(left, *item)).collect();
            if hit <= own.len() || own.iter().any(|item| !self.is_known(*item)) {
                continue;
            }
            names.push(narrower.clone());
            clear(&mut wanted, fits);
            for item in fits {
                if let Some(bit) = lost.get_mut(*item) {
                    *bit = true;
                }
            }
        }
        for item in outside.iter().copied().filter(|item| is(&wanted, *item)) {
            if !self.is_known(item) {
                return None;
            }
            names.push(self.name(item));
        }
        names.sort();
        Some((names, lost))
    }

    fn bits(&self, items: &[usize]) -> Vec<bool> {
        let mut bits = vec![false; self.items.len()];
        for item in items {
            if let Some(bit) = bits.get_mut(*item) {
                *bit = true;
            }
        }
        bits
    }
}

/// The items that fit a pattern; most patterns name their service.
fn wide(pattern: &str, lowers: &[String]) -> Vec<usize> {
    let stem = pattern.split(['*', '?']).next().unwrap_or_default();
    let start = lowers.partition_point(|lower| lower.as_str() < stem);
    let tail = lowers.iter().enumerate().skip(start).take_while(|(_, lower)| lower.starts_with(stem));
    tail.filter(|(_, lower)| glob(pattern, lower)).map(|(at, _)| at).collect()
}

fn is(bits: &[bool], at: usize) -> bool {
    bits.get(at).copied().unwrap_or(false)
}

fn clear(bits: &mut [bool], items: &[usize]) {
    for item in items {
        if let Some(bit) = bits.get_mut(*item) {
            *bit = false;
        }
    }
}
