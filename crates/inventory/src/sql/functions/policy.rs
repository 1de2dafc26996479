//! `policy_statements`: the statements of a policy document as rows of lists, one form for the several that
//! the language allows (AWS, "IAM JSON policy elements reference": a list of one may be written without it).

use std::sync::LazyLock;

use datafusion::arrow::datatypes::DataType;
use datafusion::common::DataFusionError;
use datafusion::logical_expr::{ColumnarValue, ScalarFunctionArgs, ScalarUDFImpl, Signature, Volatility};
use dodai_policy::access::percent_decoded;
use serde_json::{Map, Value};

use super::json::LONGEST;
use super::{FunctionInfo, text, texts};
use crate::arrow::{ColumnType, array};
use crate::sql::unanswered::Notes;

pub(super) const INFO: FunctionInfo = FunctionInfo {
    name: "policy_statements",
    signature: "policy_statements(document) -> list<struct<Sid text, Effect text, Principal json, NotPrincipal json, \
                Action list<text>, NotAction list<text>, Resource list<text>, NotResource list<text>, Condition json>>",
    doc: "the statements of a policy document (also a percent-encoded one, as IAM gives it); null where it is not one",
};

static STATEMENTS: LazyLock<ColumnType> = LazyLock::new(|| {
    use ColumnType::{Json, Text};
    ColumnType::structure([
        ("Sid", Text),
        ("Effect", Text),
        ("Principal", Json),
        ("NotPrincipal", Json),
        ("Action", Text.list()),
        ("NotAction", Text.list()),
        ("Resource", Text.list()),
        ("NotResource", Text.list()),
        ("Condition", Json),
    ])
    .list()
});

#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct PolicyStatements(Signature);

impl PolicyStatements {
    pub(super) fn new() -> Self {
        Self(Signature::exact(vec![DataType::Utf8], Volatility::Immutable))
    }
}

impl ScalarUDFImpl for PolicyStatements {
    fn name(&self) -> &'static str {
        INFO.name
    }

    fn signature(&self) -> &Signature {
        &self.0
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType, DataFusionError> {
        Ok(STATEMENTS.arrow())
    }

    fn invoke_with_args(&self, arguments: ScalarFunctionArgs) -> Result<ColumnarValue, DataFusionError> {
        let arrays = texts(&arguments)?;
        let list = |document: &str| {
            let found = statements(document);
            if found.is_none() {
                Notes::add(&arguments, INFO.name, document, "this is not a policy document".to_owned());
            }
            found
        };
        let lists: Vec<Option<Value>> = text(&arrays, 0)?.iter().map(|document| list(document?)).collect();
        let lists: Vec<Option<&Value>> = lists.iter().map(Option::as_ref).collect();
        Ok(ColumnarValue::Array(array(&STATEMENTS, &lists)?))
    }
}

/// The statements in their one form; none where anything about the document is not as the language has it.
fn statements(document: &str) -> Option<Value> {
    if document.len() > LONGEST {
        return None;
    }
    let decoded = percent_decoded(document)?;
    let document: Value = serde_json::from_str(&decoded).ok()?;
    match document.as_object()?.get("Statement")? {
        Value::Array(list) => list.iter().map(|statement| one(statement.as_object()?)).collect::<Option<Value>>(),
        Value::Object(single) => Some(Value::Array(vec![one(single)?])),
        _ => None,
    }
}

fn one(statement: &Map<String, Value>) -> Option<Value> {
    let mut normal = Map::new();
    for (name, value) in statement {
        let value = match name.as_str() {
            "Sid" | "Effect" => Value::from(value.as_str()?),
            "Action" | "NotAction" | "Resource" | "NotResource" => match value {
                Value::String(single) => Value::Array(vec![Value::from(single.as_str())]),
                Value::Array(items) if items.iter().all(Value::is_string) => value.clone(),
                _ => return None,
            },
            // As JSON, also where it is plain text: `"*"`.
            "Principal" | "NotPrincipal" | "Condition" => Value::from(value.to_string()),
            _ => continue,
        };
        normal.insert(name.clone(), value);
    }
    matches!(normal.get("Effect")?.as_str()?, "Allow" | "Deny").then_some(Value::Object(normal))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    #[test]
    fn statements_have_one_form() {
        let check = |document: &str, expected: Option<serde_json::Value>| {
            assert_eq!(super::statements(document), expected, "{document}");
        };
        let single = json!([{"Effect": "Allow", "Action": ["s3:*"], "Resource": ["*"], "Principal": "\"*\""}]);
        let document = r#"{"Statement":{"Effect":"Allow","Action":"s3:*","Resource":["*"],"Principal":"*"}}"#;
        check(document, Some(single.clone()));
        check(&document.replace('{', "%7B").replace('"', "%22"), Some(single));
        check(
            r#"{"Statement":[{"Sid":"a","Effect":"Deny","NotAction":["a","b"],"Condition":{"Bool":{"x":"true"}},"New":1}]}"#,
            Some(
                json!([{"Sid": "a", "Effect": "Deny", "NotAction": ["a", "b"], "Condition": r#"{"Bool":{"x":"true"}}"#}]),
            ),
        );
        check(r#"{"Statement":[]}"#, Some(json!([])));
        for broken in [
            "",
            "{",
            "[]",
            "{}",
            "%7",
            "%FF",
            r#"{"Statement":[1]}"#,
            r#"{"Statement":[{"Action":"*"}]}"#,
            r#"{"Statement":[{"Effect":"allow"}]}"#,
            r#"{"Statement":[{"Effect":"Allow","Action":[1]}]}"#,
        ] {
            check(broken, None);
        }
    }
}
