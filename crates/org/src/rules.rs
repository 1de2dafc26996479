//! What no single key can tell: rules between the keys of a file, and between files.

use std::collections::{BTreeMap, HashMap};

use dodai_facts::{Problem, Region};

use crate::catalogue::Catalogue;
use crate::settings::ENABLED;
use dodai_document::node::{Entry, Kind, Node, Place};
use dodai_document::problems::{Problems, problem, quote, suggest};

/// Quotas for AWS Organizations: units may be nested so deep, and be so many.
const MAX_UNIT_LEVELS: usize = 5;
const MAX_UNITS: usize = 2_000;
/// Tags of one account: 50, of which three are ours (`dodai:class`, `dodai:feature`, `dodai:onboarded`).
const MAX_TAGS: usize = 47;

/// An account file that could be parsed.
pub(crate) struct AccountFile<'a> {
    pub(crate) path: &'a str,
    pub(crate) name: &'a str,
    pub(crate) node: Node,
}

/// Rules within `dodai.yaml`.
pub(crate) fn organization(node: &Node, problems: &mut Problems<'_>) {
    units(node.get("units"), 1, &mut 0, problems);
    let Some(home) = node.get("home_region") else { return };
    let Some(region) = region(home) else { return };
    // What is not a list is said elsewhere.
    let Some(regions) = node.get("regions").filter(|regions| matches!(regions.kind, Kind::List(_))) else { return };
    if !regions.items().iter().any(|item| item.text() == home.text()) {
        problems.add(
            home.place,
            format!("the home Region `{region}` is not among `regions`"),
            Some(format!("add {region} to `regions`")),
        );
    }
    for item in regions.items() {
        if let Some(other) = self::region(item).filter(|other| other.partition() != region.partition()) {
            problems.add(
                item.place,
                format!(
                    "`{other}` lies in another partition ({}) than the home Region ({})",
                    other.partition(),
                    region.partition()
                ),
                Some("an organization lies in one partition: one directory for each".to_owned()),
            );
        }
    }
}

fn units(units: Option<&Node>, level: usize, count: &mut usize, problems: &mut Problems<'_>) {
    for entry in units.map(Node::entries).unwrap_or_default() {
        *count += 1;
        if level == MAX_UNIT_LEVELS + 1 {
            let message = format!("the unit {} lies too deep", quote(&entry.key));
            problems.add(entry.place, message, Some(format!("AWS Organizations allows {MAX_UNIT_LEVELS} levels")));
        }
        if *count == MAX_UNITS + 1 {
            let help = Some(format!("AWS Organizations allows {MAX_UNITS}"));
            problems.add(entry.place, "there are too many units", help);
        }
        self::units(entry.value.get("units"), level + 1, count, problems);
    }
}

/// Regions of `dodai.yaml` that the catalogue does not know: warnings.
pub(crate) fn unknown_regions(node: &Node, catalogue: &Catalogue, warnings: &mut Problems<'_>) {
    if catalogue.regions.is_empty() {
        return;
    }
    for item in node.get("regions").map(Node::items).unwrap_or_default() {
        if let Some(region) =
            region(item).filter(|region| !catalogue.regions.iter().any(|known| known == region.as_str()))
        {
            warnings.add(
                item.place,
                format!("this version knows no Region `{region}`"),
                suggest(region.as_str(), catalogue.regions.iter().map(String::as_str)),
            );
        }
    }
}

