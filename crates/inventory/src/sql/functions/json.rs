//! `json_get_text` and `json_get_list`: a part of a JSON text, by a `JMESPath`.

use std::sync::Arc;

use datafusion::arrow::array::{Array, StringArray};
use datafusion::arrow::datatypes::DataType;
use datafusion::common::DataFusionError;
use datafusion::logical_expr::{ColumnarValue, ScalarFunctionArgs, ScalarUDFImpl, Signature, Volatility};
use serde_json::Value;

use super::{FunctionInfo, text, texts};
use crate::arrow::{ColumnType, array};

pub(super) const TEXT_INFO: FunctionInfo = FunctionInfo {
    name: "json_get_text",
    signature: "json_get_text(json, path) -> text",
    doc: "what a JMESPath leads to in a JSON text: text as it is, anything else as JSON; null where there is nothing, or no JSON",
};

pub(super) const LIST_INFO: FunctionInfo = FunctionInfo {
    name: "json_get_list",
    signature: "json_get_list(json, path) -> list<text>",
    doc: "the elements that a JMESPath leads to in a JSON text, each as json_get_text gives it; a single value is a list of one; null where there is nothing, or no JSON",
};

/// Longer texts are not parsed.
pub(super) const LONGEST: usize = 1 << 20;

#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct JsonGetText(Signature);

#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct JsonGetList(Signature);

fn two_texts() -> Signature {
    Signature::exact(vec![DataType::Utf8, DataType::Utf8], Volatility::Immutable)
}

impl JsonGetText {
    pub(super) fn new() -> Self {
        Self(two_texts())
    }
}

impl JsonGetList {
    pub(super) fn new() -> Self {
        Self(two_texts())
    }
}

impl ScalarUDFImpl for JsonGetText {
    fn name(&self) -> &'static str {
        TEXT_INFO.name
    }

    fn signature(&self) -> &Signature {
        &self.0
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType, DataFusionError> {
        Ok(DataType::Utf8)
    }

    fn invoke_with_args(&self, arguments: ScalarFunctionArgs) -> Result<ColumnarValue, DataFusionError> {
        let found: StringArray = parts(&arguments)?.into_iter().map(|part| part.map(as_text)).collect();
        Ok(ColumnarValue::Array(Arc::new(found)))
    }
}

impl ScalarUDFImpl for JsonGetList {
    fn name(&self) -> &'static str {
        LIST_INFO.name
    }

    fn signature(&self) -> &Signature {
        &self.0
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType, DataFusionError> {
        Ok(ColumnType::Text.list().arrow())
    }

    fn invoke_with_args(&self, arguments: ScalarFunctionArgs) -> Result<ColumnarValue, DataFusionError> {
        let lists: Vec<Option<Value>> = parts(&arguments)?
            .into_iter()
            .map(|part| match part? {
                Value::Array(items) => Some(items.into_iter().map(element).collect()),
                single => Some(Value::Array(vec![element(single)])),
            })
            .collect();
        let lists: Vec<Option<&Value>> = lists.iter().map(Option::as_ref).collect();
        Ok(ColumnarValue::Array(array(&ColumnType::Text.list(), &lists)?))
    }
}

fn element(value: Value) -> Value {
    if value.is_null() { Value::Null } else { Value::String(as_text(value)) }
}

fn as_text(value: Value) -> String {
    match value {
        Value::String(text) => text,
        other => other.to_string(),
    }
}

/// Row by row what the path leads to. Nulls are nothing.
fn parts(arguments: &ScalarFunctionArgs) -> Result<Vec<Option<Value>>, DataFusionError> {
    let arrays = texts(arguments)?;
    let (documents, paths) = (text(&arrays, 0)?, text(&arrays, 1)?);
    // The path is nearly always the same in all rows.
    let mut compiled: Option<(&str, Option<jmespath::Expression<'static>>)> = None;
    let mut found = Vec::with_capacity(documents.len());
    for (document, path) in documents.iter().zip(paths.iter()) {
        let (Some(document), Some(path)) = (document, path) else {
            found.push(None);
            continue;
        };
        if compiled.as_ref().is_none_or(|(known, _)| *known != path) {
            compiled = Some((path, jmespath::compile(path).ok()));
        }
        let expression = compiled.as_ref().and_then(|(_, expression)| expression.as_ref());
        found.push(expression.and_then(|expression| part(document, expression)));
    }
    Ok(found)
}

fn part(document: &str, expression: &jmespath::Expression<'_>) -> Option<Value> {
    if document.len() > LONGEST {
        return None;
    }
    let document: Value = serde_json::from_str(document).ok()?;
    let found = expression.search(document).ok()?;
    serde_json::to_value(&found).ok().filter(|value| !value.is_null())
}
