//! Endpoint rule sets, parsed: the types that `endpoint` interprets.
//!
//! A rule set is a tree of conditions with an endpoint or an error at each leaf (Smithy's "Endpoint rules
//! engine"). Text was parsed to templates when the model was compiled, so that nothing malformed is left.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct RuleSet {
    pub parameters: BTreeMap<String, Parameter>,
    pub rules: Vec<Rule>,
}

/// What a rule set may ask of its caller.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Parameter {
    /// `AWS::Region`, `SDK::Endpoint` …: what the client knows by itself.
    pub built_in: Option<String>,
    pub required: bool,
    pub default: Option<DefaultValue>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum DefaultValue {
    Text(String),
    Flag(bool),
    List(Vec<String>),
}

/// Applies where all conditions hold.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Rule {
    pub conditions: Vec<Condition>,
    pub then: Then,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Then {
    Endpoint(Box<EndpointRule>),
    Error(Expression),
    Rules(Vec<Rule>),
}

/// Holds when its value is there and not false; the value is then known by the assigned name below this rule.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Condition {
    pub value: Expression,
    pub assign: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EndpointRule {
    pub url: Expression,
    pub headers: BTreeMap<String, Vec<Expression>>,
    pub auth_schemes: Vec<AuthSchemeRule>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AuthSchemeRule {
    /// `sigv4`, `sigv4a`, `sigv4-s3express`
    pub name: String,
    pub signing_name: Option<Expression>,
    pub signing_region: Option<Expression>,
    pub signing_region_set: Vec<Expression>,
    pub disable_double_encoding: bool,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Expression {
    Flag(bool),
    Number(i64),
    /// A single [`Part::Text`] for plain text.
    Template(Vec<Part>),
    Reference(String),
    Call(Function, Vec<Expression>),
    List(Vec<Expression>),
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Part {
    Text(String),
    /// `{name}` or `{name#path}`
    Value(String, Vec<Step>),
}

/// One step of a path as `getAttr` takes it: `resourceId[0]` is a name and an index.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Step {
    Name(String),
    Index(u32),
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Function {
    IsSet,
    Not,
    BooleanEquals,
    StringEquals,
    /// With its path, which is never computed.
    GetAttribute(Vec<Step>),
    Substring,
    UriEncode,
    ParseUrl,
    IsValidHostLabel,
    Partition,
    ParseArn,
    IsVirtualHostableS3Bucket,
    Coalesce,
    Split,
    IfThenElse,
}
