//! What features and tables ask of IAM, one grant for each action: which action a call is, on what, in which Regions.

use std::collections::BTreeSet;

use dodai_facts::{FeatureScope, Scope};
use dodai_models::{partitions, permission_of};
use dodai_org::{Directory, State};
use dodai_policy::pattern::glob;
use dodai_policy::reference::{Access, Reference};

use super::grants::{Chosen, entries};
use super::statement::{Conditions, Grant};
use super::{PermissionsError, Reading, Work};

/// Whatever is done: where we are, and what accounts were onboarded with.
const ALWAYS: [&str; 2] = ["organizations.DescribeOrganization", "organizations.ListTagsForResource"];

/// What the state in a bucket takes. The bucket must be listed too, or an object that is not there looks forbidden (Amazon S3
/// API Reference, GetObject).
const STATE_OBJECTS: [&str; 2] = ["s3:GetObject", "s3:PutObject"];

pub(super) struct Needs {
    pub(super) member: Vec<Grant>,
    pub(super) management: Vec<Grant>,
}

/// Actions that only read, on everything.
#[derive(Default)]
struct Reads {
    /// In any Region, and in global services.
    everywhere: BTreeSet<String>,
    regions: BTreeSet<String>,
}

impl Reads {
    fn grants(mut self, covered: &Self, regions: &BTreeSet<String>) -> [Grant; 2] {
        self.everywhere.retain(|action| !covered.everywhere.contains(action));
        self.regions.retain(|action| {
            ![&self.everywhere, &covered.everywhere, &covered.regions].iter().any(|set| set.contains(action))
        });
        let grant = |label: &str, actions, conditions| Grant {
            label: label.to_owned(),
            actions,
            resources: ["*".to_owned()].into(),
            conditions,
        };
        [
            grant("Read", self.everywhere, Conditions::new()),
            grant("ReadInRegions", self.regions, within(Conditions::new(), regions)),
        ]
    }
}

impl Needs {
    pub(super) fn of(
        directory: &Directory,
        readings: &BTreeSet<Reading>,
        work: Work,
    ) -> Result<Self, PermissionsError> {
        let regions = all_regions(directory);
        let (mut member, mut management) = (Reads::default(), Reads::default());
        for reading in readings {
            let action = action(&reading.call)?;
            match reading.scope {
                Scope::Organization => management.everywhere.insert(action),
                Scope::Region if !reading.elsewhere && !is_global(directory, service(&reading.call)) => {
                    member.regions.insert(action)
                }
                Scope::Account | Scope::Region => member.everywhere.insert(action),
            };
        }
        for call in ALWAYS {
            management.everywhere.insert(action(call)?);
        }
        let mut writes = (Vec::new(), state(directory));
        if work == Work::Apply {
            for chosen in Chosen::all(directory) {
                let (reads, list) = match chosen.info.scope {
                    FeatureScope::Organization => (&mut management, &mut writes.1),
                    FeatureScope::Account | FeatureScope::Home | FeatureScope::Region => (&mut member, &mut writes.0),
                };
                feature(directory, &chosen, reads, list)?;
            }
            writes.1.extend(of_planner(directory, "onboarding")?);
            writes.1.extend(account_tags(directory)?);
        }
        let management_reads = management.grants(&member, &regions);
        let member_reads = member.grants(&Reads::default(), &regions);
        let with = |reads: [Grant; 2], writes: Vec<Grant>| {
            reads.into_iter().filter(|grant| !grant.actions.is_empty()).chain(writes).collect()
        };
        Ok(Self { member: with(member_reads, writes.0), management: with(management_reads, writes.1) })
    }
}

/// The actions of a feature's own calls, and what is asked for besides.
fn feature(
    directory: &Directory,
    chosen: &Chosen<'_>,
    reads: &mut Reads,
    writes: &mut Vec<Grant>,
) -> Result<(), PermissionsError> {
    let entries = entries()?.get(chosen.info.id).map(Vec::as_slice).unwrap_or_default();
    let regions = match chosen.info.scope {
        FeatureScope::Region => all_regions(directory),
        FeatureScope::Organization | FeatureScope::Account | FeatureScope::Home => {
            [directory.home_region.to_string()].into()
        }
    };
    let mut add = |action: &str, service: &str, resources: BTreeSet<String>, conditions: Conditions| {
        if resources.is_empty() {
            return;
        }
        let conditions = if is_global(directory, service) { conditions } else { within(conditions, &regions) };
        writes.push(Grant { label: label(action), actions: [action.to_owned()].into(), resources, conditions });
    };
    let mut own = BTreeSet::new();
    for call in chosen.info.calls {
        let action = action(call)?;
        own.insert(action.clone());
        if reads_only(&action) {
            if is_global(directory, service(call)) {
                reads.everywhere.insert(action)
            } else {
                reads.regions.insert(action)
            };
            continue;
        }
        let of_action = entries.iter().filter(|entry| entry.actions.iter().any(|pattern| glob(pattern, &action)));
        let mut found = false;
        for entry in of_action {
            found = true;
            add(&action, service(call), chosen.resources(entry), entry.when.clone());
        }
        if !found {
            add(&action, service(call), resource_types(directory, &action)?, Conditions::new());
        }
    }
    for entry in entries.iter().filter(|entry| chosen.needs(entry)) {
        for action in entry.actions.iter().filter(|action| !action.contains('*') && !own.contains(*action)) {
            let service = action.split(':').next().unwrap_or_default();
            if reads_only(action) {
                let place = if is_global(directory, service) { &mut reads.everywhere } else { &mut reads.regions };
                place.insert(action.clone());
            } else {
                add(action, service, chosen.resources(entry), entry.when.clone());
            }
        }
    }
    Ok(())
}

