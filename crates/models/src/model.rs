//! The compiled form of one service's API model: what remains of botocore's `service-2.json` without prose.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::rules::RuleSet;

/// Index into [`Service::shapes`].
pub type ShapeId = u32;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Protocol {
    AwsJson1_0,
    AwsJson1_1,
    RestJson1,
    RestXml,
    AwsQuery,
    Ec2Query,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Service {
    /// botocore's directory name, the AWS CLI's too: `s3control`, `guardduty`, `config`.
    pub name: String,
    /// `Config Service`; `AWS_ENDPOINT_URL_<SERVICE_ID>` is made of it (upper case, blanks to `_`).
    pub service_id: String,
    /// `2014-11-12`
    pub api_version: String,
    pub protocol: Protocol,
    /// The name in the credential scope.
    pub signing_name: String,
    pub endpoint_prefix: String,
    /// awsJson's `X-Amz-Target` prefix.
    pub target_prefix: Option<String>,
    /// awsQuery-compatible errors in awsJson (`x-amzn-query-error`).
    pub query_compatible: bool,
    pub xml_namespace: Option<String>,
    /// Signing names and flags that only S3-like services have (`s3v4`, no double path encoding) follow
    /// from `signing_name`.
    pub operations: BTreeMap<String, Operation>,
    pub shapes: Vec<Shape>,
    /// botocore's `paginators-1.json`, by operation; an operation without one there has one made of its
    /// members where their names leave no doubt (`NextToken` in and out).
    pub paginators: BTreeMap<String, Paginator>,
    /// botocore's `endpoint-rule-set-1.json`, parsed.
    pub endpoint_rules: RuleSet,
}

impl Service {
    pub fn operation(&self, name: &str) -> Option<&Operation> {
        self.operations.get(name)
    }

    pub fn paginator(&self, operation: &str) -> Option<&Paginator> {
        self.paginators.get(operation)
    }

    /// # Panics
    /// On an id that is not of this service: `archive::unpack` refuses a model that holds one.
    pub fn shape(&self, id: ShapeId) -> &Shape {
        &self.shapes[id as usize]
    }

    /// The structure that a shape is, if it is one.
    pub fn structure(&self, id: ShapeId) -> Option<&Structure> {
        match &self.shape(id).kind {
            ShapeKind::Structure(structure) => Some(structure),
            _ => None,
        }
    }

    /// Never print, log or store a value of this shape: it or what it is a list or map of is marked sensitive.
    /// Members of a structure are asked for one by one.
    pub fn is_sensitive(&self, id: ShapeId) -> bool {
        let shape = self.shape(id);
        shape.sensitive
            || match &shape.kind {
                ShapeKind::List { member, .. } => member.shape != id && self.is_sensitive(member.shape),
                ShapeKind::Map { key, value, .. } => {
                    [key, value].iter().any(|part| part.shape != id && self.is_sensitive(part.shape))
                }
                _ => false,
            }
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Operation {
    pub method: String,
    /// `/{Bucket}?policy`, as botocore has it.
    pub uri: String,
    /// The HTTP code of success; 200 where the model does not say.
    pub code: u16,
    pub input: Option<ShapeId>,
    pub output: Option<ShapeId>,
    /// awsQuery: the element that wraps the result.
    pub result_wrapper: Option<String>,
    /// restXml: the element name and namespace of the request's root, where the model gives one.
    pub input_root: Option<String>,
    pub input_namespace: Option<String>,
    /// Modelled errors: shape name -> (code on the wire, HTTP status).
    pub errors: Vec<ErrorShape>,
    pub checksum_required: bool,
    /// The host prefix template: `{AccountId}.`
    pub host_prefix: Option<String>,
    /// Endpoint rule parameters that this operation sets by itself (`staticContextParams`), as the text of a
    /// JSON object: `{"DisableAccessPoints":true}`.
    pub static_context: Option<String>,
    /// Request without a signature (`authtype: none`).
    pub unsigned: bool,
    /// The client makes the value of this top-level text member where the caller gives none.
    pub idempotency_token: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErrorShape {
    pub name: String,
    pub code: String,
    pub status: Option<u16>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Shape {
    pub name: String,
    pub kind: ShapeKind,
    /// Never print, log or store a value of this shape.
    pub sensitive: bool,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum ShapeKind {
    Structure(Structure),
    List {
        member: Box<Member>,
        flattened: bool,
        min: Option<i64>,
        max: Option<i64>,
    },
    Map {
        key: Box<Member>,
        value: Box<Member>,
        flattened: bool,
    },
    /// A pattern is not kept: the models' are Java's and often narrower than what the service takes.
    String {
        values: Vec<String>,
        min: Option<i64>,
        max: Option<i64>,
        json_value: bool,
    },
    Integer {
        min: Option<i64>,
        max: Option<i64>,
    },
    Long {
        min: Option<i64>,
        max: Option<i64>,
    },
    Float,
    Double,
    Boolean,
    Timestamp {
        format: Option<TimestampFormat>,
    },
    Blob {
        streaming: bool,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum TimestampFormat {
    Iso8601,
    Rfc822,
    UnixTimestamp,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Structure {
    pub members: Vec<Member>,
    pub required: Vec<String>,
    /// The member that is the whole body.
    pub payload: Option<String>,
    pub union: bool,
    /// A free-form JSON document.
    pub document: bool,
    pub event_stream: bool,
}

impl Structure {
    pub fn member(&self, name: &str) -> Option<&Member> {
        self.members.iter().find(|member| member.name == name)
    }
}

/// A member of a structure, the element of a list, the key or value of a map.
#[expect(clippy::struct_excessive_bools, reason = "each is a trait of its own that the model gives a member")]
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Member {
    /// The name in JSON in and out of this crate (`Bucket`, `securityGroupIds`); empty for elements, keys and values.
    pub name: String,
    pub shape: ShapeId,
    /// The name on the wire, where it differs.
    pub location_name: Option<String>,
    /// ec2Query's own name on the wire.
    pub query_name: Option<String>,
    pub location: Location,
    pub flattened: bool,
    pub xml_attribute: bool,
    pub xml_namespace: Option<String>,
    pub xml_namespace_prefix: Option<String>,
    pub timestamp_format: Option<TimestampFormat>,
    pub json_value: bool,
    pub idempotency_token: bool,
    pub host_label: bool,
    /// The endpoint rule parameter that this member sets (`contextParam`).
    pub context_param: Option<String>,
    pub streaming: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Location {
    Body,
    Uri,
    Query,
    Header,
    /// A map whose keys become headers with this member's wire name as their prefix.
    Headers,
    StatusCode,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Paginator {
    pub input_token: Vec<String>,
    /// `JMESPath`, `NextMarker || Contents[-1].Key`.
    pub output_token: Vec<String>,
    pub result_key: Vec<String>,
    pub more_results: Option<String>,
    pub limit_key: Option<String>,
}
