//! How the reference lies in its file: one byte of format number, the length of the head (four bytes, the lowest
//! first), the head, and one frame a service, so that a look-up decodes one service and not all. Head and frames are
//! zstd over postcard; in a frame, keys and resource types are numbers of the service's own lists.

use std::collections::HashMap;
use std::io::Read as _;

use serde::{Deserialize, Serialize};

use super::global;
use super::model::{Access, Action, ActionResource, ConditionKey, ResourceType, Service};
use super::names;

/// Goes up when a type of this file changes, so that an old file is refused instead of misread.
const FORMAT: u8 = 1;
/// What a head or a frame may take when it is unpacked, in bytes. The largest service takes a twentieth.
const LARGEST: u64 = 8 << 20;

#[derive(Debug, thiserror::Error)]
pub enum ReferenceError {
    #[error("the service authorization reference is of format {found}, not {FORMAT}: compile the models again")]
    Format { found: u8 },
    #[error("the service authorization reference is cut off, or longer than it says")]
    Length,
    #[error("a part of the service authorization reference is larger than {LARGEST} bytes")]
    TooLarge,
    #[error("the service authorization reference cannot be decompressed or compressed: {0}")]
    Compression(#[from] std::io::Error),
    #[error("the service authorization reference cannot be decoded or encoded: {0}")]
    Encoding(#[from] postcard::Error),
    #[error("the reference of `{service}` is not sorted, or names something twice")]
    Unsorted { service: String },
    #[error("the reference of `{service}` names {what} `{name}`, which it does not define")]
    Undefined { service: String, what: &'static str, name: String },
    #[error("the reference of `{service}` has numbers that point nowhere")]
    Dangling { service: String },
}

/// What is known without decoding a service.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Head {
    pub(super) date: String,
    pub(super) services: Vec<Entry>,
    /// Keys that services have under other prefixes than their own (`saml:aud` of `sts`), global ones left out.
    pub(super) others: Vec<ConditionKey>,
    /// Prefixes, sorted.
    pub(super) rcp_services: Vec<String>,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Entry {
    pub(super) prefix: String,
    pub(super) name: String,
    /// Of its frame, in bytes.
    pub(super) length: u32,
}

#[derive(Serialize, Deserialize)]
struct Frame {
    keys: Vec<ConditionKey>,
    resource_types: Vec<PackedType>,
    actions: Vec<PackedAction>,
}

#[derive(Serialize, Deserialize)]
struct PackedType {
    name: String,
    arns: Vec<String>,
    keys: Vec<u32>,
}

#[derive(Serialize, Deserialize)]
struct PackedAction {
    name: String,
    access: Access,
    resources: Vec<PackedResource>,
    keys: Vec<u32>,
    dependents: Vec<String>,
}

#[derive(Serialize, Deserialize)]
struct PackedResource {
    resource_type: u32,
    required: bool,
    keys: Vec<u32>,
}

/// The file of a reference.
///
/// # Errors
/// When a service is there twice, or has something twice, or names a key or a resource type that it does not define.
pub fn pack(date: &str, mut services: Vec<Service>, mut rcp_services: Vec<String>) -> Result<Vec<u8>, ReferenceError> {
    services.sort_by(|left, right| names::compare(&left.prefix, &right.prefix));
    rcp_services.sort();
    let mut others: Vec<ConditionKey> = Vec::new();
    for key in services.iter().flat_map(foreign) {
        if global::find(&key.name).is_none() && !others.iter().any(|other| other.name == key.name) {
            others.push(key.clone());
        }
    }
    let mut frames = Vec::new();
    let mut entries = Vec::new();
    for service in &services {
        let frame = compressed(&frame(service)?)?;
        let length = u32::try_from(frame.len()).map_err(|_| ReferenceError::TooLarge)?;
        entries.push(Entry { prefix: service.prefix.clone(), name: service.name.clone(), length });
        frames.extend(frame);
    }
    let head = Head { date: date.to_owned(), services: entries, others, rcp_services };
    check_sorted("the whole", &head.services, |entry| &entry.prefix)?;
    let head = compressed(&head)?;
    let mut file = vec![FORMAT];
    file.extend(u32::try_from(head.len()).map_err(|_| ReferenceError::TooLarge)?.to_le_bytes());
    file.extend(head);
    file.extend(frames);
    Ok(file)
}

/// Every service of a reference's file.
///
/// # Errors
/// When the file is damaged.
pub fn unpack(file: &[u8]) -> Result<Vec<Service>, ReferenceError> {
    let (head, start) = head(file)?;
    let mut frames = file.get(start..).ok_or(ReferenceError::Length)?;
    let mut services = Vec::new();
    for entry in &head.services {
        let length = usize::try_from(entry.length).map_err(|_| ReferenceError::Length)?;
        let (frame, rest) = frames.split_at_checked(length).ok_or(ReferenceError::Length)?;
        services.push(service(entry, frame)?);
        frames = rest;
    }
    Ok(services)
}

/// The head of a file, and where its frames begin.
///
/// INVARIANT: the frames of the head's entries, one after the other, fill the rest of the file, and the entries are
/// sorted by prefix. Look-ups rely on it.
pub(super) fn head(file: &[u8]) -> Result<(Head, usize), ReferenceError> {
    let (format, rest) = file.split_first().ok_or(ReferenceError::Length)?;
    if *format != FORMAT {
        return Err(ReferenceError::Format { found: *format });
    }
    let (length, rest) = rest.split_first_chunk::<4>().ok_or(ReferenceError::Length)?;
    let length = usize::try_from(u32::from_le_bytes(*length)).map_err(|_| ReferenceError::Length)?;
    let (head, frames) = rest.split_at_checked(length).ok_or(ReferenceError::Length)?;
    let head: Head = decompressed(head)?;
    let all: u64 = head.services.iter().map(|entry| u64::from(entry.length)).sum();
    if all != frames.len() as u64 {
        return Err(ReferenceError::Length);
    }
    check_sorted("the whole", &head.services, |entry| &entry.prefix)?;
    Ok((head, file.len() - frames.len()))
}

/// A service, out of its frame.
pub(super) fn service(entry: &Entry, frame: &[u8]) -> Result<Service, ReferenceError> {
    let dangling = || ReferenceError::Dangling { service: entry.prefix.clone() };
    let frame: Frame = decompressed(frame)?;
    // A number takes a byte, the name that it stands for may be long.
    let mut room = LARGEST;
    let mut copied = |name: &str| {
        room = room.checked_sub(name.len() as u64).ok_or(ReferenceError::TooLarge)?;
        Ok::<String, ReferenceError>(name.to_owned())
    };
    let mut names = |numbers: &[u32]| -> Result<Vec<String>, ReferenceError> {
        let key = |number: &u32| {
            let key = usize::try_from(*number).ok().and_then(|place| frame.keys.get(place));
            copied(&key.ok_or_else(dangling)?.name)
        };
        numbers.iter().map(key).collect()
    };
    let mut resource_types = Vec::new();
    for packed in frame.resource_types {
        resource_types.push(ResourceType { name: packed.name, arns: packed.arns, keys: names(&packed.keys)? });
    }
    let mut actions = Vec::new();
    for packed in frame.actions {
        let mut resources = Vec::new();
        for resource in packed.resources {
            let place = usize::try_from(resource.resource_type).ok();
            let name = place.and_then(|place| resource_types.get(place)).ok_or_else(dangling)?.name.clone();
            resources.push(ActionResource { name, required: resource.required, keys: names(&resource.keys)? });
        }
        actions.push(Action {
            keys: names(&packed.keys)?,
            name: packed.name,
            access: packed.access,
            resources,
            dependents: packed.dependents,
        });
    }
    let service =
        Service { prefix: entry.prefix.clone(), name: entry.name.clone(), actions, resource_types, keys: frame.keys };
    check_service(&service)?;
    Ok(service)
}

fn frame(service: &Service) -> Result<Frame, ReferenceError> {
    check_service(service)?;
    let keys: HashMap<&str, u32> = numbered(service.keys.iter().map(|key| key.name.as_str()));
    let types: HashMap<&str, u32> = numbered(service.resource_types.iter().map(|kind| kind.name.as_str()));
    let number = |all: &HashMap<&str, u32>, what: &'static str, name: &str| {
        all.get(name).copied().ok_or_else(|| ReferenceError::Undefined {
            service: service.prefix.clone(),
            what,
            name: name.to_owned(),
        })
    };
    let keys = |names: &[String]| {
        names.iter().map(|name| number(&keys, "condition key", name)).collect::<Result<Vec<u32>, _>>()
    };
    let resource = |resource: &ActionResource| {
        Ok(PackedResource {
            resource_type: number(&types, "resource type", &resource.name)?,
            required: resource.required,
            keys: keys(&resource.keys)?,
        })
    };
    let action = |action: &Action| {
        Ok(PackedAction {
            name: action.name.clone(),
            access: action.access,
            resources: action.resources.iter().map(resource).collect::<Result<_, ReferenceError>>()?,
            keys: keys(&action.keys)?,
            dependents: action.dependents.clone(),
        })
    };
    let resource_type = |kind: &ResourceType| {
        Ok(PackedType { name: kind.name.clone(), arns: kind.arns.clone(), keys: keys(&kind.keys)? })
    };
    Ok(Frame {
        keys: service.keys.clone(),
        resource_types: service.resource_types.iter().map(resource_type).collect::<Result<_, ReferenceError>>()?,
        actions: service.actions.iter().map(action).collect::<Result<_, ReferenceError>>()?,
    })
}

fn numbered<'n>(names: impl Iterator<Item = &'n str>) -> HashMap<&'n str, u32> {
    names.zip(0..).collect()
}

