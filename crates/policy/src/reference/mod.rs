//! AWS's Service Authorization Reference as data: which actions, resource types and condition keys there are, which
//! action takes which, and which services resource control policies act on. It is part of the program; a service is
//! decoded when it is first asked for.

mod archive;
mod global;
pub(crate) mod meeting;
mod model;
mod names;
mod sends;

use std::borrow::Cow;
use std::ops::Range;
use std::sync::OnceLock;

use archive::{Entry, Head};
use names::Glob;

pub use archive::{ReferenceError, pack, unpack};
pub use model::{Access, Action, ActionResource, Availability, ConditionKey, KeyKind, ResourceType, Service};
pub use sends::Sends;

/// Every service that policies can name.
#[derive(Debug)]
pub struct Reference {
    file: Cow<'static, [u8]>,
    head: Head,
    /// In the order of the head's entries.
    frames: Vec<LazyFrame>,
}

#[derive(Debug)]
struct LazyFrame {
    place: Range<usize>,
    decoded: OnceLock<Service>,
    /// How many actions list each of the service's keys: see [`sends`].
    listings: OnceLock<Vec<usize>>,
}

impl Reference {
    /// # Panics
    /// Never in a tree whose tests pass: they open the embedded file and decode every service in it.
    pub fn embedded() -> &'static Self {
        static REFERENCE: OnceLock<Reference> = OnceLock::new();
        static FILE: &[u8] = include_bytes!("../../../../models/reference.bin");
        REFERENCE.get_or_init(|| {
            let opened = Self::open(Cow::Borrowed(FILE));
            opened.unwrap_or_else(|error| panic!("what is embedded is damaged: {error}"))
        })
    }

    fn open(file: Cow<'static, [u8]>) -> Result<Self, ReferenceError> {
        let (head, mut start) = archive::head(&file)?;
        let mut frames = Vec::new();
        for entry in &head.services {
            let length = usize::try_from(entry.length).map_err(|_| ReferenceError::Length)?;
            frames.push(LazyFrame {
                place: start..start + length,
                decoded: OnceLock::new(),
                listings: OnceLock::new(),
            });
            start += length;
        }
        Ok(Self { file, head, frames })
    }

    /// The day of the data, as `YYYY-MM-DD`.
    pub fn date(&self) -> &str {
        &self.head.date
    }

    /// Prefixes and names of all services, sorted by prefix. Decodes none.
    pub fn names(&self) -> impl Iterator<Item = (&str, &str)> {
        self.head.services.iter().map(|entry| (entry.prefix.as_str(), entry.name.as_str()))
    }

    /// All services, sorted by prefix. Decodes them all: [`Self::names`] is cheaper.
    pub fn services(&self) -> impl Iterator<Item = &Service> {
        (0..self.frames.len()).filter_map(|place| self.at(place))
    }

    /// By its prefix, without regard to case.
    pub fn service(&self, prefix: &str) -> Option<&Service> {
        self.at(self.place(prefix)?)
    }

    fn place(&self, prefix: &str) -> Option<usize> {
        names::place(&self.head.services, prefix, |entry| &entry.prefix)
    }

    /// By its whole name, without regard to case: `s3:GetObject`.
    pub fn action(&self, action: &str) -> Option<(&Service, &Action)> {
        let (prefix, name) = action.split_once(':')?;
        let service = self.service(prefix)?;
        Some((service, service.action(name)?))
    }

    /// The actions that an element of `Action` or `NotAction` names, sorted: `s3:Get*`, `*`. None for a text that is no
    /// such element.
    pub fn matching(&self, pattern: &str) -> Vec<(&Service, &Action)> {
        let all = !pattern.is_empty() && pattern.bytes().all(|byte| byte == b'*');
        let Some((prefix, name)) = (if all { Some(("*", "*")) } else { pattern.split_once(':') }) else {
            return Vec::new();
        };
        if !name.contains(['*', '?']) && !prefix.contains(['*', '?']) {
            return self.action(pattern).into_iter().collect();
        }
        let (mut prefixes, mut names) = (Glob::new(prefix), Glob::new(name));
        let entries = self.head.services.iter().enumerate();
        let places = entries.filter(|(_, entry)| prefixes.matches(&entry.prefix)).map(|(place, _)| place);
        let services = places.filter_map(|place| self.at(place));
        let actions = services.flat_map(|service| service.actions.iter().map(move |action| (service, action)));
        actions.filter(|(_, action)| names.matches(&action.name)).collect()
    }

    /// By the key as a policy has it, without regard to case: global keys, those of services, and those of identity
    /// providers. `aws:PrincipalTag/Team` finds `aws:PrincipalTag/${TagKey}`.
    pub fn key(&self, key: &str) -> Option<&ConditionKey> {
        let prefix = key.split(':').next().unwrap_or_default();
        let of_service = || self.service(prefix)?.key(key);
        let other = || self.others().iter().find(|other| names::fits(&other.name, key));
        global::find(key).or_else(of_service).or_else(other)
    }

    /// The keys of AWS's page "AWS global condition context keys".
    pub fn global_keys(&self) -> &[ConditionKey] {
        global::all()
    }

    /// Prefixes of the services that AWS's page "Resource control policies (RCPs)" lists, sorted, as of [`Self::date`].
    pub fn rcp_services(&self) -> &[String] {
        &self.head.rcp_services
    }

    /// Keys that services list and that have another prefix than theirs; global ones are left out.
    fn others(&self) -> &[ConditionKey] {
        &self.head.others
    }

    fn at(&self, place: usize) -> Option<&Service> {
        let (entry, frame) = (self.head.services.get(place)?, self.frames.get(place)?);
        Some(frame.decoded.get_or_init(|| {
            let service = self.decode(entry, frame);
            service.unwrap_or_else(|error| panic!("what is embedded of `{}` is damaged: {error}", entry.prefix))
        }))
    }

    fn decode(&self, entry: &Entry, frame: &LazyFrame) -> Result<Service, ReferenceError> {
        archive::service(entry, self.file.get(frame.place.clone()).ok_or(ReferenceError::Length)?)
    }
}

#[cfg(test)]
mod tests;
