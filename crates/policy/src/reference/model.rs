//! What AWS documents of a service for policies: its actions, resource types and condition keys. The words are those of
//! the Service Authorization Reference, "Actions, resources, and condition keys for AWS services".

use serde::{Deserialize, Serialize};

use super::names;

/// A service: the part of an action before the colon, and all that may stand after it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Service {
    /// In lower case: `s3`.
    pub prefix: String,
    /// `Amazon S3`.
    pub name: String,
    /// Sorted by name without regard to case, as all lists here.
    pub actions: Vec<Action>,
    pub resource_types: Vec<ResourceType>,
    /// The keys that its actions and resource types use, tags (`aws:ResourceTag/${TagKey}`) included.
    pub keys: Vec<ConditionKey>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Action {
    /// Without the prefix: `GetObject`.
    pub name: String,
    pub access: Access,
    /// Empty: the action knows only the resource `*`.
    pub resources: Vec<ActionResource>,
    /// Condition keys that the action itself has, by their documented names.
    pub keys: Vec<String>,
    /// Other actions (`iam:PassRole`) that a caller also needs.
    pub dependents: Vec<String>,
}

/// A resource type that an action works on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActionResource {
    /// A name of [`Service::resource_types`].
    pub name: String,
    /// Every call has a resource of this type.
    pub required: bool,
    /// Condition keys that this action has for resources of this type, over those of the type itself.
    pub keys: Vec<String>,
}

/// "Access level" of the actions table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Access {
    List,
    Read,
    Write,
    PermissionsManagement,
    Tagging,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResourceType {
    pub name: String,
    /// Patterns with placeholders: `arn:${Partition}:s3:::${BucketName}`.
    pub arns: Vec<String>,
    pub keys: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConditionKey {
    /// As documented, with its placeholder: `aws:RequestTag/${TagKey}`.
    pub name: String,
    pub kind: KeyKind,
    /// A request may have several values of it: `ForAllValues` and `ForAnyValue` are meant for it.
    pub multivalued: bool,
    pub availability: Availability,
}

/// What values a key has. "IAM JSON policy elements: Condition operators" says which operators go with which.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum KeyKind {
    String,
    Numeric,
    Bool,
    Arn,
    /// `aws:EpochTime` is of this kind, and takes numeric operators too.
    Date,
    Ip,
    Binary,
}

/// When a key is in the request context: the "Availability" of "AWS global condition context keys".
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Availability {
    /// In every request.
    Always,
    /// In every request but anonymous ones.
    Signed,
    /// As the request, its caller, its way through the network or its resource has it. So are all keys of services.
    Sometimes,
}

impl Service {
    /// Sorts what it is given: the look-ups rely on the order.
    pub fn new(
        prefix: String,
        name: String,
        mut actions: Vec<Action>,
        mut resource_types: Vec<ResourceType>,
        mut keys: Vec<ConditionKey>,
    ) -> Self {
        actions.sort_by(|left, right| names::compare(&left.name, &right.name));
        resource_types.sort_by(|left, right| names::compare(&left.name, &right.name));
        keys.sort_by(|left, right| names::compare(&left.name, &right.name));
        Self { prefix, name, actions, resource_types, keys }
    }

    /// By the name without the prefix, without regard to case.
    pub fn action(&self, name: &str) -> Option<&Action> {
        names::find(&self.actions, name, |action| &action.name)
    }

    pub fn resource_type(&self, name: &str) -> Option<&ResourceType> {
        names::find(&self.resource_types, name, |resource_type| &resource_type.name)
    }

    /// By the whole key as a policy has it: `aws:RequestTag/Team` finds `aws:RequestTag/${TagKey}`.
    pub fn key(&self, key: &str) -> Option<&ConditionKey> {
        self.keys.get(self.key_place(key)?)
    }

    pub(super) fn key_place(&self, key: &str) -> Option<usize> {
        names::place(&self.keys, key, |documented| &documented.name).or_else(|| {
            let fits = |name: &str| names::is_template(name) && names::fits(name, key);
            self.keys.iter().position(|documented| fits(&documented.name))
        })
    }

    /// The keys that AWS lists for the action, for its resources, and for the types of these; some more than once.
    pub fn listed<'s>(&'s self, action: &'s Action) -> impl Iterator<Item = &'s str> {
        let of_resource = |resource: &'s ActionResource| {
            let of_type = self.resource_type(&resource.name).into_iter().flat_map(|kind| &kind.keys);
            resource.keys.iter().chain(of_type)
        };
        action.keys.iter().chain(action.resources.iter().flat_map(of_resource)).map(String::as_str)
    }

    /// Whether AWS lists the key (`aws:RequestTag/Team`) for the action, its resources, or the types of these.
    pub fn lists(&self, action: &Action, key: &str) -> bool {
        self.listed(action).any(|documented| names::fits(documented, key))
    }
}