/// Keys of the service that another prefix stands before.
fn foreign(service: &Service) -> impl Iterator<Item = &ConditionKey> {
    service.keys.iter().filter(|key| {
        let prefix = key.name.split(':').next().unwrap_or_default();
        !prefix.eq_ignore_ascii_case(&service.prefix)
    })
}

fn check_service(service: &Service) -> Result<(), ReferenceError> {
    check_sorted(&service.prefix, &service.actions, |action| &action.name)?;
    check_sorted(&service.prefix, &service.resource_types, |kind| &kind.name)?;
    check_sorted(&service.prefix, &service.keys, |key| &key.name)
}

fn check_sorted<T>(service: &str, items: &[T], of: impl Fn(&T) -> &str) -> Result<(), ReferenceError> {
    if items.is_sorted_by(|left, right| names::compare(of(left), of(right)).is_lt()) {
        return Ok(());
    }
    Err(ReferenceError::Unsorted { service: service.to_owned() })
}

fn compressed(value: &impl Serialize) -> Result<Vec<u8>, ReferenceError> {
    let mut compressor = zstd::bulk::Compressor::new(22)?;
    // So that damage is found when a frame is decoded, whatever it hits.
    compressor.set_parameter(zstd::zstd_safe::CParameter::ChecksumFlag(true))?;
    Ok(compressor.compress(&postcard::to_allocvec(value)?)?)
}

fn decompressed<T: for<'d> Deserialize<'d>>(bytes: &[u8]) -> Result<T, ReferenceError> {
    let mut plain = Vec::new();
    zstd::Decoder::new(bytes)?.take(LARGEST + 1).read_to_end(&mut plain)?;
    if plain.len() as u64 > LARGEST {
        return Err(ReferenceError::TooLarge);
    }
    Ok(postcard::from_bytes(&plain)?)
}
