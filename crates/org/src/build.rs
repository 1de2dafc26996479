//! Checked documents to the values that others use. Nothing is judged here any more.

use std::collections::BTreeMap;

use dodai_facts::{Profile, Region};

use crate::PolicyType;
use crate::catalogue::Catalogue;
use crate::directory::{Account, Contact, Contacts, Directory, Exception, Policies, Roles, State, Unit};
use crate::form::ROOT;
use crate::rules::AccountFile;
use crate::settings::{self, OptIn};
use dodai_document::node::Node;

const MEMBER_ROLE: &str = "OrganizationAccountAccessRole";
const STATE: &str = ".dodai";

/// What `dodai.yaml` says; accounts, policies and the rest are still to come. None only where a required
/// key is not what `fields` says it is.
pub(crate) fn organization(node: &Node, catalogue: &Catalogue) -> Option<Directory> {
    let mut below = Vec::new();
    units(node.get("units"), "", &mut below);
    let profile = |profile: Profile| {
        let features = node.get("profiles").and_then(|profiles| profiles.get(profile.as_str()));
        (profile, settings::features(features.and_then(|found| found.get("features")), catalogue))
    };
    let roles = node.get("roles");
    Some(Directory {
        organization: node.text_at("organization")?.to_owned(),
        home_region: node.text_at("home_region")?.parse().ok()?,
        regions: regions(node)?,
        root: Unit { path: ROOT.to_owned(), policies: policies(node.get("root")) },
        units: below,
        accounts: Vec::new(),
        policies: Vec::new(),
        features: settings::features(node.get("features"), catalogue),
        profiles: Profile::ALL.into_iter().map(profile).collect(),
        roles: Roles {
            member: roles.and_then(|roles| roles.text_at("member")).unwrap_or(MEMBER_ROLE).to_owned(),
            external_id: roles.and_then(|roles| roles.text_at("external_id")).map(str::to_owned),
            network: roles.map(|roles| roles.texts_at("network")).unwrap_or_default(),
        },
        operators: node.texts_at("operators"),
        log_archive: node.text_at("log_archive").map(str::to_owned),
        state: state(node.text_at("state").unwrap_or(STATE)),
        controls_off: texts(node.get("controls").and_then(|controls| controls.get("off"))),
        standards: node.texts_at("standards"),
        exceptions: Vec::new(),
        user_tables: Vec::new(),
        user_controls: Vec::new(),
        user_cases: Vec::new(),
        warnings: Vec::new(),
    })
}

/// An account; none only where a required key is not what `fields` says it is.
pub(crate) fn account(file: &AccountFile<'_>, catalogue: &Catalogue) -> Option<Account> {
    let node = &file.node;
    let text = |key: &str| node.text_at(key).map(str::to_owned);
    let profile = Profile::ALL.into_iter().find(|profile| Some(profile.as_str()) == node.text_at("profile"))?;
    let opt_in = match node.get("opt_in") {
        None => OptIn::default_of(profile),
        Some(node) => match node.text() {
            Some("all") => OptIn::All,
            Some(_) => OptIn::None,
            None => OptIn::Features(node.texts().into_iter().collect()),
        },
    };
    Some(Account {
        name: file.name.to_owned(),
        display_name: text("name").unwrap_or_else(|| file.name.to_owned()),
        email: text("email")?,
        id: node.text_at("id").and_then(|id| id.parse().ok()),
        management: node.get("management").and_then(Node::bool).unwrap_or(false),
        unit: text("unit")?,
        profile,
        opt_in,
        features: settings::features(node.get("features"), catalogue),
        policies: policies(Some(node)),
        owner: text("owner"),
        contacts: contacts(node.get("contacts")),
        tags: texts(node.get("tags")),
        regions: regions(node),
        file: file.path.to_owned(),
    })
}

/// The entries of `exceptions.yaml`.
pub(crate) fn exceptions(node: &Node) -> Vec<Exception> {
    let exception = |item: &Node| {
        let text = |key: &str| item.text_at(key).map(str::to_owned);
        Some(Exception {
            control: text("control")?,
            resource: text("resource"),
            account: text("account"),
            owner: text("owner")?,
            reason: text("reason")?,
            until: text("until")?,
            line: item.place.line,
            column: item.place.column,
        })
    };
    node.items().iter().filter_map(exception).collect()
}

fn units(node: Option<&Node>, above: &str, found: &mut Vec<Unit>) {
    for entry in node.map(Node::entries).unwrap_or_default() {
        let path = format!("{above}{}", entry.key);
        let prefix = format!("{path}/");
        found.push(Unit { path, policies: policies(Some(&entry.value)) });
        units(entry.value.get("units"), &prefix, found);
    }
}

fn policies(node: Option<&Node>) -> Policies {
    let entries = node.and_then(|node| node.get("policies")).map(Node::entries).unwrap_or_default();
    entries
        .iter()
        .filter_map(|entry| Some((PolicyType::of_folder(&entry.key)?, entry.value.texts())))
        .filter(|(_, names)| !names.is_empty())
        .collect()
}

/// None where the key is left out.
fn regions(node: &Node) -> Option<Vec<Region>> {
    node.get("regions")?.texts().iter().map(|code| code.parse().ok()).collect()
}

fn texts(node: Option<&Node>) -> BTreeMap<String, String> {
    let entries = node.map(Node::entries).unwrap_or_default();
    entries.iter().filter_map(|entry| Some((entry.key.clone(), entry.value.text()?.to_owned()))).collect()
}

fn contacts(node: Option<&Node>) -> Contacts {
    let contact = |key: &str| {
        let node = node?.get(key)?;
        let text = |key: &str| node.text_at(key).map(str::to_owned);
        Some(Contact { name: text("name")?, title: text("title")?, email: text("email")?, phone: text("phone")? })
    };
    Contacts { billing: contact("billing"), operations: contact("operations"), security: contact("security") }
}

fn state(text: &str) -> State {
    match text.strip_prefix("s3://") {
        None => State::Folder(text.to_owned()),
        Some(rest) => {
            let (bucket, prefix) = rest.split_once('/').unwrap_or((rest, ""));
            State::S3 { bucket: bucket.to_owned(), prefix: prefix.trim_matches('/').to_owned() }
        }
    }
}