/// Rules within an account file, also against `dodai.yaml` where that could be parsed.
pub(crate) fn account(node: &Node, organization: Option<&Node>, problems: &mut Problems<'_>) {
    let opted_in = node.get("opt_in").map(Node::items).unwrap_or_default();
    for item in opted_in {
        let Some(feature) = item.text() else { continue };
        let off = node.get("features").and_then(|features| features.get(feature)).and_then(|found| found.get(ENABLED));
        if let Some(off) = off.filter(|off| off.bool() == Some(false)) {
            problems.add(
                off.place,
                format!("the account opts in to {} and switches it off", quote(feature)),
                Some(format!("remove one of the two; the other is on line {}", item.place.line)),
            );
        }
    }
    let tags = node.get("tags").map(Node::entries).unwrap_or_default();
    if let Some(Entry { place, .. }) = tags.get(MAX_TAGS) {
        problems.add(
            *place,
            "there are too many tags",
            Some(format!("an account has at most 50, three of which are Dodai's own: {MAX_TAGS} are left")),
        );
    }
    let (Some(regions), Some(organization)) = (node.get("regions"), organization) else { return };
    let active = organization.texts_at("regions");
    for item in regions.items() {
        if let Some(region) = region(item).filter(|region| !active.iter().any(|other| other == region.as_str())) {
            problems.add(
                item.place,
                format!("`{region}` is not among the organization's active Regions"),
                suggest(region.as_str(), active.iter().map(String::as_str)),
            );
        }
    }
    if let Some(home) = organization.get("home_region").and_then(self::region)
        && !regions.items().iter().any(|item| item.text() == Some(home.as_str()))
    {
        problems.add(
            regions.place,
            format!("the home Region `{home}` is not among the account's `regions`"),
            Some("log buckets, keys and aggregation are there".to_owned()),
        );
    }
}

/// A display name that AWS would not take for a new account: a warning.
pub(crate) fn display_name(file: &AccountFile<'_>, warnings: &mut Problems<'_>) {
    let ascii = |text: &str| text.chars().all(|c| matches!(c, ' '..='~'));
    let written = file.node.get("name");
    if !ascii(written.and_then(Node::text).unwrap_or(file.name)) {
        warnings.add(
            written.map_or(Place::FILE, |node| node.place),
            "AWS accepts only ASCII characters in the name of a new account",
            Some("give `name`".to_owned()),
        );
    }
}

/// Rules between account files: e-mail addresses and ids are unique, one is the management account.
/// `complete`: every account file could be parsed.
pub(crate) fn accounts(files: &[AccountFile<'_>], complete: bool) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut emails: HashMap<String, &str> = HashMap::new();
    let mut ids: BTreeMap<&str, &str> = BTreeMap::new();
    let mut management: Option<&str> = None;
    for file in files {
        if let Some(node) = file.node.get("email")
            && let Some(email) = node.text()
        {
            if let Some(other) = emails.get(&email.to_lowercase()) {
                let message = format!("the e-mail address {} is also that of `{other}`", quote(email));
                let help = Some("each account has its own; AWS compares them without case".to_owned());
                problems.push(problem(file.path, node.place, message, help));
            } else {
                emails.insert(email.to_lowercase(), file.path);
            }
        }
        if let Some(node) = file.node.get("id")
            && let Some(id) = node.text()
        {
            if let Some(other) = ids.get(id) {
                let message = format!("the account id {} is also that of `{other}`", quote(id));
                let help = Some("each account has its own; who has which: aws organizations list-accounts".to_owned());
                problems.push(problem(file.path, node.place, message, help));
            } else {
                ids.insert(id, file.path);
            }
        }
        if let Some(node) = file.node.get("management").filter(|node| node.bool() == Some(true)) {
            match management {
                Some(other) => {
                    let message = format!("a second management account; `{other}` is one already");
                    let help =
                        Some("an organization has one: take `management: true` out of one of the two".to_owned());
                    problems.push(problem(file.path, node.place, message, help));
                }
                None => management = Some(file.path),
            }
        }
    }
    if management.is_none() && complete {
        let help = "its file under accounts/ has `management: true`";
        let message = "no account is the management account";
        problems.push(problem("accounts", Place::FILE, message, Some(help.to_owned())));
    }
    problems
}

/// Rules within `exceptions.yaml`.
pub(crate) fn exceptions(node: &Node, problems: &mut Problems<'_>) {
    for item in node.items() {
        if !item.entries().is_empty() && item.get("resource").is_none() && item.get("account").is_none() {
            problems.add(
                item.place,
                "this exception says neither `resource` nor `account`",
                Some("to switch a control off everywhere: controls.off in dodai.yaml".to_owned()),
            );
        }
    }
}

fn region(node: &Node) -> Option<Region> {
    node.text()?.parse().ok()
}