/// Only under the keys that the directory gives: other tags of accounts say what was done to them.
fn account_tags(directory: &Directory) -> Result<Vec<Grant>, PermissionsError> {
    let keys: BTreeSet<String> = directory.accounts.iter().flat_map(|account| account.tags.keys().cloned()).collect();
    if keys.is_empty() {
        return Ok(Vec::new());
    }
    let mut grants = of_planner(directory, "account-tags")?;
    for grant in &mut grants {
        let mut when = |operator: &str, values: BTreeSet<String>| {
            grant.conditions.entry(operator.to_owned()).or_default().insert("aws:TagKeys".to_owned(), values);
        };
        when("ForAllValues:StringEquals", keys.clone());
        when("Null", ["false".to_owned()].into());
    }
    Ok(grants)
}

/// What the planner itself does, of no feature: tags of accounts.
fn of_planner(directory: &Directory, what: &str) -> Result<Vec<Grant>, PermissionsError> {
    let partition = directory.home_region.partition();
    let entries = entries()?.get(what).map(Vec::as_slice).unwrap_or_default();
    let fill = |text: &String| {
        text.replace("{partition}", partition.as_str()).replace("{organization}", &directory.organization)
    };
    let grant = |entry: &super::grants::Entry| Grant {
        label: entry.actions.first().map_or_else(String::new, |action| label(action)),
        actions: entry.actions.iter().cloned().collect(),
        resources: entry.on.iter().map(fill).collect(),
        conditions: entry.when.clone(),
    };
    Ok(entries.iter().map(grant).collect())
}

/// The state where it is a bucket; runs are kept there by what only reads, too.
fn state(directory: &Directory) -> Vec<Grant> {
    let State::S3 { bucket, prefix } = &directory.state else { return Vec::new() };
    let bucket = format!("arn:{}:s3:::{bucket}", directory.home_region.partition());
    let objects = if prefix.is_empty() { format!("{bucket}/*") } else { format!("{bucket}/{prefix}/*") };
    let grant = |actions: &[&str], resource: String| Grant {
        label: "State".to_owned(),
        actions: actions.iter().map(|action| (*action).to_owned()).collect(),
        resources: [resource].into(),
        conditions: Conditions::new(),
    };
    vec![grant(&["s3:ListBucket"], bucket), grant(&STATE_OBJECTS, objects)]
}

/// The resource types of an action, with any names; everything, where AWS lists none that each call needs: it may then be on
/// no resource.
fn resource_types(directory: &Directory, action: &str) -> Result<BTreeSet<String>, PermissionsError> {
    let unknown = || PermissionsError::Action(action.to_owned());
    let (service, found) = Reference::embedded().action(action).ok_or_else(unknown)?;
    if !found.resources.iter().any(|resource| resource.required) {
        return Ok(["*".to_owned()].into());
    }
    let arns = found
        .resources
        .iter()
        .filter_map(|resource| service.resource_type(&resource.name))
        .flat_map(|resource_type| &resource_type.arns)
        .map(|arn| any_names(directory, arn))
        .collect();
    Ok(arns)
}

/// `arn:${Partition}:kms:${Region}:${Account}:key/${KeyId}` as a pattern.
fn any_names(directory: &Directory, arn: &str) -> String {
    let partition = directory.home_region.partition();
    let organization = directory.organization.strip_prefix("o-").unwrap_or("*");
    let arn = arn.replace("${Partition}", partition.as_str()).replace("${OrganizationId}", organization);
    let mut pattern = String::new();
    let mut rest = arn.as_str();
    while let Some((before, after)) = rest.split_once("${") {
        pattern.push_str(before);
        pattern.push('*');
        rest = after.split_once('}').map_or("", |(_, after)| after);
    }
    pattern + rest
}

fn action(call: &str) -> Result<String, PermissionsError> {
    let unknown = || PermissionsError::Call(call.to_owned());
    let action = permission_of(call).ok_or_else(unknown)?;
    if Reference::embedded().action(&action).is_some() { Ok(action) } else { Err(unknown()) }
}

fn reads_only(action: &str) -> bool {
    Reference::embedded().action(action).is_some_and(|(_, action)| matches!(action.access, Access::List | Access::Read))
}

fn service(call: &str) -> &str {
    call.split('.').next().unwrap_or_default()
}

fn is_global(directory: &Directory, service: &str) -> bool {
    partitions::global_region(service, directory.home_region.partition().as_str()).is_some()
}

/// The active Regions of all accounts, the home Region among them.
fn all_regions(directory: &Directory) -> BTreeSet<String> {
    let of_accounts = directory.accounts.iter().flat_map(|account| directory.regions(account));
    let all = of_accounts.chain(&directory.regions).chain([&directory.home_region]);
    all.map(ToString::to_string).collect()
}

fn within(mut conditions: Conditions, regions: &BTreeSet<String>) -> Conditions {
    let equals = conditions.entry("StringEquals".to_owned()).or_default();
    equals.insert("aws:RequestedRegion".to_owned(), regions.clone());
    conditions
}

/// `WriteKms`: a `Sid` has letters and digits only.
fn label(action: &str) -> String {
    let service: String = action.split(':').take(1).flat_map(str::chars).filter(char::is_ascii_alphanumeric).collect();
    let mut letters = service.chars();
    let first = letters.next().map(|first| first.to_ascii_uppercase());
    std::iter::once("Write".to_owned()).chain(first.map(String::from)).chain([letters.collect()]).collect()
}
