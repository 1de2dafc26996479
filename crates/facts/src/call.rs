//! A call that would change something: the exact operation and parameters, what of an earlier reply it
//! needs, what to wait for, and how to see that it has already happened.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{AccountId, Region};

/// One API call. Carries no clock, no random value and no secret, so that equal plans are equal text.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Call {
    /// As the models name it: botocore's directory name, `s3control`.
    pub service: String,
    /// `CreateDetector`.
    pub operation: String,
    pub account: AccountId,
    pub region: Region,
    /// In the model's own member names. Any value may be `{"$ref": "<change>#<call>.<path>"}`.
    pub params: Value,
    /// Repeat this call, which may be repeated, until its reply says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Until>,
    /// Errors that mean "not yet": the call is repeated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_yet: Option<NotYet>,
    /// Error codes that mean that the effect is already there: the call counts as done, its reply is null.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub already: Vec<String>,
    /// How to see that this creating call has already happened, where it has no idempotency token.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub find: Option<Find>,
}

impl Call {
    pub fn new(service: &str, operation: &str, account: &AccountId, region: &Region, params: Value) -> Self {
        Self {
            service: service.to_owned(),
            operation: operation.to_owned(),
            account: account.clone(),
            region: region.clone(),
            params,
            until: None,
            not_yet: None,
            already: Vec::new(),
            find: None,
        }
    }

    #[must_use]
    pub fn until(mut self, path: &str, is: &[&str], fails: &[&str], within: u32) -> Self {
        self.until = Some(Until {
            path: path.to_owned(),
            is: is.iter().map(|value| Value::from(*value)).collect(),
            fails: fails.iter().map(|value| Value::from(*value)).collect(),
            within,
        });
        self
    }

    /// The call succeeds when the list at `path` (of what could not be processed) is empty or missing.
    #[must_use]
    pub fn until_empty(mut self, path: &str, within: u32) -> Self {
        let path = format!("length({path} || `[]`)");
        self.until = Some(Until { path, is: vec![Value::from(0)], fails: Vec::new(), within });
        self
    }

    #[must_use]
    pub fn not_yet(mut self, codes: &[&str], within: u32) -> Self {
        self.not_yet = Some(NotYet { codes: codes.iter().map(|code| (*code).to_owned()).collect(), within });
        self
    }

    #[must_use]
    pub fn already(mut self, codes: &[&str]) -> Self {
        self.already = codes.iter().map(|code| (*code).to_owned()).collect();
        self
    }

    #[must_use]
    pub fn find(mut self, find: Find) -> Self {
        self.find = Some(find);
        self
    }

    /// `s3.PutBucketPolicy`
    pub fn name(&self) -> String {
        format!("{}.{}", self.service, self.operation)
    }

    /// Every reference in the parameters (of `find` too).
    pub fn references(&self) -> Result<Vec<Reference>, ReferenceError> {
        let mut found = Vec::new();
        collect(&self.params, &mut found)?;
        if let Some(find) = &self.find {
            collect(&find.params, &mut found)?;
        }
        Ok(found)
    }
}

/// A call that may be repeated (it reads, or writes the same again), repeated until the reply's value at `path` (JMESPath) is one of `is`; a value of `fails` ends the change
/// as failed; so does time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Until {
    pub path: String,
    pub is: Vec<Value>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fails: Vec<Value>,
    /// Seconds.
    pub within: u32,
}

/// Errors of eventual consistency: a role just made, a bucket policy not seen yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NotYet {
    pub codes: Vec<String>,
    /// Seconds.
    pub within: u32,
}

/// A reading call in the same cell and service-independent: its reply (all pages joined), put through
/// `take` (JMESPath), is null when the creating call has not happened, else what that call would have replied.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Find {
    pub service: String,
    pub operation: String,
    pub params: Value,
    pub take: String,
}

/// `<change id>#<call number>.<path>`: a path (JMESPath) in the reply of an earlier call. Calls count from 0.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Reference {
    pub change: String,
    pub call: usize,
    pub path: String,
}

impl Reference {
    /// The value that stands for this reference among the parameters of a call.
    pub fn value(&self) -> Value {
        serde_json::json!({ "$ref": self.to_string() })
    }

    /// The reference that a parameter value is, if it is one.
    pub fn of(value: &Value) -> Result<Option<Self>, ReferenceError> {
        match value.as_object().and_then(|object| object.get("$ref")) {
            Some(Value::String(text)) => text.parse().map(Some),
            Some(other) => Err(ReferenceError(other.to_string())),
            None => Ok(None),
        }
    }

    /// `params` with every reference replaced by what `resolve` gives for it.
    pub fn fill<E: From<ReferenceError>>(
        params: &Value,
        resolve: &mut impl FnMut(&Reference) -> Result<Value, E>,
    ) -> Result<Value, E> {
        if let Some(reference) = Self::of(params)? {
            return resolve(&reference);
        }
        Ok(match params {
            Value::Array(items) => {
                Value::Array(items.iter().map(|item| Self::fill(item, resolve)).collect::<Result<_, E>>()?)
            }
            Value::Object(fields) => Value::Object(
                fields
                    .iter()
                    .map(|(name, value)| Ok((name.clone(), Self::fill(value, resolve)?)))
                    .collect::<Result<_, E>>()?,
            ),
            other => other.clone(),
        })
    }
}

fn collect(value: &Value, found: &mut Vec<Reference>) -> Result<(), ReferenceError> {
    let mut seen = BTreeSet::new();
    Reference::fill::<ReferenceError>(value, &mut |reference| {
        seen.insert(reference.clone());
        Ok(Value::Null)
    })?;
    found.extend(seen);
    Ok(())
}

impl fmt::Display for Reference {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}#{}.{}", self.change, self.call, self.path)
    }
}

/// A `$ref` that does not say change, call number and path.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a reference of the form <change id>#<call number>.<path>")]
pub struct ReferenceError(String);

impl FromStr for Reference {
    type Err = ReferenceError;

    fn from_str(text: &str) -> Result<Self, ReferenceError> {
        let wrong = || ReferenceError(text.to_owned());
        let (change, rest) = text.rsplit_once('#').ok_or_else(wrong)?;
        let (call, path) = rest.split_once('.').ok_or_else(wrong)?;
        if change.is_empty() || path.is_empty() {
            return Err(wrong());
        }
        Ok(Self { change: change.to_owned(), call: call.parse().map_err(|_| wrong())?, path: path.to_owned() })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn references_are_found_and_filled() {
        let params =
            json!({"KeyId": {"$ref": "a/global/log-key/key#0.KeyMetadata.Arn"}, "List": [1, {"$ref": "b#12.X"}]});
        let call =
            Call::new("kms", "CreateAlias", &"111122223333".parse().unwrap(), &"us-east-1".parse().unwrap(), params);
        let names: Vec<String> = call.references().unwrap().iter().map(ToString::to_string).collect();
        assert_eq!(names, ["a/global/log-key/key#0.KeyMetadata.Arn", "b#12.X"]);
        let filled =
            Reference::fill::<ReferenceError>(&call.params, &mut |reference| Ok(json!(reference.call))).unwrap();
        assert_eq!(filled, json!({"KeyId": 0, "List": [1, 12]}));
    }

    #[test]
    fn wrong_references_are_refused() {
        for text in ["", "a", "a#", "a#0", "a#x.Y", "#0.Y", "a#0."] {
            assert!(text.parse::<Reference>().is_err(), "{text}");
        }
        assert!(Reference::of(&json!({"$ref": 1})).is_err());
    }
}
